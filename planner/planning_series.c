#include "planning_series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "planner/core/grow.h"
#include "planner/core/series.h"
#include "planning_read.h"

enum status
planning_set_bounds(const struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	const struct interval bounds =
		occurrence_bounds(&(struct occurrence){campaign->occurrence, campaign->facts.starts_at, campaign->facts.ends_at});
	campaign->first_at = bounds.from;
	campaign->last_at = bounds.until;
	campaign->ended = campaign->problem == NULL && campaign->last_at.us <= planning->now.us;
	if (campaign->problem != NULL || campaign->last_at.us <= planning->now.us + LONGEST_CAMPAIGN.us)
		return STATUS_OK;
	campaign->problem = strdup("it ends more than two years ahead");
	return campaign->problem != NULL ? STATUS_OK : planning_no_memory(err);
}

/* Expanding ---------------------------------------------------------------------------------------------------------------------------- */

struct expansion {
	const struct planning *planning;
	struct planned_campaign *campaigns;
	size_t count, room;
};

/* False: no memory. */
static bool
push(struct expansion *expansion, const struct planned_campaign *campaign)
{
	struct planned_campaign *campaigns = grow(expansion->campaigns, expansion->count, &expansion->room, sizeof *campaigns);
	if (campaigns == NULL)
		return false;
	expansion->campaigns = campaigns;
	campaigns[expansion->count] = *campaign;
	campaigns[expansion->count].facts.run_id = -1 - (int32_t)expansion->count; /* until a stored run is found */
	expansion->count++;
	return true;
}

static char *
copy_text(const char *text, bool *failed)
{
	char *copy = text != NULL ? strdup(text) : NULL;
	*failed = *failed || (text != NULL && copy == NULL);
	return copy;
}

/* What a row without a problem owns once, each of its occurrences owns. */
static enum status
push_occurrence(struct expansion *expansion, const struct planned_campaign *row, const struct occurrence *occurrence, struct err *err)
{
	struct planned_campaign campaign = *row;
	bool failed = false;
	campaign.occurrence = occurrence->date;
	campaign.facts.starts_at = occurrence->starts_at;
	campaign.facts.ends_at = occurrence->ends_at;
	campaign.rrule = copy_text(row->rrule, &failed);
	campaign.audiences = copy_text(row->audiences, &failed);
	campaign.excepted = copy_text(row->excepted, &failed);
	campaign.portfolio = calloc(row->portfolio_count + 1, sizeof *campaign.portfolio);
	failed = failed || campaign.portfolio == NULL;
	if (!failed)
		memcpy(campaign.portfolio, row->portfolio, row->portfolio_count * sizeof *campaign.portfolio);
	const enum status status = failed ? planning_no_memory(err) : planning_set_bounds(expansion->planning, &campaign, err);
	if (status == STATUS_OK && push(expansion, &campaign))
		return STATUS_OK;
	planned_campaign_clear(&campaign);
	return status == STATUS_OK ? planning_no_memory(err) : status;
}

/* The stored run of an occurrence, or NULL. */
static struct stored_run *
run_of(const struct planning *planning, int32_t campaign_id, struct date occurrence)
{
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].campaign_id == campaign_id && planning->runs[i].occurrence.days == occurrence.days)
			return &planning->runs[i];
	return NULL;
}

/* Where the search for stored occurrences may end. */
static struct date
last_stored(const struct planning *planning, int32_t campaign_id)
{
	struct date last = {INT32_MIN};
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].campaign_id == campaign_id && planning->runs[i].occurrence.days > last.days)
			last = planning->runs[i].occurrence;
	return last;
}

/* Of a series without an occurrence to plan. */
static enum status
push_rest(struct expansion *expansion, const struct planned_campaign *row, const struct occurrence *next, struct err *err)
{
	const enum status status = push_occurrence(expansion, row, next, err);
	if (status != STATUS_OK)
		return status;
	struct planned_campaign *rest = &expansion->campaigns[expansion->count - 1];
	rest->waits = !rest->ended;
	if (rest->waits) {
		free(rest->problem); /* it may lie years ahead */
		rest->problem = NULL;
		const struct civil day = date_to_civil(rest->occurrence);
		log_message(SEVERITY_INFO, "campaign \"%s\": its next occurrence, %04d-%02d-%02d, lies beyond the horizon", rest->name, day.year,
			day.month, day.day);
	}
	return STATUS_OK;
}

