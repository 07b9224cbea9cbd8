#include "memory_storage.h"

#include <stdlib.h>
#include <string.h>

static enum status
fail(struct spool_storage *storage)
{
	return err_set(&storage->err, STATUS_TRANSIENT, "the storage is full");
}

static enum status
write_bytes(struct spool_storage *storage, uint64_t at, const void *bytes, size_t size)
{
	struct memory_storage *outside = (struct memory_storage *)storage;
	if (outside->fails)
		return fail(storage);
	if (at + size > outside->size) {
		const size_t room = 2 * (at + size);
		unsigned char *grown = realloc(outside->bytes, room);
		if (grown == NULL)
			return STATUS_NO_MEMORY;
		outside->bytes = grown;
		outside->size = room;
	}
	memcpy(outside->bytes + at, bytes, size);
	outside->writes++;
	return STATUS_OK;
}

static enum status
read_bytes(struct spool_storage *storage, uint64_t at, void *bytes, size_t size)
{
	struct memory_storage *outside = (struct memory_storage *)storage;
	if (outside->fails || at + size > outside->size)
		return fail(storage);
	memcpy(bytes, outside->bytes + at, size);
	outside->reads++;
	return STATUS_OK;
}

void
memory_storage_open(struct memory_storage *outside, size_t memory_bytes)
{
	*outside = (struct memory_storage){.storage = {.write = write_bytes, .read = read_bytes, .memory_left = memory_bytes}};
}

void
memory_storage_close(struct memory_storage *outside)
{
	free(outside->bytes);
	outside->bytes = NULL;
}
