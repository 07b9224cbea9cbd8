/*
 * second_opinion - does libical see the same UTC offsets as zone.h?
 *
 *     struct zone_difference differences[1];
 *     const char *names[] = {"America/Sao_Paulo"};
 *     size_t count = zone_second_opinion(zones, &(struct zone_question){names, 1, span}, differences);
 *
 * For `init`, `status` and a reload: ours decide, and a difference is told to a person, because one of the two is wrong. libical reads the
 * zones of the system itself, from a directory of its own choice, which is why this lies in conf and not in the core. It was wrong for some
 * zone in 72 of 81 releases of tzdb, so a difference is more often its mistake than ours.
 *
 * Costs about 1 ms a zone and year. Not thread-safe, by libical: call it before threads start, or from the one thread that ever does.
 */
#ifndef DAYPART_CONF_SECOND_OPINION_H
#define DAYPART_CONF_SECOND_OPINION_H

#include "planner/core/zone.h"

struct zone_question {
	const char *const *names; /* each in the set */
	size_t count;
	struct interval span;
};

struct zone_difference {
	const char *name;  /* of the question */
	bool missing;      /* libical does not know the zone, or cannot read it */
	struct instant at; /* where the two first differ, to the hour */
	int32_t ours_s, theirs_s;
};

/* How many zones differ; `out` has room for all that were asked for. */
size_t zone_second_opinion(const struct zone_set *zones, const struct zone_question *question, struct zone_difference out[]);

#endif
