/*
 * How it works: candidates are sorted so that those of one source of the deal lie side by side in fair order: each leeway is a source of its
 * own, each class with a preference one. What the deal gives is noted in the order in which it gives, the due order; the slots that stay are then
 * merged in.
 */
#include "run_deal.h"

#include <stdlib.h>

#include "grow.h"
#include "reason.h"

/* The candidates that are one source of the deal. */
struct source_range {
	size_t first, count;
	uint32_t order; /* of the first one */
	int64_t recipient_id;
	struct interval_set preferred; /* empty: no instant is better than another */
};

struct dealing {
	const struct run_deal_setup *setup;
	struct candidates *candidates;
	struct deal *deal;
	struct source_range *sources; /* as numbered by the deal */
	size_t source_count, source_room;
};

void
candidates_free(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->leeway_count; i++)
		interval_set_free(&candidates->leeways[i]);
	free(candidates->items);
	free(candidates->leeways);
	free(candidates->placed);
	*candidates = (struct candidates){.items = NULL};
}

static enum status
keep_leeway(struct candidates *candidates, struct interval_set *leeway)
{
	struct interval_set *leeways = grow(candidates->leeways, candidates->leeway_count, &candidates->leeway_room, sizeof *leeways);
	if (leeways == NULL)
		return STATUS_NO_MEMORY;
	candidates->leeways = leeways;
	interval_set_trim(leeway);
	leeways[candidates->leeway_count++] = *leeway;
	*leeway = (struct interval_set)INTERVAL_SET_INIT;
	return STATUS_OK;
}

enum status
candidates_add(struct candidates *candidates, const struct candidate *candidate, struct interval_set *leeway)
{
	struct candidate *items = grow(candidates->items, candidates->count, &candidates->room, sizeof *items);
	if (items == NULL)
		return STATUS_NO_MEMORY;
	candidates->items = items;
	items[candidates->count] = *candidate;
	items[candidates->count].leeway = leeway != NULL ? (uint32_t)candidates->leeway_count : NO_LEEWAY;
	if (leeway != NULL && keep_leeway(candidates, leeway) != STATUS_OK)
		return STATUS_NO_MEMORY;
	candidates->count++;
	return STATUS_OK;
}

static int
compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	if (a->placed != b->placed)
		return a->placed - b->placed;
	if (a->placed && a->due.us != b->due.us)
		return a->due.us < b->due.us ? -1 : 1;
	if ((a->leeway == NO_LEEWAY) != (b->leeway == NO_LEEWAY))
		return a->leeway == NO_LEEWAY ? 1 : -1;
	if (a->leeway == NO_LEEWAY && a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->leeway == NO_LEEWAY && a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->recipient_id > b->recipient_id) - (a->recipient_id < b->recipient_id);
}

/* Sources ------------------------------------------------------------------------------------------------------------------------------- */

static bool
same_source(const struct candidate *a, const struct candidate *b)
{
	return a->leeway == b->leeway && a->class == b->class && a->preference == b->preference && a->placed == b->placed;
}

static const struct interval_set *
dealable_of(const struct dealing *dealing, const struct candidate *candidate)
{
	return candidate_dealable(dealing->candidates, dealing->setup->classes, candidate);
}

static enum status
note_source(struct dealing *dealing, struct source_range range)
{
	struct source_range *sources = grow(dealing->sources, dealing->source_count, &dealing->source_room, sizeof *sources);
	if (sources == NULL)
		return STATUS_NO_MEMORY;
	dealing->sources = sources;
	sources[dealing->source_count++] = range;
	return STATUS_OK;
}

/* Sources stand in the fair order of their first people: the numbers of classes depend on who was added first. */
static int
compare_sources(const void *left, const void *right)
{
	const struct source_range *a = left, *b = right;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->recipient_id > b->recipient_id) - (a->recipient_id < b->recipient_id);
}

