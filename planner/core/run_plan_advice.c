/*
 * How it works: a slot that stays is judged when its person is looked at, while their rows are at hand. Who is placed is told in the order of instants,
 * in which asking for people would read every bucket of a spilled store over and over: those are put down and judged by bucket after the deal.
 */
#include <string.h>

#include "advice.h"
#include "run_plan_private.h"

enum { PLACEMENTS_IN_MEMORY = 8 << 20 }; /* bytes */

static bool
is_settled(const struct run_plan *plan, const struct queued_slot *slot)
{
	const struct run_plan_setup *setup = &plan->setup;
	return setup->is_settled == NULL || setup->is_settled(setup->context, slot->run_id);
}

/* What has left and what stays wherever this plan leads: a run that is still to come counts this one in its turn. */
static enum status
read_events(struct run_plan *plan, int64_t recipient_id, size_t *out_count)
{
	size_t slot_count, event_count;
	const struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &slot_count);
	const struct ledger_event *events = by_person_find(plan->setup.ledger, recipient_id, &event_count);
	enum status status = by_person_status(plan->setup.queue);
	if (status == STATUS_OK)
		status = by_person_status(plan->setup.ledger);
	*out_count = 0;
	for (size_t i = 0; i < slot_count && status == STATUS_OK; i++)
		if (!slots[i].gone && slots[i].run_id != plan->setup.campaign->run_id && is_settled(plan, &slots[i]))
			status = run_plan_push_event(plan, (*out_count)++, run_plan_slot_event(&slots[i]));
	for (size_t i = 0; i < event_count && status == STATUS_OK; i++)
		if (events[i].counts)
			status = run_plan_push_event(plan, (*out_count)++, run_plan_ledger_event(&events[i]));
	return status;
}

static void
count_rule(struct run_plan_counts *counts, const struct rule *rule, int64_t n)
{
	size_t i = 0;
	while (i < counts->advice_count && strcmp(counts->advice[i].rule->id, rule->id) < 0)
		i++;
	if (i < counts->advice_count && counts->advice[i].rule == rule) {
		counts->advice[i].people += n;
		return;
	}
	if (counts->advice_count == ADVICE_RULES_MAX)
		return;
	memmove(&counts->advice[i + 1], &counts->advice[i], (counts->advice_count - i) * sizeof *counts->advice);
	counts->advice[i] = (struct advice_count){rule, n};
	counts->advice_count++;
}

enum status
run_plan_count_advice(struct run_plan *plan, const struct placement *placement)
{
	const struct plan_class *class = class_table_at(plan->setup.classes, placement->class);
	enum status status = STATUS_OK;
	size_t count;
	if (class->advised_count == 0)
		return STATUS_OK;
	status = read_events(plan, placement->recipient_id, &count);
	const struct advised_message message = {
		instant_max(placement->due, plan->setup.span.from), plan->events, count, plan->setup.rate_milli};
	for (size_t i = 0; i < class->advised_count && status == STATUS_OK; i++) {
		const struct advised_rule *advised = &class->advised[i];
		bool against = false;
		if (advised->rule->kind == RULE_VOLUME)
			status = advice_volumes_add(&plan->volumes, advised, message.at, placement->n);
		else
			status = advice_judge(class, advised, &message, &against);
		if (against)
			count_rule(&plan->counts, advised->rule, placement->n);
	}
	return status;
}

/* Once everybody has their slot. */
static void
count_volumes(struct run_plan *plan)
{
	for (size_t i = 0; plan->setup.sender != NULL && i < plan->volumes.count; i++) {
		const int64_t over = advice_volumes_over(&plan->volumes, i, plan->setup.sender);
		if (over > 0)
			count_rule(&plan->counts, plan->volumes.items[i].rule, over);
	}
}

enum status
run_plan_remember_placement(struct run_plan *plan, const struct placement *placement)
{
	if (class_table_at(plan->setup.classes, placement->class)->advised_count == 0)
		return STATUS_OK;
	if (plan->advised == NULL) {
		if (by_person_create(sizeof *placement, &plan->advised) != STATUS_OK)
			return STATUS_NO_MEMORY;
		if (plan->setup.storage != NULL)
			by_person_spill(plan->advised, plan->setup.storage, PLACEMENTS_IN_MEMORY);
	}
	return by_person_add(plan->advised, placement);
}

struct remembered {
	struct run_plan *plan;
	enum status status;
};

static void
count_remembered(void *context, const void *row)
{
	struct remembered *remembered = context;
	if (remembered->status == STATUS_OK)
		remembered->status = run_plan_count_advice(remembered->plan, row);
}

enum status
run_plan_count_remembered(struct run_plan *plan)
{
	struct remembered remembered = {plan, STATUS_OK};
	if (plan->advised != NULL) {
		by_person_each(plan->advised, count_remembered, &remembered);
		if (remembered.status == STATUS_OK)
			remembered.status = by_person_status(plan->advised);
		by_person_free(&plan->advised);
	}
	if (remembered.status == STATUS_OK)
		count_volumes(plan);
	return remembered.status;
}
