/*
 * lane_private - what the files of a lane share: its state, and what one asks of the other
 *
 *     lane.c             its life, its lease, its waiting, and the steps of its state
 *     lane_statement.c   what it asks the database: looking ahead, claiming, learning the law of classes
 */
#ifndef DAYPART_SCHEDULER_LANE_PRIVATE_H
#define DAYPART_SCHEDULER_LANE_PRIVATE_H

#include "lane.h"
#include "lane_pace.h"
#include "policy/backoff.h"

struct lane {
	struct due_lane due; /* first: see lane_of */
	struct lane_context *context;
	int16_t id;
	char *name;
	enum lane_state state;
	struct lease lease;
	struct lane_pace pace;
	struct backoff retry; /* after failures */
	struct backoff pause; /* after claims that found nothing */
	bool came_up_empty;   /* the last claim did */
	bool hinted;          /* a hint waits for the statement in flight */
	struct lane_tally tally;
	bool starved;   /* throttled, because the sink takes nothing */
	size_t flown;   /* messages on their way to the sink */
	int64_t claims; /* so many were numbered */
	int64_t tokens; /* that the claim in flight took out */
	struct lane_budget budget;
	int64_t volume_left; /* of it after the last claim, for who watches; INT64_MAX: no limit held */

	struct work work;
	/* What the work in flight reads and writes. */
	struct claim_request request;
	struct claim_answer answer;
	struct flight_claim flight_claim;
	PGresult *messages; /* of the claim, or NULL */
	bool unread;        /* the claim may have messages that were not read */
	struct gate_laws *laws;
	struct instant ahead[DUE_AHEAD_MAX];
	size_t ahead_count;
	struct gate_class *learned[CLAIM_UNKNOWN_MAX];
};

/* Each ends with an event of the lane: at once, where nothing can be asked, else when the answer has come. */
void lane_fetch(struct lane *lane);
void lane_claim(struct lane *lane);
void lane_learn(struct lane *lane);

#endif
