/* A small data base of time zones made of files, and what is wrong with some of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/tzdb.h"
#include "tests/support/temp.h"
#include "tests/support/tzif_bytes.h"

struct left_out {
	size_t count;
	char names[256], reasons[1024];
};

static void
note_left_out(void *context, const char *name, const struct err *why)
{
	struct left_out *left_out = context;

	left_out->count++;
	strncat(left_out->names, name, sizeof(left_out->names) - strlen(left_out->names) - 2);
	strcat(left_out->names, " ");
	strncat(left_out->reasons, why->primary, sizeof(left_out->reasons) - strlen(left_out->reasons) - 2);
	strcat(left_out->reasons, "\n");
}

static void
make_directory(const char *name)
{
	char *path = temp_path(name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static void
make_zone(const char *name, const char *footer)
{
	const struct tzif_recipe recipe = {.type_count = 1, .footer = footer};
	uint8_t bytes[TZIF_BYTES_MAX];

	free(temp_write_bytes(name, bytes, tzif_bytes_make(&recipe, bytes)));
}

static void
make_list(const char *text)
{
	free(temp_write("tz/tzdata.zi", text));
}

static int
make_data_base(void **state)
{
	(void)state;
	make_directory("tz");
	make_directory("tz/America");
	make_directory("tz/Asia");
	make_zone("tz/UTC", "UTC0");
	make_zone("tz/CET", "CET-1");
	make_zone("tz/America/New_York", "EST5EDT,M3.2.0,M11.1.0");
	make_zone("tz/America/Adak", "not a footer");
	make_zone("tz/Asia/Kolkata", "IST-5:30");
	make_zone("tz/Asia/Calcutta", "IST-5:30");
	free(temp_write("tz/Asia/Tokyo", "TZif"));
	return 0;
}

static enum status
load(struct left_out *left_out, struct zone_set **out, struct err *err)
{
	char *directory = temp_path("tz");
	const struct tzdb_source source = {
		.directory = directory,
		.horizon = {{0}, {INT64_C(2000000000) * US_PER_SECOND}},
		.on_left_out = left_out != NULL ? note_left_out : NULL,
		.context = left_out,
	};
	const enum status status = tzdb_load(&source, out, err);

	free(directory);
	return status;
}

static void
usable_names_are_loaded(void **state)
{
	struct left_out left_out = {.count = 0};
	struct err err = ERR_INIT;
	struct zone_set *zones;

	(void)state;
	make_list("# version 2026f\n# This is not a zone\nR A 1 o - Jan 1 0 0 -\nZ America/New_York -4:56 - LMT\n-5 u E%sT\nZ CET 1 - CET\n"
			  "Z UTC 0 - UTC\nL Asia/Kolkata Asia/Calcutta\nZ Asia/Kolkata 5:53 - LMT\n");
	assert_int_equal(load(&left_out, &zones, &err), STATUS_OK);
	assert_int_equal(left_out.count, 0);
	assert_string_equal(zone_set_version(zones), "2026f");
	assert_int_equal(zone_set_count(zones), 4);
	assert_non_null(zone_set_find(zones, "America/New_York"));
	assert_int_equal(zone_offset_s(zone_set_find(zones, "Asia/Calcutta"), (struct instant){0}), 19800);
	assert_null(zone_set_find(zones, "CET"));
	zone_set_free(&zones);
}

static void
a_bad_zone_is_reported_and_left_out(void **state)
{
	struct left_out left_out = {.count = 0};
	struct err err = ERR_INIT;
	struct zone_set *zones;

	(void)state;
	make_list("# version 2026f\nZ America/Adak 1 -\nZ Asia/Tokyo 1 -\nZ Asia/Gone 1 -\nZ Asia/Kolkata 1 -\nZ Asia/Kolkata 1 -\n");
	assert_int_equal(load(&left_out, &zones, &err), STATUS_OK);
	assert_int_equal(zone_set_count(zones), 1);
	assert_string_equal(left_out.names, "America/Adak Asia/Tokyo Asia/Gone Asia/Kolkata ");
	assert_non_null(strstr(left_out.reasons, "footer"));
	assert_non_null(strstr(left_out.reasons, "no header"));
	assert_non_null(strstr(left_out.reasons, "cannot read"));
	assert_non_null(strstr(left_out.reasons, "there already"));
	zone_set_free(&zones);
	assert_int_equal(load(NULL, &zones, &err), STATUS_OK); /* nobody listens */
	zone_set_free(&zones);
}

static void
a_data_base_without_version_or_zones_is_refused(void **state)
{
	struct zone_set *zones;
	struct err err = ERR_INIT;
	char *list = temp_path("tz/tzdata.zi");

	(void)state;
	make_list("Z Asia/Kolkata 1 -\n");
	assert_int_equal(load(NULL, &zones, &err), STATUS_INVALID);
	assert_non_null(strstr(err.primary, "version"));
	make_list("# version 2026f\nZ CET 1 -\n");
	assert_int_equal(load(NULL, &zones, &err), STATUS_INVALID);
	assert_non_null(strstr(err.primary, "no usable time zone"));
	make_list("");
	assert_int_equal(load(NULL, &zones, &err), STATUS_INVALID);
	assert_int_equal(remove(list), 0);
	assert_int_equal(load(NULL, &zones, &err), STATUS_NOT_FOUND);
	assert_non_null(strstr(err.hint, "tzdata"));
	free(list);
}

static void
a_look_tells_a_new_version(void **state)
{
	struct tzdb_look before, after;
	struct err err = ERR_INIT;
	char *directory = temp_path("tz");

	(void)state;
	make_list("# version 2026f\n");
	assert_int_equal(tzdb_look(directory, &before, &err), STATUS_OK);
	assert_string_equal(before.version, "2026f");
	assert_int_equal(tzdb_look(directory, &after, &err), STATUS_OK);
	assert_true(tzdb_look_equal(&before, &after));
	make_list("# version 2026g\n");
	assert_int_equal(tzdb_look(directory, &after, &err), STATUS_OK);
	assert_false(tzdb_look_equal(&before, &after));
	assert_true(after.changed_at.us > 0);
	assert_int_equal(tzdb_look("/nowhere", &after, &err), STATUS_NOT_FOUND);
	free(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usable_names_are_loaded),
		cmocka_unit_test(a_bad_zone_is_reported_and_left_out),
		cmocka_unit_test(a_data_base_without_version_or_zones_is_refused),
		cmocka_unit_test(a_look_tells_a_new_version),
	};

	return cmocka_run_group_tests(tests, make_data_base, NULL) != 0;
}
