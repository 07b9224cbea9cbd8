/*
 * Conflicts on random laws, against oracles that try everything: each minute of a week, each language, each text, each course of a consent. What is
 * told is needed to the last rule.
 */
#include "planner/core/conflict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/random_rulebook.h"

enum { CASES = 3000, RULES_MAX = RANDOM_REGIMES_MAX * RANDOM_RULES_MAX, TOLD_MAX = 256, WEEK_MINUTES = 7 * 1440 };

struct told {
	struct {
		enum conflict_kind kind;
		const struct rule *rules[RULES_MAX];
		size_t count;
	} items[TOLD_MAX];
	size_t count;
};

static void
take_conflict(void *context, const struct conflict *conflict)
{
	struct told *told = context;
	assert_in_range(told->count, 0, TOLD_MAX - 1);
	told->items[told->count].kind = conflict->kind;
	told->items[told->count].count = conflict->rule_count;
	memcpy(told->items[told->count++].rules, conflict->rules, conflict->rule_count * sizeof(*conflict->rules));
}

static bool
is_told(const struct told *told, enum conflict_kind kind, const char *clock)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->items[i].kind == kind && (kind != CONFLICT_WINDOWS || strcmp(told->items[i].rules[0]->window.fixed_zone, clock) == 0))
			return true;
	return false;
}

/* The oracles ----------------------------------------------------------------------------------------------------------------------------- */

static bool
ranges_hold(const struct day_ranges *day, int s)
{
	for (size_t i = 0; i < day->count; i++) {
		const int from = day->ranges[i].from.s, until = day->ranges[i].until.s;
		if (s >= from && s < (until > from ? until : until + 86400))
			return true;
	}
	return false;
}

static bool
day_may_hold(const struct window_rule *rule, int weekday, int s)
{
	return ranges_hold(&rule->days[weekday], s) || (rule->on_holidays_replaced && ranges_hold(&rule->holidays, s)) ||
		(rule->on_eves_replaced && ranges_hold(&rule->eves, s));
}

static bool
minute_is_open(const struct rule_list *windows, struct date date, const char *clock, int minute)
{
	const int weekday = minute / 1440, s = minute % 1440 * 60;
	for (size_t i = 0; i < windows->count; i++) {
		const struct rule *rule = windows->items[i];
		if (rule->window.emergency || !rule_is_dated(rule, date) || strcmp(rule->window.fixed_zone, clock) != 0)
			continue;
		if (!day_may_hold(&rule->window, weekday, s) && !day_may_hold(&rule->window, (weekday + 6) % 7, s + 86400))
			return false;
	}
	return true;
}

static bool
week_is_closed(const struct law *law, struct date date, const char *clock)
{
	for (int minute = 0; minute < WEEK_MINUTES; minute++)
		if (minute_is_open(&law->of[RULE_WINDOW], date, clock, minute))
			return false;
	return true;
}

static bool
all_permit(const struct rule_list *list, const struct naive_send *send)
{
	for (size_t i = 0; i < list->count; i++)
		if (!naive_terms_permit(list->items[i], send))
			return false;
	return true;
}

/* Some language is admitted, whatever else the rules ask for. */
static bool
no_language_will_do(const struct law *law, struct date date)
{
	static const char *const tried[] = {"pt", "pt-BR", "en", "en-GB", "fr"};
	for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
		bool admitted = true;
		for (size_t j = 0; j < law->of[RULE_CONTENT].count; j++) {
			struct rule rule = *law->of[RULE_CONTENT].items[j];
			const struct naive_send send = {.date = date, .language = tried[i]};
			rule.content = (struct content_rule){.language_count = rule.content.language_count};
			memcpy(rule.content.languages, law->of[RULE_CONTENT].items[j]->content.languages, sizeof(rule.content.languages));
			admitted &= naive_terms_permit(&rule, &send);
		}
		if (admitted)
			return false;
	}
	return true;
}

/* Some text shows all, with an identifier no longer than itself, but not both purity and a label. */
static bool
no_text_will_do(const struct law *law, struct date date)
{
	struct rule rules[RULES_MAX];
	for (size_t i = 0; i < law->of[RULE_CONTENT].count; i++) {
		rules[i] = *law->of[RULE_CONTENT].items[i];
		rules[i].content.language_count = 0;
	}
	for (int tried = 0; tried < 2 * 3 * 5; tried++) {
		const uint32_t lacks = CONTENT_BIT(tried % 2 ? CONTENT_PURE : CONTENT_PROMOTIONAL_LABEL);
		const struct naive_send send = {
			.date = date, .items = ~lacks, .language = "", .identifier_length = tried / 2 % 3, .length = tried / 6};
		bool permitted = send.identifier_length <= send.length;
		for (size_t i = 0; i < law->of[RULE_CONTENT].count; i++)
			permitted &= naive_terms_permit(&rules[i], &send);
		if (permitted)
			return false;
	}
	return true;
}

static bool
no_confirmation_will_do(const struct law *law, struct date date)
{
	const struct naive_send silent = {.date = date}, confirmed = {.date = date, .confirms = true};
	return !all_permit(&law->of[RULE_OPT_OUT], &silent) && !all_permit(&law->of[RULE_OPT_OUT], &confirmed);
}

