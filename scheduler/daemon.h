/*
 * daemon - the life of daypartd: the loop, what it listens to, and the lanes it serves
 *
 *     code = daemon_run(&(struct daemon_options){.settings = &settings, .clock = clock, .sink = &sink_outbox}, &report);
 *
 * Starts with a look at the database (who sends, under which law, what the server's clock says), repeats it every release.poll and whenever
 * something is notified, and lets lanes do the rest. TERM and INT drain: nothing new is claimed, what is in flight ends, then it returns; a
 * second signal ends the process at once. HUP reads settings, rulebook and time zones again; what is invalid is reported and the old one kept.
 * A schema that is not this program's any more (daypart init of another version) ends it as TERM does, with 75: nothing is claimed on it, and whoever
 * supervises it starts what is installed now.
 * On every way out all handles are closed: uv_loop_close finds none.
 *
 * The caller has looked at the schema, at the adoption, and at what the clock and the sink may do here.
 */
#ifndef DAYPART_SCHEDULER_DAEMON_H
#define DAYPART_SCHEDULER_DAEMON_H

#include "adoption.h"
#include "clock.h"
#include "conf/settings.h"
#include "lane.h"

struct daemon_options {
	const char *config;        /* for HUP; NULL: the usual search */
	struct settings *settings; /* replaced by HUP */
	struct clock clock;
	const struct sink *sink;
	struct adoption *adoption; /* checked */
	bool until_idle;           /* end when nothing is due or comes within the planning horizon */
};

struct daemon_report {
	struct lane_tally tally;
	struct flight_tally flown;
	struct instant ended; /* by the daemon's clock */
};

/* Returns the code to exit with. */
int daemon_run(const struct daemon_options *options, struct daemon_report *out);

#endif
