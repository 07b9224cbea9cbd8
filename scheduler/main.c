/*
 * main - the release daemon daypartd: arguments, settings, what may be done here; then daemon.h, then the summary of a rehearsal
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/cli.h"
#include "conf/log.h"
#include "daemon.h"
#include "scheduler/sink/sink_http.h"
#include "sql/migrate.h"

static const char manual[] =
	"Usage: daypartd [OPTION]...\n"
	"\n"
	"Releases planned messages at the instants that daypart plan gave them, after looking at each again.\n"
	"\n"
	"  --config FILE     settings; else $DAYPART_CONFIG, else " SETTINGS_DEFAULT_FILE "\n"
	"  --until-idle      end when nothing is due or comes within plan.horizon\n"
	"  --clock CLOCK     system (the default), or simulated:START[xSPEED] for a rehearsal on an installation made by\n"
	"                    daypart init --rehearsal: the day begins at START, as in simulated:2026-11-23T00:00:00Z, runs\n"
	"                    3600 times as fast as a real one, or SPEED times, and skips what nobody waits for\n"
	"  --sink SINK       outbox, http, jsonl or null, instead of the setting release.sink; a rehearsal uses null. jsonl writes one\n"
	"                    line of JSON a message to the standard output, or to release.jsonl_file\n"
	"  --adopt           this database is a restored copy, and the one to release from: hold what is due, then end\n"
	"  --join            let this host release beside a daypartd that is at work on this database, then end\n"
	"  -v, --verbose     say more: every step of every sender\n"
	"  -q, --quiet       say only what goes wrong\n"
	"      --version     print the version\n"
	"  -h, --help        print this\n"
	"\n"
	"Signals: TERM and INT end it when what is in flight is done, a second one at once; HUP reads settings, rulebook and\n"
	"time zones again. Exit codes: 0 ended as asked, 64 usage, 69 no database, 75 ended at once, or to be\n"
	"started again because the schema was upgraded, 78 settings or schema.\n";

struct arguments {
	const char *config, *clock, *sink;
	int verbose;
	bool until_idle, adopt, join, quiet, version, help;
};

static int
fail(const struct err *err, enum exit_code code)
{
	log_err(SEVERITY_FATAL, err);
	return (int)code;
}

static enum status
parse_arguments(int *argc, char **argv, struct arguments *out, struct err *err)
{
	const struct cli_option options[] = {
		{"config", 0, CLI_TEXT, &out->config},
		{"clock", 0, CLI_TEXT, &out->clock},
		{"sink", 0, CLI_TEXT, &out->sink},
		{"until-idle", 0, CLI_FLAG, &out->until_idle},
		{"adopt", 0, CLI_FLAG, &out->adopt},
		{"join", 0, CLI_FLAG, &out->join},
		{"verbose", 'v', CLI_COUNT, &out->verbose},
		{"quiet", 'q', CLI_FLAG, &out->quiet},
		{"version", 0, CLI_FLAG, &out->version},
		{"help", 'h', CLI_FLAG, &out->help},
	};

	*out = (struct arguments){.clock = "system"};
	if (cli_parse(argc, argv, options, sizeof(options) / sizeof(options[0]), CLI_REFUSE_UNKNOWN, err) != STATUS_OK ||
		cli_expect_operands(*argc, argv, 0, 0, "", err) != STATUS_OK)
		return err->status;
	if (out->quiet && out->verbose > 0)
		return err_set(err, STATUS_INVALID, "-v and -q contradict each other");
	if (out->adopt && out->join)
		return err_set(err, STATUS_INVALID, "--adopt and --join contradict each other");
	return STATUS_OK;
}

/* A rehearsal delivers nothing unless told to on the command line, where it cannot be overlooked. */
static enum status
choose_sink(
	const struct arguments *arguments, const struct settings *settings, const struct clock *clock, const struct sink **out, struct err *err)
{
	static const struct sink *const of_settings[] = {[SETTINGS_SINK_OUTBOX] = &sink_outbox,
		[SETTINGS_SINK_NULL] = &sink_null,
		[SETTINGS_SINK_JSONL] = &sink_jsonl,
		[SETTINGS_SINK_HTTP] = &sink_http};

	*out = clock->kind->simulated ? &sink_null : of_settings[settings->release_sink];
	if (arguments->sink == NULL)
		return STATUS_OK;
	*out = sink_find(arguments->sink);
	if (*out != NULL)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "--sink: there is no sink \"%s\"", arguments->sink);
	return err_hint(err, "Write outbox, http, jsonl or null.");
}

