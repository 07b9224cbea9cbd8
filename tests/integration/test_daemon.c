/* daypartd as a child process on a private cluster: what it releases, what it refuses, holds and leaves alone. Nothing is asserted about how long anything takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daemon_world.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/sql_expect.h"

/* What leaves ------------------------------------------------------------------------------------------------------------------------------- */

static void
releases_when_due_and_not_before(void **state)
{
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	fixture_slots_add(
		daemon_world.connection, &(struct fixture_slots){.run = run, .count = 50, .due = "500ms", .spacing = "10ms", .not_after = "1h"});
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|50");
	sql_expect(daemon_world.connection, "SELECT count(*) FROM release WHERE released_at < due_at", "0");
	sql_expect(daemon_world.connection, "SELECT count(*) FROM outbox JOIN release USING (bucket, recipient_id, run_id)", "50");
	sql_expect(daemon_world.connection, "SELECT count(*) FROM release WHERE consent_given_at = '2026-01-01Z'", "50");
}

static void
hears_of_new_slots(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon = daemon_world_spawn_ready();

	(void)state;
	daemon_world_add_due(run, 10);
	sql_run(daemon_world.connection, "NOTIFY daypart");
	assert_true(daemon_world_await(10, "SELECT count(*) FROM release"));
	daemon_world_add_due(run, 10);
	assert_true(daemon_world_await(20, "SELECT count(*) FROM release")); /* without a word, by the poll */
	daemon_world_end(&daemon);
}

/* A burst of one second's worth, then the sender's rate: 150 at 100 a second take half a second at least. */
static void
an_outage_is_caught_up_at_the_senders_pace(void **state)
{
	const int run = fixture_slots_campaign(
		daemon_world.connection, &(struct fixture_campaign){.name = "spring", .sender = "slow", .throughput = "100"});
	const int other = daemon_world_campaign("summer", "north");

	(void)state;
	daemon_world_add_due(run, 150);
	daemon_world_add_due(other, 2000);
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|150");
	daemon_world_expect_outcome(other, "handed_over|2000");
	fixture_execute(daemon_world.connection, "DELETE FROM release WHERE run_id <> %d", run);
	sql_expect(daemon_world.connection, "SELECT max(released_at) - min(released_at) >= interval '450 ms' FROM release", "t");
}

static void
two_daemons_release_each_slot_once(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *first, *second;

	(void)state;
	daemon_world_add_due(run, 20000);
	first = daemon_world_spawn("--until-idle");
	second = daemon_world_spawn("--until-idle");
	daemon_world_expect_exit(&first, 0);
	daemon_world_expect_exit(&second, 0);
	daemon_world_expect_outcome(run, "handed_over|20000");
	sql_expect(daemon_world.connection, "SELECT count(*) FROM outbox", "20000");
}

/* What does not ----------------------------------------------------------------------------------------------------------------------------- */

static void
an_opt_out_after_planning_is_honoured(void **state)
{
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	daemon_world_add_due(run, 3);
	fixture_execute(daemon_world.connection, "SELECT cancel_slots(ARRAY[%lld], 0, 'all', 'all', 'opted_out')",
		(long long)fixture_person(daemon_world.connection, run, 1));
	/* One that somebody wrote past the functions: the probe finds it. */
	fixture_execute(daemon_world.connection,
		"INSERT INTO suppression SELECT id, now(), 0, bucket_of(id), 'all', 'marketing' FROM (SELECT %lld) AS p (id)",
		(long long)fixture_person(daemon_world.connection, run, 2));
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|1\nrefused opted_out|1\nsuppressed opted_out|1");
}

