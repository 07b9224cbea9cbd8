/*
 * The shipped rulebook, pinned: every rule it holds (tests/cases/shipped_rules.txt), and what the windows mean at given instants
 * (tests/cases/windows.txt). A change of the law begins in these tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "planner/core/window.h"
#include "tests/support/case_file.h"
#include "tests/support/law_fixture.h"

enum { TEXT_MAX = 512, LIST_MAX = 4 };

static struct parsed_law law;

static void
print_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	print_error("%s:%d: %s\n", file, line, what);
}

static int
read_shipped_law(void **state)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	(void)state;
	enum status status = law_texts_read(DAYPART_SOURCE_DIR "/conf/rulebook", DAYPART_SOURCE_DIR "/conf/calendars", &texts, &err);
	if (status == STATUS_OK)
		status = law_parse(&texts, print_problem, NULL, &law, &err);
	if (status != STATUS_OK)
		print_error("%s %s\n", err.primary, err.detail);
	law_texts_free(&texts);
	return status == STATUS_OK ? 0 : -1;
}

static int
free_shipped_law(void **state)
{
	(void)state;
	parsed_law_free(&law);
	return 0;
}

/* Appends to a text of TEXT_MAX bytes. */
static void
append(char *text, const char *more)
{
	if (*text && *more)
		strncat(text, " ", TEXT_MAX - strlen(text) - 1);
	strncat(text, more, TEXT_MAX - strlen(text) - 1);
}

static void
describe_day(const struct day_ranges *day, char *out)
{
	if (day->count == 0)
		append(out, "-");
	for (int i = 0; i < day->count; i++) {
		char text[32];
		int from = day->ranges[i].from.s / 60, until = day->ranges[i].until.s / 60;
		snprintf(text, sizeof(text), "%02d:%02d-%02d:%02d", from / 60, from % 60, until / 60, until % 60);
		append(out, text);
	}
}

static void
describe_window(const struct window_rule *window, char *out)
{
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		describe_day(&window->days[day], out);
	if (window->on_holidays_replaced) {
		append(out, "/");
		describe_day(&window->holidays, out);
		append(out, window->calendar);
	}
	append(out, window->fixed_zone);
}

static void
describe_cap(const struct cap_rule *cap, char *out)
{
	char text[64];
	if (cap->period == CAP_ROLLING)
		snprintf(text, sizeof(text), "%u in %d days", cap->n, (int)(cap->length.us / US_PER_DAY));
	else
		snprintf(text, sizeof(text), "%u a calendar %s", cap->n, cap->period == CAP_CALENDAR_DAY ? "day" : "month");
	append(out, text);
}

static void
describe_consent(const struct consent_rule *consent, char *out)
{
	append(out, consent->required ? "required:" : "not required:");
	for (unsigned i = 0; i < EVIDENCE_COUNT; i++)
		if (consent->evidence & EVIDENCE_BIT(i))
			append(out, evidence_name((enum evidence)i));
}

static void
describe_rule(const struct rule *rule, char *out)
{
	*out = '\0';
	switch (rule->kind) {
	case RULE_WINDOW:
		describe_window(&rule->window, out);
		break;
	case RULE_CAP:
		describe_cap(&rule->cap, out);
		break;
	case RULE_CONSENT:
		describe_consent(&rule->consent, out);
		break;
	default:
		append(out, rule_kind_name(rule->kind));
	}
}

static void
describe_categories(uint32_t categories, char *out)
{
	*out = '\0';
	for (unsigned i = 0; i < CATEGORY_COUNT; i++)
		if (categories & CATEGORY_BIT(i))
			append(out, category_name((enum category)i));
}

static const struct rule *
find_rule(const char *id, const struct regime **out_regime)
{
	for (size_t i = 0; i < law.rulebook->regime_count; i++) {
		*out_regime = &law.rulebook->regimes[i];
		for (size_t j = 0; j < (*out_regime)->rule_count; j++)
			if (strcmp((*out_regime)->rules[j].id, id) == 0)
				return &(*out_regime)->rules[j];
	}
	return NULL;
}

static void
compare_rule(char *const *field, const struct regime *regime, const struct rule *rule)
{
	static const char *const strengths[] = {"must", "should", "info"};
	char regions[16], text[TEXT_MAX];
	snprintf(regions, sizeof(regions), "%zu", regime->region_count);
	assert_string_equal(field[0], regime->id);
	assert_string_equal(field[1], regime->everywhere ? "everywhere" : regions);
	assert_string_equal(field[3], rule->sources);
	assert_string_equal(field[4], strengths[rule->strength]);
	describe_categories(rule->categories, text);
	assert_string_equal(field[5], text);
	describe_rule(rule, text);
	assert_string_equal(field[6], text);
	assert_int_equal(rule->channels, ALL_CHANNELS);
	assert_int_equal(rule->from.days, INT32_MIN);
	assert_int_equal(rule->until.days, INT32_MAX);
	assert_int_equal(regime->status, REGIME_ENFORCED);
}

