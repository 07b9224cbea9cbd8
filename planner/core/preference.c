/*
 * How it works: day by day and zone by zone. What a day has of `lawful` are a few stretches in order of time; a first pass over them takes what lies
 * within the hours, and if that is nothing a second one finds the nearest.
 */
#include "preference.h"

#include "local_days.h"

static const struct duration HOUR = {US_PER_HOUR};

/* One day of one clock. */
struct day_view {
	const struct interval_set *lawful;
	struct interval day;   /* within `within` */
	struct interval hours; /* empty where a change of the clock swallows them: then the instant of the change */
};

static struct interval
clip(struct interval stretch, struct interval to)
{
	return (struct interval){instant_max(stretch.from, to.from), instant_min(stretch.until, to.until)};
}

/* What the day has from `at` on, up to the first gap; empty when that is nothing. */
static struct interval
next_stretch(const struct day_view *view, struct instant at)
{
	const struct interval *stretch = interval_set_next(view->lawful, at);
	if (stretch == NULL || stretch->from.us >= view->day.until.us)
		return (struct interval){view->day.until, view->day.until};
	return clip(*stretch, (struct interval){at, view->day.until});
}

static enum status
add_within_hours(const struct day_view *view, struct interval_set *out, bool *out_any)
{
	enum status status = STATUS_OK;
	struct interval stretch = next_stretch(view, view->day.from);
	*out_any = false;
	for (; stretch.from.us < stretch.until.us && status == STATUS_OK; stretch = next_stretch(view, stretch.until)) {
		const struct interval part = clip(stretch, view->hours);
		if (part.from.us >= part.until.us)
			continue;
		*out_any = true;
		status = interval_set_add(out, part);
	}
	return status;
}

/* How far a stretch lies from the hours, and the hour of it that is nearest. */
static int64_t
nearest_hour(struct interval stretch, struct interval hours, struct interval *out)
{
	if (stretch.until.us <= hours.from.us) {
		*out = clip((struct interval){{stretch.until.us - HOUR.us}, stretch.until}, stretch);
		return hours.from.us - stretch.until.us;
	}
	const struct instant from = instant_max(stretch.from, hours.from);
	*out = clip((struct interval){from, instant_add(from, HOUR)}, stretch);
	return from.us > hours.until.us ? from.us - hours.until.us : 0;
}

static enum status
add_nearest(const struct day_view *view, struct interval_set *out)
{
	struct interval nearest = {{0}, {0}};
	int64_t least = INT64_MAX;
	struct interval stretch = next_stretch(view, view->day.from);
	for (; stretch.from.us < stretch.until.us; stretch = next_stretch(view, stretch.until)) {
		struct interval hour;
		const int64_t distance = nearest_hour(stretch, view->hours, &hour);
		if (distance <= least) {
			least = distance;
			nearest = hour;
		}
	}
	return interval_set_add(out, nearest);
}

static enum status
add_day(const struct preferred_hours *hours, const struct zone *zone, struct date date, const struct interval_set *lawful,
	struct interval within, struct interval_set *out)
{
	const struct instant from = zone_opening(zone, wall_at(date, hours->from));
	const struct instant until = zone_closing(zone, wall_at(date, hours->until));
	const struct day_view view = {
		lawful, clip(local_days(zone, date, (struct date){date.days + 1}), within), {from, instant_max(from, until)}};
	bool any;
	if (view.day.from.us >= view.day.until.us)
		return STATUS_OK;
	const struct interval first = next_stretch(&view, view.day.from);
	/* What `within` cuts off was the better part of the day. */
	if (first.from.us <= within.from.us && instant_add(from, HOUR).us <= within.from.us)
		return STATUS_OK;
	const enum status status = add_within_hours(&view, out, &any);
	return status == STATUS_OK && !any ? add_nearest(&view, out) : status;
}

enum status
preference_hours(const struct preferred_hours *hours, const struct zone *const *zones, size_t zone_count, const struct interval_set *lawful,
	struct interval within, struct interval_set *out)
{
	enum status status = STATUS_OK;
	interval_set_clear(out);
	for (size_t i = 0; i < zone_count && within.from.us < within.until.us; i++) {
		const int32_t last = wall_date(zone_wall(zones[i], within.until)).days;
		for (int32_t day = wall_date(zone_wall(zones[i], within.from)).days; day <= last && status == STATUS_OK; day++)
			status = add_day(hours, zones[i], (struct date){day}, lawful, within, out);
	}
	return status;
}
