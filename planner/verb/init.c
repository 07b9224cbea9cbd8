/*
 * init - creates or upgrades schema daypart and fills it, in one transaction
 *
 * Zone data, rulebook and calendars are checked before the transaction begins. What was done is collected and printed after the
 * commit, so that nothing is claimed that did not happen.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/tzdb.h"
#include "planner/context.h"
#include "planner/install.h"
#include "planner/law/zone_check.h"
#include "sql/migrate.h"

enum {
	REPORT_MAX = 32, /* one line a step, with room */
	TRIES_MAX = 60,  /* of an upgrade that somebody hinders, PAUSE_S apart */
	PAUSE_S = 1,
	ZONES_AHEAD_DAYS = 400 /* as far as a plan looks, and a year */
};

struct report {
	struct {
		char what[64], done[256];
	} lines[REPORT_MAX];
	int count;
};

static void
on_done(void *context, const char *what, const char *done)
{
	struct report *report = context;

	if (report->count == REPORT_MAX)
		return;
	snprintf(report->lines[report->count].what, sizeof(report->lines->what), "%s", what);
	snprintf(report->lines[report->count].done, sizeof(report->lines->done), "%s", done);
	report->count++;
}

static void
report_migration(struct report *report, const struct migrate_report *migration)
{
	char done[64];

	if (migration->from == migration->to)
		return;
	if (migration->from == 0)
		snprintf(done, sizeof(done), "made, version %d", migration->to);
	else
		snprintf(done, sizeof(done), "upgraded from version %d to %d", migration->from, migration->to);
	on_done(report, "schema", done);
}

static enum status
print_report(const struct context *context, const struct report *report, struct err *err)
{
	static const struct output_column columns[] = {{"what", OUTPUT_TEXT}, {"done", OUTPUT_TEXT}};
	struct output *output;

	if (output_open(context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	output_table(output, "init", columns, 2);
	for (int i = 0; i < report->count; i++)
		output_row(output, (const char *const[]){report->lines[i].what, report->lines[i].done});
	if (report->count == 0)
		output_row(output, (const char *const[]){"everything", "nothing to do"});
	return output_close(&output, err);
}

/* What this host brings, read and checked before the database is touched. */
struct host {
	struct zone_set *zones;
	struct law_texts law;
	struct protected_words protected;
};

static enum status
fill(const struct install *install, const struct host *host, bool rehearsal, struct report *report, struct err *err)
{
	struct migrate_report migration;

	if (migrate_upgrade(install->session, &migration, err) != STATUS_OK)
		return err->status;
	report_migration(report, &migration);
	if (install_installation(install, rehearsal, err) != STATUS_OK || install_words(install, host->zones, err) != STATUS_OK)
		return err->status;
	if (install_protected(install, &host->protected, err) != STATUS_OK)
		return err->status;
	return install_rulebook(install, &host->law, err);
}

static void
warn_of_zone(void *context, const char *which)
{
	(void)context;
	log_message(SEVERITY_WARNING, "time zone %s", which);
}

static struct interval
zones_span(struct instant now)
{
	return (struct interval){{now.us - US_PER_DAY}, {now.us + ZONES_AHEAD_DAYS * US_PER_DAY}};
}

static void
warn_of_left_out(void *context, const char *name, const struct err *why)
{
	(void)context;
	log_message(SEVERITY_WARNING, "time zone %s is left out, people in it are held: %s", name, why->primary);
}

static enum status
read_host(const struct context *context, struct host *out, struct err *err)
{
	const struct tzdb_source source = {
		.directory = context->settings.zoneinfo_dir, .horizon = zones_span(context->now), .on_left_out = warn_of_left_out};

	if (tzdb_load(&source, &out->zones, err) != STATUS_OK)
		return err->status;
	if (install_read_law(&context->settings, out->zones, &out->law, err) != STATUS_OK)
		return err->status;
	return install_read_protected(&context->settings, &out->protected, err);
}

static enum status
run(struct context *context, const struct host *host, bool rehearsal, struct err *err)
{
	struct report report = {.count = 0};
	const struct install install = {.session = context->session, .on_done = on_done, .context = &report};
	const struct zone_check check = {.zones = host->zones, .span = zones_span(context->now), .on_finding = warn_of_zone};
	enum status status = session_begin(context->session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = fill(&install, host, rehearsal, &report, err);
	if (status == STATUS_OK)
		status = session_commit(context->session, err);
	session_rollback(context->session);
	if (status == STATUS_OK)
		status = zone_check(context->session, &check, err);
	return status == STATUS_OK ? print_report(context, &report, err) : status;
}

/* Somebody reads or writes for a long time what the upgrade must change: it stands back, so that nobody waits behind it, and comes again. */
static enum status
run_patiently(struct context *context, const struct host *host, bool rehearsal, struct err *err)
{
	for (int tries = 1; run(context, host, rehearsal, err) != STATUS_OK; tries++) {
		if (!migrate_was_hindered(err))
			return err->status;
		if (tries == TRIES_MAX || atomic_load(context->cancelled))
			return err_hint(err,
				"Nothing was changed. Somebody holds a lock for long: end or wait for it (pg_stat_activity, a backup, a plan), then "
				"repeat.");
		if (tries == 1)
			log_event(SEVERITY_WARNING, &(struct log_about){.event = "upgrade_waits"}, "the upgrade waits for others: %s", err->primary);
		*err = (struct err)ERR_INIT;
		nanosleep(&(struct timespec){.tv_sec = PAUSE_S}, NULL);
	}
	return STATUS_OK;
}

/* What is wrong with the host's files, the schema or the rights is a matter of configuration. */
static int
fail(const struct context *context, const struct err *err)
{
	const int code = context_fail(context, err);

	return code == EXIT_BAD_DATA ? EXIT_CONFIG : code;
}

int
verb_init(struct context *context, int argc, char **argv)
{
	bool rehearsal = false;
	const struct cli_option options[] = {{"rehearsal", 0, CLI_FLAG, &rehearsal}};
	struct host host = {.law = LAW_TEXTS_INIT, .protected = PROTECTED_WORDS_INIT};
	struct err err = ERR_INIT;
	enum status status;
	int code;

	if (cli_parse(&argc, argv, options, 1, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_ANY);
	if (code != EXIT_OK)
		return code;
	status = read_host(context, &host, &err);
	if (status == STATUS_OK)
		status = run_patiently(context, &host, rehearsal, &err);
	law_texts_free(&host.law);
	protected_words_free(&host.protected);
	zone_set_free(&host.zones);
	return status == STATUS_OK ? EXIT_OK : fail(context, &err);
}
