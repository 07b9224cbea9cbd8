/* What makes a class: facts that conditions ask about, the text that the law admits, and the stretch in which everything is in order. */
#include "planner/core/class_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/plan_fixture.h"

enum { RULES_MAX = 4, VARIANTS_MAX = 3 };

/* A law of the test's own, and a text in English; the campaign lasts from Monday to Friday. */
static struct world {
	struct rule rules[RULES_MAX];
	struct regime regime;
	struct rulebook rulebook;
	struct variant variants[VARIANTS_MAX];
	struct terms terms;
	struct campaign_words words;
	struct campaign_facts campaign;
	struct window_context context;
	struct class_table *table;
} world;

static struct variant
text_in(const char *language)
{
	return (struct variant){.language = language,
		.text = "Acme: sale. Reply STOP to opt out.",
		.approved = true,
		.approved_on = {INT32_MIN},
		.last_used_on = {INT32_MIN},
		.category = CATEGORY_MARKETING};
}

static int
open_world(void **state)
{
	(void)state;
	world = (struct world){.regime = {.id = "r", .regions = {"US", "BR", "DE"}, .region_count = 3}, .words = *plan_fixture_words()};
	world.regime.rules = world.rules;
	world.rulebook = (struct rulebook){.regimes = &world.regime, .regime_count = 1};
	world.variants[0] = text_in("en");
	world.terms = *plan_fixture_terms();
	world.terms.variants = world.variants;
	world.campaign = plan_fixture_campaign("2026-11-23T00:00:00Z", "2026-11-28T00:00:00Z");
	world.context = plan_fixture_context();
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	class_table_free(&world.table);
	for (size_t i = 0; i < world.regime.rule_count; i++) {
		predicate_free(&world.rules[i].when);
		predicate_free(&world.rules[i].exceptions[0].condition);
	}
	return 0;
}

static struct rule *
add_rule(const char *id, struct rule rule)
{
	struct rule *added = &world.rules[world.regime.rule_count++];
	*added = rule;
	strcpy(added->id, id);
	return added;
}

static struct rule
of_kind(enum rule_kind kind)
{
	return (struct rule){.kind = kind, .categories = ALL_CATEGORIES, .channels = ALL_CHANNELS, .from = {INT32_MIN}, .until = {INT32_MAX}};
}

