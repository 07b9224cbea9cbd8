/*
 * How it works: the grid is cut into chunks of 4096 ticks. A chunk that holds few is a sorted list of 16 bits each, 12 for the place and 2 for the
 * holding; one that holds many is two bits for every tick, in two planes. Chunks are found through a hash table of their numbers; settling sorts
 * them and counts what lies before each.
 *
 * Rejected: one sorted array of tick numbers, 8 bytes each and twice that while it is sorted, the largest part of planning ten millions again; a
 * bitmap of the whole grid, which for a week at 1,000 a second is 150 MB for a handful of messages.
 */
#include "tick_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum {
	CHUNK_BITS = 12,
	CHUNK_TICKS = 1 << CHUNK_BITS,
	WORD_BITS = 64,
	PLANE_WORDS = CHUNK_TICKS / WORD_BITS,
	HOLDING_BITS = 2,
	LIST_MAX = 2 * PLANE_WORDS * (int)sizeof(uint64_t) / (int)sizeof(uint16_t), /* as large as the planes */
	FIRST_ROOM = 8
};

struct chunk {
	int64_t number;
	uint16_t *list;   /* NULL: planes */
	uint64_t *planes; /* bit 0 of each holding, then bit 1; NULL: a list */
	uint16_t count, room;
	struct tick_counts before; /* once settled */
};

struct tick_set {
	struct chunk *chunks;
	size_t count, room;
	uint32_t *table;   /* place of a chunk plus one; 0 is free */
	size_t table_size; /* a power of two */
	bool settled;
};

