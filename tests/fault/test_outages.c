/*
 * Two daemons on one database, each behind a bad network of its own, are killed, paused longer than their lease, cut off, stalled, and not told that
 * their statement was done, while their server crashes now and then, and the provider fails in every way that REGULATIONS.md 2.10 knows. Afterwards
 * the queue, the ledger and the provider's own record must agree: nobody lost, nobody twice, nothing early, nothing late, nothing too fast.
 *
 * A round makes a campaign with a sender of its own, so that what a provider stops is one round's, and strikes once while its messages leave. What
 * strikes whom, and when, is drawn by lot. Rounds make a chapter, which has a database; at its end all is made well and left to settle.
 *
 * DAYPART_TORTURE_ROUNDS: rounds of each sink, instead of 5 and 6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "planner/core/mix.h"
#include "sql_embedded.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_proxy.h"
#include "tests/support/provider.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"
#include "tests/support/strike.h"
#include "tests/support/temp.h"

enum {
	OUTBOX_ROUNDS = 5,
	HTTP_ROUNDS = 6,
	CHAPTER_ROUNDS = 20,
	DAEMONS = 2,
	SLOTS = 60,
	PACE = 40,                            /* messages a second of a sender: a round's take longer than a pause */
	PACE_MOST = PACE + PACE / 10 * 2 + 1, /* in any second: what is in the bucket at its begin, what comes, and a claim that was held up */
	LEASE_MS = 1000,
	PATIENCE_MS = 120 * 1000,
	STATEMENT_BYTES = 4096
};

/* What happens to one daemon or to the server. */
enum blow { BLOW_KILL, BLOW_PAUSE, BLOW_CUT, BLOW_STALL, BLOW_SWALLOW, BLOW_SERVER, BLOW_COUNT };
static const char *const blow_names[BLOW_COUNT] = {"kill", "pause", "cut", "stall", "swallow", "server"};
/* Statements whose replies get lost; those that the sink outbox has no use for at the end. */
static const char *const swallowed_names[] = {
	"release_claim", "lease_renew", "", "flight_take", "flight_settle", "flight_settle", "flight_ask"};
enum { SWALLOWED_OUTBOX = 3, SWALLOWED_HTTP = sizeof(swallowed_names) / sizeof(swallowed_names[0]) };

static struct {
	struct pg_cluster *cluster;
	struct random_source random;
	int databases;
	char *conninfo;
	PGconn *connection;
	struct provider *provider; /* NULL: the sink is outbox */
	atomic_bool provider_is_well;
	struct pg_proxy *proxies[DAEMONS];
	struct process *daemons[DAEMONS];
	int campaigns;
	int64_t slots; /* ever added to this database */
	size_t swallowed;
} world;

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static int
open_world(void **state)
{
	(void)state;
	world.random = random_start("outages");
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.durable = true, .own = true});
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static void
pause_ms(int64_t ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool
stops_more_than_its_message(const struct provider_step *step)
{
	switch (step->action) {
	case PROVIDER_STOP_CAMPAIGN:
	case PROVIDER_HOLD_TEMPLATE:
	case PROVIDER_CANCEL_TEMPLATE:
	case PROVIDER_STOP_SENDER:
	case PROVIDER_PAUSE_ACCOUNT:
	case PROVIDER_RETRY_ACCOUNT:
	case PROVIDER_LATE:
		return true;
	default:
		return false;
	}
}

/* One in four fails, a few of those in a way that stops others as well; the lot of a key does not depend on who comes first. */
static struct provider_step
fail_by_lot(const char *key, size_t times, void *context)
{
	uint64_t lot = mix64(*(const uint64_t *)context + times);
	const struct provider_step *step;

	for (const char *c = key; *c != '\0'; c++)
		lot = mix64(lot + (unsigned char)*c);
	step = &provider_steps[lot / 256 % provider_step_count];
	if (world.provider_is_well || lot % 4 != 0 || (stops_more_than_its_message(step) && lot % 256 >= 4))
		return (struct provider_step){.deed = DEED_TAKES};
	return *step;
}

static void
start_daemon(int i)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	static const char *const env[] = {"DAYPART_TEST_TOKEN=t0ken", "no_proxy=*", NULL};
	char name[32], text[2048], http[512] = "", *const conninfo = pg_proxy_conninfo(world.proxies[i], world.conninfo), *config;
	const char *argv[] = {program, "--config", NULL, NULL};

	if (world.provider != NULL)
		(void)snprintf(http, sizeof(http),
			"sink = \"http\"; http = { format = \"webhook\"; url = \"%s/in\"; status_url = \"%s/status/{key}\"; timeout = \"1s\"; token = "
			"\"env:DAYPART_TEST_TOKEN\"; };",
			provider_url(world.provider), provider_url(world.provider));
	(void)snprintf(text, sizeof(text),
		"database = \"%s\";\nrelease = { workers = 2; batch = 50; poll = \"1s\"; lease = \"%ds\"; drain = \"2s\"; %s };\n", conninfo,
		LEASE_MS / 1000, http);
	(void)snprintf(name, sizeof(name), "daypart-%d.cfg", i);
	argv[2] = config = temp_write(name, text);
	world.daemons[i] = process_start(argv, &(struct process_options){.env = env});
	free(config);
	free(conninfo);
}

