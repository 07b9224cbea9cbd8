/* The file of words for what nobody is chosen by: what it may say, what is refused with line and cure, and that the shipped one is whole. */
#include "conf/protected_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GOOD "{ attribute = \"race\"; sources = \"R-161\"; words = [\"race\", \"skin_tone\", \"raça\", \"种族\"]; }"
#define ONE(words) "attributes = (\n{ attribute = \"race\"; sources = \"R-161\";\nwords = [" words "]; } );"

struct found {
	int count, line;
	char text[512];
};

static void
take_problem(void *context, const char *file, int line, const char *what)
{
	struct found *found = context;

	assert_string_equal(file, "x.cfg");
	if (found->count++ > 0)
		return;
	found->line = line;
	snprintf(found->text, sizeof(found->text), "%s", what);
}

static void
words_are_read_with_their_attributes(void **state)
{
	struct protected_words words;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		protected_file_parse("x.cfg",
			"attributes = ( " GOOD ", { attribute = \"religion or belief\"; sources = \"R-161, R-162\"; words = [\"creed\"]; } );", NULL,
			NULL, &words, &err),
		STATUS_OK);
	assert_int_equal(words.count, 5);
	assert_string_equal(words.items[0].word, "race");
	assert_string_equal(words.items[3].word, "种族");
	assert_string_equal(words.items[3].attribute, "race");
	assert_string_equal(words.items[4].word, "creed");
	assert_string_equal(words.items[4].attribute, "religion or belief");
	assert_string_equal(words.items[4].sources, "R-161, R-162");
	protected_words_free(&words);
	assert_null(words.items);
	protected_words_free(&words);
}

static const struct {
	const char *text;
	int line; /* of the first problem; 0: of the file as a whole, or libconfig's own */
	const char *what;
} refusals[] = {
	{"", 0, "attributes: must be a list"},
	{"attributes = ();", 1, "attributes: must be a list"},
	{"attributes = [\"race\"];", 1, "attributes: must be a list"},
	{"attributes = ( \"race\" );", 1, "is no { group }"},
	{"atributes = ( " GOOD " );", 1, "did you mean \"attributes\""},
	{"attributes = ( " GOOD ",\n{ attribute = \"age\"; words = [\"age\"]; } );", 2, "sources"},
	{"attributes = ( " GOOD ",\n{ sources = \"R-161\"; words = [\"age\"]; } );", 2, "attribute"},
	{"attributes = ( " GOOD ",\n{ attribute = \"age\"; sources = \"R-161\"; } );", 2, "words: must be a list of 1 to"},
	{"attributes = ( " GOOD ",\n{ attribute = \"a\\\"ge\"; sources = \"R-161\"; words = [\"age\"]; } );", 2, "must hold neither quotes"},
	{ONE("\"race\",\n\"r\""), 4, "words: \"r\" is not two letters or more"},
	{ONE("\"\""), 3, "is not two letters"},
	{ONE("\"race1\""), 3, "\"race1\" is not"},
	{ONE("\"ra'ce\""), 3, "is not"},
	{ONE("\"race\", \"race\""), 3, "stands there twice"},
	{ONE("1, 2"), 3, "is not two letters"},
	{ONE("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), 3, "is not two letters"},
};

static void
what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct found found = {.count = 0};
		struct protected_words words;
		struct err err = ERR_INIT;

		assert_int_equal(protected_file_parse("x.cfg", refusals[i].text, take_problem, &found, &words, &err), STATUS_INVALID);
		if (found.count == 0 || strstr(found.text, refusals[i].what) == NULL || (refusals[i].line > 0 && found.line != refusals[i].line))
			fail_msg("%s\ngives line %d: %s", refusals[i].text, found.line, found.text);
		assert_non_null(strstr(err.primary, "problem"));
		protected_words_free(&words);
	}
}

static void
what_is_no_configuration_is_told(void **state)
{
	struct protected_words words;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(protected_file_parse("x.cfg", "attributes = (\n{", NULL, NULL, &words, &err), STATUS_INVALID);
	assert_non_null(strstr(err.detail, "x.cfg:2"));
	err = (struct err)ERR_INIT;
	assert_int_equal(protected_file_read("/nowhere/x.cfg", NULL, NULL, &words, &err), STATUS_NOT_FOUND);
	assert_non_null(strstr(err.hint, "protected_attributes"));
	assert_null(words.items);
}

/* R-161 names them; R-162 and Article 9 add the others. */
static void
the_shipped_file_covers_what_the_law_names(void **state)
{
	static const char *const wanted[] = {"race", "skin_color", "ethnicity", "national_origin", "citizenship", "religion", "age", "sex",
		"sexual_orientation", "gender_identity", "family_status", "marital_status", "disability", "medical", "genetic", "caste", "health",
		"politic", "trade_union", "biometric"};
	struct protected_words words;
	struct err err = ERR_INIT;

	(void)state;
	if (protected_file_read(DAYPART_SOURCE_DIR "/conf/protected_attributes.cfg", NULL, NULL, &words, &err) != STATUS_OK)
		fail_msg("%s; %s", err.primary, err.detail);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		bool found = false;

		for (size_t w = 0; w < words.count; w++)
			found |= strcmp(words.items[w].word, wanted[i]) == 0;
		if (!found)
			fail_msg("the shipped file lacks \"%s\"", wanted[i]);
	}
	protected_words_free(&words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read_with_their_attributes),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(what_is_no_configuration_is_told),
		cmocka_unit_test(the_shipped_file_covers_what_the_law_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
