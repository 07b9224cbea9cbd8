/*
 * How it works: whether anything has changed is asked by sums that the server makes, where a million rows cost less than a tenth of reading them, one
 * after the other until one differs. Behind a plan the streams that it has read know their sums, and the server is asked only for what was not read.
 * Sums of runs are kept as numbers, because the plan will change them.
 */
#include "planning_inputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/mix.h"
#include "planner/core/number.h"
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

/* People ---------------------------------------------------------------------------------------------------------------------------------- */

/* The lines as they are being written. */
struct people_text {
	const struct planning *planning;
	struct business_state *state;
	const char *business; /* its number */
	FILE *out;
	size_t size;        /* of state->people */
	bool gathered;      /* the streams have been read: what they gave is taken from there */
	const char *stored; /* to compare with, or NULL */
	bool differs;
};

/* One line: the name of the input and what it is. */
static void
write_line(struct people_text *text, const char *name, const char *value)
{
	fprintf(text->out, "%s %s\n", name, value);
	if (text->stored != NULL && fflush(text->out) == 0)
		text->differs = strncmp(text->stored, text->state->people, text->size) != 0;
}

/* From the server, which answers with one text. */
static enum status
write_sum(struct people_text *text, const char *name, const struct sql_statement *statement, const char *const *params, int count,
	struct err *err)
{
	PGresult *rows;
	if (text->differs)
		return STATUS_OK;
	enum status status = session_query(text->planning->options.context->session, statement, params, count, &rows, err);
	if (status != STATUS_OK)
		return status;
	write_line(text, name, PQgetvalue(rows, 0, 0));
	PQclear(rows);
	return STATUS_OK;
}

/* The same from a stream; `of` comes first. */
static enum status
write_gathered(struct people_text *text, const char *name, const char *of, struct row_sum sum)
{
	char value[96];
	if (sum.count == 0)
		snprintf(value, sizeof value, "%s", *of != '\0' ? "" : "0");
	else
		snprintf(value, sizeof value, "%s%" PRId64 " %" PRId64, of, sum.count, (int64_t)sum.digest);
	write_line(text, name, value);
	return STATUS_OK;
}

static enum status
write_members(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	char of[32];
	if (!text->gathered || !campaign->sums.of_members)
		return write_sum(text, "members", &sql_query_plan_sum_members, (const char *const[]){campaign->audiences}, 1, err);
	snprintf(of, sizeof of, "%ld ", strtol(campaign->audiences + 1, NULL, 10));
	return write_gathered(text, "members", of, campaign->sums.members);
}

static enum status
write_excepted(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	if (strcmp(campaign->excepted, "{}") != 0)
		return write_sum(text, "excepted", &sql_query_plan_sum_members, (const char *const[]){campaign->excepted}, 1, err);
	if (!text->differs)
		write_line(text, "excepted", "");
	return STATUS_OK;
}

static enum status
write_consents(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	const char *const params[] = {text->business, channel_name(campaign->facts.channel), category_name(campaign->facts.category),
		campaign->asks.ages ? "true" : "false"};
	return text->gathered && campaign->sums.of_consents ? write_gathered(text, "consents", "", campaign->sums.consents)
														: write_sum(text, "consents", &sql_query_plan_sum_consents, params, 4, err);
}

static enum status
write_recipients(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	if (text->gathered && campaign->sums.of_recipients)
		return write_gathered(text, "recipients", "", campaign->sums.recipients);
	return campaign->asks.value_count > 0 ? write_sum(text, "recipients", &sql_query_plan_sum_recipients_values, NULL, 0, err)
										  : write_sum(text, "recipients", &sql_query_plan_sum_recipients, NULL, 0, err);
}