static enum status
find_sources(struct dealing *dealing)
{
	const struct candidate *items = dealing->candidates->items;
	const size_t count = dealing->candidates->count;
	enum status status = STATUS_OK;
	for (size_t first = 0, next; status == STATUS_OK && first < count && !items[first].placed; first = next) {
		for (next = first + 1; next < count && same_source(&items[first], &items[next]);)
			next++;
		status = note_source(dealing,
			(struct source_range){
				.first = first, .count = next - first, .order = items[first].order, .recipient_id = items[first].recipient_id});
	}
	if (dealing->source_count > 1)
		qsort(dealing->sources, dealing->source_count, sizeof *dealing->sources, compare_sources);
	return status;
}

static enum status
add_source(struct dealing *dealing, struct source_range *range, struct err *err)
{
	const struct candidate *first = &dealing->candidates->items[range->first];
	const struct plan_class *class = class_table_at(dealing->setup->classes, first->class);
	const struct interval_set *lawful = dealable_of(dealing, first);
	const enum status status =
		class_preferred(dealing->setup->classes, class, first->preference, lawful, dealing->setup->span, &range->preferred, err);
	if (status != STATUS_OK)
		return status;
	interval_set_trim(&range->preferred);
	return deal_add(dealing->deal,
		&(struct deal_source){.lawful = lawful,
			.preferred = range->preferred.count > 0 ? &range->preferred : NULL,
			.limits = class->limits,
			.count = range->count});
}

static enum status
add_sources(struct dealing *dealing, struct err *err)
{
	enum status status = find_sources(dealing);
	for (size_t i = 0; i < dealing->source_count && status == STATUS_OK; i++)
		status = add_source(dealing, &dealing->sources[i], err);
	return status;
}

/* Dealing ------------------------------------------------------------------------------------------------------------------------------- */

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	const struct dealing *dealing = context;
	const struct candidate *candidate = &dealing->candidates->items[dealing->sources[source].first + member];
	return turns_of(dealing->setup->turns, candidate->class, candidate->order);
}

static void
on_dealt(void *context, const struct dealt *dealt)
{
	struct dealing *dealing = context;
	struct candidates *candidates = dealing->candidates;
	const size_t index = dealing->sources[dealt->source].first + dealt->member;
	struct candidate *candidate = &candidates->items[index];
	const struct plan_class *class = class_table_at(dealing->setup->classes, candidate->class);
	candidate->due = dealt->due;
	candidate->not_after = instant_min(
		class_stretch_end(dealing->setup->classes, dealt->stretch), quota_edge_after(dealing->setup->quota, class->limits, dealt->due));
	candidate->placed = true;
	candidates->placed[candidates->placed_count++] = (uint32_t)index;
	candidates->preferred_count += interval_set_find(&dealing->sources[dealt->source].preferred, dealt->due) != NULL;
}

/* Merges what was placed before `middle` with the rest; both are in due order. */
static enum status
merge_placed(struct candidates *candidates, size_t middle)
{
	const size_t count = candidates->placed_count;
	if (middle == count)
		return STATUS_OK;
	uint32_t *merged = malloc((candidates->count + 1) * sizeof *merged);
	if (merged == NULL)
		return STATUS_NO_MEMORY;
	for (size_t to = 0, first = 0, second = middle; to < count; to++) {
		const bool from_first = second == count ||
			(first < middle && candidate_placed(candidates, first)->due.us < candidate_placed(candidates, second)->due.us);
		merged[to] = candidates->placed[from_first ? first++ : second++];
	}
	free(candidates->placed);
	candidates->placed = merged;
	return STATUS_OK;
}

/* Slots that stay, but not as they were, join those that were dealt. */
static enum status
add_amended(struct candidates *candidates)
{
	const size_t middle = candidates->placed_count;
	for (size_t i = 0; i < candidates->count; i++)
		if (candidates->items[i].amended)
			candidates->placed[candidates->placed_count++] = (uint32_t)i;
	return merge_placed(candidates, middle);
}

