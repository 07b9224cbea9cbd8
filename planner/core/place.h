/*
 * place - where a person may be: the candidate regions and zones, from what was declared and from the number
 *
 * Declared region and number both bind (REGULATIONS 2.11): the candidates are the union, and the law is intersected over all of them. A
 * candidate that is unknown makes the whole person held; nothing falls back to a weaker rule, to the company's zone or to UTC.
 *
 *     struct place place;
 *     enum reason held = place_resolve(&(struct place_facts){14155550123, "US-CA", ""}, &place);
 *
 * Plain values, no memory of their own: the strings are those of the number table or the caller's.
 */
#ifndef DAYPART_CORE_PLACE_H
#define DAYPART_CORE_PLACE_H

#include "number.h"
#include "reason.h"
#include "rulebook.h"

enum { PLACE_REGIONS_MAX = 80, PLACE_ZONES_MAX = 80 }; /* all of +1, plus what was declared */

struct place_facts {
	uint64_t phone;
	const char *region;   /* declared, "" when not */
	const char *timezone; /* declared, "" when not */
};

struct place {
	size_t region_count, zone_count;
	const char *regions[PLACE_REGIONS_MAX]; /* sorted, distinct */
	const char *zones[PLACE_ZONES_MAX];
};

/* REASON_NONE, or why the person is held: NON_GEOGRAPHIC, UNKNOWN_REGION, UNKNOWN_ZONE. */
enum reason place_resolve(const struct place_facts *facts, struct place *out);

/* REASON_UNKNOWN_REGION for a +1 number for none of whose own places there is a law (+1 868 is Trinidad, not the United States), whatever was
 * declared; else REASON_NONE: other calling codes are left to what binds everywhere. REGULATIONS 2.11. Depends on number_place(phone) only. */
enum reason place_judge_law(const struct rulebook *rulebook, uint64_t phone);

#endif
