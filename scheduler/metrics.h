/*
 * metrics - what the daemon tells of itself, to Prometheus and to whoever asks whether it is well
 *
 *     metrics_write(&(struct metrics){.ready = true, .lanes = &lanes, ...}, file);
 *
 * All names begin with daypart_. Counters begin at 0 with the process. Pure but for the writing.
 *
 *     daypart_up                              1
 *     daypart_ready, daypart_stopped          whether a first look at the database has succeeded; whether everything is stopped
 *     daypart_database_up                     whether the last look succeeded
 *     daypart_clock_offset_seconds            the database's clock minus this host's
 *     daypart_rulebook                        the rulebook in force, 0: none
 *     daypart_schema_version                  the database's, 0: not known yet
 *     daypart_breaker{scope,name,rule,state}  1 for each that is tripped, or has warned within a day
 *     daypart_in_flight{sender}               messages this daemon has on their way to a sink outside the database
 *     daypart_uncertain{sender}               messages of which nobody knows whether they were sent: daypart settle; absent when there are none
 *     daypart_budget_left{sender}             of the block of its limits of volume, after the sender's last claim; absent without limits
 *     daypart_released_total{sender,outcome}  handed_over, refused, expired, held, conflict
 *     daypart_lateness_seconds{sender}        histogram: how long after its instant a message was handed over; each claim's messages count as the
 *                                             latest of them
 *     daypart_lane{sender,state}              1 for the state the sender's lane is in (lane_state.h)
 *     daypart_lane_held{sender}               whether this daemon serves the sender
 *     daypart_next_due_seconds{sender}        until its next slot is due, negative when overdue; absent when nothing waits
 */
#ifndef DAYPART_SCHEDULER_METRICS_H
#define DAYPART_SCHEDULER_METRICS_H

#include <stdio.h>

#include "lane_list.h"
#include "watched.h"

struct metrics {
	bool ready, stopped, database_up;
	bool lawless, untrusted; /* no law to go by; clocks too far apart */
	struct duration clock_offset;
	int32_t rulebook_id, schema_version;
	struct instant now;
	const struct lane_list *lanes;
	const struct watched *watched;
};

void metrics_write(const struct metrics *metrics, FILE *out);
/* One line: "ok", "ok: everything is stopped", or why nothing can be released. Returns whether all is well; being told to stop is. */
bool metrics_write_health(const struct metrics *metrics, FILE *out);

#endif
