/*
 * provider_answer - what to do with a message after what a provider said to it (REGULATIONS 2.10)
 *
 * Only ACCEPTED and UNCERTAIN can mean that the message is with the provider; every other answer says that it surely is not.
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

#endif
