/* tests/cases/content.txt, row by row; then what no row can say: dates, advice, how problems are told, and texts out of all measure. */
#include "planner/core/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/case_file.h"
#include "tests/support/law_fixture.h"

enum { VARIABLES_MAX = 8, RULES_MAX = 4 };

static const struct date today = {20780};

/* A law of content rules. */
struct little_law {
	const struct rule *binding[RULES_MAX], *advice[RULES_MAX];
	struct law law;
};

static void
little_law_add(struct little_law *little, const struct rule *rule, bool binding)
{
	struct rule_list *list = binding ? &little->law.of[RULE_CONTENT] : &little->law.advice;
	const struct rule **items = binding ? little->binding : little->advice;
	items[list->count++] = rule;
	list->items = items;
}

static struct rule
content_rule(const char *id, uint32_t items)
{
	struct rule rule = {.kind = RULE_CONTENT, .from = {INT32_MIN}, .until = {INT32_MAX}};
	snprintf(rule.id, sizeof(rule.id), "%s", id);
	rule.content.items = items;
	return rule;
}

/* Reading a row --------------------------------------------------------------------------------------------------------------------------- */

static int
read_int(const char *text)
{
	char *end;
	const long n = strtol(text, &end, 10);
	if (end == text)
		fail_msg("no number: %s", text);
	return (int)n;
}

static void
add_languages(struct content_rule *content, char *text)
{
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		snprintf(content->languages[content->language_count++], LANGUAGE_MAX, "%s", word);
}

