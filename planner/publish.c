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
#include "progress.h"
#include "sql/copy.h"
#include "sql/migrate.h"

struct publication {
	struct planning *planning;
	enum publish_mode mode;
	struct session *session;
	const char *old_runs;       /* those that were stored before */
	struct planning_load *load; /* NULL: this session loads what is new */
	int32_t plan_run;
	int16_t part;
	struct progress progress;
	int64_t written;
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while publishing");
}

/* Runs a statement that answers with one integer. */
static enum status
query_int(
	struct session *session, const struct sql_statement *statement, const char *const *params, int count, int64_t *out, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, statement, params, count, &rows, err);
	if (status != STATUS_OK)
		return status;
	*out = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

/* Runs ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
insert_plan(struct publication *publication, struct err *err)
{
	const struct planning *planning = publication->planning;
	const struct run_plan_counts totals = planning_totals(planning);
	int64_t by_kind[2] = {0, 0};
	for (size_t i = 0; i < reason_table_count; i++)
		by_kind[reason_table[i].kind] += totals.by_reason[reason_table[i].code];
	char text[8][SESSION_PARAM_MAX], horizon[SESSION_PARAM_MAX];
	snprintf(horizon, sizeof horizon, "%" PRId64 " microseconds", planning->horizon.us - planning->now.us);
	const char *const params[] = {session_param_instant(planning->now, text[0]), planning->started, horizon,
		session_param_int(planning->rulebook_id, text[1]), zone_set_version(planning->law->zones), number_table_version(),
		session_param_int(totals.added, text[2]), session_param_int(totals.moved, text[3]), session_param_int(totals.cancelled, text[4]),
		session_param_int(totals.kept, text[5]), session_param_int(by_kind[REASON_SUPPRESSED], text[6]),
		session_param_int(by_kind[REASON_HELD], text[7])};
	int64_t plan_run = 0;
	enum status status = query_int(publication->session, &sql_query_publish_insert_plan, params, 12, &plan_run, err);
	publication->plan_run = (int32_t)plan_run;
	return status;
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
	enum status status = query_int(publication->session, &sql_query_publish_run, params, 9, &run_id, err);
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

/* Classes ------------------------------------------------------------------------------------------------------------------------------- */

/* What the views show as local time: the offsets of the class's first zone and from when each holds. */
static void
list_offsets(const struct plan_class *class, const struct planned_campaign *campaign, struct array_text *from, struct array_text *offset)
{
	for (struct instant at = campaign->first_at; at.us < campaign->last_at.us; at = zone_next_change(class->zones[0], at)) {
		char text[SESSION_PARAM_MAX];
		array_text_add_name(from, session_param_instant(at, text));
		array_text_add_int(offset, zone_offset_s(class->zones[0], at));
	}
}

static void
list_names(const char *const *names, size_t count, struct array_text *out)
{
	for (size_t i = 0; i < count; i++)
		array_text_add_name(out, names[i]);
}

enum { CLASS_REGIONS, CLASS_ZONES, CLASS_HASHES, CLASS_VALID_FROM, CLASS_OFFSETS, CLASS_FACTS, CLASS_ARRAYS };

static enum status
write_class(
	struct publication *publication, const struct planned_campaign *campaign, const struct plan_class *class, int32_t *out, struct err *err)
{
	struct array_text arrays[CLASS_ARRAYS] = {0};
	char rulebook[SESSION_PARAM_MAX], from[SESSION_PARAM_MAX], until[SESSION_PARAM_MAX], terms[SESSION_PARAM_MAX];
	bool complete = true;
	list_names(class->place.regions, class->place.region_count, &arrays[CLASS_REGIONS]);
	list_names(class->place.zones, class->place.zone_count, &arrays[CLASS_ZONES]);
	class_hashes(class, campaign, &arrays[CLASS_HASHES]);
	list_names(class->facts, class->fact_count, &arrays[CLASS_FACTS]);
	list_offsets(class, campaign, &arrays[CLASS_VALID_FROM], &arrays[CLASS_OFFSETS]);
	for (int i = 0; i < CLASS_ARRAYS; i++)
		complete = array_text(&arrays[i]) != NULL && complete;
	const char *const params[] = {arrays[CLASS_REGIONS].text, arrays[CLASS_ZONES].text, category_name(campaign->facts.category),
		channel_name(campaign->facts.channel), session_param_int(publication->planning->rulebook_id, rulebook), class->law.regimes,
		arrays[CLASS_HASHES].text, session_param_instant(campaign->first_at, from), session_param_instant(campaign->last_at, until),
		arrays[CLASS_VALID_FROM].text, arrays[CLASS_OFFSETS].text, arrays[CLASS_FACTS].text, class_language(class, campaign),
		session_param_int((int64_t) class->terms_hash, terms), class_template(class, campaign), message_order_name(class->order)};
	int64_t class_id = 0;
	enum status status = complete ? query_int(publication->session, &sql_query_publish_class, params, 16, &class_id, err) : no_memory(err);
	*out = (int32_t)class_id;
	for (int i = 0; i < CLASS_ARRAYS; i++)
		array_text_free(&arrays[i]);
	return status;
}

/* What a campaign decided, some rows at a time. */
enum { ROWS_AT_ONCE = 1024 };

typedef enum status slot_fn(void *context, const struct planned_slot *slot, struct err *err);

