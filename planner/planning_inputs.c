/*
 * How it works: first what costs nothing, then people (planning_people.c), then runs. Sums of runs are kept as numbers, because the plan will change
 * them.
 */
#include "planning_inputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/mix.h"
#include "planner/core/number.h"
#include "planning_people.h"
#include "planning_read.h"
#include "planning_terms.h"

/* Law and campaigns ----------------------------------------------------------------------------------------------------------------------- */

static uint64_t
hash_zones(const struct planning *planning, struct interval span)
{
	uint64_t hash = HASH_TEXT_START;
	for (size_t i = 0; i < zone_set_count(planning->law->zones); i++)
		hash = mix64(hash_text(hash, zone_set_name(planning->law->zones, i)) ^ zone_hash(zone_set_at(planning->law->zones, i), span));
	return hash;
}

/* Those that are over change nothing any more. */
static uint64_t
hash_emergencies(const struct planning *planning)
{
	uint64_t hash = HASH_TEXT_START;
	for (size_t i = 0; i < planning->law->emergencies.count; i++) {
		const struct emergency *emergency = &planning->law->emergencies.items[i];
		if (emergency->declared.until.us > planning->now.us)
			hash = mix64(
				mix64(hash_text(hash, emergency->area) ^ (uint64_t)emergency->declared.from.us) ^ (uint64_t)emergency->declared.until.us);
	}
	return hash;
}

/* The shortest time after which some rule holds a template for idle; 0: none does. */
static struct duration
idle_time(const struct planning *planning, const struct planned_campaign *campaign)
{
	const struct rulebook *rulebook = planning->law->law.rulebook;
	struct duration idle = {0};
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++) {
			const struct rule *rule = &rulebook->regimes[i].rules[r];
			if (rule->kind == RULE_TEMPLATE && rule->template.idle.us > 0 &&
				planning_rule_may_bind(rulebook, &rulebook->regimes[i], rule, campaign) &&
				(idle.us == 0 || rule->template.idle.us < idle.us))
				idle = rule->template.idle;
		}
	return idle;
}

/* When a text was last used is no matter as long as it is not idle before the campaign is over: each message that leaves is a use. */
static uint64_t
hash_use(const struct planning *planning, const struct planned_campaign *campaign)
{
	const struct duration idle = idle_time(planning, campaign);
	uint64_t hash = HASH_TEXT_START;
	for (size_t i = 0; idle.us > 0 && campaign->book != NULL && i < campaign->book->terms.variant_count; i++) {
		const struct variant *variant = &campaign->book->terms.variants[i];
		const int32_t day = variant->last_used_on.days != INT32_MIN ? variant->last_used_on.days : variant->approved_on.days;
		const bool matters = day == INT32_MIN || day * US_PER_DAY + idle.us <= campaign->last_at.us + DATE_AFTER.us;
		hash = mix64(hash ^ (matters ? (uint32_t)day : 0));
	}
	return hash;
}

static uint64_t
hash_portfolio(const struct planned_campaign *campaign)
{
	uint64_t hash = HASH_TEXT_START;
	for (size_t i = 0; i < campaign->portfolio_count; i++)
		hash = mix64(hash ^ (uint16_t)campaign->portfolio[i]);
	return hash;
}

static void
write_campaign(FILE *out, const struct planning *planning, const struct planned_campaign *campaign)
{
	fprintf(out,
		"campaign %" PRId32 " %" PRId32 " %s %s %s lane %d rate %" PRId64 " approved %" PRId64 " %" PRId64 " use %" PRIx64
		" portfolio %" PRIx64 " %s%s%s%s\n",
		campaign->facts.campaign_id, campaign->occurrence.days, campaign->digest, campaign->audiences, campaign->excepted, campaign->lane,
		campaign->rate_milli, campaign->approval_names_audience ? campaign->approved_people : -1, campaign->approved_digest,
		hash_use(planning, campaign), hash_portfolio(campaign),
		campaign->problem != NULL ? campaign->problem
			: campaign->ended     ? "ended"
								  : "",
		campaign->hold != REASON_NONE ? reason_info(campaign->hold)->name : "", *campaign->hold_rule != '\0' ? " " : "",
		campaign->hold_rule);
}

static struct interval
span_of(const struct planning *planning, int32_t business_id)
{
	struct interval span = {{INT64_MAX}, {INT64_MIN}};
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (campaign_is_of(&planning->campaigns[i], business_id)) {
			span.from = instant_min(span.from, planning->campaigns[i].first_at);
			span.until = instant_max(span.until, planning->campaigns[i].last_at);
		}
	return span;
}

