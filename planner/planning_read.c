#include "planning_read.h"

#include <stdlib.h>
#include <string.h>

#include "planning_series.h"
#include "planning_terms.h"

/* The zones are read this far around what is planned: for month edges before, for readings of local times after. */
static const struct duration ZONE_MARGIN = {40 * US_PER_DAY};
/* Campaigns ----------------------------------------------------------------------------------------------------------------------------- */

enum campaign_column {
	COLUMN_NAME,
	COLUMN_CAMPAIGN_ID,
	COLUMN_STARTS_AT,
	COLUMN_ENDS_AT,
	COLUMN_LOCAL_FROM,
	COLUMN_LOCAL_TO,
	COLUMN_PACING,
	COLUMN_HOLDOUT,
	COLUMN_CATEGORY,
	COLUMN_CHANNEL,
	COLUMN_SENDER,
	COLUMN_SENDER_ID,
	COLUMN_PORTFOLIO,
	COLUMN_BUSINESS,
	COLUMN_BUSINESS_ID,
	COLUMN_AUDIENCES,
	COLUMN_EXCEPTED,
	COLUMN_DIGEST,
	COLUMN_PROBLEM,
	COLUMN_APPROVED_PEOPLE,
	COLUMN_APPROVED_DIGEST,
	COLUMN_RRULE,
	COLUMN_SEND_AT,
	COLUMN_SPLIT_PERCENT,
	COLUMN_SUBJECT,
	COLUMN_HOLD,
	COLUMN_HOLD_RULE
};

static void
copy_name(const PGresult *rows, int row, int column, char out[CAMPAIGN_NAME_MAX])
{
	snprintf(out, CAMPAIGN_NAME_MAX, "%s", PQgetvalue(rows, row, column));
}

static enum status
parse_times(const PGresult *rows, int row, struct planned_campaign *campaign, struct err *err)
{
	const char *starts_at = PQgetvalue(rows, row, COLUMN_STARTS_AT);
	if (!PQgetisnull(rows, row, COLUMN_RRULE) && (campaign->rrule = strdup(PQgetvalue(rows, row, COLUMN_RRULE))) == NULL)
		return planning_no_memory(err);
	if (campaign_time_parse(starts_at, &campaign->facts.starts_at, err) != STATUS_OK ||
		campaign_time_date(starts_at, &campaign->occurrence, err) != STATUS_OK)
		return err_wrap(err, "starts_at");
	if (campaign_time_parse(PQgetvalue(rows, row, COLUMN_ENDS_AT), &campaign->facts.ends_at, err) != STATUS_OK)
		return err_wrap(err, "ends_at");
	campaign->facts.has_hours = !PQgetisnull(rows, row, COLUMN_LOCAL_FROM);
	if (campaign->facts.has_hours)
		campaign->facts.hours =
			(struct day_range){{(int32_t)session_int(rows, row, COLUMN_LOCAL_FROM)}, {(int32_t)session_int(rows, row, COLUMN_LOCAL_TO)}};
	return STATUS_OK;
}

/* "3 4 5": the lanes of a portfolio. */
static enum status
parse_portfolio(const char *text, struct planned_campaign *campaign, struct err *err)
{
	campaign->portfolio = calloc(strlen(text) / 2 + 1, sizeof *campaign->portfolio);
	if (campaign->portfolio == NULL)
		return planning_no_memory(err);
	for (char *end; *text != '\0'; text = end)
		campaign->portfolio[campaign->portfolio_count++] = (int16_t)strtol(text, &end, 10);
	return STATUS_OK;
}

static void
parse_approval(const PGresult *rows, int row, struct planned_campaign *campaign)
{
	campaign->approval_names_audience = !PQgetisnull(rows, row, COLUMN_APPROVED_PEOPLE) && !PQgetisnull(rows, row, COLUMN_APPROVED_DIGEST);
	if (!campaign->approval_names_audience)
		return;
	campaign->approved_people = session_int(rows, row, COLUMN_APPROVED_PEOPLE);
	campaign->approved_digest = session_int(rows, row, COLUMN_APPROVED_DIGEST);
}

static enum pacing
pacing_of(const char *text)
{
	if (strcmp(text, "at") == 0)
		return DEAL_AT;
	return strcmp(text, "even") == 0 ? DEAL_EVEN : DEAL_ASAP;
}

static void
parse_pacing(const PGresult *rows, int row, struct campaign_facts *facts)
{
	facts->pacing = pacing_of(PQgetvalue(rows, row, COLUMN_PACING));
	if (!PQgetisnull(rows, row, COLUMN_SEND_AT))
		facts->send_at.s = (int32_t)session_int(rows, row, COLUMN_SEND_AT);
}

