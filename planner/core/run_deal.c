/*
 * How it works: each source of the store is a source of the deal, with a cursor that follows it, so that candidates are read as they are dealt. Under
 * even pacing a second cursor runs ahead and tells turns.
 *
 * When the deal falls short of ticks, another one takes its place in which people who have an instant are sources as well, behind those of the store; it
 * serves no fewer, and moves nobody if it serves no more. Planning them together from the start would cost as much as planning everybody anew,
 * each time.
 */
#include "run_deal.h"

#include <stdlib.h>

#include "person.h"
#include "reason.h"

/* How many people with a leeway of their own may be moved: one attempt after the other, until no edges need be rounded. */
static const size_t alone_at_most[] = {1 << 14, 1 << 9, 0};
enum { ATTEMPTS = sizeof alone_at_most / sizeof alone_at_most[0] };

struct dealing {
	const struct run_deal_setup *setup;
	const struct candidate_store *store;
	const struct run_deal_sink *sink;
	struct deal *deal;
	size_t source_count;                               /* of the store */
	struct candidate_cursor **cursors, **turn_cursors; /* by source; opened when first needed */
	struct interval_set *preferred;                    /* by source; empty: no instant is better than another */
	struct kept_people *kept;                          /* NULL: nobody is moved */
	struct interval_set *kept_preferred;               /* by source of them */
	enum status status;                                /* of what the deal calls */
};

/* Also of those who are kept. */
static struct candidate_source
source_of(const struct dealing *dealing, size_t number)
{
	if (number < dealing->source_count)
		return candidate_store_source(dealing->store, number);
	return kept_people_source(dealing->kept, number - dealing->source_count);
}

static struct interval_set *
preferred_of(const struct dealing *dealing, size_t number)
{
	return number < dealing->source_count ? &dealing->preferred[number] : &dealing->kept_preferred[number - dealing->source_count];
}

static const struct interval_set *
dealable_of(const struct dealing *dealing, size_t number)
{
	const struct candidate_source source = source_of(dealing, number);
	return source.leeway != NULL ? source.leeway : &class_table_at(dealing->setup->classes, source.class)->dealable;
}

static uint32_t
limits_of(const struct dealing *dealing, size_t number)
{
	return class_table_at(dealing->setup->classes, source_of(dealing, number).class)->limits;
}

static enum status
find_preferred(const struct dealing *dealing, size_t number, struct err *err)
{
	const struct candidate_source source = source_of(dealing, number);
	const struct plan_class *class = class_table_at(dealing->setup->classes, source.class);
	struct interval_set *preferred = preferred_of(dealing, number);
	const enum status status = class_preferred(
		dealing->setup->classes, class, source.preference, dealable_of(dealing, number), dealing->setup->span, preferred, err);
	interval_set_trim(preferred);
	return status;
}

static enum status
add_source(const struct dealing *dealing, size_t number)
{
	const struct interval_set *preferred = preferred_of(dealing, number);
	const size_t people = source_of(dealing, number).count;
	const bool kept = number >= dealing->source_count;
	return deal_add(dealing->deal,
		&(struct deal_source){.lawful = dealable_of(dealing, number),
			.preferred = preferred->count > 0 ? preferred : NULL,
			.limits = limits_of(dealing, number),
			.count = kept ? 0 : people,
			.kept = kept ? people : 0});
}

static enum status
add_sources(struct dealing *dealing, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < dealing->source_count && status == STATUS_OK; i++) {
		status = find_preferred(dealing, i, err);
		if (status == STATUS_OK)
			status = add_source(dealing, i);
	}
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

/* Also of those who are moved. */
static enum status
next_member(const struct dealing *dealing, struct candidate_cursor **cursors, size_t source, size_t member, struct candidate *out)
{
	if (source < dealing->source_count)
		return next_candidate(dealing, cursors, source, out);
	*out = kept_people_at(dealing->kept, source - dealing->source_count, member)->candidate;
	return STATUS_OK;
}

