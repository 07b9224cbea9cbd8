/* Rules that cannot be obeyed together: which are told, with which names, and what the search costs. */
#include "planner/core/conflict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/core/number.h"
#include "tests/support/law_fixture.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { TOLD_MAX = 512, RULES_MAX = 6 };

/* "windows a b; languages c d" */
struct told {
	char text[TOLD_MAX];
};

static void
take_conflict(void *context, const struct conflict *conflict)
{
	static const char *const names[] = {"windows", "languages", "contents", "confirmation", "retention"};
	struct told *told = context;
	size_t length = strlen(told->text);
	length += (size_t)snprintf(told->text + length, TOLD_MAX - length, "%s%s", length > 0 ? "; " : "", names[conflict->kind]);
	for (size_t i = 0; i < conflict->rule_count; i++)
		length += (size_t)snprintf(told->text + length, TOLD_MAX - length, " %s", conflict->rules[i]->id);
	assert_true(*conflict_words(conflict->kind));
}

/* The rules in the order of their ids, as law_merge gives them. */
static struct told
conflicts_of(enum rule_kind kind, const struct rule *rules, size_t count, struct date date)
{
	const struct rule *pointers[RULES_MAX];
	struct law law = LAW_INIT;
	struct told told = {""};
	law.of[kind] = (struct rule_list){pointers, count};
	for (size_t i = 0; i < count; i++)
		pointers[i] = &rules[i];
	assert_int_equal(law_conflicts(&law, date, take_conflict, &told), STATUS_OK);
	return told;
}

static void
name_rules(struct rule *rules, size_t count, enum rule_kind kind)
{
	for (size_t i = 0; i < count; i++) {
		rules[i].kind = kind;
		rules[i].categories = ALL_CATEGORIES;
		rules[i].channels = ALL_CHANNELS;
		snprintf(rules[i].id, sizeof(rules[i].id), "%c", (char)('a' + i));
		if (rules[i].from.days == 0 && rules[i].until.days == 0) {
			rules[i].from.days = INT32_MIN;
			rules[i].until.days = INT32_MAX;
		}
	}
}

/* Windows --------------------------------------------------------------------------------------------------------------------------------- */

/* "mon 08:00-12:00,16:00-20:00" or "daily ..."; "chicago" and "emergency" may follow. */
static struct rule
window_of(const char *text)
{
	static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	struct rule rule = fixture_window("00:00", "24:00");
	struct day_ranges day = {.count = 0};
	for (const char *at = strpbrk(text, "0123456789"); at; at = at[11] == ',' ? at + 12 : NULL) {
		char from[6] = "", until[6] = "";
		memcpy(from, at, 5);
		memcpy(until, at + 6, 5);
		day.ranges[day.count++] = fixture_range(from, until);
	}
	for (int weekday = MONDAY; weekday < WEEKDAY_COUNT; weekday++)
		rule.window.days[weekday] =
			strncmp(text, "daily", 5) == 0 || strncmp(text, weekdays[weekday], 3) == 0 ? day : (struct day_ranges){.count = 0};
	if (strstr(text, "chicago"))
		strcpy(rule.window.fixed_zone, "America/Chicago");
	rule.window.emergency = strstr(text, "emergency") != NULL;
	rule.window.on_holidays_replaced = strstr(text, "holidays") != NULL;
	rule.window.on_eves_replaced = strstr(text, "eves") != NULL;
	rule.window.holidays = rule.window.eves = (struct day_ranges){.count = 1, .ranges = {fixture_range("08:00", "09:00")}};
	return rule;
}

