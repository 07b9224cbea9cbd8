/*
 * Deals over random sources against what deal.h promises, asked of plain lists of ticks: one in a thousand seconds, over a day and a half. Who is served
 * is compared with a network solved in the plainest way, tick by tick.
 */
#include "planner/core/deal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { CASES = 4000, SOURCES_MAX = 8, MEMBERS_MAX = 12, STRETCHES_MAX = 4, TICKS = 120, LIMITS = 2, PARTS = 24 };
enum { RATE_MILLI = 1, TICKS_BEFORE_MAX = 87 };
#define TICK_US (1000 * US_PER_SECOND)

struct source_scene {
	struct interval_set lawful, preferred;
	bool has_preference;
	size_t count;
	uint32_t turns[MEMBERS_MAX];
	uint32_t limits;
};

/* At most n in a day, or in any PARTS + 1 cells in a row; a cell is some ticks long. */
struct limit_scene {
	bool daily;
	int64_t cell, n;
	int64_t before[TICKS]; /* what others have sent then */
};

struct scene {
	enum pacing pacing;
	int64_t base; /* ticks before the first of the scene */
	int64_t from, until;
	bool taken[TICKS], lent[TICKS];
	struct source_scene sources[SOURCES_MAX];
	size_t source_count;
	struct limit_scene limits[LIMITS];
	size_t limit_count;
	size_t arcs_max;
};

struct outcome {
	int owner[TICKS]; /* source + 1, or 0 */
	bool displaces[TICKS];
	int64_t due[SOURCES_MAX][MEMBERS_MAX];
	size_t served[SOURCES_MAX];
	struct instant last;
};

/* The scene --------------------------------------------------------------------------------------------------------------------------------- */

static struct instant
tick_at(const struct scene *scene, int64_t tick)
{
	return (struct instant){(scene->base + tick) * TICK_US};
}

static struct interval
span_of(const struct scene *scene)
{
	return (struct interval){tick_at(scene, scene->from), tick_at(scene, scene->until)};
}

