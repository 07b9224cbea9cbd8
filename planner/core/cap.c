/*
 * Rolling caps. A stretch that starts at w (whole microseconds) holds event i, wherever in earliest..latest it happens, when latest >= w and
 * earliest < w + L, that is for w in (earliest - L, latest]. The sorted ends of these ranges of w give the starts W whose
 * stretch may hold n events already; an instant is blocked when some stretch that starts in W contains it: a run [lo, hi] of W blocks
 * [lo, hi + L). Looking only back from each instant, the usual way, misses stretches that contain messages planned for later.
 *
 * Calendar caps. Every event touches the days (months) from its earliest to its latest instant; one that n events touch is blocked whole. Zone
 * by zone, for a message at midnight UTC belongs to different days here and there. The periods are those of the events, so at most a few. Of the days
 * that as many events touch as a holiday may hold, those are blocked that are one, or may be.
 */
#include "cap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "local_days.h"
#include "mix.h"

/* Half-open runs of integers, as two sorted lists of ends: window starts in microseconds, or periods in days. */
struct ends {
	int64_t *from, *until;
	size_t count;
};

static bool
cap_counts(const struct rule *cap, const struct cap_scope *scope, const struct cap_event *event)
{
	return (cap->categories & event->category_bit) && (cap->channels & event->channel_bit) &&
		(!cap->cap.of_channels || event->channel_bit != scope->channel_bit) &&
		(!cap->cap.same_subject || event->subject == 0 || scope->subject == 0 || event->subject == scope->subject);
}

static int
compare_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static enum status
ends_allocate(struct ends *ends, size_t limit)
{
	*ends = (struct ends){.from = calloc(limit + 1, sizeof(int64_t)), .until = calloc(limit + 1, sizeof(int64_t))};
	return ends->from && ends->until ? STATUS_OK : STATUS_NO_MEMORY;
}

static void
ends_free(struct ends *ends)
{
	free(ends->from);
	free(ends->until);
}

static void
ends_add(struct ends *ends, int64_t from, int64_t until)
{
	ends->from[ends->count] = from;
	ends->until[ends->count++] = until;
}

static void
ends_sort(struct ends *ends)
{
	qsort(ends->from, ends->count, sizeof(int64_t), compare_int64);
	qsort(ends->until, ends->count, sizeof(int64_t), compare_int64);
}

/*
 * The runs of places that at least n of the given runs cover. Of the sorted ends, place x has #(from <= x) - #(until <= x) runs over it, so from
 * the k-th beginning on (k counted from 1) there are n as long as x lies before the (k - n + 1)-th end.
 */
struct covered_walk {
	const struct ends *ends;
	size_t n, k;
	int64_t from, until; /* the run found; until excluded */
};

static bool
covered_next(struct covered_walk *walk)
{
	const struct ends *ends = walk->ends;
	while (walk->k < ends->count) {
		size_t k = walk->k++;
		walk->from = ends->from[k];
		walk->until = ends->until[k + 1 - walk->n];
		if (walk->from < walk->until)
			return true;
	}
	return false;
}

static struct covered_walk
covered_walk(const struct ends *ends, size_t n)
{
	return (struct covered_walk){.ends = ends, .n = n, .k = n - 1};
}

/* Adds the part of `blocked` in which the cap is in force and that lies in `span`. */
static enum status
block(struct interval_set *out, struct interval blocked, struct interval force, struct interval span)
{
	blocked.from = instant_max(blocked.from, instant_max(force.from, span.from));
	blocked.until = instant_min(blocked.until, instant_min(force.until, span.until));
	return blocked.from.us < blocked.until.us ? interval_set_add(out, blocked) : STATUS_OK;
}

/* From the first instant at which the rule holds in some candidate zone to the last. */
static struct interval
force_anywhere(const struct rule *rule, const struct zone *const *zones, size_t zone_count)
{
	struct interval force = rule_in_force(rule, zones[0]);
	for (size_t i = 1; i < zone_count; i++) {
		struct interval other = rule_in_force(rule, zones[i]);
		force = (struct interval){instant_min(force.from, other.from), instant_max(force.until, other.until)};
	}
	return force;
}

