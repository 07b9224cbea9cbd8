#include "tests/support/random_law.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/law_fixture.h"
#include "tests/support/temp.h"

const char *
random_zone_name(struct random_source *random)
{
	static const char *const names[] = {"America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/Noronha", "America/Havana",
		"America/Santiago", "America/St_Johns", "America/Scoresbysund", "America/Asuncion", "Africa/Cairo", "Africa/Casablanca",
		"Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Atlantic/Azores",
		"Australia/Eucla", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin", "Europe/London", "Pacific/Auckland",
		"Pacific/Chatham", "Pacific/Easter", "Pacific/Honolulu", "Pacific/Kiritimati", "UTC"};
	return names[random_below(random, sizeof(names) / sizeof(names[0]))];
}

static struct instant
to_minute(struct instant at)
{
	return (struct instant){at.us - at.us % US_PER_MINUTE};
}

struct instant
random_minute(struct random_source *random, const struct zone *zone)
{
	struct instant at = {fixture_instant("2024-01-01T00:00:00Z").us + random_between(random, 0, 3200) * US_PER_DAY};
	struct instant change = zone_next_change(zone, at);
	int64_t jitter = random_between(random, -2 * 24 * 60, 2 * 24 * 60) * US_PER_MINUTE;
	if (random_chance(random, 75) && change.us != INT64_MAX)
		at = change;
	else if (random_chance(random, 30))
		at = fixture_instant("2027-01-01T00:00:00Z");
	return to_minute((struct instant){at.us + jitter});
}

static struct day_time
random_day_time(struct random_source *random, int32_t low)
{
	static const int32_t awkward[] = {0, 30, 60, 75, 90, 105, 120, 135, 150, 165, 180, 1380, 1410, 1439, 1440};
	int32_t minute = (int32_t)random_between(random, low, 1440);
	if (random_chance(random, 50))
		minute = awkward[random_below(random, sizeof(awkward) / sizeof(awkward[0]))];
	return (struct day_time){60 * (minute < low ? low : minute)};
}

/* One to three ranges in order; the last may go on overnight. */
static struct day_ranges
random_ranges(struct random_source *random)
{
	struct day_ranges day = {.count = (uint8_t)random_between(random, 1, 3)};
	int32_t low = 0;
	if (random_chance(random, 15))
		return (struct day_ranges){0};
	for (unsigned i = 0; i < day.count; i++) {
		struct day_time from = random_day_time(random, low);
		if (from.s > 1439 * 60)
			from.s = 1439 * 60;
		struct day_time until = random_day_time(random, from.s / 60 + 1);
		day.ranges[i] = (struct day_range){from, until};
		low = until.s / 60;
		if (low >= 1438)
			day.count = (uint8_t)(i + 1);
	}
	if (random_chance(random, 20))
		day.ranges[day.count - 1].until = random_day_time(random, 0);
	if (day.ranges[day.count - 1].until.s > day.ranges[day.count - 1].from.s && random_chance(random, 5))
		day.ranges[day.count - 1].until = day.ranges[day.count - 1].from; /* a whole day from some hour on */
	return day;
}

static void
randomise_dates(struct random_source *random, struct rule *rule, struct instant near)
{
	int32_t today = wall_date((struct wall){near.us}).days;
	if (random_chance(random, 25))
		rule->from.days = today + (int32_t)random_between(random, -4, 4);
	if (random_chance(random, 25))
		rule->until.days = today + (int32_t)random_between(random, -4, 4);
	if (rule->until.days < rule->from.days)
		rule->until = rule->from;
}

