#include "segments.h"

#include <string.h>

enum { COLUMN_ADDED, COLUMN_REMOVED, COLUMN_PEOPLE, COLUMN_PROBLEM, COLUMN_CURE };

static void
tell(const char *name, const PGresult *row, bool *out_fine)
{
	if (!PQgetisnull(row, 0, COLUMN_PROBLEM)) {
		log_message(SEVERITY_ERROR, "segment \"%s\" chooses nobody: %s: %s", name, PQgetvalue(row, 0, COLUMN_PROBLEM),
			PQgetvalue(row, 0, COLUMN_CURE));
		*out_fine = false;
	} else if (session_int(row, 0, COLUMN_ADDED) > 0 || session_int(row, 0, COLUMN_REMOVED) > 0) {
		log_message(SEVERITY_INFO, "segment \"%s\": %s people, %s joined, %s left", name, PQgetvalue(row, 0, COLUMN_PEOPLE),
			PQgetvalue(row, 0, COLUMN_ADDED), PQgetvalue(row, 0, COLUMN_REMOVED));
	}
}

static enum status
refresh_in_transaction(struct session *session, const char *name, PGresult **out, struct err *err)
{
	char limit[SESSION_PARAM_MAX];
	const char *const limits[] = {session_param_int(SEGMENT_QUERY_MS, limit)};
	enum status status = session_begin(session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = session_query(session, &sql_query_plan_segment_limit, limits, 1, NULL, err);
	if (status == STATUS_OK)
		status = session_query(session, &sql_query_plan_segment_refresh, &name, 1, out, err);
	if (status == STATUS_OK)
		status = session_commit(session, err);
	session_rollback(session);
	return status;
}

/* A statement that took too long is the query's fault, one that the user interrupted is not. */
static bool
is_fault_of_query(const struct err *err)
{
	return err->status == STATUS_INVALID || (err->status != STATUS_CANCELLED && strcmp(err->sqlstate, "57014") == 0);
}

static enum status
refresh(struct session *session, const char *name, bool *out_fine, struct err *err)
{
	PGresult *row = NULL;
	const enum status status = refresh_in_transaction(session, name, &row, err);

	if (status == STATUS_OK)
		tell(name, row, out_fine);
	PQclear(row);
	if (status == STATUS_OK || !is_fault_of_query(err))
		return status;
	log_message(
		SEVERITY_ERROR, "segment \"%s\" keeps the people it had: %s%s%s", name, err->primary, err->hint[0] != '\0' ? ": " : "", err->hint);
	*out_fine = false;
	*err = (struct err)ERR_INIT;
	return STATUS_OK;
}

enum status
segments_refresh(struct context *context, const char *campaign, bool *out_fine, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(context->session, &sql_query_plan_segments, &campaign, 1, &rows, err);

	*out_fine = true;
	if (status != STATUS_OK)
		return status;
	for (int i = 0; i < PQntuples(rows) && status == STATUS_OK; i++)
		status = refresh(context->session, PQgetvalue(rows, i, 0), out_fine, err);
	PQclear(rows);
	return status;
}
