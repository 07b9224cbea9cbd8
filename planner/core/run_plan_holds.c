/*
 * How it works: time alone takes instants away, it gives none, with these exceptions:
 *
 * A message that may leave anywhere between two instants counts everywhere there, in caps and in volume; once it has left, only where it left. So who
 * goes without because of one may be helped as soon as it is due. Of volume that concerns few: whatever is planned under a limit ends with its cell.
 *
 * Under even pacing, whose turn it is depends on everybody who waits with them (turn.h); when one of those has left, the next turn may come sooner.
 *
 * A deal may be kept from moving people by limits that no flow can tell of (deal.h), and no more once the hours that stood in its way have passed.
 *
 * The horizon moves on. Then there are instants for who is left for later, and others for who has one already, whose own may be what somebody lacks. In
 * both cases only where volume has room: what a cell holds does not change as the horizon passes through it (quota.h).
 */
#include "run_plan_private.h"

void
run_plan_note_relief(struct run_plan *plan, int64_t recipient_id)
{
	size_t count;
	const struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++)
		if (!slots[i].gone && slots[i].run_id != plan->setup.campaign->run_id)
			run_plan_note_end(plan, slots[i].due_at);
}

/* A slot that may have to give way counts once it is frozen. */
void
run_plan_note_spread(struct run_plan *plan, const struct queued_slot *slot, bool counts)
{
	const struct run_plan_setup *setup = &plan->setup;
	const struct quota_use use = {.lane = slot->lane, .rules = slot->volume, .first = slot->due_at, .last = {slot->not_after.us - 1}};
	if (!quota_is_spread(setup->quota, &use))
		return;
	const int64_t frozen = setup->freeze_until.us - (setup->span.from.us - setup->lead.us);
	plan->spread_from = instant_min(plan->spread_from, (struct instant){slot->due_at.us - (counts || frozen < 0 ? 0 : frozen)});
}

static void
note_horizon(struct run_plan *plan, struct instant beyond)
{
	plan->counts.holds_to_horizon = instant_min(plan->counts.holds_to_horizon, beyond);
}

void
run_plan_note_left_over(struct run_plan *plan, const struct candidate *candidate, const struct left_over *left)
{
	plan->somebody_left = true;
	note_horizon(plan, left->beyond);
	if (left->exact_from.us < INT64_MAX)
		run_plan_note_end(plan, (struct instant){left->exact_from.us > INT64_MIN ? left->exact_from.us - plan->setup.lead.us : INT64_MIN});
	if (left->reason == REASON_NO_CAPACITY)
		plan->counts.relief = instant_max(plan->counts.relief, left->relief);
	if (left->narrowed)
		run_plan_note_relief(plan, candidate->recipient_id);
}

void
run_plan_note_others(struct run_plan *plan)
{
	const struct run_plan_counts *counts = &plan->counts;
	if (!plan->somebody_left)
		return;
	run_plan_note_end(plan, plan->spread_from);
	if (counts->by_reason[REASON_BEYOND_HORIZON] > 0 && plan->turns != NULL)
		run_plan_note_end(plan, plan->first_slot);
	for (size_t i = 0; i < class_table_count(plan->setup.classes) && counts->kept + counts->added + counts->moved > 0; i++) {
		const struct plan_class *class = class_table_at(plan->setup.classes, i);
		note_horizon(plan, run_deal_beyond(plan->setup.quota, class->limits, &class->dealable, plan->setup.horizon));
	}
}
