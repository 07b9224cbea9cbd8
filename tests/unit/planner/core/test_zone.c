/* Zones from TZif bytes: what a file says, what its footer says, what is refused; local readings; fingerprints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "planner/core/zone.h"
#include "tests/support/tzif_bytes.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct instant
at(const char *text)
{
	struct instant instant;
	struct err err = ERR_INIT;

	if (instant_parse(text, &instant, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return instant;
}

static int64_t
seconds(const char *text)
{
	return at(text).us / US_PER_SECOND;
}

static struct wall
wall(const char *text)
{
	char instant[INSTANT_TEXT_MAX];

	snprintf(instant, sizeof(instant), "%sZ", text);
	return (struct wall){at(instant).us};
}

static struct interval
span(const char *from, const char *until)
{
	return (struct interval){at(from), at(until)};
}

static struct zone *
zone_within(const struct tzif_recipe *recipe, struct interval horizon)
{
	uint8_t bytes[TZIF_BYTES_MAX];
	struct err err = ERR_INIT;
	struct zone *zone;

	if (zone_parse(bytes, tzif_bytes_make(recipe, bytes), horizon, &zone, &err) != STATUS_OK)
		fail_msg("%s; %s", err.primary, err.detail);
	return zone;
}

static struct zone *
zone_of(const struct tzif_recipe *recipe)
{
	return zone_within(recipe, span("2020-01-01T00:00Z", "2041-01-01T00:00Z"));
}

static struct zone *
zone_of_footer(const char *footer)
{
	const struct tzif_recipe recipe = {.type_count = 1, .footer = footer};

	return zone_of(&recipe);
}

/* {footer, instant, offset} */
static void
footers(void **state)
{
	static const struct {
		const char *footer, *at;
		int32_t offset_s;
	} rows[] = {
		{"UTC0", "2026-07-01T00:00Z", 0},
		{"EST5", "2026-07-01T00:00Z", -18000},
		{"EST+5", "2026-07-01T00:00Z", -18000},
		{"IST-5:30", "2026-07-01T00:00Z", 19800},
		{"<+0545>-5:45", "2026-07-01T00:00Z", 20700},
		{"LMT3:30:52", "2026-07-01T00:00Z", -12652},
		{"EST5EDT,M3.2.0,M11.1.0", "2027-03-14T06:59:59Z", -18000},
		{"EST5EDT,M3.2.0,M11.1.0", "2027-03-14T07:00:00Z", -14400},
		{"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400},
		{"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
		{"NST3:30NDT,M3.2.0,M11.1.0", "2026-07-01T00:00Z", -9000}, /* the sign holds for the minutes too */
		{"NST3:30NDT,M3.2.0,M11.1.0", "2026-12-01T00:00Z", -12600},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200}, /* Nuuk: -1 h is the evening before */
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
		{"EET-2EEST,M4.5.5/0,M10.5.4/24", "2030-10-31T20:59:59Z", 10800}, /* Cairo: the last Thursday may be the 31st */
		{"EET-2EEST,M4.5.5/0,M10.5.4/24", "2030-10-31T21:00:00Z", 7200},
		{"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01T00:00Z", 39600}, /* Lord Howe: south, half an hour */
		{"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-04-04T15:00:00Z", 37800},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00Z", 3600}, /* Dublin: "daylight" is the winter */
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-01T00:00Z", 0},
		{"<-04>4<-03>,M9.1.6/167,M4.1.6/-167", "2026-09-11T02:59:59Z", -14400},
		{"<-04>4<-03>,M9.1.6/167,M4.1.6/-167", "2026-09-12T03:00:00Z", -10800},
		{"AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z", 0}, /* J60 is 1 March in every year */
		{"AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 3600},
		{"AAA0BBB,J60/0,J300/0", "2027-03-01T00:00:00Z", 3600},
		{"AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z", 3600}, /* 59 is 29 February in a leap year */
		{"AAA0BBB,59/0,300/0", "2027-02-28T23:59:59Z", 0},
		{"XXX3YYY,0/0,J365/25", "2025-12-31T23:59:59Z", -7200}, /* daylight time for ever */
		{"XXX3YYY,0/0,J365/25", "2026-01-01T02:59:59Z", -7200},
		{"XXX3YYY,0/0,J365/25", "2026-01-01T03:00:00Z", -7200},
		{"XXX3YYY,0/0,J365/25", "2026-01-01T04:00:00Z", -7200},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zone *zone = zone_of_footer(rows[i].footer);

		if (zone_offset_s(zone, at(rows[i].at)) != rows[i].offset_s)
			fail_msg("%s at %s: %d", rows[i].footer, rows[i].at, zone_offset_s(zone, at(rows[i].at)));
		zone_free(&zone);
		assert_null(zone);
	}
}

static void
perpetual_daylight_time_never_changes(void **state)
{
	struct zone *zone = zone_of_footer("XXX3YYY,0/0,J365/25");

	(void)state;
	assert_int_equal(zone_next_change(zone, at("2020-01-01T00:00Z")).us, INT64_MAX);
	zone_free(&zone);
}

static void
malformed_footers_are_refused(void **state)
{
	static const char *const rows[] = {
		"E5",
		"EST",
		"EST5EDT",
		"EST5EDT,M3.2.0",
		"EST5EDT,M3.2.0,M11.1.0,",
		"EST5EDT,M13.2.0,M11.1.0",
		"EST5EDT,M0.2.0,M11.1.0",
		"EST5EDT,M3.6.0,M11.1.0",
		"EST5EDT,M3.0.0,M11.1.0",
		"EST5EDT,M3.2.7,M11.1.0",
		"EST5EDT,M3.2.0/168,M11.1.0",
		"EST5EDT,M3.2.0/-168,M11.1.0",
		"EST5EDT,M3.2.0/2:60,M11.1.0",
		"EST5EDT,J0,J300",
		"EST5EDT,J366,J300",
		"EST5EDT,366,300",
		"EST25",
		"EST5:60",
		"EST99999999999999999999",
		"<EST5",
		"<+0>5",
		"EST5 ",
		" EST5",
		"+055",
	};
	uint8_t bytes[TZIF_BYTES_MAX];
	struct zone *zone = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct tzif_recipe recipe = {.type_count = 1, .footer = rows[i]};
		struct err err = ERR_INIT;

		if (zone_parse(bytes, tzif_bytes_make(&recipe, bytes), span("2026-01-01T00:00Z", "2027-01-01T00:00Z"), &zone, &err) !=
			STATUS_INVALID)
			fail_msg("\"%s\" was accepted", rows[i]);
		assert_non_null(strstr(err.primary, "footer"));
		assert_non_null(strstr(err.detail, "character"));
	}
}

/* Changes of a file before its last one; the footer from there on; neither before the horizon nor after it. */
static void
file_and_footer_meet(void **state)
{
	struct tzif_recipe recipe = {
		.offsets_s = {-1000, -18000, -14400},
		.type_count = 3,
		.changes = {{-(INT64_C(1) << 59), 1}, {0, 2}, {0, 1}, {0, 1}},
		.change_count = 4,
		.footer = "EST5EDT,M3.2.0,M11.1.0",
	};
	struct zone *zone;

	(void)state;
	recipe.changes[1].at_s = seconds("2021-06-01T00:00Z");
	recipe.changes[2].at_s = seconds("2021-12-01T00:00Z");
	recipe.changes[3].at_s = seconds("2022-02-01T00:00Z"); /* changes nothing: dropped */
	zone = zone_of(&recipe);
	assert_int_equal(zone_offset_s(zone, at("1950-01-01T00:00Z")), -18000); /* before the horizon: what holds at its start */
	assert_int_equal(zone_offset_s(zone, at("2021-05-31T23:59:59Z")), -18000);
	assert_int_equal(zone_offset_s(zone, at("2021-06-01T00:00Z")), -14400);
	assert_int_equal(zone_next_change(zone, at("2021-06-01T00:00Z")).us, at("2021-12-01T00:00Z").us);
	assert_int_equal(zone_next_change(zone, at("2021-12-01T00:00Z")).us, at("2022-03-13T07:00Z").us);
	assert_int_equal(zone_next_change(zone, at("2040-11-04T05:59:59Z")).us, at("2040-11-04T06:00Z").us);
	assert_int_equal(zone_next_change(zone, at("2040-11-04T06:00Z")).us, INT64_MAX);
	assert_int_equal(zone_offset_s(zone, at("2060-07-01T00:00Z")), -18000); /* after the horizon: what held at its end */
	zone_free(&zone);
}

/* `zic -b slim` of glibc 2.36 once wrote an America/Ojinaga whose last change contradicts its footer. */
static void
the_footer_decides_from_the_last_change_on(void **state)
{
	struct tzif_recipe recipe = {.offsets_s = {-25200, -18000}, .type_count = 2, .changes = {{0, 1}}, .change_count = 1, .footer = "CST6"};
	struct zone *zone;

	(void)state;
	recipe.changes[0].at_s = seconds("2022-11-30T06:00Z");
	zone = zone_of(&recipe);
	assert_int_equal(zone_offset_s(zone, at("2022-11-30T05:59:59Z")), -25200);
	assert_int_equal(zone_offset_s(zone, at("2022-11-30T06:00Z")), -21600);
	zone_free(&zone);
}

static void
without_a_footer_the_last_change_goes_on(void **state)
{
	struct tzif_recipe recipe = {.offsets_s = {0, 3600}, .type_count = 2, .changes = {{0, 1}}, .change_count = 1};
	struct zone *zone;

	(void)state;
	recipe.changes[0].at_s = seconds("2026-01-01T00:00Z");
	zone = zone_of(&recipe);
	assert_int_equal(zone_offset_s(zone, at("2025-12-31T23:59:59Z")), 0);
	assert_int_equal(zone_offset_s(zone, at("2040-01-01T00:00Z")), 3600);
	zone_free(&zone);
}

/* All changes before the horizon, or all after it. */
static void
changes_outside_the_horizon(void **state)
{
	struct tzif_recipe recipe = {.offsets_s = {0, 3600, 7200}, .type_count = 3, .changes = {{0, 1}, {0, 2}}, .change_count = 2};
	struct zone *zone;

	(void)state;
	recipe.changes[0].at_s = seconds("2026-01-01T00:00Z");
	recipe.changes[1].at_s = seconds("2026-06-01T00:00Z");
	zone = zone_within(&recipe, span("2030-01-01T00:00Z", "2031-01-01T00:00Z"));
	assert_int_equal(zone_offset_s(zone, at("2025-01-01T00:00Z")), 7200);
	assert_int_equal(zone_next_change(zone, at("2000-01-01T00:00Z")).us, INT64_MAX);
	zone_free(&zone);
	zone = zone_within(&recipe, span("2020-01-01T00:00Z", "2021-01-01T00:00Z"));
	assert_int_equal(zone_offset_s(zone, at("2027-01-01T00:00Z")), 0);
	zone_free(&zone);
	zone = zone_within(&recipe, span("2026-01-01T00:00Z", "2026-06-01T00:00Z")); /* half-open on both ends */
	assert_int_equal(zone_offset_s(zone, at("2026-01-01T00:00Z")), 3600);
	assert_int_equal(zone_next_change(zone, at("2000-01-01T00:00Z")).us, INT64_MAX);
	zone_free(&zone);
}

static const struct tzif_recipe new_york = {.type_count = 1, .footer = "EST5EDT,M3.2.0,M11.1.0"};

static void
local_readings(void **state)
{
	static const struct {
		const char *wall;
		enum local_kind kind;
		const char *first, *last;
	} rows[] = {
		{"2026-11-23T15:00:00", LOCAL_UNIQUE, "2026-11-23T20:00:00Z", "2026-11-23T20:00:00Z"},
		{"2027-03-14T01:59:59", LOCAL_UNIQUE, "2027-03-14T06:59:59Z", "2027-03-14T06:59:59Z"},
		{"2027-03-14T02:00:00", LOCAL_GAP, "2027-03-14T07:00:00Z", "2027-03-14T07:00:00Z"},
		{"2027-03-14T02:30:00", LOCAL_GAP, "2027-03-14T07:00:00Z", "2027-03-14T07:00:00Z"},
		{"2027-03-14T02:59:59.999999", LOCAL_GAP, "2027-03-14T07:00:00Z", "2027-03-14T07:00:00Z"},
		{"2027-03-14T03:00:00", LOCAL_UNIQUE, "2027-03-14T07:00:00Z", "2027-03-14T07:00:00Z"},
		{"2026-11-01T00:59:59", LOCAL_UNIQUE, "2026-11-01T04:59:59Z", "2026-11-01T04:59:59Z"},
		{"2026-11-01T01:00:00", LOCAL_OVERLAP, "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"},
		{"2026-11-01T01:59:59", LOCAL_OVERLAP, "2026-11-01T05:59:59Z", "2026-11-01T06:59:59Z"},
		{"2026-11-01T02:00:00", LOCAL_UNIQUE, "2026-11-01T07:00:00Z", "2026-11-01T07:00:00Z"},
	};
	struct zone *zone = zone_of(&new_york);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct local_reading reading = zone_resolve(zone, wall(rows[i].wall));

		if (reading.kind != rows[i].kind || reading.first.us != at(rows[i].first).us || reading.last.us != at(rows[i].last).us)
			fail_msg("%s", rows[i].wall);
		assert_int_equal(zone_opening(zone, wall(rows[i].wall)).us, reading.last.us);
		assert_int_equal(zone_closing(zone, wall(rows[i].wall)).us, reading.first.us);
	}
	assert_int_equal(zone_wall(zone, at("2026-11-23T20:00:00Z")).us, wall("2026-11-23T15:00:00").us);
	zone_free(&zone);
}

