/* What service windows, the age of consent and caps leave to one person, and the reason when they leave nothing. */
#include "planner/core/leeway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/plan_fixture.h"

static struct class_table *table;
static struct campaign_facts campaign;
static struct plan_class class; /* New York, changed by the tests */
static struct rule session = {.id = "session", .kind = RULE_SESSION, .session = {{24 * US_PER_HOUR}}};
static struct rule consent = {.id = "consent", .kind = RULE_CONSENT, .consent = {.required = true, .good_for = {100 * US_PER_DAY}}};
static const struct rule *consents[] = {&consent};

static int
open_class(void **state)
{
	struct err err = ERR_INIT;
	enum reason held;
	size_t index;
	(void)state;
	campaign = plan_fixture_campaign("2026-11-23T00:00:00-05:00", "2026-11-25T21:00:00-05:00");
	const struct class_setup setup = {.campaign = &campaign,
		.terms = plan_fixture_terms(),
		.words = plan_fixture_words(),
		.rulebook = plan_fixture_rulebook(),
		.context = plan_fixture_context(),
		.span = {fixture_instant("2026-11-23T00:00:00-05:00"), fixture_instant("2027-06-01T00:00:00Z")},
		.margin = {10 * US_PER_SECOND}};
	assert_int_equal(class_table_create(&setup, &table, &err), STATUS_OK);
	const struct class_person person = {.place = {PHONE_NEW_YORK, "", ""}};
	assert_int_equal(class_table_find(table, &person, &index, &held, &err), STATUS_OK);
	class = *class_table_at(table, index);
	return 0;
}

static int
close_class(void **state)
{
	(void)state;
	class_table_free(&table);
	return 0;
}

static void
needs_session(void)
{
	class.needs_session = true;
	class.session = session.session.length;
	class.session_rule = &session;
}

static void
needs_young_consent(void)
{
	class.need = (struct consent_need){.required = true, .good_for = consent.consent.good_for};
	class.law.of[RULE_CONSENT] = (struct rule_list){consents, 1};
}

static struct cap_event
event(const char *at)
{
	return (struct cap_event){fixture_instant(at), fixture_instant(at), CATEGORY_BIT(CATEGORY_MARKETING), CHANNEL_BIT(CHANNEL_SMS), 0};
}

/* "from until" of each stretch, by the clock of New York. */
static void
expect_lawful(const struct leeway_person *person, bool narrowed, const char *const *stretches, size_t count)
{
	struct leeway leeway;
	assert_int_equal(leeway_find(&class, person, &leeway), STATUS_OK);
	assert_int_equal(leeway.narrowed, narrowed);
	const struct interval_set *lawful = leeway_lawful(&class, &leeway);
	assert_int_equal(lawful->count, count / 2);
	for (size_t i = 0; i < count / 2; i++) {
		assert_int_equal(lawful->items[i].from.us, fixture_instant(stretches[2 * i]).us);
		assert_int_equal(lawful->items[i].until.us, fixture_instant(stretches[2 * i + 1]).us);
	}
	leeway_free(&leeway);
}

static void
expect_refusal(const struct leeway_person *person, enum reason expected, const char *rule)
{
	enum reason reason;
	const struct rule *found;
	assert_int_equal(leeway_refusal(table, &class, person, &reason, &found), STATUS_OK);
	assert_int_equal(reason, expected);
	assert_string_equal(found != NULL ? found->id : "", rule);
}

static void
somebody_without_a_past_has_what_the_class_has(void **state)
{
	const struct person_facts facts = {.given_at = {INT64_MIN}, .last_inbound = {INT64_MIN}};
	static const char *const days[] = {"2026-11-23T08:00:00-05:00", "2026-11-23T21:00:00-05:00", "2026-11-24T08:00:00-05:00",
		"2026-11-24T21:00:00-05:00", "2026-11-25T08:00:00-05:00", "2026-11-25T21:00:00-05:00"};
	(void)state;
	expect_lawful(&(struct leeway_person){.facts = &facts}, false, days, 6);
}

static void
a_service_window_is_open_for_its_length_after_the_last_message(void **state)
{
	struct person_facts facts = {.last_inbound = fixture_instant("2026-11-23T12:00:00-05:00")};
	const struct leeway_person person = {.facts = &facts};
	static const char *const stretches[] = {
		"2026-11-23T12:00:00-05:00", "2026-11-23T21:00:00-05:00", "2026-11-24T08:00:00-05:00", "2026-11-24T12:00:00-05:00"};
	(void)state;
	needs_session();
	expect_lawful(&person, true, stretches, 4);
	facts.last_inbound = fixture_instant("2026-11-22T07:59:59-05:00");
	expect_lawful(&person, true, NULL, 0);
	expect_refusal(&person, REASON_NO_SERVICE_WINDOW, "session");
	facts.last_inbound.us = INT64_MIN;
	expect_lawful(&person, true, NULL, 0);
	expect_refusal(&person, REASON_NO_SERVICE_WINDOW, "session");
	/* eight seconds are less than the margin */
	facts.last_inbound = fixture_instant("2026-11-22T08:00:08-05:00");
	expect_refusal(&person, REASON_NO_SERVICE_WINDOW, "session");
}

