/*
 * provider_answer - what to do with a message after what a provider said to it (REGULATIONS 2.10)
 *
 *     action = provider_action(400, 131056, "BR");               // PROVIDER_RETRY_PERSON
 *     action = provider_action(503, PROVIDER_NO_CODE, NULL);     // PROVIDER_UNCERTAIN
 *
 * Only ACCEPTED and UNCERTAIN can mean that the message is with the provider; every other answer says that it surely is not.
 *
 * The provider's code decides; without one, or with one that nobody knows, the HTTP status does. Pure: it names the action, others take it. Only
 * a whole answer is judged here: a request that got none is PROVIDER_RETRY while nothing of its body has left, PROVIDER_UNCERTAIN from then on.
 */
#ifndef DAYPART_SCHEDULER_POLICY_PROVIDER_ANSWER_H
#define DAYPART_SCHEDULER_POLICY_PROVIDER_ANSWER_H

enum provider_action {
	PROVIDER_ACCEPTED,
	PROVIDER_RETRY,           /* this message again, after a back-off */
	PROVIDER_RETRY_PERSON,    /* pair rate: this person again after at least 6 s, growing */
	PROVIDER_RETRY_SENDER,    /* throughput: again, and the sender goes slower */
	PROVIDER_RETRY_ACCOUNT,   /* request rate of the account: all its senders back off */
	PROVIDER_LATER,           /* not in this slot: a later one, growing, a few at most */
	PROVIDER_STOP_PERSON,     /* the person stopped it: a suppression */
	PROVIDER_UNREACHABLE,     /* not reached on this channel: a suppression of the channel after a few times */
	PROVIDER_DROP,            /* never in this campaign */
	PROVIDER_STOP_CAMPAIGN,   /* what it sends is refused: for everybody else, too */
	PROVIDER_HOLD_TEMPLATE,   /* the template is paused */
	PROVIDER_CANCEL_TEMPLATE, /* the template is disabled */
	PROVIDER_STOP_SENDER,
	PROVIDER_PAUSE_ACCOUNT, /* payment, permission: all its senders */
	PROVIDER_LATE,          /* the provider finds the hour unlawful: no retry before the next window */
	PROVIDER_UNCERTAIN,     /* nobody knows whether it has the message */
	PROVIDER_ACTION_COUNT
};

enum { PROVIDER_NO_CODE = -1 }; /* 0 is a code: a failed authentication */

/* `country`: ISO 3166-1 of the recipient's number, on which 131049 depends; NULL: it may be any, the United States included. */
enum provider_action provider_action(int http_status, int code, const char *country);

/* "retry_person", ...: the word of a log line. */
const char *provider_action_name(enum provider_action action);

#endif
