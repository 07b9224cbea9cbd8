/* The temporary file of a plan has no name, gives back what was put into it, and says where there is no room. */
#include "planner/spool_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"

enum { ROWS = 100000 };

static size_t
count_files(const char *folder)
{
	DIR *listing = opendir(folder);
	size_t count = 0;

	assert_non_null(listing);
	while (readdir(listing) != NULL)
		count++;
	closedir(listing);
	return count;
}

static void
rows_come_back_from_a_file_without_a_name(void **state)
{
	(void)state;
	const char *folder = temp_dir();
	struct spool_file file;
	struct spool *spool;
	const size_t before = count_files(folder);

	setenv("TMPDIR", folder, 1);
	spool_file_open(&file, 0);
	assert_int_equal(spool_create(sizeof(int64_t), &file.storage, &spool), STATUS_OK);
	for (int64_t i = 0; i < ROWS; i++)
		assert_int_equal(spool_add(spool, &i), STATUS_OK);
	assert_true(file.descriptor >= 0);
	assert_int_equal(count_files(folder), before);
	for (int64_t i = 0; i < ROWS; i += 997) {
		int64_t row;
		assert_int_equal(spool_read(spool, (size_t)i, 1, &row), STATUS_OK);
		assert_int_equal(row, i);
	}
	spool_free(&spool);
	spool_file_close(&file);
}

static void
what_fits_into_memory_makes_no_file(void **state)
{
	(void)state;
	struct spool_file file;
	struct spool *spool;
	const int64_t row = 7;

	spool_file_open(&file, 0);
	assert_int_equal(spool_create(sizeof row, &file.storage, &spool), STATUS_OK);
	assert_int_equal(spool_add(spool, &row), STATUS_OK);
	assert_int_equal(file.descriptor, -1);
	spool_free(&spool);
	spool_file_close(&file);
}

static void
a_folder_that_is_missing_is_named(void **state)
{
	(void)state;
	struct spool_file file;
	struct err err = ERR_INIT;
	const int64_t row = 7;

	setenv("TMPDIR", "/nowhere/at/all", 1);
	spool_file_open(&file, 0);
	assert_int_equal(file.storage.write(&file.storage, 0, &row, sizeof row), STATUS_TRANSIENT);
	assert_int_equal(spool_fail(&file.storage, &err), STATUS_TRANSIENT);
	assert_non_null(strstr(err.primary, "/nowhere/at/all"));
	assert_non_null(strstr(err.hint, "TMPDIR"));
	spool_file_close(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back_from_a_file_without_a_name),
		cmocka_unit_test(what_fits_into_memory_makes_no_file),
		cmocka_unit_test(a_folder_that_is_missing_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
