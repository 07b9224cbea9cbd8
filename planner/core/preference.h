/*
 * preference - of the instants that somebody may have, those they would rather have: hours of their own day
 *
 *     const struct preferred_hours ten = {{10 * 3600}, {11 * 3600}};
 *     preference_hours(&ten, zones, zone_count, &dealable, within, &preferred);
 *
 * Of each local day: its instants within the hours. When a day has instants, but none within the hours, the nearest hour of them: the last before
 * 21:00 for one at 22:00, the first from 08:00 on for one at 06:00; of two equally near, the later. A day on which it is too late, because `within`
 * begins after the first of the hours is over, has none. With several candidate zones: what is preferred in any of them.
 *
 * It ranks and never widens: whatever is preferred lies in `lawful` and `within`. Nothing preferred means that none is better than another.
 *
 * Cost: days of `within` x zones x log(stretches). Errors: only memory.
 */
#ifndef DAYPART_CORE_PREFERENCE_H
#define DAYPART_CORE_PREFERENCE_H

#include "zone.h"

/* Local times of one day; `until` is later than `from`, at most 24:00. */
struct preferred_hours {
	struct day_time from, until;
};

MUST_CHECK enum status preference_hours(const struct preferred_hours *hours, const struct zone *const *zones, size_t zone_count,
	const struct interval_set *lawful, struct interval within, struct interval_set *out);

#endif
