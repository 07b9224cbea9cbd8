/*
 * An answer that comes after its message was given up as uncertain is as good as one in time: in both states the same events lead to the same places.
 * Nothing leads out of the four final states, and into handed_over only what hands over.
 */
#include "slot_state.h"

#include <assert.h>

static const struct transition {
	enum slot_state state;
	enum slot_event event;
	enum slot_state next;
} transitions[] = {
	{SLOT_QUEUED, SLOT_HAND_OVER, SLOT_HANDED_OVER},
	{SLOT_QUEUED, SLOT_CLAIM, SLOT_IN_FLIGHT},
	{SLOT_QUEUED, SLOT_REFUSE, SLOT_REFUSED},
	{SLOT_QUEUED, SLOT_EXPIRE, SLOT_EXPIRED},
	{SLOT_QUEUED, SLOT_HOLD, SLOT_HELD},
	{SLOT_IN_FLIGHT, SLOT_ACCEPT, SLOT_HANDED_OVER},
	{SLOT_IN_FLIGHT, SLOT_RETRY, SLOT_QUEUED},
	{SLOT_IN_FLIGHT, SLOT_REFUSE, SLOT_REFUSED},
	{SLOT_IN_FLIGHT, SLOT_EXPIRE, SLOT_EXPIRED},
	{SLOT_IN_FLIGHT, SLOT_FAIL, SLOT_FAILED},
	{SLOT_IN_FLIGHT, SLOT_HOLD, SLOT_HELD},
	{SLOT_IN_FLIGHT, SLOT_LOSE, SLOT_UNCERTAIN},
	{SLOT_UNCERTAIN, SLOT_ACCEPT, SLOT_HANDED_OVER},
	{SLOT_UNCERTAIN, SLOT_RETRY, SLOT_QUEUED},
	{SLOT_UNCERTAIN, SLOT_REFUSE, SLOT_REFUSED},
	{SLOT_UNCERTAIN, SLOT_EXPIRE, SLOT_EXPIRED},
	{SLOT_UNCERTAIN, SLOT_FAIL, SLOT_FAILED},
	{SLOT_UNCERTAIN, SLOT_HOLD, SLOT_HELD},
	{SLOT_UNCERTAIN, SLOT_SETTLE_SENT, SLOT_HANDED_OVER},
	{SLOT_UNCERTAIN, SLOT_SETTLE_NOT_SENT, SLOT_HELD},
	{SLOT_HELD, SLOT_PLAN, SLOT_QUEUED},
};

enum slot_state
slot_step(enum slot_state state, enum slot_event event)
{
	assert(state < SLOT_STATE_COUNT && event < SLOT_EVENT_COUNT);
	for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++)
		if (transitions[i].state == state && transitions[i].event == event)
			return transitions[i].next;
	return state;
}

const char *
slot_state_name(enum slot_state state)
{
	static const char *const names[SLOT_STATE_COUNT] = {
		"queued", "in_flight", "uncertain", "handed_over", "refused", "expired", "failed", "held"};
	return names[state];
}

const char *
slot_event_name(enum slot_event event)
{
	static const char *const names[SLOT_EVENT_COUNT] = {"hand over", "claim", "refuse", "expire", "hold", "accept", "retry", "fail", "lose",
		"settle as sent", "settle as not sent", "plan"};
	return names[event];
}

/* One arrow for each pair of states, with all events on it, at its first transition. */
static void
write_arrow(FILE *out, size_t first)
{
	const size_t count = sizeof transitions / sizeof transitions[0];
	const struct transition *from = &transitions[first];

	for (size_t i = 0; i < first; i++)
		if (transitions[i].state == from->state && transitions[i].next == from->next)
			return;
	fprintf(out, "    %s --> %s: %s", slot_state_name(from->state), slot_state_name(from->next), slot_event_name(from->event));
	for (size_t i = first + 1; i < count; i++)
		if (transitions[i].state == from->state && transitions[i].next == from->next)
			fprintf(out, ", %s", slot_event_name(transitions[i].event));
	fputc('\n', out);
}

void
slot_write_diagram(FILE *out)
{
	fputs("stateDiagram-v2\n    [*] --> queued: plan\n", out);
	for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++)
		write_arrow(out, i);
	for (enum slot_state state = SLOT_HANDED_OVER; state <= SLOT_FAILED; state++)
		fprintf(out, "    %s --> [*]\n", slot_state_name(state));
}
