/*
 * deal_flow - serves as many more as a flow can, of those to whom it can be told what binds them
 *
 *     deal_flow(network, &(struct flow_scope){.everybody = true});            // no limit matters
 *     deal_flow(network, &(struct flow_scope){.of = limits, .days = limits}); // the groups under these limits, which are of the days of one zone
 *
 * For deal_solve.c only. Begins with what the arcs have and leaves nobody unserved who was served; those of the scope may be led elsewhere, also
 * people who are kept, and lent ticks are taken where no other serve as many. Of the solutions one that takes the fewest more lent ticks, then moves
 * the fewest people who are kept, and then prefers most. May be called again, for the same groups or others.
 * Exact: no more of the scope could be served while all others stay where they are. Errors: memory.
 */
#ifndef DAYPART_CORE_DEAL_FLOW_H
#define DAYPART_CORE_DEAL_FLOW_H

#include "deal_network.h"

struct flow_scope {
	bool everybody;
	uint32_t of;   /* unless everybody: who has exactly these limits takes part */
	uint32_t days; /* limits that matter; 0: none does */
};

MUST_CHECK enum status deal_flow(struct deal_network *network, const struct flow_scope *scope);

#endif
