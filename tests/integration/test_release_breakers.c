/*
 * Breakers and the programs: rates that real releases and opt-outs drive trip before the limit, at the gate and in the plan, and somebody resumes them.
 * test_breakers.c has what the database does by itself.
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

#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/plan_world.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 30 * 1000 };

/* Two opt-outs among twenty messages are as many as may be. */
static const char rules[] =
	"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2099-12-31\"; breakers = ("
	"{ id = \"house.opt_outs\"; source = \"house\"; strength = \"must\"; categories = \"all\"; channels = [\"sms\"]; metric = "
	"\"opt_out_rate\";"
	"  scope = \"sender\"; limit = \"10%\"; warn_at = \"5%\"; min_samples = 20; per = \"30d\"; },"
	"{ id = \"house.complaints\"; source = \"house\"; strength = \"must\"; categories = \"all\"; metric = \"complaint_count\"; scope = "
	"\"campaign\";"
	"  limit = 3; per = \"30d\"; } );";

/* daypartd ------------------------------------------------------------------------------------------------------------------------------------ */

struct release_world {
	struct pg_cluster *cluster;
	char *conninfo, *config;
	PGconn *connection;
};

static int
open_release(void **state)
{
	static struct release_world world;
	char text[1024];

	world.cluster = pg_cluster_start(NULL);
	world.conninfo = fixture_slots_database(world.cluster, "breakers", false);
	world.connection = sql_connect(world.conninfo, NULL);
	fixture_slots_rulebook(world.connection, rules);
	(void)snprintf(
		text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"10m\"; };\n", world.conninfo); /* whatever is said is heard */
	world.config = temp_write("daypart.cfg", text);
	*state = &world;
	return 0;
}

static int
close_release(void **state)
{
	struct release_world *world = *state;

	PQfinish(world->connection);
	free(world->conninfo);
	free(world->config);
	pg_cluster_stop(&world->cluster);
	return 0;
}

static struct process *
start_daemon(const struct release_world *world)
{
	const char *argv[] = {DAYPART_BUILD_DIR "/daypartd", "--config", world->config, NULL};
	struct process *daemon = process_start(argv, NULL);

	assert_true(process_await_output(daemon, "ready", PATIENCE_MS));
	return daemon;
}

static void
stop_daemon(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGTERM);
	result = process_wait(daemon);
	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

static void
await(const struct release_world *world, int64_t expected, const char *query)
{
	if (!fixture_await(world->connection, expected, PATIENCE_MS, query))
		fail_msg("%s is not %lld", query, (long long)expected);
}

static void
add_due(const struct release_world *world, int run, int count)
{
	fixture_slots_add(world->connection, &(struct fixture_slots){.run = run, .count = count, .due = "-1s", .not_after = "1h"});
	sql_run(world->connection, "NOTIFY daypart");
}

/* As opt_out() does it; the fixture's people have no number. */
static void
opt_out(const struct release_world *world, int run, int k)
{
	fixture_execute(world->connection,
		"INSERT INTO suppression SELECT id, clock_timestamp(), 0, bucket_of(id), 'all', 'all' FROM (SELECT %lld::bigint) AS p (id); NOTIFY "
		"daypart, 'said'",
		(long long)fixture_person(world->connection, run, k));
}

/* As withdraw_consent() does it. */
static void
withdraw(const struct release_world *world, int run, int k)
{
	fixture_execute(world->connection,
		"INSERT INTO consent_event (recipient_id, recorded_at, given_at, business_id, channel, category, state, bucket, digest)"
		" SELECT id, now(), clock_timestamp(), business_id, 'sms', 'marketing', 'withdrawn', bucket_of(id), 'x'"
		" FROM (SELECT %lld::bigint) AS p (id), campaign_run WHERE run_id = %d; NOTIFY daypart, 'said'",
		(long long)fixture_person(world->connection, run, k), run);
}

#define HELD "SELECT count(*) FROM suppressed JOIN reason USING (reason) WHERE name = 'breaker' AND rule = 'house.opt_outs'"
#define TRIPPED "SELECT count(*) FROM breaker_state WHERE tripped"

