/* Conditions of rules: what may be written, and what it is worth when some of it is not known. */
#include "planner/core/predicate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct predicate *
parse(const char *text)
{
	struct predicate *predicate = NULL;
	struct err err = ERR_INIT;
	if (predicate_parse(text, &predicate, &err) != STATUS_OK)
		fail_msg("%s: %s; %s", text, err.primary, err.hint);
	return predicate;
}

/* tag:t... is true, tag:u... unknown, any other word false. */
static enum truth
truth_of_tag(const void *context, const char *word)
{
	(void)context;
	return word[4] == 't' ? TRUTH_TRUE : word[4] == 'u' ? TRUTH_UNKNOWN : TRUTH_FALSE;
}

static const struct {
	const char *text;
	enum truth truth;
} judged[] = {
	{"tag:t", TRUTH_TRUE},
	{"tag:u", TRUTH_UNKNOWN},
	{"tag:f", TRUTH_FALSE},
	{"not tag:t", TRUTH_FALSE},
	{"not tag:u", TRUTH_UNKNOWN},
	{"not tag:f", TRUTH_TRUE},
	{"not not tag:t", TRUTH_TRUE},
	{"tag:u and tag:f", TRUTH_FALSE},
	{"tag:u and tag:t", TRUTH_UNKNOWN},
	{"tag:t and tag:t", TRUTH_TRUE},
	{"tag:u or tag:t", TRUTH_TRUE},
	{"tag:u or tag:f", TRUTH_UNKNOWN},
	{"tag:f or tag:f", TRUTH_FALSE},
	{"tag:u or not tag:u", TRUTH_UNKNOWN},
	/* `not` binds closest, then `and`, then `or` */
	{"tag:t or tag:f and tag:f", TRUTH_TRUE},
	{"(tag:t or tag:f) and tag:f", TRUTH_FALSE},
	{"not tag:t or tag:t", TRUTH_TRUE},
	{"not (tag:t or tag:t)", TRUTH_FALSE},
	{"not tag:f and tag:f", TRUTH_FALSE},
	{"tag:f and tag:f or tag:t", TRUTH_TRUE},
	/* blanks are free where words do not need them */
	{" \t(tag:t)and\n( not(tag:f) ) ", TRUTH_TRUE},
	{"((((tag:t))))", TRUTH_TRUE},
};

static void
three_values_follow_kleene_and_the_usual_precedence(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct predicate *predicate = parse(judged[i].text);
		if (predicate_judge(predicate, truth_of_tag, NULL) != judged[i].truth)
			fail_msg("%s", judged[i].text);
		predicate_free(&predicate);
	}
}

static const struct {
	const char *text, *what, *cure;
} refused[] = {
	{"", "no such word at the end", "number:US or consent:customer"},
	{"  ", "no such word at the end", "joined by and, or, not"},
	{"US", "no such word at \"US\"", "number:US"},
	{"state:US", "no such word at \"state:US\"", "number:US"},
	{"regio:US", "no such word at \"regio:US\"", "number:US"},
	{"Region:US", "no such word at \"Region:US\"", "number:US"},
	{"region:", "\"region:\" means nothing", "ISO 3166"},
	{"region:UK", "\"region:UK\" means nothing", "after region: stands an ISO 3166 code"},
	{"number:us", "\"number:us\" means nothing", "ISO 3166"},
	{"sender:US-ZZ", "\"sender:US-ZZ\" means nothing", "ISO 3166"},
	{"sender_type:email", "\"sender_type:email\" means nothing", "number, short_code or alphanumeric"},
	{"tag:Alcohol", "\"tag:Alcohol\" means nothing", "begins with a letter"},
	{"tag:1", "\"tag:1\" means nothing", "begins with a letter"},
	{"first_message:yes", "no such word at \"first_message:yes\"", "number:US"},
	{"first_message:", "no such word", "number:US"},
	{"template", "no such word at \"template\"", "number:US"},
	{"template:approved", "\"template:approved\" means nothing", "free_form"},
	{"consent:given", "\"consent:given\" means nothing", "such as customer"},
	{"tag:a and", "no such word at the end", "joined by"},
	{"and tag:a", "no such word at \"and\"", "joined by"},
	{"tag:a tag:b", "the condition goes on at \"tag:b\"", "joined by"},
	{"tag:a AND tag:b", "the condition goes on at \"AND\"", "and, or, not"},
	{"(tag:a", "a parenthesis is not closed at the end", "parentheses"},
	{"tag:a)", "the condition goes on at \")\"", "parentheses"},
	{"()", "no such word at \")\"", "parentheses"},
	{"not", "no such word at the end", "not"},
	{"tag:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "the word is too long", ""},
	{"tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or "
	 "tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a or tag:a",
		"there are too many words", ""},
	{"((((((((((((((((((((((((((tag:a))))))))))))))))))))))))))", "nested too deeply", ""},
	{"not not not not not not not not not not not not not not not not not not not not not not not not not not tag:a", "nested too deeply",
		""},
	{"tag:a                                                                                                                              "
	 "                                                                                                                                    "
	 "                                                                                                                                    "
	 "        ",
		"longer than 399 characters", "two rules"},
};

static void
mistakes_are_refused_with_the_word_and_a_cure(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct predicate *predicate = NULL;
		struct err err = ERR_INIT;
		if (predicate_parse(refused[i].text, &predicate, &err) != STATUS_INVALID || !strstr(err.primary, refused[i].what) ||
			!strstr(err.hint, refused[i].cure) || *err.hint == '\0')
			fail_msg("%s: %s; %s", refused[i].text, err.primary, err.hint);
		assert_null(predicate);
	}
}

static void
every_kind_of_word_is_taken(void **state)
{
	(void)state;
	static const char *const words[] = {"region:US-TX", "number:US", "sender:IN", "sender_type:number", "sender_type:short_code",
		"sender_type:alphanumeric", "tag:hard_drugs2", "template:free_form", "consent:customer", "consent:night_hours", "first_message"};
	for (size_t i = 0; i < COUNT(words); i++) {
		struct predicate *predicate = parse(words[i]);
		assert_int_equal(predicate_word_count(predicate), 1);
		assert_string_equal(predicate_word(predicate, 0), words[i]);
		assert_string_equal(predicate_text(predicate), words[i]);
		predicate_free(&predicate);
		assert_null(predicate);
	}
}

static void
no_condition_is_true(void **state)
{
	(void)state;
	assert_int_equal(predicate_judge(NULL, truth_of_tag, NULL), TRUTH_TRUE);
	assert_int_equal(predicate_word_count(NULL), 0);
	assert_string_equal(predicate_text(NULL), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_values_follow_kleene_and_the_usual_precedence),
		cmocka_unit_test(mistakes_are_refused_with_the_word_and_a_cure),
		cmocka_unit_test(every_kind_of_word_is_taken),
		cmocka_unit_test(no_condition_is_true),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
