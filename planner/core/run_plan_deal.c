/*
 * How it works: run_plan_deal takes the ticks that others hold off the sender, lends those of slots that may be displaced, lets the candidates be
 * dealt, and puts away who leaves when and who went without, as they are told. run_plan_record changes the queue in one pass by bucket.
 */
#include <stdlib.h>

#include "grow.h"
#include "run_plan_private.h"

enum { ROWS_AT_ONCE = 256 };

enum status
run_plan_fail(const struct run_plan *plan, struct err *err)
{
	return spool_fail(plan->storage, err);
}

void
run_plan_note_slot(struct run_plan *plan, const struct planned_slot *slot)
{
	struct run_plan_counts *counts = &plan->counts;
	const bool first = spool_count(plan->slots) + spool_count(plan->amended) == 0;
	counts->first_due = first ? slot->due_at : instant_min(counts->first_due, slot->due_at);
	counts->last_due = first ? slot->due_at : instant_max(counts->last_due, slot->due_at);
}

/* What others hold ----------------------------------------------------------------------------------------------------------------------- */

struct take_context {
	struct run_plan *plan;
	enum status status;
};

static enum status
cancel_absent(struct run_plan *plan, const struct queued_slot *slot)
{
	const struct planned_refusal refusal = {.recipient_id = slot->recipient_id, .reason = REASON_NOT_IN_AUDIENCE, .part = slot->part};
	run_plan_note_cancelled(plan, slot->recipient_id);
	run_plan_note_reason(plan, slot->recipient_id, REASON_NONE, REASON_NOT_IN_AUDIENCE);
	return spool_add(plan->refusals, &refusal);
}

/* What nobody of the audience brought up: ticks that other runs of the same sender hold, and slots of people who have left the audience. */
static void
take_other(void *context, const void *row)
{
	struct take_context *take = context;
	struct run_plan *plan = take->plan;
	const struct queued_slot *slot = row;
	if (take->status != STATUS_OK || slot->gone)
		return;
	if (slot->run_id == plan->setup.campaign->run_id) {
		if (slot->met)
			return;
		run_plan_count_volume(plan, slot, -1);
		take->status = cancel_absent(plan, slot);
	} else if (slot->lane == plan->setup.lane && !slot->displaced)
		take->status =
			run_plan_may_displace(plan, slot) ? capacity_lend(plan->capacity, slot->due_at) : capacity_take(plan->capacity, slot->due_at);
}

/* Dealing ------------------------------------------------------------------------------------------------------------------------------- */

static enum status
push_displaced(struct run_plan *plan, struct instant due)
{
	struct instant *displaced = grow(plan->displaced, plan->displaced_count, &plan->displaced_room, sizeof *displaced);
	if (displaced == NULL)
		return STATUS_NO_MEMORY;
	plan->displaced = displaced;
	displaced[plan->displaced_count++] = due;
	return STATUS_OK;
}

static enum status
on_placed(void *context, const struct candidate *candidate, const struct placed *placed)
{
	struct run_plan *plan = context;
	const struct planned_slot slot = {.recipient_id = candidate->recipient_id,
		.due_at = placed->due,
		.not_after = placed->not_after,
		.class = candidate->class,
		.part = candidate->part,
		.was_suppressed = candidate->stored != REASON_NONE};
	run_plan_note_reason(plan, candidate->recipient_id, (enum reason)candidate->stored, REASON_NONE);
	run_plan_note_slot(plan, &slot);
	plan->first_slot = instant_min(plan->first_slot, placed->due);
	plan->counts.preferred += placed->preferred;
	if (candidate->part == PLANNED_NEW) {
		plan->counts.added++;
		run_plan_note_change(&plan->counts.slots, candidate->recipient_id, 1);
	} else
		plan->counts.moved++;
	enum status status = placed->displaces ? push_displaced(plan, placed->due) : STATUS_OK;
	if (status == STATUS_OK)
		status = run_plan_remember_placement(plan, &(struct placement){candidate->recipient_id, placed->due, candidate->class, 1});
	if (status == STATUS_OK)
		status = spool_add(plan->slots, &slot);
	return status == STATUS_OK && plan->setup.on_dealt != NULL ? plan->setup.on_dealt(plan->setup.context, &slot) : status;
}

/* Who needed an instant and got none. */
static enum status
on_left(void *context, const struct candidate *candidate, const struct left_over *left)
{
	struct run_plan *plan = context;
	struct err err = ERR_INIT;
	run_plan_note_left_over(plan, candidate, left);
	return run_plan_refuse(plan,
		(struct planned_refusal){
			.recipient_id = candidate->recipient_id, .reason = left->reason, .rule = left->rule, .part = candidate->part},
		run_plan_stored(candidate), &err);
}

static enum status
take_others(struct run_plan *plan)
{
	struct take_context take = {plan, STATUS_OK};
	by_person_each(plan->setup.queue, take_other, &take);
	const enum status status = by_person_status(plan->setup.queue);
	return status == STATUS_OK ? take.status : status;
}

