#include "plan_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daypart.h"
#include "fixture_audience.h"
#include "sql_embedded.h"
#include "sql_expect.h"
#include "temp.h"

enum {
	PEOPLE = 62000, /* nine in ten get a slot, more than PUBLISH_OWN_PART_ROWS */
	PATIENCE_MS = 60 * 1000
};

static const char prepared[] = "prepared";
const char plan_fault_line[] = "--now 2026-11-20T14:00:00Z plan";

const struct strike plan_fault_points[PLAN_FAULT_POINTS] = {
	/* held */
	{"the audience is read", .lock = "LOCK TABLE outside_send IN ACCESS EXCLUSIVE MODE"},
	{"the plan run is written", .lock = "LOCK TABLE plan_run IN EXCLUSIVE MODE"},
	{"the gates are closed", .lock = "SELECT FROM bucket_gate WHERE bucket = 512 FOR SHARE"},
	{"slots are removed", .lock = "LOCK TABLE slot IN EXCLUSIVE MODE"},
	{"people without a slot are written", .lock = "LOCK TABLE suppressed IN EXCLUSIVE MODE"},
	/* watched */
	{"slots are copied", .statement = "%COPY \"slot\\_%"},
	{"slots are indexed", .statement = "%index_slot_part_by_%"},
	{"the plan is published", .statement = "%publish_plan(%"},
	{"it commits", .statement = "%\nCOMMIT%"},
};

/* What can be seen of a plan, ids and instants of its making aside, which differ from run to run. */
static const char fingerprint[] =
	"SELECT (SELECT concat_ws(' ', 'slots', count(*), md5(string_agg(concat_ws(',', c.name, recipient_id, due_at, not_after, lane), ' ' "
	"		ORDER BY c.name, recipient_id))) FROM slot JOIN campaign_run USING (run_id) JOIN campaign c USING (campaign_id)),"
	"	(SELECT concat_ws(' ', 'without', count(*), md5(string_agg(concat_ws(',', c.name, recipient_id, reason, kind), ' ' "
	"		ORDER BY c.name, recipient_id))) FROM suppressed JOIN campaign_run USING (run_id) JOIN campaign c USING (campaign_id)),"
	"	(SELECT concat_ws(' ', 'runs', string_agg(concat_ws(',', c.name, encode(campaign_hash, 'hex'), first_at, last_at), ' ' "
	"		ORDER BY c.name)) FROM campaign_run JOIN campaign c USING (campaign_id)),"
	"	(SELECT concat_ws(' ', 'classes', count(*), 'plans', (SELECT count(*) FROM plan_run)) FROM class)";

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static void
expect_plan(const char *conninfo)
{
	struct process_result result = daypart_run(conninfo, plan_fault_line);

	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

/* An old plan, and the need for a new one. */
static void
prepare(struct plan_fault *fault, const char *conninfo)
{
	PGconn *connection = sql_connect(conninfo, NULL);

	sql_run(connection,
		"UPDATE campaign SET status = 'draft', priority = 200;"
		"INSERT INTO audience (name, business) VALUES ('few', 'Acme');"
		"INSERT INTO audience_member SELECT recipient_id, (SELECT audience_id FROM audience WHERE name = 'few'), bucket FROM "
		"audience_member "
		"	WHERE bucket < 32;"
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at) "
		"	VALUES ('small', 'acme', 'sale', 'few', '2026-11-20T15:00:00Z', '2026-11-27T15:00:00Z');"
		"SELECT fixture.approve_campaign('small')");
	expect_plan(conninfo);
	sql_run(connection,
		"SELECT set_config('daypart.now', '2026-11-20T14:00:00Z', false);"
		"SELECT opt_out('+' || phone) FROM recipient WHERE bucket = 7;"
		"UPDATE campaign SET (local_from, local_to) = ('12:00', '20:00') WHERE name = 'small';"
		"UPDATE campaign SET status = 'approved' WHERE name = 'bench'");
	fault->old_plan = sql_text(connection, fingerprint);
	PQfinish(connection);
}

