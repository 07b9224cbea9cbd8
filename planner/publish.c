#include "publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/number.h"
#include "planner/core/person.h"
#include "planning_change.h"
#include "planning_class.h"
#include "planning_load.h"
#include "planning_sample.h"
#include "publish_private.h"
#include "sql/copy.h"
#include "sql/migrate.h"

/* Runs ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
insert_plan(struct publication *publication, struct err *err)
{
	const struct planning *planning = publication->planning;
	char text[2][SESSION_PARAM_MAX], horizon[SESSION_PARAM_MAX];
	snprintf(horizon, sizeof horizon, "%" PRId64 " microseconds", planning->horizon.us - planning->now.us);
	const char *const params[] = {session_param_instant(planning->now, text[0]), planning->started, horizon,
		session_param_int(planning->rulebook_id, text[1]), zone_set_version(planning->law->zones), number_table_version()};
	int64_t plan_run = 0;
	enum status status = publish_query_int(publication->session, &sql_query_publish_insert_plan, params, 6, &plan_run, err);
	publication->plan_run = (int32_t)plan_run;
	return status;
}

static enum status
count_plan(const struct publication *publication, struct err *err)
{
	const struct run_plan_counts totals = planning_totals(publication->planning);
	int64_t by_kind[2] = {0, 0};
	for (size_t i = 0; i < reason_table_count; i++)
		by_kind[reason_table[i].kind] += totals.by_reason[reason_table[i].code];
	char text[7][SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(publication->plan_run, text[0]), session_param_int(totals.added, text[1]),
		session_param_int(totals.moved, text[2]), session_param_int(totals.cancelled, text[3]), session_param_int(totals.kept, text[4]),
		session_param_int(by_kind[REASON_SUPPRESSED], text[5]), session_param_int(by_kind[REASON_HELD], text[6])};
	return session_query(publication->session, &sql_query_publish_count_plan, params, 7, NULL, err);
}

static enum status
write_run(struct publication *publication, struct planned_campaign *campaign, struct err *err)
{
	char text[5][SESSION_PARAM_MAX], occurrence[16];
	const struct civil day = date_to_civil(campaign->occurrence);
	snprintf(occurrence, sizeof occurrence, "%04d-%02d-%02d", day.year, day.month, day.day);
	const char *const params[] = {session_param_int(campaign->facts.campaign_id, text[0]), occurrence,
		session_param_int(campaign->business_id, text[1]), session_param_int(campaign->lane, text[2]),
		channel_name(campaign->facts.channel), category_name(campaign->facts.category), campaign->digest,
		session_param_instant(campaign->first_at, text[3]), session_param_instant(campaign->last_at, text[4])};
	int64_t run_id = 0;
	enum status status = publish_query_int(publication->session, &sql_query_publish_run, params, 9, &run_id, err);
	campaign->facts.run_id = (int32_t)run_id;
	return status;
}

/* The runs that have a number. Before new runs got theirs, these are the ones that can have a ledger. */
static void
list_numbered_runs(const struct planning *planning, struct array_text *out)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].plan != NULL && planning->campaigns[i].facts.run_id > 0)
			array_text_add_int(out, planning->campaigns[i].facts.run_id);
}

