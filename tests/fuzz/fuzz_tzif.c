/* Any bytes as a TZif file: refused, or a zone whose lookups agree with each other. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/core/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_around(const struct zone *zone, struct instant at)
{
	for (int64_t shift_us = -26 * US_PER_HOUR; shift_us <= 26 * US_PER_HOUR; shift_us += US_PER_HOUR) {
		const struct instant probe = {at.us + shift_us};
		const struct wall wall = zone_wall(zone, probe);
		const struct local_reading reading = zone_resolve(zone, wall);

		assert(reading.first.us <= probe.us && probe.us <= reading.last.us);
		assert(zone_opening(zone, wall).us >= zone_closing(zone, wall).us);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct interval horizon = {{INT64_C(1577836800) * US_PER_SECOND}, {INT64_C(2240611200) * US_PER_SECOND}}; /* 2020 to 2040 */
	struct err err = ERR_INIT;
	struct instant at = horizon.from;
	struct zone *zone;

	if (zone_parse(data, size, horizon, &zone, &err) != STATUS_OK)
		return 0;
	for (int i = 0; i < 100 && at.us != INT64_MAX; i++) {
		const struct instant next = zone_next_change(zone, at);

		check_around(zone, at);
		assert(next.us > at.us);
		assert(next.us == INT64_MAX || (next.us < horizon.until.us && zone_offset_s(zone, at) != zone_offset_s(zone, next)));
		at = next;
	}
	assert(zone_hash(zone, horizon) == zone_hash(zone, (struct interval){{INT64_MIN}, {INT64_MAX}}));
	zone_free(&zone);
	return 0;
}
