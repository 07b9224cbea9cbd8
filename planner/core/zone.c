/*
 * zone - implementation
 *
 * A zone is a sorted array of steps {from, offset}: the first holds since for ever, each later one changes the offset, none lies outside the
 * horizon. A year has about two, so a lookup is a binary search over a few cache lines. Steps come from the file; from its last change on the
 * footer decides (RFC 8536, 3.3), also when the two contradict each other, as glibc has it.
 *
 * Local readings are found by walking the steps around a wall clock and asking, for each, when that wall clock is reached or jumped over.
 * Tables keyed by local time, the alternative, would need a rule of their own for overlapping and missing stretches.
 */
#include "zone.h"

#include <assert.h>
#include <stdlib.h>

#include "tzif.h"

struct step {
	struct instant from;
	int32_t offset_s;
};

struct zone {
	size_t count; /* at least 1 */
	struct step steps[];
};

/* A zone that is being built: its horizon in whole seconds, widened. */
struct building {
	struct zone *zone;
	int64_t from_s, until_s;
};

static int64_t
floor_seconds(struct instant at)
{
	return at.us / US_PER_SECOND - (at.us % US_PER_SECOND < 0);
}

static int
year_of(int64_t at_s)
{
	return date_to_civil(wall_date((struct wall){at_s * US_PER_SECOND})).year;
}

/* Adds a change, in order of time. One at the instant of the last one replaces it; one that changes nothing is dropped. */
static void
add_step(struct building *building, int64_t at_s, int32_t offset_s)
{
	struct zone *zone = building->zone;
	struct step *last = &zone->steps[zone->count - 1];

	if (at_s >= building->until_s)
		return;
	if (at_s <= building->from_s)
		last->offset_s = offset_s;
	else if (last->from.us == at_s * US_PER_SECOND) {
		last->offset_s = offset_s;
		if (last[-1].offset_s == offset_s)
			zone->count--;
	} else if (last->offset_s != offset_s)
		zone->steps[zone->count++] = (struct step){{at_s * US_PER_SECOND}, offset_s};
}

/* The rules of a footer in order of time. Where an end and a start meet the start comes last and so wins: perpetual daylight time. */
struct footer_walk {
	const struct posix_tz *tz;
	int start_year, end_year;
};

static struct step
next_of_footer(struct footer_walk *walk)
{
	const int64_t start_s = posix_tz_start_s(walk->tz, walk->start_year);
	const int64_t end_s = posix_tz_end_s(walk->tz, walk->end_year);

	if (end_s <= start_s) {
		walk->end_year++;
		return (struct step){{end_s * US_PER_SECOND}, walk->tz->standard_s};
	}
	walk->start_year++;
	return (struct step){{start_s * US_PER_SECOND}, walk->tz->daylight_s};
}

static void
add_footer(struct building *building, const struct posix_tz *tz, int64_t from_s)
{
	const int first_year = year_of(from_s) - 2; /* rules may lie a week outside their year */
	struct footer_walk walk = {.tz = tz, .start_year = first_year, .end_year = first_year};
	int32_t offset_s = tz->standard_s;
	struct step next;

	if (!tz->has_daylight) {
		add_step(building, from_s, offset_s);
		return;
	}
	for (next = next_of_footer(&walk); floor_seconds(next.from) <= from_s; next = next_of_footer(&walk))
		offset_s = next.offset_s;
	add_step(building, from_s, offset_s);
	for (; floor_seconds(next.from) < building->until_s; next = next_of_footer(&walk))
		add_step(building, floor_seconds(next.from), next.offset_s);
}

static void
build(struct building *building, const struct tzif *file)
{
	int64_t footer_from_s = building->from_s;

	building->zone->steps[0] = (struct step){{INT64_MIN}, tzif_first_offset_s(file)};
	building->zone->count = 1;
	for (size_t i = 0; i < file->change_count; i++) {
		footer_from_s = tzif_change_s(file, i);
		add_step(building, footer_from_s, tzif_offset_s(file, i));
	}
	if (footer_from_s < building->from_s)
		footer_from_s = building->from_s;
	if (file->has_footer && footer_from_s < building->until_s)
		add_footer(building, &file->footer, footer_from_s);
}