/* Rows ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
write_refusal(struct copy_writer *writer, const struct planned_campaign *campaign, const struct planned_refusal *refusal, struct err *err)
{
	enum status status = copy_writer_row(writer, 6, err);
	copy_writer_int64(writer, refusal->recipient_id);
	copy_writer_int32(writer, campaign->facts.run_id);
	copy_writer_int16(writer, person_bucket(refusal->recipient_id));
	copy_writer_int16(writer, (int16_t)refusal->reason);
	if (refusal->part == PLANNED_NEW)
		copy_writer_null(writer);
	else
		copy_writer_int16(writer, refusal->part);
	if (refusal->rule == NULL)
		copy_writer_null(writer);
	else
		copy_writer_text(writer, refusal->rule->id, strlen(refusal->rule->id));
	return status;
}

typedef enum status write_campaign_fn(
	struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err);

struct slot_writing {
	struct publication *publication;
	struct copy_writer *writer;
	struct slot_place place;
};

static enum status
write_slot_if_added(void *context, const struct planned_slot *slot, struct err *err)
{
	const struct slot_writing *writing = context;
	if (slot->part != PLANNED_NEW)
		return STATUS_OK;
	progress_show(&writing->publication->progress, ++writing->publication->written);
	return planning_load_row(writing->writer, &writing->place, slot, err);
}

static enum status
write_slot_if_moved(void *context, const struct planned_slot *slot, struct err *err)
{
	const struct slot_writing *writing = context;
	return slot->part != PLANNED_NEW ? planning_load_row(writing->writer, &writing->place, slot, err) : STATUS_OK;
}

static enum status
write_slot_if_unsuppressed(void *context, const struct planned_slot *slot, struct err *err)
{
	const struct slot_writing *writing = context;
	if (!slot->was_suppressed)
		return STATUS_OK;
	const enum status status = copy_writer_row(writing->writer, 3, err);
	copy_writer_int64(writing->writer, slot->recipient_id);
	copy_writer_int32(writing->writer, writing->place.campaign->facts.run_id);
	copy_writer_int16(writing->writer, person_bucket(slot->recipient_id));
	return status;
}

static struct slot_writing
slot_writing(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign)
{
	return (struct slot_writing){publication, writer, {campaign, publication->plan_run, publication->part}};
}

static enum status
write_added(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err)
{
	struct slot_writing writing = slot_writing(publication, writer, campaign);
	return publish_each_slot(campaign, write_slot_if_added, &writing, err);
}

static enum status
write_moved(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err)
{
	struct slot_writing writing = slot_writing(publication, writer, campaign);
	return publish_each_slot(campaign, write_slot_if_moved, &writing, err);
}

static enum status
write_unsuppressed(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err)
{
	struct slot_writing writing = slot_writing(publication, writer, campaign);
	return publish_each_slot(campaign, write_slot_if_unsuppressed, &writing, err);
}

static enum status
write_refused(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err)
{
	struct planned_refusal refusals[ROWS_AT_ONCE];
	const size_t count = run_plan_refusal_count(campaign->plan);
	enum status status = STATUS_OK;
	(void)publication;
	for (size_t first = 0; first < count && status == STATUS_OK; first += ROWS_AT_ONCE) {
		const size_t rows = count - first < ROWS_AT_ONCE ? count - first : ROWS_AT_ONCE;
		status = run_plan_refusals(campaign->plan, first, rows, refusals, err);
		for (size_t i = 0; i < rows && status == STATUS_OK; i++)
			status = write_refusal(writer, campaign, &refusals[i], err);
	}
	return status;
}

/* One COPY over all campaigns. */
static enum status
write_rows(
	struct publication *publication, const struct sql_statement *statement, const char *table, write_campaign_fn *write, struct err *err)
{
	struct copy_writer *writer;
	enum status status = copy_writer_open(publication->session, statement, table, &writer, err);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < publication->planning->campaign_count && status == STATUS_OK; i++)
		if (publication->planning->campaigns[i].plan != NULL)
			status = write(publication, writer, &publication->planning->campaigns[i], err);
	int64_t rows = 0;
	if (status == STATUS_OK)
		status = copy_writer_finish(writer, &rows, err);
	copy_writer_free(&writer);
	return status;
}

/* In this session: a dry run, whose table goes with the transaction, a single job, and what is too little for a table of its own. */
static enum status
write_slots(struct publication *publication, struct err *err)
{
	char table[32] = "plan_slot", part[SESSION_PARAM_MAX];
	if (publication->part > 0)
		snprintf(table, sizeof table, "slot_%d", publication->part);
	enum status status = write_rows(publication, &sql_query_publish_copy_slots, table, write_added, err);
	if (status != STATUS_OK || publication->part == 0)
		return status;
	const char *const params[] = {session_param_int(publication->part, part)};
	return session_query(publication->session, &sql_query_publish_index_part, params, 1, NULL, err);
}

