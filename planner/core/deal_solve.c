/*
 * How it works: a walk through the segments gives their ticks to groups, the earliest deadline first, and between equal ones by shares: first where
 * groups prefer to be. That serves everybody in the common case. Else a flow starts from there (deal_flow.h). Where limits may bind that no network can
 * express, two more walks come first, over all free ticks and then over lent ones, and flows for those under one set of limits after the other, while
 * all others stay where they are. At last, what a flow has left late though an earlier segment has room moves there.
 */
#include "deal_solve.h"

#include <stdlib.h>

#include "deal_flow.h"

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

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What a walk may take of volume. */
static int64_t
room_for(const struct solving *solving, uint32_t limits, struct instant at)
{
	return solving->lent_too ? quota_room(solving->quota, limits, at) : quota_room_free(solving->quota, limits, at);
}

/* Gives one arc what it wants, as far as ticks and its limits permit. Returns what is left of the ticks. */
static int64_t
give_up_to(struct solving *solving, uint32_t arc, size_t wanted, int64_t left)
{
	const struct group *group = &solving->network->groups[solving->network->arcs[arc].group];
	const struct segment *segment = &solving->network->segments[solving->network->arcs[arc].segment];
	const int64_t amount = least(least((int64_t)wanted, left), room_for(solving, group->limits, segment->stretch.from));
	if (amount > 0)
		deal_network_give(solving->network, &solving->network->arcs[arc], amount);
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
		room = least(left, room_for(solving, first->limits, network->segments[network->arcs[solving->run[0]].segment].stretch.from));
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

/* Flows ---------------------------------------------------------------------------------------------------------------------------------- */

/* How many more people a flow may at most bring under a limit in any segment. Where all are under the same limits it is those who are not served yet, for
 * a segment only fills; else somebody may take the place of somebody who is under other limits. */
static int64_t
count_coming(const struct deal_network *network, const struct flow_scope *scope)
{
	const struct group *first = NULL;
	int64_t people = 0, unserved = 0;
	bool same = true;
	for (size_t i = 0; i < network->group_count; i++) {
		const struct group *group = &network->groups[i];
		if (group->supply + group->kept == 0 || !(scope->everybody || group->limits == scope->of))
			continue;
		first = first != NULL ? first : group;
		same = same && group->limits == first->limits;
		people += (int64_t)(group->supply + group->kept);
		unserved += (int64_t)(group->supply - group->planned);
	}
	return same ? unserved : people;
}

/* The beginning of the last segment with less room for somebody of the scope; INT64_MIN: each has more. */
static struct instant
last_short_of(const struct deal_network *network, const struct flow_scope *scope, int64_t room)
{
	struct instant last = {INT64_MIN};
	for (size_t i = 0; i < network->arc_count; i++) {
		const struct network_arc *arc = &network->arcs[i];
		const uint32_t limits = network->groups[arc->group].limits;
		const struct instant from = network->segments[arc->segment].stretch.from;
		if ((scope->everybody || limits == scope->of) && from.us > last.us && quota_room_free(network->setup.quota, limits, from) < room)
			last = from;
	}
	return last;
}

/* Whether no limit of the scope can bind: also such as a network cannot express. */
static bool
limits_are_idle(const struct deal_network *network, const struct flow_scope *scope)
{
	return last_short_of(network, scope, count_coming(network, scope)).us == INT64_MIN;
}

/* The limits of all who are to be dealt to, if they are the same. */
static bool
limits_are_common(const struct deal_network *network, uint32_t *out_limits)
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
	return true;
}

/* What a flow may do for those who have these limits. False: no network expresses what binds them. */
static bool
find_scope(const struct deal_network *network, uint32_t limits, struct flow_scope *out)
{
	*out = (struct flow_scope){.of = limits};
	if (limits_are_idle(network, out))
		return true;
	out->days = limits;
	return quota_is_daily(network->setup.quota, limits);
}

static bool
is_short(const struct group *group)
{
	return group->range_count > 0 && group->planned < group->supply;
}

static int64_t
count_unserved(const struct deal_network *network, bool everybody, uint32_t limits)
{
	int64_t unserved = 0;
	for (size_t i = 0; i < network->group_count; i++)
		if (is_short(&network->groups[i]) && (everybody || network->groups[i].limits == limits))
			unserved += (int64_t)(network->groups[i].supply - network->groups[i].planned);
	return unserved;
}

static bool
is_first_of_its_limits(const struct deal_network *network, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (is_short(&network->groups[i]) && network->groups[i].limits == network->groups[number].limits)
			return false;
	return true;
}

/* For those under one set of limits after the other, as long as that serves somebody: what one flow leads elsewhere may be what another needs. */
static enum status
flow_by_limits(struct deal_network *network)
{
	enum status status = STATUS_OK;
	for (int64_t before = INT64_MAX, now; status == STATUS_OK && (now = count_unserved(network, true, 0)) > 0 && now < before;) {
		before = now;
		for (size_t i = 0; i < network->group_count && status == STATUS_OK; i++) {
			struct flow_scope scope;
			if (is_short(&network->groups[i]) && is_first_of_its_limits(network, i) &&
				find_scope(network, network->groups[i].limits, &scope))
				status = deal_flow(network, &scope);
		}
	}
	return status;
}

/* Time passes by segments that stood in the way of a flow. */
static void
note_inexact(struct deal_network *network, bool one_set)
{
	static const struct flow_scope everybody = {.everybody = true};
	const int64_t unserved = count_unserved(network, true, 0);
	if (unserved > 0 && !one_set)
		network->exact_from = instant_min(network->exact_from, last_short_of(network, &everybody, unserved));
	for (size_t i = 0; i < network->group_count; i++) {
		struct flow_scope scope;
		const uint32_t limits = network->groups[i].limits;
		if (is_short(&network->groups[i]) && !find_scope(network, limits, &scope))
			network->exact_from = instant_min(network->exact_from, last_short_of(network, &scope, count_unserved(network, false, limits)));
	}
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
	return least(ticks, quota_room_free(solving->quota, group->limits, segment->stretch.from));
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
		deal_network_give(solving->network, from, -amount);
		deal_network_give(solving->network, to, amount);
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
	struct deal_network *network = solving->network;
	struct flow_scope scope = {.everybody = true};
	uint32_t limits;
	const bool common = limits_are_common(network, &limits);
	if (limits_are_idle(network, &scope) || (common && find_scope(network, limits, &scope))) {
		const enum status status = deal_flow(network, &scope);
		if (status == STATUS_OK && !network->setup.in_turn)
			pull_all_forward(solving);
		return status;
	}
	walk(solving, false, false, false);
	walk(solving, false, false, true);
	const enum status status = flow_by_limits(network);
	note_inexact(network, common);
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
