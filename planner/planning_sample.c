#include "planning_sample.h"

#include <stdlib.h>
#include <string.h>

/* Of the people in the sample, if so many were cancelled. */
enum { SAMPLE_CANCELLED = 3, ROWS_AT_ONCE = 256 };

/* The campaign with most changes, and how many. */
static const struct planned_campaign *
largest_campaign(const struct planning *planning)
{
	const struct planned_campaign *largest = NULL;
	int64_t most = 0;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct run_plan *plan = planning->campaigns[i].plan;
		const int64_t changes = plan != NULL ? (int64_t)run_plan_slot_count(plan) + run_plan_counts(plan)->cancelled : 0;
		if (changes > most) {
			most = changes;
			largest = &planning->campaigns[i];
		}
	}
	return largest;
}

static size_t
cancelled_wanted(const struct planned_campaign *campaign)
{
	const int64_t cancelled = run_plan_counts(campaign->plan)->cancelled;
	return cancelled < SAMPLE_CANCELLED ? (size_t)cancelled : SAMPLE_CANCELLED;
}

/* There may be millions who never had a slot before the first who loses one. */
static enum status
take_cancelled(struct planning *planning, const struct planned_campaign *campaign, struct err *err)
{
	struct planned_refusal refusals[ROWS_AT_ONCE];
	const size_t count = run_plan_refusal_count(campaign->plan), wanted = cancelled_wanted(campaign);
	enum status status = STATUS_OK;
	for (size_t first = 0; first < count && planning->sample_count < wanted && status == STATUS_OK; first += ROWS_AT_ONCE) {
		const size_t rows = count - first < ROWS_AT_ONCE ? count - first : ROWS_AT_ONCE;
		status = run_plan_refusals(campaign->plan, first, rows, refusals, err);
		for (size_t i = 0; i < rows && planning->sample_count < wanted && status == STATUS_OK; i++)
			if (refusals[i].part != PLANNED_NEW)
				planning->sample[planning->sample_count++] =
					(struct sample_person){.campaign = campaign, .recipient_id = refusals[i].recipient_id, .reason = refusals[i].reason};
	}
	return status;
}

static enum status
take_slots(struct planning *planning, const struct planned_campaign *campaign, struct err *err)
{
	const size_t slots = run_plan_slot_count(campaign->plan), room = SAMPLE_PEOPLE - planning->sample_count;
	const size_t count = slots < room ? slots : room;
	enum status status = STATUS_OK;
	for (size_t n = 0; n < count && status == STATUS_OK; n++) {
		struct sample_person *person = &planning->sample[planning->sample_count++];
		*person = (struct sample_person){.campaign = campaign, .has_slot = true};
		status = run_plan_slots(campaign->plan, n * slots / count, 1, &person->slot, err);
		person->recipient_id = person->slot.recipient_id;
	}
	return status;
}

/* Who they are, and when their slot was due before. */
static enum status
copy_people(struct planning *planning, const PGresult *rows, struct err *err)
{
	for (int row = 0; row < PQntuples(rows); row++) {
		struct sample_person *person = &planning->sample[session_int(rows, row, 0) - 1];
		snprintf(person->phone, sizeof person->phone, "%s", PQgetvalue(rows, row, 1));
		person->had_slot = !PQgetisnull(rows, row, 2);
		if (person->had_slot && instant_parse(PQgetvalue(rows, row, 2), &person->before, err) != STATUS_OK)
			return err->status;
	}
	return STATUS_OK;
}

static enum status
read_people(struct planning *planning, struct session *session, struct err *err)
{
	struct array_text people = ARRAY_TEXT_INIT, runs = ARRAY_TEXT_INIT;
	for (size_t n = 0; n < planning->sample_count; n++) {
		array_text_add_int(&people, planning->sample[n].recipient_id);
		array_text_add_int(&runs, planning->sample[n].campaign->facts.run_id);
	}
	const char *const params[] = {array_text(&people), array_text(&runs)};
	PGresult *rows = NULL;
	enum status status = params[0] != NULL && params[1] != NULL ? session_query(session, &sql_query_plan_sample, params, 2, &rows, err)
																: err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (status == STATUS_OK)
		status = copy_people(planning, rows, err);
	PQclear(rows);
	array_text_free(&people);
	array_text_free(&runs);
	return status;
}

static enum status
read_moved(struct planning *planning, struct session *session, int32_t plan_run, struct err *err)
{
	char run[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(plan_run, run)};
	PQclear(planning->moved);
	planning->moved = NULL;
	if (planning_totals(planning).moved == 0)
		return STATUS_OK;
	return session_query(session, &sql_query_publish_moved, params, 1, &planning->moved, err);
}

enum status
planning_sample_read(struct planning *planning, struct session *session, int32_t plan_run, struct err *err)
{
	const struct planned_campaign *campaign = largest_campaign(planning);
	enum status status = read_moved(planning, session, plan_run, err);
	planning->sample_count = 0;
	if (status != STATUS_OK || campaign == NULL)
		return status;
	status = take_cancelled(planning, campaign, err);
	if (status == STATUS_OK)
		status = take_slots(planning, campaign, err);
	return status == STATUS_OK ? read_people(planning, session, err) : status;
}
