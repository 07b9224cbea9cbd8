/*
 * copy - implementation
 *
 * The server sends one message per row, the first one behind the stream's header; the reader keeps one message at a time and walks it.
 * The writer fills one wire_buffer and hands it to libpq at FLUSH_BYTES. An error of the server shows when the COPY ends: libpq reads while
 * it writes, so the server is never blocked, and what is sent in vain is at most the rest of the stream.
 */
#include "copy.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session_private.h"
#include "wire.h"

enum { FLUSH_BYTES = 64 * 1024, PARAMS_MAX = 9 };

struct copy_reader {
	struct session *session;
	char *message; /* libpq's, freed with PQfreemem */
	const uint8_t *at, *end;
	bool header_seen, finished;
};

struct copy_writer {
	struct session *session;
	struct wire_buffer buffer;
	bool finished;
};

static enum status
fail_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory");
}

/* Reader ---------------------------------------------------------------------------------------------------------------------------------- */

static void
put_literal(struct session *session, FILE *out, const char *value)
{
	char *quoted = value ? PQescapeLiteral(session_connection(session), value, strlen(value)) : NULL;

	fputs(quoted ? quoted : "NULL", out);
	PQfreemem(quoted);
}

static int
placeholder_at(const char *text, int param_count)
{
	const int number = text[0] == '$' && text[1] >= '1' && text[1] <= '9' ? text[1] - '0' : 0;

	return number <= param_count ? number : 0;
}

