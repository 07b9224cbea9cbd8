/*
 * How it works: four sessions are read in turns, the queue, the ledger and each half of what other systems sent, so that the server works at all of
 * them while the program does.
 */
#include "planning_rows.h"

#include <stdlib.h>

#include "planning_read.h"
#include "planning_volume.h"
#include "progress.h"
#include "sql/copy.h"

static struct stored_run *
find_run(const struct planning *planning, int64_t run_id)
{
	size_t from = 0, until = planning->run_count;
	while (from < until) {
		const size_t middle = from + (until - from) / 2;
		if (planning->runs[middle].run_id == run_id)
			return &planning->runs[middle];
		if (planning->runs[middle].run_id < run_id)
			from = middle + 1;
		else
			until = middle;
	}
	return NULL;
}

static enum status
add_slot(struct planning *planning, const struct copy_row *row, struct err *err)
{
	struct stored_run *run = find_run(planning, copy_field_int64(row, 3));
	uint32_t volume;
	const enum status status = planning_volume_rules(planning, (int32_t)copy_field_int64(row, 4), &volume, err);
	if (status != STATUS_OK)
		return status;
	const struct queued_slot slot = {.recipient_id = copy_field_int64(row, 0),
		.due_at = copy_field_instant(row, 1),
		.not_after = copy_field_instant(row, 2),
		.run_id = run->run_id,
		.class_id = (int32_t)copy_field_int64(row, 4),
		.lane = (int16_t)copy_field_int64(row, 5),
		.part = (int16_t)copy_field_int64(row, 6),
		.volume = volume,
		.category = run->category,
		.channel = run->channel,
		.subject = run->subject};
	row_sum_add(&run->queued, (uint64_t)slot.recipient_id);
	return by_person_add(planning->queue, &slot) == STATUS_OK ? STATUS_OK : spool_fail(&planning->spool.storage, err);
}

static enum status
add_release(struct planning *planning, const struct copy_row *row, struct err *err)
{
	struct stored_run *run = find_run(planning, copy_field_int64(row, 2));
	const struct ledger_event event = {.recipient_id = copy_field_int64(row, 0),
		.at = copy_field_instant(row, 1),
		.run_id = run->run_id,
		.category = run->category,
		.channel = run->channel,
		.subject = run->subject,
		.counts = copy_field_int64(row, 3) != 0};
	row_sum_add(event.counts ? &run->sent : &run->closed, (uint64_t)event.recipient_id);
	return by_person_add(planning->ledger, &event) == STATUS_OK ? STATUS_OK : spool_fail(&planning->spool.storage, err);
}

/* As plan_sum_outside makes it. */
static uint64_t
hash_outside(const struct copy_row *row)
{
	return row_hash_int64(copy_field_int64(row, 0), row_hash_int64(copy_field_int64(row, 1), (uint64_t)copy_field_int64(row, 2) + 1));
}

static enum status
add_outside(struct planning *planning, const struct copy_row *row, struct err *err)
{
	const unsigned kind = (unsigned)copy_field_int64(row, 2), category = kind % 8, channel = kind / 8;
	if (copy_field_is_null(row, 2) || category >= CATEGORY_COUNT || channel >= CHANNEL_COUNT)
		return err_set(err, STATUS_INTERNAL, "an outside message has a category or channel this program does not know");
	const struct ledger_event event = {.recipient_id = copy_field_int64(row, 0),
		.at = copy_field_instant(row, 1),
		.category = (uint8_t)category,
		.channel = (uint8_t)channel,
		.counts = true};
	row_sum_add(&planning->outside, hash_outside(row));
	return by_person_add(planning->ledger, &event) == STATUS_OK ? STATUS_OK : spool_fail(&planning->spool.storage, err);
}

typedef enum status add_row_fn(struct planning *planning, const struct copy_row *row, struct err *err);

/* One of several reads, each in a session of its own. */
struct row_read {
	const struct sql_statement *statement;
	const char *const *params;
	int param_count;
	add_row_fn *add;
	struct copy_reader *reader; /* NULL: not begun, or at its end */
};

enum { READ_AT_ONCE = 1024 /* rows: some tenths of what a socket holds */ };

