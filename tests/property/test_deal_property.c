/*
 * Deals over random sources against what deal.h promises, asked of plain lists of seconds: one tick a second, spans of a minute.
 */
#include "planner/core/deal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { CASES = 4000, SOURCES_MAX = 8, MEMBERS_MAX = 12, STRETCHES_MAX = 4, SECONDS = 60, LIMITS = 2, PARTS = 24 };

struct source_scene {
	struct interval_set lawful;
	size_t count;
	uint32_t turns[MEMBERS_MAX];
	uint32_t limits;
};

/* At most n in any PARTS + 1 cells in a row; a cell is some seconds long. */
struct limit_scene {
	int64_t cell_s, n;
	int64_t before[SECONDS]; /* what others have sent then */
};

struct scene {
	enum pacing pacing;
	struct interval span;
	bool taken[SECONDS];
	struct source_scene sources[SOURCES_MAX];
	size_t source_count;
	struct limit_scene limits[LIMITS];
	size_t limit_count;
};

struct outcome {
	int owner[SECONDS]; /* source + 1, or 0 */
	int64_t due[SOURCES_MAX][MEMBERS_MAX];
	size_t served[SOURCES_MAX];
	struct instant last;
};

/* The scene --------------------------------------------------------------------------------------------------------------------------------- */

static struct instant
second(int64_t s)
{
	return (struct instant){s * US_PER_SECOND};
}

static int
compare_turns(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void
fill_source(struct random_source *random, size_t stretches, struct source_scene *out)
{
	*out = (struct source_scene){.lawful = INTERVAL_SET_INIT, .count = random_below(random, MEMBERS_MAX + 1)};
	for (size_t i = 0; i < stretches; i++) {
		const int64_t from = random_between(random, 0, SECONDS - 2), length = random_between(random, 0, 20);
		const struct interval stretch = {second(from), second(from + length < SECONDS ? from + length : SECONDS)};
		assert_int_equal(interval_set_add(&out->lawful, stretch), STATUS_OK);
	}
	for (size_t i = 0; i < out->count; i++)
		out->turns[i] = (uint32_t)random_next(random);
	qsort(out->turns, out->count, sizeof *out->turns, compare_turns);
}

static struct scene
random_scene(struct random_source *random, enum pacing pacing, size_t sources_max, size_t stretches_max)
{
	struct scene scene = {.pacing = pacing, .source_count = 1 + random_below(random, sources_max)};
	const unsigned busy_percent = (unsigned)random_below(random, 80);
	scene.span.from = second(random_chance(random, 50) ? 0 : random_between(random, 0, 20));
	scene.span.until = second(random_chance(random, 50) ? SECONDS : random_between(random, 20, SECONDS));
	for (int s = 0; s < SECONDS; s++)
		scene.taken[s] = random_chance(random, busy_percent);
	for (size_t i = 0; i < scene.source_count; i++)
		fill_source(random, 1 + random_below(random, stretches_max), &scene.sources[i]);
	return scene;
}

static void
limit_scene(struct random_source *random, struct scene *scene)
{
	scene->limit_count = 1 + random_below(random, LIMITS);
	for (size_t i = 0; i < scene->limit_count; i++) {
		scene->limits[i] = (struct limit_scene){.cell_s = random_between(random, 1, 3), .n = random_between(random, 1, 20)};
		for (size_t k = random_below(random, 8); k > 0; k--)
			scene->limits[i].before[random_below(random, SECONDS)] += random_between(random, 1, 3);
	}
	for (size_t i = 0; i < scene->source_count; i++)
		scene->sources[i].limits = (uint32_t)random_below(random, 1u << scene->limit_count);
}

/* The volume rules of a scene and what has been sent under them; NULL when it has none. */
static struct quota *
open_quota(const struct scene *scene)
{
	static struct rule rules[LIMITS];
	static struct regime regime = {.id = "r", .everywhere = true, .rules = rules};
	static const struct rulebook rulebook = {.regimes = &regime, .regime_count = 1};
	const struct sender_facts sender = {.trust = "", .registered_on = {INT32_MIN}, .granted_on = {INT32_MIN}};
	struct quota *quota;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < scene->limit_count; i++)
		rules[i] = (struct rule){.kind = RULE_VOLUME,
			.categories = ALL_CATEGORIES,
			.channels = ALL_CHANNELS,
			.from = {INT32_MIN},
			.until = {INT32_MAX},
			.volume = {.length = {PARTS * scene->limits[i].cell_s * US_PER_SECOND}, .n = (int32_t)scene->limits[i].n}};
	regime.rule_count = scene->limit_count;
	const struct quota_setup setup = {.rulebook = &rulebook, .sender = &sender, .span = scene->span, .lane = 1};
	assert_int_equal(quota_create(&setup, &quota, &err), STATUS_OK);
	for (size_t i = 0; i < scene->limit_count; i++)
		for (int s = 0; s < SECONDS; s++)
			quota_count(quota, &(struct quota_use){1, UINT32_C(1) << i, second(s), second(s), scene->limits[i].before[s]});
	return quota;
}