static int
compare_turns(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void
add_stretch(struct random_source *random, const struct scene *scene, struct interval_set *set)
{
	const int64_t from = random_between(random, 0, TICKS - 2), length = random_between(random, 0, random_chance(random, 50) ? 8 : 40);
	struct interval stretch = {tick_at(scene, from), tick_at(scene, from + length < TICKS ? from + length : TICKS)};
	if (random_chance(random, 30))
		stretch.from.us += random_between(random, 0, TICK_US - 1);
	if (random_chance(random, 30) && stretch.from.us < stretch.until.us)
		stretch.until.us = random_between(random, stretch.from.us, stretch.until.us);
	assert_int_equal(interval_set_add(set, stretch), STATUS_OK);
}

static void
fill_source(struct random_source *random, const struct scene *scene, size_t stretches, struct source_scene *out)
{
	struct interval_set wish = INTERVAL_SET_INIT;
	*out = (struct source_scene){.lawful = INTERVAL_SET_INIT, .preferred = INTERVAL_SET_INIT};
	out->count = random_chance(random, 50) ? 1 : random_below(random, MEMBERS_MAX + 1);
	for (size_t i = 0; i < stretches; i++)
		add_stretch(random, scene, &out->lawful);
	for (size_t i = 0; i < out->count; i++)
		out->turns[i] = (uint32_t)random_next(random);
	qsort(out->turns, out->count, sizeof *out->turns, compare_turns);
	out->has_preference = random_chance(random, 40);
	for (size_t i = random_below(random, STRETCHES_MAX); i > 0 && out->has_preference; i--)
		add_stretch(random, scene, &wish);
	assert_int_equal(interval_set_intersect(&out->lawful, &wish, &out->preferred), STATUS_OK);
	interval_set_free(&wish);
}

static struct scene
random_scene(struct random_source *random, enum pacing pacing, size_t sources_max, size_t stretches_max)
{
	struct scene scene = {.pacing = pacing, .source_count = 1 + random_below(random, sources_max)};
	const unsigned busy_percent = (unsigned)random_below(random, 100), lent_percent = (unsigned)(random_chance(random, 50) ? 30 : 0);
	scene.base = random_between(random, 0, TICKS_BEFORE_MAX);
	scene.from = random_chance(random, 50) ? 0 : random_between(random, 0, 40);
	scene.until = random_chance(random, 50) ? TICKS : random_between(random, 40, TICKS);
	for (int tick = 0; tick < TICKS; tick++) {
		scene.taken[tick] = random_chance(random, busy_percent);
		scene.lent[tick] = !scene.taken[tick] && random_chance(random, lent_percent);
	}
	for (size_t i = 0; i < scene.source_count; i++) {
		if (i > 0 && random_chance(random, 20)) { /* the same instants again */
			scene.sources[i] = scene.sources[i - 1];
			scene.sources[i].lawful = scene.sources[i].preferred = (struct interval_set)INTERVAL_SET_INIT;
			for (size_t k = 0; k < scene.sources[i - 1].lawful.count; k++)
				assert_int_equal(interval_set_add(&scene.sources[i].lawful, scene.sources[i - 1].lawful.items[k]), STATUS_OK);
			scene.sources[i].has_preference = false;
		} else
			fill_source(random, &scene, 1 + random_below(random, stretches_max), &scene.sources[i]);
	}
	return scene;
}

/* The days of everybody, or any limits of anybody. */
static void
limit_scene(struct random_source *random, struct scene *scene, bool common)
{
	scene->limit_count = 1 + random_below(random, LIMITS);
	for (size_t i = 0; i < scene->limit_count; i++) {
		const bool daily = common || random_chance(random, 30);
		scene->limits[i] =
			(struct limit_scene){.daily = daily, .cell = random_between(random, 1, 3), .n = random_between(random, 1, daily ? 30 : 20)};
		for (size_t k = random_below(random, 8); k > 0; k--)
			scene->limits[i].before[random_below(random, TICKS)] += random_between(random, 1, 3);
	}
	for (size_t i = 0; i < scene->source_count; i++)
		scene->sources[i].limits = (uint32_t)(common ? (1u << scene->limit_count) - 1 : random_below(random, 1u << scene->limit_count));
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
			.volume = {.length = {scene->limits[i].daily ? 0 : PARTS * scene->limits[i].cell * TICK_US},
				.fixed_zone = "",
				.n = (int32_t)scene->limits[i].n}};
	regime.rule_count = scene->limit_count;
	const struct quota_setup setup = {.rulebook = &rulebook, .sender = &sender, .span = span_of(scene), .lane = 1};
	assert_int_equal(quota_create(&setup, &quota, &err), STATUS_OK);
	for (size_t i = 0; i < scene->limit_count; i++)
		for (int tick = 0; tick < TICKS; tick++)
			quota_count(
				quota, &(struct quota_use){1, UINT32_C(1) << i, tick_at(scene, tick), tick_at(scene, tick), scene->limits[i].before[tick]});
	return quota;
}

static void
scene_free(struct scene *scene)
{
	for (size_t i = 0; i < scene->source_count; i++) {
		interval_set_free(&scene->sources[i].lawful);
		interval_set_free(&scene->sources[i].preferred);
	}
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
	struct dealing *dealing = context;
	struct outcome *outcome = &dealing->outcome;
	const int64_t tick = dealt->due.us / TICK_US - dealing->scene->base;
	assert_int_equal(dealt->due.us % TICK_US, 0);
	assert_true(dealt->due.us > outcome->last.us);
	assert_int_equal(dealt->member, outcome->served[dealt->source]);
	assert_true(dealt->stretch->from.us <= dealt->due.us && dealt->due.us < dealt->stretch->until.us);
	outcome->last = dealt->due;
	outcome->owner[tick] = (int)dealt->source + 1;
	outcome->displaces[tick] = dealt->displaces;
	outcome->due[dealt->source][outcome->served[dealt->source]++] = dealt->due.us;
}

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	struct dealing *dealing = context;
	assert_int_equal(member, dealing->next[source]++);
	return dealing->scene->sources[source].turns[member];
}

static struct capacity *
open_capacity(const struct scene *scene)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(RATE_MILLI, &capacity, &err), STATUS_OK);
	for (int tick = 0; tick < TICKS; tick++) {
		if (scene->taken[tick])
			assert_int_equal(capacity_take(capacity, tick_at(scene, tick)), STATUS_OK);
		if (scene->lent[tick])
			assert_int_equal(capacity_lend(capacity, tick_at(scene, tick)), STATUS_OK);
	}
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

