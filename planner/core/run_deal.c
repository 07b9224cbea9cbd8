/*
 * How it works: each source of the store is a source of the deal, with a cursor that follows it, so that candidates are read as they are dealt. Under
 * even pacing a second cursor runs ahead and tells turns.
 */
#include "run_deal.h"

#include <stdlib.h>

#include "person.h"
#include "reason.h"

struct dealing {
	const struct run_deal_setup *setup;
	const struct candidate_store *store;
	const struct run_deal_sink *sink;
	struct deal *deal;
	size_t source_count;
	struct candidate_cursor **cursors, **turn_cursors; /* by source; opened when first needed */
	struct interval_set *preferred;                    /* by source; empty: no instant is better than another */
	enum status status;                                /* of what the deal calls */
};

static const struct interval_set *
dealable_of(const struct dealing *dealing, size_t number)
{
	const struct candidate_source source = candidate_store_source(dealing->store, number);
	return source.leeway != NULL ? source.leeway : &class_table_at(dealing->setup->classes, source.class)->dealable;
}

static uint32_t
limits_of(const struct dealing *dealing, size_t number)
{
	return class_table_at(dealing->setup->classes, candidate_store_source(dealing->store, number).class)->limits;
}

static enum status
add_source(struct dealing *dealing, size_t number, struct err *err)
{
	const struct candidate_source source = candidate_store_source(dealing->store, number);
	const struct plan_class *class = class_table_at(dealing->setup->classes, source.class);
	const struct interval_set *lawful = dealable_of(dealing, number);
	struct interval_set *preferred = &dealing->preferred[number];
	const enum status status =
		class_preferred(dealing->setup->classes, class, source.preference, lawful, dealing->setup->span, preferred, err);
	if (status != STATUS_OK)
		return status;
	interval_set_trim(preferred);
	return deal_add(dealing->deal,
		&(struct deal_source){
			.lawful = lawful, .preferred = preferred->count > 0 ? preferred : NULL, .limits = class->limits, .count = source.count});
}

static enum status
add_sources(struct dealing *dealing, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < dealing->source_count && status == STATUS_OK; i++)
		status = add_source(dealing, i, err);
	return status;
}

static enum status
next_candidate(const struct dealing *dealing, struct candidate_cursor **cursors, size_t source, struct candidate *out)
{
	enum status status = STATUS_OK;
	if (cursors[source] == NULL)
		status = candidate_cursor_open(dealing->store, source, &cursors[source]);
	return status == STATUS_OK ? candidate_cursor_next(cursors[source], out) : status;
}

/* ---------------------------------------------------------------------------------------------------------------------------------------- */

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	struct dealing *dealing = context;
	struct candidate candidate;
	(void)member; /* the next one */
	if (dealing->status == STATUS_OK)
		dealing->status = next_candidate(dealing, dealing->turn_cursors, source, &candidate);
	if (dealing->status != STATUS_OK)
		return UINT32_MAX;
	return turns_of(dealing->setup->turns, candidate.class, person_order(candidate.recipient_id, dealing->setup->campaign_id));
}

static void
on_dealt(void *context, const struct dealt *dealt)
{
	struct dealing *dealing = context;
	struct candidate candidate;
	if (dealing->status == STATUS_OK)
		dealing->status = next_candidate(dealing, dealing->cursors, dealt->source, &candidate);
	if (dealing->status != STATUS_OK)
		return;
	const struct run_deal_setup *setup = dealing->setup;
	const struct instant edge = quota_edge_after(setup->quota, limits_of(dealing, dealt->source), dealt->due);
	const struct placed placed = {.due = dealt->due,
		.not_after = instant_min(class_stretch_end(setup->classes, dealt->stretch), edge),
		.displaces = dealt->displaces,
		.preferred = interval_set_find(&dealing->preferred[dealt->source], dealt->due) != NULL};
	dealing->status = dealing->sink->on_placed(dealing->sink->context, &candidate, &placed);
}