/* "pure", "identifier 6", "max_length 10", "languages pt en" */
static struct rule
read_rule(char *text)
{
	struct rule rule = content_rule("test", 0);
	char *argument = text + strcspn(text, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	if (strcmp(text, "max_length") == 0) {
		rule.content.max_length = (uint16_t)read_int(argument);
		return rule;
	}
	if (strcmp(text, "languages") == 0) {
		add_languages(&rule.content, argument);
		return rule;
	}
	for (int item = 0; item < CONTENT_COUNT; item++)
		if (strcmp(text, content_item_name((enum content_item)item)) == 0)
			rule.content.items |= CONTENT_BIT(item);
	if (rule.content.items == 0)
		fail_msg("no such rule: %s", text);
	rule.content.identifier_length = *argument != '\0' ? (uint8_t)read_int(argument) : 0;
	return rule;
}

static void
read_fact(struct content_facts *facts, char *text)
{
	char *value = strchr(text, ' ');
	if (value != NULL)
		*value++ = '\0';
	if (strcmp(text, "language") == 0)
		facts->language = value;
	else if (strcmp(text, "business") == 0)
		facts->business = value;
	else if (strcmp(text, "legal") == 0)
		facts->legal_name = value;
	else if (strcmp(text, "identifier") == 0)
		facts->identifier = value;
	else if (strcmp(text, "one_way") == 0)
		facts->one_way = true;
	else if (strcmp(text, "offer") == 0)
		facts->offer = true;
	else if (strcmp(text, "expires") == 0)
		facts->offer_expires = true;
	else if (strcmp(text, "template") == 0)
		facts->template_only = true;
	else
		fail_msg("no such fact: %s", text);
}

static char *
next_of_list(char **list)
{
	char *item = *list;
	if (item == NULL || *item == '\0')
		return NULL;
	item += strspn(item, " ");
	*list = strchr(item, ',');
	if (*list != NULL)
		*(*list)++ = '\0';
	return item;
}

/* "name(40)" or "name=Ana" */
static struct content_variable
read_variable(char *text)
{
	char *mark = text + strcspn(text, "(=");
	if (*mark == '\0')
		fail_msg("no variable: %s", text);
	const bool known = *mark == '=';
	*mark++ = '\0';
	return (struct content_variable){.name = text, .max_length = known ? 1 : read_int(mark), .value = known ? mark : NULL};
}

static void
read_line_ends(char *text)
{
	char *out = text;
	for (; *text != '\0'; text++)
		if (text[0] == '\\' && text[1] == 'n') {
			*out++ = '\n';
			text++;
		} else {
			*out++ = *text;
		}
	*out = '\0';
}

static bool
row_is_broken(char **fields)
{
	const bool values = strncmp(fields[0], "values ", 7) == 0;
	struct rule rule = read_rule(fields[0] + (values ? 7 : 0));
	struct little_law little = {.law = LAW_INIT};
	struct content_variable variables[VARIABLES_MAX];
	struct content_facts facts = {
		.text = fields[3], .language = "", .business = "", .legal_name = "", .identifier = "", .variables = variables};
	for (char *text = next_of_list(&fields[1]); text != NULL; text = next_of_list(&fields[1]))
		read_fact(&facts, text);
	for (char *text = next_of_list(&fields[2]); text != NULL; text = next_of_list(&fields[2]))
		variables[facts.variable_count++] = read_variable(text);
	read_line_ends(fields[3]);
	little_law_add(&little, &rule, true);
	if (values)
		return content_judge_values(&little.law, today, &facts) != NULL;
	const int found = content_judge(&little.law, today, &facts, NULL, NULL);
	assert_int_equal(found, content_judge_text(&rule, &facts, NULL, NULL) + !content_admits_language(&rule, facts.language));
	return found > 0;
}

static void
rows(void **state)
{
	(void)state;
	struct case_file *file = case_file_open("content.txt", '|');
	char *fields[5];
	int wrong = 0;
	while (case_file_next(file, fields, 5)) {
		char text[512];
		snprintf(text, sizeof(text), "%s", fields[3]);
		const char *found = row_is_broken(fields) ? "broken" : "ok";
		if (strcmp(found, fields[4]) != 0) {
			print_error("content.txt:%d: \"%s\" is %s\n", case_file_line(file), text, found);
			wrong++;
		}
	}
	case_file_close(&file);
	assert_int_equal(wrong, 0);
}

/* What no row can say --------------------------------------------------------------------------------------------------------------------- */

struct heard {
	int count;
	char rules[256], last[CONTENT_PROBLEM_MAX];
};

static void
hear(void *context, const struct rule *rule, const char *what)
{
	struct heard *heard = context;
	heard->count++;
	strcat(strcat(heard->rules, rule->id), " ");
	snprintf(heard->last, sizeof(heard->last), "%s", what);
	assert_non_null(strchr(what, ':')); /* the cure */
}

static const struct content_facts bare = {.text = "Hello", .language = "en", .business = "Ipe", .legal_name = "", .identifier = ""};

static void
rules_bind_on_their_dates(void **state)
{
	(void)state;
	struct rule rule = content_rule("dated", CONTENT_BIT(CONTENT_SENDER_NAME));
	struct little_law little = {.law = LAW_INIT};
	rule.from = today;
	rule.until = (struct date){today.days + 1};
	little_law_add(&little, &rule, true);
	assert_int_equal(content_judge(&little.law, (struct date){today.days - 1}, &bare, NULL, NULL), 0);
	assert_int_equal(content_judge(&little.law, today, &bare, NULL, NULL), 1);
	assert_int_equal(content_judge(&little.law, (struct date){today.days + 1}, &bare, NULL, NULL), 0);
}

static void
everything_missing_is_told_and_advice_does_not_bind(void **state)
{
	(void)state;
	struct rule one = content_rule("one", CONTENT_BIT(CONTENT_SENDER_NAME) | CONTENT_BIT(CONTENT_OPT_OUT));
	struct rule two = content_rule("two", CONTENT_BIT(CONTENT_SENDER_NAME));
	struct rule three = content_rule("three", CONTENT_BIT(CONTENT_SUPPORT_CONTACT));
	struct rule other = {.id = "window", .kind = RULE_WINDOW, .from = {INT32_MIN}, .until = {INT32_MAX}};
	struct little_law little = {.law = LAW_INIT};
	struct heard heard = {.count = 0};
	little_law_add(&little, &one, true);
	little_law_add(&little, &two, true);
	little_law_add(&little, &three, false);
	little_law_add(&little, &other, false);
	assert_int_equal(content_judge(&little.law, today, &bare, hear, &heard), 3);
	assert_string_equal(heard.rules, "one one two three ");
}

static void
problems_name_what_they_found(void **state)
{
	(void)state;
	static const struct {
		enum content_item item;
		const char *text, *found;
	} cases[] = {
		{CONTENT_PURE, "Shipped. A DISCOUNT!", "\"discount\""},
		{CONTENT_NO_IDENTIFIERS, "Card 4111111111111111", "payment card number"},
		{CONTENT_NO_IDENTIFIERS, "DE89370400440532013000", "IBAN"},
		{CONTENT_NO_IDENTIFIERS, "Send your CPF", "asks for"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rule rule = content_rule("test", CONTENT_BIT(cases[i].item));
		struct content_facts facts = bare;
		struct heard heard = {.count = 0};
		facts.text = cases[i].text;
		assert_int_equal(content_judge_text(&rule, &facts, hear, &heard), 1);
		if (strstr(heard.last, cases[i].found) == NULL)
			fail_msg("\"%s\": %s", cases[i].text, heard.last);
	}
}

/* More than can be searched breaks what must be absent, and nothing overflows. */
static void
a_text_out_of_all_measure(void **state)
{
	(void)state;
	static char value[CONTENT_TEXT_MAX + 2];
	const struct rule rule = content_rule("test", CONTENT_BIT(CONTENT_PURE));
	struct little_law little = {.law = LAW_INIT};
	struct content_variable variable = {.name = "v", .max_length = 9, .value = value};
	struct content_facts facts = bare;
	memset(value, 'x', sizeof(value) - 1);
	little_law_add(&little, &rule, true);
	facts.text = "{{v}}";
	facts.variables = &variable;
	facts.variable_count = 1;
	assert_ptr_equal(content_judge_values(&little.law, today, &facts), &rule);
	assert_int_equal(content_judge(&little.law, today, &facts, NULL, NULL), 1);
	value[CONTENT_TEXT_MAX - 1] = '\0';
	assert_null(content_judge_values(&little.law, today, &facts));
}

/* More places than are told apart. */
static void
values_in_very_many_places(void **state)
{
	(void)state;
	static char text[8 * 200];
	const struct rule rule = content_rule("test", CONTENT_BIT(CONTENT_PURE));
	struct little_law little = {.law = LAW_INIT};
	struct content_variable variable = {.name = "v", .max_length = 9, .value = "a"};
	struct content_facts facts = bare;
	for (int i = 0; i < 100; i++)
		strcat(text, "{{v}}. ");
	strcat(text, "Sale {{v}}");
	little_law_add(&little, &rule, true);
	facts.text = text;
	facts.variables = &variable;
	facts.variable_count = 1;
	assert_ptr_equal(content_judge_values(&little.law, today, &facts), &rule);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(rules_bind_on_their_dates),
		cmocka_unit_test(everything_missing_is_told_and_advice_does_not_bind),
		cmocka_unit_test(problems_name_what_they_found),
		cmocka_unit_test(a_text_out_of_all_measure),
		cmocka_unit_test(values_in_very_many_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