static struct outcome
deal_scene(const struct scene *scene)
{
	struct deal *deal;
	struct dealing dealing = {.scene = scene, .outcome = {.last = {INT64_MIN}}};
	struct capacity *capacity = open_capacity(scene);
	struct quota *quota = open_quota(scene);
	const struct deal_setup setup = {.capacity = capacity,
		.quota = quota,
		.pacing = scene->pacing,
		.span = span_of(scene),
		.arcs_max = scene->arcs_max,
		.turn_of = turn_of,
		.context = &dealing};
	assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
	for (size_t i = 0; i < scene->source_count; i++) {
		const struct source_scene *source = &scene->sources[i];
		const struct deal_source added = {.lawful = &source->lawful,
			.preferred = source->has_preference ? &source->preferred : NULL,
			.limits = source->limits,
			.count = source->count};
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

/* What is promised ----------------------------------------------------------------------------------------------------------------------- */

/* Whether the source may have this tick, were it alone. */
static bool
may_have(const struct scene *scene, size_t source, int64_t tick)
{
	return !scene->taken[tick] && tick >= scene->from && tick < scene->until &&
		interval_set_find(&scene->sources[source].lawful, tick_at(scene, tick)) != NULL;
}

static void
expect_lawful(const struct scene *scene, const struct outcome *outcome)
{
	for (int tick = 0; tick < TICKS; tick++) {
		if (outcome->owner[tick] > 0 && !may_have(scene, (size_t)outcome->owner[tick] - 1, tick))
			fail_msg("tick %d is not for source %d", tick, outcome->owner[tick] - 1);
		assert_int_equal(outcome->displaces[tick], outcome->owner[tick] > 0 && scene->lent[tick]);
	}
}

static bool
has_later(const struct scene *scene, size_t source)
{
	const struct interval_set *lawful = &scene->sources[source].lawful;
	return lawful->count > 0 && lawful->items[lawful->count - 1].until.us > span_of(scene).until.us;
}

static int64_t
day_of(const struct scene *scene, int64_t tick)
{
	return tick_at(scene, tick).us / US_PER_DAY;
}

/* How many messages of this limit leave in the ticks for which `first` <= their day or cell <= `last`. */
static int64_t
sent_between(const struct scene *scene, const struct outcome *outcome, size_t limit, int64_t first, int64_t last)
{
	const struct limit_scene *of = &scene->limits[limit];
	int64_t sum = 0;
	for (int64_t tick = 0; tick < TICKS; tick++) {
		const int64_t cell = of->daily ? day_of(scene, tick) : (scene->base + tick) / of->cell;
		if (cell >= first && cell <= last)
			sum += of->before[tick] + (outcome->owner[tick] > 0 && (scene->sources[outcome->owner[tick] - 1].limits >> limit & 1));
	}
	return sum;
}

/* How many messages of this limit leave within a period that contains this tick, at most. */
static int64_t
most_around(const struct scene *scene, const struct outcome *outcome, size_t limit, int64_t tick)
{
	const struct limit_scene *of = &scene->limits[limit];
	const int64_t cell = (scene->base + tick) / of->cell;
	int64_t most = 0;
	if (of->daily)
		return sent_between(scene, outcome, limit, day_of(scene, tick), day_of(scene, tick));
	for (int64_t first = cell - PARTS; first <= cell; first++) {
		const int64_t sum = sent_between(scene, outcome, limit, first, first + PARTS);
		most = sum > most ? sum : most;
	}
	return most;
}

/* Whether one more message of the source may leave at this tick. */
static bool
volume_permits(const struct scene *scene, const struct outcome *outcome, size_t source, int64_t tick)
{
	for (size_t i = 0; i < scene->limit_count; i++)
		if ((scene->sources[source].limits >> i & 1) && most_around(scene, outcome, i, tick) >= scene->limits[i].n)
			return false;
	return true;
}

/* No limit is exceeded where somebody was dealt to; what others had sent before may have been too much. */
static void
expect_within_limits(const struct scene *scene, const struct outcome *outcome)
{
	for (int tick = 0; tick < TICKS; tick++)
		for (size_t i = 0; i < scene->limit_count && outcome->owner[tick] > 0; i++)
			if ((scene->sources[outcome->owner[tick] - 1].limits >> i & 1) && most_around(scene, outcome, i, tick) > scene->limits[i].n)
				fail_msg("tick %d exceeds limit %zu of %lld", tick, i, (long long)scene->limits[i].n);
}

/* The instant of a turn, found by walking through the lawful time in steps of some seconds. */
static int64_t
turn_us(const struct scene *scene, size_t source, uint32_t turn)
{
	const struct interval_set *lawful = &scene->sources[source].lawful;
	const int64_t step = TICK_US / 100;
	double total = 0, passed = 0;
	for (size_t i = 0; i < lawful->count; i++)
		total += (double)(lawful->items[i].until.us - lawful->items[i].from.us);
	for (size_t i = 0; i < lawful->count; i++)
		for (int64_t at = lawful->items[i].from.us; at < lawful->items[i].until.us; at += step, passed += (double)step)
			if (passed + (double)step > (double)turn / 4294967296.0 * total)
				return at;
	return INT64_MAX;
}

/* Nobody is left who could have had a free tick that nobody has: with turns, when later ones are lawful, behind the turn. */
static void
expect_nothing_wasted(const struct scene *scene, const struct outcome *outcome)
{
	for (size_t i = 0; i < scene->source_count; i++) {
		const struct source_scene *source = &scene->sources[i];
		if (outcome->served[i] == source->count)
			continue;
		const bool in_turn = scene->pacing == DEAL_EVEN && has_later(scene, i);
		const int64_t turn = in_turn ? turn_us(scene, i, source->turns[outcome->served[i]]) + 2 * TICK_US : INT64_MIN;
		for (int tick = 0; tick < TICKS; tick++)
			if (outcome->owner[tick] == 0 && !scene->lent[tick] && may_have(scene, i, tick) && tick_at(scene, tick).us >= turn &&
				!(in_turn && (scene->arcs_max > 0 || source->has_preference)) && volume_permits(scene, outcome, i, tick))
				fail_msg("tick %d is free, and source %zu has people left", tick, i);
	}
}

static void
deals_are_lawful_and_waste_nothing(void **state)
{
	struct random_source random = random_start("deal_lawful");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, random_chance(&random, 50) ? DEAL_ASAP : DEAL_EVEN, SOURCES_MAX, STRETCHES_MAX);
		if (random_chance(&random, 60))
			limit_scene(&random, &scene, random_chance(&random, 30));
		if (random_chance(&random, 50))
			scene.arcs_max = 1 + random_below(&random, 100);
		const struct outcome outcome = deal_scene(&scene);
		expect_lawful(&scene, &outcome);
		expect_within_limits(&scene, &outcome);
		expect_nothing_wasted(&scene, &outcome);
		scene_free(&scene);
	}
}