static const struct {
	const char *rules[RULES_MAX], *told;
} windows[] = {
	{{"daily 08:00-21:00"}, ""},
	{{"daily closed"}, "windows a"},
	{{"daily 08:00-12:00", "daily 11:59-20:00"}, ""},
	{{"daily 08:00-12:00", "daily 12:00-20:00"}, "windows a b"},
	{{"mon 08:00-20:00", "tue 08:00-20:00"}, "windows a b"},
	{{"sun 22:00-02:00", "mon 01:00-03:00"}, ""}, /* overnight, over the end of the week */
	{{"sun 22:00-02:00", "mon 02:00-03:00"}, "windows a b"},
	{{"daily 00:00-24:00", "sun 23:59-24:00"}, ""},
	{{"daily 08:00-08:00", "sun 03:00-04:00"}, ""}, /* a whole day from 08:00 on */
	/* each two agree, all three do not; what is not needed is not named */
	{{"daily 08:00-12:00,16:00-20:00", "daily 10:00-18:00", "daily 08:00-10:00,14:00-16:00"}, "windows a b c"},
	{{"daily 00:00-24:00", "daily 08:00-12:00,16:00-20:00", "daily 10:00-18:00", "daily 07:00-22:00", "daily 08:00-10:00,14:00-16:00"},
		"windows b c e"},
	/* one closed rule does not hide what the others do */
	{{"daily closed", "daily 08:00-12:00", "daily 12:00-20:00", "daily 08:00-20:00"}, "windows a; windows b c"},
	/* clocks are compared with themselves */
	{{"daily 08:00-12:00", "daily 12:00-20:00 chicago"}, ""},
	{{"daily 08:00-12:00 chicago", "daily 08:00-12:00", "daily 12:00-20:00 chicago"}, "windows a c"},
	/* emergencies rest; holidays and eves may be any day */
	{{"daily closed emergency", "daily 08:00-12:00"}, ""},
	{{"daily closed holidays", "daily 08:00-12:00"}, ""},
	{{"daily closed eves", "daily 09:00-12:00"}, "windows a b"},
};

static void
windows_without_a_common_minute_of_the_week_clash(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(windows); i++) {
		struct rule rules[RULES_MAX];
		size_t count = 0;
		for (; count < RULES_MAX && windows[i].rules[count]; count++)
			rules[count] = window_of(windows[i].rules[count]);
		name_rules(rules, count, RULE_WINDOW);
		const struct told told = conflicts_of(RULE_WINDOW, rules, count, (struct date){0});
		if (strcmp(told.text, windows[i].told) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, told.text, windows[i].told);
	}
}

static void
a_part_of_a_minute_counts(void **state)
{
	(void)state;
	struct rule rules[] = {window_of("daily closed"), window_of("daily 08:00-08:01")};
	name_rules(rules, 2, RULE_WINDOW);
	for (int weekday = MONDAY; weekday < WEEKDAY_COUNT; weekday++)
		rules[0].window.days[weekday] = (struct day_ranges){.count = 1, .ranges = {{{8 * 3600 + 10}, {8 * 3600 + 20}}}};
	assert_string_equal(conflicts_of(RULE_WINDOW, rules, 2, (struct date){0}).text, "");
}

static void
only_what_is_in_force_on_the_day_clashes(void **state)
{
	(void)state;
	struct rule rules[] = {window_of("daily 08:00-12:00"), window_of("daily 12:00-20:00")};
	name_rules(rules, 2, RULE_WINDOW);
	rules[0].until.days = 100;
	rules[1].from.days = 100;
	assert_string_equal(conflicts_of(RULE_WINDOW, rules, 2, (struct date){99}).text, "");
	assert_string_equal(conflicts_of(RULE_WINDOW, rules, 2, (struct date){100}).text, "");
	rules[0].until.days = 101;
	assert_string_equal(conflicts_of(RULE_WINDOW, rules, 2, (struct date){100}).text, "windows a b");
}

/* Contents, opt-outs, retention ----------------------------------------------------------------------------------------------------------- */

static const struct {
	struct content_rule rules[3];
	const char *told;
} contents[] = {
	{{{.language_count = 1, .languages = {"pt"}}, {.language_count = 1, .languages = {"pt-BR"}}}, ""},
	{{{.language_count = 1, .languages = {"pt-BR"}}, {.language_count = 1, .languages = {"pt-PT"}}}, "languages a b"},
	{{{.language_count = 1, .languages = {"pt"}}, {.language_count = 1, .languages = {"en"}}}, "languages a b"},
	{{{.language_count = 1, .languages = {"en"}}, {.language_count = 1, .languages = {"eng"}}}, "languages a b"},
	{{{.language_count = 2, .languages = {"de", "fr"}}, {.language_count = 2, .languages = {"fr", "it"}},
		 {.language_count = 2, .languages = {"de", "it"}}},
		"languages a b c"},
	{{{.language_count = 1, .languages = {"pt"}}, {.language_count = 0}}, ""},
	{{{.items = CONTENT_BIT(CONTENT_PURE)}, {.items = CONTENT_BIT(CONTENT_PROMOTIONAL_LABEL)}}, "contents a b"},
	{{{.items = CONTENT_BIT(CONTENT_PURE) | CONTENT_BIT(CONTENT_PROMOTIONAL_LABEL)}}, "contents a"},
	{{{.items = CONTENT_BIT(CONTENT_PURE)}, {.items = CONTENT_BIT(CONTENT_OPT_OUT)}}, ""},
	{{{.identifier_length = 6}, {.identifier_length = 11}}, "contents a b"},
	{{{.identifier_length = 6}, {.identifier_length = 6}}, ""},
	{{{.identifier_length = 6}, {.max_length = 5}}, "contents a b"},
	{{{.identifier_length = 6}, {.max_length = 6}}, ""},
	{{{.identifier_length = 6, .max_length = 5}}, "contents a"},
};

