/*
 * Three phases: connecting (connector.h does it), asking (LISTEN is sent), listening. The uv_poll handle is stopped and its closing begun before
 * libpq closes the descriptor, or epoll would keep watching a stranger. It is on the heap and freed by its close callback.
 *
 * A poll callback with an error status is only "something happened": libpq is asked, which knows more. One timer serves the time limit of asking
 * and the wait before the next attempt.
 */
#include "listener.h"

#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "policy/backoff.h"
#include "sql_embedded.h"

enum { ANSWER_TIMEOUT_MS = 10 * 1000 };

enum phase { PHASE_CONNECTING, PHASE_ASKING, PHASE_LISTENING };

struct listener {
	struct listener_options options;
	uv_loop_t *loop;
	uv_timer_t timer;
	uv_poll_t *poll;             /* NULL: no socket is watched */
	struct connector *connector; /* NULL: not connecting */
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
	if (listener->poll == NULL) {
		uv_poll_t *poll = malloc(sizeof(*poll));

		if (poll == NULL || uv_poll_init(listener->loop, poll, PQsocket(listener->connection)) != 0) {
			free(poll);
			return false;
		}
		poll->data = listener;
		listener->poll = poll;
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
on_timeout(uv_timer_t *timer)
{
	fail(timer->data);
}

/* The steps return false when the connection is of no use any more. */

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
	bool any = false, said = false;

	while ((notification = PQnotifies(listener->connection)) != NULL) {
		if (strcmp(notification->extra, "said") == 0)
			said = true;
		else
			any = true;
		PQfreemem(notification);
	}
	if (said)
		listener->options.on_said(listener->options.context);
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
	if (!receive(listener))
		fail(listener);
}

static void
on_connected(PGconn *connection, void *context)
{
	struct listener *listener = context;

	listener->connector = NULL;
	listener->connection = connection;
	if (connection == NULL || PQstatus(connection) != CONNECTION_OK || !ask(listener))
		fail(listener);
	else
		uv_timer_start(&listener->timer, on_timeout, ANSWER_TIMEOUT_MS, 0);
}

static void
start(uv_timer_t *timer)
{
	struct listener *listener = timer->data;
	const struct connector_options options = {
		.session = {.conninfo = listener->options.conninfo, .application = "daypartd listener", .read_write = true},
		.done = on_connected,
		.context = listener,
	};
	struct err ignored = ERR_INIT; /* it is tried again */

	listener->phase = PHASE_CONNECTING;
	if (connector_start(listener->loop, &options, &listener->connector, &ignored) != STATUS_OK)
		fail(listener);
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
	connector_abandon(&gone->connector);
	PQfinish(gone->connection);
	uv_close((uv_handle_t *)&gone->timer, free_listener);
}
