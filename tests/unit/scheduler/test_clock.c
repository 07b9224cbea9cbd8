/* What --clock takes, and how a simulated clock counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/clock.h"

static void
parses_or_says_why_not(void **state)
{
	static const struct {
		const char *text;
		enum status status;
		int64_t speed;
	} rows[] = {
		{"system", STATUS_OK, 0},
		{"simulated:2026-11-23T00:00:00Z", STATUS_OK, CLOCK_SPEED_DEFAULT},
		{"simulated:2026-11-23T00:00:00-03:00x60", STATUS_OK, 60},
		{"simulated:2026-11-23T00:00:00", STATUS_INVALID, 0}, /* no offset */
		{"simulated:2026-11-23T00:00:00Zx", STATUS_INVALID, 0},
		{"simulated:2026-11-23T00:00:00Zx0", STATUS_INVALID, 0},
		{"simulated:2026-11-23T00:00:00Zx1.5", STATUS_INVALID, 0},
		{"simulated:2026-11-23T00:00:00Zx1000001", STATUS_INVALID, 0},
		{"simulated:", STATUS_INVALID, 0},
		{"", STATUS_INVALID, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct clock clock;
		struct err err = ERR_INIT;

		assert_int_equal(clock_parse(rows[i].text, &clock, &err), rows[i].status);
		if (rows[i].status == STATUS_OK)
			assert_int_equal(clock.speed, rows[i].speed);
		else
			assert_true(err.primary[0] != '\0');
	}
}

static struct clock
simulated(void)
{
	struct clock clock;
	struct err err = ERR_INIT;

	assert_int_equal(clock_parse("simulated:2026-11-23T00:00:00Zx1000", &clock, &err), STATUS_OK);
	return clock;
}

static void
a_simulated_clock_skips_forward_only(void **state)
{
	struct clock clock = simulated();
	const struct instant later = {clock.start.us + US_PER_DAY};

	(void)state;
	clock_skip_to(&clock, later);
	assert_true(clock_now(&clock).us >= later.us);
	clock_skip_to(&clock, (struct instant){later.us - US_PER_HOUR});
	assert_true(clock_now(&clock).us >= later.us);
}

static void
a_held_clock_stops_and_does_not_catch_up(void **state)
{
	struct clock clock = simulated();
	const struct instant stop = {clock.start.us - US_PER_DAY};

	(void)state;
	clock_hold(&clock, stop); /* past: stops at once */
	const struct instant held = clock_now(&clock);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(clock_now(&clock).us, held.us);
	clock_hold(&clock, (struct instant){held.us + US_PER_DAY});
	assert_true(clock_now(&clock).us >= held.us);
	assert_true(clock_now(&clock).us <= held.us + US_PER_DAY);
	clock_skip_to(&clock, (struct instant){held.us + 2 * US_PER_DAY});
	assert_true(clock_now(&clock).us >= held.us + 2 * US_PER_DAY);
}

/* However late the question: waiting that long is never too short, and never more than a microsecond too long. */
static void
waits_in_real_time_rounded_up(void **state)
{
	struct clock clock = simulated();
	const struct instant before = clock_now(&clock), at = {before.us + 100 * US_PER_SECOND};
	const int64_t wait = clock_wait_for(&clock, at).us;

	(void)state;
	assert_true(wait * clock.speed >= at.us - clock_now(&clock).us);
	assert_true(wait <= (at.us - before.us) / clock.speed + 1);
	assert_int_equal(clock_wait_for(&clock, before).us, 0);
}

static void
only_the_system_clock_is_corrected(void **state)
{
	struct clock clock = {.kind = NULL};
	struct clock play = simulated();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(clock_parse("system", &clock, &err), STATUS_OK);
	clock_correct(&clock, (struct duration){-2 * US_PER_SECOND});
	clock_correct(&play, (struct duration){-2 * US_PER_SECOND});
	assert_false(clock_is_trusted(&clock, (struct duration){US_PER_SECOND}));
	assert_true(clock_is_trusted(&clock, (struct duration){2 * US_PER_SECOND}));
	assert_true(clock_is_trusted(&play, (struct duration){0}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_or_says_why_not),
		cmocka_unit_test(a_simulated_clock_skips_forward_only),
		cmocka_unit_test(a_held_clock_stops_and_does_not_catch_up),
		cmocka_unit_test(waits_in_real_time_rounded_up),
		cmocka_unit_test(only_the_system_clock_is_corrected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
