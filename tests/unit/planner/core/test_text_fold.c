/* Folding character by character, and what is a word in which script. */
#include "planner/core/text_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text, *folded;
} folds[] = {
	{"", ""},
	{"Reply STOP", "reply stop"},
	{"Ipê  Móveis\t\tLtda", "ipe moveis ltda"},
	{"ação ÀÉÎÕÜ ß Æ Œ ł Đ", "acao aeiou ss ae oe l d"},
	{"Ở ẞ ștearsă ơư", "o ss stearsa ou"},
	{"e\xCC\x81te\xCC\x81", "ete"},
	{"İPTAL ışık", "iptal isik"},
	{"ＳＴＯＰ　４１１１", "stop 4111"},
	{"\xF0\x9D\x90\x92\xF0\x9D\x90\x93\xF0\x9D\x90\x8E\xF0\x9D\x90\x8F \xF0\x9D\x9F\x92", "stop 4"},
	{"२३४१ ٠١٢ ۹ ๙", "2341 012 9 9"},
	{"КЕДР Ёлка ΣΙΓΜΑ", "кедр елка σιγμα"},
	{"أرسل إلى مُحَمَّد", "ارسل الي محمد"},
	{"“a” ‘b’ «c» — d – e", "\"a\" 'b' \"c\" - d - e"},
	{"【广告】（광고）《ADV》", "[广告](광고)<adv>"},
	{"好。好！好？好，好", "好. 好! 好? 好,好"},
	{"है। भेजें", "है. भेजें"},
	{"a \r\n  b\n\nc", "a\nb\nc"},
	{" a ", "a "},
	{"\n\ta", "a"},
	{"co\xC2\xADupon z\xE2\x80\x8B w\xE2\x80\x8Dx", "coupon z wx"},
	{"a\xFF\xC3+\xE2\x82", "a??+??"},
	{"\xED\xA0\x80\xC0\x80", "\xED\xA0\x80??"},
	{"× ÷ 漢字", "× ÷ 漢字"},
};

static void
texts_fold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++) {
		char buffer[128];
		struct folded folded = {.bytes = buffer, .room = sizeof(buffer)};
		buffer[0] = '\0';
		fold_text(&folded, folds[i].text, strlen(folds[i].text));
		if (strcmp(buffer, folds[i].folded) != 0 || folded.length != strlen(buffer) || folded.cut)
			fail_msg("row %zu: \"%s\" folds to \"%s\"", i, folds[i].text, buffer);
	}
}

/* Folded texts fold to themselves; there is no row for which this would not hold. */
static void
folding_twice_is_folding_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++) {
		char buffer[128] = "";
		struct folded folded = {.bytes = buffer, .room = sizeof(buffer)};
		fold_text(&folded, folds[i].folded, strlen(folds[i].folded));
		assert_string_equal(buffer, folds[i].folded);
	}
}

static void
a_full_buffer_is_cut_and_said_so(void **state)
{
	(void)state;
	char buffer[8];
	struct folded folded = {.bytes = buffer, .room = sizeof(buffer)};
	fold_text(&folded, "abcdefg", 7);
	assert_false(folded.cut);
	fold_text(&folded, "h", 1);
	assert_true(folded.cut);
	assert_string_equal(buffer, "abcdefg");
	folded = (struct folded){.bytes = buffer, .room = sizeof(buffer)};
	fold_text(&folded, "\xC3\xA7", 1);
	assert_string_equal(buffer, "?");
}

static const struct {
	const char *text, *word;
	bool held;
} words[] = {
	{"our recipes", "ipe", false},
	{"recipe", "ipe", false},
	{"an ipe tree", "ipe", true},
	{"ipe", "ipe", true},
	{"ipes ipe", "ipe", true},
	{"x-ipe.", "ipe", true},
	{"ipe_x", "ipe", true},
	{"回复退订吧", "退订", true},
	{"आधारभूत", "आधार", false},
	{"आधार भूत", "आधार", true},
	{"(광고)", "광고", true},
	{"a", "", false},
	{"", "a", false},
};

static void
words_have_boundaries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_holds_word(words[i].text, words[i].word) != words[i].held)
			fail_msg("row %zu: \"%s\" in \"%s\"", i, words[i].word, words[i].text);
}

static void
characters_are_counted(void **state)
{
	(void)state;
	assert_int_equal(text_length("ação", strlen("ação")), 4);
	assert_int_equal(text_length("退订👍", strlen("退订👍")), 3);
	assert_int_equal(text_length("", 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_fold),
		cmocka_unit_test(folding_twice_is_folding_once),
		cmocka_unit_test(a_full_buffer_is_cut_and_said_so),
		cmocka_unit_test(words_have_boundaries),
		cmocka_unit_test(characters_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
