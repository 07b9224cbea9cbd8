/*
 * How it works: the text has two parts. What is known from small tables and settings comes first and costs nothing; when it is as stored, history is
 * summed up from the same instant as then, so that the sums can be the same. Sums of people are made in the server, where a million rows cost less
 * than a tenth of reading them. Sums of runs are kept as numbers, because the plan will change them.
 */
#include "planning_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "planner/core/mix.h"
#include "planner/core/number.h"
#include "planning_read.h"

/* States of plan_sum_runs. */
enum { STATE_QUEUED = 1, STATE_SENT = 2, STATE_CLOSED = 3, STATE_REASON = 64 };
/* Around the date of a rule: readings of it differ by up to three days between zones and between kinds of rules. */
static const struct duration DATE_BEFORE = {4 * US_PER_DAY}, DATE_AFTER = {5 * US_PER_DAY};
/* History that was first looked at so much earlier than now would be is summed up from a later instant on, with the next plan. */
static const struct duration HISTORY_SLACK = {7 * US_PER_DAY};

struct run_sum {
	int32_t run_id, state;
	struct people_change people;
};

struct business_state {
	int32_t business_id;
	bool unchanged;
	char *law, *people; /* lines */
	struct run_sum *sums;
	size_t sum_count;
	struct instant history_from;
};

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

static bool
is_of(const struct planned_campaign *campaign, int32_t business_id)
{
	return campaign->business_id == business_id;
}

static bool
may_bind(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule, const struct planned_campaign *campaign)
{
	return (rule->categories & CATEGORY_BIT(campaign->facts.category)) && (rule->channels & CHANNEL_BIT(campaign->facts.channel)) &&
		rule_binds(rulebook, regime, rule);
}

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
			if (rule->kind == RULE_TEMPLATE && rule->template.idle.us > 0 && may_bind(rulebook, &rulebook->regimes[i], rule, campaign) &&
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
		" portfolio %" PRIx64 " %s\n",
		campaign->facts.campaign_id, campaign->occurrence.days, campaign->digest, campaign->audiences, campaign->excepted, campaign->lane,
		campaign->rate_milli, campaign->approval_names_audience ? campaign->approved_people : -1, campaign->approved_digest,
		hash_use(planning, campaign), hash_portfolio(campaign),
		campaign->problem != NULL ? campaign->problem
			: campaign->ended     ? "ended"
								  : "");
}

static struct interval
span_of(const struct planning *planning, int32_t business_id)
{
	struct interval span = {{INT64_MAX}, {INT64_MIN}};
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (is_of(&planning->campaigns[i], business_id)) {
			span.from = instant_min(span.from, planning->campaigns[i].first_at);
			span.until = instant_max(span.until, planning->campaigns[i].last_at);
		}
	return span;
}

static enum status
write_law(const struct planning *planning, struct business_state *state, struct err *err)
{
	size_t size;
	FILE *out = open_memstream(&state->law, &size);
	if (out == NULL)
		return planning_no_memory(err);
	fprintf(out, "program %s\nrulebook %" PRId32 "\nzones %" PRIx64 "\nnumbering %s\nemergencies %" PRIx64 "\nfreeze %" PRId64 "\n",
		DAYPART_VERSION, planning->rulebook_id, hash_zones(planning, span_of(planning, state->business_id)), number_table_version(),
		hash_emergencies(planning), planning->options.context->settings.plan_freeze.us);
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (is_of(&planning->campaigns[i], state->business_id))
			write_campaign(out, planning, &planning->campaigns[i]);
	return fclose(out) == 0 ? STATUS_OK : planning_no_memory(err);
}

/* People ---------------------------------------------------------------------------------------------------------------------------------- */

