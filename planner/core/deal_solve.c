/*
 * How it works: a walk through the segments gives their ticks to groups, the earliest deadline first, and between equal ones by shares: first where
 * groups prefer to be. That serves everybody in the common case. Else a flow starts from there: from groups over arcs to segments, from those
 * over free ticks, or lent ones that cost more, to their day if days are limited, and to the sink. Where limits may bind that no network can
 * express, two more walks take the place of the flow: over all free ticks, then over lent ones. At last, what a flow has left late though an
 * earlier segment has room moves there.
 *
 * People who are kept flow from a node of their own for each group to where they are, at no cost, or at some over the arcs of their group. Since a
 * flow takes nothing back that has left its source, each of them still gets to the sink. No group has people who are moved and people who go without:
 * one of these could take the other's new place, which would serve as many and move fewer. So it does not matter who of a group gets which place.
 */
#include "deal_solve.h"

#include <stdlib.h>

#include "flow.h"

/* Each more than all that is cheaper on a way together. */
#define COST_MOVED (INT64_C(1) << 24)
#define COST_LENT (INT64_C(1) << 48)

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

/* How many more people a flow may at most bring under a limit in any segment. Where all are under the same limits it is those who are not served yet, for
 * a segment only fills; else somebody may take the place of somebody who is under other limits. */
static int64_t
count_coming(const struct deal_network *network)
{
	const struct group *first = NULL;
	int64_t people = 0, unserved = 0;
	bool same = true;
	for (size_t i = 0; i < network->group_count; i++) {
		const struct group *group = &network->groups[i];
		if (group->supply + group->kept == 0)
			continue;
		first = first != NULL ? first : group;
		same = same && group->limits == first->limits;
		people += (int64_t)(group->supply + group->kept);
		unserved += (int64_t)(group->supply - group->planned);
	}
	return same ? unserved : people;
}

/* Whether no limit can bind: also such as a network cannot express. */
static bool
limits_are_idle(const struct deal_network *network, const struct quota *quota)
{
	const int64_t people = count_coming(network);
	for (size_t i = 0; i < network->arc_count; i++) {
		const struct network_arc *arc = &network->arcs[i];
		if (quota_room(quota, network->groups[arc->group].limits, network->segments[arc->segment].stretch.from) < people)
			return false;
	}
	return true;
}

struct piping {
	struct flow *flow;
	bool idle;              /* no limit matters */
	uint32_t limits;        /* of days, for everybody; 0: none */
	uint32_t first_segment; /* node of it */
	uint32_t first_kept;    /* likewise of those kept of the first group */
	uint32_t node;          /* the next one for a day */
	uint32_t first_hold_arc;
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
may_be_moved(const struct piping *piping, const struct group *group)
{
	return group->kept > 0 && (piping->idle || group->limits == piping->limits);
}

/* Ticks of people whom the flow may move. */
static void
count_kept(const struct piping *piping, struct deal_network *network)
{
	for (size_t i = 0; i < network->segment_count; i++)
		network->segments[i].kept = 0;
	for (size_t i = 0; i < network->group_count; i++) {
		const struct group *group = &network->groups[i];
		for (size_t k = 0; may_be_moved(piping, group) && k < group->hold_count; k++)
			network->segments[group->holds[k].segment].kept += group->holds[k].count;
	}
}

/* Those of a group who are kept: where they are, or wherever the group may be. */
static void
pipe_kept(struct piping *piping, const struct deal_network *network, uint32_t number)
{
	const struct group *group = &network->groups[number];
	const uint32_t node = piping->first_kept + number;
	const uint32_t arc = pipe(piping, NODE_SOURCE, node, (int64_t)group->kept, 0, (int64_t)group->kept);
	piping->first_hold_arc = piping->first_hold_arc > 0 ? piping->first_hold_arc : arc;
	(void)pipe(piping, node, NODE_FIRST_GROUP + number, (int64_t)group->kept, COST_MOVED, 0);
	for (size_t k = 0; k < group->hold_count; k++)
		(void)pipe(piping, node, piping->first_segment + group->holds[k].segment, group->holds[k].count, 0, group->holds[k].count);
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
		used += segment->used + segment->kept;
		room = here > room ? here : room; /* none in the margin */
		if (segment->free + segment->kept > 0)
			(void)pipe(piping, node, day, segment->free + segment->kept, 0, segment->used + segment->kept);
		if (segment->lent > 0)
			(void)pipe(piping, node, day, segment->lent, COST_LENT, 0);
	}
	if (piping->limits != 0)
		(void)pipe(piping, day, NODE_SINK, used + room, 0, used);
	return i;
}

