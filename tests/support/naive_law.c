#include "tests/support/naive_law.h"

static const struct day_ranges *
ranges_of(const struct window_rule *rule, const struct calendar *calendar, struct date date)
{
	static const struct day_ranges closed = {.count = 0};
	const struct day_ranges *weekday = &rule->days[date_weekday(date)];
	const enum day_kind today = calendar != NULL ? calendar_day(calendar, date) : DAY_ORDINARY;
	const enum day_kind next = calendar != NULL ? calendar_day(calendar, (struct date){date.days + 1}) : DAY_ORDINARY;
	if (today == DAY_HOLIDAY)
		return rule->on_holidays_replaced ? &rule->holidays : weekday;
	if (rule->on_eves_replaced && next == DAY_HOLIDAY && today == DAY_ORDINARY)
		return &rule->eves;
	if (rule->on_eves_replaced && next != DAY_ORDINARY)
		return &closed;
	return rule->on_holidays_replaced && today == DAY_UNKNOWN ? &closed : weekday;
}

/* Whether the ranges of `date` hold the second `s` counted from its midnight: up to two days on, for those that end on the next day. */
static bool
date_permits(const struct window_rule *rule, const struct calendar *calendar, struct date date, int64_t us)
{
	const struct day_ranges *day = ranges_of(rule, calendar, date);
	for (size_t i = 0; i < day->count; i++) {
		const int64_t from = day->ranges[i].from.s * US_PER_SECOND, until = day->ranges[i].until.s * US_PER_SECOND;
		if (us >= from && us < (until > from ? until : until + US_PER_DAY))
			return true;
	}
	return false;
}

bool
naive_window_permits(const struct rule *rule, const struct zone *zone, const struct calendar *calendar, struct instant at)
{
	const struct wall wall = zone_wall(zone, at);
	const struct date today = wall_date(wall), yesterday = {today.days - 1};
	const int64_t us = wall.us - today.days * US_PER_DAY;
	if (rule->window.emergency || today.days < rule->from.days || today.days >= rule->until.days)
		return true;
	return date_permits(&rule->window, calendar, today, us) || date_permits(&rule->window, calendar, yesterday, us + US_PER_DAY);
}

static bool
counts(const struct rule *cap, const struct cap_scope *scope, const struct cap_event *event)
{
	if (cap->cap.of_channels && event->channel_bit == scope->channel_bit)
		return false;
	if (cap->cap.same_subject && event->subject != 0 && scope->subject != 0 && event->subject != scope->subject)
		return false;
	return (cap->categories & event->category_bit) != 0 && (cap->channels & event->channel_bit) != 0;
}

/* Others that may fall into the half-open stretch of the cap's length from `from` on. */
static size_t
others_from(const struct rule *cap, const struct cap_scope *scope, const struct cap_event *events, size_t event_count, int64_t from)
{
	size_t others = 0;
	for (size_t i = 0; i < event_count; i++)
		others += counts(cap, scope, &events[i]) && events[i].latest.us >= from && events[i].earliest.us < from + cap->cap.length.us;
	return others;
}

/* Stretches that contain `at`: what they hold changes only where they begin with an event or just lose one at their end. */
static bool
rolling_permits(
	const struct rule *cap, const struct cap_scope *scope, const struct cap_event *events, size_t event_count, struct instant at)
{
	const int64_t length = cap->cap.length.us;
	for (size_t i = 0; i <= 2 * event_count; i++) {
		int64_t from = at.us - length + 1;
		if (i > 0)
			from = i % 2 == 1 ? events[i / 2].latest.us : events[i / 2 - 1].earliest.us - length + 1;
		if (from <= at.us && at.us < from + length && others_from(cap, scope, events, event_count, from) >= cap->cap.n)
			return false;
	}
	return true;
}

static int32_t
period_of(const struct rule *cap, const struct zone *zone, struct instant at)
{
	const struct date date = wall_date(zone_wall(zone, at));
	const struct civil civil = date_to_civil(date);
	return cap->cap.period == CAP_CALENDAR_DAY ? date.days : civil.year * 12 + civil.month;
}

static size_t
allowed_on(const struct rule *cap, const struct cap_scope *scope, int32_t period)
{
	const struct date day = {period};
	if (cap->cap.on_holidays == 0)
		return cap->cap.n;
	return scope->calendar_count > 0 && calendar_day(scope->calendars[0], day) == DAY_ORDINARY ? cap->cap.n : cap->cap.on_holidays;
}

static bool
calendar_permits(const struct rule *cap, const struct cap_scope *scope, const struct zone *zone, const struct cap_event *events,
	size_t event_count, struct instant at)
{
	const int32_t period = period_of(cap, zone, at);
	size_t others = 0;
	for (size_t i = 0; i < event_count; i++)
		others += counts(cap, scope, &events[i]) && period_of(cap, zone, events[i].earliest) <= period &&
			period <= period_of(cap, zone, events[i].latest);
	return others < allowed_on(cap, scope, period);
}

bool
naive_cap_permits(
	const struct rule *cap, const struct cap_scope *scope, const struct cap_event *events, size_t event_count, struct instant at)
{
	if (cap->cap.period == CAP_ROLLING)
		return rolling_permits(cap, scope, events, event_count, at);
	for (size_t i = 0; i < scope->zone_count; i++)
		if (!calendar_permits(cap, scope, scope->zones[i], events, event_count, at))
			return false;
	return true;
}
