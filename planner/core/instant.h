/*
 * instant - points and lengths on the absolute time line, dates and wall clocks; no zone, no clock
 *
 * Three kinds of time that must not be mixed are three types: `instant` (microseconds since 1970-01-01T00:00:00Z), `wall` (what a wall
 * clock shows: microseconds since 1970-01-01 00:00 of that clock) and `date` (days since 1970-01-01, proleptic Gregorian). zone.h converts
 * between instant and wall.
 *
 *     struct instant at;
 *     if (instant_parse("2026-11-23T15:00:00-05:00", &at, &err) != STATUS_OK) ...
 *
 * Limits: years 1900 to 2200 are accepted from outside; arithmetic saturates nowhere because nothing outside that range gets in.
 */
#ifndef DAYPART_CORE_INSTANT_H
#define DAYPART_CORE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct instant {
	int64_t us;
};
struct duration {
	int64_t us;
};
struct wall {
	int64_t us;
};
struct date {
	int32_t days;
};

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

/* Seconds after local midnight, 0..86400; 86400 is the end of the day. */
struct day_time {
	int32_t s;
};

struct civil {
	int year, month, day; /* month 1..12, day 1..31 */
};

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, WEEKDAY_COUNT };

enum { INSTANT_TEXT_MAX = 48 }; /* "2026-11-23T20:00:00.000000+05:45" and its NUL, with room */

static inline bool
instant_before(struct instant a, struct instant b)
{
	return a.us < b.us;
}
static inline struct instant
instant_min(struct instant a, struct instant b)
{
	return a.us < b.us ? a : b;
}
static inline struct instant
instant_max(struct instant a, struct instant b)
{
	return a.us > b.us ? a : b;
}
static inline struct instant
instant_add(struct instant t, struct duration d)
{
	return (struct instant){t.us + d.us};
}

struct date date_from_civil(struct civil civil);
struct civil date_to_civil(struct date date);
bool date_is_valid(struct civil civil); /* 1900..2200 and a day that exists */
enum weekday date_weekday(struct date date);
struct date date_month_first(struct date date);      /* first day of its month */
struct date date_next_month_first(struct date date); /* first day of the month after */

struct date wall_date(struct wall wall); /* floors: also right before 1970 */
struct day_time wall_day_time(struct wall wall);
struct wall wall_at(struct date date, struct day_time time);

/* ISO 8601 with an offset (Z, +hh, +hh:mm, +hhmm); seconds and fraction optional, 'T' or one blank. A time without an offset is refused
 * with a hint (STATUS_INVALID). */
MUST_CHECK enum status instant_parse(const char *text, struct instant *out, struct err *err);
/* "2026-11-23" */
MUST_CHECK enum status date_parse(const char *text, struct date *out, struct err *err);
/* "09:00", "09:00:00", "24:00" */
MUST_CHECK enum status day_time_parse(const char *text, struct day_time *out, struct err *err);
/* "7d", "36h", "90m", "30s" */
MUST_CHECK enum status duration_parse(const char *text, struct duration *out, struct err *err);

/* Writes ISO 8601 with the given offset, fraction only when there is one; returns `buffer`. */
char *instant_format(struct instant at, int32_t offset_s, char buffer[INSTANT_TEXT_MAX]);

#endif
