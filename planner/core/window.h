/*
 * window - the instants at which a law lets a message leave, on the absolute time line
 *
 * For each window rule, each candidate zone and each local date the rule's ranges become instants (zone_opening, zone_closing); outside the
 * rule's effective dates (local dates of the clock it looks at) it permits everything. The result is the intersection over all rules and zones,
 * half-open. A date that a needed calendar does not cover is closed and reported in `unknown`, so that the person is held, not suppressed. An eve
 * is a day that is no holiday itself and whose next day is one: one day more that the calendar must cover. A rule for emergencies binds only while
 * one is declared, and permits everything else.
 *
 *     struct windows windows = WINDOWS_INIT;
 *     window_expand(&law, zones, zone_count, &context, span, &windows, &err);
 *
 * Cost: days x zones x rules; computed once per class, never per recipient. Errors: memory; an unknown calendar or fixed zone (STATUS_NOT_FOUND).
 * There is at least one zone: a person without one is held, never planned.
 */
#ifndef DAYPART_CORE_WINDOW_H
#define DAYPART_CORE_WINDOW_H

#include "interval.h"
#include "merge.h"

struct windows {
	struct interval_set open;
	struct interval_set unknown; /* closed only because a calendar says nothing */
};
/* clang-format off */
#define WINDOWS_INIT {.open = INTERVAL_SET_INIT}
/* clang-format on */

/* P-20, P-21. `declared` ends at INT64_MAX while it lasts. */
struct emergency {
	const char *area; /* a region code */
	struct interval declared;
};

struct window_context {
	const struct zone_set *zones; /* for fixed zones of rules; may be NULL when no rule has one */
	const struct calendar *const *calendars;
	size_t calendar_count;
	const struct emergency *emergencies; /* those whose area touches the class, in any order; NULL: none */
	size_t emergency_count;
};

MUST_CHECK enum status window_expand(const struct law *law, const struct zone *const *zones, size_t zone_count,
	const struct window_context *context, struct interval span, struct windows *out, struct err *err);
void windows_free(struct windows *windows);

/* The daily hours of a campaign (local_from..local_to), in every candidate zone, intersected into `open`. Overnight hours belong to the day
 * they open. */
MUST_CHECK enum status window_clip_local_hours(struct interval_set *open, const struct zone *const *zones, size_t zone_count,
	struct day_range hours, struct interval span, struct err *err);

#endif
