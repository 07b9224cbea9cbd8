/*
 * daypartd with the sink http against a provider that fails in every way: what the ledger, the queue and the senders say afterwards, compared with
 * what the provider remembers. Each kind of answer has a campaign of its own, with a sender and a template that nobody else uses.
 *
 * Waiting is for a state of the database, with a generous limit that only a failure reaches.
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
#include <unistd.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/provider.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#define TRIPPED \
	"SELECT count(*) FROM breaker JOIN sender ON sender_id = subject_id WHERE scope = 'sender' AND resumed_at IS NULL AND name = " \
	"current_setting('test.name')"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { PATIENCE_MS = 60 * 1000 };

static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";

struct world {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};

static struct world world;

/* What comes of one answer. `fate`: queued, uncertain, or outcome or kind with its reason; "again": it is tried again, and perhaps was already. */
static const struct scene {
	struct provider_step step;
	const char *fate;
	const char *query, *answer; /* what else there is to see, of the campaign, sender and template */
} scenes[] = {
	{{DEED_TAKES, 0, 0, NULL, 0}, "handed_over", NULL, NULL},
	{{DEED_SLOW, 0, 0, NULL, 0}, "handed_over", NULL, NULL},
	{{DEED_SAYS, 421, 0, NULL, 0}, "again", NULL, NULL},
	{{DEED_SAYS, 429, 130429, NULL, 0}, "again", NULL, NULL},
	{{DEED_SAYS, 400, 131056, NULL, 0}, "again", NULL, NULL},
	{{DEED_SAYS, 400, 80007, NULL, 0}, "again", NULL, NULL},
	{{DEED_SAYS, 429, 0, "1", 0}, "again", NULL, NULL},
	{{DEED_SAYS, 503, 131016, NULL, 0}, "uncertain", NULL, NULL},
	{{DEED_FAILS_AFTER, 0, 0, NULL, 0}, "uncertain", NULL, NULL},
	{{DEED_CUTS_BEFORE, 0, 0, NULL, 0}, "uncertain", NULL, NULL},
	{{DEED_CUTS_AFTER, 0, 0, NULL, 0}, "uncertain", NULL, NULL},
	{{DEED_CUTS_MIDDLE, 0, 0, NULL, 0}, "uncertain", NULL, NULL},
	{{DEED_GARBAGE, 0, 0, NULL, 0}, "uncertain", NULL, NULL},
	{{DEED_SAYS, 400, 131049, NULL, 0}, "failed sink_refused", NULL, NULL},
	{{DEED_SAYS, 400, 131047, NULL, 0}, "failed sink_refused", NULL, NULL},
	{{DEED_SAYS, 422, 0, NULL, 0}, "failed sink_refused", NULL, NULL},
	{{DEED_SAYS, 400, 131026, NULL, 0}, "failed unreachable", NULL, NULL},
	{{DEED_SAYS, 400, 131050, NULL, 0}, "failed opted_out", "SELECT count(*) FROM suppression", "1"},
	{{DEED_SAYS, 400, 132000, NULL, 0}, "held campaign_paused", "SELECT status FROM campaign WHERE name = current_setting('test.name')",
		"paused"},
	{{DEED_SAYS, 400, 132015, NULL, 0}, "held template_not_approved",
		"SELECT status FROM template WHERE name = current_setting('test.name')", "paused"},
	{{DEED_SAYS, 400, 132016, NULL, 0}, "held template_not_approved",
		"SELECT status FROM template WHERE name = current_setting('test.name')", "disabled"},
	{{DEED_SAYS, 400, 131048, NULL, 0}, "held breaker", TRIPPED, "1"},
	{{DEED_SAYS, 400, 131042, NULL, 0}, "held breaker", TRIPPED, "1"},
	{{DEED_REDIRECTS, 0, 0, NULL, 0}, "held breaker", TRIPPED, "1"},
	{{DEED_SAYS, 400, 651, NULL, 0}, "held window_closed", TRIPPED, "1"},
};

/* World ----------------------------------------------------------------------------------------------------------------------------------- */

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_http", false));
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
open_database(const char *name)
{
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_http");
	world.connection = sql_connect(world.conninfo, NULL);
}

static void
close_database(void)
{
	PQfinish(world.connection);
	free(world.conninfo);
}

