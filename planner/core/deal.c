/*
 * How it works: deal_solve.c says how many of whom leave in which segment of time; one walk through the segments gives them ticks. In a segment
 * everybody planned there may have every tick, so any order would do: the earliest deadline goes first, then the smaller share served, from the
 * segment's first tick on; under DEAL_EVEN the earliest turn goes first, at its turn, or before when the ticks left in the segment are only just
 * enough.
 *
 * Where the network is coarse, people remain who may have instants that no segment of theirs holds. They wait in two binary heaps: `waiting` of
 * sources that are closed now, by the instant they open next; `open` of those that may be served, by (deadline, share served). They get ticks
 * that the segment can spare. Under DEAL_ASAP so do those of them who are planned for later, whose later tick is free then.
 */
#include "deal.h"

#include <assert.h>
#include <stdlib.h>

#include "deal_network.h"
#include "deal_solve.h"
#include "grow.h"

enum { ARCS_MAX = 1 << 19 };

struct heap {
	uint32_t *items;
	size_t count;
	bool (*before)(const struct deal *deal, uint32_t a, uint32_t b);
};

struct deal {
	struct deal_setup setup;
	struct source *sources;
	size_t count, room;
	uint32_t *turns; /* DEAL_EVEN: of everybody */
	struct deal_network *network;
	int64_t *spare; /* free ticks not dealt, before each segment */
	deal_fn *on_dealt;
	void *context;
	/* The walk: */
	struct tick_cursor ticks;
	struct segment *segment;   /* where it is */
	int64_t planned, lent;     /* in this segment: people not served yet, and lent ticks they need */
	struct heap due;           /* arcs of this segment */
	struct heap waiting, open; /* sources */
};

enum status
deal_create(const struct deal_setup *setup, struct deal **out)
{
	struct deal *deal = calloc(1, sizeof *deal);
	if (deal == NULL)
		return STATUS_NO_MEMORY;
	deal->setup = *setup;
	*out = deal;
	return STATUS_OK;
}