static void
scene_free(struct scene *scene)
{
	for (size_t i = 0; i < scene->source_count; i++)
		interval_set_free(&scene->sources[i].lawful);
}

/* The deal ---------------------------------------------------------------------------------------------------------------------------------- */

/* A scene while it is dealt. */
struct dealing {
	const struct scene *scene;
	struct outcome outcome;
	size_t next[SOURCES_MAX]; /* member to be asked about */
};

static void
note(void *context, const struct dealt *dealt)
{
	struct outcome *outcome = &((struct dealing *)context)->outcome;
	const int64_t s = dealt->due.us / US_PER_SECOND;
	assert_int_equal(dealt->due.us % US_PER_SECOND, 0);
	assert_true(dealt->due.us > outcome->last.us);
	assert_int_equal(dealt->member, outcome->served[dealt->source]);
	assert_true(dealt->stretch->from.us <= dealt->due.us && dealt->due.us < dealt->stretch->until.us);
	outcome->last = dealt->due;
	outcome->owner[s] = (int)dealt->source + 1;
	outcome->due[dealt->source][outcome->served[dealt->source]++] = dealt->due.us;
}

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	struct dealing *dealing = context;
	assert_int_equal(member, dealing->next[source]++);
	return dealing->scene->sources[source].turns[member];
}

