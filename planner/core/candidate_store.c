/*
 * How it works: a spool for each class and preference. Settling sorts it in runs of bounded length, in place, and a cursor merges its runs; most
 * spools are one run. A run is sorted by its orders alone, by counting (three passes of 11 bits), and then where orders are equal by recipient.
 */
#include "candidate_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "person.h"

enum {
	RUN_ROWS = 1 << 18,
	CURSOR_ROWS = 64, /* of each run, read at once */
	DIGIT_BITS = 11,
	DIGITS = 1 << DIGIT_BITS,
	PASSES = 3
};
#define NO_SOURCE SIZE_MAX

struct source {
	struct spool *rows; /* NULL: `only` is all */
	struct candidate only;
	struct interval_set leeway;
	uint16_t class;
	uint8_t preference;
	size_t next;    /* of the same class, or NO_SOURCE */
	uint32_t order; /* of the first one, once settled */
	int64_t recipient_id;
};

struct candidate_store {
	int32_t campaign_id;
	struct spool_storage *storage;
	struct source *sources;
	size_t count, room;
	size_t *first; /* by class: its first source, or NO_SOURCE */
	size_t class_count;
};

static uint32_t
order_of(const struct candidate_store *store, const struct candidate *candidate)
{
	return person_order(candidate->recipient_id, store->campaign_id);
}

enum status
candidate_store_create(int32_t campaign_id, struct spool_storage *storage, struct candidate_store **out)
{
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return STATUS_NO_MEMORY;
	(*out)->campaign_id = campaign_id;
	(*out)->storage = storage;
	return STATUS_OK;
}

void
candidate_store_free(struct candidate_store **store)
{
	for (size_t i = 0; *store != NULL && i < (*store)->count; i++) {
		spool_free(&(*store)->sources[i].rows);
		interval_set_free(&(*store)->sources[i].leeway);
	}
	if (*store != NULL) {
		free((*store)->sources);
		free((*store)->first);
	}
	free(*store);
	*store = NULL;
}

/* Adding -------------------------------------------------------------------------------------------------------------------------------- */

static enum status
push_source(struct candidate_store *store, struct source source)
{
	struct source *sources = grow(store->sources, store->count, &store->room, sizeof *sources);
	if (sources == NULL)
		return STATUS_NO_MEMORY;
	store->sources = sources;
	sources[store->count++] = source;
	return STATUS_OK;
}

static enum status
know_class(struct candidate_store *store, size_t class)
{
	if (class < store->class_count)
		return STATUS_OK;
	const size_t count = 2 * class + 16;
	size_t *first = realloc(store->first, count * sizeof *first);
	if (first == NULL)
		return STATUS_NO_MEMORY;
	store->first = first;
	while (store->class_count < count)
		first[store->class_count++] = NO_SOURCE;
	return STATUS_OK;
}

/* The number of the candidate's source, which is made when there is none. */
static enum status
find_source(struct candidate_store *store, const struct candidate *candidate, size_t *out)
{
	enum status status = know_class(store, candidate->class);
	if (status != STATUS_OK)
		return status;
	for (*out = store->first[candidate->class]; *out != NO_SOURCE; *out = store->sources[*out].next)
		if (store->sources[*out].preference == candidate->preference)
			return STATUS_OK;
	struct source source = {.class = candidate->class,
		.preference = candidate->preference,
		.leeway = INTERVAL_SET_INIT,
		.next = store->first[candidate->class]};
	if ((status = spool_create(sizeof *candidate, store->storage, &source.rows)) != STATUS_OK)
		return status;
	if ((status = push_source(store, source)) != STATUS_OK) {
		spool_free(&source.rows);
		return status;
	}
	*out = store->first[candidate->class] = store->count - 1;
	return STATUS_OK;
}

enum status
candidate_store_add(struct candidate_store *store, const struct candidate *candidate, struct interval_set *leeway)
{
	size_t number;
	if (leeway == NULL) {
		const enum status status = find_source(store, candidate, &number);
		return status == STATUS_OK ? spool_add(store->sources[number].rows, candidate) : status;
	}
	interval_set_trim(leeway);
	const enum status status = push_source(store,
		(struct source){.only = *candidate,
			.leeway = *leeway,
			.class = candidate->class,
			.preference = candidate->preference,
			.order = order_of(store, candidate),
			.recipient_id = candidate->recipient_id});
	if (status == STATUS_OK)
		*leeway = (struct interval_set)INTERVAL_SET_INIT;
	return status;
}

