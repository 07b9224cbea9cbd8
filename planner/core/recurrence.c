/*
 * recurrence - implementation
 *
 * libical reads the rule and walks it. Before that the rule is held against the grammar, and `start` against the rule, both by ourselves:
 * outside the grammar libical is wrong, and a rule without any date (30 February) keeps it busy for a third of a second. A rule that has
 * `start` has a date, and its walk ends soon.
 */
#include "recurrence.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_INTERVAL = 1000 };

struct recurrence {
	icalrecur_iterator *iterator;
};

static int
month_length(struct date date)
{
	return date_next_month_first(date).days - date_month_first(date).days;
}

/* BYMONTHDAY=25 or, from the end of the month, -1. */
static bool
is_month_day(struct date date, int wanted)
{
	const int day = date_to_civil(date).day;

	return wanted > 0 ? day == wanted : day - month_length(date) - 1 == wanted;
}

/* BYDAY=TH, 4TH or, from the end of the month, -1MO. */
static bool
is_weekday(struct date date, short wanted)
{
	const int position = icalrecurrencetype_day_position(wanted);
	const int weekday = (int)icalrecurrencetype_day_day_of_week(wanted) - ICAL_MONDAY_WEEKDAY;
	const int day = date_to_civil(date).day;

	if ((int)date_weekday(date) != (weekday + WEEKDAY_COUNT) % WEEKDAY_COUNT)
		return false;
	if (position > 0)
		return (day - 1) / WEEKDAY_COUNT + 1 == position;
	return position == 0 || (month_length(date) - day) / WEEKDAY_COUNT + 1 == -position;
}

static bool
is_given(const short list[])
{
	return list[0] != ICAL_RECURRENCE_ARRAY_MAX;
}

static bool
is_instance(const struct icalrecurrencetype *rule, struct date date)
{
	const int month = date_to_civil(date).month;
	bool in_month = !is_given(rule->by_month);
	bool on_day = !is_given(rule->by_month_day) && !is_given(rule->by_day);

	for (size_t i = 0; i < ICAL_BY_MONTH_SIZE && rule->by_month[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		in_month = in_month || rule->by_month[i] == month;
	for (size_t i = 0; i < ICAL_BY_MONTHDAY_SIZE && rule->by_month_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		on_day = on_day || is_month_day(date, rule->by_month_day[i]);
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		on_day = on_day || is_weekday(date, rule->by_day[i]);
	return in_month && on_day;
}

/* Whether BYDAY holds only "nth" weekdays, or only plain ones. */
static bool
all_weekdays_are(const struct icalrecurrencetype *rule, bool nth)
{
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		if ((icalrecurrencetype_day_position(rule->by_day[i]) != 0) != nth)
			return false;
	}
	return true;
}

static bool
days_fit_frequency(const struct icalrecurrencetype *rule)
{
	const bool month = is_given(rule->by_month), month_day = is_given(rule->by_month_day), weekday = is_given(rule->by_day);

	switch (rule->freq) {
	case ICAL_DAILY_RECURRENCE:
		return !month_day && all_weekdays_are(rule, false);
	case ICAL_WEEKLY_RECURRENCE:
		return weekday && !month_day && !month && all_weekdays_are(rule, false);
	case ICAL_MONTHLY_RECURRENCE:
		return month_day != weekday && all_weekdays_are(rule, true);
	case ICAL_YEARLY_RECURRENCE:
		return month && month_day != weekday && all_weekdays_are(rule, true);
	default:
		return false;
	}
}

static bool
in_grammar(const struct icalrecurrencetype *rule)
{
	return rule->rscale == NULL && rule->interval >= 1 && rule->interval <= LARGEST_INTERVAL && !is_given(rule->by_second) &&
		!is_given(rule->by_minute) && !is_given(rule->by_hour) && !is_given(rule->by_year_day) && !is_given(rule->by_week_no) &&
		!is_given(rule->by_set_pos) && (icaltime_is_null_time(rule->until) || rule->until.is_date) && days_fit_frequency(rule);
}

static enum status
refuse(const char *rrule, struct err *err, const char *what)
{
	err_set(err, STATUS_INVALID, "%s", what);
	err_detail(err, "RRULE:%.*s", RECURRENCE_MAX_BYTES, rrule);
	return err_hint(err, "such as FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25 or FREQ=MONTHLY;BYDAY=-1FR");
}

enum status
recurrence_parse(const char *rrule, struct date start, struct recurrence **out, struct err *err)
{
	const struct civil civil = date_to_civil(start);
	const struct icaltimetype first = {.year = civil.year, .month = civil.month, .day = civil.day, .is_date = 1};
	struct icalrecurrencetype rule;
	struct recurrence *recurrence;

	if (strlen(rrule) > RECURRENCE_MAX_BYTES)
		return refuse(rrule, err, "the rule is too long");
	icalerror_set_errors_are_fatal(0); /* a wrong text must not abort the program, however libical was built */
	rule = icalrecurrencetype_from_string(rrule);
	if (!in_grammar(&rule)) {
		free(rule.rscale); /* ours by a convention that libical does not write down; in the grammar it is NULL */
		return refuse(rrule, err, "this rule is not followed");
	}
	if (!is_instance(&rule, start))
		return refuse(rrule, err, "the first day is not a day of the rule");
	recurrence = malloc(sizeof(*recurrence));
	if (recurrence == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for a recurrence");
	recurrence->iterator = icalrecur_iterator_new(rule, first);
	if (recurrence->iterator == NULL) {
		recurrence_free(&recurrence);
		return refuse(rrule, err, "this rule cannot be followed");
	}
	*out = recurrence;
	return STATUS_OK;
}

void
recurrence_free(struct recurrence **recurrence)
{
	if (*recurrence != NULL && (*recurrence)->iterator != NULL)
		icalrecur_iterator_free((*recurrence)->iterator);
	free(*recurrence);
	*recurrence = NULL;
}

bool
recurrence_next(struct recurrence *recurrence, struct date *out)
{
	const struct icaltimetype next = icalrecur_iterator_next(recurrence->iterator);
	const struct civil civil = {next.year, next.month, next.day};

	if (icaltime_is_null_time(next) || !date_is_valid(civil))
		return false;
	*out = date_from_civil(civil);
	return true;
}
