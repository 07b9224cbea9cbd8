/* Who shares a class, who is held, and until when a message of a class may leave. */
#include "planner/core/class_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/plan_fixture.h"

enum { MARGIN_US = 10 * US_PER_SECOND };

static struct campaign_facts campaign;
static struct class_table *table;

static void
open_table(const char *starts_at, const char *ends_at, const char *now)
{
	struct err err = ERR_INIT;
	campaign = plan_fixture_campaign(starts_at, ends_at);
	const struct class_setup setup = {.campaign = &campaign,
		.terms = plan_fixture_terms(),
		.words = plan_fixture_words(),
		.rulebook = plan_fixture_rulebook(),
		.context = plan_fixture_context(),
		.span = {fixture_instant(now), fixture_instant("2027-06-01T00:00:00Z")},
		.margin = {MARGIN_US}};
	assert_int_equal(class_table_create(&setup, &table, &err), STATUS_OK);
}

static int
close_table(void **state)
{
	(void)state;
	class_table_free(&table);
	assert_null(table);
	return 0;
}

static size_t
find(uint64_t phone, const char *region, const char *timezone, enum reason expected)
{
	size_t class = SIZE_MAX;
	enum reason held;
	struct err err = ERR_INIT;
	assert_int_equal(class_table_find(table, &(struct class_person){.place = {phone, region, timezone}}, &class, &held, &err), STATUS_OK);
	assert_int_equal(held, expected);
	return class;
}

static const struct plan_class *
class_of(uint64_t phone, const char *region, const char *timezone)
{
	return class_table_at(table, find(phone, region, timezone, REASON_NONE));
}

static void
different_ways_to_one_place_share_a_class(void **state)
{
	(void)state;
	open_table("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", "2026-11-20T00:00:00Z");
	const size_t new_york = find(PHONE_NEW_YORK, "", "", REASON_NONE);
	assert_int_equal(find(PHONE_NEW_YORK + 1, "", "", REASON_NONE), new_york);
	assert_int_equal(find(PHONE_NEW_YORK, "US-NY", "", REASON_NONE), new_york);
	assert_int_equal(find(PHONE_NEW_YORK, "", "America/New_York", REASON_NONE), new_york);
	const size_t both = find(PHONE_NEW_YORK, "US-IL", "America/Chicago", REASON_NONE);
	assert_int_not_equal(both, new_york);
	assert_int_equal(find(PHONE_CHICAGO, "US-NY", "America/New_York", REASON_NONE), both);
	assert_int_equal(class_table_count(table), 2);
}

static void
who_has_no_place_is_held(void **state)
{
	(void)state;
	open_table("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", "2026-11-20T00:00:00Z");
	for (int round = 0; round < 2; round++) { /* the second time from the table */
		find(PHONE_TOLL_FREE, "", "", REASON_NON_GEOGRAPHIC);
		find(PHONE_TOLL_FREE, "US", "America/New_York", REASON_NON_GEOGRAPHIC);
		find(PHONE_NOWHERE, "", "", REASON_UNKNOWN_REGION);
		find(PHONE_TRINIDAD, "", "", REASON_UNKNOWN_REGION); /* +1, and no law of its own */
		find(PHONE_TRINIDAD, "US", "America/New_York", REASON_UNKNOWN_REGION);
		find(PHONE_NEW_YORK, "XX", "", REASON_UNKNOWN_REGION);
		find(PHONE_NEW_YORK, "", "EST5EDT", REASON_UNKNOWN_ZONE);
		find(PHONE_NEW_YORK, "", "America/Nowhere", REASON_UNKNOWN_ZONE);
	}
	assert_int_equal(class_table_count(table), 0);
}

/* Declared strings belong to the caller only while it calls. */
static void
names_are_copied(void **state)
{
	char region[8] = "US-IL", timezone[32] = "America/Chicago";
	(void)state;
	open_table("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", "2026-11-20T00:00:00Z");
	const struct plan_class *class = class_of(PHONE_NEW_YORK, region, timezone);
	memset(region, 'x', sizeof region - 1);
	memset(timezone, 'x', sizeof timezone - 1);
	assert_string_equal(class->place.regions[0], "US-IL");
	assert_string_equal(class->place.zones[0], "America/Chicago");
	assert_ptr_equal(class_of(PHONE_NEW_YORK, "US-IL", "America/Chicago"), class);
}

