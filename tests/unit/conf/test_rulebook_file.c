/* What a rulebook file may say, and what is refused: all problems of a run, each with its line and field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "tests/support/case_file.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define HEAD "id = \"x\"; title = \"X\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2027-01-01\";\n"
#define COMMON "id = \"x.a\"; source = \"R-001\"; strength = \"must\"; categories = [\"marketing\"]; "

static const char calendar[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//daypart//test//EN\r\nX-DAYPART-AREA:BR\r\n"
							   "X-DAYPART-COVERAGE:2026-01-01/2026-12-31\r\nBEGIN:VEVENT\r\nUID:1@test\r\nDTSTAMP:20260101T000000Z\r\n"
							   "DTSTART;VALUE=DATE:20261120\r\nSUMMARY:Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

struct found {
	int count, lines[8];
	char text[8][512];
};

static void
take_problem(void *context, const char *file, int line, const char *what)
{
	struct found *found = context;
	(void)file;
	if (found->count < 8) {
		found->lines[found->count] = line;
		snprintf(found->text[found->count], sizeof(found->text[0]), "%s", what);
	}
	found->count++;
}

static enum status
parse(const char *text, struct found *found, struct parsed_law *law, struct err *err)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	*found = (struct found){0};
	assert_int_equal(law_texts_add(&texts, "x.cfg", text, err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "br.ics", calendar, err), STATUS_OK);
	enum status status = law_parse(&texts, take_problem, found, law, err);
	law_texts_free(&texts);
	return status;
}

/* The text of a row: "file", "head" or the section it stands in. */
static void
compose(const char *where, const char *snippet, char *out, size_t room)
{
	char text[1024];
	size_t length = 0;
	for (const char *at = snippet; *at != '\0' && length + 1 < sizeof text; at++) {
		const bool new_line = at[0] == '\\' && at[1] == 'n';
		text[length++] = new_line ? '\n' : *at;
		at += new_line;
	}
	text[length] = '\0';
	if (strcmp(where, "file") == 0)
		snprintf(out, room, "%s\n", text);
	else if (strcmp(where, "head") == 0)
		snprintf(out, room, HEAD "%s\n", text);
	else
		snprintf(out, room, HEAD "%s = ( { " COMMON "\n%s } );\n", where, text);
}

static bool
check_row(char *const *field, int row)
{
	char text[2048];
	struct parsed_law law;
	struct found found;
	struct err err = ERR_INIT;
	compose(field[0], field[1], text, sizeof text);
	const enum status status = parse(text, &found, &law, &err);
	const bool said = strstr(found.text[0], field[3]) != NULL || (err.status == status && strstr(err.detail, field[3]) != NULL);
	const bool placed = strcmp(field[2], "-") == 0 || strtol(field[2], NULL, 10) == found.lines[0];
	if (status == STATUS_INVALID && said && placed && found.count == 1 && law.rulebook == NULL && *err.primary)
		return true;
	print_error("bad_rules.txt:%d: %d problems, the first in line %d: %s\n", row, found.count, found.lines[0], found.text[0]);
	if (status == STATUS_OK)
		parsed_law_free(&law);
	return false;
}

static void
each_mistake_is_one_problem_with_its_place_and_cure(void **state)
{
	struct case_file *file = case_file_open("bad_rules.txt", '|');
	char *field[4];
	int failures = 0;
	(void)state;
	while (case_file_next(file, field, 4))
		failures += !check_row(field, case_file_line(file));
	case_file_close(&file);
	assert_int_equal(failures, 0);
}

/* Several files ------------------------------------------------------------------------------------------------------------------------ */

#define REGIME(id, regions, rest) \
	"id = \"" id "\"; title = \"T\"; status = \"enforced\"; regions = " regions "; review_by = \"2027-01-01\";\n" rest "\n"
#define RULE(section, id, rest) \
	section " = (\n{ id = \"" id "\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; " rest " } );"
#define MORNING "days = { every_day = \"08:00-12:00\"; };"
#define EVENING "days = { every_day = \"12:00-20:00\"; };"

