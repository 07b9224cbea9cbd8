/*
 * How it works: in a segment everybody planned there may have every tick, so any order would do: the earliest deadline goes first, then the smaller
 * share served, from the segment's first tick on; under DEAL_EVEN the earliest turn goes first, at its turn, or before when the ticks left in the
 * segment are only just enough.
 *
 * Where the network is coarse, people remain who may have instants that no segment of theirs holds. They wait in two binary heaps: `waiting` of
 * sources that are closed now, by the instant they open next; `open` of those that may be served, by (deadline, share served). They get ticks
 * that the segment can spare. But for DEAL_EVEN so do those of them who are planned for later, whose later tick is free then.
 */
#include "deal_walk.h"

#include <assert.h>
#include <stdlib.h>

struct walk;

struct heap {
	uint32_t *items;
	size_t count;
	bool (*before)(const struct walk *walk, uint32_t a, uint32_t b);
};

struct walk {
	struct deal_network *network;
	struct quota *quota;
	enum pacing pacing;
	deal_fn *on_dealt;
	void *context;
	struct tick_cursor ticks;
	struct segment *segment;   /* where it is */
	int64_t planned, lent;     /* in this segment: people not served yet, and lent ticks they need */
	struct heap due;           /* arcs of this segment */
	struct heap waiting, open; /* sources */
};

/* Heaps ---------------------------------------------------------------------------------------------------------------------------------- */

static void
sift_up(const struct walk *walk, struct heap *heap, size_t child)
{
	while (child > 0) {
		const size_t parent = (child - 1) / 2;
		if (!heap->before(walk, heap->items[child], heap->items[parent]))
			return;
		const uint32_t item = heap->items[child];
		heap->items[child] = heap->items[parent];
		heap->items[parent] = item;
		child = parent;
	}
}