/* The number of the rule in candidates->rules, 0 for none. */
static uint8_t
number_rule(struct candidates *candidates, const struct rule *rule)
{
	size_t number = 0;
	if (rule == NULL)
		return 0;
	while (number < candidates->rule_count && candidates->rules[number] != rule)
		number++;
	if (number == candidates->rule_count)
		candidates->rules[candidates->rule_count++] = rule; /* at most as many as the quota knows */
	return (uint8_t)(number + 1);
}

/* Whether, all being dealt, a limit has no room left somewhere in the lawful time of a source. A question about the end and not about the way there,
 * so that planning again gives the same answer. */
static bool
volume_is_spent(const struct dealing *dealing, const struct candidate *candidate, const struct rule **out_rule)
{
	const uint32_t limits = class_table_at(dealing->setup->classes, candidate->class)->limits;
	const struct interval_set *lawful = dealable_of(dealing, candidate);
	const struct interval span = dealing->setup->span;
	for (size_t i = 0; limits != 0 && i < lawful->count; i++) {
		struct instant at = instant_max(lawful->items[i].from, span.from);
		const struct instant until = instant_min(lawful->items[i].until, span.until);
		for (; at.us < until.us; at = quota_edge_after(dealing->setup->quota, limits, at)) {
			const struct quota_answer answer = quota_ready(dealing->setup->quota, limits, at);
			*out_rule = answer.rule;
			if (answer.turned_away)
				return true;
		}
	}
	return false;
}

static void
refuse_rest(struct dealing *dealing, struct source_range range, size_t served, enum reason reason, const struct rule *rule)
{
	const uint8_t number = number_rule(dealing->candidates, rule);
	for (size_t i = served; i < range.count; i++) {
		dealing->candidates->items[range.first + i].refusal = (uint16_t)reason;
		dealing->candidates->items[range.first + i].refusal_rule = number;
	}
}

static void
refuse_left_over(struct dealing *dealing)
{
	for (size_t source = 0; source < dealing->source_count; source++) {
		const struct source_range range = dealing->sources[source];
		const size_t served = deal_served(dealing->deal, source);
		const struct rule *rule = NULL;
		if (served == range.count)
			continue;
		if (deal_has_later(dealing->deal, source))
			refuse_rest(dealing, range, served, REASON_BEYOND_HORIZON, NULL);
		else if (volume_is_spent(dealing, &dealing->candidates->items[range.first], &rule))
			refuse_rest(dealing, range, served, REASON_DAILY_VOLUME, rule);
		else
			refuse_rest(dealing, range, served, REASON_NO_CAPACITY, NULL);
	}
}

enum status
run_deal(const struct run_deal_setup *setup, struct candidates *candidates, struct err *err)
{
	struct dealing dealing = {.setup = setup, .candidates = candidates};
	if (candidates->count > 1)
		qsort(candidates->items, candidates->count, sizeof *candidates->items, compare_candidates);
	candidates->placed = malloc((candidates->count + 1) * sizeof *candidates->placed);
	const struct deal_setup deal = {.capacity = setup->capacity,
		.quota = setup->quota,
		.pacing = setup->pacing,
		.span = setup->span,
		.turn_of = turn_of,
		.context = &dealing};
	if (candidates->placed == NULL || deal_create(&deal, &dealing.deal) != STATUS_OK)
		return STATUS_NO_MEMORY;
	enum status status = add_sources(&dealing, err);
	if (status == STATUS_OK)
		status = deal_run(dealing.deal, on_dealt, &dealing);
	if (status == STATUS_OK)
		refuse_left_over(&dealing);
	if (status == STATUS_OK)
		status = add_amended(candidates);
	deal_free(&dealing.deal);
	for (size_t i = 0; i < dealing.source_count; i++)
		interval_set_free(&dealing.sources[i].preferred);
	free(dealing.sources);
	return status;
}
