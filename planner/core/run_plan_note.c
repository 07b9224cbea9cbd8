/*
 * How it works: refusals and what changes of the stored rows are counted as they are decided. Stored rules are told apart by their ids, which a
 * candidate names by number.
 */
#include <stdlib.h>
#include <string.h>

#include "run_plan_private.h"

static bool
is_stored(const struct run_plan *plan, struct stored_reason stored, const struct planned_refusal *refusal)
{
	if (stored.reason != refusal->reason || stored.rule == OTHER_RULE)
		return false;
	return strcmp(stored.rule > 0 ? plan->stored_rules[stored.rule - 1] : "", refusal->rule != NULL ? refusal->rule->id : "") == 0;
}

void
run_plan_note_change(struct people_change *change, int64_t recipient_id, int n)
{
	change->count += n;
	change->digest ^= recipient_id;
}

/* What a row of `suppressed` says now and what it will say; REASON_NONE: there is none. */
void
run_plan_note_reason(struct run_plan *plan, int64_t recipient_id, enum reason from, enum reason to)
{
	if (from == to)
		return;
	if (from != REASON_NONE)
		run_plan_note_change(&plan->counts.suppressed[from], recipient_id, -1);
	if (to != REASON_NONE)
		run_plan_note_change(&plan->counts.suppressed[to], recipient_id, 1);
}

void
run_plan_note_cancelled(struct run_plan *plan, int64_t recipient_id)
{
	plan->counts.cancelled++;
	run_plan_note_change(&plan->counts.slots, recipient_id, -1);
}

/* The same again changes nothing unless a slot must go. */
enum status
run_plan_refuse(struct run_plan *plan, struct planned_refusal refusal, struct stored_reason stored, struct err *err)
{
	plan->counts.by_reason[refusal.reason]++;
	run_plan_note_reason(plan, refusal.recipient_id, stored.reason, refusal.reason);
	if (refusal.part != PLANNED_NEW)
		run_plan_note_cancelled(plan, refusal.recipient_id);
	else if (is_stored(plan, stored, &refusal))
		return STATUS_OK;
	return spool_add(plan->refusals, &refusal) == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}

enum status
run_plan_number_rule(struct run_plan *plan, const char *id, uint8_t *out)
{
	size_t number = 0;
	*out = 0;
	if (id == NULL || *id == '\0')
		return STATUS_OK;
	while (number < plan->stored_rule_count && strcmp(plan->stored_rules[number], id) != 0)
		number++;
	*out = (uint8_t)(number < STORED_RULES_MAX ? number + 1 : OTHER_RULE);
	if (number < plan->stored_rule_count || number == STORED_RULES_MAX)
		return STATUS_OK;
	plan->stored_rules[number] = strdup(id);
	if (plan->stored_rules[number] == NULL)
		return STATUS_NO_MEMORY;
	plan->stored_rule_count++;
	return STATUS_OK;
}