static void
many_combinations_are_kept_apart(void **state)
{
	enum { COMBINATIONS = 3000 };
	(void)state;
	open_table("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-20T00:00:00Z");
	const size_t new_york = find(PHONE_NEW_YORK, "", "", REASON_NONE);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < COMBINATIONS; i++) {
			char timezone[32];
			snprintf(timezone, sizeof timezone, "America/Nowhere_%d", i);
			find(PHONE_NEW_YORK, "", timezone, REASON_UNKNOWN_ZONE);
		}
	assert_int_equal(find(PHONE_NEW_YORK, "", "", REASON_NONE), new_york);
	assert_int_equal(class_table_count(table), 1);
}

/* '+' dealable, 'o' open but too close to an end, '-' closed */
static char
verdict(const struct plan_class *class, const char *at)
{
	const struct instant instant = fixture_instant(at);
	const bool open = interval_set_find(&class->open, instant) != NULL, dealable = interval_set_find(&class->dealable, instant) != NULL;
	assert_true(open || !dealable);
	return dealable ? '+' : open ? 'o' : '-';
}

static void
windows_are_those_of_law_campaign_and_now(void **state)
{
	(void)state;
	static const struct {
		char expected;
		const char *at;
	} rows[] = {
		{'-', "2026-11-23T09:59:59.999999-05:00"}, /* now */
		{'+', "2026-11-23T10:00:00-05:00"}, {'+', "2026-11-23T17:59:49.999999-05:00"}, {'o', "2026-11-23T17:59:50-05:00"},
		{'o', "2026-11-23T17:59:59.999999-05:00"}, {'-', "2026-11-23T18:00:00-05:00"},
		{'-', "2026-11-24T07:59:59.999999-05:00"}, /* local hours 06:00-18:00, law 08:00-21:00 */
		{'+', "2026-11-24T08:00:00-05:00"}, {'+', "2026-11-25T11:59:49.999999-05:00"}, {'o', "2026-11-25T11:59:59.999999-05:00"},
		{'-', "2026-11-25T12:00:00-05:00"}, /* the campaign's end */
	};
	open_table("2026-11-20 09:00 local", "2026-11-25 12:00 local", "2026-11-23T10:00:00-05:00");
	campaign.has_hours = true;
	campaign.hours = fixture_range("06:00", "18:00");
	const struct plan_class *class = class_of(PHONE_NEW_YORK, "", "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (verdict(class, rows[i].at) != rows[i].expected)
			fail_msg("%s: %c, not %c", rows[i].at, verdict(class, rows[i].at), rows[i].expected);
}

static void
a_campaign_without_time_left_opens_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *starts_at, *ends_at;
	} rows[] = {
		{"2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"},           /* over */
		{"2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z"},           /* empty */
		{"2026-11-25 12:00 local", "2026-11-25 12:30 local"},       /* over in one zone before it starts in the other */
		{"2026-11-25 22:00 local", "2026-11-26 06:00 local"},       /* at night */
		{"2026-11-25T14:59:55-05:00", "2026-11-25T15:00:00-05:00"}, /* no more than the margin */
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		open_table(rows[i].starts_at, rows[i].ends_at, "2026-11-23T00:00:00Z");
		const struct plan_class *class = class_of(PHONE_NEW_YORK, "", "America/Chicago");
		assert_int_equal(class->dealable.count, 0);
		assert_true(class->span.from.us <= class->span.until.us);
		class_table_free(&table);
	}
}

