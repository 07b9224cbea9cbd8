/*
 * How it works: whether anything has changed is asked by sums that the server makes, where a million rows cost less than a tenth of reading them, one
 * after the other until one differs. Behind a plan the streams that it has read know their sums, and the server is asked only for what was not read.
 */
#include "planning_people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planning_read.h"

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

enum status
planning_people_compare(
	const struct planning *planning, struct business_state *state, const char *stored, bool *out_differs, struct err *err)
{
	struct people_text text = {.planning = planning, .state = state, .stored = stored};
	const enum status status = write_people(&text, err);
	*out_differs = text.differs;
	return status;
}

enum status
planning_people_gather(const struct planning *planning, struct business_state *state, struct err *err)
{
	struct people_text text = {.planning = planning, .state = state, .gathered = true};
	free(state->people);
	state->people = NULL;
	return write_people(&text, err);
}
