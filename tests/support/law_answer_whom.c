/* Rows of law_consents.txt and law_numbers.txt: may this person be sent a message at all, and where are they? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/eligibility.h"
#include "tests/support/law_answer.h"

/* Consents ------------------------------------------------------------------------------------------------------------------------------- */

static uint32_t
evidence_bit(const struct law_case *row, const char *word)
{
	for (enum evidence i = 0; i < EVIDENCE_COUNT; i++)
		if (strcmp(evidence_name(i), word) == 0)
			return EVIDENCE_BIT(i);
	law_row_fail(row, "\"%s\" is no evidence", word);
}

/* "time method", "everything", "everything but ip". */
static uint32_t
read_evidence(const struct law_case *row, const char *text)
{
	const char *words[EVIDENCE_COUNT + 2];
	char copy[512];
	uint32_t evidence = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	const size_t count = law_split(row, copy, " ", words, EVIDENCE_COUNT + 2);
	const bool everything = count > 0 && strcmp(words[0], "everything") == 0;
	for (size_t i = everything ? 2 : 0; i < count; i++)
		evidence |= evidence_bit(row, words[i]);
	return everything ? ~evidence & ((1u << EVIDENCE_COUNT) - 1) : evidence;
}

static void
append_evidence(uint32_t evidence, char out[LAW_ANSWER_MAX])
{
	for (enum evidence i = 0; i < EVIDENCE_COUNT; i++)
		if (evidence & EVIDENCE_BIT(i))
			law_append(out, evidence_name(i));
}

void
law_prepare_consent(struct law_question *question)
{
	const char *shown = question->row->fields[4];
	question->evidence = strcmp(shown, "no consent") == 0 ? 0 : read_evidence(question->row, shown);
	for (enum evidence i = 0; i < EVIDENCE_COUNT; i++) {
		if (!(question->evidence & EVIDENCE_BIT(i)))
			continue;
		if (question->class.fact_count == LAW_FACTS_MAX)
			law_row_fail(question->row, "more than %d facts", LAW_FACTS_MAX);
		snprintf(question->consent[i], sizeof(question->consent[i]), "consent:%s", evidence_name(i));
		question->facts[question->class.fact_count++] = question->consent[i];
	}
}

/* The rules in force that ask for something of `missing`, or for consent when nothing is. */
static void
append_consent_rules(const struct law *law, struct date date, uint32_t missing, char out[LAW_ANSWER_MAX])
{
	for (size_t i = 0; i < law->of[RULE_CONSENT].count; i++) {
		const struct rule *rule = law->of[RULE_CONSENT].items[i];
		if (rule_is_dated(rule, date) && (missing ? (rule->consent.evidence & missing) != 0 : rule->consent.required))
			law_append(out, rule->id);
	}
}

static struct date
read_date(const struct law_case *row, const char *text)
{
	struct err err = ERR_INIT;
	struct date date;
	if (date_parse(text, &date, &err) != STATUS_OK)
		law_row_fail(row, "%s", err.primary);
	return date;
}

/* When the row says "given on DAY": whether the consent is too old for what the law asks, and which rules say so. */
static bool
is_too_old(const struct law_question *question, const struct consent_need *need, struct date date, char rules[LAW_ANSWER_MAX])
{
	if (question->under_count == 0)
		return false;
	if (strncmp(question->under[0], "given on ", 9) != 0)
		law_row_fail(question->row, "\"%s\": what is it?", question->under[0]);
	const int64_t age_us = (date.days - read_date(question->row, question->under[0] + 9).days) * US_PER_DAY;
	for (size_t i = 0; i < question->law.of[RULE_CONSENT].count; i++) {
		const struct rule *rule = question->law.of[RULE_CONSENT].items[i];
		if (rule_is_dated(rule, date) && rule->consent.good_for.us > 0 && age_us >= rule->consent.good_for.us)
			law_append(rules, rule->id);
	}
	return need->required && need->good_for.us > 0 && age_us >= need->good_for.us;
}

/* "ok ;", "no consent ; RULES", "missing ip time ; RULES" or "expired ; RULES". */
void
law_answer_consent(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct law_case *row = question->row;
	const bool granted = strcmp(row->fields[4], "no consent") != 0;
	const struct date date = read_date(row, row->fields[3]);
	char rules[LAW_ANSWER_MAX] = "";
	const struct consent_need need = law_consent_need(&question->law, date);
	const struct person_facts facts = {.consent_granted = granted, .evidence = question->evidence};
	const uint32_t missing = need.evidence & ~facts.evidence;
	switch (eligibility_judge(&facts, need)) {
	case REASON_NONE:
		law_append(out, is_too_old(question, &need, date, rules) ? "expired ;" : "ok ;");
		law_append(out, rules);
		return;
	case REASON_NO_CONSENT:
		law_append(out, "no consent ;");
		append_consent_rules(&question->law, date, 0, out);
		return;
	default:
		law_append(out, "missing");
		append_evidence(missing, out);
		law_append(out, ";");
		append_consent_rules(&question->law, date, missing, out);
	}
}

/* Numbers -------------------------------------------------------------------------------------------------------------------------------- */

static uint64_t
read_phone(const struct law_case *row, const char *text)
{
	char digits[32];
	size_t count = 0;
	for (; *text && count + 1 < sizeof(digits); text++)
		if (*text >= '0' && *text <= '9')
			digits[count++] = *text;
		else if (!strchr("+ -()", *text))
			law_row_fail(row, "\"%s\" in a number", text);
	digits[count] = '\0';
	return strtoull(digits, NULL, 10);
}

static void
append_names(const char *const *names, size_t count, char out[LAW_ANSWER_MAX])
{
	for (size_t i = 0; i < count; i++)
		law_append(out, names[i]);
}

/* A long list says nothing to a reader and changes with the numbering data. */
enum { LISTED_MAX = 8, REGIMES_MAX = 128 };

static void
append_places(const struct place *place, char out[LAW_ANSWER_MAX])
{
	if (place->region_count <= LISTED_MAX)
		append_names(place->regions, place->region_count, out);
	else
		law_append(out, "many places");
	law_append(out, ";");
	if (place->zone_count <= LISTED_MAX)
		append_names(place->zones, place->zone_count, out);
	else
		law_append(out, "many clocks");
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The enforced laws that apply because of the place. */
static void
append_regimes(const struct rulebook *rulebook, const struct place *place, char out[LAW_ANSWER_MAX])
{
	const char *ids[REGIMES_MAX];
	size_t count = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		bool covers = false;
		for (size_t r = 0; r < place->region_count; r++)
			covers = covers || regime_covers(regime, place->regions[r]);
		if (covers && regime->kind == REGIME_LAW && !regime->everywhere && regime->status == REGIME_ENFORCED && count < REGIMES_MAX)
			ids[count++] = regime->id;
	}
	qsort(ids, count, sizeof(ids[0]), compare_ids);
	append_names(ids, count, out);
}

/* "US-KY ; America/Chicago America/New_York ; us", or "held ; unknown_region ;". */
void
law_answer_number(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct law_case *row = question->row;
	const struct place_facts facts = {read_phone(row, row->fields[0]), row->fields[1], row->fields[2]};
	struct place place;
	enum reason held = place_resolve(&facts, &place);
	if (held == REASON_NONE)
		held = place_judge_law(question->rulebook, facts.phone);
	if (held != REASON_NONE) {
		law_append(out, "held ;");
		law_append(out, reason_info(held)->name);
		law_append(out, ";");
		return;
	}
	append_places(&place, out);
	law_append(out, ";");
	append_regimes(question->rulebook, &place, out);
}
