/*
 * memory_storage - a storage for spools that keeps what is put outside in an array, and can be made to fail
 *
 *     struct memory_storage outside;
 *     memory_storage_open(&outside, 0);            // no memory left: every full block goes outside
 *     spool_create(sizeof(row), &outside.storage, &spool);
 *     outside.fails = true;
 *     memory_storage_close(&outside);
 */
#ifndef DAYPART_TESTS_SUPPORT_MEMORY_STORAGE_H
#define DAYPART_TESTS_SUPPORT_MEMORY_STORAGE_H

#include <stdbool.h>

#include "planner/core/spool.h"

struct memory_storage {
	struct spool_storage storage; /* first */
	unsigned char *bytes;
	size_t size;
	size_t writes, reads;
	bool fails;
};

void memory_storage_open(struct memory_storage *outside, size_t memory_bytes);
void memory_storage_close(struct memory_storage *outside);

#endif
