/*
 * How it works: edges are collected in three lists: those of limits and of the span, those of sources with several people, those of single people.
 * Cuts are all of them, or, when the arcs would be too many, all of the first and a share of the last, taken evenly from their sorted list; the
 * share is halved until it fits. Groups are found by a hash of their segments. Then they are put into the order of their deadlines, so that the arcs
 * of each segment lie in that order.
 */
#include "deal_groups.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* To begin with; more cuts would mean many groups with a handful of people each. */
enum { SINGLE_CUTS_MAX = 4096 };

struct edges {
	int64_t *items;
	size_t count, room;
	size_t kept; /* of them become cuts */
};

struct builder {
	struct deal_network *network;
	struct edges fixed, shared, single;
	int64_t *cuts; /* segment i lies between cuts i and i + 1 */
	size_t cut_count;
	size_t range_room, group_room;
	uint32_t *table; /* group + 1, by hash */
	size_t table_mask;
	uint64_t arc_count;
};

/* Edges ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
add_edge(struct edges *edges, int64_t edge)
{
	int64_t *items = grow(edges->items, edges->count, &edges->room, sizeof *items);
	if (items == NULL)
		return STATUS_NO_MEMORY;
	edges->items = items;
	items[edges->count++] = edge;
	return STATUS_OK;
}

static enum status
add_edges_of(struct edges *edges, const struct interval_set *set, struct interval span)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; set != NULL && i < set->count && status == STATUS_OK; i++) {
		const struct interval stretch = set->items[i];
		if (stretch.from.us > span.from.us && stretch.from.us < span.until.us)
			status = add_edge(edges, stretch.from.us);
		if (status == STATUS_OK && stretch.until.us > span.from.us && stretch.until.us < span.until.us)
			status = add_edge(edges, stretch.until.us);
	}
	return status;
}

static int
compare_int64(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void
sort_edges(int64_t *items, size_t *count)
{
	size_t kept = 0;
	if (*count > 1)
		qsort(items, *count, sizeof *items, compare_int64);
	for (size_t i = 0; i < *count; i++)
		if (kept == 0 || items[kept - 1] != items[i])
			items[kept++] = items[i];
	*count = kept;
}

static size_t
people_of(const struct source *source)
{
	return source->count + source->kept;
}

static enum status
collect_edges(struct builder *builder)
{
	const struct network_setup *setup = &builder->network->setup;
	uint32_t limits = 0;
	enum status status = add_edge(&builder->fixed, setup->span.from.us);
	if (status == STATUS_OK)
		status = add_edge(&builder->fixed, setup->span.until.us);
	for (size_t i = 0; i < setup->source_count && status == STATUS_OK; i++) {
		const struct source *source = &setup->sources[i];
		struct edges *edges = people_of(source) == 1 ? &builder->single : &builder->shared;
		if (people_of(source) == 0)
			continue;
		limits |= source->limits;
		status = add_edges_of(edges, source->lawful, setup->span);
		if (status == STATUS_OK)
			status = add_edges_of(edges, source->preferred, setup->span);
	}
	for (struct instant at = setup->span.from; limits != 0 && status == STATUS_OK;) {
		at = quota_change_after(setup->quota, limits, at);
		if (at.us >= setup->span.until.us)
			break;
		status = add_edge(&builder->fixed, at.us);
	}
	sort_edges(builder->fixed.items, &builder->fixed.count);
	sort_edges(builder->shared.items, &builder->shared.count);
	sort_edges(builder->single.items, &builder->single.count);
	builder->fixed.kept = builder->fixed.count;
	builder->shared.kept = builder->shared.count;
	builder->single.kept = builder->single.count < SINGLE_CUTS_MAX ? builder->single.count : SINGLE_CUTS_MAX;
	return status;
}

static void
keep_edges(struct builder *builder, const struct edges *edges)
{
	for (size_t i = 0; i < edges->kept; i++)
		builder->cuts[builder->cut_count++] = edges->items[i * edges->count / edges->kept];
}

/* Groups --------------------------------------------------------------------------------------------------------------------------------- */