static enum status
deal(struct run_plan *plan, struct err *err)
{
	const struct run_deal_setup setup = {.campaign_id = plan->setup.campaign->campaign_id,
		.classes = plan->setup.classes,
		.capacity = plan->capacity,
		.quota = plan->setup.quota,
		.pacing = plan->setup.campaign->pacing,
		.turns = plan->turns,
		.span = {plan->setup.span.from, instant_min(plan->setup.horizon, plan->setup.span.until)},
		.kept = run_plan_kept_list(plan)};
	const struct run_deal_sink sink = {.on_moved = run_plan_on_moved, .on_placed = on_placed, .on_left = on_left, .context = plan};
	enum status status = take_others(plan);
	if (status == STATUS_OK)
		status = capacity_settle(plan->capacity);
	if (status == STATUS_OK)
		status = candidate_store_settle(plan->candidates);
	if (plan->turns != NULL)
		turns_settle(plan->turns);
	if (status == STATUS_OK)
		status = run_deal(&setup, plan->candidates, &sink, err);
	if (status == STATUS_OK)
		run_plan_note_others(plan);
	return status;
}

enum status
run_plan_deal(struct run_plan *plan, struct err *err)
{
	enum status status = deal(plan, err);
	if (status == STATUS_OK)
		status = run_plan_count_remembered(plan);
	candidate_store_free(&plan->candidates);
	capacity_free(&plan->capacity);
	turns_free(&plan->turns);
	return status == STATUS_OK || err->status != STATUS_OK ? status : run_plan_fail(plan, err);
}

/* Reading it off ------------------------------------------------------------------------------------------------------------------------ */

size_t
run_plan_slot_count(const struct run_plan *plan)
{
	return spool_count(plan->slots) + spool_count(plan->amended);
}

enum status
run_plan_slots(const struct run_plan *plan, size_t first, size_t count, struct planned_slot *out, struct err *err)
{
	const size_t dealt = spool_count(plan->slots), before = first < dealt ? dealt - first : 0, head = count < before ? count : before;
	enum status status = STATUS_OK;
	if (head > 0)
		status = spool_read(plan->slots, first, head, out);
	if (status == STATUS_OK && count > head)
		status = spool_read(plan->amended, first + head - dealt, count - head, out + head);
	return status == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}

size_t
run_plan_refusal_count(const struct run_plan *plan)
{
	return spool_count(plan->refusals);
}

enum status
run_plan_refusals(const struct run_plan *plan, size_t first, size_t count, struct planned_refusal *out, struct err *err)
{
	return spool_read(plan->refusals, first, count, out) == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}

const struct run_plan_counts *
run_plan_counts(const struct run_plan *plan)
{
	return &plan->counts;
}

/* What the next run sees ----------------------------------------------------------------------------------------------------------------- */

static int
compare_instants(const void *left, const void *right)
{
	const struct instant *a = left, *b = right;
	return (a->us > b->us) - (a->us < b->us);
}

static void
change_queue(void *context, void *row)
{
	const struct run_plan *plan = context;
	struct queued_slot *slot = row;
	if (slot->gone)
		return;
	if (slot->run_id == plan->setup.campaign->run_id)
		slot->gone = slot->leaves || !slot->met;
	else if (plan->displaced_count > 0 && slot->lane == plan->setup.lane && run_plan_may_displace(plan, slot) &&
		bsearch(&slot->due_at, plan->displaced, plan->displaced_count, sizeof slot->due_at, compare_instants) != NULL)
		slot->displaced = true;
}

static enum status
queue_slot(const struct run_plan *plan, const struct planned_slot *planned)
{
	const struct queued_slot slot = {.recipient_id = planned->recipient_id,
		.due_at = planned->due_at,
		.not_after = planned->not_after,
		.run_id = plan->setup.campaign->run_id,
		.lane = plan->setup.lane,
		.volume = class_table_at(plan->setup.classes, planned->class)->volume,
		.category = (uint8_t)plan->setup.campaign->category,
		.channel = (uint8_t)plan->setup.campaign->channel,
		.subject = plan->setup.campaign->subject};
	return by_person_add(plan->setup.queue, &slot);
}

enum status
run_plan_record(const struct run_plan *plan, struct err *err)
{
	struct planned_slot slots[ROWS_AT_ONCE];
	const size_t count = run_plan_slot_count(plan);
	by_person_change(plan->setup.queue, change_queue, (void *)plan);
	enum status status = by_person_status(plan->setup.queue);
	for (size_t first = 0; first < count && status == STATUS_OK; first += ROWS_AT_ONCE) {
		const size_t rows = count - first < ROWS_AT_ONCE ? count - first : ROWS_AT_ONCE;
		if (run_plan_slots(plan, first, rows, slots, err) != STATUS_OK)
			return err->status;
		for (size_t i = 0; i < rows && status == STATUS_OK; i++)
			status = queue_slot(plan, &slots[i]);
	}
	return status == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}
