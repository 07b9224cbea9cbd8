/*
 * sqlstate - the one table from SQLSTATE to error class
 *
 * An entry is a whole code or a two-letter class; the longest match wins, so exceptions stand beside their class. What is not listed is a
 * bug of ours: our statements are fixed texts, a syntax error or an unknown column in one of them is nothing the world can cause.
 */
#include <string.h>

#include "session.h"

struct sqlstate_class {
	const char *prefix;
	enum status status;
};

static const struct sqlstate_class classes[] = {
	{"08", STATUS_TRANSIENT},    /* connection exceptions */
	{"08P01", STATUS_INTERNAL},  /* protocol violation */
	{"22", STATUS_INVALID},      /* data: out of range, bad text, bad date */
	{"23", STATUS_INVALID},      /* integrity: NOT NULL, foreign key, CHECK */
	{"23505", STATUS_CONFLICT},  /* unique_violation */
	{"23P01", STATUS_CONFLICT},  /* exclusion_violation */
	{"25", STATUS_INVALID},      /* wrong isolation for the function called */
	{"25006", STATUS_TRANSIENT}, /* read-only: a standby; the primary is elsewhere or about to be */
	{"25P02", STATUS_INTERNAL},  /* a statement after a failed one in the same transaction */
	{"25P03", STATUS_TRANSIENT}, /* idle_in_transaction_session_timeout */
	{"28", STATUS_INVALID},      /* role or password */
	{"3D", STATUS_INVALID},      /* no such database */
	{"3F", STATUS_INVALID},      /* no such schema */
	{"40", STATUS_TRANSIENT},    /* serialization failure, deadlock */
	{"40003", STATUS_UNCERTAIN}, /* statement_completion_unknown */
	{"42501", STATUS_INVALID},   /* insufficient_privilege */
	{"53", STATUS_TRANSIENT},    /* out of connections, memory or disk */
	{"55", STATUS_INVALID},      /* object not in the prerequisite state */
	{"55006", STATUS_TRANSIENT}, /* object_in_use */
	{"55P03", STATUS_TRANSIENT}, /* lock_not_available */
	{"57", STATUS_TRANSIENT},    /* statement timeout, shutdown, starting up */
	{"58", STATUS_TRANSIENT},    /* input/output errors of the server */
	{"P0001", STATUS_INVALID},   /* raise_exception: our functions' messages to people */
	{"P0002", STATUS_NOT_FOUND}, /* no_data_found: they raise it for a name that does not exist */
};

enum status
sqlstate_status(const char *sqlstate)
{
	enum status status = STATUS_INTERNAL;
	size_t best = 0;

	if (sqlstate[0] == '\0')
		return STATUS_TRANSIENT;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const size_t length = strlen(classes[i].prefix);

		if (length > best && strncmp(sqlstate, classes[i].prefix, length) == 0) {
			best = length;
			status = classes[i].status;
		}
	}
	return status;
}
