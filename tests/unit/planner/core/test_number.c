/* The generated numbering table: awkward numbers (tests/cases/numbers.txt), and that every code and zone in it exists. */
#include "planner/core/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "planner/core/number_table.h"
#include "planner/core/place.h"
#include "planner/core/zone.h"
#include "tests/support/case_file.h"

static bool
contains(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* Whether the list is what the words say: exactly these, or at least these when the last one is "...". */
static bool
list_matches(const char *const *list, size_t count, char *words)
{
	size_t named = 0;
	bool open = false;
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		open = strcmp(word, "...") == 0;
		if (!open && !contains(list, count, word))
			return false;
		named += !open;
	}
	return open ? named < count : named == count;
}

static void
awkward_numbers(void **state)
{
	static const char *const kinds[] = {"placed", "non_geographic", "unknown"};
	struct case_file *file = case_file_open("numbers.txt", ';');
	size_t failures = 0;
	char *field[4];
	(void)state;
	while (case_file_next(file, field, 4)) {
		const struct number_place *place = number_place(strtoull(field[0], NULL, 10));
		bool right = strcmp(field[1], kinds[place->kind]) == 0 && list_matches(place->regions, place->region_count, field[2]) &&
			list_matches(place->zones, place->zone_count, field[3]);
		if (right)
			continue;
		failures++;
		print_error("numbers.txt:%d: +%s is %s", case_file_line(file), field[0], kinds[place->kind]);
		for (size_t i = 0; i < place->region_count; i++)
			print_error(" %s", place->regions[i]);
		for (size_t i = 0; i < place->zone_count; i++)
			print_error(" %s", place->zones[i]);
		print_error("\n");
	}
	case_file_close(&file);
	assert_int_equal(failures, 0);
}

static void
assert_sorted(const char *const *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		assert_true(strcmp(list[i - 1], list[i]) < 0);
}

static void
every_place_has_known_regions_and_zones(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < number_place_count(); i++) {
		const struct number_place *place = &number_places[i];
		assert_int_equal(place->index, i);
		assert_int_equal(place->kind == NUMBER_PLACED, place->region_count > 0);
		assert_int_equal(place->kind == NUMBER_PLACED, place->zone_count > 0);
		assert_true(place->region_count < PLACE_REGIONS_MAX && place->zone_count < PLACE_ZONES_MAX);
		assert_sorted(place->regions, place->region_count);
		assert_sorted(place->zones, place->zone_count);
		for (size_t r = 0; r < place->region_count; r++)
			assert_true(region_is_known(place->regions[r]));
		for (size_t z = 0; z < place->zone_count; z++) {
			char path[128];
			snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", place->zones[z]);
			if (!zone_name_is_usable(place->zones[z]) || access(path, R_OK) != 0)
				fail_msg("no zone %s", place->zones[z]);
		}
	}
}

static void
known_regions(void **state)
{
	static const char *const known[] = {"US", "US-TX", "CA-ON", "BR", "BR-SP", "IN", "GB", "XK", "SH-AC"};
	static const char *const unknown[] = {"", "us", "USA", "UK", "US-ZZ", "EU", "U"};
	size_t count;
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_true(region_is_known(known[i]));
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_false(region_is_known(unknown[i]));
	const char *const *codes = region_codes(&count);
	assert_sorted(codes, count);
	assert_true(count > 4000);
}

static void
the_version_names_its_sources(void **state)
{
	(void)state;
	assert_non_null(strstr(number_table_version(), "libphonenumber "));
	assert_non_null(strstr(number_table_version(), "tzdata 20"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(awkward_numbers),
		cmocka_unit_test(every_place_has_known_regions_and_zones),
		cmocka_unit_test(known_regions),
		cmocka_unit_test(the_version_names_its_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
