/*
 * deal_solve - how many of each group of a deal leave in which segment
 *
 * For deal.c only; the network is described in deal_network.h. Serves as many as can be; for that uses as few lent ticks as possible; then moves as
 * few people who are kept; and of such solutions one where most are served where they prefer, and early. With turns, what can be is served at them.
 * Whoever is moved is served elsewhere. Lent ticks weigh more than moves, because who is moved loses nothing, while a slot of lower priority may find
 * no other place.
 *
 * Exact without volume limits, where they have room for everybody, and where the same daily limits of one zone bind everybody. Else exact for those who
 * have the same limits, days of one zone or idle ones, while all others stay where they are; nobody is moved whose limits are others than those of the
 * people who need an instant. Of other limits, no segment is left with room for somebody who goes without; that most are served is not promised then.
 */
#ifndef DAYPART_CORE_DEAL_SOLVE_H
#define DAYPART_CORE_DEAL_SOLVE_H

#include "deal_network.h"

/* Fills the amounts of the arcs, and how many of each hold leave; the quota of the network, or NULL, takes them and gives back what is left. The ticks
 * that are left are free ones of their segments then, and whoever leaves is one of the people of the group. */
MUST_CHECK enum status deal_solve(struct deal_network *network);
/* Gives the quota back what the arcs of a network took where nobody is kept. */
void deal_solve_undo(const struct deal_network *network);

#endif
