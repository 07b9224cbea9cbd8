/*
 * Messages in flight against a model, which is the table of scheduler/policy/slot_state.h: claims, answers in time, late, repeated and of daemons that are
 * gone, crashes, takeovers, people who decide and plans that look again, drawn by lot. After each of them every message is in the one place that the
 * table says, and what is final stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/policy/slot_state.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"

enum { PEOPLE = 12, STEPS = 150, ATTEMPTS_MAX = 4096 };

/* One that was given to the sink; its answer may come at any time, and more than once. */
struct attempt {
	int person, epoch, claim;
};

struct model {
	struct random_source random;
	PGconn *connection;
	int run, epoch, claims;
	enum slot_state states[PEOPLE];
	struct attempt last[PEOPLE]; /* what the database has of who is in flight or uncertain */
	struct attempt attempts[ATTEMPTS_MAX];
	int attempt_count;
};

/* Events ---------------------------------------------------------------------------------------------------------------------------------- */

static void
claim(struct model *model, int person)
{
	const struct attempt attempt = {person, model->epoch, ++model->claims};

	if (model->states[person] != SLOT_QUEUED)
		return;
	fixture_execute(model->connection,
		"WITH gone AS (DELETE FROM slot WHERE recipient_id = public.fixture_person(%d, %d) RETURNING *) INSERT INTO inflight "
		"(recipient_id, "
		"claimed_at, due_at, not_after, consent_given_at, epoch, claim, run_id, class_id, plan_run, attempt, bucket, lane) SELECT "
		"recipient_id, now(), due_at, not_after, '2026-01-01Z', %d, %d, run_id, class_id, plan_run, coalesce((SELECT attempts FROM "
		"sink_answer AS a WHERE a.recipient_id = gone.recipient_id), 0) + 1, bucket, lane FROM gone",
		model->run, person + 1, attempt.epoch, attempt.claim);
	model->states[person] = slot_step(SLOT_QUEUED, SLOT_CLAIM);
	model->last[person] = attempt;
	assert_true(model->attempt_count < ATTEMPTS_MAX);
	model->attempts[model->attempt_count++] = attempt;
}

static const struct {
	enum slot_event event;
	const char *fields;
} answers[] = {
	{SLOT_ACCEPT, "'state', 'handed_over', 'action', 'accepted', 'provider_id', 'wamid'"},
	{SLOT_RETRY, "'state', 'queued', 'again', now(), 'action', 'retry'"},
	{SLOT_RETRY, "'state', 'queued'"},
	{SLOT_FAIL, "'state', 'failed', 'why', 'sink_refused', 'action', 'drop'"},
	{SLOT_HOLD, "'state', 'held', 'why', 'campaign_paused', 'action', 'stop_campaign'"},
	{SLOT_LOSE, "'state', 'uncertain', 'action', 'uncertain'"},
};

static void
answer(struct model *model, const struct attempt *attempt)
{
	const size_t what = random_below(&model->random, sizeof answers / sizeof answers[0]);
	const struct attempt *last = &model->last[attempt->person];

	fixture_execute(model->connection,
		"SELECT settle_flight(now(), '2 s', jsonb_build_array(jsonb_build_object('bucket', bucket_of(id), 'recipient_id', id, 'run_id', "
		"%d, "
		"'epoch', %d, 'claim', %d) || jsonb_build_object(%s))) FROM public.fixture_person(%d, %d) AS id",
		model->run, attempt->epoch, attempt->claim, answers[what].fields, model->run, attempt->person + 1);
	if (last->epoch == attempt->epoch && last->claim == attempt->claim &&
		(model->states[attempt->person] == SLOT_IN_FLIGHT || model->states[attempt->person] == SLOT_UNCERTAIN))
		model->states[attempt->person] = slot_step(model->states[attempt->person], answers[what].event);
}

/* Any answer to any attempt there ever was; more often to one that is waited for. */
static void
answer_something(struct model *model)
{
	const int person = (int)random_below(&model->random, PEOPLE);

	if (model->states[person] == SLOT_IN_FLIGHT)
		answer(model, &model->last[person]);
	else if (model->attempt_count > 0)
		answer(model, &model->attempts[random_below(&model->random, (uint64_t)model->attempt_count)]);
}

/* The daemon is gone, or stands still and answers later; another one has the lane. */
static void
take_over(struct model *model)
{
	model->epoch++;
	fixture_execute(model->connection, "UPDATE lane_lease SET epoch = %d; SELECT recover_flight()", model->epoch);
	for (int i = 0; i < PEOPLE; i++)
		if (model->states[i] == SLOT_IN_FLIGHT)
			model->states[i] = slot_step(SLOT_IN_FLIGHT, SLOT_LOSE);
}

