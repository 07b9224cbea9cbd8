/*
 * law_source - the law as this installation has it: the active rulebook and calendars from the database, zone offsets from this machine
 *
 *     law_source_load(session, zoneinfo_dir, horizon, &law, &err);
 *     law_merge(law->rulebook, ...);
 *     law_source_free(&law);
 *
 * The texts live in the database, so that every host parses the same ones; a host with other zone data is found out by the zone hashes.
 */
#ifndef DAYPART_PLANNER_LAW_SOURCE_H
#define DAYPART_PLANNER_LAW_SOURCE_H

#include "conf/law_text.h"
#include "planner/core/window.h"
#include "sql/session.h"

struct law_source {
	int32_t rulebook_id;
	struct parsed_law parsed;
	const struct rulebook *rulebook;
	struct zone_set *zones;
	struct window_context context; /* points to the members above */
};

MUST_CHECK enum status law_source_load(
	struct session *session, const char *zoneinfo_dir, struct interval horizon, struct law_source **out, struct err *err);
void law_source_free(struct law_source **law);

/* The earliest instant whose messages any cap of the rulebook still counts, for new messages from `now` on. */
struct instant law_source_lookback(const struct law_source *law, struct instant now);

#endif