static void
consent_counts_for_as_long_as_it_is_good(void **state)
{
	struct person_facts facts = {.consent_granted = true, .given_at = fixture_instant("2026-08-16T10:00:00-05:00")};
	const struct leeway_person person = {.facts = &facts};
	static const char *const stretches[] = {
		"2026-11-23T08:00:00-05:00", "2026-11-23T21:00:00-05:00", "2026-11-24T08:00:00-05:00", "2026-11-24T10:00:00-05:00"};
	static const char *const all[] = {"2026-11-23T08:00:00-05:00", "2026-11-23T21:00:00-05:00", "2026-11-24T08:00:00-05:00",
		"2026-11-24T21:00:00-05:00", "2026-11-25T08:00:00-05:00", "2026-11-25T21:00:00-05:00"};
	(void)state;
	needs_young_consent();
	expect_lawful(&person, true, stretches, 4);
	facts.given_at = fixture_instant("2026-08-18T10:00:00-05:00");
	expect_lawful(&person, false, all, 6);
	facts.given_at.us = INT64_MIN; /* nobody knows: as if too old */
	expect_lawful(&person, true, NULL, 0);
	expect_refusal(&person, REASON_CONSENT_EXPIRED, "consent");
	class.need.required = false;
	expect_lawful(&person, false, all, 6);
}

static void
the_first_thing_that_leaves_nothing_is_told(void **state)
{
	struct person_facts facts = {.given_at = {INT64_MIN}, .last_inbound = {INT64_MIN}};
	const struct cap_event events[] = {event("2026-11-22T12:00:00-05:00"), event("2026-11-22T13:00:00-05:00")};
	const struct leeway_person person = {.facts = &facts, .events = events, .event_count = 2};
	(void)state;
	needs_session();
	needs_young_consent();
	expect_refusal(&person, REASON_NO_SERVICE_WINDOW, "session");
	facts.last_inbound = fixture_instant("2026-11-23T12:00:00-05:00");
	expect_refusal(&person, REASON_CONSENT_EXPIRED, "consent");
	facts.given_at = fixture_instant("2026-11-01T10:00:00-05:00");
	expect_refusal(&person, REASON_FREQUENCY_CAP, "us.cap");
	class.calendar_unknown = true;
	class.calendar_rule = &session;
	expect_refusal(&person, REASON_CALENDAR_UNKNOWN, "session");
	class.refusal = REASON_NOT_REGISTERED;
	class.refusal_rule = &consent;
	expect_refusal(&person, REASON_NOT_REGISTERED, "consent");
}

/* Each of two caps has something against it; the one that leaves nothing decides, else the one that blocks more. */
static void
the_cap_that_leaves_nothing_decides(void **state)
{
	const struct person_facts facts = {.given_at = {INT64_MIN}};
	struct rule day = fixture_cap(CAP_CALENDAR_DAY, 1, 0), week = fixture_cap(CAP_ROLLING, 1, 7 * US_PER_DAY);
	const struct rule *caps[] = {&day, &week};
	const struct cap_event events[] = {event("2026-11-23T09:00:00-05:00")};
	const struct leeway_person person = {.facts = &facts, .events = events, .event_count = 1};
	(void)state;
	strcpy(day.id, "a.day");
	strcpy(week.id, "b.week");
	class.caps = (struct rule_list){caps, 2};
	expect_refusal(&person, REASON_FREQUENCY_CAP, "b.week");
	week.cap.length.us = 12 * US_PER_HOUR; /* neither alone; a day is longer */
	expect_refusal(&person, REASON_FREQUENCY_CAP, "a.day");
	class.caps = (struct rule_list){NULL, 0};
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(somebody_without_a_past_has_what_the_class_has, open_class, close_class),
		cmocka_unit_test_setup_teardown(a_service_window_is_open_for_its_length_after_the_last_message, open_class, close_class),
		cmocka_unit_test_setup_teardown(consent_counts_for_as_long_as_it_is_good, open_class, close_class),
		cmocka_unit_test_setup_teardown(the_first_thing_that_leaves_nothing_is_told, open_class, close_class),
		cmocka_unit_test_setup_teardown(the_cap_that_leaves_nothing_decides, open_class, close_class),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