enum status
zone_parse(const uint8_t *bytes, size_t size, struct interval horizon, struct zone **out, struct err *err)
{
	struct building building = {.from_s = floor_seconds(horizon.from), .until_s = -floor_seconds((struct instant){-horizon.until.us})};
	struct tzif file;
	struct zone *zone, *fitted;
	size_t most;

	assert(horizon.from.us < horizon.until.us);
	if (size > ZONE_FILE_MAX_BYTES)
		return err_set(err, STATUS_INVALID, "a time zone file of %zu bytes; at most %d are read", size, ZONE_FILE_MAX_BYTES);
	if (tzif_open(bytes, size, &file, err) != STATUS_OK)
		return err->status;

	/* One step since for ever, one a change, and two a year of the footer with a year to spare on both sides. */
	most = 1 + file.change_count + 2 * (size_t)(year_of(building.until_s) - year_of(building.from_s) + 3);
	zone = malloc(sizeof(*zone) + most * sizeof(zone->steps[0]));
	if (zone == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for a time zone");
	building.zone = zone;
	build(&building, &file);
	fitted = realloc(zone, sizeof(*zone) + zone->count * sizeof(zone->steps[0]));
	*out = fitted != NULL ? fitted : zone;
	return STATUS_OK;
}

void
zone_free(struct zone **zone)
{
	free(*zone);
	*zone = NULL;
}

/* Index of the step that holds at `at`. */
static size_t
step_at(const struct zone *zone, struct instant at)
{
	size_t low = 0, high = zone->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (zone->steps[middle].from.us <= at.us)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int32_t
zone_offset_s(const struct zone *zone, struct instant at)
{
	return zone->steps[step_at(zone, at)].offset_s;
}

struct wall
zone_wall(const struct zone *zone, struct instant at)
{
	return (struct wall){at.us + zone_offset_s(zone, at) * US_PER_SECOND};
}

/*
 * When, if at all, the wall clock reaches or jumps over `wall` at the beginning of or during step `i`. The clock runs at the speed of time
 * within a step, so there is at most one such instant.
 */
static bool
passes(const struct zone *zone, size_t i, struct wall wall, struct instant *out, bool *out_jumped)
{
	const struct step *step = &zone->steps[i];
	const bool first = i == 0, last = i + 1 == zone->count;

	out->us = wall.us - step->offset_s * US_PER_SECOND;
	*out_jumped = false;
	if (!last && out->us >= step[1].from.us)
		return false;
	if (first || out->us >= step->from.us)
		return true;
	*out = step->from;
	*out_jumped = step->from.us + step[-1].offset_s * US_PER_SECOND <= wall.us;
	return *out_jumped;
}

struct local_reading
zone_resolve(const struct zone *zone, struct wall wall)
{
	const struct instant earliest = {wall.us - TZIF_MOST_OFFSET_S * US_PER_SECOND};
	const struct instant latest = {wall.us - TZIF_LEAST_OFFSET_S * US_PER_SECOND};
	struct local_reading reading = {.kind = LOCAL_UNIQUE};
	bool found = false;

	for (size_t i = step_at(zone, earliest); i < zone->count && zone->steps[i].from.us <= latest.us; i++) {
		struct instant at;
		bool jumped;

		if (!passes(zone, i, wall, &at, &jumped))
			continue;
		if (!found)
			reading = (struct local_reading){jumped ? LOCAL_GAP : LOCAL_UNIQUE, at, at};
		else
			reading = (struct local_reading){LOCAL_OVERLAP, reading.first, at};
		found = true;
	}
	assert(found); /* the clock starts before every wall and runs past it */
	return reading;
}

struct instant
zone_opening(const struct zone *zone, struct wall wall)
{
	return zone_resolve(zone, wall).last;
}

struct instant
zone_closing(const struct zone *zone, struct wall wall)
{
	return zone_resolve(zone, wall).first;
}

struct instant
zone_next_change(const struct zone *zone, struct instant at)
{
	const size_t next = step_at(zone, at) + 1;

	return next < zone->count ? zone->steps[next].from : (struct instant){INT64_MAX};
}

static uint64_t
hash_number(uint64_t hash, int64_t number)
{
	for (int shift = 0; shift < 64; shift += 8)
		hash = (hash ^ ((uint64_t)number >> shift & 0xFF)) * UINT64_C(0x100000001B3);
	return hash;
}

uint64_t
zone_hash(const struct zone *zone, struct interval span)
{
	size_t i = step_at(zone, span.from);
	uint64_t hash = hash_number(UINT64_C(0xCBF29CE484222325), zone->steps[i].offset_s);

	for (i++; i < zone->count && zone->steps[i].from.us < span.until.us; i++) {
		hash = hash_number(hash, zone->steps[i].from.us);
		hash = hash_number(hash, zone->steps[i].offset_s);
	}
	return hash;
}
