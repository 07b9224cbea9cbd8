/*
 * quota - what the volume limits of a sender leave: how many more messages each day or hour holds
 *
 * A limit counts the messages of its scope (the sender's, or those of all senders that share a portfolio) whose law contains its rule; the sender's
 * own daily_limit counts all of the sender's. Time is cut into cells that no message crosses between its due instant and its last one: days of
 * the limit's zone, or 24ths of a rolling period in whole seconds, of which any 25 in a row together hold no more than the limit. So what is planned stays within
 * every limit however late it leaves, and the release gate need not count again (as with caps, cap.h).
 *
 *     quota_create(&setup, &quota, &err);                       // NULL: no limit binds this sender
 *     quota_count(quota, &(struct quota_use){...});             // what has left and what is planned
 *     uint32_t limits = quota_limits_of(quota, &class->law);
 *     at = quota_ready(quota, limits, at, &rule);               // the first instant at or after `at` with room for one more
 *     quota_take(quota, limits, at, 1);
 *     not_after = instant_min(not_after, quota_edge_after(quota, limits, at));
 *
 * Different people are counted as messages: never fewer than there are, and exact where nobody gets two within the period.
 * Time gives no room: what a cell holds is the same whenever it is asked for, but for messages that count in several cells until they leave.
 * A limit that changes on a date is the least of the days around. Rows, P-30, P-64.
 * Memory: 16 bytes a cell and limit. Cost: a day is one look, a rolling period 25.
 */
#ifndef DAYPART_CORE_QUOTA_H
#define DAYPART_CORE_QUOTA_H

#include "budget.h"
#include "interval.h"

/* Bit k of a mask is the k-th volume rule of the rulebook, the last bit the sender's own daily limit. */
enum { QUOTA_RULES_MAX = 31 };

struct quota_setup {
	const struct rulebook *rulebook;
	const struct sender_facts *sender;
	const struct zone_set *zones;
	struct interval span;   /* of what is dealt: what lies up to a period outside counts, what lies further is not looked at */
	struct duration margin; /* nothing is planned so shortly before the end of a cell */
	int16_t lane;
	const int16_t *portfolio; /* lanes that share the portfolio */
	size_t portfolio_count;
};

struct quota;
MUST_CHECK enum status quota_create(const struct quota_setup *setup, struct quota **out, struct err *err);
void quota_free(struct quota **quota);

/* The volume rules of a law, whatever they leave to this or that sender. */
uint32_t quota_rules_of(const struct rulebook *rulebook, const struct law *law);
/* Those of them, and the sender's own, that limit this sender. 0: nothing does; so too when `quota` is NULL. */
uint32_t quota_limits_of(const struct quota *quota, const struct law *law);
/* Likewise of a mask that quota_rules_of gave. */
uint32_t quota_limits_among(const struct quota *quota, uint32_t rules);

/* What has left before this instant counts nowhere. */
struct instant quota_counts_from(const struct quota *quota);
/* The longest stretch, a divisor of `grain`, by which what has left may be counted from the epoch on, for every cell is made of such stretches. Begin
 * with a quarter of an hour: that is where every zone has its midnights. */
struct duration quota_grain(const struct quota *quota, struct duration grain);

struct quota_use {
	int16_t lane;
	uint32_t rules;             /* quota_rules_of the message's class */
	struct instant first, last; /* where it has left, or may leave: both included */
	int64_t n;                  /* messages */
};
/* Counts what is not dealt here, with whatever lane. */
void quota_count(struct quota *quota, const struct quota_use *use);
/* Likewise what may have to give way: it takes no room, but some that is left is lent then. */
void quota_lend(struct quota *quota, const struct quota_use *use);
/* Whether it takes room of several cells of a limit, of which all but one are free again when the message leaves. */
bool quota_is_spread(const struct quota *quota, const struct quota_use *use);

bool quota_has_room(const struct quota *quota, uint32_t limits, struct instant at);

struct quota_answer {
	struct instant ready;    /* the first instant not before the one asked about */
	bool turned_away;        /* some limit had no room before */
	const struct rule *rule; /* its rule, NULL when it is the sender's own */
};
/* Where each limit has room for one more and the margin is kept. */
struct quota_answer quota_ready(const struct quota *quota, uint32_t limits, struct instant at);
/* `n` messages planned at `at`; negative: given back. */
void quota_take(struct quota *quota, uint32_t limits, struct instant at, int64_t n);
/* How many messages may be planned at `at`: 0 within the margin, INT64_MAX when limits is 0. */
int64_t quota_room(const struct quota *quota, uint32_t limits, struct instant at);
/* The same, and which limit it is that leaves the least: its rule, NULL when it is the sender's own or limits is 0. */
int64_t quota_room_by(const struct quota *quota, uint32_t limits, struct instant at, const struct rule **out_rule);
/* Likewise without what is lent. */
int64_t quota_room_free(const struct quota *quota, uint32_t limits, struct instant at);
/* Until when the answer of quota_room is the same if nothing is taken: the next end of a cell or beginning of its margin. */
struct instant quota_change_after(const struct quota *quota, uint32_t limits, struct instant at);
/* Whether all of them count the days of one zone, so that each instant lies in one cell of all. */
bool quota_is_daily(const struct quota *quota, uint32_t limits);

/* The end of the cells that hold `at`: not_after must not cross it. INT64_MAX when limits is 0. */
struct instant quota_edge_after(const struct quota *quota, uint32_t limits, struct instant at);

#endif
