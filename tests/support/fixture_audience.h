/*
 * fixture_audience - an installed database with a synthetic audience, ready to be planned
 *
 *     char *conninfo = fixture_audience_database(cluster, "template", &(struct fixture_audience){.people = 60000, .now = "2026-11-20T15:00Z"});
 *     daypart_run(conninfo, "--now 2026-11-20T14:00:00Z plan");
 *
 * What `daypart init` and tests/bench/plan_audience.sql make: business Acme, sender acme, audience everybody, and campaign bench, approved, from
 * 2026-11-20T15:00Z to 2026-11-27T15:00Z. Every check of sql/check is healthy.
 */
#ifndef DAYPART_TESTS_SUPPORT_FIXTURE_AUDIENCE_H
#define DAYPART_TESTS_SUPPORT_FIXTURE_AUDIENCE_H

#include "pg_cluster.h"

struct fixture_audience {
	int people;
	const char *now; /* consents and past messages lie before it; "now" is the server's */
};

/* The caller frees the conninfo. Nobody stays connected, so the database can be the template of others. */
char *fixture_audience_database(const struct pg_cluster *cluster, const char *name, const struct fixture_audience *audience);

#endif
