#include "lane_pace.h"

#include <time.h>

enum {
	SLOWER_MOST = 6,            /* a sender goes at a 64th of its rate at least */
	SLOWER_AFTER_US = 1000000,  /* one complaint a second counts: the others were on their way already */
	FASTER_AFTER_US = 30000000, /* without a complaint */
};

struct instant
lane_steady_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

void
lane_pace_open(struct lane_pace *pace, int64_t per_1000_s, const struct clock *clock)
{
	*pace = (struct lane_pace){.per_1000_s = per_1000_s};
	token_bucket_open(&pace->bucket, per_1000_s, clock_steady(clock));
}

static void
set_rate(struct lane_pace *pace, const struct clock *clock)
{
	const int64_t slowed = pace->per_1000_s >> pace->slower, rate = slowed > 0 ? slowed : 1;

	if (pace->bucket.per_1000_s != rate)
		token_bucket_set_rate(&pace->bucket, rate, clock_steady(clock));
}

void
lane_pace_set(struct lane_pace *pace, int64_t per_1000_s, const struct clock *clock)
{
	const struct instant now = lane_steady_now();

	if (pace->slower > 0 && now.us - pace->slowed_at.us >= FASTER_AFTER_US) {
		pace->slower--;
		pace->slowed_at = now;
	}
	pace->per_1000_s = per_1000_s;
	set_rate(pace, clock);
}

bool
lane_pace_slow_down(struct lane_pace *pace, const struct clock *clock)
{
	const struct instant now = lane_steady_now();

	if (pace->slower >= SLOWER_MOST || (pace->slower > 0 && now.us - pace->slowed_at.us < SLOWER_AFTER_US))
		return false;
	pace->slower++;
	pace->slowed_at = now;
	set_rate(pace, clock);
	return true;
}

void
lane_pace_rest(struct lane_pace *pace, struct instant until)
{
	pace->rests_until = instant_max(pace->rests_until, until);
}

int64_t
lane_pace_take(struct lane_pace *pace, const struct clock *clock, int64_t wanted)
{
	return clock_now(clock).us < pace->rests_until.us ? 0 : token_bucket_take(&pace->bucket, clock_steady(clock), wanted);
}

void
lane_pace_give_back(struct lane_pace *pace, int64_t count)
{
	token_bucket_give_back(&pace->bucket, count);
}

struct instant
lane_pace_next(const struct lane_pace *pace, const struct clock *clock)
{
	return instant_max(instant_add(clock_now(clock), token_bucket_delay(&pace->bucket, clock_steady(clock))), pace->rests_until);
}
