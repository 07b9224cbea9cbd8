/*
 * lifecycle - pause, resume and cancel one campaign; stop and start everything
 *
 * The database's functions do it, under their locks; which changes exist is table campaign_transition. A verb whose result holds already is
 * done, so that a script may repeat it.
 */
#include "lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "breaker_resume.h"
#include "conf/nearest.h"

struct lifecycle_verb {
	const char *name; /* as in campaign_transition */
	const char *next; /* what a person does or sees next */
};

void
lifecycle_write(struct output *output, const char *table, const PGresult *rows, bool changed, const char *next)
{
	const int count = PQnfields(rows);
	struct output_column columns[OUTPUT_COLUMNS_MAX];
	const char *cells[OUTPUT_COLUMNS_MAX];

	for (int i = 0; i < count; i++) {
		columns[i] = output_column_of(rows, i);
		cells[i] = PQgetisnull(rows, 0, i) ? NULL : PQgetvalue(rows, 0, i);
	}
	columns[count] = (struct output_column){"changed", OUTPUT_BOOL};
	cells[count] = changed ? "t" : "f";
	columns[count + 1] = (struct output_column){"next", OUTPUT_TEXT};
	cells[count + 1] = next;
	output_record(output, table, columns, count + 2, cells);
}

static enum status
show(struct context *context, const char *table, const PGresult *rows, bool changed, const char *next, struct err *err)
{
	struct output *output;

	if (output_open(context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	lifecycle_write(output, table, rows, changed, next);
	return output_close(&output, err);
}

/* Campaigns ------------------------------------------------------------------------------------------------------------------------------- */

static enum status
fail_unknown(struct session *session, const char *campaign, struct err *err)
{
	const char *meant = NULL;
	const char **names;
	PGresult *rows;
	int count;

	if (session_query(session, &sql_query_lifecycle_names, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	count = PQntuples(rows);
	names = calloc((size_t)count + 1, sizeof(*names));
	for (int i = 0; names != NULL && i < count; i++)
		names[i] = PQgetvalue(rows, i, 0);
	if (names != NULL)
		meant = nearest_word(campaign, names, (size_t)count);
	err_set(err, STATUS_NOT_FOUND, "there is no campaign \"%s\"", campaign);
	if (meant != NULL)
		err_hint(err, "Did you mean \"%s\"?", meant);
	else
		err_hint(err, count == 0 ? "Submit one first: INSERT INTO campaign, or daypart import campaigns" : "See: daypart status");
	free((void *)names);
	PQclear(rows);
	return err->status;
}

enum status
lifecycle_expect_campaign(struct session *session, const char *campaign, struct err *err)
{
	PGresult *rows;

	if (session_query(session, &sql_query_lifecycle_state, &campaign, 1, &rows, err) != STATUS_OK)
		return err->status;
	const bool found = PQntuples(rows) > 0;
	PQclear(rows);
	return found ? STATUS_OK : fail_unknown(session, campaign, err);
}

/* The verb was impossible: there is no such campaign, it is there already (OK), or another verb is due. */
static enum status
explain(struct session *session, const char *campaign, const char *verb, struct err *err)
{
	const char *params[] = {campaign, verb};
	PGresult *rows;

	if (session_query(session, &sql_query_lifecycle_look, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 0) {
		PQclear(rows);
		return fail_unknown(session, campaign, err);
	}
	err->status = STATUS_OK;
	if (!session_bool(rows, 0, 1)) {
		err_set(err, STATUS_INVALID, "cannot %s campaign \"%s\": it is %s", verb, campaign, PQgetvalue(rows, 0, 0));
		if (PQgetisnull(rows, 0, 2))
			err_hint(err, "Nothing is possible any more: submit a new campaign.");
		else
			err_hint(err, "Possible now: %s.", PQgetvalue(rows, 0, 2));
	}
	PQclear(rows);
	return err->status;
}

enum status
lifecycle_change(struct session *session, const char *campaign, const char *verb, const char *note, bool *out_changed, struct err *err)
{
	const char *params[] = {campaign, verb, note};
	PGresult *rows;

	if (session_query(session, &sql_query_lifecycle_change, params, 3, &rows, err) != STATUS_OK)
		return err->status;
	*out_changed = PQntuples(rows) > 0;
	PQclear(rows);
	return *out_changed ? STATUS_OK : explain(session, campaign, verb, err);
}

/* Change and report are one transaction: what is shown is what was committed. */
static enum status
change(struct context *context, const struct lifecycle_verb *verb, const char *campaign, const char *note, struct err *err)
{
	PGresult *rows = NULL;
	bool changed = false;
	enum status status = session_begin(context->session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = lifecycle_change(context->session, campaign, verb->name, note, &changed, err);
	if (status == STATUS_OK)
		status = session_query(context->session, &sql_query_lifecycle_state, &campaign, 1, &rows, err);
	if (status == STATUS_OK)
		status = session_commit(context->session, err);
	session_rollback(context->session);
	if (status == STATUS_OK)
		status = show(context, "campaign", rows, changed, verb->next, err);
	PQclear(rows);
	return status;
}

static int
run_campaign_verb(struct context *context, int argc, char **argv, const struct lifecycle_verb *verb)
{
	const char *note = NULL;
	const struct cli_option options[] = {{"note", 0, CLI_TEXT, &note}};
	struct err err = ERR_INIT;
	int code;

	if (cli_parse(&argc, argv, options, 1, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 1, 1, "CAMPAIGN", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	if (change(context, verb, argv[1], note, &err) != STATUS_OK)
		return context_fail(context, &err);
	return EXIT_OK;
}

int
verb_pause(struct context *context, int argc, char **argv)
{
	static const struct lifecycle_verb verb = {"pause", "nothing of it leaves until daypart resume"};

	return run_campaign_verb(context, argc, argv, &verb);
}

static int
resume_campaign(struct context *context, int argc, char **argv)
{
	static const struct lifecycle_verb verb = {
		"resume", "daypartd releases what is due; daypart plan finds new instants for what was missed"};

	return run_campaign_verb(context, argc, argv, &verb);
}

/* `resume` with options that name no campaign to be resumed from a pause is about breakers. */
int
verb_resume(struct context *context, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (breaker_resume_is_asked_by(argv[i]))
			return breaker_resume(context, argc, argv);
	return resume_campaign(context, argc, argv);
}

int
verb_cancel(struct context *context, int argc, char **argv)
{
	static const struct lifecycle_verb verb = {"cancel", "nothing more of it leaves"};

	return run_campaign_verb(context, argc, argv, &verb);
}

/* Everything ------------------------------------------------------------------------------------------------------------------------------ */

static enum status
look_at_control(struct session *session, PGresult **out, struct err *err)
{
	return session_query(session, &sql_query_control_look, NULL, 0, out, err);
}

static enum status
switch_all(struct context *context, const struct sql_statement *statement, bool stop, struct err *err)
{
	PGresult *before = NULL, *after = NULL;
	enum status status = session_begin(context->session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = look_at_control(context->session, &before, err);
	if (status == STATUS_OK)
		status = session_query(context->session, statement, NULL, 0, NULL, err);
	if (status == STATUS_OK)
		status = look_at_control(context->session, &after, err);
	if (status == STATUS_OK)
		status = session_commit(context->session, err);
	session_rollback(context->session);
	if (status == STATUS_OK)
		status = show(context, "control", after, session_bool(before, 0, 0) != stop,
			stop ? "nothing leaves until daypart start" : "daypartd releases what is due and still lawful", err);
	PQclear(before);
	PQclear(after);
	return status;
}

static int
run_control_verb(struct context *context, const struct sql_statement *statement, bool stop)
{
	struct err err = ERR_INIT;
	const int code = context_connect(context, CONTEXT_SCHEMA_CURRENT);

	if (code != EXIT_OK)
		return code;
	return switch_all(context, statement, stop, &err) == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}

int
verb_stop(struct context *context, int argc, char **argv)
{
	bool all = false;
	const struct cli_option options[] = {{"all", 0, CLI_FLAG, &all}};
	struct err err = ERR_INIT;

	if (cli_parse(&argc, argv, options, 1, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	if (!all) {
		err_set(&err, STATUS_INVALID, "stop needs --all, because it stops every campaign");
		err_hint(&err, "To keep one campaign back: daypart pause CAMPAIGN");
		return context_fail_usage(context, &err);
	}
	return run_control_verb(context, &sql_query_control_stop, true);
}

int
verb_start(struct context *context, int argc, char **argv)
{
	struct err err = ERR_INIT;

	if (cli_parse(&argc, argv, NULL, 0, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	return run_control_verb(context, &sql_query_control_start, false);
}
