/*
 * An event makes a step, the step's action is performed, and performing may give the next event at once (no tokens, no law); that recursion
 * ends because none of those events leads to the same action again.
 *
 * An instant that was known to be due may be gone when the claim comes (somebody else has it, or it was removed), and the daemon's idea of now
 * may be a few microseconds ahead of the server's. So a claim that finds nothing is not repeated at once but after a pause, which grows as
 * long as nothing is found.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "lane_private.h"

enum { STARVED_US = 1000000 }; /* the sink tells when it takes something again; should it not, it is asked */

struct lane *
lane_of(struct due_lane *due)
{
	return (struct lane *)due;
}

enum status
lane_create(struct lane_context *context, const struct lane_facts *facts, struct lane **out)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	*out = lane;
	if (lane == NULL)
		return STATUS_NO_MEMORY;
	lane->context = context;
	lane->id = facts->id;
	lane->name = strdup(facts->name);
	lane->work.owner = lane;
	lane->volume_left = INT64_MAX;
	lane->retry = (struct backoff){.least = {US_PER_SECOND / 10}, .most = {30 * US_PER_SECOND}, .seed = facts->seed};
	lane->pause = (struct backoff){.least = {US_PER_SECOND / 1000}, .most = {US_PER_SECOND / 2}, .seed = ~facts->seed};
	lane_pace_open(&lane->pace, facts->per_1000_s, context->clock);
	if (lane->name == NULL)
		lane_free(out);
	return *out != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void
lane_free(struct lane **lane)
{
	struct lane *gone = *lane;

	*lane = NULL;
	if (gone == NULL)
		return;
	due_queue_disarm(gone->context->queue, &gone->due);
	gate_laws_drop(&gone->laws);
	lane_budget_clear(&gone->budget);
	free(gone->name);
	free(gone);
}

int16_t
lane_id(const struct lane *lane)
{
	return lane->id;
}

const char *
lane_name(const struct lane *lane)
{
	return lane->name;
}

enum lane_state
lane_state(const struct lane *lane)
{
	return lane->state;
}

size_t
lane_flown(const struct lane *lane)
{
	return lane->flown;
}

bool
lane_volume_left(const struct lane *lane, int64_t *out)
{
	*out = lane->volume_left;
	return lane->volume_left != INT64_MAX;
}

const struct lane_tally *
lane_tally(const struct lane *lane)
{
	return &lane->tally;
}

bool
lane_next_due(const struct lane *lane, struct instant *out)
{
	if (due_lane_is_empty(&lane->due))
		return false;
	*out = due_lane_first(&lane->due);
	return true;
}

void
lane_set_lease(struct lane *lane, struct lease lease)
{
	lane->lease = lease;
}

bool
lane_is_held(const struct lane *lane)
{
	return lease_is_good(&lane->lease, lane_steady_now());
}

int64_t
lane_epoch(const struct lane *lane)
{
	return lane->lease.epoch;
}

bool
lane_is_busy(const struct lane *lane)
{
	return lane->flown > 0 || lane->state == LANE_FETCHING || lane->state == LANE_CLAIMING || lane->state == LANE_LEARNING ||
		lane->state == LANE_DRAINING;
}

bool
lane_rests(const struct lane *lane, struct instant until)
{
	return lane->state == LANE_STOPPED || lane->state == LANE_IDLE ||
		(lane->state == LANE_WAITING && !due_lane_is_empty(&lane->due) && due_lane_first(&lane->due).us >= until.us);
}

void
lane_set_pace(struct lane *lane, int64_t per_1000_s)
{
	lane_pace_set(&lane->pace, per_1000_s, lane->context->clock);
}

void
lane_slow_down(struct lane *lane)
{
	if (lane_pace_slow_down(&lane->pace, lane->context->clock))
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "sender_slowed", .sender = lane->name},
			"sender %s: the provider complains of its throughput: %.3f messages a second for now", lane->name,
			(double)lane->pace.bucket.per_1000_s / 1000);
}

void
lane_rest(struct lane *lane, struct instant until)
{
	lane_pace_rest(&lane->pace, until);
}

void
lane_set_limits(struct lane *lane, struct lane_limits **limits)
{
	lane_budget_set_limits(&lane->budget, limits);
}

bool
lane_take_turn(struct lane *lane)
{
	return lane->context->may_release && lane_pace_take(&lane->pace, lane->context->clock, 1) == 1;
}

void
lane_count_flown(struct lane *lane, int count)
{
	assert(count >= 0 || lane->flown >= (size_t)-count);
	if (count < 0)
		lane_budget_land(&lane->budget);
	lane->flown += (size_t)count;
}

/* Waiting ----------------------------------------------------------------------------------------------------------------------------------- */

static void
arm(struct lane *lane, struct instant wake)
{
	if (due_queue_arm(lane->context->queue, &lane->due, wake) != STATUS_OK)
		log_message(SEVERITY_ERROR, "sender %s: out of memory, waits for the next look at the queue", lane->name);
}

static void
arm_due(struct lane *lane)
{
	struct instant wake = due_lane_first(&lane->due);

	if (lane->came_up_empty)
		wake = instant_max(wake, clock_after(lane->context->clock, backoff_next(&lane->pause)));
	arm(lane, wake);
}

static void
arm_tokens(struct lane *lane)
{
	const struct clock *clock = lane->context->clock;

	arm(lane,
		lane->starved ? instant_max(clock_after(clock, (struct duration){STARVED_US}), lane->pace.rests_until)
					  : lane_pace_next(&lane->pace, clock));
}

void
lane_room(struct lane *lane)
{
	if (lane->starved && lane->state == LANE_THROTTLED)
		arm(lane, instant_max(clock_now(lane->context->clock), lane->pace.rests_until));
}

/* Steps ------------------------------------------------------------------------------------------------------------------------------------- */

static void
perform(struct lane *lane, enum lane_action action)
{
	switch (action) {
	case LANE_FETCH:
		lane_fetch(lane);
		break;
	case LANE_CLAIM:
		lane_claim(lane);
		break;
	case LANE_LEARN:
		lane_learn(lane);
		break;
	case LANE_ARM_DUE:
		arm_due(lane);
		break;
	case LANE_ARM_TOKENS:
		arm_tokens(lane);
		break;
	case LANE_ARM_RETRY:
		arm(lane, clock_after(lane->context->clock, backoff_next(&lane->retry)));
		break;
	case LANE_REMEMBER:
		lane->hinted = true;
		break;
	case LANE_DISARM:
		due_queue_disarm(lane->context->queue, &lane->due);
		break;
	case LANE_NOTHING:
	case LANE_ACTION_COUNT:
		break;
	}
}

void
lane_event(struct lane *lane, enum lane_event event)
{
	const struct lane_step step = lane_step(lane->state, event);

	if (step.next != lane->state)
		log_event(SEVERITY_DEBUG, &(struct log_about){.event = "lane", .sender = lane->name}, "sender %s: %s: %s -> %s", lane->name,
			lane_event_name(event), lane_state_name(lane->state), lane_state_name(step.next));
	lane->state = step.next;
	perform(lane, step.action);
}
