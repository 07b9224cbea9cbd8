/*
 * How it works: time alone takes instants away, it gives none, with exceptions that are noted as they are met.
 */
#include "run_plan_private.h"

/* A message that leaves counts in caps where it left, no more wherever it might have; so who goes without because of one may be helped as soon as it
 * is due. */
void
run_plan_note_relief(struct run_plan *plan, int64_t recipient_id)
{
	size_t count;
	const struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++)
		if (!slots[i].gone && slots[i].run_id != plan->setup.campaign->run_id)
			run_plan_note_end(plan, slots[i].due_at);
}

static void
note_horizon(struct run_plan *plan, const struct interval_set *dealable)
{
	const struct interval *later = interval_set_next(dealable, plan->setup.horizon);
	if (later != NULL)
		plan->counts.holds_to_horizon = instant_min(plan->counts.holds_to_horizon, instant_max(later->from, plan->setup.horizon));
}

void
run_plan_note_left_over(struct run_plan *plan, const struct candidate *candidate, const struct left_over *left)
{
	if (left->reason == REASON_BEYOND_HORIZON)
		note_horizon(plan, left->dealable);
	if (left->reason == REASON_NO_CAPACITY)
		plan->counts.relief = instant_max(plan->counts.relief, left->relief);
	/* Volume that a message may use in several cells is given back when it leaves in one, also to those who wait for the horizon. */
	if (left->reason == REASON_DAILY_VOLUME ||
		(left->reason == REASON_BEYOND_HORIZON && class_table_at(plan->setup.classes, candidate->class)->limits != 0))
		run_plan_note_end(plan, (struct instant){INT64_MIN});
	if (left->narrowed)
		run_plan_note_relief(plan, candidate->recipient_id);
}