/* The plainest maximum -------------------------------------------------------------------------------------------------------------------- */

/* Served is worth more than anything, then not to displace, then to be served where one would rather. */
enum { NODES = 2 + SOURCES_MAX + TICKS + 3, PIPES = 2 * (SOURCES_MAX + SOURCES_MAX * TICKS + TICKS + 3), DISPLACES = 1000 };

struct pipes {
	struct {
		int from, to, room, cost;
	} items[PIPES]; /* and back, one behind the other */
	size_t count;
};

struct result {
	int served, displaced, regrets;
};

static void
add_pipe(struct pipes *pipes, int from, int to, int room, int cost)
{
	pipes->items[pipes->count].from = pipes->items[pipes->count + 1].to = from;
	pipes->items[pipes->count].to = pipes->items[pipes->count + 1].from = to;
	pipes->items[pipes->count].room = room;
	pipes->items[pipes->count + 1].room = 0;
	pipes->items[pipes->count].cost = cost;
	pipes->items[pipes->count + 1].cost = -cost;
	pipes->count += 2;
}

/* Bellman and Ford's cheapest way, one person at a time. False: there is none. */
static bool
seat_one(struct pipes *pipes, int source, int sink, int *out_cost)
{
	int distance[NODES], by[NODES];
	for (int i = 0; i < NODES; i++)
		distance[i] = i == source ? 0 : INT32_MAX;
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < pipes->count; i++) {
			const int from = pipes->items[i].from, to = pipes->items[i].to;
			if (pipes->items[i].room == 0 || distance[from] == INT32_MAX || distance[from] + pipes->items[i].cost >= distance[to])
				continue;
			distance[to] = distance[from] + pipes->items[i].cost;
			by[to] = (int)i;
			again = true;
		}
	}
	if (distance[sink] == INT32_MAX)
		return false;
	*out_cost += distance[sink];
	for (int node = sink; node != source; node = pipes->items[by[node]].from) {
		pipes->items[by[node]].room--;
		pipes->items[by[node] ^ 1].room++;
	}
	return true;
}

