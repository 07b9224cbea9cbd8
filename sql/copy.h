/*
 * copy - binary COPY in both directions, row by row, without holding more than one buffer
 *
 * Reader: an embedded statement "COPY (SELECT ...) TO STDOUT (FORMAT binary)"; as COPY takes no parameters, the reader puts the
 * values in place of $1..$9 itself, each as a quoted literal.
 *
 *     struct copy_reader *people;
 *     copy_reader_open(session, &sql_query_plan_people, params, n, &people, &err);
 *     while ((status = copy_reader_next(people, &row, &err)) == STATUS_OK)
 *         id = copy_field_int64(&row, 1);
 *     if (status != STATUS_NOT_FOUND) ... failed ...      // NOT_FOUND: the end
 *
 * Writer: values are appended in column order, one buffer per connection, flushed at 64 KiB.
 * A session with an open reader or writer can do nothing else. A row's fields point into the reader's buffer until the next call.
 */
#ifndef DAYPART_SQL_COPY_H
#define DAYPART_SQL_COPY_H

#include "session.h"

enum { COPY_FIELDS_MAX = 64 };

struct copy_field {
	const uint8_t *bytes; /* NULL: SQL NULL */
	int32_t size;
};
struct copy_row {
	int count;
	struct copy_field fields[COPY_FIELDS_MAX];
};

struct copy_reader;
MUST_CHECK enum status copy_reader_open(struct session *session, const struct sql_statement *statement, const char *const *params,
	int param_count, struct copy_reader **out, struct err *err);
MUST_CHECK enum status copy_reader_next(struct copy_reader *reader, struct copy_row *out, struct err *err);
void copy_reader_close(struct copy_reader **reader); /* also in the middle: the rest is cancelled and drained */

static inline bool
copy_field_is_null(const struct copy_row *row, int column)
{
	return row->fields[column].bytes == NULL;
}
int64_t copy_field_int64(const struct copy_row *row, int column); /* int2, int4 or int8 by size; NULL reads as 0 */
struct instant copy_field_instant(const struct copy_row *row, int column);

struct copy_writer;
/* `statement` is "COPY table (columns) FROM STDIN (FORMAT binary)". `table` replaces the word TABLE_NAME in it, quoted, when not NULL. */
MUST_CHECK enum status copy_writer_open(
	struct session *session, const struct sql_statement *statement, const char *table, struct copy_writer **out, struct err *err);
MUST_CHECK enum status copy_writer_row(struct copy_writer *writer, int field_count, struct err *err); /* begins a row */
void copy_writer_int16(struct copy_writer *writer, int16_t value);
void copy_writer_int32(struct copy_writer *writer, int32_t value);
void copy_writer_int64(struct copy_writer *writer, int64_t value);
void copy_writer_instant(struct copy_writer *writer, struct instant value);
void copy_writer_text(struct copy_writer *writer, const char *text, size_t size);
void copy_writer_null(struct copy_writer *writer);
/* Ends the COPY and waits for the server's word; `out_rows` is what the server counted. */
MUST_CHECK enum status copy_writer_finish(struct copy_writer *writer, int64_t *out_rows, struct err *err);
void copy_writer_free(struct copy_writer **writer); /* unfinished: the COPY is aborted */

#endif
