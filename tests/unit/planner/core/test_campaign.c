/* Campaign times: whose clock they mean, and what span is left when many clocks are possible. */
#include "planner/core/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

static void
times_name_an_instant_or_the_recipients_clock(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool local;
		const char *same_as; /* as an instant; of a local time, with its figures read as UTC */
	} rows[] = {
		{"2026-11-23T09:00:00-05:00", false, "2026-11-23T14:00:00Z"},
		{"2026-11-23 09:00Z", false, "2026-11-23T09:00:00Z"},
		{"2026-11-23 09:00 local", true, "2026-11-23T09:00:00Z"},
		{"2026-11-23T09:00:30local  ", true, "2026-11-23T09:00:30Z"},
		{"2026-11-23 24:00 \tlocal", true, "2026-11-24T00:00:00Z"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct campaign_time time;
		struct err err = ERR_INIT;
		if (campaign_time_parse(rows[i].text, &time, &err) != STATUS_OK)
			fail_msg("%s: %s", rows[i].text, err.primary);
		assert_int_equal(time.local, rows[i].local);
		assert_int_equal(time.local ? time.wall.us : time.at.us, fixture_instant(rows[i].same_as).us);
	}
}

static void
other_times_are_refused_with_a_cure(void **state)
{
	(void)state;
	static const char *const texts[] = {"2026-11-23 09:00", "2026-11-23T09:00:00", "2026-11-23", "", "local", " local", "2026-11-23 local",
		"2026-11-23 9 local", "2026-11-31 09:00 local", "2026-11-23 25:00 local", "2026-11-23_09:00 local", "2026-11-23 09:00-05:00 local",
		"2026-11-23 09:00 LOCAL", "2026-11-23 09:00:00.0000000000000000000000000000000000000000000000 local"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct campaign_time time;
		struct err err = ERR_INIT;
		if (campaign_time_parse(texts[i], &time, &err) != STATUS_INVALID)
			fail_msg("\"%s\" is accepted", texts[i]);
		assert_string_not_equal(err.primary, "");
	}
}

static void
a_bare_time_is_refused_with_a_hint(void **state)
{
	struct campaign_time time;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(campaign_time_parse("2026-11-23 09:00", &time, &err), STATUS_INVALID);
	assert_string_not_equal(err.hint, "");
}

static void
the_date_is_the_one_that_is_written(void **state)
{
	(void)state;
	static const char *const texts[] = {"2026-11-23T23:30:00-05:00", "2026-11-23 00:30 local", "2026-11-23"};
	struct err err = ERR_INIT;
	struct date date;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(campaign_time_date(texts[i], &date, &err), STATUS_OK);
		assert_int_equal(date.days, fixture_date("2026-11-23").days);
	}
	assert_int_equal(campaign_time_date("2026-13-23T00:00Z", &date, &err), STATUS_INVALID);
}

static void
the_span_is_inside_every_reading(void **state)
{
	(void)state;
	static const struct {
		const char *starts_at, *ends_at, *from, *until;
	} rows[] = {
		{"2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z", "2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z"},
		/* local: from the latest start to the earliest end */
		{"2026-11-23 09:00 local", "2026-11-24 09:00 local", "2026-11-23T09:00:00-08:00", "2026-11-24T09:00:00+05:30"},
		{"2026-11-23T09:00:00Z", "2026-11-24 09:00 local", "2026-11-23T09:00:00Z", "2026-11-24T09:00:00+05:30"},
		/* an overlap: opens late, closes early. Los Angeles, 1 November 2026: 01:30 comes twice */
		{"2026-11-01 01:30 local", "2026-11-09 01:30 local", "2026-11-01T01:30:00-08:00", "2026-11-09T01:30:00+05:30"},
	};
	const struct zone *zones[] = {fixture_zone("Asia/Kolkata"), fixture_zone("America/Los_Angeles")};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct campaign_facts facts = {.campaign_id = 1};
		struct err err = ERR_INIT;
		assert_int_equal(campaign_time_parse(rows[i].starts_at, &facts.starts_at, &err), STATUS_OK);
		assert_int_equal(campaign_time_parse(rows[i].ends_at, &facts.ends_at, &err), STATUS_OK);
		const struct interval span = campaign_span(&facts, zones, 2);
		assert_int_equal(span.from.us, fixture_instant(rows[i].from).us);
		assert_int_equal(span.until.us, fixture_instant(rows[i].until).us);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_name_an_instant_or_the_recipients_clock),
		cmocka_unit_test(other_times_are_refused_with_a_cure),
		cmocka_unit_test(a_bare_time_is_refused_with_a_hint),
		cmocka_unit_test(the_date_is_the_one_that_is_written),
		cmocka_unit_test(the_span_is_inside_every_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