/* Whom it reaches. */
static enum status
parse_audiences(const PGresult *rows, int row, struct planned_campaign *campaign, struct err *err)
{
	campaign->audiences = strdup(PQgetvalue(rows, row, COLUMN_AUDIENCES));
	campaign->excepted = strdup(PQgetvalue(rows, row, COLUMN_EXCEPTED));
	return campaign->audiences != NULL && campaign->excepted != NULL ? STATUS_OK : planning_no_memory(err);
}

/* What stops all of it, or nothing: a breaker or the state of the sender. */
static enum status
parse_hold(const PGresult *rows, int row, struct planned_campaign *campaign, struct err *err)
{
	const char *name = PQgetvalue(rows, row, COLUMN_HOLD);
	snprintf(campaign->hold_rule, sizeof campaign->hold_rule, "%s", PQgetvalue(rows, row, COLUMN_HOLD_RULE));
	for (size_t i = 0; i < reason_table_count; i++)
		if (strcmp(reason_table[i].name, name) == 0)
			campaign->hold = reason_table[i].code;
	if (*name == '\0' || campaign->hold != REASON_NONE)
		return STATUS_OK;
	return err_set(err, STATUS_INTERNAL, "campaign \"%s\" is held for a reason this program does not know: %s", campaign->name, name);
}

static enum status
parse_campaign(const PGresult *rows, int row, struct planned_campaign *campaign, struct err *err)
{
	struct campaign_facts *facts = &campaign->facts;
	copy_name(rows, row, COLUMN_NAME, campaign->name);
	copy_name(rows, row, COLUMN_SENDER, campaign->sender);
	copy_name(rows, row, COLUMN_BUSINESS, campaign->business);
	snprintf(campaign->digest, sizeof campaign->digest, "%s", PQgetvalue(rows, row, COLUMN_DIGEST));
	facts->campaign_id = (int32_t)session_int(rows, row, COLUMN_CAMPAIGN_ID);
	parse_pacing(rows, row, facts);
	facts->holdout_percent = (unsigned)session_int(rows, row, COLUMN_HOLDOUT);
	facts->split_percent = (unsigned)session_int(rows, row, COLUMN_SPLIT_PERCENT);
	facts->subject = (uint32_t)session_int(rows, row, COLUMN_SUBJECT);
	campaign->lane = (int16_t)session_int(rows, row, COLUMN_SENDER_ID);
	campaign->business_id = (int32_t)session_int(rows, row, COLUMN_BUSINESS_ID);
	if (!category_parse(PQgetvalue(rows, row, COLUMN_CATEGORY), &facts->category) ||
		!channel_parse(PQgetvalue(rows, row, COLUMN_CHANNEL), &facts->channel))
		return err_set(err, STATUS_INTERNAL, "campaign \"%s\" has a category or channel this program does not know", campaign->name);
	parse_approval(rows, row, campaign);
	if (parse_hold(rows, row, campaign, err) != STATUS_OK)
		return err->status;
	enum status status = parse_portfolio(PQgetvalue(rows, row, COLUMN_PORTFOLIO), campaign, err);
	if (status == STATUS_OK)
		status = parse_audiences(rows, row, campaign, err);
	return status == STATUS_OK ? parse_times(rows, row, campaign, err) : status;
}

/* What stands in the way: the small tables' own problems, or its dates. Whether a campaign that recurs is over is found when it is expanded. */
static enum status
check_campaign(const struct planning *planning, const PGresult *rows, int row, struct planned_campaign *campaign, struct err *err)
{
	if (!PQgetisnull(rows, row, COLUMN_PROBLEM) && (campaign->problem = strdup(PQgetvalue(rows, row, COLUMN_PROBLEM))) == NULL)
		return planning_no_memory(err);
	const enum status status = planning_set_bounds(planning, campaign, err);
	campaign->ended = campaign->ended && campaign->rrule == NULL;
	return status;
}

enum status
planning_set_aside(struct planned_campaign *campaign, struct err *err)
{
	if (err->status != STATUS_INVALID)
		return err->status;
	free(campaign->problem);
	campaign->problem = strdup(err->primary);
	*err = (struct err)ERR_INIT;
	return campaign->problem != NULL ? STATUS_OK : planning_no_memory(err);
}

static enum status
read_campaigns(struct planning *planning, struct err *err)
{
	PGresult *rows;
	const char *const params[] = {planning->options.campaign};
	enum status status = session_query(planning->options.context->session, &sql_query_plan_campaigns, params, 1, &rows, err);
	if (status != STATUS_OK)
		return status;
	planning->campaigns = calloc((size_t)PQntuples(rows) + 1, sizeof *planning->campaigns);
	if (planning->campaigns == NULL)
		status = planning_no_memory(err);
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++) {
		struct planned_campaign *campaign = &planning->campaigns[planning->campaign_count++];
		status = parse_campaign(rows, row, campaign, err);
		if (status == STATUS_OK)
			status = check_campaign(planning, rows, row, campaign, err);
		if (status != STATUS_OK)
			status = planning_set_aside(campaign, err);
	}
	PQclear(rows);
	return status;
}