static int
day_room(const struct scene *scene, int64_t day)
{
	int64_t room = TICKS;
	const struct outcome nobody = {.last = {0}};
	for (size_t i = 0; i < scene->limit_count; i++) {
		const int64_t left = scene->limits[i].n - sent_between(scene, &nobody, i, day, day);
		room = left < room ? left : room;
	}
	return room > 0 ? (int)room : 0;
}

/* 0 where the source prefers to be, 1 behind that in the same stretch, else 2; all is equal without a preference within the span. */
static int
regret(const struct scene *scene, size_t source, int64_t tick)
{
	const struct interval span = span_of(scene), *stretch = interval_set_find(&scene->sources[source].lawful, tick_at(scene, tick));
	const struct interval_set *preferred = &scene->sources[source].preferred;
	bool any = false, here = false, behind = false;
	for (size_t i = 0; i < preferred->count && scene->sources[source].has_preference; i++) {
		const struct interval wish = {instant_max(preferred->items[i].from, span.from), instant_min(preferred->items[i].until, span.until)};
		if (wish.from.us >= wish.until.us)
			continue;
		any = true;
		here = here || (wish.from.us <= tick_at(scene, tick).us && tick_at(scene, tick).us < wish.until.us);
		behind = behind || (wish.from.us >= stretch->from.us && wish.until.us <= tick_at(scene, tick).us);
	}
	return !any || here ? 0 : behind ? 1 : 2;
}

static struct result
best_result(const struct scene *scene)
{
	static struct pipes pipes;
	const int sink = 1, first_tick = 2 + SOURCES_MAX, first_day = first_tick + TICKS;
	struct result result = {0, 0, 0};
	int cost = 0;
	pipes.count = 0;
	for (int i = 0; i < (int)scene->source_count; i++) {
		add_pipe(&pipes, 0, 2 + i, (int)scene->sources[i].count, 0);
		for (int tick = 0; tick < TICKS; tick++)
			if (may_have(scene, (size_t)i, tick))
				add_pipe(&pipes, 2 + i, first_tick + tick, 1, regret(scene, (size_t)i, tick));
	}
	for (int tick = 0; tick < TICKS; tick++)
		add_pipe(
			&pipes, first_tick + tick, first_day + (int)(day_of(scene, tick) - day_of(scene, 0)), 1, scene->lent[tick] ? DISPLACES : 0);
	for (int day = 0; day < 3; day++)
		add_pipe(&pipes, first_day + day, sink, day_room(scene, day_of(scene, 0) + day), 0);
	while (seat_one(&pipes, 0, sink, &cost))
		result.served++;
	result.displaced = cost / DISPLACES;
	result.regrets = cost % DISPLACES;
	return result;
}

static struct result
result_of(const struct scene *scene, const struct outcome *outcome)
{
	struct result result = {0, 0, 0};
	for (int tick = 0; tick < TICKS; tick++) {
		const size_t source = (size_t)outcome->owner[tick] - 1;
		if (outcome->owner[tick] == 0)
			continue;
		result.served++;
		result.displaced += outcome->displaces[tick];
		result.regrets += regret(scene, source, tick);
	}
	return result;
}

