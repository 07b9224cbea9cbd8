/* rule_words, law_words: what a lawyer reads. */
#include "planner/rule_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/law_words.h"
#include "tests/support/law_fixture.h"

#define DAYS(n) \
	{ \
		(n) * US_PER_DAY \
	}

static const struct date for_ever_from = {INT32_MIN}, for_ever_until = {INT32_MAX};

/* Binds everybody for ever. */
static struct rule
a_rule(enum rule_kind kind)
{
	return (struct rule){
		.kind = kind, .categories = ALL_CATEGORIES, .channels = ALL_CHANNELS, .from = for_ever_from, .until = for_ever_until};
}

static void
expect(char *(*words)(const struct rule *), const struct rule *rule, const char *expected)
{
	char *text = words(rule);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void
equal_days_are_told_together_and_closed_days_at_the_end(void **state)
{
	(void)state;
	struct rule rule = fixture_window("09:00", "20:00");
	expect(rule_words, &rule, "may leave every day 09:00-20:00");
	rule.window.days[SATURDAY].count = rule.window.days[SUNDAY].count = 0;
	rule.window.on_holidays_replaced = true;
	strcpy(rule.window.calendar, "BR");
	expect(rule_words, &rule, "may leave Monday to Friday 09:00-20:00; not on Saturday and Sunday; not on holidays (calendar BR)");
	rule.window.days[SATURDAY] = (struct day_ranges){1, {fixture_range("22:00", "02:00")}};
	rule.window.holidays = rule.window.days[SATURDAY];
	rule.window.days[WEDNESDAY] = (struct day_ranges){2, {fixture_range("10:00", "13:00"), fixture_range("14:00", "20:00")}};
	strcpy(rule.window.fixed_zone, "America/Chicago");
	expect(rule_words, &rule,
		"may leave Monday and Tuesday 09:00-20:00, Wednesday 10:00-13:00 and 14:00-20:00, Thursday and Friday 09:00-20:00, "
		"Saturday 22:00-02:00 of the next day; not on Sunday; on holidays (calendar BR) 22:00-02:00 of the next day; "
		"by the clock of America/Chicago");
}

static void
a_window_that_never_opens_says_so(void **state)
{
	(void)state;
	struct rule rule = fixture_window("00:00", "24:00");
	expect(rule_words, &rule, "may leave every day at any time");
	for (int day = 0; day < WEEKDAY_COUNT; day++)
		rule.window.days[day].count = 0;
	rule.window.emergency = true;
	expect(rule_words, &rule, "while an emergency is declared where the person may be: nothing may leave");
}

static void
caps_name_what_they_count(void **state)
{
	(void)state;
	struct rule rule = fixture_cap(CAP_ROLLING, 3, 31 * US_PER_DAY);
	expect(rule_words, &rule, "at most 3 messages to a person within any 31 days");
	rule = fixture_cap(CAP_CALENDAR_MONTH, 1, 0);
	expect(rule_words, &rule, "at most 1 message to a person within a month of the calendar");
	rule = fixture_cap(CAP_CALENDAR_DAY, 3, 0);
	rule.cap.on_holidays = 1;
	strcpy(rule.cap.calendar, "IN");
	expect(rule_words, &rule, "at most 3 messages to a person within a day of the calendar; at most 1 on holidays (calendar IN)");
	rule = fixture_cap(CAP_ROLLING, 3, US_PER_DAY);
	rule.cap.same_subject = true;
	expect(rule_words, &rule, "at most 3 messages to a person within any 24 hours, of those on the same subject");
	rule = fixture_cap(CAP_ROLLING, 1, 7 * US_PER_DAY);
	rule.cap.of_channels = true;
	expect(rule_words, &rule, "messages to a person over no more than one channel within any 7 days");
}

static void
a_preference_ranks_and_consent_must_show_what_it_names(void **state)
{
	(void)state;
	struct rule rule = fixture_window("11:00", "14:00");
	rule.kind = RULE_PREFERENCE;
	rule.window.days[SATURDAY].count = rule.window.days[SUNDAY].count = 0;
	rule.window.on_holidays_replaced = true;
	strcpy(rule.window.calendar, "BR");
	expect(rule_words, &rule,
		"of the times at which it may leave, rather Monday to Friday 11:00-14:00; not on Saturday and Sunday; not on holidays (calendar "
		"BR)");
	rule = a_rule(RULE_CONSENT);
	rule.consent = (struct consent_rule){true, EVIDENCE_BIT(EVIDENCE_TIME) | EVIDENCE_BIT(EVIDENCE_IP), DAYS(730)};
	expect(rule_words, &rule, "consent is required; it must show when it was given and the IP address; it counts for 730 days");
}

static void
texts_and_templates_have_their_sentences(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_CONTENT);
	rule.content = (struct content_rule){.items = CONTENT_BIT(CONTENT_OPT_OUT) | CONTENT_BIT(CONTENT_IDENTIFIER),
		.identifier_length = 6,
		.max_length = 1000,
		.language_count = 2,
		.languages = {"pt-BR", "en"}};
	expect(rule_words, &rule,
		"the text must say how to opt out and show the sender's registered identifier of 6 characters; be at most 1000 characters long; "
		"be in pt-BR or en");
	rule = a_rule(RULE_TEMPLATE);
	rule.template = (struct template_rule){.approved = true, .own_purpose = true, .max_variables = 5, .idle = DAYS(30)};
	expect(rule_words, &rule,
		"the template must be approved; be of the campaign's own category; have at most 5 variables; have been used within the last 30 "
		"days");
	rule = a_rule(RULE_SESSION);
	rule.session.length = (struct duration)DAYS(1);
	expect(rule_words, &rule, "a text that is no approved template may leave only within 24 hours of the person's last message");
}

