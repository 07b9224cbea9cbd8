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

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define HEAD "id = \"x\"; title = \"X\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2027-01-01\";\n"
#define COMMON "id = \"x.a\"; source = \"R-001\"; strength = \"must\"; categories = [\"marketing\"]; "
#define WINDOW(rest) HEAD "windows = ( { " COMMON rest " } );\n"
#define CAP(rest) HEAD "caps = ( { " COMMON rest " } );\n"
#define CONSENT(rest) HEAD "consents = ( { " COMMON rest " } );\n"

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
	enum status status = law_parse(&texts, take_problem, found, law, err);
	law_texts_free(&texts);
	return status;
}

static const struct {
	const char *text;
	int line; /* 0: not checked */
	const char *says;
} refused[] = {
	{"id = ", 0, "x.cfg:1"},
	{HEAD "windws = ();", 2, "windows"},
	{"title = \"X\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2027-01-01\";", 0, "id"},
	{"id = \"x\"; title = \"X\"; status = \"on\"; regions = [\"US\"]; review_by = \"2027-01-01\";", 1, "enforced, advisory, off"},
	{"id = \"x\"; title = \"X\"; status = \"off\"; regions = [\"UK\"]; review_by = \"2027-01-01\";", 1, "UK"},
	{"id = \"x\"; title = \"X\"; status = \"off\"; regions = []; review_by = \"2027-01-01\";", 1, "regions"},
	{"id = \"x\"; title = \"X\"; status = \"off\"; regions = \"US\"; review_by = \"2027-01-01\";", 1, "everywhere"},
	{"id = \"x\"; title = \"X\"; status = \"off\"; regions = [\"US\"]; review_by = \"2027-02-30\";", 1, "review_by"},
	{"id = \"x\"; title = \"X\"; status = \"off\"; regions = [\"US\"];", 0, "review_by"},
	{"id = 5; title = \"X\"; status = \"off\"; regions = [\"US\"]; review_by = \"2027-01-01\";", 1, "id"},
	{"id = \"a-name-of-more-than-23-letters\"; title = \"X\"; status = \"off\"; regions = [\"US\"]; review_by = \"2027-01-01\";", 1,
		"longer"},
	{"id = \"u s\"; title = \"X\"; status = \"off\"; regions = [\"US\"]; review_by = \"2027-01-01\";", 1, "id: \"u s\""},
	{HEAD "windows = { };", 2, "windows"},
	{HEAD "windows = ( 5 );", 2, "windows"},
	{HEAD "windows = ( { id = \"x.a\"; } );", 2, "source"},
	{WINDOW(""), 2, "days"},
	{WINDOW("days = \"08:00-21:00\";"), 2, "days"},
	{WINDOW("days = { weekdays = \"09:00-20:00\"; };"), 2, "not every day"},
	{WINDOW("days = { evry_day = \"09:00-20:00\"; };"), 2, "evry_day"},
	{WINDOW("days = { every_day = \"9-20\"; };"), 2, "every_day"},
	{WINDOW("days = { every_day = \"24:00-08:00\"; };"), 2, "every_day"},
	{WINDOW("days = { every_day = \"08:00-25:00\"; };"), 2, "every_day"},
	{WINDOW("days = { every_day = \"08:00\"; };"), 2, "every_day"},
	{WINDOW("days = { every_day = \"\"; };"), 2, "every_day"},
	{WINDOW("days = { every_day = \"01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00\"; };"), 2, "4 ranges"},
	{WINDOW("days = { every_day = \"08:00-21:00\"; holidays = \"closed\"; };"), 2, "calendar"},
	{WINDOW("days = { every_day = \"08:00-21:00\"; calendar = \"BR\"; };"), 2, "holidays"},
	{WINDOW("days = { every_day = \"08:00-21:00\"; holidays = \"closed\"; calendar = \"ZZ\"; };"), 0, "\"ZZ\""},
	{WINDOW("days = { every_day = \"08:00-21:00\"; }; clock = \"EST5EDT\";"), 2, "clock"},
	{WINDOW("days = { every_day = \"08:00-21:00\"; }; from = \"tomorrow\";"), 2, "from"},
	{WINDOW("days = { every_day = \"08:00-21:00\"; }; from = \"2027-01-01\"; until = \"2027-01-01\";"), 2, "until"},
	{WINDOW("days = { every_day = \"08:00-21:00\"; }; n = 3;"), 2, "unknown key \"n\""},
	{HEAD "windows = ( { id = \"x.a\"; source = \"R-001\"; strength = \"must\"; categories = \"all\"; "
		  "days = { every_day = \"08:00-21:00\"; }; } );",
		2, "opt_out_confirmation"},
	{HEAD "caps = ( { id = \"x.a\"; source = \"R-001\"; strength = \"maybe\"; categories = [\"marketing\"]; n = 1; per = \"1d\"; } );", 2,
		"must, should, info"},
	{HEAD "caps = ( { id = \"x.a\"; source = \"R-001\"; strength = \"must\"; categories = [\"mixed\"]; n = 1; per = \"1d\"; } );", 2,
		"mixed"},
	{HEAD "caps = ( { id = \"x.a\"; source = \"R-001\"; strength = \"must\"; categories = []; n = 1; per = \"1d\"; } );", 2, "categories"},
	{CAP("channels = [\"email\"]; n = 1; per = \"1d\";"), 2, "email"},
	{CAP("per = \"calendar day\";"), 2, "n:"},
	{CAP("n = 0; per = \"calendar day\";"), 2, "n:"},
	{CAP("n = -1; per = \"calendar day\";"), 2, "n:"},
	{CAP("n = \"3\"; per = \"calendar day\";"), 2, "n:"},
	{CAP("n = 3.0; per = \"calendar day\";"), 2, "n:"},
	{CAP("n = 4294967297; per = \"calendar day\";"), 0, "too large"},
	{CAP("n = 4294967297L; per = \"calendar day\";"), 2, "n:"},
	{CAP("n = 3;"), 2, "per"},
	{CAP("n = 3; per = \"month\";"), 2, "per"},
	{CAP("n = 3; per = \"0d\";"), 2, "per"},
	{CAP("n = 3; per = \"9999d\";"), 2, "per"},
	{CONSENT("evidence = [\"time\"];"), 2, "required"},
	{CONSENT("required = 1;"), 2, "required"},
	{CONSENT("required = true; evidence = [\"blood\"];"), 2, "blood"},
	{HEAD "caps = ( { " COMMON "n = 3; per = \"1d\"; }, { " COMMON "n = 2; per = \"1d\"; } );", 0, "x.a"},
	{HEAD "@include \"/etc/passwd\"\n", 0, "@include"},
	{HEAD "id = \"y\";", 0, "uplicate"},
};

static void
mistakes_are_refused_with_their_place(void **state)
{
	size_t failures = 0;
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct parsed_law law;
		struct found found;
		struct err err = ERR_INIT;
		assert_int_equal(parse(refused[i].text, &found, &law, &err), STATUS_INVALID);
		bool said = false, placed = refused[i].line == 0;
		for (int k = 0; k < found.count && k < 8; k++) {
			said |= strstr(found.text[k], refused[i].says) != NULL;
			placed |= found.lines[k] == refused[i].line;
		}
		if (!said || !placed) {
			print_error("row %zu: %s (line %d) for %s\n", i, found.text[0], found.lines[0], refused[i].text);
			failures++;
		}
		assert_true(*err.primary && *err.detail);
		assert_null(law.rulebook);
	}
	assert_int_equal(failures, 0);
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
		cmocka_unit_test(mistakes_are_refused_with_their_place),
		cmocka_unit_test(all_problems_of_a_run_are_reported),
		cmocka_unit_test(a_whole_file_is_read_as_it_stands),
		cmocka_unit_test(the_hash_follows_names_and_texts_not_the_order_of_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