static void
contents_that_no_text_can_have_clash(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(contents); i++) {
		struct rule rules[3] = {{.id = ""}};
		for (size_t j = 0; j < 3; j++)
			rules[j].content = contents[i].rules[j];
		name_rules(rules, 3, RULE_CONTENT);
		const struct told told = conflicts_of(RULE_CONTENT, rules, 3, (struct date){0});
		if (strcmp(told.text, contents[i].told) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, told.text, contents[i].told);
	}
}

static void
a_confirmation_required_and_forbidden_clashes(void **state)
{
	(void)state;
	struct rule rules[] = {{.opt_out = {.confirmation = CONFIRMATION_REQUIRED}}, {.opt_out = {.confirmation = CONFIRMATION_ALLOWED}},
		{.opt_out = {.confirmation = CONFIRMATION_FORBIDDEN}}};
	name_rules(rules, 3, RULE_OPT_OUT);
	assert_string_equal(conflicts_of(RULE_OPT_OUT, rules, 2, (struct date){0}).text, "");
	assert_string_equal(conflicts_of(RULE_OPT_OUT, rules, 3, (struct date){0}).text, "confirmation a c");
}

static const struct {
	struct retention_rule rules[2];
	const char *told;
} retentions[] = {
	{{{DATA_EVIDENCE, AFTER_GRANT, {10}, {0}}, {DATA_EVIDENCE, AFTER_GRANT, {0}, {10}}}, ""},
	{{{DATA_EVIDENCE, AFTER_GRANT, {11}, {0}}, {DATA_EVIDENCE, AFTER_GRANT, {0}, {10}}}, "retention a b"},
	{{{DATA_EVIDENCE, AFTER_GRANT, {0}, {10}}, {DATA_EVIDENCE, AFTER_GRANT, {11}, {0}}}, "retention a b"},
	{{{DATA_EVIDENCE, AFTER_GRANT, {11}, {0}}, {DATA_PROFILE, AFTER_GRANT, {0}, {10}}}, ""},
	{{{DATA_EVIDENCE, AFTER_GRANT, {11}, {10}}}, "retention a"},
	/* who takes consent back at once must be deleted after 10, kept for 11 */
	{{{DATA_EVIDENCE, AFTER_GRANT, {11}, {0}}, {DATA_EVIDENCE, AFTER_OPT_OUT, {0}, {10}}}, "retention a b"},
	{{{DATA_EVIDENCE, AFTER_GRANT, {10}, {0}}, {DATA_EVIDENCE, AFTER_OPT_OUT, {0}, {10}}}, ""},
	/* the last use may be long after the grant */
	{{{DATA_EVIDENCE, AFTER_LAST_USE, {1}, {0}}, {DATA_EVIDENCE, AFTER_GRANT, {0}, {10}}}, "retention a b"},
	{{{DATA_EVIDENCE, AFTER_LAST_USE, {1}, {0}}, {DATA_EVIDENCE, AFTER_GRANT, {0}, {0}}}, ""},
};

static void
data_kept_longer_than_allowed_clash(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(retentions); i++) {
		struct rule rules[2] = {{.id = ""}};
		for (size_t j = 0; j < 2; j++)
			rules[j].retention = retentions[i].rules[j];
		name_rules(rules, 2, RULE_RETENTION);
		const struct told told = conflicts_of(RULE_RETENTION, rules, 2, (struct date){0});
		if (strcmp(told.text, retentions[i].told) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, told.text, retentions[i].told);
	}
}

/* A whole rulebook ------------------------------------------------------------------------------------------------------------------------ */

