/*
 * Rows of law_duties.txt: what is recorded of opt-outs and retention, merged as REGULATIONS 3.2 says: the earliest deadline, the longest time to honour
 * and to keep, the shortest time until data must go.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/law_answer.h"

/* One figure that rules of a kind may state; false when this rule does not. */
typedef bool figure_fn(const struct rule *rule, int64_t *out_us);

static bool
deadline(const struct rule *rule, int64_t *out_us)
{
	*out_us = rule->opt_out.deadline.us;
	return *out_us > 0;
}

static bool
confirm_within(const struct rule *rule, int64_t *out_us)
{
	*out_us = rule->opt_out.confirm_within.us;
	return *out_us > 0;
}

static bool
honour_for(const struct rule *rule, int64_t *out_us)
{
	*out_us = rule->opt_out.keep_for.us > 0 ? rule->opt_out.keep_for.us : INT64_MAX;
	return true;
}

static bool
evidence_kept(const struct rule *rule, int64_t *out_us)
{
	*out_us = rule->retention.min.us;
	return rule->retention.data == DATA_EVIDENCE && *out_us > 0;
}

static bool
profile_erased(const struct rule *rule, int64_t *out_us)
{
	*out_us = rule->retention.max.us;
	return rule->retention.data == DATA_PROFILE && rule->retention.after == AFTER_OPT_OUT && *out_us > 0;
}

static const struct figure {
	const char *name;
	enum rule_kind kind;
	figure_fn *of;
	bool longest;
} figures[] = {
	{"stop sending", RULE_OPT_OUT, deadline, false},
	{"confirm a stop within", RULE_OPT_OUT, confirm_within, false},
	{"honour a stop for", RULE_OPT_OUT, honour_for, true},
	{"keep evidence for", RULE_RETENTION, evidence_kept, true},
	{"erase after a stop within", RULE_RETENTION, profile_erased, false},
};

static void
append_length(int64_t us, char out[LAW_ANSWER_MAX])
{
	static const struct {
		int64_t us;
		char letter;
	} units[] = {{US_PER_DAY, 'd'}, {US_PER_HOUR, 'h'}, {US_PER_MINUTE, 'm'}, {US_PER_SECOND, 's'}};
	size_t i = 0;
	char text[32] = "ever";
	while (us % units[i].us != 0 && i < 3)
		i++;
	if (us != INT64_MAX)
		snprintf(text, sizeof(text), "%lld%c", (long long)(us / units[i].us), units[i].letter);
	law_append(out, text);
}

/* "1h ; us.opt_out": the figure that counts and the rules that state it. */
static void
answer_figure(const struct law *law, struct date date, const struct figure *figure, char out[LAW_ANSWER_MAX])
{
	char rules[LAW_ANSWER_MAX] = "";
	int64_t best = 0, own;
	for (size_t i = 0; i < law->of[figure->kind].count; i++) {
		const struct rule *rule = law->of[figure->kind].items[i];
		if (!rule_is_dated(rule, date) || !figure->of(rule, &own))
			continue;
		if (*rules == '\0' || (figure->longest ? own > best : own < best)) {
			best = own;
			*rules = '\0';
		}
		if (own == best)
			law_append(rules, rule->id);
	}
	if (*rules)
		append_length(best, out);
	else
		law_append(out, "not stated");
	law_append(out, ";");
	law_append(out, rules);
}

static void
answer_confirmation(const struct law *law, struct date date, char out[LAW_ANSWER_MAX])
{
	static const char *const words[] = {"allowed", "required", "forbidden"};
	char rules[3][LAW_ANSWER_MAX] = {"", "", ""};
	for (size_t i = 0; i < law->of[RULE_OPT_OUT].count; i++) {
		const struct rule *rule = law->of[RULE_OPT_OUT].items[i];
		if (rule_is_dated(rule, date))
			law_append(rules[rule->opt_out.confirmation], rule->id);
	}
	for (int i = CONFIRMATION_FORBIDDEN; i >= 0; i--)
		if (*rules[i] && *out == '\0') {
			law_append(out, words[i]);
			law_append(out, ";");
			law_append(out, rules[i]);
		}
}

void
law_answer_duty(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct law_case *row = question->row;
	struct err err = ERR_INIT;
	struct date date;
	if (date_parse(row->fields[3], &date, &err) != STATUS_OK)
		law_row_fail(row, "%s", err.primary);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if (strcmp(row->fields[4], figures[i].name) == 0) {
			answer_figure(&question->law, date, &figures[i], out);
			return;
		}
	if (strcmp(row->fields[4], "confirm a stop") != 0)
		law_row_fail(row, "\"%s\": what is it?", row->fields[4]);
	answer_confirmation(&question->law, date, out);
}
