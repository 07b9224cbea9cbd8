/*
 * plan - plans or re-plans what is approved, publishes it and tells the difference
 */
#include <string.h>
#include <unistd.h>

#include "planner/context.h"
#include "planner/forecast.h"
#include "planner/law/breaker_watch.h"
#include "planner/law/lawbook.h"
#include "planner/planning_load.h"
#include "planner/publish.h"
#include "planner/segments.h"

struct plan_arguments {
	const char *campaign;
	struct duration horizon;
	bool dry_run;
	int jobs;
};

/* A warning is for a person: a campaign that was approved, yet cannot be planned. */
static int
report_problems(const struct planning *planning)
{
	int code = EXIT_OK;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->problem == NULL)
			continue;
		log_event(SEVERITY_ERROR,
			&(struct log_about){.event = "campaign_unplannable", .campaign = campaign->name, .reason = campaign->problem},
			"campaign \"%s\" cannot be planned: %s", campaign->name, campaign->problem);
		code = EXIT_ATTENTION;
	}
	return code;
}

static enum status
publish(struct planning *planning, enum publish_mode mode, struct err *err)
{
	int64_t swept = 0;
	if (!planning_changes_anything(planning)) {
		log_message(SEVERITY_INFO, "nothing changes");
		return publish_nothing(planning, mode, err);
	}
	enum status status = publish_planning(planning, mode, &swept, err);
	if (status == STATUS_OK && swept > 0)
		log_message(SEVERITY_INFO, "%lld people whose facts changed meanwhile are left to the next plan", (long long)swept);
	return status;
}

static enum status
make_plan(struct context *context, const struct plan_arguments *arguments, int *out_code, struct err *err)
{
	const struct planning_options options = {
		.context = context, .campaign = arguments->campaign, .horizon = arguments->horizon, .jobs = arguments->jobs};
	struct planning *planning;
	enum status status = planning_read(&options, &planning, err);
	if (status != STATUS_OK)
		return status;
	if (!arguments->dry_run)
		status = publish_prepare(planning, err);
	if (status == STATUS_OK)
		status = planning_decide(planning, err);
	if (status == STATUS_OK)
		status = publish(planning, arguments->dry_run ? PUBLISH_DRY_RUN : PUBLISH_COMMIT, err);
	if (status == STATUS_OK && log_level() < SEVERITY_ERROR)
		status = forecast_print(planning, arguments->dry_run, err);
	if (status == STATUS_OK)
		*out_code = report_problems(planning);
	publish_abandon(planning);
	planning_free(&planning);
	return status;
}

/* A campaign that changes under the planner's hands makes it start again, so that cron need not. */
enum { PLAN_ATTEMPTS = 3 };

static bool
is_overtaken(const struct err *err)
{
	return strcmp(err->sqlstate, "40001") == 0;
}

static enum status
make_plan_patiently(struct context *context, const struct plan_arguments *arguments, int *out_code, struct err *err)
{
	enum status status = make_plan(context, arguments, out_code, err);
	for (int attempt = 1; attempt < PLAN_ATTEMPTS && status != STATUS_OK && is_overtaken(err); attempt++) {
		log_message(SEVERITY_INFO, "%s: planning again", err->primary);
		*err = (struct err)ERR_INIT;
		status = make_plan(context, arguments, out_code, err);
	}
	return status;
}

/* Tells a second planner to come back later; publish_plan() in the database is what really keeps two apart. */
static enum status
take_turn(struct context *context, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(context->session, &sql_query_plan_lock, NULL, 0, &rows, err);
	if (status != STATUS_OK)
		return status;
	const bool mine = session_bool(rows, 0, 0);
	PQclear(rows);
	if (mine)
		return session_query(context->session, &sql_query_plan_drop_empty_parts, NULL, 0, NULL, err);
	(void)err_set(err, STATUS_CONFLICT, "another daypart plan is running");
	return err_hint(err, "it is safe to run this again when that one has finished");
}

/* What has been said of the senders may stop some of what is about to be planned. */
static enum status
watch_breakers(struct context *context, struct err *err)
{
	struct parsed_law law = PARSED_LAW_INIT;
	int32_t rulebook_id;
	bool quiet;
	enum status status = breaker_watch_is_quiet(context->session, context->now, &quiet, err);
	if (status != STATUS_OK || quiet)
		return status;
	status = lawbook_load_rules(context->session, &law, &rulebook_id, err);
	if (status == STATUS_OK)
		status = breaker_watch(context->session, law.rulebook, context->now, err);
	parsed_law_free(&law);
	return status;
}

/* A dry run writes nothing, so it plans segments as they were refreshed last, and what has tripped already. */
static enum status
begin_in_earnest(struct context *context, const char *campaign, bool *out_segments_fine, struct err *err)
{
	enum status status = take_turn(context, err);
	if (status == STATUS_OK)
		status = watch_breakers(context, err);
	return status == STATUS_OK ? segments_refresh(context, campaign, out_segments_fine, err) : status;
}

/* A plan, also one that is not kept, looks at everybody's number, consent and history, which not every role may read. A signal may have met it
 * anywhere, also inside a statement of which the server has a tale of its own to tell. */
static int
fail(const struct context *context, struct err *err)
{
	if (strcmp(err->sqlstate, "42501") == 0 && err->hint[0] == '\0')
		(void)err_hint(err,
			"Plans and forecasts look at everybody's number and consent: ask somebody with role daypart_planner to run it. Whom a campaign "
			"reaches is told by daypart approve.");
	if (err->status == STATUS_CANCELLED)
		(void)err_set(err, STATUS_CANCELLED, "cancelled; the old plan stands");
	return context_fail(context, err);
}

/* The same range as that of the setting plan.horizon. */
static enum status
check_horizon(struct duration horizon, struct err *err)
{
	if (horizon.us < US_PER_HOUR || horizon.us > 366 * US_PER_DAY)
		return err_set(err, STATUS_INVALID, "--horizon must be from 1h to 366d");
	return STATUS_OK;
}

static int
default_jobs(void)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	return processors < 1 ? 1 : processors > LOAD_JOBS_MAX ? LOAD_JOBS_MAX : (int)processors;
}

static enum status
check_jobs(int jobs, struct err *err)
{
	if (jobs < 1 || jobs > LOAD_JOBS_MAX)
		return err_set(err, STATUS_INVALID, "--jobs must be from 1 to %d", LOAD_JOBS_MAX);
	return STATUS_OK;
}

int
verb_plan(struct context *context, int argc, char **argv)
{
	struct plan_arguments arguments = {.horizon = context->settings.plan_horizon, .jobs = default_jobs()};
	const struct cli_option options[] = {
		{"campaign", 0, CLI_TEXT, &arguments.campaign},
		{"horizon", 0, CLI_DURATION, &arguments.horizon},
		{"dry-run", 0, CLI_FLAG, &arguments.dry_run},
		{"jobs", 0, CLI_INT, &arguments.jobs},
	};
	struct err err = ERR_INIT;
	if (cli_parse(&argc, argv, options, sizeof options / sizeof *options, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK || check_horizon(arguments.horizon, &err) != STATUS_OK ||
		check_jobs(arguments.jobs, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	bool segments_fine = true;
	int code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	if ((!arguments.dry_run && begin_in_earnest(context, arguments.campaign, &segments_fine, &err) != STATUS_OK) ||
		make_plan_patiently(context, &arguments, &code, &err) != STATUS_OK)
		return fail(context, &err);
	return code == EXIT_OK && !segments_fine ? EXIT_ATTENTION : code;
}
