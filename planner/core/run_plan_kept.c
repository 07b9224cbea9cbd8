/*
 * How it works: a slot that stays but might be moved is remembered in its row of the queue, which costs nothing: most people's other instants are those
 * of their class. Those of somebody with a leeway go to a spool: two rows about the person, then one for each stretch of what is lawful; what may be
 * dealt of that is found when it is asked for.
 */
#include "run_plan_private.h"

union leeway_row {
	struct {
		int64_t recipient_id;
		struct instant due;
	} who;
	struct {
		uint32_t stretches; /* rows that follow */
		uint16_t class;
		int16_t part;
		uint8_t stored, preference;
	} what;
	struct interval stretch;
};

enum status
run_plan_open_leeways(struct run_plan *plan)
{
	return spool_create(sizeof(union leeway_row), plan->storage, &plan->leeways);
}

/* Volume that counts on several days could not be given back as a deal gives it back. */
bool
run_plan_may_move(const struct run_plan *plan, const struct queued_slot *own, const struct plan_class *class, struct instant not_after)
{
	const struct run_plan_setup *setup = &plan->setup;
	const struct instant due = own->due_at;
	return due.us >= setup->span.from.us && due.us >= setup->freeze_until.us && due.us < setup->horizon.us &&
		quota_edge_after(setup->quota, class->limits, due).us >= not_after.us;
}

enum status
run_plan_remember_kept(struct run_plan *plan, struct queued_slot *own, const struct candidate *candidate, const struct interval_set *leeway)
{
	if (leeway == NULL) {
		own->may_move = true;
		own->class = candidate->class;
		own->stored = candidate->stored;
		own->preference = candidate->preference;
		return STATUS_OK;
	}
	const union leeway_row who = {.who = {own->recipient_id, own->due_at}};
	const union leeway_row what = {
		.what = {(uint32_t)leeway->count, candidate->class, candidate->part, candidate->stored, candidate->preference}};
	enum status status = spool_add(plan->leeways, &who);
	if (status == STATUS_OK)
		status = spool_add(plan->leeways, &what);
	for (size_t i = 0; i < leeway->count && status == STATUS_OK; i++)
		status = spool_add(plan->leeways, &(union leeway_row){.stretch = leeway->items[i]});
	return status;
}

/* Telling of them ------------------------------------------------------------------------------------------------------------------------- */

struct kept_telling {
	struct run_plan *plan;
	kept_fn *tell;
	void *told;
	enum status status;
};

static void
tell_queued(void *context, const void *row)
{
	struct kept_telling *telling = context;
	const struct queued_slot *slot = row;
	if (telling->status != STATUS_OK || slot->gone || !slot->met || !slot->may_move ||
		slot->run_id != telling->plan->setup.campaign->run_id)
		return;
	const struct kept_person person = {.candidate = {.recipient_id = slot->recipient_id,
										   .class = slot->class,
										   .part = slot->part,
										   .stored = slot->stored,
										   .preference = slot->preference},
		.due = slot->due_at};
	telling->status = telling->tell(telling->told, &person, NULL);
}

/* Somebody with a leeway, whose rows begin at `*at`, which moves behind them. */
static enum status
tell_one_alone(struct kept_telling *telling, size_t *at)
{
	const struct class_table *classes = telling->plan->setup.classes;
	struct interval_set lawful = INTERVAL_SET_INIT, dealable = INTERVAL_SET_INIT;
	union leeway_row rows[2], row;
	enum status status = spool_read(telling->plan->leeways, *at, 2, rows);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < rows[1].what.stretches && status == STATUS_OK; i++) {
		status = spool_read(telling->plan->leeways, *at + 2 + i, 1, &row);
		if (status == STATUS_OK)
			status = interval_set_add(&lawful, row.stretch);
	}
	*at += 2 + rows[1].what.stretches;
	if (status == STATUS_OK)
		status = class_dealable(classes, class_table_at(classes, rows[1].what.class), &lawful, &dealable);
	const struct kept_person person = {.candidate = {.recipient_id = rows[0].who.recipient_id,
										   .class = rows[1].what.class,
										   .part = rows[1].what.part,
										   .stored = rows[1].what.stored,
										   .preference = rows[1].what.preference},
		.due = rows[0].who.due};
	if (status == STATUS_OK && dealable.count > 0)
		status = telling->tell(telling->told, &person, &dealable);
	interval_set_free(&lawful);
	interval_set_free(&dealable);
	return status;
}

static enum status
each_kept(void *context, kept_fn *tell, void *told)
{
	struct run_plan *plan = context;
	struct kept_telling telling = {plan, tell, told, STATUS_OK};
	by_person_each(plan->setup.queue, tell_queued, &telling);
	if (telling.status == STATUS_OK)
		telling.status = by_person_status(plan->setup.queue);
	for (size_t at = 0; at < spool_count(plan->leeways) && telling.status == STATUS_OK;)
		telling.status = tell_one_alone(&telling, &at);
	return telling.status;
}

struct kept_list
run_plan_kept_list(struct run_plan *plan)
{
	return (struct kept_list){.each = plan->counts.kept > 0 ? each_kept : NULL, .context = plan};
}

/* Moving them ----------------------------------------------------------------------------------------------------------------------------- */

static struct queued_slot *
find_own(struct run_plan *plan, int64_t recipient_id)
{
	size_t count;
	struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++)
		if (!slots[i].gone && slots[i].run_id == plan->setup.campaign->run_id)
			return &slots[i];
	return NULL;
}

/* What would be amended where it was, but for those who are moved. */
static enum status
amend_others(struct run_plan *plan)
{
	struct spool *amended = plan->amended;
	struct planned_slot slot;
	enum status status = spool_create(sizeof slot, plan->storage, &plan->amended);
	if (status != STATUS_OK) {
		plan->amended = amended;
		return status;
	}
	for (size_t i = 0; i < spool_count(amended) && status == STATUS_OK; i++) {
		status = spool_read(amended, i, 1, &slot);
		const struct queued_slot *own = status == STATUS_OK ? find_own(plan, slot.recipient_id) : NULL;
		if (own == NULL || own->moved)
			continue;
		run_plan_note_slot(plan, &slot);
		status = spool_add(plan->amended, &slot);
	}
	spool_free(&amended);
	return status == STATUS_OK ? by_person_status(plan->setup.queue) : status;
}

enum status
run_plan_on_moved(void *context, const struct kept_person *moved, size_t count)
{
	struct run_plan *plan = context;
	bool amended = false;
	for (size_t i = 0; i < count; i++) {
		struct queued_slot *own = find_own(plan, moved[i].candidate.recipient_id);
		if (own == NULL)
			return by_person_status(plan->setup.queue);
		amended = amended || own->leaves;
		own->leaves = own->moved = true;
		plan->counts.kept--;
		const enum status status =
			run_plan_remember_placement(plan, &(struct placement){own->recipient_id, own->due_at, moved[i].candidate.class, -1});
		if (status != STATUS_OK)
			return status;
	}
	return amended ? amend_others(plan) : STATUS_OK;
}
