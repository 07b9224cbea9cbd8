/*
 * How it works: the groups and cuts come from deal_groups.c; here they get their segments, and arcs in the order of groups and of time. There is no
 * arc where nothing is free and nobody could leave.
 */
#include "deal_network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "deal_groups.h"
#include "grow.h"

struct instant
source_turn(const struct source *source, size_t member)
{
	if (source->lawful_us == 0 || member >= source->count)
		return (struct instant){INT64_MAX};
	__extension__ unsigned __int128 scaled = (unsigned __int128)source->lawful_us * source->turns[member];
	int64_t passed = (int64_t)(scaled >> 32);
	const struct interval *stretch = source->lawful->items;
	for (; passed >= stretch->until.us - stretch->from.us; stretch++)
		passed -= stretch->until.us - stretch->from.us;
	return (struct instant){stretch->from.us + passed};
}

static enum status
fill_segments(struct deal_network *network, const int64_t *cuts, size_t cut_count)
{
	network->segment_count = cut_count - 1;
	network->segments = calloc(cut_count, sizeof *network->segments);
	if (network->segments == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < network->segment_count; i++) {
		struct segment *segment = &network->segments[i];
		segment->stretch = (struct interval){{cuts[i]}, {cuts[i + 1]}};
		segment->free = capacity_count_free(network->setup.capacity, segment->stretch);
		segment->lent = capacity_count_lent(network->setup.capacity, segment->stretch);
	}
	return STATUS_OK;
}

/* Holds ---------------------------------------------------------------------------------------------------------------------------------- */