/* What only plays at sending would mark real messages as sent. */
static enum status
check_rehearsal(bool rehearsal, const struct daemon_options *options, struct err *err)
{
	if (rehearsal || (!options->clock.kind->simulated && options->sink->delivers))
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "%s is for rehearsals, and this installation is not one",
		options->clock.kind->simulated ? "a simulated clock" : "the sink null");
	return err_hint(err, "Rehearse on a database made by: daypart init --rehearsal");
}

static enum status
check_start(struct session *session, const struct daemon_options *options, struct err *err)
{
	PGresult *rows;
	bool rehearsal, rulebook, may_release;

	if (session_require_schema(session, err) != STATUS_OK ||
		session_query(session, &sql_query_release_start, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	rehearsal = PQntuples(rows) == 1 && session_bool(rows, 0, 0);
	rulebook = PQntuples(rows) == 1 && session_bool(rows, 0, 1);
	may_release = PQntuples(rows) == 1 && session_bool(rows, 0, 2);
	PQclear(rows);
	if (!may_release) {
		err_set(err, STATUS_INVALID, "this login may not release messages");
		return err_hint(err, "Let an administrator grant it: GRANT daypart_scheduler TO the login.");
	}
	if (!rulebook) {
		err_set(err, STATUS_INVALID, "no rulebook is active");
		return err_hint(err, "Run: daypart init");
	}
	return check_rehearsal(rehearsal, options, err);
}

static enum status
check_all(struct session *session, const struct daemon_options *options, struct err *err)
{
	if (check_start(session, options, err) != STATUS_OK)
		return err->status;
	return adoption_check(session, options->settings->release_token_file, options->adoption, err);
}

/* What goes to real people goes at real instants; and what is wrong with the settings of a provider is told at once. */
static enum status
check_sink(const struct daemon_options *options, struct err *err)
{
	if (options->sink != &sink_http)
		return STATUS_OK;
	if (!options->clock.kind->simulated)
		return sink_http_check(options->settings, err);
	err_set(err, STATUS_INVALID, "the sink http takes no simulated clock");
	return err_hint(err, "Rehearse with the sink null, jsonl or outbox.");
}

static enum status
open_session(const struct settings *settings, struct session **out, struct err *err)
{
	return session_open(
		&(struct session_options){.conninfo = settings->database, .application = "daypartd start", .read_write = true}, out, err);
}

static int
refuse_start(const struct err *err)
{
	const enum status status = err->status;

	return fail(err, status == STATUS_TRANSIENT ? EXIT_UNAVAILABLE : status == STATUS_INVALID ? EXIT_CONFIG : cli_exit_code(status));
}

/* Before anything is started: what is wrong now is told at once and with the code that systemd and people understand. */
static int
look_before(const struct daemon_options *options)
{
	struct session *session;
	struct err err = ERR_INIT;
	enum status status = check_sink(options, &err);

	if (status != STATUS_OK)
		return refuse_start(&err);
	status = open_session(options->settings, &session, &err);
	if (status == STATUS_OK)
		status = check_all(session, options, &err);
	session_close(&session);
	return status == STATUS_OK ? EXIT_OK : refuse_start(&err);
}

static int
adopt(const struct arguments *arguments, const struct settings *settings)
{
	struct session *session;
	struct err err = ERR_INIT;
	enum status status = open_session(settings, &session, &err);

	if (status == STATUS_OK)
		status = session_require_schema(session, &err);
	if (status == STATUS_OK)
		status = arguments->adopt ? adoption_adopt(session, settings->release_token_file, &err)
								  : adoption_join(session, settings->release_token_file, &err);
	session_close(&session);
	return status == STATUS_OK ? EXIT_OK : refuse_start(&err);
}

static void
print_summary(const PGresult *rows)
{
	printf("%-32s %12s %10s %10s %10s\n", "campaign", "handed over", "refused", "expired", "held");
	for (int row = 0; row < PQntuples(rows); row++)
		printf("%-32s %12s %10s %10s %10s\n", PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), PQgetvalue(rows, row, 2),
			PQgetvalue(rows, row, 3), PQgetvalue(rows, row, 4));
}

static int
summarise(const struct daemon_options *options, const struct daemon_report *report)
{
	char from[SESSION_PARAM_MAX], until[SESSION_PARAM_MAX];
	const char *params[] = {
		session_param_instant(options->clock.start, from), session_param_instant((struct instant){report->ended.us + 1}, until)};
	struct session *session;
	struct err err = ERR_INIT;
	PGresult *rows;

	if (open_session(options->settings, &session, &err) != STATUS_OK)
		return fail(&err, EXIT_UNAVAILABLE);
	if (session_query(session, &sql_query_release_summary, params, 2, &rows, &err) == STATUS_OK) {
		print_summary(rows);
		PQclear(rows);
	}
	session_close(&session);
	return err.status == STATUS_OK ? EXIT_OK : fail(&err, cli_exit_code(err.status));
}

/* What a sink outside the database was given is counted when it has answered. */
static void
say_what_was_done(const struct daemon_report *report)
{
	const struct lane_tally *claimed = &report->tally;
	const struct flight_tally *flown = &report->flown;

	log_event(SEVERITY_INFO, &(struct log_about){.event = "ended"}, "ended: %lld handed over, %lld refused, %lld expired, %lld held%s",
		(long long)claimed->handed_over + flown->handed_over, (long long)claimed->refused + flown->refused,
		(long long)claimed->expired + flown->expired, (long long)claimed->held + flown->held,
		flown->failed + flown->uncertain + flown->queued > 0 ? ", and of those at the sink:" : "");
	if (flown->failed + flown->uncertain + flown->queued > 0)
		log_message(SEVERITY_INFO, "%lld failed, %lld uncertain, %lld back in the queue", (long long)flown->failed,
			(long long)flown->uncertain, (long long)flown->queued);
}

/* Until the loop takes over nothing has begun, so there is nothing to end. */
static void
on_early_signal(int number)
{
	(void)number;
	_exit(EXIT_OK);
}

static int
run(const struct daemon_options *options)
{
	struct daemon_report report;
	int code;

	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow any more is an error of the write */
	signal(SIGTERM, on_early_signal);
	signal(SIGINT, on_early_signal);
	code = look_before(options);
	if (code != EXIT_OK)
		return code;
	code = daemon_run(options, &report);
	say_what_was_done(&report);
	if (code == EXIT_OK && options->clock.kind->simulated)
		code = summarise(options, &report);
	return code;
}

static int
start(const struct arguments *arguments)
{
	struct settings settings;
	struct adoption adoption;
	struct daemon_options options = {
		.config = arguments->config, .settings = &settings, .adoption = &adoption, .until_idle = arguments->until_idle};
	struct err err = ERR_INIT;
	int code;

	if (clock_parse(arguments->clock, &options.clock, &err) != STATUS_OK)
		return fail(&err, EXIT_USAGE);
	if (settings_load(arguments->config, &settings, &err) != STATUS_OK)
		return fail(&err, EXIT_CONFIG);
	log_set_format((enum log_format)settings.log_format);
	if (arguments->adopt || arguments->join)
		code = adopt(arguments, &settings);
	else if (choose_sink(arguments, &settings, &options.clock, &options.sink, &err) == STATUS_OK)
		code = run(&options);
	else
		code = fail(&err, EXIT_USAGE);
	settings_free(&settings);
	return code;
}

int
main(int argc, char **argv)
{
	struct arguments arguments;
	struct err err = ERR_INIT;

	setlocale(LC_CTYPE, "C.UTF-8");
	log_open("daypartd", SEVERITY_INFO);
	if (parse_arguments(&argc, argv, &arguments, &err) != STATUS_OK) {
		if (err.hint[0] == '\0')
			err_hint(&err, "See: daypartd --help");
		return fail(&err, EXIT_USAGE);
	}
	if (arguments.help) {
		fputs(manual, stdout);
		return EXIT_OK;
	}
	if (arguments.version) {
		puts("daypartd " DAYPART_VERSION);
		return EXIT_OK;
	}
	log_set_level(arguments.quiet ? SEVERITY_ERROR : arguments.verbose > 0 ? SEVERITY_DEBUG : SEVERITY_INFO);
	return start(&arguments);
}
