/*
 * How it works: one growing array for each of the 1024 buckets, sorted by recipient when it is first asked after a change. Sorting a bucket
 * stays in the cache, and no second copy of all rows is needed, as one large sort would. Ids are hashes: dealt out by their upper bits the rows are all
 * but sorted, and insertion does the rest; where ids are not spread so, qsort does all. People are mostly asked for in their order, so a search begins
 * where the last one ended.
 *
 * Beyond the limit every bucket puts its rows outside, as one extent each. Who asks for somebody brings the bucket back whole; it goes outside again,
 * to the same places, when others need the memory. People are asked for in the order of buckets, so that happens once for each.
 */
#include "by_person.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "person.h"

/* Rows outside, one behind the other. */
struct extent {
	uint64_t at;
	size_t count;
};

struct bucket_rows {
	unsigned char *rows;      /* those outside, when they were brought back, and then the others */
	size_t count, room, last; /* last: where the last search ended, once sorted */
	bool sorted;
	bool whole; /* nothing lies outside that is not here as well */
	struct extent *extents;
	size_t extent_count, extent_room;
	size_t outside; /* rows in the extents */
};

struct by_person {
	size_t row_bytes;
	struct bucket_rows buckets[BUCKET_COUNT];
	struct spool_storage *storage; /* NULL: there is no limit */
	size_t limit, used;            /* bytes */
	enum status status;
	unsigned char *scratch; /* for sorting a bucket */
	size_t scratch_room;    /* bytes */
};

enum status
by_person_create(size_t row_bytes, struct by_person **out)
{
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return STATUS_NO_MEMORY;
	(*out)->row_bytes = row_bytes;
	for (int i = 0; i < BUCKET_COUNT; i++)
		(*out)->buckets[i].whole = true;
	return STATUS_OK;
}

void
by_person_free(struct by_person **store)
{
	for (int i = 0; *store != NULL && i < BUCKET_COUNT; i++) {
		free((*store)->buckets[i].rows);
		free((*store)->buckets[i].extents);
	}
	if (*store != NULL)
		free((*store)->scratch);
	free(*store);
	*store = NULL;
}

enum status
by_person_status(const struct by_person *store)
{
	return store->status;
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

/* Outside ------------------------------------------------------------------------------------------------------------------------------- */

static enum status
add_extent(struct by_person *store, struct bucket_rows *bucket, const unsigned char *rows, size_t count)
{
	struct extent *extents = grow(bucket->extents, bucket->extent_count, &bucket->extent_room, sizeof *extents);
	if (extents == NULL)
		return STATUS_NO_MEMORY;
	bucket->extents = extents;
	const size_t size = count * store->row_bytes;
	const struct extent extent = {spool_storage_take(store->storage, size), count};
	extents[bucket->extent_count++] = extent;
	bucket->outside += count;
	return store->storage->write(store->storage, extent.at, rows, size);
}

/* Moves the rows between a buffer and the extents. */
static enum status
write_extents(const struct by_person *store, const struct bucket_rows *bucket, const unsigned char *rows)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < bucket->extent_count && status == STATUS_OK; i++) {
		const size_t size = bucket->extents[i].count * store->row_bytes;
		status = store->storage->write(store->storage, bucket->extents[i].at, rows, size);
		rows += size;
	}
	return status;
}

static enum status
read_extents(const struct by_person *store, const struct bucket_rows *bucket, unsigned char *rows)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < bucket->extent_count && status == STATUS_OK; i++) {
		const size_t size = bucket->extents[i].count * store->row_bytes;
		status = store->storage->read(store->storage, bucket->extents[i].at, rows, size);
		rows += size;
	}
	return status;
}

static enum status
put_outside(struct by_person *store, struct bucket_rows *bucket)
{
	const size_t back = bucket->whole ? bucket->outside : 0; /* of the rows here */
	enum status status = STATUS_OK;
	if (bucket->rows == NULL)
		return STATUS_OK;
	if (back > 0)
		status = write_extents(store, bucket, bucket->rows);
	if (status == STATUS_OK && bucket->count > back)
		status = add_extent(store, bucket, bucket->rows + back * store->row_bytes, bucket->count - back);
	if (status != STATUS_OK)
		return status;
	free(bucket->rows);
	store->used -= bucket->room * store->row_bytes;
	bucket->rows = NULL;
	bucket->count = bucket->room = 0;
	bucket->whole = bucket->outside == 0;
	return STATUS_OK;
}

