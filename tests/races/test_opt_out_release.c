/*
 * Opt-out to last possible release, with real daemons at work: hundreds of people opt out within milliseconds of the instant at which their message is
 * due. Who came first is what the server says: the timestamps of the commits, in whose order the row locks of slot make them.
 *
 * Sink outbox: no release of a person commits after the opt-out of that person, whenever its claim began. Sink http: what was read for the wire before
 * the opt-out may still reach the provider, for a second at most (flight.h) and as long as its request takes. Both print how close it was.
 *
 * DAYPART_TORTURE_ROUNDS: how often, instead of once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/provider.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"
#include "tests/support/strike.h"
#include "tests/support/temp.h"

enum {
	SENDERS = 2,
	DAEMONS = 2,
	PEOPLE = 1000, /* of a sender */
	SPACING_US = 2000,
	AHEAD_US = 1500 * 1000, /* the first is due that long after the slots are there */
	LEAVERS = 4,            /* sessions in which people opt out */
	BEFORE_US = 12 * 1000,  /* the instant at which the message is due; and after it, which a provider hears of later than an outbox: */
	AFTER_OUTBOX_US = 20 * 1000,
	AFTER_HTTP_US = 100 * 1000,
	PATIENCE_MS = 60 * 1000,
	TEXT = 2048
};

static struct {
	struct pg_cluster *cluster;
	struct random_source random;
	char *conninfo;
	PGconn *connection;
	struct provider *provider;
	struct process *daemons[DAEMONS];
	int64_t first_us; /* when the first message is due, by strike_clock_us */
} world;

/* People are real ones, because an opt-out comes with a number. */
static const char people[] =
	"CREATE FUNCTION public.phone(sender int, k int) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$ SELECT 4917139000000 + sender * 10000 + k "
	"$$;"
	"CREATE TABLE public.person AS SELECT sender, k, public.phone(sender, k) AS phone, person_id(public.phone(sender, k)) AS id "
	"FROM generate_series(1, %d) AS sender, generate_series(0, %d) AS k;"
	"INSERT INTO recipient (recipient_id, phone, added_at, bucket) SELECT id, phone, now(), bucket_of(id) FROM public.person;"
	"INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket) "
	"SELECT id, '2026-01-01Z', 1, 1023, 'sms', 'marketing', 'granted', bucket_of(id) FROM public.person";

static const char slots[] =
	"INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part) "
	"SELECT id, now() + (%d + k * %d) * interval '1 us', now() + interval '1h', run_id, class_id, 1, bucket_of(id), sender_id, 0 "
	"FROM public.person JOIN campaign_run ON sender_id = sender JOIN public.fixture_class USING (run_id) ORDER BY k";

/* By the order of commits: late < 0, the release came before the opt-out by so much. */
static const char races[] = "CREATE VIEW public.race AS SELECT r.recipient_id, extract(epoch FROM pg_xact_commit_timestamp(r.xmin) - "
							"pg_xact_commit_timestamp(s.xmin)) AS "
							"late FROM release AS r JOIN suppression AS s USING (bucket, recipient_id) WHERE r.outcome = 'handed_over';"
							"CREATE TABLE public.request (recipient_id bigint, at timestamptz)";

static int
open_world(void **state)
{
	(void)state;
	world.random = random_start("opt_out_release");
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true, .settings = "track_commit_timestamp = on\n"});
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
start_daemon(int i)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	char name[32], http[512] = "", text[TEXT], *config;
	const char *argv[] = {program, "--config", NULL, NULL}, *env[] = {"DAYPART_TEST_TOKEN=t0ken", "no_proxy=*", NULL};

	if (world.provider != NULL)
		(void)snprintf(http, sizeof(http),
			"sink = \"http\"; http = { format = \"webhook\"; url = \"%s/in\"; token = \"env:DAYPART_TEST_TOKEN\"; };",
			provider_url(world.provider));
	(void)snprintf(
		text, sizeof(text), "database = \"%s\";\nrelease = { workers = 2; poll = \"1s\"; lease = \"15s\"; %s };\n", world.conninfo, http);
	(void)snprintf(name, sizeof(name), "daypartd-%d.cfg", i);
	argv[2] = config = temp_write(name, text);
	world.daemons[i] = process_start(argv, &(struct process_options){.env = env});
	free(config);
}

static void
open_queue(const char *name)
{
	world.conninfo = fixture_slots_database(world.cluster, name, false);
	world.connection = sql_connect(world.conninfo, NULL);
	for (int i = 0; i < SENDERS; i++) {
		char sender[16];

		(void)snprintf(sender, sizeof(sender), "s%d", i);
		fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = sender, .sender = sender});
	}
	fixture_execute(world.connection, people, SENDERS, PEOPLE - 1);
	sql_run(world.connection, races);
	for (int i = 0; i < DAEMONS; i++)
		start_daemon(i);
	for (int i = 0; i < DAEMONS; i++)
		assert_true(process_await_output(world.daemons[i], "ready", PATIENCE_MS));
	world.first_us = strike_clock_us() + AHEAD_US;
	fixture_execute(world.connection, slots, AHEAD_US, SPACING_US);
	sql_run(world.connection, "NOTIFY daypart");
}

static void
close_queue(void)
{
	for (int i = 0; i < DAEMONS; i++) {
		struct process_result result;

		process_signal(world.daemons[i], SIGTERM);
		result = process_wait(&world.daemons[i]);
		if (result.exit_code != 0)
			fail_msg("daemon %d: %s", i, result.err);
		process_result_free(&result);
	}
	PQfinish(world.connection);
	free(world.conninfo);
}

/* Leaving ----------------------------------------------------------------------------------------------------------------------------------- */