static struct predicate *
condition(const char *text)
{
	struct predicate *predicate;
	struct err err = ERR_INIT;
	if (predicate_parse(text, &predicate, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return predicate;
}

static void
open_table(void)
{
	const struct class_setup setup = {.campaign = &world.campaign,
		.terms = &world.terms,
		.words = &world.words,
		.rulebook = &world.rulebook,
		.context = world.context,
		.span = {fixture_instant("2026-11-20T00:00:00Z"), fixture_instant("2027-06-01T00:00:00Z")},
		.margin = {10 * US_PER_SECOND}};
	struct err err = ERR_INIT;
	class_table_free(&world.table);
	assert_int_equal(class_table_create(&setup, &world.table, &err), STATUS_OK);
}

static const struct plan_class *
find(uint64_t phone, const char *region, const char *language, uint32_t evidence)
{
	const struct class_person person = {.place = {phone, region, ""}, .language = language, .evidence = evidence};
	size_t class = SIZE_MAX;
	enum reason held;
	struct err err = ERR_INIT;
	if (class_table_find(world.table, &person, &class, &held, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	assert_int_equal(held, REASON_NONE);
	return class_table_at(world.table, class);
}

static void
expect_refusal(const struct plan_class *class, enum reason reason, const char *rule)
{
	assert_int_equal(class->dealable.count, 0);
	assert_int_equal(class->refusal, reason);
	assert_string_equal(class->refusal_rule != NULL ? class->refusal_rule->id : "", rule);
}

/* Facts ------------------------------------------------------------------------------------------------------------------------------------- */

static void
evidence_splits_a_class_only_when_a_rule_asks_for_it(void **state)
{
	const uint32_t customer = EVIDENCE_BIT(EVIDENCE_CUSTOMER);
	(void)state;
	struct rule *window = add_rule("window", fixture_window("10:00", "12:00"));
	open_table();
	assert_ptr_equal(find(PHONE_GERMANY, "", "", 0), find(PHONE_GERMANY, "", "", customer));
	window->exceptions[0] = (struct exception){.condition = condition("consent:customer"), .on = true};
	window->exception_count = 1;
	open_table();
	const struct plan_class *stranger = find(PHONE_GERMANY, "", "", EVIDENCE_BIT(EVIDENCE_IP)),
							*known = find(PHONE_GERMANY, "", "", customer);
	assert_ptr_not_equal(stranger, known);
	assert_int_equal(stranger->law.of[RULE_WINDOW].count, 1);
	assert_int_equal(stranger->fact_count, 0);
	assert_int_equal(known->law.of[RULE_WINDOW].count, 0);
	assert_int_equal(known->fact_count, 1);
	assert_string_equal(known->facts[0], "consent:customer");
	assert_ptr_equal(find(PHONE_GERMANY, "", "", customer | EVIDENCE_BIT(EVIDENCE_IP)), known);
	assert_int_equal(class_table_count(world.table), 2);
}

static void
the_number_is_a_fact_besides_the_place(void **state)
{
	(void)state;
	add_rule("window", fixture_window("10:00", "12:00"))->when = condition("number:US-NY");
	open_table();
	/* both may be in New York and in Illinois; only one has a number of New York */
	const struct plan_class *numbered = find(PHONE_NEW_YORK, "US-IL", "", 0), *declared = find(PHONE_CHICAGO, "US-NY", "", 0);
	assert_ptr_not_equal(numbered, declared);
	assert_int_equal(numbered->law.of[RULE_WINDOW].count, 1);
	assert_int_equal(declared->law.of[RULE_WINDOW].count, 0);
}

static void
a_waived_rule_does_not_bind(void **state)
{
	static const char *const waived[] = {"window"};
	const struct date ends = fixture_date("2026-12-01");
	(void)state;
	add_rule("window", fixture_window("10:00", "12:00"))->waivable = true;
	world.words.waived = waived;
	world.words.waived_until = &ends;
	world.words.waived_count = 1;
	open_table();
	const struct plan_class *class = find(PHONE_GERMANY, "", "", 0);
	assert_int_equal(class->law.of[RULE_WINDOW].count, 0);
	assert_string_equal(class->facts[0], "waived:window");
	world.campaign = plan_fixture_campaign("2026-11-23T00:00:00Z", "2026-12-01T00:00:00Z"); /* an hour too long for Berlin */
	open_table();
	assert_int_equal(find(PHONE_GERMANY, "", "", 0)->law.of[RULE_WINDOW].count, 1);
}

/* Texts ------------------------------------------------------------------------------------------------------------------------------------- */

static void
people_get_the_text_of_their_language(void **state)
{
	static const struct {
		const char *language;
		size_t variant;
	} rows[] = {{"pt", 1}, {"pt-BR", 1}, {"en", 0}, {"en-GB", 0}, {"de", 0}, {"", 0}};
	(void)state;
	world.variants[1] = text_in("pt");
	world.terms.variant_count = 2;
	open_table();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(find(PHONE_GERMANY, "", rows[i].language, 0)->variant, rows[i].variant);
	assert_int_equal(class_table_count(world.table), 2);
}

static void
a_text_that_the_law_does_not_admit_is_nobodys(void **state)
{
	struct rule languages = of_kind(RULE_CONTENT);
	(void)state;
	languages.content = (struct content_rule){.language_count = 1, .languages = {"pt"}};
	add_rule("languages", languages)->when = condition("region:BR");
	world.variants[1] = text_in("pt");
	world.terms.variant_count = 2;
	open_table();
	assert_int_equal(find(PHONE_RECIFE, "", "en", 0)->variant, 1);
	assert_int_equal(find(PHONE_GERMANY, "", "en", 0)->variant, 0);
	world.variants[1] = text_in("fr");
	open_table();
	expect_refusal(find(PHONE_RECIFE, "", "en", 0), REASON_LANGUAGE, "languages");
	assert_int_equal(find(PHONE_GERMANY, "", "fr", 0)->variant, 1);
}

/* Of two texts that do not do, the one that can be mended says why. */
static void
a_reason_that_can_be_mended_is_told(void **state)
{
	struct rule languages = of_kind(RULE_CONTENT), approval = of_kind(RULE_TEMPLATE);
	(void)state;
	languages.content = (struct content_rule){.language_count = 1, .languages = {"pt"}};
	approval.template.approved = true;
	add_rule("languages", languages);
	add_rule("approval", approval);
	world.variants[1] = text_in("pt");
	world.variants[1].approved = false;
	world.terms.variant_count = 2;
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "en", 0), REASON_TEMPLATE_NOT_APPROVED, "approval");
}

static const struct plan_class *
find_of(enum arm arm, enum message_order order, const char *language)
{
	const struct class_person person = {.place = {PHONE_GERMANY, "", ""}, .language = language, .arm = arm, .order = order};
	size_t class = SIZE_MAX;
	enum reason held;
	struct err err = ERR_INIT;
	if (class_table_find(world.table, &person, &class, &held, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return class_table_at(world.table, class);
}

/* Each arm chooses among its own languages, and has a class of its own. */
static void
each_arm_has_its_own_languages(void **state)
{
	(void)state;
	world.variants[1] = text_in("pt");
	world.variants[2] = text_in("pt");
	world.variants[2].arm = ARM_B;
	world.terms.variant_count = 3;
	world.terms.split_percent = 50;
	open_table();
	assert_int_equal(find_of(ARM_A, ORDER_ANY, "pt")->variant, 1);
	assert_int_equal(find_of(ARM_A, ORDER_ANY, "en")->variant, 0);
	assert_int_equal(find_of(ARM_B, ORDER_ANY, "en")->variant, 2);
	assert_int_equal(find_of(ARM_B, ORDER_ANY, "pt")->variant, 2);
	assert_int_equal(class_table_count(world.table), 3);
}

/* Whom the law refuses the text of their arm gets no other. */
static void
nobody_moves_to_another_arm(void **state)
{
	struct rule approval = of_kind(RULE_TEMPLATE);
	(void)state;
	approval.template.approved = true;
	add_rule("approval", approval);
	world.variants[1] = text_in("en");
	world.variants[1].arm = ARM_B;
	world.variants[1].approved = false;
	world.terms.variant_count = 2;
	world.terms.split_percent = 50;
	open_table();
	expect_refusal(find_of(ARM_B, ORDER_ANY, "en"), REASON_TEMPLATE_NOT_APPROVED, "approval");
	assert_int_equal(find_of(ARM_A, ORDER_ANY, "en")->refusal, REASON_NONE);
	world.variants[0].approved = false;
	world.variants[1].approved = true;
	open_table();
	expect_refusal(find_of(ARM_A, ORDER_ANY, "en"), REASON_TEMPLATE_NOT_APPROVED, "approval");
	assert_int_equal(find_of(ARM_B, ORDER_ANY, "en")->variant, 1);
}

/* First and later messages are classes apart even where no rule asks; a rule that asks binds first ones and unknown ones. */
static void
a_rule_may_ask_whether_it_is_the_first_message(void **state)
{
	struct rule opt_out = of_kind(RULE_CONTENT);
	(void)state;
	opt_out.content.items = CONTENT_BIT(CONTENT_OPT_OUT);
	world.variants[0].text = "Hello.";
	open_table();
	assert_ptr_not_equal(find_of(ARM_A, ORDER_FIRST, ""), find_of(ARM_A, ORDER_LATER, ""));
	add_rule("opt_out", opt_out)->when = condition("first_message");
	open_table();
	expect_refusal(find_of(ARM_A, ORDER_FIRST, ""), REASON_CONTENT, "opt_out");
	expect_refusal(find_of(ARM_A, ORDER_ANY, ""), REASON_CONTENT, "opt_out");
	assert_int_equal(find_of(ARM_A, ORDER_LATER, "")->refusal, REASON_NONE);
}

static void
without_a_text_there_is_no_message(void **state)
{
	(void)state;
	world.terms.variant_count = 0;
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "", 0), REASON_TEMPLATE_NOT_APPROVED, "");
}

static void
a_free_form_text_needs_a_service_window(void **state)
{
	struct rule session = of_kind(RULE_SESSION);
	(void)state;
	session.session.length.us = 24 * US_PER_HOUR;
	add_rule("session", session);
	add_rule("window", fixture_window("10:00", "12:00"))->when = condition("template:free_form");
	world.variants[0].free_form = true;
	world.variants[0].approved = false;
	open_table();
	const struct plan_class *class = find(PHONE_GERMANY, "", "", 0);
	assert_true(class->needs_session);
	assert_int_equal(class->session.us, 24 * US_PER_HOUR);
	assert_string_equal(class->session_rule->id, "session");
	assert_string_equal(class->facts[0], "template:free_form");
	assert_int_equal(class->law.of[RULE_WINDOW].count, 1);
}

/* What is in order, and when ---------------------------------------------------------------------------------------------------------------- */

static void
a_record_that_ends_ends_the_windows(void **state)
{
	static const struct attestation records[] = {
		{.subject = SUBJECT_BUSINESS, .item = "licence", .given_on = {0}, .valid_until = {0}},
	};
	struct attestation record = records[0];
	struct rule registration = of_kind(RULE_RECORD);
	(void)state;
	registration.record = (struct record_rule){.purpose = RECORD_REGISTRATION, .subject = SUBJECT_BUSINESS, .item = "licence"};
	add_rule("licence", registration);
	add_rule("window", fixture_window("10:00", "12:00"));
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "", 0), REASON_NOT_REGISTERED, "licence");
	record.valid_until = fixture_date("2026-11-25");
	world.terms.attestations = &record;
	world.terms.attestation_count = 1;
	open_table();
	const struct plan_class *class = find(PHONE_GERMANY, "", "", 0);
	assert_int_equal(class->refusal, REASON_NONE);
	assert_int_equal(class->open.count, 2); /* Monday and Tuesday */
	assert_int_equal(class->open.items[1].until.us, fixture_instant("2026-11-24T12:00:00+01:00").us);
}

