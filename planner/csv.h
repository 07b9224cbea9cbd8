/*
 * csv - reads a CSV file record by record, and survives its bad records
 *
 * RFC 4180 in UTF-8: fields in commas, quotes doubled inside quotes, lines ending in LF or CRLF, also inside quotes. A byte order mark and
 * blank lines are skipped. Blanks around a field belong to it. The first record, the header, decides how many fields every record has.
 *
 *     struct csv_reader *reader;
 *     if (csv_open("recipients.csv", &reader, &err) != STATUS_OK) ...
 *     while ((status = csv_next(reader, &record, &err)) != STATUS_NOT_FOUND) {
 *         if (status == STATUS_INVALID)
 *             ... record->line is bad, err says why; go on ...
 *         else if (status != STATUS_OK)
 *             ... the file cannot be read any further ...
 *     }
 *     csv_close(&reader);
 *
 * A bad record (STATUS_INVALID) costs itself alone. Where its end cannot be told, because a quote is out of place or never closed, it costs
 * its first line, and reading goes on with the next line: one forgotten quote does not swallow the file.
 * Memory: two buffers of the record limit, whatever the size of the file. A record points into the reader until the next call.
 */
#ifndef DAYPART_PLANNER_CSV_H
#define DAYPART_PLANNER_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "planner/core/status.h"

enum {
	CSV_RECORD_MAX = 64 * 1024, /* bytes with quotes and line end; the longest lawful message body is 4 KiB */
	CSV_FIELDS_MAX = 64
};

struct csv_field {
	const char *text; /* ends with NUL; holds none */
	size_t size;
};

struct csv_record {
	int64_t line; /* physical line on which the record starts, from 1 */
	int count;    /* 0 when a bad record has no fields worth showing */
	struct csv_field fields[CSV_FIELDS_MAX];
};

struct csv_reader;

/* "-" is standard input. A folder, a missing or unreadable file and UTF-16 are STATUS_INVALID. */
MUST_CHECK enum status csv_open(const char *path, struct csv_reader **out, struct err *err);
/* As csv_open on an open descriptor, which the reader then owns. */
MUST_CHECK enum status csv_open_fd(int fd, struct csv_reader **out, struct err *err);
void csv_close(struct csv_reader **reader);

/* STATUS_OK: a good record. STATUS_INVALID: a bad one (its line, and its fields when they could be told apart). STATUS_NOT_FOUND: the end. */
MUST_CHECK enum status csv_next(struct csv_reader *reader, const struct csv_record **out, struct err *err);

#endif