/* Makes a table for a large addition, which several jobs load. */
static enum status
open_load(struct publication *publication, struct err *err)
{
	const enum status status =
		planning_load_open(publication->planning, publication->planning->options.jobs, &publication->load, &publication->part, err);
	return status == STATUS_OK && publication->load != NULL ? planning_load_start(publication->load, publication->plan_run, err) : status;
}

struct slot_loading {
	struct planning_load *load;
	const struct planned_campaign *campaign;
};

static enum status
load_slot_if_added(void *context, const struct planned_slot *slot, struct err *err)
{
	const struct slot_loading *loading = context;
	return slot->part == PLANNED_NEW ? planning_load_put(loading->load, loading->campaign, slot, err) : STATUS_OK;
}

/* What was not loaded while it was dealt. */
static enum status
load_slots(struct publication *publication, struct err *err)
{
	const struct planning *planning = publication->planning;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		struct slot_loading loading = {publication->load, &planning->campaigns[i]};
		if (loading.campaign->plan != NULL && loading.campaign != publication->streamed)
			status = publish_each_slot(loading.campaign, load_slot_if_added, &loading, err);
	}
	return status == STATUS_OK ? planning_load_end(publication->load, err) : status;
}

/* Begins to load what is new, unless that began while it was dealt. */
static enum status
start_slots(struct publication *publication, struct err *err)
{
	enum status status = STATUS_OK;
	if (publication->load == NULL && planning_totals(publication->planning).added <= PUBLISH_OWN_PART_ROWS)
		return write_slots(publication, err);
	if (publication->load == NULL && publication->mode == PUBLISH_COMMIT && publication->planning->options.jobs > 1) {
		status = open_load(publication, err);
	} else if (publication->load == NULL) {
		int64_t part = 0;
		status = publish_query_int(publication->session, &sql_query_publish_part, NULL, 0, &part, err);
		publication->part = (int16_t)part;
	}
	if (status != STATUS_OK)
		return status;
	return publication->load != NULL ? load_slots(publication, err) : write_slots(publication, err);
}

static enum status
finish_slots(struct publication *publication, struct err *err)
{
	if (publication->load == NULL)
		return STATUS_OK;
	char part[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(publication->part, part)};
	const enum status status = planning_load_finish(publication->load, &publication->progress, err);
	return status == STATUS_OK ? session_query(publication->session, &sql_query_publish_key_part, params, 1, NULL, err) : status;
}

/* What is no new slot; while those are being loaded. */
static enum status
stage_rest(struct publication *publication, struct err *err)
{
	enum status status = write_rows(publication, &sql_query_publish_copy_slots, "plan_move", write_moved, err);
	if (status == STATUS_OK)
		status = write_rows(publication, &sql_query_publish_copy_refusals, NULL, write_refused, err);
	if (status == STATUS_OK)
		status = write_rows(publication, &sql_query_publish_copy_unsuppress, NULL, write_unsuppressed, err);
	char plan_run[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(publication->plan_run, plan_run), publication->old_runs};
	return status == STATUS_OK ? session_query(publication->session, &sql_query_publish_place_refusals, params, 2, NULL, err) : status;
}

/* The transaction, with what must be known before a slot can be written. */
static enum status
begin(struct publication *publication, struct err *err)
{
	list_numbered_runs(publication->planning, &publication->runs);
	publication->old_runs = array_text(&publication->runs);
	enum status status =
		publication->old_runs != NULL ? session_begin(publication->session, SESSION_READ_COMMITTED, err) : publish_no_memory(err);
	publication->begun = status == STATUS_OK;
	if (status == STATUS_OK)
		status = session_query(publication->session, &sql_query_publish_stage, NULL, 0, NULL, err);
	if (status == STATUS_OK)
		status = insert_plan(publication, err);
	for (size_t i = 0; i < publication->planning->campaign_count && status == STATUS_OK; i++)
		if (publication->planning->campaigns[i].plan != NULL)
			status = write_run(publication, &publication->planning->campaigns[i], err);
	return status;
}