/* In order until an hour at which the windows have not opened yet. */
static void
what_ends_before_the_windows_open_refuses_with_its_rule(void **state)
{
	struct attestation record = {
		.subject = SUBJECT_BUSINESS, .item = "licence", .given_on = {0}, .valid_until = fixture_date("2026-11-23")};
	struct rule registration = of_kind(RULE_RECORD);
	(void)state;
	registration.record = (struct record_rule){.purpose = RECORD_REGISTRATION, .subject = SUBJECT_BUSINESS, .item = "licence"};
	add_rule("licence", registration);
	add_rule("window", fixture_window("10:00", "12:00"));
	world.terms.attestations = &record;
	world.terms.attestation_count = 1;
	world.campaign = plan_fixture_campaign("2026-11-22T20:00:00Z", "2026-11-28T00:00:00Z");
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "", 0), REASON_NOT_REGISTERED, "licence");
}

/* The rule that closes --------------------------------------------------------------------------------------------------------------------- */

static void
the_window_that_leaves_least_is_told(void **state)
{
	(void)state;
	add_rule("a.morning", fixture_window("06:00", "12:00"));
	add_rule("b.evening", fixture_window("18:00", "20:00"));
	add_rule("c.always", fixture_window("00:00", "00:00"));
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "", 0), REASON_NO_WINDOW, "b.evening");
}

