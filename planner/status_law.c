/*
 * Records and templates are two small results; for each rule that asks about them they are looked through. What several rules say of the same record is
 * told once.
 */
#include "status_law.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law_words.h"

/* Columns of status_records, ordered by subject, name and item; and of status_templates. */
enum { SUBJECT, NAME, BUSINESS, ITEM, GIVEN_ON, VALID_UNTIL };
enum { TEMPLATE, TEMPLATE_BUSINESS, TEMPLATE_CHANNEL, LAST_USED_ON };

enum { TEXT_MAX = 256, IDLE_WARNING_DAYS = 7 };

struct needs {
	const struct rulebook *rulebook;
	struct date today;
	PGresult *records, *templates;
	bool *told; /* of each row of records */
	rules_attention_fn *on_need;
	void *context;
};

static const struct date NEVER = {INT32_MAX};

static const char *
text_at(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column);
}

/* `otherwise` for NULL; the server wrote it, so that it is a date. */
static struct date
date_at(const PGresult *rows, int row, int column, struct date otherwise)
{
	struct date date = otherwise;
	struct err ignored = ERR_INIT;
	if (!PQgetisnull(rows, row, column) && date_parse(PQgetvalue(rows, row, column), &date, &ignored) != STATUS_OK)
		return otherwise;
	return date;
}

static void
write_date(char out[16], struct date date)
{
	const struct civil civil = date_to_civil(date);
	snprintf(out, 16, "%04d-%02d-%02d", civil.year % 10000, civil.month % 100, civil.day % 100);
}

static struct date
days_after(struct date date, struct duration length)
{
	return (struct date){(int32_t)(date.days + length.us / US_PER_DAY)};
}

/* Records --------------------------------------------------------------------------------------------------------------------------------- */

static struct date
end_of(const struct needs *needs, int row, const struct record_rule *rule)
{
	struct date end = date_at(needs->records, row, VALID_UNTIL, NEVER);
	if (rule->good_for.us > 0) {
		const struct date worn = days_after(date_at(needs->records, row, GIVEN_ON, needs->today), rule->good_for);
		end = worn.days < end.days ? worn : end;
	}
	return end;
}

static bool
is_same_subject(const PGresult *rows, int a, int b)
{
	for (int column = SUBJECT; column <= ITEM; column++)
		if (column != BUSINESS && strcmp(text_at(rows, a, column), text_at(rows, b, column)) != 0)
			return false;
	return true;
}

static void
tell_record(const struct needs *needs, int row, const struct record_rule *rule, struct date end)
{
	const bool over = end.days <= needs->today.days;
	char what[TEXT_MAX], which[TEXT_MAX], cure[TEXT_MAX], date[16];
	write_date(date, end);
	snprintf(what, sizeof what, "%s %s %s", rule->purpose == RECORD_ATTESTATION ? "an" : "a", purpose_words(rule->purpose),
		over ? "has ended" : "ends soon");
	snprintf(which, sizeof which, "%s %s: %s (%s), on %s", text_at(needs->records, row, SUBJECT), text_at(needs->records, row, NAME),
		rule->title, rule->item, date);
	snprintf(cure, sizeof cure, "renew it, and record item %s again: daypart import attestations", rule->item);
	needs->on_need(needs->context, what, which, cure);
}

/* Of each subject the record that lasts longest; rows of one subject and item lie together. */
static void
judge_records(const struct needs *needs, const struct record_rule *rule)
{
	const int count = PQntuples(needs->records);
	for (int first = 0, next; first < count; first = next) {
		struct date end = end_of(needs, first, rule);
		for (next = first + 1; next < count && is_same_subject(needs->records, first, next); next++) {
			const struct date other = end_of(needs, next, rule);
			end = other.days > end.days ? other : end;
		}
		if (strcmp(text_at(needs->records, first, SUBJECT), subject_name(rule->subject)) != 0 ||
			strcmp(text_at(needs->records, first, ITEM), rule->item) != 0 || needs->told[first] || end.days == NEVER.days ||
			days_after(needs->today, rule->renew_before).days < end.days)
			continue;
		tell_record(needs, first, rule, end);
		needs->told[first] = true;
	}
}

