/*
 * Each day begins as one range of 24 hours and is intersected with the hours of each rule; a rule's hours of a calendar day are what it opens on that
 * day, and what it opened on the day before and has not closed by midnight.
 */
#include "law_week.h"

enum { DAY_SECONDS = 86400 };

static void
add(struct week_hours *hours, int32_t from, int32_t until)
{
	if (from < until && hours->count < WEEK_RANGES_MAX)
		hours->ranges[hours->count++] = (struct day_range){{from}, {until}};
}

/* Sorts, and joins what touches or overlaps. */
static void
tidy(struct week_hours *hours)
{
	for (size_t i = 1; i < hours->count; i++)
		for (size_t j = i; j > 0 && hours->ranges[j].from.s < hours->ranges[j - 1].from.s; j--) {
			const struct day_range swapped = hours->ranges[j];
			hours->ranges[j] = hours->ranges[j - 1];
			hours->ranges[j - 1] = swapped;
		}
	size_t kept = 0;
	for (size_t i = 0; i < hours->count; i++) {
		const struct day_range range = hours->ranges[i];
		if (kept == 0 || range.from.s > hours->ranges[kept - 1].until.s)
			hours->ranges[kept++] = range;
		else if (range.until.s > hours->ranges[kept - 1].until.s)
			hours->ranges[kept - 1].until = range.until;
	}
	hours->count = kept;
}

static const struct day_ranges *
opened_on(const struct window_rule *window, int day, enum day_sort sort)
{
	if (sort == DAY_OF_HOLIDAY && window->on_holidays_replaced)
		return &window->holidays;
	if (sort == DAY_OF_EVE && window->on_eves_replaced)
		return &window->eves;
	return &window->days[day];
}

static struct week_hours
hours_of(const struct window_rule *window, int day, enum day_sort sort)
{
	struct week_hours hours = {0};
	const struct day_ranges *today = opened_on(window, day, sort);
	const struct day_ranges *yesterday = &window->days[(day + WEEKDAY_COUNT - 1) % WEEKDAY_COUNT];
	for (size_t i = 0; i < yesterday->count; i++)
		if (yesterday->ranges[i].until.s <= yesterday->ranges[i].from.s)
			add(&hours, 0, yesterday->ranges[i].until.s);
	for (size_t i = 0; i < today->count; i++) {
		const struct day_range *range = &today->ranges[i];
		add(&hours, range->from.s, range->until.s <= range->from.s ? DAY_SECONDS : range->until.s);
	}
	tidy(&hours);
	return hours;
}

static struct week_hours
intersect(const struct week_hours *a, const struct week_hours *b)
{
	struct week_hours both = {0};
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++) {
			const struct day_range *x = &a->ranges[i], *y = &b->ranges[j];
			add(&both, x->from.s > y->from.s ? x->from.s : y->from.s, x->until.s < y->until.s ? x->until.s : y->until.s);
		}
	tidy(&both);
	return both;
}

static void
begin(struct law_week *week)
{
	*week = (struct law_week){.apart = 0};
	for (int day = 0; day < WEEKDAY_COUNT; day++)
		for (int sort = 0; sort < DAY_SORT_COUNT; sort++)
			add(&week->hours[day][sort], 0, DAY_SECONDS);
}

static void
clip(struct law_week *week, const struct window_rule *window)
{
	for (int day = 0; day < WEEKDAY_COUNT; day++)
		for (int sort = 0; sort < DAY_SORT_COUNT; sort++) {
			const struct week_hours hours = hours_of(window, day, (enum day_sort)sort);
			week->hours[day][sort] = intersect(&week->hours[day][sort], &hours);
		}
	week->has_eves |= window->on_eves_replaced;
	week->has_holidays |= window->on_holidays_replaced;
}

bool
law_week_holds(const struct rule *rule, struct date date)
{
	return rule->kind == RULE_WINDOW && rule->window.fixed_zone[0] == '\0' && !rule->window.emergency && rule_is_dated(rule, date);
}

void
law_week_merge(const struct law *law, struct date date, struct law_week *out)
{
	const struct rule_list *windows = &law->of[RULE_WINDOW];
	begin(out);
	for (size_t i = 0; i < windows->count; i++)
		if (law_week_holds(windows->items[i], date))
			clip(out, &windows->items[i]->window);
		else
			out->apart += rule_is_dated(windows->items[i], date);
}

void
law_week_of(const struct rule *rule, struct law_week *out)
{
	begin(out);
	clip(out, &rule->window);
}
