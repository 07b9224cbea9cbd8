/*
 * log_record - one record of the log as bytes: lines of text for people, or one line of JSON for programs
 *
 *     struct log_record record = {.size = 0};
 *     log_record_text(&record, &entry);             // or log_record_json
 *     write(fd, record.bytes, record.size);
 *
 * JSON has these members first: time (UTC), level, program, pid, event; then message, what it is about, and of an error class, sqlstate, detail, hint. What
 * is not there is left out. It is always one whole object of valid UTF-8: what does not fit is cut inside its text, and bytes that are no UTF-8 become
 * U+FFFD. Nothing is allocated: running out of memory can be told.
 */
#ifndef DAYPART_CONF_LOG_RECORD_H
#define DAYPART_CONF_LOG_RECORD_H

#include <stddef.h>

#include "log.h"
#include "planner/core/instant.h"

enum { LOG_RECORD_MAX = 8192 }; /* an error as long as it may be, with every tenth byte escaped */

struct log_record {
	char bytes[LOG_RECORD_MAX];
	size_t size;
};

struct log_entry {
	enum severity severity;
	struct instant at;
	const char *program;
	long pid;
	bool priorities; /* each line begins with its priority, as the journal reads it: "<4>" */
	const char *message;
	const struct log_about *about;
	const struct err *err; /* NULL: no error */
};

void log_record_text(struct log_record *record, const struct log_entry *entry);
void log_record_json(struct log_record *record, const struct log_entry *entry);

#endif
