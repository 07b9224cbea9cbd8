#include "verdict.h"

#include <stdlib.h>
#include <string.h>

static void
judge_consent(const struct plan_class *class, const struct person_facts *facts, struct verdict *out)
{
	out->reason = eligibility_judge(facts, class->need);
	if (out->reason == REASON_NO_CONSENT)
		out->rule = class_consent_rule(class, 0);
	else if (out->reason == REASON_EVIDENCE_INCOMPLETE)
		out->rule = class_consent_rule(class, class->need.evidence & ~facts->evidence);
}

/* A reply is one to somebody who has written, whatever its text. */
static bool
is_reply_to_nobody(const struct verdict_maker *maker, const struct member *member)
{
	return maker->campaign->category == CATEGORY_SERVICE_REPLY && member->facts.last_inbound.us == INT64_MIN;
}

static const char *
value_of(const struct verdict_maker *maker, const struct member *member, const char *name)
{
	for (size_t i = 0; member->values != NULL && i < maker->value_count; i++)
		if (strcmp(maker->value_names[i], name) == 0)
			return member->values[i];
	return NULL;
}

/* The variables of the text with the person's own values. One that is missing counts as long as it may be. */
static enum status
fill_variables(struct verdict_maker *maker, const struct variant *variant, const struct member *member)
{
	if (maker->variable_room < variant->variable_count) {
		struct content_variable *variables = realloc(maker->variables, variant->variable_count * sizeof *variables);
		if (variables == NULL)
			return STATUS_NO_MEMORY;
		maker->variables = variables;
		maker->variable_room = variant->variable_count;
	}
	for (size_t i = 0; i < variant->variable_count; i++) {
		maker->variables[i] = variant->variables[i];
		maker->variables[i].value = value_of(maker, member, variant->variables[i].name);
	}
	return STATUS_OK;
}

static enum status
judge_text(struct verdict_maker *maker, const struct plan_class *class, const struct member *member, struct verdict *out, struct err *err)
{
	const struct variant *variant = &maker->terms->variants[class->variant];
	if (fill_variables(maker, variant, member) != STATUS_OK)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for the variables of a text");
	struct content_facts facts = admission_content_facts(maker->terms, variant);
	facts.variables = maker->variables;
	out->rule = class_judge_values(class, &facts);
	out->reason = out->rule != NULL ? REASON_CONTENT : REASON_NONE;
	return STATUS_OK;
}

/* Of somebody whose class is known. */
static enum status
judge_person(struct verdict_maker *maker, const struct member *member, struct verdict *out, struct err *err)
{
	const struct campaign_facts *campaign = maker->campaign;
	const struct plan_class *class = class_table_at(maker->classes, out->class);
	enum status status = STATUS_OK;
	judge_consent(class, &member->facts, out);
	if (out->reason == REASON_NONE && eligibility_in_holdout(member->recipient_id, campaign->campaign_id, campaign->holdout_percent))
		out->reason = REASON_HOLDOUT;
	if (out->reason == REASON_NONE && is_reply_to_nobody(maker, member)) {
		out->reason = REASON_NO_SERVICE_WINDOW;
		out->rule = class->session_rule;
	}
	if (out->reason == REASON_NONE && class->judges_values)
		status = judge_text(maker, class, member, out, err);
	if (out->reason == REASON_NONE && maker->hold != REASON_NONE) {
		out->reason = maker->hold;
		out->rule = maker->hold_rule;
	}
	return status;
}

/* Who gets the text for first messages takes no part in the split. */
static enum arm
arm_of(const struct verdict_maker *maker, const struct member *member, enum message_order order)
{
	const struct terms *terms = maker->terms;
	if (order == ORDER_FIRST && terms->has_first_text)
		return ARM_FIRST;
	return eligibility_in_split(member->recipient_id, maker->campaign->campaign_id, terms->split_percent) ? ARM_B : ARM_A;
}

enum status
verdict_make(struct verdict_maker *maker, const struct member *member, enum message_order order, struct verdict *out, struct err *err)
{
	*out = (struct verdict){.reason = REASON_NONE};
	if (!member->known || member->facts.suppressed) {
		out->reason = member->known ? REASON_OPTED_OUT : REASON_NOT_A_RECIPIENT;
		return STATUS_OK;
	}
	if (member->excepted) {
		out->reason = REASON_EXCLUDED;
		return STATUS_OK;
	}
	const struct class_person person = {.place = {member->phone, member->region, member->timezone},
		.language = member->language,
		.evidence = member->facts.consent_granted ? member->facts.evidence : 0,
		.arm = arm_of(maker, member, order),
		.order = order};
	const enum status status = class_table_find(maker->classes, &person, &out->class, &out->reason, err);
	return status == STATUS_OK && out->reason == REASON_NONE ? judge_person(maker, member, out, err) : status;
}

void
verdict_maker_close(struct verdict_maker *maker)
{
	free(maker->variables);
	maker->variables = NULL;
	maker->variable_room = 0;
}
