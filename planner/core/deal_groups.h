/*
 * deal_groups - where the timeline of a deal is cut, and which sources are dealt to as one group
 *
 * For deal_network.c only, which see. Fills the groups, ranges and members of the network and the group of each source; the cuts belong to the
 * caller then, also after an error.
 */
#ifndef DAYPART_CORE_DEAL_GROUPS_H
#define DAYPART_CORE_DEAL_GROUPS_H

#include "deal_network.h"

MUST_CHECK enum status deal_groups_find(struct deal_network *network, int64_t **out_cuts, size_t *out_cut_count);

#endif
