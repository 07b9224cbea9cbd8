/*
 * A million people in the classes of a country with four time zones, and a hundred thousand whose caps leave each other instants: with ticks for all, and
 * with half of what is needed; and a repair, where those who have an instant give way to others. Time is printed, not judged.
 */
#include "planner/core/deal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { CLASSES = 34, HOURS = 10, DAYS = 7, PEOPLE = 1000000, LEEWAYS = 100000, ALONE = 500, NEWCOMERS = 100000 };
#define HOUR_US (3600 * US_PER_SECOND)

struct scale {
	struct interval_set classes[CLASSES], hours[CLASSES][HOURS]; /* hours: what people of the class may prefer */
	struct interval_set *leeways;
	size_t dealt;
	struct instant last;
};

static void
note(void *context, const struct dealt *dealt)
{
	struct scale *scale = context;
	assert_true(dealt->due.us > scale->last.us);
	scale->last = dealt->due;
	scale->dealt++;
}

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	(void)context;
	const uint64_t count = source < CLASSES ? PEOPLE / CLASSES / HOURS * HOURS : 1;
	return count == 1 ? (uint32_t)(source * 2654435761u) : (uint32_t)(((2 * (uint64_t)member + 1) << 31) / count);
}

/* Each class is open from eight or nine to seven to nine in its zone, some not at the weekend; a leeway is what of it lies behind some instant. */
static void
fill_scale(struct random_source *random, struct scale *scale)
{
	*scale = (struct scale){.last = {INT64_MIN}, .leeways = calloc(LEEWAYS, sizeof(struct interval_set))};
	assert_non_null(scale->leeways);
	for (int kind = 0; kind < CLASSES; kind++) {
		const int64_t zone = kind % 4, opens = 8 + kind % 2, closes = 19 + kind % 3;
		for (int day = 0; day < (kind % 5 == 0 ? DAYS - 2 : DAYS); day++) {
			const struct interval stretch = {{(day * 24 + zone + opens) * HOUR_US}, {(day * 24 + zone + closes) * HOUR_US}};
			assert_int_equal(interval_set_add(&scale->classes[kind], stretch), STATUS_OK);
			for (int hour = 0; hour < HOURS; hour++) {
				const struct interval preferred = {{stretch.from.us + hour * HOUR_US}, {stretch.from.us + (hour + 1) * HOUR_US}};
				assert_int_equal(interval_set_add(&scale->hours[kind][hour], preferred), STATUS_OK);
			}
		}
	}
	for (int i = 0; i < LEEWAYS; i++) {
		struct interval_set rest = INTERVAL_SET_INIT;
		const struct interval behind = {{random_between(random, 0, DAYS * 24 * HOUR_US)}, {2 * DAYS * 24 * HOUR_US}};
		assert_int_equal(interval_set_add(&rest, behind), STATUS_OK);
		assert_int_equal(interval_set_intersect(&scale->classes[random_below(random, CLASSES)], &rest, &scale->leeways[i]), STATUS_OK);
		interval_set_free(&rest);
		interval_set_trim(&scale->leeways[i]);
	}
}

static void
clear_scale(struct scale *scale)
{
	for (int kind = 0; kind < CLASSES; kind++) {
		interval_set_free(&scale->classes[kind]);
		for (int hour = 0; hour < HOURS; hour++)
			interval_set_free(&scale->hours[kind][hour]);
	}
	for (int i = 0; i < LEEWAYS; i++)
		interval_set_free(&scale->leeways[i]);
	free(scale->leeways);
}

/* The people of all classes, or, with a local time, those of each hour that they prefer. Returns how many sources they are. */
static size_t
add_classes(struct scale *scale, struct deal *deal, enum pacing pacing)
{
	const size_t hours = pacing == DEAL_AT ? HOURS : 1;
	for (int kind = 0; kind < CLASSES; kind++)
		for (size_t hour = 0; hour < hours; hour++) {
			const struct deal_source source = {.lawful = &scale->classes[kind],
				.preferred = hours > 1 ? &scale->hours[kind][hour] : NULL,
				.count = PEOPLE / CLASSES / HOURS * HOURS / hours};
			assert_int_equal(deal_add(deal, &source), STATUS_OK);
		}
	return CLASSES * hours;
}

