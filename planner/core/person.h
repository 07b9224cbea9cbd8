/*
 * person - how recipients are ordered and spread
 *
 * recipient_id is a keyed hash of the canonical number; bucket is a fixed function of it, the same formula as SQL bucket_of(). Every stream of
 * people is in the order (bucket, recipient_id), so that streams can be merged.
 */
#ifndef DAYPART_CORE_PERSON_H
#define DAYPART_CORE_PERSON_H

#include <stdint.h>

#include "mix.h"

enum { BUCKET_COUNT = 1024 };

static inline int16_t
person_bucket(int64_t recipient_id)
{
	return (int16_t)((recipient_id ^ (recipient_id >> 10) ^ (recipient_id >> 20) ^ (recipient_id >> 40)) & (BUCKET_COUNT - 1));
}

static inline int
person_compare(int64_t a, int64_t b)
{
	const int16_t bucket_a = person_bucket(a), bucket_b = person_bucket(b);
	if (bucket_a != bucket_b)
		return bucket_a < bucket_b ? -1 : 1;
	return (a > b) - (a < b);
}

/* A person's place in the fair order of a campaign: uniform, reproducible, different in every campaign. */
static inline uint32_t
person_order(int64_t recipient_id, int32_t campaign_id)
{
	return (uint32_t)(mix64((uint64_t)recipient_id ^ ((uint64_t)(uint32_t)campaign_id * UINT64_C(0x9E3779B97F4A7C15))) >> 32);
}

#endif
