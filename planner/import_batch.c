/*
 * import_batch - implementation
 *
 * Texts lie one after another in one block that never moves, so fields may point into it. COPY takes text[] in PostgreSQL's binary form: a
 * header of five integers, then each element as a field of its own; it is put together per row in `array`.
 */
#include "import_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/copy.h"
#include "sql/wire.h"

enum {
	TEXT_BYTES = IMPORT_BATCH_BYTES + CSV_RECORD_MAX + CSV_FIELDS_MAX + ERR_PRIMARY_MAX + ERR_HINT_MAX + 4,
	TEXT_OID = 25 /* of type text, fixed in PostgreSQL */
};

struct batch_row {
	int64_t line;
	const struct csv_field *fields;
	int field_count;
	const char *problem; /* NULL: the record could be read */
};

struct import_batch {
	struct import_target target;
	char *columns; /* the header as a PostgreSQL array */
	struct wire_buffer array;
	size_t text_size;
	int row_count, bad_count, field_count;
	struct batch_row rows[IMPORT_BATCH_ROWS];
	struct csv_field fields[IMPORT_BATCH_ROWS * CSV_FIELDS_MAX];
	char text[TEXT_BYTES];
};

/* Filling ---------------------------------------------------------------------------------------------------------------------------------- */

static char *
keep_text(struct import_batch *batch, const char *text, size_t size)
{
	char *kept = batch->text + batch->text_size;

	memcpy(kept, text, size);
	kept[size] = '\0';
	batch->text_size += size + 1;
	return kept;
}

static const char *
keep_problem(struct import_batch *batch, const struct err *problem)
{
	char text[ERR_PRIMARY_MAX + ERR_HINT_MAX + 3];
	const int size = snprintf(text, sizeof(text), "%s%s%s", problem->primary, problem->hint[0] ? ": " : "", problem->hint);

	return keep_text(batch, text, (size_t)size);
}

void
import_batch_add(struct import_batch *batch, const struct csv_record *record, const struct err *problem)
{
	struct batch_row *row = &batch->rows[batch->row_count++];

	*row = (struct batch_row){.line = record->line, .fields = batch->fields + batch->field_count, .field_count = record->count};
	for (int i = 0; i < record->count; i++) {
		const struct csv_field *field = &record->fields[i];

		batch->fields[batch->field_count++] = (struct csv_field){keep_text(batch, field->text, field->size), field->size};
	}
	if (problem) {
		row->problem = keep_problem(batch, problem);
		batch->bad_count++;
	}
}

bool
import_batch_is_full(const struct import_batch *batch)
{
	return batch->row_count == IMPORT_BATCH_ROWS || batch->text_size >= IMPORT_BATCH_BYTES;
}

static void
empty(struct import_batch *batch)
{
	batch->text_size = 0;
	batch->row_count = batch->bad_count = batch->field_count = 0;
}

/* Landing ---------------------------------------------------------------------------------------------------------------------------------- */

static void
put_int32(struct wire_buffer *buffer, int32_t value)
{
	if (!wire_reserve(buffer, 4))
		return;
	wire_store(buffer->bytes + buffer->size, (uint64_t)value, 4);
	buffer->size += 4;
}

/* text[] of one dimension that starts at 1 and may hold NULL. */
static void
put_array(struct wire_buffer *buffer, const struct batch_row *row)
{
	const int32_t head[] = {1, 1, TEXT_OID, row->field_count, 1};

	wire_clear(buffer);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		put_int32(buffer, head[i]);
	for (int i = 0; i < row->field_count; i++) {
		if (row->fields[i].size == 0)
			wire_put_null(buffer);
		else
			wire_put_bytes(buffer, row->fields[i].text, row->fields[i].size);
	}
}

static enum status
copy_row(struct import_batch *batch, struct copy_writer *writer, const struct batch_row *row, struct err *err)
{
	put_array(&batch->array, row);
	if (batch->array.failed)
		return err_set(err, STATUS_NO_MEMORY, "no memory for a row");
	if (copy_writer_row(writer, 2, err) != STATUS_OK)
		return err->status;
	copy_writer_int64(writer, row->line);
	copy_writer_text(writer, (const char *)batch->array.bytes, batch->array.size);
	return STATUS_OK;
}

static enum status
stage(struct import_batch *batch, struct err *err)
{
	struct copy_writer *writer;
	int64_t copied;
	enum status status = session_script(batch->target.session, &sql_query_import_clear, err);

	if (status != STATUS_OK || (status = copy_writer_open(batch->target.session, &sql_query_import_copy, NULL, &writer, err)) != STATUS_OK)
		return status;
	for (int i = 0; i < batch->row_count && status == STATUS_OK; i++)
		if (!batch->rows[i].problem)
			status = copy_row(batch, writer, &batch->rows[i], err);
	if (status == STATUS_OK)
		status = copy_writer_finish(writer, &copied, err);
	copy_writer_free(&writer);
	return status;
}

