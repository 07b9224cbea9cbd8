/*
 * run_deal - gives the waiting people of one campaign run their instants
 *
 *     run_deal(&setup, store, &sink, &err);        // a settled candidate_store; tells of every candidate once
 *
 * Whoever gets an instant is told to on_placed, in strictly rising due order; then all who went without are told to on_left, with the reason:
 * BEYOND_HORIZON, DAILY_VOLUME (with its rule) or NO_CAPACITY. Nothing of it is kept: what is to be kept, the caller puts away as it comes.
 *
 * Where somebody would go without, or take a lent tick, people who have an instant may have to take another one (`kept`), if that serves more or takes
 * fewer lent ticks: those are told to on_moved, all at once, and then to on_placed as well. Only then is the list of them looked at. Of those with a
 * leeway of their own the first 16,384 are, in fair order, or 512 or none when edges would have to be rounded for so many (deal.h); where they would
 * have to be in any case, nobody is moved.
 *
 * Memory: that of deal.h, about 1 kB for each class and preference, 16 bytes for each preferred stretch of a source, and where somebody would go
 * without that of kept_people.h. Errors: those of spool.h,
 * for which `err` stays as it was, and of the sink; a calendar that a preference needs.
 */
#ifndef DAYPART_CORE_RUN_DEAL_H
#define DAYPART_CORE_RUN_DEAL_H

#include "candidate_store.h"
#include "class_table.h"
#include "deal.h"
#include "kept_people.h"
#include "turn.h"

struct run_deal_setup {
	int32_t campaign_id;
	const struct class_table *classes;
	struct capacity *capacity; /* settled; the ticks of whoever is moved are released */
	struct quota *quota;       /* NULL: no volume is limited */
	enum pacing pacing;
	const struct turns *turns; /* settled; of DEAL_EVEN */
	struct interval span;      /* from now to the planning horizon */
	struct kept_list kept;     /* those who keep their instants and may be moved */
};

struct placed {
	struct instant due, not_after;
	bool displaces; /* a lent tick */
	bool preferred; /* an instant that they, the campaign or the rulebook prefer */
};
struct left_over {
	enum reason reason;
	const struct rule *rule;             /* or NULL */
	const struct interval_set *dealable; /* what might have been dealt */
	bool narrowed;                       /* that is a leeway */
	struct instant beyond;               /* a longer span that ends no later deals with them as this one; INT64_MAX: any does */
	struct instant exact_from;           /* a span that begins there or later might serve more (deal_exact_from) */
	struct instant relief;               /* NO_CAPACITY: when the sender would have room for all of them (deal_first_relief) */
};

struct run_deal_sink {
	/* They give up their instants. */
	enum status (*on_moved)(void *context, const struct kept_person *moved, size_t count);
	enum status (*on_placed)(void *context, const struct candidate *candidate, const struct placed *placed);
	enum status (*on_left)(void *context, const struct candidate *candidate, const struct left_over *left);
	void *context;
};

MUST_CHECK enum status run_deal(
	const struct run_deal_setup *setup, const struct candidate_store *store, const struct run_deal_sink *sink, struct err *err);

/* The first instant from `from` on that might be dealt to people with these limits, by what the quota knows; INT64_MAX: none. */
struct instant run_deal_beyond(const struct quota *quota, uint32_t limits, const struct interval_set *dealable, struct instant from);

#endif