/* What the deal calls ---------------------------------------------------------------------------------------------------------------------- */

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	struct dealing *dealing = context;
	struct candidate candidate;
	if (dealing->status == STATUS_OK)
		dealing->status = next_member(dealing, dealing->turn_cursors, source, member, &candidate);
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
		dealing->status = next_member(dealing, dealing->cursors, dealt->source, dealt->member, &candidate);
	if (dealing->status != STATUS_OK)
		return;
	const struct run_deal_setup *setup = dealing->setup;
	const struct instant edge = quota_edge_after(setup->quota, limits_of(dealing, dealt->source), dealt->due);
	const struct placed placed = {.due = dealt->due,
		.not_after = instant_min(class_stretch_end(setup->classes, dealt->stretch), edge),
		.displaces = dealt->displaces,
		.preferred = interval_set_find(preferred_of(dealing, dealt->source), dealt->due) != NULL};
	dealing->status = dealing->sink->on_placed(dealing->sink->context, &candidate, &placed);
}

/* Who has an instant ------------------------------------------------------------------------------------------------------------------------ */

static enum status
open_deal(struct dealing *dealing, struct deal **out)
{
	const struct deal_setup deal = {.capacity = dealing->setup->capacity,
		.quota = dealing->setup->quota,
		.pacing = dealing->setup->pacing,
		.span = dealing->setup->span,
		.turn_of = turn_of,
		.context = dealing};
	return deal_create(&deal, out);
}

static void
forget_kept(struct dealing *dealing)
{
	for (size_t i = 0; dealing->kept_preferred != NULL && i < kept_people_sources(dealing->kept); i++)
		interval_set_free(&dealing->kept_preferred[i]);
	free(dealing->kept_preferred);
	dealing->kept_preferred = NULL;
	kept_people_free(&dealing->kept);
}

static void
close_turns(struct dealing *dealing)
{
	for (size_t i = 0; i < dealing->source_count; i++)
		candidate_cursor_close(&dealing->turn_cursors[i]);
}

/* A deal like the first, with those who are kept in it. */
static enum status
prepare_with_kept(struct dealing *dealing, size_t alone_max, struct err *err)
{
	const struct run_deal_setup *setup = dealing->setup;
	const struct kept_setup kept = {.campaign_id = setup->campaign_id,
		.class_count = class_table_count(setup->classes),
		.capacity = setup->capacity,
		.span = setup->span,
		.list = setup->kept};
	enum status status = kept_people_gather(&kept, alone_max, &dealing->kept);
	if (status != STATUS_OK)
		return status;
	const size_t count = kept_people_sources(dealing->kept);
	dealing->kept_preferred = calloc(count + 1, sizeof *dealing->kept_preferred);
	status = dealing->kept_preferred != NULL ? open_deal(dealing, &dealing->deal) : STATUS_NO_MEMORY;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = find_preferred(dealing, dealing->source_count + i, err);
	for (size_t i = 0; i < dealing->source_count + count && status == STATUS_OK; i++)
		status = add_source(dealing, i);
	close_turns(dealing);
	return status == STATUS_OK && count > 0 ? deal_prepare(dealing->deal) : status;
}

static enum status
plan_with_kept(struct dealing *dealing)
{
	const enum status status = kept_people_tell(dealing->kept, dealing->deal, dealing->source_count);
	return status == STATUS_OK ? deal_plan(dealing->deal) : status;
}

static int
compare_instants(const void *left, const void *right)
{
	const struct instant *a = left, *b = right;
	return (a->us > b->us) - (a->us < b->us);
}

