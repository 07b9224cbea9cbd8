/*
 * deal_network - the transport network of a deal: who may leave in which stretch of time, and how many of whom shall
 *
 * For deal.c only. The timeline is cut where any source's instants begin or end, and where a volume limit's cells do; between two cuts lies a
 * segment, in which nothing changes but the ticks. Sources that may have the same segments, under the same limits, are one group. An arc leads from
 * a group to each segment that it may have, and carries the number of its people who shall leave there.
 *
 *     deal_network_create(&setup, &network);          // cuts, segments, groups
 *     deal_network_keep(network, source, due);        // for each of the source's people who are kept
 *     deal_network_connect(network);                  // arcs
 *     deal_solve(network, quota);                     // the amounts of the arcs; the quota takes them
 *     for each segment: network->arcs[network->by_segment[i]] for i in [first_arc, first_arc + arc_count)
 *
 * People who are kept have an instant already, and their volume is in the quota. Those of a group who have it in one segment are one hold; when some of
 * them are to leave, their ticks are free and they are people of the group to be dealt to.
 *
 * The number of arcs is limited: beyond `arcs_max` fewer edges of single people become cuts, then fewer of others, and what lies between two cuts
 * is rounded inwards (`coarse`). Then a source may have instants that no segment of its group holds.
 * Memory: 20 bytes an arc, 48 more while flowing; 120 bytes a group, 12 for each stretch of it; 4 bytes a source; 12 bytes a hold, 96 more while
 * flowing.
 */
#ifndef DAYPART_CORE_DEAL_NETWORK_H
#define DAYPART_CORE_DEAL_NETWORK_H

#include "capacity.h"
#include "quota.h"

/* Of the deal, see deal.h. */
struct source {
	const struct interval_set *lawful, *preferred;
	size_t count;
	size_t kept; /* people besides who have an instant and may be moved */
	uint32_t limits;
	bool later;              /* it has an instant behind the span */
	bool coarse;             /* out: its instants were rounded */
	struct instant deadline; /* end of its last stretch */
	int64_t lawful_us;       /* total length of its stretches */
	const uint32_t *turns;   /* of its members, or NULL: nobody waits for a turn */
	uint32_t group;          /* out; NO_GROUP: nobody to deal to */
	size_t in_turn;          /* members whose turn has come, while solving */
	struct instant turn;     /* of the next member: while solving that number in_turn, in the walk that number served */
	/* Of deal_walk.c: */
	size_t served;
	size_t stretch; /* index of the current or next interval */
	struct instant ready, room;
};
enum { NO_GROUP = UINT32_MAX };

/* When the turn of a member comes: when its share of the lawful time has passed. INT64_MAX: never, or there is no such member. */
struct instant source_turn(const struct source *source, size_t member);

struct segment {
	struct interval stretch;
	int64_t free, lent; /* ticks */
	int64_t kept;       /* ticks of people who may be moved; while flowing: of those whom the flow may move */
	int64_t used;       /* by arcs: free ones first */
	uint32_t first_arc, arc_count;
};

/* Whoever finds no room where it is preferred would sooner wait than leave before. */
enum preference_cost { PREFERRED, BEHIND_PREFERRED, NOT_PREFERRED, PREFERENCE_COSTS };

struct network_arc {
	uint32_t group, segment;
	uint32_t amount;
	uint8_t cost; /* enum preference_cost */
};

struct group {
	struct instant deadline; /* groups are numbered by it */
	size_t count;            /* people */
	size_t supply;           /* of them those to be dealt to in this span: in turn, fewer may be when it has later instants */
	size_t planned;          /* of those, by the arcs */
	uint32_t limits, first_source, first_range, range_count;
	uint32_t first_member, member_count; /* its sources; in deal_walk.c a heap of those with people left */
	uint32_t first_arc, arc_count;
	uint64_t hash;
	size_t served, unplanned; /* of deal_walk.c */
	bool later;
	size_t kept, moved; /* people besides who have an instant; of them those who are to get another one, among `count` and `supply` then */
	size_t movable;     /* of those, who may be moved by the flow that is being made */
	struct hold *holds; /* by segment */
	size_t hold_count, hold_room;
	size_t first_hold; /* number of it among those of all groups, once connected */
};

/* People of one group who have an instant in the segment. */
struct hold {
	uint32_t segment;
	uint32_t count, leaving; /* leaving: of those, how many are to give it up */
};

struct segment_range {
	uint32_t first, until;
	uint8_t cost;
};

struct network_setup {
	const struct capacity *capacity;
	struct quota *quota;
	struct interval span;
	struct source *sources;
	size_t source_count;
	size_t arcs_max;
	bool in_turn; /* people wait for their turns */
};

struct deal_network {
	struct network_setup setup;
	struct segment *segments;
	size_t segment_count;
	struct group *groups;
	size_t group_count;
	struct segment_range *ranges;
	size_t range_count;
	uint32_t *members; /* sources, group by group */
	size_t member_count;
	struct network_arc *arcs;
	size_t arc_count;
	uint32_t *by_segment;
	size_t hold_count;
	bool coarse; /* some source is */
	bool flowed; /* solved by a flow, which holds can give way to */
	struct instant
		exact_from; /* from then on a flow might serve more, for what keeps one from it lies behind; INT64_MAX: it is not kept from it */
};

MUST_CHECK enum status deal_network_create(const struct network_setup *setup, struct deal_network **out);
/* One of those of the source who are kept has this instant, within the span. */
MUST_CHECK enum status deal_network_keep(struct deal_network *network, size_t source, struct instant due);
MUST_CHECK enum status deal_network_connect(struct deal_network *network);
/* So many more people of the arc's group leave in its segment; negative: fewer. */
void deal_network_give(struct deal_network *network, struct network_arc *arc, int64_t amount);
/* Once connected. */
const struct hold *deal_network_hold(const struct deal_network *network, size_t source, struct instant due);
void deal_network_free(struct deal_network **network);

#endif
