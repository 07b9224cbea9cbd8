#include <assert.h>

#include "conf/log.h"
#include "conf/settings.h"
#include "flight_private.h"
#include "lane_list.h"

#define READ_MAX_US US_PER_SECOND /* who was read longer ago is read again */

size_t
flight_wire_room(const struct flight *flight)
{
	return flight->state != NULL ? flight->wire->room(flight->state) : 0;
}

/* As if it had not been claimed; when it is too late for it, its campaign's catch-up is asked. */
static const struct answer_fate back_at_once = {.event = SLOT_RETRY};
/* Uncertain. */
static const struct answer_fate as_before = {.event = SLOT_LOSE};

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
		log_event(severity,
			&(struct log_about){.event = "message_answered",
				.sender = flown->message.sender,
				.campaign = flown->message.campaign,
				.key = flown->message.key,
				.reason = provider_action_name(flown->action)},
			"sender %s: message %s, attempt %d: %s%s%s%s%s", flown->message.sender, flown->message.key, flown->message.attempt,
			provider_action_name(flown->action), flown->code[0] != '\0' ? ", code " : "", flown->code, flown->words[0] != '\0' ? ": " : "",
			flown->words);
}

static struct answer_fate
fate_of(const struct flown *flown, const struct sink_answer *answer)
{
	return answer_fate(&(struct answer_facts){.action = answer->action,
		.attempt = flown->message.attempt,
		.now = clock_now(flown->flight->options.clock),
		.retry_after = answer->retry_after,
		.seed = (uint64_t)flown->message.recipient_id});
}

static void
on_answer(struct message *message, const struct sink_answer *answer)
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
	if (flown->repeated && answer->action != PROVIDER_ACCEPTED)
		end_with(flown, as_before);
	else
		end_with(flown, flown->left ? fate_of(flown, answer) : back_at_once);
	flight_pass_on(flight);
}

/* Handing over ------------------------------------------------------------------------------------------------------------------------------ */

/* Whatever took its time since it was read: waiting here, a connection that had to be made, or a process that stood still. */
static bool
is_good(const struct flight *flight, const struct flown *flown, int64_t patience_us)
{
	const struct clock *clock = flight->options.clock;
	const int64_t waited_us = lane_steady_now().us - flown->read_at.us;

	return lane_is_held(flown->lane) && lane_epoch(flown->lane) == flown->held_epoch && waited_us <= READ_MAX_US + patience_us &&
		clock_now(clock).us < flown->message.not_after.us - flight->options.settings->release_commit_margin.us;
}

/* The last look. What does not leave has not been tried. */
static bool
may_leave(struct message *message)
{
	struct flown *flown = message->context;
	const struct flight *flight = flown->flight;
	const struct sink_wire *wire = flight->wire;

	flown->left = is_good(flight, flown, wire->patience != NULL ? wire->patience(flight->state).us : 0);
	flown->left_at = clock_now(flight->options.clock);
	return flown->left;
}

const struct sink_events flight_events = {.on_answer = on_answer, .may_leave = may_leave};

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
		const bool leaves = !flight->draining && is_good(flight, flight->waiting.first, 0);

		if (leaves && flight_wire_room(flight) == 0)
			return;
		if (leaves)
			hand_over(flight, flown_list_take(&flight->waiting));
		else
			end_with(flown_list_take(&flight->waiting), back_at_once);
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

static struct lane *
held_lane(const struct flight *flight, int16_t id)
{
	const struct lane_list *lanes = flight->options.lanes;

	for (size_t i = 0; i < lanes->count; i++)
		if (lane_id(lanes->items[i]) == id && lane_is_held(lanes->items[i]))
			return lanes->items[i];
	return NULL;
}

/* False: not now. In a minute it is found again. */
static bool
repeat(struct flight *flight, struct flown *flown)
{
	struct lane *lane = held_lane(flight, flown->lane_id);

	if (lane == NULL || flight->state == NULL || flight_wire_room(flight) == 0 || !lane_take_turn(lane))
		return false;
	flown->flight = flight;
	flown->repeated = true;
	flown->lane = lane;
	flown->held_epoch = lane_epoch(lane);
	lane_count_flown(lane, 1);
	hand_over(flight, flown);
	return true;
}

void
flight_repeat(struct flight *flight, struct flown_batch *batch)
{
	const size_t count = batch != NULL ? batch->open : 0;
	const struct instant read_at = lane_steady_now();

	flight->passing = true;
	for (size_t i = 0; i < count; i++) {
		batch->items[i].read_at = read_at;
		if (!repeat(flight, &batch->items[i]))
			flown_forget(&batch->items[i]);
	}
	flight->passing = false;
	flight_pass_on(flight);
}
