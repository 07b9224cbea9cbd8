/*
 * Each rule is expanded to what it permits in each clock it looks at, and intersected into the result: `sure` with the days a calendar does not
 * know closed, `possible` with those days opened as widely as the rule ever could. The difference of the two intersections is `unknown`: what
 * would perhaps be lawful if somebody extended the calendar.
 *
 * A rule permits the ranges of its days, and everything outside the dates on which it is in force. Ranges are laid out day by day in order of
 * time, so that adding them is an append; an overnight range reaches into the next day, hence the margin of days before the span. A margin of
 * two also covers the zones that skipped a whole day (Apia, 30 December 2011).
 *
 * Laying out the days of one zone once for all rules was tried on paper and is not worth it: a class has two or three rules.
 */
#include "window.h"

#include <assert.h>
#include <string.h>

#include "local_days.h"

enum { MARGIN_DAYS = 2 };

/* What one rule permits in one clock. */
struct permission {
	struct interval_set sure, possible;
};

static void
permission_free(struct permission *permission)
{
	interval_set_free(&permission->sure);
	interval_set_free(&permission->possible);
}

void
windows_free(struct windows *windows)
{
	interval_set_free(&windows->open);
	interval_set_free(&windows->unknown);
}

/* `range` as it opens on `date`, clipped to `span`, added to `set`. Empty when it vanishes in a change of the clock. */
static enum status
add_range(struct interval_set *set, const struct zone *zone, struct date date, struct day_range range, struct interval span)
{
	bool overnight = range.until.s <= range.from.s;
	struct date closing_date = {date.days + overnight};
	struct interval open = {
		instant_max(span.from, zone_opening(zone, wall_at(date, range.from))),
		instant_min(span.until, zone_closing(zone, wall_at(closing_date, range.until))),
	};
	return open.from.us < open.until.us ? interval_set_add(set, open) : STATUS_OK;
}

static enum status
add_ranges(struct interval_set *set, const struct zone *zone, struct date date, const struct day_ranges *ranges, struct interval span)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < ranges->count && status == STATUS_OK; i++)
		status = add_range(set, zone, date, ranges->ranges[i], span);
	return status;
}

enum { DAY_OPTIONS_MAX = 3 };

static size_t
add_option(const struct day_ranges **options, size_t count, const struct day_ranges *option)
{
	for (size_t i = 0; i < count; i++)
		if (options[i] == option)
			return count;
	options[count] = option;
	return count + 1;
}

/* The ranges that `date` may have: one when the calendar knows, several when it does not. */
static size_t
day_options(const struct window_rule *rule, const struct calendar *calendar, struct date date, const struct day_ranges **out)
{
	const struct day_ranges *weekday = &rule->days[date_weekday(date)];
	const enum day_kind today = calendar ? calendar_day(calendar, date) : DAY_ORDINARY;
	const enum day_kind next = rule->on_eves_replaced ? calendar_day(calendar, (struct date){date.days + 1}) : DAY_ORDINARY;
	size_t count = 0;
	if (today != DAY_ORDINARY)
		count = add_option(out, count, rule->on_holidays_replaced ? &rule->holidays : weekday);
	if (today != DAY_HOLIDAY && next != DAY_HOLIDAY)
		count = add_option(out, count, weekday);
	if (today != DAY_HOLIDAY && next != DAY_ORDINARY)
		count = add_option(out, count, &rule->eves);
	return count;
}

static enum status
add_day(struct permission *permission, const struct window_rule *rule, const struct calendar *calendar, const struct zone *zone,
	struct date date, struct interval span)
{
	const struct day_ranges *options[DAY_OPTIONS_MAX];
	const size_t count = day_options(rule, calendar, date, options);
	enum status status = STATUS_OK;
	if (count == 1)
		status = add_ranges(&permission->sure, zone, date, options[0], span);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = add_ranges(&permission->possible, zone, date, options[i], span);
	return status;
}