struct leaver {
	pthread_t thread;
	PGconn *connection;
	struct random_source random;
	int number, refused;
};

/* Each of the people of a leaver once, around the instant at which the message of that one is due; who is overtaken by the clock is left out. */
static void *
people_leave(void *context)
{
	struct leaver *leaver = context;
	const int64_t after_us = world.provider != NULL ? AFTER_HTTP_US : AFTER_OUTBOX_US;

	for (int k = leaver->number; k < PEOPLE; k += LEAVERS) {
		const int64_t at_us = world.first_us + (int64_t)k * SPACING_US + random_between(&leaver->random, -BEFORE_US, after_us);
		const int64_t left_us = at_us - strike_clock_us();
		char statement[TEXT];
		PGresult *result;

		if (left_us < -BEFORE_US)
			continue;
		if (left_us > 0)
			nanosleep(&(struct timespec){.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000}, NULL);
		(void)snprintf(statement, sizeof(statement), "SELECT opt_out('+' || public.phone(%d, %d))", 1 + k / LEAVERS % SENDERS, k);
		result = PQexec(leaver->connection, statement);
		leaver->refused += PQresultStatus(result) != PGRES_TUPLES_OK;
		PQclear(result);
	}
	return NULL;
}

static void
let_people_leave(void)
{
	struct leaver leavers[LEAVERS];

	for (int i = 0; i < LEAVERS; i++) {
		leavers[i] = (struct leaver){.connection = sql_connect(world.conninfo, NULL), .random = {random_next(&world.random)}, .number = i};
		assert_int_equal(pthread_create(&leavers[i].thread, NULL, people_leave, &leavers[i]), 0);
	}
	for (int i = 0; i < LEAVERS; i++) {
		assert_int_equal(pthread_join(leavers[i].thread, NULL), 0);
		assert_int_equal(leavers[i].refused, 0);
		PQfinish(leavers[i].connection);
	}
	assert_true(fixture_await(world.connection, 0, PATIENCE_MS, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)"));
}

/* Both happened: people who were in time, and people who were too late. */
static void
expect_races(const char *sink)
{
	const int64_t opted_out = fixture_number(world.connection, "SELECT count(*) FROM suppression");
	const int64_t too_late = fixture_number(world.connection, "SELECT count(*) FROM public.race");
	char *const near = sql_text(world.connection,
		"SELECT format('%s within 5 ms; the last %s ms before its opt-out, half of them within %s ms', count(*) FILTER (WHERE late > "
		"-0.005), "
		"round(-1000 * max(late), 3), round(-1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY late)::numeric, 3)) FROM public.race WHERE "
		"late <= 0");

	print_message("sink %s: %" PRId64 " opt-outs, in time %" PRId64 ", after the release %" PRId64 ": %s\n", sink, opted_out,
		opted_out - too_late, too_late, near);
	free(near);
	assert_true(too_late > 0 && opted_out > too_late);
}

static void
nothing_is_released_to_the_outbox_after_an_opt_out(void **state)
{
	const int rounds = random_rounds(1);

	(void)state;
	for (int round = 1; round <= rounds; round++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "outbox_%d", round);
		open_queue(name);
		let_people_leave();
		expect_races("outbox");
		sql_expect(world.connection, "SELECT * FROM public.race WHERE late > 0", "");
		sql_expect(world.connection,
			"SELECT o.recipient_id FROM outbox AS o JOIN suppression AS s USING (bucket, recipient_id) "
			"WHERE pg_xact_commit_timestamp(o.xmin) > pg_xact_commit_timestamp(s.xmin)",
			"");
		close_queue();
	}
}

/* Requests ---------------------------------------------------------------------------------------------------------------------------------- */

static void
copy_requests(void)
{
	const size_t count = provider_request_count(world.provider);

	sql_run(world.connection, "BEGIN");
	for (size_t i = 0; i < count; i++) {
		const struct provider_record record = provider_record(world.provider, i);

		fixture_execute(world.connection,
			"INSERT INTO public.request VALUES (split_part('%s', ':', 3)::bigint, timestamptz 'epoch' + %" PRId64 " * interval '1 us')",
			record.key, record.at.us);
	}
	sql_run(world.connection, "COMMIT");
}

/* A second since it was read, and a second for the wire, which is here. */
static void
what_reaches_a_provider_after_an_opt_out_was_read_before(void **state)
{
	char *late;

	(void)state;
	world.provider = provider_open(&(struct provider_options){.script = NULL});
	open_queue("http");
	let_people_leave();
	copy_requests();
	late = sql_text(world.connection,
		"SELECT format('%s reached the provider, %s of them after the commit of the opt-out, the last %s ms after it', count(*), count(*) "
		"FILTER "
		"(WHERE late > 0), round(1000 * greatest(max(late), 0), 3)) FROM (SELECT extract(epoch FROM r.at - "
		"pg_xact_commit_timestamp(s.xmin)) AS late FROM "
		"public.request AS r JOIN suppression AS s USING (recipient_id)) AS sent");
	print_message("sink http: %" PRId64 " opt-outs, %s\n", fixture_number(world.connection, "SELECT count(*) FROM suppression"), late);
	free(late);
	sql_expect(world.connection,
		"SELECT r.recipient_id, r.at, pg_xact_commit_timestamp(s.xmin) FROM public.request AS r JOIN suppression AS s USING (recipient_id) "
		"WHERE r.at > pg_xact_commit_timestamp(s.xmin) + interval '2 s'",
		"");
	close_queue();
	provider_close(&world.provider);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_released_to_the_outbox_after_an_opt_out),
		cmocka_unit_test(what_reaches_a_provider_after_an_opt_out_was_read_before),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
