#include "candidate_days.h"

static bool
is_bounded(struct date date)
{
	return date.days != INT32_MIN && date.days != INT32_MAX;
}

static struct instant
unbounded(struct date date)
{
	return (struct instant){date.days == INT32_MIN ? INT64_MIN : INT64_MAX};
}

struct instant
day_begins_somewhere(const struct candidate_zones *zones, struct date date)
{
	struct instant begins = {INT64_MAX};
	if (!is_bounded(date))
		return unbounded(date);
	for (size_t i = 0; i < zones->count; i++)
		begins = instant_min(begins, local_days(zones->items[i], date, date).from);
	return begins;
}

struct instant
day_begins_everywhere(const struct candidate_zones *zones, struct date date)
{
	struct instant begins = {INT64_MIN};
	if (!is_bounded(date))
		return unbounded(date);
	for (size_t i = 0; i < zones->count; i++)
		begins = instant_max(begins, local_days(zones->items[i], date, date).until);
	return begins;
}

struct instant
day_is_over(const struct candidate_zones *zones, struct date date)
{
	return is_bounded(date) ? day_begins_everywhere(zones, (struct date){date.days + 1}) : unbounded(date);
}

struct date
date_after(struct date date, struct duration duration)
{
	const int64_t days = date.days + duration.us / US_PER_DAY;
	if (!is_bounded(date))
		return date;
	return (struct date){days < INT32_MAX ? (int32_t)days : INT32_MAX};
}

struct interval
rule_in_force_somewhere(const struct rule *rule, const struct candidate_zones *zones)
{
	struct interval force = {{INT64_MAX}, {INT64_MIN}};
	for (size_t i = 0; i < zones->count; i++) {
		const struct interval there = rule_in_force(rule, zones->items[i]);
		force = (struct interval){instant_min(force.from, there.from), instant_max(force.until, there.until)};
	}
	return force;
}

bool
rule_in_force_throughout(const struct rule *rule, const struct candidate_zones *zones, struct interval span)
{
	for (size_t i = 0; i < zones->count; i++) {
		const struct interval there = rule_in_force(rule, zones->items[i]);
		if (there.from.us > span.from.us || there.until.us < span.until.us)
			return false;
	}
	return true;
}
