/*
 * status - what runs, what waits, what needs a person
 *
 * One read-only snapshot, so that the tables agree with each other. What needs a person is one list with a cure per row: most of it is one
 * statement; what the rulebook says, and what only this host knows (its zone data), is added here. The exit code says whether that list is empty.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/tzdb.h"
#include "planner/context.h"
#include "planner/law/zone_check.h"
#include "planner/status_law.h"

struct status_report {
	struct context *context;
	struct output *output;
	int needs;
};

static const struct output_column need_columns[] = {{"what", OUTPUT_TEXT}, {"which", OUTPUT_TEXT}, {"cure", OUTPUT_TEXT}};

static void
add_need(struct status_report *report, const char *what, const char *which, const char *cure)
{
	output_row(report->output, (const char *const[]){what, which, cure});
	report->needs++;
}

static enum status
add_needs_of_database(struct status_report *report, struct err *err)
{
	struct context *context = report->context;
	char now[SESSION_PARAM_MAX], every[SESSION_PARAM_MAX];
	const char *params[] = {
		session_param_instant(context->now, now), session_param_int(context->settings.plan_every.us / US_PER_SECOND, every)};
	PGresult *rows;

	if (session_query(context->session, &sql_query_status_needs, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	for (int i = 0; i < PQntuples(rows); i++)
		add_need(report, PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2));
	PQclear(rows);
	return STATUS_OK;
}

static void
on_law_need(void *context, const char *what, const char *which, const char *cure)
{
	add_need(context, what, which, cure);
}

static void
on_zone_finding(void *context, const char *which)
{
	add_need(context, "a time zone is in doubt", which, "upgrade tzdata here; if it stays, look which of the two is right");
}

/* Slots of zones whose offsets changed are held at dispatch; planning again settles it. */
static void
compare_version(struct status_report *report, const char *plan_tzdata, const char *own_tzdata)
{
	char which[128];

	if (plan_tzdata[0] == '\0' || strcmp(plan_tzdata, own_tzdata) == 0)
		return;
	snprintf(which, sizeof(which), "the plan was made with %s, this host has %s", plan_tzdata, own_tzdata);
	add_need(report, "zone data has changed since the plan", which, "daypart plan, after upgrading tzdata on every host");
}

static enum status
add_needs_of_zones(struct status_report *report, const char *plan_tzdata, struct err *err)
{
	const struct instant now = report->context->now;
	const struct interval span = {{now.us - US_PER_DAY}, {now.us + report->context->settings.plan_horizon.us + US_PER_DAY}};
	const struct tzdb_source source = {.directory = report->context->settings.zoneinfo_dir, .horizon = span};
	struct zone_check check = {.span = span, .on_finding = on_zone_finding, .context = report};
	struct zone_set *zones = NULL;
	struct err why = ERR_INIT;
	enum status status;

	if (tzdb_load(&source, &zones, &why) != STATUS_OK) {
		add_need(report, "this host has no zone data", why.primary, "install tzdata, or correct the setting zoneinfo_dir");
		return STATUS_OK;
	}
	compare_version(report, plan_tzdata, zone_set_version(zones));
	check.zones = zones;
	status = zone_check(report->context->session, &check, err);
	zone_set_free(&zones);
	return status;
}

enum { COLUMN_PLAN_TZDATA = 5 }; /* of status_installation */

static enum status
show_needs(struct status_report *report, const PGresult *installation, struct err *err)
{
	const struct date today = wall_date((struct wall){report->context->now.us});

	output_table(report->output, "needs", need_columns, 3);
	if (add_needs_of_database(report, err) != STATUS_OK ||
		status_law_needs(report->context->session, today, on_law_need, report, err) != STATUS_OK)
		return err->status;
	return add_needs_of_zones(report, PQgetvalue(installation, 0, COLUMN_PLAN_TZDATA), err);
}

static enum status
show_table(struct status_report *report, const char *name, const struct sql_statement *statement, int param_count, struct err *err)
{
	struct context *context = report->context;
	char now[SESSION_PARAM_MAX];
	const char *param = session_param_instant(context->now, now);
	PGresult *rows;

	if (session_query(context->session, statement, &param, param_count, &rows, err) != STATUS_OK)
		return err->status;
	output_result(report->output, name, rows);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
show_installation(struct status_report *report, PGresult **out, struct err *err)
{
	struct context *context = report->context;
	char now[SESSION_PARAM_MAX];
	const char *param = session_param_instant(context->now, now);

	if (session_query(context->session, &sql_query_status_installation, &param, 1, out, err) != STATUS_OK)
		return err->status;
	output_result_record(report->output, "installation", *out);
	return STATUS_OK;
}

static enum status
show_all(struct status_report *report, struct err *err)
{
	PGresult *installation = NULL;
	enum status status = show_installation(report, &installation, err);

	if (status == STATUS_OK)
		status = show_table(report, "senders", &sql_query_status_senders, 1, err);
	if (status == STATUS_OK)
		status = show_table(report, "campaigns", &sql_query_status_campaigns, 0, err);
	if (status == STATUS_OK)
		status = show_table(report, "segments", &sql_query_status_segments, 0, err);
	if (status == STATUS_OK)
		status = show_table(report, "plans", &sql_query_status_plans, 0, err);
	if (status == STATUS_OK)
		status = show_needs(report, installation, err);
	PQclear(installation);
	return status;
}

static enum status
run(struct status_report *report, struct err *err)
{
	struct session *session = report->context->session;
	struct err ignored = ERR_INIT;
	enum status status = session_begin(session, SESSION_REPEATABLE_READ_ONLY, err);

	if (status == STATUS_OK)
		status = output_open(report->context->format, stdout, &report->output, err);
	if (status == STATUS_OK) {
		status = show_all(report, err);
		if (output_close(&report->output, status == STATUS_OK ? err : &ignored) != STATUS_OK && status == STATUS_OK)
			status = err->status;
	}
	session_rollback(session);
	return status;
}

int
verb_status(struct context *context, int argc, char **argv)
{
	struct status_report report = {.context = context};
	struct err err = ERR_INIT;
	int code;

	if (cli_parse(&argc, argv, NULL, 0, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	if (run(&report, &err) != STATUS_OK)
		return context_fail(context, &err);
	return report.needs > 0 ? EXIT_ATTENTION : EXIT_OK;
}