/* One pass, so that a value is never searched for placeholders; comments are left as they are, a value in one could end it. */
static char *
put_parameters(struct session *session, const struct sql_statement *statement, const char *const *params, int param_count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int number;

	assert(param_count <= PARAMS_MAX);
	if (out == NULL)
		return NULL;
	for (const char *at = statement->text; *at != '\0';) {
		const size_t comment = strncmp(at, "--", 2) == 0 ? strcspn(at, "\n") : 0;

		number = comment ? 0 : placeholder_at(at, param_count);
		if (number != 0)
			put_literal(session, out, params[number - 1]);
		else
			fwrite(at, 1, comment ? comment : 1, out);
		at += number ? 2 : comment ? comment : 1;
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static enum status
start_copy(struct session *session, const char *text, ExecStatusType expected, struct err *err)
{
	PGresult *result = NULL;
	ExecStatusType got;

	if (text == NULL)
		return fail_no_memory(err);
	if (session_execute_text(session, text, &result, err) != STATUS_OK)
		return err->status;
	got = PQresultStatus(result);
	PQclear(result);
	return got == expected ? STATUS_OK : err_set(err, STATUS_INTERNAL, "not a COPY statement: %.80s", text);
}

enum status
copy_reader_open(struct session *session, const struct sql_statement *statement, const char *const *params, int param_count,
	struct copy_reader **out, struct err *err)
{
	struct copy_reader *reader = calloc(1, sizeof(*reader));
	char *text = put_parameters(session, statement, params, param_count);
	enum status status = reader ? start_copy(session, text, PGRES_COPY_OUT, err) : fail_no_memory(err);

	free(text);
	*out = NULL;
	if (status != STATUS_OK) {
		free(reader);
		return status;
	}
	reader->session = session;
	*out = reader;
	return STATUS_OK;
}

/* The next message, or STATUS_NOT_FOUND when the server has ended the stream. */
static enum status
fetch_message(struct copy_reader *reader, struct err *err)
{
	PGconn *connection = session_connection(reader->session);
	int size;

	PQfreemem(reader->message);
	reader->message = NULL;
	while ((size = PQgetCopyData(connection, &reader->message, 1)) == 0)
		if (!session_wait(reader->session))
			break;
	if (size <= 0) {
		reader->finished = true;
		return session_finish(reader->session, NULL, err) == STATUS_OK ? STATUS_NOT_FOUND : err->status;
	}
	reader->at = (const uint8_t *)reader->message;
	reader->end = reader->at + size;
	return STATUS_OK;
}

static enum status
fail_damaged(struct err *err)
{
	return err_set(err, STATUS_INTERNAL, "the server's COPY stream is damaged");
}

static enum status
skip_header(struct copy_reader *reader, struct err *err)
{
	const size_t size = wire_header_size(reader->at, (size_t)(reader->end - reader->at));

	if (size == 0)
		return fail_damaged(err);
	reader->at += size;
	reader->header_seen = true;
	return STATUS_OK;
}

static bool
read_field(struct copy_reader *reader, struct copy_field *out)
{
	if (reader->end - reader->at < 4)
		return false;
	out->size = (int32_t)wire_load(reader->at, 4);
	reader->at += 4;
	out->bytes = out->size < 0 ? NULL : reader->at;
	if (out->size <= 0) {
		out->size = 0;
		return true;
	}
	if (reader->end - reader->at < out->size)
		return false;
	reader->at += out->size;
	return true;
}

/* A count of -1 is the stream's trailer. */
static enum status
read_row(struct copy_reader *reader, struct copy_row *out, struct err *err)
{
	if (reader->end - reader->at < 2)
		return fail_damaged(err);
	out->count = (int)wire_load(reader->at, 2);
	reader->at += 2;
	if (out->count > COPY_FIELDS_MAX)
		return fail_damaged(err);
	for (int i = 0; i < out->count; i++)
		if (!read_field(reader, &out->fields[i]))
			return fail_damaged(err);
	return STATUS_OK;
}

enum status
copy_reader_next(struct copy_reader *reader, struct copy_row *out, struct err *err)
{
	enum status status = STATUS_OK;

	if (reader->finished)
		return STATUS_NOT_FOUND;
	do {
		while (reader->at == reader->end && status == STATUS_OK)
			status = fetch_message(reader, err);
		if (status == STATUS_OK && !reader->header_seen) {
			status = skip_header(reader, err);
			out->count = -1; /* the first row may stand in the next message */
			continue;
		}
		if (status == STATUS_OK)
			status = read_row(reader, out, err);
	} while (status == STATUS_OK && out->count < 0);
	return status;
}

void
copy_reader_close(struct copy_reader **reader)
{
	struct copy_reader *gone = *reader;

	*reader = NULL;
	if (gone == NULL)
		return;
	PQfreemem(gone->message);
	if (!gone->finished) {
		session_cancel(gone->session);
		session_drain(gone->session);
	}
	free(gone);
}

int64_t
copy_field_int64(const struct copy_row *row, int column)
{
	const struct copy_field *field = &row->fields[column];

	return field->size == 0 ? 0 : wire_load(field->bytes, field->size);
}

struct instant
copy_field_instant(const struct copy_row *row, int column)
{
	return wire_instant(copy_field_int64(row, column));
}

/* Writer ---------------------------------------------------------------------------------------------------------------------------------- */

static char *
put_table(struct session *session, const struct sql_statement *statement, const char *table)
{
	char *quoted, *text;

	if (table == NULL)
		return strdup(statement->text);
	quoted = PQescapeIdentifier(session_connection(session), table, strlen(table));
	text = quoted ? session_substitute(statement->text, "TABLE_NAME", quoted) : NULL;
	PQfreemem(quoted);
	return text;
}

enum status
copy_writer_open(
	struct session *session, const struct sql_statement *statement, const char *table, struct copy_writer **out, struct err *err)
{
	struct copy_writer *writer = calloc(1, sizeof(*writer));
	char *text = put_table(session, statement, table);
	enum status status = writer ? start_copy(session, text, PGRES_COPY_IN, err) : fail_no_memory(err);

	free(text);
	*out = NULL;
	if (status != STATUS_OK) {
		free(writer);
		return status;
	}
	writer->session = session;
	wire_put_header(&writer->buffer);
	*out = writer;
	return STATUS_OK;
}

static enum status
flush(struct copy_writer *writer, struct err *err)
{
	PGconn *connection = session_connection(writer->session);

	if (writer->buffer.failed)
		return fail_no_memory(err);
	if (writer->buffer.size > 0 && PQputCopyData(connection, (const char *)writer->buffer.bytes, (int)writer->buffer.size) != 1)
		return session_fail(writer->session, NULL, err);
	wire_clear(&writer->buffer);
	return STATUS_OK;
}

enum status
copy_writer_row(struct copy_writer *writer, int field_count, struct err *err)
{
	if (writer->buffer.size >= FLUSH_BYTES && flush(writer, err) != STATUS_OK)
		return err->status;
	wire_put_count(&writer->buffer, (int16_t)field_count);
	return STATUS_OK;
}

void
copy_writer_int16(struct copy_writer *writer, int16_t value)
{
	wire_put_int(&writer->buffer, value, 2);
}

void
copy_writer_int32(struct copy_writer *writer, int32_t value)
{
	wire_put_int(&writer->buffer, value, 4);
}

void
copy_writer_int64(struct copy_writer *writer, int64_t value)
{
	wire_put_int(&writer->buffer, value, 8);
}

void
copy_writer_instant(struct copy_writer *writer, struct instant value)
{
	wire_put_int(&writer->buffer, wire_postgres_us(value), 8);
}

void
copy_writer_text(struct copy_writer *writer, const char *text, size_t size)
{
	wire_put_bytes(&writer->buffer, text, size);
}

void
copy_writer_null(struct copy_writer *writer)
{
	wire_put_null(&writer->buffer);
}

enum status
copy_writer_finish(struct copy_writer *writer, int64_t *out_rows, struct err *err)
{
	PGresult *result = NULL;

	wire_put_trailer(&writer->buffer);
	if (flush(writer, err) != STATUS_OK)
		return err->status;
	writer->finished = true;
	if (PQputCopyEnd(session_connection(writer->session), NULL) != 1)
		return session_fail(writer->session, NULL, err);
	if (session_finish(writer->session, &result, err) != STATUS_OK)
		return err->status;
	*out_rows = strtoll(PQcmdTuples(result), NULL, 10);
	PQclear(result);
	return STATUS_OK;
}

void
copy_writer_free(struct copy_writer **writer)
{
	struct copy_writer *gone = *writer;

	*writer = NULL;
	if (gone == NULL)
		return;
	if (!gone->finished && PQputCopyEnd(session_connection(gone->session), "given up") == 1)
		session_drain(gone->session);
	wire_free(&gone->buffer);
	free(gone);
}
