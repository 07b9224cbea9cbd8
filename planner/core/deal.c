/*
 * How it works: deal_network.c cuts time and groups sources, deal_solve.c says how many of whom leave in which segment, deal_walk.c gives them ticks.
 * Here are the sources and what is asked afterwards.
 */
#include "deal.h"

#include <assert.h>
#include <stdlib.h>

#include "deal_network.h"
#include "deal_solve.h"
#include "deal_walk.h"
#include "grow.h"

enum { ARCS_MAX = 1 << 19 };

struct deal {
	struct deal_setup setup;
	struct source *sources;
	size_t count, room;
	uint32_t *turns, *moved_turns; /* DEAL_EVEN: of everybody, and of those who are moved */
	struct deal_network *network;
	bool planned;
	int64_t *spare; /* free ticks not dealt, before each segment */
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
		free((*deal)->moved_turns);
		free((*deal)->spare);
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
		.kept = added->kept,
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

static enum status
sum_spare(struct deal *deal)
{
	const struct deal_network *network = deal->network;
	deal->spare = calloc(network->segment_count + 1, sizeof *deal->spare);
	if (deal->spare == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < network->segment_count; i++)
		deal->spare[i + 1] = deal->spare[i] + network->segments[i].free + network->segments[i].lent - network->segments[i].used;
	return STATUS_OK;
}

/* Of those who are kept, or of all others. */
static enum status
ask_turns(struct deal *deal, bool kept, uint32_t **out)
{
	size_t members = 0, next = 0;
	for (size_t i = 0; i < deal->count; i++)
		members += (deal->sources[i].kept > 0) == kept ? deal->sources[i].count : 0;
	uint32_t *turns = *out = malloc((members + 1) * sizeof *turns);
	if (turns == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < deal->count; i++) {
		if ((deal->sources[i].kept > 0) != kept)
			continue;
		deal->sources[i].turns = &turns[next];
		for (size_t member = 0; member < deal->sources[i].count; member++)
			turns[next++] = deal->setup.turn_of(deal->setup.context, i, member);
		deal->sources[i].turn = source_turn(&deal->sources[i], 0);
	}
	return STATUS_OK;
}

static bool
is_empty(const struct deal *deal)
{
	return deal->setup.span.from.us >= deal->setup.span.until.us;
}

enum status
deal_prepare(struct deal *deal)
{
	const struct network_setup setup = {.capacity = deal->setup.capacity,
		.quota = deal->setup.quota,
		.span = deal->setup.span,
		.sources = deal->sources,
		.source_count = deal->count,
		.arcs_max = deal->setup.arcs_max > 0 ? deal->setup.arcs_max : ARCS_MAX,
		.in_turn = deal->setup.pacing == DEAL_EVEN};
	if (is_empty(deal))
		return STATUS_OK;
	const enum status status = setup.in_turn ? ask_turns(deal, false, &deal->turns) : STATUS_OK;
	return status == STATUS_OK ? deal_network_create(&setup, &deal->network) : status;
}

bool
deal_is_coarse(const struct deal *deal)
{
	return deal->network != NULL && deal->network->coarse;
}

enum status
deal_keep(struct deal *deal, size_t source, struct instant due)
{
	return deal_network_keep(deal->network, source, due);
}

enum status
deal_plan(struct deal *deal)
{
	deal->planned = true;
	if (is_empty(deal))
		return STATUS_OK;
	enum status status = deal->network == NULL ? deal_prepare(deal) : STATUS_OK;
	if (status == STATUS_OK)
		status = deal_network_connect(deal->network);
	return status == STATUS_OK ? deal_solve(deal->network) : status;
}

enum status
deal_run(struct deal *deal, deal_fn *on_dealt, void *context)
{
	enum status status = deal->planned ? STATUS_OK : deal_plan(deal);
	if (status != STATUS_OK || is_empty(deal))
		return status;
	if (deal->setup.pacing == DEAL_EVEN)
		status = ask_turns(deal, true, &deal->moved_turns);
	if (status == STATUS_OK)
		status = deal_walk(deal->network, deal->setup.quota, deal->setup.pacing, on_dealt, context);
	return status == STATUS_OK ? sum_spare(deal) : status;
}

/* Moves ----------------------------------------------------------------------------------------------------------------------------------- */

bool
deal_is_short(const struct deal *deal)
{
	const struct deal_network *network = deal->network;
	bool is_short = false;
	if (network == NULL || !network->flowed)
		return false;
	for (size_t i = 0; i < network->group_count; i++)
		is_short = is_short || (network->groups[i].range_count > 0 && network->groups[i].planned < network->groups[i].supply);
	for (size_t i = 0; i < network->segment_count; i++)
		is_short = is_short || network->segments[i].used > network->segments[i].free;
	return is_short;
}

struct instant
deal_exact_from(const struct deal *deal)
{
	return deal->network != NULL ? deal->network->exact_from : (struct instant){INT64_MAX};
}

void
deal_undo(struct deal *deal)
{
	if (deal->network != NULL)
		deal_solve_undo(deal->network);
}

size_t
deal_place_count(const struct deal *deal)
{
	return deal->network != NULL ? deal->network->hold_count : 0;
}

size_t
deal_leaving(const struct deal *deal, size_t source, struct instant due, size_t *out_place)
{
	const struct group *group = &deal->network->groups[deal->sources[source].group];
	const struct hold *hold = deal_network_hold(deal->network, source, due);
	*out_place = group->first_hold + (size_t)(hold - group->holds);
	return hold->leaving;
}

void
deal_move(struct deal *deal, size_t source)
{
	assert(deal->sources[source].kept > 0);
	deal->sources[source].count++;
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

/* Ticks that nobody holds, or that whoever does would give up. */
static int64_t
count_to_be_had(const struct capacity *capacity, struct interval stretch)
{
	return capacity_count_free(capacity, stretch) + capacity_count_lent(capacity, stretch);
}

/* The n-th of them from an instant on; INT64_MAX when a year has fewer. */
static struct instant
nth_to_be_had(const struct capacity *capacity, struct instant from, int64_t n)
{
	struct instant low = from, high = {from.us + 365 * US_PER_DAY};
	if (count_to_be_had(capacity, (struct interval){from, high}) < n)
		return (struct instant){INT64_MAX};
	while (low.us < high.us) { /* the first instant before which there are enough */
		const struct instant middle = {low.us + (high.us - low.us) / 2};
		if (count_to_be_had(capacity, (struct interval){from, middle}) >= n)
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
			return nth_to_be_had(capacity, segment->stretch.from, segment->used + needed - before);
		}
		needed -= before;
	}
	return nth_to_be_had(capacity, instant_max(deal->setup.span.until, source->deadline), needed);
}
