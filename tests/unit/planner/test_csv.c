/* What each file reads as: "LINE:field|field" for a good record, "LINE!primary" for a bad one, one a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "planner/csv.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static struct csv_reader *
open_bytes(const char *bytes, size_t size)
{
	struct csv_reader *reader;
	struct err err = ERR_INIT;
	const int fd = memfd_create("test_csv", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(csv_open_fd(fd, &reader, &err), STATUS_OK);
	return reader;
}

static void
write_record(FILE *out, enum status status, const struct csv_record *record, const struct err *err)
{
	if (status != STATUS_OK) {
		fprintf(out, "%lld!%s\n", (long long)record->line, err->primary);
		return;
	}
	fprintf(out, "%lld:", (long long)record->line);
	for (int i = 0; i < record->count; i++)
		fprintf(out, "%s%s", i > 0 ? "|" : "", record->fields[i].text);
	fputc('\n', out);
}

static char *
read_all(const char *bytes, size_t size)
{
	struct csv_reader *reader = open_bytes(bytes, size);
	const struct csv_record *record;
	struct err err = ERR_INIT;
	enum status status;
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	while ((status = csv_next(reader, &record, &err)) != STATUS_NOT_FOUND)
		write_record(out, status, record, &err);
	fclose(out);
	csv_close(&reader);
	assert_null(reader);
	return text;
}

static const struct {
	const char *bytes;
	size_t size;
	const char *expected;
} files[] = {
	{TEXT(""), ""},
	{TEXT("\xEF\xBB\xBF"), ""},
	{TEXT("\n\r\n\n"), ""},
	{TEXT("a,b\n1,2\n"), "1:a|b\n2:1|2\n"},
	{TEXT("a,b\r\n1,2"), "1:a|b\n2:1|2\n"},
	{TEXT("\xEF\xBB\xBF\"a\",b\n1,\n"), "1:a|b\n2:1|\n"},
	{TEXT("a,b\n , x \n"), "1:a|b\n2: | x \n"},
	{TEXT("a\n\n\r\nb\n"), "1:a\n4:b\n"},
	{TEXT("a,b\n\"say \"\"hi\"\", then\",\"two\nlines\"\n3,4\n"), "1:a|b\n2:say \"hi\", then|two\nlines\n4:3|4\n"},
	{TEXT("a\n\"x\r\n\r\ny\"\r\nz\r\n"), "1:a\n2:x\r\n\r\ny\n5:z\n"},
	{TEXT("a,b\n1\n1,2,3\n1,2\n"),
		"1:a|b\n2!the record's field count is 1, the header's is 2\n3!the record's field count is 3, the header's is 2\n4:1|2\n"},
	{TEXT("a,b\n1,x\"y\n3,4\n"), "1:a|b\n2!a quote is out of place or not closed\n3:3|4\n"},
	{TEXT("a,b\n1,\"x\" y\n3,4\n"), "1:a|b\n2!a quote is out of place or not closed\n3:3|4\n"},
	{TEXT("a,b\n1,\"open\n3,4\n5,6\n"), "1:a|b\n2!a quote is out of place or not closed\n3:3|4\n4:5|6\n"},
	{TEXT("a,b\n1,\"open\n3,\"x\"\n5,6"), "1:a|b\n2!a quote is out of place or not closed\n3:3|x\n4:5|6\n"},
	{TEXT("a\n\"open"), "1:a\n2!a quote is out of place or not closed\n"},
	{TEXT("a,b\n1,x\0y\n3,4\n"), "1:a|b\n2!the record holds a NUL byte (byte 4)\n3:3|4\n"},
	{TEXT("a\n\xFF\n\xC3\xA9\n"), "1:a\n2!the record is not UTF-8 (byte 1 is 0xff)\n3:\xC3\xA9\n"},
	{TEXT("a\n\xC0\xAF\n\xED\xA0\x80\n\xF4\x90\x80\x80\n\xE2\x82\n"),
		"1:a\n2!the record is not UTF-8 (byte 1 is 0xc0)\n3!the record is not UTF-8 (byte 1 is 0xed)\n"
		"4!the record is not UTF-8 (byte 1 is 0xf4)\n5!the record is not UTF-8 (byte 1 is 0xe2)\n"},
};

static void
files_read_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text = read_all(files[i].bytes, files[i].size);

		assert_string_equal(text, files[i].expected);
		free(text);
	}
}

/* "a,b\n" + `before` + `count` x + `after` */
static char *
read_padded(const char *before, size_t count, const char *after)
{
	char *bytes = malloc(count + 256);
	size_t size = (size_t)sprintf(bytes, "a,b\n%s", before);

	memset(bytes + size, 'x', count);
	size += count;
	size += (size_t)sprintf(bytes + size, "%s", after);
	char *text = read_all(bytes, size);
	free(bytes);
	return text;
}

static void
a_long_line_is_one_bad_record(void **state)
{
	char *text = read_padded("1,", 1 << 20, "\n3,4\n");

	(void)state;
	assert_string_equal(text, "1:a|b\n2!the line is longer than 64 KiB\n3:3|4\n");
	free(text);
}

static void
an_endless_quote_costs_one_line(void **state)
{
	char *text = read_padded("1,\"open\n3,4\n5,", CSV_RECORD_MAX, "\n6,7\n");

	(void)state;
	assert_string_equal(
		text, "1:a|b\n2!a quote that opens here is not closed within 64 KiB\n3:3|4\n4!the line is longer than 64 KiB\n5:6|7\n");
	free(text);
}

static void
the_limit_itself_is_allowed(void **state)
{
	const size_t fits = CSV_RECORD_MAX - strlen("1,\n");
	char *good = read_padded("1,", fits, "\n");
	char *bad = read_padded("1,", fits + 1, "\n");

	(void)state;
	assert_non_null(strstr(good, "2:1|xxx"));
	assert_string_equal(bad, "1:a|b\n2!the line is longer than 64 KiB\n");
	free(good);
	free(bad);
}

static void
too_many_fields_are_refused(void **state)
{
	char bytes[CSV_FIELDS_MAX + 2];

	(void)state;
	memset(bytes, ',', sizeof(bytes));
	char *text = read_all(bytes, CSV_FIELDS_MAX);
	assert_string_equal(text, "1!the record's field count is 65, the limit is 64\n");
	free(text);
}

static void
what_is_no_csv_file_is_refused(void **state)
{
	struct csv_reader *reader;
	struct err err = ERR_INIT;
	const int fd = memfd_create("test_csv", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(csv_open("/nowhere/file.csv", &reader, &err), STATUS_INVALID);
	assert_string_equal(err.primary, "No such file or directory");
	assert_int_equal(csv_open("/", &reader, &err), STATUS_INVALID);
	assert_string_equal(err.primary, "this is a folder");
	assert_int_equal(write(fd, "\xFF\xFE\x61\x00", 4), 4);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(csv_open_fd(fd, &reader, &err), STATUS_INVALID);
	assert_string_equal(err.primary, "the file is UTF-16, not UTF-8");
	assert_null(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_read_as_the_table_says),
		cmocka_unit_test(a_long_line_is_one_bad_record),
		cmocka_unit_test(an_endless_quote_costs_one_line),
		cmocka_unit_test(the_limit_itself_is_allowed),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(what_is_no_csv_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
