#include "lease_rule.h"

#include <assert.h>

enum {
	UNUSED_PART = 10,          /* one in so many of a lease's length is not relied on */
	RENEWALS = 3,              /* in one length: two may fail */
	TAKE_OVER_AFTER_US = 1000, /* the end itself still belongs to the holder, and timers count in milliseconds */
};

struct lease
lease_until(int64_t epoch, struct instant asked_at, struct duration length)
{
	return (struct lease){.epoch = epoch, .until = {asked_at.us + length.us - length.us / UNUSED_PART}};
}

bool
lease_is_good(const struct lease *lease, struct instant now)
{
	return lease->epoch != 0 && now.us < lease->until.us;
}

size_t
lease_share(size_t lanes, size_t daemons)
{
	assert(daemons > 0);
	return (lanes + daemons - 1) / daemons;
}

size_t
lease_surplus(size_t held, size_t share)
{
	return held > share ? held - share : 0;
}

struct duration
lease_pause(struct duration length, struct duration others_end)
{
	const struct duration third = {length.us / RENEWALS};
	const struct duration end = {others_end.us + TAKE_OVER_AFTER_US};

	return others_end.us >= 0 && end.us < third.us ? end : third;
}