/* Whether, all being dealt, a limit has no room left somewhere in the lawful time of a source. A question about the end and not about the way there,
 * so that planning again gives the same answer. */
static bool
volume_is_spent(const struct dealing *dealing, size_t source, const struct rule **out_rule)
{
	const uint32_t limits = limits_of(dealing, source);
	const struct interval_set *lawful = dealable_of(dealing, source);
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

static struct left_over
explain(const struct dealing *dealing, size_t source)
{
	struct left_over left = {.reason = REASON_NO_CAPACITY,
		.dealable = dealable_of(dealing, source),
		.narrowed = candidate_store_source(dealing->store, source).leeway != NULL};
	const struct rule *rule = NULL;
	if (deal_has_later(dealing->deal, source)) {
		left.reason = REASON_BEYOND_HORIZON;
	} else if (volume_is_spent(dealing, source, &rule)) {
		left.reason = REASON_DAILY_VOLUME;
		left.rule = rule;
	} else {
		left.relief = deal_first_relief(dealing->deal, source);
	}
	return left;
}

/* The cursor stands behind the last one who was served. */
static enum status
tell_left_over(const struct dealing *dealing, size_t source)
{
	const size_t count = candidate_store_source(dealing->store, source).count;
	size_t at = deal_served(dealing->deal, source);
	enum status status = STATUS_OK;
	if (at == count)
		return STATUS_OK;
	const struct left_over left = explain(dealing, source);
	for (; at < count && status == STATUS_OK; at++) {
		struct candidate candidate;
		status = next_candidate(dealing, dealing->cursors, source, &candidate);
		if (status == STATUS_OK)
			status = dealing->sink->on_left(dealing->sink->context, &candidate, &left);
	}
	return status;
}

static enum status
deal_all(struct dealing *dealing, struct err *err)
{
	enum status status = add_sources(dealing, err);
	if (status == STATUS_OK)
		status = deal_run(dealing->deal, on_dealt, dealing);
	if (status == STATUS_OK)
		status = dealing->status;
	for (size_t i = 0; i < dealing->source_count && status == STATUS_OK; i++)
		status = tell_left_over(dealing, i);
	return status;
}

static enum status
dealing_open(struct dealing *dealing)
{
	const struct deal_setup deal = {.capacity = dealing->setup->capacity,
		.quota = dealing->setup->quota,
		.pacing = dealing->setup->pacing,
		.span = dealing->setup->span,
		.turn_of = turn_of,
		.context = dealing};
	dealing->cursors = calloc(dealing->source_count + 1, sizeof(*dealing->cursors));
	dealing->turn_cursors = calloc(dealing->source_count + 1, sizeof(*dealing->turn_cursors));
	dealing->preferred = calloc(dealing->source_count + 1, sizeof(*dealing->preferred));
	if (dealing->cursors == NULL || dealing->turn_cursors == NULL || dealing->preferred == NULL)
		return STATUS_NO_MEMORY;
	return deal_create(&deal, &dealing->deal);
}

static void
dealing_close(struct dealing *dealing)
{
	deal_free(&dealing->deal);
	for (size_t i = 0; i < dealing->source_count; i++) {
		if (dealing->cursors != NULL)
			candidate_cursor_close(&dealing->cursors[i]);
		if (dealing->turn_cursors != NULL)
			candidate_cursor_close(&dealing->turn_cursors[i]);
		if (dealing->preferred != NULL)
			interval_set_free(&dealing->preferred[i]);
	}
	free(dealing->cursors);
	free(dealing->turn_cursors);
	free(dealing->preferred);
}

enum status
run_deal(const struct run_deal_setup *setup, const struct candidate_store *store, const struct run_deal_sink *sink, struct err *err)
{
	struct dealing dealing = {.setup = setup, .store = store, .sink = sink, .source_count = candidate_store_sources(store)};
	enum status status = dealing_open(&dealing);
	if (status == STATUS_OK)
		status = deal_all(&dealing, err);
	dealing_close(&dealing);
	return status;
}
