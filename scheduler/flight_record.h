/*
 * flight_record - what is done in a worker for messages in flight: reads the messages of a claim, records answers
 *
 *     record.moment = now; record.items = items; record.count = n;
 *     status = flight_record(session, &record, &err);             // may be repeated: what is recorded already is left alone
 *     ... record.tally, record.rests ...
 *     flight_record_clear(&record);
 *
 * Keeps nothing between calls.
 */
#ifndef DAYPART_SCHEDULER_FLIGHT_RECORD_H
#define DAYPART_SCHEDULER_FLIGHT_RECORD_H

#include "flown.h"

struct flight_rest {
	int16_t lane_id;
	struct instant until;
};

struct flight_record {
	struct instant moment;
	struct duration margin; /* nothing is tried again this shortly before its last lawful instant */
	struct flown *const *items;
	size_t count;
	struct flight_tally tally;
	struct flight_rest *rests; /* senders that are to wait */
	size_t rest_count, rest_room;
};

MUST_CHECK enum status flight_record(struct session *session, struct flight_record *record, struct err *err);
void flight_record_clear(struct flight_record *record);

/* Rows that flight_parse understands. */
MUST_CHECK enum status flight_read_uncertain(
	struct session *session, size_t limit, const struct instant *now, PGresult **out, struct err *err);
/* `lanes`: "{1,7}"; not within `margin` of their last lawful instant. */
MUST_CHECK enum status flight_read_repeatable(struct session *session, const char *lanes, size_t limit, struct duration margin,
	const struct instant *now, PGresult **out, struct err *err);
MUST_CHECK enum status flight_mark_lost(struct session *session, const struct instant *now, int64_t *out_count, struct err *err);

/* In any thread: one message for each row; NULL without memory, or when there is none. `claim` NULL: rows name lane, epoch and claim. Owns `rows` then. */
struct flown_batch *flight_parse(PGresult *rows, const struct flight_claim *claim);

#endif