static enum status
land_rows(struct import_batch *batch, struct import_counts *out, PGresult **out_rejects, struct err *err)
{
	struct session *session = batch->target.session;
	const char *params[] = {batch->target.kind->name, batch->columns};
	PGresult *rows;

	if (stage(batch, err) != STATUS_OK || session_query(session, &sql_query_import_batch, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	out->added = session_int(rows, 0, 0);
	out->changed = session_int(rows, 0, 1);
	out->unchanged = session_int(rows, 0, 2);
	out->purchased = session_int(rows, 0, 3);
	PQclear(rows);
	return session_query(session, &sql_query_import_rejects, NULL, 0, out_rejects, err);
}

static enum status
land_once(struct import_batch *batch, struct import_counts *out, PGresult **out_rejects, struct err *err)
{
	struct session *session = batch->target.session;

	*out_rejects = NULL;
	if (batch->target.dry_run)
		return land_rows(batch, out, out_rejects, err);
	if (session_begin(session, SESSION_READ_COMMITTED, err) != STATUS_OK)
		return err->status;
	if (land_rows(batch, out, out_rejects, err) != STATUS_OK) {
		session_rollback(session);
		return err->status;
	}
	if (session_commit(session, err) == STATUS_OK)
		return STATUS_OK;
	PQclear(*out_rejects);
	return err->status;
}

/* A deadlock or the like: the server answered, and the same again may well succeed. */
static bool
is_worth_repeating(const struct import_batch *batch, const struct err *err)
{
	return err->status == STATUS_TRANSIENT && err->sqlstate[0] != '\0' && !batch->target.dry_run;
}

static enum status
land_with_retries(struct import_batch *batch, struct import_counts *out, PGresult **out_rejects, struct err *err)
{
	enum status status;
	int tries = 0;

	do
		status = land_once(batch, out, out_rejects, err);
	while (status != STATUS_OK && is_worth_repeating(batch, err) && ++tries < IMPORT_BATCH_TRIES);
	return status;
}

/* Both the batch and the database's rejects are in the order of the file. */
static enum status
write_rejects(struct import_batch *batch, const PGresult *rejects, struct err *err)
{
	const int reject_count = rejects ? PQntuples(rejects) : 0;
	int next = 0;

	for (int i = 0; i < batch->row_count; i++) {
		const struct batch_row *row = &batch->rows[i];
		struct reject reject = {.line = row->line, .reason = row->problem};

		if (!row->problem && next < reject_count && session_int(rejects, next, 0) == row->line) {
			reject.field = PQgetvalue(rejects, next, 1);
			reject.reason = PQgetvalue(rejects, next, 2);
			next++;
		}
		if (reject.reason && reject_file_add(batch->target.rejects, &reject, row->fields, row->field_count, err) != STATUS_OK)
			return err->status;
	}
	return STATUS_OK;
}

enum status
import_batch_land(struct import_batch *batch, struct import_counts *counts, struct err *err)
{
	struct import_counts landed = {0};
	PGresult *rejects = NULL;

	if (batch->row_count > batch->bad_count && land_with_retries(batch, &landed, &rejects, err) != STATUS_OK)
		return err->status;
	const enum status status = write_rejects(batch, rejects, err);
	counts->rows += batch->row_count;
	counts->added += landed.added;
	counts->changed += landed.changed;
	counts->unchanged += landed.unchanged;
	counts->purchased += landed.purchased;
	counts->rejected = reject_file_count(batch->target.rejects);
	PQclear(rejects);
	empty(batch);
	return status;
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------- */

/* {"phone","var:first_name"}; the caller frees it. */
static char *
array_literal(const struct csv_record *header)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (int i = 0; i < header->count; i++) {
		fputs(i > 0 ? ",\"" : "{\"", out);
		for (const char *at = header->fields[i].text; *at != '\0'; at++) {
			if (*at == '"' || *at == '\\')
				putc('\\', out);
			putc(*at, out);
		}
		putc('"', out);
	}
	putc('}', out);
	return fclose(out) == 0 ? text : NULL;
}

enum status
import_batch_create(const struct import_target *target, struct import_batch **out, struct err *err)
{
	struct import_batch *batch = calloc(1, sizeof(*batch));

	*out = batch;
	if (batch) {
		batch->target = *target;
		batch->target.header = NULL; /* the caller's */
		batch->columns = array_literal(target->header);
	}
	if (!batch || !batch->columns)
		err_set(err, STATUS_NO_MEMORY, "no memory for a batch");
	else if (session_query(target->session, &sql_query_import_begin, NULL, 0, NULL, err) == STATUS_OK)
		return STATUS_OK;
	import_batch_free(out);
	return err->status;
}

void
import_batch_free(struct import_batch **batch)
{
	if (!*batch)
		return;
	wire_free(&(*batch)->array);
	free((*batch)->columns);
	free(*batch);
	*batch = NULL;
}