static void
connect_again(void)
{
	PQfinish(world.connection);
	world.connection = sql_connect(world.conninfo, NULL);
}

static void
open_chapter(const uint64_t *seed)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "outages_%d", ++world.databases);
	world.conninfo = fixture_slots_database(world.cluster, name, false);
	world.connection = sql_connect(world.conninfo, NULL);
	fixture_execute(world.connection,
		"CREATE TABLE public.added (recipient_id bigint, run_id int, due_at timestamptz, not_after timestamptz);"
		"CREATE TABLE public.seen (n int, key text, at timestamptz, not_after text, taken boolean, deed int);"
		"CREATE VIEW public.seen_message AS SELECT *, split_part(key, ':', 2)::int AS run_id, split_part(key, ':', 3)::bigint AS "
		"recipient_id "
		"FROM public.seen");
	world.slots = 0;
	world.provider_is_well = false;
	if (seed != NULL)
		world.provider = provider_open(&(struct provider_options){.choose = fail_by_lot, .context = (void *)(uintptr_t)seed});
	for (int i = 0; i < DAEMONS; i++) {
		world.proxies[i] = pg_proxy_open(pg_cluster_host(world.cluster));
		start_daemon(i);
	}
	for (int i = 0; i < DAEMONS; i++)
		if (!process_await_output(world.daemons[i], "ready", PATIENCE_MS))
			fail_msg("daemon %d does not start:\n%s", i, process_wait(&world.daemons[i]).err);
}

static void
close_chapter(void)
{
	for (int i = 0; i < DAEMONS; i++)
		pg_proxy_close(&world.proxies[i]);
	if (world.provider != NULL)
		provider_close(&world.provider);
	PQfinish(world.connection);
	free(world.conninfo);
}

/* In one transaction, so that what was added is known before it can leave. */
static void
add_campaign(void)
{
	char name[32], pace[16];
	int run;

	(void)snprintf(name, sizeof(name), "c%d", ++world.campaigns);
	(void)snprintf(pace, sizeof(pace), "%d", PACE);
	fixture_execute(world.connection, "BEGIN");
	run = fixture_slots_campaign(world.connection,
		&(struct fixture_campaign){
			.name = name, .sender = name, .throughput = pace, .catch_up = random_chance(&world.random, 50) ? "drop" : "next_window"});
	fixture_execute(world.connection,
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by) "
		"VALUES ('%s', 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana');"
		"UPDATE sender SET portfolio = name WHERE name = '%s';"
		"UPDATE campaign SET template = '%s' WHERE name = '%s';"
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = r.campaign_id AND run_id "
		"= %d",
		name, name, name, name, run);
	fixture_slots_add(world.connection,
		&(struct fixture_slots){
			.run = run, .count = SLOTS, .due = "-300 ms", .spacing = "25 ms", .not_after = random_chance(&world.random, 70) ? "1h" : "5s"});
	fixture_execute(world.connection,
		"INSERT INTO public.added SELECT recipient_id, run_id, due_at, not_after FROM slot WHERE run_id = %d; COMMIT; NOTIFY daypart", run);
	world.slots += SLOTS;
}

