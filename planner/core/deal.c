/*
 * How it works: two binary heaps of sources. `waiting` holds those that are closed now, by the instant they open next; `open` holds those that
 * may be served, by (deadline, order of the first member). At each step the clock jumps to the next free tick, sources whose time has come
 * move to `open`, and the top is served; a source whose stretch has ended goes back to `waiting` or drops out. Under DEAL_EVEN a source is
 * also closed until its next member's target. Each source is in one heap at most.
 *
 * Earliest deadline first serves most people when each source has one stretch; over several days it is a good rule, not the maximum.
 */
#include "deal.h"

#include <stdlib.h>

struct source {
	const struct interval_set *lawful;
	const uint32_t *order;
	size_t count, served;
	size_t stretch;         /* index of the current or next interval */
	struct instant ready;   /* next instant at which it may be served: key in `waiting` */
	struct instant deadline; /* end of its last stretch: key in `open` */
	int64_t ticks;          /* DEAL_EVEN: free ticks in all its stretches */
};

struct heap {
	uint32_t *items; /* source numbers */
	size_t count;
	bool (*before)(const struct source *a, const struct source *b);
};

struct deal {
	const struct capacity *capacity;
	enum pacing pacing;
	struct interval span;
	struct instant horizon;
	struct source *sources;
	size_t count, room;
	struct heap waiting, open;
};

static bool
opens_before(const struct source *a, const struct source *b)
{
	return a->ready.us < b->ready.us;
}

static bool
served_before(const struct source *a, const struct source *b)
{
	if (a->deadline.us != b->deadline.us)
		return a->deadline.us < b->deadline.us;
	return a->order[a->served] < b->order[b->served];
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
deal_create(const struct capacity *capacity, enum pacing pacing, struct interval span, struct instant horizon, struct deal **out)
{
	struct deal *deal = calloc(1, sizeof *deal);
	if (deal == NULL)
		return STATUS_NO_MEMORY;
	deal->capacity = capacity;
	deal->pacing = pacing;
	deal->span = span;
	deal->horizon = instant_min(horizon, span.until);
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
	}
	free(*deal);
	*deal = NULL;
}

static struct interval
clip(const struct deal *deal, const struct interval *stretch)
{
	return (struct interval){instant_max(stretch->from, deal->span.from), instant_min(stretch->until, deal->span.until)};
}

static int64_t
free_ticks(const struct deal *deal, const struct interval_set *lawful)
{
	int64_t ticks = 0;
	for (size_t i = 0; i < lawful->count; i++)
		ticks += capacity_free_count(deal->capacity, clip(deal, &lawful->items[i]));
	return ticks;
}

/* The instant of the source's k-th free tick, counted over all its stretches. */
static struct instant
nth_free_tick(const struct deal *deal, const struct source *source, int64_t k)
{
	for (size_t i = 0; i < source->lawful->count; i++) {
		struct interval stretch = clip(deal, &source->lawful->items[i]);
		int64_t ticks = capacity_free_count(deal->capacity, stretch);
		if (k < ticks)
			return capacity_free_nth(deal->capacity, stretch.from, k);
		k -= ticks;
	}
	return deal->span.until;
}

/* When the next member may be served at the earliest, pacing considered. */
static struct instant
next_target(const struct deal *deal, const struct source *source)
{
	if (deal->pacing == DEAL_ASAP || source->ticks < (int64_t)source->count)
		return deal->span.from;
	__extension__ __int128 doubled = 2 * (__int128)source->served + 1;
	return nth_free_tick(deal, source, (int64_t)(doubled * source->ticks / (2 * (__int128)source->count)));
}

enum status
deal_add(struct deal *deal, const struct interval_set *lawful, const uint32_t *order, size_t count)
{
	if (deal->count == deal->room) {
		size_t room = deal->room != 0 ? deal->room * 2 : 64;
		struct source *sources = realloc(deal->sources, room * sizeof *sources);
		if (sources == NULL)
			return STATUS_NO_MEMORY;
		deal->sources = sources;
		deal->room = room;
	}
	struct source *source = &deal->sources[deal->count++];
	*source = (struct source){.lawful = lawful, .order = order, .count = count};
	if (lawful->count > 0)
		source->deadline = instant_min(lawful->items[lawful->count - 1].until, deal->span.until);
	if (deal->pacing == DEAL_EVEN)
		source->ticks = free_ticks(deal, lawful);
	return STATUS_OK;
}

/* Queues the source where it belongs at `now`: open, waiting for its next stretch or target, or nowhere when it has none before the horizon. */
static void
queue_source(struct deal *deal, uint32_t number, struct instant now)
{
	struct source *source = &deal->sources[number];
	if (source->served == source->count)
		return;
	struct instant ready = instant_max(now, instant_max(deal->span.from, next_target(deal, source)));
	while (source->stretch < source->lawful->count && source->lawful->items[source->stretch].until.us <= ready.us)
		source->stretch++;
	if (source->stretch == source->lawful->count)
		return;
	source->ready = instant_max(ready, source->lawful->items[source->stretch].from);
	if (source->ready.us >= deal->horizon.us)
		return;
	heap_push(source->ready.us <= now.us ? &deal->open : &deal->waiting, deal->sources, number);
}

static enum status
deal_prepare(struct deal *deal)
{
	deal->waiting.items = malloc((deal->count + 1) * sizeof *deal->waiting.items);
	deal->open.items = malloc((deal->count + 1) * sizeof *deal->open.items);
	if (deal->waiting.items == NULL || deal->open.items == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < deal->count; i++)
		queue_source(deal, (uint32_t)i, (struct instant){INT64_MIN});
	return STATUS_OK;
}

/* Everything that has become ready by `tick` moves to `open`. */
static void
open_ready(struct deal *deal, struct instant tick)
{
	while (deal->waiting.count > 0 && deal->sources[deal->waiting.items[0]].ready.us <= tick.us)
		queue_source(deal, heap_pop(&deal->waiting, deal->sources), tick);
}

/* Serves the source at the top of `open`, whose stretch contains `tick`. */
static void
serve_top(struct deal *deal, struct instant tick, deal_fn *on_dealt, void *context)
{
	uint32_t number = deal->open.items[0];
	struct source *source = &deal->sources[number];
	on_dealt(context, number, source->served, tick, &source->lawful->items[source->stretch]);
	source->served++;
	if (source->served < source->count && deal->pacing == DEAL_ASAP) {
		sift_down(&deal->open, deal->sources);
		return;
	}
	heap_pop(&deal->open, deal->sources);
	queue_source(deal, number, tick);
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

enum status
deal_run(struct deal *deal, deal_fn *on_dealt, void *context)
{
	if (deal_prepare(deal) != STATUS_OK)
		return STATUS_NO_MEMORY;
	struct tick_cursor ticks = capacity_free_from(deal->capacity, deal->span.from);
	struct instant not_before = deal->span.from;
	while (deal->open.count + deal->waiting.count > 0) {
		if (deal->open.count == 0)
			not_before = instant_max(not_before, deal->sources[deal->waiting.items[0]].ready);
		struct tick_cursor behind = ticks;
		struct instant tick = tick_cursor_next(&behind, not_before);
		if (tick.us >= deal->horizon.us)
			break;
		open_ready(deal, tick);
		close_ended(deal, tick);
		if (deal->open.count == 0)
			continue; /* every stretch ended before this free tick: keep it for who opens next */
		serve_top(deal, tick, on_dealt, context);
		ticks = behind;
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
	return deal->sources[source].count > 0 && deal->sources[source].deadline.us > deal->horizon.us;
}
