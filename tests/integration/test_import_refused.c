/* daypart import: what is refused and how, and what becomes of the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "planner/csv.h"
#include "planner/reject_file.h"
#include "tests/support/case_file.h"
#include "tests/support/import_world.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { REASON_MAX = 2048 };

/* What is refused ------------------------------------------------------------------------------------------------------------------------- */

static void
bad_input_is_refused_as_the_table_says(void **state)
{
	struct case_file *file = case_file_open("bad_csv.txt", ';');
	char *field[4];

	(void)state;
	while (case_file_next(file, field, 4)) {
		struct process_result result = import_world_case(field[0], field[1]);
		char *rejects = import_world_rejects(), *undoubled = strdup(rejects);
		size_t length = 0;

		for (const char *at = rejects; *at != '\0'; at++) /* as a reader of the CSV sees it */
			if (at[0] != '"' || at[1] != '"')
				undoubled[length++] = *at;
		undoubled[length] = '\0';
		if (result.exit_code != strtol(field[2], NULL, 10) ||
			(strstr(result.err, field[3]) == NULL && strstr(undoubled, field[3]) == NULL)) {
			print_error("bad_csv.txt:%d: exit code %d\n%s%s\n", case_file_line(file), result.exit_code, result.err, rejects);
			fail();
		}
		free(undoubled);
		free(rejects);
		process_result_free(&result);
	}
	case_file_close(&file);
}

/* Field and reason of the first reject. */
static void
first_reject(char field[REASON_MAX], char reason[REASON_MAX])
{
	char *path = temp_path("file.rejects.csv");
	const struct csv_record *record;
	struct csv_reader *reader;
	struct err err = ERR_INIT;

	assert_int_equal(csv_open(path, &reader, &err), STATUS_OK);
	assert_int_equal(csv_next(reader, &record, &err), STATUS_OK);
	assert_int_equal(csv_next(reader, &record, &err), STATUS_OK);
	snprintf(field, REASON_MAX, "%s", record->fields[1].text);
	snprintf(reason, REASON_MAX, "%s", record->fields[2].text);
	csv_close(&reader);
	free(path);
}

static void
sql_and_csv_refuse_in_the_same_words(void **state)
{
	struct case_file *file = case_file_open("same_words.txt", ';');
	char *field[3];

	(void)state;
	while (case_file_next(file, field, 3)) {
		char by_sql[REASON_MAX], by_csv[REASON_MAX], column[REASON_MAX];
		struct process_result result = import_world_case(field[0], field[1]);
		PGresult *refused = PQexec(import_world.connection, field[2]);

		assert_int_equal(result.exit_code, 65);
		assert_int_equal(PQresultStatus(refused), PGRES_FATAL_ERROR);
		snprintf(by_sql, sizeof(by_sql), "%s: %s", PQresultErrorField(refused, PG_DIAG_MESSAGE_PRIMARY),
			PQresultErrorField(refused, PG_DIAG_MESSAGE_HINT));
		first_reject(column, by_csv);
		mask_reason(by_sql, column);
		if (strcmp(by_sql, by_csv) != 0)
			print_error("same_words.txt:%d\n", case_file_line(file));
		assert_string_equal(by_sql, by_csv);
		PQclear(refused);
		process_result_free(&result);
	}
	case_file_close(&file);
}

static void
good_rows_land_beside_bad_ones(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct process_result result;
	char *rejects;

	(void)state;
	fputs("phone,source\n+14155550170,a\n+14155550171,\"open\n+14155550172,c\n+14155550173,", out);
	for (int i = 0; i < 1 << 20; i++)
		putc('x', out);
	fprintf(out, "\n+14155550174,e%c\n0415 555 0175,f\n+14155550176,g", '\0');
	fclose(out);
	result = import_world_bytes("recipients", text, size);
	assert_int_equal(result.exit_code, 65);
	sql_expect(import_world.connection,
		"SELECT string_agg(source, '' ORDER BY phone) FROM recipient WHERE phone BETWEEN 14155550170 AND 14155550179", "acg");
	rejects = import_world_rejects();
	assert_non_null(strstr(rejects, "\n3,\"\",\"a quote"));
	assert_non_null(strstr(rejects, "\n5,\"\",\"the line is longer"));
	assert_non_null(strstr(rejects, "\n6,\"\",\"the record holds a NUL"));
	assert_non_null(strstr(rejects, "\n7,\"phone\",\"phone \"\"041* *** **75\"\""));
	assert_null(strstr(rejects, "0415 555 0175"));
	free(rejects);
	free(text);
	process_result_free(&result);
}

