#include "backoff.h"

#include <assert.h>

#include "planner/core/mix.h"

/* SplitMix64: one step from seed to seed, good enough to spread clients. */
static uint64_t
draw(uint64_t *seed)
{
	return mix64(*seed += UINT64_C(0x9E3779B97F4A7C15));
}

struct duration
backoff_next(struct backoff *backoff)
{
	int64_t wait = backoff->least.us;
	assert(wait > 1 && backoff->most.us >= wait);
	for (unsigned i = 0; i < backoff->failures && wait < backoff->most.us; i++)
		wait *= 2;
	if (wait > backoff->most.us)
		wait = backoff->most.us;
	backoff->failures++;
	return (struct duration){wait - (int64_t)(draw(&backoff->seed) % (uint64_t)(wait / 2 + 1))};
}

void
backoff_reset(struct backoff *backoff)
{
	backoff->failures = 0;
}
