/* People who keep their instants as sources of a deal, one tick a second, and who of them is moved: the same whatever the order in which they are told. */
#include "planner/core/kept_people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "planner/core/person.h"

enum { PEOPLE = 60, CLASSES = 3, ALONE = 20, CAMPAIGN = 7, SECONDS = 100 };

/* Everybody has the second of their number; the last ones each have a leeway. */
struct crowd {
	bool backwards;
	int fails_at; /* -1: never */
};

static struct kept_person
person_at(int i)
{
	return (struct kept_person){
		.candidate = {.recipient_id = 1000003 * (int64_t)i + 5, .class = (uint16_t)(i % CLASSES), .preference = (uint8_t)(i % 2)},
		.due = {i * US_PER_SECOND}};
}

static enum status
each_person(void *context, kept_fn *tell, void *told)
{
	const struct crowd *crowd = context;
	enum status status = STATUS_OK;
	for (int k = 0; k < PEOPLE && status == STATUS_OK; k++) {
		const int i = crowd->backwards ? PEOPLE - 1 - k : k;
		const struct kept_person person = person_at(i);
		struct interval_set leeway = INTERVAL_SET_INIT;
		if (i == crowd->fails_at)
			return STATUS_TRANSIENT;
		assert_int_equal(interval_set_add(&leeway, (struct interval){{0}, {SECONDS * US_PER_SECOND}}), STATUS_OK);
		status = tell(told, &person, i < PEOPLE - ALONE ? NULL : &leeway);
		interval_set_free(&leeway);
	}
	return status;
}

static struct capacity *
ticks_of_all(void)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
	for (int i = 0; i < PEOPLE; i++)
		assert_int_equal(capacity_keep(capacity, person_at(i).due), STATUS_OK);
	assert_int_equal(capacity_take(capacity, person_at(7).due), STATUS_OK); /* so this is no kept one */
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

static struct kept_setup
setup_of(struct crowd *crowd, const struct capacity *capacity)
{
	return (struct kept_setup){.campaign_id = CAMPAIGN,
		.class_count = CLASSES,
		.capacity = capacity,
		.span = {{US_PER_SECOND}, {SECONDS * US_PER_SECOND}}, /* without the first of them */
		.list = {each_person, crowd}};
}

static uint32_t
order_of(const struct kept_person *person)
{
	return person_order(person->candidate.recipient_id, CAMPAIGN);
}

static void
sources_are_the_same_in_whatever_order_people_are_told(void **state)
{
	struct capacity *capacity = ticks_of_all();
	struct kept_people *people[2];
	(void)state;
	for (int k = 0; k < 2; k++) {
		const struct kept_setup setup = setup_of(&(struct crowd){k == 1, -1}, capacity);
		assert_int_equal(kept_people_gather(&setup, 8, &people[k]), STATUS_OK);
	}
	const size_t count = kept_people_sources(people[0]);
	assert_int_equal(count, 2 * CLASSES + 8);
	assert_int_equal(kept_people_sources(people[1]), count);
	size_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		const struct candidate_source a = kept_people_source(people[0], i), b = kept_people_source(people[1], i);
		assert_int_equal(a.class, b.class);
		assert_int_equal(a.preference, b.preference);
		assert_int_equal(a.count, b.count);
		assert_int_equal(a.leeway != NULL, i >= 2 * CLASSES);
		sum += a.leeway == NULL ? a.count : 0;
	}
	assert_int_equal(sum, PEOPLE - ALONE - 2);
	for (int k = 0; k < 2; k++)
		kept_people_free(&people[k]);
	capacity_free(&capacity);
}

static const struct interval_set *
whole_time(void)
{
	static struct interval stretch = {{0}, {SECONDS * US_PER_SECOND}};
	static struct interval_set set = {.items = &stretch, .count = 1};
	return &set;
}

static void
note(void *context, const struct dealt *dealt)
{
	size_t *moved = context;
	*moved += dealt->source > 0;
}

/* Somebody new may only have the seconds of these. Everybody there is in one place; who comes first in fair order moves. */
static void
the_first_in_fair_order_are_moved(void **state)
{
	enum { NEW = 3, FROM = 10, UNTIL = 30 };
	struct interval stretch = {{FROM * US_PER_SECOND}, {UNTIL * US_PER_SECOND}};
	const struct interval_set only = {.items = &stretch, .count = 1};
	struct capacity *capacity = ticks_of_all();
	const struct kept_setup setup = setup_of(&(struct crowd){false, -1}, capacity);
	const struct deal_setup dealing = {.capacity = capacity, .pacing = DEAL_ASAP, .span = setup.span};
	struct kept_people *people;
	struct deal *deal;
	size_t count, moved_in_deal = 0;
	(void)state;
	assert_int_equal(kept_people_gather(&setup, 0, &people), STATUS_OK);
	assert_int_equal(deal_create(&dealing, &deal), STATUS_OK);
	assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = &only, .count = NEW}), STATUS_OK);
	for (size_t i = 0; i < kept_people_sources(people); i++)
		assert_int_equal(
			deal_add(deal, &(struct deal_source){.lawful = whole_time(), .kept = kept_people_source(people, i).count}), STATUS_OK);
	assert_int_equal(deal_prepare(deal), STATUS_OK);
	assert_int_equal(kept_people_tell(people, deal, 1), STATUS_OK);
	assert_int_equal(deal_plan(deal), STATUS_OK);
	assert_int_equal(kept_people_choose(people, deal, 1), STATUS_OK);
	const struct kept_person *moved = kept_people_moved(people, &count);
	assert_int_equal(count, NEW);
	uint32_t last = 0;
	for (size_t i = 0; i < count; i++)
		last = order_of(&moved[i]) > last ? order_of(&moved[i]) : last;
	for (int i = FROM, before = 0; i < UNTIL; i++) {
		const struct kept_person person = person_at(i);
		before += order_of(&person) <= last;
		assert_true(before <= NEW);
	}
	for (size_t i = 0; i < count; i++)
		capacity_release(capacity, &moved[i].due, 1);
	assert_int_equal(deal_run(deal, note, &moved_in_deal), STATUS_OK);
	assert_int_equal(moved_in_deal, NEW);
	deal_free(&deal);
	kept_people_free(&people);
	capacity_free(&capacity);
}

static void
a_list_that_fails_is_told(void **state)
{
	struct capacity *capacity = ticks_of_all();
	struct crowd crowd = {false, 5};
	const struct kept_setup setup = setup_of(&crowd, capacity);
	struct kept_people *people;
	(void)state;
	assert_int_equal(kept_people_gather(&setup, 8, &people), STATUS_TRANSIENT);
	assert_null(people);
	capacity_free(&capacity);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_the_same_in_whatever_order_people_are_told),
		cmocka_unit_test(the_first_in_fair_order_are_moved),
		cmocka_unit_test(a_list_that_fails_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
