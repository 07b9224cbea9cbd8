/*
 * The level is kept in 1e-9 messages, because a rate in thousandths times a time in microseconds is exactly that. The largest level, a
 * tenth of a second of 999,999.999 messages, is 1e14, and refilling stops at the brim, so nothing overflows. Of a slow sender the burst comes beside
 * the message that may leave: without room above it, what the daemon wakes up late would be lost at every message, and a full schedule fall behind.
 */
#include "token_bucket.h"

#include <assert.h>

#define ONE_MESSAGE INT64_C(1000000000)
#define BURST_US (US_PER_SECOND / 10)

enum { RATE_MAX = 999999999 };

static int64_t
brim(const struct token_bucket *bucket)
{
	const int64_t burst = bucket->per_1000_s * BURST_US;
	if (burst >= 2 * ONE_MESSAGE)
		return burst;
	return ONE_MESSAGE + burst < 2 * ONE_MESSAGE ? ONE_MESSAGE + burst : 2 * ONE_MESSAGE - 1;
}

static int64_t
level_at(const struct token_bucket *bucket, struct instant now)
{
	int64_t room = brim(bucket) - bucket->level, elapsed = now.us - bucket->refilled.us;
	if (elapsed <= 0)
		return bucket->level;
	return elapsed > room / bucket->per_1000_s ? brim(bucket) : bucket->level + elapsed * bucket->per_1000_s;
}

static void
refill(struct token_bucket *bucket, struct instant now)
{
	bucket->level = level_at(bucket, now);
	bucket->refilled = instant_max(bucket->refilled, now);
}

void
token_bucket_open(struct token_bucket *bucket, int64_t per_1000_s, struct instant now)
{
	assert(per_1000_s > 0 && per_1000_s <= RATE_MAX);
	*bucket = (struct token_bucket){.per_1000_s = per_1000_s, .level = ONE_MESSAGE, .refilled = now};
}

void
token_bucket_set_rate(struct token_bucket *bucket, int64_t per_1000_s, struct instant now)
{
	assert(per_1000_s > 0 && per_1000_s <= RATE_MAX);
	refill(bucket, now);
	bucket->per_1000_s = per_1000_s;
	if (bucket->level > brim(bucket))
		bucket->level = brim(bucket);
}

int64_t
token_bucket_take(struct token_bucket *bucket, struct instant now, int64_t wanted)
{
	int64_t whole;
	assert(wanted >= 0);
	refill(bucket, now);
	whole = bucket->level / ONE_MESSAGE;
	if (whole > wanted)
		whole = wanted;
	bucket->level -= whole * ONE_MESSAGE;
	return whole;
}

void
token_bucket_give_back(struct token_bucket *bucket, int64_t count)
{
	int64_t room = (brim(bucket) - bucket->level) / ONE_MESSAGE;
	assert(count >= 0);
	bucket->level += (count < room ? count : room) * ONE_MESSAGE;
}

struct duration
token_bucket_delay(const struct token_bucket *bucket, struct instant now)
{
	int64_t missing = ONE_MESSAGE - level_at(bucket, now);
	return (struct duration){missing <= 0 ? 0 : (missing + bucket->per_1000_s - 1) / bucket->per_1000_s};
}
