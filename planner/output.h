/*
 * output - results on stdout as aligned tables, CSV or JSON
 *
 *     struct output *output;
 *     if (output_open(context->format, stdout, &output, &err) != STATUS_OK) ...
 *     output_table(output, "senders", columns, 2);
 *     output_row(output, (const char *const[]){name, backlog});
 *     if (output_close(&output, &err) != STATUS_OK) ...
 *
 * A document holds one or more tables.
 * table: a heading, then columns as wide as their widest cell on a terminal (East Asian wide characters count two), numbers to the right.
 * csv:   RFC 4180 quoting, UTF-8, lines end in LF; a header line per table, an empty line between tables.
 * json:  one object {"senders": [{"name": ...}, ...], ...}; numbers and booleans bare, NULL is null.
 *
 * Rows are written as they come; only the table format holds back the first OUTPUT_ALIGN_ROWS of a table to measure them, later rows use
 * those widths. The locale must be UTF-8 (main sets C.UTF-8). Writing errors are kept and reported by output_close.
 */
#ifndef DAYPART_PLANNER_OUTPUT_H
#define DAYPART_PLANNER_OUTPUT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>

#include "planner/core/status.h"

enum { OUTPUT_COLUMNS_MAX = 64, OUTPUT_ALIGN_ROWS = 1000 };

enum output_format { OUTPUT_TABLE, OUTPUT_CSV, OUTPUT_JSON };
enum output_kind { OUTPUT_TEXT, OUTPUT_NUMBER, OUTPUT_BOOL /* "t" or "f", as the server writes it */ };

struct output_column {
	const char *name;
	enum output_kind kind;
};

struct output;

bool output_format_parse(const char *text, enum output_format *out);

MUST_CHECK enum status output_open(enum output_format format, FILE *file, struct output **out, struct err *err);
/* Begins a table. `columns` must live until the next table or the close. */
void output_table(struct output *output, const char *name, const struct output_column *columns, int column_count);
/* One cell per column, NULL for no value; copied. */
void output_row(struct output *output, const char *const *cells);
/* A table of one row; the table format writes it as one line per column, "name  value". */
void output_record(
	struct output *output, const char *name, const struct output_column *columns, int column_count, const char *const *cells);
/* Name and kind of a result's column; the name lives as long as the result. */
struct output_column output_column_of(const PGresult *rows, int column);
/* A whole table from a text result: names and kinds are the server's. */
void output_result(struct output *output, const char *name, const PGresult *rows);
/* The same of a result's first row, as a record. */
void output_result_record(struct output *output, const char *name, const PGresult *rows);
/* Ends the document, flushes and frees. STATUS_TRANSIENT when it could not all be written. */
MUST_CHECK enum status output_close(struct output **output, struct err *err);

#endif
