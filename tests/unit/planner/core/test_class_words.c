/* What conditions are told about a campaign and a person: what is true, what is unknown, and nothing else. */
#include "planner/core/class_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/plan_fixture.h"

enum { RULES = 3 };
#define PHONE_UNLISTED UINT64_C(19995550123) /* a +1 code that is in no table: anywhere in +1 */

static struct rule rules[RULES];
static struct regime regime = {.id = "r", .status = REGIME_ENFORCED, .everywhere = true, .rules = rules, .rule_count = RULES};
static const struct rulebook rulebook = {.regimes = &regime, .regime_count = 1};
static const char *const tags[] = {"alcohol", "loans"};
static struct campaign_words campaign;
static struct class_words *words;
static enum message_order order;

static struct predicate *
condition(const char *text)
{
	struct predicate *predicate;
	struct err err = ERR_INIT;
	if (predicate_parse(text, &predicate, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return predicate;
}

static int
open_rules(void **state)
{
	(void)state;
	for (int i = 0; i < RULES; i++)
		rules[i] = fixture_window("08:00", "20:00");
	strcpy(rules[0].id, "first");
	strcpy(rules[1].id, "second");
	strcpy(rules[2].id, "third");
	rules[0].when = condition("number:US and not number:US-TX");
	rules[1].when = condition("tag:alcohol or tag:health or sender:US or sender_type:short_code or template:free_form");
	rules[2].exceptions[0] = (struct exception){.condition = condition("consent:customer or consent:signature"), .on = true};
	rules[2].exception_count = 1;
	rules[2].waivable = true;
	campaign = (struct campaign_words){.sender_country = "US", .sender_type = "number", .tags = tags, .tag_count = 2};
	return 0;
}

static int
close_rules(void **state)
{
	(void)state;
	class_words_free(&words);
	predicate_free(&rules[0].when);
	predicate_free(&rules[1].when);
	predicate_free(&rules[2].exceptions[0].condition);
	return 0;
}

static void
open_words(void)
{
	struct err err = ERR_INIT;
	class_words_free(&words);
	assert_int_equal(class_words_create(&rulebook, &campaign, &words, &err), STATUS_OK);
}

/* The facts with blanks between. */
static const char *
told(uint64_t phone, uint32_t evidence, bool free_form)
{
	static char text[512];
	const struct zone *zones[] = {fixture_zone("America/New_York"), fixture_zone("Pacific/Kiritimati")};
	const struct word_person person = {.number = number_place(phone),
		.evidence = evidence,
		.free_form = free_form,
		.order = order,
		.zones = zones,
		.zone_count = 2,
		.until = fixture_instant("2026-11-30T12:00:00Z")};
	const char **facts = calloc(class_words_limit(words) + 1, sizeof *facts);
	assert_non_null(facts);
	const size_t count = class_words_of(words, &person, facts);
	*text = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(strcat(text, i > 0 ? " " : ""), facts[i]);
	free(facts);
	return text;
}

static void
only_words_that_are_asked_about_are_told(void **state)
{
	(void)state;
	open_words();
	assert_string_equal(told(PHONE_NEW_YORK, 0, false), "number:US sender:US tag:alcohol");
	assert_string_equal(told(PHONE_GERMANY, 0, false), "sender:US tag:alcohol");
	assert_int_equal(class_words_evidence(words), EVIDENCE_BIT(EVIDENCE_CUSTOMER) | EVIDENCE_BIT(EVIDENCE_SIGNATURE));
	regime.status = REGIME_ADVISORY;
	open_words();
	regime.status = REGIME_ENFORCED;
	assert_string_equal(told(PHONE_NEW_YORK, UINT32_MAX, true), "");
	assert_int_equal(class_words_evidence(words), 0);
}

static void
consent_is_told_as_far_as_it_shows(void **state)
{
	(void)state;
	open_words();
	assert_string_equal(
		told(PHONE_GERMANY, EVIDENCE_BIT(EVIDENCE_CUSTOMER) | EVIDENCE_BIT(EVIDENCE_IP), false), "consent:customer sender:US tag:alcohol");
	assert_string_equal(
		told(PHONE_GERMANY, UINT32_MAX, true), "consent:customer consent:signature sender:US tag:alcohol template:free_form");
}

static void
what_only_some_candidates_say_is_unknown(void **state)
{
	(void)state;
	open_words();
	assert_string_equal(told(PHONE_UNLISTED, 0, false), "?number:US ?number:US-TX sender:US tag:alcohol");
}

/* What only some texts of the campaign declare may or may not be true of the one that somebody gets. */
static void
what_only_some_texts_declare_is_unknown(void **state)
{
	(void)state;
	campaign.partial_tags = tags;
	campaign.partial_tag_count = 1;
	open_words();
	assert_string_equal(told(PHONE_GERMANY, 0, false), "sender:US ?tag:alcohol");
}

static void
which_message_is_the_first_is_told_as_far_as_it_is_known(void **state)
{
	static const char *const expected[] = {[ORDER_ANY] = "?first_message", [ORDER_FIRST] = "first_message", [ORDER_LATER] = ""};
	(void)state;
	open_words();
	assert_false(class_words_ask_order(words));
	predicate_free(&rules[0].when);
	predicate_free(&rules[1].when);
	rules[0].when = condition("first_message");
	rules[1].when = condition("not first_message");
	open_words();
	assert_true(class_words_ask_order(words));
	for (order = ORDER_ANY; order <= ORDER_LATER; order++)
		assert_string_equal(told(PHONE_GERMANY, 0, false), expected[order]);
	order = ORDER_ANY;
}

static void
what_nobody_stated_about_the_sender_is_unknown(void **state)
{
	(void)state;
	campaign.sender_country = "";
	open_words();
	assert_string_equal(told(PHONE_GERMANY, 0, false), "?sender:US tag:alcohol");
	campaign.sender_country = "BR";
	campaign.sender_type = "";
	open_words();
	assert_string_equal(told(PHONE_GERMANY, 0, false), "?sender_type:short_code tag:alcohol");
	campaign.sender_type = "short_code";
	open_words();
	assert_string_equal(told(PHONE_GERMANY, 0, false), "sender_type:short_code tag:alcohol");
}

/* Kiritimati is a day ahead: the waiver must last until the end of the span there. */
static void
a_waiver_counts_when_it_outlasts_the_span_everywhere(void **state)
{
	static const struct {
		const char *rule, *until, *expected;
	} rows[] = {
		{"third", "2026-12-01", "sender:US tag:alcohol"},
		{"third", "2026-12-02", "sender:US tag:alcohol waived:third"},
		{"third", "2027-12-02", "sender:US tag:alcohol waived:third"},
		{"first", "2027-12-02", "sender:US tag:alcohol"}, /* may not be waived */
		{"no.such.rule", "2027-12-02", "sender:US tag:alcohol"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct date until = fixture_date(rows[i].until);
		campaign.waived = &rows[i].rule;
		campaign.waived_until = &until;
		campaign.waived_count = 1;
		open_words();
		assert_string_equal(told(PHONE_GERMANY, 0, false), rows[i].expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_words_that_are_asked_about_are_told, open_rules, close_rules),
		cmocka_unit_test_setup_teardown(consent_is_told_as_far_as_it_shows, open_rules, close_rules),
		cmocka_unit_test_setup_teardown(what_only_some_candidates_say_is_unknown, open_rules, close_rules),
		cmocka_unit_test_setup_teardown(what_only_some_texts_declare_is_unknown, open_rules, close_rules),
		cmocka_unit_test_setup_teardown(which_message_is_the_first_is_told_as_far_as_it_is_known, open_rules, close_rules),
		cmocka_unit_test_setup_teardown(what_nobody_stated_about_the_sender_is_unknown, open_rules, close_rules),
		cmocka_unit_test_setup_teardown(a_waiver_counts_when_it_outlasts_the_span_everywhere, open_rules, close_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