/* Apia went from UTC-10 to UTC+14 at the end of 29 December 2011: there was no 30 December. */
static void
a_gap_may_be_a_whole_day(void **state)
{
	struct tzif_recipe recipe = {.offsets_s = {-36000, 50400}, .type_count = 2, .changes = {{0, 1}}, .change_count = 1};
	struct zone *zone;
	struct local_reading reading;

	(void)state;
	recipe.changes[0].at_s = seconds("2011-12-30T10:00:00Z");
	zone = zone_within(&recipe, span("2011-01-01T00:00Z", "2012-12-31T00:00Z"));
	for (int hour = 0; hour < 24; hour++) {
		reading = zone_resolve(zone, (struct wall){wall("2011-12-30T00:00").us + hour * US_PER_HOUR});
		assert_int_equal(reading.kind, LOCAL_GAP);
		assert_int_equal(reading.first.us, at("2011-12-30T10:00:00Z").us);
	}
	assert_int_equal(zone_resolve(zone, wall("2011-12-29T23:59:59")).first.us, at("2011-12-30T09:59:59Z").us);
	reading = zone_resolve(zone, wall("2011-12-31T00:00:00"));
	assert_int_equal(reading.kind, LOCAL_UNIQUE);
	assert_int_equal(reading.first.us, at("2011-12-30T10:00:00Z").us);
	zone_free(&zone);
}

