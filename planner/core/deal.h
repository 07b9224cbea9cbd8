/*
 * deal - gives each waiting person of one campaign run an instant at which the sender is free and the law allows it
 *
 * People wait in sources: a class with all its members, or one person whose frequency caps leave other instants than the class has. The deal
 * walks the sender's free ticks forwards; at each tick, of the sources that are open, the one that has to finish first is served (earliest
 * deadline first), within a class in the order given. Nothing is served outside its source's instants, nor at or after `horizon`.
 *
 *     deal_create(lane, DEAL_ASAP, from, horizon, &deal);
 *     deal_add(deal, &class->lawful, members, count);
 *     deal_run(deal, on_dealt, context);
 *     left = deal_left(deal, source);
 *
 * Pacing: DEAL_ASAP as early as possible. DEAL_EVEN: the k-th of the n people of a source waits for the (k + 1/2)/n quantile of the source's
 * free ticks. The interval sets and the members belong to the caller and must outlive the deal. Cost: O(people x log sources).
 */
#ifndef DAYPART_CORE_DEAL_H
#define DAYPART_CORE_DEAL_H

#include "capacity.h"

enum pacing { DEAL_ASAP, DEAL_EVEN };

struct deal;

/* Somebody got an instant. `interval` is the lawful stretch it lies in. */
typedef void deal_fn(void *context, size_t source, size_t member, struct instant due, const struct interval *interval);

MUST_CHECK enum status deal_create(const struct capacity *capacity, enum pacing pacing, struct interval span, struct instant horizon,
	struct deal **out);
void deal_free(struct deal **deal);

/* `order` breaks ties between sources with equal deadlines: the first member's place in the campaign's fair order. Members are numbered
 * 0..count-1 in the order in which they are to be served. The source's number is the number of deal_add calls before. */
MUST_CHECK enum status deal_add(struct deal *deal, const struct interval_set *lawful, const uint32_t *order, size_t count);
MUST_CHECK enum status deal_run(struct deal *deal, deal_fn *on_dealt, void *context);

/* After the run: how many members, from the first, were served. */
size_t deal_served(const struct deal *deal, size_t source);
/* After the run: whether those who were not served still have a lawful instant at or after the horizon. */
bool deal_has_later(const struct deal *deal, size_t source);

#endif
