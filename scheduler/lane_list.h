/*
 * lane_list - the lanes of the daemon, one for each sender that was ever seen
 *
 *     struct lane *lane = lane_list_take(&lanes, &context, &facts);     // the sender's lane, made when it is new
 *     for (size_t i = 0; i < lanes.count; i++) lane_event(lanes.items[i], LANE_STOP);
 *     lane_list_free(&lanes);                                           // nothing of them may be in flight
 *
 * Lanes stay where they are and live as long as the list: what is in flight points to them.
 */
#ifndef DAYPART_SCHEDULER_LANE_LIST_H
#define DAYPART_SCHEDULER_LANE_LIST_H

#include "lane.h"

struct lane_list {
	struct lane **items; /* by id */
	size_t count, room;
};

/* NULL: out of memory. The facts of a lane that is there already are not looked at, but for the id. */
struct lane *lane_list_take(struct lane_list *list, struct lane_context *context, const struct lane_facts *facts);
/* Of all of them; what they were late is not summed up. */
struct lane_tally lane_list_tally(const struct lane_list *list);
void lane_list_free(struct lane_list *list);

#endif