static void
pipe_all(struct piping *piping, const struct solving *solving)
{
	const struct deal_network *network = solving->network;
	for (size_t i = 0; i < network->group_count; i++)
		(void)pipe(piping, NODE_SOURCE, NODE_FIRST_GROUP + (uint32_t)i, (int64_t)network->groups[i].supply, 0,
			(int64_t)network->groups[i].planned);
	for (size_t i = 0; i < network->arc_count; i++) {
		const struct network_arc *arc = &network->arcs[i];
		const struct group *group = &network->groups[arc->group];
		const int64_t most = (int64_t)(group->supply + (may_be_moved(piping, group) ? group->kept : 0));
		(void)pipe(piping, NODE_FIRST_GROUP + arc->group, piping->first_segment + arc->segment, most, arc->cost, arc->amount);
	}
	for (size_t i = 0; i < network->segment_count;)
		i = pipe_day(piping, solving, i);
	for (uint32_t i = 0; i < network->group_count; i++)
		if (may_be_moved(piping, &network->groups[i]))
			pipe_kept(piping, network, i);
}

/* Who leaves a segment makes a tick free there, and waits in the group. */
static void
move_people(struct deal_network *network, struct group *group, struct hold *hold, size_t leaving)
{
	struct segment *segment = &network->segments[hold->segment];
	hold->leaving = (uint32_t)leaving;
	segment->free += (int64_t)leaving;
	group->count += leaving;
	group->supply += leaving;
	group->moved += leaving;
	quota_take(network->setup.quota, group->limits, segment->stretch.from, -(int64_t)leaving);
}

/* The answer of the flow, whose arcs come in the order of pipe_all. */
static void
read_flow(struct solving *solving, const struct piping *piping)
{
	struct deal_network *network = solving->network;
	uint32_t arc = 2 * (uint32_t)network->group_count;
	for (size_t i = 0; i < network->arc_count; i++, arc += 2) {
		const int64_t amount = flow_on(piping->flow, arc);
		if (amount != network->arcs[i].amount)
			give(solving, &network->arcs[i], amount - network->arcs[i].amount);
	}
	arc = piping->first_hold_arc;
	for (size_t i = 0; i < network->group_count; i++) {
		struct group *group = &network->groups[i];
		if (!may_be_moved(piping, group))
			continue;
		arc += 4; /* from the source, and to the group */
		for (size_t k = 0; k < group->hold_count; k++, arc += 2)
			move_people(network, group, &group->holds[k], group->holds[k].count - (size_t)flow_on(piping->flow, arc));
	}
}

static enum status
solve_by_flow(struct solving *solving, bool idle, uint32_t limits)
{
	struct deal_network *network = solving->network;
	struct piping piping = {.idle = idle, .limits = limits, .first_segment = NODE_FIRST_GROUP + (uint32_t)network->group_count};
	piping.first_kept = piping.first_segment + (uint32_t)network->segment_count;
	piping.node = piping.first_kept + (uint32_t)(network->hold_count > 0 ? network->group_count : 0);
	if (flow_create(piping.node + (uint32_t)network->segment_count, &piping.flow) != STATUS_OK)
		return STATUS_NO_MEMORY;
	count_kept(&piping, network);
	pipe_all(&piping, solving);
	if (piping.status == STATUS_OK) {
		flow_run(piping.flow, NODE_SOURCE, NODE_SINK);
		read_flow(solving, &piping);
		network->flowed = true;
	}
	flow_free(&piping.flow);
	return piping.status;
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

/* Under even pacing, who has later instants waits for them rather than leave before the turn. */
static void
let_wait(struct deal_network *network)
{
	for (size_t i = 0; i < network->group_count && network->setup.in_turn; i++)
		if (network->groups[i].later)
			network->groups[i].supply = network->groups[i].planned;
}

/* For everybody whom the first walk has not served. */
static enum status
solve_rest(struct solving *solving)
{
	uint32_t limits = 0;
	enum status status = STATUS_OK;
	const bool idle = limits_are_idle(solving->network, solving->quota);
	if (idle || limits_are_common(solving->network, solving->quota, &limits)) {
		status = solve_by_flow(solving, idle, limits);
		if (status == STATUS_OK && !solving->network->setup.in_turn)
			pull_all_forward(solving);
	} else {
		walk(solving, false, false, false);
		walk(solving, false, false, true);
	}
	return status;
}

enum status
deal_solve(struct deal_network *network)
{
	struct solving solving = {.network = network, .quota = network->setup.quota};
	solving.run = malloc((network->group_count + 1) * sizeof *solving.run);
	solving.wanted = malloc((network->group_count + 1) * sizeof *solving.wanted);
	enum status status = solving.run != NULL && solving.wanted != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	if (status == STATUS_OK) {
		walk(&solving, true, network->setup.in_turn, false);
		let_wait(network);
		if (!everybody_is_served(network))
			status = solve_rest(&solving);
	}
	free(solving.run);
	free(solving.wanted);
	return status;
}

void
deal_solve_undo(const struct deal_network *network)
{
	for (size_t i = 0; i < network->arc_count; i++)
		quota_take(network->setup.quota, network->groups[network->arcs[i].group].limits,
			network->segments[network->arcs[i].segment].stretch.from, -(int64_t)network->arcs[i].amount);
}
