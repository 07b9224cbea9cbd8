/*
 * Limits of volume at the release: daypartd keeps them by itself, whatever the plan thought of. Slots are inserted as a plan would have published them that
 * knew of no limit, or came to leave after an outage.
 *
 * Waiting is for a state of the database: a lane that waits for room says so in lane_block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "planner/core/merge.h"
#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 40 * 1000 };

#define RELEASED "SELECT count(*) FROM release WHERE outcome = 'handed_over'"
#define WAITING "SELECT count(*) FROM lane_block WHERE waits_until IS NOT NULL"

/* All senders of a portfolio together: so many messages in any 24 hours. */
#define PORTFOLIO_OF(n) LIMIT("\"everywhere\"", "scope = \"portfolio\"; people = true; per = \"24h\"; n = " n ";")
/* Each sender: so many messages a day to people of the United States. */
#define DAY_OF(n) LIMIT("[\"US\"]", "scope = \"sender\"; per = \"day\"; clock = \"America/Los_Angeles\"; n = " n ";")
#define LIMIT(regions, limit) \
	"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = " regions "; review_by = \"2099-12-31\"; volumes = ( " \
	"{ id = \"house.volume\"; source = \"house\"; strength = \"must\"; categories = \"all\"; " limit " } );"

static struct {
	struct pg_cluster *cluster;
	int databases;
	char *conninfo;
	PGconn *connection;
} world;

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_budgets", false));
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static int
open_database(void **state)
{
	char name[32];

	(void)state;
	(void)snprintf(name, sizeof(name), "budgets_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_budgets");
	world.connection = sql_connect(world.conninfo, NULL);
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	return 0;
}

static struct process *
start(const char *settings)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	char text[1024];
	char *config;
	struct process *daemon;

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"1s\"; %s };\n", world.conninfo, settings);
	config = temp_write("budgets.cfg", text);
	daemon = process_start((const char *[]){program, "--config", config, NULL}, NULL);
	free(config);
	if (!process_await_output(daemon, "ready", PATIENCE_MS))
		fail_msg("daypartd is not ready");
	return daemon;
}

static void
stop(struct process **daemon, int signal)
{
	struct process_result result;

	process_signal(*daemon, signal);
	result = process_wait(daemon);
	if (signal == SIGTERM && result.exit_code != 0)
		fail_msg("%s", result.err);
	process_result_free(&result);
}

static int
campaign(const char *name, const char *sender, const char *catch_up)
{
	return fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = name, .sender = sender, .catch_up = catch_up});
}

/* The class of a region as if it had been planned under that rulebook. */
static void
judge_class(const struct parsed_law *parsed, const char *region)
{
	static const char *const zone = "America/New_York";
	const struct class_facts facts = {
		.regions = &region, .region_count = 1, .zones = &zone, .zone_count = 1, .category = CATEGORY_MARKETING, .channel = CHANNEL_SMS};
	struct law law = LAW_INIT;
	struct err err = ERR_INIT;

	if (law_merge(parsed->rulebook, &facts, &law, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	fixture_execute(world.connection, "UPDATE class SET terms_hash = %lld WHERE regions = '{%s}'",
		(long long)law_terms_hash(parsed->rulebook, &law), region);
	law_free(&law);
}

/* Makes a rulebook active, and what is in the queue planned under it. */
static void
set_rulebook(const char *text)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct parsed_law parsed = PARSED_LAW_INIT;
	struct err err = ERR_INIT;

	if (law_texts_add(&texts, "house.cfg", text, &err) != STATUS_OK || law_parse(&texts, NULL, NULL, &parsed, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	fixture_slots_rulebook(world.connection, text);
	judge_class(&parsed, "US-NY");
	judge_class(&parsed, "MX");
	parsed_law_free(&parsed);
	law_texts_free(&texts);
}

/* Due since an hour. */
static void
add(int run, int count, const char *not_after)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = count, .due = "-1h", .not_after = not_after});
}