/* Everything of `span` that lies outside the dates on which the rule is in force. */
static enum status
add_free_time(struct interval_set *set, const struct rule *rule, const struct zone *zone, struct interval span)
{
	struct interval force = rule_in_force(rule, zone);
	struct interval before = {span.from, instant_min(span.until, force.from)};
	struct interval after = {instant_max(span.from, force.until), span.until};
	enum status status = STATUS_OK;
	if (before.from.us < before.until.us)
		status = interval_set_add(set, before);
	if (status == STATUS_OK && after.from.us < after.until.us)
		status = interval_set_add(set, after);
	return status;
}

static enum status
permit(const struct rule *rule, const struct calendar *calendar, const struct zone *zone, struct interval span, struct permission *out)
{
	int32_t last = wall_date(zone_wall(zone, span.until)).days;
	enum status status = STATUS_OK;
	for (int32_t day = wall_date(zone_wall(zone, span.from)).days - MARGIN_DAYS; day <= last && status == STATUS_OK; day++)
		status = add_day(out, &rule->window, calendar, zone, (struct date){day}, span);
	if (status == STATUS_OK)
		status = add_free_time(&out->sure, rule, zone, span);
	if (status == STATUS_OK)
		status = add_free_time(&out->possible, rule, zone, span);
	return status;
}

/* set := set ∩ other */
static enum status
narrow(struct interval_set *set, const struct interval_set *other)
{
	struct interval_set both = INTERVAL_SET_INIT;
	enum status status = interval_set_intersect(set, other, &both);
	if (status != STATUS_OK) {
		interval_set_free(&both);
		return status;
	}
	interval_set_free(set);
	*set = both;
	return STATUS_OK;
}

/* Everything of `span` in which no emergency is declared. */
static enum status
add_ordinary_time(struct permission *permission, const struct window_context *context, struct interval span)
{
	struct interval_set whole = INTERVAL_SET_INIT, declared = INTERVAL_SET_INIT, ordinary = INTERVAL_SET_INIT;
	enum status status = interval_set_add(&whole, span);
	for (size_t i = 0; i < context->emergency_count && status == STATUS_OK; i++)
		status = interval_set_add(&declared, context->emergencies[i].declared);
	if (status == STATUS_OK)
		status = interval_set_subtract(&whole, &declared, &ordinary);
	for (size_t i = 0; i < ordinary.count && status == STATUS_OK; i++) {
		status = interval_set_add(&permission->sure, ordinary.items[i]);
		if (status == STATUS_OK)
			status = interval_set_add(&permission->possible, ordinary.items[i]);
	}
	interval_set_free(&whole);
	interval_set_free(&declared);
	interval_set_free(&ordinary);
	return status;
}

static enum status
narrow_by_rule(struct permission *result, const struct rule *rule, const struct calendar *calendar, const struct zone *zone,
	const struct window_context *context, struct interval span)
{
	struct permission permission = {.sure = INTERVAL_SET_INIT, .possible = INTERVAL_SET_INIT};
	enum status status = permit(rule, calendar, zone, span, &permission);
	if (status == STATUS_OK && rule->window.emergency)
		status = add_ordinary_time(&permission, context, span);
	if (status == STATUS_OK)
		status = narrow(&result->sure, &permission.sure);
	if (status == STATUS_OK)
		status = narrow(&result->possible, &permission.possible);
	permission_free(&permission);
	return status;
}

static enum status
find_calendar(const struct window_context *context, const struct rule *rule, const struct calendar **out, struct err *err)
{
	*out = NULL;
	if (!rule->window.on_holidays_replaced && !rule->window.on_eves_replaced)
		return STATUS_OK;
	for (size_t i = 0; i < context->calendar_count; i++)
		if (strcmp(calendar_name(context->calendars[i]), rule->window.calendar) == 0)
			*out = context->calendars[i];
	if (*out)
		return STATUS_OK;
	err_set(err, STATUS_NOT_FOUND, "rule %s needs calendar \"%s\", which is not loaded", rule->id, rule->window.calendar);
	return err_hint(err, "add %s.ics to the calendars, then run: daypart init", rule->window.calendar);
}