static struct outcome
deal_scene(const struct scene *scene)
{
	struct capacity *capacity;
	struct deal *deal;
	struct err err = ERR_INIT;
	struct dealing dealing = {.scene = scene, .outcome = {.last = {INT64_MIN}}};
	assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
	for (int s = 0; s < SECONDS; s++)
		if (scene->taken[s])
			assert_int_equal(capacity_take(capacity, second(s)), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	struct quota *quota = open_quota(scene);
	const struct deal_setup setup = {
		.capacity = capacity, .quota = quota, .pacing = scene->pacing, .span = scene->span, .turn_of = turn_of, .context = &dealing};
	assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
	for (size_t i = 0; i < scene->source_count; i++) {
		const struct source_scene *source = &scene->sources[i];
		const struct deal_source added = {.lawful = &source->lawful, .limits = quota != NULL ? source->limits : 0, .count = source->count};
		assert_int_equal(deal_add(deal, &added), STATUS_OK);
	}
	assert_int_equal(deal_run(deal, note, &dealing), STATUS_OK);
	for (size_t i = 0; i < scene->source_count; i++)
		assert_int_equal(deal_served(deal, i), dealing.outcome.served[i]);
	deal_free(&deal);
	quota_free(&quota);
	capacity_free(&capacity);
	return dealing.outcome;
}

/* Whether the source may have this second, were it alone. */
static bool
may_have(const struct scene *scene, size_t source, int64_t s)
{
	const struct instant at = second(s);
	return !scene->taken[s] && at.us >= scene->span.from.us && at.us < scene->span.until.us &&
		interval_set_find(&scene->sources[source].lawful, at) != NULL;
}

static void
expect_lawful(const struct scene *scene, const struct outcome *outcome)
{
	for (int s = 0; s < SECONDS; s++)
		if (outcome->owner[s] > 0 && !may_have(scene, (size_t)outcome->owner[s] - 1, s))
			fail_msg("second %d is not for source %d", s, outcome->owner[s] - 1);
}

static bool
has_later(const struct scene *scene, size_t source)
{
	const struct interval_set *lawful = &scene->sources[source].lawful;
	return lawful->count > 0 && lawful->items[lawful->count - 1].until.us > scene->span.until.us;
}

/* The instant of a turn, found by walking through the lawful time in steps of a millisecond. */
static int64_t
turn_us(const struct scene *scene, size_t source, uint32_t turn)
{
	const struct interval_set *lawful = &scene->sources[source].lawful;
	int64_t total = 0;
	for (size_t i = 0; i < lawful->count; i++)
		total += lawful->items[i].until.us - lawful->items[i].from.us;
	const double wanted = (double)turn / 4294967296.0 * (double)total;
	double passed = 0;
	for (size_t i = 0; i < lawful->count; i++)
		for (int64_t at = lawful->items[i].from.us; at < lawful->items[i].until.us; at += 1000, passed += 1000)
			if (passed + 1000 > wanted)
				return at;
	return INT64_MAX;
}

/* How many messages of this limit leave within any PARTS + 1 cells in a row that contain this second, at most. */
static int64_t
most_around(const struct scene *scene, const struct outcome *outcome, size_t limit, int64_t at)
{
	const struct limit_scene *of = &scene->limits[limit];
	int64_t most = 0;
	for (int64_t first = at / of->cell_s - PARTS; first <= at / of->cell_s; first++) {
		int64_t sum = 0;
		for (int64_t s = 0; s < SECONDS; s++) {
			const int64_t cell = s / of->cell_s;
			if (cell < first || cell > first + PARTS)
				continue;
			sum += of->before[s];
			sum += outcome->owner[s] > 0 && (scene->sources[outcome->owner[s] - 1].limits >> limit & 1);
		}
		most = sum > most ? sum : most;
	}
	return most;
}

/* Whether one more message of the source may leave in this second. */
static bool
volume_permits(const struct scene *scene, const struct outcome *outcome, size_t source, int64_t at)
{
	for (size_t i = 0; i < scene->limit_count; i++)
		if ((scene->sources[source].limits >> i & 1) && most_around(scene, outcome, i, at) >= scene->limits[i].n)
			return false;
	return true;
}

/* No limit is exceeded where somebody was dealt to; what others had sent before may have been too much. */
static void
expect_within_limits(const struct scene *scene, const struct outcome *outcome)
{
	for (int s = 0; s < SECONDS; s++)
		for (size_t i = 0; i < scene->limit_count && outcome->owner[s] > 0; i++)
			if ((scene->sources[outcome->owner[s] - 1].limits >> i & 1) && most_around(scene, outcome, i, s) > scene->limits[i].n)
				fail_msg("second %d exceeds limit %zu of %lld", s, i, (long long)scene->limits[i].n);
}

/* Nobody is left who could have had a tick that nobody has: under even pacing, when nothing lies behind the span, whatever his turn. */
static void
expect_nothing_wasted(const struct scene *scene, const struct outcome *outcome)
{
	for (size_t i = 0; i < scene->source_count; i++) {
		const struct source_scene *source = &scene->sources[i];
		if (outcome->served[i] == source->count)
			continue;
		const bool in_turn = scene->pacing == DEAL_EVEN && has_later(scene, i);
		const int64_t turn = in_turn ? turn_us(scene, i, source->turns[outcome->served[i]]) + 1000 : INT64_MIN;
		for (int s = 0; s < SECONDS; s++)
			if (outcome->owner[s] == 0 && may_have(scene, i, s) && second(s).us >= turn && volume_permits(scene, outcome, i, s))
				fail_msg("second %d is free, and source %zu has people left", s, i);
	}
}

static void
deals_are_lawful_and_waste_nothing(void **state)
{
	struct random_source random = random_start("deal_lawful");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, random_chance(&random, 50) ? DEAL_ASAP : DEAL_EVEN, SOURCES_MAX, STRETCHES_MAX);
		if (random_chance(&random, 50))
			limit_scene(&random, &scene);
		const struct outcome outcome = deal_scene(&scene);
		expect_lawful(&scene, &outcome);
		expect_within_limits(&scene, &outcome);
		expect_nothing_wasted(&scene, &outcome);
		scene_free(&scene);
	}
}

