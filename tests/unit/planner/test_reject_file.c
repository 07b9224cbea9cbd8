/* What the file of rejects holds and hides, and when there is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planner/reject_file.h"
#include "tests/support/temp.h"

#define FIELD(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct {
	const char *text;
	enum mask mask;
	const char *masked;
} numbers[] = {
	{"", MASK_ALL, ""},
	{"+14155550198", MASK_ALL, "+141******98"},
	{"+14155550198", MASK_INTERNATIONAL, "+141******98"},
	{"+1 (415) 555-0198", MASK_ALL, "+1 (41*) ***-**98"},
	{"0415 555 012", MASK_ALL, "041* *** *12"},
	{"0415 555 012", MASK_INTERNATIONAL, "0415 555 012"},
	{"write +1 415 555 0123", MASK_ALL, "write +1 415 555 0123"},
	{"555012", MASK_ALL, "******"},
	{"+49\xC2\xA0"
	 "30 1234567",
		MASK_ALL,
		"+49\xC2\xA0"
		"3* *****67"},
	{"2026-11-23T09:00:00+05:30", MASK_INTERNATIONAL, "2026-11-23T09:00:00+05:30"},
	{"call +14155550198 or +5511987654321", MASK_INTERNATIONAL, "call +141******98 or +551********21"},
};

static void
numbers_are_masked_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char *text = strdup(numbers[i].text);

		mask_numbers(text, numbers[i].mask);
		assert_string_equal(text, numbers[i].masked);
		free(text);
	}
}

static const struct csv_record header = {.line = 1, .count = 2, .fields = {FIELD("phone"), FIELD("source")}};

static struct reject_file *
create(const char *path)
{
	struct reject_file *rejects;
	struct err err = ERR_INIT;

	assert_int_equal(reject_file_create(path, &header, &rejects, &err), STATUS_OK);
	return rejects;
}

static void
add(struct reject_file *rejects, const struct reject *reject, const struct csv_field *fields, int count)
{
	struct err err = ERR_INIT;

	assert_int_equal(reject_file_add(rejects, reject, fields, count, &err), STATUS_OK);
}

static void
rows_are_kept_with_their_phones_masked(void **state)
{
	const struct csv_field row[] = {FIELD("+14155550198"), FIELD("say \"hi\", 2026-11-23")};
	const struct csv_field torn[] = {FIELD("x"), FIELD("y"), FIELD("14155550198")};
	char *path = temp_path("rows.csv");
	struct reject_file *rejects = create(path);
	struct err err = ERR_INIT;
	struct stat stat_of;

	(void)state;
	add(rejects, &(struct reject){2, "phone", "phone \"+14155550198\" is odd"}, row, 2);
	add(rejects, &(struct reject){3, NULL, "torn"}, torn, 3);
	add(rejects, &(struct reject){9, "", "unreadable"}, NULL, 0);
	assert_int_equal(reject_file_count(rejects), 3);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(reject_file_finish(rejects, &err), STATUS_OK);
	reject_file_free(&rejects);

	char *text = file_read(path, NULL);
	assert_string_equal(text,
		"line,field,reason,\"phone\",\"source\"\n"
		"2,\"phone\",\"phone \"\"+141******98\"\" is odd\",\"+141******98\",\"say \"\"hi\"\", 2026-11-23\"\n"
		"3,\"\",\"torn\",\"x\",\"y\",\"141******98\"\n"
		"9,\"\",\"unreadable\",\"\",\"\"\n");
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	free(text);
	free(path);
}

static void
no_rejects_no_file(void **state)
{
	char *path = temp_path("none.csv");
	struct reject_file *rejects = create(path);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(reject_file_finish(rejects, &err), STATUS_OK);
	reject_file_free(&rejects);
	assert_null(rejects);
	assert_int_not_equal(access(path, F_OK), 0);
	free(path);
}

static void
what_is_not_finished_leaves_nothing(void **state)
{
	char *folder = temp_path("unfinished");
	char *path = temp_path("unfinished/x.csv");
	assert_int_equal(mkdir(folder, 0700), 0);
	struct reject_file *rejects = create(path);

	(void)state;
	add(rejects, &(struct reject){2, NULL, "why"}, NULL, 0);
	reject_file_free(&rejects);
	assert_int_equal(rmdir(folder), 0); /* it is empty */
	free(path);
	free(folder);
}

static void
a_place_that_cannot_be_written_is_told(void **state)
{
	struct reject_file *rejects = create("/nowhere/x.csv");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(reject_file_add(rejects, &(struct reject){2, NULL, "why"}, NULL, 0, &err), STATUS_INVALID);
	assert_string_equal(err.primary, "cannot make the file of rejects /nowhere/x.csv: No such file or directory");
	reject_file_free(&rejects);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_masked_as_the_table_says),
		cmocka_unit_test(rows_are_kept_with_their_phones_masked),
		cmocka_unit_test(no_rejects_no_file),
		cmocka_unit_test(what_is_not_finished_leaves_nothing),
		cmocka_unit_test(a_place_that_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