static void
the_shipped_rules_are_exactly_these(void **state)
{
	struct case_file *file = case_file_open("shipped_rules.txt", ';');
	size_t listed = 0, shipped = 0;
	char *field[7];
	(void)state;
	for (; case_file_next(file, field, 7); listed++) {
		const struct regime *regime = NULL;
		const struct rule *rule = find_rule(field[2], &regime);
		if (rule)
			compare_rule(field, regime, rule);
		else
			fail_msg("shipped_rules.txt:%d: no rule %s is shipped", case_file_line(file), field[2]);
	}
	case_file_close(&file);
	for (size_t i = 0; i < law.rulebook->regime_count; i++)
		shipped += law.rulebook->regimes[i].rule_count;
	assert_int_equal(shipped, listed);
	assert_int_equal(law.rulebook->should, SHOULD_BLOCK);
}

static void
every_rule_cites_where_it_comes_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < law.rulebook->regime_count; i++)
		for (size_t j = 0; j < law.rulebook->regimes[i].rule_count; j++) {
			char sources[RULE_SOURCES_MAX];
			strcpy(sources, law.rulebook->regimes[i].rules[j].sources);
			for (char *source = strtok(sources, " "); source; source = strtok(NULL, " "))
				assert_true(strcmp(source, "house") == 0 || (strncmp(source, "R-", 2) == 0 && strlen(source) == 5));
		}
}

/* One row of windows.txt, as the core wants it. */
struct question {
	char *regions[LIST_MAX];
	const struct zone *zones[LIST_MAX];
	struct class_facts facts;
	size_t zone_count;
	struct instant at;
};

static void
read_question(char *const *field, struct question *out)
{
	*out = (struct question){.at = fixture_instant(field[4])};
	for (char *region = strtok(field[0], " "); region; region = strtok(NULL, " "))
		out->regions[out->facts.region_count++] = region;
	for (char *zone = strtok(field[3], " "); zone; zone = strtok(NULL, " "))
		out->zones[out->zone_count++] = fixture_zone(zone);
	assert_true(category_parse(field[1], &out->facts.category));
	assert_true(channel_parse(field[2], &out->facts.channel));
	out->facts.regions = (const char *const *)out->regions;
}

static const char *
ask(const struct question *question, const struct rule *const *rules, size_t rule_count)
{
	struct window_context context = {
		.zones = fixture_zone_set(), .calendars = (const struct calendar *const *)law.calendars, .calendar_count = law.calendar_count};
	struct interval span = {{question->at.us - US_PER_DAY}, {question->at.us + US_PER_DAY}};
	struct law part = {.of[RULE_WINDOW] = {(const struct rule **)rules, rule_count}};
	struct windows windows = WINDOWS_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(window_expand(&part, question->zones, question->zone_count, &context, span, &windows, &err), STATUS_OK);
	const char *answer = interval_set_find(&windows.open, question->at) ? "open"
		: interval_set_find(&windows.unknown, question->at)             ? "unknown"
																		: "closed";
	windows_free(&windows);
	return answer;
}

/* The verdict of all rules together, and the ids of those that close by themselves. */
static const char *
judge(const struct question *question, char *out_closing)
{
	struct law merged = LAW_INIT;
	struct err err = ERR_INIT;
	*out_closing = '\0';
	assert_int_equal(law_merge(law.rulebook, &question->facts, &merged, &err), STATUS_OK);
	for (size_t i = 0; i < merged.of[RULE_WINDOW].count; i++)
		if (strcmp(ask(question, &merged.of[RULE_WINDOW].items[i], 1), "open") != 0)
			append(out_closing, merged.of[RULE_WINDOW].items[i]->id);
	const char *verdict = ask(question, merged.of[RULE_WINDOW].items, merged.of[RULE_WINDOW].count);
	law_free(&merged);
	return verdict;
}

static void
windows_at_given_instants(void **state)
{
	struct case_file *file = case_file_open("windows.txt", ';');
	size_t failures = 0, rows = 0;
	char *field[7];
	(void)state;
	for (; case_file_next(file, field, 7); rows++) {
		struct question question;
		char closing[TEXT_MAX];
		read_question(field, &question);
		const char *verdict = judge(&question, closing);
		if (strcmp(verdict, field[5]) == 0 && strcmp(closing, field[6]) == 0)
			continue;
		print_error("windows.txt:%d: %s by \"%s\", not %s by \"%s\"\n", case_file_line(file), verdict, closing, field[5], field[6]);
		failures++;
	}
	case_file_close(&file);
	assert_int_equal(failures, 0);
	assert_true(rows >= 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_rules_are_exactly_these),
		cmocka_unit_test(every_rule_cites_where_it_comes_from),
		cmocka_unit_test(windows_at_given_instants),
	};
	return cmocka_run_group_tests(tests, read_shipped_law, free_shipped_law) != 0;
}