static enum status
stage(struct publication *publication, struct err *err)
{
	enum status status = publication->begun ? STATUS_OK : begin(publication, err);
	for (size_t i = 0; i < publication->planning->campaign_count && status == STATUS_OK; i++)
		if (publication->planning->campaigns[i].plan != NULL)
			status = publish_write_classes(publication, &publication->planning->campaigns[i], err);
	if (status == STATUS_OK)
		status = count_plan(publication, err);
	if (status != STATUS_OK || (status = start_slots(publication, err)) != STATUS_OK ||
		(status = stage_rest(publication, err)) != STATUS_OK)
		return status;
	return finish_slots(publication, err);
}

static enum status
make_visible(struct publication *publication, int64_t *out_swept, struct err *err)
{
	char plan_run[SESSION_PARAM_MAX], head[SESSION_PARAM_MAX], part[SESSION_PARAM_MAX];
	struct array_text runs = ARRAY_TEXT_INIT;
	list_numbered_runs(publication->planning, &runs);
	const char *const params[] = {session_param_int(publication->plan_run, plan_run), session_param_int(publication->planning->head, head),
		publication->planning->seen, session_param_int(publication->part, part), array_text(&runs), publication->old_runs};
	PGresult *rows;
	enum status status =
		params[4] != NULL ? session_query(publication->session, &sql_query_publish_plan, params, 6, &rows, err) : publish_no_memory(err);
	array_text_free(&runs);
	if (status != STATUS_OK)
		return status;
	*out_swept = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

static const char *
digest_of(const struct planning *planning, int32_t campaign_id)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].facts.campaign_id == campaign_id)
			return planning->campaigns[i].digest;
	return "";
}

/* What an edit left out of a series. */
static enum status
drop_occurrences(const struct publication *publication, struct err *err)
{
	const struct planning *planning = publication->planning;
	struct array_text runs = ARRAY_TEXT_INIT, digests = ARRAY_TEXT_INIT;
	char plan_run[SESSION_PARAM_MAX];
	if (planning->to_drop == 0)
		return STATUS_OK;
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].to_drop) {
			array_text_add_int(&runs, planning->runs[i].run_id);
			array_text_add_name(&digests, digest_of(planning, planning->runs[i].campaign_id));
		}
	const char *const params[] = {array_text(&runs), array_text(&digests), session_param_int(publication->plan_run, plan_run)};
	const enum status status = params[0] != NULL && params[1] != NULL
		? session_query(publication->session, &sql_query_publish_drop, params, 3, NULL, err)
		: publish_no_memory(err);
	array_text_free(&runs);
	array_text_free(&digests);
	return status;
}

static enum status
finish_ended(const struct planning *planning, struct session *session, struct err *err)
{
	struct array_text ended = ARRAY_TEXT_INIT;
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].ended)
			array_text_add_int(&ended, planning->campaigns[i].facts.campaign_id);
	if (array_text_is_empty(&ended))
		return STATUS_OK;
	const char *const params[] = {array_text(&ended)};
	enum status status =
		params[0] != NULL ? session_query(session, &sql_query_publish_finish, params, 1, NULL, err) : publish_no_memory(err);
	array_text_free(&ended);
	return status;
}

static enum status
end(struct session *session, enum publish_mode mode, struct err *err)
{
	if (mode == PUBLISH_COMMIT) /* what was planned may not be what an upgraded schema asks for */
		return session_require_schema(session, err) == STATUS_OK ? session_commit(session, err) : err->status;
	session_rollback(session);
	return STATUS_OK;
}

static enum status
publish_whole(struct publication *publication, int64_t *out_swept, struct err *err)
{
	enum status status = stage(publication, err);
	if (status == STATUS_OK &&
		(status = planning_sample_read(publication->planning, publication->session, publication->plan_run, err)) == STATUS_OK &&
		(status = make_visible(publication, out_swept, err)) == STATUS_OK && (status = drop_occurrences(publication, err)) == STATUS_OK &&
		(status = planning_change_store(publication->planning, publication->session, publication->plan_run, true, err)) == STATUS_OK &&
		(status = finish_ended(publication->planning, publication->session, err)) == STATUS_OK)
		status = end(publication->session, publication->mode, err);
	if (status != STATUS_OK)
		session_rollback(publication->session);
	return status;
}