enum status
planning_inputs_law(const struct planning *planning, struct business_state *state, struct err *err)
{
	size_t size;
	FILE *out = open_memstream(&state->law, &size);
	if (out == NULL)
		return planning_no_memory(err);
	fprintf(out, "program %s\nrulebook %" PRId32 "\nzones %" PRIx64 "\nnumbering %s\nemergencies %" PRIx64 "\nfreeze %" PRId64 "\n",
		DAYPART_VERSION, planning->rulebook_id, hash_zones(planning, span_of(planning, state->business_id)), number_table_version(),
		hash_emergencies(planning), planning->options.context->settings.plan_freeze.us);
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (campaign_is_of(&planning->campaigns[i], state->business_id))
			write_campaign(out, planning, &planning->campaigns[i]);
	return fclose(out) == 0 ? STATUS_OK : planning_no_memory(err);
}

/* Runs ------------------------------------------------------------------------------------------------------------------------------------ */

static void
list_runs(const struct planning *planning, int32_t business_id, struct array_text *all, struct array_text *planned)
{
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].business_id == business_id)
			array_text_add_int(all, planning->runs[i].run_id);
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (campaign_is_of(&planning->campaigns[i], business_id) && planning->campaigns[i].facts.run_id > 0)
			array_text_add_int(planned, planning->campaigns[i].facts.run_id);
}

static enum status
add_sum(struct business_state *state, int32_t run_id, int32_t code, struct people_change people, struct err *err)
{
	if (people.count == 0)
		return STATUS_OK;
	struct run_sum *sums = realloc(state->sums, (state->sum_count + 1) * sizeof *sums);
	if (sums == NULL)
		return planning_no_memory(err);
	state->sums = sums;
	sums[state->sum_count++] = (struct run_sum){.run_id = run_id, .state = code, .people = people};
	return STATUS_OK;
}

static enum status
copy_sums(const PGresult *rows, struct business_state *state, struct err *err)
{
	enum status status = STATUS_OK;
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++)
		status = add_sum(state, (int32_t)session_int(rows, row, 0), (int32_t)session_int(rows, row, 1),
			(struct people_change){session_int(rows, row, 2), session_int(rows, row, 3)}, err);
	return status;
}

static enum status
ask_sums(const struct planning *planning, struct business_state *state, struct array_text *all, struct array_text *planned, struct err *err)
{
	char since[SESSION_PARAM_MAX];
	const char *const params[] = {array_text(all), session_param_instant(state->history_from, since), array_text(planned)};
	PGresult *rows = NULL;
	enum status status = params[0] == NULL || params[2] == NULL
		? planning_no_memory(err)
		: session_query(planning->options.context->session, &sql_query_plan_sum_runs, params, 3, &rows, err);
	if (status == STATUS_OK)
		status = copy_sums(rows, state, err);
	PQclear(rows);
	return status;
}

static enum status
read_sums(const struct planning *planning, struct business_state *state, struct err *err)
{
	struct array_text all = ARRAY_TEXT_INIT, planned = ARRAY_TEXT_INIT;
	list_runs(planning, state->business_id, &all, &planned);
	const enum status status = ask_sums(planning, state, &all, &planned, err);
	array_text_free(&all);
	array_text_free(&planned);
	return status;
}

static struct people_change
people_of(struct row_sum sum)
{
	return (struct people_change){sum.count, (int64_t)sum.digest};
}

/* Of all runs who has a message, as the queue and the ledger were read. */
static enum status
gather_messages(const struct planning *planning, struct business_state *state, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->run_count && status == STATUS_OK; i++) {
		const struct stored_run *run = &planning->runs[i];
		if (run->business_id != state->business_id)
			continue;
		status = add_sum(state, run->run_id, STATE_QUEUED, people_of(run->queued), err);
		if (status == STATUS_OK)
			status = add_sum(state, run->run_id, STATE_SENT, people_of(run->sent), err);
		if (status == STATUS_OK)
			status = add_sum(state, run->run_id, STATE_CLOSED, people_of(run->closed), err);
	}
	return status;
}

static enum status
gather_reasons(struct business_state *state, const struct planned_campaign *campaign, struct err *err)
{
	enum status status = STATUS_OK;
	for (int reason = 1; reason < 64 && status == STATUS_OK; reason++)
		status = add_sum(state, campaign->facts.run_id, STATE_REASON + reason, people_of(campaign->sums.stored[reason]), err);
	return status;
}

