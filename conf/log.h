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
 * or, with LOG_JSON, one object with the same and more (log_record.h): {"time":"...","level":"error",...,"event":"error","message":"cannot read the
 * settings",...}. Where the service manager reads stderr into its journal, each line begins with its priority.
 *
 * What somebody may want to search for has an event, a word that stays the same, and says what it is about:
 *
 *     log_event(SEVERITY_WARNING, &(struct log_about){.event = "sender_lost", .sender = name}, "sender %s: another daypartd serves it now", name);
 *
 * An error is logged once, by whoever stops its propagation. Control characters become blanks, so a line stays a line whatever it quotes.
 * Threads: a record is written in one piece; the name is set before threads start.
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

enum log_format { LOG_TEXT, LOG_JSON }; /* the order of the words of the setting log.format */

/* For JSON alone: what people read says the same in words. NULL: nothing. */
struct log_about {
	const char *event; /* NULL: "message", of an error "error" */
	const char *sender, *campaign;
	const char *run, *recipient; /* ids */
	const char *key;             /* of a message: its idempotency key */
	const char *scope, *subject; /* of a breaker: "sender", and its name */
	const char *rule, *reason;
};

/* `program` outlives the log. */
void log_open(const char *program, enum severity least);
enum severity log_level(void);
void log_set_level(enum severity least);
void log_set_format(enum log_format format);

void log_message(enum severity severity, const char *format, ...) PRINTF_LIKE(2, 3);
void log_event(enum severity severity, const struct log_about *about, const char *format, ...) PRINTF_LIKE(3, 4);
/* Primary, detail and hint of `err`; returns err->status. */
enum status log_err(enum severity severity, const struct err *err);
enum status log_err_about(enum severity severity, const struct log_about *about, const struct err *err);

#endif
