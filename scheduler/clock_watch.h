/*
 * clock_watch - tells when somebody sets this host's clock
 *
 *     clock_watch_open(&watch, loop, on_set, context);
 *     clock_watch_close(&watch);                // its memory may go after the loop has run the close callbacks
 *
 * A timerfd on CLOCK_REALTIME that never rings but is cancelled by a step. Without one (an old kernel, a sandbox) nothing is told, and whoever measures
 * now and then finds out a little later.
 */
#ifndef DAYPART_SCHEDULER_CLOCK_WATCH_H
#define DAYPART_SCHEDULER_CLOCK_WATCH_H

#include <uv.h>

struct clock_watch {
	void (*on_set)(void *context);
	void *context;
	uv_poll_t poll;
	int fd; /* -1: not watched */
};

void clock_watch_open(struct clock_watch *watch, uv_loop_t *loop, void (*on_set)(void *context), void *context);
void clock_watch_close(struct clock_watch *watch);

#endif
