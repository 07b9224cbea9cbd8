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
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log_record.h"

static const char *program_name = "daypart";
static bool to_journal;
static atomic_int least_severity = SEVERITY_WARNING, log_format = LOG_TEXT;

/* The service manager says which stream it reads: "DEVICE:INODE". */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat own;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &own) == 0 && own.st_dev == device &&
		own.st_ino == inode;
}

void
log_open(const char *program, enum severity least)
{
	program_name = program;
	to_journal = is_journal();
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

void
log_set_format(enum log_format format)
{
	atomic_store(&log_format, (int)format);
}

static struct instant
host_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

static void
write_entry(struct log_entry *entry)
{
	struct log_record record = {.size = 0};
	ssize_t written;

	entry->program = program_name;
	entry->priorities = to_journal;
	if (atomic_load(&log_format) == LOG_JSON) {
		entry->at = host_now();
		entry->pid = (long)getpid();
		log_record_json(&record, entry);
	} else {
		log_record_text(&record, entry);
	}
	written = write(STDERR_FILENO, record.bytes, record.size);
	(void)written; /* nobody is left to tell */
}

static void PRINTF_LIKE(3, 0) write_message(enum severity severity, const struct log_about *about, const char *format, va_list args)
{
	char text[ERR_DETAIL_MAX];

	if (severity < log_level())
		return;
	vsnprintf(text, sizeof(text), format, args);
	write_entry(&(struct log_entry){.severity = severity, .message = text, .about = about});
}

void
log_message(enum severity severity, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_message(severity, &(struct log_about){.event = NULL}, format, args);
	va_end(args);
}

void
log_event(enum severity severity, const struct log_about *about, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_message(severity, about, format, args);
	va_end(args);
}

enum status
log_err_about(enum severity severity, const struct log_about *about, const struct err *err)
{
	if (severity >= log_level())
		write_entry(&(struct log_entry){.severity = severity, .message = err->primary, .about = about, .err = err});
	return err->status;
}

enum status
log_err(enum severity severity, const struct err *err)
{
	return log_err_about(severity, &(struct log_about){.event = NULL}, err);
}