/* One line: the name of the input and the one text that the statement gives. */
static enum status
write_sum(const struct planning *planning, FILE *out, const char *name, const struct sql_statement *statement, const char *const *params,
	int param_count, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(planning->options.context->session, statement, params, param_count, &rows, err);
	if (status != STATUS_OK)
		return status;
	fprintf(out, "%s %s\n", name, PQgetvalue(rows, 0, 0));
	PQclear(rows);
	return STATUS_OK;
}

/* A large audience is looked up in everybody, a small one by its members: audience.h. */
static enum status
write_facts(const struct planning *planning, FILE *out, const struct planned_campaign *campaign, const char *business, struct err *err)
{
	const char *const params[] = {
		campaign->audiences, business, channel_name(campaign->facts.channel), category_name(campaign->facts.category)};
	struct session *session = planning->options.context->session;
	bool everybody;
	if (audience_is_large_share(session, campaign->audiences, &everybody, err) != STATUS_OK)
		return err->status;
	if (!everybody)
		return write_sum(planning, out, "people", &sql_query_plan_sum_people_of, params, 4, err);
	enum status status = campaign->asks.value_count > 0
		? write_sum(planning, out, "recipients", &sql_query_plan_sum_recipients_values, NULL, 0, err)
		: write_sum(planning, out, "recipients", &sql_query_plan_sum_recipients, NULL, 0, err);
	return status == STATUS_OK ? write_sum(planning, out, "consents", &sql_query_plan_sum_consents, params + 1, 3, err) : status;
}

/* To whom the business has written at all: then a message that leaves is a change for the others. */
static enum status
write_contacts(const struct planning *planning, FILE *out, const struct planned_campaign *campaign, const char *business, struct err *err)
{
	char run[SESSION_PARAM_MAX];
	const char *const params[] = {business, session_param_int(campaign->facts.run_id, run)};
	return write_sum(planning, out, "contacts", &sql_query_plan_sum_contacts, params, 2, err);
}

static enum status
write_audience(const struct planning *planning, FILE *out, const struct planned_campaign *campaign, const char *business, struct err *err)
{
	const char *const scope[] = {business, channel_name(campaign->facts.channel), category_name(campaign->facts.category)};
	enum status status =
		write_sum(planning, out, "members", &sql_query_plan_sum_members, (const char *const[]){campaign->audiences}, 1, err);
	if (status == STATUS_OK)
		status = write_sum(planning, out, "excepted", &sql_query_plan_sum_members, (const char *const[]){campaign->excepted}, 1, err);
	if (status == STATUS_OK)
		status = write_facts(planning, out, campaign, business, err);
	if (status == STATUS_OK)
		status = write_sum(planning, out, "suppressions", &sql_query_plan_sum_suppressions, scope, 3, err);
	if (status == STATUS_OK && campaign->asks.inbound)
		status = write_sum(planning, out, "inbound", &sql_query_plan_sum_inbound, scope, 2, err);
	if (status == STATUS_OK && campaign->asks.contacts)
		status = write_contacts(planning, out, campaign, business, err);
	return status;
}

/* Whether an earlier campaign of the business has asked for the same already. */
static bool
is_asked_for(const struct planning *planning, const struct planned_campaign *campaign)
{
	for (const struct planned_campaign *other = planning->campaigns; other < campaign; other++)
		if (is_of(other, campaign->business_id) && planning_is_plannable(other) && other->facts.category == campaign->facts.category &&
			other->facts.channel == campaign->facts.channel && strcmp(other->audiences, campaign->audiences) == 0 &&
			strcmp(other->excepted, campaign->excepted) == 0 && other->asks.inbound >= campaign->asks.inbound && !campaign->asks.contacts &&
			(other->asks.value_count > 0) >= (campaign->asks.value_count > 0))
			return true;
	return false;
}

