/* Midnight read twice (clocks set back) is the whole difficulty: a day begins at the earlier reading, and lasts as long as its date is shown. */
#include "local_days.h"

static const struct day_time midnight = {0};

static struct instant
first_instant(const struct zone *zone, struct date date)
{
	return date.days == INT32_MIN ? (struct instant){INT64_MIN} : zone_closing(zone, wall_at(date, midnight));
}

static struct instant
past_instant(const struct zone *zone, struct date date)
{
	if (date.days == INT32_MAX)
		return (struct instant){INT64_MAX};
	struct local_reading reading = zone_resolve(zone, wall_at(date, midnight));
	if (reading.kind != LOCAL_OVERLAP)
		return reading.first;
	/* Set back to midnight itself: the day before is over at the first reading. Set back past it: its date is shown once more. */
	struct wall before = zone_wall(zone, (struct instant){reading.last.us - 1});
	return wall_date(before).days < date.days ? reading.last : reading.first;
}

struct interval
local_days(const struct zone *zone, struct date first, struct date past)
{
	return (struct interval){first_instant(zone, first), past_instant(zone, past)};
}

struct interval
rule_in_force(const struct rule *rule, const struct zone *zone)
{
	return local_days(zone, rule->from, rule->until);
}