/* What a campaign depends on has changed; its slots are taken for planned anew. */
static void
change_senders(const char *change)
{
	fixture_execute(world.connection, "UPDATE sender SET %s", change);
	fixture_execute(world.connection,
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = r.campaign_id");
}

static void
await(int64_t expected, const char *query)
{
	if (!fixture_await(world.connection, expected, PATIENCE_MS, query))
		fail_msg("not %lld but %lld: %s", (long long)expected, (long long)fixture_number(world.connection, "%s", query), query);
}

static void
expect(const char *query, const char *expected)
{
	sql_expect(world.connection, query, expected);
}

/* Tests ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_backlog_leaves_within_a_limit_that_was_lowered(void **state)
{
	struct process *daemon;

	(void)state;
	add(campaign("spring", "north", "drop"), 30, "1d");
	change_senders("daily_limit = 10");
	daemon = start("");
	await(1, WAITING);
	expect(RELEASED, "10");
	expect("SELECT count(*) FROM slot", "20");
	expect("SELECT sum(messages), bool_and(since = quarter_of(since)) FROM lane_sent", "10|t");
	stop(&daemon, SIGTERM);
}

static void
what_left_before_there_was_a_limit_counts(void **state)
{
	const int run = campaign("spring", "north", "drop");
	struct process *daemon;

	(void)state;
	add(run, 6, "1d");
	daemon = start("");
	await(6, RELEASED);
	expect("SELECT count(*) FROM lane_sent", "0");
	change_senders("daily_limit = 10");
	add(run, 30, "1d");
	await(1, WAITING);
	expect(RELEASED, "10");
	stop(&daemon, SIGTERM);
}

static void
who_waits_too_long_goes_by_the_catch_up_policy(void **state)
{
	struct process *daemon;

	(void)state;
	add(campaign("spring", "north", "drop"), 8, "1d");
	add(campaign("summer", "north", "next_window"), 8, "4s");
	add(campaign("autumn", "north", "drop"), 8, "4s");
	change_senders("daily_limit = 4");
	daemon = start("commit_margin = \"3s\";");
	await(1, WAITING);
	fixture_execute(world.connection, "SELECT pg_sleep(3)");
	stop(&daemon, SIGTERM);
	daemon = start("commit_margin = \"3s\";");
	await(0, "SELECT count(*) FROM slot WHERE not_after < clock_timestamp() + interval '1 hour'");
	expect(RELEASED, "4");
	expect(
		"SELECT count(*) > 0, count(*) FILTER (WHERE r.outcome = 'expired') = count(*) FROM release AS r JOIN campaign_run USING (run_id)"
		" JOIN campaign AS c USING (campaign_id) WHERE c.name = 'autumn' AND r.outcome <> 'handed_over'",
		"t|t");
	expect("SELECT DISTINCT r.name, s.kind FROM suppressed AS s JOIN reason AS r USING (reason)", "missed|held");
	stop(&daemon, SIGTERM);
}

static void
room_is_used_when_it_comes(void **state)
{
	struct process *daemon;

	(void)state;
	add(campaign("spring", "north", "drop"), 30, "1d");
	change_senders("daily_limit = 10");
	daemon = start("");
	await(1, WAITING);
	change_senders("daily_limit = 25");
	await(25, RELEASED);
	await(1, WAITING);
	expect(RELEASED, "25");
	stop(&daemon, SIGTERM);
}

/* Twelve people of Mexico are in the middle of thirty of the United States, of whom five may get a message. */
static void
what_a_limit_does_not_count_leaves(void **state)
{
	const int run = campaign("spring", "north", "drop");
	struct process *daemon;

	(void)state;
	add(run, 42, "1d");
	fixture_execute(world.connection,
		"INSERT INTO class (regions, zones, category, channel, rulebook_id, regimes, zone_hashes, hashed_from, hashed_until)"
		" SELECT '{MX}', zones, category, channel, rulebook_id, regimes, zone_hashes, hashed_from, hashed_until FROM class;"
		"UPDATE slot SET class_id = (SELECT class_id FROM class WHERE regions = '{MX}')"
		" WHERE recipient_id IN (SELECT public.fixture_person(%d, k) FROM generate_series(10, 21) AS k)",
		run);
	set_rulebook(DAY_OF("5"));
	daemon = start("batch = 4;");
	await(17, RELEASED);
	await(1, WAITING);
	expect("SELECT array_to_string(class.regions, ' '), sum(messages) FROM lane_sent JOIN class USING (class_id) GROUP BY 1 ORDER BY 1",
		"MX|12\nUS-NY|5");
	expect("SELECT count(*), count(DISTINCT class_id) FROM slot", "25|1");
	stop(&daemon, SIGTERM);
}

static void
a_dated_limit_counts_from_its_day_on(void **state)
{
	struct process *daemon;

	(void)state;
	add(campaign("spring", "north", "drop"), 30, "1d");
	fixture_execute(world.connection,
		"INSERT INTO sender_limit SELECT 'north', current_date + d, n FROM (VALUES (-400, 3), (-5, 7), (300, NULL)) AS t (d, n)");
	change_senders("daily_limit = 20");
	daemon = start("");
	await(1, WAITING);
	expect(RELEASED, "7");
	expect("SELECT budget_left, budget_rule FROM lane_block", "0|");
	stop(&daemon, SIGTERM);
}

/* Lanes of both daemons take of one budget; what the dead one has taken comes back when its lanes have another holder. */
static void
two_daemons_share_a_portfolio_and_one_is_killed(void **state)
{
	static const char *const senders[] = {"north", "south", "east", "west"};
	struct process *first, *second;

	(void)state;
	for (int i = 0; i < 4; i++)
		add(campaign(senders[i], senders[i], "drop"), 200, "1d");
	set_rulebook(PORTFOLIO_OF("200"));
	change_senders("portfolio = 'everything', throughput_per_s = 40");
	first = start("batch = 3;");
	second = start("batch = 3;");
	await(2, "SELECT count(*) FROM release_daemon");
	await(1, "SELECT (count(*) >= 30)::int FROM release WHERE outcome = 'handed_over'");
	stop(&first, SIGKILL);
	await(200, RELEASED);
	await(4, WAITING);
	expect(RELEASED, "200");
	expect("SELECT count(DISTINCT lane) > 1, sum(messages) FROM lane_sent", "t|200");
	stop(&second, SIGTERM);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)
	const struct CMUnitTest tests[] = {
		TEST(a_backlog_leaves_within_a_limit_that_was_lowered),
		TEST(what_left_before_there_was_a_limit_counts),
		TEST(who_waits_too_long_goes_by_the_catch_up_policy),
		TEST(room_is_used_when_it_comes),
		TEST(what_a_limit_does_not_count_leaves),
		TEST(a_dated_limit_counts_from_its_day_on),
		TEST(two_daemons_share_a_portfolio_and_one_is_killed),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
