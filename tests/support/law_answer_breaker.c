/* Rows of law_breakers.txt: what stops a sender, and what is told before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/breaker.h"
#include "tests/support/law_answer.h"

/* "opt_out_rate 5 of 1000", "complaint_count 3", "quality red". */
static enum breaker_metric
read_counts(const struct law_case *row, const char *text, struct breaker_counts *out)
{
	char metric[32], rating[16] = "";
	long long events = 0, sent = 0;
	const bool rated = sscanf(text, "%31s %15[a-z]", metric, rating) == 2;
	if (!rated && sscanf(text, "%31s %lld of %lld", metric, &events, &sent) < 2) /* NOLINT(cert-err34-c) */
		law_row_fail(row, "\"%s\": what was counted?", text);
	*out = (struct breaker_counts){.events = events, .sent = sent};
	for (int i = 0; i < RATING_COUNT; i++)
		if (strcmp(rating, rating_name((enum rating)i)) == 0)
			out->rating = (enum rating)i;
	for (int i = 0; i < BREAKER_METRIC_COUNT; i++)
		if (strcmp(metric, breaker_metric_name((enum breaker_metric)i)) == 0)
			return (enum breaker_metric)i;
	law_row_fail(row, "\"%s\" is no metric", metric);
}

/* "stops the sender, resume with reason ; br.breaker.complaints": the worst that a rule in force says, and all that say so. */
void
law_answer_breaker(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct law_case *row = question->row;
	const struct rule_list *list = &question->law.of[RULE_BREAKER];
	char rules[LAW_ANSWER_MAX] = "";
	enum breaker_verdict worst = BREAKER_RESTS;
	enum breaker_needs needs = BREAKER_NEEDS_REASON;
	struct breaker_counts counts;
	struct err err = ERR_INIT;
	struct date date;
	const enum breaker_metric metric = read_counts(row, row->fields[4], &counts);
	if (date_parse(row->fields[3], &date, &err) != STATUS_OK)
		law_row_fail(row, "%s", err.primary);
	for (size_t i = 0; i < list->count; i++) {
		const struct breaker_rule *rule = &list->items[i]->breaker;
		if (rule->metric != metric || !rule_is_dated(list->items[i], date))
			continue;
		const enum breaker_verdict verdict = breaker_judge(rule, &counts);
		if (verdict > worst)
			*rules = '\0';
		worst = verdict > worst ? verdict : worst;
		if (verdict == BREAKER_RESTS || verdict < worst)
			continue;
		law_append(rules, breaker_scope_name(rule->scope));
		law_append(rules, list->items[i]->id);
		needs = rule->needs > needs ? rule->needs : needs;
	}
	law_append(out, worst == BREAKER_TRIPS ? "stops" : worst == BREAKER_WARNS ? "warns" : "nothing");
	if (worst == BREAKER_TRIPS && needs == BREAKER_NEEDS_NEW_TEMPLATE)
		law_append(out, "until there is a new text");
	law_append(out, ";");
	law_append(out, rules);
}