static void
collect_starts(struct ends *ends, const struct rule *cap, const struct cap_scope *scope, const struct cap_event *events, size_t event_count)
{
	ends->count = 0;
	for (size_t i = 0; i < event_count; i++)
		if (cap_counts(cap, scope, &events[i]))
			ends_add(ends, events[i].earliest.us - cap->cap.length.us + 1, events[i].latest.us + 1);
	ends_sort(ends);
}

static enum status
block_rolling(struct ends *ends, const struct rule *cap, struct interval force, struct interval span, struct interval_set *out)
{
	struct covered_walk walk = covered_walk(ends, cap->cap.n);
	enum status status = STATUS_OK;
	while (status == STATUS_OK && covered_next(&walk)) {
		struct interval blocked = {{walk.from}, {walk.until - 1 + cap->cap.length.us}};
		status = block(out, blocked, force, span);
	}
	return status;
}

static struct date
period_first(enum cap_period period, struct date date)
{
	return period == CAP_CALENDAR_MONTH ? date_month_first(date) : date;
}

static struct date
period_next(enum cap_period period, struct date date)
{
	return period == CAP_CALENDAR_MONTH ? date_next_month_first(date) : (struct date){date.days + 1};
}

static void
collect_periods(struct ends *ends, const struct rule *cap, const struct cap_scope *scope, const struct zone *zone,
	const struct cap_event *events, size_t event_count)
{
	ends->count = 0;
	for (size_t i = 0; i < event_count; i++) {
		if (!cap_counts(cap, scope, &events[i]))
			continue;
		struct date first = wall_date(zone_wall(zone, events[i].earliest)), last = wall_date(zone_wall(zone, events[i].latest));
		ends_add(ends, period_first(cap->cap.period, first).days, period_next(cap->cap.period, last).days);
	}
	ends_sort(ends);
}

static enum status
block_periods(struct ends *ends, const struct rule *cap, const struct zone *zone, struct interval force, struct interval span,
	struct interval_set *out)
{
	struct covered_walk walk = covered_walk(ends, cap->cap.n);
	enum status status = STATUS_OK;
	while (status == STATUS_OK && covered_next(&walk)) {
		struct interval blocked = local_days(zone, (struct date){(int32_t)walk.from}, (struct date){(int32_t)walk.until});
		status = block(out, blocked, force, span);
	}
	return status;
}

static const struct calendar *
find_calendar(const struct calendar *const *calendars, size_t calendar_count, const char *name)
{
	for (size_t i = 0; i < calendar_count; i++)
		if (strcmp(calendar_name(calendars[i]), name) == 0)
			return calendars[i];
	return NULL;
}

static bool
may_be_holiday(const struct calendar *calendar, int32_t day)
{
	return calendar == NULL || calendar_day(calendar, (struct date){day}) != DAY_ORDINARY;
}

static enum status
block_holidays(struct ends *ends, const struct rule *cap, const struct zone *zone, struct interval force, const struct cap_scope *scope,
	struct interval_set *out)
{
	const struct calendar *calendar = find_calendar(scope->calendars, scope->calendar_count, cap->cap.calendar);
	struct covered_walk walk = covered_walk(ends, cap->cap.on_holidays);
	enum status status = STATUS_OK;
	while (status == STATUS_OK && covered_next(&walk))
		for (int32_t day = (int32_t)walk.from; day < walk.until && status == STATUS_OK; day++)
			if (may_be_holiday(calendar, day))
				status = block(out, local_days(zone, (struct date){day}, (struct date){day + 1}), force, scope->span);
	return status;
}

