/*
 * mix - spreads 64 bits evenly: every bit of the input reaches every bit of the output (the finaliser of SplitMix64)
 *
 * For fair orders, samples and jitter, not for secrets. Stored plans depend on it: never change it.
 */
#ifndef DAYPART_CORE_MIX_H
#define DAYPART_CORE_MIX_H

#include <stdint.h>

static inline uint64_t
mix64(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

#endif