static enum status
walk(struct expansion *expansion, const struct planned_campaign *row, struct series *series, struct err *err)
{
	const struct planning *planning = expansion->planning;
	const struct date stored = last_stored(planning, row->facts.campaign_id);
	const size_t before = expansion->count;
	struct occurrence occurrence = {row->occurrence, row->facts.starts_at, row->facts.ends_at}, rest = occurrence;
	bool ahead = false;
	enum status status = STATUS_OK;
	while (status == STATUS_OK && !(ahead && occurrence.date.days > stored.days) && series_next(series, &occurrence)) {
		const struct stored_run *run = run_of(planning, row->facts.campaign_id, occurrence.date);
		if (!ahead)
			rest = occurrence;
		if (occurrence_bounds(&occurrence).until.us <= planning->now.us)
			continue;
		if (occurrence_bounds(&occurrence).from.us < planning->horizon.us || (run != NULL && !run->dropped))
			status = push_occurrence(expansion, row, &occurrence, err);
		else
			ahead = true;
	}
	return status == STATUS_OK && expansion->count == before ? push_rest(expansion, row, &rest, err) : status;
}

static enum status
move(struct expansion *expansion, struct planned_campaign *row, struct err *err)
{
	if (!push(expansion, row))
		return planning_no_memory(err);
	*row = (struct planned_campaign){.problem = NULL};
	return STATUS_OK;
}

static enum status
expand(struct expansion *expansion, struct planned_campaign *row, struct err *err)
{
	const struct occurrence first = {row->occurrence, row->facts.starts_at, row->facts.ends_at};
	struct series *series = NULL;
	enum status status = STATUS_OK;
	if (row->rrule != NULL && row->problem == NULL && series_open(&first, row->rrule, &series, err) != STATUS_OK) {
		(void)err_wrap(err, "rrule");
		status = planning_set_aside(row, err);
	}
	if (status == STATUS_OK)
		status = series != NULL ? walk(expansion, row, series, err) : move(expansion, row, err);
	series_free(&series);
	return status;
}

/* Stored runs -------------------------------------------------------------------------------------------------------------------------- */

static void
adopt(struct planned_campaign *campaign, struct stored_run *run)
{
	run->adopted = !campaign->ended && !campaign->waits;
	campaign->facts.run_id = run->run_id;
	campaign->occurrence = run->occurrence;
	campaign->edited = strcmp(campaign->digest, run->digest) != 0;
	/* Messages may have left on the subject it had before: from now on nobody knows. publish_run.sql writes the same. */
	if (run->subject != campaign->facts.subject)
		run->subject = campaign->facts.subject = 0;
}

/* Of a campaign that was never planned but for one date. */
static struct stored_run *
only_run(const struct planning *planning, int32_t campaign_id)
{
	struct stored_run *only = NULL;
	for (size_t i = 0; i < planning->run_count; i++) {
		if (planning->runs[i].campaign_id != campaign_id)
			continue;
		if (only != NULL)
			return NULL;
		only = &planning->runs[i];
	}
	return only;
}

static void
adopt_runs(const struct planning *planning)
{
	for (size_t i = 0; i < planning->campaign_count; i++) {
		struct planned_campaign *campaign = &planning->campaigns[i];
		struct stored_run *run = run_of(planning, campaign->facts.campaign_id, campaign->occurrence);
		if (run == NULL && campaign->rrule == NULL)
			run = only_run(planning, campaign->facts.campaign_id);
		if (run != NULL)
			adopt(campaign, run);
	}
}

static bool
has_sound_campaign(const struct planning *planning, const struct stored_run *run)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].facts.campaign_id == run->campaign_id)
			return planning->campaigns[i].problem == NULL;
	return false;
}

static void
label(struct planned_campaign *campaign)
{
	const struct civil day = date_to_civil(campaign->occurrence);
	if (campaign->rrule == NULL)
		snprintf(campaign->label, sizeof campaign->label, "%s", campaign->name);
	else
		snprintf(campaign->label, sizeof campaign->label, "%s of %04d-%02d-%02d", campaign->name, day.year, day.month, day.day);
}

/* A campaign with a problem is left as it is until that is cured. */
static void
find_dropped(struct planning *planning)
{
	for (size_t i = 0; i < planning->run_count; i++) {
		struct stored_run *run = &planning->runs[i];
		run->to_drop = !run->adopted && !run->dropped && run->last_at.us > planning->now.us && has_sound_campaign(planning, run);
		planning->to_drop += run->to_drop;
	}
}

enum status
planning_expand(struct planning *planning, struct err *err)
{
	struct expansion expansion = {.planning = planning};
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++)
		status = expand(&expansion, &planning->campaigns[i], err);
	for (size_t i = 0; i < planning->campaign_count; i++)
		planned_campaign_clear(&planning->campaigns[i]);
	free(planning->campaigns);
	planning->campaigns = expansion.campaigns;
	planning->campaign_count = expansion.count;
	if (status != STATUS_OK)
		return status;
	adopt_runs(planning);
	find_dropped(planning);
	for (size_t i = 0; i < planning->campaign_count; i++)
		label(&planning->campaigns[i]);
	return STATUS_OK;
}
