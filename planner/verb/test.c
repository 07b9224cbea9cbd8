/*
 * test - sends a campaign to a seed list before it goes out; the database's function makes the campaign that does it
 */
#include <stdio.h>

#include "lifecycle.h"

struct test_arguments {
	const char *campaign, *audience;
};

/* What was made, and how it stands: one transaction, so that what is shown is what was committed. */
static enum status
make_test(struct session *session, const struct test_arguments *arguments, PGresult **out_name, PGresult **out_state, struct err *err)
{
	const char *const params[] = {arguments->campaign, arguments->audience};
	enum status status = session_begin(session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = lifecycle_expect_campaign(session, arguments->campaign, err);
	if (status == STATUS_OK)
		status = session_query(session, &sql_query_lifecycle_test, params, 2, out_name, err);
	if (status == STATUS_OK) {
		const char *const name[] = {PQgetvalue(*out_name, 0, 0)};
		status = session_query(session, &sql_query_lifecycle_state, name, 1, out_state, err);
	}
	if (status == STATUS_OK)
		status = session_commit(session, err);
	session_rollback(session);
	return status;
}

static enum status
show(struct context *context, const PGresult *name, const PGresult *state, struct err *err)
{
	char next[512];
	struct output *output;

	snprintf(next, sizeof(next), "daypart plan --campaign \"%.300s\", then daypartd sends it within its hours", PQgetvalue(name, 0, 0));
	if (output_open(context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	lifecycle_write(output, "campaign", state, true, next);
	return output_close(&output, err);
}

static enum status
test_campaign(struct context *context, const struct test_arguments *arguments, struct err *err)
{
	PGresult *name = NULL, *state = NULL;
	enum status status = make_test(context->session, arguments, &name, &state, err);

	if (status == STATUS_OK)
		status = show(context, name, state, err);
	PQclear(name);
	PQclear(state);
	return status;
}

int
verb_test(struct context *context, int argc, char **argv)
{
	struct test_arguments arguments = {.audience = NULL};
	const struct cli_option options[] = {{"to", 0, CLI_TEXT, &arguments.audience}};
	struct err err = ERR_INIT;
	int code;

	if (cli_parse(&argc, argv, options, 1, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 1, 1, "CAMPAIGN", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	if (arguments.audience == NULL) {
		err_set(&err, STATUS_INVALID, "test needs --to AUDIENCE, the people who shall look at it");
		err_hint(&err, "An audience of at most 50 people: daypart import audiences");
		return context_fail_usage(context, &err);
	}
	arguments.campaign = argv[1];
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	return test_campaign(context, &arguments, &err) == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
