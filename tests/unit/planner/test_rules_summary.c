/* rules_summary: what is counted, and what somebody should look at. */
#include "planner/rules_summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REGIME(id, status, review_by, calendar) \
	"id = \"" id "\"; title = \"" id " law\"; kind = \"law\"; status = \"" status "\"; regions = [\"BR\"]; review_by = \"" review_by \
	"\";\n" \
	"windows = ( { id = \"" id ".window\"; source = \"R-056\"; strength = \"must\"; categories = [\"marketing\"]; days = { every_day = " \
	"\"09:00-20:00\"; holidays = \"closed\"; calendar = \"" calendar "\"; }; } );\n"
#define CALENDAR(last) \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nX-DAYPART-AREA:BR\r\nX-DAYPART-COVERAGE:2024-01-01/" last \
	"\r\nBEGIN:VEVENT\r\nUID:x\r\n" \
	"DTSTAMP:20240101T000000Z\r\nDTSTART;VALUE=DATE:20240421\r\nSUMMARY:Tiradentes\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

static struct parsed_law law;

static int
start(void **state)
{
	static const char *const texts[][2] = {
		{"due.cfg", REGIME("due", "enforced", "2026-06-30", "SOON")},
		{"due_advice.cfg", REGIME("due_advice", "advisory", "2026-11-21", "LONG")},
		{"today.cfg", REGIME("today", "enforced", "2026-11-22", "LONG")},
		{"off.cfg", REGIME("off", "off", "2020-01-01", "UNASKED")},
		{"past.cfg", REGIME("past", "enforced", "2030-01-01", "PAST")},
		{"soon.ics", CALENDAR("2027-11-23")},
		{"long.ics", CALENDAR("2027-11-24")},
		{"past.ics", CALENDAR("2026-11-21")},
		{"unasked.ics", CALENDAR("2024-12-31")},
	};
	struct law_texts all = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(law_texts_add(&all, texts[i][0], texts[i][1], &err), STATUS_OK);
	if (law_parse(&all, NULL, NULL, &law, &err) != STATUS_OK) {
		print_error("%s: %s\n", err.primary, err.detail);
		return 1;
	}
	law_texts_free(&all);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	parsed_law_free(&law);
	return 0;
}

static void
regimes_and_rules_are_counted(void **state)
{
	(void)state;
	const struct rules_summary summary = rules_summarise(law.rulebook);
	assert_int_equal(summary.regimes[REGIME_ENFORCED], 3);
	assert_int_equal(summary.regimes[REGIME_ADVISORY], 1);
	assert_int_equal(summary.regimes[REGIME_OFF], 1);
	assert_int_equal(summary.rules, 5);
	assert_int_equal(summary.binding, 3);
}

static void
write_line(void *context, const char *what, const char *which, const char *cure)
{
	fprintf(context, "%s: %s\n", what, which);
	assert_non_null(strstr(cure, "daypart rules load"));
}

/* A regime is due the day after its review_by; nobody looks at what is off. */
static void
what_is_due_is_told(void **state)
{
	(void)state;
	struct date today;
	struct err err = ERR_INIT;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(date_parse("2026-11-22", &today, &err), STATUS_OK);
	rules_attention(&law, today, write_line, out);
	fclose(out);
	assert_string_equal(text,
		"a regime should be reviewed: due (due law), due 2026-06-30\n"
		"a regime should be reviewed: due_advice (due_advice law), due 2026-11-21\n"
		"a calendar has ended: PAST, to 2026-11-21\n"
		"a calendar ends within a year: SOON, to 2027-11-23\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(regimes_and_rules_are_counted), cmocka_unit_test(what_is_due_is_told)};
	return cmocka_run_group_tests(tests, start, stop) != 0;
}