static size_t
deal_at_rate(struct scale *scale, enum pacing pacing, int64_t rate_milli)
{
	struct capacity *capacity;
	struct deal *deal;
	struct err err = ERR_INIT;
	const clock_t begun = clock();
	assert_int_equal(capacity_create(rate_milli, &capacity, &err), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	const struct deal_setup setup = {
		.capacity = capacity, .pacing = pacing, .span = {{0}, {DAYS * 24 * HOUR_US}}, .turn_of = turn_of, .context = scale};
	assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
	const size_t sources = add_classes(scale, deal, pacing) + LEEWAYS;
	for (int i = 0; i < LEEWAYS; i++)
		assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = &scale->leeways[i], .count = 1}), STATUS_OK);
	scale->dealt = 0;
	scale->last.us = INT64_MIN;
	assert_int_equal(deal_run(deal, note, scale), STATUS_OK);
	size_t served = 0;
	for (size_t i = 0; i < sources; i++)
		served += deal_served(deal, i);
	assert_int_equal(served, scale->dealt);
	print_message("%s at %lld/s: %zu served in %.2f s\n",
		pacing == DEAL_EVEN     ? "even"
			: pacing == DEAL_AT ? "at"
								: "asap",
		(long long)rate_milli / 1000, served, (double)(clock() - begun) / CLOCKS_PER_SEC);
	deal_free(&deal);
	capacity_free(&capacity);
	return served;
}

static int64_t
ticks_of_all(const struct scale *scale, int64_t rate_milli)
{
	struct interval_set all = INTERVAL_SET_INIT;
	int64_t length = 0;
	for (int kind = 0; kind < CLASSES; kind++)
		for (size_t i = 0; i < scale->classes[kind].count; i++)
			assert_int_equal(interval_set_add(&all, scale->classes[kind].items[i]), STATUS_OK);
	for (size_t i = 0; i < all.count; i++)
		length += all.items[i].until.us - all.items[i].from.us;
	interval_set_free(&all);
	return length / US_PER_SECOND * rate_milli / 1000;
}

static void
a_million_people_are_dealt_to(void **state)
{
	static struct scale scale;
	struct random_source random = random_start("deal_scale");
	(void)state;
	fill_scale(&random, &scale);
	size_t possible = PEOPLE / CLASSES / HOURS * HOURS * CLASSES;
	for (int i = 0; i < LEEWAYS; i++)
		possible += scale.leeways[i].count > 0;
	const enum pacing pacings[] = {DEAL_ASAP, DEAL_EVEN, DEAL_AT};
	for (size_t i = 0; i < 3; i++) {
		const size_t ample = deal_at_rate(&scale, pacings[i], 100000), scarce = deal_at_rate(&scale, pacings[i], 1000);
		assert_true(ample >= possible - possible / 10000); /* but for who has no whole tick */
		assert_int_equal(scarce, ticks_of_all(&scale, 1000));
	}
	clear_scale(&scale);
}

/* Repair ----------------------------------------------------------------------------------------------------------------------------------- */

struct repair {
	struct scale *scale;
	struct dealt *kept;
	size_t count;
};

