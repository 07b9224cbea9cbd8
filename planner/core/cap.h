/*
 * cap - frequency caps: the instants at which one more message to this person would be one too many
 *
 * A message that has left counts at its instant; a planned one counts wherever it may still leave, from due to not_after. A cap is judged for
 * every possible combination, so a plan that passes here holds however late each slot is released, and the gate need not count again
 * (promise 2). An uncertain outcome counts as sent.
 *
 * Rolling: no half-open stretch of `length` may hold more than n. Calendar: no day or month of any candidate zone may hold more than n. A day that
 * is a holiday of the cap's calendar may hold fewer (R-062, F11); one of which the calendar says nothing, or whose calendar is not there, as well.
 * A cap of one channel is broken by any message over another one within the period (P-59). A cap of one subject (P-12, P-13, P-14) counts what is
 * on the subject of the message that is to leave, or may be: one of them is unknown. So no subject has more than n, whatever the unknown ones were.
 *
 *     const struct cap_scope scope = {zones, zone_count, calendars, calendar_count, span, CHANNEL_BIT(channel), subject};
 *     cap_blocked(law.of[RULE_CAP].items, law.of[RULE_CAP].count, events, event_count, &scope, &blocked);
 *     interval_set_subtract(&open, &blocked, &lawful);
 *
 * Cost: O(caps x events x log events); called only for people who have events.
 */
#ifndef DAYPART_CORE_CAP_H
#define DAYPART_CORE_CAP_H

#include "interval.h"
#include "merge.h"

struct cap_event {
	struct instant earliest, latest; /* both included; equal for what has left */
	uint32_t category_bit, channel_bit;
	uint32_t subject; /* what it is about: the same number, the same subject; 0: unknown, so perhaps the one of any other */
};

/* Whose clocks and calendars, and which stretch of time is asked about. */
struct cap_scope {
	const struct zone *const *zones; /* every candidate; at least one */
	size_t zone_count;
	const struct calendar *const *calendars; /* as in window_context */
	size_t calendar_count;
	struct interval span;
	uint32_t channel_bit, subject; /* of the message that is to leave */
};

MUST_CHECK enum status cap_blocked(const struct rule *const *caps, size_t cap_count, const struct cap_event *events, size_t event_count,
	const struct cap_scope *scope, struct interval_set *out);

/* The first day or month edge after `at` that a calendar cap of this law uses, in any candidate zone: not_after must not cross it. INT64_MAX
 * when no cap is a calendar cap. */
struct instant cap_edge_after(
	const struct rule *const *caps, size_t cap_count, const struct zone *const *zones, size_t zone_count, struct instant at);

/* `hash` and what the calendars say to these caps: another holiday is another law. The same number when no cap looks at a calendar. */
uint64_t cap_calendars_hash(
	uint64_t hash, const struct rule *const *caps, size_t cap_count, const struct calendar *const *calendars, size_t calendar_count);

/* How far back the ledger must be read for these caps, given the instant from which new messages may leave. */
struct instant cap_lookback(const struct rule *const *caps, size_t cap_count, struct instant from);

#endif
