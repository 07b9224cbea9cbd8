/* How it works: one sorted array of (class, order) packed into 64 bits, so that a rank is the difference of two binary searches. */
#include "turn.h"

#include <assert.h>
#include <stdlib.h>

#include "grow.h"

struct turns {
	uint64_t *keys;
	size_t count, room;
};

enum status
turns_create(struct turns **out)
{
	*out = calloc(1, sizeof **out);
	return *out != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void
turns_free(struct turns **turns)
{
	if (*turns != NULL)
		free((*turns)->keys);
	free(*turns);
	*turns = NULL;
}

static uint64_t
pack(uint32_t class, uint32_t order)
{
	return (uint64_t) class << 32 | order;
}

enum status
turns_add(struct turns *turns, uint16_t class, uint32_t order)
{
	uint64_t *keys = grow(turns->keys, turns->count, &turns->room, sizeof *keys);
	if (keys == NULL)
		return STATUS_NO_MEMORY;
	turns->keys = keys;
	keys[turns->count++] = pack(class, order);
	return STATUS_OK;
}

static int
compare_keys(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

void
turns_settle(struct turns *turns)
{
	if (turns->count > 1)
		qsort(turns->keys, turns->count, sizeof *turns->keys, compare_keys);
}

static size_t
keys_below(const struct turns *turns, uint64_t key)
{
	size_t low = 0, high = turns->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (turns->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t
turns_of(const struct turns *turns, uint16_t class, uint32_t order)
{
	const size_t first = keys_below(turns, pack(class, 0));
	const uint64_t people = keys_below(turns, pack((uint32_t) class + 1, 0)) - first;
	const uint64_t rank = keys_below(turns, pack(class, order)) - first;
	assert(people > 0); /* the asker is one of them */
	return (uint32_t)(((2 * rank + 1) << 31) / people);
}
