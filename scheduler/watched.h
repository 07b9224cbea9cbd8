/*
 * watched - what the monitor tells of the database, beyond what the daemon itself must know
 *
 *     watched_read(session, &watched, &err);        // in a worker
 *     ... metrics.h writes it ...
 *     watched_clear(&watched);
 */
#ifndef DAYPART_SCHEDULER_WATCHED_H
#define DAYPART_SCHEDULER_WATCHED_H

#include "sql/session.h"

struct watched_breaker {
	const char *scope, *name, *rule;
	bool tripped; /* else it warned within a day */
};

struct watched_uncertain {
	const char *sender;
	int64_t count; /* of messages of which nobody knows */
};

/* Texts belong to the rows they were read from. */
struct watched {
	struct watched_breaker *breakers;
	struct watched_uncertain *uncertain;
	size_t breaker_count, uncertain_count;
	PGresult *breaker_rows, *uncertain_rows;
};

/* After an error there is nothing in it. */
MUST_CHECK enum status watched_read(struct session *session, struct watched *out, struct err *err);
void watched_clear(struct watched *watched);

#endif
