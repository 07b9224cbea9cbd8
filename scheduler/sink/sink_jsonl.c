/*
 * One line of JSON a message, to the standard output or to the end of a file or named pipe. Handed over means that the system has taken the whole
 * line (write(2)); what a reader then makes of it is not asked.
 *
 * Lines are written one by one, as they come. may_leave is asked before each try at the first byte of a line; a line that was begun is finished, however
 * late, because the half of it cannot be taken back. What may not leave any more is given back after a pause, and then there is room for one
 * line until one is written, so a reader that does not read stops the claims instead of filling a buffer. What a pipe holds, up to 64 KiB, has left: when
 * it is read is for the reader to compare with not_after. The descriptor does not block; what it does
 * not take is tried again after a few milliseconds, more and more of them: that works for a full pipe and a full disk alike, of which only one
 * could be polled. A file that cannot be written, or a named pipe that nobody reads, is opened again after a pause. A standard output that was
 * closed stays closed: then the sink is over.
 *
 * The standard output is opened anew through /proc, so that O_NONBLOCK and O_APPEND are ours alone and not those of whoever shares it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/log.h"
#include "conf/settings.h"
#include "json_text.h"
#include "sink.h"

enum {
	PAUSE_MS = 1000,
	WAIT_LEAST_MS = 2,
	WAIT_MOST_MS = 100,
	ROOM = 10000 /* it takes as many as there are, one after the other */
};

struct jsonl {
	char *path; /* NULL: the standard output */
	int fd;     /* -1: closed, to be opened again */
	struct sink_events events;
	uv_timer_t timer;
	uint64_t wait_ms;
	bool pausing, is_over, complained;
	bool blocked;            /* the last line was not taken */
	struct message *message; /* whose line is on its way, or NULL */
	char *line;
	size_t length, written;
};

/* The file ---------------------------------------------------------------------------------------------------------------------------------- */

static int
open_standard_output(int flags)
{
	int fd = open("/proc/self/fd/1", flags);

	if (fd >= 0)
		return fd;
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3); /* a socket cannot be opened */
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

