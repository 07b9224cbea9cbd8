/*
 * main - the batch program daypart: global options, settings, signals; then one verb
 */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"

static atomic_bool cancelled;

struct arguments {
	const char *config, *format;
	int verbose;
	bool quiet, version, help, now_given;
	struct instant now;
};

static void
on_signal(int signal)
{
	(void)signal;
	atomic_store(&cancelled, true);
}

/* The first signal asks to stop, the second ends the program at once. A file that may not grow any more is an error of the write. */
static void
catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGXFSZ, SIG_IGN);
}

static enum status
parse_arguments(int *argc, char **argv, struct arguments *out, struct err *err)
{
	const struct instant unset = {INT64_MIN};
	const struct cli_option options[] = {
		{"config", 0, CLI_TEXT, &out->config},
		{"now", 0, CLI_INSTANT, &out->now},
		{"format", 0, CLI_TEXT, &out->format},
		{"verbose", 'v', CLI_COUNT, &out->verbose},
		{"quiet", 'q', CLI_FLAG, &out->quiet},
		{"version", 0, CLI_FLAG, &out->version},
		{"help", 'h', CLI_FLAG, &out->help},
	};

	*out = (struct arguments){.now = unset};
	if (cli_parse(argc, argv, options, sizeof(options) / sizeof(options[0]), CLI_LEAVE_UNKNOWN, err) != STATUS_OK)
		return err->status;
	out->now_given = out->now.us != unset.us;
	if (out->quiet && out->verbose > 0)
		return err_set(err, STATUS_INVALID, "-v and -q contradict each other");
	return STATUS_OK;
}

static int
fail_usage(struct err *err)
{
	if (err->hint[0] == '\0')
		err_hint(err, "See: daypart help");
	log_err(SEVERITY_ERROR, err);
	return EXIT_USAGE;
}

static int
fail_unknown_verb(const char *name)
{
	const char *meant = verb_nearest(name);
	struct err err = ERR_INIT;

	err_set(&err, STATUS_INVALID, "there is no verb \"%s\"", name);
	if (meant != NULL)
		err_hint(&err, "Did you mean: daypart %s", meant);
	return fail_usage(&err);
}

/* `daypart help [VERB | settings]` */
static int
help(int argc, char **argv)
{
	const struct verb *verb = argc > 2 ? verb_find(argv[2]) : NULL;

	if (argc <= 2)
		verb_print_list(stdout);
	else if (strcmp(argv[2], "settings") == 0)
		settings_describe(stdout);
	else if (verb != NULL)
		verb_print_manual(stdout, verb);
	else
		return fail_unknown_verb(argv[2]);
	return EXIT_OK;
}

/* For verbs without a database; whoever connects takes the server's. */
static struct instant
host_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){(int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

static void
set_log_level(const struct arguments *arguments)
{
	static const enum severity levels[] = {SEVERITY_WARNING, SEVERITY_INFO, SEVERITY_DEBUG};

	log_set_level(arguments->quiet ? SEVERITY_ERROR : levels[arguments->verbose > 2 ? 2 : arguments->verbose]);
}

static int
run_verb(const struct verb *verb, const struct arguments *arguments, int argc, char **argv)
{
	struct context context = {.verb = verb,
		.now = arguments->now_given ? arguments->now : host_clock(),
		.now_is_fixed = arguments->now_given,
		.cancelled = &cancelled};
	struct err err = ERR_INIT;
	int code;

	if (arguments->format != NULL && !output_format_parse(arguments->format, &context.format)) {
		err_set(&err, STATUS_INVALID, "--format must be table, csv or json, not \"%s\"", arguments->format);
		return fail_usage(&err);
	}
	if (settings_load(arguments->config, &context.settings, &err) != STATUS_OK) {
		log_err(SEVERITY_ERROR, &err);
		return EXIT_CONFIG;
	}
	log_set_format((enum log_format)context.settings.log_format);
	code = verb->run(&context, argc, argv);
	session_close(&context.session);
	settings_free(&context.settings);
	return code;
}

int
main(int argc, char **argv)
{
	struct arguments arguments;
	struct err err = ERR_INIT;
	const struct verb *verb;

	setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters; everything daypart reads and writes is UTF-8 */
	log_open("daypart", SEVERITY_WARNING);
	if (parse_arguments(&argc, argv, &arguments, &err) != STATUS_OK)
		return fail_usage(&err);
	set_log_level(&arguments);
	if (arguments.version) {
		puts("daypart " DAYPART_VERSION);
		return EXIT_OK;
	}
	if (argc < 2 && !arguments.help) {
		verb_print_list(stderr);
		return EXIT_USAGE;
	}
	if (argc < 2 || strcmp(argv[1], "help") == 0)
		return help(argc, argv);
	verb = verb_find(argv[1]);
	if (verb == NULL)
		return fail_unknown_verb(argv[1]);
	if (arguments.help) {
		verb_print_manual(stdout, verb);
		return EXIT_OK;
	}
	catch_signals();
	return run_verb(verb, &arguments, argc - 1, argv + 1);
}