/* A named campaign that is not among the approved ones: says which of the two it is. */
static enum status
explain_missing(const struct planning *planning, struct err *err)
{
	PGresult *rows;
	const char *const params[] = {planning->options.campaign};
	enum status status = session_query(planning->options.context->session, &sql_query_plan_campaign_status, params, 1, &rows, err);
	if (status != STATUS_OK)
		return status;
	if (PQntuples(rows) == 0) {
		(void)err_set(err, STATUS_NOT_FOUND, "there is no campaign \"%s\"", planning->options.campaign);
		status = err_hint(err, "see daypart status for the names");
	} else {
		const char *is = PQgetvalue(rows, 0, 0);
		(void)err_set(err, STATUS_INVALID, "campaign \"%s\" is %s; only approved campaigns are planned", planning->options.campaign, is);
		if (strcmp(is, "paused") == 0)
			status = err_hint(err, "daypart resume \"%s\"", planning->options.campaign);
		else if (strcmp(is, "draft") == 0)
			status = err_hint(err, "daypart approve \"%s\"", planning->options.campaign);
		else
			status = err_hint(err, "what is left of it goes out as a new campaign");
	}
	PQclear(rows);
	return status;
}

/* Stored runs --------------------------------------------------------------------------------------------------------------------------- */

struct instant
planning_lookback(const struct planning *planning, int32_t business_id)
{
	struct instant earliest = planning->now;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		const uint32_t category = CATEGORY_BIT(campaign->facts.category), channel = CHANNEL_BIT(campaign->facts.channel);
		if (planning_is_plannable(campaign) && (business_id == 0 || campaign->business_id == business_id))
			earliest = instant_min(earliest, lawbook_lookback(planning->law, category, channel, planning->now));
	}
	return earliest;
}

static enum status
parse_run(const PGresult *rows, int row, struct stored_run *run, struct err *err)
{
	enum category category;
	enum channel channel;
	if (!category_parse(PQgetvalue(rows, row, 4), &category) || !channel_parse(PQgetvalue(rows, row, 5), &channel))
		return err_set(err, STATUS_INTERNAL, "a campaign run has a category or channel this program does not know");
	*run = (struct stored_run){.run_id = (int32_t)session_int(rows, row, 0),
		.campaign_id = (int32_t)session_int(rows, row, 1),
		.business_id = (int32_t)session_int(rows, row, 3),
		.category = (uint8_t)category,
		.channel = (uint8_t)channel,
		.last_at = {session_int(rows, row, 7)},
		.dropped = session_bool(rows, row, 8),
		.subject = (uint32_t)session_int(rows, row, 9)};
	snprintf(run->digest, sizeof run->digest, "%s", PQgetvalue(rows, row, 6));
	return date_parse(PQgetvalue(rows, row, 2), &run->occurrence, err);
}

static enum status
parse_runs(struct planning *planning, const PGresult *rows, struct err *err)
{
	planning->runs = calloc((size_t)PQntuples(rows) + 1, sizeof *planning->runs);
	if (planning->runs == NULL)
		return planning_no_memory(err);
	for (int row = 0; row < PQntuples(rows); row++) {
		struct stored_run *run = &planning->runs[planning->run_count++];
		enum status status = parse_run(rows, row, run, err);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
read_runs(struct planning *planning, struct err *err)
{
	char since[SESSION_PARAM_MAX];
	struct array_text businesses = ARRAY_TEXT_INIT, campaigns = ARRAY_TEXT_INIT;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		array_text_add_int(&businesses, planning->campaigns[i].business_id);
		if (planning->campaigns[i].rrule == NULL)
			array_text_add_int(&campaigns, planning->campaigns[i].facts.campaign_id);
	}
	const char *const params[] = {
		array_text(&businesses), session_param_instant(planning_lookback(planning, 0), since), array_text(&campaigns)};
	PGresult *rows = NULL;
	enum status status = STATUS_OK;
	if (params[0] == NULL || params[2] == NULL)
		status = planning_no_memory(err);
	else
		status = session_query(planning->options.context->session, &sql_query_plan_runs, params, 3, &rows, err);
	if (status == STATUS_OK)
		status = parse_runs(planning, rows, err);
	PQclear(rows);
	array_text_free(&businesses);
	array_text_free(&campaigns);
	return status;
}

static enum status
read_classes(struct planning *planning, struct err *err)
{
	char rulebook[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(planning->rulebook_id, rulebook)};
	PGresult *rows;
	enum status status = session_query(planning->options.context->session, &sql_query_plan_classes, params, 1, &rows, err);
	if (status != STATUS_OK)
		return status;
	planning->stored_classes = calloc((size_t)PQntuples(rows) + 1, sizeof *planning->stored_classes);
	if (planning->stored_classes == NULL)
		status = planning_no_memory(err);
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++) {
		struct stored_class *class = &planning->stored_classes[planning->stored_class_count++];
		class->class_id = (int32_t)session_int(rows, row, 0);
		class->key = strdup(PQgetvalue(rows, row, 1));
		if (class->key == NULL)
			status = planning_no_memory(err);
	}
	PQclear(rows);
	return status;
}