static enum status
find_fixed_zone(const struct window_context *context, const struct rule *rule, const struct zone **out, struct err *err)
{
	*out = zone_set_find(context->zones, rule->window.fixed_zone);
	if (*out)
		return STATUS_OK;
	err_set(err, STATUS_NOT_FOUND, "rule %s needs time zone \"%s\", which is not loaded", rule->id, rule->window.fixed_zone);
	return err_hint(err, "install the package tzdata, or correct `zone` of the rule");
}

/* One rule in every clock it looks at: its own fixed zone, or each candidate zone. */
static enum status
apply_rule(struct permission *result, const struct rule *rule, const struct zone *const *zones, size_t zone_count,
	const struct window_context *context, struct interval span, struct err *err)
{
	const struct calendar *calendar;
	const struct zone *fixed;
	if (find_calendar(context, rule, &calendar, err) != STATUS_OK)
		return err->status;
	if (*rule->window.fixed_zone) {
		if (find_fixed_zone(context, rule, &fixed, err) != STATUS_OK)
			return err->status;
		zones = &fixed;
		zone_count = 1;
	}
	for (size_t i = 0; i < zone_count; i++)
		if (narrow_by_rule(result, rule, calendar, zones[i], context, span) != STATUS_OK)
			return err_set(err, STATUS_NO_MEMORY, "no memory for the windows of rule %s", rule->id);
	return STATUS_OK;
}

enum status
window_expand(const struct law *law, const struct zone *const *zones, size_t zone_count, const struct window_context *context,
	struct interval span, struct windows *out, struct err *err)
{
	struct permission result = {.sure = INTERVAL_SET_INIT, .possible = INTERVAL_SET_INIT};
	enum status status = STATUS_OK;
	assert(zone_count > 0); /* a person without a zone is held by place_resolve; no zone must never mean no window */
	interval_set_clear(&out->open);
	interval_set_clear(&out->unknown);
	if (interval_set_add(&result.sure, span) != STATUS_OK || interval_set_add(&result.possible, span) != STATUS_OK)
		status = err_set(err, STATUS_NO_MEMORY, "no memory for the windows of a class");
	for (size_t i = 0; i < law->of[RULE_WINDOW].count && status == STATUS_OK; i++)
		status = apply_rule(&result, law->of[RULE_WINDOW].items[i], zones, zone_count, context, span, err);
	if (status == STATUS_OK && interval_set_subtract(&result.possible, &result.sure, &out->unknown) != STATUS_OK)
		status = err_set(err, STATUS_NO_MEMORY, "no memory for the windows of a class");
	if (status == STATUS_OK) {
		interval_set_free(&out->open);
		out->open = result.sure;
		result.sure = (struct interval_set)INTERVAL_SET_INIT;
	}
	permission_free(&result);
	return status;
}

enum status
window_clip_local_hours(struct interval_set *open, const struct zone *const *zones, size_t zone_count, struct day_range hours,
	struct interval span, struct err *err)
{
	struct rule rule = {.id = "campaign", .from = {INT32_MIN}, .until = {INT32_MAX}};
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		rule.window.days[day] = (struct day_ranges){.count = 1, .ranges = {hours}};
	for (size_t i = 0; i < zone_count; i++) {
		struct permission permission = {.sure = INTERVAL_SET_INIT, .possible = INTERVAL_SET_INIT};
		enum status status = permit(&rule, NULL, zones[i], span, &permission);
		if (status == STATUS_OK)
			status = narrow(open, &permission.sure);
		permission_free(&permission);
		if (status != STATUS_OK)
			return err_set(err, STATUS_NO_MEMORY, "no memory for the local hours of a campaign");
	}
	return STATUS_OK;
}