static void
fingerprints_speak_of_their_span_only(void **state)
{
	const struct interval summer = span("2026-06-01T00:00Z", "2026-07-01T00:00Z"), year = span("2026-01-01T00:00Z", "2027-01-01T00:00Z");
	struct zone *east = zone_of_footer("EST5EDT,M3.2.0,M11.1.0");
	struct zone *renamed = zone_of_footer("AAA5BBB,M3.2.0/2,M11.1.0/2");
	struct zone *fixed = zone_of_footer("AAA4");
	struct zone *later = zone_of_footer("EST5EDT,M3.2.0/3,M11.1.0");
	struct zone *shorter = zone_within(&new_york, year);

	(void)state;
	assert_true(zone_hash(east, year) == zone_hash(renamed, year));
	assert_true(zone_hash(east, year) == zone_hash(shorter, year));
	assert_true(zone_hash(east, summer) == zone_hash(fixed, summer));
	assert_true(zone_hash(east, summer) == zone_hash(later, summer));
	assert_true(zone_hash(east, year) != zone_hash(fixed, year));
	assert_true(zone_hash(east, year) != zone_hash(later, year));
	assert_true(zone_hash(fixed, year) == UINT64_C(0xd94248a7a250effa)); /* stored with every class: must never change */
	zone_free(&east);
	zone_free(&renamed);
	zone_free(&fixed);
	zone_free(&later);
	zone_free(&shorter);
}

