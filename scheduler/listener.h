/*
 * listener - LISTEN daypart on a connection of its own, inside the loop: tells that something was published, stopped or started
 *
 * A hint and nothing else: notifications may come late, twice or not at all, and every (re)connection rings once because something may have
 * been missed. Whoever listens looks at the tables; the periodic poll looks anyway.
 *
 *     listener_open(loop, &(struct listener_options){.conninfo = url, .on_hint = on_hint, .context = daemon, .seed = seed}, &listener, &err);
 *     listener_close(&listener);                // frees itself after the loop has run the close callbacks
 *
 * Losing the connection is no error: it is made again, after a growing wait, and without blocking the loop (connector.h).
 */
#ifndef DAYPART_SCHEDULER_LISTENER_H
#define DAYPART_SCHEDULER_LISTENER_H

#include <uv.h>

#include "planner/core/status.h"

struct listener_options {
	const char *conninfo; /* outlives the listener */
	void (*on_hint)(void *context);
	void (*on_said)(void *context); /* people said something of a sender */
	void *context;
	uint64_t seed; /* of the jitter between attempts */
};

struct listener;

MUST_CHECK enum status listener_open(uv_loop_t *loop, const struct listener_options *options, struct listener **out, struct err *err);
void listener_close(struct listener **listener);

#endif