/* Settling ------------------------------------------------------------------------------------------------------------------------------ */

/* What a run is sorted by, and where its row stands. */
struct sort_key {
	uint32_t order, index;
};

struct sorter {
	struct candidate *rows, *sorted;
	struct sort_key *keys, *other;
};

static void
sorter_free(struct sorter *sorter)
{
	free(sorter->rows);
	free(sorter->sorted);
	free(sorter->keys);
	free(sorter->other);
}

static enum status
sorter_make(struct sorter *sorter, size_t rows)
{
	sorter->rows = malloc(rows * sizeof *sorter->rows);
	sorter->sorted = malloc(rows * sizeof *sorter->sorted);
	sorter->keys = malloc(rows * sizeof *sorter->keys);
	sorter->other = malloc(rows * sizeof *sorter->other);
	const bool complete = sorter->rows != NULL && sorter->sorted != NULL && sorter->keys != NULL && sorter->other != NULL;
	return complete ? STATUS_OK : STATUS_NO_MEMORY;
}

static void
sort_by_digit(const struct sort_key *keys, size_t count, int shift, struct sort_key *out)
{
	uint32_t place[DIGITS] = {0};
	for (size_t i = 0; i < count; i++)
		place[keys[i].order >> shift & (DIGITS - 1)]++;
	for (uint32_t digit = 0, total = 0; digit < DIGITS; digit++) {
		const uint32_t here = place[digit];
		place[digit] = total;
		total += here;
	}
	for (size_t i = 0; i < count; i++)
		out[place[keys[i].order >> shift & (DIGITS - 1)]++] = keys[i];
}

/* Where orders are equal: by recipient. They seldom are. */
static void
sort_equals(const struct candidate_store *store, struct candidate *rows, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct candidate row = rows[i];
		size_t to = i;
		for (; to > 0 && rows[to - 1].recipient_id > row.recipient_id && order_of(store, &rows[to - 1]) == order_of(store, &row); to--)
			rows[to] = rows[to - 1];
		rows[to] = row;
	}
}

static void
sort_rows(const struct candidate_store *store, struct sorter *sorter, size_t count)
{
	assert(sorter->rows != NULL);
	for (size_t i = 0; i < count; i++)
		sorter->keys[i] = (struct sort_key){order_of(store, &sorter->rows[i]), (uint32_t)i};
	for (int pass = 0; pass < PASSES; pass++) {
		sort_by_digit(sorter->keys, count, pass * DIGIT_BITS, sorter->other);
		struct sort_key *keys = sorter->keys;
		sorter->keys = sorter->other;
		sorter->other = keys;
	}
	for (size_t i = 0; i < count; i++)
		sorter->sorted[i] = sorter->rows[sorter->keys[i].index];
	sort_equals(store, sorter->sorted, count);
}

static enum status
settle_source(struct candidate_store *store, struct source *source, struct sorter *sorter)
{
	const size_t count = spool_count(source->rows);
	enum status status = STATUS_OK;
	for (size_t first = 0; first < count && status == STATUS_OK; first += RUN_ROWS) {
		const size_t rows = count - first < RUN_ROWS ? count - first : RUN_ROWS;
		status = spool_read(source->rows, first, rows, sorter->rows);
		if (status != STATUS_OK)
			return status;
		sort_rows(store, sorter, rows);
		const uint32_t order = order_of(store, sorter->sorted);
		const int64_t person = sorter->sorted->recipient_id;
		if (first == 0 || order < source->order || (order == source->order && person < source->recipient_id)) {
			source->order = order;
			source->recipient_id = person;
		}
		status = spool_write(source->rows, first, rows, sorter->sorted);
	}
	return status;
}

static int
compare_sources(const void *left, const void *right)
{
	const struct source *a = left, *b = right;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->recipient_id > b->recipient_id) - (a->recipient_id < b->recipient_id);
}

static size_t
longest_run(const struct candidate_store *store)
{
	size_t longest = 0;
	for (size_t i = 0; i < store->count; i++)
		if (store->sources[i].rows != NULL && spool_count(store->sources[i].rows) > longest)
			longest = spool_count(store->sources[i].rows);
	return longest < RUN_ROWS ? longest : RUN_ROWS;
}