static const struct tzif_recipe whole = {
	.offsets_s = {0, 3600},
	.type_count = 2,
	.changes = {{1000, 1}, {2000, 0}},
	.change_count = 2,
	.footer = "UTC0",
};

static enum status
parse(const uint8_t *bytes, size_t size, struct err *err)
{
	struct zone *zone = NULL;
	const enum status status = zone_parse(bytes, size, span("2026-01-01T00:00Z", "2027-01-01T00:00Z"), &zone, err);

	zone_free(&zone);
	return status;
}

/* One byte of a good file is replaced. */
static void
broken_files_are_refused(void **state)
{
	enum { HEADER = TZIF_SECOND_HEADER, DATA = HEADER + 44 };
	static const struct {
		size_t at;
		uint8_t value;
		const char *says;
	} rows[] = {
		{0, 't', "no header"},
		{4, 0, "version 2"},
		{4, '1', "version 2"},
		{20 + 12, 0xFF, "ends before its data"},
		{HEADER, 't', "no header"},
		{HEADER + 4, '1', "version 2"},
		{HEADER + 20 + 3, 1, "UT indicators"},
		{HEADER + 20 + 7, 1, "standard time indicators"},
		{HEADER + 20 + 11, 1, "leap seconds"},
		{HEADER + 20 + 12, 0xFF, "ends before its data"},
		{HEADER + 20 + 19, 0, "local time types"},
		{HEADER + 20 + 18, 2, "local time types"},
		{HEADER + 20 + 20, 0xFF, "ends before its data"},
		{HEADER + 20 + 23, 2, "no footer"},
		{DATA, 1, "out of order"},
		{DATA + 16, 2, "no such local time type"},
		{DATA + 18, 0x7F, "offset beyond"},
		{DATA + 18, 0x80, "offset beyond"},
	};
	uint8_t bytes[TZIF_BYTES_MAX];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(parse(bytes, tzif_bytes_make(&whole, bytes), &err), STATUS_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const size_t size = tzif_bytes_make(&whole, bytes);

		bytes[rows[i].at] = rows[i].value;
		if (parse(bytes, size, &err) != STATUS_INVALID || strstr(err.primary, rows[i].says) == NULL)
			fail_msg("row %zu (%s): %s", i, rows[i].says, err.primary);
		assert_non_null(strstr(err.detail, "byte "));
	}
}