/* Blows ------------------------------------------------------------------------------------------------------------------------------------- */

static void
end_killed(int i)
{
	struct process_result result;

	process_signal(world.daemons[i], SIGKILL);
	result = process_wait(&world.daemons[i]);
	process_result_free(&result);
}

/* The outage that it ended over is another's fault, and a service manager starts it again; anything else is its own. */
static void
restart_ended(void)
{
	for (int i = 0; i < DAEMONS; i++) {
		struct process_result result;

		if (!process_has_ended(world.daemons[i]))
			continue;
		result = process_wait(&world.daemons[i]);
		if (result.exit_code != 69 && result.exit_code != 75)
			fail_msg("daemon %d ended with %d, signal %d:\n%s", i, result.exit_code, result.signal, result.err);
		print_message("daemon %d ended with %d\n", i, result.exit_code);
		process_result_free(&result);
		start_daemon(i);
	}
}

static void
strike_daemon(enum blow blow, int i, int64_t length_ms)
{
	const char *name;

	switch (blow) {
	case BLOW_KILL:
		end_killed(i);
		start_daemon(i);
		break;
	case BLOW_PAUSE:
		process_signal(world.daemons[i], SIGSTOP);
		pause_ms(length_ms);
		process_signal(world.daemons[i], SIGCONT);
		break;
	case BLOW_CUT:
		pg_proxy_cut(world.proxies[i]);
		break;
	case BLOW_STALL:
		pg_proxy_stall(world.proxies[i], true);
		pause_ms(length_ms);
		if (random_chance(&world.random, 50))
			pg_proxy_cut(world.proxies[i]);
		pg_proxy_stall(world.proxies[i], false);
		break;
	case BLOW_SWALLOW:
		name = swallowed_names[random_below(&world.random, world.provider != NULL ? SWALLOWED_HTTP : SWALLOWED_OUTBOX)];
		print_message("... the reply to %s\n", name);
		pg_proxy_swallow(world.proxies[i], name);
		break;
	default:
		pg_cluster_restart(world.cluster, random_chance(&world.random, 70) ? PG_CLUSTER_IMMEDIATE : PG_CLUSTER_FAST);
		connect_again();
		break;
	}
}

static void
play_round(int round, enum blow blow)
{
	const int victim = (int)random_below(&world.random, DAEMONS);
	const int64_t delay_ms = random_between(&world.random, 0, 900);
	const int64_t length_ms = random_chance(&world.random, 70) ? random_between(&world.random, LEASE_MS + 200, LEASE_MS * 5 / 2)
															   : random_between(&world.random, 50, LEASE_MS);

	print_message("round %d: %s of daemon %d after %lld ms, if it lasts %lld ms\n", round, blow_names[blow], victim, (long long)delay_ms,
		(long long)length_ms);
	add_campaign();
	pause_ms(delay_ms);
	strike_daemon(blow, victim, length_ms);
	pause_ms(random_between(&world.random, 0, 300));
	restart_ended();
}

/* What holds afterwards --------------------------------------------------------------------------------------------------------------------- */

static void
expect_none(const char *what, const char *query)
{
	char *const rows = sql_text(world.connection, query);

	if (*rows != '\0')
		fail_msg("%s:\n%s", what, rows);
	free(rows);
}

