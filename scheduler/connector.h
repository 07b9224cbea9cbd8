/*
 * connector - opens a connection for a loop that must not block: names are resolved and servers awaited in a thread of its own
 *
 *     connector_start(loop, &(struct connector_options){.session = {...}, .done = on_connected, .context = listener}, &connector, &err);
 *     ... on_connected(connection, context): look at PQstatus; the connection is the receiver's, and the connector is gone ...
 *     connector_abandon(&connector);     // before that: what comes is thrown away
 *
 * libpq's own asynchronous way blocks in name resolution and knows no time limit for each of several hosts. A thread that is abandoned ends by
 * itself when its attempt does, at the latest with the process; it touches neither the loop nor its owner any more.
 */
#ifndef DAYPART_SCHEDULER_CONNECTOR_H
#define DAYPART_SCHEDULER_CONNECTOR_H

#include <uv.h>

#include "sql/session.h"

struct connector_options {
	struct session_options session;                  /* its strings are copied */
	void (*done)(PGconn *connection, void *context); /* NULL: out of memory */
	void *context;
};

struct connector;

MUST_CHECK enum status connector_start(uv_loop_t *loop, const struct connector_options *options, struct connector **out, struct err *err);
void connector_abandon(struct connector **connector);

#endif
