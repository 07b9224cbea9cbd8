/* tests/cases/admission.txt, row by row; then the choice of a variant, sources of consent, and spans without length. */
#include "planner/core/admission.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/case_file.h"
#include "tests/support/law_fixture.h"

enum { RULES_MAX = 6, FACTS_MAX = 8, WORDS_MAX = 24, TOLD_MAX = 256 };

#define SPAN_FROM "2026-11-23T00:00:00Z"
#define SPAN_UNTIL "2026-12-03T00:00:00Z"

struct row {
	struct rule rules[RULES_MAX];
	const struct rule *lists[RULE_KIND_COUNT + 1][RULES_MAX];
	size_t rule_count;
	struct law law;
	struct attestation records[FACTS_MAX];
	const char *tags[FACTS_MAX];
	struct content_variable variables[FACTS_MAX];
	struct variant variant;
	struct terms terms;
	const struct zone *zones[4];
	size_t zone_count;
	char told[TOLD_MAX];
};

static size_t
cut_words(char *text, const char **words)
{
	size_t count = 0;
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	for (size_t i = count; i < WORDS_MAX; i++)
		words[i] = "";
	return count;
}

static int
read_int(const char *text)
{
	char *end;
	const long n = strtol(text, &end, 10);
	if (end == text)
		fail_msg("no number: %s", text);
	return (int)n;
}