static void
a_corrected_file_of_rejects_can_be_imported(void **state)
{
	char *path = temp_path("again.csv"), *options;
	char *rejects, *wrong, *bad = temp_write("bad.csv", "name,country\nfixable,USA\n");
	struct process_result result;

	(void)state;
	assert_true(asprintf(&options, "--rejects %s", path) > 0);
	result = import_world_file("businesses", bad, options);
	assert_int_equal(result.exit_code, 65);
	process_result_free(&result);
	rejects = file_read(path, NULL);
	wrong = strstr(rejects, ",\"USA\"");
	assert_non_null(wrong);
	memcpy(wrong, ",\"US\"\n", 7);
	import_world_expect_counts("businesses", rejects, "1,0,0,0");
	free(rejects);
	free(options);
	free(bad);
	free(path);
}

static void
what_cannot_be_read_or_written_is_told(void **state)
{
	char *file = temp_write("file.csv", "phone\nwrong\n");
	struct process_result result = import_world_file("recipients", "/nowhere.csv", "");

	(void)state;
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "/nowhere.csv: No such file or directory"));
	process_result_free(&result);
	result = import_world_file("recipients", temp_dir(), "");
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "this is a folder"));
	process_result_free(&result);
	result = import_world_file("recipients", file, "--rejects /nowhere/rejects.csv");
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "cannot make the file of rejects /nowhere/rejects.csv"));
	process_result_free(&result);
	free(file);
}

/* As under a quota: an error of the write, not the end by a signal. */
static void
a_file_of_rejects_that_may_not_grow_is_told(void **state)
{
	struct rlimit before;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fputs("phone\n", out);
	for (int i = 0; i < 1000; i++)
		fputs("wrong\n", out);
	fclose(out);
	char *file = temp_write("file.csv", text);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 16384, .rlim_max = before.rlim_max}), 0);
	struct process_result result = import_world_file("recipients", file, "");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(result.signal, 0);
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "File too large"));
	process_result_free(&result);
	free(file);
	free(text);
}

static void
a_dry_run_changes_nothing_and_shows_everything(void **state)
{
	char *file = temp_write("file.csv", "phone,region\n+14155550180,US\n+14155550181,XX\n+14155550101,US-CA\n");
	struct process_result result = import_world_file("recipients", file, "--dry-run");
	char *rejects = import_world_rejects();

	(void)state;
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.out, "dry run, nothing was changed"));
	assert_non_null(strstr(rejects, "region \"\"XX\"\" is unknown"));
	sql_expect(import_world.connection, "SELECT count(*) FROM recipient WHERE phone = 14155550180 OR region = 'US-CA'", "0");
	sql_expect(import_world.connection, "SELECT count(*) FROM slot", "6");
	free(rejects);
	process_result_free(&result);
	free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IMPORT_TEST(bad_input_is_refused_as_the_table_says),
		IMPORT_TEST(sql_and_csv_refuse_in_the_same_words),
		IMPORT_TEST(good_rows_land_beside_bad_ones),
		IMPORT_TEST(a_corrected_file_of_rejects_can_be_imported),
		IMPORT_TEST(what_cannot_be_read_or_written_is_told),
		IMPORT_TEST(a_file_of_rejects_that_may_not_grow_is_told),
		IMPORT_TEST(a_dry_run_changes_nothing_and_shows_everything),
	};

	return cmocka_run_group_tests(tests, import_world_start, import_world_stop) != 0;
}