static void
hours_of_the_campaign_are_no_rule(void **state)
{
	(void)state;
	add_rule("morning", fixture_window("06:00", "12:00"));
	world.campaign.has_hours = true;
	world.campaign.hours = fixture_range("13:00", "15:00");
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "", 0), REASON_NO_WINDOW, "");
}

static void
an_unknown_calendar_is_told_with_the_rule_that_asks_for_it(void **state)
{
	struct rule holidays = fixture_window("06:00", "12:00");
	(void)state;
	holidays.window.on_holidays_replaced = true;
	strcpy(holidays.window.calendar, "NP");
	add_rule("a.plain", fixture_window("05:00", "13:00"));
	add_rule("b.holidays", holidays);
	world.campaign = plan_fixture_campaign("2026-12-05T00:00:00Z", "2026-12-08T00:00:00Z");
	open_table();
	expect_refusal(find(PHONE_GERMANY, "", "", 0), REASON_CALENDAR_UNKNOWN, "b.holidays");
}

/* Emergencies ------------------------------------------------------------------------------------------------------------------------------- */

static void
an_emergency_closes_where_people_may_be(void **state)
{
	const struct emergency declared = {.area = "US-NY", .declared = {fixture_instant("2026-11-24T00:00:00Z"), {INT64_MAX}}};
	struct rule emergency = fixture_window("00:00", "00:00");
	(void)state;
	emergency.window.emergency = true;
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		emergency.window.days[day].count = 0;
	add_rule("emergency", emergency);
	world.context.emergencies = &declared;
	world.context.emergency_count = 1;
	open_table();
	const struct plan_class *new_york = find(PHONE_NEW_YORK, "", "", 0), *chicago = find(PHONE_CHICAGO, "", "", 0);
	assert_int_equal(new_york->open.items[new_york->open.count - 1].until.us, declared.declared.from.us);
	assert_int_equal(chicago->open.items[chicago->open.count - 1].until.us, fixture_instant("2026-11-28T00:00:00Z").us);
	/* declared "US" may be in New York */
	const struct plan_class *somewhere = find(PHONE_CHICAGO, "US", "", 0);
	assert_int_equal(somewhere->open.items[somewhere->open.count - 1].until.us, declared.declared.from.us);
}