static void
every_truncation_is_refused(void **state)
{
	uint8_t bytes[TZIF_BYTES_MAX];
	const size_t size = tzif_bytes_make(&whole, bytes);
	struct err err = ERR_INIT;

	(void)state;
	for (size_t kept = 0; kept < size; kept++)
		assert_int_equal(parse(bytes, kept, &err), STATUS_INVALID);
	assert_int_equal(parse(bytes, ZONE_FILE_MAX_BYTES + 1, &err), STATUS_INVALID);
}

static void
names(void **state)
{
	static const struct {
		const char *name;
		bool usable;
	} rows[] = {
		{"UTC", true},
		{"America/New_York", true},
		{"America/Argentina/Buenos_Aires", true},
		{"America/Port-au-Prince", true},
		{"Etc/GMT+5", true},
		{"US/Eastern", true},
		{"CET", false},
		{"EST5EDT", false},
		{"GMT", false},
		{"Cuba", false},
		{"posix/America/New_York", false},
		{"right/America/New_York", false},
		{"america/new_york", false},
		{"America/", false},
		{"America", false},
		{"America/../../etc/passwd", false},
		{"America/New York", false},
		{"America/S\xC3\xA3o_Paulo", false},
		{"/America/New_York", false},
		{"", false},
		{"America/A2345678901234567890123456789012345678901234567890123456789", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (zone_name_is_usable(rows[i].name) != rows[i].usable)
			fail_msg("\"%s\"", rows[i].name);
	}
}

static void
a_set_of_zones(void **state)
{
	static const char *const added[] = {"UTC", "America/New_York", "Asia/Kolkata", "America/Noronha"};
	static const char *const sorted[] = {"America/New_York", "America/Noronha", "Asia/Kolkata", "UTC"};
	struct zone_set *set;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(zone_set_create("2026f", &set), STATUS_OK);
	for (size_t i = 0; i < COUNT(added); i++)
		assert_int_equal(zone_set_add(set, added[i], zone_of(&new_york), &err), STATUS_OK);
	assert_int_equal(zone_set_add(set, "UTC", zone_of(&new_york), &err), STATUS_CONFLICT);
	assert_int_equal(zone_set_add(set, "CET", zone_of(&new_york), &err), STATUS_INVALID);

	assert_string_equal(zone_set_version(set), "2026f");
	assert_int_equal(zone_set_count(set), COUNT(sorted));
	for (size_t i = 0; i < COUNT(sorted); i++) {
		assert_string_equal(zone_set_name(set, i), sorted[i]);
		assert_ptr_equal(zone_set_find(set, sorted[i]), zone_set_at(set, i));
	}
	assert_null(zone_set_find(set, "America/Nor"));
	assert_null(zone_set_find(set, "Zulu"));
	zone_set_free(&set);
	assert_null(set);
	zone_set_free(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(footers),
		cmocka_unit_test(perpetual_daylight_time_never_changes),
		cmocka_unit_test(malformed_footers_are_refused),
		cmocka_unit_test(file_and_footer_meet),
		cmocka_unit_test(the_footer_decides_from_the_last_change_on),
		cmocka_unit_test(without_a_footer_the_last_change_goes_on),
		cmocka_unit_test(changes_outside_the_horizon),
		cmocka_unit_test(local_readings),
		cmocka_unit_test(a_gap_may_be_a_whole_day),
		cmocka_unit_test(fingerprints_speak_of_their_span_only),
		cmocka_unit_test(broken_files_are_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(names),
		cmocka_unit_test(a_set_of_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
