/*
 * How it works: the text has two parts. What is known from small tables and settings comes first and costs nothing; when it is as stored, the sums of
 * people are asked for one after the other, and history is summed up from the same instant as then, so that they can be the same. As soon as one
 * differs there is a plan to be made, and what it reads has its sums at hand.
 */
#include "planning_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "planning_inputs.h"
#include "planning_read.h"
#include "planning_terms.h"

/* History that was first looked at so much earlier than now would be is summed up from a later instant on, with the next plan. */
static const struct duration HISTORY_SLACK = {7 * US_PER_DAY};

static void
state_clear(struct business_state *state)
{
	free(state->law);
	free(state->people);
	free(state->sums);
}

void
planning_change_free(struct planning *planning)
{
	for (size_t i = 0; i < planning->state_count; i++)
		state_clear(&planning->states[i]);
	free(planning->states);
}

/* A plan of some campaigns of a business says nothing about the others. */
static bool
is_partial(const struct planning *planning)
{
	return planning->options.campaign != NULL;
}

/* Looking --------------------------------------------------------------------------------------------------------------------------------- */

/* The name of the first input that differs. */
static void
tell_difference(const struct planning *planning, int32_t business_id, const char *now, const char *stored)
{
	const char *business = "?";
	size_t same = 0;
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (campaign_is_of(&planning->campaigns[i], business_id))
			business = planning->campaigns[i].business;
	while (now[same] != '\0' && now[same] == stored[same])
		same++;
	while (same > 0 && now[same - 1] != '\n')
		same--;
	const bool fewer = strncmp(stored + same, "campaign ", 9) == 0; /* or as many */
	const char *line = now[same] != '\0' && !fewer ? now + same : stored + same;
	log_message(SEVERITY_INFO, "business \"%s\" is planned anew: %.*s", business, *line != '\0' ? (int)strcspn(line, " ") : 4,
		*line != '\0' ? line : "time");
}

struct stored_state {
	char *inputs; /* NULL: nothing is stored */
	char *advice;
	struct instant history_from;
	bool holds;
};

static enum status
read_stored(const struct planning *planning, int32_t business_id, struct stored_state *out, struct err *err)
{
	char text[3][SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(business_id, text[0]), session_param_instant(planning->now, text[1]),
		session_param_instant(planning->horizon, text[2])};
	PGresult *rows;
	enum status status = session_query(planning->options.context->session, &sql_query_plan_state, params, 3, &rows, err);
	*out = (struct stored_state){.inputs = NULL};
	if (status != STATUS_OK)
		return status;
	if (PQntuples(rows) > 0) {
		out->inputs = strdup(PQgetvalue(rows, 0, 0));
		out->holds = session_bool(rows, 0, 2);
		out->advice = strdup(PQgetvalue(rows, 0, 3));
		status = out->inputs == NULL || out->advice == NULL ? planning_no_memory(err)
															: instant_parse(PQgetvalue(rows, 0, 1), &out->history_from, err);
	}
	PQclear(rows);
	return status;
}

/* What is stored can only be the same when it looked as far back. */
static bool
looked_as_far_back(const struct planning *planning, int32_t business_id, const struct stored_state *stored)
{
	const struct instant needed = planning_lookback(planning, business_id);
	return stored->history_from.us <= needed.us && stored->history_from.us > needed.us - HISTORY_SLACK.us;
}

/* The numbers of a plan that nobody made again. */
static void
tell_counts(struct planned_campaign *campaign, const struct business_state *state)
{
	struct run_plan_counts *told = &campaign->told;
	const int32_t run_id = campaign->facts.run_id;
	told->kept = planning_inputs_sum(state, run_id, STATE_QUEUED).count;
	told->done = planning_inputs_sum(state, run_id, STATE_SENT).count + planning_inputs_sum(state, run_id, STATE_CLOSED).count;
	told->audience = told->kept + told->done;
	for (int reason = 1; reason < 64; reason++)
		if (reason != REASON_NOT_IN_AUDIENCE) {
			told->by_reason[reason] = planning_inputs_sum(state, run_id, STATE_REASON + reason).count;
			told->audience += told->by_reason[reason];
		}
}

