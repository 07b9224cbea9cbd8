/*
 * lease - keeps the daemon's leases: which lanes it serves, for how long, and who takes them when it is gone
 *
 *     lease_keeper_open(loop, &(struct lease_options){.pool = pool, .lanes = &lanes, .length = 15 s, ...}, &keeper, &err);
 *     lease_keeper_serve(keeper, true);             // from now on lanes are taken and renewed; false: given back
 *     lease_keeper_hurry(keeper);                   // somebody's lease may be free
 *     lease_keeper_leave(keeper);                   // the daemon ends: gives all back; lease_keeper_is_leaving until that is done
 *     lease_keeper_close(&keeper);                  // nothing may be in flight
 *
 * A lane is served by one daemon at a time: the one that holds its row of lane_lease, under an epoch that rises with each change of holder. The
 * keeper renews after each third of the length, takes what is free or has run out up to its share (policy/lease_rule.h), gives back what is
 * beyond it while nothing of the lane is in flight, and puts what it holds into the lanes: lane_is_held says whether a message may leave.
 *
 * Who dies is replaced within one length. Who was paused (SIGSTOP, a suspended host) finds its leases run out by its own clock before it asks
 * anybody, and its claims refused by the database: see sql/query/release_claim.sql. What the database does not know (a request that is about
 * to leave) is guarded by lane_is_held alone, which trusts this host's clock to count seconds right, and the server's not to jump by more
 * than a tenth of the length.
 *
 * Clocks of a rehearsal do not matter here: leases are by the server's real clock. Belongs to the loop's thread.
 */
#ifndef DAYPART_SCHEDULER_LEASE_H
#define DAYPART_SCHEDULER_LEASE_H

#include "adoption.h"
#include "lane_list.h"

struct lease_options {
	struct worker_pool *pool;
	struct lane_list *lanes;
	struct duration length;
	struct adoption *adoption;       /* the keeper's while it is open: used in workers */
	void (*on_refused)(void *owner); /* this host may not release from this database any more; it was logged why */
	void (*on_gained)(void *owner);  /* lanes were got that were not held before */
	void (*on_change)(void *owner);  /* a statement of the keeper has ended */
	void *owner;
};

struct lease_keeper;

MUST_CHECK enum status lease_keeper_open(uv_loop_t *loop, const struct lease_options *options, struct lease_keeper **out, struct err *err);
void lease_keeper_serve(struct lease_keeper *keeper, bool serve);
void lease_keeper_hurry(struct lease_keeper *keeper);
void lease_keeper_leave(struct lease_keeper *keeper);
bool lease_keeper_is_leaving(const struct lease_keeper *keeper);
void lease_keeper_set_length(struct lease_keeper *keeper, struct duration length);
void lease_keeper_close(struct lease_keeper **keeper);

#endif
