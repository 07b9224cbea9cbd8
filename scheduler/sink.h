/*
 * sink - where released messages go
 *
 * A small table per sink. Both sinks of today are in the database and therefore part of the claim itself: `outbox` writes a row for the
 * consumer in the same statement, `null` writes none, which is for rehearsals.
 *
 *     const struct sink *sink = sink_find("outbox");
 *     status = sink->release(session, &request, &answer, &err);
 *
 * `release` runs in worker threads and keeps nothing between calls.
 */
#ifndef DAYPART_SCHEDULER_SINK_H
#define DAYPART_SCHEDULER_SINK_H

#include "claim.h"

struct sink {
	const char *name;
	bool delivers; /* false: what it is given reaches nobody */
	/* Claims a batch and hands over what may leave. `request` is the caller's; to_outbox is set by the sink. */
	enum status (*release)(struct session *session, struct claim_request *request, struct claim_answer *out, struct err *err);
};

extern const struct sink sink_outbox, sink_null;

/* NULL: there is none of that name. */
const struct sink *sink_find(const char *name);

#endif