static enum status
block_cap(struct ends *ends, const struct rule *cap, const struct cap_event *events, size_t event_count, const struct cap_scope *scope,
	struct interval_set *out)
{
	struct interval force = force_anywhere(cap, scope->zones, scope->zone_count);
	enum status status = STATUS_OK;
	if (cap->cap.period == CAP_ROLLING) {
		collect_starts(ends, cap, scope, events, event_count);
		return block_rolling(ends, cap, force, scope->span, out);
	}
	for (size_t i = 0; i < scope->zone_count && status == STATUS_OK; i++) {
		collect_periods(ends, cap, scope, scope->zones[i], events, event_count);
		status = block_periods(ends, cap, scope->zones[i], force, scope->span, out);
		if (status == STATUS_OK && cap->cap.on_holidays > 0)
			status = block_holidays(ends, cap, scope->zones[i], force, scope, out);
	}
	return status;
}

enum status
cap_blocked(const struct rule *const *caps, size_t cap_count, const struct cap_event *events, size_t event_count,
	const struct cap_scope *scope, struct interval_set *out)
{
	struct ends ends;
	enum status status = ends_allocate(&ends, event_count);
	assert(scope->zone_count > 0);
	interval_set_clear(out);
	for (size_t i = 0; i < cap_count && status == STATUS_OK; i++) {
		assert(caps[i]->cap.n > 0); /* "never" is a closed window, not a cap; the loader refuses it */
		status = block_cap(&ends, caps[i], events, event_count, scope, out);
	}
	ends_free(&ends);
	return status;
}

static uint64_t
calendar_hash(uint64_t hash, const struct calendar *calendar)
{
	if (calendar == NULL)
		return mix64(~hash);
	const struct date first = calendar_first(calendar), last = calendar_last(calendar);
	hash = mix64(hash ^ ((uint64_t)(uint32_t)first.days << 32 | (uint32_t)last.days));
	for (int32_t day = first.days; day <= last.days; day++)
		if (calendar_day(calendar, (struct date){day}) == DAY_HOLIDAY)
			hash = mix64(hash ^ (uint32_t)day);
	return hash;
}

uint64_t
cap_calendars_hash(
	uint64_t hash, const struct rule *const *caps, size_t cap_count, const struct calendar *const *calendars, size_t calendar_count)
{
	for (size_t i = 0; i < cap_count; i++)
		if (caps[i]->cap.on_holidays > 0)
			hash = calendar_hash(hash, find_calendar(calendars, calendar_count, caps[i]->cap.calendar));
	return hash;
}

static struct instant
period_edge_after(enum cap_period period, const struct zone *zone, struct instant at)
{
	struct date first = period_first(period, wall_date(zone_wall(zone, at)));
	return local_days(zone, first, period_next(period, first)).until;
}

struct instant
cap_edge_after(const struct rule *const *caps, size_t cap_count, const struct zone *const *zones, size_t zone_count, struct instant at)
{
	struct instant edge = {INT64_MAX};
	for (size_t i = 0; i < cap_count; i++)
		for (size_t j = 0; j < zone_count && caps[i]->cap.period != CAP_ROLLING; j++)
			edge = instant_min(edge, period_edge_after(caps[i]->cap.period, zones[j], at));
	return edge;
}

/* The longest a local day or month can reach back, whatever the zone: clocks set back lengthen it by hours, a zone that changes sides of the
 * date line by a day. */
static int64_t
longest_reach_us(const struct cap_rule *cap)
{
	switch (cap->period) {
	case CAP_CALENDAR_DAY:
		return 2 * US_PER_DAY + 3 * US_PER_HOUR;
	case CAP_CALENDAR_MONTH:
		return 32 * US_PER_DAY + 3 * US_PER_HOUR;
	case CAP_ROLLING:
		break;
	}
	return cap->length.us;
}

struct instant
cap_lookback(const struct rule *const *caps, size_t cap_count, struct instant from)
{
	struct instant lookback = from;
	for (size_t i = 0; i < cap_count; i++)
		lookback = instant_min(lookback, (struct instant){from.us - longest_reach_us(&caps[i]->cap)});
	return lookback;
}