static enum status
make_room(struct by_person *store, const struct bucket_rows *kept)
{
	enum status status = STATUS_OK;
	for (int i = 0; i < BUCKET_COUNT && status == STATUS_OK; i++)
		if (&store->buckets[i] != kept)
			status = put_outside(store, &store->buckets[i]);
	return status;
}

static enum status
bring_back(struct by_person *store, struct bucket_rows *bucket)
{
	const size_t count = bucket->outside + bucket->count;
	unsigned char *rows = malloc(count * store->row_bytes);
	if (rows == NULL)
		return STATUS_NO_MEMORY;
	const enum status status = read_extents(store, bucket, rows);
	if (status != STATUS_OK) {
		free(rows);
		return status;
	}
	if (bucket->count > 0)
		memcpy(rows + bucket->outside * store->row_bytes, bucket->rows, bucket->count * store->row_bytes);
	store->used += (count - bucket->room) * store->row_bytes;
	free(bucket->rows);
	bucket->rows = rows;
	bucket->count = bucket->room = count;
	bucket->whole = true;
	bucket->sorted = false;
	return store->used > store->limit ? make_room(store, bucket) : STATUS_OK;
}

/* ----------------------------------------------------------------------------------------------------------------------------------------- */

void
by_person_spill(struct by_person *store, struct spool_storage *storage, size_t memory_bytes)
{
	store->storage = storage;
	store->limit = memory_bytes;
	if (store->used > store->limit)
		store->status = make_room(store, NULL);
}

enum status
by_person_add(struct by_person *store, const void *row)
{
	struct bucket_rows *bucket = &store->buckets[person_bucket(row_person(row))];
	const size_t room = bucket->room;
	unsigned char *rows = grow(bucket->rows, bucket->count, &bucket->room, store->row_bytes);
	if (rows == NULL)
		return STATUS_NO_MEMORY;
	bucket->rows = rows;
	store->used += (bucket->room - room) * store->row_bytes;
	memcpy(rows + bucket->count++ * store->row_bytes, row, store->row_bytes);
	bucket->sorted = false;
	return store->storage != NULL && store->used > store->limit ? make_room(store, NULL) : STATUS_OK;
}

/* Sorting and finding --------------------------------------------------------------------------------------------------------------------- */

enum { BIN_BITS_MAX = 16, BIN_ROWS_MAX = 64 /* insertion is quadratic */ };

static int
bin_bits(size_t count)
{
	int bits = 1;
	while (bits < BIN_BITS_MAX && (size_t)1 << bits < count)
		bits++;
	return bits;
}

static size_t
bin_of(const void *row, int bits)
{
	return (size_t)(((uint64_t)row_person(row) ^ (uint64_t)INT64_MIN) >> (64 - bits));
}

/* Room for the bins' ends and behind them for the rows; NULL without memory. */
static uint32_t *
scratch(struct by_person *store, size_t bins, size_t rows)
{
	const size_t wanted = bins * sizeof(uint32_t) + rows * store->row_bytes;
	if (wanted > store->scratch_room) {
		unsigned char *larger = realloc(store->scratch, wanted);
		if (larger == NULL)
			return NULL;
		store->scratch = larger;
		store->scratch_room = wanted;
	}
	return memset(store->scratch, 0, bins * sizeof(uint32_t));
}

/* Counts the rows of each bin and makes of it where the bin begins; false: some bin has too many. */
static bool
count_bins(const struct by_person *store, const struct bucket_rows *bucket, int bits, uint32_t *bins)
{
	uint32_t before = 0;
	for (size_t i = 0; i < bucket->count; i++)
		bins[bin_of(bucket->rows + i * store->row_bytes, bits)]++;
	for (size_t bin = 0; bin < (size_t)1 << bits; bin++) {
		const uint32_t rows = bins[bin];
		if (rows > BIN_ROWS_MAX)
			return false;
		bins[bin] = before;
		before += rows;
	}
	return true;
}

/* Puts `row` among the `count` rows at `rows`, behind its equals. */
static void
insert_row(unsigned char *rows, size_t count, const unsigned char *row, size_t row_bytes)
{
	const int64_t id = row_person(row);
	unsigned char *at = rows + count * row_bytes;
	while (at > rows && row_person(at - row_bytes) > id) {
		memcpy(at, at - row_bytes, row_bytes);
		at -= row_bytes;
	}
	memcpy(at, row, row_bytes);
}

