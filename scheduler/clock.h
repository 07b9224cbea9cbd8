/*
 * clock - what time it is for everything the daemon decides, and how long to wait for an instant
 *
 * The system clock is the database's, whose clock decides: as measured, carried on by this host's CLOCK_BOOTTIME. Setting the host's clock, forward
 * or back, moves it by nothing, and it counts through suspend. Before the first measure it is this host's CLOCK_REALTIME. A simulated clock
 * starts at a given instant, runs faster than real time, may be moved on when nothing is going on and held back while there is work to do, so
 * that a slow machine does not make messages late that would not be; everything else is the same code.
 *
 *     clock_parse("simulated:2026-11-23T00:00:00Zx3600", &clock, &err);
 *     now = clock_now(&clock);
 *     clock_correct(&clock, offset);            // measured by session_clock_offset a moment ago, every CLOCK_MEASURE_EVERY
 *     if (!clock_is_trusted(&clock, max_skew)) ... release nothing ...
 *
 * A plain value behind a small table of functions; belongs to the loop's thread.
 */
#ifndef DAYPART_SCHEDULER_CLOCK_H
#define DAYPART_SCHEDULER_CLOCK_H

#include "planner/core/instant.h"

#define CLOCK_SPEED_DEFAULT 3600 /* an hour a second */
#define CLOCK_SPEED_MAX 1000000
#define CLOCK_MEASURE_EVERY (10 * US_PER_SECOND)

struct clock;

struct clock_kind {
	const char *name;
	bool simulated;
	struct instant (*now)(const struct clock *clock);
	struct instant (*steady)(const struct clock *clock);
	struct instant (*after)(const struct clock *clock, struct duration real);
	/* Of real time, never negative; rounded up, so that waking is never early. */
	struct duration (*wait_for)(const struct clock *clock, struct instant at);
	void (*correct)(struct clock *clock, struct duration offset);
	void (*skip_to)(struct clock *clock, struct instant at);
	void (*hold)(struct clock *clock, struct instant until);
};

struct clock {
	const struct clock_kind *kind;
	struct duration offset; /* system: the database's clock minus this host's, when it was measured */
	int64_t ahead_us;       /* system: what it shows minus CLOCK_BOOTTIME */
	struct instant start;   /* simulated: shown ... */
	int64_t started_ns;     /* ... at this monotonic time */
	int64_t speed;
	struct instant held_at; /* simulated: it shows nothing later */
};

/* "system" or "simulated:START[xSPEED]"; STATUS_INVALID says what is wrong. */
MUST_CHECK enum status clock_parse(const char *text, struct clock *out, struct err *err);

/* A simulated clock shows its start from now on: called when everything is ready. */
void clock_start(struct clock *clock);
struct instant clock_now(const struct clock *clock);
/* For paces: never runs backwards, and means nothing by itself. */
struct instant clock_steady(const struct clock *clock);
/* What the clock will show when `real` time has passed. */
struct instant clock_after(const struct clock *clock, struct duration real);
struct duration clock_wait_for(const struct clock *clock, struct instant at);
void clock_correct(struct clock *clock, struct duration offset);
/* Moves a simulated clock forward to `at`; a system clock and an earlier instant change nothing. */
void clock_skip_to(struct clock *clock, struct instant at);
/* From now on a simulated clock stops at `until` (or at once, when that is past), until the next call; the time it stood is not made up. */
void clock_hold(struct clock *clock, struct instant until);
/* False when host and database are further apart than `max_skew`: one of them is wrong and nobody knows which. */
bool clock_is_trusted(const struct clock *clock, struct duration max_skew);

#endif
