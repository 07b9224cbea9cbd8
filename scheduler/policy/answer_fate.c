/* REGULATIONS 2.10 in one table. Retries are bounded by their number as well as by not_after, which the settling statement knows. */
#include "answer_fate.h"

#include <assert.h>

#include "backoff.h"

static const struct meaning {
	enum slot_event event;
	const char *reason;
	bool obey;
	int tries;                   /* SLOT_RETRY: so many attempts at most */
	struct duration least, most; /* between them; a wait is at least half of its value */
} meanings[PROVIDER_ACTION_COUNT] = {
	[PROVIDER_ACCEPTED] = {.event = SLOT_ACCEPT},
	[PROVIDER_RETRY] = {.event = SLOT_RETRY, .tries = 10, .least = {US_PER_SECOND}, .most = {300 * US_PER_SECOND}},
	[PROVIDER_RETRY_PERSON] = {.event = SLOT_RETRY, .tries = 10, .least = {12 * US_PER_SECOND}, .most = {600 * US_PER_SECOND}},
	[PROVIDER_RETRY_SENDER] = {.event = SLOT_RETRY, .tries = 20, .least = {US_PER_SECOND}, .most = {60 * US_PER_SECOND}},
	[PROVIDER_RETRY_ACCOUNT] = {.event = SLOT_RETRY, .tries = 20, .least = {5 * US_PER_SECOND}, .most = {300 * US_PER_SECOND}},
	[PROVIDER_LATER] = {.event = SLOT_RETRY, .reason = "sink_refused", .tries = 4, .least = {8 * US_PER_HOUR}, .most = {64 * US_PER_HOUR}},
	[PROVIDER_STOP_PERSON] = {.event = SLOT_FAIL, .reason = "opted_out", .obey = true},
	[PROVIDER_UNREACHABLE] = {.event = SLOT_FAIL, .reason = "unreachable", .obey = true},
	[PROVIDER_DROP] = {.event = SLOT_FAIL, .reason = "sink_refused"},
	[PROVIDER_STOP_CAMPAIGN] = {.event = SLOT_HOLD, .reason = "campaign_paused", .obey = true},
	[PROVIDER_HOLD_TEMPLATE] = {.event = SLOT_HOLD, .reason = "template_not_approved", .obey = true},
	[PROVIDER_CANCEL_TEMPLATE] = {.event = SLOT_HOLD, .reason = "template_not_approved", .obey = true},
	[PROVIDER_STOP_SENDER] = {.event = SLOT_HOLD, .reason = "breaker", .obey = true},
	[PROVIDER_PAUSE_ACCOUNT] = {.event = SLOT_HOLD, .reason = "breaker", .obey = true},
	[PROVIDER_LATE] = {.event = SLOT_HOLD, .reason = "window_closed", .obey = true},
	[PROVIDER_UNCERTAIN] = {.event = SLOT_LOSE},
};

static struct instant
next_try(const struct meaning *meaning, const struct answer_facts *facts)
{
	struct backoff backoff = {
		.least = meaning->least, .most = meaning->most, .seed = facts->seed, .failures = (unsigned)facts->attempt - 1};
	struct duration wait = backoff_next(&backoff);

	if (wait.us < facts->retry_after.us)
		wait = facts->retry_after;
	return instant_add(facts->now, wait);
}

struct answer_fate
answer_fate(const struct answer_facts *facts)
{
	const struct meaning *meaning = &meanings[facts->action];
	struct answer_fate fate = {.event = meaning->event, .reason = meaning->reason, .obey = meaning->obey};

	assert(facts->action < PROVIDER_ACTION_COUNT && facts->attempt >= 1);
	if (meaning->event != SLOT_RETRY)
		return fate;
	fate.reason = NULL;
	if (facts->attempt < meaning->tries)
		fate.again = next_try(meaning, facts);
	else if (meaning->reason == NULL)
		fate.again = (struct instant){INT64_MAX};
	else
		fate = (struct answer_fate){.event = SLOT_FAIL, .reason = meaning->reason};
	return fate;
}