void
deal_free(struct deal **deal)
{
	if (*deal != NULL) {
		deal_network_free(&(*deal)->network);
		free((*deal)->sources);
		free((*deal)->turns);
		free((*deal)->spare);
		free((*deal)->due.items);
		free((*deal)->waiting.items);
		free((*deal)->open.items);
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
	*source = (struct source){.lawful = added->lawful,
		.preferred = added->preferred,
		.count = added->count,
		.limits = deal->setup.quota != NULL ? added->limits : 0,
		.deadline = {INT64_MIN},
		.room = {INT64_MIN}};
	for (size_t i = 0; i < added->lawful->count; i++) {
		source->deadline = added->lawful->items[i].until;
		source->lawful_us += added->lawful->items[i].until.us - added->lawful->items[i].from.us;
	}
	source->later = source->deadline.us > deal->setup.span.until.us;
	return STATUS_OK;
}

/* Heaps ---------------------------------------------------------------------------------------------------------------------------------- */

static void
sift_up(const struct deal *deal, struct heap *heap, size_t child)
{
	while (child > 0) {
		const size_t parent = (child - 1) / 2;
		if (!heap->before(deal, heap->items[child], heap->items[parent]))
			return;
		const uint32_t item = heap->items[child];
		heap->items[child] = heap->items[parent];
		heap->items[parent] = item;
		child = parent;
	}
}

static void
sift_down(const struct deal *deal, struct heap *heap)
{
	for (size_t parent = 0;;) {
		size_t least = parent;
		for (size_t child = 2 * parent + 1; child <= 2 * parent + 2 && child < heap->count; child++)
			if (heap->before(deal, heap->items[child], heap->items[least]))
				least = child;
		if (least == parent)
			return;
		const uint32_t item = heap->items[parent];
		heap->items[parent] = heap->items[least];
		heap->items[least] = item;
		parent = least;
	}
}

static void
heap_push(const struct deal *deal, struct heap *heap, uint32_t item)
{
	heap->items[heap->count++] = item;
	sift_up(deal, heap, heap->count - 1);
}

static uint32_t
heap_pop(const struct deal *deal, struct heap *heap)
{
	const uint32_t top = heap->items[0];
	heap->items[0] = heap->items[--heap->count];
	sift_down(deal, heap);
	return top;
}

/* Whose next member comes earlier among its own: by (member + 1/2) / count. */
static int
compare_shares(size_t a_served, size_t a_count, size_t b_served, size_t b_count)
{
	const uint64_t a = (2 * (uint64_t)a_served + 1) * b_count, b = (2 * (uint64_t)b_served + 1) * a_count;
	return (a > b) - (a < b);
}

/* In a group, the order of its sources. */
static bool
is_next_before(const struct deal *deal, uint32_t a, uint32_t b)
{
	const struct source *x = &deal->sources[a], *y = &deal->sources[b];
	if (x->turn.us != y->turn.us)
		return x->turn.us < y->turn.us;
	const int shares = compare_shares(x->served, x->count, y->served, y->count);
	return shares != 0 ? shares < 0 : a < b;
}

static struct instant
next_turn(const struct deal *deal, const struct group *group)
{
	return deal->sources[deal->network->members[group->first_member]].turn;
}

static bool
is_due_before(const struct deal *deal, uint32_t a, uint32_t b)
{
	const struct deal_network *network = deal->network;
	const struct group *x = &network->groups[network->arcs[a].group], *y = &network->groups[network->arcs[b].group];
	if (deal->turns != NULL && next_turn(deal, x).us != next_turn(deal, y).us)
		return next_turn(deal, x).us < next_turn(deal, y).us;
	if (x->deadline.us != y->deadline.us)
		return x->deadline.us < y->deadline.us;
	const int shares = compare_shares(x->served, x->count, y->served, y->count);
	return shares != 0 ? shares < 0 : a < b;
}

static bool
opens_before(const struct deal *deal, uint32_t a, uint32_t b)
{
	if (deal->sources[a].ready.us != deal->sources[b].ready.us)
		return deal->sources[a].ready.us < deal->sources[b].ready.us;
	return a < b;
}

static bool
is_served_before(const struct deal *deal, uint32_t a, uint32_t b)
{
	const struct source *x = &deal->sources[a], *y = &deal->sources[b];
	if (x->deadline.us != y->deadline.us)
		return x->deadline.us < y->deadline.us;
	const int shares = compare_shares(x->served, x->count, y->served, y->count);
	return shares != 0 ? shares < 0 : a < b;
}

/* Who is planned -------------------------------------------------------------------------------------------------------------------------- */

static void
serve(struct deal *deal, uint32_t number, struct instant tick, bool lent)
{
	struct source *source = &deal->sources[number];
	const struct dealt dealt = {
		.source = number, .member = source->served++, .due = tick, .stretch = interval_set_find(source->lawful, tick), .displaces = lent};
	assert(dealt.stretch != NULL);
	if (deal->turns != NULL)
		source->turn = source_turn(source, source->served);
	deal->on_dealt(deal->context, &dealt);
}

static void
drop_empty(struct deal *deal)
{
	while (deal->due.count > 0 && deal->network->arcs[deal->due.items[0]].amount == 0)
		(void)heap_pop(deal, &deal->due);
}

static void
order_members(struct deal *deal, struct group *group)
{
	struct heap heap = {&deal->network->members[group->first_member], 0, is_next_before};
	while (heap.count < group->member_count)
		sift_up(deal, &heap, heap.count++);
}

/* After somebody of the group was served: who is next is at the top. */
static void
update_members(struct deal *deal, struct group *group)
{
	struct heap heap = {&deal->network->members[group->first_member], group->member_count, is_next_before};
	while (heap.count > 0 && deal->sources[heap.items[0]].served == deal->sources[heap.items[0]].count)
		(void)heap_pop(deal, &heap);
	group->member_count = (uint32_t)heap.count;
	sift_down(deal, &heap);
}

static void
serve_planned(struct deal *deal, struct instant tick, bool lent)
{
	struct network_arc *arc = &deal->network->arcs[deal->due.items[0]];
	struct group *group = &deal->network->groups[arc->group];
	serve(deal, deal->network->members[group->first_member], tick, lent);
	group->served++;
	update_members(deal, group);
	arc->amount--;
	deal->planned--;
	deal->lent -= lent;
	if (arc->amount == 0)
		(void)heap_pop(deal, &deal->due);
	else
		sift_down(deal, &deal->due);
	drop_empty(deal);
}

/* Ticks of the segment from an instant on that may be used: all the free ones, and of the lent ones as many as are needed. */
static int64_t
usable_from(const struct deal *deal, struct instant from)
{
	const struct interval rest = {from, deal->segment->stretch.until};
	const int64_t lent = deal->lent > 0 ? capacity_count_lent(deal->setup.capacity, rest) : 0;
	return capacity_count_free(deal->setup.capacity, rest) + (lent < deal->lent ? lent : deal->lent);
}

/* When the next one planned is to be served, not before `from`: at once, or at a turn as long as the ticks behind it are enough. */
static struct instant
planned_ready(const struct deal *deal, struct instant from)
{
	if (deal->turns == NULL)
		return from;
	const struct group *group = &deal->network->groups[deal->network->arcs[deal->due.items[0]].group];
	struct instant low = from, high = instant_min(next_turn(deal, group), deal->segment->stretch.until);
	if (high.us <= from.us || usable_from(deal, high) >= deal->planned)
		return instant_max(from, high);
	while (low.us + 1 < high.us) { /* behind `low` are enough */
		const struct instant middle = {low.us + (high.us - low.us) / 2};
		if (usable_from(deal, middle) >= deal->planned)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Who is left ----------------------------------------------------------------------------------------------------------------------------- */

/* Whether somebody planned for later may leave earlier. */
static bool
may_leave_early(const struct deal *deal, const struct source *source)
{
	return deal->setup.pacing != DEAL_EVEN && source->coarse && source->preferred == NULL;
}

/* Whether nobody of the source waits for a tick that the plan has not. */
static bool
is_done(const struct deal *deal, const struct source *source)
{
	if (source->served == source->count || source->group == NO_GROUP)
		return true;
	return deal->network->groups[source->group].unplanned == 0 && !may_leave_early(deal, source);
}

/* Queues the source where it belongs at `now`: open, waiting for its next stretch or for room, or nowhere when it has none within the span. */
static void
queue_source(struct deal *deal, uint32_t number, struct instant now)
{
	struct source *source = &deal->sources[number];
	const struct instant ready = instant_max(instant_max(now, deal->setup.span.from), source->room);
	if (is_done(deal, source))
		return;
	while (source->stretch < source->lawful->count && source->lawful->items[source->stretch].until.us <= ready.us)
		source->stretch++;
	if (source->stretch == source->lawful->count)
		return;
	source->ready = instant_max(ready, source->lawful->items[source->stretch].from);
	if (source->ready.us < deal->setup.span.until.us)
		heap_push(deal, source->ready.us <= now.us ? &deal->open : &deal->waiting, number);
}

/* Everything that has become ready by `tick` moves to `open`; what has ended by then, at its top, leaves. */
static void
update_open(struct deal *deal, struct instant tick)
{
	while (deal->waiting.count > 0 && deal->sources[deal->waiting.items[0]].ready.us <= tick.us)
		queue_source(deal, heap_pop(deal, &deal->waiting), tick);
	while (deal->open.count > 0) {
		const struct source *top = &deal->sources[deal->open.items[0]];
		if (!is_done(deal, top) && top->lawful->items[top->stretch].until.us > tick.us)
			return;
		queue_source(deal, heap_pop(deal, &deal->open), tick);
	}
}

/* Where the last people planned of a group leave; NULL when none is planned any more. */
static struct network_arc *
last_planned(const struct deal *deal, const struct group *group)
{
	for (uint32_t i = group->arc_count; i-- > 0;)
		if (deal->network->arcs[group->first_arc + i].amount > 0)
			return &deal->network->arcs[group->first_arc + i];
	return NULL;
}

/* Takes one person out of the plan, or puts one back. */
static void
change_planned(struct deal *deal, uint32_t limits, struct network_arc *arc, int by)
{
	const struct segment *segment = &deal->network->segments[arc->segment];
	arc->amount = (uint32_t)((int)arc->amount + by);
	deal->planned += segment == deal->segment ? by : 0;
	quota_take(deal->setup.quota, limits, segment->stretch.from, by);
}

/* Whether the source at the top of `open` has room for one more at this tick; else it has left, to wait for room. */
static bool
take_room(struct deal *deal, struct instant tick, struct network_arc *instead_of)
{
	const uint32_t number = deal->open.items[0];
	struct source *source = &deal->sources[number];
	if (instead_of != NULL)
		change_planned(deal, source->limits, instead_of, -1);
	source->room = quota_ready(deal->setup.quota, source->limits, tick).ready;
	if (source->room.us == tick.us) {
		quota_take(deal->setup.quota, source->limits, tick, 1);
		return true;
	}
	if (instead_of != NULL)
		change_planned(deal, source->limits, instead_of, 1);
	(void)heap_pop(deal, &deal->open);
	queue_source(deal, number, tick);
	return false;
}

/* Serves somebody at a tick that the segment can spare, if anybody may have it. */
static bool
serve_left(struct deal *deal, struct instant tick)
{
	for (update_open(deal, tick); deal->open.count > 0; update_open(deal, tick)) {
		const uint32_t number = deal->open.items[0];
		struct group *group = &deal->network->groups[deal->sources[number].group];
		struct network_arc *instead_of = group->unplanned > 0 ? NULL : last_planned(deal, group);
		if (group->unplanned == 0 && instead_of == NULL)
			(void)heap_pop(deal, &deal->open);
		else if (take_room(deal, tick, instead_of)) {
			serve(deal, number, tick, false);
			group->served++;
			group->unplanned -= instead_of == NULL;
			update_members(deal, group);
			sift_down(deal, &deal->open);
			drop_empty(deal);
			return true;
		}
	}
	return false;
}

/* When somebody who is left may be served, not before `from`. */
static struct instant
left_ready(const struct deal *deal, struct instant from)
{
	if (deal->open.count > 0)
		return from;
	return deal->waiting.count > 0 ? instant_max(from, deal->sources[deal->waiting.items[0]].ready) : (struct instant){INT64_MAX};
}

/* The walk -------------------------------------------------------------------------------------------------------------------------------- */

static void
enter_segment(struct deal *deal, struct segment *segment)
{
	deal->segment = segment;
	deal->planned = 0;
	deal->due.count = 0;
	for (uint32_t i = 0; i < segment->arc_count; i++) {
		const uint32_t arc = deal->network->by_segment[segment->first_arc + i];
		deal->planned += deal->network->arcs[arc].amount;
		if (deal->network->arcs[arc].amount > 0)
			heap_push(deal, &deal->due, arc);
	}
	deal->lent = deal->planned > segment->free ? deal->planned - segment->free : 0;
	segment->used = 0; /* from here on, by those who were served */
}

static void
walk_segment(struct deal *deal, struct segment *segment)
{
	struct instant from = segment->stretch.from;
	for (enter_segment(deal, segment); from.us < segment->stretch.until.us;) {
		const struct instant ready = deal->planned > 0 ? planned_ready(deal, from) : (struct instant){INT64_MAX};
		struct tick_cursor behind = deal->ticks;
		bool lent;
		const struct instant not_before = instant_min(ready, left_ready(deal, from));
		if (not_before.us >= segment->stretch.until.us)
			break;
		const struct instant tick = tick_cursor_next_lent(&behind, not_before, &lent);
		if (tick.us >= segment->stretch.until.us)
			break;
		deal->ticks = behind;
		from.us = tick.us + 1;
		if (lent && deal->lent == 0)
			continue;
		const size_t left = deal->open.count + deal->waiting.count;
		if (!lent && left > 0 && usable_from(deal, tick) > deal->planned && serve_left(deal, tick))
			segment->used++;
		else if (deal->planned > 0 && tick.us >= ready.us) {
			segment->used += !lent;
			serve_planned(deal, tick, lent);
		}
	}
	assert(deal->planned == 0);
}

static void
walk(struct deal *deal)
{
	deal->ticks = capacity_free_from(deal->setup.capacity, deal->setup.span.from);
	for (size_t i = 0; i < deal->count && deal->turns != NULL; i++)
		deal->sources[i].turn = source_turn(&deal->sources[i], 0);
	for (size_t i = 0; i < deal->network->group_count; i++) {
		struct group *group = &deal->network->groups[i];
		group->unplanned = group->supply - group->planned;
		order_members(deal, group);
	}
	for (size_t i = 0; i < deal->count && deal->network->coarse; i++)
		queue_source(deal, (uint32_t)i, (struct instant){INT64_MIN});
	for (size_t i = 0; i < deal->network->segment_count; i++)
		walk_segment(deal, &deal->network->segments[i]);
}

static enum status
sum_spare(struct deal *deal)
{
	const struct deal_network *network = deal->network;
	deal->spare = calloc(network->segment_count + 1, sizeof *deal->spare);
	if (deal->spare == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < network->segment_count; i++)
		deal->spare[i + 1] = deal->spare[i] + network->segments[i].free - network->segments[i].used;
	return STATUS_OK;
}

static enum status
ask_turns(struct deal *deal)
{
	size_t members = 0, next = 0;
	for (size_t i = 0; i < deal->count; i++)
		members += deal->sources[i].count;
	deal->turns = malloc((members + 1) * sizeof *deal->turns);
	if (deal->turns == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < deal->count; i++) {
		deal->sources[i].turns = &deal->turns[next];
		for (size_t member = 0; member < deal->sources[i].count; member++)
			deal->turns[next++] = deal->setup.turn_of(deal->setup.context, i, member);
		deal->sources[i].turn = source_turn(&deal->sources[i], 0);
	}
	return STATUS_OK;
}

static enum status
prepare_heaps(struct deal *deal)
{
	const size_t waiting = deal->network->coarse ? deal->count : 0;
	deal->due = (struct heap){malloc((deal->network->group_count + 1) * sizeof(uint32_t)), 0, is_due_before};
	deal->waiting = (struct heap){malloc((waiting + 1) * sizeof(uint32_t)), 0, opens_before};
	deal->open = (struct heap){malloc((waiting + 1) * sizeof(uint32_t)), 0, is_served_before};
	return deal->due.items != NULL && deal->waiting.items != NULL && deal->open.items != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status
deal_run(struct deal *deal, deal_fn *on_dealt, void *context)
{
	const struct network_setup setup = {.capacity = deal->setup.capacity,
		.quota = deal->setup.quota,
		.span = deal->setup.span,
		.sources = deal->sources,
		.source_count = deal->count,
		.arcs_max = deal->setup.arcs_max > 0 ? deal->setup.arcs_max : ARCS_MAX};
	deal->on_dealt = on_dealt;
	deal->context = context;
	if (deal->setup.span.from.us >= deal->setup.span.until.us)
		return STATUS_OK;
	enum status status = deal->setup.pacing == DEAL_EVEN ? ask_turns(deal) : STATUS_OK;
	if (status == STATUS_OK)
		status = deal_network_create(&setup, &deal->network);
	if (status == STATUS_OK)
		status = deal_solve(deal->network, deal->setup.quota);
	if (status == STATUS_OK)
		status = prepare_heaps(deal);
	if (status == STATUS_OK) {
		walk(deal);
		status = sum_spare(deal);
	}
	return status;
}

/* Afterwards ------------------------------------------------------------------------------------------------------------------------------ */

size_t
deal_served(const struct deal *deal, size_t source)
{
	return deal->sources[source].served;
}

bool
deal_has_later(const struct deal *deal, size_t source)
{
	return deal->sources[source].later;
}

/* The n-th free tick from an instant on; INT64_MAX when a year has fewer. */
static struct instant
nth_free(const struct capacity *capacity, struct instant from, int64_t n)
{
	struct instant low = from, high = {from.us + 365 * US_PER_DAY};
	if (capacity_count_free(capacity, (struct interval){from, high}) < n)
		return (struct instant){INT64_MAX};
	while (low.us < high.us) { /* the first instant before which there are enough */
		const struct instant middle = {low.us + (high.us - low.us) / 2};
		if (capacity_count_free(capacity, (struct interval){from, middle}) >= n)
			high = middle;
		else
			low.us = middle.us + 1;
	}
	return (struct instant){low.us - 1};
}

/* The first segment that begins at or after an instant. */
static size_t
segment_from(const struct deal_network *network, struct instant from)
{
	size_t low = 0, high = network->segment_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (network->segments[middle].stretch.from.us < from.us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first segment from `first` on with which, together, `needed` ticks are free still; segment_count: all have fewer. */
static size_t
segment_with(const struct deal *deal, size_t first, int64_t needed)
{
	size_t low = first, high = deal->network->segment_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (deal->spare[middle + 1] - deal->spare[first] < needed)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* In a segment the ticks that were given away are taken to be the first. */
struct instant
deal_first_relief(const struct deal *deal, size_t number)
{
	const struct source *source = &deal->sources[number];
	const struct capacity *capacity = deal->setup.capacity;
	int64_t needed = (int64_t)(source->count - source->served);
	if (needed == 0 || source->lawful->count == 0)
		return (struct instant){INT64_MAX};
	if (deal->spare != NULL) {
		const size_t first = segment_from(deal->network, source->deadline), last = segment_with(deal, first, needed);
		const int64_t before = deal->spare[last] - deal->spare[first];
		if (last < deal->network->segment_count) {
			const struct segment *segment = &deal->network->segments[last];
			return nth_free(capacity, segment->stretch.from, segment->used + needed - before);
		}
		needed -= before;
	}
	return nth_free(capacity, instant_max(deal->setup.span.until, source->deadline), needed);
}
