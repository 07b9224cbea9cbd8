/*
 * What a plan is, said without looking into it: the same people give the same plan in whatever order they come; a tighter law never adds a
 * message; and a plan that was repaired reaches the same people as one made from scratch where the sender is fast enough, else about as many. Random
 * scenes are drawn twice from the same seed, and one of the two is changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/tzdb.h"
#include "tests/support/law_fixture.h"
#include "tests/support/plan_scene.h"
#include "tests/support/random_law.h"

enum { CASES = 2000, ROWS_MAX = SCENE_PEOPLE_MAX * (SCENE_OTHERS_MAX + 1) };

static struct zone_set *zones;
static struct scene first, second;

/* Scenes ------------------------------------------------------------------------------------------------------------------------------------ */

/* Both the same. */
static void
open_twins(struct random_source *random)
{
	struct random_source again = *random;

	scene_open(&again, zones, &second);
	scene_open(random, zones, &first);
}

static void
change_twins(struct random_source *random)
{
	struct random_source again = *random;

	scene_change(&again, &second);
	scene_change(random, &first);
}

static void
close_twins(void)
{
	scene_close(&first);
	scene_close(&second);
}

static void
plan_and_publish(struct scene *scene)
{
	struct planned planned = scene_plan(scene, false);

	scene_publish(scene, &planned);
	planned_free(&planned);
}

/* Order ------------------------------------------------------------------------------------------------------------------------------------- */

static void
shuffle(struct random_source *random, void *items, size_t count, size_t size)
{
	unsigned char swap[sizeof(struct scene_person)], *bytes = items;

	assert_true(size <= sizeof(swap));
	for (size_t i = count; i > 1; i--) {
		unsigned char *a = bytes + (i - 1) * size, *b = bytes + random_below(random, i) * size;
		memcpy(swap, a, size);
		memmove(a, b, size);
		memcpy(b, swap, size);
	}
}

struct rows {
	unsigned char bytes[ROWS_MAX * sizeof(struct queued_slot)];
	size_t size, count;
};

static void
note_row(void *context, const void *row)
{
	struct rows *rows = context;

	assert_true(rows->count < ROWS_MAX);
	memcpy(rows->bytes + rows->count++ * rows->size, row, rows->size);
}

/* The same rows, as a table gives them whose rows were written in another order. */
static void
shuffle_store(struct random_source *random, struct by_person **store, size_t size)
{
	static struct rows rows;

	rows = (struct rows){.size = size};
	by_person_each(*store, note_row, &rows);
	shuffle(random, rows.bytes, rows.count, size);
	by_person_free(store);
	assert_int_equal(by_person_create(size, store), STATUS_OK);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(by_person_add(*store, rows.bytes + i * size), STATUS_OK);
}

static int
by_number(const void *left, const void *right)
{
	const struct scene_person *a = left, *b = right;

	return (a->member.recipient_id > b->member.recipient_id) - (a->member.recipient_id < b->member.recipient_id);
}

/* A person's stored rule points into the person. */
static void
settle_people(struct scene *scene)
{
	for (size_t i = 0; i < scene->person_count; i++)
		scene->people[i].member.stored_rule = scene->people[i].member.stored != REASON_NONE ? scene->people[i].rule : "";
}

static void
sort_people(struct scene *scene)
{
	qsort(scene->people, scene->person_count, sizeof(scene->people[0]), by_number);
	settle_people(scene);
}

static const char *
class_key(const struct scene *scene, const struct scene_person *person)
{
	return scene->class_keys[person->slot.class_id - 1];
}

static void
expect_same_fate(const struct scene_person *a, const struct scene_person *b)
{
	assert_int_equal(a->member.recipient_id, b->member.recipient_id);
	assert_int_equal(a->has_slot, b->has_slot);
	assert_int_equal(a->member.stored, b->member.stored);
	assert_string_equal(a->member.stored_rule, b->member.stored_rule);
	if (!a->has_slot)
		return;
	assert_int_equal(a->slot.due_at.us, b->slot.due_at.us);
	assert_int_equal(a->slot.not_after.us, b->slot.not_after.us);
	assert_string_equal(class_key(&first, a), class_key(&second, b));
}

