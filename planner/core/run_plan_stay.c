/*
 * How it works: a stored slot is held against the law, the volume and the ticks as they are now; first with all the person's other messages, then
 * without those of lower priority, which are judged after it and find that they have to give way.
 */
#include "run_plan_private.h"

static bool
is_overdue(const struct run_plan *plan, const struct queued_slot *slot)
{
	return slot->not_after.us <= plan->setup.span.from.us - plan->setup.lead.us;
}

/* Whether the slot was planned from the same campaign, with the same law, for the same place: then its verdict still holds, also for instants that
 * lie too near to be judged anew. */
static bool
is_as_planned(const struct run_plan *plan, const struct prospect *prospect)
{
	return !plan->setup.edited && prospect->own->class_id == plan->setup.class_id(plan->setup.context, prospect->candidate.class);
}

/* After a change of throughput a slot may lie off the ticks, which does not matter within the freeze horizon, nor when it is due already. */
static enum status
has_tick(struct run_plan *plan, const struct queued_slot *slot, bool *out)
{
	*out = slot->due_at.us < plan->setup.span.from.us || capacity_is_tick(plan->capacity, slot->due_at);
	return *out ? STATUS_OK : freeze_holds(&plan->freeze, plan->setup.queue, slot->due_at, out);
}

/* Whether its window, from `from` on, leaves time enough to send. */
static bool
has_time(const struct run_plan *plan, const struct prospect *prospect, struct instant from, struct instant *out_not_after)
{
	const struct instant end = class_not_after(prospect->class, leeway_lawful(prospect->class, &prospect->leeway), from);
	if (end.us >= prospect->own->not_after.us)
		return true;
	*out_not_after = end;
	return class_stretch_end(plan->setup.classes, &(struct interval){from, from}).us < end.us;
}

enum status
run_plan_slot_stays(struct run_plan *plan, const struct prospect *prospect, bool *out_stays, struct instant *out_not_after)
{
	const struct queued_slot *slot = prospect->own;
	*out_stays = false;
	*out_not_after = slot->not_after;
	if (slot->lane != plan->setup.lane || slot->displaced)
		return STATUS_OK;
	if (slot->not_after.us <= plan->setup.span.from.us) {
		*out_stays = is_overdue(plan, slot) || is_as_planned(plan, prospect);
		return STATUS_OK;
	}
	const struct instant from = instant_max(slot->due_at, plan->setup.span.from);
	if (interval_set_find(leeway_lawful(prospect->class, &prospect->leeway), from) == NULL)
		return STATUS_OK;
	const enum status status = has_tick(plan, slot, out_stays);
	*out_stays =
		*out_stays && quota_has_room(plan->setup.quota, prospect->class->limits, from) && has_time(plan, prospect, from, out_not_after);
	return status;
}

enum status
run_plan_disregard_lower(struct prospect *prospect, bool *out_changed)
{
	*out_changed = prospect->person.event_count > prospect->hard_count;
	if (!*out_changed)
		return STATUS_OK;
	prospect->person.event_count = prospect->hard_count;
	leeway_free(&prospect->leeway);
	return leeway_find(prospect->class, &prospect->person, &prospect->leeway);
}

/* Puts down when somebody might leave instead: when they would be dealt to if they had no slot. */
static enum status
remember_kept(struct run_plan *plan, struct prospect *prospect)
{
	struct interval_set dealable = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	bool lower = prospect->leeway.narrowed && prospect->person.event_count > prospect->hard_count;
	if (lower)
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &dealable);
	if (status == STATUS_OK && lower && dealable.count == 0)
		status = run_plan_disregard_lower(prospect, &lower);
	interval_set_free(&dealable);
	if (status != STATUS_OK)
		return status;
	return run_plan_remember_kept(plan, prospect->own, &prospect->candidate, prospect->leeway.narrowed ? &prospect->leeway.lawful : NULL);
}

static enum status
hold_tick(struct run_plan *plan, struct prospect *prospect, struct instant not_after)
{
	const struct queued_slot *own = prospect->own;
	if (!run_plan_may_move(plan, own, prospect->class, not_after))
		return capacity_take(plan->capacity, own->due_at);
	const enum status status = capacity_keep(plan->capacity, own->due_at);
	return status == STATUS_OK ? remember_kept(plan, prospect) : status;
}

static enum status
keep_slot(struct run_plan *plan, struct prospect *prospect, struct instant not_after, struct err *err)
{
	const struct queued_slot *own = prospect->own;
	if (hold_tick(plan, prospect, not_after) != STATUS_OK)
		return run_plan_fail(plan, err);
	const struct queued_slot stays = {
		.due_at = own->due_at, .not_after = not_after, .lane = plan->setup.lane, .volume = prospect->class->volume};
	run_plan_count_volume(plan, &stays, 1);
	plan->first_slot = instant_min(plan->first_slot, own->due_at);
	plan->counts.kept++;
	if (run_plan_count_advice(plan, &(struct placement){own->recipient_id, own->due_at, prospect->candidate.class, 1}) != STATUS_OK)
		return run_plan_fail(plan, err);
	if (own->class_id == plan->setup.class_id(plan->setup.context, prospect->candidate.class) && own->not_after.us == not_after.us)
		return STATUS_OK;
	prospect->own->leaves = true; /* the campaign, the law or the zone data changed around it */
	const struct planned_slot amended = {.recipient_id = own->recipient_id,
		.due_at = own->due_at,
		.not_after = not_after,
		.class = prospect->candidate.class,
		.part = own->part,
		.was_suppressed = prospect->candidate.stored != REASON_NONE};
	run_plan_note_slot(plan, &amended);
	return spool_add(plan->amended, &amended) == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}
enum status
run_plan_stay(struct run_plan *plan, struct prospect *prospect, bool *out_stays, struct err *err)
{
	struct instant not_after;
	*out_stays = false;
	if (prospect->own != NULL && run_plan_slot_stays(plan, prospect, out_stays, &not_after) != STATUS_OK)
		return run_plan_fail(plan, err);
	if (!*out_stays && prospect->own != NULL && prospect->person.event_count > prospect->hard_count) {
		struct prospect alone = *prospect;
		bool changed;
		alone.leeway = (struct leeway){.lawful = INTERVAL_SET_INIT};
		enum status status = run_plan_disregard_lower(&alone, &changed);
		if (status == STATUS_OK)
			status = run_plan_slot_stays(plan, &alone, out_stays, &not_after);
		leeway_free(&alone.leeway);
		if (status != STATUS_OK)
			return run_plan_fail(plan, err);
	}
	return *out_stays ? keep_slot(plan, prospect, not_after, err) : STATUS_OK;
}
