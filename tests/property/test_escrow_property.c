/*
 * Lanes of a portfolio that take blocks, send by them, die, are away for hours and come back, over some days: no limit is exceeded in any window, whatever
 * its beginning. The tables lane_sent and lane_block are arrays here; what reads them counts as sql/query/budget_sent.sql does.
 */
#include "scheduler/policy/escrow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/random.h"

enum { CASES = 25, STEPS = 900, LANES = 4, CLASSES = 3, SENT_MAX = STEPS * 40, RULES = 3 };
enum { OWN_DAY, OWN_ROLLING, SHARED };

struct sent {
	struct instant at;
	int lane, class;
	int64_t n;
};

struct block {
	struct instant since, until;
	int64_t messages; /* in that quarter of an hour */
	bool dead;        /* its lane has another holder */
	/* The holder's own. */
	int64_t left;
	bool waits[CLASSES];
};

struct world {
	struct random_source *random;
	struct rule rules[RULES];
	struct regime regime;
	struct rulebook rulebook;
	struct sender_facts sender;
	uint32_t classes[CLASSES];
	struct block blocks[LANES];
	struct sent *sent;
	size_t sent_count;
	struct instant now;
	int64_t total, refused;
};

static const int16_t portfolio[LANES] = {0, 1, 2, 3};

static struct rule
volume(const char *id, struct volume_rule of)
{
	struct rule rule = {.kind = RULE_VOLUME,
		.categories = ALL_CATEGORIES,
		.channels = ALL_CHANNELS,
		.from = {INT32_MIN},
		.until = {INT32_MAX},
		.volume = of};

	strcpy(rule.id, id);
	return rule;
}

static void
draw_world(struct world *world, struct random_source *random)
{
	struct sent *sent = world->sent;

	memset(world, 0, sizeof *world);
	world->sent = sent;
	world->random = random;
	world->rules[OWN_DAY] =
		volume("day", (struct volume_rule){.n = (int32_t)random_between(random, 20, 300), .fixed_zone = "America/Los_Angeles"});
	world->rules[OWN_ROLLING] =
		volume("rolling", (struct volume_rule){.n = (int32_t)random_between(random, 20, 300), .length = {24 * US_PER_HOUR}});
	world->rules[SHARED] = volume("shared",
		(struct volume_rule){
			.n = (int32_t)random_between(random, 50, 600), .length = {24 * US_PER_HOUR}, .scope = VOLUME_PORTFOLIO, .people = true});
	world->regime = (struct regime){.id = "r", .everywhere = true, .rules = world->rules, .rule_count = RULES};
	world->rulebook = (struct rulebook){.regimes = &world->regime, .regime_count = 1};
	world->sender = (struct sender_facts){.trust = "",
		.registered_on = {INT32_MIN},
		.granted_on = {INT32_MIN},
		.daily_limit = random_chance(random, 30) ? (int32_t)random_between(random, 20, 200) : 0,
		.rate_milli = 1000};
	for (int i = 0; i < CLASSES; i++)
		world->classes[i] = (uint32_t)random_below(random, 1U << RULES);
	world->now = fixture_instant("2026-10-30T05:00:00Z"); /* clocks go back on the way */
}

static int64_t
sent_in(const struct world *world, int lane, struct instant quarter)
{
	int64_t n = 0;

	for (size_t i = world->sent_count; i-- > 0 && world->sent[i].at.us >= quarter.us;)
		if (world->sent[i].lane == lane && escrow_quarter(world->sent[i].at).us == quarter.us)
			n += world->sent[i].n;
	return n;
}

static void
count_all(const struct world *world, int lane, struct quota *quota)
{
	for (size_t i = 0; i < world->sent_count; i++) {
		const struct sent *sent = &world->sent[i];
		const struct instant quarter = escrow_quarter(sent->at);

		quota_count(quota, &(struct quota_use){(int16_t)sent->lane, world->classes[sent->class], quarter, quarter, sent->n});
	}
	for (int other = 0; other < LANES; other++) {
		const struct block *block = &world->blocks[other];
		const int64_t unused = block->messages - sent_in(world, other, block->since);

		if (other != lane && !block->dead && unused > 0 && block->until.us > world->now.us - US_PER_MINUTE)
			quota_count(quota, &(struct quota_use){(int16_t)other, UINT32_MAX, block->since, block->since, unused});
	}
}

