/*
 * spool - rows of one size in the order in which they came, in memory while that has room, else in a store outside
 *
 *     struct spool *rows;
 *     spool_create(sizeof(struct planned_slot), &storage, &rows);
 *     spool_add(rows, &slot);                                     // any number
 *     spool_read(rows, first, count, out);                        // any range, also while rows are added
 *     spool_free(&rows);
 *
 * All spools of one storage share its memory: who finds none left when a block is full puts that block outside. Every spool keeps one block, the
 * last, in memory in any case. Reading changes nothing, so threads may read at the same time while nobody adds or writes.
 * Errors: STATUS_NO_MEMORY, or what the storage says; spool_fail tells it.
 */
#ifndef DAYPART_CORE_SPOOL_H
#define DAYPART_CORE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

enum { SPOOL_BLOCK_BYTES = 64 * 1024 };

/* Where rows go that memory has no room for: bytes at addresses. `write` and `read` fill `err` when they fail. */
struct spool_storage {
	enum status (*write)(struct spool_storage *storage, uint64_t at, const void *bytes, size_t size); /* NULL: nothing is put outside */
	enum status (*read)(struct spool_storage *storage, uint64_t at, void *bytes, size_t size);
	uint64_t end;       /* what lies behind was never given out */
	size_t memory_left; /* bytes, for blocks of spools */
	struct err err;     /* of the last call that failed */
};
#define SPOOL_MEMORY_ONLY \
	{ \
		.memory_left = SIZE_MAX \
	}

/* A place for `size` bytes. */
static inline uint64_t
spool_storage_take(struct spool_storage *storage, size_t size)
{
	const uint64_t at = storage->end;
	storage->end += size;
	return at;
}

/* After a failure of anything that uses the storage: what it was. */
enum status spool_fail(const struct spool_storage *storage, struct err *err);

struct spool;
/* The storage outlives the spool. */
MUST_CHECK enum status spool_create(size_t row_bytes, struct spool_storage *storage, struct spool **out);
void spool_free(struct spool **spool);

MUST_CHECK enum status spool_add(struct spool *spool, const void *row);
size_t spool_count(const struct spool *spool);
/* Rows first..first + count - 1, which must be there. */
MUST_CHECK enum status spool_read(const struct spool *spool, size_t first, size_t count, void *out);
/* Puts other rows in the place of those. */
MUST_CHECK enum status spool_write(struct spool *spool, size_t first, size_t count, const void *rows);

#endif
