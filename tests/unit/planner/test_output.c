/* Tables, CSV and JSON of the same rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/output.h"

static const struct output_column columns[] = {{"name", OUTPUT_TEXT}, {"n", OUTPUT_NUMBER}, {"ok", OUTPUT_BOOL}, {"note", OUTPUT_TEXT}};

static const char *const rows[][4] = {
	{"plain", "7", "t", "a"},
	{"with \"quotes\", comma", "-12.5", "f", NULL},
	{"日本\xc3\xa9", NULL, NULL, "two\nlines\\"},
};
enum { ROW_COUNT = 3 };

static char *
render(enum output_format format, size_t row_count, int tables)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct output *output;
	struct err err;

	assert_int_equal(output_open(format, file, &output, &err), STATUS_OK);
	for (int i = 0; i < tables; i++) {
		output_table(output, i == 0 ? "first" : "second", columns, 4);
		for (size_t row = 0; row < row_count; row++)
			output_row(output, rows[row % ROW_COUNT]);
	}
	assert_int_equal(output_close(&output, &err), STATUS_OK);
	fclose(file);
	return text;
}

static void
every_format_writes_every_cell(void **state)
{
	static const struct {
		enum output_format format;
		size_t rows;
		int tables;
		const char *expected;
	} cases[] = {
		{OUTPUT_TABLE, 3, 1,
			"first\n"
			"name                      n  ok   note\n"
			"--------------------  -----  ---  ----------\n"
			"plain                     7  yes  a\n"
			"with \"quotes\", comma  -12.5  no   \n"
			"日本\xc3\xa9                             two lines\\\n"},
		{OUTPUT_TABLE, 0, 2, "first\n(none)\n\nsecond\n(none)\n"},
		{OUTPUT_CSV, 3, 1,
			"name,n,ok,note\n"
			"plain,7,t,a\n"
			"\"with \"\"quotes\"\", comma\",-12.5,f,\n"
			"日本\xc3\xa9,,,\"two\nlines\\\"\n"},
		{OUTPUT_CSV, 0, 2, "name,n,ok,note\n\nname,n,ok,note\n"},
		{OUTPUT_JSON, 3, 1,
			"{\n\"first\": [\n"
			"\t{\"name\": \"plain\", \"n\": 7, \"ok\": true, \"note\": \"a\"},\n"
			"\t{\"name\": \"with \\\"quotes\\\", comma\", \"n\": -12.5, \"ok\": false, \"note\": null},\n"
			"\t{\"name\": \"日本\xc3\xa9\", \"n\": null, \"ok\": null, \"note\": \"two\\u000alines\\\\\"}\n"
			"]\n}\n"},
		{OUTPUT_JSON, 0, 2, "{\n\"first\": [],\n\"second\": []\n}\n"},
		{OUTPUT_JSON, 0, 0, "{}\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = render(cases[i].format, cases[i].rows, cases[i].tables);

		assert_string_equal(text, cases[i].expected);
		free(text);
	}
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* Rows beyond those that are measured are printed as they come, none twice and none lost. */
static void
a_long_table_streams(void **state)
{
	static const size_t lengths[] = {OUTPUT_ALIGN_ROWS - 1, OUTPUT_ALIGN_ROWS, OUTPUT_ALIGN_ROWS + 1, 3 * OUTPUT_ALIGN_ROWS};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *text = render(OUTPUT_TABLE, lengths[i], 1);

		assert_int_equal(count_lines(text), 3 + lengths[i]);
		free(text);
	}
}

static void
a_record_stands_upright_in_a_table_only(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct output *output;
	struct err err;

	(void)state;
	assert_int_equal(output_open(OUTPUT_TABLE, file, &output, &err), STATUS_OK);
	output_record(output, "one", columns, 4, rows[0]);
	assert_int_equal(output_close(&output, &err), STATUS_OK);
	assert_int_equal(output_open(OUTPUT_CSV, file, &output, &err), STATUS_OK);
	output_record(output, "one", columns, 4, rows[0]);
	assert_int_equal(output_close(&output, &err), STATUS_OK);
	fclose(file);
	assert_string_equal(text, "one\nname  plain\nn     7\nok    yes\nnote  a\nname,n,ok,note\nplain,7,t,a\n");
	free(text);
}

static void
numbers_that_json_lacks_are_strings(void **state)
{
	static const struct output_column number[] = {{"n", OUTPUT_NUMBER}};
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct output *output;
	struct err err;

	(void)state;
	assert_int_equal(output_open(OUTPUT_JSON, file, &output, &err), STATUS_OK);
	output_table(output, "t", number, 1);
	output_row(output, (const char *const[]){"NaN"});
	assert_int_equal(output_close(&output, &err), STATUS_OK);
	fclose(file);
	assert_string_equal(text, "{\n\"t\": [\n\t{\"n\": \"NaN\"}\n]\n}\n");
	free(text);
}

static void
a_full_disk_is_reported(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct output *output;
	struct err err;

	(void)state;
	assert_int_equal(output_open(OUTPUT_CSV, full, &output, &err), STATUS_OK);
	output_table(output, "t", columns, 4);
	assert_int_equal(output_close(&output, &err), STATUS_TRANSIENT);
	assert_string_equal(err.primary, "cannot write the result: No space left on device");
	fclose(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_writes_every_cell),
		cmocka_unit_test(a_long_table_streams),
		cmocka_unit_test(a_record_stands_upright_in_a_table_only),
		cmocka_unit_test(numbers_that_json_lacks_are_strings),
		cmocka_unit_test(a_full_disk_is_reported),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
