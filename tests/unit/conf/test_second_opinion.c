/* What is told when libical, which reads the zones of the machine, sees other offsets than a zone of ours that is wrong on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/second_opinion.h"
#include "tests/support/tzif_bytes.h"

static const struct interval year = {{INT64_C(1767225600) * US_PER_SECOND}, {INT64_C(1798761600) * US_PER_SECOND}}; /* 2026 */

static void
add_zone(struct zone_set *zones, const char *name, const char *footer)
{
	const struct tzif_recipe recipe = {.type_count = 1, .footer = footer};
	uint8_t bytes[TZIF_BYTES_MAX];
	struct err err = ERR_INIT;
	struct zone *zone;

	assert_int_equal(zone_parse(bytes, tzif_bytes_make(&recipe, bytes), year, &zone, &err), STATUS_OK);
	assert_int_equal(zone_set_add(zones, name, zone, &err), STATUS_OK);
}

static void
differences_are_named(void **state)
{
	static const char *const names[] = {"UTC", "Asia/Kolkata", "Asia/Tokyo", "America/New_York", "Europe/Nowhere"};
	const struct zone_question question = {.names = names, .count = 5, .span = year};
	struct zone_difference differences[5];
	struct zone_set *zones;

	(void)state;
	assert_int_equal(zone_set_create("test", &zones), STATUS_OK);
	add_zone(zones, "UTC", "UTC0");
	add_zone(zones, "Asia/Kolkata", "IST-5:30");
	add_zone(zones, "Asia/Tokyo", "JST-8");                          /* an hour off */
	add_zone(zones, "America/New_York", "EST5EDT,M3.2.0,M11.1.0/3"); /* back an hour too late */
	add_zone(zones, "Europe/Nowhere", "CET-1");

	assert_int_equal(zone_second_opinion(zones, &question, differences), 3);
	assert_string_equal(differences[0].name, "Asia/Tokyo");
	assert_false(differences[0].missing);
	assert_int_equal(differences[0].at.us, year.from.us);
	assert_int_equal(differences[0].ours_s, 8 * 3600);
	assert_int_equal(differences[0].theirs_s, 9 * 3600);
	assert_string_equal(differences[1].name, "America/New_York");
	assert_int_equal(differences[1].at.us, INT64_C(1793512800) * US_PER_SECOND); /* 2026-11-01T06:00Z */
	assert_int_equal(differences[1].ours_s, -4 * 3600);
	assert_int_equal(differences[1].theirs_s, -5 * 3600);
	assert_string_equal(differences[2].name, "Europe/Nowhere");
	assert_true(differences[2].missing);
	zone_set_free(&zones);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(differences_are_named)};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
