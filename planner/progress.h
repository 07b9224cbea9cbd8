/*
 * progress - how far a long piece of work is, for a person who watches
 *
 *     struct progress progress;
 *     progress_begin(&progress, "reading people", total);   // total 0: unknown
 *     progress_show(&progress, done);                       // as often as you like: 20 ns unless it draws
 *     progress_end(&progress);
 *
 * One line on stderr, redrawn a few times a second, with rate and time left; only when stderr is a terminal and the log is not quiet.
 * Nothing of it reaches a file or a mail from cron. The only reader of the (monotonic) clock beside the mains; no decision rests on it.
 */
#ifndef DAYPART_PLANNER_PROGRESS_H
#define DAYPART_PLANNER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/core/instant.h"

struct progress {
	const char *what;
	int64_t total;
	int64_t began_ms, drawn_ms;
	bool visible, drawn;
};

void progress_begin(struct progress *progress, const char *what, int64_t total);
void progress_show(struct progress *progress, int64_t done);
/* Removes the line. */
void progress_end(struct progress *progress);

/* The same clock, to the microsecond: for what a person is told about how long something took. */
struct instant progress_clock(void);

#endif
