/*
 * How it works: a class is a row with the facts that its law was merged from, so the same merge under the active rulebook says which volume rules
 * count a message of that class. Classes are few: each is asked for once, when the first row of it is met.
 */
#include "planning_volume.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"
#include "planner/core/quota.h"
#include "planning_read.h"

/* Columns of plan_class_facts and plan_volume. */
enum { CLASS_ID, REGIONS, ZONES, CATEGORY, CHANNEL, FACTS };
enum { SENT_LANE, SENT_CLASS, SENT_SINCE, SENT_MESSAGES };

enum status
planning_volume_quota(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	const struct interval span = planning_span(planning, campaign);
	quota_free(&campaign->quota);
	const struct quota_setup setup = {.rulebook = planning->law->law.rulebook,
		.sender = &campaign->book->sender,
		.zones = planning->law->zones,
		.span = {span.from, instant_min(span.until, planning->horizon)},
		.margin = PLANNING_MARGIN,
		.lane = campaign->lane,
		.portfolio = campaign->portfolio,
		.portfolio_count = campaign->portfolio_count};
	return quota_create(&setup, &campaign->quota, err);
}

enum status
planning_volume_open(struct planning *planning, int32_t business_id, struct err *err)
{
	enum status status = STATUS_OK;
	planning->limited = false;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->business_id != business_id || !planning_is_plannable(campaign))
			continue;
		status = planning_volume_quota(planning, campaign, err);
		planning->limited = planning->limited || campaign->quota != NULL;
	}
	return status;
}

/* Classes --------------------------------------------------------------------------------------------------------------------------------- */

struct names {
	char *text;
	const char **items;
	size_t count;
};

/* Cut at blanks. */
static bool
names_cut(const char *text, struct names *out)
{
	char *rest;
	*out = (struct names){.text = strdup(text), .items = calloc(strlen(text) / 2 + 1, sizeof *out->items)};
	if (out->text == NULL || out->items == NULL)
		return false;
	for (char *name = strtok_r(out->text, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
		out->items[out->count++] = name;
	return true;
}

static void
names_free(struct names *names)
{
	free(names->text);
	free(names->items);
}

static enum status
merge_class(const struct planning *planning, const PGresult *rows, const struct names *regions, const struct names *zones,
	const struct names *words, uint32_t *out, struct err *err)
{
	struct class_facts facts = {.regions = regions->items,
		.region_count = regions->count,
		.zones = zones->items,
		.zone_count = zones->count,
		.facts = words->items,
		.fact_count = words->count};
	struct law law = LAW_INIT;
	if (!category_parse(PQgetvalue(rows, 0, CATEGORY), &facts.category) || !channel_parse(PQgetvalue(rows, 0, CHANNEL), &facts.channel))
		return err_set(err, STATUS_INTERNAL, "a class has a category or channel this program does not know");
	const enum status status = law_merge(planning->law->law.rulebook, &facts, &law, err);
	if (status == STATUS_OK)
		*out = quota_rules_of(planning->law->law.rulebook, &law);
	law_free(&law);
	return status;
}

static enum status
judge_class(const struct planning *planning, const PGresult *rows, uint32_t *out, struct err *err)
{
	struct names regions, zones = {.text = NULL}, words = {.text = NULL};
	enum status status = planning_no_memory(err);
	if (names_cut(PQgetvalue(rows, 0, REGIONS), &regions) && names_cut(PQgetvalue(rows, 0, ZONES), &zones) &&
		names_cut(PQgetvalue(rows, 0, FACTS), &words)) {
		*err = (struct err)ERR_INIT;
		status = merge_class(planning, rows, &regions, &zones, &words, out, err);
	}
	names_free(&regions);
	names_free(&zones);
	names_free(&words);
	return status;
}

/* A class that is not there is counted everywhere: nobody knows what it was. */
static enum status
ask_class(const struct planning *planning, int32_t class_id, uint32_t *out, struct err *err)
{
	struct array_text ids = ARRAY_TEXT_INIT;
	array_text_add_int(&ids, class_id);
	const char *const params[] = {array_text(&ids)};
	PGresult *rows = NULL;
	enum status status = params[0] == NULL
		? planning_no_memory(err)
		: session_query(planning->options.context->session, &sql_query_plan_class_facts, params, 1, &rows, err);
	*out = UINT32_MAX;
	if (status == STATUS_OK && PQntuples(rows) > 0)
		status = judge_class(planning, rows, out, err);
	PQclear(rows);
	array_text_free(&ids);
	return status;
}

enum status
planning_volume_rules(struct planning *planning, int32_t class_id, uint32_t *out, struct err *err)
{
	*out = 0;
	if (!planning->limited)
		return STATUS_OK;
	for (size_t i = planning->class_volume_count; i-- > 0;)
		if (planning->class_volumes[i].class_id == class_id) {
			*out = planning->class_volumes[i].rules;
			return STATUS_OK;
		}
	struct class_volume *volumes =
		grow(planning->class_volumes, planning->class_volume_count, &planning->class_volume_room, sizeof *volumes);
	if (volumes == NULL)
		return planning_no_memory(err);
	planning->class_volumes = volumes;
	const enum status status = ask_class(planning, class_id, out, err);
	if (status == STATUS_OK)
		volumes[planning->class_volume_count++] = (struct class_volume){class_id, *out};
	return status;
}

/* The ledger ------------------------------------------------------------------------------------------------------------------------------ */

/* What is asked of the ledger. */
struct sent_question {
	struct array_text lanes; /* that count in some quota of the business */
	struct instant since;    /* they count from then on */
	struct duration grain;   /* for all of them */
};

static struct sent_question
make_question(const struct planning *planning, int32_t business_id)
{
	struct sent_question question = {ARRAY_TEXT_INIT, {INT64_MAX}, {15 * US_PER_MINUTE}};
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->business_id != business_id || campaign->quota == NULL)
			continue;
		question.since = instant_min(question.since, quota_counts_from(campaign->quota));
		question.grain = quota_grain(campaign->quota, question.grain);
		array_text_add_int(&question.lanes, campaign->lane);
		for (size_t lane = 0; lane < campaign->portfolio_count; lane++)
			array_text_add_int(&question.lanes, campaign->portfolio[lane]);
	}
	return question;
}

