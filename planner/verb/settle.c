/*
 * settle - messages of which nobody knows whether they were sent: lists them, and keeps what a person decides
 *
 * The database's function decides, in one statement; here is only what is wanted and what comes of it.
 */
#include "lifecycle.h"

struct settle_arguments {
	const char *key, *campaign, *reason;
	struct duration older_than;
	bool sent, not_sent, all;
};

/* The parameters that choose messages. */
struct choice {
	char before[SESSION_PARAM_MAX];
	const char *params[3];
};

static void
choose(const struct context *context, const struct settle_arguments *arguments, struct choice *out)
{
	const bool by_age = arguments->all || arguments->older_than.us > 0;

	session_param_instant((struct instant){context->now.us - arguments->older_than.us}, out->before);
	out->params[0] = arguments->key;
	out->params[1] = arguments->campaign;
	out->params[2] = by_age ? out->before : NULL;
}

static enum status
list(struct context *context, const struct settle_arguments *arguments, int *out_count, struct err *err)
{
	struct output *output;
	struct choice choice;
	PGresult *rows;

	choose(context, arguments, &choice);
	if (session_query(context->session, &sql_query_settle_list, choice.params, 3, &rows, err) != STATUS_OK)
		return err->status;
	*out_count = PQntuples(rows);
	if (output_open(context->format, stdout, &output, err) == STATUS_OK) {
		output_result(output, "uncertain", rows);
		(void)!output_close(&output, err);
	}
	PQclear(rows);
	return err->status;
}

static enum status
fail_nothing(const struct settle_arguments *arguments, struct err *err)
{
	err_set(err, STATUS_NOT_FOUND, "no uncertain message %s%s%s", arguments->key != NULL ? "has the key " : "is among these",
		arguments->key != NULL ? arguments->key : "", arguments->campaign != NULL ? " in that campaign" : "");
	return err_hint(err, "See: daypart settle");
}

static enum status
decide(struct context *context, const struct settle_arguments *arguments, struct err *err)
{
	struct output *output;
	struct choice choice;
	PGresult *rows;
	int64_t decided;

	choose(context, arguments, &choice);
	{
		const char *const params[] = {
			choice.params[0], choice.params[1], choice.params[2], arguments->sent ? "true" : "false", arguments->reason};

		if (session_query(context->session, &sql_query_settle_decide, params, 5, &rows, err) != STATUS_OK)
			return err->status;
	}
	decided = session_int(rows, 0, 0);
	if (decided == 0) {
		PQclear(rows);
		return fail_nothing(arguments, err);
	}
	if (output_open(context->format, stdout, &output, err) == STATUS_OK) {
		lifecycle_write(output, "settled", rows, true,
			arguments->sent ? "they count as handed over" : "the next daypart plan looks for new instants for these people");
		(void)!output_close(&output, err);
	}
	PQclear(rows);
	return err->status;
}

static enum status
check(const struct settle_arguments *arguments, struct err *err)
{
	const bool decides = arguments->sent || arguments->not_sent;

	if (arguments->sent && arguments->not_sent)
		return err_set(err, STATUS_INVALID, "--sent and --not-sent contradict each other");
	if (!decides && arguments->reason != NULL)
		return err_set(err, STATUS_INVALID, "--reason goes with --sent or --not-sent");
	if (!decides)
		return STATUS_OK;
	if (arguments->reason == NULL) {
		err_set(err, STATUS_INVALID, "a decision needs its reason");
		return err_hint(err, "Add --reason TEXT: it is kept, with your name.");
	}
	if (arguments->key == NULL && arguments->campaign == NULL && arguments->older_than.us == 0 && !arguments->all) {
		err_set(err, STATUS_INVALID, "which messages?");
		return err_hint(err, "Add --key KEY, --campaign NAME, --older-than 1h or --all.");
	}
	return STATUS_OK;
}

int
verb_settle(struct context *context, int argc, char **argv)
{
	struct settle_arguments arguments = {.key = NULL};
	const struct cli_option options[] = {
		{"key", 0, CLI_TEXT, &arguments.key},
		{"campaign", 0, CLI_TEXT, &arguments.campaign},
		{"older-than", 0, CLI_DURATION, &arguments.older_than},
		{"all", 0, CLI_FLAG, &arguments.all},
		{"sent", 0, CLI_FLAG, &arguments.sent},
		{"not-sent", 0, CLI_FLAG, &arguments.not_sent},
		{"reason", 0, CLI_TEXT, &arguments.reason},
	};
	struct err err = ERR_INIT;
	int code, count = 0;

	if (cli_parse(&argc, argv, options, sizeof(options) / sizeof(options[0]), CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK || check(&arguments, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	if (arguments.sent || arguments.not_sent)
		return decide(context, &arguments, &err) == STATUS_OK ? EXIT_OK : context_fail(context, &err);
	if (list(context, &arguments, &count, &err) != STATUS_OK)
		return context_fail(context, &err);
	return count > 0 ? EXIT_ATTENTION : EXIT_OK;
}
