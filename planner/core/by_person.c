/*
 * How it works: one growing array for each of the 1024 buckets, sorted by recipient when it is first asked after a change. Sorting a bucket
 * stays in the cache, and no second copy of all rows is needed, as one large sort would.
 */
#include "by_person.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "person.h"

struct bucket_rows {
	unsigned char *rows;
	size_t count, room;
	bool sorted;
};

struct by_person {
	size_t row_bytes;
	struct bucket_rows buckets[BUCKET_COUNT];
};

enum status
by_person_create(size_t row_bytes, struct by_person **out)
{
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return STATUS_NO_MEMORY;
	(*out)->row_bytes = row_bytes;
	return STATUS_OK;
}

void
by_person_free(struct by_person **store)
{
	if (*store != NULL)
		for (int i = 0; i < BUCKET_COUNT; i++)
			free((*store)->buckets[i].rows);
	free(*store);
	*store = NULL;
}

static int64_t
row_person(const void *row)
{
	int64_t recipient_id;
	memcpy(&recipient_id, row, sizeof recipient_id);
	return recipient_id;
}

static int
compare_rows(const void *a, const void *b)
{
	const int64_t x = row_person(a), y = row_person(b);
	return (x > y) - (x < y);
}

enum status
by_person_add(struct by_person *store, const void *row)
{
	struct bucket_rows *bucket = &store->buckets[person_bucket(row_person(row))];
	unsigned char *rows = grow(bucket->rows, bucket->count, &bucket->room, store->row_bytes);
	if (rows == NULL)
		return STATUS_NO_MEMORY;
	bucket->rows = rows;
	memcpy(rows + bucket->count++ * store->row_bytes, row, store->row_bytes);
	bucket->sorted = false;
	return STATUS_OK;
}

static void
sort_bucket(const struct by_person *store, struct bucket_rows *bucket)
{
	if (!bucket->sorted && bucket->count > 1)
		qsort(bucket->rows, bucket->count, store->row_bytes, compare_rows);
	bucket->sorted = true;
}

void *
by_person_find(struct by_person *store, int64_t recipient_id, size_t *out_count)
{
	struct bucket_rows *bucket = &store->buckets[person_bucket(recipient_id)];
	sort_bucket(store, bucket);
	size_t low = 0, high = bucket->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (row_person(bucket->rows + middle * store->row_bytes) < recipient_id)
			low = middle + 1;
		else
			high = middle;
	}
	size_t end = low;
	while (end < bucket->count && row_person(bucket->rows + end * store->row_bytes) == recipient_id)
		end++;
	*out_count = end - low;
	return end > low ? bucket->rows + low * store->row_bytes : NULL;
}

void
by_person_each(struct by_person *store, void (*visit)(void *context, const void *row), void *context)
{
	for (int i = 0; i < BUCKET_COUNT; i++)
		for (size_t row = 0; row < store->buckets[i].count; row++)
			visit(context, store->buckets[i].rows + row * store->row_bytes);
}