static struct duration
read_duration(const char *text)
{
	struct err err = ERR_INIT;
	struct duration duration;
	if (duration_parse(text, &duration, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return duration;
}

/* Rules ----------------------------------------------------------------------------------------------------------------------------------- */

static enum rule_kind
read_kind(const char *word)
{
	if (strcmp(word, "registration") == 0 || strcmp(word, "attestation") == 0 || strcmp(word, "scrub") == 0)
		return RULE_RECORD;
	for (int kind = 0; kind < RULE_KIND_COUNT; kind++)
		if (strcmp(word, rule_kind_name((enum rule_kind)kind)) == 0)
			return (enum rule_kind)kind;
	fail_msg("no such rule: %s", word);
	return RULE_NOTE;
}

static size_t
read_record_rule(struct rule *rule, const char **words)
{
	rule->record.purpose = words[0][0] == 'r' ? RECORD_REGISTRATION : words[0][0] == 'a' ? RECORD_ATTESTATION : RECORD_SCRUB;
	for (int subject = 0; subject < SUBJECT_COUNT; subject++)
		if (strcmp(words[1], subject_name((enum subject)subject)) == 0)
			rule->record.subject = (enum subject)subject;
	snprintf(rule->record.item, sizeof(rule->record.item), "%s", words[2]);
	return 3;
}

static bool
read_content_item(struct rule *rule, const char *word)
{
	for (int item = 0; item < CONTENT_COUNT; item++)
		if (strcmp(word, content_item_name((enum content_item)item)) == 0) {
			rule->content.items |= CONTENT_BIT(item);
			return true;
		}
	return false;
}

static void
read_number(struct rule *rule, const char *key, const char *value)
{
	if (strcmp(key, "good_for") == 0)
		rule->record.good_for = read_duration(value);
	else if (strcmp(key, "lead") == 0)
		*(rule->kind == RULE_RECORD ? &rule->record.lead_time : &rule->template.lead_time) = read_duration(value);
	else if (strcmp(key, "idle") == 0)
		rule->template.idle = read_duration(value);
	else if (strcmp(key, "max") == 0)
		rule->template.max_variables = (uint8_t)read_int(value);
	else if (strcmp(key, "length") == 0)
		rule->content.max_length = (uint16_t)read_int(value);
	else if (strcmp(key, "from") == 0)
		rule->from = fixture_date(value);
	else if (strcmp(key, "until") == 0)
		rule->until = fixture_date(value);
	else
		fail_msg("what is %s?", key);
}

/* One word, or one with its value; returns how many. */
static size_t
read_word(struct rule *rule, const char **words, size_t left)
{
	if (strcmp(words[0], "approved") == 0)
		rule->template.approved = true;
	else if (strcmp(words[0], "purpose") == 0)
		rule->template.own_purpose = true;
	else if (strcmp(words[0], "absolute") == 0)
		rule->prohibition.absolute = true;
	else if (strcmp(words[0], "languages") == 0)
		snprintf(rule->content.languages[rule->content.language_count++], LANGUAGE_MAX, "%s", words[1]);
	else if (rule->kind == RULE_SESSION && words[0][0] >= '0' && words[0][0] <= '9')
		rule->session.length = read_duration(words[0]);
	else if (rule->kind == RULE_PROHIBITION && strcmp(words[0], "from") != 0 && strcmp(words[0], "until") != 0)
		snprintf(rule->prohibition.tags[rule->prohibition.tag_count++], TAG_MAX, "%s", words[0]);
	else if (rule->kind == RULE_CONTENT && read_content_item(rule, words[0]))
		return 1;
	else {
		assert_true(left > 1);
		read_number(rule, words[0], words[1]);
		return 2;
	}
	return strcmp(words[0], "languages") == 0 ? 2 : 1;
}

static void
read_rule(struct row *row, char *text)
{
	const char *words[WORDS_MAX];
	const size_t count = cut_words(text, words);
	struct rule *rule = &row->rules[row->rule_count];
	if (count == 0)
		return;
	const bool advice = strcmp(words[0], "advice") == 0;
	*rule = (struct rule){.kind = read_kind(words[advice]), .from = {INT32_MIN}, .until = {INT32_MAX}};
	snprintf(rule->id, sizeof(rule->id), "%zu", ++row->rule_count);
	for (size_t at = advice + (rule->kind == RULE_RECORD ? read_record_rule(rule, words + advice) : 1); at < count;)
		at += read_word(rule, words + at, count - at);
	struct rule_list *list = advice ? &row->law.advice : &row->law.of[rule->kind];
	list->items = row->lists[advice ? RULE_KIND_COUNT : (int)rule->kind];
	list->items[list->count++] = rule;
}

static void
read_rules(struct row *row, char *text)
{
	for (char *next = text; next != NULL;) {
		char *one = next;
		next = strchr(one, '+');
		if (next != NULL)
			*next++ = '\0';
		read_rule(row, one);
	}
}

/* Facts ----------------------------------------------------------------------------------------------------------------------------------- */

/* "record sender x given 2026-01-01 until 2026-11-27" */
static void
read_record(struct row *row, char *text)
{
	const char *words[WORDS_MAX];
	const size_t count = cut_words(text, words);
	struct attestation *record = &row->records[row->terms.attestation_count++];
	assert_true(count == 5 || count == 7);
	*record = (struct attestation){.item = words[2], .given_on = fixture_date(words[4]), .valid_until = {INT32_MAX}};
	for (int subject = 0; subject < SUBJECT_COUNT; subject++)
		if (strcmp(words[1], subject_name((enum subject)subject)) == 0)
			record->subject = (enum subject)subject;
	if (count == 7)
		record->valid_until = fixture_date(words[6]);
}

static bool
begins(const char *text, const char *beginning, char **out_rest)
{
	*out_rest = (char *)text + strlen(beginning);
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static void
read_fact(struct row *row, char *text)
{
	struct variant *variant = &row->variant;
	char *rest;
	if (begins(text, "tag ", &rest))
		row->tags[row->terms.tag_count++] = rest;
	else if (begins(text, "record ", &rest))
		read_record(row, text);
	else if (begins(text, "not approved", &rest))
		variant->approved = false;
	else if (begins(text, "approved ", &rest))
		variant->approved_on = fixture_date(rest);
	else if (begins(text, "used ", &rest))
		variant->last_used_on = fixture_date(rest);
	else if (begins(text, "free form", &rest))
		variant->free_form = true;
	else if (begins(text, "template for ", &rest))
		assert_true(category_parse(rest, &variant->category));
	else if (begins(text, "language ", &rest))
		variant->language = rest;
	else if (begins(text, "text ", &rest))
		variant->text = rest;
	else if (begins(text, "offer until ", &rest)) {
		row->terms.has_offer_terms = row->terms.offer_expires = true;
		row->terms.offer_expires_on = fixture_date(rest);
	} else if (strcmp(text, "offer") == 0)
		row->terms.has_offer_terms = true;
	else if (strcmp(text, "one way") == 0)
		row->terms.one_way = true;
	else if (strcmp(text, "lint") == 0)
		row->terms.template_only = true;
	else if (strstr(text, " variables") != NULL)
		variant->variable_count = (size_t)read_int(text);
	else if (strcmp(text, "approved") != 0)
		fail_msg("no such fact: %s", text);
}

static void
read_facts(struct row *row, char *text)
{
	while (text != NULL && *text != '\0') {
		char *fact = text + strspn(text, " ");
		text = strchr(fact, ',');
		if (text != NULL)
			*text++ = '\0';
		read_fact(row, fact);
	}
}

static void
row_begin(struct row *row)
{
	*row = (struct row){.law = LAW_INIT};
	for (size_t i = 0; i < FACTS_MAX; i++)
		row->variables[i] = (struct content_variable){.name = "v", .max_length = 3};
	row->variant = (struct variant){.language = "en",
		.text = "Hello",
		.variables = row->variables,
		.approved = true,
		.approved_on = {INT32_MIN},
		.last_used_on = {INT32_MIN},
		.category = CATEGORY_MARKETING};
	row->terms = (struct terms){.category = CATEGORY_MARKETING,
		.business = "Ipe",
		.legal_name = "",
		.identifier = "",
		.variants = &row->variant,
		.variant_count = 1,
		.attestations = row->records,
		.tags = row->tags};
}

/* Answers --------------------------------------------------------------------------------------------------------------------------------- */

static void
hear(void *context, const struct rule *rule, enum reason reason, const char *what)
{
	struct row *row = context;
	assert_non_null(strchr(what, ':')); /* the cure */
	if (*row->told != '\0')
		strcat(row->told, " ");
	if (reason == REASON_NONE)
		strcat(row->told, "advice ");
	strcat(row->told, rule->id);
}

/* An end of the stretch, unless it is the span's own. */
static void
append_instant(char *out, struct instant at, struct instant own)
{
	char text[INSTANT_TEXT_MAX];
	if (at.us != own.us)
		strcat(out, instant_format(at, 0, text));
}

static void
append_stretch(char *out, struct interval valid, struct interval span)
{
	if (valid.from.us >= valid.until.us) {
		strcat(out, "none");
	} else if (valid.from.us == span.from.us && valid.until.us == span.until.us) {
		strcat(out, "whole");
	} else {
		append_instant(out, valid.from, span.from);
		strcat(out, *out != '\0' ? " .." : "..");
		if (valid.until.us != span.until.us)
			strcat(out, " ");
		append_instant(out, valid.until, span.until);
	}
}

static void
answer(struct row *row, char out[TOLD_MAX])
{
	const struct interval span = {fixture_instant(SPAN_FROM), fixture_instant(SPAN_UNTIL)};
	const struct admission silent = admission_judge(&row->law, &row->terms, &row->variant, row->zones, row->zone_count, span, NULL, NULL);
	const struct admission found = admission_judge(&row->law, &row->terms, &row->variant, row->zones, row->zone_count, span, hear, row);
	char more[64] = "";
	*out = '\0';
	assert_true(silent.valid.from.us == found.valid.from.us && silent.valid.until.us == found.valid.until.us && silent.rule == found.rule);
	append_stretch(out, found.valid, span);
	if (found.reason != REASON_NONE)
		snprintf(more, sizeof(more), " %s %s", reason_info(found.reason)->name, found.rule->id);
	else if (found.needs_session)
		snprintf(more, sizeof(more), " session %dh", (int)(found.session.us / US_PER_HOUR));
	strcat(out, more);
}

static void
rows(void **state)
{
	(void)state;
	struct case_file *file = case_file_open("admission.txt", ';');
	char *fields[5], found[TOLD_MAX];
	int wrong = 0;
	while (case_file_next(file, fields, 5)) {
		struct row row;
		row_begin(&row);
		read_rules(&row, fields[0]);
		read_facts(&row, fields[1]);
		const char *names[WORDS_MAX];
		row.zone_count = cut_words(fields[2], names);
		for (size_t i = 0; i < row.zone_count; i++)
			row.zones[i] = fixture_zone(names[i]);
		answer(&row, found);
		if (strcmp(found, fields[3]) != 0 || strcmp(row.told, fields[4]) != 0) {
			print_error("admission.txt:%d: found \"%s ; %s\"\n", case_file_line(file), found, row.told);
			wrong++;
		}
	}
	case_file_close(&file);
	assert_int_equal(wrong, 0);
}

/* What no row can say --------------------------------------------------------------------------------------------------------------------- */

/* A campaign whose span is over already gets no instant, and no reason unless something is broken then. */
static void
a_span_without_length(void **state)
{
	(void)state;
	const struct zone *zone = fixture_zone("UTC");
	const struct interval span = {fixture_instant(SPAN_FROM), fixture_instant(SPAN_FROM)};
	char rules[] = "template approved";
	struct row row;
	row_begin(&row);
	read_rules(&row, rules);
	struct admission found = admission_judge(&row.law, &row.terms, &row.variant, &zone, 1, span, NULL, NULL);
	assert_int_equal(found.reason, REASON_NONE);
	assert_true(found.valid.from.us == span.from.us && found.valid.until.us == span.from.us);
	row.variant.approved = false;
	found = admission_judge(&row.law, &row.terms, &row.variant, &zone, 1, span, NULL, NULL);
	assert_int_equal(found.reason, REASON_TEMPLATE_NOT_APPROVED);
	assert_true(found.valid.from.us == span.from.us && found.valid.until.us == span.from.us);
}

static const struct {
	const char *languages, *wanted;
	const char *not_admitted; /* one of them */
	const char *chosen;
} choices[] = {
	{"en pt pt-BR", "pt-BR", "", "pt-BR"},
	{"en pt pt-BR", "pt", "", "pt"},
	{"en pt-PT pt-BR", "pt", "", "pt-PT"},
	{"en pt-PT pt", "pt-BR", "", "pt"},
	{"en pt-PT", "pt-BR", "", "pt-PT"},
	{"en pt-PT", "fr", "", "en"},
	{"en pt-PT", "", "", "en"},
	{"en pt pt-BR", "pt-BR", "pt-BR", "pt"},
	{"en pt", "pt-BR", "pt", "en"},
	{"en", "en", "en", ""},
	{"zh zh-Hant zh-Hant-HK", "zh-Hant-TW", "", "zh-Hant"},
	{"zh-Hans zh", "zh-Hant-TW", "", "zh"},
	{"en pto", "pt", "", "en"},
	{"en pt", "pto", "", "en"},
	{"", "pt", "", ""},
};

static void
a_person_gets_their_language(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		char text[64];
		const char *words[WORDS_MAX];
		struct variant variants[FACTS_MAX];
		bool admitted[FACTS_MAX];
		snprintf(text, sizeof(text), "%s", choices[i].languages);
		const size_t count = cut_words(text, words);
		for (size_t j = 0; j < count; j++) {
			variants[j] = (struct variant){.language = words[j]};
			admitted[j] = strcmp(words[j], choices[i].not_admitted) != 0;
		}
		const struct terms terms = {.variants = variants, .variant_count = count};
		const size_t chosen = admission_choose_variant(&terms, admitted, ARM_A, choices[i].wanted);
		const char *language = chosen < count ? words[chosen] : "";
		if (strcmp(language, choices[i].chosen) != 0)
			fail_msg("row %zu: \"%s\"", i, language);
	}
}

static void
sources_that_never_count(void **state)
{
	(void)state;
	const struct date today = fixture_date("2026-11-23"), later = fixture_date("2026-11-24");
	struct rule goods = {.id = "goods", .from = {INT32_MIN}, .until = {INT32_MAX}, .kind = RULE_PROHIBITION};
	struct rule sources = {.id = "sources", .from = today, .until = later, .kind = RULE_PROHIBITION};
	goods.prohibition = (struct prohibition_rule){.tag_count = 1, .tags = {"rented"}};
	sources.prohibition = (struct prohibition_rule){.sources = true, .tag_count = 2, .tags = {"pre_ticked", "purchased"}};
	const struct rule *items[] = {&goods, &sources};
	struct law law = LAW_INIT;
	law.of[RULE_PROHIBITION] = (struct rule_list){items, 2};
	assert_ptr_equal(prohibition_of_source(&law, today, "purchased"), &sources);
	assert_ptr_equal(prohibition_of_source(&law, today, "Pre-Ticked"), &sources);
	assert_ptr_equal(prohibition_of_source(&law, today, "pre ticked"), &sources);
	assert_null(prohibition_of_source(&law, today, "pre"));
	assert_null(prohibition_of_source(&law, today, "purchased list"));
	assert_null(prohibition_of_source(&law, today, "rented"));
	assert_null(prohibition_of_source(&law, later, "purchased"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(a_span_without_length),
		cmocka_unit_test(a_person_gets_their_language),
		cmocka_unit_test(sources_that_never_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
