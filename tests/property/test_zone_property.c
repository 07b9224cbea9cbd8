/*
 * Random zones, real and invented, against a slow oracle that knows nothing but a list of changes: the offset by a walk along the list, local
 * readings by trying every instant at which the clock could show a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/core/zone.h"
#include "tests/support/random.h"
#include "tests/support/tzif_bytes.h"

enum { CASES = 300, PROBES = 200, MOST_CHANGES = 30, WALL_STEP_S = 900 };

/* Whole quarters of an hour everywhere, so that the oracle may step by them. */
struct history {
	size_t count;
	struct {
		int64_t from_s; /* the first is the beginning of the horizon */
		int32_t offset_s;
	} steps[MOST_CHANGES + 1];
};

static const int64_t from_s = INT64_C(1735689600), until_s = INT64_C(1830297600); /* 2025 to 2027 */

static struct interval
horizon(void)
{
	return (struct interval){{from_s * US_PER_SECOND}, {until_s * US_PER_SECOND}};
}

/* Changes a few hours to some months apart, by minutes, hours or a whole day; sometimes none at all. */
static struct history
random_history(struct random_source *random)
{
	const size_t wanted = random_below(random, MOST_CHANGES + 1);
	const int64_t apart_s = random_chance(random, 20) ? 36 * 3600 : 3 * 30 * 86400;
	struct history history = {.count = 1, .steps = {{from_s, (int32_t)random_between(random, -48, 56) * WALL_STEP_S}}};

	while (history.count <= wanted) {
		const int64_t at_s = history.steps[history.count - 1].from_s + WALL_STEP_S * random_between(random, 1, apart_s / WALL_STEP_S);

		if (at_s >= until_s)
			break;
		history.steps[history.count].from_s = at_s;
		history.steps[history.count++].offset_s = (int32_t)random_between(random, -48, 56) * WALL_STEP_S;
	}
	return history;
}

static struct zone *
zone_of(const struct history *history)
{
	struct tzif_recipe recipe = {.type_count = history->count, .change_count = history->count};
	uint8_t bytes[TZIF_BYTES_MAX];
	struct err err = ERR_INIT;
	struct zone *zone;

	for (size_t i = 0; i < history->count; i++) {
		recipe.offsets_s[i] = history->steps[i].offset_s;
		recipe.changes[i].at_s = history->steps[i].from_s;
		recipe.changes[i].type = (uint8_t)i;
	}
	if (zone_parse(bytes, tzif_bytes_make(&recipe, bytes), horizon(), &zone, &err) != STATUS_OK)
		fail_msg("%s; %s", err.primary, err.detail);
	return zone;
}

static int32_t
oracle_offset_s(const struct history *history, int64_t at_s)
{
	int32_t offset_s = history->steps[0].offset_s;

	for (size_t i = 0; i < history->count; i++) {
		if (history->steps[i].from_s <= at_s)
			offset_s = history->steps[i].offset_s;
	}
	return offset_s;
}

/*
 * Steps through two days around the wall clock, and takes down the first and the last instant at which the clock comes up to it: shows it, or
 * shows more than it after having shown less.
 */
static struct local_reading
oracle_resolve(const struct history *history, int64_t wall_s)
{
	struct local_reading reading = {.kind = LOCAL_UNIQUE};
	bool found = false;

	for (int64_t at_s = wall_s - 86400; at_s <= wall_s + 86400; at_s += WALL_STEP_S) {
		const int64_t before_s = at_s - WALL_STEP_S + oracle_offset_s(history, at_s - WALL_STEP_S);
		const int64_t shown_s = at_s + oracle_offset_s(history, at_s);

		if (shown_s != wall_s && !(before_s < wall_s && shown_s > wall_s))
			continue;
		if (!found)
			reading.first.us = at_s * US_PER_SECOND;
		reading.kind = found ? LOCAL_OVERLAP : shown_s == wall_s ? LOCAL_UNIQUE : LOCAL_GAP;
		reading.last.us = at_s * US_PER_SECOND;
		found = true;
	}
	assert_true(found);
	return reading;
}

