/*
 * How it works: every arc has a twin the other way, which holds what flows and may be taken back; arcs 2k and 2k + 1 are twins. Each round finds
 * the cheapest ways to the sink (Dijkstra on reduced costs), then sends all that fits along cheapest ways (Dinic: levels, then paths that only
 * descend them) until none is left; the next round's ways cost more. Costs that differ are few here, so rounds are few. Cost scaling was
 * rejected: it shines where costs are many.
 */
#include "flow.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum { NO_ARC = UINT32_MAX, UNREACHED = UINT32_MAX };
#define FAR INT64_MAX

struct arc {
	int64_t left; /* capacity not used */
	uint32_t to, next;
	int64_t cost; /* of the twin: the negative */
};

struct flow {
	uint32_t node_count;
	struct arc *arcs;
	size_t arc_count, arc_room;
	uint32_t *first, *last; /* of each node's arcs, in the order they were added */
	int64_t *potential;
	int64_t *distance; /* in Dijkstra's search */
	uint32_t *place;   /* of a node in the heap */
	uint32_t *heap;    /* nodes; the levels' queue; the arcs of a path */
	uint32_t *level, *current;
	size_t heap_count;
};

enum status
flow_create(uint32_t node_count, struct flow **out)
{
	struct flow *flow = calloc(1, sizeof *flow);
	const size_t nodes = (size_t)node_count + 1;
	if (flow == NULL)
		return STATUS_NO_MEMORY;
	*flow = (struct flow){.node_count = node_count,
		.first = malloc(nodes * sizeof *flow->first),
		.last = malloc(nodes * sizeof *flow->last),
		.potential = calloc(nodes, sizeof *flow->potential),
		.distance = malloc(nodes * sizeof *flow->distance),
		.place = malloc(nodes * sizeof *flow->place),
		.heap = malloc(nodes * sizeof *flow->heap),
		.level = malloc(nodes * sizeof *flow->level),
		.current = malloc(nodes * sizeof *flow->current)};
	*out = flow;
	if (flow->first == NULL || flow->last == NULL || flow->potential == NULL || flow->distance == NULL || flow->place == NULL ||
		flow->heap == NULL || flow->level == NULL || flow->current == NULL) {
		flow_free(out);
		return STATUS_NO_MEMORY;
	}
	memset(flow->first, 0xff, nodes * sizeof *flow->first);
	return STATUS_OK;
}

void
flow_free(struct flow **flow)
{
	if (*flow != NULL) {
		free((*flow)->arcs);
		free((*flow)->first);
		free((*flow)->last);
		free((*flow)->potential);
		free((*flow)->distance);
		free((*flow)->place);
		free((*flow)->heap);
		free((*flow)->level);
		free((*flow)->current);
	}
	free(*flow);
	*flow = NULL;
}

static enum status
add_half(struct flow *flow, uint32_t from, struct arc arc)
{
	struct arc *arcs = grow(flow->arcs, flow->arc_count, &flow->arc_room, sizeof *arcs);
	if (arcs == NULL)
		return STATUS_NO_MEMORY;
	flow->arcs = arcs;
	const uint32_t number = (uint32_t)flow->arc_count++;
	arcs[number] = arc;
	if (flow->first[from] == NO_ARC)
		flow->first[from] = number;
	else
		arcs[flow->last[from]].next = number;
	flow->last[from] = number;
	return STATUS_OK;
}

enum status
flow_add_arc(struct flow *flow, uint32_t from, uint32_t to, int64_t capacity, int64_t cost, uint32_t *out_arc)
{
	assert(from < flow->node_count && to < flow->node_count && capacity >= 0 && cost >= 0 && flow->arc_count < UINT32_MAX - 2);
	if (out_arc != NULL)
		*out_arc = (uint32_t)flow->arc_count;
	if (add_half(flow, from, (struct arc){.left = capacity, .to = to, .next = NO_ARC, .cost = cost}) != STATUS_OK)
		return STATUS_NO_MEMORY;
	return add_half(flow, to, (struct arc){.left = 0, .to = from, .next = NO_ARC, .cost = -cost});
}

static void
push(struct flow *flow, uint32_t arc, int64_t amount)
{
	flow->arcs[arc].left -= amount;
	flow->arcs[arc ^ 1].left += amount;
}

void
flow_preset(struct flow *flow, uint32_t arc, int64_t amount)
{
	assert(amount >= 0 && amount <= flow->arcs[arc].left && (amount == 0 || flow->arcs[arc].cost == 0));
	push(flow, arc, amount);
}

int64_t
flow_on(const struct flow *flow, uint32_t arc)
{
	return flow->arcs[arc ^ 1].left;
}

/* Cheapest ways --------------------------------------------------------------------------------------------------------------------------- */

static void
heap_put(struct flow *flow, size_t place, uint32_t node)
{
	flow->heap[place] = node;
	flow->place[node] = (uint32_t)place;
}

static void
heap_rise(struct flow *flow, size_t place)
{
	const uint32_t node = flow->heap[place];
	for (; place > 0 && flow->distance[flow->heap[(place - 1) / 2]] > flow->distance[node]; place = (place - 1) / 2)
		heap_put(flow, place, flow->heap[(place - 1) / 2]);
	heap_put(flow, place, node);
}

