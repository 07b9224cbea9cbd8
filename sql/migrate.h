/*
 * migrate - brings schema daypart to the version of this program, and refuses any other version
 *
 *     session_begin(session, SESSION_READ_COMMITTED, &err);
 *     migrate_upgrade(session, &report, &err);
 *     ... whatever else belongs to the same step ...
 *     session_commit(session, &err);
 *
 * Migrations are the embedded sql/migrations, numbered without gaps, forward only; table daypart.migration holds what was applied, with the
 * SHA-256 of each file. Applied ones must be the first of ours, unchanged: a database of a newer program and an edited migration are refused
 * with what to do. Safe to repeat, by several at once, and while daypartd runs: no lock on a table is waited for longer than half a second, because
 * claims would wait behind it (migrate_was_hindered), and claims are refused from the commit on until a daypartd of the new version makes them.
 */
#ifndef DAYPART_SQL_MIGRATE_H
#define DAYPART_SQL_MIGRATE_H

#include "session.h"

struct migrate_report {
	int from, to; /* versions; from 0: the schema was not there */
};

/* Why an upgrade failed is that somebody held a lock for too long, or a deadlock: it is to be tried again, from the beginning. */
bool migrate_was_hindered(const struct err *err);

/* Inside the caller's transaction, which makes all of it happen or none. */
MUST_CHECK enum status migrate_upgrade(struct session *session, struct migrate_report *out, struct err *err);

/* The version that this program knows: the last of its migrations. */
int session_schema_version(void);

/* STATUS_INVALID unless the schema is exactly this program's. Every verb but init, and daypartd, asks before anything else. */
MUST_CHECK enum status session_require_schema(struct session *session, struct err *err);

#endif
