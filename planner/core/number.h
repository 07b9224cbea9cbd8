/*
 * number - from a phone number to the regions and time zones its owner may be in
 *
 * An inference, never a fact: numbers are ported and people move. So the answer is a set, used conservatively. The table is generated at build
 * time from Debian's python3-phonenumbers, with the corrections of numbering_overrides.txt (each with its reason), and never committed.
 *
 *     const struct number_place *place = number_place(14155550123);
 *     if (place->kind == NUMBER_PLACED) ... place->regions, place->zones
 *
 * Lookup: longest prefix, O(digits). The result is static and lives as long as the program. `index` numbers the distinct places of this build,
 * so that a caller can cache by it; it means nothing in another build.
 */
#ifndef DAYPART_CORE_NUMBER_H
#define DAYPART_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_kind {
	NUMBER_PLACED,         /* regions and zones are the candidates */
	NUMBER_NON_GEOGRAPHIC, /* toll-free, personal, satellite, ...: never a lawful recipient (REGULATIONS 2.11) */
	NUMBER_UNKNOWN         /* no such calling code in the table */
};

struct number_place {
	enum number_kind kind;
	uint16_t index;
	uint8_t region_count, zone_count;
	const char *const *regions; /* ISO 3166-1 or -2 codes, sorted: "US-CA", "BR" */
	const char *const *zones;   /* canonical tzdb names, sorted */
};

enum { NUMBER_MIN_DIGITS = 7, NUMBER_MAX_DIGITS = 15 };

/* `phone` is E.164 without the plus sign. */
const struct number_place *number_place(uint64_t phone);
uint16_t number_place_count(void);

/* True for an assigned ISO 3166-1 code or a listed ISO 3166-2 code. */
bool region_is_known(const char *code);
const char *const *region_codes(size_t *out_count); /* all of them, sorted */

/* Identifies the generated table: source version and content hash. */
const char *number_table_version(void);

#endif