/* Two regimes of one window each: in the morning and in the evening. */
static const struct pair {
	const char *first_region, *second_region; /* "" everywhere */
	const char *first_when, *second_when, *first_until, *second_from;
	enum regime_status second_status;
	uint32_t second_categories;
	const char *told;
} pairs[] = {
	{"US", "US", NULL, NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"US", "US-TX", NULL, NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"US", "", NULL, NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"", "", NULL, NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"US-NY", "US-TX", NULL, NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, ""}, /* nobody's place */
	{"US", "DE", NULL, NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, ""},
	{"US", "US", NULL, NULL, NULL, NULL, REGIME_ADVISORY, ALL_CATEGORIES, ""},
	{"US", "US", NULL, NULL, NULL, NULL, REGIME_OFF, ALL_CATEGORIES, ""},
	{"US", "US", NULL, NULL, NULL, NULL, REGIME_ENFORCED, CATEGORY_BIT(CATEGORY_SERVICE_REPLY), "windows a b"},
	{"US", "US", NULL, NULL, NULL, NULL, REGIME_ENFORCED, CATEGORY_BIT(CATEGORY_OPT_OUT_CONFIRMATION), ""},
	/* conditions: one fact at a time, and the place */
	{"US", "US", "tag:alcohol", NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"US", "US", "tag:alcohol", "not tag:alcohol", NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, ""},
	{"US", "US", "tag:alcohol", "tag:gambling", NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, ""},
	{"", "", "region:US", "region:US-TX", NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"", "", "region:US", "region:DE", NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, ""},
	{"", "", "region:US", "number:US", NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	{"US", "US-TX", "number:US and tag:alcohol", NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES,
		"windows a b"}, /* a number of the place */
	{"", "DE", "number:US", NULL, NULL, NULL, REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
	/* dates */
	{"US", "US", NULL, NULL, "2027-01-01", "2027-01-01", REGIME_ENFORCED, ALL_CATEGORIES, ""},
	{"US", "US", NULL, NULL, "2027-01-01", "2026-12-31", REGIME_ENFORCED, ALL_CATEGORIES, "windows a b"},
};

static struct predicate *
condition(const char *text)
{
	struct predicate *predicate = NULL;
	struct err err = ERR_INIT;
	if (text)
		assert_int_equal(predicate_parse(text, &predicate, &err), STATUS_OK);
	return predicate;
}

static struct regime
regime_of(const char *region, struct rule *rule)
{
	struct regime regime = {.everywhere = *region == '\0', .region_count = *region != '\0', .rules = rule, .rule_count = 1};
	strcpy(regime.regions[0], region);
	return regime;
}

static void
judge_pair(size_t row, const struct pair *pair)
{
	struct rule first = window_of("daily 08:00-12:00"), second = window_of("daily 12:00-20:00");
	struct regime regimes[] = {regime_of(pair->first_region, &first), regime_of(pair->second_region, &second)};
	struct rulebook rulebook = {.regimes = regimes, .regime_count = 2};
	struct conflict_work work;
	struct told told = {""};
	struct err err = ERR_INIT;
	strcpy(first.id, "a");
	strcpy(second.id, "b");
	first.categories = ALL_CATEGORIES;
	second.categories = pair->second_categories;
	first.when = condition(pair->first_when);
	second.when = condition(pair->second_when);
	if (pair->first_until)
		first.until = fixture_date(pair->first_until);
	if (pair->second_from)
		second.from = fixture_date(pair->second_from);
	regimes[1].status = pair->second_status;
	assert_int_equal(rulebook_conflicts(&rulebook, take_conflict, &told, &work, &err), STATUS_OK);
	predicate_free(&first.when);
	predicate_free(&second.when);
	if (strcmp(told.text, pair->told) != 0)
		fail_msg("row %zu: \"%s\", not \"%s\"", row, told.text, pair->told);
}

static void
regimes_that_meet_in_one_place_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		judge_pair(i, &pairs[i]);
}

static void
a_conflict_that_many_classes_meet_is_told_once(void **state)
{
	(void)state;
	struct rule rules[] = {window_of("daily 08:00-12:00"), window_of("daily 12:00-20:00"), window_of("daily 08:00-20:00")};
	struct regime regimes[] = {regime_of("", &rules[0]), regime_of("", &rules[1]), regime_of("DE", &rules[2])};
	struct rulebook rulebook = {.regimes = regimes, .regime_count = 3};
	struct conflict_work work;
	struct told told = {""};
	struct err err = ERR_INIT;
	name_rules(rules, 3, RULE_WINDOW);
	assert_int_equal(rulebook_conflicts(&rulebook, take_conflict, &told, &work, &err), STATUS_OK);
	assert_string_equal(told.text, "windows a b");
}

/* A rulebook larger than any that ships: 60 regimes in 60 countries each with 3 parts, 20 rules a regime, a condition in every fifth. */
enum { BIG_REGIMES = 60, BIG_RULES = 20, BIG_REGIONS = 4 };

static void
fill_big_regime(struct regime *regime, struct rule *rules, size_t number, const char *const *codes)
{
	char text[32];
	*regime = (struct regime){.everywhere = number < 4, .region_count = BIG_REGIONS, .rules = rules, .rule_count = BIG_RULES};
	for (size_t i = 0; i < BIG_REGIONS; i++)
		snprintf(regime->regions[i], REGION_CODE_MAX, "%s", codes[number * BIG_REGIONS + i]);
	for (size_t i = 0; i < BIG_RULES; i++) {
		rules[i] = window_of(i % 2 ? "daily 08:00-12:00" : "daily 10:00-20:00");
		if (i % 4 > 0) {
			rules[i].kind = i % 4 == 1 ? RULE_CONTENT : i % 4 == 2 ? RULE_RETENTION : RULE_OPT_OUT;
			memset(&rules[i].window, 0, sizeof(rules[i].window));
		}
		snprintf(rules[i].id, sizeof(rules[i].id), "r%zu.%zu", number, i);
		snprintf(text, sizeof(text), "tag:t%zu", number % 4 * 20 + i);
		rules[i].when = i % 5 == 0 ? condition(text) : NULL;
		if (i % 7 == 0)
			rules[i].from.days = (int32_t)(number * 20 + i);
	}
}

static void
the_search_grows_with_places_not_with_persons(void **state)
{
	(void)state;
	size_t code_count;
	const char *const *codes = region_codes(&code_count);
	struct regime *regimes = calloc(BIG_REGIMES, sizeof(*regimes));
	struct rule *rules = calloc(BIG_REGIMES * BIG_RULES, sizeof(*rules));
	struct rulebook rulebook = {.regimes = regimes, .regime_count = BIG_REGIMES};
	struct conflict_work work;
	struct told told = {""};
	struct err err = ERR_INIT;
	assert_true(regimes && rules && code_count >= BIG_REGIMES * BIG_REGIONS);
	for (size_t i = 0; i < BIG_REGIMES; i++)
		fill_big_regime(&regimes[i], &rules[i * BIG_RULES], i, codes);
	assert_int_equal(rulebook_conflicts(&rulebook, take_conflict, &told, &work, &err), STATUS_OK);
	assert_string_equal(told.text, "");
	printf("%zu laws of %zu rules, %zu judged\n", work.laws, work.rules, work.judged);
	assert_in_range(work.laws, BIG_REGIMES, 20000);
	assert_in_range(work.rules, BIG_REGIMES * BIG_RULES, 2500000);
	assert_in_range(work.judged, BIG_REGIMES, 20000);
	for (size_t i = 0; i < BIG_REGIMES; i++)
		regimes[i].status = REGIME_OFF;
	assert_int_equal(rulebook_conflicts(&rulebook, take_conflict, &told, &work, &err), STATUS_OK);
	assert_int_equal(work.laws, CATEGORY_COUNT * CHANNEL_COUNT);
	for (size_t i = 0; i < BIG_REGIMES * BIG_RULES; i++)
		predicate_free(&rules[i].when);
	free(regimes);
	free(rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_without_a_common_minute_of_the_week_clash),
		cmocka_unit_test(a_part_of_a_minute_counts),
		cmocka_unit_test(only_what_is_in_force_on_the_day_clashes),
		cmocka_unit_test(contents_that_no_text_can_have_clash),
		cmocka_unit_test(a_confirmation_required_and_forbidden_clashes),
		cmocka_unit_test(data_kept_longer_than_allowed_clash),
		cmocka_unit_test(regimes_that_meet_in_one_place_are_compared),
		cmocka_unit_test(a_conflict_that_many_classes_meet_is_told_once),
		cmocka_unit_test(the_search_grows_with_places_not_with_persons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
