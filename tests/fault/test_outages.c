/*
 * Two daemons on one database, each behind a bad network of its own, are killed, paused longer than their lease, cut off, stalled, and not told that
 * their statement was done, while their server crashes now and then, and the provider fails in every way that REGULATIONS.md 2.10 knows. Meanwhile
 * campaigns are submitted, planned and planned again, paused and resumed, and people opt out. Afterwards the queue, the ledger and the provider's own
 * record must agree: nobody lost, nobody twice unless the provider lost the first, nothing outside its hours, nothing too fast or too much.
 *
 * A round submits a campaign, plans, and strikes once while messages leave. What strikes whom, and when, is drawn by lot. Rounds make a chapter, which
 * has a database; at its end all is made well and left to settle. The seed of each chapter is printed, and how to play that chapter again.
 *
 * DAYPART_TORTURE_ROUNDS: rounds of each sink, instead of 5 and 6. DAYPART_TORTURE_SINK: outbox or http, instead of both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/outage_checks.h"

enum { OUTBOX_ROUNDS = 5, HTTP_ROUNDS = 6, CHAPTER_ROUNDS = 20 };

static struct outage_world world;
static struct outage_daemons daemons;
static uint64_t first_seed;

static int
open_world(void **state)
{
	(void)state;
	first_seed = random_start("outages").state;
	outage_world_start(&world);
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	outage_world_stop(&world);
	return 0;
}

static void
pause_ms(int64_t ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* More than two thirds of what lasts outlasts a lease. */
static int64_t
draw_length(void)
{
	return random_chance(&world.random, 70) ? random_between(&world.random, OUTAGE_LEASE_MS + 200, OUTAGE_LEASE_MS * 5 / 2)
											: random_between(&world.random, 50, OUTAGE_LEASE_MS);
}

static void
play_round(int round, enum outage_blow blow)
{
	const struct outage_strike strike = outage_strike_draw(&world, blow);
	const int64_t delay_ms = random_between(&world.random, 0, 900), length_ms = draw_length();
	const bool lasts = blow == BLOW_PAUSE || blow == BLOW_STALL;
	struct process *plan;

	print_message("round %d: after %" PRId64 " ms ", round, delay_ms);
	outage_strike_tell(&strike);
	print_message(lasts ? " for %" PRId64 " ms\n" : "\n", length_ms);
	outage_world_add_campaign(&world);
	plan = outage_world_start_plan(&world);
	pause_ms(delay_ms);
	outage_world_live(&world);
	outage_strike_begin(&daemons, &strike);
	pause_ms(lasts ? length_ms / 2 : random_between(&world.random, 0, 300));
	outage_world_live(&world);
	pause_ms(lasts ? length_ms - length_ms / 2 : 0);
	outage_strike_end(&daemons, &strike);
	outage_world_finish_plan(&world, &plan);
	outage_daemons_restart_ended(&daemons);
	outage_expect_now(&world);
}

/* The first rounds show each blow once. */
static void
play_chapter(uint64_t seed, int rounds, bool http)
{
	print_message("chapter with seed %" PRIu64 "; again: DAYPART_SEED=%" PRIu64 " DAYPART_TORTURE_SINK=%s DAYPART_TORTURE_ROUNDS=%d\n",
		seed, seed, http ? "http" : "outbox", rounds);
	outage_world_open(&world, seed, http);
	if (world.repeats)
		print_message("what is uncertain is sent again under its key\n");
	outage_daemons_open(&daemons, &world);
	for (int round = 0; round < rounds; round++)
		play_round(round, round < BLOW_COUNT ? (enum outage_blow)round : (enum outage_blow)random_below(&world.random, BLOW_COUNT));
	outage_settle(&world, &daemons);
	outage_daemons_close(&daemons);
	outage_expect_end(&world);
	outage_tell(&world);
	outage_world_close(&world);
}

static void
torture(int rounds, bool http)
{
	const char *const only = getenv("DAYPART_TORTURE_SINK");
	struct random_source seeds = {first_seed};

	if (only != NULL && strcmp(only, http ? "http" : "outbox") != 0)
		return;
	for (uint64_t seed = first_seed; rounds > 0; seed = random_next(&seeds)) {
		play_chapter(seed, rounds < CHAPTER_ROUNDS ? rounds : CHAPTER_ROUNDS, http);
		rounds -= CHAPTER_ROUNDS;
	}
}

static void
outbox_and_ledger_agree_whatever_happens(void **state)
{
	(void)state;
	torture(random_rounds(OUTBOX_ROUNDS), false);
}

static void
provider_and_ledger_agree_whatever_happens(void **state)
{
	(void)state;
	torture(random_rounds(HTTP_ROUNDS), true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbox_and_ledger_agree_whatever_happens),
		cmocka_unit_test(provider_and_ledger_agree_whatever_happens),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
