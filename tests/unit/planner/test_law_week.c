/* law_week: the hours that several windows leave together, day by day. */
#include "planner/law_week.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

static const struct date today = {20000};

static void
expect(const struct law_week *week, enum weekday day, enum day_sort sort, const char *expected)
{
	char text[256] = "";
	const struct week_hours *hours = &week->hours[day][sort];
	for (size_t i = 0; i < hours->count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%02d:%02d-%02d:%02d", i > 0 ? " " : "", hours->ranges[i].from.s / 3600,
			hours->ranges[i].from.s / 60 % 60, hours->ranges[i].until.s / 3600, hours->ranges[i].until.s / 60 % 60);
	assert_string_equal(text, expected);
}

static struct law_week
merged(const struct rule *a, const struct rule *b)
{
	const struct rule *rules[] = {a, b};
	struct law law = LAW_INIT;
	struct law_week week;
	law.of[RULE_WINDOW] = (struct rule_list){rules, b != NULL ? 2 : 1};
	law_week_merge(&law, today, &week);
	return week;
}

static void
hours_are_those_of_all_windows_together(void **state)
{
	(void)state;
	struct rule a = fixture_window("08:00", "21:00"), b = fixture_window("09:00", "22:00");
	b.window.days[SUNDAY].count = 0;
	b.window.days[MONDAY] = (struct day_ranges){2, {fixture_range("10:00", "13:00"), fixture_range("14:00", "22:00")}};
	const struct law_week week = merged(&a, &b);
	expect(&week, TUESDAY, DAY_OF_WEEK, "09:00-21:00");
	expect(&week, SUNDAY, DAY_OF_WEEK, "");
	expect(&week, MONDAY, DAY_OF_WEEK, "10:00-13:00 14:00-21:00");
	expect(&week, MONDAY, DAY_OF_HOLIDAY, "10:00-13:00 14:00-21:00");
	assert_false(week.has_holidays);
}

static void
holidays_and_eves_stand_apart(void **state)
{
	(void)state;
	struct rule a = fixture_window("08:00", "21:00"), b = fixture_window("09:00", "20:00");
	b.window.on_holidays_replaced = b.window.on_eves_replaced = true;
	b.window.eves = (struct day_ranges){1, {fixture_range("10:00", "19:00")}};
	const struct law_week week = merged(&a, &b);
	assert_true(week.has_holidays && week.has_eves);
	expect(&week, FRIDAY, DAY_OF_WEEK, "09:00-20:00");
	expect(&week, FRIDAY, DAY_OF_EVE, "10:00-19:00");
	expect(&week, FRIDAY, DAY_OF_HOLIDAY, "");
}

/* What opened on Saturday at 22:00 is open on Sunday until 02:00, though Sunday itself is closed. */
static void
a_night_belongs_to_two_days(void **state)
{
	(void)state;
	struct rule rule = fixture_window("22:00", "02:00");
	rule.window.days[SUNDAY].count = 0;
	const struct law_week week = merged(&rule, NULL);
	expect(&week, SATURDAY, DAY_OF_WEEK, "00:00-02:00 22:00-24:00");
	expect(&week, SUNDAY, DAY_OF_WEEK, "00:00-02:00");
	expect(&week, MONDAY, DAY_OF_WEEK, "22:00-24:00");
}

static void
other_clocks_emergencies_and_other_dates_are_left_out(void **state)
{
	(void)state;
	struct rule fixed = fixture_window("08:00", "20:00"), emergency = fixture_window("08:00", "20:00"),
				later = fixture_window("08:00", "20:00");
	strcpy(fixed.window.fixed_zone, "America/Chicago");
	emergency.window.emergency = true;
	later.from.days = today.days + 1;
	struct law_week week = merged(&fixed, &emergency);
	expect(&week, MONDAY, DAY_OF_WEEK, "00:00-24:00");
	assert_int_equal(week.apart, 2);
	week = merged(&later, &later);
	expect(&week, MONDAY, DAY_OF_WEEK, "00:00-24:00");
	assert_int_equal(week.apart, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_those_of_all_windows_together),
		cmocka_unit_test(holidays_and_eves_stand_apart),
		cmocka_unit_test(a_night_belongs_to_two_days),
		cmocka_unit_test(other_clocks_emergencies_and_other_dates_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
