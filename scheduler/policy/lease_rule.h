/*
 * lease_rule - how long a lease of a lane may be relied on, and how many lanes one of several daemons serves
 *
 *     lease = lease_until(epoch, asked_at, settings->release_lease);      // asked_at: before the statement was sent
 *     if (lease_is_good(&lease, now)) ... a message may leave ...
 *     surplus = lease_surplus(held, lease_share(lanes, daemons));
 *
 * Instants here are of a steady clock of this host that goes on while the host is suspended. The database counts from when the statement
 * reached it, so the end that is computed here comes first; and a tenth of the lease is left unused, for what leaves at the last moment.
 *
 * Every daemon serves its share of the senders, rounded up: the first one all, until another one comes. By number and not by traffic: that
 * would need to know tomorrow's campaigns and move lanes all the time, and what limits a sender is its own throughput, not the daemon. A
 * second daemon is there to take over; that it works as well is a welcome proof that it could.
 */
#ifndef DAYPART_SCHEDULER_POLICY_LEASE_RULE_H
#define DAYPART_SCHEDULER_POLICY_LEASE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/core/instant.h"

struct lease {
	int64_t epoch; /* 0: none */
	struct instant until;
};

struct lease lease_until(int64_t epoch, struct instant asked_at, struct duration length);
bool lease_is_good(const struct lease *lease, struct instant now);

/* Of `lanes` senders, when `daemons` (1 or more) are at work. */
size_t lease_share(size_t lanes, size_t daemons);
/* How many to give back. */
size_t lease_surplus(size_t held, size_t share);

/* When to renew next: after a third of the lease, or as soon as somebody else's has run out, which is in `others_end`; negative: nobody's. */
struct duration lease_pause(struct duration length, struct duration others_end);

#endif
