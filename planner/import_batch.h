/*
 * import_batch - a few thousand records of a file, landed in one transaction
 *
 *     struct import_batch *batch;
 *     import_batch_create(&(struct import_target){session, kind, header, rejects, dry_run}, &batch, &err);
 *     for each record of the file
 *         import_batch_add(batch, record, NULL);          // or its problem, for a record that cannot be read
 *         if (import_batch_is_full(batch))
 *             import_batch_land(batch, &counts, &err);
 *     import_batch_land(batch, &counts, &err);
 *     import_batch_free(&batch);
 *
 * The records stay in memory until they have landed, so that a deadlock is answered by doing the batch again, and so that a rejected record
 * goes to the file of rejects as it was, in the order of the file. Memory is bounded by rows and by bytes.
 * A dry run's transaction is the caller's: begun before the first batch and rolled back at the end.
 */
#ifndef DAYPART_PLANNER_IMPORT_BATCH_H
#define DAYPART_PLANNER_IMPORT_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "csv.h"
#include "import_kind.h"
#include "reject_file.h"
#include "sql/session.h"

enum {
	IMPORT_BATCH_ROWS = 5000,             /* gates are held for its duration: some 0.1 s */
	IMPORT_BATCH_BYTES = 4 * 1024 * 1024, /* of text, for files with long rows */
	IMPORT_BATCH_TRIES = 5                /* deadlocks in a row that are no accident */
};

struct import_target {
	struct session *session;
	const struct import_kind *kind;
	const struct csv_record *header;
	struct reject_file *rejects;
	bool dry_run;
};

struct import_counts {
	int64_t rows, added, changed, unchanged, rejected;
	int64_t purchased; /* numbers that were bought, rented or scraped: refused, and nothing of them is kept, not even a reject */
};

struct import_batch;

/* Makes the session's staging tables too. `header` is copied, the rest must live as long as the batch. */
MUST_CHECK enum status import_batch_create(const struct import_target *target, struct import_batch **out, struct err *err);
void import_batch_free(struct import_batch **batch);

/* Copies the record. `problem` is NULL for a record that could be read. Not on a full batch. */
void import_batch_add(struct import_batch *batch, const struct csv_record *record, const struct err *problem);
bool import_batch_is_full(const struct import_batch *batch);

/* Lands and empties the batch, writes its rejects and adds to `counts`. On an error nothing of the batch has landed, unless the status is
 * STATUS_UNCERTAIN; either way the same file can be imported again. */
MUST_CHECK enum status import_batch_land(struct import_batch *batch, struct import_counts *counts, struct err *err);

#endif
