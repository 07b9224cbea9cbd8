/* law_change: what one rulebook changes against another. */
#include "planner/law_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD(id, status) \
	"id = \"" id "\"; title = \"" id " law\"; kind = \"law\"; status = \"" status "\"; regions = [\"BR\"]; review_by = \"2027-06-30\";\n"
#define CAP(id, n) \
	"{ id = \"" id "\"; source = \"R-064\"; strength = \"must\"; categories = [\"marketing\"]; n = " n "; per = \"calendar month\"; }"
#define WINDOW \
	"windows = ( { id = \"br.window\"; source = \"R-056\"; strength = \"must\"; categories = [\"marketing\"]; days = { weekdays = " \
	"\"09:00-20:00\"; " \
	"weekends = \"closed\"; holidays = \"closed\"; calendar = \"BR\"; }; } );\n"
#define CALENDAR(last, events) \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nX-DAYPART-AREA:BR\r\nX-DAYPART-COVERAGE:2026-01-01/" last "\r\n" events \
	"END:VCALENDAR\r\n"
#define EVENT(day, name) \
	"BEGIN:VEVENT\r\nUID:" day "\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:" day "\r\nSUMMARY:" name "\r\nEND:VEVENT\r\n"

static struct parsed_law
parse(const char *book, const char *calendar)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct parsed_law law = PARSED_LAW_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(law_texts_add(&texts, "br.cfg", book, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "br.ics", calendar, &err), STATUS_OK);
	if (law_parse(&texts, NULL, NULL, &law, &err) != STATUS_OK)
		fail_msg("%s: %s", err.primary, err.detail);
	law_texts_free(&texts);
	return law;
}

static void
write_change(void *context, const struct law_change *change)
{
	fprintf(context, "%s %s/%s %s: %s -> %s (%s)\n", change_kind_words(change->kind), change->regime, change->subject, change->part,
		change->before, change->after, direction_words(change->direction));
}

/* Changes from one to the other as text; counts too. */
static void
expect(struct parsed_law before, struct parsed_law after, const char *expected, struct law_change_counts *out_counts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct err err = ERR_INIT;
	assert_int_equal(law_compare(&before, &after, write_change, out, out_counts, &err), STATUS_OK);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	parsed_law_free(&before);
	parsed_law_free(&after);
}

static const char *const calendar = CALENDAR("2026-12-31", EVENT("20260421", "Tiradentes"));

static void
equal_books_differ_in_nothing(void **state)
{
	(void)state;
	struct law_change_counts counts;
	expect(parse(HEAD("br", "enforced") WINDOW, calendar), parse(HEAD("br", "enforced") WINDOW, calendar), "", &counts);
}

static void
rules_come_go_and_change(void **state)
{
	(void)state;
	struct law_change_counts counts;
	expect(parse(HEAD("br", "enforced") "caps = (" CAP("br.cap", "4") ", " CAP("br.gone", "9") ");", calendar),
		parse(HEAD("br", "enforced") "caps = (" CAP("br.cap", "3") ", " CAP("br.new", "1") ");", calendar),
		"changed br/br.cap n: 4 -> 3 (tightens)\n"
		"added br/br.new :  -> at most 1 message to a person within a month of the calendar [marketing] (tightens)\n"
		"removed br/br.gone : at most 9 messages to a person within a month of the calendar [marketing] ->  (loosens)\n",
		&counts);
	for (int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		assert_int_equal(counts.rules[kind], 1);
	assert_int_equal(counts.tightens, 2);
	assert_int_equal(counts.loosens, 1);
}

static void
what_does_not_bind_changes_nothing(void **state)
{
	(void)state;
	struct law_change_counts counts;
	expect(parse(HEAD("br", "advisory") "caps = (" CAP("br.cap", "4") ", " CAP("br.gone", "9") ");", calendar),
		parse(HEAD("br", "advisory") "caps = (" CAP("br.cap", "3") ");", calendar),
		"changed br/br.cap n: 4 -> 3 ()\n"
		"removed br/br.gone : at most 9 messages to a person within a month of the calendar [marketing] ->  ()\n",
		&counts);
	assert_int_equal(counts.neutral, 2);
	expect(parse(HEAD("br", "advisory") "caps = (" CAP("br.cap", "4") ");", calendar),
		parse(HEAD("br", "enforced") "caps = (" CAP("br.cap", "9") ");", calendar),
		"changed br/br status: advisory -> enforced (tightens)\n"
		"changed br/br.cap n: 4 -> 9 (tightens)\n",
		&counts);
}

static void
regimes_come_and_go_with_their_rules(void **state)
{
	(void)state;
	struct law_change_counts counts;
	expect(parse(HEAD("br", "enforced") "caps = (" CAP("br.cap", "4") ");", calendar),
		parse(HEAD("brazil", "enforced") "caps = (" CAP("br.cap", "4") ");", calendar),
		"added brazil/brazil :  -> brazil law ()\n"
		"changed brazil/br.cap regime: br -> brazil (unclear)\n"
		"removed br/br : br law ->  ()\n",
		&counts);
	assert_int_equal(counts.rules[CHANGE_ADDED], 0);
	assert_int_equal(counts.rules[CHANGE_REMOVED], 0);
}

static void
days_of_calendars_are_told_one_by_one(void **state)
{
	(void)state;
	struct law_change_counts counts;
	expect(parse(HEAD("br", "enforced") WINDOW, calendar),
		parse(HEAD("br", "enforced") WINDOW, CALENDAR("2027-12-31", EVENT("20261120", "Zumbi") EVENT("20270101", "New Year"))),
		"changed /BR coverage: 2026-01-01 to 2026-12-31 -> 2026-01-01 to 2027-12-31 (loosens)\n"
		"changed /BR 2026-04-21: Tiradentes -> no holiday (loosens)\n"
		"changed /BR 2026-11-20: no holiday -> Zumbi (tightens)\n",
		&counts);
	expect(parse(HEAD("br", "enforced"), calendar),
		parse(HEAD("br", "enforced"), CALENDAR("2026-12-31", EVENT("20260421", "Tooth-puller"))),
		"changed /BR 2026-04-21: Tiradentes -> Tooth-puller ()\n", &counts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_books_differ_in_nothing),
		cmocka_unit_test(rules_come_go_and_change),
		cmocka_unit_test(what_does_not_bind_changes_nothing),
		cmocka_unit_test(regimes_come_and_go_with_their_rules),
		cmocka_unit_test(days_of_calendars_are_told_one_by_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