static void
plan_in_any_order(struct random_source *random)
{
	shuffle(random, second.people, second.person_count, sizeof(second.people[0]));
	settle_people(&second);
	shuffle_store(random, &second.queue, sizeof(struct queued_slot));
	shuffle_store(random, &second.ledger, sizeof(struct ledger_event));
	plan_and_publish(&first);
	plan_and_publish(&second);
	sort_people(&first);
	sort_people(&second);
	for (size_t i = 0; i < first.person_count; i++)
		expect_same_fate(&first.people[i], &second.people[i]);
}

static bool
is_limited(const struct scene *scene)
{
	return scene->regimes[3].rule_count > 0 || scene->sender.daily_limit > 0;
}

static void
the_order_of_people_does_not_matter(void **state)
{
	struct random_source random = random_start("plan_order");

	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		open_twins(&random);
		plan_in_any_order(&random);
		change_twins(&random);
		if (!is_limited(&first)) /* where a limit has fallen, who comes first moves first */
			plan_in_any_order(&random);
		close_twins();
	}
}

/* Monotony ---------------------------------------------------------------------------------------------------------------------------------- */

/* The sender is so fast that nobody goes without for want of a tick. */
static void
lift_limits(struct scene *scene)
{
	scene->rate_milli = scene->sender.rate_milli = 1000 * 1000;
	scene->sender.daily_limit = 0;
	scene->regimes[3].rule_count = 0;
}

/* One more rule, or a shorter life of consents. */
static void
tighten(struct random_source *random, struct scene *scene)
{
	struct regime *regime = &scene->regimes[random_below(random, 2)];

	if (regime->rule_count < SCENE_RULES_MAX)
		regime->rule_count++;
	else
		scene->consent.consent.good_for.us = random_between(random, 1, 5) * US_PER_DAY;
}

/* Now or by a later plan: under even pacing it depends on everybody else whose turn comes within the horizon. */
static bool
is_reached(const struct scene_person *person)
{
	return person->has_slot || person->member.stored == REASON_BEYOND_HORIZON;
}

static void
a_tighter_law_adds_no_message(void **state)
{
	struct random_source random = random_start("plan_monotony");
	int reached = 0, fewer = 0;

	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		open_twins(&random);
		lift_limits(&first);
		lift_limits(&second);
		tighten(&random, &second);
		plan_and_publish(&first);
		plan_and_publish(&second);
		for (size_t j = 0; j < first.person_count; j++) {
			assert_false(is_reached(&second.people[j]) && !is_reached(&first.people[j]));
			reached += first.people[j].has_slot;
			fewer += first.people[j].has_slot && !second.people[j].has_slot;
		}
		close_twins();
	}
	print_message("%d people reached, %d fewer under the tighter laws\n", reached, fewer);
	assert_true(fewer > 0 && fewer < reached);
}

/* Repair ------------------------------------------------------------------------------------------------------------------------------------ */

static void
copy_others(void *context, const void *row)
{
	const struct queued_slot *slot = row;

	if (slot->run_id != SCENE_RUN)
		assert_int_equal(by_person_add(context, slot), STATUS_OK);
}

/* As if nothing had been planned yet. */
static void
forget_plan(struct scene *scene)
{
	struct by_person *queue;

	assert_int_equal(by_person_create(sizeof(struct queued_slot), &queue), STATUS_OK);
	by_person_each(scene->queue, copy_others, queue);
	by_person_free(&scene->queue);
	scene->queue = queue;
	for (size_t i = 0; i < scene->person_count; i++) {
		scene->people[i].has_slot = false;
		scene->people[i].member.stored = REASON_NONE;
		scene->people[i].member.stored_rule = "";
		*scene->people[i].rule = '\0';
	}
}

/* Of slots that are due already a plan from scratch knows nothing. */
static bool
is_to_come(const struct scene *scene, const struct scene_person *person)
{
	return !person->done && person->has_slot && person->slot.due_at.us >= scene_span(scene).from.us;
}

