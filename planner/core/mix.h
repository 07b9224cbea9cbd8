/*
 * mix - hashes of 64 bits: mix64 spreads them evenly, every bit of the input reaching every bit of the output (the finaliser of SplitMix64);
 * hash_text takes in a text (FNV-1a)
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

#define HASH_TEXT_START UINT64_C(0xCBF29CE484222325)

/* The text and its end, so that "a", "bc" and "ab", "c" differ. */
static inline uint64_t
hash_text(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
	return (hash ^ 0xFF) * UINT64_C(0x100000001B3);
}

#endif