static bool
sort_by_bins(struct by_person *store, struct bucket_rows *bucket)
{
	const int bits = bin_bits(bucket->count);
	const size_t bins = (size_t)1 << bits;
	uint32_t *place = bucket->count <= UINT32_MAX ? scratch(store, bins, bucket->count) : NULL;
	if (place == NULL || !count_bins(store, bucket, bits, place))
		return false;
	unsigned char *dealt = store->scratch + bins * sizeof *place;
	for (size_t i = 0; i < bucket->count; i++) {
		const unsigned char *row = bucket->rows + i * store->row_bytes;
		memcpy(dealt + place[bin_of(row, bits)]++ * store->row_bytes, row, store->row_bytes);
	}
	for (size_t i = 0; i < bucket->count; i++)
		insert_row(bucket->rows, i, dealt + i * store->row_bytes, store->row_bytes);
	return true;
}

static void
sort_bucket(struct by_person *store, struct bucket_rows *bucket)
{
	if (bucket->sorted)
		return;
	if (bucket->count > 1 && !sort_by_bins(store, bucket))
		qsort(bucket->rows, bucket->count, store->row_bytes, compare_rows);
	bucket->sorted = true;
	bucket->last = 0;
}

/* The first row of this person or of a later one. */
static size_t
first_row(const struct by_person *store, const struct bucket_rows *bucket, int64_t recipient_id)
{
	size_t low = 0, high = bucket->count, step = 1;
	if (bucket->last < high && row_person(bucket->rows + bucket->last * store->row_bytes) < recipient_id) {
		for (low = bucket->last + 1; low + step < high && row_person(bucket->rows + (low + step) * store->row_bytes) < recipient_id;
			 step *= 2)
			low += step + 1;
		high = low + step < high ? low + step : high;
	}
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (row_person(bucket->rows + middle * store->row_bytes) < recipient_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *
by_person_find(struct by_person *store, int64_t recipient_id, size_t *out_count)
{
	struct bucket_rows *bucket = &store->buckets[person_bucket(recipient_id)];
	*out_count = 0;
	if (!bucket->whole && store->status == STATUS_OK)
		store->status = bring_back(store, bucket);
	if (store->status != STATUS_OK)
		return NULL;
	sort_bucket(store, bucket);
	const size_t first = first_row(store, bucket, recipient_id);
	size_t end = first;
	while (end < bucket->count && row_person(bucket->rows + end * store->row_bytes) == recipient_id)
		end++;
	bucket->last = first;
	*out_count = end - first;
	return end > first ? bucket->rows + first * store->row_bytes : NULL;
}

/* What lies outside only, through a buffer of its own. */
static enum status
visit_outside(const struct by_person *store, const struct bucket_rows *bucket, void (*visit)(void *context, const void *row), void *context)
{
	unsigned char *rows = malloc(bucket->outside * store->row_bytes);
	enum status status = rows != NULL ? read_extents(store, bucket, rows) : STATUS_NO_MEMORY;
	for (size_t row = 0; row < bucket->outside && status == STATUS_OK; row++)
		visit(context, rows + row * store->row_bytes);
	free(rows);
	return status;
}

void
by_person_each(struct by_person *store, void (*visit)(void *context, const void *row), void *context)
{
	for (int i = 0; i < BUCKET_COUNT; i++) {
		const struct bucket_rows *bucket = &store->buckets[i];
		if (!bucket->whole && store->status == STATUS_OK)
			store->status = visit_outside(store, bucket, visit, context);
		for (size_t row = 0; row < bucket->count; row++)
			visit(context, bucket->rows + row * store->row_bytes);
	}
}

void
by_person_change(struct by_person *store, void (*visit)(void *context, void *row), void *context)
{
	for (int i = 0; i < BUCKET_COUNT; i++) {
		struct bucket_rows *bucket = &store->buckets[i];
		if (!bucket->whole && store->status == STATUS_OK)
			store->status = bring_back(store, bucket);
		if (store->status != STATUS_OK)
			return;
		for (size_t row = 0; row < bucket->count; row++)
			visit(context, bucket->rows + row * store->row_bytes);
	}
}