static const struct {
	const char *a, *b, *where; /* "" when both are good together */
	const char *says;
} together[] = {
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", MORNING)), REGIME("b", "[\"DE\"]", RULE("windows", "b.w", EVENING)), "", NULL},
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", MORNING)), REGIME("b", "[\"US-TX\"]", RULE("windows", "b.w", EVENING)), "b.cfg:3",
		"days: no minute of the week is open in rules \"a.w\" (a.cfg:3) and \"b.w\"; change one, or say in when, from or until"},
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", MORNING)),
		REGIME("b", "[\"US-TX\"]", RULE("windows", "b.w", "from = \"2026-01-01\"; " EVENING)), "b.cfg:3", "no minute"},
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", "until = \"2026-01-01\"; " MORNING)),
		REGIME("b", "[\"US-TX\"]", RULE("windows", "b.w", "from = \"2026-01-01\"; " EVENING)), "", NULL},
	/* a ban is meant when it says for whom or until when; it does not hide what others do */
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", "when = \"number:US\"; days = { every_day = \"closed\"; };")),
		REGIME("b", "[\"US\"]", RULE("windows", "b.w", EVENING)), "", NULL},
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", "until = \"2030-01-01\"; days = { every_day = \"closed\"; };")),
		REGIME("b", "[\"US\"]", RULE("windows", "b.w", EVENING)), "", NULL},
	{REGIME("a", "[\"US\"]", RULE("windows", "a.w", "emergency = true; days = { every_day = \"closed\"; };")),
		REGIME("b", "[\"US\"]", RULE("windows", "b.w", EVENING)), "", NULL},
	{REGIME("a", "\"everywhere\"", RULE("contents", "a.c", "languages = [\"en\"];")),
		REGIME("b", "[\"BR\"]", RULE("contents", "b.c", "languages = [\"pt\", \"es\"];")), "b.cfg:3",
		"languages: no language is common to rules \"a.c\" (a.cfg:3) and \"b.c\""},
	{REGIME("a", "[\"BR\"]", RULE("retentions", "a.r", "data = \"evidence\"; after = \"grant\"; min = \"365d\";")),
		REGIME("b", "[\"BR\"]", RULE("retentions", "b.r", "data = \"evidence\"; after = \"opt_out\"; max = \"30d\";")), "b.cfg:3",
		"min: data must be kept and deleted at once by rules \"a.r\" (a.cfg:3) and \"b.r\""},
	{REGIME("a", "[\"BR\"]", RULE("opt_outs", "a.o", "confirmation = \"required\";")),
		REGIME("b", "[\"BR\"]", RULE("opt_outs", "b.o", "confirmation = \"forbidden\";")), "b.cfg:3",
		"confirmation: the confirmation of an opt-out is required and forbidden by"},
	/* an option that is not chosen binds nobody */
	{REGIME("a", "[\"BR\"]", RULE("opt_outs", "a.o", "confirmation = \"required\";")),
		REGIME("b", "[\"BR\"]", RULE("opt_outs", "b.o", "confirmation = \"forbidden\"; option = \"C9\"; on = false;")), "", NULL},
	{REGIME("a", "[\"BR\"]", "should = \"warn\";"), REGIME("b", "[\"BR\"]", "\nshould = \"warn\";"), "b.cfg:3",
		"should: stands in a.cfg already; one file says it for all"},
	{REGIME("a", "[\"BR\"]", ""), REGIME("a", "[\"US\"]", ""), "b.cfg:0", "id: regime \"a\" is defined in a.cfg already"},
	{REGIME("a", "[\"BR\"]", RULE("sessions", "a.s", "length = \"24h\";")),
		REGIME("b", "[\"US\"]", "\n" RULE("sessions", "a.s", "length = \"24h\";")), "b.cfg:4",
		"id: rule id \"a.s\" stands in a.cfg, line 3, already; every rule needs its own"},
};

struct placed {
	int count;
	char where[64], text[512];
};

static void
take_placed(void *context, const char *file, int line, const char *what)
{
	struct placed *placed = context;
	if (placed->count++ == 0) {
		snprintf(placed->where, sizeof placed->where, "%s:%d", file, line);
		snprintf(placed->text, sizeof placed->text, "%s", what);
	}
}

static void
files_are_compared_with_one_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(together); i++) {
		struct law_texts texts = LAW_TEXTS_INIT;
		struct placed placed = {0};
		struct parsed_law law;
		struct err err = ERR_INIT;
		assert_int_equal(law_texts_add(&texts, "a.cfg", together[i].a, &err), STATUS_OK);
		assert_int_equal(law_texts_add(&texts, "b.cfg", together[i].b, &err), STATUS_OK);
		if (law_parse(&texts, take_placed, &placed, &law, &err) == STATUS_OK)
			parsed_law_free(&law);
		if (strcmp(placed.where, together[i].where) != 0 || (together[i].says && !strstr(placed.text, together[i].says)) ||
			placed.count > 1)
			fail_msg("row %zu: %d problems, the first at \"%s\": %s", i, placed.count, placed.where, placed.text);
		law_texts_free(&texts);
	}
}

