/*
 * log - what a program says on stderr, with severities that mean something
 *
 *     log_message(SEVERITY_WARNING, "zone %s differs from libical", name);
 *     return log_err(SEVERITY_ERROR, &err);
 *
 * A record is one line for what happened and, where there are any, one line each for detail and hint:
 *
 *     daypart: error: cannot read the settings
 *     daypart: detail: /etc/daypart/daypart.cfg:12: unknown setting "relase.workers"
 *     daypart: hint: Did you mean "release.workers"?
 *
 * An error is logged once, by whoever stops its propagation. Control characters become blanks, so a line stays a line whatever it quotes.
 * Threads: a record is written in one piece; the level and the name are set before threads start.
 */
#ifndef DAYPART_CONF_LOG_H
#define DAYPART_CONF_LOG_H

#include "planner/core/status.h"

enum severity {
	SEVERITY_DEBUG,   /* for developers: -vv */
	SEVERITY_INFO,    /* what the program does while all is well: -v, and the daemon's default */
	SEVERITY_WARNING, /* the work goes on, but a person should look when there is time: the default */
	SEVERITY_ERROR,   /* this piece of work was not done; the program says so in its exit code or tries it again: -q */
	SEVERITY_FATAL    /* the program cannot go on and ends now */
};

/* `program` outlives the log. */
void log_open(const char *program, enum severity least);
enum severity log_level(void);
void log_set_level(enum severity least);

void log_message(enum severity severity, const char *format, ...) PRINTF_LIKE(2, 3);
/* Primary, detail and hint of `err`; returns err->status. */
enum status log_err(enum severity severity, const struct err *err);

#endif
