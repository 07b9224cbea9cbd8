/*
 * audience_places - where the people of a campaign's audience may be: the different places, with how many people each has
 *
 *     audience_places_read(session, "spring", zones, &places, &err);
 *     for (size_t i = 0; i < places->count; i++)
 *         if (places->items[i].held == REASON_NONE) ... places->items[i].place, ->number, ->people ...
 *     audience_places_free(&places);
 *
 * One pass over the audience; people are told apart by the place of their number, their declared region and their declared time zone only, so that an
 * audience of millions has some hundred places (F1, R-002). What is not known holds, as in a plan: a number without a place, a time zone that this host
 * does not know, a member who is no recipient any more. Numbers themselves are not read: the leading digits tell where they belong.
 *
 * The session is in a transaction and busy until it returns. Memory grows with the number of places, not of people.
 */
#ifndef DAYPART_PLANNER_AUDIENCE_PLACES_H
#define DAYPART_PLANNER_AUDIENCE_PLACES_H

#include "planner/core/place.h"
#include "planner/core/zone.h"
#include "sql/session.h"

struct audience_place {
	enum reason held; /* REASON_NONE, or why these people get nothing */
	struct place place;
	const struct number_place *number;
	int64_t people;
	char *region, *timezone; /* as declared; `place` points into them */
};

struct audience_places {
	struct audience_place **items;
	size_t count, room;
	int64_t people, held;
	struct {
		struct audience_place **slots;
		size_t room; /* a power of two */
	} index;
};

MUST_CHECK enum status audience_places_read(
	struct session *session, const char *campaign, const struct zone_set *zones, struct audience_places **out, struct err *err);
void audience_places_free(struct audience_places **places);

#endif
