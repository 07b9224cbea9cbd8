#include "fixture_audience.h"

#include <stdio.h>
#include <stdlib.h>

#include "daypart.h"
#include "sql_expect.h"
#include "temp.h"

static void
must_succeed(const char *what, struct process_result result)
{
	if (result.exit_code != 0)
		support_fail("%s: exit code %d: %s", what, result.exit_code, result.err);
	process_result_free(&result);
}

static void
add_people(const char *conninfo, const struct fixture_audience *audience)
{
	static const char script[] = DAYPART_SOURCE_DIR "/tests/bench/plan_audience.sql";
	char people[32], now[64];
	const char *argv[] = {"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", people, "-v", now, "-d", conninfo, "-f", script, NULL};

	snprintf(people, sizeof(people), "recipients=%d", audience->people);
	snprintf(now, sizeof(now), "now=%s", audience->now);
	must_succeed("plan_audience.sql", process_run(argv, NULL));
}

/* The history of each consent, which planning does not read. */
static void
add_consent_events(const char *conninfo)
{
	PGconn *connection = sql_connect(conninfo, NULL);

	sql_run(connection,
		"INSERT INTO consent_event (recipient_id, recorded_at, given_at, business_id, channel, category, state, bucket, digest) "
		"SELECT recipient_id, given_at, given_at, business_id, channel, category, state, bucket, sha256('granted') FROM consent");
	PQfinish(connection);
}

char *
fixture_audience_database(const struct pg_cluster *cluster, const char *name, const struct fixture_audience *audience)
{
	char *conninfo = pg_cluster_new_database(cluster, name, NULL);

	must_succeed("daypart init", daypart_run(conninfo, "init"));
	add_people(conninfo, audience);
	add_consent_events(conninfo);
	return conninfo;
}