/* Templates ------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_asked_by(const struct regime *regime, const char *item)
{
	for (size_t r = 0; r < regime->rule_count; r++)
		if (regime->rules[r].kind == RULE_RECORD && regime->rules[r].record.purpose == RECORD_REGISTRATION &&
			strcmp(regime->rules[r].record.item, item) == 0)
			return true;
	return false;
}

/* Whether the business, or a sender or template of it, is registered under the regime: only then it writes there. */
static bool
is_registered(const struct needs *needs, const struct regime *regime, const char *business)
{
	for (int row = 0; row < PQntuples(needs->records); row++)
		if (strcmp(text_at(needs->records, row, BUSINESS), business) == 0 && is_asked_by(regime, text_at(needs->records, row, ITEM)))
			return true;
	return false;
}

static void
tell_template(const struct needs *needs, int row, const struct rule *rule, struct date idle_from)
{
	const bool idle = idle_from.days <= needs->today.days;
	char which[TEXT_MAX], date[16];
	write_date(date, idle_from);
	snprintf(which, sizeof which, "%s, %s %s (rule %s)", text_at(needs->templates, row, TEMPLATE), idle ? "since" : "from", date, rule->id);
	needs->on_need(needs->context, idle ? "a template counts as unused" : "a template will soon count as unused", which,
		"use it, or have it confirmed and import it with that day as verified_on");
}

static void
judge_templates(const struct needs *needs, const struct regime *regime, const struct rule *rule)
{
	enum channel channel;
	for (int row = 0; row < PQntuples(needs->templates); row++) {
		const struct date last = date_at(needs->templates, row, LAST_USED_ON, NEVER);
		if (!channel_parse(text_at(needs->templates, row, TEMPLATE_CHANNEL), &channel) || (rule->channels & CHANNEL_BIT(channel)) == 0 ||
			last.days == NEVER.days || !is_registered(needs, regime, text_at(needs->templates, row, TEMPLATE_BUSINESS)))
			continue;
		const struct date idle_from = days_after(last, rule->template.idle);
		if (idle_from.days <= needs->today.days + IDLE_WARNING_DAYS)
			tell_template(needs, row, rule, idle_from);
	}
}

/* All ------------------------------------------------------------------------------------------------------------------------------------- */

static void
judge(const struct needs *needs)
{
	for (size_t i = 0; i < needs->rulebook->regime_count; i++) {
		const struct regime *regime = &needs->rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count; r++) {
			const struct rule *rule = &regime->rules[r];
			if (!rule_binds(needs->rulebook, regime, rule))
				continue;
			if (rule->kind == RULE_RECORD)
				judge_records(needs, &rule->record);
			else if (rule->kind == RULE_TEMPLATE && rule->template.idle.us > 0)
				judge_templates(needs, regime, rule);
		}
	}
}

static enum status
read_law(struct session *session, struct parsed_law *out, bool *out_found, struct err *err)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	const char *active = NULL;
	PGresult *rows;
	enum status status = session_query(session, &sql_query_rules_texts, &active, 1, &rows, err);
	if (status != STATUS_OK)
		return status;
	*out_found = PQntuples(rows) > 0;
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++)
		status = law_texts_add(&texts, PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), err);
	if (status == STATUS_OK && *out_found)
		status = law_parse(&texts, NULL, NULL, out, err);
	law_texts_free(&texts);
	PQclear(rows);
	return status;
}

static enum status
judge_stored(struct session *session, struct needs *needs, struct err *err)
{
	enum status status = session_query(session, &sql_query_status_records, NULL, 0, &needs->records, err);
	if (status == STATUS_OK)
		status = session_query(session, &sql_query_status_templates, NULL, 0, &needs->templates, err);
	if (status == STATUS_OK && (needs->told = calloc((size_t)PQntuples(needs->records) + 1, sizeof *needs->told)) == NULL)
		status = err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (status == STATUS_OK)
		judge(needs);
	PQclear(needs->records);
	PQclear(needs->templates);
	free(needs->told);
	return status;
}

enum status
status_law_needs(struct session *session, struct date today, rules_attention_fn *on_need, void *context, struct err *err)
{
	struct parsed_law law = PARSED_LAW_INIT;
	bool found = false;
	enum status status = read_law(session, &law, &found, err);
	if (status == STATUS_OK && found) {
		rules_attention(&law, today, on_need, context);
		status =
			judge_stored(session, &(struct needs){.rulebook = law.rulebook, .today = today, .on_need = on_need, .context = context}, err);
	}
	parsed_law_free(&law);
	return status;
}