static void
alone_one_gets_the_first_free_ticks(void **state)
{
	struct random_source random = random_start("deal_first");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, DEAL_ASAP, 1, STRETCHES_MAX);
		const struct outcome outcome = deal_scene(&scene);
		size_t served = 0;
		for (int s = 0; s < SECONDS; s++) {
			const bool expected = may_have(&scene, 0, s) && served < scene.sources[0].count;
			assert_int_equal(outcome.owner[s] > 0, expected);
			served += expected;
		}
		scene_free(&scene);
	}
}

/* Kuhn's augmenting paths: whether one more member of `source` can be seated, moving others. */
static bool
seat(const struct scene *scene, size_t source, int owner[SECONDS], bool tried[SECONDS])
{
	for (int s = 0; s < SECONDS; s++) {
		if (tried[s] || !may_have(scene, source, s))
			continue;
		tried[s] = true;
		if (owner[s] == 0 || seat(scene, (size_t)owner[s] - 1, owner, tried)) {
			owner[s] = (int)source + 1;
			return true;
		}
	}
	return false;
}

static size_t
maximum_matching(const struct scene *scene)
{
	int owner[SECONDS] = {0};
	size_t seated = 0;
	for (size_t i = 0; i < scene->source_count; i++)
		for (size_t member = 0; member < scene->sources[i].count; member++) {
			bool tried[SECONDS] = {false};
			seated += seat(scene, i, owner, tried);
		}
	return seated;
}

static void
with_one_stretch_each_most_people_are_served(void **state)
{
	struct random_source random = random_start("deal_maximum");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, DEAL_ASAP, SOURCES_MAX, 1);
		const struct outcome outcome = deal_scene(&scene);
		size_t served = 0;
		for (size_t source = 0; source < scene.source_count; source++)
			served += outcome.served[source];
		assert_int_equal(served, maximum_matching(&scene));
		scene_free(&scene);
	}
}

static void
the_same_deal_twice_is_the_same(void **state)
{
	struct random_source random = random_start("deal_same");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, random_chance(&random, 50) ? DEAL_ASAP : DEAL_EVEN, SOURCES_MAX, STRETCHES_MAX);
		const struct outcome first = deal_scene(&scene), second_time = deal_scene(&scene);
		assert_memory_equal(&first, &second_time, sizeof first);
		scene_free(&scene);
	}
}

/* The k-th of n waits for the (k + 1/2)/n quantile of the lawful time and gets the next tick, when ticks abound. */
static void
even_pacing_spreads_people_over_their_lawful_time(void **state)
{
	struct random_source random = random_start("deal_even");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, DEAL_EVEN, 1, 1);
		struct source_scene *source = &scene.sources[0];
		scene.span = (struct interval){second(0), second(SECONDS)};
		memset(scene.taken, 0, sizeof scene.taken);
		for (size_t k = 0; k < source->count; k++)
			source->turns[k] = (uint32_t)((2 * (uint64_t)k + 1) * (UINT32_MAX / (2 * source->count)));
		const struct outcome outcome = deal_scene(&scene);
		const int64_t length = source->lawful.count > 0 ? source->lawful.items[0].until.us - source->lawful.items[0].from.us : 0;
		for (size_t k = 0; k < source->count && (int64_t)source->count * US_PER_SECOND * 2 <= length; k++) {
			const double quantile = ((double)k + 0.5) / (double)source->count;
			const double due = (double)(outcome.due[0][k] - source->lawful.items[0].from.us);
			if (due < quantile * (double)length - 1 || due >= quantile * (double)length + US_PER_SECOND)
				fail_msg("%zu of %zu in %lld s: %f s", k, source->count, (long long)(length / US_PER_SECOND), due / US_PER_SECOND);
		}
		scene_free(&scene);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deals_are_lawful_and_waste_nothing),
		cmocka_unit_test(alone_one_gets_the_first_free_ticks),
		cmocka_unit_test(with_one_stretch_each_most_people_are_served),
		cmocka_unit_test(the_same_deal_twice_is_the_same),
		cmocka_unit_test(even_pacing_spreads_people_over_their_lawful_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
