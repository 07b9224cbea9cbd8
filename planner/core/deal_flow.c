/*
 * How it works: from groups over arcs to segments, from those over free ticks, or lent ones that cost more, to their day if days are limited, and to the
 * sink. What walks have given already flows from the start, at no cost, over ways of its own where other ways to the same place cost something.
 *
 * People who are kept flow from a node of their own for each group to where they are, at no cost, or at some over the arcs of their group. Since a
 * flow takes nothing back that has left its source, each of them still gets to the sink. No group has people who are moved and people who go without:
 * one of these could take the other's new place, which would serve as many and move fewer. So it does not matter who of a group gets which place.
 *
 * Groups that take no part stay where they are: their ticks and their volume are not there.
 */
#include "deal_flow.h"

#include <stdlib.h>

#include "flow.h"

/* Each more than all that is cheaper on a way together. */
#define COST_MOVED (INT64_C(1) << 24)
#define COST_LENT (INT64_C(1) << 48)

struct piping {
	struct deal_network *network;
	const struct flow_scope *scope;
	struct flow *flow;
	int64_t *others;        /* by segment: ticks of groups that take no part */
	uint32_t first_segment; /* node of it */
	uint32_t first_kept;    /* likewise of those kept of the first group */
	uint32_t node;          /* the next one for a day */
	uint32_t next_arc;      /* while reading: of the flow */
	enum status status;
};

enum { NODE_SOURCE, NODE_SINK, NODE_FIRST_GROUP };

static uint32_t
pipe(struct piping *piping, uint32_t from, uint32_t to, int64_t capacity, int64_t cost, int64_t preset)
{
	uint32_t arc = 0;
	if (piping->status == STATUS_OK)
		piping->status = flow_add_arc(piping->flow, from, to, capacity, cost, &arc);
	if (piping->status == STATUS_OK)
		flow_preset(piping->flow, arc, preset);
	return arc;
}

static bool
takes_part(const struct piping *piping, const struct group *group)
{
	return piping->scope->everybody || group->limits == piping->scope->of;
}

static size_t
staying(const struct hold *hold)
{
	return hold->count - hold->leaving;
}

/* Ticks of people whom the flow may move, and of those whom it leaves where they are. */
static void
count_ticks(const struct piping *piping)
{
	const struct deal_network *network = piping->network;
	for (size_t i = 0; i < network->segment_count; i++)
		network->segments[i].kept = 0;
	for (size_t i = 0; i < network->group_count; i++) {
		struct group *group = &network->groups[i];
		group->movable = 0;
		for (size_t k = 0; takes_part(piping, group) && k < group->hold_count; k++) {
			group->movable += staying(&group->holds[k]);
			network->segments[group->holds[k].segment].kept += (int64_t)staying(&group->holds[k]);
		}
	}
	for (size_t i = 0; i < network->arc_count; i++)
		if (!takes_part(piping, &network->groups[network->arcs[i].group]))
			piping->others[network->arcs[i].segment] += network->arcs[i].amount;
}

/* Laying ---------------------------------------------------------------------------------------------------------------------------------- */

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Whether what the arc has flows over a way of its own. */
static bool
is_double(const struct network_arc *arc)
{
	return arc->amount > 0 && arc->cost > 0;
}

static void
pipe_arc(struct piping *piping, const struct network_arc *arc)
{
	const struct group *group = &piping->network->groups[arc->group];
	const uint32_t from = NODE_FIRST_GROUP + arc->group, to = piping->first_segment + arc->segment;
	const int64_t most = (int64_t)(group->supply + group->movable);
	if (is_double(arc))
		(void)pipe(piping, from, to, arc->amount, 0, arc->amount);
	(void)pipe(piping, from, to, most, arc->cost, is_double(arc) ? 0 : arc->amount);
}

/* The ticks of a segment: whoever takes no part has free ones first. Returns how many are used by those who do. */
static int64_t
pipe_ticks(struct piping *piping, size_t number, uint32_t day)
{
	const struct segment *segment = &piping->network->segments[number];
	const uint32_t node = piping->first_segment + (uint32_t)number;
	const int64_t others = piping->others[number], used = segment->used - others;
	const int64_t free = segment->free - least(segment->free, others), lent = segment->lent - (others - least(segment->free, others));
	const int64_t used_free = least(used, free), used_lent = used - used_free;
	if (free + segment->kept > 0)
		(void)pipe(piping, node, day, free + segment->kept, 0, used_free + segment->kept);
	if (used_lent > 0)
		(void)pipe(piping, node, day, used_lent, 0, used_lent);
	if (lent > used_lent)
		(void)pipe(piping, node, day, lent - used_lent, COST_LENT, 0);
	return used + segment->kept;
}

