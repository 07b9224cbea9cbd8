/* rules_view: which rules answer a question about a place, and in which list they stand. */
#include "planner/rules_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/law_text.h"

#define HEAD(id, status, regions) \
	"id = \"" id "\"; title = \"" id "\"; kind = \"law\"; status = \"" status "\"; regions = " regions "; review_by = \"2027-06-30\";\n"
#define COMMON "source = \"R-064\"; strength = \"must\"; categories = [\"marketing\"]; n = 4; per = \"calendar month\"; "
#define CAP(id, more) "{ id = \"" id "\"; " COMMON more " }"

static const char us[] = HEAD("us", "enforced", "[\"US\"]") "caps = (" CAP("us.plain", "") ", " CAP(
	"us.sms", "channels = [\"sms\"];") ", " CAP("us.number", "when = \"number:US\";") ", " CAP("us.not_number",
	"when = \"not number:US\";") ", " CAP("us.tag", "when = \"tag:alcohol\";") ", " CAP("us.except",
	"except = ( { if = \"sender:IN\"; on = true; source = \"P-1\"; } );") ", " CAP("us.next_year",
	"from = \"2027-01-01\";") ", " CAP("us.reading",
	"option = \"C1 strict\"; on = false;") ");\n"
										   "notes = ( { id = \"us.note\"; source = \"R-154\"; strength = \"info\"; categories = \"all\"; "
										   "text = \"dear\"; } );\n";
static const char tx[] = HEAD("tx", "advisory", "[\"US-TX\"]") "caps = (" CAP("tx.cap", "") ");\n";
static const char off[] = HEAD("off", "off", "\"everywhere\"") "caps = (" CAP("off.cap", "") ");\n";
static const char br[] = HEAD("br", "enforced", "[\"BR\"]") "caps = (" CAP("br.cap", "") ");\n";

static struct parsed_law law;

static int
start(void **state)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(law_texts_add(&texts, "us.cfg", us, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "tx.cfg", tx, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "off.cfg", off, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "br.cfg", br, &err), STATUS_OK);
	if (law_parse(&texts, NULL, NULL, &law, &err) != STATUS_OK) {
		print_error("%s: %s\n", err.primary, err.detail);
		return 1;
	}
	law_texts_free(&texts);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	parsed_law_free(&law);
	return 0;
}

/* Marketing in Texas on a day of November 2026. */
static struct rules_question
a_question(void)
{
	struct rules_question question = {.regions = {"US-TX"}, .region_count = 1, .category = CATEGORY_MARKETING, .channels = ALL_CHANNELS};
	struct err err = ERR_INIT;
	assert_int_equal(date_parse("2026-11-23", &question.on, &err), STATUS_OK);
	return question;
}

static void
write_list(FILE *out, const char *name, const struct rule_view_list *list)
{
	fprintf(out, "%s:", name);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, " %s%s", list->items[i].rule->id, list->items[i].channels == ALL_CHANNELS ? "" : "/sms");
	fputc('\n', out);
}

static void
expect(const struct rules_question *question, const char *expected)
{
	struct rules_view *view;
	struct err err = ERR_INIT;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(rules_view_create(law.rulebook, question, &view, &err), STATUS_OK);
	write_list(out, "binding", &view->binding);
	write_list(out, "advice", &view->advice);
	write_list(out, "other dates", &view->other_dates);
	write_list(out, "readings", &view->readings);
	write_list(out, "notes", &view->notes);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	rules_view_free(&view);
}

static void
what_is_not_known_binds_and_numbers_are_of_the_place(void **state)
{
	(void)state;
	const struct rules_question question = a_question();
	expect(&question,
		"binding: us.except us.number us.plain us.sms/sms us.tag\n"
		"advice: tx.cap\n"
		"other dates: us.next_year\n"
		"readings: us.reading\n"
		"notes: us.note\n");
}

static void
facts_decide_conditions_and_exceptions(void **state)
{
	(void)state;
	struct rules_question question = a_question();
	question.facts[question.fact_count++] = "not tag:alcohol";
	question.facts[question.fact_count++] = "sender:IN";
	question.facts[question.fact_count++] = "not number:US";
	expect(&question,
		"binding: us.not_number us.plain us.sms/sms\n"
		"advice: tx.cap\n"
		"other dates: us.next_year\n"
		"readings: us.reading\n"
		"notes: us.note\n");
}

/* Of the United States or of Brazil: number:US is unknown, so that it and its denial bind. */
static void
several_places_are_all_asked(void **state)
{
	(void)state;
	struct rules_question question = a_question();
	question.regions[0] = "BR";
	question.regions[1] = "US-NY";
	question.region_count = 2;
	question.on.days += 366;
	expect(&question,
		"binding: br.cap us.except us.next_year us.not_number us.number us.plain us.sms/sms us.tag\n"
		"advice:\n"
		"other dates:\n"
		"readings: us.reading\n"
		"notes: us.note\n");
}

static void
other_categories_and_channels_are_left_out(void **state)
{
	(void)state;
	struct rules_question question = a_question();
	question.category = CATEGORY_TRANSACTIONAL;
	expect(&question, "binding:\nadvice:\nother dates:\nreadings:\nnotes: us.note\n");
	question = a_question();
	question.channels = CHANNEL_BIT(CHANNEL_WHATSAPP);
	struct rules_view *view;
	struct err err = ERR_INIT;
	assert_int_equal(rules_view_create(law.rulebook, &question, &view, &err), STATUS_OK);
	assert_int_equal(view->binding.count, 4);
	rules_view_free(&view);
}

static void
a_fact_that_is_no_word_is_refused_with_a_cure(void **state)
{
	static const char *const bad[] = {"alcohol", "tag:a and tag:b", "not not tag:a", "(tag:a)"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct rules_question question = a_question();
		struct rules_view *view;
		struct err err = ERR_INIT;
		question.facts[question.fact_count++] = bad[i];
		assert_int_equal(rules_view_create(law.rulebook, &question, &view, &err), STATUS_INVALID);
		assert_null(view);
		assert_non_null(strstr(err.primary, bad[i]));
		assert_true(err.hint[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_known_binds_and_numbers_are_of_the_place),
		cmocka_unit_test(facts_decide_conditions_and_exceptions),
		cmocka_unit_test(several_places_are_all_asked),
		cmocka_unit_test(other_categories_and_channels_are_left_out),
		cmocka_unit_test(a_fact_that_is_no_word_is_refused_with_a_cure),
	};
	return cmocka_run_group_tests(tests, start, stop) != 0;
}
