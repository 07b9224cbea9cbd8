/*
 * token_bucket - a sender's pace: `rate` messages per second with a burst of a tenth of a second's worth; of a sender that has no two messages in
 * that they leave one at a time, at most a tenth of a second earlier than the rate says
 *
 * A plan spaces messages already, so a full bucket is the rule; it binds after an outage, when everything overdue is due at once. The burst is
 * small because it comes on top of the rate: no second may hold much more than the sender's throughput (promise 5).
 *
 * It is there at all because a schedule may fill every tick of the sender's (planner/core/capacity.h, at the same rate): were a second held to the
 * rate to the message, what is late by some milliseconds once would make everything behind it late by as much for as long as the schedule is full.
 *
 *     struct token_bucket bucket;
 *     token_bucket_open(&bucket, 2500, now);                      // 2.5 messages a second
 *     n = token_bucket_take(&bucket, now, 1000);                  // at most that many may leave now
 *     token_bucket_give_back(&bucket, n - sent);
 *     if (n == 0) ... try again after token_bucket_delay(&bucket, now)
 *
 * Whole numbers only: nothing is lost by rounding, however often it is asked. The caller gives instants that do not run backwards (a
 * monotonic clock, or a simulated one); one that does is taken for the last one seen.
 */
#ifndef DAYPART_SCHEDULER_POLICY_TOKEN_BUCKET_H
#define DAYPART_SCHEDULER_POLICY_TOKEN_BUCKET_H

#include "planner/core/instant.h"

struct token_bucket {
	int64_t per_1000_s; /* messages in 1000 seconds: three decimals, as sender.throughput_per_s has */
	int64_t level;      /* in 1e-9 messages */
	struct instant refilled;
};

/* Starts with one message, so that a restart neither delays a slow sender nor lets a fast one leap. `per_1000_s` is 1 to 999,999,999. */
void token_bucket_open(struct token_bucket *bucket, int64_t per_1000_s, struct instant now);
/* A changed rate: what is in the bucket stays, up to the new brim. */
void token_bucket_set_rate(struct token_bucket *bucket, int64_t per_1000_s, struct instant now);
/* How many of `wanted` may leave now; they are taken out. */
int64_t token_bucket_take(struct token_bucket *bucket, struct instant now, int64_t wanted);
void token_bucket_give_back(struct token_bucket *bucket, int64_t count);
/* How long until one message may leave; 0 when one may now. */
struct duration token_bucket_delay(const struct token_bucket *bucket, struct instant now);

#endif
