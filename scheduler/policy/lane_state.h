/*
 * lane_state - the life of a lane (the queue of one sender) as a table: in this state, on this event, go there and do that
 *
 *     step = lane_step(lane->state, LANE_DUE);
 *     lane->state = step.next;
 *     ... perform step.action ...
 *
 * At most one statement of a lane is in flight, in FETCHING, CLAIMING, LEARNING or DRAINING; its end is an event. A sender that is suspended, slow or
 * failing keeps its own lane waiting and no other. Pure: it decides, lane.c acts, and outcomes come back as events.
 *
 *     idle         nothing is known to be coming, or somebody else serves the lane
 *     fetching     a look at what comes next is in flight
 *     waiting      armed for the next known due instant
 *     claiming     a claim is in flight
 *     learning     a look at classes that a claim met and the gate does not know is in flight
 *     throttled    overdue slots, but the sender's pace is used up; armed for the next token
 *     backing_off  the last statement failed; armed for the next try
 *     draining     told to stop while a statement is in flight
 *     stopped      for good
 */
#ifndef DAYPART_SCHEDULER_POLICY_LANE_STATE_H
#define DAYPART_SCHEDULER_POLICY_LANE_STATE_H

enum lane_state {
	LANE_IDLE,
	LANE_FETCHING,
	LANE_WAITING,
	LANE_CLAIMING,
	LANE_LEARNING,
	LANE_THROTTLED,
	LANE_BACKING_OFF,
	LANE_DRAINING,
	LANE_STOPPED,
	LANE_STATE_COUNT
};

enum lane_event {
	LANE_HINT,         /* something may have come: a notification, a poll, a start after a stop */
	LANE_WAKE,         /* the instant it was armed for has come */
	LANE_FETCHED,      /* the look ahead found due instants */
	LANE_FETCHED_NONE, /* ... found nothing */
	LANE_CLAIMED_FULL, /* a claim was as large as it may be: more is probably due */
	LANE_CLAIMED,      /* nothing more is due, and what comes next is known */
	LANE_CLAIMED_LAST, /* nothing more is due, and what comes next is not known */
	LANE_UNKNOWN_LAW,  /* a claim met classes that the gate does not know */
	LANE_LEARNED,      /* now it knows them */
	LANE_NO_TOKENS,    /* a claim was not sent: the sender's pace is used up */
	LANE_HALTED,       /* everything is stopped, there is no law to go by, or the lease is gone; a hint follows when that is over */
	LANE_FAILED,       /* the statement failed and is worth repeating */
	LANE_LEASE_LOST,   /* the lane is not ours any more; a hint follows when it is again */
	LANE_STOP,         /* the daemon ends */
	LANE_EVENT_COUNT
};

enum lane_action {
	LANE_NOTHING,
	LANE_FETCH,      /* look ahead */
	LANE_CLAIM,      /* ask the bucket for tokens, then claim; without tokens the event LANE_NO_TOKENS follows */
	LANE_ARM_DUE,    /* wake at the next known due instant */
	LANE_ARM_TOKENS, /* wake when the sender may send again */
	LANE_ARM_RETRY,  /* wake after the backoff */
	LANE_LEARN,      /* read the classes that the last claim met */
	LANE_REMEMBER,   /* a hint came while busy: repeat it when the statement has ended */
	LANE_DISARM,     /* nothing will wake it any more */
	LANE_ACTION_COUNT
};

struct lane_step {
	enum lane_state next;
	enum lane_action action;
};

struct lane_step lane_step(enum lane_state state, enum lane_event event);

const char *lane_state_name(enum lane_state state);
const char *lane_event_name(enum lane_event event);
const char *lane_action_name(enum lane_action action);

#endif