static void
a_calendar_that_says_nothing_is_reported(void **state)
{
	(void)state;
	static const struct {
		const char *ends_at;
		bool unknown;
	} rows[] = {{"2026-11-30 18:00 local", false}, {"2026-12-01 09:00 local", false}, {"2026-12-02 18:00 local", true}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		open_table("2026-11-28 00:00 local", rows[i].ends_at, "2026-11-23T00:00:00Z");
		assert_int_equal(class_of(PHONE_NEPAL, "", "")->calendar_unknown, rows[i].unknown);
		class_table_free(&table);
	}
}

static struct instant
not_after(const struct plan_class *class, const char *due)
{
	return class_not_after(class, &class->open, fixture_instant(due));
}

static void
a_message_may_leave_until_its_stretch_or_a_day_ends(void **state)
{
	(void)state;
	static const struct {
		uint64_t phone;
		const char *due, *not_after;
	} rows[] = {
		{PHONE_NEW_YORK, "2026-11-24T08:00:00-05:00", "2026-11-24T21:00:00-05:00"},
		{PHONE_NEW_YORK, "2026-11-24T20:59:00-05:00", "2026-11-24T21:00:00-05:00"},
		{PHONE_NEW_YORK, "2026-11-24T07:00:00-05:00", "2026-11-24T07:00:00-05:00"}, /* closed */
		{PHONE_INDIA, "2026-11-24T12:00:00+05:30", "2026-11-24T21:00:00+05:30"},
		/* open all night in Germany, but the cap counts days */
		{PHONE_GERMANY, "2026-11-24T12:00:00+01:00", "2026-11-25T00:00:00+01:00"},
		{PHONE_GERMANY, "2026-11-24T23:59:59.999999+01:00", "2026-11-25T00:00:00+01:00"},
		{PHONE_GERMANY, "2026-11-25T00:00:00+01:00", "2026-11-26T00:00:00+01:00"},
		{PHONE_GERMANY, "2026-11-30T00:00:00+01:00", "2026-11-30T00:00:00Z"},
	};
	open_table("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", "2026-11-20T00:00:00Z");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(not_after(class_of(rows[i].phone, "", ""), rows[i].due).us, fixture_instant(rows[i].not_after).us);
}

static void
edges_of_every_candidate_zone_count(void **state)
{
	static const struct {
		char expected;
		const char *at;
	} rows[] = {
		{'+', "2026-11-24T23:59:49.999999+01:00"},
		{'o', "2026-11-24T23:59:50+01:00"},
		{'+', "2026-11-25T00:00:00+01:00"},
		{'o', "2026-11-25T23:59:59+14:00"},
		{'+', "2026-11-26T00:00:00+14:00"},
	};
	(void)state;
	open_table("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", "2026-11-20T00:00:00Z");
	const struct plan_class *class = class_of(PHONE_GERMANY, "", "Pacific/Kiritimati");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (verdict(class, rows[i].at) != rows[i].expected)
			fail_msg("%s: %c, not %c", rows[i].at, verdict(class, rows[i].at), rows[i].expected);
	assert_int_equal(not_after(class, "2026-11-25T00:00:00+01:00").us, fixture_instant("2026-11-26T00:00:00+14:00").us);
	assert_int_equal(not_after(class, "2026-11-26T00:00:00+14:00").us, fixture_instant("2026-11-26T00:00:00+01:00").us);
}

static void
a_dealable_stretch_ends_a_margin_before_the_last_instant(void **state)
{
	static const uint64_t phones[] = {PHONE_NEW_YORK, PHONE_RECIFE, PHONE_INDIA, PHONE_NEPAL, PHONE_GERMANY};
	(void)state;
	open_table("2026-11-23T00:00:00Z", "2026-12-20T00:00:00Z", "2026-11-20T00:00:00Z");
	for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++) {
		const struct plan_class *class = class_of(phones[i], "", "");
		assert_true(class->dealable.count > 0);
		for (size_t j = 0; j < class->dealable.count; j++) {
			const struct interval stretch = class->dealable.items[j];
			const struct instant end = class_stretch_end(table, &stretch);
			assert_int_equal(end.us, stretch.until.us + MARGIN_US);
			assert_int_equal(class_not_after(class, &class->open, stretch.from).us, end.us);
			assert_int_equal(class_not_after(class, &class->open, (struct instant){stretch.until.us - 1}).us, end.us);
		}
	}
}

