/*
 * How it works: people are not remembered but told again by the list for each question: which sources there are, how many of each are where, and who
 * of a place is moved. The first of a place are found by a heap of as many as are to be moved, whose top is the last of them; likewise those with a
 * leeway, of whom only so many are taken.
 */
#include "kept_people.h"

#include <stdlib.h>

#include "grow.h"
#include "person.h"

enum { PREFERENCES = 25 };
#define NO_SOURCE SIZE_MAX

/* Somebody, with what they are ordered by. */
struct item {
	struct kept_person person;
	struct interval_set leeway;
	size_t source;
	uint32_t order;
};

struct heap {
	struct item *items;
	size_t count, room;
};

struct source {
	struct item first; /* in fair order; with its leeway when it is alone */
	size_t count;
	size_t first_moved; /* among all who are */
};

struct kept_people {
	struct kept_setup setup;
	uint32_t *table; /* by class and preference: source + 1 */
	struct source *sources;
	size_t count, room;
	size_t class_sources; /* the first of them: not of somebody alone */
	struct heap alone;    /* while they are gathered */
	struct kept_person *moved;
	size_t moved_count;
};

/* Fair order ------------------------------------------------------------------------------------------------------------------------------ */

static bool
comes_before(const struct item *a, const struct item *b)
{
	return a->order != b->order ? a->order < b->order : a->person.candidate.recipient_id < b->person.candidate.recipient_id;
}

static void
swap_items(struct item *a, struct item *b)
{
	const struct item item = *a;
	*a = *b;
	*b = item;
}

static void
sift_down(struct heap *heap)
{
	for (size_t parent = 0, last;; parent = last) {
		last = parent;
		for (size_t child = 2 * parent + 1; child <= 2 * parent + 2 && child < heap->count; child++)
			if (comes_before(&heap->items[last], &heap->items[child]))
				last = child;
		if (last == parent)
			return;
		swap_items(&heap->items[parent], &heap->items[last]);
	}
}

static void
sift_up(struct heap *heap)
{
	for (size_t child = heap->count - 1; child > 0 && comes_before(&heap->items[(child - 1) / 2], &heap->items[child]);
		 child = (child - 1) / 2)
		swap_items(&heap->items[(child - 1) / 2], &heap->items[child]);
}

/* Whether the item is one of the first `most`, of those that were offered; then it is in the heap, and has its leeway. */
static bool
heap_wants(const struct heap *heap, const struct item *item, size_t most)
{
	return heap->count < most || (most > 0 && comes_before(item, &heap->items[0]));
}

/* One that it wants. The heap has room for `most`, or for one more. */
static void
heap_put(struct heap *heap, const struct item *item, size_t most)
{
	if (heap->count < most) {
		heap->items[heap->count++] = *item;
		sift_up(heap);
	} else {
		interval_set_free(&heap->items[0].leeway);
		heap->items[0] = *item;
		sift_down(heap);
	}
}

static void
heap_free(struct heap *heap)
{
	for (size_t i = 0; i < heap->count; i++)
		interval_set_free(&heap->items[i].leeway);
	free(heap->items);
	*heap = (struct heap){.items = NULL};
}

static struct item
item_of(const struct kept_people *people, const struct kept_person *person)
{
	return (struct item){.person = *person, .order = person_order(person->candidate.recipient_id, people->setup.campaign_id)};
}

/* Gathering ------------------------------------------------------------------------------------------------------------------------------- */

void
kept_people_free(struct kept_people **people)
{
	if (*people == NULL)
		return;
	for (size_t i = 0; i < (*people)->count; i++)
		interval_set_free(&(*people)->sources[i].first.leeway);
	heap_free(&(*people)->alone);
	free((*people)->sources);
	free((*people)->table);
	free((*people)->moved);
	free(*people);
	*people = NULL;
}

static bool
is_movable(const struct kept_people *people, const struct kept_person *person)
{
	const struct interval span = people->setup.span;
	return person->due.us >= span.from.us && person->due.us < span.until.us && capacity_is_kept(people->setup.capacity, person->due);
}

static uint32_t *
place_in_table(const struct kept_people *people, const struct candidate *candidate)
{
	return &people->table[(size_t)candidate->class * PREFERENCES + candidate->preference];
}