static enum status
write_people(const struct planning *planning, struct business_state *state, struct err *err)
{
	size_t size;
	char business[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX];
	const char *const history[] = {session_param_int(state->business_id, business), session_param_instant(state->history_from, since)};
	FILE *out = open_memstream(&state->people, &size);
	if (out == NULL)
		return planning_no_memory(err);
	enum status status = write_sum(planning, out, "outside", &sql_query_plan_sum_outside, history, 2, err);
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (is_of(campaign, state->business_id) && planning_is_plannable(campaign) && !is_asked_for(planning, campaign))
			status = write_audience(planning, out, campaign, business, err);
	}
	if (fclose(out) != 0 && status == STATUS_OK)
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
		if (is_of(&planning->campaigns[i], business_id) && planning->campaigns[i].facts.run_id > 0)
			array_text_add_int(planned, planning->campaigns[i].facts.run_id);
}

static enum status
copy_sums(const PGresult *rows, struct business_state *state, struct err *err)
{
	state->sums = calloc((size_t)PQntuples(rows) + 1, sizeof *state->sums);
	if (state->sums == NULL)
		return planning_no_memory(err);
	for (int row = 0; row < PQntuples(rows); row++)
		state->sums[state->sum_count++] = (struct run_sum){.run_id = (int32_t)session_int(rows, row, 0),
			.state = (int32_t)session_int(rows, row, 1),
			.people = {session_int(rows, row, 2), session_int(rows, row, 3)}};
	return STATUS_OK;
}

static enum status
read_sums(const struct planning *planning, struct business_state *state, struct err *err)
{
	char since[SESSION_PARAM_MAX];
	struct array_text all = ARRAY_TEXT_INIT, planned = ARRAY_TEXT_INIT;
	list_runs(planning, state->business_id, &all, &planned);
	const char *const params[] = {array_text(&all), session_param_instant(state->history_from, since), array_text(&planned)};
	PGresult *rows = NULL;
	enum status status = params[0] == NULL || params[2] == NULL
		? planning_no_memory(err)
		: session_query(planning->options.context->session, &sql_query_plan_sum_runs, params, 3, &rows, err);
	if (status == STATUS_OK)
		status = copy_sums(rows, state, err);
	PQclear(rows);
	array_text_free(&all);
	array_text_free(&planned);
	return status;
}

static struct people_change
sum_of(const struct business_state *state, int32_t run_id, int32_t code)
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
	write_set(out, "sent", 0, together(plan->slots, together(sum_of(state, run_id, STATE_QUEUED), sum_of(state, run_id, STATE_SENT))));
	write_set(out, "closed", 0, sum_of(state, run_id, STATE_CLOSED));
	for (int reason = 1; reason < 64; reason++)
		write_set(out, "reason", reason, together(plan->suppressed[reason], sum_of(state, run_id, STATE_REASON + reason)));
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
		if (is_of(campaign, business_id) && campaign->plan != NULL && campaign->facts.run_id > last && campaign->facts.run_id < next)
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

/* All lines, for comparing (as stored) or for storing (as they will be). The caller frees it; NULL without memory. */
static char *
write_inputs(const struct planning *planning, const struct business_state *state, bool after)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	fprintf(out, "%s%s", state->law, state->people);
	for (int32_t run = 0; (run = next_run(planning, state->business_id, run, after)) < INT32_MAX;)
		write_run(out, state, run, after ? change_of(planning, run) : NULL);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Looking --------------------------------------------------------------------------------------------------------------------------------- */

/* The name of the first input that differs. */
static void
tell_difference(const struct planning *planning, int32_t business_id, const char *now, const char *stored)
{
	const char *business = "?";
	size_t same = 0;
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (is_of(&planning->campaigns[i], business_id))
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
		status = out->inputs == NULL ? planning_no_memory(err) : instant_parse(PQgetvalue(rows, 0, 1), &out->history_from, err);
	}
	PQclear(rows);
	return status;
}

