/*
 * How it works: blocks of equal size, so that a row is found by division; each lies in memory or outside. The first block starts small and doubles,
 * because there may be hundreds of spools with a handful of rows each.
 */
#include "spool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum { FIRST_BLOCK_ROWS = 16 };

struct block {
	unsigned char *rows; /* NULL: it lies outside */
	uint64_t at;
};

struct spool {
	size_t row_bytes, block_rows; /* of a full block */
	struct spool_storage *storage;
	struct block *blocks;
	size_t block_count, block_room;
	size_t count;
	size_t last_room; /* rows the last block has memory for */
};

enum status
spool_fail(const struct spool_storage *storage, struct err *err)
{
	if (storage->err.status == STATUS_OK)
		return err_set(err, STATUS_NO_MEMORY, "out of memory while planning");
	*err = storage->err;
	return err->status;
}

enum status
spool_create(size_t row_bytes, struct spool_storage *storage, struct spool **out)
{
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return STATUS_NO_MEMORY;
	**out = (struct spool){.row_bytes = row_bytes, .block_rows = SPOOL_BLOCK_BYTES / row_bytes, .storage = storage};
	return STATUS_OK;
}

void
spool_free(struct spool **spool)
{
	if (*spool == NULL)
		return;
	for (size_t i = 0; i < (*spool)->block_count; i++) {
		if ((*spool)->blocks[i].rows != NULL && i + 1 < (*spool)->block_count)
			(*spool)->storage->memory_left += SPOOL_BLOCK_BYTES;
		free((*spool)->blocks[i].rows);
	}
	free((*spool)->blocks);
	free(*spool);
	*spool = NULL;
}

static struct block *
last_block(const struct spool *spool)
{
	return &spool->blocks[spool->block_count - 1];
}

/* The last block, which is full, makes room for another: it stays in memory if the storage has some left, else its memory is handed on. */
static enum status
close_block(struct spool *spool, unsigned char **out_rows)
{
	struct block *block = last_block(spool);
	struct spool_storage *storage = spool->storage;
	*out_rows = NULL;
	if (storage->memory_left >= SPOOL_BLOCK_BYTES || storage->write == NULL) {
		storage->memory_left -= storage->memory_left >= SPOOL_BLOCK_BYTES ? SPOOL_BLOCK_BYTES : 0;
		return STATUS_OK;
	}
	block->at = spool_storage_take(storage, SPOOL_BLOCK_BYTES);
	const enum status status = storage->write(storage, block->at, block->rows, spool->block_rows * spool->row_bytes);
	if (status != STATUS_OK)
		return status;
	*out_rows = block->rows;
	block->rows = NULL;
	return STATUS_OK;
}

static enum status
open_block(struct spool *spool)
{
	unsigned char *rows = NULL;
	struct block *blocks = grow(spool->blocks, spool->block_count, &spool->block_room, sizeof *blocks);
	if (blocks == NULL)
		return STATUS_NO_MEMORY;
	spool->blocks = blocks;
	if (spool->block_count > 0) {
		const enum status status = close_block(spool, &rows);
		if (status != STATUS_OK)
			return status;
	}
	spool->last_room = spool->block_count == 0 ? FIRST_BLOCK_ROWS : spool->block_rows;
	if (rows == NULL)
		rows = malloc(spool->last_room * spool->row_bytes);
	if (rows == NULL)
		return STATUS_NO_MEMORY;
	blocks[spool->block_count++] = (struct block){.rows = rows};
	return STATUS_OK;
}

static enum status
widen_block(struct spool *spool)
{
	const size_t room = 2 * spool->last_room < spool->block_rows ? 2 * spool->last_room : spool->block_rows;
	unsigned char *rows = realloc(last_block(spool)->rows, room * spool->row_bytes);
	if (rows == NULL)
		return STATUS_NO_MEMORY;
	last_block(spool)->rows = rows;
	spool->last_room = room;
	return STATUS_OK;
}

enum status
spool_add(struct spool *spool, const void *row)
{
	const size_t place = spool->count % spool->block_rows;
	if (place == 0 || place == spool->last_room) {
		const enum status status = place == 0 ? open_block(spool) : widen_block(spool);
		if (status != STATUS_OK)
			return status;
	}
	memcpy(last_block(spool)->rows + place * spool->row_bytes, row, spool->row_bytes);
	spool->count++;
	return STATUS_OK;
}

size_t
spool_count(const struct spool *spool)
{
	return spool->count;
}

/* A part of one block. */
struct span {
	const struct block *block;
	size_t offset, size; /* bytes */
};

static struct span
span_at(const struct spool *spool, size_t first, size_t count)
{
	const size_t place = first % spool->block_rows, left = spool->block_rows - place;
	return (struct span){
		&spool->blocks[first / spool->block_rows], place * spool->row_bytes, (count < left ? count : left) * spool->row_bytes};
}

enum status
spool_read(const struct spool *spool, size_t first, size_t count, void *out)
{
	unsigned char *to = out;
	enum status status = STATUS_OK;
	assert(first + count <= spool->count);
	while (count > 0 && status == STATUS_OK) {
		const struct span span = span_at(spool, first, count);
		if (span.block->rows != NULL)
			memcpy(to, span.block->rows + span.offset, span.size);
		else
			status = spool->storage->read(spool->storage, span.block->at + span.offset, to, span.size);
		to += span.size;
		first += span.size / spool->row_bytes;
		count -= span.size / spool->row_bytes;
	}
	return status;
}

enum status
spool_write(struct spool *spool, size_t first, size_t count, const void *rows)
{
	const unsigned char *from = rows;
	enum status status = STATUS_OK;
	assert(first + count <= spool->count);
	while (count > 0 && status == STATUS_OK) {
		const struct span span = span_at(spool, first, count);
		if (span.block->rows != NULL)
			memcpy(span.block->rows + span.offset, from, span.size);
		else
			status = spool->storage->write(spool->storage, span.block->at + span.offset, from, span.size);
		from += span.size;
		first += span.size / spool->row_bytes;
		count -= span.size / spool->row_bytes;
	}
	return status;
}
