/*
 * answer_fate - what a provider's answer means for its message: where it goes, why, and when it is tried again
 *
 *     fate = answer_fate(&(struct answer_facts){.action = PROVIDER_RETRY, .attempt = 2, .now = now, .seed = recipient_id});
 *     ... slot_step(SLOT_IN_FLIGHT, fate.event), fate.reason, fate.again ...
 *
 * Waits double with each attempt, with jitter, and are never shorter than what the provider asked for. Who was tried often enough waits for ever
 * (the last instant): such a message goes by its campaign's catch-up, as one does whose next try would be unlawful; only PROVIDER_LATER ends in failure.
 * Pure.
 */
#ifndef DAYPART_SCHEDULER_POLICY_ANSWER_FATE_H
#define DAYPART_SCHEDULER_POLICY_ANSWER_FATE_H

#include "planner/core/instant.h"
#include "provider_answer.h"
#include "slot_state.h"

struct answer_facts {
	enum provider_action action;
	int attempt; /* which one was answered, from 1 */
	struct instant now;
	struct duration retry_after; /* what the provider asked for; 0: nothing */
	uint64_t seed;
};

struct answer_fate {
	enum slot_event event;
	const char *reason;   /* SLOT_FAIL, SLOT_HOLD: a name of reason.def; else NULL */
	struct instant again; /* SLOT_RETRY */
	bool obey;            /* more than this message is concerned: obey_provider() of the database */
};

struct answer_fate answer_fate(const struct answer_facts *facts);

#endif