static uint32_t
heap_pop(struct flow *flow)
{
	const uint32_t top = flow->heap[0], node = flow->heap[--flow->heap_count];
	size_t place = 0;
	for (size_t child; (child = 2 * place + 1) < flow->heap_count; place = child) {
		if (child + 1 < flow->heap_count && flow->distance[flow->heap[child + 1]] < flow->distance[flow->heap[child]])
			child++;
		if (flow->distance[flow->heap[child]] >= flow->distance[node])
			break;
		heap_put(flow, place, flow->heap[child]);
	}
	heap_put(flow, place, node);
	return top;
}

static int64_t
reduced_cost(const struct flow *flow, uint32_t from, const struct arc *arc)
{
	return arc->cost + flow->potential[from] - flow->potential[arc->to];
}

static void
relax(struct flow *flow, uint32_t from)
{
	for (uint32_t i = flow->first[from]; i != NO_ARC; i = flow->arcs[i].next) {
		const struct arc *arc = &flow->arcs[i];
		const int64_t distance = flow->distance[from] + reduced_cost(flow, from, arc);
		if (arc->left == 0 || distance >= flow->distance[arc->to])
			continue;
		if (flow->distance[arc->to] == FAR)
			heap_put(flow, flow->heap_count++, arc->to);
		flow->distance[arc->to] = distance;
		heap_rise(flow, flow->place[arc->to]);
	}
}

/* Raises the potentials so that the cheapest ways have no reduced cost. False: there is no way any more. */
static bool
find_cheapest(struct flow *flow, uint32_t source, uint32_t sink)
{
	for (uint32_t i = 0; i < flow->node_count; i++)
		flow->distance[i] = FAR;
	flow->distance[source] = 0;
	flow->heap_count = 0;
	heap_put(flow, flow->heap_count++, source);
	while (flow->heap_count > 0 && flow->heap[0] != sink)
		relax(flow, heap_pop(flow));
	if (flow->heap_count == 0)
		return false;
	const int64_t way = flow->distance[sink];
	for (uint32_t i = 0; i < flow->node_count; i++)
		flow->potential[i] += flow->distance[i] < way ? flow->distance[i] : way;
	return true;
}

/* All along them -------------------------------------------------------------------------------------------------------------------------- */

static bool
is_open(const struct flow *flow, uint32_t from, const struct arc *arc)
{
	return arc->left > 0 && reduced_cost(flow, from, arc) == 0;
}

/* How many arcs of cheapest ways each node is away from the source. False: the sink is out of reach. */
static bool
find_levels(struct flow *flow, uint32_t source, uint32_t sink)
{
	size_t count = 0;
	memset(flow->level, 0xff, flow->node_count * sizeof *flow->level);
	flow->level[source] = 0;
	flow->heap[count++] = source;
	for (size_t next = 0; next < count && flow->level[sink] == UNREACHED; next++) {
		const uint32_t from = flow->heap[next];
		for (uint32_t i = flow->first[from]; i != NO_ARC; i = flow->arcs[i].next) {
			const struct arc *arc = &flow->arcs[i];
			if (flow->level[arc->to] != UNREACHED || !is_open(flow, from, arc))
				continue;
			flow->level[arc->to] = flow->level[from] + 1;
			flow->heap[count++] = arc->to;
		}
	}
	return flow->level[sink] != UNREACHED;
}

/* Sends what fits along the path and returns how many of its arcs are left before the first that is full now. */
static size_t
send(struct flow *flow, const uint32_t *path, size_t length)
{
	int64_t amount = FAR;
	size_t full = length;
	for (size_t i = 0; i < length; i++)
		amount = flow->arcs[path[i]].left < amount ? flow->arcs[path[i]].left : amount;
	for (size_t i = length; i-- > 0;) {
		push(flow, path[i], amount);
		if (flow->arcs[path[i]].left == 0)
			full = i;
	}
	return full;
}

/* The next open arc of a node to the level below, from where its last search ended; NO_ARC when there is none. */
static uint32_t
next_arc(struct flow *flow, uint32_t node)
{
	uint32_t i = flow->current[node];
	while (i != NO_ARC && !(flow->level[flow->arcs[i].to] == flow->level[node] + 1 && is_open(flow, node, &flow->arcs[i])))
		i = flow->arcs[i].next;
	return flow->current[node] = i;
}

/* Sends all that fits along paths that only descend the levels. */
static void
send_all(struct flow *flow, uint32_t source, uint32_t sink)
{
	uint32_t *path = flow->heap, node = source;
	size_t length = 0;
	memcpy(flow->current, flow->first, flow->node_count * sizeof *flow->current);
	while (true) {
		const uint32_t arc = node == sink ? NO_ARC : next_arc(flow, node);
		if (node == sink)
			length = send(flow, path, length);
		else if (arc != NO_ARC)
			path[length++] = arc;
		else if (node == source)
			return;
		else {
			flow->level[node] = UNREACHED; /* a dead end */
			length--;
		}
		node = length > 0 ? flow->arcs[path[length - 1]].to : source;
	}
}

void
flow_run(struct flow *flow, uint32_t source, uint32_t sink)
{
	while (find_cheapest(flow, source, sink))
		while (find_levels(flow, source, sink))
			send_all(flow, source, sink);
}