static void
expect_daypart(const struct release_world *world, const char *line, int exit_code, const char *part)
{
	struct process_result result = daypart_run(world->conninfo, line);

	if (result.exit_code != exit_code || (strstr(result.out, part) == NULL && strstr(result.err, part) == NULL))
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

static void
opt_outs_stop_a_sender_before_the_limit(void **state)
{
	const struct release_world *world = *state;
	const int run = fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
	const int late = fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "late spring", .sender = "north"});
	const int other = fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "summer", .sender = "south"});
	struct process *daemon = start_daemon(world);
	int again;

	add_due(world, run, 20);
	await(world, 20, "SELECT count(*) FROM release");
	opt_out(world, run, 1);
	await(world, 1, "SELECT count(*) FROM breaker_event WHERE change = 'warned'");
	sql_expect(world->connection, TRIPPED, "0");
	withdraw(world, run, 2);
	await(world, 1, TRIPPED);
	assert_true(process_await_output(
		daemon, "sender \"north\" is stopped: 2 opt-outs among 20 messages within 30 days; the limit is 10 %", PATIENCE_MS));
	add_due(world, run, 5);
	add_due(world, other, 5);
	await(world, 5, HELD);
	await(world, 25, "SELECT count(*) FROM release"); /* the other sender goes on */
	sql_expect(world->connection, "SELECT opt_outs, sent, tripped FROM sender_health WHERE sender = 'north'", "2|20|house.opt_outs");
	expect_daypart(world, "status", 1, "daypart resume --sender north --reason TEXT");

	expect_daypart(world, "resume --sender north", 64, "--reason is missing");
	expect_daypart(world, "resume --sender north --reason mended --rule another", 65, "has no breaker that tripped by rule another");
	expect_daypart(world, "resume --sender north --template hello --reason mended", 64, "one thing at a time");
	expect_daypart(world, "resume --sender north --reason mended", 0, "house.opt_outs");
	sql_expect(world->connection, TRIPPED, "0");
	add_due(world, late, 5); /* of a plan before the resume */
	await(world, 5, "SELECT count(*) FROM suppressed JOIN reason USING (reason) WHERE name = 'campaign_changed'");
	again = fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "next spring", .sender = "north"});
	add_due(world, again, 15);
	await(world, 40, "SELECT count(*) FROM release WHERE outcome = 'handed_over'");

	/* Three among 35 may be, a fourth would be too many: the next opt-out arms it again, and trips it. */
	opt_out(world, run, 3);
	await(world, 1, TRIPPED);
	stop_daemon(&daemon);
	sql_expect(world->connection, "SELECT string_agg(change::text, ' ' ORDER BY recorded_at) FROM breaker_event",
		"warned tripped resumed tripped");
}

static void
complaints_stop_a_campaign_and_daypart_feedback_tells_them(void **state)
{
	const struct release_world *world = *state;
	const int run = fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "autumn", .sender = "east"});
	struct process *daemon = start_daemon(world);
	char line[512], *file;

	add_due(world, run, 5);
	await(
		world, 5, "SELECT count(*) FROM release JOIN campaign_run USING (run_id) JOIN campaign USING (campaign_id) WHERE name = 'autumn'");
	file = temp_write("feedback.csv",
		"sender,kind,at,campaign,rating,reference\n"
		"east,complaint,2026-01-01T00:00:00Z,autumn,,old\n"
		"east,complaint,not yet,autumn,,a\n"
		"west,complaint,2026-01-01T00:00:00Z,,,b\n"
		"east,rating,2026-01-01T00:00:00Z,,blue,c\n"
		"east,complaint,2026-01-01T00:00:00Z,autumn,,old\n");
	(void)snprintf(line, sizeof(line), "import feedback %s", file);
	expect_daypart(world, line, 65, "feedback     5    1        0          1         3");
	free(file);
	sql_expect(world->connection, "SELECT kind, reference FROM feedback", "complaint|old"); /* beyond the 30 days */
	sql_run(world->connection,
		"SELECT record_feedback('east', 'complaint', campaign => 'autumn', reference => n) FROM unnest('{x,y,z}'::text[]) AS n");
	await(world, 1, "SELECT count(*) FROM breaker_state WHERE scope = 'campaign' AND name = 'autumn' AND tripped");
	add_due(world, run, 2);
	await(world, 2, "SELECT count(*) FROM suppressed JOIN reason USING (reason) WHERE name = 'breaker' AND rule = 'house.complaints'");
	expect_daypart(world, "resume --of-campaign autumn --reason asked", 0, "autumn");
	stop_daemon(&daemon);
}