static enum status
read_some(struct planning *planning, struct row_read *read, int64_t *count, struct err *err)
{
	struct copy_row row;
	enum status status = STATUS_OK;
	for (int i = 0; i < READ_AT_ONCE && (status = copy_reader_next(read->reader, &row, err)) == STATUS_OK; i++) {
		if ((status = read->add(planning, &row, err)) != STATUS_OK)
			return status;
		++*count;
	}
	if (status == STATUS_NOT_FOUND)
		copy_reader_close(&read->reader);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* In turns, so that the server works at all of them. */
static enum status
read_in_turns(struct planning *planning, struct row_read *reads, size_t read_count, struct err *err)
{
	struct progress progress;
	int64_t count = 0;
	enum status status = STATUS_OK;
	size_t open = read_count;
	progress_begin(&progress, "reading the queue and the ledger", 0);
	while (open > 0 && status == STATUS_OK) {
		open = 0;
		for (size_t i = 0; i < read_count && status == STATUS_OK; i++) {
			if (reads[i].reader != NULL)
				status = read_some(planning, &reads[i], &count, err);
			open += reads[i].reader != NULL;
		}
		progress_show(&progress, count);
	}
	progress_end(&progress);
	return status;
}

static enum status
read_together(struct planning *planning, struct row_read *reads, size_t count, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = copy_reader_open(planning->streams[i], reads[i].statement, reads[i].params, reads[i].param_count, &reads[i].reader, err);
	if (status == STATUS_OK)
		status = read_in_turns(planning, reads, count, err);
	for (size_t i = 0; i < count; i++)
		copy_reader_close(&reads[i].reader);
	return status;
}

static bool
run_is_planned(const struct planning *planning, const struct stored_run *run)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].facts.run_id == run->run_id)
			return true;
	return false;
}

/* The runs of a business, all of them or those to be planned now. */
static void
list_runs(const struct planning *planning, int32_t business_id, bool planned_only, struct array_text *out)
{
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].business_id == business_id && (!planned_only || run_is_planned(planning, &planning->runs[i])))
			array_text_add_int(out, planning->runs[i].run_id);
}

#define PAGES_END "4294967295"

static enum status
find_middle(struct planning *planning, char out[SESSION_PARAM_MAX], struct err *err)
{
	PGresult *rows;
	const enum status status = session_query(planning->options.context->session, &sql_query_plan_outside_middle, NULL, 0, &rows, err);
	if (status == STATUS_OK) {
		session_param_int(session_int(rows, 0, 0), out);
		PQclear(rows);
	}
	return status;
}

static enum status
read_business_rows(struct planning *planning, int32_t business_id, const char *runs, const char *planned, struct err *err)
{
	char business[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX], middle[SESSION_PARAM_MAX];
	session_param_int(business_id, business);
	session_param_instant(planning_lookback(planning, business_id), since);
	if (find_middle(planning, middle, err) != STATUS_OK)
		return err->status;
	const char *const slots[] = {runs}, *const ledger[] = {runs, since, planned};
	const char *const outside[][4] = {{business, since, "0", middle}, {business, since, middle, PAGES_END}};
	struct row_read reads[] = {{&sql_query_plan_slots, slots, 1, add_slot, NULL}, {&sql_query_plan_ledger, ledger, 3, add_release, NULL},
		{&sql_query_plan_outside, outside[0], 4, add_outside, NULL}, {&sql_query_plan_outside, outside[1], 4, add_outside, NULL}};
	return read_together(planning, reads, sizeof reads / sizeof *reads, err);
}

enum status
planning_rows_read(struct planning *planning, int32_t business_id, struct err *err)
{
	by_person_free(&planning->queue);
	by_person_free(&planning->ledger);
	planning->outside = (struct row_sum){0};
	struct array_text runs = ARRAY_TEXT_INIT, planned = ARRAY_TEXT_INIT;
	list_runs(planning, business_id, false, &runs);
	list_runs(planning, business_id, true, &planned);
	enum status status = STATUS_OK;
	if (array_text(&runs) == NULL || array_text(&planned) == NULL ||
		by_person_create(sizeof(struct queued_slot), &planning->queue) != STATUS_OK ||
		by_person_create(sizeof(struct ledger_event), &planning->ledger) != STATUS_OK) {
		status = planning_no_memory(err);
	} else {
		by_person_spill(planning->queue, &planning->spool.storage, planning_memory(planning) / 4);
		by_person_spill(planning->ledger, &planning->spool.storage, planning_memory(planning) / 4);
		status = read_business_rows(planning, business_id, array_text(&runs), array_text(&planned), err);
	}
	array_text_free(&runs);
	array_text_free(&planned);
	return status;
}