static void
records_and_prohibitions_name_their_subjects(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_RECORD);
	rule.record = (struct record_rule){.purpose = RECORD_REGISTRATION,
		.subject = SUBJECT_SENDER,
		.item = "10dlc.brand",
		.title = "tax number",
		.good_for = DAYS(365),
		.renew_before = DAYS(180),
		.lead_time = DAYS(14),
		.buffer = DAYS(22)};
	expect(rule_words, &rule,
		"registration of the sender: tax number (10dlc.brand); it counts for 365 days; renew it 180 days before it ends; "
		"it takes 14 days, and 22 days more when it is rejected once");
	rule = a_rule(RULE_PROHIBITION);
	rule.prohibition = (struct prohibition_rule){.absolute = true, .tag_count = 2, .tags = {"alcohol", "dating"}};
	expect(rule_words, &rule, "nothing may leave that concerns alcohol or dating, whatever licence the business holds");
}

static void
volumes_and_rates_name_their_numbers(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_VOLUME);
	rule.volume =
		(struct volume_rule){.fixed_zone = "America/Sao_Paulo", .n = 1000, .granted_max = 100000, .raise_after = DAYS(90), .tier_count = 0};
	expect(rule_words, &rule,
		"a sender may send at most 1000 messages within a day of the calendar of America/Sao_Paulo; a granted raise counts up to 100000; "
		"a raise can be granted 90 days after registration");
	rule.volume = (struct volume_rule){.scope = VOLUME_PORTFOLIO,
		.people = true,
		.length = DAYS(1),
		.n = 250,
		.tier_count = 2,
		.tiers = {{"tier_1", 2000}, {"top", INT32_MAX}}};
	expect(rule_words, &rule,
		"all senders of a portfolio together may write to at most 250 people within any 24 hours; by trust level tier_1: 2000, top: "
		"unlimited");
	rule = a_rule(RULE_RATE);
	rule.rate = (struct rate_rule){1, {6 * US_PER_SECOND}, true};
	expect(rule_words, &rule, "a sender may send at most 1 message to one person within 6 seconds");
}

static void
a_breaker_names_what_it_stops_and_who_resumes_it(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_BREAKER);
	rule.breaker = (struct breaker_rule){.metric = BREAKER_VIOLATION_RATE,
		.scope = BREAKER_SENDER,
		.limit = 20000,
		.stop_at = 5000,
		.warn_at = 1000,
		.min_samples = 200,
		.per = DAYS(30)};
	expect(rule_words, &rule,
		"nothing of a sender leaves from when on one more could bring its violations above 0.5 % of the messages (the limit is 2 % of the "
		"messages) "
		"within 30 days, fewer than 200 messages counting as 200; a warning from 0.1 % of the messages on; a person resumes it, with a "
		"reason");
	rule.breaker = (struct breaker_rule){
		.metric = BREAKER_COMPLAINT_COUNT, .scope = BREAKER_BUSINESS, .needs = BREAKER_NEEDS_NEW_TEMPLATE, .limit = 3, .per = DAYS(30)};
	expect(rule_words, &rule,
		"nothing of a business leaves from when on one more could bring its complaints above 3 within 30 days; a person resumes it, with a "
		"reason and "
		"a new template");
	rule.breaker = (struct breaker_rule){
		.metric = BREAKER_QUALITY, .scope = BREAKER_TEMPLATE, .limit = RATING_YELLOW, .warn_at = RATING_YELLOW, .per = DAYS(30)};
	expect(rule_words, &rule,
		"nothing of a template leaves when the provider rates it worse than yellow within 30 days; a warning from yellow on; a person "
		"resumes it, with "
		"a reason");
}

