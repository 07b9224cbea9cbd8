#include "tests/support/law_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"

enum { ZONES_MAX = 512 };

static struct {
	char name[ZONE_NAME_MAX];
	struct zone *zone;
} cache[ZONES_MAX];
static size_t cached;
static struct zone_set *fixed_zones;

static void
free_zones(void)
{
	while (cached > 0)
		zone_free(&cache[--cached].zone);
	zone_set_free(&fixed_zones);
}

static struct zone *
read_zone(const char *name)
{
	struct interval horizon = {fixture_instant("2015-01-01T00:00:00Z"), fixture_instant("2045-01-01T00:00:00Z")};
	struct err err = ERR_INIT;
	struct zone *zone = NULL;
	char path[128];
	size_t size;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	char *bytes = file_read(path, &size);
	if (zone_parse((const uint8_t *)bytes, size, horizon, &zone, &err) != STATUS_OK)
		support_fail("time zone %s: %s", name, err.primary);
	free(bytes);
	return zone;
}

const struct zone *
fixture_zone(const char *name)
{
	for (size_t i = 0; i < cached; i++)
		if (strcmp(cache[i].name, name) == 0)
			return cache[i].zone;
	if (cached == 0)
		atexit(free_zones);
	snprintf(cache[cached].name, sizeof(cache[cached].name), "%s", name);
	cache[cached].zone = read_zone(name);
	return cache[cached++].zone;
}

const struct zone_set *
fixture_zone_set(void)
{
	static const char *const names[] = {"America/Chicago", "America/Los_Angeles", "America/New_York", "America/Noronha", "America/Recife",
		"America/Sao_Paulo", "Asia/Kathmandu", "Asia/Kolkata", "Europe/Berlin", "Pacific/Kiritimati", "UTC"};
	struct err err = ERR_INIT;
	if (fixed_zones)
		return fixed_zones;
	fixture_zone("UTC"); /* registers the clean-up */
	if (zone_set_create("test", &fixed_zones) != STATUS_OK)
		support_fail("no memory for a zone set");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (zone_set_add(fixed_zones, names[i], read_zone(names[i]), &err) != STATUS_OK)
			support_fail("zone set \"%s\": %s", names[i], err.primary);
	return fixed_zones;
}

struct instant
fixture_instant(const char *iso)
{
	struct err err = ERR_INIT;
	struct instant at = {0};
	if (instant_parse(iso, &at, &err) != STATUS_OK)
		support_fail("instant \"%s\": %s", iso, err.primary);
	return at;
}

struct date
fixture_date(const char *iso)
{
	struct err err = ERR_INIT;
	struct date date = {0};
	if (date_parse(iso, &date, &err) != STATUS_OK)
		support_fail("date \"%s\": %s", iso, err.primary);
	return date;
}

struct day_range
fixture_range(const char *from, const char *until)
{
	struct err err = ERR_INIT;
	struct day_range range = {{0}, {0}};
	if (day_time_parse(from, &range.from, &err) != STATUS_OK || day_time_parse(until, &range.until, &err) != STATUS_OK)
		support_fail("time of day \"%s\": %s", from, err.primary);
	return range;
}

static struct rule
marketing_rule(enum rule_kind kind)
{
	return (struct rule){.id = "test",
		.kind = kind,
		.categories = CATEGORY_BIT(CATEGORY_MARKETING),
		.channels = ALL_CHANNELS,
		.from = {INT32_MIN},
		.until = {INT32_MAX}};
}

struct rule
fixture_window(const char *from, const char *until)
{
	struct rule rule = marketing_rule(RULE_WINDOW);
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		rule.window.days[day] = (struct day_ranges){.count = 1, .ranges = {fixture_range(from, until)}};
	return rule;
}

struct rule
fixture_cap(enum cap_period period, unsigned n, int64_t length_us)
{
	struct rule rule = marketing_rule(RULE_CAP);
	rule.cap = (struct cap_rule){.n = (uint16_t)n, .period = period, .length = {length_us}};
	return rule;
}