void
plan_fault_open(struct plan_fault *fault)
{
	char name[32];

	snprintf(name, sizeof(name), "round_%d", ++fault->rounds);
	fault->conninfo = pg_cluster_new_database(fault->cluster, name, prepared);
	fault->connection = sql_connect(fault->conninfo, NULL);
}

void
plan_fault_close(struct plan_fault *fault)
{
	char statement[64];
	PGconn *connection;

	PQfinish(fault->connection);
	free(fault->conninfo);
	connection = PQconnectdb(pg_cluster_conninfo(fault->cluster));
	snprintf(statement, sizeof(statement), "DROP DATABASE round_%d", fault->rounds);
	sql_run(connection, statement);
	PQfinish(connection);
}

static void
expect_healthy(struct plan_fault *fault)
{
	for (size_t i = 0; i < sql_check_count; i++)
		sql_expect(fault->connection, sql_checks[i].text, "");
}

/* On a clone with the old plan. */
static void
expect_new_plan(struct plan_fault *fault)
{
	const int64_t began = strike_clock_us();
	int64_t duration_us;

	expect_plan(fault->conninfo);
	duration_us = strike_clock_us() - began;
	if (duration_us < fault->duration_us)
		fault->duration_us = duration_us;
}

static void
make_reference(struct plan_fault *fault)
{
	fault->duration_us = INT64_MAX;
	plan_fault_open(fault);
	expect_new_plan(fault);
	fault->new_plan = sql_text(fault->connection, fingerprint);
	assert_string_not_equal(fault->old_plan, fault->new_plan);
	sql_expect(fault->connection, "SELECT count(*) > 50000 FROM slot_1", "t"); /* the private part */
	expect_healthy(fault);
	plan_fault_close(fault);
}

int
plan_fault_start(void **state, const char *seeded)
{
	struct plan_fault *fault = calloc(1, sizeof(*fault));
	const char *people = getenv("DAYPART_TORTURE_PEOPLE");
	char *conninfo;

	if (fault == NULL)
		support_fail("out of memory");
	fault->random = random_start(seeded);
	fault->cluster = pg_cluster_start(&(struct pg_cluster_options){.durable = true, .own = true});
	conninfo = fixture_audience_database(fault->cluster, prepared,
		&(struct fixture_audience){.people = people != NULL ? (int)strtol(people, NULL, 10) : PEOPLE, .now = "2026-11-20T15:00:00Z"});
	prepare(fault, conninfo);
	free(conninfo);
	make_reference(fault);
	*state = fault;
	return 0;
}

int
plan_fault_stop(void **state)
{
	struct plan_fault *fault = *state;

	free(fault->old_plan);
	free(fault->new_plan);
	pg_cluster_stop(&fault->cluster);
	free(fault);
	return 0;
}

/* What holds afterwards --------------------------------------------------------------------------------------------------------------------- */

bool
plan_fault_expect_whole(struct plan_fault *fault)
{
	char *plan = sql_text(fault->connection, fingerprint);
	const bool is_new = strcmp(plan, fault->new_plan) == 0;

	if (!is_new)
		assert_string_equal(plan, fault->old_plan);
	free(plan);
	expect_healthy(fault);
	sql_expect(fault->connection, "SELECT relname FROM pg_class WHERE relpersistence = 't'", "");
	sql_expect(fault->connection, "SELECT plan_run FROM plan_run WHERE plan_run > (SELECT plan_run FROM plan_head)", "");
	return is_new;
}

void
plan_fault_expect_reference(struct plan_fault *fault, bool is_new)
{
	if (is_new)
		expect_plan(fault->conninfo);
	else
		expect_new_plan(fault);
	sql_expect(fault->connection, fingerprint, fault->new_plan);
	sql_expect(fault->connection, "SELECT relname FROM pg_class WHERE relname ~ '^slot_[0-9]+$' AND NOT relispartition", "");
}

void
plan_fault_await_no_planner(struct plan_fault *fault)
{
	if (!strike_await_no_client(fault->connection, PATIENCE_MS))
		fail_msg("a session of daypart goes on");
}

struct strike
plan_fault_lot(struct plan_fault *fault)
{
	return (struct strike){"drawn by lot", .delay_us = random_between(&fault->random, 0, fault->duration_us)};
}