static struct capacity *
one_a_second(const struct repair *repair)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
	for (size_t i = 0; i < repair->count; i++)
		assert_int_equal(capacity_keep(capacity, repair->kept[i].due), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

/* Those who are kept, by class or each alone, and so many people of the first class. */
static struct deal *
open_deal(const struct repair *repair, const struct capacity *capacity, size_t people)
{
	struct deal *deal;
	const struct deal_setup setup = {.capacity = capacity, .pacing = DEAL_ASAP, .span = {{0}, {DAYS * 24 * HOUR_US}}};
	size_t kept[CLASSES + ALONE] = {0};
	assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
	for (size_t i = 0; i < repair->count; i++)
		kept[repair->kept[i].source]++;
	for (int i = 0; i < CLASSES + ALONE; i++) {
		const struct interval_set *lawful = i < CLASSES ? &repair->scale->classes[i] : &repair->scale->leeways[i - CLASSES];
		assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = lawful, .kept = kept[i]}), STATUS_OK);
	}
	assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = &repair->scale->classes[0], .count = people}), STATUS_OK);
	return deal;
}

/* Each second that some class, taken by lot, may have is one person's, others are those of single people. */
static void
fill_kept(struct random_source *random, struct repair *repair)
{
	bool alone[ALONE] = {false};
	for (int64_t second = 0; second < DAYS * 24 * 3600; second++) {
		const struct instant due = {second * US_PER_SECOND};
		const size_t class = (size_t)random_below(random, CLASSES), other = (size_t)(second % ALONE);
		if (interval_set_find(&repair->scale->classes[class], due) != NULL)
			repair->kept[repair->count++] = (struct dealt){.source = class, .due = due};
		else if (!alone[other] && interval_set_find(&repair->scale->leeways[other], due) != NULL) {
			repair->kept[repair->count++] = (struct dealt){.source = CLASSES + other, .due = due};
			alone[other] = true;
		}
	}
}

/* Those of each place who come first leave it. Returns how many they are. */
static size_t
move_kept(const struct repair *repair, struct deal *deal, struct capacity *capacity)
{
	size_t moved = 0, place;
	size_t *left = calloc(deal_place_count(deal) + 1, sizeof *left);
	struct instant *ticks = calloc(repair->count + 1, sizeof *ticks);
	if (left == NULL || ticks == NULL)
		abort();
	for (size_t i = 0; i < repair->count; i++)
		if (deal_leaving(deal, repair->kept[i].source, repair->kept[i].due, &place) > left[place]) {
			left[place]++;
			ticks[moved++] = repair->kept[i].due;
			deal_move(deal, repair->kept[i].source);
		}
	capacity_release(capacity, ticks, moved);
	free(left);
	free(ticks);
	return moved;
}

/* People sit where they are by lot, most seconds are taken, and more people come than the free ones among their hours can serve. */
static void
many_give_way_at_once(void **state)
{
	static struct scale scale;
	struct random_source random = random_start("deal_scale");
	struct repair repair = {.scale = &scale, .kept = calloc(DAYS * 24 * 3600, sizeof *repair.kept)};
	(void)state;
	assert_non_null(repair.kept);
	fill_scale(&random, &scale);
	fill_kept(&random, &repair);
	struct capacity *capacity = one_a_second(&repair);
	const clock_t begun = clock();
	struct deal *deal = open_deal(&repair, capacity, NEWCOMERS);
	assert_int_equal(deal_prepare(deal), STATUS_OK);
	assert_false(deal_is_coarse(deal));
	for (size_t i = 0; i < repair.count; i++)
		assert_int_equal(deal_keep(deal, repair.kept[i].source, repair.kept[i].due), STATUS_OK);
	assert_int_equal(deal_plan(deal), STATUS_OK);
	const size_t moved = move_kept(&repair, deal, capacity);
	scale.dealt = 0;
	scale.last.us = INT64_MIN;
	assert_int_equal(deal_run(deal, note, &scale), STATUS_OK);
	assert_int_equal(scale.dealt, moved + NEWCOMERS);
	print_message(
		"%zu kept, %zu of them moved, %zu dealt in %.2f s\n", repair.count, moved, scale.dealt, (double)(clock() - begun) / CLOCKS_PER_SEC);
	clear_scale(&scale);
	deal_free(&deal);
	capacity_free(&capacity);
	free(repair.kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_people_are_dealt_to),
		cmocka_unit_test(many_give_way_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