static void
a_repaired_plan_reaches_whom_a_new_one_would(void **state)
{
	struct random_source random = random_start("plan_repair");

	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		open_twins(&random);
		lift_limits(&first);
		lift_limits(&second);
		plan_and_publish(&first);
		plan_and_publish(&second);
		change_twins(&random);
		lift_limits(&first);
		lift_limits(&second);
		forget_plan(&second);
		plan_and_publish(&first);
		plan_and_publish(&second);
		for (size_t j = 0; j < first.person_count; j++)
			if (!first.people[j].has_slot || is_to_come(&first, &first.people[j]))
				assert_int_equal(is_reached(&first.people[j]), is_reached(&second.people[j]));
		close_twins();
	}
}

/* A slow sender, and few hours for everybody: some go without for want of a tick. */
static void
crowd(struct scene *scene, int64_t rate_milli, int64_t hours)
{
	lift_limits(scene);
	scene->rate_milli = scene->sender.rate_milli = rate_milli;
	scene->campaign.has_hours = scene->campaign.starts_at.local = scene->campaign.ends_at.local = false;
	scene->campaign.starts_at.at = scene->now;
	scene->campaign.ends_at.at.us = scene->now.us + hours * US_PER_HOUR;
	scene->horizon.us = scene->now.us + 3 * US_PER_DAY;
}

/* How many are reached; `*out_comparable` false: of what is due already a plan from scratch knows nothing. */
static int
count_reached(const struct scene *scene, bool *out_comparable, bool *out_crowded)
{
	int reached = 0;

	for (size_t i = 0; i < scene->person_count; i++) {
		const struct scene_person *person = &scene->people[i];
		if (!person->done && person->has_slot && !is_to_come(scene, person))
			*out_comparable = false;
		if (!person->has_slot && person->member.stored == REASON_NO_CAPACITY)
			*out_crowded = true;
		reached += is_reached(person);
	}
	return reached;
}

/* Who has an instant keeps it, though another might let one more person leave: that is rare, and never costs more than half of them. */
static void
a_repaired_plan_of_a_slow_sender_reaches_about_as_many(void **state)
{
	struct random_source random = random_start("plan_repair_slow");
	int compared = 0, crowded = 0, fewer = 0;

	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		const int64_t rate_milli = random_between(&random, 1, 3), hours = random_between(&random, 2, 16);
		bool comparable = true, is_crowded = false;
		open_twins(&random);
		crowd(&first, rate_milli, hours);
		crowd(&second, rate_milli, hours);
		plan_and_publish(&first);
		plan_and_publish(&second);
		change_twins(&random);
		lift_limits(&first);
		lift_limits(&second);
		first.rate_milli = first.sender.rate_milli = second.rate_milli = second.sender.rate_milli = rate_milli;
		forget_plan(&second);
		plan_and_publish(&first);
		plan_and_publish(&second);
		const int repaired = count_reached(&first, &comparable, &is_crowded), anew = count_reached(&second, &comparable, &is_crowded);
		assert_true(!comparable || 2 * repaired >= anew);
		compared += comparable;
		crowded += comparable && is_crowded;
		fewer += comparable && repaired < anew;
		close_twins();
	}
	print_message("%d plans compared, in %d somebody went without for want of a tick, %d reach fewer\n", compared, crowded, fewer);
	assert_true(crowded > 0);
	assert_true(10 * fewer <= crowded + 10);
}

static int
load_zones(void **state)
{
	const struct tzdb_source source = {.horizon = {fixture_instant("2020-01-01T00:00:00Z"), fixture_instant("2036-01-01T00:00:00Z")}};
	struct err err = ERR_INIT;

	(void)state;
	if (tzdb_load(&source, &zones, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return 0;
}

static int
free_zones(void **state)
{
	(void)state;
	zone_set_free(&zones);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_people_does_not_matter),
		cmocka_unit_test(a_tighter_law_adds_no_message),
		cmocka_unit_test(a_repaired_plan_reaches_whom_a_new_one_would),
		cmocka_unit_test(a_repaired_plan_of_a_slow_sender_reaches_about_as_many),
	};

	return cmocka_run_group_tests_name("plan_properties", tests, load_zones, free_zones);
}
