/*
 * recurrence - implementation
 *
 * libical takes the rule apart; the rule is held against the grammar and walked here. A walk tries one day after the other and leaves out the
 * months in which there can be none, and of a rule for one day of the month the others: a yearly rule costs half a microsecond a year. libical's own iterator costs five times that, twenty more to
 * begin with, and a third of a second for a rule without any date (30 February); a property test holds the two against each other.
 */
#include "recurrence.h"

#include <libical/ical.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_INTERVAL = 1000, LAST_YEAR = 2200 /* of instant.h */ };

/* A date taken apart: working that out anew for each day that is tried would be most of a walk. */
struct day {
	struct date date;
	struct civil civil;
};

struct recurrence {
	struct icalrecurrencetype rule;
	struct day start, next; /* the first day; the next one to try */
	struct date until;      /* the last one to try */
	int left;               /* dates that may still come */
};

static struct day
day_of(struct date date)
{
	return (struct day){date, date_to_civil(date)};
}

static int
month_length(struct day day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const int year = day.civil.year;
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[day.civil.month - 1] + (leap && day.civil.month == 2);
}

static struct day
month_first(struct day day)
{
	return (struct day){{day.date.days - day.civil.day + 1}, {day.civil.year, day.civil.month, 1}};
}

static struct day
next_month_first(struct day day)
{
	const bool december = day.civil.month == 12;

	return (struct day){
		{day.date.days - day.civil.day + 1 + month_length(day)}, {day.civil.year + december, december ? 1 : day.civil.month + 1, 1}};
}

static struct day
next_day(struct day day)
{
	if (day.civil.day >= 28 && day.civil.day == month_length(day))
		return next_month_first(day);
	day.date.days++;
	day.civil.day++;
	return day;
}

/* BYMONTHDAY=25 or, from the end of the month, -1. */
static bool
is_month_day(struct day day, int wanted)
{
	return wanted > 0 ? day.civil.day == wanted : day.civil.day - month_length(day) - 1 == wanted;
}

/* BYDAY=TH, 4TH or, from the end of the month, -1MO. */
static bool
is_weekday(struct day day, short wanted)
{
	const int position = icalrecurrencetype_day_position(wanted);
	const int weekday = (int)icalrecurrencetype_day_day_of_week(wanted) - ICAL_MONDAY_WEEKDAY;

	if ((int)date_weekday(day.date) != (weekday + WEEKDAY_COUNT) % WEEKDAY_COUNT)
		return false;
	if (position > 0)
		return (day.civil.day - 1) / WEEKDAY_COUNT + 1 == position;
	return position == 0 || (month_length(day) - day.civil.day) / WEEKDAY_COUNT + 1 == -position;
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
on_day(const struct icalrecurrencetype *rule, struct day day)
{
	bool found = !is_given(rule->by_month_day) && !is_given(rule->by_day);

	for (size_t i = 0; i < ICAL_BY_MONTHDAY_SIZE && rule->by_month_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		found = found || is_month_day(day, rule->by_month_day[i]);
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		found = found || is_weekday(day, rule->by_day[i]);
	return found;
}

/* BYSETPOS: which of the days of its month that the other parts give `day` is, counted from either end. */
static bool
in_position(const struct icalrecurrencetype *rule, struct day day)
{
	const struct day past = next_month_first(day);
	int before = 0, all = 0;

	if (!is_given(rule->by_set_pos))
		return true;
	for (struct day other = month_first(day); other.date.days < past.date.days; other = next_day(other)) {
		all += on_day(rule, other);
		before += other.date.days < day.date.days && on_day(rule, other);
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
in_interval(const struct icalrecurrencetype *rule, struct day start, struct day day)
{
	const struct civil from = start.civil, to = day.civil;

	if (rule->interval == 1) /* most rules, of each day that is tried */
		return true;
	switch (rule->freq) {
	case ICAL_DAILY_RECURRENCE:
		return (day.date.days - start.date.days) % rule->interval == 0;
	case ICAL_WEEKLY_RECURRENCE:
		return (week_start(rule, day.date) - week_start(rule, start.date)) / WEEKDAY_COUNT % rule->interval == 0;
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
complete(struct icalrecurrencetype *rule, struct day start)
{
	const struct civil civil = start.civil;
	const bool day = is_given(rule->by_month_day) || is_given(rule->by_day);

	if (rule->freq == ICAL_WEEKLY_RECURRENCE && !day) {
		rule->by_day[0] = (short)(((int)date_weekday(start.date) + 1) % WEEKDAY_COUNT + ICAL_SUNDAY_WEEKDAY);
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
	const struct day first = day_of(start);
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
	complete(&rule, first);
	if (!in_month(&rule, first.civil.month) || !on_day(&rule, first) || !in_position(&rule, first))
		return refuse(rrule, err, "the first day is not a day of the rule");
	recurrence = malloc(sizeof(*recurrence));
	if (recurrence == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for a recurrence");
	*recurrence = (struct recurrence){
		.rule = rule, .start = first, .next = first, .until = last_day(&rule), .left = rule.count > 0 ? rule.count : INT_MAX};
	*out = recurrence;
	return STATUS_OK;
}

void
recurrence_free(struct recurrence **recurrence)
{
	free(*recurrence);
	*recurrence = NULL;
}

/* The next day of the month that is worth a try, of a rule for one day of the month, as most are: that day. Else any. */
static struct day
next_try(const struct icalrecurrencetype *rule, struct day day)
{
	const int wanted = rule->by_month_day[0];

	if (is_given(rule->by_day) || !is_given(rule->by_month_day) || is_given(rule->by_month_day + 1) || wanted < 0)
		return next_day(day);
	if (day.civil.day >= wanted || wanted > month_length(day))
		return next_month_first(day);
	return (struct day){{day.date.days + wanted - day.civil.day}, {day.civil.year, day.civil.month, wanted}};
}

bool
recurrence_next(struct recurrence *recurrence, struct date *out)
{
	const struct icalrecurrencetype *rule = &recurrence->rule;

	while (recurrence->left > 0 && recurrence->next.date.days <= recurrence->until.days) {
		const struct day day = recurrence->next;
		const bool month_counts = in_month(rule, day.civil.month);
		const bool counts = month_counts && in_interval(rule, recurrence->start, day);

		recurrence->next = !month_counts || (!counts && goes_by_month(rule)) ? next_month_first(day) : next_try(rule, day);
		if (counts && on_day(rule, day) && in_position(rule, day)) {
			recurrence->left--;
			*out = day.date;
			return true;
		}
	}
	return false;
}