/* The first cut at or after an instant. */
static size_t
cut_from(const struct builder *builder, int64_t us)
{
	size_t low = 0, high = builder->cut_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (builder->cuts[middle] < us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The segments that lie in the stretch as a whole. False: some part of it lies in none. */
static bool
segments_within(const struct builder *builder, struct interval stretch, struct segment_range *out)
{
	const struct interval span = builder->network->setup.span;
	const int64_t from = instant_max(stretch.from, span.from).us, until = instant_min(stretch.until, span.until).us;
	*out = (struct segment_range){.first = 0, .until = 0};
	if (from >= until)
		return true;
	const size_t first = cut_from(builder, from);
	size_t last = cut_from(builder, until);
	if (last == builder->cut_count || builder->cuts[last] > until)
		last--;
	const bool exact = builder->cuts[first] == from && builder->cuts[last] == until;
	if (first < last)
		*out = (struct segment_range){(uint32_t)first, (uint32_t)last, PREFERRED};
	return exact;
}

static enum status
add_range(struct builder *builder, uint32_t first, uint32_t until, enum preference_cost cost)
{
	struct deal_network *network = builder->network;
	if (first >= until)
		return STATUS_OK;
	struct segment_range *ranges = grow(network->ranges, network->range_count, &builder->range_room, sizeof *ranges);
	if (ranges == NULL)
		return STATUS_NO_MEMORY;
	network->ranges = ranges;
	ranges[network->range_count++] = (struct segment_range){first, until, (uint8_t)cost};
	return STATUS_OK;
}

/* A stretch of segments, parted into what is preferred, what lies behind that, and the rest. */
static enum status
add_parted(struct builder *builder, const struct interval_set *preferred, struct segment_range range)
{
	enum preference_cost cost = preferred != NULL ? NOT_PREFERRED : PREFERRED;
	enum status status = STATUS_OK;
	for (size_t i = 0; preferred != NULL && i < preferred->count && status == STATUS_OK; i++) {
		struct segment_range better;
		(void)segments_within(builder, preferred->items[i], &better);
		better.first = better.first > range.first ? better.first : range.first;
		better.until = better.until < range.until ? better.until : range.until;
		if (better.first >= better.until)
			continue;
		status = add_range(builder, range.first, better.first, cost);
		if (status == STATUS_OK)
			status = add_range(builder, better.first, better.until, PREFERRED);
		range.first = better.until;
		cost = BEHIND_PREFERRED;
	}
	return status == STATUS_OK ? add_range(builder, range.first, range.until, cost) : status;
}

/* Ranges of the source at the end of the list. A preference that lies in no segment is none; whether it has ticks left does not matter here, or
 * planning again would differ. */
static enum status
add_ranges(struct builder *builder, struct source *source)
{
	struct deal_network *network = builder->network;
	const size_t first = network->range_count;
	bool preferring = false;
	enum status status = STATUS_OK;
	source->coarse = false;
	for (size_t i = 0; i < source->lawful->count && status == STATUS_OK; i++) {
		struct segment_range range;
		source->coarse |= !segments_within(builder, source->lawful->items[i], &range);
		status = add_parted(builder, source->preferred, range);
	}
	for (size_t i = first; i < network->range_count; i++)
		preferring |= network->ranges[i].cost == PREFERRED;
	for (size_t i = first; i < network->range_count && !preferring; i++)
		network->ranges[i].cost = PREFERRED;
	network->coarse |= source->coarse;
	return status;
}

static uint64_t
hash_group(const struct deal_network *network, const struct group *group)
{
	uint64_t hash = group->limits * 2 + group->later;
	for (uint32_t i = 0; i < group->range_count; i++) {
		const struct segment_range *range = &network->ranges[group->first_range + i];
		hash = (hash ^ ((uint64_t)range->first << 32 | (uint64_t)range->until << 2 | range->cost)) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	return hash;
}

static bool
same_group(const struct deal_network *network, const struct group *a, const struct group *b)
{
	if (a->hash != b->hash || a->limits != b->limits || a->later != b->later || a->range_count != b->range_count)
		return false;
	for (uint32_t i = 0; i < a->range_count; i++) {
		const struct segment_range *x = &network->ranges[a->first_range + i], *y = &network->ranges[b->first_range + i];
		if (x->first != y->first || x->until != y->until || x->cost != y->cost)
			return false;
	}
	return true;
}

/* The place in the table of an equal group, or where it belongs. */
static uint32_t *
find_group(const struct builder *builder, const struct group *group)
{
	const struct deal_network *network = builder->network;
	size_t place = group->hash & builder->table_mask;
	while (builder->table[place] != 0 && !same_group(network, &network->groups[builder->table[place] - 1], group))
		place = (place + 1) & builder->table_mask;
	return &builder->table[place];
}

static enum status
add_group(struct builder *builder, const struct group *group)
{
	struct deal_network *network = builder->network;
	struct group *groups = grow(network->groups, network->group_count, &builder->group_room, sizeof *groups);
	if (groups == NULL)
		return STATUS_NO_MEMORY;
	network->groups = groups;
	groups[network->group_count++] = *group;
	for (uint32_t i = 0; i < group->range_count; i++)
		builder->arc_count += network->ranges[group->first_range + i].until - network->ranges[group->first_range + i].first;
	return STATUS_OK;
}

static enum status
add_to_group(struct builder *builder, uint32_t number)
{
	struct deal_network *network = builder->network;
	struct source *source = &network->setup.sources[number];
	struct group group = {.deadline = source->deadline,
		.count = source->count,
		.supply = source->count,
		.limits = source->limits,
		.first_source = number,
		.first_range = (uint32_t)network->range_count,
		.member_count = 1,
		.later = source->later};
	if (add_ranges(builder, source) != STATUS_OK)
		return STATUS_NO_MEMORY;
	group.range_count = (uint32_t)(network->range_count - group.first_range);
	group.hash = hash_group(network, &group);
	uint32_t *place = find_group(builder, &group);
	source->group = *place != 0 ? *place - 1 : (uint32_t)network->group_count;
	if (*place == 0) {
		*place = source->group + 1;
		return add_group(builder, &group);
	}
	struct group *same = &network->groups[source->group];
	same->member_count++;
	same->count += source->count;
	same->supply += source->count;
	same->deadline = instant_min(same->deadline, source->deadline); /* these differ only behind the span */
	network->range_count = group.first_range;
	return STATUS_OK;
}

/* Cuts, ranges and groups, with as many edges as are kept. */
static enum status
cut_and_group(struct builder *builder)
{
	struct deal_network *network = builder->network;
	const struct network_setup *setup = &network->setup;
	builder->cut_count = network->range_count = network->group_count = 0;
	builder->arc_count = 0;
	network->coarse = false;
	keep_edges(builder, &builder->fixed);
	keep_edges(builder, &builder->shared);
	keep_edges(builder, &builder->single);
	sort_edges(builder->cuts, &builder->cut_count);
	memset(builder->table, 0, (builder->table_mask + 1) * sizeof *builder->table);
	enum status status = STATUS_OK;
	for (size_t i = 0; i < setup->source_count && status == STATUS_OK; i++) {
		setup->sources[i].group = NO_GROUP;
		if (people_of(&setup->sources[i]) > 0)
			status = add_to_group(builder, (uint32_t)i);
	}
	return status;
}

static enum status
find_groups(struct builder *builder)
{
	const struct network_setup *setup = &builder->network->setup;
	size_t places = 16;
	while (places < 2 * setup->source_count)
		places *= 2;
	builder->table_mask = places - 1;
	builder->table = malloc(places * sizeof *builder->table);
	builder->cuts = malloc((builder->fixed.kept + builder->shared.kept + builder->single.kept + 1) * sizeof *builder->cuts);
	if (builder->table == NULL || builder->cuts == NULL)
		return STATUS_NO_MEMORY;
	while (true) {
		if (cut_and_group(builder) != STATUS_OK)
			return STATUS_NO_MEMORY;
		if (builder->arc_count <= setup->arcs_max || builder->single.kept + builder->shared.kept == 0)
			return STATUS_OK;
		if (builder->single.kept > 0)
			builder->single.kept /= 2;
		else
			builder->shared.kept /= 2;
	}
}

/* Order ---------------------------------------------------------------------------------------------------------------------------------- */

static int
compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	if (a->deadline.us != b->deadline.us)
		return a->deadline.us < b->deadline.us ? -1 : 1;
	return (a->first_source > b->first_source) - (a->first_source < b->first_source);
}

/* Numbers groups by their deadlines and lists their members. */
static enum status
order_groups(struct deal_network *network)
{
	const struct network_setup *setup = &network->setup;
	uint32_t *moved = malloc((setup->source_count + 1) * sizeof *moved); /* by first source */
	network->members = malloc((setup->source_count + 1) * sizeof *network->members);
	if (moved == NULL || network->members == NULL) {
		free(moved);
		return STATUS_NO_MEMORY;
	}
	for (size_t i = 0; i < setup->source_count; i++) /* a group's number may change, its first source does not */
		if (setup->sources[i].group != NO_GROUP)
			setup->sources[i].group = network->groups[setup->sources[i].group].first_source;
	if (network->group_count > 1)
		qsort(network->groups, network->group_count, sizeof *network->groups, compare_groups);
	for (size_t i = 0; i < network->group_count; i++) {
		network->groups[i].first_member = (uint32_t)network->member_count;
		network->member_count += network->groups[i].member_count;
		network->groups[i].member_count = 0;
		moved[network->groups[i].first_source] = (uint32_t)i;
	}
	for (size_t i = 0; i < setup->source_count; i++)
		if (setup->sources[i].group != NO_GROUP) {
			struct group *group = &network->groups[moved[setup->sources[i].group]];
			setup->sources[i].group = moved[setup->sources[i].group];
			network->members[group->first_member + group->member_count++] = (uint32_t)i;
		}
	free(moved);
	return STATUS_OK;
}

enum status
deal_groups_find(struct deal_network *network, int64_t **out_cuts, size_t *out_cut_count)
{
	struct builder builder = {.network = network};
	enum status status = collect_edges(&builder);
	if (status == STATUS_OK)
		status = find_groups(&builder);
	if (status == STATUS_OK)
		status = order_groups(network);
	free(builder.fixed.items);
	free(builder.shared.items);
	free(builder.single.items);
	free(builder.table);
	*out_cuts = builder.cuts;
	*out_cut_count = builder.cut_count;
	return status;
}