static void
most_are_served_fewest_displaced_and_most_where_they_prefer(void **state)
{
	struct random_source random = random_start("deal_maximum");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, random_chance(&random, 50) ? DEAL_ASAP : DEAL_EVEN, SOURCES_MAX, STRETCHES_MAX);
		if (scene.pacing == DEAL_EVEN)
			scene.until = TICKS; /* else some may wait for what is behind */
		if (random_chance(&random, 50))
			limit_scene(&random, &scene, true);
		const struct outcome outcome = deal_scene(&scene);
		const struct result best = best_result(&scene), got = result_of(&scene, &outcome);
		expect_lawful(&scene, &outcome);
		expect_within_limits(&scene, &outcome);
		if (got.served != best.served || got.displaced != best.displaced || got.regrets != best.regrets)
			fail_msg("case %d: %d served, %d displaced, regrets of %d, but %d, %d and %d are possible", i, got.served, got.displaced,
				got.regrets, best.served, best.displaced, best.regrets);
		scene_free(&scene);
	}
}

/* Order and pacing ------------------------------------------------------------------------------------------------------------------------ */

static void
alone_one_gets_the_first_free_ticks(void **state)
{
	struct random_source random = random_start("deal_first");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, DEAL_ASAP, 1, STRETCHES_MAX);
		memset(scene.lent, 0, sizeof scene.lent);
		scene.sources[0].has_preference = false;
		const struct outcome outcome = deal_scene(&scene);
		size_t served = 0;
		for (int tick = 0; tick < TICKS; tick++) {
			const bool expected = may_have(&scene, 0, tick) && served < scene.sources[0].count;
			assert_int_equal(outcome.owner[tick] > 0, expected);
			served += expected;
		}
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
		const struct outcome first = deal_scene(&scene), second = deal_scene(&scene);
		assert_memory_equal(first.owner, second.owner, sizeof first.owner);
		assert_memory_equal(first.due, second.due, sizeof first.due);
		scene_free(&scene);
	}
}

/* Who was left over finds nothing when the rest is planned as it is. */
static void
dealing_again_to_those_left_serves_nobody(void **state)
{
	struct random_source random = random_start("deal_again");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random, random_chance(&random, 50) ? DEAL_ASAP : DEAL_EVEN, SOURCES_MAX, STRETCHES_MAX);
		const struct outcome first = deal_scene(&scene);
		for (int tick = 0; tick < TICKS; tick++) {
			scene.taken[tick] = scene.taken[tick] || first.owner[tick] > 0;
			scene.lent[tick] = scene.lent[tick] && first.owner[tick] == 0;
		}
		for (size_t k = 0; k < scene.source_count; k++) {
			struct source_scene *source = &scene.sources[k];
			source->count -= first.served[k];
			memmove(source->turns, source->turns + first.served[k], source->count * sizeof *source->turns);
		}
		const struct outcome again = deal_scene(&scene);
		for (size_t k = 0; k < scene.source_count; k++)
			if (again.served[k] > 0)
				fail_msg("case %d: %zu more of source %zu", i, again.served[k], k);
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
		scene.from = 0;
		scene.until = TICKS;
		memset(scene.taken, 0, sizeof scene.taken);
		memset(scene.lent, 0, sizeof scene.lent);
		source->has_preference = false;
		for (size_t k = 0; k < source->count; k++)
			source->turns[k] = (uint32_t)((2 * (uint64_t)k + 1) * (UINT32_MAX / (2 * source->count)));
		const struct outcome outcome = deal_scene(&scene);
		const int64_t length = source->lawful.count > 0 ? source->lawful.items[0].until.us - source->lawful.items[0].from.us : 0;
		for (size_t k = 0; k < source->count && (int64_t)source->count * TICK_US * 2 <= length; k++) {
			const double quantile = ((double)k + 0.5) / (double)source->count;
			const double due = (double)(outcome.due[0][k] - source->lawful.items[0].from.us);
			if (due < quantile * (double)length - 1000 || due >= quantile * (double)length + TICK_US)
				fail_msg("%zu of %zu in %lld ticks: %f", k, source->count, (long long)(length / TICK_US), due / TICK_US);
		}
		scene_free(&scene);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deals_are_lawful_and_waste_nothing),
		cmocka_unit_test(most_are_served_fewest_displaced_and_most_where_they_prefer),
		cmocka_unit_test(alone_one_gets_the_first_free_ticks),
		cmocka_unit_test(the_same_deal_twice_is_the_same),
		cmocka_unit_test(dealing_again_to_those_left_serves_nobody),
		cmocka_unit_test(even_pacing_spreads_people_over_their_lawful_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
