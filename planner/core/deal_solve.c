/*
 * How it works: a walk through the segments gives their ticks to groups, the earliest deadline first, and between equal ones by shares: first where
 * groups prefer to be. That serves everybody in the common case. Else a flow starts from there: from groups over arcs to segments, from those
 * over free ticks, or lent ones that cost more, to their day if days are limited, and to the sink. Where limits bind that no network can
 * express, two more walks take the place of the flow: over all free ticks, then over lent ones. At last, what a flow has left late though an
 * earlier segment has room moves there.
 */
#include "deal_solve.h"

#include <stdlib.h>

#include "flow.h"

enum { COST_LENT = 1 << 24 }; /* more than all preferences on a way together */

struct solving {
	struct deal_network *network;
	struct quota *quota;
	/* of a walk: */
	bool preferred_only, in_turn, lent_too;
	struct instant last_free; /* in turn: the last free tick of the segment */
	uint32_t *run;            /* arcs of one segment and deadline */
	size_t *wanted;
};

/* Walks ---------------------------------------------------------------------------------------------------------------------------------- */

/* How many of a group may be given ticks of a segment. */
static size_t
wanted_in(const struct solving *solving, const struct group *group, const struct segment *segment)
{
	if (!solving->in_turn || segment->free == 0)
		return group->supply - group->planned;
	size_t in_turn = 0;
	for (uint32_t i = 0; i < group->member_count; i++) {
		struct source *source = &solving->network->setup.sources[solving->network->members[group->first_member + i]];
		while (source->in_turn < source->count && source->turn.us <= solving->last_free.us)
			source->turn = source_turn(source, ++source->in_turn);
		in_turn += source->in_turn;
	}
	return in_turn - group->planned;
}

