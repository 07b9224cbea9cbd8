/*
 * deal - gives each waiting person of one campaign run an instant at which the sender is free and the law allows it
 *
 * People wait in sources: a class and preference with all its members, or one person whose frequency caps leave other instants than the class has.
 * Nothing is served outside its source's instants or outside the span of the deal, nor where a volume limit of the source has no room (quota.h).
 * As many are served as can be; for that as few lent ticks are used as possible (capacity.h); then as few people are moved as possible; of such
 * solutions one is taken in which most are served where they prefer to be, or else behind that in the same stretch; and then the earliest deadline
 * goes first, between equal ones shares decide.
 *
 * People who have an instant already may be told as `kept`: their ticks are kept ones of the capacity, their volume is in the quota. Who would go
 * without gets the tick of one of them who can leave in another stretch of time, or of the last in a chain of such moves. Nobody who is moved goes
 * without. When nobody more is served for it, nobody is moved: so a plan that is made again moves nobody.
 *
 * Exact: with no volume limits, with such as have room for everybody, and with daily limits of one zone that bind everybody of the deal. Where limits
 * bind some people only, or other days than others, the earliest deadline goes first, and then it is exact for those under one set of limits after
 * the other while all others stay where they are. Where rolling limits may bind, or days of several zones together, the earliest deadline goes first
 * and nobody is moved under them; no lawful instant with a free tick and room is left for somebody who goes without. Beyond half a million pairs of a
 * group of sources and a stretch of time between two of their edges, as some thousands of single people with edges of their own make, some edges are
 * rounded inwards for the choice, evenly; who goes without may then still have any free instant, so nothing is wasted, but that most are served holds
 * for the rounded instants only.
 *
 *     deal_create(&(struct deal_setup){lane, quota, DEAL_ASAP, span}, &deal);
 *     deal_add(deal, &(struct deal_source){&class->dealable, NULL, class->limits, count});
 *     deal_run(deal, on_dealt, context);
 *     left = count - deal_served(deal, source);
 *
 * With people who are kept:
 *
 *     deal_add(deal, &(struct deal_source){&class->dealable, NULL, class->limits, .kept = count});
 *     deal_prepare(deal);
 *     deal_keep(deal, source, due);                     // for each of them
 *     deal_plan(deal);                                  // how many leave when
 *     n = deal_leaving(deal, source, due, &place);      // of all those who are kept in that place, n give up their tick: whom, the caller says
 *     deal_move(deal, source);                          // for each of those; the caller releases their ticks (capacity_release)
 *     deal_run(deal, on_dealt, context);                // they are the members of the source
 *
 * Pacing: DEAL_ASAP as early as possible; so too DEAL_AT, whose local time is what each source prefers. DEAL_EVEN: whose turn is t waits until the
 * fraction t of the source's lawful time has passed (turn.h); who would go without behind the turn is served before it, unless lawful instants
 * lie behind the span. Planning again with the same turns therefore finds nobody new to serve; a share of the free ticks would, for they get
 * fewer as slots are planned.
 *
 * The interval sets belong to the caller and must outlive the deal. Cost: O(people x log sources), and a flow over at most half a million arcs where
 * somebody would go without. Memory: some 120 bytes a source, 4 a member under DEAL_EVEN, 36 an arc with the flow, and for those kept what
 * deal_network.h says.
 */
#ifndef DAYPART_CORE_DEAL_H
#define DAYPART_CORE_DEAL_H

#include "capacity.h"
#include "quota.h"

enum pacing { DEAL_ASAP, DEAL_EVEN, DEAL_AT };

struct deal;

/* Somebody got an instant. */
struct dealt {
	size_t source, member;
	struct instant due;
	const struct interval *stretch; /* of the source's lawful ones, where `due` lies */
	bool displaces;                 /* a slot of lower priority holds this tick and must give way */
};
/* Over the whole deal `due` rises strictly; of each source the members come in turn, from 0. */
typedef void deal_fn(void *context, const struct dealt *dealt);

struct deal_setup {
	const struct capacity *capacity; /* settled */
	struct quota *quota;             /* NULL: no volume is limited; takes what is dealt */
	enum pacing pacing;
	struct interval span; /* from now to the planning horizon */
	size_t arcs_max;      /* pairs of group and segment before edges are rounded; 0: half a million */
	/* DEAL_EVEN only: a member's turn as a fraction of 2^32, never falling within a source. Asked once for each member, in turn. */
	uint32_t (*turn_of)(void *context, size_t source, size_t member);
	void *context;
};
MUST_CHECK enum status deal_create(const struct deal_setup *setup, struct deal **out);
void deal_free(struct deal **deal);

/* Members 0..count-1 are served in this order. Between sources with equal deadlines the one whose next member has the smaller
 * (member + 1/2) / count goes first, then the lower source number, that of deal_add calls before: who wants the same plan whatever the order of the
 * input adds sources in an order of their own. */
struct deal_source {
	const struct interval_set *lawful;
	const struct interval_set *preferred; /* NULL: no instant is better than another; within `lawful`, soft */
	uint32_t limits;                      /* of the quota */
	size_t count;                         /* below 2^31; 0 with `kept` */
	size_t kept;                          /* people who have an instant and may be moved */
};
MUST_CHECK enum status deal_add(struct deal *deal, const struct deal_source *source);
/* Plans what has not been planned. */
MUST_CHECK enum status deal_run(struct deal *deal, deal_fn *on_dealt, void *context);

/* In steps, which a deal with people who are kept needs. After the last deal_add: */
MUST_CHECK enum status deal_prepare(struct deal *deal);
/* Whether edges have been rounded. */
bool deal_is_coarse(const struct deal *deal);
/* One of those of the source who are kept has this instant, within the span. */
MUST_CHECK enum status deal_keep(struct deal *deal, size_t source, struct instant due);
/* Says how many leave when, which the quota takes. */
MUST_CHECK enum status deal_plan(struct deal *deal);

/* After planning: whether somebody goes without, or needs a lent tick, who might be helped if others moved. */
bool deal_is_short(const struct deal *deal);
/* Whoever goes without would also do so in a deal like this one with a later beginning, up to this instant. From then on volume limits may be such that
 * more can be served by moving people; INT64_MAX: that has been found out already. */
struct instant deal_exact_from(const struct deal *deal);
/* Gives the quota back what planning took, for a deal where nobody is kept that shall not be run. */
void deal_undo(struct deal *deal);
/* Those who are kept and can be told apart by nothing but who they are make a place; places are numbered from 0. How many of the place leave it. */
size_t deal_place_count(const struct deal *deal);
size_t deal_leaving(const struct deal *deal, size_t source, struct instant due, size_t *out_place);
/* One of those of the source who are kept gives up their instant. */
void deal_move(struct deal *deal, size_t source);

/* After the run: how many members, from the first, were served. */
size_t deal_served(const struct deal *deal, size_t source);
/* After the run: whether those who were not served still have a lawful instant behind the span. */
bool deal_has_later(const struct deal *deal, size_t source);
/* After the run: when the sender's throughput would have served all of a source who were not, had their law not ended; slots of lower
 * priority would have given way. INT64_MAX: not within a year, or everybody was served. */
struct instant deal_first_relief(const struct deal *deal, size_t source);

#endif