/* Lines "RUN PEOPLE RULE". */
static void
tell_advice(const struct planning *planning, struct planned_campaign *campaign, const char *advice)
{
	struct run_plan_counts *told = &campaign->told;
	while (*advice != '\0' && told->advice_count < ADVICE_RULES_MAX) {
		char *end, rule_id[RULE_ID_MAX];
		const int64_t run_id = strtoll(advice, &end, 10), people = strtoll(end, &end, 10);
		end += strspn(end, " ");
		snprintf(rule_id, sizeof rule_id, "%.*s", (int)strcspn(end, "\n"), end);
		const struct rule *rule = rulebook_find(planning->law->law.rulebook, rule_id, NULL);
		if (run_id == campaign->facts.run_id && rule != NULL)
			told->advice[told->advice_count++] = (struct advice_count){rule, people};
		end += strcspn(end, "\n");
		advice = end + strspn(end, "\n");
	}
}

static void
mark_unchanged(struct planning *planning, const struct business_state *state, const char *advice)
{
	for (size_t i = 0; i < planning->campaign_count; i++) {
		struct planned_campaign *campaign = &planning->campaigns[i];
		campaign->unchanged = campaign->unchanged || (campaign_is_of(campaign, state->business_id) && planning_is_plannable(campaign));
		if (!campaign_is_of(campaign, state->business_id))
			continue;
		tell_counts(campaign, state);
		tell_advice(planning, campaign, advice);
	}
}

/* Asks the server for sums as long as they are the same. `*out_inputs`: how far they were written, for telling. */
static enum status
compare(struct planning *planning, struct business_state *state, const struct stored_state *stored, char **out_inputs, struct err *err)
{
	const size_t law = strlen(state->law);
	const bool same_law = strncmp(stored->inputs, state->law, law) == 0;
	const bool in_time = stored->holds && looked_as_far_back(planning, state->business_id, stored);
	bool differs = !same_law || !in_time;
	if (!differs) {
		state->history_from = stored->history_from;
		if (planning_inputs_people(planning, state, stored->inputs + law, &differs, err) != STATUS_OK)
			return err->status;
	}
	*out_inputs = same_law && !in_time ? strdup(stored->inputs) : planning_inputs_write(planning, state, INPUTS_AS_STORED);
	if (*out_inputs == NULL)
		return planning_no_memory(err);
	state->unchanged = !differs && strcmp(*out_inputs, stored->inputs) == 0;
	return STATUS_OK;
}

static enum status
look(struct planning *planning, struct business_state *state, struct err *err)
{
	struct stored_state stored;
	char *inputs = NULL;
	enum status status = planning_inputs_law(planning, state, err);
	if (status != STATUS_OK)
		return status;
	status = read_stored(planning, state->business_id, &stored, err);
	if (status == STATUS_OK && stored.inputs != NULL)
		status = compare(planning, state, &stored, &inputs, err);
	if (state->unchanged && stored.advice != NULL)
		mark_unchanged(planning, state, stored.advice);
	else if (inputs != NULL)
		tell_difference(planning, state->business_id, inputs, stored.inputs);
	free(inputs);
	free(stored.inputs);
	free(stored.advice);
	return status;
}

enum status
planning_change_look(struct planning *planning, int32_t business_id, bool *out_unchanged, struct err *err)
{
	*out_unchanged = false;
	if (is_partial(planning))
		return STATUS_OK;
	struct business_state *states = realloc(planning->states, (planning->state_count + 1) * sizeof *states);
	if (states == NULL)
		return planning_no_memory(err);
	planning->states = states;
	struct business_state *state = &states[planning->state_count++];
	*state = (struct business_state){.business_id = business_id};
	const enum status status = look(planning, state, err);
	*out_unchanged = state->unchanged;
	return status;
}

enum status
planning_change_gather(struct planning *planning, int32_t business_id, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->state_count && status == STATUS_OK; i++) {
		struct business_state *state = &planning->states[i];
		if (state->business_id != business_id || state->summed)
			continue;
		state->history_from = planning_lookback(planning, business_id);
		status = planning_inputs_gather(planning, state, err);
	}
	return status;
}

/* Storing --------------------------------------------------------------------------------------------------------------------------------- */

static struct instant
hold_around(struct date date, struct instant now, struct instant until)
{
	if (date.days == INT32_MIN || date.days == INT32_MAX)
		return until;
	const int64_t from = date.days * US_PER_DAY - DATE_BEFORE.us;
	if (now.us >= date.days * US_PER_DAY + DATE_AFTER.us)
		return until;
	return now.us >= from ? (struct instant){INT64_MIN} : instant_min(until, (struct instant){from});
}

