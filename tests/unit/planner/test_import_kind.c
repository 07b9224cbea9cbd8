/* Which header rows each kind accepts, and what is said of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "planner/import_kind.h"

/* `text` is cut at its commas, in place. */
static struct csv_record
header_of(char *text)
{
	struct csv_record header = {.line = 1};

	for (char *name = text; name != NULL;) {
		char *comma = strchr(name, ',');

		if (comma != NULL)
			*comma = '\0';
		header.fields[header.count++] = (struct csv_field){name, strlen(name)};
		name = comma != NULL ? comma + 1 : NULL;
	}
	return header;
}

static const struct {
	const char *kind, *header;
	const char *primary; /* NULL: accepted */
	const char *hint;    /* a part of it */
} headers[] = {
	{"businesses", "name", NULL, NULL},
	{"businesses", "country,name,legal_name", NULL, NULL},
	{"recipients", "phone", NULL, NULL},
	{"recipients", "var:first_name,phone,var:total,region", NULL, NULL},
	{"recipients", "line,field,reason,phone", NULL, NULL},
	{"consents", "phone,business,channel,category,state", NULL, NULL},
	{"opt-outs", "phone", NULL, NULL},
	{"recipients", "region", "column \"phone\" is missing", "recipients need it: + and country code"},
	{"recipients", "phone,timezon", "unknown column \"timezon\"", "did you mean \"timezone\"?"},
	{"recipients", "phone,Region", "unknown column \"Region\"", "did you mean \"region\"?"},
	{"recipients", "phone,shoe_size", "unknown column \"shoe_size\"", "columns of recipients: phone region"},
	{"recipients", "phone,region,region", "column \"region\" is given twice", "leave one of them out"},
	{"recipients", "phone,var:a,var:a", "column \"var:a\" is given twice", "leave one of them out"},
	{"recipients", "phone,var:", "unknown column \"var:\"", "var:NAME"},
	{"consents", "phone,business,channel,category,var:a", "unknown column \"var:a\"", "columns of consents"},
	{"campaigns", "name,status", "unknown column \"status\"", "columns of campaigns"},
	{"sends", "phone,business,channel,category", "column \"sent_at\" is missing", "time with an offset"},
	{"recipients", "phone;region;timezone", "between the columns of the first line stand semicolons", "with commas"},
	{"recipients", "phone\tregion", "between the columns of the first line stand tabs", "with commas"},
	{"recipients", "+14155550123;US-CA", "the first line names no known column", "columns of recipients: phone"},
	{"recipients", "+14155550123,US-CA", "the first line names no known column", "columns of recipients: phone"},
};

static void
headers_are_judged_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct err err = ERR_INIT;
		char *text = strdup(headers[i].header);
		const struct csv_record header = header_of(text);
		const enum status status = import_header_check(import_kind_find(headers[i].kind), &header, &err);

		assert_int_equal(status, headers[i].primary ? STATUS_INVALID : STATUS_OK);
		if (headers[i].primary != NULL) {
			assert_string_equal(err.primary, headers[i].primary);
			assert_non_null(strstr(err.hint, headers[i].hint));
		}
		free(text);
	}
}

static void
every_kind_is_found_and_listed(void **state)
{
	(void)state;
	for (int i = 0; i < IMPORT_KINDS; i++) {
		assert_ptr_equal(import_kind_find(import_kinds[i].name), &import_kinds[i]);
		assert_non_null(strstr(import_kind_names(), import_kinds[i].name));
	}
	assert_null(import_kind_find("people"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_judged_as_the_table_says),
		cmocka_unit_test(every_kind_is_found_and_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