static enum status
copy_sent(struct planning *planning, const PGresult *rows, struct err *err)
{
	struct sent_volume *sent = calloc((size_t)PQntuples(rows) + 1, sizeof *sent);
	enum status status = STATUS_OK;
	free(planning->sent);
	planning->sent = sent;
	planning->sent_count = 0;
	if (sent == NULL)
		return planning_no_memory(err);
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++) {
		struct sent_volume *to = &sent[planning->sent_count++];
		to->lane = (int16_t)session_int(rows, row, SENT_LANE);
		to->n = session_int(rows, row, SENT_MESSAGES);
		status = instant_parse(PQgetvalue(rows, row, SENT_SINCE), &to->since, err);
		if (status == STATUS_OK)
			status = planning_volume_rules(planning, (int32_t)session_int(rows, row, SENT_CLASS), &to->rules, err);
	}
	return status;
}

enum status
planning_volume_read(struct planning *planning, int32_t business_id, struct err *err)
{
	if (!planning->limited)
		return STATUS_OK;
	char since[SESSION_PARAM_MAX], grain[SESSION_PARAM_MAX];
	struct sent_question question = make_question(planning, business_id);
	snprintf(grain, sizeof grain, "%" PRId64 " microseconds", question.grain.us);
	const char *const params[] = {array_text(&question.lanes), session_param_instant(question.since, since), grain};
	PGresult *rows = NULL;
	enum status status = params[0] == NULL
		? planning_no_memory(err)
		: session_query(planning->options.context->session, &sql_query_plan_volume, params, 3, &rows, err);
	if (status == STATUS_OK)
		status = copy_sent(planning, rows, err);
	planning->sent_grain = question.grain;
	PQclear(rows);
	array_text_free(&question.lanes);
	return status;
}

void
planning_volume_count(const struct planning *planning, struct planned_campaign *campaign)
{
	for (size_t i = 0; campaign->quota != NULL && i < planning->sent_count; i++) {
		const struct sent_volume *sent = &planning->sent[i];
		quota_count(campaign->quota,
			&(struct quota_use){.lane = sent->lane,
				.rules = sent->rules,
				.first = sent->since,
				.last = {sent->since.us + planning->sent_grain.us - 1},
				.n = sent->n});
	}
}