struct rule
random_window_rule(struct random_source *random, struct instant near)
{
	struct rule rule = fixture_window("00:00", "24:00");
	bool same_every_day = random_chance(random, 30);
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		rule.window.days[day] = same_every_day && day > MONDAY ? rule.window.days[MONDAY] : random_ranges(random);
	rule.window.on_holidays_replaced = random_chance(random, 30);
	rule.window.on_eves_replaced = random_chance(random, 20);
	if (rule.window.on_holidays_replaced)
		rule.window.holidays = random_ranges(random);
	if (rule.window.on_eves_replaced)
		rule.window.eves = random_ranges(random);
	if (rule.window.on_holidays_replaced || rule.window.on_eves_replaced)
		strcpy(rule.window.calendar, "X");
	rule.window.emergency = random_chance(random, 10);
	if (random_chance(random, 15))
		strcpy(rule.window.fixed_zone, random_chance(random, 50) ? "America/Chicago" : "Asia/Kolkata");
	randomise_dates(random, &rule, near);
	return rule;
}

struct rule
random_cap_rule(struct random_source *random)
{
	enum cap_period period = (enum cap_period)random_below(random, 3);
	struct rule rule = fixture_cap(period, 1 + (unsigned)random_below(random, 4), 0);
	if (period == CAP_ROLLING)
		rule.cap.length.us = random_between(random, 1, 4 * 24 * 60) * US_PER_MINUTE;
	if (period == CAP_CALENDAR_DAY && rule.cap.n > 1 && random_chance(random, 50)) {
		rule.cap.on_holidays = (uint16_t)random_between(random, 1, rule.cap.n - 1);
		strcpy(rule.cap.calendar, "X");
	}
	if (random_chance(random, 20))
		rule.channels = CHANNEL_BIT(random_below(random, CHANNEL_COUNT));
	rule.cap.of_channels = rule.cap.n == 1 && random_chance(random, 30);
	rule.cap.same_subject = random_chance(random, 40);
	return rule;
}

static const char *
ics_date(int32_t day, char buffer[16])
{
	struct civil civil = date_to_civil((struct date){day});
	snprintf(buffer, 16, "%04d%02d%02d", civil.year % 10000, civil.month % 100, civil.day % 100);
	return buffer;
}

struct calendar *
random_calendar(struct random_source *random, struct instant near)
{
	int32_t today = wall_date((struct wall){near.us}).days;
	struct civil first = date_to_civil((struct date){today - (int32_t)random_between(random, 0, 20)});
	struct civil last = date_to_civil((struct date){today + (int32_t)random_between(random, 0, 20)});
	struct calendar *calendar = NULL;
	struct err err = ERR_INIT;
	char text[4096], date[16];
	int size = snprintf(text, sizeof(text),
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//daypart//test//EN\r\nX-DAYPART-AREA:X\r\n"
		"X-DAYPART-COVERAGE:%04d-%02d-%02d/%04d-%02d-%02d\r\n",
		first.year, first.month, first.day, last.year, last.month, last.day);
	for (int32_t day = today - 6; day <= today + 6; day++)
		if (day == today || random_chance(random, 25)) /* a calendar without any day is refused */
			size += snprintf(text + size, sizeof(text) - (size_t)size,
				"BEGIN:VEVENT\r\nUID:%d@test\r\nDTSTAMP:20240101T000000Z\r\nDTSTART;VALUE=DATE:%s\r\nSUMMARY:Day\r\nEND:VEVENT\r\n",
				(int)day, ics_date(day, date));
	size += snprintf(text + size, sizeof(text) - (size_t)size, "END:VCALENDAR\r\n");
	if (calendar_parse("X", text, (size_t)size, &calendar, &err) != STATUS_OK)
		support_fail("random calendar: %s", err.primary);
	return calendar;
}

struct emergency
random_emergency(struct random_source *random, struct instant near)
{
	const struct instant from = to_minute((struct instant){near.us + random_between(random, -3 * 1440, 3 * 1440) * US_PER_MINUTE});
	const struct instant until = {from.us + random_between(random, 1, 2 * 1440) * US_PER_MINUTE};
	return (struct emergency){.area = "US-NY", .declared = {from, random_chance(random, 20) ? (struct instant){INT64_MAX} : until}};
}
