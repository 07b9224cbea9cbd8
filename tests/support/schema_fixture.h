/*
 * schema_fixture - a database with schema daypart, as daypart init leaves it, and a small world in it
 *
 *     char *conninfo = schema_database(cluster, "people");
 *     PGconn *connection = sql_connect(conninfo, NULL);
 *     schema_world(connection);
 *
 * The key is fixed, so that ids are the same in every run; the installation is a rehearsal; words that init takes from the programs
 * (reasons, evidence, words of consent, some regions and zones) are filled in.
 */
#ifndef DAYPART_TESTS_SUPPORT_SCHEMA_FIXTURE_H
#define DAYPART_TESTS_SUPPORT_SCHEMA_FIXTURE_H

#include <libpq-fe.h>

#include "pg_cluster.h"
#include "planner/core/status.h"

/* Makes a database and returns its conninfo, which the caller frees. */
char *schema_database(const struct pg_cluster *cluster, const char *name);

/* Applies the migrations only, as whoever the conninfo names. */
enum status schema_migrate(const char *conninfo, struct err *err);

/* Applies the migrations up to that version to an empty database, as an earlier release did. */
void schema_install(PGconn *connection, int version);

/*
 * Everything was submitted by ana and is approved by whoever connects. Business acme with sender acme-wa (whatsapp) and acme-sms, template hello,
 * audience everyone, approved campaigns spring and summer (both from acme-wa to everyone), their runs 1 and 2, class 1 (UTC-3) and plan 1. People
 * +14155550101 to +14155550105, all in the audience, each with consent and a slot of run 1 at 15:00Z, 15:01Z, ... on 2026-11-23; the first has a
 * slot of run 2 as well. Everybody else of run 2 is held.
 */
void schema_world(PGconn *connection);

#endif