static struct process *
start_daemon(const struct provider *provider, const char *path, const char *http)
{
	static const char *const env[] = {"DAYPART_TEST_TOKEN=t0ken", "no_proxy=*", NULL};
	char text[2048], *config;
	const char *argv[] = {daypartd, "--config", NULL, NULL};
	struct process *daemon;

	snprintf(text, sizeof text,
		"database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"1s\"; sink = \"http\"; http = { url = \"%s%s\"; token = "
		"\"env:DAYPART_TEST_TOKEN\"; %s "
		"}; };\n",
		world.conninfo, provider_url(provider), path, http);
	argv[2] = config = temp_write("http.cfg", text);
	daemon = process_start(argv, &(struct process_options){.env = env});
	assert_true(process_await_output(daemon, "ready", PATIENCE_MS));
	free(config);
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
	assert_null(strstr(result.err, "t0ken"));
	process_result_free(&result);
}

/* A campaign, a sender of an account of its own and a template, all of one name, with people who are due. */
static int
make_campaign(const char *name, int people)
{
	const int run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = name, .sender = name});

	fixture_execute(world.connection,
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by) "
		"VALUES ('%s', 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana');"
		"UPDATE sender SET portfolio = name WHERE name = '%s';"
		"UPDATE campaign SET template = '%s' WHERE name = '%s';"
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = r.campaign_id AND "
		"r.run_id = %d",
		name, name, name, name, run);
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = people, .due = "-1s", .not_after = "1h"});
	return run;
}

/* The key of the only person of a run, or of one by number. */
static char *
key_of(int run, int person)
{
	char query[256];

	snprintf(query, sizeof query, "SELECT format('%%s:%%s:%%s', installation_id, %d, public.fixture_person(%d, %d)) FROM installation", run,
		run, person);
	return sql_text(world.connection, query);
}

static char *
fate_of(int run)
{
	char query[1024];

	snprintf(query, sizeof query,
		"SELECT string_agg(what, ', ' ORDER BY what) FROM (SELECT 'queued' AS what FROM slot WHERE run_id = %d "
		"UNION ALL SELECT CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END FROM inflight WHERE run_id = %d "
		"UNION ALL SELECT concat_ws(' ', outcome::text, name) FROM release LEFT JOIN reason USING (reason) WHERE run_id = %d "
		"UNION ALL SELECT concat_ws(' ', s.kind::text, name) FROM suppressed AS s LEFT JOIN reason USING (reason) WHERE run_id = %d) AS "
		"place",
		run, run, run, run);
	return sql_text(world.connection, query);
}

/* Every answer once --------------------------------------------------------------------------------------------------------------------- */

static struct provider_step
by_run(const char *key, size_t times, void *context)
{
	const int *runs = context;
	const int run = (int)strtol(strchr(key, ':') + 1, NULL, 10);

	for (size_t i = 0; i < COUNT(scenes) && times == 0; i++)
		if (runs[i] == run)
			return scenes[i].step;
	return (struct provider_step){.deed = DEED_TAKES};
}

static void
expect_scene(struct provider *provider, size_t i, int run)
{
	char *const key = key_of(run, 1), *const fate = fate_of(run);
	const size_t taken = provider_taken(provider, key);
	const bool handed_over = strcmp(fate, "handed_over") == 0, uncertain = strcmp(fate, "uncertain") == 0;
	bool good = strcmp(scenes[i].fate, fate) == 0;

	if (strcmp(scenes[i].fate, "again") == 0)
		good = strcmp(fate, "queued") == 0 || handed_over;
	if (!good || taken > 1 || (handed_over && taken != 1) || (taken == 1 && !handed_over && !uncertain))
		fail_msg("scene %zu: %s instead of %s, taken %zu times", i, fate, scenes[i].fate, taken);
	if (scenes[i].query != NULL) {
		fixture_execute(world.connection, "SET test.name = 'c%zu'", i);
		sql_expect(world.connection, scenes[i].query, scenes[i].answer);
	}
	free(fate);
	free(key);
}

/* Whoever asked to wait is not tried before. */
static void
expect_waits(void)
{
	static const struct {
		const char *action;
		int least_ms;
	} rows[] = {{"retry_person", 6000}, {"retry_account", 1000}, {"retry_sender", 500}, {"retry", 500}};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(fixture_number(world.connection,
							 "SELECT count(*) FROM sink_answer JOIN slot USING (bucket, recipient_id, run_id) "
							 "WHERE action = '%s' AND due_at < answered_at + interval '%d ms'",
							 rows[i].action, rows[i].least_ms),
			0);
}

