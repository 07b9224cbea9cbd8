/*
 * How it works: two binary heaps of sources. `waiting` holds those that are closed now, by the instant they open next; `open` holds those that
 * may be served, by (deadline, share served). At each step the clock jumps to the next free tick, sources whose time has come move
 * to `open`, and the top is served; a source whose stretch has ended goes back to `waiting` or drops out. Under DEAL_EVEN a source is also
 * closed until its next member's turn, and one whose volume is spent until there is room. Each source is in one heap at most.
 *
 * Earliest deadline first serves most people when each source has one stretch; over several days it is a good rule, not the maximum. The walk
 * of DEAL_EVEN passes free ticks for which nobody's turn has come, and misses them when later ones are taken: hence a second walk, and what both
 * give is kept and told in due order at the end.
 */
#include "deal.h"

#include <assert.h>
#include <stdlib.h>

#include "grow.h"

struct source {
	const struct interval_set *lawful;
	size_t count, served;
	uint32_t turn; /* of the next member, once asked */
	bool turn_asked;
	size_t stretch;          /* index of the current or next interval */
	struct instant ready;    /* next instant at which it may be served: key in `waiting` */
	struct instant deadline; /* end of its last stretch: key in `open` */
	int64_t lawful_us;       /* total length of its stretches */
	uint32_t limits;
	struct instant room; /* before it there is no room in some limit */
};

struct heap {
	uint32_t *items; /* source numbers */
	size_t count;
	bool (*before)(const struct source *a, const struct source *b);
};

/* What a walk of DEAL_EVEN gave. */
struct given {
	struct instant due;
	uint32_t source;
};

struct deal {
	struct deal_setup setup;
	struct source *sources;
	size_t count, room;
	struct heap waiting, open;
	bool in_turn;        /* members wait for their turn: the first walk of DEAL_EVEN */
	struct given *given; /* of both walks, one behind the other */
	size_t given_count, first_walk_count;
	struct instant last; /* dealt */
};

static bool
opens_before(const struct source *a, const struct source *b)
{
	return a->ready.us < b->ready.us;
}

/* Whether the next member of `a` comes earlier among its own than that of `b`: by (member + 1/2) / count. */
static int
compare_shares(const struct source *a, const struct source *b)
{
	const uint64_t left = (2 * (uint64_t)a->served + 1) * b->count, right = (2 * (uint64_t)b->served + 1) * a->count;
	return (left > right) - (left < right);
}

static bool
served_before(const struct source *a, const struct source *b)
{
	if (a->deadline.us != b->deadline.us)
		return a->deadline.us < b->deadline.us;
	const int shares = compare_shares(a, b);
	return shares != 0 ? shares < 0 : a < b;
}

static void
sift_up(struct heap *heap, const struct source *sources, size_t child)
{
	while (child > 0) {
		size_t parent = (child - 1) / 2;
		if (!heap->before(&sources[heap->items[child]], &sources[heap->items[parent]]))
			return;
		uint32_t item = heap->items[child];
		heap->items[child] = heap->items[parent];
		heap->items[parent] = item;
		child = parent;
	}
}

static void
sift_down(struct heap *heap, const struct source *sources)
{
	for (size_t parent = 0;;) {
		size_t least = parent;
		for (size_t child = 2 * parent + 1; child <= 2 * parent + 2 && child < heap->count; child++)
			if (heap->before(&sources[heap->items[child]], &sources[heap->items[least]]))
				least = child;
		if (least == parent)
			return;
		uint32_t item = heap->items[parent];
		heap->items[parent] = heap->items[least];
		heap->items[least] = item;
		parent = least;
	}
}

static void
heap_push(struct heap *heap, const struct source *sources, uint32_t source)
{
	heap->items[heap->count++] = source;
	sift_up(heap, sources, heap->count - 1);
}

static uint32_t
heap_pop(struct heap *heap, const struct source *sources)
{
	uint32_t top = heap->items[0];
	heap->items[0] = heap->items[--heap->count];
	sift_down(heap, sources);
	return top;
}

enum status
deal_create(const struct deal_setup *setup, struct deal **out)
{
	struct deal *deal = calloc(1, sizeof *deal);
	if (deal == NULL)
		return STATUS_NO_MEMORY;
	deal->setup = *setup;
	deal->waiting.before = opens_before;
	deal->open.before = served_before;
	*out = deal;
	return STATUS_OK;
}

void
deal_free(struct deal **deal)
{
	if (*deal != NULL) {
		free((*deal)->sources);
		free((*deal)->waiting.items);
		free((*deal)->open.items);
		free((*deal)->given);
	}
	free(*deal);
	*deal = NULL;
}