static uint32_t
segment_at(const struct deal_network *network, struct instant at)
{
	size_t low = 0, high = network->segment_count - 1;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (network->segments[middle].stretch.until.us <= at.us)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

/* The first hold of the group that is not in an earlier segment. */
static size_t
hold_from(const struct group *group, uint32_t segment)
{
	size_t low = 0, high = group->hold_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (group->holds[middle].segment < segment)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status
deal_network_keep(struct deal_network *network, size_t source, struct instant due)
{
	struct group *group = &network->groups[network->setup.sources[source].group];
	const uint32_t segment = segment_at(network, due);
	const size_t at = hold_from(group, segment);
	if (at == group->hold_count || group->holds[at].segment != segment) {
		struct hold *holds = grow(group->holds, group->hold_count, &group->hold_room, sizeof *holds);
		if (holds == NULL)
			return STATUS_NO_MEMORY;
		group->holds = holds;
		memmove(holds + at + 1, holds + at, (group->hold_count++ - at) * sizeof *holds);
		holds[at] = (struct hold){.segment = segment};
	}
	group->holds[at].count++;
	group->kept++;
	network->segments[segment].kept++;
	return STATUS_OK;
}

const struct hold *
deal_network_hold(const struct deal_network *network, size_t source, struct instant due)
{
	const struct group *group = &network->groups[network->setup.sources[source].group];
	const size_t at = hold_from(group, segment_at(network, due));
	assert(at < group->hold_count);
	return &group->holds[at];
}

static void
number_holds(struct deal_network *network)
{
	for (size_t i = 0; i < network->group_count; i++) {
		network->groups[i].first_hold = network->hold_count;
		network->hold_count += network->groups[i].hold_count;
	}
}

/* In the quota, as if they all had given up their instants, or again. */
static void
count_holds(const struct deal_network *network, int sign)
{
	for (size_t i = 0; i < network->group_count; i++) {
		const struct group *group = &network->groups[i];
		for (size_t k = 0; k < group->hold_count; k++)
			quota_take(network->setup.quota, group->limits, network->segments[group->holds[k].segment].stretch.from,
				sign * (int64_t)group->holds[k].count);
	}
}

/* Arcs ----------------------------------------------------------------------------------------------------------------------------------- */

/* Whether the limits have room in each segment, before anything is dealt; asked once for each set of limits. */
struct room_table {
	uint32_t limits;
	bool *has_room;
};

static enum status
fill_room(const struct deal_network *network, uint32_t limits, struct room_table *table)
{
	if (limits == table->limits && table->has_room != NULL)
		return STATUS_OK;
	if (table->has_room == NULL)
		table->has_room = malloc((network->segment_count + 1) * sizeof *table->has_room);
	if (table->has_room == NULL)
		return STATUS_NO_MEMORY;
	table->limits = limits;
	for (size_t i = 0; i < network->segment_count; i++)
		table->has_room[i] = quota_room(network->setup.quota, limits, network->segments[i].stretch.from) > 0;
	return STATUS_OK;
}

/* The arcs of one group, or only their number when there is no array for them yet. */
static void
add_arcs(struct deal_network *network, struct group *group, const struct room_table *table)
{
	for (uint32_t i = 0; i < group->range_count; i++) {
		const struct segment_range range = network->ranges[group->first_range + i];
		for (uint32_t k = range.first; k < range.until; k++) {
			if (network->segments[k].free + network->segments[k].lent + network->segments[k].kept == 0 || !table->has_room[k])
				continue;
			if (network->arcs != NULL)
				network->arcs[network->arc_count] = (struct network_arc){(uint32_t)(group - network->groups), k, 0, range.cost};
			network->arc_count++;
			group->arc_count++;
		}
	}
}

static enum status
fill_arcs(struct deal_network *network)
{
	struct room_table table = {.limits = 0};
	enum status status = STATUS_OK;
	for (int pass = 0; pass < 2 && status == STATUS_OK; pass++) {
		network->arc_count = 0;
		for (size_t i = 0; i < network->group_count && status == STATUS_OK; i++) {
			struct group *group = &network->groups[i];
			group->first_arc = (uint32_t)network->arc_count;
			group->arc_count = 0;
			status = fill_room(network, group->limits, &table);
			if (status == STATUS_OK)
				add_arcs(network, group, &table);
		}
		if (pass == 0 && status == STATUS_OK) {
			network->arcs = malloc((network->arc_count + 1) * sizeof *network->arcs);
			status = network->arcs != NULL ? STATUS_OK : STATUS_NO_MEMORY;
		}
	}
	free(table.has_room);
	return status;
}

static enum status
index_arcs(struct deal_network *network)
{
	network->by_segment = malloc((network->arc_count + 1) * sizeof *network->by_segment);
	if (network->by_segment == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < network->arc_count; i++)
		network->segments[network->arcs[i].segment].arc_count++;
	for (size_t i = 1; i < network->segment_count; i++)
		network->segments[i].first_arc = network->segments[i - 1].first_arc + network->segments[i - 1].arc_count;
	for (size_t i = 0; i < network->segment_count; i++)
		network->segments[i].arc_count = 0;
	for (size_t i = 0; i < network->arc_count; i++) {
		struct segment *segment = &network->segments[network->arcs[i].segment];
		network->by_segment[segment->first_arc + segment->arc_count++] = (uint32_t)i;
	}
	return STATUS_OK;
}

enum status
deal_network_create(const struct network_setup *setup, struct deal_network **out)
{
	struct deal_network *network = calloc(1, sizeof *network);
	int64_t *cuts = NULL;
	size_t cut_count = 0;
	*out = network;
	if (network == NULL)
		return STATUS_NO_MEMORY;
	network->setup = *setup;
	network->exact_from = (struct instant){INT64_MAX};
	enum status status = deal_groups_find(network, &cuts, &cut_count);
	if (status == STATUS_OK)
		status = fill_segments(network, cuts, cut_count);
	free(cuts);
	if (status != STATUS_OK)
		deal_network_free(out);
	return status;
}

enum status
deal_network_connect(struct deal_network *network)
{
	number_holds(network);
	count_holds(network, -1);
	const enum status status = fill_arcs(network);
	count_holds(network, 1);
	return status == STATUS_OK ? index_arcs(network) : status;
}

void
deal_network_give(struct deal_network *network, struct network_arc *arc, int64_t amount)
{
	struct segment *segment = &network->segments[arc->segment];
	struct group *group = &network->groups[arc->group];
	arc->amount = (uint32_t)(arc->amount + amount);
	group->planned = (size_t)((int64_t)group->planned + amount);
	segment->used += amount;
	if (group->limits != 0)
		quota_take(network->setup.quota, group->limits, segment->stretch.from, amount);
}

void
deal_network_free(struct deal_network **network)
{
	for (size_t i = 0; *network != NULL && i < (*network)->group_count; i++)
		free((*network)->groups[i].holds);
	if (*network != NULL) {
		free((*network)->segments);
		free((*network)->groups);
		free((*network)->ranges);
		free((*network)->members);
		free((*network)->arcs);
		free((*network)->by_segment);
	}
	free(*network);
	*network = NULL;
}
