/*
 * deal - gives each waiting person of one campaign run an instant at which the sender is free and the law allows it
 *
 * People wait in sources: a class with all its members, or one person whose frequency caps leave other instants than the class has. The deal
 * walks the sender's free ticks forwards; at each tick, of the sources that are open, the one that has to finish first is served (earliest
 * deadline first), within a source in the order given. Nothing is served outside its source's instants or outside the span of the deal, nor
 * where a volume limit of the source has no room left (quota.h): such a tick goes to the next source, and this one waits for room.
 *
 *     deal_create(&(struct deal_setup){lane, quota, DEAL_ASAP, span}, &deal);
 *     deal_add(deal, &(struct deal_source){&class->dealable, class->limits, turns, count});
 *     deal_run(deal, on_dealt, context);
 *     left = count - deal_served(deal, source);
 *
 * Pacing: DEAL_ASAP as early as possible. DEAL_EVEN: whose turn is t waits until the fraction t of the source's lawful time has passed (turn.h);
 * a second walk gives what is left free to those who found nothing free behind their turn and would go without. Planning again with the same
 * turns therefore finds nobody new to serve; a share of the free ticks would, for they get fewer as slots are planned.
 *
 * The interval sets and the turns belong to the caller and must outlive the deal. Cost: O(people x log sources).
 */
#ifndef DAYPART_CORE_DEAL_H
#define DAYPART_CORE_DEAL_H

#include "capacity.h"
#include "quota.h"

enum pacing { DEAL_ASAP, DEAL_EVEN, DEAL_AT }; /* DEAL_AT: as DEAL_ASAP, the instants from send_at on preferred */

struct deal;

/* Somebody got an instant; `stretch` is the interval of the source that it lies in. In the order of `due`, under DEAL_EVEN each of the two walks. */
typedef void deal_fn(void *context, size_t source, size_t member, struct instant due, const struct interval *stretch);

struct deal_setup {
	const struct capacity *capacity; /* settled */
	struct quota *quota;             /* NULL: no volume is limited; takes what is dealt */
	enum pacing pacing;
	struct interval span; /* from now to the planning horizon */
};
MUST_CHECK enum status deal_create(const struct deal_setup *setup, struct deal **out);
void deal_free(struct deal **deal);

/* Members 0..count-1 are served in this order; `turns` are their turns in the campaign, as fractions of 2^64, and never fall. Between sources with
 * equal deadlines the earlier turn decides, then the lower source number: the number of deal_add calls before. */
struct deal_source {
	const struct interval_set *lawful;
	uint32_t limits; /* of the quota */
	const uint64_t *turns;
	size_t count;
};
MUST_CHECK enum status deal_add(struct deal *deal, const struct deal_source *source);
MUST_CHECK enum status deal_run(struct deal *deal, deal_fn *on_dealt, void *context);

/* After the run: how many members, from the first, were served. */
size_t deal_served(const struct deal *deal, size_t source);
/* After the run: whether those who were not served still have a lawful instant behind the span. */
bool deal_has_later(const struct deal *deal, size_t source);

#endif
