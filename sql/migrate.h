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
 * with what to do. Safe to repeat, by several at once, and while daypartd runs.
 */
#ifndef DAYPART_SQL_MIGRATE_H
#define DAYPART_SQL_MIGRATE_H

#include "session.h"

struct migrate_report {
	int from, to; /* versions; from 0: the schema was not there */
};

/* Inside the caller's transaction, which makes all of it happen or none. */
MUST_CHECK enum status migrate_upgrade(struct session *session, struct migrate_report *out, struct err *err);

/* STATUS_INVALID unless the schema is exactly this program's. Every verb but init, and daypartd, asks before anything else. */
MUST_CHECK enum status session_require_schema(struct session *session, struct err *err);

#endif
