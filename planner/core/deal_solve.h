/*
 * deal_solve - how many of each group of a deal leave in which segment
 *
 * For deal.c only; the network is described in deal_network.h. Serves as many as can be; for that uses as few lent ticks as possible; and of such
 * solutions one where most are served where they prefer, and early. With turns, what can be is served at them.
 *
 * Exact without volume limits, and where the same daily limits of one zone bind everybody. Where others bind, no segment is left with room for
 * somebody who goes without; that most are served is then not promised.
 */
#ifndef DAYPART_CORE_DEAL_SOLVE_H
#define DAYPART_CORE_DEAL_SOLVE_H

#include "deal_network.h"

/* Fills the amounts of the arcs; the quota, or NULL, takes them. */
MUST_CHECK enum status deal_solve(struct deal_network *network, struct quota *quota);

#endif
