#include "race_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daypart.h"
#include "fixture_slots.h"
#include "schema_fixture.h"
#include "sql_embedded.h"
#include "sql_expect.h"

/* What takes longer than this hangs. */
#define SESSION_SETTINGS \
	"SET daypart.now = '" RACE_NOW "'; SET statement_timeout = '20s'; SET jit = off" /* as session_setup: a claim is short */

enum { LAW_MAX = 1024, TALLY_MAX = 128 };

static struct pg_cluster *cluster;

/* The world --------------------------------------------------------------------------------------------------------------------------------- */

/* `per_day` 0: no cap. */
static void
write_law(PGconn *connection, const char *days, int per_day)
{
	char law[LAW_MAX], caps[LAW_MAX / 2] = "";

	if (per_day > 0)
		snprintf(caps, sizeof(caps),
			"caps = ( { id = \"house.cap\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; n = %d; per = "
			"\"calendar "
			"day\"; } ); ",
			per_day);
	snprintf(law, sizeof(law),
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2099-12-31\"; "
		"windows = ( { id = \"house.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "
		"days = { %s }; } ); %s"
		"consents = ( { id = \"house.consent\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "
		"required = true; evidence = [\"time\", \"method\"]; } );",
		days, caps);
	fixture_slots_rulebook(connection, law);
}

static void
make_world(PGconn *connection)
{
	sql_run(connection,
		"INSERT INTO business (name, country, created_by) VALUES ('acme', 'US', 'ana');"
		"INSERT INTO sender (name, business, channel, address, throughput_per_s, created_by)"
		"	VALUES ('north', 'acme', 'sms', '24365', 1000, 'ana'), ('south', 'acme', 'sms', '24366', 1000, 'ana');"
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by)"
		"	VALUES ('hello', 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana');"
		"INSERT INTO audience (name, business) VALUES ('everyone', 'acme');"
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by)"
		"	SELECT name, sender, 'hello', 'everyone', '2026-11-23T16:00:00Z', '2026-11-26T00:00:00Z', 'ana'"
		"	FROM (VALUES ('spring', 'north'), ('summer', 'south')) AS c (name, sender)");
	fixture_execute(connection,
		"SELECT add_recipient(phone, 'US-CA', 'America/Los_Angeles'), add_member('everyone', phone),"
		"	record_consent(phone, 'acme', 'sms', given_at => '2026-01-01Z', method => 'web')"
		" FROM (SELECT '+141555501' || lpad(n::text, 2, '0') AS phone FROM generate_series(1, %d) AS n) AS person",
		RACE_PEOPLE);
	sql_run(connection, "SELECT campaign_set_status('spring', 'approved'), campaign_set_status('summer', 'approved')");
}

int
race_group_set_up(void **state)
{
	PGconn *connection;
	char *conninfo;

	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = schema_database(cluster, "race_template");
	connection = sql_connect(conninfo, NULL);
	sql_run(connection, SESSION_SETTINGS);
	write_law(connection, "weekdays = \"08:00-20:00\"; weekends = \"08:00-20:00\";", 2);
	make_world(connection);
	sql_run(connection, "INSERT INTO lane_lease (lane, epoch, until) SELECT sender_id, 1, 'infinity' FROM sender");
	PQfinish(connection);
	free(conninfo);
	return 0;
}

int
race_group_tear_down(void **state)
{
	(void)state;
	pg_cluster_stop(&cluster);
	return 0;
}

PGconn *
race_connect(const struct race *race)
{
	PGconn *session = sql_connect(race->conninfo, NULL);

	sql_run(session, SESSION_SETTINGS);
	PQclear(PQprepare(session, "claim", sql_query_release_claim.text, 0, NULL));
	return session;
}

int
race_set_up(void **state)
{
	static int databases;
	struct race *race = calloc(1, sizeof(*race));
	char name[32];

	snprintf(name, sizeof(name), "race_%d", ++databases);
	race->conninfo = pg_cluster_new_database(cluster, name, "race_template");
	race->watcher = race_connect(race);
	race->first = race_connect(race);
	race->second = race_connect(race);
	*state = race;
	return 0;
}

int
race_tear_down(void **state)
{
	struct race *race = *state;

	PQfinish(race->watcher);
	PQfinish(race->first);
	PQfinish(race->second);
	free(race->conninfo);
	free(race);
	return 0;
}

