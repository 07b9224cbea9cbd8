/*
 * eligibility - may this person be sent this message at all? Consent and evidence, suppression, holdout; no time windows
 *
 * The same function serves the planner and the release gate; the order of the checks is the order of what a compliance officer wants to read
 * first: opt-out before consent before evidence.
 */
#ifndef DAYPART_CORE_ELIGIBILITY_H
#define DAYPART_CORE_ELIGIBILITY_H

#include "merge.h"
#include "reason.h"

struct person_facts {
	bool suppressed;      /* a suppression for this business (or all), channel and category (or all) */
	bool consent_granted; /* the current state of the consent for business, channel and category is `granted` */
	uint32_t evidence;    /* facts present in that consent */
	/* From when and until when they bear: leeway.h. INT64_MIN: not known, or never. */
	struct instant given_at;     /* of that consent */
	struct instant last_inbound; /* the person's last message to a sender of the business */
};

/* The age of the consent is no matter of this function: a need that bounds it leaves a stretch of time, which leeway.h finds. */
enum reason eligibility_judge(const struct person_facts *facts, struct consent_need need);

/* Stable by keyed hash of (recipient, campaign): true for `percent` of all people, the same ones at every plan. */
bool eligibility_in_holdout(int64_t recipient_id, int64_t campaign_id, unsigned percent);
/* The same for those who get the other text of a split; whether somebody is held out tells nothing about it. */
bool eligibility_in_split(int64_t recipient_id, int64_t campaign_id, unsigned percent);

#endif
