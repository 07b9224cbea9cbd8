/*
 * lane - the queue of one sender at work: performs what policy/lane_state.h decides and turns outcomes into its events
 *
 *     lane_create(&context, &(struct lane_facts){.id = 3, .name = "acme-us", .per_1000_s = 80000}, &lane);
 *     lane_event(lane, LANE_HINT);
 *     ... due_queue_next(context.queue, now, &answer): lane_event(lane_of(answer.lane), LANE_WAKE) ...
 *     lane_event(lane, LANE_STOP);
 *     ... once nothing is in flight: lane_free(&lane) ...
 *
 * One statement of a lane is in flight at most. Belongs to the loop's thread; only the work it submits runs elsewhere, and touches nothing but
 * the fields set aside for it.
 */
#ifndef DAYPART_SCHEDULER_LANE_H
#define DAYPART_SCHEDULER_LANE_H

#include "claim.h"
#include "clock.h"
#include "flight.h"
#include "gate.h"
#include "lane_budget.h"
#include "lane_pace.h"
#include "policy/due_queue.h"
#include "policy/lane_state.h"
#include "policy/lateness.h"
#include "policy/lease_rule.h"
#include "worker.h"

struct lane_tally {
	int64_t handed_over, refused, expired, held, conflicts;
	struct lateness lateness; /* of what was handed over */
};

/* What all lanes share; the daemon's, which may change the settings between events. */
struct lane_context {
	struct worker_pool *pool;
	const struct clock *clock;
	struct gate *gate;
	struct due_queue *queue;
	const struct sink *sink;
	struct flight *flight;
	int batch;
	struct duration commit_margin;
	bool may_release;               /* false: no law yet, or the clock is not trusted */
	void (*on_stale)(void *owner);  /* the active rulebook is another one than the gate's */
	void (*on_change)(void *owner); /* something was armed, or came to rest */
	void *owner;
};

struct lane_facts {
	int16_t id; /* sender_id */
	const char *name;
	int64_t per_1000_s;
	uint64_t seed;
};

struct lane;

MUST_CHECK enum status lane_create(struct lane_context *context, const struct lane_facts *facts, struct lane **out);
void lane_free(struct lane **lane); /* nothing of it may be in flight */
struct lane *lane_of(struct due_lane *due);

void lane_event(struct lane *lane, enum lane_event event);
void lane_set_pace(struct lane *lane, int64_t per_1000_s);
/* What its limits of volume depend on; takes it over. */
void lane_set_limits(struct lane *lane, struct lane_limits **limits);

int16_t lane_id(const struct lane *lane);
const char *lane_name(const struct lane *lane);
enum lane_state lane_state(const struct lane *lane);
/* Messages on their way to the sink. */
size_t lane_flown(const struct lane *lane);
/* Of the block of its limits of volume, after its last claim. False: none held. */
bool lane_volume_left(const struct lane *lane, int64_t *out);
const struct lane_tally *lane_tally(const struct lane *lane);
/* False: no slot of it is known to be coming. */
bool lane_next_due(const struct lane *lane, struct instant *out);

/* A lane begins without a lease; the keeper of leases gives it one (lease.h). */
void lane_set_lease(struct lane *lane, struct lease lease);
/* The lease is good at this moment: to be asked before anything of the lane leaves. */
bool lane_is_held(const struct lane *lane);
/* Under which the lane was got; 0: it was not, or is lost. Stays when the lease runs out. */
int64_t lane_epoch(const struct lane *lane);
/* Something of it is in flight: the lease must not be given back. */
bool lane_is_busy(const struct lane *lane);

/* The sink takes messages again. */
void lane_room(struct lane *lane);
/* Nothing of it is claimed before. */
void lane_rest(struct lane *lane, struct instant until);
/* The provider complains of its throughput: half of it, until there has been no complaint for a while. */
void lane_slow_down(struct lane *lane);
/* One message of it may leave beside its claims: counts for its pace. */
bool lane_take_turn(struct lane *lane);
/* Messages that flight.h has of it, more or (below 0) less. */
void lane_count_flown(struct lane *lane, int count);

/* Nothing is in flight and nothing will be before `until`. */
bool lane_rests(const struct lane *lane, struct instant until);

#endif
