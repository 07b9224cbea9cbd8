/*
 * second_opinion - implementation
 *
 * Asks libical every hour, and at the last second before and the first after each change of ours. libical never fails: a zone it cannot load
 * has offset 0, so the component behind the zone is looked at first (UTC has none, and needs none). What it has loaded stays loaded, whatever
 * happens to the files, so everything is freed in the end, and the next call reads afresh.
 */
#include "conf/second_opinion.h"

#include <libical/ical.h>

static int32_t
offset_in_libical(icaltimezone *zone, struct instant at)
{
	const struct wall utc = {at.us};
	const struct civil civil = date_to_civil(wall_date(utc));
	const int32_t s = wall_day_time(utc).s;
	struct icaltimetype time = {
		.year = civil.year, .month = civil.month, .day = civil.day, .hour = s / 3600, .minute = s / 60 % 60, .second = s % 60};
	int is_daylight;

	return icaltimezone_get_utc_offset_of_utc_time(zone, &time, &is_daylight);
}

/* The first of `at`, whole hours later, the second before a change, and the change itself that comes after `at`. */
static struct instant
next_probe(const struct zone *zone, struct instant at)
{
	const struct instant hour = {at.us + US_PER_HOUR}, change = zone_next_change(zone, at);
	const struct instant before = {change.us - US_PER_SECOND};

	return instant_min(hour, before.us > at.us ? before : change);
}

static bool
differs(const struct zone *ours, icaltimezone *theirs, struct interval span, struct zone_difference *out)
{
	for (struct instant at = span.from; at.us < span.until.us; at = next_probe(ours, at)) {
		out->at = at;
		out->ours_s = zone_offset_s(ours, at);
		out->theirs_s = offset_in_libical(theirs, at);
		if (out->ours_s != out->theirs_s)
			return true;
	}
	return false;
}

static bool
is_loaded(icaltimezone *zone)
{
	return zone != NULL && (zone == icaltimezone_get_utc_timezone() || icaltimezone_get_component(zone) != NULL);
}

size_t
zone_second_opinion(const struct zone_set *zones, const struct zone_question *question, struct zone_difference out[])
{
	size_t count = 0;

	for (size_t i = 0; i < question->count; i++) {
		icaltimezone *theirs = icaltimezone_get_builtin_timezone(question->names[i]);
		struct zone_difference *difference = &out[count];

		*difference = (struct zone_difference){.name = question->names[i], .at = question->span.from};
		difference->missing = !is_loaded(theirs);
		if (difference->missing || differs(zone_set_find(zones, question->names[i]), theirs, question->span, difference))
			count++;
	}
	icaltimezone_free_builtin_timezones();
	return count;
}
