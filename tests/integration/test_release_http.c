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
#include "tests/support/http_world.h"
#include "tests/support/sql_expect.h"

#define TRIPPED \
	"SELECT count(*) FROM breaker JOIN sender ON sender_id = subject_id WHERE scope = 'sender' AND resumed_at IS NULL AND name = " \
	"current_setting('test.name')"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
	char *const key = http_world_key(run, 1), *const fate = http_world_fate(run);
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
	http_world_open_database("http_1");
	for (size_t i = 0; i < COUNT(scenes); i++) {
		snprintf(name, sizeof name, "c%zu", i);
		runs[i] = http_world_campaign(name, 1);
	}
	daemon = http_world_start(provider, "/v23.0", "phone_number_ids = \"+14155550100=1065\"; concurrency = 100;");
	snprintf(all, sizeof all,
		"SELECT count(*) FROM (SELECT run_id FROM release UNION SELECT run_id FROM suppressed UNION SELECT run_id FROM sink_answer "
		"UNION SELECT run_id FROM inflight WHERE uncertain_at IS NOT NULL) AS answered");
	assert_true(fixture_await(world.connection, (int64_t)COUNT(scenes), HTTP_PATIENCE_MS, all));
	http_world_stop(&daemon);
	for (size_t i = 0; i < COUNT(scenes); i++)
		expect_scene(provider, i, runs[i]);
	expect_waits();
	http_world_close_database();
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
	http_world_open_database("http_2");
	run = http_world_campaign("spring", PEOPLE);
	snprintf(http, sizeof http, "format = \"webhook\"; status_url = \"%s/status/{key}\";", provider_url(provider));
	daemon = http_world_start(provider, "/in", http);
	if (!fixture_await(world.connection, PEOPLE, HTTP_PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'handed_over'"))
		fail_msg("%s", http_world_fate(run));
	http_world_stop(&daemon);
	for (int i = 1; i <= PEOPLE; i++) {
		char *key = http_world_key(run, i);

		assert_int_equal(provider_taken(provider, key), 1);
		free(key);
	}
	assert_true(provider_question_count(provider) > 0);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)", "0");
	http_world_close_database();
	provider_close(&provider);
}

/* What a provider did not take is not counted --------------------------------------------------------------------------------------------- */

static struct provider_step
refuse_at_first(const char *key, size_t times, void *context)
{
	(void)key, (void)context;
	return times == 0 ? (struct provider_step){DEED_SAYS, 429, 0, "1", 0} : (struct provider_step){.deed = DEED_TAKES};
}

/* Each is tried twice, and counts once of what the sender may send in a day. */
static void
what_a_provider_did_not_take_is_not_counted(void **state)
{
	enum { PEOPLE = 4 };
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = refuse_at_first});
	struct process *daemon;

	(void)state;
	http_world_open_database("http_4");
	(void)http_world_campaign("spring", PEOPLE);
	fixture_execute(world.connection,
		"UPDATE sender SET daily_limit = 4; "
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = r.campaign_id");
	daemon = http_world_start(provider, "/in", "format = \"webhook\";");
	if (!fixture_await(world.connection, PEOPLE, HTTP_PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'handed_over'"))
		fail_msg("they wait: %s", sql_text(world.connection, "SELECT sum(messages) FROM lane_sent"));
	http_world_stop(&daemon);
	sql_expect(world.connection, "SELECT sum(messages) FROM lane_sent", "4");
	assert_int_equal(provider_request_count(provider), 2 * PEOPLE);
	http_world_close_database();
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
		assert_true(waited < HTTP_PATIENCE_MS);
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
	http_world_open_database("http_3");
	http_world_campaign("spring", PEOPLE);
	snprintf(http, sizeof http, "format = \"webhook\"; status_url = \"%s/status/{key}\";", provider_url(provider));
	daemon = http_world_start(provider, "/in", http);
	await_requests(provider, PEOPLE);
	kill_daemon(&daemon);
	sql_expect(world.connection, "SELECT count(*) FROM inflight", "5");
	daemon = http_world_start(provider, "/in", http);
	assert_true(fixture_await(world.connection, PEOPLE, HTTP_PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'handed_over'"));
	http_world_stop(&daemon);
	assert_int_equal(provider_request_count(provider), PEOPLE);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)", "0");
	http_world_close_database();
	provider_close(&provider);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_has_its_consequence),
		cmocka_unit_test(what_is_uncertain_is_asked_about),
		cmocka_unit_test(what_a_provider_did_not_take_is_not_counted),
		cmocka_unit_test(what_a_dead_daemon_sent_is_not_sent_again),
	};
	return cmocka_run_group_tests(tests, http_world_open, http_world_close);
}