static void
suppressions_bind_within_their_scope(void **state)
{
	static const struct {
		const char *values; /* business, channel, category */
		const char *outcome;
	} rows[] = {
		{"0, 'all', 'all'", "refused opted_out|1"},
		{"0, 'sms', 'marketing'", "refused opted_out|1"},
		{"1, 'all', 'marketing'", "refused opted_out|1"},
		{"1, 'sms', 'all'", "refused opted_out|1"},
		{"2, 'all', 'all'", "handed_over|1"},
		{"1, 'whatsapp', 'all'", "handed_over|1"},
		{"1, 'sms', 'transactional'", "handed_over|1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[16];
		int run;

		(void)snprintf(name, sizeof(name), "scope-%zu", i);
		run = daemon_world_campaign(name, "north");
		daemon_world_add_due(run, 1);
		fixture_execute(daemon_world.connection,
			"INSERT INTO suppression (recipient_id, at, business_id, channel, category, bucket) "
			"SELECT id, now(), v.*, bucket_of(id) FROM (VALUES (%s)) AS v, (SELECT %lld) AS p (id)",
			rows[i].values, (long long)fixture_person(daemon_world.connection, run, 1));
		daemon_world_run_until_idle();
		daemon_world_expect_outcome(run, rows[i].outcome);
	}
}

static void
consent_and_evidence_are_asked_again(void **state)
{
	static const char *const changes[] = {
		"DELETE FROM consent",
		"UPDATE consent SET state = 'withdrawn'",
		"UPDATE consent SET evidence = 1",
		"UPDATE consent SET evidence = 3",
	};
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	daemon_world_add_due(run, 4);
	for (int i = 0; i < 4; i++)
		fixture_execute(daemon_world.connection, "%s WHERE recipient_id = %lld", changes[i],
			(long long)fixture_person(daemon_world.connection, run, i + 1));
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|1\nrefused evidence_incomplete|1\nrefused no_consent|2");
}

/* A row of each: what was changed after planning, and what then becomes of the slot. */
static void
what_changed_after_planning_holds(void **state)
{
	static const struct {
		const char *name, *change, *outcome;
	} rows[] = {
		{"paused", "UPDATE campaign SET status = 'paused' WHERE name = 'paused'", "held campaign_paused|2"},
		{"cancelled", "UPDATE campaign SET status = 'cancelled' WHERE name = 'cancelled'", "refused campaign_cancelled|2"},
		{"draft", "UPDATE campaign SET status = 'draft' WHERE name = 'draft'", "held campaign_changed|2"},
		{"edited", "UPDATE campaign SET ends_at = '2027-11-30T00:00:00Z' WHERE name = 'edited'", "held campaign_changed|2"},
		{"no-class", "UPDATE slot SET class_id = 4711", "held window_closed|2"},
		{"no-run", "UPDATE slot SET run_id = 200", "held campaign_changed|2"},
		{"ledger",
			"INSERT INTO release SELECT recipient_id, due_at, now(), NULL, run_id, class_id, 1, bucket, NULL, 'handed_over' FROM slot",
			"handed_over|2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int run = daemon_world_campaign(rows[i].name, "north");

		daemon_world_add_due(run, 2);
		sql_run(daemon_world.connection, rows[i].change);
		daemon_world_run_until_idle();
		daemon_world_expect_outcome(strcmp(rows[i].name, "no-run") == 0 ? 200 : run, rows[i].outcome);
	}
	sql_expect(daemon_world.connection, "SELECT count(*) FROM outbox", "0");
}

static void
a_suspended_sender_delays_nobody(void **state)
{
	const int north = daemon_world_campaign("spring", "north"), south = daemon_world_campaign("summer", "south");

	(void)state;
	daemon_world_add_due(north, 5000);
	daemon_world_add_due(south, 10);
	sql_run(daemon_world.connection, "UPDATE sender SET status = 'suspended' WHERE name = 'north'");
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(south, "handed_over|10");
	daemon_world_expect_outcome(north, "held sender_not_ready|5000");
}

static void
too_late_goes_by_catch_up(void **state)
{
	static const struct fixture_campaign drop = {.name = "drop", .sender = "north"};
	static const struct fixture_campaign next = {.name = "next", .sender = "north", .catch_up = "next_window"};
	const struct fixture_campaign *const campaigns[] = {&drop, &next};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const int run = fixture_slots_campaign(daemon_world.connection, campaigns[i]);

		/* Past, and within the margin in which nothing is claimed any more. */
		fixture_slots_add(daemon_world.connection, &(struct fixture_slots){.run = run, .count = 2, .due = "-1h", .not_after = "-1s"});
		fixture_slots_add(daemon_world.connection, &(struct fixture_slots){.run = run, .count = 2, .due = "-1h", .not_after = "500ms"});
		daemon_world_add_due(run, 1);
		daemon_world_run_until_idle();
		daemon_world_expect_outcome(run, i == 0 ? "expired expired|4\nhanded_over|1" : "handed_over|1\nheld missed|4");
	}
}

/* F10: who gets what is no first message must have had one. */
static void
a_later_message_leaves_after_another_one_only(void **state)
{
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	daemon_world_add_due(run, 5);
	sql_run(daemon_world.connection,
		"UPDATE class SET message_order = 'later';"
		"INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket)"
		"	SELECT recipient_id, '2020-01-01Z', business_id, run.channel, run.category, bucket"
		"	FROM slot JOIN campaign_run AS run USING (run_id) ORDER BY due_at LIMIT 3");
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|3\nheld first_not_sent|2");
}

static void
other_zone_data_hold(void **state)
{
	const int run = fixture_slots_campaign(
		daemon_world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north", .other_zone_data = true});
	struct process *daemon;
	struct process_result result;

	(void)state;
	daemon_world_add_due(run, 3);
	daemon = daemon_world_spawn("--until-idle");
	result = process_wait(&daemon);
	assert_non_null(strstr(result.err, "America/New_York differ from the plan's"));
	process_result_free(&result);
	daemon_world_expect_outcome(run, "held window_closed|3");
}

static void
a_poison_slot_stops_no_neighbour(void **state)
{
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	daemon_world_add_due(run, 1000);
	/* A run without a part in the ledger, and without a run: too late, so that its row of release cannot be written. */
	fixture_execute(daemon_world.connection,
		"UPDATE slot SET run_id = 100000, due_at = due_at - interval '1 s', not_after = due_at WHERE recipient_id = %lld",
		(long long)fixture_person(daemon_world.connection, run, 500));
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|999");
	daemon_world_expect_outcome(100000, "held not_releasable|1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DAEMON_TEST(releases_when_due_and_not_before),
		DAEMON_TEST(hears_of_new_slots),
		DAEMON_TEST(an_outage_is_caught_up_at_the_senders_pace),
		DAEMON_TEST(two_daemons_release_each_slot_once),
		DAEMON_TEST(an_opt_out_after_planning_is_honoured),
		DAEMON_TEST(suppressions_bind_within_their_scope),
		DAEMON_TEST(consent_and_evidence_are_asked_again),
		DAEMON_TEST(what_changed_after_planning_holds),
		DAEMON_TEST(a_suspended_sender_delays_nobody),
		DAEMON_TEST(too_late_goes_by_catch_up),
		DAEMON_TEST(a_later_message_leaves_after_another_one_only),
		DAEMON_TEST(other_zone_data_hold),
		DAEMON_TEST(a_poison_slot_stops_no_neighbour),
	};

	return cmocka_run_group_tests(tests, daemon_world_start, daemon_world_stop) != 0;
}
