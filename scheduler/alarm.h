/*
 * alarm - wakes the loop at an instant of the daemon's clock, to the millisecond and better
 *
 * With the system clock a timerfd on CLOCK_BOOTTIME rings, which counts through suspend and does not mind when the host's clock is set. With a
 * simulated clock, or when the kernel gives no timerfd, a uv_timer rings.
 *
 *     alarm_open(&alarm, loop, clock, on_ring, context);
 *     alarm_set(&alarm, at);                    // replaces what was set
 *     alarm_close(&alarm);                      // its memory may go after the loop has run the close callbacks
 */
#ifndef DAYPART_SCHEDULER_ALARM_H
#define DAYPART_SCHEDULER_ALARM_H

#include <uv.h>

#include "clock.h"

typedef void alarm_ring_fn(void *context);

struct alarm {
	const struct clock *clock;
	alarm_ring_fn *on_ring;
	void *context;
	uv_timer_t timer;
	uv_poll_t poll;
	int fd; /* -1: the uv_timer rings */
};

void alarm_open(struct alarm *alarm, uv_loop_t *loop, const struct clock *clock, alarm_ring_fn *on_ring, void *context);
void alarm_set(struct alarm *alarm, struct instant at);
void alarm_unset(struct alarm *alarm);
void alarm_close(struct alarm *alarm);

#endif