/* About what people and plans write, of which the fixture writes only what a claim reads. */
static bool
is_of_others(const char *check)
{
	return strcmp(check, "consent_is_newest") == 0 || strcmp(check, "slot_references") == 0;
}

/* At any instant. */
static void
expect_nobody_lost(void)
{
	assert_int_equal(fixture_number(world.connection,
						 "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight) + (SELECT count(*) FROM release) + "
						 "(SELECT count(*) FROM suppressed)"),
		world.slots);
	for (size_t i = 0; i < sql_check_count; i++)
		if (!is_of_others(sql_checks[i].name))
			expect_none(sql_checks[i].name, sql_checks[i].text);
}

static void
copy_record(const struct provider_record *record, size_t i)
{
	fixture_execute(world.connection,
		"INSERT INTO public.seen VALUES (%zu, '%s', timestamptz 'epoch' + %lld * interval '1 us', nullif('%s', ''), %s, %d)", i,
		record->key, (long long)record->at.us, record->not_after, record->taken ? "true" : "false", (int)record->step.deed);
}

static void
copy_provider_record(void)
{
	const size_t count = world.provider != NULL ? provider_request_count(world.provider) : 0;

	fixture_execute(world.connection, "BEGIN; TRUNCATE public.seen");
	for (size_t i = 0; i < count; i++) {
		const struct provider_record record = provider_record(world.provider, i);

		copy_record(&record, i);
	}
	fixture_execute(world.connection, "COMMIT");
}

/* Due and free to leave, on its way, or uncertain though the provider can tell. What it never saw stays uncertain, for a person. */
static const char unsettled[] =
	"SELECT (SELECT count(*) FROM slot WHERE due_at < clock_timestamp()) + "
	"(SELECT count(*) FROM inflight AS i WHERE uncertain_at IS NULL OR EXISTS (SELECT FROM public.seen_message AS s "
	"WHERE (s.run_id, s.recipient_id) = (i.run_id, i.recipient_id)))";

/* A question waits for a minute before it is asked again, for which we do not wait. */
static void
settle_down(void)
{
	enum { STEP_MS = 500, ASKED_AGAIN_MS = 3000 };

	world.provider_is_well = true;
	for (int i = 0; i < DAEMONS; i++)
		pg_proxy_swallow(world.proxies[i], NULL);
	for (int waited = 0;; waited += STEP_MS) {
		restart_ended();
		copy_provider_record();
		if (fixture_number(world.connection, unsettled) == 0)
			return;
		if (waited >= PATIENCE_MS)
			fail_msg("it does not settle:\n%s",
				sql_text(world.connection,
					"SELECT 'slot', to_jsonb(s) FROM slot AS s UNION ALL SELECT 'inflight', to_jsonb(i) FROM inflight AS i LIMIT 20"));
		fixture_execute(
			world.connection, "UPDATE inflight SET asked_at = NULL WHERE asked_at < clock_timestamp() - interval '%d ms'", ASKED_AGAIN_MS);
		pause_ms(STEP_MS);
	}
}

static void
end_well(int i)
{
	struct process_result result;

	assert_true(process_await_output(world.daemons[i], "ready", PATIENCE_MS));
	process_signal(world.daemons[i], SIGTERM);
	result = process_wait(&world.daemons[i]);
	if (result.exit_code != 0)
		fail_msg("daemon %d ended with %d, signal %d:\n%s", i, result.exit_code, result.signal, result.err);
	process_result_free(&result);
}

static void
expect_pace_and_hours(void)
{
	char query[STATEMENT_BYTES];

	expect_none("released outside its time",
		"SELECT r.run_id, r.recipient_id, r.released_at, a.due_at, a.not_after FROM release AS r JOIN public.added AS a USING (run_id, "
		"recipient_id) "
		"WHERE r.outcome = 'handed_over' AND (r.released_at < a.due_at OR r.released_at >= a.not_after)");
	(void)snprintf(query, sizeof(query),
		"SELECT run_id, max(n) FROM (SELECT run_id, count(*) OVER (PARTITION BY run_id ORDER BY released_at RANGE BETWEEN '999 ms' "
		"PRECEDING "
		"AND CURRENT ROW) AS n FROM release WHERE outcome = 'handed_over') AS second WHERE n > %d GROUP BY run_id",
		PACE_MOST);
	expect_none("too many within a second", query);
}

