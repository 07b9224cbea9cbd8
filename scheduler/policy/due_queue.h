/*
 * due_queue - which lane wakes when: a heap of lanes by their next instant, and the due instants known ahead for each lane
 *
 * Asked with the instant now it answers a lane to serve or the instant to sleep until; it never looks at a clock.
 *
 *     due_lane_fill(&lane->due, instants, count);                  // what the database said is coming
 *     due_queue_arm(&queue, &lane->due, due_lane_first(&lane->due));
 *     switch (due_queue_next(&queue, now, &answer)) {
 *     case DUE_NOW: ... serve answer.lane, which is no longer armed ...
 *     case DUE_LATER: ... sleep until answer.at ...
 *     case DUE_NEVER: ... nothing is armed ...
 *     }
 *
 * Ownership: the queue points to lanes that the caller owns; disarm a lane before it goes. Known instants are a cache: the table decides.
 */
#ifndef DAYPART_SCHEDULER_POLICY_DUE_QUEUE_H
#define DAYPART_SCHEDULER_POLICY_DUE_QUEUE_H

#include "planner/core/instant.h"

enum { DUE_AHEAD_MAX = 256 }; /* a quarter of a second at 1,000 messages a second: one look ahead costs as much as one claim */

struct due_lane {
	struct instant ahead[DUE_AHEAD_MAX]; /* ascending; the first `gone` have passed */
	uint16_t gone, count;
	bool armed;
	struct instant wake; /* when armed */
	size_t place;        /* in the heap, when armed */
};

struct due_queue {
	struct due_lane **heap;
	size_t count, capacity;
};
#define DUE_QUEUE_INIT \
	{ \
		.heap = NULL \
	}

enum due_kind { DUE_NOW, DUE_LATER, DUE_NEVER };
struct due_answer {
	struct due_lane *lane; /* DUE_NOW */
	struct instant at;     /* DUE_LATER */
};

void due_queue_free(struct due_queue *queue);

/* Wakes `lane` at `wake` instead of whenever it was armed for. STATUS_NO_MEMORY leaves it as it was. */
MUST_CHECK enum status due_queue_arm(struct due_queue *queue, struct due_lane *lane, struct instant wake);
void due_queue_disarm(struct due_queue *queue, struct due_lane *lane);
enum due_kind due_queue_next(struct due_queue *queue, struct instant now, struct due_answer *out);

/* Replaces what is known; `count` is at most DUE_AHEAD_MAX, ascending. */
void due_lane_fill(struct due_lane *lane, const struct instant *ahead, size_t count);
/* One more, in its place; of too many the last is forgotten. */
void due_lane_add(struct due_lane *lane, struct instant at);
/* Forgets the instants up to and including `until`. */
void due_lane_pass(struct due_lane *lane, struct instant until);
bool due_lane_is_empty(const struct due_lane *lane);
/* The next known instant of a lane that is not empty. */
struct instant due_lane_first(const struct due_lane *lane);

#endif