static enum status
push_source(struct kept_people *people, const struct item *first)
{
	struct source *sources = grow(people->sources, people->count, &people->room, sizeof *sources);
	if (sources == NULL)
		return STATUS_NO_MEMORY;
	people->sources = sources;
	sources[people->count++] = (struct source){.first = *first};
	return STATUS_OK;
}

struct gathering {
	struct kept_people *people;
	size_t alone_max;
};

static enum status
gather_alone(const struct gathering *gathering, struct item *item, struct interval_set *leeway)
{
	struct heap *alone = &gathering->people->alone;
	if (!heap_wants(alone, item, gathering->alone_max))
		return STATUS_OK;
	struct item *items = alone->count < gathering->alone_max ? grow(alone->items, alone->count, &alone->room, sizeof *items) : alone->items;
	if (items == NULL)
		return STATUS_NO_MEMORY;
	alone->items = items;
	interval_set_trim(leeway);
	item->leeway = *leeway;
	*leeway = (struct interval_set)INTERVAL_SET_INIT;
	heap_put(alone, item, gathering->alone_max);
	return STATUS_OK;
}

static enum status
gather(void *told, const struct kept_person *person, struct interval_set *leeway)
{
	const struct gathering *gathering = told;
	struct kept_people *people = gathering->people;
	struct item item = item_of(people, person);
	if (!is_movable(people, person))
		return STATUS_OK;
	if (leeway != NULL)
		return gather_alone(gathering, &item, leeway);
	uint32_t *place = place_in_table(people, &person->candidate);
	if (*place == 0) {
		if (push_source(people, &item) != STATUS_OK)
			return STATUS_NO_MEMORY;
		*place = (uint32_t)people->count;
	}
	struct source *source = &people->sources[*place - 1];
	source->count++;
	if (comes_before(&item, &source->first))
		source->first = item;
	return STATUS_OK;
}

static int
compare_sources(const void *left, const void *right)
{
	const struct source *a = left, *b = right;
	return comes_before(&b->first, &a->first) - comes_before(&a->first, &b->first);
}

static void
sort_sources(struct kept_people *people, size_t first, size_t end)
{
	if (end - first > 1)
		qsort(people->sources + first, end - first, sizeof *people->sources, compare_sources);
}

static enum status
order_sources(struct kept_people *people)
{
	enum status status = STATUS_OK;
	people->class_sources = people->count;
	sort_sources(people, 0, people->count);
	for (size_t i = 0; i < people->count; i++)
		*place_in_table(people, &people->sources[i].first.person.candidate) = (uint32_t)i + 1;
	for (; people->alone.count > 0 && status == STATUS_OK; people->alone.count -= status == STATUS_OK) {
		status = push_source(people, &people->alone.items[people->alone.count - 1]);
		if (status == STATUS_OK)
			people->sources[people->count - 1].count = 1;
	}
	heap_free(&people->alone);
	sort_sources(people, people->class_sources, people->count);
	return status;
}

enum status
kept_people_gather(const struct kept_setup *setup, size_t alone_max, struct kept_people **out)
{
	struct kept_people *people = calloc(1, sizeof *people);
	*out = people;
	if (people == NULL)
		return STATUS_NO_MEMORY;
	people->setup = *setup;
	people->table = calloc(setup->class_count * PREFERENCES + 1, sizeof *people->table);
	enum status status = people->table != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	if (status == STATUS_OK && setup->list.each != NULL)
		status = setup->list.each(setup->list.context, gather, &(struct gathering){people, alone_max});
	if (status == STATUS_OK)
		status = order_sources(people);
	if (status != STATUS_OK)
		kept_people_free(out);
	return status;
}

size_t
kept_people_sources(const struct kept_people *people)
{
	return people->count;
}

struct candidate_source
kept_people_source(const struct kept_people *people, size_t number)
{
	const struct source *source = &people->sources[number];
	const struct candidate *candidate = &source->first.person.candidate;
	return (struct candidate_source){
		candidate->class, candidate->preference, number < people->class_sources ? NULL : &source->first.leeway, source->count};
}

/* Where they are -------------------------------------------------------------------------------------------------------------------------- */

/* Calls `tell` for everybody of every source, with the number of the source. */
struct telling {
	const struct kept_people *people;
	enum status (*tell)(void *told, const struct kept_person *person, size_t source);
	void *told;
};