enum status
tick_set_create(struct tick_set **out)
{
	*out = calloc(1, sizeof **out);
	return *out != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void
tick_set_free(struct tick_set **set)
{
	for (size_t i = 0; *set != NULL && i < (*set)->count; i++) {
		free((*set)->chunks[i].list);
		free((*set)->chunks[i].planes);
	}
	if (*set != NULL) {
		free((*set)->chunks);
		free((*set)->table);
	}
	free(*set);
	*set = NULL;
}

static int64_t
number_of(int64_t tick)
{
	return (tick - (tick & (CHUNK_TICKS - 1))) / CHUNK_TICKS;
}

static unsigned
offset_of(int64_t tick)
{
	return (unsigned)(tick & (CHUNK_TICKS - 1));
}

/* One chunk ------------------------------------------------------------------------------------------------------------------------------- */

static unsigned
item_offset(uint16_t item)
{
	return item >> HOLDING_BITS;
}

static enum tick_holding
item_holding(uint16_t item)
{
	return (enum tick_holding)(item & ((1 << HOLDING_BITS) - 1));
}

/* The first item of a list at or after a place. */
static unsigned
list_from(const struct chunk *chunk, unsigned offset)
{
	unsigned low = 0, high = chunk->count;
	while (low < high) {
		const unsigned middle = (low + high) / 2;
		if (item_offset(chunk->list[middle]) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
list_has(const struct chunk *chunk, unsigned at, unsigned offset)
{
	return at < chunk->count && item_offset(chunk->list[at]) == offset;
}

static enum tick_holding
chunk_get(const struct chunk *chunk, unsigned offset)
{
	if (chunk->planes == NULL) {
		const unsigned at = list_from(chunk, offset);
		return list_has(chunk, at, offset) ? item_holding(chunk->list[at]) : TICK_FREE;
	}
	const unsigned word = offset / WORD_BITS, bit = offset % WORD_BITS;
	return (enum tick_holding)((chunk->planes[word] >> bit & 1) | (chunk->planes[PLANE_WORDS + word] >> bit & 1) << 1);
}

static void
put_bits(uint64_t *planes, unsigned offset, enum tick_holding holding)
{
	const unsigned word = offset / WORD_BITS;
	const uint64_t mask = UINT64_C(1) << offset % WORD_BITS;
	planes[word] = holding & 1 ? planes[word] | mask : planes[word] & ~mask;
	planes[PLANE_WORDS + word] = holding & 2 ? planes[PLANE_WORDS + word] | mask : planes[PLANE_WORDS + word] & ~mask;
}

static enum status
make_planes(struct chunk *chunk)
{
	chunk->planes = calloc(2 * PLANE_WORDS, sizeof *chunk->planes);
	if (chunk->planes == NULL)
		return STATUS_NO_MEMORY;
	for (unsigned i = 0; i < chunk->count; i++)
		put_bits(chunk->planes, item_offset(chunk->list[i]), item_holding(chunk->list[i]));
	free(chunk->list);
	chunk->list = NULL;
	return STATUS_OK;
}

static enum status
widen_list(struct chunk *chunk)
{
	const unsigned room = chunk->room == 0 ? FIRST_ROOM : 2U * chunk->room;
	uint16_t *list = realloc(chunk->list, room * sizeof *list);
	if (list == NULL)
		return STATUS_NO_MEMORY;
	chunk->list = list;
	chunk->room = (uint16_t)room;
	return STATUS_OK;
}

static enum status
list_insert(struct chunk *chunk, unsigned at, uint16_t item)
{
	if (chunk->count == chunk->room && widen_list(chunk) != STATUS_OK)
		return STATUS_NO_MEMORY;
	memmove(chunk->list + at + 1, chunk->list + at, (chunk->count - at) * sizeof *chunk->list);
	chunk->list[at] = item;
	chunk->count++;
	return STATUS_OK;
}

static enum status
chunk_put(struct chunk *chunk, unsigned offset, enum tick_holding holding)
{
	const uint16_t item = (uint16_t)(offset << HOLDING_BITS | holding);
	if (chunk->planes == NULL) {
		const unsigned at = list_from(chunk, offset);
		if (!list_has(chunk, at, offset) && chunk->count < LIST_MAX)
			return list_insert(chunk, at, item);
		if (list_has(chunk, at, offset))
			chunk->list[at] = item;
		else if (make_planes(chunk) != STATUS_OK)
			return STATUS_NO_MEMORY;
	}
	if (chunk->planes != NULL)
		put_bits(chunk->planes, offset, holding);
	return STATUS_OK;
}

static void
chunk_clear(struct chunk *chunk, unsigned offset)
{
	if (chunk->planes != NULL) {
		put_bits(chunk->planes, offset, TICK_FREE);
		return;
	}
	const unsigned at = list_from(chunk, offset);
	if (!list_has(chunk, at, offset))
		return;
	chunk->count--;
	memmove(chunk->list + at, chunk->list + at + 1, (chunk->count - at) * sizeof *chunk->list);
}

/* How many are held before a place; CHUNK_TICKS: all. */
static struct tick_counts
chunk_count(const struct chunk *chunk, unsigned offset)
{
	struct tick_counts counts = {0, 0};
	for (unsigned i = 0; chunk->planes == NULL && i < chunk->count && item_offset(chunk->list[i]) < offset; i++) {
		counts.taken += item_holding(chunk->list[i]) & 1;
		counts.lent += item_holding(chunk->list[i]) == TICK_LENT;
	}
	for (unsigned word = 0; chunk->planes != NULL && word * WORD_BITS < offset; word++) {
		const unsigned left = offset - word * WORD_BITS;
		const uint64_t mask = left < WORD_BITS ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
		counts.taken += __builtin_popcountll(chunk->planes[word] & mask);
		counts.lent += __builtin_popcountll(chunk->planes[PLANE_WORDS + word] & ~chunk->planes[word] & mask);
	}
	return counts;
}

/* The first place at or after one that is not taken; CHUNK_TICKS: all are. */
static unsigned
chunk_pass_taken(const struct chunk *chunk, unsigned offset)
{
	if (chunk->planes == NULL) {
		for (unsigned at = list_from(chunk, offset); list_has(chunk, at, offset) && (item_holding(chunk->list[at]) & 1); at++)
			offset++;
		return offset;
	}
	unsigned word = offset / WORD_BITS;
	uint64_t open = ~chunk->planes[word] & UINT64_MAX << offset % WORD_BITS;
	while (open == 0 && ++word < PLANE_WORDS)
		open = ~chunk->planes[word];
	return open == 0 ? CHUNK_TICKS : word * WORD_BITS + (unsigned)__builtin_ctzll(open);
}

/* Those from `from` on, or before `until`, that are held. */
static bool
chunk_first(const struct chunk *chunk, unsigned from, unsigned *out)
{
	if (chunk->planes == NULL) {
		const unsigned at = list_from(chunk, from);
		*out = at < chunk->count ? item_offset(chunk->list[at]) : 0;
		return at < chunk->count;
	}
	for (unsigned word = from / WORD_BITS; word < PLANE_WORDS; word++) {
		const uint64_t cut = word == from / WORD_BITS ? UINT64_MAX << from % WORD_BITS : UINT64_MAX;
		const uint64_t held = (chunk->planes[word] | chunk->planes[PLANE_WORDS + word]) & cut;
		*out = word * WORD_BITS + (held != 0 ? (unsigned)__builtin_ctzll(held) : 0);
		if (held != 0)
			return true;
	}
	return false;
}

static bool
chunk_last(const struct chunk *chunk, unsigned until, unsigned *out)
{
	if (chunk->planes == NULL) {
		const unsigned at = list_from(chunk, until);
		*out = at > 0 ? item_offset(chunk->list[at - 1]) : 0;
		return at > 0;
	}
	for (unsigned word = (until + WORD_BITS - 1) / WORD_BITS; word-- > 0;) {
		const unsigned left = until - word * WORD_BITS;
		const uint64_t cut = left < WORD_BITS ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
		const uint64_t held = (chunk->planes[word] | chunk->planes[PLANE_WORDS + word]) & cut;
		*out = word * WORD_BITS + (held != 0 ? WORD_BITS - 1 - (unsigned)__builtin_clzll(held) : 0);
		if (held != 0)
			return true;
	}
	return false;
}

/* All chunks ------------------------------------------------------------------------------------------------------------------------------ */

/* Where a chunk's number is in the table, or may be put. */
static size_t
table_place(const struct tick_set *set, int64_t number)
{
	size_t place = (size_t)(((uint64_t)number * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (set->table_size - 1);
	while (set->table[place] != 0 && set->chunks[set->table[place] - 1].number != number)
		place = (place + 1) & (set->table_size - 1);
	return place;
}

static struct chunk *
find_chunk(const struct tick_set *set, int64_t number)
{
	const uint32_t found = set->count > 0 ? set->table[table_place(set, number)] : 0;
	return found != 0 ? &set->chunks[found - 1] : NULL;
}

static void
fill_table(struct tick_set *set)
{
	memset(set->table, 0, set->table_size * sizeof *set->table);
	for (size_t i = 0; i < set->count; i++)
		set->table[table_place(set, set->chunks[i].number)] = (uint32_t)i + 1;
}

/* At most half of the table is used. */
static enum status
widen_table(struct tick_set *set)
{
	const size_t size = set->table_size == 0 ? FIRST_ROOM : 2 * set->table_size;
	uint32_t *table = realloc(set->table, size * sizeof *table);
	if (table == NULL)
		return STATUS_NO_MEMORY;
	set->table = table;
	set->table_size = size;
	fill_table(set);
	return STATUS_OK;
}

static enum status
add_chunk(struct tick_set *set, int64_t number, struct chunk **out)
{
	struct chunk *chunks = grow(set->chunks, set->count, &set->room, sizeof *chunks);
	if (chunks == NULL)
		return STATUS_NO_MEMORY;
	set->chunks = chunks;
	if (2 * (set->count + 1) > set->table_size && widen_table(set) != STATUS_OK)
		return STATUS_NO_MEMORY;
	set->table[table_place(set, number)] = (uint32_t)set->count + 1;
	*out = &chunks[set->count++];
	**out = (struct chunk){.number = number};
	return STATUS_OK;
}

enum status
tick_set_put(struct tick_set *set, int64_t tick, enum tick_holding holding)
{
	struct chunk *chunk = find_chunk(set, number_of(tick));
	set->settled = false;
	assert(holding != TICK_FREE);
	if (chunk == NULL && add_chunk(set, number_of(tick), &chunk) != STATUS_OK)
		return STATUS_NO_MEMORY;
	return chunk_put(chunk, offset_of(tick), holding);
}

void
tick_set_clear(struct tick_set *set, int64_t tick)
{
	struct chunk *chunk = find_chunk(set, number_of(tick));
	set->settled = false;
	if (chunk != NULL)
		chunk_clear(chunk, offset_of(tick));
}

enum tick_holding
tick_set_get(const struct tick_set *set, int64_t tick)
{
	const struct chunk *chunk = find_chunk(set, number_of(tick));
	return chunk != NULL ? chunk_get(chunk, offset_of(tick)) : TICK_FREE;
}

int64_t
tick_set_pass_taken(const struct tick_set *set, int64_t tick)
{
	int64_t number = number_of(tick);
	unsigned offset = offset_of(tick);
	for (const struct chunk *chunk; (chunk = find_chunk(set, number)) != NULL; number++, offset = 0)
		if ((offset = chunk_pass_taken(chunk, offset)) < CHUNK_TICKS)
			break;
	return number * CHUNK_TICKS + offset;
}

static int
compare_chunks(const void *left, const void *right)
{
	const struct chunk *a = left, *b = right;
	return (a->number > b->number) - (a->number < b->number);
}

void
tick_set_settle(struct tick_set *set)
{
	struct tick_counts before = {0, 0};
	if (set->count > 1)
		qsort(set->chunks, set->count, sizeof *set->chunks, compare_chunks);
	for (size_t i = 0; i < set->count; i++) {
		const struct tick_counts own = chunk_count(&set->chunks[i], CHUNK_TICKS);
		set->chunks[i].before = before;
		before.taken += own.taken;
		before.lent += own.lent;
	}
	if (set->count > 0)
		fill_table(set);
	set->settled = true;
}

/* The first chunk of that number or a later one. */
static size_t
chunk_from(const struct tick_set *set, int64_t number)
{
	size_t low = 0, high = set->count;
	assert(set->settled);
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (set->chunks[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct tick_counts
tick_set_count_before(const struct tick_set *set, int64_t tick)
{
	const size_t at = chunk_from(set, number_of(tick));
	if (set->count == 0)
		return (struct tick_counts){0, 0};
	const bool inside = at < set->count && set->chunks[at].number == number_of(tick);
	const struct chunk *chunk = &set->chunks[at < set->count ? at : at - 1];
	struct tick_counts counts = chunk->before;
	if (inside || at == set->count) {
		const struct tick_counts own = chunk_count(chunk, inside ? offset_of(tick) : CHUNK_TICKS);
		counts.taken += own.taken;
		counts.lent += own.lent;
	}
	return counts;
}

bool
tick_set_nearest(const struct tick_set *set, int64_t tick, int direction, int64_t *out)
{
	size_t at = chunk_from(set, number_of(tick));
	unsigned offset = 0;
	bool found = false;
	if (direction > 0)
		for (; at < set->count && !found; at += !found)
			found = chunk_first(&set->chunks[at], set->chunks[at].number == number_of(tick) ? offset_of(tick) : 0, &offset);
	else
		for (at += at < set->count && set->chunks[at].number == number_of(tick); at > 0 && !found; at -= !found)
			found = chunk_last(
				&set->chunks[at - 1], set->chunks[at - 1].number == number_of(tick) ? offset_of(tick) + 1 : CHUNK_TICKS, &offset);
	if (found)
		*out = set->chunks[direction > 0 ? at : at - 1].number * CHUNK_TICKS + offset;
	return found;
}