static void
take(struct world *world, int lane)
{
	const struct quota_setup setup = {.rulebook = &world->rulebook,
		.sender = &world->sender,
		.zones = fixture_zone_set(),
		.span = {world->now, {world->now.us + US_PER_DAY}},
		.lane = (int16_t)lane,
		.portfolio = portfolio,
		.portfolio_count = LANES};
	const struct escrow_ask ask = {.now = world->now, .rules = world->classes, .class_count = CLASSES, .lanes = LANES, .per_1000_s = 1000};
	struct block *block = &world->blocks[lane];
	struct escrow_answer answer;
	struct quota *quota;
	struct err err = ERR_INIT;

	assert_int_equal(quota_create(&setup, &quota, &err), STATUS_OK);
	count_all(world, lane, quota);
	escrow_decide(quota, &ask, block->waits, &answer);
	quota_free(&quota);
	if (!answer.limited)
		answer = (struct escrow_answer){.n = 30, .reserved = true, .until = {escrow_quarter(world->now).us + 15 * US_PER_MINUTE}};
	world->refused += answer.n == 0;
	block->since = escrow_quarter(world->now);
	block->until = answer.until;
	block->left = answer.n;
	block->messages = (answer.reserved ? answer.n : 0) + sent_in(world, lane, block->since);
	block->dead = false;
}

/* At most one message a second; one claim. */
static void
send(struct world *world, int lane)
{
	struct block *block = &world->blocks[lane];
	const int class = (int)random_below(world->random, CLASSES);
	int64_t n = random_between(world->random, 1, 40);

	if (world->now.us >= block->until.us || block->left == 0)
		take(world, lane);
	n = n < block->left ? n : block->left;
	if (n == 0 || block->waits[class] || world->now.us >= block->until.us)
		return;
	block->left -= n;
	world->total += n;
	world->sent[world->sent_count++] = (struct sent){world->now, lane, class, n};
}

/* The holder is gone with what it knew; somebody else gets the lane, or nobody for a while. */
static void
die(struct world *world, int lane)
{
	world->blocks[lane].left = 0;
	world->blocks[lane].dead = random_chance(world->random, 50);
}

static void
pass_time(struct world *world)
{
	const int64_t most = random_chance(world->random, 3) ? 20 * US_PER_HOUR
		: random_chance(world->random, 20)               ? US_PER_HOUR
														 : 3 * US_PER_MINUTE;

	world->now.us += random_between(world->random, 0, most);
}

/* The oracle: of one limit, by lanes. */
static int64_t
count_window(const struct world *world, int rule, int lane, struct interval window)
{
	int64_t n = 0;

	for (size_t i = 0; i < world->sent_count; i++) {
		const struct sent *sent = &world->sent[i];
		const bool counts = rule < 0 || (world->classes[sent->class] >> rule & 1);

		if (counts && (lane < 0 || lane == sent->lane) && sent->at.us >= window.from.us && sent->at.us < window.until.us)
			n += sent->n;
	}
	return n;
}

static struct interval
day_of(struct instant at)
{
	const struct zone *zone = fixture_zone("America/Los_Angeles");
	const struct date day = wall_date(zone_wall(zone, at));

	return (struct interval){zone_closing(zone, wall_at(day, (struct day_time){0})),
		zone_closing(zone, wall_at((struct date){day.days + 1}, (struct day_time){0}))};
}

static void
expect_most(int64_t n, int64_t most, const char *what)
{
	if (n > most)
		fail_msg("%s: %lld of at most %lld", what, (long long)n, (long long)most);
}

/* A window that holds too many can be moved until it begins with a message. */
static void
expect_limits(const struct world *world)
{
	for (size_t i = 0; i < world->sent_count; i++) {
		const struct sent *sent = &world->sent[i];
		const struct interval rolling = {sent->at, {sent->at.us + US_PER_DAY}};

		expect_most(count_window(world, OWN_DAY, sent->lane, day_of(sent->at)), world->rules[OWN_DAY].volume.n, "day");
		expect_most(count_window(world, OWN_ROLLING, sent->lane, rolling), world->rules[OWN_ROLLING].volume.n, "rolling");
		expect_most(count_window(world, SHARED, -1, rolling), world->rules[SHARED].volume.n, "shared");
		if (world->sender.daily_limit > 0)
			expect_most(count_window(world, -1, sent->lane, rolling), world->sender.daily_limit, "own");
	}
}

static void
no_window_holds_more_than_its_limit(void **state)
{
	static struct world world;
	struct random_source random = random_start("escrow");
	int64_t refused = 0, total = 0;

	(void)state;
	world.sent = calloc(SENT_MAX, sizeof *world.sent);
	assert_non_null(world.sent);
	for (int i = 0; i < CASES; i++) {
		draw_world(&world, &random);
		for (int step = 0; step < STEPS; step++) {
			const int lane = (int)random_below(&random, LANES);

			if (random_chance(&random, 5))
				die(&world, lane);
			send(&world, lane);
			pass_time(&world);
		}
		expect_limits(&world);
		refused += world.refused;
		total += world.total;
	}
	free(world.sent);
	assert_true(refused > 0); /* limits bind in some of the cases */
	assert_true(total > CASES * 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_window_holds_more_than_its_limit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
