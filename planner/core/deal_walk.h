/*
 * deal_walk - gives the people of a solved deal their ticks, in due order
 *
 * For deal.c only; the network is described in deal_network.h. Everybody whom the arcs provide for gets a tick of that segment, and so does whoever
 * else may have a tick that a segment can spare, when edges were rounded. Segments know afterwards how many of their free ticks were used, sources
 * how many of their members were served.
 */
#ifndef DAYPART_CORE_DEAL_WALK_H
#define DAYPART_CORE_DEAL_WALK_H

#include "deal.h"
#include "deal_network.h"

/* The quota has taken what the arcs provide for, and takes the rest. */
MUST_CHECK enum status deal_walk(struct deal_network *network, struct quota *quota, enum pacing pacing, deal_fn *on_dealt, void *context);

#endif
