#include <assert.h>

#include "conf/log.h"
#include "conf/settings.h"
#include "flight_private.h"
#include "lane.h"

enum { WAIT_MAX_US = 1000000 }; /* what was looked at longer ago is looked at again */

size_t
flight_wire_room(const struct flight *flight)
{
	return flight->state != NULL ? flight->wire->room(flight->state) : 0;
}

/* Answers ----------------------------------------------------------------------------------------------------------------------------------- */

/* What a provider says is for people to read and has no say in how it is stored. */
static void
copy_words(char out[FLOWN_WORDS_MAX], const char *text)
{
	size_t length = 0;

	for (; text != NULL && text[length] != '\0' && length < FLOWN_WORDS_MAX - 1; length++)
		out[length] = text[length] >= ' ' && text[length] <= '~' ? text[length] : '?';
	out[length] = '\0';
}

static void
end_with(struct flown *flown, struct answer_fate fate)
{
	flown->fate = fate;
	flown->next = slot_step(SLOT_IN_FLIGHT, fate.event);
	flight_settle_add(flown->flight->settle, flown);
}

static void
note_answer(const struct flown *flown)
{
	const enum severity severity = flown->action == PROVIDER_UNCERTAIN ? SEVERITY_WARNING : SEVERITY_DEBUG;

	if (flown->action != PROVIDER_ACCEPTED)
		log_message(severity, "sender %s: message %s, attempt %d: %s%s%s%s%s", flown->message.sender, flown->message.key,
			flown->message.attempt, provider_action_name(flown->action), flown->code[0] != '\0' ? ", code " : "", flown->code,
			flown->words[0] != '\0' ? ": " : "", flown->words);
}

void
flight_on_answer(struct message *message, const struct sink_answer *answer)
{
	struct flown *flown = message->context;
	struct flight *flight = flown->flight;

	assert(flight->with_wire > 0);
	flight->with_wire--;
	flown->action = answer->action;
	copy_words(flown->provider_id, answer->provider_id);
	copy_words(flown->code, answer->code);
	copy_words(flown->words, answer->text);
	note_answer(flown);
	if (flown->lane != NULL && answer->action == PROVIDER_RETRY_SENDER)
		lane_slow_down(flown->lane);
	end_with(flown,
		answer_fate(&(struct answer_facts){.action = answer->action,
			.attempt = message->attempt,
			.now = clock_now(flight->options.clock),
			.retry_after = answer->retry_after,
			.seed = (uint64_t)message->recipient_id}));
	flight_pass_on(flight);
}

/* Handing over ------------------------------------------------------------------------------------------------------------------------------ */

/* As if it had not been claimed; when it is too late for it, its campaign's catch-up is asked. */
static void
take_back(struct flown *flown)
{
	end_with(flown, (struct answer_fate){.event = SLOT_RETRY});
}

static bool
may_leave(const struct flight *flight, const struct flown *flown)
{
	const struct clock *clock = flight->options.clock;
	const int64_t waited_us = lane_steady_now().us - flown->read_at.us;

	return !flight->draining && lane_is_held(flown->lane) && lane_epoch(flown->lane) == flown->epoch && waited_us <= WAIT_MAX_US &&
		clock_now(clock).us < flown->message.not_after.us - flight->options.settings->release_commit_margin.us;
}

static void
hand_over(struct flight *flight, struct flown *flown)
{
	flown->left = true;
	flown->left_at = clock_now(flight->options.clock);
	flight->with_wire++;
	flight->wire->send(flight->state, &flown->message);
}

void
flight_leave(struct flight *flight)
{
	while (flight->waiting.first != NULL) {
		const bool leaves = may_leave(flight, flight->waiting.first);

		if (leaves && flight_wire_room(flight) == 0)
			return;
		if (leaves)
			hand_over(flight, flown_list_take(&flight->waiting));
		else
			take_back(flown_list_take(&flight->waiting));
	}
}

void
flight_ask(struct flight *flight, struct flown_batch *batch)
{
	const size_t count = batch != NULL ? batch->open : 0;

	flight->passing = true;
	for (size_t i = 0; i < count; i++) {
		struct flown *flown = &batch->items[i];

		flown->flight = flight;
		flown->left = true;
		flight->with_wire++;
		flight->wire->ask(flight->state, &flown->message);
	}
	flight->passing = false;
	flight_pass_on(flight);
}
