#include "context.h"

#include <string.h>

#include "sql/migrate.h"

/* An error without an SQLSTATE came from the way to the server, not from what was asked of it. */
static bool
is_unreachable(const struct err *err)
{
	return err->status == STATUS_TRANSIENT && err->sqlstate[0] == '\0';
}

/* A right that is missing is given by a person, once, like a setting. */
static bool
is_denied(const struct err *err)
{
	return strcmp(err->sqlstate, "42501") == 0;
}

int
context_fail(const struct context *context, const struct err *err)
{
	struct err told = *err;

	(void)context;
	if (is_denied(err) && err->hint[0] == '\0')
		err_hint(&told, "Grant this login the role of the work: daypart_marketer, daypart_planner, daypart_analyst or daypart_privacy.");
	if (err->status == STATUS_NO_MEMORY && err->hint[0] == '\0')
		err_hint(&told, "Let it have more memory (ulimit -v, MemoryMax of its service), or set plan.memory lower if this was a plan.");
	log_err(err->status == STATUS_INTERNAL ? SEVERITY_FATAL : SEVERITY_ERROR, &told);
	if (is_denied(err))
		return EXIT_CONFIG;
	return is_unreachable(err) ? EXIT_UNAVAILABLE : (int)cli_exit_code(err->status);
}

int
context_fail_usage(const struct context *context, struct err *err)
{
	if (err->hint[0] == '\0')
		err_hint(err, "Usage: daypart %s", context->verb->usage);
	log_err(SEVERITY_ERROR, err);
	return EXIT_USAGE;
}

static enum status
read_clock(struct session *session, struct instant *out, struct err *err)
{
	PGresult *rows;

	if (session_query_binary(session, &sql_query_session_clock, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	*out = session_instant_binary(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

/* The functions of the database ask the same clock. */
static enum status
fix_clock(struct session *session, struct instant now, struct err *err)
{
	char text[SESSION_PARAM_MAX];
	const char *param = session_param_instant(now, text);

	return session_query(session, &sql_query_session_fix_now, &param, 1, NULL, err);
}

static enum status
open_session(struct context *context, enum context_schema schema, struct err *err)
{
	char application[64];
	const struct session_options options = {
		.conninfo = context->settings.database, .application = application, .cancelled = context->cancelled};

	snprintf(application, sizeof(application), "daypart %s", context->verb->name);
	if (session_open(&options, &context->session, err) != STATUS_OK)
		return err->status;
	if (schema == CONTEXT_SCHEMA_CURRENT && session_require_schema(context->session, err) != STATUS_OK)
		return err->status;
	if (context->now_is_fixed)
		return fix_clock(context->session, context->now, err);
	return read_clock(context->session, &context->now, err);
}

int
context_connect(struct context *context, enum context_schema schema)
{
	struct err err = ERR_INIT;
	const enum status status = open_session(context, schema, &err);
	const int code = status == STATUS_OK ? EXIT_OK : context_fail(context, &err);

	return status == STATUS_INVALID ? EXIT_CONFIG : code;
}