static void
all_problems_of_a_run_are_reported(void **state)
{
	struct parsed_law law;
	struct found found;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(parse("id = \"x\"; title = \"X\"; status = \"on\";\nregions = [\"UK\"];\nreview_by = \"soon\";\ncaps = ( { " COMMON
						   "\nn = 0;\nper = \"never\"; } );\nwhat = 1;\n",
						 &found, &law, &err),
		STATUS_INVALID);
	assert_int_equal(found.count, 6);
	assert_non_null(strstr(err.primary, "6 problems"));
	assert_non_null(strstr(err.detail, "x.cfg:"));
}

static const char whole[] =
	"# a comment\n"
	"id = \"x\"; title = \"All of it\"; status = \"advisory\"; regions = [\"US-TX\", \"BR\"]; review_by = \"2027-01-01\";\n"
	"windows = ( { id = \"x.w\"; source = \"R-001 R-002\"; strength = \"should\"; categories = [\"marketing\", \"announcement\"];\n"
	"              channels = [\"sms\"]; from = \"2026-12-01\"; until = \"2027-01-01\"; clock = \"America/Chicago\";\n"
	"              days = { every_day = \"09:00-12:00, 13:00-24:00\"; weekends = \"closed\"; friday = \"22:00-02:00\";\n"
	"                       sunday = \"12:00-21:00\"; }; } );\n"
	"caps = ( { id = \"x.d\"; source = \"house\"; strength = \"info\"; categories = [\"marketing\"]; n = 10000; per = \"366d\"; } );\n"
	"consents = ( { id = \"x.c\"; source = \"house\"; strength = \"must\"; categories = \"all\"; required = false; } );\n";

static void
a_whole_file_is_read_as_it_stands(void **state)
{
	struct parsed_law law;
	struct found found;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(parse(whole, &found, &law, &err), STATUS_OK);
	assert_int_equal(law.rulebook->regime_count, 1);
	const struct regime *regime = &law.rulebook->regimes[0];
	assert_string_equal(regime->title, "All of it");
	assert_int_equal(regime->status, REGIME_ADVISORY);
	assert_string_equal(regime->regions[0], "US-TX");
	assert_int_equal(regime->region_count, 2);
	assert_int_equal(regime->rule_count, 3);
	const struct rule *window = &regime->rules[0];
	assert_string_equal(window->sources, "R-001 R-002");
	assert_int_equal(window->strength, STRENGTH_SHOULD);
	assert_int_equal(window->channels, CHANNEL_BIT(CHANNEL_SMS));
	assert_int_equal(window->until.days - window->from.days, 31);
	assert_string_equal(window->window.fixed_zone, "America/Chicago");
	assert_int_equal(window->window.days[MONDAY].count, 2);
	assert_int_equal(window->window.days[MONDAY].ranges[1].until.s, 86400);
	assert_int_equal(window->window.days[FRIDAY].count, 1);
	assert_int_equal(window->window.days[FRIDAY].ranges[0].until.s, 2 * 3600);
	assert_int_equal(window->window.days[SATURDAY].count, 0);
	assert_int_equal(window->window.days[SUNDAY].ranges[0].from.s, 12 * 3600);
	assert_int_equal(regime->rules[1].cap.period, CAP_ROLLING);
	assert_int_equal(regime->rules[1].cap.length.us, 366 * US_PER_DAY);
	assert_int_equal(regime->rules[2].categories, ALL_CATEGORIES);
	assert_false(regime->rules[2].consent.required);
	parsed_law_free(&law);
}

static void
the_hash_follows_names_and_texts_not_the_order_of_reading(void **state)
{
	static const char *const names[] = {"a.cfg", "b.cfg"};
	uint8_t hashes[4][32];
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct law_texts texts = LAW_TEXTS_INIT;
		struct err err = ERR_INIT;
		/* a then b; b then a; another text; the texts exchanged */
		assert_int_equal(law_texts_add(&texts, names[i == 1], i == 1 ? "2" : i == 3 ? "2" : "1", &err), STATUS_OK);
		assert_int_equal(law_texts_add(&texts, names[i != 1], i == 1 ? "1" : i == 3 ? "1" : i == 2 ? "3" : "2", &err), STATUS_OK);
		assert_int_equal(law_texts_hash(&texts, hashes[i], &err), STATUS_OK);
		law_texts_free(&texts);
	}
	assert_memory_equal(hashes[0], hashes[1], 32);
	assert_memory_not_equal(hashes[0], hashes[2], 32);
	assert_memory_not_equal(hashes[0], hashes[3], 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_one_problem_with_its_place_and_cure),
		cmocka_unit_test(files_are_compared_with_one_another),
		cmocka_unit_test(all_problems_of_a_run_are_reported),
		cmocka_unit_test(a_whole_file_is_read_as_it_stands),
		cmocka_unit_test(the_hash_follows_names_and_texts_not_the_order_of_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