/* While the last campaign is dealt --------------------------------------------------------------------------------------------------------- */

static enum status
stream_slot(void *context, const struct planned_slot *slot, struct err *err)
{
	struct publication *publication = context;
	struct planned_campaign *campaign = publication->streamed;
	const enum status status = publish_slot_class(publication, campaign, slot, err);
	return status == STATUS_OK ? load_slot_if_added(&(struct slot_loading){publication->load, campaign}, slot, err) : status;
}

/* With what was dealt already. */
static enum status
start_stream(struct publication *publication, struct planned_campaign *campaign, struct err *err)
{
	enum status status = begin(publication, err);
	if (status == STATUS_OK)
		status = open_load(publication, err);
	if (status != STATUS_OK || publication->load == NULL)
		return status;
	publication->streamed = campaign;
	status = publish_forget_classes(campaign, err);
	return status == STATUS_OK ? publish_each_slot_between(campaign, 0, publication->dealt, stream_slot, publication, err) : status;
}

static enum status
on_dealt(struct planning *planning, struct planned_campaign *campaign, const struct planned_slot *slot, struct err *err)
{
	struct publication *publication = planning->publication;
	publication->dealt++;
	if (publication->streamed != NULL)
		return stream_slot(publication, slot, err);
	if (publication->counted)
		publication->added += slot->part == PLANNED_NEW;
	else
		publication->added = planning_totals(planning).added;
	publication->counted = true;
	return !publication->begun && publication->added > PUBLISH_OWN_PART_ROWS ? start_stream(publication, campaign, err) : STATUS_OK;
}

static struct publication *
new_publication(struct planning *planning)
{
	struct publication *publication = calloc(1, sizeof *publication);
	if (publication == NULL)
		return NULL;
	publication->planning = planning;
	publication->session = planning->options.context->session;
	return publication;
}

enum status
publish_prepare(struct planning *planning, struct err *err)
{
	if (planning->options.jobs <= 1)
		return STATUS_OK;
	planning->publication = new_publication(planning);
	planning->on_dealt = on_dealt;
	return planning->publication != NULL ? STATUS_OK : publish_no_memory(err);
}

static void
close_publication(struct planning *planning, enum load_end load_end)
{
	struct publication *publication = planning->publication;
	planning->publication = NULL;
	planning->on_dealt = NULL;
	planning_load_close(&publication->load, load_end);
	array_text_free(&publication->runs);
	free(publication);
}

void
publish_abandon(struct planning *planning)
{
	if (planning->publication == NULL)
		return;
	if (planning->publication->begun)
		session_rollback(planning->publication->session);
	close_publication(planning, LOAD_DROP);
}

enum status
publish_planning(struct planning *planning, enum publish_mode mode, int64_t *out_swept, struct err *err)
{
	if (planning->publication == NULL)
		planning->publication = new_publication(planning);
	struct publication *publication = planning->publication;
	if (publication == NULL)
		return publish_no_memory(err);
	publication->mode = mode;
	progress_begin(&publication->progress, "writing slots", planning_totals(planning).added);
	const enum status status = publish_whole(publication, out_swept, err);
	progress_end(&publication->progress);
	close_publication(planning, status == STATUS_OK ? LOAD_KEEP : LOAD_DROP);
	return status;
}

enum status
publish_nothing(struct planning *planning, enum publish_mode mode, struct err *err)
{
	struct session *session = planning->options.context->session;
	char head[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(planning->head, head)};
	enum status status = session_begin(session, SESSION_READ_COMMITTED, err);
	if (status == STATUS_OK && (status = session_query(session, &sql_query_publish_checked, params, 1, NULL, err)) == STATUS_OK &&
		(status = planning_change_store(planning, session, planning->head, false, err)) == STATUS_OK &&
		(status = finish_ended(planning, session, err)) == STATUS_OK)
		status = end(session, mode, err);
	if (status != STATUS_OK)
		session_rollback(session);
	return status;
}