enum status
deal_add(struct deal *deal, const struct deal_source *added)
{
	assert(added->count < UINT32_C(1) << 31); /* shares are compared in 64 bits */
	struct source *sources = grow(deal->sources, deal->count, &deal->room, sizeof *sources);
	if (sources == NULL)
		return STATUS_NO_MEMORY;
	deal->sources = sources;
	struct source *source = &sources[deal->count++];
	*source = (struct source){
		.lawful = added->lawful, .count = added->count, .limits = added->limits, .deadline = {INT64_MIN}, .room = {INT64_MIN}};
	for (size_t i = 0; i < added->lawful->count; i++) {
		source->deadline = added->lawful->items[i].until;
		source->lawful_us += added->lawful->items[i].until.us - added->lawful->items[i].from.us;
	}
	return STATUS_OK;
}

/* When the next member's turn comes: when its share of the lawful time has passed. */
static struct instant
next_turn(const struct deal *deal, uint32_t number)
{
	struct source *source = &deal->sources[number];
	if (!source->turn_asked)
		source->turn = deal->setup.turn_of(deal->setup.context, number, source->served);
	source->turn_asked = true;
	__extension__ unsigned __int128 scaled = (unsigned __int128)source->lawful_us * source->turn;
	int64_t passed = (int64_t)(scaled >> 32);
	const struct interval *stretch = source->lawful->items;
	for (; passed >= stretch->until.us - stretch->from.us; stretch++)
		passed -= stretch->until.us - stretch->from.us;
	return (struct instant){stretch->from.us + passed};
}

/* Queues the source where it belongs at `now`: open, waiting for its next stretch or turn, or nowhere when it has none within the span. */
static void
queue_source(struct deal *deal, uint32_t number, struct instant now)
{
	struct source *source = &deal->sources[number];
	if (source->served == source->count || source->lawful->count == 0)
		return;
	struct instant ready = instant_max(instant_max(now, deal->setup.span.from), source->room);
	if (deal->in_turn)
		ready = instant_max(ready, next_turn(deal, number));
	while (source->stretch < source->lawful->count && source->lawful->items[source->stretch].until.us <= ready.us)
		source->stretch++;
	if (source->stretch == source->lawful->count)
		return;
	source->ready = instant_max(ready, source->lawful->items[source->stretch].from);
	if (source->ready.us < deal->setup.span.until.us)
		heap_push(source->ready.us <= now.us ? &deal->open : &deal->waiting, deal->sources, number);
}

/* Everything that has become ready by `tick` moves to `open`. */
static void
open_ready(struct deal *deal, struct instant tick)
{
	while (deal->waiting.count > 0 && deal->sources[deal->waiting.items[0]].ready.us <= tick.us)
		queue_source(deal, heap_pop(&deal->waiting, deal->sources), tick);
}

/* Sources at the top whose stretch has ended by `tick` leave `open`. */
static void
close_ended(struct deal *deal, struct instant tick)
{
	while (deal->open.count > 0) {
		const struct source *top = &deal->sources[deal->open.items[0]];
		if (top->lawful->items[top->stretch].until.us > tick.us)
			return;
		queue_source(deal, heap_pop(&deal->open, deal->sources), tick);
	}
}

/* Whether a volume limit turns the source at the top of `open` away at this tick; then it has left, to wait for room. */
static bool
turn_away_top(struct deal *deal, struct instant tick)
{
	const uint32_t number = deal->open.items[0];
	struct source *source = &deal->sources[number];
	if (source->limits == 0)
		return false;
	source->room = quota_ready(deal->setup.quota, source->limits, tick).ready;
	if (source->room.us == tick.us)
		return false;
	heap_pop(&deal->open, deal->sources);
	queue_source(deal, number, tick);
	return true;
}

/* Serves the source at the top of `open`, whose stretch contains `tick`. */
static void
serve_top(struct deal *deal, struct instant tick, deal_fn *on_dealt, void *context)
{
	const uint32_t number = deal->open.items[0];
	struct source *source = &deal->sources[number];
	if (deal->setup.pacing == DEAL_EVEN)
		deal->given[deal->given_count++] = (struct given){tick, number};
	else
		on_dealt(context,
			&(struct dealt){.source = number, .member = source->served, .due = tick, .stretch = &source->lawful->items[source->stretch]});
	deal->last = instant_max(deal->last, tick);
	source->served++;
	source->turn_asked = false;
	if (source->limits != 0)
		quota_take(deal->setup.quota, source->limits, tick);
	if (source->served < source->count && !deal->in_turn) {
		sift_down(&deal->open, deal->sources);
		return;
	}
	heap_pop(&deal->open, deal->sources);
	queue_source(deal, number, tick);
}

/* Where a walk is: among the free ticks, and among those that the walk before it gave away. */
struct position {
	struct tick_cursor ticks;
	size_t given;
};