static void
every_answer_has_its_consequence(void **state)
{
	int runs[COUNT(scenes)];
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = by_run, .context = runs});
	struct process *daemon;
	char name[16], all[512];

	(void)state;
	open_database("http_1");
	for (size_t i = 0; i < COUNT(scenes); i++) {
		snprintf(name, sizeof name, "c%zu", i);
		runs[i] = make_campaign(name, 1);
	}
	daemon = start_daemon(provider, "/v23.0", "phone_number_ids = \"+14155550100=1065\"; concurrency = 100;");
	snprintf(all, sizeof all,
		"SELECT count(*) FROM (SELECT run_id FROM release UNION SELECT run_id FROM suppressed UNION SELECT run_id FROM sink_answer "
		"UNION SELECT run_id FROM inflight WHERE uncertain_at IS NOT NULL) AS answered");
	assert_true(fixture_await(world.connection, (int64_t)COUNT(scenes), PATIENCE_MS, all));
	stop_daemon(&daemon);
	for (size_t i = 0; i < COUNT(scenes); i++)
		expect_scene(provider, i, runs[i]);
	expect_waits();
	close_database();
	provider_close(&provider);
}

/* What is uncertain is settled by asking -------------------------------------------------------------------------------------------------- */

/* Every third is taken and cut, every third not taken and told 500. */
static struct provider_step
by_key(const char *key, size_t times, void *context)
{
	static const struct provider_step steps[] = {{.deed = DEED_TAKES}, {.deed = DEED_CUTS_AFTER}, {.deed = DEED_SAYS, .status = 500}};

	(void)context;
	return steps[times == 0 ? key[strlen(key) - 1] % 3 : 0];
}

static void
what_is_uncertain_is_asked_about(void **state)
{
	enum { PEOPLE = 12 };
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = by_key});
	struct process *daemon;
	char http[256];
	int run;

	(void)state;
	open_database("http_2");
	run = make_campaign("spring", PEOPLE);
	snprintf(http, sizeof http, "format = \"webhook\"; status_url = \"%s/status/{key}\";", provider_url(provider));
	daemon = start_daemon(provider, "/in", http);
	if (!fixture_await(world.connection, PEOPLE, PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'handed_over'"))
		fail_msg("%s", fate_of(run));
	stop_daemon(&daemon);
	for (int i = 1; i <= PEOPLE; i++) {
		char *key = key_of(run, i);

		assert_int_equal(provider_taken(provider, key), 1);
		free(key);
	}
	assert_true(provider_question_count(provider) > 0);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)", "0");
	close_database();
	provider_close(&provider);
}

/* A daemon that dies while it waits for answers -------------------------------------------------------------------------------------------- */

static struct provider_step
hang_at_first(const char *key, size_t times, void *context)
{
	(void)key, (void)context;
	return (struct provider_step){.deed = times == 0 ? DEED_HANGS : DEED_TAKES};
}

static void
kill_daemon(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGKILL);
	result = process_wait(daemon);
	assert_int_equal(result.signal, SIGKILL);
	process_result_free(&result);
}

static void
await_requests(struct provider *provider, size_t count)
{
	for (int waited = 0; provider_request_count(provider) < count; waited++) {
		assert_true(waited < PATIENCE_MS);
		usleep(1000);
	}
}

/* What it had on its way was taken: the next one learns that by asking, and sends nothing twice. */
static void
what_a_dead_daemon_sent_is_not_sent_again(void **state)
{
	enum { PEOPLE = 5 };
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = hang_at_first});
	struct process *daemon;
	char http[256];

	(void)state;
	open_database("http_3");
	make_campaign("spring", PEOPLE);
	snprintf(http, sizeof http, "format = \"webhook\"; status_url = \"%s/status/{key}\";", provider_url(provider));
	daemon = start_daemon(provider, "/in", http);
	await_requests(provider, PEOPLE);
	kill_daemon(&daemon);
	sql_expect(world.connection, "SELECT count(*) FROM inflight", "5");
	daemon = start_daemon(provider, "/in", http);
	assert_true(fixture_await(world.connection, PEOPLE, PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'handed_over'"));
	stop_daemon(&daemon);
	assert_int_equal(provider_request_count(provider), PEOPLE);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)", "0");
	close_database();
	provider_close(&provider);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_has_its_consequence),
		cmocka_unit_test(what_is_uncertain_is_asked_about),
		cmocka_unit_test(what_a_dead_daemon_sent_is_not_sent_again),
	};
	return cmocka_run_group_tests(tests, open_world, close_world);
}