/* A large audience is looked up in everybody, a small one by its members: audience.h. */
static enum status
write_facts(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	const char *const params[] = {campaign->audiences, text->business, channel_name(campaign->facts.channel),
		category_name(campaign->facts.category), campaign->asks.ages ? "true" : "false"};
	bool everybody;
	if (text->differs)
		return STATUS_OK;
	if (audience_is_large_share(text->planning->options.context->session, campaign->audiences, &everybody, err) != STATUS_OK)
		return err->status;
	if (!everybody)
		return write_sum(text, "people", &sql_query_plan_sum_people_of, params, 5, err);
	const enum status status = write_consents(text, campaign, err);
	return status == STATUS_OK ? write_recipients(text, campaign, err) : status;
}

/* To whom the business has written at all: then a message that leaves is a change for the others. */
static enum status
write_contacts(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	char run[SESSION_PARAM_MAX];
	const char *const params[] = {text->business, session_param_int(campaign->facts.run_id, run)};
	return write_sum(text, "contacts", &sql_query_plan_sum_contacts, params, 2, err);
}

/* The cheap ones first, for the first that differs is the last that is asked for. */
static enum status
write_audience(struct people_text *text, const struct planned_campaign *campaign, struct err *err)
{
	const char *const scope[] = {text->business, channel_name(campaign->facts.channel), category_name(campaign->facts.category)};
	enum status status = write_sum(text, "suppressions", &sql_query_plan_sum_suppressions, scope, 3, err);
	if (status == STATUS_OK && campaign->asks.inbound)
		status = write_sum(text, "inbound", &sql_query_plan_sum_inbound, scope, 2, err);
	if (status == STATUS_OK)
		status = write_excepted(text, campaign, err);
	if (status == STATUS_OK)
		status = write_members(text, campaign, err);
	if (status == STATUS_OK)
		status = write_facts(text, campaign, err);
	return status == STATUS_OK && campaign->asks.contacts ? write_contacts(text, campaign, err) : status;
}

static enum status
write_outside(struct people_text *text, struct err *err)
{
	char since[SESSION_PARAM_MAX];
	const char *const params[] = {text->business, session_param_instant(text->state->history_from, since)};
	return text->gathered ? write_gathered(text, "outside", "", text->planning->outside)
						  : write_sum(text, "outside", &sql_query_plan_sum_outside, params, 2, err);
}

/* Whether an earlier campaign of the business has asked for the same already. */
static bool
is_asked_for(const struct planning *planning, const struct planned_campaign *campaign)
{
	for (const struct planned_campaign *other = planning->campaigns; other < campaign; other++)
		if (campaign_is_of(other, campaign->business_id) && planning_is_plannable(other) &&
			other->facts.category == campaign->facts.category && other->facts.channel == campaign->facts.channel &&
			strcmp(other->audiences, campaign->audiences) == 0 && strcmp(other->excepted, campaign->excepted) == 0 &&
			other->asks.inbound >= campaign->asks.inbound && !campaign->asks.contacts && other->asks.ages >= campaign->asks.ages &&
			(other->asks.value_count > 0) >= (campaign->asks.value_count > 0))
			return true;
	return false;
}

static enum status
write_people(struct people_text *text, struct err *err)
{
	const struct planning *planning = text->planning;
	char business[SESSION_PARAM_MAX];
	text->business = session_param_int(text->state->business_id, business);
	text->out = open_memstream(&text->state->people, &text->size);
	if (text->out == NULL)
		return planning_no_memory(err);
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign_is_of(campaign, text->state->business_id) && planning_is_plannable(campaign) && !is_asked_for(planning, campaign))
			status = write_audience(text, campaign, err);
	}
	if (status == STATUS_OK)
		status = write_outside(text, err);
	if (fclose(text->out) != 0 && status == STATUS_OK)
		status = planning_no_memory(err);
	return status;
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
	struct people_text text = {.planning = planning, .state = state, .stored = stored};
	const enum status status = write_people(&text, err);
	*out_differs = text.differs;
	state->summed = status == STATUS_OK && !text.differs;
	return state->summed ? read_sums(planning, state, err) : status;
}

enum status
planning_inputs_gather(const struct planning *planning, struct business_state *state, struct err *err)
{
	struct people_text text = {.planning = planning, .state = state, .gathered = true};
	free(state->people);
	state->people = NULL;
	const enum status status = write_people(&text, err);
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
