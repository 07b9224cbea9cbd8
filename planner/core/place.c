/*
 * Union of what was declared and what the number says, kept sorted by insertion: the lists have one or two members, seldom eighty.
 *
 * A number whose calling code is in no table attaches no regime, so a declared region alone would be a weaker rule: such a person is held. So is one
 * of the +1 countries for which there is no law: nothing stands in for it, least of all that of the United States. A +1 code opened after the table was
 * made may be anywhere in +1, where there are laws; all of them bind.
 * Whether the tzdb of this host knows a zone is not asked here (no zone set, no files); who holds the zone set asks.
 */
#include "place.h"

#include <assert.h>
#include <string.h>

#include "zone.h"

/* Inserts `name` at its place in `list`, unless it is there. */
static void
insert_sorted(const char **list, size_t *count, size_t limit, const char *name)
{
	size_t at = *count;
	while (at > 0 && strcmp(list[at - 1], name) > 0)
		at--;
	if (at > 0 && strcmp(list[at - 1], name) == 0)
		return;
	assert(*count < limit); /* the limits hold the largest entry of the number table and the declared one; test_number proves it */
	memmove(list + at + 1, list + at, (*count - at) * sizeof(*list));
	list[at] = name;
	(*count)++;
}

static void
add_region(struct place *place, const char *region)
{
	insert_sorted(place->regions, &place->region_count, PLACE_REGIONS_MAX, region);
}

static void
add_zone(struct place *place, const char *zone)
{
	insert_sorted(place->zones, &place->zone_count, PLACE_ZONES_MAX, zone);
}

enum reason
place_resolve(const struct place_facts *facts, struct place *out)
{
	*out = (struct place){0};
	const struct number_place *number = number_place(facts->phone);
	if (number->kind == NUMBER_NON_GEOGRAPHIC)
		return REASON_NON_GEOGRAPHIC;
	if (number->kind == NUMBER_UNKNOWN || (*facts->region && !region_is_known(facts->region)))
		return REASON_UNKNOWN_REGION;
	if (*facts->timezone && !zone_name_is_usable(facts->timezone))
		return REASON_UNKNOWN_ZONE;
	for (size_t i = 0; i < number->region_count; i++)
		add_region(out, number->regions[i]);
	for (size_t i = 0; i < number->zone_count; i++)
		add_zone(out, number->zones[i]);
	if (*facts->region)
		add_region(out, facts->region);
	if (*facts->timezone)
		add_zone(out, facts->timezone);
	return out->zone_count > 0 ? REASON_NONE : REASON_UNKNOWN_ZONE;
}

static bool
begins_with_one(uint64_t phone)
{
	while (phone >= 10)
		phone /= 10;
	return phone == 1;
}

enum reason
place_judge_law(const struct rulebook *rulebook, uint64_t phone)
{
	const struct number_place *number = number_place(phone);
	if (!begins_with_one(phone))
		return REASON_NONE;
	for (size_t i = 0; i < number->region_count; i++)
		if (rulebook_covers(rulebook, number->regions[i]))
			return REASON_NONE;
	return REASON_UNKNOWN_REGION;
}
