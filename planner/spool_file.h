/*
 * spool_file - the storage of spools: a temporary file that nobody else sees
 *
 *     struct spool_file file;
 *     spool_file_open(&file, memory_bytes);         // makes no file yet
 *     spool_create(sizeof(row), &file.storage, &rows);
 *     spool_file_close(&file);                      // after the last spool
 *
 * The file is made in $TMPDIR, else /tmp, when something is first put outside, and has no name from then on: it goes with the process, however that
 * ends. A full or missing folder is STATUS_TRANSIENT and names the folder.
 */
#ifndef DAYPART_PLANNER_SPOOL_FILE_H
#define DAYPART_PLANNER_SPOOL_FILE_H

#include <pthread.h>

#include "planner/core/spool.h"

struct spool_file {
	struct spool_storage storage; /* first: a storage is its file */
	int descriptor;               /* -1: there is none yet */
	pthread_mutex_t failing;      /* of storage.err */
};

void spool_file_open(struct spool_file *file, size_t memory_bytes);
void spool_file_close(struct spool_file *file);

#endif