static void
what_is_obeyed_elsewhere_is_told_too(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_OPT_OUT);
	rule.opt_out = (struct opt_out_rule){{US_PER_HOUR}, CONFIRMATION_REQUIRED, {5 * US_PER_MINUTE}, DAYS(3650)};
	expect(rule_words, &rule, "an opt-out holds within 1 hour; it must be confirmed within 5 minutes; it holds for at least 3650 days");
	rule = a_rule(RULE_RETENTION);
	rule.retention = (struct retention_rule){DATA_EVIDENCE, AFTER_LAST_USE, DAYS(365), DAYS(1825)};
	expect(rule_words, &rule, "evidence of consent is kept at least 365 days and at most 1825 days after its last use");
	char text[] = "up to USD 1,500 per message";
	rule = a_rule(RULE_NOTE);
	rule.note.text = text;
	expect(rule_words, &rule, "up to USD 1,500 per message");
}

static void
the_scope_names_only_what_is_limited(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_CAP);
	struct err err = ERR_INIT;
	expect(rule_words_scope, &rule, "every category");
	rule.categories &= ~CATEGORY_BIT(CATEGORY_OPT_OUT_CONFIRMATION);
	rule.channels = CHANNEL_BIT(CHANNEL_SMS);
	rule.from = fixture_date("2025-10-13");
	rule.until = fixture_date("2027-01-01");
	assert_int_equal(predicate_parse("number:US and not (tag:alcohol or not consent:ip)", &rule.when, &err), STATUS_OK);
	expect(rule_words_scope, &rule,
		"every category but opt_out_confirmation; on sms; from 2025-10-13; until 2026-12-31; when the number is one of US and not "
		"(the campaign is about alcohol or the consent does not show the IP address)");
	predicate_free(&rule.when);
	rule = a_rule(RULE_CAP);
	rule.categories = CATEGORY_BIT(CATEGORY_MARKETING) | CATEGORY_BIT(CATEGORY_ANNOUNCEMENT);
	expect(rule_words_scope, &rule, "marketing and announcement");
}

static void
what_lifts_a_rule_is_told_apart(void **state)
{
	(void)state;
	struct rule rule = a_rule(RULE_CAP);
	struct err err = ERR_INIT;
	expect(rule_words_relief, &rule, "");
	rule.exception_count = 2;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(predicate_parse(i == 0 ? "consent:customer" : "sender:IN", &rule.exceptions[i].condition, &err), STATUS_OK);
		strcpy(rule.exceptions[i].sources, i == 0 ? "P-13" : "P-15");
		rule.exceptions[i].on = i == 0;
	}
	rule.waivable = true;
	strcpy(rule.waiver_role, "compliance");
	rule.waiver_within = (struct duration)DAYS(90);
	expect(rule_words_relief, &rule,
		"not when the consent shows that the person is a customer [P-13]; (an exception that is off: not when the sender is in IN [P-15]); "
		"a waiver can be granted by compliance for at most 90 days");
	for (int i = 0; i < 2; i++)
		predicate_free(&rule.exceptions[i].condition);
}

/* A new kind, fact or item without words would be told as nothing. */
static void
every_word_of_the_vocabulary_has_words(void **state)
{
	(void)state;
	for (int i = 0; i < EVIDENCE_COUNT; i++)
		assert_non_null(evidence_words((enum evidence)i));
	for (int i = 0; i < CONTENT_COUNT; i++)
		assert_non_null(content_words((enum content_item)i));
	for (int i = 0; i < RULE_KIND_COUNT; i++) {
		struct rule rule = a_rule((enum rule_kind)i);
		char *text = rule_words(&rule);
		assert_non_null(text);
		free(text);
	}
}

static void
lengths_are_told_in_their_largest_unit(void **state)
{
	static const struct {
		int64_t us;
		const char *expected;
	} cases[] = {
		{US_PER_DAY, "24 hours"},
		{2 * US_PER_DAY, "2 days"},
		{36 * US_PER_HOUR, "36 hours"},
		{US_PER_HOUR, "1 hour"},
		{90 * US_PER_MINUTE, "90 minutes"},
		{US_PER_MINUTE, "1 minute"},
		{6 * US_PER_SECOND, "6 seconds"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[64] = "";
		FILE *out = fmemopen(text, sizeof text, "w");
		words_duration(out, (struct duration){cases[i].us});
		fclose(out);
		assert_string_equal(text, cases[i].expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_days_are_told_together_and_closed_days_at_the_end),
		cmocka_unit_test(a_window_that_never_opens_says_so),
		cmocka_unit_test(caps_name_what_they_count),
		cmocka_unit_test(a_preference_ranks_and_consent_must_show_what_it_names),
		cmocka_unit_test(texts_and_templates_have_their_sentences),
		cmocka_unit_test(records_and_prohibitions_name_their_subjects),
		cmocka_unit_test(volumes_and_rates_name_their_numbers),
		cmocka_unit_test(a_breaker_names_what_it_stops_and_who_resumes_it),
		cmocka_unit_test(what_is_obeyed_elsewhere_is_told_too),
		cmocka_unit_test(the_scope_names_only_what_is_limited),
		cmocka_unit_test(what_lifts_a_rule_is_told_apart),
		cmocka_unit_test(every_word_of_the_vocabulary_has_words),
		cmocka_unit_test(lengths_are_told_in_their_largest_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