static void
consent_is_that_of_the_strictest_day(void **state)
{
	struct rule rules[] = {{.id = "late",
		.kind = RULE_CONSENT,
		.categories = ALL_CATEGORIES,
		.channels = ALL_CHANNELS,
		.from = fixture_date("2026-12-01"),
		.until = {INT32_MAX},
		.consent = {.required = true, .evidence = EVIDENCE_BIT(EVIDENCE_IP)}}};
	struct regime regime = {.id = "r", .everywhere = true, .rules = rules, .rule_count = 1};
	const struct rulebook rulebook = {.regimes = &regime, .regime_count = 1};
	static const struct {
		const char *ends_at;
		bool required;
	} rows[] = {{"2026-11-25T00:00:00Z", false}, {"2026-12-02T00:00:00Z", true}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err err = ERR_INIT;
		campaign = plan_fixture_campaign("2026-11-23T00:00:00Z", rows[i].ends_at);
		const struct class_setup setup = {.campaign = &campaign,
			.terms = plan_fixture_terms(),
			.words = plan_fixture_words(),
			.rulebook = &rulebook,
			.context = plan_fixture_context(),
			.span = {fixture_instant("2026-11-20T00:00:00Z"), fixture_instant("2027-06-01T00:00:00Z")}};
		assert_int_equal(class_table_create(&setup, &table, &err), STATUS_OK);
		const struct consent_need need = class_of(PHONE_GERMANY, "", "")->need;
		assert_int_equal(need.required, rows[i].required);
		assert_int_equal(need.evidence, rows[i].required ? EVIDENCE_BIT(EVIDENCE_IP) : 0);
		class_table_free(&table);
	}
}

static void
there_are_not_more_than_may_be(void **state)
{
	struct err err = ERR_INIT;
	size_t class;
	enum reason held;
	(void)state;
	campaign = plan_fixture_campaign("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
	const struct class_setup setup = {.campaign = &campaign,
		.terms = plan_fixture_terms(),
		.words = plan_fixture_words(),
		.rulebook = plan_fixture_rulebook(),
		.context = plan_fixture_context(),
		.span = {fixture_instant("2026-11-20T00:00:00Z"), fixture_instant("2027-06-01T00:00:00Z")},
		.most_classes = 1};
	assert_int_equal(class_table_create(&setup, &table, &err), STATUS_OK);
	find(PHONE_NEW_YORK, "", "", REASON_NONE);
	for (int round = 0; round < 2; round++) {
		const struct class_person other = {.place = {PHONE_CHICAGO, "", ""}};
		assert_int_equal(class_table_find(table, &other, &class, &held, &err), STATUS_INVALID);
		assert_non_null(strstr(err.primary, "more than 1 combinations"));
	}
	find(PHONE_NEW_YORK, "US-NY", "", REASON_NONE);
	assert_int_equal(class_table_count(table), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(different_ways_to_one_place_share_a_class, close_table),
		cmocka_unit_test_teardown(who_has_no_place_is_held, close_table),
		cmocka_unit_test_teardown(names_are_copied, close_table),
		cmocka_unit_test_teardown(many_combinations_are_kept_apart, close_table),
		cmocka_unit_test_teardown(windows_are_those_of_law_campaign_and_now, close_table),
		cmocka_unit_test(a_campaign_without_time_left_opens_nothing),
		cmocka_unit_test(a_calendar_that_says_nothing_is_reported),
		cmocka_unit_test_teardown(a_message_may_leave_until_its_stretch_or_a_day_ends, close_table),
		cmocka_unit_test_teardown(edges_of_every_candidate_zone_count, close_table),
		cmocka_unit_test_teardown(a_dealable_stretch_ends_a_margin_before_the_last_instant, close_table),
		cmocka_unit_test_teardown(there_are_not_more_than_may_be, close_table),
		cmocka_unit_test(consent_is_that_of_the_strictest_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