/* A sender that is barred: CSV, gate, status, and no way back. */
static void
a_terminated_sender_stops_all_of_the_business_on_the_channel(void **state)
{
	const struct release_world *world = *state;
	const int run = fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "winter", .sender = "west"});
	struct process *daemon = start_daemon(world);
	char line[512],
		*file = temp_write("states.csv",
			"sender,state,since,blacklisted_until,reason\n"
			"south,terminated,2026-11-01,,letter of the network\n"
			"north,blacklisted,2026-11-01,,no end\n");

	(void)snprintf(line, sizeof(line), "import sender-states %s", file);
	expect_daypart(world, line, 65, "sender-states     2    1        0          0         1");
	free(file);
	add_due(world, run, 3);
	await(world, 3, "SELECT count(*) FROM suppressed JOIN reason USING (reason) WHERE name = 'sender_barred' AND rule = 'terminated'");
	stop_daemon(&daemon);
	expect_daypart(world, "status", 1, "west is terminated: winter");
	sql_expect_error(
		world->connection, "SELECT lift_blacklisting('south', 'please')", &(struct sql_error){"22023", "was terminated", "final"});
}

/* daypart plan ---------------------------------------------------------------------------------------------------------------------------------- */

#define NIGHT "--now 2026-11-23T02:30:00Z plan"

static void
the_plan_holds_everybody_until_it_is_resumed(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bia', '+5511900000001', 'BR-SP'), opt_out('+12125550199'),"
		"	campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "2");
	sql_run(world->connection,
		"SET daypart.now = '2026-11-23T02:00Z';"
		"SELECT record_feedback(name, 'rating', '2026-11-23T02:00Z', rating => 'red') FROM sender WHERE channel = 'whatsapp'");
	plan_world_fail(world, NIGHT, 0, "is stopped: rated red; no worse than green is right [whatsapp.breaker.quality]");
	plan_world_expect(world, "sale", "ana|breaker\nbia|breaker");
	sql_expect(world->connection, "SELECT DISTINCT rule, kind FROM suppressed", "whatsapp.breaker.quality|held");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	plan_world_run(world, "-q " NIGHT); /* with nothing changed nobody is looked at */
	sql_expect(world->connection, "SELECT count(*) FROM plan_run", "2");
	sql_run(world->connection, "SELECT resume_breaker(scope::text, name, 'the rating was of another template') FROM breaker_state");
	plan_world_make(world, "--now 2026-11-23T02:40:00Z plan");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "2");
	sql_expect(world->connection, "SELECT count(*) FROM suppressed", "0");
}

static void
the_plan_obeys_a_blacklisting_until_its_end(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-23T03:00Z', '2026-11-30T00:00Z');"
		"INSERT INTO sender_state (sender, state, since, blacklisted_until, reason)"
		"	SELECT sender, 'blacklisted', '2026-11-20', '2026-11-25', 'letter' FROM campaign");
	plan_world_run(world, "-q " NIGHT);
	plan_world_expect(world, "sale", "ana|sender_barred");
	plan_world_run(world, "-q --now 2026-11-25T11:00:00Z plan");
	plan_world_expect(world, "sale", "ana|sender_barred");
	plan_world_run(world, "-q --now 2026-11-25T13:00:00Z plan"); /* nothing but the time has changed */
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
}

int
main(void)
{
	const struct CMUnitTest releases[] = {
		cmocka_unit_test(opt_outs_stop_a_sender_before_the_limit),
		cmocka_unit_test(complaints_stop_a_campaign_and_daypart_feedback_tells_them),
		cmocka_unit_test(a_terminated_sender_stops_all_of_the_business_on_the_channel),
	};
	const struct CMUnitTest plans[] = {
		PLAN_WORLD_TEST(the_plan_holds_everybody_until_it_is_resumed),
		PLAN_WORLD_TEST(the_plan_obeys_a_blacklisting_until_its_end),
	};
	const int failed = cmocka_run_group_tests(releases, open_release, close_release);

	return cmocka_run_group_tests(plans, plan_world_start, plan_world_stop) + failed != 0;
}
