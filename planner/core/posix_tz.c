/*
 * posix_tz - implementation
 *
 * Recursive descent over the grammar of POSIX.1 (environment variable TZ); every take_* function moves the cursor past what it understood.
 * The sign of an offset holds for hours, minutes and seconds alike, and is the wrong way round: EST5 lies west of Greenwich.
 */
#include "posix_tz.h"

#include "instant.h"

enum { LONGEST_OFFSET_HOURS = 24, LONGEST_RULE_HOURS = 167, DEFAULT_RULE_TIME_S = 2 * 3600, SHORTEST_NAME = 3 };

struct cursor {
	const char *at, *end;
};

static bool
take_char(struct cursor *in, char wanted)
{
	if (in->at == in->end || *in->at != wanted)
		return false;
	in->at++;
	return true;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* EST, or <-02>: what lies between the brackets may also hold digits and signs. */
static bool
take_name(struct cursor *in)
{
	const bool quoted = take_char(in, '<');
	const char *first = in->at;

	while (in->at < in->end && (is_letter(*in->at) || (quoted && (is_digit(*in->at) || *in->at == '+' || *in->at == '-'))))
		in->at++;
	return in->at - first >= SHORTEST_NAME && (!quoted || take_char(in, '>'));
}

static bool
take_number(struct cursor *in, int most, int *out)
{
	int number = 0;

	if (in->at == in->end || !is_digit(*in->at))
		return false;
	for (; in->at < in->end && is_digit(*in->at); in->at++) {
		number = number * 10 + (*in->at - '0');
		if (number > most)
			return false;
	}
	*out = number;
	return true;
}

/* [+-]h[hh][:mm[:ss]] */
static bool
take_time(struct cursor *in, int most_hours, int32_t *out_s)
{
	const int sign = take_char(in, '-') ? -1 : 1;
	int hours, minutes = 0, seconds = 0;

	if (sign > 0)
		(void)take_char(in, '+');
	if (!take_number(in, most_hours, &hours))
		return false;
	if (take_char(in, ':')) {
		if (!take_number(in, 59, &minutes))
			return false;
		if (take_char(in, ':') && !take_number(in, 59, &seconds))
			return false;
	}
	*out_s = sign * ((hours * 60 + minutes) * 60 + seconds);
	return true;
}

static bool
take_offset(struct cursor *in, int32_t *out_s)
{
	if (!take_time(in, LONGEST_OFFSET_HOURS, out_s))
		return false;
	*out_s = -*out_s;
	return true;
}

static bool
take_day(struct cursor *in, struct tz_rule *out)
{
	if (take_char(in, 'J')) {
		out->kind = TZ_DAY_WITHOUT_LEAP;
		return take_number(in, 365, &out->day) && out->day >= 1;
	}
	if (take_char(in, 'M')) {
		out->kind = TZ_DAY_OF_MONTH;
		return take_number(in, 12, &out->month) && out->month >= 1 && take_char(in, '.') && take_number(in, 5, &out->week) &&
			out->week >= 1 && take_char(in, '.') && take_number(in, 6, &out->day);
	}
	out->kind = TZ_DAY_OF_YEAR;
	return take_number(in, 365, &out->day);
}

static bool
take_rule(struct cursor *in, struct tz_rule *out)
{
	*out = (struct tz_rule){.time_s = DEFAULT_RULE_TIME_S};
	if (!take_char(in, ',') || !take_day(in, out))
		return false;
	return !take_char(in, '/') || take_time(in, LONGEST_RULE_HOURS, &out->time_s);
}

static bool
take_tz(struct cursor *in, struct posix_tz *out)
{
	if (!take_name(in) || !take_offset(in, &out->standard_s))
		return false;
	out->daylight_s = out->standard_s;
	out->has_daylight = in->at < in->end;
	if (!out->has_daylight)
		return true;

	if (!take_name(in))
		return false;
	out->daylight_s = out->standard_s + 3600;
	if (in->at < in->end && *in->at != ',' && !take_offset(in, &out->daylight_s))
		return false;
	return take_rule(in, &out->start) && take_rule(in, &out->end) && in->at == in->end;
}

enum status
posix_tz_parse(const char *text, size_t size, struct posix_tz *out, struct err *err)
{
	struct cursor in = {text, text + size};
	struct posix_tz tz = {.has_daylight = false};

	if (take_tz(&in, &tz)) {
		*out = tz;
		return STATUS_OK;
	}
	err_set(err, STATUS_INVALID, "malformed TZ string");
	return err_detail(err, "character %zu of \"%.*s\"", (size_t)(in.at - text) + 1, (int)size, text);
}

static struct date
day_of_month_rule(const struct tz_rule *rule, int year)
{
	const struct date first = date_from_civil((struct civil){year, rule->month, 1});
	const int first_weekday = ((int)date_weekday(first) + 1) % WEEKDAY_COUNT; /* Sunday is 0 here */
	const int to_first = (rule->day - first_weekday + WEEKDAY_COUNT) % WEEKDAY_COUNT;
	struct date date = {first.days + to_first + (rule->week - 1) * WEEKDAY_COUNT};

	if (date.days >= date_next_month_first(first).days) /* "the last" is the fourth, this time */
		date.days -= WEEKDAY_COUNT;
	return date;
}

static struct date
rule_date(const struct tz_rule *rule, int year)
{
	const struct date new_year = date_from_civil((struct civil){year, 1, 1});
	const struct date march = date_from_civil((struct civil){year, 3, 1});
	struct date date = {new_year.days + rule->day};

	if (rule->kind == TZ_DAY_OF_MONTH)
		return day_of_month_rule(rule, year);
	if (rule->kind == TZ_DAY_WITHOUT_LEAP) {
		const bool leap = march.days - new_year.days == 60;

		date.days += leap && rule->day >= 60 ? 0 : -1;
	}
	return date;
}

static int64_t
rule_instant_s(const struct tz_rule *rule, int year, int32_t offset_before_s)
{
	return rule_date(rule, year).days * INT64_C(86400) + rule->time_s - offset_before_s;
}

int64_t
posix_tz_start_s(const struct posix_tz *tz, int year)
{
	return rule_instant_s(&tz->start, year, tz->standard_s);
}

int64_t
posix_tz_end_s(const struct posix_tz *tz, int year)
{
	return rule_instant_s(&tz->end, year, tz->daylight_s);
}
