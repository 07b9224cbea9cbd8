/*
 * The database refuses what is not enough for a resume, in its own words: resume_breaker().
 */
#include "breaker_resume.h"

#include <string.h>

#include "lifecycle.h"

enum { SCOPES = 4 };

static const struct scope {
	const char *option, *name; /* as breaker_scope_name */
} scopes[SCOPES] = {{"sender", "sender"}, {"business", "business"}, {"of-campaign", "campaign"}, {"template", "template"}};

struct resume_arguments {
	const char *scope, *name, *reason, *rule;
};

bool
breaker_resume_is_asked_by(const char *argument)
{
	for (size_t i = 0; i < SCOPES && strncmp(argument, "--", 2) == 0; i++) {
		const size_t length = strlen(scopes[i].option);
		if (strncmp(argument + 2, scopes[i].option, length) == 0 && (argument[2 + length] == '\0' || argument[2 + length] == '='))
			return true;
	}
	return false;
}

static enum status
parse(int argc, char **argv, struct resume_arguments *out, struct err *err)
{
	const char *names[SCOPES] = {NULL};
	const struct cli_option options[] = {
		{scopes[0].option, 0, CLI_TEXT, &names[0]},
		{scopes[1].option, 0, CLI_TEXT, &names[1]},
		{scopes[2].option, 0, CLI_TEXT, &names[2]},
		{scopes[3].option, 0, CLI_TEXT, &names[3]},
		{"reason", 0, CLI_TEXT, &out->reason},
		{"rule", 0, CLI_TEXT, &out->rule},
	};
	int given = 0;

	if (cli_parse(&argc, argv, options, sizeof options / sizeof *options, CLI_REFUSE_UNKNOWN, err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", err) != STATUS_OK)
		return err->status;
	for (int i = 0; i < SCOPES; i++)
		if (names[i] != NULL) {
			*out = (struct resume_arguments){scopes[i].name, names[i], out->reason, out->rule};
			given++;
		}
	if (given != 1) {
		err_set(err, STATUS_INVALID, "resume ends one thing at a time");
		return err_hint(err, "Name one sender, business, campaign or template: --sender NAME");
	}
	if (out->reason != NULL)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "--reason is missing");
	return err_hint(err, "Say why it may go on; the reason is kept with your name: --reason TEXT");
}

static enum status
show(struct context *context, const PGresult *rows, struct err *err)
{
	struct output *output;

	if (output_open(context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	lifecycle_write(output, "breaker", rows, true, "daypart plan: nothing of it leaves before that");
	return output_close(&output, err);
}

static enum status
resume(struct context *context, const struct resume_arguments *arguments, struct err *err)
{
	const char *params[] = {arguments->scope, arguments->name, arguments->reason, arguments->rule};
	PGresult *rows = NULL;
	enum status status = session_begin(context->session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = session_query(context->session, &sql_query_breaker_resume, params, 4, NULL, err);
	if (status == STATUS_OK)
		status = session_query(context->session, &sql_query_breaker_resumed, params, 2, &rows, err);
	if (status == STATUS_OK)
		status = session_commit(context->session, err);
	session_rollback(context->session);
	if (status == STATUS_OK)
		status = show(context, rows, err);
	PQclear(rows);
	return status;
}

int
breaker_resume(struct context *context, int argc, char **argv)
{
	struct resume_arguments arguments = {.scope = NULL};
	struct err err = ERR_INIT;
	int code;

	if (parse(argc, argv, &arguments, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	return resume(context, &arguments, &err) == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
