/*
 * random_law - random zones, instants, rules and calendars, with a taste for the awkward: clock changes, midnight, the turn of the year
 */
#ifndef DAYPART_TESTS_SUPPORT_RANDOM_LAW_H
#define DAYPART_TESTS_SUPPORT_RANDOM_LAW_H

#include "planner/core/calendar.h"
#include "planner/core/rulebook.h"
#include "planner/core/window.h"
#include "tests/support/random.h"

const char *random_zone_name(struct random_source *random);
/* A whole minute, often near a clock change of `zone` or a new year, of 2024..2032. */
struct instant random_minute(struct random_source *random, const struct zone *zone);
/* With whole minutes, up to three ranges a day, sometimes dates around `near`, holidays and eves of a calendar "X", a fixed clock, or for
 * emergencies only. */
struct rule random_window_rule(struct random_source *random, struct instant near);
/* With whole minutes; a day sometimes has another number on holidays of the calendar "X". */
struct rule random_cap_rule(struct random_source *random);
/* "X": random holidays around `near`, covering only some of the days. The caller frees it. */
struct calendar *random_calendar(struct random_source *random, struct instant near);
/* Declared for some hours around `near`, in whole minutes; one in five lasts for ever. */
struct emergency random_emergency(struct random_source *random, struct instant near);

#endif
