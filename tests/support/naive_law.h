/*
 * naive_law - the law asked of one instant, word by word and slowly: what tests compare the planner with
 *
 *     if (!naive_window_permits(rule, zone, calendar, at)) fail_msg(...);
 *
 * A window is judged by what the wall clock shows at the instant; around clock changes, where the law opens late and closes early, that permits
 * a little more than window.h does, never less. A cap is judged with every other message wherever it may fall.
 */
#ifndef DAYPART_TESTS_SUPPORT_NAIVE_LAW_H
#define DAYPART_TESTS_SUPPORT_NAIVE_LAW_H

#include "planner/core/cap.h"

/* `zone`: the clock that the rule looks at; `calendar` may be NULL when the rule has none. No emergency is declared. */
bool naive_window_permits(const struct rule *rule, const struct zone *zone, const struct calendar *calendar, struct instant at);
/* Whether one more message at `at` keeps within the cap. Dates of the rule and the span are not looked at; the first calendar is the cap's. */
bool naive_cap_permits(
	const struct rule *cap, const struct cap_scope *scope, const struct cap_event *events, size_t event_count, struct instant at);

#endif