/* Granted on day 0, used and taken back after none or many days. */
static bool
some_data_cannot_be_kept_and_deleted(const struct law *law, struct date date)
{
	const struct rule_list *list = &law->of[RULE_RETENTION];
	for (int course = 0; course < 4 * DATA_CLASS_COUNT; course++) {
		const int64_t used = course % 2 ? 100 : 0, gone = used + (course / 2 % 2 ? 100 : 0);
		const int64_t events[DATA_EVENT_COUNT] = {[AFTER_LAST_USE] = used * US_PER_DAY, [AFTER_OPT_OUT] = gone * US_PER_DAY};
		int64_t keep = 0, delete = INT64_MAX;
		for (size_t i = 0; i < list->count; i++) {
			const struct retention_rule *rule = &list->items[i]->retention;
			if (!rule_is_dated(list->items[i], date) || rule->data != (enum data_class)(course / 4))
				continue;
			if (rule->min.us > 0 && events[rule->after] + rule->min.us > keep)
				keep = events[rule->after] + rule->min.us;
			if (rule->max.us > 0 && events[rule->after] + rule->max.us < delete)
				delete = events[rule->after] + rule->max.us;
		}
		if (keep > delete)
			return true;
	}
	return false;
}

/* The properties -------------------------------------------------------------------------------------------------------------------------- */

static struct told
conflicts_of(const struct law *law, struct date date)
{
	struct told told = {.count = 0};
	assert_int_equal(law_conflicts(law, date, take_conflict, &told), STATUS_OK);
	return told;
}

static void
the_oracles_agree(const struct law *law, struct date date, const struct told *told)
{
	static const char *const clocks[] = {"", "America/Chicago", "Asia/Kolkata"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(is_told(told, CONFLICT_WINDOWS, clocks[i]), week_is_closed(law, date, clocks[i]));
	assert_int_equal(is_told(told, CONFLICT_LANGUAGES, NULL), no_language_will_do(law, date));
	assert_int_equal(is_told(told, CONFLICT_CONTENTS, NULL), no_text_will_do(law, date));
	assert_int_equal(is_told(told, CONFLICT_CONFIRMATION, NULL), no_confirmation_will_do(law, date));
	assert_int_equal(is_told(told, CONFLICT_RETENTION, NULL), some_data_cannot_be_kept_and_deleted(law, date));
}

/* A law of the told rules but one; `left_out` beyond the last leaves none out. */
static bool
clashes_without(const struct told *told, size_t index, size_t left_out, struct date date)
{
	const struct rule *rules[RULES_MAX];
	struct law law = LAW_INIT;
	size_t count = 0;
	for (size_t i = 0; i < told->items[index].count; i++)
		if (i != left_out)
			rules[count++] = told->items[index].rules[i];
	law.of[told->items[index].rules[0]->kind] = (struct rule_list){rules, count};
	const struct told less = conflicts_of(&law, date);
	for (size_t i = 0; i < less.count; i++)
		if (less.items[i].kind == told->items[index].kind)
			return true;
	return false;
}

static void
no_rule_is_named_in_vain(const struct told *told, struct date date)
{
	for (size_t i = 0; i < told->count; i++) {
		assert_true(clashes_without(told, i, RULES_MAX, date));
		for (size_t j = 0; j < told->items[i].count; j++)
			assert_false(clashes_without(told, i, j, date));
	}
}

/* All rules of a rulebook, whomever they bind. */
struct collected {
	struct law law;
	const struct rule *rules[RULE_KIND_COUNT][RULES_MAX];
};

static void
collect(const struct rulebook *rulebook, struct collected *out)
{
	out->law = (struct law)LAW_INIT;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			out->rules[rule->kind][out->law.of[rule->kind].count++] = rule;
		}
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		out->law.of[kind].items = out->rules[kind];
}

static void
conflicts_are_what_nothing_can_obey(void **state)
{
	struct random_source random = random_start("conflict_property");
	static struct random_rulebook book;
	static struct collected all;
	const struct instant near = fixture_instant("2026-11-23T12:00:00Z");
	const struct date date = fixture_date("2026-11-23");
	const int cases = random_rounds(CASES);
	size_t seen[CONFLICT_KIND_COUNT] = {0}, crowds = 0;
	(void)state;
	for (int i = 0; i < cases; i++) {
		random_rulebook_fill(&random, &book, near);
		collect(&book.book, &all);
		const struct told told = conflicts_of(&all.law, date);
		the_oracles_agree(&all.law, date, &told);
		no_rule_is_named_in_vain(&told, date);
		for (size_t j = 0; j < told.count; j++) {
			seen[told.items[j].kind]++;
			crowds += told.items[j].count > 2;
		}
		random_rulebook_clear(&book);
	}
	assert_in_range(crowds, 1, SIZE_MAX);
	for (size_t kind = 0; kind < CONFLICT_KIND_COUNT; kind++)
		assert_in_range(seen[kind], cases / 200, SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conflicts_are_what_nothing_can_obey),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
