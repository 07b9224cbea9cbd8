/*
 * law_fixture - zones of this machine and hand-made rules for tests of the law
 *
 *     const struct zone *zone = fixture_zone("America/New_York");
 *     struct rule rule = fixture_window("09:00", "20:00");
 *     rule.window.days[SUNDAY].count = 0;
 *
 * Zones are read from /usr/share/zoneinfo over 2015..2045, cached and freed at exit. What fails ends the test program with a message.
 */
#ifndef DAYPART_TESTS_SUPPORT_LAW_FIXTURE_H
#define DAYPART_TESTS_SUPPORT_LAW_FIXTURE_H

#include "planner/core/rulebook.h"
#include "planner/core/zone.h"

const struct zone *fixture_zone(const char *name);
const struct zone_set *fixture_zone_set(
	void); /* for fixed zones of rules and for classes: those of plan_fixture.h, Chicago, UTC and a few more */

struct instant fixture_instant(const char *iso); /* "2026-11-23T15:00:00-05:00" */
struct date fixture_date(const char *iso);
struct day_range fixture_range(const char *from, const char *until);

/* A rule that binds marketing on all channels for ever: the same range every day, without a calendar. */
struct rule fixture_window(const char *from, const char *until);
struct rule fixture_cap(enum cap_period period, unsigned n, int64_t length_us);

#endif
