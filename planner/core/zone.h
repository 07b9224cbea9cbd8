/*
 * zone - UTC offsets of one time zone, read from a TZif file (RFC 8536/9636), and a set of named zones
 *
 * Only the version 2+ block and its POSIX footer are used; the footer is expanded to the horizon given at parsing. Offsets come from here and
 * nowhere else, because libical's were wrong in 72 of 81 tzdb releases; libical is only the second opinion.
 *
 *     struct zone *zone;
 *     if (zone_parse(bytes, size, horizon, &zone, &err) == STATUS_OK)
 *         offset = zone_offset_s(zone, now);
 *
 * Edges: a local time inside a DST gap is the gap's instant (the first valid instant after it), for an opening and a closing edge alike;
 * in an overlap a window opens at the later and closes at the earlier reading (never enlarges what may be sent).
 * Limits: horizons within the years of instant.h. A zone is immutable after parsing and may be read by any thread. Errors: STATUS_INVALID for a
 * malformed file, with the byte offset.
 */
#ifndef DAYPART_CORE_ZONE_H
#define DAYPART_CORE_ZONE_H

#include "interval.h"

enum { ZONE_FILE_MAX_BYTES = 256 * 1024, ZONE_NAME_MAX = 64 };

struct zone;

MUST_CHECK enum status zone_parse(const uint8_t *bytes, size_t size, struct interval horizon, struct zone **out, struct err *err);
void zone_free(struct zone **zone);

/* Seconds east of Greenwich. Outside the horizon: the nearest known offset. O(log n). */
int32_t zone_offset_s(const struct zone *zone, struct instant at);
struct wall zone_wall(const struct zone *zone, struct instant at);

enum local_kind { LOCAL_UNIQUE, LOCAL_GAP, LOCAL_OVERLAP };
/* When the wall clock reaches or jumps over a time: `first` and `last` are equal unless LOCAL_OVERLAP. */
struct local_reading {
	enum local_kind kind;
	struct instant first, last; /* LOCAL_GAP: the gap's instant */
};
struct local_reading zone_resolve(const struct zone *zone, struct wall wall);
struct instant zone_opening(const struct zone *zone, struct wall wall); /* later reading of an overlap */
struct instant zone_closing(const struct zone *zone, struct wall wall); /* earlier reading of an overlap */

/* The first instant after `at` at which the offset changes; INT64_MAX when there is none in the horizon. */
struct instant zone_next_change(const struct zone *zone, struct instant at);

/* A fingerprint of every offset that holds in `span`, equal on every host whose data agree there (FNV-1a 64 over the canonical steps). */
uint64_t zone_hash(const struct zone *zone, struct interval span);

/* A set of named zones. Built once, then immutable. */
struct zone_set;
MUST_CHECK enum status zone_set_create(const char *tzdata_version, struct zone_set **out);
void zone_set_free(struct zone_set **set);
/* Takes the zone over, also on error. The name must be canonical: "America/New_York"; no abbreviations (CET, EST5EDT). */
MUST_CHECK enum status zone_set_add(struct zone_set *set, const char *name, struct zone *zone, struct err *err);
const struct zone *zone_set_find(const struct zone_set *set, const char *name);
size_t zone_set_count(const struct zone_set *set);
const char *zone_set_name(const struct zone_set *set, size_t index); /* in byte order of the names */
const struct zone *zone_set_at(const struct zone_set *set, size_t index);
const char *zone_set_version(const struct zone_set *set); /* "2026f" */

/* True for names that may be used for people and campaigns: [A-Za-z0-9_+/-], no "..", a region prefix (or "UTC"), not an abbreviation. */
bool zone_name_is_usable(const char *name);

#endif