/* Dates that only begin to matter with the next campaign do not end what holds for this one. */
static struct instant
dates_hold_until(const struct planning *planning, const struct planned_campaign *campaign)
{
	const struct rulebook *rulebook = planning->law->law.rulebook;
	struct instant until = {INT64_MAX};
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++) {
			const struct rule *rule = &rulebook->regimes[i].rules[r];
			if (!planning_rule_may_bind(rulebook, &rulebook->regimes[i], rule, campaign))
				continue;
			until = hold_around(rule->from, planning->now, until);
			until = hold_around(rule->until, planning->now, until);
		}
	for (size_t i = 0; i < campaign->words.waived_count; i++)
		until = hold_around(campaign->words.waived_until[i], planning->now, until);
	return until;
}

static struct instant
campaign_holds_until(const struct planning *planning, const struct planned_campaign *campaign)
{
	struct instant until = instant_min(run_plan_counts(campaign->plan)->holds_until, dates_hold_until(planning, campaign));
	for (size_t i = 0; i < class_table_count(campaign->classes); i++) {
		const struct instant class_until = class_table_at(campaign->classes, i)->holds_until;
		if (class_until.us < INT64_MAX)
			until = instant_min(until, (struct instant){class_until.us > INT64_MIN ? class_until.us - PLANNING_LEAD.us : INT64_MIN});
	}
	return until;
}

/* An earlier campaign counted slots of a later one which that one then gave up, or lets end earlier: what they leave free it gets when all is planned
 * again. */
static bool
gives_up_slots(const struct planned_campaign *campaign)
{
	const struct run_plan_counts *counts = run_plan_counts(campaign->plan);
	return counts->cancelled > 0 || (int64_t)run_plan_slot_count(campaign->plan) > counts->added;
}

static bool
is_at_rest(const struct planning *planning, int32_t business_id)
{
	bool first = true;
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].business_id == business_id && planning->runs[i].to_drop)
			return false;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign_is_of(campaign, business_id) && campaign->given_up)
			return false;
		if (!campaign_is_of(campaign, business_id) || campaign->plan == NULL)
			continue;
		if (!first && gives_up_slots(campaign))
			return false;
		first = false;
	}
	return true;
}

/* As tell_advice reads it; NULL without memory. */
static char *
write_advice(const struct planning *planning, int32_t business_id)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (!campaign_is_of(campaign, business_id) || campaign->plan == NULL)
			continue;
		const struct run_plan_counts *counts = run_plan_counts(campaign->plan);
		for (size_t rule = 0; rule < counts->advice_count; rule++)
			if (counts->advice[rule].people > 0)
				fprintf(out, "%" PRId32 " %" PRId64 " %s\n", campaign->facts.run_id, counts->advice[rule].people,
					counts->advice[rule].rule->id);
	}
	return fclose(out) == 0 ? text : (free(text), NULL);
}

static enum status
store_state(const struct planning *planning, struct session *session, const struct business_state *state, int32_t plan_run, struct err *err)
{
	struct instant until = {is_at_rest(planning, state->business_id) ? INT64_MAX : INT64_MIN}, horizon = {INT64_MAX};
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (!campaign_is_of(campaign, state->business_id) || campaign->plan == NULL)
			continue;
		until = instant_min(until, campaign_holds_until(planning, campaign));
		horizon = instant_min(horizon, run_plan_counts(campaign->plan)->holds_to_horizon);
	}
	char text[6][SESSION_PARAM_MAX], *inputs = planning_inputs_write(planning, state, INPUTS_AFTER_PLAN),
									 *advice = write_advice(planning, state->business_id);
	const char *const params[] = {session_param_int(state->business_id, text[0]), session_param_int(plan_run, text[1]),
		session_param_instant(planning->now, text[2]), inputs, session_param_instant(state->history_from, text[3]),
		session_param_instant(until, text[4]), session_param_instant(horizon, text[5]), advice};
	enum status status = STATUS_OK;
	if (inputs == NULL || advice == NULL)
		status = planning_no_memory(err);
	else
		status = session_query(session, &sql_query_publish_state, params, 8, NULL, err);
	free(inputs);
	free(advice);
	return status;
}

static enum status
forget_states(const struct planning *planning, struct session *session, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		char business[SESSION_PARAM_MAX];
		const char *const params[] = {session_param_int(planning->campaigns[i].business_id, business)};
		status = session_query(session, &sql_query_publish_forget_state, params, 1, NULL, err);
	}
	return status;
}

enum status
planning_change_store(const struct planning *planning, struct session *session, int32_t plan_run, bool changed, struct err *err)
{
	enum status status = STATUS_OK;
	if (is_partial(planning))
		return changed ? forget_states(planning, session, err) : STATUS_OK;
	for (size_t i = 0; i < planning->state_count && status == STATUS_OK; i++)
		if (!planning->states[i].unchanged)
			status = store_state(planning, session, &planning->states[i], plan_run, err);
	return status;
}