static struct instant
next_tick(const struct deal *deal, struct position *position, struct instant not_before)
{
	while (true) {
		const struct instant tick = tick_cursor_next(&position->ticks, not_before);
		while (position->given < deal->first_walk_count && deal->given[position->given].due.us < tick.us)
			position->given++;
		if (position->given == deal->first_walk_count || deal->given[position->given].due.us != tick.us)
			return tick;
	}
}

static void
walk(struct deal *deal, deal_fn *on_dealt, void *context)
{
	struct position position = {capacity_free_from(deal->setup.capacity, deal->setup.span.from), 0};
	struct instant not_before = deal->setup.span.from;
	while (deal->open.count + deal->waiting.count > 0) {
		if (deal->open.count == 0)
			not_before = instant_max(not_before, deal->sources[deal->waiting.items[0]].ready);
		struct position behind = position;
		const struct instant tick = next_tick(deal, &behind, not_before);
		if (tick.us >= deal->setup.span.until.us)
			break;
		open_ready(deal, tick);
		close_ended(deal, tick);
		if (deal->open.count == 0 || turn_away_top(deal, tick))
			continue; /* nobody can take this free tick now: keep it for who opens next */
		serve_top(deal, tick, on_dealt, context);
		position = behind;
	}
	deal->open.count = deal->waiting.count = 0;
}

static enum status
deal_prepare(struct deal *deal)
{
	size_t members = 0;
	for (size_t i = 0; i < deal->count && deal->setup.pacing == DEAL_EVEN; i++)
		members += deal->sources[i].count;
	deal->waiting.items = calloc(deal->count + 1, sizeof *deal->waiting.items);
	deal->open.items = calloc(deal->count + 1, sizeof *deal->open.items);
	deal->given = calloc(members + 1, sizeof *deal->given);
	return deal->waiting.items != NULL && deal->open.items != NULL && deal->given != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Those who go without for lack of anything behind their turn get what is free before. */
static void
walk_again(struct deal *deal, deal_fn *on_dealt, void *context)
{
	deal->first_walk_count = deal->given_count;
	deal->in_turn = false;
	for (size_t i = 0; i < deal->count; i++) {
		deal->sources[i].stretch = 0;
		deal->sources[i].room = (struct instant){INT64_MIN};
		if (!deal_has_later(deal, i))
			queue_source(deal, (uint32_t)i, (struct instant){INT64_MIN});
	}
	walk(deal, on_dealt, context);
}

/* What both walks gave, in due order. */
static void
tell_given(struct deal *deal, deal_fn *on_dealt, void *context)
{
	for (size_t i = 0; i < deal->count; i++)
		deal->sources[i].served = 0;
	for (size_t to = 0, first = 0, second = deal->first_walk_count; to < deal->given_count; to++) {
		const bool from_first =
			second == deal->given_count || (first < deal->first_walk_count && deal->given[first].due.us < deal->given[second].due.us);
		const struct given *given = &deal->given[from_first ? first++ : second++];
		struct source *source = &deal->sources[given->source];
		on_dealt(context,
			&(struct dealt){.source = given->source,
				.member = source->served++,
				.due = given->due,
				.stretch = interval_set_find(source->lawful, given->due)});
	}
}

enum status
deal_run(struct deal *deal, deal_fn *on_dealt, void *context)
{
	if (deal_prepare(deal) != STATUS_OK)
		return STATUS_NO_MEMORY;
	deal->in_turn = deal->setup.pacing == DEAL_EVEN;
	for (size_t i = 0; i < deal->count; i++)
		queue_source(deal, (uint32_t)i, (struct instant){INT64_MIN});
	walk(deal, on_dealt, context);
	if (deal->setup.pacing == DEAL_EVEN) {
		walk_again(deal, on_dealt, context);
		tell_given(deal, on_dealt, context);
	}
	return STATUS_OK;
}

size_t
deal_served(const struct deal *deal, size_t source)
{
	return deal->sources[source].served;
}

bool
deal_has_later(const struct deal *deal, size_t source)
{
	return deal->sources[source].deadline.us > deal->setup.span.until.us;
}

struct instant
deal_first_relief(const struct deal *deal, size_t number)
{
	const struct source *source = &deal->sources[number];
	const int64_t needed = (int64_t)(source->count - source->served);
	struct interval search = {instant_max(source->deadline, deal->last), {0}};
	const struct instant year = {search.from.us + 365 * US_PER_DAY};
	if (needed == 0 || capacity_count_free(deal->setup.capacity, (struct interval){search.from, year}) < needed)
		return (struct instant){INT64_MAX};
	struct instant low = search.from, high = year; /* among them the first end of a search that finds enough */
	while (low.us < high.us) {
		search.until.us = low.us + (high.us - low.us) / 2;
		if (capacity_count_free(deal->setup.capacity, search) >= needed)
			high = search.until;
		else
			low.us = search.until.us + 1;
	}
	return (struct instant){low.us - 1};
}
