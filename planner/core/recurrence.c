/*
 * recurrence - implementation
 *
 * libical takes the rule apart; the rule is held against the grammar and walked here. A walk tries one day after the other and leaves out the
 * months in which there can be none: a yearly rule costs a microsecond a year. libical's own iterator costs five times that, twenty more to
 * begin with, and a third of a second for a rule without any date (30 February); a property test holds the two against each other.
 */
#include "recurrence.h"

#include <libical/ical.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_INTERVAL = 1000, LAST_YEAR = 2200 /* of instant.h */ };

struct recurrence {
	struct icalrecurrencetype rule;
	struct date start, next; /* the first day; the next one to try */
	struct date until;       /* the last one to try */
	int left;                /* dates that may still come */
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
in_month(const struct icalrecurrencetype *rule, int month)
{
	bool found = !is_given(rule->by_month);

	for (size_t i = 0; i < ICAL_BY_MONTH_SIZE && rule->by_month[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		found = found || rule->by_month[i] == month;
	return found;
}

static bool
on_day(const struct icalrecurrencetype *rule, struct date date)
{
	bool found = !is_given(rule->by_month_day) && !is_given(rule->by_day);

	for (size_t i = 0; i < ICAL_BY_MONTHDAY_SIZE && rule->by_month_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		found = found || is_month_day(date, rule->by_month_day[i]);
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		found = found || is_weekday(date, rule->by_day[i]);
	return found;
}

/* BYSETPOS: which of the days of its month that the other parts give `date` is, counted from either end. */
static bool
in_position(const struct icalrecurrencetype *rule, struct date date)
{
	const struct date past = date_next_month_first(date);
	int before = 0, all = 0;

	if (!is_given(rule->by_set_pos))
		return true;
	for (struct date day = date_month_first(date); day.days < past.days; day.days++) {
		all += on_day(rule, day);
		before += day.days < date.days && on_day(rule, day);
	}
	for (size_t i = 0; i < ICAL_BY_SETPOS_SIZE && rule->by_set_pos[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		if (rule->by_set_pos[i] == before + 1 || rule->by_set_pos[i] == before - all)
			return true;
	return false;
}

static bool
goes_by_month(const struct icalrecurrencetype *rule)
{
	return rule->freq == ICAL_MONTHLY_RECURRENCE || rule->freq == ICAL_YEARLY_RECURRENCE;
}

/* The first day of the week that holds `date`; a week begins on WKST. */
static int32_t
week_start(const struct icalrecurrencetype *rule, struct date date)
{
	const int first = ((int)rule->week_start - ICAL_MONDAY_WEEKDAY + WEEKDAY_COUNT) % WEEKDAY_COUNT;

	return date.days - ((int)date_weekday(date) - first + WEEKDAY_COUNT) % WEEKDAY_COUNT;
}

/* INTERVAL: whether the day, week, month or year of `date` is one that counts from that of the start. */
static bool
in_interval(const struct icalrecurrencetype *rule, struct date start, struct date date)
{
	struct civil from, to;

	if (rule->interval == 1) /* most rules, of each day that is tried */
		return true;
	from = date_to_civil(start);
	to = date_to_civil(date);
	switch (rule->freq) {
	case ICAL_DAILY_RECURRENCE:
		return (date.days - start.days) % rule->interval == 0;
	case ICAL_WEEKLY_RECURRENCE:
		return (week_start(rule, date) - week_start(rule, start)) / WEEKDAY_COUNT % rule->interval == 0;
	case ICAL_MONTHLY_RECURRENCE:
		return ((to.year - from.year) * 12 + to.month - from.month) % rule->interval == 0;
	default:
		return (to.year - from.year) % rule->interval == 0;
	}
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
	const bool plain = all_weekdays_are(rule, false), nth = all_weekdays_are(rule, true), position = is_given(rule->by_set_pos);

	switch (rule->freq) {
	case ICAL_DAILY_RECURRENCE:
		return !month_day && plain && !position;
	case ICAL_WEEKLY_RECURRENCE:
		return !month_day && !month && plain && !position;
	case ICAL_MONTHLY_RECURRENCE:
		return position ? weekday && plain && !month_day : !(month_day && weekday) && (plain || nth);
	case ICAL_YEARLY_RECURRENCE:
		return (month || !(month_day || weekday)) && !(month_day && weekday) && nth && !position;
	default:
		return false;
	}
}

/* What the rule leaves open is that of the first day. */
static void
complete(struct icalrecurrencetype *rule, struct date start)
{
	const struct civil civil = date_to_civil(start);
	const bool day = is_given(rule->by_month_day) || is_given(rule->by_day);

	if (rule->freq == ICAL_WEEKLY_RECURRENCE && !day) {
		rule->by_day[0] = (short)(((int)date_weekday(start) + 1) % WEEKDAY_COUNT + ICAL_SUNDAY_WEEKDAY);
		rule->by_day[1] = ICAL_RECURRENCE_ARRAY_MAX;
	} else if (goes_by_month(rule) && !day) {
		rule->by_month_day[0] = (short)civil.day;
		rule->by_month_day[1] = ICAL_RECURRENCE_ARRAY_MAX;
	}
	if (rule->freq == ICAL_YEARLY_RECURRENCE && !is_given(rule->by_month)) {
		rule->by_month[0] = (short)civil.month;
		rule->by_month[1] = ICAL_RECURRENCE_ARRAY_MAX;
	}
}

static bool
in_grammar(const struct icalrecurrencetype *rule)
{
	return rule->rscale == NULL && rule->interval >= 1 && rule->interval <= LARGEST_INTERVAL && !is_given(rule->by_second) &&
		!is_given(rule->by_minute) && !is_given(rule->by_hour) && !is_given(rule->by_year_day) && !is_given(rule->by_week_no) &&
		(icaltime_is_null_time(rule->until) || rule->until.is_date) && days_fit_frequency(rule);
}

static enum status
refuse(const char *rrule, struct err *err, const char *what)
{
	err_set(err, STATUS_INVALID, "%s", what);
	err_detail(err, "RRULE:%.*s", RECURRENCE_MAX_BYTES, rrule);
	return err_hint(err, "such as FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25 or FREQ=MONTHLY;BYDAY=-1FR");
}

/* UNTIL, or the last day there is. */
static struct date
last_day(const struct icalrecurrencetype *rule)
{
	const struct civil until = {rule->until.year, rule->until.month, rule->until.day}, end = {LAST_YEAR, 12, 31};

	return date_from_civil(date_is_valid(until) ? until : end);
}

enum status
recurrence_parse(const char *rrule, struct date start, struct recurrence **out, struct err *err)
{
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
	complete(&rule, start);
	if (!in_month(&rule, date_to_civil(start).month) || !on_day(&rule, start) || !in_position(&rule, start))
		return refuse(rrule, err, "the first day is not a day of the rule");
	recurrence = malloc(sizeof(*recurrence));
	if (recurrence == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for a recurrence");
	*recurrence = (struct recurrence){
		.rule = rule, .start = start, .next = start, .until = last_day(&rule), .left = rule.count > 0 ? rule.count : INT_MAX};
	*out = recurrence;
	return STATUS_OK;
}

void
recurrence_free(struct recurrence **recurrence)
{
	free(*recurrence);
	*recurrence = NULL;
}

bool
recurrence_next(struct recurrence *recurrence, struct date *out)
{
	const struct icalrecurrencetype *rule = &recurrence->rule;

	while (recurrence->left > 0 && recurrence->next.days <= recurrence->until.days) {
		const struct date date = recurrence->next;
		const bool month_counts = in_month(rule, date_to_civil(date).month);
		const bool counts = month_counts && in_interval(rule, recurrence->start, date);

		recurrence->next = !month_counts || (!counts && goes_by_month(rule)) ? date_next_month_first(date) : (struct date){date.days + 1};
		if (counts && on_day(rule, date) && in_position(rule, date)) {
			recurrence->left--;
			*out = date;
			return true;
		}
	}
	return false;
}
