/*
 * tzdb - the time zones of this machine: every usable name that tzdata.zi lists, read into a zone_set
 *
 *     const struct tzdb_source source = {.horizon = horizon, .on_left_out = warn};
 *     struct zone_set *zones;
 *     if (tzdb_load(&source, &zones, &err) != STATUS_OK) ...
 *
 * tzdata.zi is the list of names (lines Z and L) and gives the version in its first line; a directory without it is refused, because a data
 * base of unknown version proves nothing. A zone that cannot be read is reported and left out, so that people in it are held; nothing ever
 * stands in for it. Names that zone_name_is_usable refuses (CET, EST5EDT) are passed over silently.
 *
 * Reads files; knows no environment (a caller may honour TZDIR). Takes a few milliseconds, so a reload builds a new set and swaps it in.
 * Errors: STATUS_NOT_FOUND (no tzdata.zi), STATUS_INVALID (no version, no zone at all), STATUS_NO_MEMORY.
 */
#ifndef DAYPART_CONF_TZDB_H
#define DAYPART_CONF_TZDB_H

#include "planner/core/zone.h"

#define TZDB_DIRECTORY "/usr/share/zoneinfo"

enum { TZDB_VERSION_MAX = 32 };

struct tzdb_source {
	const char *directory; /* NULL: TZDB_DIRECTORY */
	struct interval horizon;
	void (*on_left_out)(void *context, const char *name, const struct err *why); /* or NULL */
	void *context;
};

MUST_CHECK enum status tzdb_load(const struct tzdb_source *source, struct zone_set **out, struct err *err);

/*
 * A cheap look whether a reload is due. Packages replace files one by one: reload when the look differs from that of the last load and
 * `changed_at` is a minute old.
 */
struct tzdb_look {
	char version[TZDB_VERSION_MAX]; /* "2026f" */
	uint64_t inode, size_bytes;
	struct instant changed_at; /* the last change of tzdata.zi or zone1970.tab, by the clock of the file system */
};

MUST_CHECK enum status tzdb_look(const char *directory, struct tzdb_look *out, struct err *err);
bool tzdb_look_equal(const struct tzdb_look *a, const struct tzdb_look *b);

#endif