/* A line that was cut off, by a crash of the host or a full disk, must not run into the next one. */
static bool
ends_within_a_line(const char *path)
{
	struct stat stat;
	char last = '\n';
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > 0 && pread(fd, &last, 1, stat.st_size - 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
}

static int
open_output(const char *path)
{
	const int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC;
	int fd;

	if (path == NULL)
		return open_standard_output(flags);
	fd = open(path, flags | O_CREAT, 0640);
	if (fd >= 0 && ends_within_a_line(path) && write(fd, "\n", 1) != 1) {
		close(fd);
		return -1;
	}
	return fd;
}

static const char *
name_of(const struct jsonl *sink)
{
	return sink->path != NULL ? sink->path : "standard output";
}

static void
complain(struct jsonl *sink, int failure)
{
	if (!sink->complained)
		log_message(SEVERITY_ERROR, "sink jsonl: %s: %s: %s", name_of(sink), strerror(failure),
			sink->is_over ? "nothing is released until daypartd is started again" : "nothing is released until it can be written");
	sink->complained = true;
}

/* Answers ----------------------------------------------------------------------------------------------------------------------------------- */

static void
answer(struct jsonl *sink, const struct sink_answer *what)
{
	struct message *message = sink->message;

	sink->message = NULL;
	free(sink->line);
	sink->line = NULL;
	sink->events.on_answer(message, what);
}

static void
refuse(struct jsonl *sink, int failure)
{
	answer(sink, &(struct sink_answer){.action = PROVIDER_RETRY, .text = strerror(failure)});
}

/* Writing ----------------------------------------------------------------------------------------------------------------------------------- */

static void write_line(struct jsonl *sink);

static void
on_timer(uv_timer_t *timer)
{
	struct jsonl *sink = timer->data;

	sink->pausing = false;
	if (sink->message != NULL)
		write_line(sink);
}

static void
wait_for(struct jsonl *sink, uint64_t ms)
{
	sink->pausing = true;
	uv_timer_start(&sink->timer, on_timer, ms, 0);
}

static void
close_file(struct jsonl *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

/* Of a line that was begun the rest must follow, but into a pipe that was closed: there nobody can read the half of it. */
static void
fail(struct jsonl *sink, int failure)
{
	if (failure == EAGAIN || failure == EWOULDBLOCK) {
		sink->blocked = true;
		wait_for(sink, sink->wait_ms);
		sink->wait_ms = sink->wait_ms * 2 < WAIT_MOST_MS ? sink->wait_ms * 2 : WAIT_MOST_MS;
		return;
	}
	sink->is_over = failure == EPIPE && sink->path == NULL;
	complain(sink, failure);
	if (!sink->is_over)
		wait_for(sink, PAUSE_MS);
	if (failure == EPIPE)
		close_file(sink);
	if (failure == EPIPE || sink->written == 0)
		refuse(sink, failure);
}

static void
give_back(struct jsonl *sink)
{
	if (sink->blocked)
		wait_for(sink, PAUSE_MS);
	answer(sink, &(struct sink_answer){.action = PROVIDER_RETRY, .code = "too_late"});
}

static void
write_line(struct jsonl *sink)
{
	while (sink->written < sink->length) {
		ssize_t count;

		if (sink->written == 0 && !sink->events.may_leave(sink->message)) {
			give_back(sink);
			return;
		}
		count = write(sink->fd, sink->line + sink->written, sink->length - sink->written);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			fail(sink, errno);
			return;
		}
		sink->written += (size_t)count;
		sink->wait_ms = WAIT_LEAST_MS;
	}
	if (sink->complained)
		log_message(SEVERITY_WARNING, "sink jsonl: %s can be written again", name_of(sink));
	sink->complained = sink->blocked = false;
	answer(sink, &(struct sink_answer){.action = PROVIDER_ACCEPTED});
}

/* The names are those of take_outbox(). Ids are texts: not every reader has integers of 64 bits. */
static char *
format_line(const struct message *message, size_t *out_length)
{
	char *line = NULL, not_after[INSTANT_TEXT_MAX];
	FILE *out = open_memstream(&line, out_length);

	if (out == NULL)
		return NULL;
	instant_format(message->not_after, 0, not_after);
	fputs("{\"idempotency_key\":", out);
	json_write_string(out, message->key);
	json_write_member(out, "phone", message->phone);
	json_write_member(out, "channel", message->channel);
	json_write_member(out, "sender", message->sender);
	json_write_member(out, "sender_address", message->sender_address);
	json_write_member(out, "campaign", message->campaign);
	json_write_member(out, "category", message->category);
	json_write_member(out, "template", message->template);
	json_write_member(out, "language", message->language);
	json_write_member(out, "body", message->body);
	fprintf(out, ",\"variables\":%s", message->variables);
	json_write_member(out, "not_after", not_after);
	fprintf(out, ",\"attempt\":%d,\"recipient_id\":\"%" PRId64 "\",\"run_id\":%" PRId32 "}\n", message->attempt, message->recipient_id,
		message->run_id);
	if (fclose(out) == 0)
		return line;
	free(line);
	return NULL;
}

static void
send_line(void *state, struct message *message)
{
	struct jsonl *sink = state;

	sink->message = message;
	sink->written = 0;
	sink->line = format_line(message, &sink->length);
	if (sink->line == NULL) {
		refuse(sink, ENOMEM);
		return;
	}
	if (sink->fd < 0)
		sink->fd = open_output(sink->path);
	if (sink->fd < 0)
		fail(sink, errno);
	else
		write_line(sink);
}

static size_t
room(const void *state)
{
	const struct jsonl *sink = state;

	if (sink->message != NULL || sink->pausing || sink->is_over)
		return 0;
	return sink->blocked ? 1 : ROOM;
}

static bool
is_over(const void *state)
{
	return ((const struct jsonl *)state)->is_over;
}

/* Life -------------------------------------------------------------------------------------------------------------------------------------- */

static void
free_sink(struct jsonl *sink)
{
	close_file(sink);
	free(sink->path);
	free(sink);
}

static void
on_closed(uv_handle_t *timer)
{
	free_sink(timer->data);
}

static void
close_sink(void **state)
{
	struct jsonl *sink = *state;

	*state = NULL;
	if (sink->message != NULL && sink->written == 0)
		refuse(sink, ECANCELED);
	else if (sink->message != NULL)
		answer(sink, &(struct sink_answer){.action = PROVIDER_UNCERTAIN, .text = "only a part of the line was written"});
	uv_close((uv_handle_t *)&sink->timer, on_closed);
}

/* A named pipe may find its reader later; anything else that cannot be opened now is a mistake. */
static enum status
open_sink(uv_loop_t *loop, const struct settings *settings, const struct sink_events *events, void **out, struct err *err)
{
	const bool is_stdout = strcmp(settings->release_jsonl_file, "-") == 0;
	struct jsonl *sink = calloc(1, sizeof(*sink));

	if (sink != NULL && !is_stdout)
		sink->path = strdup(settings->release_jsonl_file);
	if (sink == NULL || (!is_stdout && sink->path == NULL)) {
		free(sink);
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	sink->events = *events;
	sink->wait_ms = WAIT_LEAST_MS;
	sink->fd = open_output(sink->path);
	if (sink->fd < 0 && errno != ENXIO) {
		err_set(err, STATUS_INVALID, "sink jsonl: cannot write %s: %s", name_of(sink), strerror(errno));
		err_hint(err, "Let release.jsonl_file name a file that daypartd may append to.");
		free_sink(sink);
		return err->status;
	}
	uv_timer_init(loop, &sink->timer);
	sink->timer.data = sink;
	*out = sink;
	return STATUS_OK;
}

static const struct sink_wire wire = {.open = open_sink, .room = room, .send = send_line, .close = close_sink, .is_over = is_over};

const struct sink sink_jsonl = {.name = "jsonl", .delivers = true, .place = SINK_FLIGHT, .wire = &wire};