void
race_set_law(const struct race *race, const char *days, int per_day)
{
	write_law(race->watcher, days, per_day);
}

/* Plans ------------------------------------------------------------------------------------------------------------------------------------- */

struct process *
race_start_plan(const struct race *race)
{
	return daypart_start(race->conninfo, "--now " RACE_PLAN_AT " plan");
}

void
race_expect_exit(struct process **process, int code)
{
	struct process_result result = process_wait(process);

	if (result.exit_code != code)
		fail_msg("exit code %d, expected %d\n%s", result.exit_code, code, result.err);
	process_result_free(&result);
}

void
race_plan(const struct race *race)
{
	struct process *plan = race_start_plan(race);

	race_expect_exit(&plan, 0);
}

/* Claims ------------------------------------------------------------------------------------------------------------------------------------ */

/* The parameters of release_claim that are about the law: every class open at all times, consent needed. */
static PGresult *
read_law(PGconn *session, const char *lane)
{
	const char *const params[] = {lane};
	PGresult *rows = PQexecParams(session,
		"SELECT sender_id, ids, array_fill(timestamptz '-infinity', size), array_fill(timestamptz 'infinity', size), array_fill(0, size), "
		"rulebook_id, array_fill(bigint '0', size), ARRAY(SELECT message_order = 'later' FROM class ORDER BY class_id), "
		"coalesce((SELECT epoch FROM lane_lease WHERE lane = sender_id), 0), (SELECT max(version) FROM migration) "
		"FROM sender, rulebook_head, LATERAL (SELECT ARRAY(SELECT class_id FROM class ORDER BY class_id) AS ids) AS known, "
		"LATERAL (SELECT ARRAY[cardinality(ids)] AS size) AS l WHERE sender.name = $1",
		1, NULL, params, NULL, NULL, 0);

	if (PQresultStatus(rows) != PGRES_TUPLES_OK || PQntuples(rows) != 1)
		fail_msg("no sender %s: %s", lane, PQresultErrorMessage(rows));
	return rows;
}

void
race_send_claim(PGconn *session, const struct race_claim *claim)
{
	PGresult *law = read_law(session, claim->lane);
	char limit[16], epoch[16];
	const char *const params[] = {PQgetvalue(law, 0, 0), claim->now != NULL ? claim->now : RACE_NOW, limit, PQgetvalue(law, 0, 1),
		PQgetvalue(law, 0, 2), PQgetvalue(law, 0, 3), PQgetvalue(law, 0, 4), PQgetvalue(law, 0, 5), "2 seconds", "outbox",
		PQgetvalue(law, 0, 6), PQgetvalue(law, 0, 7), claim->epoch != 0 ? epoch : PQgetvalue(law, 0, 8), "1", PQgetvalue(law, 0, 9), "{}",
		"infinity"};

	snprintf(epoch, sizeof(epoch), "%d", claim->epoch);
	snprintf(limit, sizeof(limit), "%d", claim->limit > 0 ? claim->limit : 1000);
	sql_run(session, sql_query_release_session.text);
	if (PQsendQueryPrepared(session, "claim", 17, params, NULL, NULL, 0) != 1)
		fail_msg("%s", PQerrorMessage(session));
	PQclear(law);
}

/* The server's columns 4 to 8; there is one row. */
void
race_finish_claim(PGconn *session, const char *expected)
{
	PGresult *rows = PQgetResult(session);
	char tally[TALLY_MAX];

	if (PQresultStatus(rows) != PGRES_TUPLES_OK || PQntuples(rows) != 1)
		fail_msg("the claim fails: %s", PQresultErrorMessage(rows));
	snprintf(tally, sizeof(tally), "%s %s %s %s %s", PQgetvalue(rows, 0, 4), PQgetvalue(rows, 0, 5), PQgetvalue(rows, 0, 6),
		PQgetvalue(rows, 0, 7), PQgetvalue(rows, 0, 8));
	PQclear(rows);
	PQclear(PQgetResult(session)); /* the end of the results */
	assert_string_equal(tally, expected);
}

void
race_claim(PGconn *session, const struct race_claim *claim, const char *expected)
{
	race_send_claim(session, claim);
	race_finish_claim(session, expected);
}

void
race_expect_healthy(const struct race *race)
{
	for (size_t i = 0; i < sql_check_count; i++)
		sql_expect(race->watcher, sql_checks[i].text, "");
}