/* What is stored can only be the same when it looked as far back. */
static struct instant
history_from(const struct planning *planning, const struct business_state *state, const struct stored_state *stored)
{
	const struct instant needed = planning_lookback(planning, state->business_id);
	const bool usable = stored->inputs != NULL && strncmp(stored->inputs, state->law, strlen(state->law)) == 0 &&
		stored->history_from.us <= needed.us && stored->history_from.us > needed.us - HISTORY_SLACK.us;
	return usable ? stored->history_from : needed;
}

/* The numbers of a plan that nobody made again. */
static void
tell_counts(struct planned_campaign *campaign, const struct business_state *state)
{
	struct run_plan_counts *told = &campaign->told;
	const int32_t run_id = campaign->facts.run_id;
	told->kept = sum_of(state, run_id, STATE_QUEUED).count;
	told->done = sum_of(state, run_id, STATE_SENT).count + sum_of(state, run_id, STATE_CLOSED).count;
	told->audience = told->kept + told->done;
	for (int reason = 1; reason < 64; reason++)
		if (reason != REASON_NOT_IN_AUDIENCE) {
			told->by_reason[reason] = sum_of(state, run_id, STATE_REASON + reason).count;
			told->audience += told->by_reason[reason];
		}
}

static enum status
compare(struct planning *planning, struct business_state *state, const struct stored_state *stored, struct err *err)
{
	char *inputs = write_inputs(planning, state, false);
	if (inputs == NULL)
		return planning_no_memory(err);
	state->unchanged = stored->holds && strcmp(inputs, stored->inputs) == 0;
	if (!state->unchanged)
		tell_difference(planning, state->business_id, inputs, stored->inputs);
	free(inputs);
	for (size_t i = 0; i < planning->campaign_count && state->unchanged; i++) {
		struct planned_campaign *campaign = &planning->campaigns[i];
		campaign->unchanged = campaign->unchanged || (is_of(campaign, state->business_id) && planning_is_plannable(campaign));
		if (is_of(campaign, state->business_id))
			tell_counts(campaign, state);
	}
	return STATUS_OK;
}

static enum status
look(struct planning *planning, struct business_state *state, struct err *err)
{
	struct stored_state stored;
	enum status status = write_law(planning, state, err);
	if (status == STATUS_OK)
		status = read_stored(planning, state->business_id, &stored, err);
	if (status != STATUS_OK)
		return status;
	state->history_from = history_from(planning, state, &stored);
	if ((status = write_people(planning, state, err)) == STATUS_OK && (status = read_sums(planning, state, err)) == STATUS_OK &&
		stored.inputs != NULL)
		status = compare(planning, state, &stored, err);
	free(stored.inputs);
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
			if (!may_bind(rulebook, &rulebook->regimes[i], rule, campaign))
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
		if (!is_of(campaign, business_id) || campaign->plan == NULL)
			continue;
		if (!first && gives_up_slots(campaign))
			return false;
		first = false;
	}
	return true;
}

static enum status
store_state(const struct planning *planning, struct session *session, const struct business_state *state, int32_t plan_run, struct err *err)
{
	struct instant until = {is_at_rest(planning, state->business_id) ? INT64_MAX : INT64_MIN}, horizon = {INT64_MAX};
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (!is_of(campaign, state->business_id) || campaign->plan == NULL)
			continue;
		until = instant_min(until, campaign_holds_until(planning, campaign));
		horizon = instant_min(horizon, run_plan_counts(campaign->plan)->holds_to_horizon);
	}
	char text[6][SESSION_PARAM_MAX], *inputs = write_inputs(planning, state, true);
	if (inputs == NULL)
		return planning_no_memory(err);
	const char *const params[] = {session_param_int(state->business_id, text[0]), session_param_int(plan_run, text[1]),
		session_param_instant(planning->now, text[2]), inputs, session_param_instant(state->history_from, text[3]),
		session_param_instant(until, text[4]), session_param_instant(horizon, text[5])};
	const enum status status = session_query(session, &sql_query_publish_state, params, 7, NULL, err);
	free(inputs);
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