/* The server is asked who goes without only of campaigns that were not planned. */
static enum status
gather_sums(const struct planning *planning, struct business_state *state, struct err *err)
{
	struct array_text none = ARRAY_TEXT_INIT, others = ARRAY_TEXT_INIT;
	enum status status = gather_messages(planning, state, err);
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (!campaign_is_of(campaign, state->business_id) || campaign->facts.run_id <= 0)
			continue;
		if (campaign->plan != NULL)
			status = gather_reasons(state, campaign, err);
		else
			array_text_add_int(&others, campaign->facts.run_id);
	}
	if (status == STATUS_OK && !array_text_is_empty(&others))
		status = ask_sums(planning, state, &none, &others, err);
	array_text_free(&none);
	array_text_free(&others);
	return status;
}

enum status
planning_inputs_people(
	const struct planning *planning, struct business_state *state, const char *stored, bool *out_differs, struct err *err)
{
	const enum status status = planning_people_compare(planning, state, stored, out_differs, err);
	state->summed = status == STATUS_OK && !*out_differs;
	return state->summed ? read_sums(planning, state, err) : status;
}

enum status
planning_inputs_gather(const struct planning *planning, struct business_state *state, struct err *err)
{
	const enum status status = planning_people_gather(planning, state, err);
	return status == STATUS_OK ? gather_sums(planning, state, err) : status;
}

struct people_change
planning_inputs_sum(const struct business_state *state, int32_t run_id, int32_t code)
{
	for (size_t i = 0; i < state->sum_count; i++)
		if (state->sums[i].run_id == run_id && state->sums[i].state == code)
			return state->sums[i].people;
	return (struct people_change){0, 0};
}

static struct people_change
together(struct people_change a, struct people_change b)
{
	return (struct people_change){a.count + b.count, a.digest ^ b.digest};
}

static void
write_set(FILE *out, const char *name, int code, struct people_change people)
{
	if (people.count != 0 || people.digest != 0)
		fprintf(out, " %s%.0d %" PRId64 " %" PRId64, name, code, people.count, people.digest);
}

/* `change`: what a plan is going to do with the run, or NULL. */
static void
write_run(FILE *out, const struct business_state *state, int32_t run_id, const struct run_plan_counts *change)
{
	static const struct run_plan_counts none = {0};
	const struct run_plan_counts *plan = change != NULL ? change : &none;
	fprintf(out, "run %" PRId32, run_id);
	write_set(out, "sent", 0,
		together(plan->slots, together(planning_inputs_sum(state, run_id, STATE_QUEUED), planning_inputs_sum(state, run_id, STATE_SENT))));
	write_set(out, "closed", 0, planning_inputs_sum(state, run_id, STATE_CLOSED));
	for (int reason = 1; reason < 64; reason++)
		write_set(out, "reason", reason, together(plan->suppressed[reason], planning_inputs_sum(state, run_id, STATE_REASON + reason)));
	fputc('\n', out);
}

/* The run of the business that comes behind `last` by number, INT32_MAX when none does. `with_new`: those that the plan made as well. */
static int32_t
next_run(const struct planning *planning, int32_t business_id, int32_t last, bool with_new)
{
	int32_t next = INT32_MAX;
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].business_id == business_id && planning->runs[i].run_id > last && planning->runs[i].run_id < next)
			next = planning->runs[i].run_id;
	for (size_t i = 0; i < planning->campaign_count && with_new; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign_is_of(campaign, business_id) && campaign->plan != NULL && campaign->facts.run_id > last &&
			campaign->facts.run_id < next)
			next = campaign->facts.run_id;
	}
	return next;
}

static const struct run_plan_counts *
change_of(const struct planning *planning, int32_t run_id)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].facts.run_id == run_id && planning->campaigns[i].plan != NULL)
			return run_plan_counts(planning->campaigns[i].plan);
	return NULL;
}

char *
planning_inputs_write(const struct planning *planning, const struct business_state *state, enum inputs_when when)
{
	const bool after = when == INPUTS_AFTER_PLAN;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	fprintf(out, "%s%s", state->law, state->people != NULL ? state->people : "");
	for (int32_t run = 0; (run = next_run(planning, state->business_id, run, after)) < INT32_MAX;)
		write_run(out, state, run, after ? change_of(planning, run) : NULL);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