static void
decide(struct model *model)
{
	const bool sent = random_chance(&model->random, 50);

	fixture_execute(model->connection, "SELECT settle_uncertain(NULL, 'spring', NULL, %s, 'by lot')", sent ? "true" : "false");
	for (int i = 0; i < PEOPLE; i++)
		model->states[i] = slot_step(model->states[i], sent ? SLOT_SETTLE_SENT : SLOT_SETTLE_NOT_SENT);
}

/* As far as a plan finds a new instant for everybody who is held. */
static void
plan(struct model *model)
{
	sql_run(model->connection,
		"WITH held AS (DELETE FROM suppressed RETURNING *) INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, "
		"bucket, lane, part) SELECT recipient_id, now(), now() + interval '1 hour', run_id, class_id, 1, bucket, sender_id, 0 FROM held "
		"JOIN "
		"campaign_run USING (run_id) JOIN public.fixture_class USING (run_id)");
	for (int i = 0; i < PEOPLE; i++)
		model->states[i] = slot_step(model->states[i], SLOT_PLAN);
}

static void
step(struct model *model)
{
	const uint64_t lot = random_below(&model->random, 100);

	if (lot < 35)
		claim(model, (int)random_below(&model->random, PEOPLE));
	else if (lot < 85)
		answer_something(model);
	else if (lot < 92)
		take_over(model);
	else if (lot < 95)
		decide(model);
	else
		plan(model);
}

/* Comparison ------------------------------------------------------------------------------------------------------------------------------ */

static void
expect_places(const struct model *model, int steps)
{
	char query[1024], expected[PEOPLE * 32] = "", *places;

	for (int i = 0; i < PEOPLE; i++) {
		strcat(expected, i > 0 ? " " : "");
		strcat(expected, slot_state_name(model->states[i]));
	}
	snprintf(query, sizeof query,
		"SELECT string_agg(coalesce(places, 'nowhere'), ' ' ORDER BY k) FROM generate_series(1, %d) AS k LEFT JOIN LATERAL (SELECT "
		"string_agg(place, '+') AS places FROM (SELECT recipient_id, 'queued' AS place FROM slot UNION ALL SELECT recipient_id, CASE WHEN "
		"uncertain_at IS NULL THEN 'in_flight' ELSE 'uncertain' END FROM inflight UNION ALL SELECT recipient_id, outcome::text FROM "
		"release "
		"UNION ALL SELECT recipient_id, kind::text FROM suppressed) AS e WHERE recipient_id = public.fixture_person(%d, k)) AS p ON true",
		PEOPLE, model->run);
	places = sql_text(model->connection, query);
	if (strcmp(places, expected) != 0)
		fail_msg("after %d steps:\n%s instead of\n%s", steps, places, expected);
	free(places);
}

static void
every_message_is_where_the_table_says(void **state)
{
	struct pg_cluster *cluster = pg_cluster_start(NULL);
	char *conninfo = fixture_slots_database(cluster, "answers", false);
	struct model *model = calloc(1, sizeof *model);
	const int rounds = random_rounds(1);

	(void)state;
	assert_non_null(model);
	model->random = random_start("random_answers");
	model->connection = sql_connect(conninfo, NULL);
	model->run = fixture_slots_campaign(model->connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
	sql_run(model->connection, "INSERT INTO lane_lease (lane, epoch, until) SELECT sender_id, 1, 'infinity' FROM sender");
	for (int round = 0; round < rounds; round++) {
		sql_run(model->connection,
			"DELETE FROM slot; DELETE FROM inflight; DELETE FROM release; DELETE FROM suppressed; DELETE FROM sink_answer; "
			"DELETE FROM settlement; DELETE FROM consent; DELETE FROM recipient; UPDATE lane_lease SET epoch = 1");
		fixture_slots_add(model->connection, &(struct fixture_slots){.run = model->run, .count = PEOPLE, .due = "-1s", .not_after = "1h"});
		model->epoch = 1;
		model->attempt_count = 0;
		memset(model->states, 0, sizeof model->states);
		for (int steps = 1; steps <= STEPS; steps++) {
			step(model);
			expect_places(model, steps);
		}
	}
	PQfinish(model->connection);
	free(model);
	free(conninfo);
	pg_cluster_stop(&cluster);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_message_is_where_the_table_says)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