/* Times between two messages ------------------------------------------------------------------------------------------------------------------ */

static struct rule
pair_rule(int64_t seconds)
{
	struct rule rule = of_kind(RULE_RATE);
	rule.rate = (struct rate_rule){.n = 1, .per = {seconds * US_PER_SECOND}, .pair = true};
	return rule;
}

/* Each holds on its own days, and over everything that is sent. */
static void
times_between_messages_hold_on_their_own_days(void **state)
{
	(void)state;
	struct rule *week = add_rule("a.week", pair_rule(6)), *month = add_rule("b.month", pair_rule(3600));
	add_rule("c.sender", of_kind(RULE_RATE))->rate = (struct rate_rule){.n = 10, .per = {US_PER_SECOND}};
	week->until = fixture_date("2026-11-25");
	month->from = fixture_date("2026-11-25");
	month->categories = CATEGORY_BIT(CATEGORY_MARKETING);
	month->rate.n = 7;
	open_table();
	const struct plan_class *class = find(PHONE_GERMANY, "", "", 0);
	assert_int_equal(class->caps.count, 2);
	const struct rule *first = class->caps.items[0], *second = class->caps.items[1];
	assert_string_equal(first->id, "a.week");
	assert_int_equal(first->until.days, week->until.days);
	assert_int_equal(first->cap.length.us, 6 * US_PER_SECOND);
	assert_int_equal(second->from.days, month->from.days);
	assert_int_equal(second->cap.length.us, (3600 * US_PER_SECOND + 6) / 7);
	assert_int_equal(second->cap.n, 1);
	assert_int_equal(second->categories, ALL_CATEGORIES);
}

/* Preferences ------------------------------------------------------------------------------------------------------------------------------- */

/* "from until" of each stretch that is preferred on the 24th, by the clock of Berlin. */
static void
expect_preferred(const struct plan_class *class, unsigned preference, const char *from, const char *until)
{
	const struct interval day = {fixture_instant("2026-11-24T00:00:00+01:00"), fixture_instant("2026-11-25T00:00:00+01:00")};
	struct interval_set preferred = INTERVAL_SET_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(class_preferred(world.table, class, preference, &class->dealable, day, &preferred, &err), STATUS_OK);
	assert_int_equal(preferred.count, from != NULL);
	if (from != NULL) {
		assert_int_equal(preferred.items[0].from.us, fixture_instant(from).us);
		assert_int_equal(preferred.items[0].until.us, fixture_instant(until).us);
	}
	interval_set_free(&preferred);
}

