/* Rows of law_volumes.txt: how much a sender may send, and how fast. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/budget.h"
#include "tests/support/law_answer.h"

static int32_t
number_after(const struct law_case *row, const char *word, const char *beginning)
{
	char *end;
	const long n = strtol(word + strlen(beginning), &end, 10);
	if (n <= 0 || (*end != '\0' && *end != ' '))
		law_row_fail(row, "\"%s\": a number is missing", word);
	return (int32_t)n;
}

static struct date
date_after(const struct law_case *row, const char *word, const char *beginning)
{
	struct err err = ERR_INIT;
	struct date date;
	if (date_parse(word + strlen(beginning), &date, &err) != STATUS_OK)
		law_row_fail(row, "\"%s\": %s", word, err.primary);
	return date;
}

static void
read_word(const struct law_case *row, const char *word, struct sender_facts *out)
{
	if (strncmp(word, "trust ", 6) == 0)
		out->trust = word + 6;
	else if (strncmp(word, "registered on ", 14) == 0)
		out->registered_on = date_after(row, word, "registered on ");
	else if (strncmp(word, "granted on ", 11) == 0)
		out->granted_on = date_after(row, word, "granted on ");
	else if (strncmp(word, "granted ", 8) == 0)
		out->granted_limit = number_after(row, word, "granted ");
	else if (strncmp(word, "portfolio ", 10) == 0)
		out->portfolio_limit = number_after(row, word, "portfolio ");
	else if (strncmp(word, "own limit ", 10) == 0)
		out->daily_limit = number_after(row, word, "own limit ");
	else if (strncmp(word, "throughput ", 11) == 0)
		out->rate_milli = number_after(row, word, "throughput ") * INT64_C(1000);
	else if (strcmp(word, "new") != 0)
		law_row_fail(row, "\"%s\": what is it?", word);
}

/* "1000 messages a day of America/Sao_Paulo", "2000 people per 24h" */
static void
append_limit(const struct budget_limit *limit, char out[LAW_ANSWER_MAX])
{
	char text[160], number[24];
	snprintf(number, sizeof(number), limit->n == INT64_MAX ? "unlimited" : "%lld", (long long)limit->n);
	if (limit->length.us > 0)
		snprintf(text, sizeof(text), "%s %s per %dh", number, limit->people ? "people" : "messages", (int)(limit->length.us / US_PER_HOUR));
	else
		snprintf(text, sizeof(text), "%s %s a day of %s", number, limit->people ? "people" : "messages", limit->zone);
	if (limit->scope == VOLUME_PORTFOLIO)
		strncat(text, " of the portfolio", sizeof(text) - strlen(text) - 1);
	law_append(out, *out ? "+" : "");
	law_append(out, text);
}

static void
append_rates(const struct law_question *question, const struct sender_facts *sender, struct date date, char out[LAW_ANSWER_MAX])
{
	const int64_t rate = budget_rate_milli(&question->law, sender, date);
	const struct duration gap = budget_pair_gap(&question->law, date);
	char text[64];
	if (rate < sender->rate_milli) {
		snprintf(text, sizeof(text), "%s%.4g a second", *out ? "+ " : "", (double)rate / 1000);
		law_append(out, text);
	}
	if (gap.us > 0) {
		snprintf(text, sizeof(text), "%s%llds between two to one person", *out ? "+ " : "", (long long)(gap.us / US_PER_SECOND));
		law_append(out, text);
	}
}

static void
append_rules(const struct budget_limit *limits, size_t count, const struct rule_list *rates, struct date date, char out[LAW_ANSWER_MAX])
{
	for (size_t i = 0; i < count; i++)
		if (limits[i].rule)
			law_append(out, limits[i].rule->id);
	for (size_t i = 0; i < rates->count; i++)
		if (rule_is_dated(rates->items[i], date))
			law_append(out, rates->items[i]->id);
}

/* "1000 messages a day of America/Sao_Paulo ; br-carriers.volume": limits of volume by rule, then paces; "no limit ;". */
void
law_answer_volume(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct law_case *row = question->row;
	struct sender_facts sender = {.trust = "", .registered_on = {INT32_MIN}, .granted_on = {INT32_MIN}, .rate_milli = INT64_C(1000) * 1000};
	struct budget_limit limits[BUDGET_LIMITS_MAX];
	const char *words[LAW_WORDS_MAX];
	char text[256];
	const struct date date = date_after(row, row->fields[3], "");
	snprintf(text, sizeof(text), "%s", row->fields[4]);
	const size_t word_count = law_split(row, text, ",", words, LAW_WORDS_MAX);
	for (size_t i = 0; i < word_count; i++)
		read_word(row, words[i], &sender);
	const size_t count = budget_limits(&question->law, &sender, date, limits);
	for (size_t i = 0; i < count; i++)
		append_limit(&limits[i], out);
	append_rates(question, &sender, date, out);
	law_append(out, *out ? ";" : "no limit ;");
	append_rules(limits, count, &question->law.of[RULE_RATE], date, out);
}
