/*
 * Three phases: connecting (PQconnectPoll says what to wait for), asking (LISTEN is sent), listening. A uv_poll handle belongs to one socket
 * and is made anew whenever libpq changes the socket, which it does between hosts and attempts; it is stopped and its closing begun before
 * libpq may close the descriptor, or epoll would keep watching a stranger. Handles are on the heap and freed by their close callback.
 *
 * A poll callback with an error status is only "something happened": libpq is asked, which knows more. One timer serves the connect timeout
 * and the wait before the next attempt.
 */
#include "listener.h"

#include <libpq-fe.h>
#include <stdlib.h>

#include "policy/backoff.h"
#include "sql_embedded.h"

enum { CONNECT_TIMEOUT_MS = 10 * 1000 };

enum phase { PHASE_CONNECTING, PHASE_ASKING, PHASE_LISTENING };

struct listener {
	struct listener_options options;
	uv_loop_t *loop;
	uv_timer_t timer;
	uv_poll_t *poll; /* NULL: no socket is watched */
	int watched;     /* its socket */
	PGconn *connection;
	enum phase phase;
	struct backoff backoff;
};

static void on_socket(uv_poll_t *poll, int status, int events);

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void
unwatch(struct listener *listener)
{
	if (listener->poll == NULL)
		return;
	uv_poll_stop(listener->poll);
	uv_close((uv_handle_t *)listener->poll, free_handle);
	listener->poll = NULL;
}

static bool
watch(struct listener *listener, int events)
{
	const int socket = PQsocket(listener->connection);

	if (listener->poll != NULL && listener->watched != socket)
		unwatch(listener);
	if (listener->poll == NULL) {
		uv_poll_t *poll = malloc(sizeof(*poll));

		if (poll == NULL || uv_poll_init(listener->loop, poll, socket) != 0) {
			free(poll);
			return false;
		}
		poll->data = listener;
		listener->poll = poll;
		listener->watched = socket;
	}
	return uv_poll_start(listener->poll, events, on_socket) == 0;
}

static void start(uv_timer_t *timer);

static void
fail(struct listener *listener)
{
	unwatch(listener);
	PQfinish(listener->connection);
	listener->connection = NULL;
	uv_update_time(listener->loop);
	uv_timer_start(&listener->timer, start, (uint64_t)backoff_next(&listener->backoff).us / 1000, 0);
}

static void
on_connect_timeout(uv_timer_t *timer)
{
	fail(timer->data);
}

/* The three steps return false when the connection is of no use any more. */

static bool
flush(struct listener *listener)
{
	const int left = PQflush(listener->connection);

	return left >= 0 && watch(listener, left > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static bool
ask(struct listener *listener)
{
	listener->phase = PHASE_ASKING;
	return PQsetnonblocking(listener->connection, 1) == 0 && PQsendQuery(listener->connection, sql_query_release_listen.text) == 1 &&
		flush(listener);
}

/* The watcher is stopped while libpq may replace the socket. */
static bool
connect_further(struct listener *listener)
{
	if (listener->poll != NULL)
		uv_poll_stop(listener->poll);
	switch (PQconnectPoll(listener->connection)) {
	case PGRES_POLLING_READING:
		return watch(listener, UV_READABLE);
	case PGRES_POLLING_WRITING:
		return watch(listener, UV_WRITABLE);
	case PGRES_POLLING_OK:
		return ask(listener);
	default:
		return false;
	}
}

static bool
finish_asking(struct listener *listener)
{
	bool worked = true;
	PGresult *result;

	while (!PQisBusy(listener->connection)) {
		result = PQgetResult(listener->connection);
		if (result == NULL) {
			listener->phase = PHASE_LISTENING;
			uv_timer_stop(&listener->timer);
			backoff_reset(&listener->backoff);
			if (worked)
				listener->options.on_hint(listener->options.context);
			return worked;
		}
		worked = worked && PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	return worked;
}

static void
drain_notifications(struct listener *listener)
{
	PGnotify *notification;
	bool any = false;

	while ((notification = PQnotifies(listener->connection)) != NULL) {
		any = true;
		PQfreemem(notification);
	}
	if (any)
		listener->options.on_hint(listener->options.context);
}

static bool
receive(struct listener *listener)
{
	if (PQconsumeInput(listener->connection) != 1 || !flush(listener))
		return false;
	if (listener->phase == PHASE_ASKING && !finish_asking(listener))
		return false;
	drain_notifications(listener);
	return true;
}

static void
on_socket(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;

	(void)status;
	(void)events;
	if (listener->poll != poll)
		return;
	if (!(listener->phase == PHASE_CONNECTING ? connect_further(listener) : receive(listener)))
		fail(listener);
}

static void
start(uv_timer_t *timer)
{
	struct listener *listener = timer->data;
	const char *const keywords[] = {"dbname", "application_name", NULL};
	const char *const values[] = {listener->options.conninfo, "daypartd listener", NULL};

	listener->phase = PHASE_CONNECTING;
	listener->connection = PQconnectStartParams(keywords, values, 1);
	if (listener->connection == NULL || PQstatus(listener->connection) == CONNECTION_BAD || !watch(listener, UV_WRITABLE)) {
		fail(listener);
		return;
	}
	uv_timer_start(&listener->timer, on_connect_timeout, CONNECT_TIMEOUT_MS, 0);
}

enum status
listener_open(uv_loop_t *loop, const struct listener_options *options, struct listener **out, struct err *err)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	*out = listener;
	if (listener == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	listener->options = *options;
	listener->loop = loop;
	listener->backoff = (struct backoff){.least = {US_PER_SECOND / 5}, .most = {30 * US_PER_SECOND}, .seed = options->seed};
	uv_timer_init(loop, &listener->timer);
	listener->timer.data = listener;
	start(&listener->timer);
	return STATUS_OK;
}

static void
free_listener(uv_handle_t *timer)
{
	free(timer->data);
}

void
listener_close(struct listener **listener)
{
	struct listener *gone = *listener;

	*listener = NULL;
	if (gone == NULL)
		return;
	unwatch(gone);
	PQfinish(gone->connection);
	uv_close((uv_handle_t *)&gone->timer, free_listener);
}