/* The snapshot -------------------------------------------------------------------------------------------------------------------------- */

static enum status
begin(struct planning *planning, struct err *err)
{
	struct session *session = planning->options.context->session;
	PGresult *rows;
	enum status status = session_begin(session, SESSION_REPEATABLE_READ_ONLY, err);
	if (status != STATUS_OK || (status = session_query(session, &sql_query_plan_begin, NULL, 0, &rows, err)) != STATUS_OK)
		return status;
	if (PQntuples(rows) != 1) {
		PQclear(rows);
		(void)err_set(err, STATUS_INVALID, "the database holds no rulebook");
		return err_hint(err, "run: daypart init");
	}
	snprintf(planning->snapshot, sizeof planning->snapshot, "%s", PQgetvalue(rows, 0, 0));
	planning->seen = strdup(PQgetvalue(rows, 0, 1));
	snprintf(planning->started, sizeof planning->started, "%s", PQgetvalue(rows, 0, 2));
	planning->head = (int32_t)session_int(rows, 0, 3);
	planning->rulebook_id = (int32_t)session_int(rows, 0, 4);
	PQclear(rows);
	return planning->seen != NULL ? STATUS_OK : planning_no_memory(err);
}

/* Whether some campaign reads the stream. */
static bool
someone_asks_for(const struct planning *planning, int stream)
{
	bool inbound = false, contacts = false;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		inbound = inbound || planning->campaigns[i].asks.inbound;
		contacts = contacts || planning->campaigns[i].asks.contacts;
	}
	return stream == STREAM_INBOUND ? inbound : stream == STREAM_CONTACTED ? contacts : true;
}

enum status
planning_open_streams(struct planning *planning, struct err *err)
{
	enum status status = STATUS_OK;
	if (planning->streams[0] != NULL)
		return STATUS_OK;
	for (int i = 0; i < STREAM_COUNT && status == STATUS_OK; i++) {
		if (!someone_asks_for(planning, i))
			continue;
		status = session_clone(planning->options.context->session, "daypart plan", &planning->streams[i], err);
		if (status == STATUS_OK)
			status = session_begin_snapshot(planning->streams[i], planning->snapshot, err);
	}
	return status;
}

static enum status
load_law(struct planning *planning, struct err *err)
{
	struct interval horizon = {{planning->now.us - ZONE_MARGIN.us}, {planning->now.us + LONGEST_CAMPAIGN.us + ZONE_MARGIN.us}};
	for (size_t i = 0; i < planning->campaign_count; i++)
		horizon.from = instant_min(horizon.from, (struct instant){planning->campaigns[i].first_at.us - ZONE_MARGIN.us});
	struct context *context = planning->options.context;
	const struct lawbook_source source = {.zoneinfo_dir = context->settings.zoneinfo_dir, .horizon = horizon};
	return lawbook_load(context->session, &source, &planning->law, err);
}

enum status
planning_read(const struct planning_options *options, struct planning **out, struct err *err)
{
	struct planning *planning = calloc(1, sizeof *planning);
	if (planning == NULL)
		return planning_no_memory(err);
	planning->options = *options;
	planning->now = options->context->now;
	planning->horizon = instant_add(planning->now, options->horizon);
	spool_file_open(&planning->spool, planning_memory(planning) / 2);
	enum status status;
	if ((status = begin(planning, err)) == STATUS_OK && (status = read_campaigns(planning, err)) == STATUS_OK &&
		planning->campaign_count == 0 && options->campaign != NULL)
		status = explain_missing(planning, err);
	if (status == STATUS_OK && (status = load_law(planning, err)) == STATUS_OK && (status = read_runs(planning, err)) == STATUS_OK &&
		(status = planning_expand(planning, err)) == STATUS_OK && (status = read_classes(planning, err)) == STATUS_OK)
		status = planning_terms_read(planning, err);
	if (status != STATUS_OK) {
		session_rollback(options->context->session);
		planning_free(&planning);
		return status;
	}
	*out = planning;
	return STATUS_OK;
}