/* Near a change more often than not. */
static int64_t
random_quarter_hour_s(struct random_source *random, const struct history *history)
{
	const int64_t change_s = history->steps[random_below(random, history->count)].from_s;

	if (random_chance(random, 60))
		return change_s + WALL_STEP_S * random_between(random, -200, 200);
	return from_s + WALL_STEP_S * random_between(random, 0, (until_s - from_s) / WALL_STEP_S - 1);
}

static void
check_instant(const struct zone *zone, const struct history *history, struct instant at)
{
	const int32_t expected_s = oracle_offset_s(history, (at.us - (at.us % US_PER_SECOND)) / US_PER_SECOND);
	const struct wall wall = zone_wall(zone, at);
	const struct local_reading reading = zone_resolve(zone, wall);
	const struct instant next = zone_next_change(zone, at);

	assert_int_equal(zone_offset_s(zone, at), expected_s);
	assert_int_equal(wall.us, at.us + expected_s * US_PER_SECOND);
	/* The way back leads to the same instant, or to both readings of which it is one. */
	assert_int_not_equal(reading.kind, LOCAL_GAP);
	assert_true(reading.first.us <= at.us && at.us <= reading.last.us);
	if (reading.kind == LOCAL_UNIQUE)
		assert_int_equal(reading.first.us, at.us);
	assert_true(next.us > at.us);
	if (next.us != INT64_MAX) {
		assert_int_equal(zone_offset_s(zone, (struct instant){next.us - 1}), expected_s);
		assert_int_not_equal(zone_offset_s(zone, next), expected_s);
	}
}

static void
check_wall(const struct zone *zone, const struct history *history, int64_t wall_s)
{
	const struct wall wall = {wall_s * US_PER_SECOND};
	const struct local_reading expected = oracle_resolve(history, wall_s), reading = zone_resolve(zone, wall);

	if (reading.kind != expected.kind || reading.first.us != expected.first.us || reading.last.us != expected.last.us)
		fail_msg("wall %lld: kind %d, oracle %d", (long long)wall_s, reading.kind, expected.kind);
	assert_true(zone_opening(zone, wall).us >= zone_closing(zone, wall).us);
	assert_int_equal(zone_opening(zone, wall).us, expected.last.us);
	assert_int_equal(zone_closing(zone, wall).us, expected.first.us);
	/* A window is never enlarged: the clock has come up to its opening before it opens, and has not passed its closing before it closes. */
	assert_true(zone_wall(zone, zone_opening(zone, wall)).us >= wall.us);
	assert_true(zone_wall(zone, (struct instant){zone_closing(zone, wall).us - 1}).us < wall.us);
}

static void
zones_do_what_their_history_says(void **state)
{
	struct random_source random = random_start("zone_property");

	(void)state;
	for (int i = 0; i < CASES; i++) {
		const struct history history = random_history(&random);
		struct zone *zone = zone_of(&history);

		for (int j = 0; j < PROBES; j++) {
			const int64_t at_s = random_quarter_hour_s(&random, &history);

			if (at_s >= from_s && at_s < until_s)
				check_instant(zone, &history, (struct instant){at_s * US_PER_SECOND + (int64_t)random_below(&random, US_PER_SECOND)});
			check_wall(zone, &history, random_quarter_hour_s(&random, &history));
		}
		zone_free(&zone);
	}
}

/* The same offsets have the same fingerprint however they are written; a fingerprint tells any two histories that differ within its span. */
static void
fingerprints_tell_histories(void **state)
{
	struct random_source random = random_start("zone_property");

	(void)state;
	for (int i = 0; i < CASES; i++) {
		const struct history history = random_history(&random);
		struct history other = history;
		struct zone *zone = zone_of(&history), *changed;
		const size_t step = random_below(&random, history.count);

		other.steps[step].offset_s += WALL_STEP_S;
		changed = zone_of(&other);
		assert_true(zone_hash(zone, horizon()) != zone_hash(changed, horizon()));
		if (step > 0) {
			const struct interval before = {horizon().from, {history.steps[step].from_s * US_PER_SECOND}};

			assert_true(zone_hash(zone, before) == zone_hash(changed, before));
		}
		zone_free(&changed);
		zone_free(&zone);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_do_what_their_history_says),
		cmocka_unit_test(fingerprints_tell_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
