/*
 * The shipped calendars against Debian's python3-holidays, day by day over their whole coverage. Every difference must stand in
 * tests/cases/calendars_differ.txt with its reason, and every row there must still be needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/case_file.h"
#include "tests/support/process.h"
#include "tests/support/shipped_calendars.h"

#define PACKAGE DAYPART_SOURCE_DIR "/tests/support/package_holidays.py"

enum { MOST_ROWS = 256, MOST_FIELDS = 5, LONGEST_TEXT = 160 };

struct row {
	char areas[16], side[16], days[64];
	int line, uses;
};

static struct row rows[MOST_ROWS];
static size_t row_count;
static int differences;
static struct calendar **calendars;
static size_t calendar_count;

/* "before 0.20", "from 0.20" or "all" against "0.10.1". */
static bool
speaks_of(const char *versions, const char *version)
{
	int major = 0, minor = 0, its_major = 0, its_minor = 0;

	if (strcmp(versions, "all") == 0)
		return true;
	if (sscanf(version, "%d.%d", &its_major, &its_minor) != 2 ||     /* NOLINT(cert-err34-c) */
		sscanf(strchr(versions, ' '), "%d.%d", &major, &minor) != 2) /* NOLINT(cert-err34-c) */
		fail_msg("versions \"%s\" of \"%s\"", versions, version);
	return (its_major < major || (its_major == major && its_minor < minor)) == (strncmp(versions, "before", strlen("before")) == 0);
}

static void
read_rows(const char *version)
{
	struct case_file *file = case_file_open("calendars_differ.txt", ';');
	char *field[MOST_FIELDS];

	for (row_count = 0; case_file_next(file, field, MOST_FIELDS);) {
		struct row *row = &rows[row_count];

		if (!speaks_of(field[3], version))
			continue;
		assert_true(row_count++ < MOST_ROWS);
		*row = (struct row){.line = case_file_line(file)};
		snprintf(row->areas, sizeof(row->areas), "%s", field[0]);
		snprintf(row->side, sizeof(row->side), "%s", field[1]);
		snprintf(row->days, sizeof(row->days), "%s", field[2]);
		assert_true(strlen(field[4]) > 0); /* a difference without a reason is none */
	}
	case_file_close(&file);
}

/* The most special row of all that match counts as used: the last one. */
static void
expect_row(const char *area, const char *side, const char *day)
{
	for (size_t i = row_count; i-- > 0;) {
		if (strcmp(rows[i].side, side) == 0 && fnmatch(rows[i].areas, area, 0) == 0 && fnmatch(rows[i].days, day, 0) == 0) {
			rows[i].uses++;
			return;
		}
	}
	differences++;
	print_error("only %s: %s %s\n", side, area, day);
}

static struct date
date_of(const char *text)
{
	struct err err = ERR_INIT;
	char day[11];
	struct date date;

	snprintf(day, sizeof(day), "%.10s", text);
	if (date_parse(day, &date, &err) != STATUS_OK)
		fail_msg("%s: %s", text, err.primary);
	return date;
}

/* Whether the package's lines, "AREA YYYY-MM-DD name", hold this day. */
static bool
package_has(const char *lines, const char *area, const char *day)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "\n%s %.10s ", area, day);
	return strstr(lines, wanted) != NULL;
}

static void
compare_our_days(const struct calendar *calendar, const char *lines)
{
	for (struct date date = calendar_first(calendar); date.days <= calendar_last(calendar).days; date.days++) {
		const struct civil civil = date_to_civil(date);
		char day[LONGEST_TEXT];

		if (calendar_day(calendar, date) != DAY_HOLIDAY)
			continue;
		snprintf(day, sizeof(day), "%d-%02d-%02d %s", civil.year, civil.month, civil.day, calendar_day_name(calendar, date));
		if (!package_has(lines, calendar_area(calendar), day))
			expect_row(calendar_area(calendar), "ours", day);
	}
}

static void
compare_days_of_package(const struct calendar *calendar, const char *lines)
{
	char start[32];

	snprintf(start, sizeof(start), "\n%s ", calendar_area(calendar));
	for (const char *at = strstr(lines, start); at != NULL; at = strstr(at + 1, start)) {
		char day[LONGEST_TEXT];

		snprintf(day, sizeof(day), "%.*s", (int)strcspn(at + strlen(start), "\n"), at + strlen(start));
		if (calendar_day(calendar, date_of(day)) == DAY_ORDINARY)
			expect_row(calendar_area(calendar), "package", day);
	}
}

static bool
is_unknown_to_package(const char *lines, const char *area)
{
	char line[64];

	snprintf(line, sizeof(line), "\n%s unknown\n", area);
	return strstr(lines, line) != NULL;
}

/* What the package says of all areas, after a line with its version. */
static struct process_result
ask_package(void)
{
	const char *argv[128] = {"/usr/bin/python3", PACKAGE, "2024", "2040"};
	struct process_result result;

	assert_true(calendar_count + 5 < sizeof(argv) / sizeof(argv[0]));
	for (size_t i = 0; i < calendar_count; i++)
		argv[4 + i] = calendar_area(calendars[i]);
	result = process_run(argv, NULL);
	if (result.exit_code != 0)
		fail_msg("python3-holidays cannot be asked; run scripts/setup\n%s", result.err);
	return result;
}

static void
all_differences_have_a_reason(void **state)
{
	struct process_result package = ask_package();
	char version[16] = "";

	(void)state;
	snprintf(version, sizeof(version), "%.*s", (int)strcspn(package.out, "\n"), package.out);
	read_rows(version);
	for (size_t i = 0; i < calendar_count; i++) {
		const struct calendar *calendar = calendars[i];

		if (is_unknown_to_package(package.out, calendar_area(calendar))) {
			expect_row(calendar_area(calendar), "package", "unknown");
		} else {
			compare_our_days(calendar, package.out);
			compare_days_of_package(calendar, package.out);
		}
	}
	process_result_free(&package);
	for (size_t i = 0; i < row_count; i++) {
		if (rows[i].uses == 0)
			print_error("calendars_differ.txt:%d: python3-holidays %s does not differ here: say for which versions the row is\n",
				rows[i].line, version);
		differences += rows[i].uses == 0;
	}
	assert_int_equal(differences, 0);
}

static int
read_calendars(void **state)
{
	(void)state;
	calendars = shipped_calendars_read(&calendar_count);
	return 0;
}

static int
free_calendars(void **state)
{
	(void)state;
	shipped_calendars_free(calendars, calendar_count);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_differences_have_a_reason)};

	return cmocka_run_group_tests(tests, read_calendars, free_calendars) != 0;
}
