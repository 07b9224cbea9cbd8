/*
 * A template that passes needs only content_judge_values for each person: then the text as the person reads it passes whole. Random templates and values
 * are made of words that lie on the edges of what is searched for, and the filled-in text is judged as a text without variables.
 */
#include "planner/core/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { ROUNDS = 60000, VARIABLES = 3, WORDS_MAX = 9, TEXT_MAX = 2048 };

static const char *const words[] = {"hello", "ação", "订单", "promo", "code", "20%", "off", "% off", "dis", "count", "discount", "send",
	"never", "reply", "your", "card", "number", "CPF", "cpf:", "4111", "1111", "411111111111", "529.982.247", "-25", "52998224725", "2341",
	"2346", "order", "ref", "DE89", "3704 0044 0532 0130 00", "DE89370400440532013000", "优惠", "券", "sale", ".", ". ", "!", "? ", ",",
	":", "\n", "-", " ", "  ", "\xC3", "e\xCC\x81", "{", "}", "+", "अपना आधार नंबर", "भेजें", "न"};

static void
append_words(struct random_source *random, char *out, int most)
{
	for (int left = (int)random_below(random, (uint64_t)most + 1); left > 0; left--) {
		strcat(out, words[random_below(random, sizeof(words) / sizeof(words[0]))]);
		if (random_chance(random, 60))
			strcat(out, " ");
	}
}

struct sample {
	char template[TEXT_MAX], filled[TEXT_MAX], values[VARIABLES][TEXT_MAX];
	struct content_variable variables[VARIABLES];
};

static void
make_sample(struct random_source *random, struct sample *out)
{
	static const char *const names[VARIABLES] = {"a", "b", "c"};
	*out->template = *out->filled = '\0';
	for (size_t i = 0; i < VARIABLES; i++) {
		*out->values[i] = '\0';
		append_words(random, out->values[i], 3);
		out->variables[i] = (struct content_variable){.name = names[i], .max_length = 9};
	}
	for (int piece = 0; piece < 3; piece++) {
		char fixed[TEXT_MAX] = "";
		append_words(random, fixed, WORDS_MAX);
		if (strpbrk(fixed, "{}") != NULL) /* braces beside a variable are content.txt's */
			*fixed = '\0';
		const size_t variable = random_below(random, VARIABLES);
		strcat(out->template, fixed);
		strcat(strcat(strcat(out->template, "{{"), names[variable]), "}}");
		strcat(strcat(out->filled, fixed), out->values[variable]);
	}
}

static void
a_text_is_its_template_and_its_values(void **state)
{
	(void)state;
	struct random_source random = random_start("content");
	struct rule rule = {.id = "r", .kind = RULE_CONTENT, .from = {INT32_MIN}, .until = {INT32_MAX}};
	const struct rule *items[] = {&rule};
	struct law law = LAW_INIT;
	int passed = 0, broken = 0;
	law.of[RULE_CONTENT] = (struct rule_list){items, 1};
	rule.content.items = CONTENT_BIT(CONTENT_PURE) | CONTENT_BIT(CONTENT_NO_IDENTIFIERS);
	for (int left = random_rounds(ROUNDS); left > 0; left--) {
		struct sample sample;
		make_sample(&random, &sample);
		struct content_facts facts = {
			.text = sample.template, .language = "en", .variables = sample.variables, .variable_count = VARIABLES};
		const struct content_facts whole = {.text = sample.filled, .language = "en"};
		const bool template_passes = content_judge_text(&rule, &facts, NULL, NULL) == 0;
		for (size_t i = 0; i < VARIABLES; i++)
			sample.variables[i].value = sample.values[i];
		const bool values_pass = content_judge_values(&law, (struct date){0}, &facts) == NULL;
		const bool whole_passes = content_judge_text(&rule, &whole, NULL, NULL) == 0;
		if ((template_passes && values_pass && !whole_passes) || (!values_pass && whole_passes))
			fail_msg("\"%s\" of \"%s\": template %d, values %d, whole %d", sample.filled, sample.template, template_passes, values_pass,
				whole_passes);
		passed += template_passes && whole_passes;
		broken += template_passes && !values_pass;
	}
	assert_true(passed > 100 && broken > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_its_template_and_its_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
