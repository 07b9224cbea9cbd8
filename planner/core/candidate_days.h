/*
 * candidate_days - days of a person who may be in any of several zones, read so that nothing gets looser
 *
 *     struct candidate_zones zones = {class->zones, class->place.zone_count};
 *     until = day_begins_somewhere(&zones, record_ends_on);
 *
 * INT32_MIN and INT32_MAX days are unbounded: they begin at INT64_MIN and INT64_MAX. local_days.h has one zone. Pure.
 */
#ifndef DAYPART_CORE_CANDIDATE_DAYS_H
#define DAYPART_CORE_CANDIDATE_DAYS_H

#include "local_days.h"

struct candidate_zones {
	const struct zone *const *items;
	size_t count; /* at least 1 */
};

/* When the day begins in the first of the zones, in the last, and when it is over in all. */
struct instant day_begins_somewhere(const struct candidate_zones *zones, struct date date);
struct instant day_begins_everywhere(const struct candidate_zones *zones, struct date date);
struct instant day_is_over(const struct candidate_zones *zones, struct date date);
/* The day that many whole days later; a part of a day does not count. */
struct date date_after(struct date date, struct duration duration);

/* From the first instant at which the rule holds in some zone to the last. */
struct interval rule_in_force_somewhere(const struct rule *rule, const struct candidate_zones *zones);
/* Whether it holds in every zone from the span's beginning to its end. */
bool rule_in_force_throughout(const struct rule *rule, const struct candidate_zones *zones, struct interval span);

#endif