static void
sift_down(const struct walk *walk, struct heap *heap)
{
	for (size_t parent = 0;;) {
		size_t least = parent;
		for (size_t child = 2 * parent + 1; child <= 2 * parent + 2 && child < heap->count; child++)
			if (heap->before(walk, heap->items[child], heap->items[least]))
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
heap_push(const struct walk *walk, struct heap *heap, uint32_t item)
{
	heap->items[heap->count++] = item;
	sift_up(walk, heap, heap->count - 1);
}

static uint32_t
heap_pop(const struct walk *walk, struct heap *heap)
{
	const uint32_t top = heap->items[0];
	heap->items[0] = heap->items[--heap->count];
	sift_down(walk, heap);
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
is_next_before(const struct walk *walk, uint32_t a, uint32_t b)
{
	const struct source *x = &walk->network->setup.sources[a], *y = &walk->network->setup.sources[b];
	if (x->turn.us != y->turn.us)
		return x->turn.us < y->turn.us;
	const int shares = compare_shares(x->served, x->count, y->served, y->count);
	return shares != 0 ? shares < 0 : a < b;
}

static struct instant
next_turn(const struct walk *walk, const struct group *group)
{
	return walk->network->setup.sources[walk->network->members[group->first_member]].turn;
}

static bool
is_due_before(const struct walk *walk, uint32_t a, uint32_t b)
{
	const struct deal_network *network = walk->network;
	const struct group *x = &network->groups[network->arcs[a].group], *y = &network->groups[network->arcs[b].group];
	if (walk->pacing == DEAL_EVEN && next_turn(walk, x).us != next_turn(walk, y).us)
		return next_turn(walk, x).us < next_turn(walk, y).us;
	if (x->deadline.us != y->deadline.us)
		return x->deadline.us < y->deadline.us;
	const int shares = compare_shares(x->served, x->count, y->served, y->count);
	return shares != 0 ? shares < 0 : a < b;
}

static bool
opens_before(const struct walk *walk, uint32_t a, uint32_t b)
{
	if (walk->network->setup.sources[a].ready.us != walk->network->setup.sources[b].ready.us)
		return walk->network->setup.sources[a].ready.us < walk->network->setup.sources[b].ready.us;
	return a < b;
}

static bool
is_served_before(const struct walk *walk, uint32_t a, uint32_t b)
{
	const struct source *x = &walk->network->setup.sources[a], *y = &walk->network->setup.sources[b];
	if (x->deadline.us != y->deadline.us)
		return x->deadline.us < y->deadline.us;
	const int shares = compare_shares(x->served, x->count, y->served, y->count);
	return shares != 0 ? shares < 0 : a < b;
}

/* Who is planned -------------------------------------------------------------------------------------------------------------------------- */

static void
serve(struct walk *walk, uint32_t number, struct instant tick, bool lent)
{
	struct source *source = &walk->network->setup.sources[number];
	const struct dealt dealt = {
		.source = number, .member = source->served++, .due = tick, .stretch = interval_set_find(source->lawful, tick), .displaces = lent};
	assert(dealt.stretch != NULL);
	if (walk->pacing == DEAL_EVEN)
		source->turn = source_turn(source, source->served);
	walk->on_dealt(walk->context, &dealt);
}

static void
drop_empty(struct walk *walk)
{
	while (walk->due.count > 0 && walk->network->arcs[walk->due.items[0]].amount == 0)
		(void)heap_pop(walk, &walk->due);
}

static void
order_members(struct walk *walk, struct group *group)
{
	struct heap heap = {&walk->network->members[group->first_member], 0, is_next_before};
	for (uint32_t i = 0; i < group->member_count; i++)
		if (walk->network->setup.sources[heap.items[i]].count > 0) /* else all of them stay where they are */
			heap_push(walk, &heap, heap.items[i]);
	group->member_count = (uint32_t)heap.count;
}

/* After somebody of the group was served: who is next is at the top. */
static void
update_members(struct walk *walk, struct group *group)
{
	struct heap heap = {&walk->network->members[group->first_member], group->member_count, is_next_before};
	while (heap.count > 0 && walk->network->setup.sources[heap.items[0]].served == walk->network->setup.sources[heap.items[0]].count)
		(void)heap_pop(walk, &heap);
	group->member_count = (uint32_t)heap.count;
	sift_down(walk, &heap);
}

static void
serve_planned(struct walk *walk, struct instant tick, bool lent)
{
	struct network_arc *arc = &walk->network->arcs[walk->due.items[0]];
	struct group *group = &walk->network->groups[arc->group];
	serve(walk, walk->network->members[group->first_member], tick, lent);
	group->served++;
	update_members(walk, group);
	arc->amount--;
	walk->planned--;
	walk->lent -= lent;
	if (arc->amount == 0)
		(void)heap_pop(walk, &walk->due);
	else
		sift_down(walk, &walk->due);
	drop_empty(walk);
}

/* Ticks of the segment from an instant on that may be used: all the free ones, and of the lent ones as many as are needed. */
static int64_t
usable_from(const struct walk *walk, struct instant from)
{
	const struct interval rest = {from, walk->segment->stretch.until};
	const int64_t lent = walk->lent > 0 ? capacity_count_lent(walk->network->setup.capacity, rest) : 0;
	return capacity_count_free(walk->network->setup.capacity, rest) + (lent < walk->lent ? lent : walk->lent);
}

/* When the next one planned is to be served, not before `from`: at once, or at a turn as long as the ticks behind it are enough. */
static struct instant
planned_ready(const struct walk *walk, struct instant from)
{
	if (walk->pacing != DEAL_EVEN)
		return from;
	const struct group *group = &walk->network->groups[walk->network->arcs[walk->due.items[0]].group];
	struct instant low = from, high = instant_min(next_turn(walk, group), walk->segment->stretch.until);
	if (high.us <= from.us || usable_from(walk, high) >= walk->planned)
		return instant_max(from, high);
	while (low.us + 1 < high.us) { /* behind `low` are enough */
		const struct instant middle = {low.us + (high.us - low.us) / 2};
		if (usable_from(walk, middle) >= walk->planned)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Who is left ----------------------------------------------------------------------------------------------------------------------------- */

/* Whether somebody planned for later may leave earlier. */
static bool
may_leave_early(const struct walk *walk, const struct source *source)
{
	return walk->pacing != DEAL_EVEN && source->coarse && source->preferred == NULL;
}

/* Whether nobody of the source waits for a tick that the plan has not. */
static bool
is_done(const struct walk *walk, const struct source *source)
{
	if (source->served == source->count || source->group == NO_GROUP)
		return true;
	return walk->network->groups[source->group].unplanned == 0 && !may_leave_early(walk, source);
}

/* Queues the source where it belongs at `now`: open, waiting for its next stretch or for room, or nowhere when it has none within the span. */
static void
queue_source(struct walk *walk, uint32_t number, struct instant now)
{
	struct source *source = &walk->network->setup.sources[number];
	const struct instant ready = instant_max(instant_max(now, walk->network->setup.span.from), source->room);
	if (is_done(walk, source))
		return;
	while (source->stretch < source->lawful->count && source->lawful->items[source->stretch].until.us <= ready.us)
		source->stretch++;
	if (source->stretch == source->lawful->count)
		return;
	source->ready = instant_max(ready, source->lawful->items[source->stretch].from);
	if (source->ready.us < walk->network->setup.span.until.us)
		heap_push(walk, source->ready.us <= now.us ? &walk->open : &walk->waiting, number);
}

/* Everything that has become ready by `tick` moves to `open`; what has ended by then, at its top, leaves. */
static void
update_open(struct walk *walk, struct instant tick)
{
	while (walk->waiting.count > 0 && walk->network->setup.sources[walk->waiting.items[0]].ready.us <= tick.us)
		queue_source(walk, heap_pop(walk, &walk->waiting), tick);
	while (walk->open.count > 0) {
		const struct source *top = &walk->network->setup.sources[walk->open.items[0]];
		if (!is_done(walk, top) && top->lawful->items[top->stretch].until.us > tick.us)
			return;
		queue_source(walk, heap_pop(walk, &walk->open), tick);
	}
}

/* Where the last people planned of a group leave; NULL when none is planned any more. */
static struct network_arc *
last_planned(const struct walk *walk, const struct group *group)
{
	for (uint32_t i = group->arc_count; i-- > 0;)
		if (walk->network->arcs[group->first_arc + i].amount > 0)
			return &walk->network->arcs[group->first_arc + i];
	return NULL;
}

/* Takes one person out of the plan, or puts one back. */
static void
change_planned(struct walk *walk, uint32_t limits, struct network_arc *arc, int by)
{
	const struct segment *segment = &walk->network->segments[arc->segment];
	arc->amount = (uint32_t)((int)arc->amount + by);
	walk->planned += segment == walk->segment ? by : 0;
	quota_take(walk->quota, limits, segment->stretch.from, by);
}

/* Whether the source at the top of `open` has room for one more at this tick; else it has left, to wait for room. */
static bool
take_room(struct walk *walk, struct instant tick, struct network_arc *instead_of)
{
	const uint32_t number = walk->open.items[0];
	struct source *source = &walk->network->setup.sources[number];
	if (instead_of != NULL)
		change_planned(walk, source->limits, instead_of, -1);
	source->room = quota_ready(walk->quota, source->limits, tick).ready;
	if (source->room.us == tick.us) {
		quota_take(walk->quota, source->limits, tick, 1);
		return true;
	}
	if (instead_of != NULL)
		change_planned(walk, source->limits, instead_of, 1);
	(void)heap_pop(walk, &walk->open);
	queue_source(walk, number, tick);
	return false;
}

/* Serves somebody at a tick that the segment can spare, if anybody may have it. */
static bool
serve_left(struct walk *walk, struct instant tick)
{
	for (update_open(walk, tick); walk->open.count > 0; update_open(walk, tick)) {
		const uint32_t number = walk->open.items[0];
		struct group *group = &walk->network->groups[walk->network->setup.sources[number].group];
		struct network_arc *instead_of = group->unplanned > 0 ? NULL : last_planned(walk, group);
		if (group->unplanned == 0 && instead_of == NULL)
			(void)heap_pop(walk, &walk->open);
		else if (take_room(walk, tick, instead_of)) {
			serve(walk, number, tick, false);
			group->served++;
			group->unplanned -= instead_of == NULL;
			update_members(walk, group);
			sift_down(walk, &walk->open);
			drop_empty(walk);
			return true;
		}
	}
	return false;
}

/* When somebody who is left may be served, not before `from`. */
static struct instant
left_ready(const struct walk *walk, struct instant from)
{
	if (walk->open.count > 0)
		return from;
	return walk->waiting.count > 0 ? instant_max(from, walk->network->setup.sources[walk->waiting.items[0]].ready)
								   : (struct instant){INT64_MAX};
}

/* The segments -------------------------------------------------------------------------------------------------------------------------------- */

static void
enter_segment(struct walk *walk, struct segment *segment)
{
	walk->segment = segment;
	walk->planned = 0;
	walk->due.count = 0;
	for (uint32_t i = 0; i < segment->arc_count; i++) {
		const uint32_t arc = walk->network->by_segment[segment->first_arc + i];
		walk->planned += walk->network->arcs[arc].amount;
		if (walk->network->arcs[arc].amount > 0)
			heap_push(walk, &walk->due, arc);
	}
	walk->lent = walk->planned > segment->free ? walk->planned - segment->free : 0;
	segment->used = 0; /* from here on, by those who were served */
}

static void
walk_segment(struct walk *walk, struct segment *segment)
{
	struct instant from = segment->stretch.from;
	for (enter_segment(walk, segment); from.us < segment->stretch.until.us;) {
		const struct instant ready = walk->planned > 0 ? planned_ready(walk, from) : (struct instant){INT64_MAX};
		struct tick_cursor behind = walk->ticks;
		bool lent;
		const struct instant not_before = instant_min(ready, left_ready(walk, from));
		if (not_before.us >= segment->stretch.until.us)
			break;
		const struct instant tick = tick_cursor_next_lent(&behind, not_before, &lent);
		if (tick.us >= segment->stretch.until.us)
			break;
		walk->ticks = behind;
		from.us = tick.us + 1;
		if (lent && walk->lent == 0)
			continue;
		const size_t left = walk->open.count + walk->waiting.count;
		if (!lent && left > 0 && usable_from(walk, tick) > walk->planned && serve_left(walk, tick))
			segment->used++;
		else if (walk->planned > 0 && tick.us >= ready.us) {
			segment->used += !lent;
			serve_planned(walk, tick, lent);
		}
	}
	assert(walk->planned == 0);
}

static void
walk_all(struct walk *walk)
{
	walk->ticks = capacity_free_from(walk->network->setup.capacity, walk->network->setup.span.from);
	for (size_t i = 0; i < walk->network->setup.source_count && walk->pacing == DEAL_EVEN; i++)
		walk->network->setup.sources[i].turn = source_turn(&walk->network->setup.sources[i], 0);
	for (size_t i = 0; i < walk->network->group_count; i++) {
		struct group *group = &walk->network->groups[i];
		group->unplanned = group->supply - group->planned;
		order_members(walk, group);
	}
	for (size_t i = 0; i < walk->network->setup.source_count && walk->network->coarse; i++)
		queue_source(walk, (uint32_t)i, (struct instant){INT64_MIN});
	for (size_t i = 0; i < walk->network->segment_count; i++)
		walk_segment(walk, &walk->network->segments[i]);
}

static enum status
prepare_heaps(struct walk *walk)
{
	const size_t waiting = walk->network->coarse ? walk->network->setup.source_count : 0;
	walk->due = (struct heap){malloc((walk->network->group_count + 1) * sizeof(uint32_t)), 0, is_due_before};
	walk->waiting = (struct heap){malloc((waiting + 1) * sizeof(uint32_t)), 0, opens_before};
	walk->open = (struct heap){malloc((waiting + 1) * sizeof(uint32_t)), 0, is_served_before};
	return walk->due.items != NULL && walk->waiting.items != NULL && walk->open.items != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status
deal_walk(struct deal_network *network, struct quota *quota, enum pacing pacing, deal_fn *on_dealt, void *context)
{
	struct walk walk = {.network = network, .quota = quota, .pacing = pacing, .on_dealt = on_dealt, .context = context};
	const enum status status = prepare_heaps(&walk);
	if (status == STATUS_OK)
		walk_all(&walk);
	free(walk.due.items);
	free(walk.waiting.items);
	free(walk.open.items);
	return status;
}
