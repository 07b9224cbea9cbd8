/*
 * How it works: a message is a later one when something was sent before, or when another one must be over before it could leave. For the latter it is
 * judged as a later one first; only if it could leave too soon, it is the first.
 */
#include "run_plan_private.h"

/* When somebody's message may leave first, to the end of that stretch; INT64_MAX when never. It is the same whether they have a slot or not, so that
 * planning again tells the same. */
static enum status
first_stretch(struct run_plan *plan, const struct prospect *prospect, struct interval *out)
{
	const struct interval_set *dealable = &prospect->class->dealable;
	struct interval_set narrowed = INTERVAL_SET_INIT;
	struct instant not_after;
	enum status status = STATUS_OK;
	if (prospect->leeway.narrowed) {
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &narrowed);
		dealable = &narrowed;
	}
	*out = dealable->count > 0 ? dealable->items[0] : (struct interval){{INT64_MAX}, {INT64_MAX}};
	bool stays = false;
	if (prospect->own != NULL && status == STATUS_OK)
		status = run_plan_slot_stays(plan, prospect, &stays, &not_after);
	if (stays) /* it may be nearer */
		out->from = instant_min(out->from, prospect->own->due_at);
	interval_set_free(&narrowed);
	return status;
}

/* Whether the message, as a later one, could not leave before another is over. If it could, that is so until what is left of the stretch is too near. */
static enum status
is_surely_later(struct run_plan *plan, const struct member *member, const struct run_record *record, bool *out, struct err *err)
{
	struct verdict verdict;
	struct interval first = {{INT64_MIN}, {INT64_MIN}};
	*out = false;
	const enum status status = verdict_make(&plan->verdicts, member, ORDER_LATER, &verdict, err);
	if (status != STATUS_OK || verdict.reason != REASON_NONE)
		return status;
	struct prospect prospect = run_plan_make_prospect(plan, member, record, verdict.class, 0);
	const bool found =
		leeway_find(prospect.class, &prospect.person, &prospect.leeway) == STATUS_OK && first_stretch(plan, &prospect, &first) == STATUS_OK;
	leeway_free(&prospect.leeway);
	*out = found && first.from.us >= record->over_by.us;
	if (found && !*out)
		run_plan_note_end(plan, (struct instant){instant_min(first.until, record->over_by).us - plan->setup.lead.us});
	return found ? STATUS_OK : run_plan_fail(plan, err);
}

/* Whether the slot was planned as the first message, and is too near to be judged anew. */
static enum status
stays_first(struct run_plan *plan, const struct member *member, const struct queued_slot *own, bool *out, struct err *err)
{
	struct verdict verdict;
	*out = false;
	if (own == NULL || own->not_after.us > plan->setup.span.from.us)
		return STATUS_OK;
	const enum status status = verdict_make(&plan->verdicts, member, ORDER_FIRST, &verdict, err);
	*out =
		status == STATUS_OK && verdict.reason == REASON_NONE && own->class_id == plan->setup.class_id(plan->setup.context, verdict.class);
	return status;
}

enum status
run_plan_find_order(
	struct run_plan *plan, const struct member *member, const struct run_record *record, enum message_order *out, struct err *err)
{
	enum status status = STATUS_OK;
	bool other = false;
	*out = ORDER_ANY;
	if (!plan->setup.tracks_order)
		return STATUS_OK;
	if (member->contacted) {
		status = stays_first(plan, member, record->own, &other, err);
		*out = other ? ORDER_FIRST : ORDER_LATER;
	} else {
		if (record->over_by.us < INT64_MAX)
			status = is_surely_later(plan, member, record, &other, err);
		*out = other ? ORDER_LATER : ORDER_FIRST;
	}
	return status;
}