static enum status
each_slot(const struct planned_campaign *campaign, slot_fn *visit, void *context, struct err *err)
{
	struct planned_slot slots[ROWS_AT_ONCE];
	const size_t count = run_plan_slot_count(campaign->plan);
	enum status status = STATUS_OK;
	for (size_t first = 0; first < count && status == STATUS_OK; first += ROWS_AT_ONCE) {
		const size_t rows = count - first < ROWS_AT_ONCE ? count - first : ROWS_AT_ONCE;
		status = run_plan_slots(campaign->plan, first, rows, slots, err);
		for (size_t i = 0; i < rows && status == STATUS_OK; i++)
			status = visit(context, &slots[i], err);
	}
	return status;
}

struct class_writing {
	struct publication *publication;
	struct planned_campaign *campaign;
};

static enum status
write_slot_class(void *context, const struct planned_slot *slot, struct err *err)
{
	const struct class_writing *writing = context;
	int32_t *class_id = &writing->campaign->class_ids[slot->class];
	if (*class_id != 0)
		return STATUS_OK;
	return write_class(writing->publication, writing->campaign, class_table_at(writing->campaign->classes, slot->class), class_id, err);
}

/* Gives every class that got a slot its row in the database. */
static enum status
write_classes(struct publication *publication, struct planned_campaign *campaign, struct err *err)
{
	const size_t count = class_table_count(campaign->classes);
	free(campaign->class_ids);
	campaign->class_ids = calloc(count + 1, sizeof *campaign->class_ids);
	if (campaign->class_ids == NULL)
		return no_memory(err);
	campaign->class_id_count = count;
	return each_slot(campaign, write_slot_class, &(struct class_writing){publication, campaign}, err);
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
	return each_slot(campaign, write_slot_if_added, &writing, err);
}

static enum status
write_moved(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err)
{
	struct slot_writing writing = slot_writing(publication, writer, campaign);
	return each_slot(campaign, write_slot_if_moved, &writing, err);
}

static enum status
write_unsuppressed(struct publication *publication, struct copy_writer *writer, const struct planned_campaign *campaign, struct err *err)
{
	struct slot_writing writing = slot_writing(publication, writer, campaign);
	return each_slot(campaign, write_slot_if_unsuppressed, &writing, err);
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

/* Makes a table for a large addition and begins to load it. */
static enum status
start_slots(struct publication *publication, struct err *err)
{
	const struct planning_options *options = &publication->planning->options;
	enum status status = STATUS_OK;
	if (planning_totals(publication->planning).added <= PUBLISH_OWN_PART_ROWS)
		return write_slots(publication, err);
	if (publication->mode == PUBLISH_COMMIT && options->jobs > 1) {
		status = planning_load_open(publication->planning, options->jobs, &publication->load, &publication->part, err);
	} else {
		int64_t part = 0;
		status = query_int(publication->session, &sql_query_publish_part, NULL, 0, &part, err);
		publication->part = (int16_t)part;
	}
	if (status != STATUS_OK)
		return status;
	return publication->load != NULL ? planning_load_start(publication->load, publication->plan_run, err) : write_slots(publication, err);
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

static enum status
stage(struct publication *publication, struct err *err)
{
	enum status status = session_query(publication->session, &sql_query_publish_stage, NULL, 0, NULL, err);
	if (status == STATUS_OK)
		status = insert_plan(publication, err);
	for (size_t i = 0; i < publication->planning->campaign_count && status == STATUS_OK; i++) {
		struct planned_campaign *campaign = &publication->planning->campaigns[i];
		if (campaign->plan != NULL && (status = write_run(publication, campaign, err)) == STATUS_OK)
			status = write_classes(publication, campaign, err);
	}
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
		params[4] != NULL ? session_query(publication->session, &sql_query_publish_plan, params, 6, &rows, err) : no_memory(err);
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
		: no_memory(err);
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
	enum status status = params[0] != NULL ? session_query(session, &sql_query_publish_finish, params, 1, NULL, err) : no_memory(err);
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
	enum status status = session_begin(publication->session, SESSION_READ_COMMITTED, err);
	if (status == STATUS_OK && (status = stage(publication, err)) == STATUS_OK &&
		(status = planning_sample_read(publication->planning, publication->session, publication->plan_run, err)) == STATUS_OK &&
		(status = make_visible(publication, out_swept, err)) == STATUS_OK && (status = drop_occurrences(publication, err)) == STATUS_OK &&
		(status = planning_change_store(publication->planning, publication->session, publication->plan_run, true, err)) == STATUS_OK &&
		(status = finish_ended(publication->planning, publication->session, err)) == STATUS_OK)
		status = end(publication->session, publication->mode, err);
	if (status != STATUS_OK)
		session_rollback(publication->session);
	return status;
}

enum status
publish_planning(struct planning *planning, enum publish_mode mode, int64_t *out_swept, struct err *err)
{
	struct array_text old_runs = ARRAY_TEXT_INIT;
	list_numbered_runs(planning, &old_runs);
	struct publication publication = {
		.planning = planning, .mode = mode, .session = planning->options.context->session, .old_runs = array_text(&old_runs)};
	progress_begin(&publication.progress, "writing slots", planning_totals(planning).added);
	const enum status status = publication.old_runs != NULL ? publish_whole(&publication, out_swept, err) : no_memory(err);
	progress_end(&publication.progress);
	planning_load_close(&publication.load, status == STATUS_OK ? LOAD_KEEP : LOAD_DROP);
	array_text_free(&old_runs);
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
