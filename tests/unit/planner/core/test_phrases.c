/* The lists are sorted and folded, as the search needs; stop words are those that the database understands. */
#include "planner/core/phrases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/core/text_fold.h"
#include "tests/support/temp.h"

static void
lists_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < phrase_table_count; i++) {
		const struct phrase *before = &phrase_table[i - 1], *after = &phrase_table[i];
		if (before->set > after->set || (before->set == after->set && strcmp(before->text, after->text) >= 0))
			fail_msg("phrases.def: \"%s\" belongs before \"%s\", once", after->text, before->text);
	}
}

static void
phrases_are_folded(void **state)
{
	(void)state;
	for (size_t i = 0; i < phrase_table_count; i++) {
		char buffer[256];
		struct folded folded = {.bytes = buffer, .room = sizeof(buffer)};
		fold_text(&folded, phrase_table[i].text, strlen(phrase_table[i].text));
		if (strcmp(buffer, phrase_table[i].text) != 0)
			fail_msg("phrases.def: write \"%s\" as \"%s\"", phrase_table[i].text, buffer);
	}
}

static void
uses_fit_their_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < phrase_table_count; i++) {
		const struct phrase *phrase = &phrase_table[i];
		if ((phrase->use == PHRASE_MARKED && phrase->set != PHRASE_LABEL) || phrase->language[0] == '\0' || strlen(phrase->text) < 2)
			fail_msg("phrases.def: \"%s\"", phrase->text);
	}
}

static bool
is_stop_word(const char *text)
{
	for (size_t i = 0; i < phrase_table_count; i++)
		if (phrase_table[i].set == PHRASE_STOP_WORD && strcmp(phrase_table[i].text, text) == 0)
			return true;
	return false;
}

/* The keywords between INSERT INTO opt_out_keyword and its semicolon are the first text of each pair. */
static void
stop_words_are_those_of_the_database(void **state)
{
	(void)state;
	char *sql = file_read(DAYPART_SOURCE_DIR "/sql/migrations/0002_tables.sql", NULL), *at = strstr(sql, "INSERT INTO opt_out_keyword");
	size_t known = 0, keywords = 0;
	assert_non_null(at);
	*strchr(at, ';') = '\0';
	char seen[64][64];
	for (char *quote = strchr(at, '\''); quote != NULL; quote = strchr(quote + 1, '\'')) {
		char *end = strchr(quote + 1, '\'');
		struct folded folded = {.bytes = seen[keywords], .room = sizeof(seen[0])};
		fold_text(&folded, quote + 1, (size_t)(end - quote - 1));
		if (!is_stop_word(seen[keywords]))
			fail_msg("phrases.def lacks the stop word \"%s\"", seen[keywords]);
		bool repeated = false;
		for (size_t i = 0; i < keywords; i++)
			repeated = repeated || strcmp(seen[i], seen[keywords]) == 0;
		keywords += !repeated;
		quote = strchr(strchr(end + 1, '\'') + 1, '\''); /* past the language */
		assert_non_null(quote);
	}
	for (size_t i = 0; i < phrase_table_count; i++)
		known += phrase_table[i].set == PHRASE_STOP_WORD;
	assert_int_equal(known, keywords);
	free(sql);
}

static const struct {
	enum phrase_set set;
	const char *language, *text;
	size_t at, length;
} finds[] = {
	{PHRASE_PROMOTIONAL, "en", "a promo code", 2, 10},
	{PHRASE_PROMOTIONAL, "en", "a promo-codes", 2, 10},
	{PHRASE_PROMOTIONAL, "en", "promoted", 0, 0},
	{PHRASE_PROMOTIONAL, "en", "apromo", 1, 0},
	{PHRASE_PROMOTIONAL, "en", "10% off", 2, 5},
	{PHRASE_PROMOTIONAL, "en", "10% offline", 2, 0},
	{PHRASE_PROMOTIONAL, "en-US", "sale", 0, 4},
	{PHRASE_PROMOTIONAL, "de", "sale", 0, 4},
	{PHRASE_PROMOTIONAL, "es", "sale", 0, 0},
	{PHRASE_PROMOTIONAL, "d", "sale", 0, 0},
	{PHRASE_PROMOTIONAL, "", "sale", 0, 4},
	{PHRASE_BETWEEN, "pt", "a_palavra-chave", 0, 9},
	{PHRASE_STOP_WORD, "en", "stop all", 0, 8},
	{PHRASE_STOP_WORD, "en", "stop alle", 0, 4},
	{PHRASE_STOP_WORD, "en", "", 0, 0},
};

static void
the_longest_phrase_is_found_where_a_word_begins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(finds) / sizeof(finds[0]); i++)
		if (phrase_at(finds[i].set, finds[i].text, finds[i].text + finds[i].at, finds[i].language, NULL) != finds[i].length)
			fail_msg("row %zu: \"%s\"", i, finds[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_sorted),
		cmocka_unit_test(phrases_are_folded),
		cmocka_unit_test(uses_fit_their_sets),
		cmocka_unit_test(stop_words_are_those_of_the_database),
		cmocka_unit_test(the_longest_phrase_is_found_where_a_word_begins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
