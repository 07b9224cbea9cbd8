/*
 * lawbook - everything a verdict needs, as one value: the active rulebook and its calendars, from the database, and this host's time zones
 *
 *     lawbook_load(session, &(struct lawbook_source){.zoneinfo_dir = dir, .now = now}, &book, &err);
 *
 * Immutable once loaded, so a reload loads a new one and swaps it in; nothing of a book that fails to load is used. Blocks on the database and
 * reads files: for worker threads.
 */
#ifndef DAYPART_SCHEDULER_LAWBOOK_H
#define DAYPART_SCHEDULER_LAWBOOK_H

#include "conf/law_text.h"
#include "planner/core/window.h"
#include "planner/core/zone.h"
#include "sql/session.h"

struct lawbook {
	int32_t rulebook_id;
	struct parsed_law law;
	struct zone_set *zones;
};

struct lawbook_source {
	const char *zoneinfo_dir;
	struct instant now; /* zones are expanded around it */
};

MUST_CHECK enum status lawbook_load(struct session *session, const struct lawbook_source *source, struct lawbook **out, struct err *err);
void lawbook_free(struct lawbook **book);

#endif
