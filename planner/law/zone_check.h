/*
 * zone_check - what a person should know about the zones that plans use: missing on this host, or seen differently by libical
 *
 *     zone_check(session, &(struct zone_check){.zones = zones, .span = span, .on_finding = warn}, &err);
 *
 * Ours decide; a difference means that one of the two is wrong, more often libical (see conf/second_opinion.h). One thread at a time.
 */
#ifndef DAYPART_PLANNER_LAW_ZONE_CHECK_H
#define DAYPART_PLANNER_LAW_ZONE_CHECK_H

#include "planner/core/zone.h"
#include "sql/session.h"

struct zone_check {
	const struct zone_set *zones;
	struct interval span;
	/* `which` names the zone and what is odd about it. */
	void (*on_finding)(void *context, const char *which);
	void *context;
};

MUST_CHECK enum status zone_check(struct session *session, const struct zone_check *check, struct err *err);

#endif
