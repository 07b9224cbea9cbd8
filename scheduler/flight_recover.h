/*
 * flight_recover - finds the messages that were left behind in flight: by a daemon that is gone, by a read that failed, by an answer that got lost
 *
 *     flight_recover_open(&options, &recover, &err);
 *     flight_recover_reread(recover, lane, &claim);       // its messages could not be read
 *     flight_recover_look(recover, 20, NULL);                   // now and then; 20: so many uncertain ones may be asked about
 *     ... on_messages(owner, lane, &claim, rows), or on_questions(owner, rows); then on_done(owner) ...
 *     flight_recover_close(&recover);
 *
 * What lies in flight under an epoch that is over becomes uncertain: nobody knows whether it was sent. One statement is under way at most; claims that
 * could not be read come before questions. Belongs to the loop's thread; rows are given away.
 */
#ifndef DAYPART_SCHEDULER_FLIGHT_RECOVER_H
#define DAYPART_SCHEDULER_FLIGHT_RECOVER_H

#include "flight.h"

struct flight_recover;

struct flight_recover_options {
	struct worker_pool *pool;
	const struct clock *clock;
	struct duration margin; /* see flight_record.h */
	void (*on_messages)(void *owner, struct lane *lane, const struct flight_claim *claim, PGresult *rows);
	void (*on_questions)(void *owner, PGresult *rows);
	void (*on_done)(void *owner);
	void *owner;
};

MUST_CHECK enum status flight_recover_open(const struct flight_recover_options *options, struct flight_recover **out, struct err *err);
/* A claim that may have committed, but whose messages could not be read: the next look does it. */
void flight_recover_reread(struct flight_recover *recover, struct lane *lane, const struct flight_claim *claim);
/* `ask_most` uncertain messages are read for questions, if no claim is to be read; with `lanes`, to be sent again, and those of lanes that are held. While
 * a look is under way: nothing. */
void flight_recover_look(struct flight_recover *recover, size_t ask_most, const struct lane_list *lanes);
/* Claims whose messages are to be read yet. */
size_t flight_recover_count(const struct flight_recover *recover);
bool flight_recover_is_busy(const struct flight_recover *recover);
/* No look may be under way. */
void flight_recover_close(struct flight_recover **recover);

#endif
