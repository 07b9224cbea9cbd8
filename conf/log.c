/*
 * log - implementation
 *
 * A record is put together in a buffer and written with one write(2): records of several threads, or of a program and its child on one
 * terminal, do not mix. The sink is the only mutable global of the programs.
 */
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MAX = ERR_PRIMARY_MAX + ERR_DETAIL_MAX + ERR_HINT_MAX + 256 };

static const char *program_name = "daypart";
static atomic_int least_severity = SEVERITY_WARNING;

struct record {
	char text[RECORD_MAX];
	size_t size;
};

void
log_open(const char *program, enum severity least)
{
	program_name = program;
	log_set_level(least);
}

enum severity
log_level(void)
{
	return (enum severity)atomic_load(&least_severity);
}

void
log_set_level(enum severity least)
{
	atomic_store(&least_severity, (int)least);
}

static const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {"debug", "info", "warning", "error", "fatal"};

	return names[severity];
}

static void
blank_control_characters(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7F)
			*text = ' ';
}

static void
add_line(struct record *record, const char *label, const char *text)
{
	char *line = record->text + record->size;
	const size_t room = sizeof(record->text) - record->size;
	int length = snprintf(line, room - 1, "%s: %s: %s", program_name, label, text);

	if (length < 0)
		return;
	blank_control_characters(line);
	record->size += strlen(line);
	record->text[record->size++] = '\n';
}

static void
write_record(const struct record *record)
{
	const ssize_t written = write(STDERR_FILENO, record->text, record->size);

	(void)written; /* nobody is left to tell */
}

void
log_message(enum severity severity, const char *format, ...)
{
	struct record record = {.size = 0};
	char text[ERR_DETAIL_MAX];
	va_list args;

	if (severity < log_level())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_line(&record, severity_name(severity), text);
	write_record(&record);
}

enum status
log_err(enum severity severity, const struct err *err)
{
	struct record record = {.size = 0};

	if (severity < log_level())
		return err->status;
	add_line(&record, severity_name(severity), err->primary);
	if (err->detail[0] != '\0')
		add_line(&record, "detail", err->detail);
	if (err->hint[0] != '\0')
		add_line(&record, "hint", err->hint);
	write_record(&record);
	return err->status;
}