static enum status
move_people(struct dealing *dealing)
{
	size_t count;
	enum status status = kept_people_choose(dealing->kept, dealing->deal, dealing->source_count);
	if (status != STATUS_OK)
		return status;
	const struct kept_person *moved = kept_people_moved(dealing->kept, &count);
	struct instant *ticks = malloc((count + 1) * sizeof *ticks);
	if (ticks == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		ticks[i] = moved[i].due;
	if (count > 1)
		qsort(ticks, count, sizeof *ticks, compare_instants);
	capacity_release(dealing->setup->capacity, ticks, count);
	free(ticks);
	return count > 0 ? dealing->sink->on_moved(dealing->sink->context, moved, count) : STATUS_OK;
}

/* One attempt to serve more by moving people. `*out_done` false: edges would have to be rounded. */
static enum status
attempt_moves(struct dealing *dealing, size_t alone_max, bool *out_done, struct err *err)
{
	struct deal *first = dealing->deal;
	dealing->deal = NULL;
	enum status status = prepare_with_kept(dealing, alone_max, err);
	*out_done = status != STATUS_OK || !deal_is_coarse(dealing->deal);
	const bool moves = status == STATUS_OK && *out_done && kept_people_sources(dealing->kept) > 0;
	if (moves)
		deal_undo(first);
	deal_free(moves ? &first : &dealing->deal);
	if (!moves) {
		dealing->deal = first;
		forget_kept(dealing);
		return status;
	}
	status = plan_with_kept(dealing);
	return status == STATUS_OK ? move_people(dealing) : status;
}

static enum status
serve_by_moving(struct dealing *dealing, struct err *err)
{
	enum status status = STATUS_OK;
	bool done = dealing->setup->kept.each == NULL || !deal_is_short(dealing->deal);
	for (size_t i = 0; i < ATTEMPTS && !done && status == STATUS_OK; i++)
		status = attempt_moves(dealing, alone_at_most[i], &done, err);
	return status;
}

/* Who is left ----------------------------------------------------------------------------------------------------------------------------- */

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

struct instant
run_deal_beyond(const struct quota *quota, uint32_t limits, const struct interval_set *dealable, struct instant from)
{
	for (const struct interval *next; (next = interval_set_next(dealable, from)) != NULL;) {
		from = quota_ready(quota, limits, instant_max(next->from, from)).ready;
		if (from.us < next->until.us)
			return from;
	}
	return (struct instant){INT64_MAX};
}

/* Under even pacing or a limit, who waited because there are later instants is told something else, or served by moving others, once there are none. */
static struct instant
beyond_span(const struct dealing *dealing, size_t source)
{
	const struct interval_set *dealable = dealable_of(dealing, source);
	const struct instant beyond = run_deal_beyond(dealing->setup->quota, limits_of(dealing, source), dealable, dealing->setup->span.until);
	if ((dealing->setup->pacing != DEAL_EVEN && limits_of(dealing, source) == 0) || !deal_has_later(dealing->deal, source))
		return beyond;
	return instant_min(beyond, (struct instant){dealable->items[dealable->count - 1].until.us - 1});
}

static struct left_over
explain(const struct dealing *dealing, size_t source)
{
	struct left_over left = {.reason = REASON_NO_CAPACITY,
		.dealable = dealable_of(dealing, source),
		.narrowed = candidate_store_source(dealing->store, source).leeway != NULL,
		.beyond = beyond_span(dealing, source),
		.exact_from = deal_exact_from(dealing->deal)};
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
		status = deal_plan(dealing->deal);
	if (status == STATUS_OK)
		status = serve_by_moving(dealing, err);
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
	dealing->cursors = calloc(dealing->source_count + 1, sizeof(*dealing->cursors));
	dealing->turn_cursors = calloc(dealing->source_count + 1, sizeof(*dealing->turn_cursors));
	dealing->preferred = calloc(dealing->source_count + 1, sizeof(*dealing->preferred));
	if (dealing->cursors == NULL || dealing->turn_cursors == NULL || dealing->preferred == NULL)
		return STATUS_NO_MEMORY;
	return open_deal(dealing, &dealing->deal);
}

static void
dealing_close(struct dealing *dealing)
{
	deal_free(&dealing->deal);
	forget_kept(dealing);
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
