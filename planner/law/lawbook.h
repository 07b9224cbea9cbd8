/*
 * lawbook - everything a verdict needs, as one value: the active rulebook and its calendars, from the database, and this host's time zones
 *
 *     lawbook_load(session, &(struct lawbook_source){.zoneinfo_dir = dir, .horizon = horizon}, &book, &err);
 *     window_expand(&law, zones, count, &book->context, ...);
 *     lawbook_free(&book);
 *
 * The texts live in the database, so that every host parses the same ones; a host with other zone data is found out by the zone hashes. Shared
 * by the planner and the daemon, and the only thing they share above conf and the store.
 *
 * Immutable once loaded, so a reload loads a new one and swaps it in; nothing of a book that fails to load is used. What is wrong with a rulebook
 * or a zone is logged where it is found. Blocks on the database, reads files, and parses with libical: one thread at a time.
 */
#ifndef DAYPART_PLANNER_LAW_LAWBOOK_H
#define DAYPART_PLANNER_LAW_LAWBOOK_H

#include "conf/law_text.h"
#include "planner/core/window.h"
#include "sql/session.h"

struct lawbook {
	int32_t rulebook_id;
	struct parsed_law law;
	struct zone_set *zones;
	struct window_context context; /* points to the members above */
};

struct lawbook_source {
	const char *zoneinfo_dir;
	struct interval horizon; /* in which zone offsets are known */
};

MUST_CHECK enum status lawbook_load(struct session *session, const struct lawbook_source *source, struct lawbook **out, struct err *err);
void lawbook_free(struct lawbook **book);

/* The earliest instant whose messages any cap of the rulebook still counts, for new messages from `now` on. */
struct instant lawbook_lookback(const struct lawbook *book, struct instant now);

#endif
