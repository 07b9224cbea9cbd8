/*
 * The list below is all there is: an event that a state does not list changes nothing. Three decisions are worth knowing:
 *
 * A hint in WAITING looks ahead again, because what came may be due earlier than what is known. While a statement is in flight the hint is
 * remembered, since that statement's snapshot may be older than what the hint is about.
 *
 * A lost lease ends only the waiting: what is in flight the database refuses by itself, and the next claim is not sent.
 *
 * A hint does not cut a backoff or a throttle short: a server in trouble is not asked more often because others are busy.
 */
#include "lane_state.h"

#include <assert.h>
#include <stddef.h>

static const struct transition {
	enum lane_state state;
	enum lane_event event;
	enum lane_state next;
	enum lane_action action;
} transitions[] = {
	{LANE_IDLE, LANE_HINT, LANE_FETCHING, LANE_FETCH},
	{LANE_IDLE, LANE_STOP, LANE_STOPPED, LANE_DISARM},
	{LANE_FETCHING, LANE_HINT, LANE_FETCHING, LANE_REMEMBER},
	{LANE_FETCHING, LANE_FETCHED, LANE_WAITING, LANE_ARM_DUE},
	{LANE_FETCHING, LANE_FETCHED_NONE, LANE_IDLE, LANE_NOTHING},
	{LANE_FETCHING, LANE_FAILED, LANE_BACKING_OFF, LANE_ARM_RETRY},
	{LANE_FETCHING, LANE_STOP, LANE_DRAINING, LANE_NOTHING},
	{LANE_WAITING, LANE_HINT, LANE_FETCHING, LANE_FETCH},
	{LANE_WAITING, LANE_WAKE, LANE_CLAIMING, LANE_CLAIM},
	{LANE_WAITING, LANE_LEASE_LOST, LANE_IDLE, LANE_DISARM},
	{LANE_WAITING, LANE_STOP, LANE_STOPPED, LANE_DISARM},
	{LANE_CLAIMING, LANE_HINT, LANE_CLAIMING, LANE_REMEMBER},
	{LANE_CLAIMING, LANE_CLAIMED_FULL, LANE_CLAIMING, LANE_CLAIM},
	{LANE_CLAIMING, LANE_CLAIMED, LANE_WAITING, LANE_ARM_DUE},
	{LANE_CLAIMING, LANE_CLAIMED_LAST, LANE_FETCHING, LANE_FETCH},
	{LANE_CLAIMING, LANE_UNKNOWN_LAW, LANE_LEARNING, LANE_LEARN},
	{LANE_CLAIMING, LANE_NO_TOKENS, LANE_THROTTLED, LANE_ARM_TOKENS},
	{LANE_CLAIMING, LANE_HALTED, LANE_IDLE, LANE_NOTHING},
	{LANE_CLAIMING, LANE_FAILED, LANE_BACKING_OFF, LANE_ARM_RETRY},
	{LANE_CLAIMING, LANE_STOP, LANE_DRAINING, LANE_NOTHING},
	{LANE_LEARNING, LANE_HINT, LANE_LEARNING, LANE_REMEMBER},
	{LANE_LEARNING, LANE_LEARNED, LANE_CLAIMING, LANE_CLAIM},
	{LANE_LEARNING, LANE_FAILED, LANE_BACKING_OFF, LANE_ARM_RETRY},
	{LANE_LEARNING, LANE_STOP, LANE_DRAINING, LANE_NOTHING},
	{LANE_THROTTLED, LANE_WAKE, LANE_CLAIMING, LANE_CLAIM},
	{LANE_THROTTLED, LANE_LEASE_LOST, LANE_IDLE, LANE_DISARM},
	{LANE_THROTTLED, LANE_STOP, LANE_STOPPED, LANE_DISARM},
	{LANE_BACKING_OFF, LANE_WAKE, LANE_FETCHING, LANE_FETCH},
	{LANE_BACKING_OFF, LANE_LEASE_LOST, LANE_IDLE, LANE_DISARM},
	{LANE_BACKING_OFF, LANE_STOP, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_FETCHED, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_FETCHED_NONE, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_CLAIMED_FULL, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_CLAIMED, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_CLAIMED_LAST, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_UNKNOWN_LAW, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_LEARNED, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_HALTED, LANE_STOPPED, LANE_DISARM},
	{LANE_DRAINING, LANE_FAILED, LANE_STOPPED, LANE_DISARM},
};

struct lane_step
lane_step(enum lane_state state, enum lane_event event)
{
	assert(state < LANE_STATE_COUNT && event < LANE_EVENT_COUNT);
	for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++)
		if (transitions[i].state == state && transitions[i].event == event)
			return (struct lane_step){transitions[i].next, transitions[i].action};
	return (struct lane_step){state, LANE_NOTHING};
}

const char *
lane_state_name(enum lane_state state)
{
	static const char *const names[LANE_STATE_COUNT] = {
		"idle", "fetching", "waiting", "claiming", "learning", "throttled", "backing_off", "draining", "stopped"};
	return names[state];
}

const char *
lane_event_name(enum lane_event event)
{
	static const char *const names[LANE_EVENT_COUNT] = {"hint", "wake", "fetched", "fetched_none", "claimed_full", "claimed",
		"claimed_last", "unknown_law", "learned", "no_tokens", "halted", "failed", "lease_lost", "stop"};
	return names[event];
}

const char *
lane_action_name(enum lane_action action)
{
	static const char *const names[LANE_ACTION_COUNT] = {
		"nothing", "fetch", "claim", "arm_due", "arm_tokens", "arm_retry", "learn", "remember", "disarm"};
	return names[action];
}
