#include "planner/core/advice_volume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

static const struct sender_facts sender = {.trust = ""};

static struct rule
volume(int32_t n, int64_t minutes)
{
	return (struct rule){
		.kind = RULE_VOLUME, .from = {INT32_MIN}, .until = {INT32_MAX}, .volume = {.n = n, .length = {minutes * US_PER_MINUTE}}};
}

/* Messages at these minutes of an hour before midnight in New York; `zone`: days of it are counted. */
static int64_t
over(const struct rule *rule, const struct zone *zone, const char *minutes)
{
	struct advice_volumes volumes = {.from = fixture_instant("2026-11-23T23:00:00-05:00")};
	const struct advised_rule advised = {.rule = rule, .open = INTERVAL_SET_INIT, .zone = zone};
	for (char *end; *minutes != '\0'; minutes = end) {
		const struct instant due = {volumes.from.us + strtol(minutes, &end, 10) * US_PER_MINUTE};
		assert_int_equal(advice_volumes_add(&volumes, &advised, due, 1), STATUS_OK);
	}
	const int64_t people = volumes.count > 0 ? advice_volumes_over(&volumes, 0, &sender) : 0;
	advice_volumes_clear(&volumes);
	return people;
}

static void
what_does_not_fit_into_a_period_is_over(void **state)
{
	static const struct {
		int32_t n;
		int64_t length_minutes; /* 0: days of New York */
		const char *minutes;
		int64_t over;
	} rows[] = {
		{2, 0, "0 10 20", 1},
		{2, 0, "0 10 70", 0},
		{2, 0, "0 10 50 60 70 80", 2},
		{2, 0, "1500 0 10 1501", 0},
		{1, 60, "0 59", 1},
		{1, 60, "0 60", 0},
		{1, 60, "0 59 61", 1}, /* the second does not leave, so the third may */
		{1, 20, "0 16", 0},    /* two quarters are more than twenty minutes: in doubt it fits */
		{1, 5, "0 1 2 3", 1},  /* three times five minutes */
		{INT32_MAX, 0, "0 0 0", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct rule rule = volume(rows[i].n, rows[i].length_minutes);
		const struct zone *zone = rows[i].length_minutes == 0 ? zone_set_find(fixture_zone_set(), "America/New_York") : NULL;
		if (over(&rule, zone, rows[i].minutes) != rows[i].over)
			fail_msg("row %zu", i);
	}
}

static void
a_rule_binds_nobody_outside_its_dates(void **state)
{
	struct rule rule = volume(1, 60);
	(void)state;
	rule.from = fixture_date("2026-12-01");
	assert_int_equal(over(&rule, NULL, "0 1 2"), 0);
	rule.from = fixture_date("2026-11-24");
	assert_int_equal(over(&rule, NULL, "0 1 2"), 2);
}

static void
what_moves_away_is_taken_out(void **state)
{
	const struct rule rule = volume(1, 60);
	const struct advised_rule advised = {.rule = &rule, .open = INTERVAL_SET_INIT};
	struct advice_volumes volumes = {.from = fixture_instant("2026-11-23T23:00:00-05:00")};
	const struct instant later = {volumes.from.us + 3 * US_PER_HOUR};
	(void)state;
	assert_int_equal(advice_volumes_add(&volumes, &advised, volumes.from, 1), STATUS_OK);
	assert_int_equal(advice_volumes_add(&volumes, &advised, volumes.from, 1), STATUS_OK);
	assert_int_equal(advice_volumes_add(&volumes, &advised, volumes.from, -1), STATUS_OK);
	assert_int_equal(advice_volumes_add(&volumes, &advised, later, 1), STATUS_OK);
	assert_int_equal(advice_volumes_over(&volumes, 0, &sender), 0);
	advice_volumes_clear(&volumes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_into_a_period_is_over),
		cmocka_unit_test(a_rule_binds_nobody_outside_its_dates),
		cmocka_unit_test(what_moves_away_is_taken_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