static enum status
tell_of_class(void *told, const struct kept_person *person, struct interval_set *leeway)
{
	const struct telling *telling = told;
	if (leeway != NULL || !is_movable(telling->people, person))
		return STATUS_OK;
	return telling->tell(telling->told, person, *place_in_table(telling->people, &person->candidate) - 1);
}

static enum status
tell_all(const struct kept_people *people, enum status (*tell)(void *told, const struct kept_person *person, size_t source), void *told)
{
	const struct telling telling = {people, tell, told};
	enum status status = STATUS_OK;
	if (people->class_sources > 0)
		status = people->setup.list.each(people->setup.list.context, tell_of_class, (void *)&telling);
	for (size_t i = people->class_sources; i < people->count && status == STATUS_OK; i++)
		status = tell(told, &people->sources[i].first.person, i);
	return status;
}

struct keeping {
	struct deal *deal;
	size_t first;
};

static enum status
keep(void *told, const struct kept_person *person, size_t source)
{
	const struct keeping *keeping = told;
	return deal_keep(keeping->deal, keeping->first + source, person->due);
}

enum status
kept_people_tell(const struct kept_people *people, struct deal *deal, size_t first)
{
	return tell_all(people, keep, &(struct keeping){deal, first});
}

/* Who is moved ---------------------------------------------------------------------------------------------------------------------------- */

struct choosing {
	const struct kept_people *people;
	const struct deal *deal;
	size_t first;
	struct heap *places;
	size_t count; /* of all who are moved */
};

static enum status
choose(void *told, const struct kept_person *person, size_t source)
{
	struct choosing *choosing = told;
	struct item item = item_of(choosing->people, person);
	size_t place;
	const size_t leaving = deal_leaving(choosing->deal, choosing->first + source, person->due, &place);
	struct heap *heap = &choosing->places[place];
	item.source = source;
	if (leaving == 0 || !heap_wants(heap, &item, leaving))
		return STATUS_OK;
	if (heap->items == NULL && (heap->items = malloc(leaving * sizeof *heap->items)) == NULL)
		return STATUS_NO_MEMORY;
	choosing->count += heap->count < leaving;
	heap_put(heap, &item, leaving);
	return STATUS_OK;
}

static int
compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return comes_before(b, a) - comes_before(a, b);
}

/* Everybody in one list, and in the deal. */
static enum status
move_chosen(struct kept_people *people, struct deal *deal, const struct choosing *choosing, size_t places)
{
	struct item *items = malloc((choosing->count + 1) * sizeof *items);
	people->moved = malloc((choosing->count + 1) * sizeof *people->moved);
	if (items == NULL || people->moved == NULL) {
		free(items);
		return STATUS_NO_MEMORY;
	}
	size_t count = 0;
	for (size_t i = 0; i < places; i++)
		for (size_t k = 0; k < choosing->places[i].count; k++)
			items[count++] = choosing->places[i].items[k];
	if (count > 1)
		qsort(items, count, sizeof *items, compare_items);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || items[i - 1].source != items[i].source)
			people->sources[items[i].source].first_moved = i;
		people->moved[i] = items[i].person;
		deal_move(deal, choosing->first + items[i].source);
	}
	people->moved_count = count;
	free(items);
	return STATUS_OK;
}

enum status
kept_people_choose(struct kept_people *people, struct deal *deal, size_t first)
{
	const size_t places = deal_place_count(deal);
	struct choosing choosing = {people, deal, first, calloc(places + 1, sizeof *choosing.places), 0};
	enum status status = choosing.places != NULL ? tell_all(people, choose, &choosing) : STATUS_NO_MEMORY;
	if (status == STATUS_OK)
		status = move_chosen(people, deal, &choosing, places);
	for (size_t i = 0; choosing.places != NULL && i < places; i++)
		heap_free(&choosing.places[i]);
	free(choosing.places);
	return status;
}

const struct kept_person *
kept_people_moved(const struct kept_people *people, size_t *out_count)
{
	*out_count = people->moved_count;
	return people->moved;
}

const struct kept_person *
kept_people_at(const struct kept_people *people, size_t source, size_t member)
{
	return &people->moved[people->sources[source].first_moved + member];
}