enum status
candidate_store_settle(struct candidate_store *store)
{
	struct sorter sorter = {.rows = NULL};
	const size_t longest = longest_run(store);
	enum status status = longest > 0 ? sorter_make(&sorter, longest) : STATUS_OK;
	for (size_t i = 0; i < store->count && status == STATUS_OK; i++)
		if (store->sources[i].rows != NULL)
			status = settle_source(store, &store->sources[i], &sorter);
	sorter_free(&sorter);
	if (status == STATUS_OK && store->count > 1)
		qsort(store->sources, store->count, sizeof *store->sources, compare_sources);
	return status;
}

/* Reading ------------------------------------------------------------------------------------------------------------------------------- */

size_t
candidate_store_sources(const struct candidate_store *store)
{
	return store->count;
}

struct candidate_source
candidate_store_source(const struct candidate_store *store, size_t number)
{
	const struct source *source = &store->sources[number];
	return (struct candidate_source){source->class, source->preference, source->rows == NULL ? &source->leeway : NULL,
		source->rows != NULL ? spool_count(source->rows) : 1};
}

struct run {
	size_t next, end;   /* rows of the spool that were not read yet */
	size_t at, in_hand; /* rows in the buffer */
	uint32_t order;     /* of the row at `at` */
	struct candidate rows[CURSOR_ROWS];
};

struct candidate_cursor {
	const struct candidate_store *store;
	const struct source *source;
	bool only_given;
	size_t run_count;
	struct run runs[];
};

/* Gets more rows in hand where there are more; a run without any in hand has ended. */
static enum status
refill(struct candidate_cursor *cursor, struct run *run)
{
	if (run->at == run->in_hand && run->next < run->end) {
		const size_t left = run->end - run->next;
		run->at = 0;
		run->in_hand = left < CURSOR_ROWS ? left : CURSOR_ROWS;
		const enum status status = spool_read(cursor->source->rows, run->next, run->in_hand, run->rows);
		if (status != STATUS_OK)
			return status;
		run->next += run->in_hand;
	}
	if (run->at < run->in_hand)
		run->order = order_of(cursor->store, &run->rows[run->at]);
	return STATUS_OK;
}

enum status
candidate_cursor_open(const struct candidate_store *store, size_t number, struct candidate_cursor **out)
{
	const struct source *source = &store->sources[number];
	const size_t count = source->rows != NULL ? spool_count(source->rows) : 0, runs = (count + RUN_ROWS - 1) / RUN_ROWS;
	struct candidate_cursor *cursor = calloc(1, sizeof *cursor + runs * sizeof *cursor->runs);
	enum status status = cursor != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	*out = NULL;
	for (size_t i = 0; i < runs && status == STATUS_OK; i++) {
		cursor->store = store;
		cursor->source = source;
		cursor->runs[i].next = i * RUN_ROWS;
		cursor->runs[i].end = count - i * RUN_ROWS < RUN_ROWS ? count : (i + 1) * RUN_ROWS;
		status = refill(cursor, &cursor->runs[i]);
	}
	if (status != STATUS_OK) {
		free(cursor);
		return status;
	}
	cursor->store = store;
	cursor->source = source;
	cursor->run_count = runs;
	*out = cursor;
	return STATUS_OK;
}

void
candidate_cursor_close(struct candidate_cursor **cursor)
{
	free(*cursor);
	*cursor = NULL;
}

static bool
comes_before(const struct run *a, const struct run *b)
{
	return a->order != b->order ? a->order < b->order : a->rows[a->at].recipient_id < b->rows[b->at].recipient_id;
}

enum status
candidate_cursor_next(struct candidate_cursor *cursor, struct candidate *out)
{
	struct run *first = NULL;
	if (cursor->source->rows == NULL) {
		*out = cursor->source->only;
		const bool given = cursor->only_given;
		cursor->only_given = true;
		return given ? STATUS_NOT_FOUND : STATUS_OK;
	}
	for (size_t i = 0; i < cursor->run_count; i++)
		if (cursor->runs[i].at < cursor->runs[i].in_hand && (first == NULL || comes_before(&cursor->runs[i], first)))
			first = &cursor->runs[i];
	if (first == NULL)
		return STATUS_NOT_FOUND;
	*out = first->rows[first->at++];
	return refill(cursor, first);
}