/* The day of the segment `first` and all behind it of the same day. Returns the first behind. */
static size_t
pipe_day(struct piping *piping, size_t first)
{
	const struct deal_network *network = piping->network;
	const struct quota *quota = network->setup.quota;
	const uint32_t limits = piping->scope->days;
	const struct instant end = quota_edge_after(quota, limits, network->segments[first].stretch.from);
	const uint32_t day = limits != 0 ? piping->node++ : NODE_SINK;
	int64_t used = 0, room = 0, free = 0;
	size_t i = first;
	for (; i < network->segment_count && network->segments[i].stretch.from.us < end.us; i++) {
		const struct instant at = network->segments[i].stretch.from; /* in the margin there is no room */
		room = limits != 0 ? larger(room, quota_room(quota, limits, at)) : 0;
		free = limits != 0 ? larger(free, quota_room_free(quota, limits, at)) : 0;
		used += pipe_ticks(piping, i, day);
	}
	if (limits != 0)
		(void)pipe(piping, day, NODE_SINK, used + free, 0, used);
	if (room > free)
		(void)pipe(piping, day, NODE_SINK, room - free, COST_LENT, 0);
	return i;
}

/* Those of a group who are kept: where they are, or wherever the group may be. */
static void
pipe_kept(struct piping *piping, uint32_t number)
{
	const struct group *group = &piping->network->groups[number];
	const uint32_t node = piping->first_kept + number;
	const int64_t kept = (int64_t)group->movable;
	(void)pipe(piping, NODE_SOURCE, node, kept, 0, kept);
	(void)pipe(piping, node, NODE_FIRST_GROUP + number, kept, COST_MOVED, 0);
	for (size_t k = 0; k < group->hold_count; k++)
		(void)pipe(piping, node, piping->first_segment + group->holds[k].segment, (int64_t)staying(&group->holds[k]), 0,
			(int64_t)staying(&group->holds[k]));
}

static void
pipe_all(struct piping *piping)
{
	const struct deal_network *network = piping->network;
	for (uint32_t i = 0; i < network->group_count; i++)
		if (takes_part(piping, &network->groups[i]))
			(void)pipe(
				piping, NODE_SOURCE, NODE_FIRST_GROUP + i, (int64_t)network->groups[i].supply, 0, (int64_t)network->groups[i].planned);
	for (size_t i = 0; i < network->arc_count; i++)
		if (takes_part(piping, &network->groups[network->arcs[i].group]))
			pipe_arc(piping, &network->arcs[i]);
	for (uint32_t i = 0; i < network->group_count; i++)
		if (network->groups[i].movable > 0)
			pipe_kept(piping, i);
	for (size_t i = 0; i < network->segment_count;)
		i = pipe_day(piping, i);
}

/* Reading --------------------------------------------------------------------------------------------------------------------------------- */

/* Arcs are asked in the order in which they were laid; their numbers are even. */
static int64_t
next_amount(struct piping *piping)
{
	const int64_t amount = flow_on(piping->flow, piping->next_arc);
	piping->next_arc += 2;
	return amount;
}

/* Who leaves a segment makes a tick free there, and waits in the group. */
static void
move_people(struct deal_network *network, struct group *group, struct hold *hold, size_t leaving)
{
	struct segment *segment = &network->segments[hold->segment];
	hold->leaving += (uint32_t)leaving;
	segment->free += (int64_t)leaving;
	group->count += leaving;
	group->supply += leaving;
	group->moved += leaving;
	quota_take(network->setup.quota, group->limits, segment->stretch.from, -(int64_t)leaving);
}

static void
read_arc(struct piping *piping, struct network_arc *arc)
{
	const bool twice = is_double(arc);
	int64_t amount = next_amount(piping);
	if (twice)
		amount += next_amount(piping);
	if (amount != arc->amount)
		deal_network_give(piping->network, arc, amount - arc->amount);
}

static void
read_kept(struct piping *piping, struct group *group)
{
	(void)next_amount(piping);
	(void)next_amount(piping);
	for (size_t k = 0; k < group->hold_count; k++)
		move_people(piping->network, group, &group->holds[k], staying(&group->holds[k]) - (size_t)next_amount(piping));
}

/* In the order of pipe_all. */
static void
read_all(struct piping *piping)
{
	struct deal_network *network = piping->network;
	for (uint32_t i = 0; i < network->group_count; i++)
		if (takes_part(piping, &network->groups[i]))
			(void)next_amount(piping);
	for (size_t i = 0; i < network->arc_count; i++)
		if (takes_part(piping, &network->groups[network->arcs[i].group]))
			read_arc(piping, &network->arcs[i]);
	for (uint32_t i = 0; i < network->group_count; i++)
		if (network->groups[i].movable > 0)
			read_kept(piping, &network->groups[i]);
}

enum status
deal_flow(struct deal_network *network, const struct flow_scope *scope)
{
	struct piping piping = {.network = network, .scope = scope, .first_segment = NODE_FIRST_GROUP + (uint32_t)network->group_count};
	piping.first_kept = piping.first_segment + (uint32_t)network->segment_count;
	piping.node = piping.first_kept + (uint32_t)(network->hold_count > 0 ? network->group_count : 0);
	piping.others = calloc(network->segment_count + 1, sizeof *piping.others);
	if (piping.others == NULL || flow_create(piping.node + (uint32_t)network->segment_count, &piping.flow) != STATUS_OK) {
		free(piping.others);
		return STATUS_NO_MEMORY;
	}
	count_ticks(&piping);
	pipe_all(&piping);
	if (piping.status == STATUS_OK) {
		flow_run(piping.flow, NODE_SOURCE, NODE_SINK);
		read_all(&piping);
		network->flowed = true;
	}
	flow_free(&piping.flow);
	free(piping.others);
	return piping.status;
}
