/*
 * instant - implementation
 *
 * Dates use the day count over 400-year eras that begin on 1 March (the leap day is then the last day of a year, and month lengths follow one
 * linear formula), so no table of days and no loop over years. Texts are read by a cursor that every take_* function moves only when it
 * succeeds; limits are checked on fields, before anything is multiplied.
 */
#include "instant.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	FIRST_YEAR = 1900,
	LAST_YEAR = 2200,
	DAYS_PER_ERA = 146097, /* 400 Gregorian years */
	ERA_OFFSET = 719468,   /* days from 0000-03-01 to 1970-01-01 */
	SECONDS_PER_DAY = 86400,
	LONGEST_DURATION_DAYS = 3660 /* ten years: longer than any rule or retention speaks of */
};

static int64_t
floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static int64_t
floor_mod(int64_t value, int64_t by)
{
	return value - floor_div(value, by) * by;
}

struct date
date_from_civil(struct civil civil)
{
	const int year = civil.month > 2 ? civil.year : civil.year - 1;
	const int era = (int)floor_div(year, 400);
	const int year_of_era = year - era * 400;
	const int month_from_march = (civil.month + 9) % 12;
	const int day_of_year = (153 * month_from_march + 2) / 5 + civil.day - 1;
	const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return (struct date){era * DAYS_PER_ERA + day_of_era - ERA_OFFSET};
}

struct civil
date_to_civil(struct date date)
{
	const int64_t days = (int64_t)date.days + ERA_OFFSET;
	const int era = (int)floor_div(days, DAYS_PER_ERA);
	const int day_of_era = (int)floor_mod(days, DAYS_PER_ERA);
	const int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const int month_from_march = (5 * day_of_year + 2) / 153;
	const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	return (struct civil){
		.year = era * 400 + year_of_era + (month <= 2),
		.month = month,
		.day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
	};
}

bool
date_is_valid(struct civil civil)
{
	struct civil same;

	if (civil.year < FIRST_YEAR || civil.year > LAST_YEAR || civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31)
		return false;
	same = date_to_civil(date_from_civil(civil));
	return same.month == civil.month; /* 31 February comes back as March */
}

enum weekday
date_weekday(struct date date)
{
	return (enum weekday)floor_mod((int64_t)date.days + THURSDAY, WEEKDAY_COUNT); /* 1970-01-01 was a Thursday */
}

struct date
date_month_first(struct date date)
{
	return (struct date){date.days - date_to_civil(date).day + 1};
}

struct date
date_next_month_first(struct date date)
{
	const struct civil civil = date_to_civil(date);
	const bool december = civil.month == 12;

	return date_from_civil((struct civil){civil.year + december, december ? 1 : civil.month + 1, 1});
}

struct date
wall_date(struct wall wall)
{
	return (struct date){(int32_t)floor_div(wall.us, US_PER_DAY)};
}

struct day_time
wall_day_time(struct wall wall)
{
	return (struct day_time){(int32_t)(floor_mod(wall.us, US_PER_DAY) / US_PER_SECOND)};
}

struct wall
wall_at(struct date date, struct day_time time)
{
	return (struct wall){date.days * US_PER_DAY + time.s * US_PER_SECOND};
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
take_char(const char **cursor, char wanted)
{
	if (**cursor != wanted)
		return false;
	++*cursor;
	return true;
}

/* Exactly `count` digits. */
static bool
take_number(const char **cursor, int count, int *out)
{
	int number = 0;

	for (int i = 0; i < count; i++) {
		if (!is_digit((*cursor)[i]))
			return false;
		number = number * 10 + ((*cursor)[i] - '0');
	}
	*cursor += count;
	*out = number;
	return true;
}

static bool
take_date(const char **cursor, struct date *out)
{
	struct civil civil;

	if (!take_number(cursor, 4, &civil.year) || !take_char(cursor, '-') || !take_number(cursor, 2, &civil.month) ||
		!take_char(cursor, '-') || !take_number(cursor, 2, &civil.day) || !date_is_valid(civil))
		return false;
	*out = date_from_civil(civil);
	return true;
}

/* hh:mm[:ss], up to and including 24:00:00. */
static bool
take_day_time(const char **cursor, struct day_time *out)
{
	int hour, minute, second = 0;

	if (!take_number(cursor, 2, &hour) || !take_char(cursor, ':') || !take_number(cursor, 2, &minute))
		return false;
	if (take_char(cursor, ':') && !take_number(cursor, 2, &second))
		return false;
	out->s = (hour * 60 + minute) * 60 + second;
	return minute < 60 && second < 60 && out->s <= SECONDS_PER_DAY;
}

/* Nothing, or a dot and one to six digits. */
static bool
take_fraction(const char **cursor, int64_t *out_us)
{
	int64_t unit = US_PER_SECOND;

	*out_us = 0;
	if (!take_char(cursor, '.'))
		return true;
	if (!is_digit(**cursor))
		return false;
	for (; is_digit(**cursor) && unit > 1; ++*cursor) {
		unit /= 10;
		*out_us += (**cursor - '0') * unit;
	}
	return true;
}

/* Z, +hh, +hhmm or +hh:mm, up to 15:59 either way (what PostgreSQL accepts too). */
static bool
take_offset(const char **cursor, int32_t *out_s)
{
	int sign, hour, minute = 0;

	*out_s = 0;
	if (take_char(cursor, 'Z'))
		return true;
	sign = take_char(cursor, '+') ? 1 : take_char(cursor, '-') ? -1 : 0;
	if (sign == 0 || !take_number(cursor, 2, &hour))
		return false;
	if ((take_char(cursor, ':') || is_digit(**cursor)) && !take_number(cursor, 2, &minute))
		return false;
	*out_s = sign * (hour * 60 + minute) * 60;
	return hour < 16 && minute < 60;
}

static enum status
no_offset(const char *text, struct err *err)
{
	err_set(err, STATUS_INVALID, "\"%s\" has no offset from UTC", text);
	return err_hint(err, "say where the clock hangs: append an offset such as -05:00, or Z for UTC");
}

enum status
instant_parse(const char *text, struct instant *out, struct err *err)
{
	const char *cursor = text;
	struct date date;
	struct day_time time;
	int64_t fraction_us;
	int32_t offset_s;

	if (!take_date(&cursor, &date) || !(take_char(&cursor, 'T') || take_char(&cursor, ' ')) || !take_day_time(&cursor, &time) ||
		time.s == SECONDS_PER_DAY || !take_fraction(&cursor, &fraction_us))
		goto malformed;
	if (*cursor == '\0')
		return no_offset(text, err);
	if (!take_offset(&cursor, &offset_s) || *cursor != '\0')
		goto malformed;
	out->us = wall_at(date, time).us + fraction_us - offset_s * US_PER_SECOND;
	return STATUS_OK;

malformed:
	err_set(err, STATUS_INVALID, "\"%s\" is not an instant", text);
	return err_hint(err, "write 2026-11-23T15:00:00-05:00; years %d to %d", FIRST_YEAR, LAST_YEAR);
}

enum status
date_parse(const char *text, struct date *out, struct err *err)
{
	const char *cursor = text;

	if (take_date(&cursor, out) && *cursor == '\0')
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "\"%s\" is not a date", text);
	return err_hint(err, "write 2026-11-23; years %d to %d", FIRST_YEAR, LAST_YEAR);
}