static struct rule
preference(const char *from, const char *until)
{
	struct rule rule = fixture_window(from, until);
	rule.kind = RULE_PREFERENCE;
	rule.strength = STRENGTH_INFO;
	return rule;
}

/* All end ten seconds before the window does: nothing is planned there. */
static void
a_persons_hour_goes_before_the_campaigns_and_that_before_the_laws(void **state)
{
	(void)state;
	add_rule("window", fixture_window("09:00", "20:00"));
	add_rule("house", preference("11:00", "14:00"));
	struct rule *narrower = add_rule("other", preference("13:00", "24:00"));
	open_table();
	const struct plan_class *class = find(PHONE_GERMANY, "", "", 0);
	expect_preferred(class, 0, "2026-11-24T13:00:00+01:00", "2026-11-24T14:00:00+01:00");
	expect_preferred(class, 11, "2026-11-24T10:00:00+01:00", "2026-11-24T11:00:00+01:00");
	expect_preferred(class, 23, "2026-11-24T18:59:50+01:00", "2026-11-24T19:59:50+01:00");
	world.campaign.pacing = DEAL_AT;
	world.campaign.send_at.s = 16 * 3600 + 30 * 60;
	expect_preferred(class, 0, "2026-11-24T16:30:00+01:00", "2026-11-24T19:59:50+01:00");
	expect_preferred(class, 11, "2026-11-24T10:00:00+01:00", "2026-11-24T11:00:00+01:00");
	world.campaign.pacing = DEAL_ASAP;
	narrower->window.days[TUESDAY].count = 0; /* what no two can prefer together nobody prefers */
	open_table();
	expect_preferred(find(PHONE_GERMANY, "", "", 0), 0, NULL, NULL);
}

static void
without_a_preference_no_instant_is_better(void **state)
{
	(void)state;
	add_rule("window", fixture_window("09:00", "20:00"));
	struct rule *other = add_rule("house", preference("11:00", "14:00"));
	other->until = fixture_date("2026-11-24");
	open_table();
	const struct plan_class *class = find(PHONE_GERMANY, "", "", 0);
	expect_preferred(class, 0, "2026-11-24T09:00:00+01:00", "2026-11-24T19:59:50+01:00"); /* on days without a rule, all */
	other->categories = CATEGORY_BIT(CATEGORY_TRANSACTIONAL);
	open_table();
	expect_preferred(find(PHONE_GERMANY, "", "", 0), 0, NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(evidence_splits_a_class_only_when_a_rule_asks_for_it, open_world, close_world),
		cmocka_unit_test_setup_teardown(the_number_is_a_fact_besides_the_place, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_waived_rule_does_not_bind, open_world, close_world),
		cmocka_unit_test_setup_teardown(people_get_the_text_of_their_language, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_text_that_the_law_does_not_admit_is_nobodys, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_reason_that_can_be_mended_is_told, open_world, close_world),
		cmocka_unit_test_setup_teardown(each_arm_has_its_own_languages, open_world, close_world),
		cmocka_unit_test_setup_teardown(nobody_moves_to_another_arm, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_rule_may_ask_whether_it_is_the_first_message, open_world, close_world),
		cmocka_unit_test_setup_teardown(without_a_text_there_is_no_message, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_free_form_text_needs_a_service_window, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_record_that_ends_ends_the_windows, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_ends_before_the_windows_open_refuses_with_its_rule, open_world, close_world),
		cmocka_unit_test_setup_teardown(the_window_that_leaves_least_is_told, open_world, close_world),
		cmocka_unit_test_setup_teardown(hours_of_the_campaign_are_no_rule, open_world, close_world),
		cmocka_unit_test_setup_teardown(an_unknown_calendar_is_told_with_the_rule_that_asks_for_it, open_world, close_world),
		cmocka_unit_test_setup_teardown(an_emergency_closes_where_people_may_be, open_world, close_world),
		cmocka_unit_test_setup_teardown(times_between_messages_hold_on_their_own_days, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_persons_hour_goes_before_the_campaigns_and_that_before_the_laws, open_world, close_world),
		cmocka_unit_test_setup_teardown(without_a_preference_no_instant_is_better, open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