static void
give(struct solving *solving, struct network_arc *arc, int64_t amount)
{
	struct segment *segment = &solving->network->segments[arc->segment];
	struct group *group = &solving->network->groups[arc->group];
	arc->amount = (uint32_t)(arc->amount + amount);
	group->planned = (size_t)((int64_t)group->planned + amount);
	segment->used += amount;
	if (group->limits != 0)
		quota_take(solving->quota, group->limits, segment->stretch.from, amount);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Gives one arc what it wants, as far as ticks and its limits permit. Returns what is left of the ticks. */
static int64_t
give_up_to(struct solving *solving, uint32_t arc, size_t wanted, int64_t left)
{
	const struct group *group = &solving->network->groups[solving->network->arcs[arc].group];
	const struct segment *segment = &solving->network->segments[solving->network->arcs[arc].segment];
	const int64_t amount = least(least((int64_t)wanted, left), quota_room(solving->quota, group->limits, segment->stretch.from));
	if (amount > 0)
		give(solving, &solving->network->arcs[arc], amount);
	return left - (amount > 0 ? amount : 0);
}

/* What a group gets when all of the run are to be served up to the same share of their people, in 2^32nds. */
static size_t
up_to_share(const struct solving *solving, size_t index, uint64_t share)
{
	const struct group *group = &solving->network->groups[solving->network->arcs[solving->run[index]].group];
	const size_t served = (size_t)((group->count * share) >> 32);
	const size_t more = served > group->planned ? served - group->planned : 0;
	return more < solving->wanted[index] ? more : solving->wanted[index];
}

static int64_t
sum_up_to_share(const struct solving *solving, size_t count, uint64_t share)
{
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += (int64_t)up_to_share(solving, i, share);
	return sum;
}

/* Parts `left` ticks among groups with equal claims that want more: to equal shares of their people, what does not divide by their order. */
static int64_t
part_by_shares(struct solving *solving, size_t count, int64_t left)
{
	uint64_t low = 0, high = UINT64_C(1) << 32; /* `low` fits */
	while (low + 1 < high) {
		const uint64_t middle = low + (high - low) / 2;
		if (sum_up_to_share(solving, count, middle) <= left)
			low = middle;
		else
			high = middle;
	}
	for (size_t i = 0; i < count; i++) {
		const size_t part = up_to_share(solving, i, low);
		left = give_up_to(solving, solving->run[i], part, left);
		solving->wanted[i] -= part;
	}
	return left;
}

/* Groups of one deadline, in one segment. */
static int64_t
give_run(struct solving *solving, size_t count, int64_t left)
{
	const struct deal_network *network = solving->network;
	const struct group *first = count > 0 ? &network->groups[network->arcs[solving->run[0]].group] : NULL;
	int64_t sum = 0, room = left;
	bool same_limits = true;
	for (size_t i = 0; i < count; i++) {
		sum += (int64_t)solving->wanted[i];
		same_limits = same_limits && network->groups[network->arcs[solving->run[i]].group].limits == first->limits;
	}
	if (count > 1 && same_limits && first->limits != 0)
		room =
			least(left, quota_room(solving->quota, first->limits, network->segments[network->arcs[solving->run[0]].segment].stretch.from));
	if (count > 1 && sum > room) {
		left -= room - part_by_shares(solving, count, room);
		for (size_t i = 0; i < count && left > 0; i++)
			if (solving->wanted[i] > 0) {
				left = give_up_to(solving, solving->run[i], 1, left);
				solving->wanted[i]--;
			}
	}
	for (size_t i = 0; i < count && left > 0; i++)
		left = give_up_to(solving, solving->run[i], solving->wanted[i], left);
	return left;
}

static void
walk_segment(struct solving *solving, const struct segment *segment)
{
	const struct deal_network *network = solving->network;
	int64_t left = segment->free + (solving->lent_too ? segment->lent : 0) - segment->used;
	size_t count = 0;
	if (solving->in_turn && left > 0)
		solving->last_free = capacity_last_free(network->setup.capacity, segment->stretch);
	for (uint32_t i = 0; i < segment->arc_count && left > 0; i++) {
		const uint32_t number = network->by_segment[segment->first_arc + i];
		const struct network_arc *arc = &network->arcs[number];
		const struct group *group = &network->groups[arc->group];
		if (count > 0 && network->groups[network->arcs[solving->run[0]].group].deadline.us != group->deadline.us) {
			left = give_run(solving, count, left);
			count = 0;
		}
		solving->wanted[count] = arc->cost > 0 && solving->preferred_only ? 0 : wanted_in(solving, group, segment);
		if (solving->wanted[count] > 0)
			solving->run[count++] = number;
	}
	if (left > 0)
		(void)give_run(solving, count, left);
}

static void
walk(struct solving *solving, bool preferred_only, bool in_turn, bool lent_too)
{
	solving->preferred_only = preferred_only;
	solving->in_turn = in_turn;
	solving->lent_too = lent_too;
	for (size_t i = 0; i < solving->network->segment_count; i++)
		walk_segment(solving, &solving->network->segments[i]);
}

static bool
everybody_is_served(const struct deal_network *network)
{
	for (size_t i = 0; i < network->group_count; i++)
		if (network->groups[i].planned < network->groups[i].supply)
			return false;
	return true;
}

/* Flow ----------------------------------------------------------------------------------------------------------------------------------- */

/* Limits that a network can express: none, or the days of one zone for everybody. */
static bool
limits_are_common(const struct deal_network *network, const struct quota *quota, uint32_t *out_limits)
{
	bool any = false;
	*out_limits = 0;
	for (size_t i = 0; i < network->group_count; i++) {
		const struct group *group = &network->groups[i];
		if (group->supply == 0)
			continue;
		if (any && group->limits != *out_limits)
			return false;
		*out_limits = group->limits;
		any = true;
	}
	return quota_is_daily(quota, *out_limits);
}

struct piping {
	struct flow *flow;
	uint32_t limits;
	uint32_t first_segment; /* node of it */
	uint32_t node;          /* the next one for a day */
	enum status status;
};

enum { NODE_SOURCE, NODE_SINK, NODE_FIRST_GROUP };

static void
pipe(struct piping *piping, uint32_t from, uint32_t to, int64_t capacity, int32_t cost, int64_t preset)
{
	uint32_t arc;
	if (piping->status == STATUS_OK)
		piping->status = flow_add_arc(piping->flow, from, to, capacity, cost, &arc);
	if (piping->status == STATUS_OK)
		flow_preset(piping->flow, arc, preset);
}

/* The day of the segment `first` and all behind it of the same day. Returns the first behind. */
static size_t
pipe_day(struct piping *piping, const struct solving *solving, size_t first)
{
	const struct deal_network *network = solving->network;
	const struct instant from = network->segments[first].stretch.from, end = quota_edge_after(solving->quota, piping->limits, from);
	const uint32_t day = piping->limits != 0 ? piping->node++ : NODE_SINK;
	int64_t used = 0, room = 0;
	size_t i = first;
	for (; i < network->segment_count && network->segments[i].stretch.from.us < end.us; i++) {
		const struct segment *segment = &network->segments[i];
		const uint32_t node = piping->first_segment + (uint32_t)i;
		const int64_t here = piping->limits != 0 ? quota_room(solving->quota, piping->limits, segment->stretch.from) : 0;
		used += segment->used;
		room = here > room ? here : room; /* none in the margin */
		if (segment->free > 0)
			pipe(piping, node, day, segment->free, 0, segment->used);
		if (segment->lent > 0)
			pipe(piping, node, day, segment->lent, COST_LENT, 0);
	}
	if (piping->limits != 0)
		pipe(piping, day, NODE_SINK, used + room, 0, used);
	return i;
}

static enum status
run_flow(struct solving *solving, struct piping *piping)
{
	struct deal_network *network = solving->network;
	for (size_t i = 0; i < network->group_count; i++)
		pipe(piping, NODE_SOURCE, NODE_FIRST_GROUP + (uint32_t)i, (int64_t)network->groups[i].supply, 0,
			(int64_t)network->groups[i].planned);
	const uint32_t first_arc = 2 * (uint32_t)network->group_count;
	for (size_t i = 0; i < network->arc_count; i++) {
		const struct network_arc *arc = &network->arcs[i];
		pipe(piping, NODE_FIRST_GROUP + arc->group, piping->first_segment + arc->segment, (int64_t)network->groups[arc->group].supply,
			arc->cost, arc->amount);
	}
	for (size_t i = 0; i < network->segment_count;)
		i = pipe_day(piping, solving, i);
	if (piping->status != STATUS_OK)
		return piping->status;
	flow_run(piping->flow, NODE_SOURCE, NODE_SINK);
	for (size_t i = 0; i < network->arc_count; i++) {
		const int64_t amount = flow_on(piping->flow, first_arc + 2 * (uint32_t)i);
		if (amount != network->arcs[i].amount)
			give(solving, &network->arcs[i], amount - network->arcs[i].amount);
	}
	return STATUS_OK;
}

static enum status
solve_by_flow(struct solving *solving, uint32_t limits)
{
	const struct deal_network *network = solving->network;
	struct piping piping = {.limits = limits, .first_segment = NODE_FIRST_GROUP + (uint32_t)network->group_count};
	piping.node = piping.first_segment + (uint32_t)network->segment_count;
	if (flow_create(piping.node + (uint32_t)network->segment_count, &piping.flow) != STATUS_OK)
		return STATUS_NO_MEMORY;
	const enum status status = run_flow(solving, &piping);
	flow_free(&piping.flow);
	return status;
}

/* Afterwards ----------------------------------------------------------------------------------------------------------------------------- */

/* How much more a segment holds on its free ticks, for a group that gives up as much in another one. */
static int64_t
spare(const struct solving *solving, const struct group *group, const struct segment *segment, const struct segment *other)
{
	int64_t ticks = segment->free - segment->used;
	if (ticks <= 0 || group->limits == 0 ||
		quota_edge_after(solving->quota, group->limits, segment->stretch.from).us > other->stretch.from.us)
		return ticks;
	return least(ticks, quota_room(solving->quota, group->limits, segment->stretch.from));
}

/* What leaves late moves to earlier segments of one cost, unless it is preferred more where it is. */
static void
pull_forward(struct solving *solving, const struct group *group, int cost)
{
	const struct deal_network *network = solving->network;
	uint32_t early = group->first_arc, late = group->first_arc + group->arc_count;
	while (early + 1 < late) {
		struct network_arc *to = &network->arcs[early], *from = &network->arcs[late - 1];
		if (from->amount == 0 || from->cost < cost) {
			late--;
			continue;
		}
		const int64_t room =
			to->cost == cost ? spare(solving, group, &network->segments[to->segment], &network->segments[from->segment]) : 0;
		if (room <= 0) {
			early++;
			continue;
		}
		const int64_t amount = least(room, from->amount);
		give(solving, from, -amount);
		give(solving, to, amount);
	}
}

static void
pull_all_forward(struct solving *solving)
{
	for (size_t i = 0; i < solving->network->group_count; i++) {
		for (int cost = 0; cost < PREFERENCE_COSTS; cost++)
			pull_forward(solving, &solving->network->groups[i], cost);
	}
}

enum status
deal_solve(struct deal_network *network, struct quota *quota)
{
	struct solving solving = {.network = network, .quota = quota};
	const bool in_turn = network->group_count > 0 && network->setup.sources[network->groups[0].first_source].turns != NULL;
	uint32_t limits;
	solving.run = malloc((network->group_count + 1) * sizeof *solving.run);
	solving.wanted = malloc((network->group_count + 1) * sizeof *solving.wanted);
	enum status status = solving.run != NULL && solving.wanted != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	if (status == STATUS_OK)
		walk(&solving, true, in_turn, false);
	for (size_t i = 0; i < network->group_count && in_turn;
		 i++) /* who has later instants waits for them rather than leave before the turn */
		if (network->groups[i].later)
			network->groups[i].supply = network->groups[i].planned;
	if (status == STATUS_OK && !everybody_is_served(network)) {
		if (limits_are_common(network, quota, &limits)) {
			status = solve_by_flow(&solving, limits);
			if (status == STATUS_OK && !in_turn)
				pull_all_forward(&solving);
		} else {
			walk(&solving, false, false, false);
			walk(&solving, false, false, true);
		}
	}
	free(solving.run);
	free(solving.wanted);
	return status;
}