enum status
day_time_parse(const char *text, struct day_time *out, struct err *err)
{
	const char *cursor = text;

	if (take_day_time(&cursor, out) && *cursor == '\0')
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "\"%s\" is not a time of day", text);
	return err_hint(err, "write 09:00 or 09:00:00; the end of the day is 24:00");
}

static int64_t
unit_us(char unit)
{
	switch (unit) {
	case 'd':
		return US_PER_DAY;
	case 'h':
		return US_PER_HOUR;
	case 'm':
		return US_PER_MINUTE;
	case 's':
		return US_PER_SECOND;
	default:
		return 0;
	}
}

enum status
duration_parse(const char *text, struct duration *out, struct err *err)
{
	const int64_t longest = LONGEST_DURATION_DAYS * US_PER_DAY;
	const char *cursor = text;
	int64_t count = 0, unit;

	for (; is_digit(*cursor); ++cursor)
		if (count <= longest)
			count = count * 10 + (*cursor - '0');
	unit = unit_us(*cursor);
	if (cursor != text && unit > 0 && cursor[1] == '\0' && count <= longest / unit) {
		out->us = count * unit;
		return STATUS_OK;
	}
	err_set(err, STATUS_INVALID, "\"%s\" is not a length of time", text);
	if (cursor != text && unit > 0 && cursor[1] == '\0')
		return err_hint(err, "it is too long: write %dd at most", LONGEST_DURATION_DAYS);
	return err_hint(err, "write a whole number and d, h, m or s, such as 7d or 36h");
}

/* "Z", "+05:45"; seconds of an offset occur only before 1972. */
static void
format_offset(int32_t offset_s, char *out, size_t size)
{
	const char sign = offset_s < 0 ? '-' : '+';
	const int size_s = abs(offset_s);
	const int hours = size_s / 3600, minutes = size_s / 60 % 60, seconds = size_s % 60;

	if (offset_s == 0)
		snprintf(out, size, "Z");
	else if (seconds == 0)
		snprintf(out, size, "%c%02d:%02d", sign, hours, minutes);
	else
		snprintf(out, size, "%c%02d:%02d:%02d", sign, hours, minutes, seconds);
}

char *
instant_format(struct instant at, int32_t offset_s, char buffer[INSTANT_TEXT_MAX])
{
	const struct wall wall = {at.us + offset_s * US_PER_SECOND};
	const struct civil civil = date_to_civil(wall_date(wall));
	const struct day_time time = wall_day_time(wall);
	const int fraction_us = (int)floor_mod(wall.us, US_PER_SECOND);
	size_t length;

	/* The longest text there can be (INT64_MAX microseconds, any offset) has 41 characters, so nothing is ever cut. */
	length = (size_t)snprintf(buffer, INSTANT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day, time.s / 3600,
		time.s / 60 % 60, time.s % 60);
	if (fraction_us != 0)
		length += (size_t)snprintf(buffer + length, INSTANT_TEXT_MAX - length, ".%06d", fraction_us);
	format_offset(offset_s, buffer + length, INSTANT_TEXT_MAX - length);
	return buffer;
}
