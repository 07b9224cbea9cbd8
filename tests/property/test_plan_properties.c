/*
 * What a plan is, said without looking into it: the same people give the same plan in whatever order they come; a tighter law never adds a
 * message; and a plan that was repaired reaches the same people as one made from scratch where the sender is fast enough, else as many. Random
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
#include "tests/support/planned_rows.h"
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

/* Little is wrong with people, but ticks are few, and perhaps the messages of a day, for everybody. */
static void
crowd(struct random_source *random, struct scene *scene)
{
	const int64_t hours = random_between(random, 2, 60), ticks = random_between(random, 1, 1 + (int64_t)scene->person_count / 2);

	lift_limits(scene);
	scene->rate_milli = scene->sender.rate_milli = (ticks * 1000 + hours * 3600 - 1) / (hours * 3600);
	if (random_chance(random, 30)) {
		scene->regimes[3].rule_count = 1;
		scene->volumes[0].volume = (struct volume_rule){.n = (int32_t)random_between(random, 1, 12)};
		strcpy(scene->volumes[0].volume.fixed_zone, random_zone_name(random));
	} else if (random_chance(random, 30))
		scene->sender.daily_limit = 1000; /* of any 24 hours; it has room for everybody */
	scene->campaign.has_hours = scene->campaign.starts_at.local = scene->campaign.ends_at.local = false;
	scene->campaign.starts_at.at = scene->now;
	scene->campaign.ends_at.at.us = scene->now.us + hours * US_PER_HOUR;
	scene->horizon.us = scene->now.us + 3 * US_PER_DAY;
	for (size_t i = 0; i < scene->person_count; i++) {
		struct member *member = &scene->people[i].member;
		member->known = member->facts.consent_granted = true;
		member->facts.suppressed = false;
		member->facts.evidence |= EVIDENCE_BIT(EVIDENCE_TIME);
		member->facts.given_at = scene->now;
	}
}

static void
crowd_twins(struct random_source *random)
{
	struct random_source again = *random;

	crowd(&again, &second);
	crowd(random, &first);
}

/* The first so many are in the audience. */
static void
invite(size_t count)
{
	first.person_count = second.person_count = count;
}

/* Changes that leave what the sender may send as it is. */
static void
change_crowd(struct random_source *random)
{
	const size_t limits = first.regimes[3].rule_count;
	const struct rule limit = first.volumes[0];

	change_twins(random);
	first.regimes[3].rule_count = second.regimes[3].rule_count = limits;
	first.volumes[0] = second.volumes[0] = limit;
	for (size_t i = 0; i < first.person_count; i++)
		first.people[i].slot.volume = second.people[i].slot.volume = (uint32_t)limits;
}

struct crowding {
	int reached;
	bool comparable; /* of what is due already a plan from scratch knows nothing */
	bool crowded;
};

static struct crowding
count_reached(const struct scene *scene)
{
	struct crowding counts = {.comparable = true};

	for (size_t i = 0; i < scene->person_count; i++) {
		const struct scene_person *person = &scene->people[i];
		if (!person->done && person->has_slot && !is_to_come(scene, person))
			counts.comparable = false;
		if (!person->has_slot && (person->member.stored == REASON_NO_CAPACITY || person->member.stored == REASON_DAILY_VOLUME))
			counts.crowded = true;
		counts.reached += is_reached(person);
	}
	return counts;
}

/* How many who have a slot have another one than before. */
static int
count_moved(const struct scene *scene, const struct scene_person *before)
{
	int moved = 0;

	for (size_t i = 0; i < scene->person_count; i++)
		moved += scene->people[i].has_slot && before[i].has_slot && scene->people[i].slot.due_at.us != before[i].slot.due_at.us;
	return moved;
}

static void
expect_nobody_lost(const struct scene *scene, const struct scene_person *before)
{
	for (size_t i = 0; i < scene->person_count; i++)
		assert_true(scene->people[i].has_slot || !before[i].has_slot);
}

/* Whatever the order in which people are looked at, and wherever the queue lies. */
static void
expect_same_backwards(struct scene *scene)
{
	struct planned forwards = scene_plan(scene, false), backwards = scene_plan(scene, true);
	const size_t count = run_plan_slot_count(forwards.plan);

	assert_int_equal(run_plan_slot_count(backwards.plan), count);
	assert_int_equal(run_plan_counts(backwards.plan)->moved, run_plan_counts(forwards.plan)->moved);
	for (size_t i = 0; i < count; i++) {
		const struct planned_slot slot = run_plan_slot(forwards.plan, i);
		size_t other = 0;
		while (other < count && run_plan_slot(backwards.plan, other).recipient_id != slot.recipient_id)
			other++;
		assert_true(other < count);
		assert_int_equal(run_plan_slot(backwards.plan, other).due_at.us, slot.due_at.us);
	}
	planned_free(&forwards);
	planned_free(&backwards);
}

static void
expect_no_change(struct scene *scene)
{
	struct planned planned = scene_plan(scene, true);

	assert_int_equal(run_plan_slot_count(planned.plan), 0);
	assert_int_equal(run_plan_refusal_count(planned.plan), 0);
	planned_free(&planned);
}

/* Whoever has an instant keeps it, unless somebody else goes without who could leave, were it free. */
static void
a_repaired_plan_of_a_slow_sender_reaches_as_many(void **state)
{
	static struct scene_person before[SCENE_PEOPLE_MAX];
	struct random_source random = random_start("plan_repair_slow");
	int compared = 0, crowded = 0, moved = 0;

	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		open_twins(&random);
		crowd_twins(&random);
		const size_t people = first.person_count;
		invite(people - random_below(&random, people));
		plan_and_publish(&first);
		plan_and_publish(&second);
		invite(people);
		const bool changes = random_chance(&random, 50);
		if (changes)
			change_crowd(&random);
		forget_plan(&second);
		memcpy(before, first.people, sizeof before);
		if (!changes || !is_limited(&first))
			expect_same_backwards(&first);
		plan_and_publish(&first);
		plan_and_publish(&second);
		if (!changes)
			expect_nobody_lost(&first, before);
		const struct crowding repaired = count_reached(&first), anew = count_reached(&second);
		if (repaired.comparable && anew.comparable) {
			assert_true(repaired.reached >= anew.reached);
			compared++;
			crowded += repaired.crowded;
			moved += count_moved(&first, before);
		}
		expect_no_change(&first);
		close_twins();
	}
	print_message("%d plans compared, in %d somebody went without, %d people moved\n", compared, crowded, moved);
	assert_true(crowded > compared / 8 && moved > compared / 50);
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
		cmocka_unit_test(a_repaired_plan_of_a_slow_sender_reaches_as_many),
	};

	return cmocka_run_group_tests_name("plan_properties", tests, load_zones, free_zones);
}