static void
expect_outbox_is_ledger(void)
{
	expect_none("outbox and ledger differ",
		"SELECT run_id, recipient_id, r.outcome FROM (SELECT * FROM release WHERE outcome = 'handed_over') AS r "
		"FULL JOIN outbox AS o USING (bucket, run_id, recipient_id) WHERE r.outcome IS NULL OR o.run_id IS NULL");
}

static void
expect_provider_agrees(void)
{
	copy_provider_record();
	expect_none("sent again after the provider had it",
		"SELECT s.key, s.n, s.at, t.n, t.at, t.deed FROM public.seen AS s JOIN public.seen AS t USING (key) WHERE t.taken AND t.n < s.n");
	expect_none("reached the provider too late", "SELECT * FROM public.seen WHERE at >= not_after::timestamptz");
	expect_none("reached the provider outside its time",
		"SELECT s.* FROM public.seen_message AS s LEFT JOIN public.added AS a USING (run_id, recipient_id) WHERE (s.at >= a.due_at AND "
		"s.at < "
		"a.not_after) IS NOT TRUE");
	expect_none("handed over, and the provider has not got it",
		"SELECT run_id, recipient_id FROM release AS r WHERE outcome = 'handed_over' AND NOT EXISTS (SELECT FROM public.seen_message AS s "
		"WHERE "
		"(s.run_id, s.recipient_id) = (r.run_id, r.recipient_id) AND taken)");
	expect_none("taken by the provider, and not handed over",
		"SELECT s.key, s.deed, r.outcome FROM public.seen_message AS s LEFT JOIN release AS r USING (run_id, recipient_id) WHERE s.taken "
		"AND "
		"r.outcome IS DISTINCT FROM 'handed_over'");
}

static void
tell_places(void)
{
	char *const places = sql_text(world.connection,
		"SELECT string_agg(format('%s %s', n, place), ', ' ORDER BY place) FROM (SELECT place, count(*) AS n FROM (SELECT 'queued' AS "
		"place FROM "
		"slot UNION ALL SELECT 'uncertain' FROM inflight UNION ALL SELECT outcome::text FROM release UNION ALL SELECT kind::text FROM "
		"suppressed) AS p GROUP BY place) AS counted");

	print_message("%lld slots: %s; %zu replies of the server lost so far", (long long)world.slots, places, world.swallowed);
	if (world.provider != NULL)
		print_message("; %zu requests, %zu questions", provider_request_count(world.provider), provider_question_count(world.provider));
	print_message("\n");
	free(places);
}

static void
end_chapter(void)
{
	settle_down();
	for (int i = 0; i < DAEMONS; i++) {
		end_well(i);
		world.swallowed += pg_proxy_swallowed(world.proxies[i]);
	}
	tell_places();
	expect_nobody_lost();
	expect_pace_and_hours();
	if (world.provider == NULL)
		expect_outbox_is_ledger();
	else
		expect_provider_agrees();
}

/* The first rounds show each blow once. */
static void
torture(int rounds, bool http)
{
	for (int round = 0; round < rounds;) {
		const int last = round + CHAPTER_ROUNDS < rounds ? round + CHAPTER_ROUNDS : rounds;
		const uint64_t seed = random_next(&world.random);

		open_chapter(http ? &seed : NULL);
		for (; round < last; round++) {
			play_round(round, round < BLOW_COUNT ? (enum blow)round : (enum blow)random_below(&world.random, BLOW_COUNT));
			expect_nobody_lost();
		}
		end_chapter();
		close_chapter();
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
