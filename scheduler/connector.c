/*
 * Owned by the loop and by the thread; the last one frees it. Under the mutex the thread learns that it was abandoned, or rings the loop: so it
 * never rings a handle that is closing.
 */
#include "connector.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct connector {
	struct connector_options options; /* its strings are owned */
	uv_async_t async;                 /* the loop's */
	uv_mutex_t mutex;
	int owners;            /* under the mutex */
	bool abandoned;        /* under the mutex */
	PGconn *connection;    /* under the mutex */
	char *conninfo, *name; /* copies: the settings may be gone before the thread is */
};

static void
free_connector(struct connector *connector)
{
	PQfinish(connector->connection);
	uv_mutex_destroy(&connector->mutex);
	free(connector->conninfo);
	free(connector->name);
	free(connector);
}

static void
leave(struct connector *connector)
{
	bool last;

	uv_mutex_lock(&connector->mutex);
	last = --connector->owners == 0;
	uv_mutex_unlock(&connector->mutex);
	if (last)
		free_connector(connector);
}

/* In the thread ----------------------------------------------------------------------------------------------------------------------------- */

static void *
thread_main(void *argument)
{
	struct connector *connector = argument;
	PGconn *connection = session_connect_bare(&connector->options.session);

	uv_mutex_lock(&connector->mutex);
	connector->connection = connection;
	if (!connector->abandoned)
		uv_async_send(&connector->async);
	uv_mutex_unlock(&connector->mutex);
	leave(connector);
	return NULL;
}

/* Signals belong to the loop. */
static bool
start_thread(struct connector *connector)
{
	sigset_t all, before;
	pthread_t thread;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&thread, NULL, thread_main, connector) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started)
		pthread_detach(thread);
	return started;
}

/* In the loop ------------------------------------------------------------------------------------------------------------------------------- */

static void
on_closed(uv_handle_t *async)
{
	leave(async->data);
}

static void
on_async(uv_async_t *async)
{
	struct connector *connector = async->data;
	PGconn *connection;

	if (uv_is_closing((uv_handle_t *)async))
		return;
	uv_mutex_lock(&connector->mutex);
	connection = connector->connection;
	connector->connection = NULL;
	connector->abandoned = true;
	uv_mutex_unlock(&connector->mutex);
	uv_close((uv_handle_t *)async, on_closed);
	connector->options.done(connection, connector->options.context);
}

static struct connector *
create(const struct connector_options *options)
{
	struct connector *connector = calloc(1, sizeof(*connector));

	if (connector == NULL)
		return NULL;
	uv_mutex_init(&connector->mutex);
	connector->options = *options;
	connector->conninfo = strdup(options->session.conninfo != NULL ? options->session.conninfo : "");
	connector->name = strdup(options->session.application);
	connector->options.session.conninfo = connector->conninfo;
	connector->options.session.application = connector->name;
	connector->owners = 1;
	if (connector->conninfo != NULL && connector->name != NULL)
		return connector;
	free_connector(connector);
	return NULL;
}

enum status
connector_start(uv_loop_t *loop, const struct connector_options *options, struct connector **out, struct err *err)
{
	struct connector *connector = create(options);

	*out = NULL;
	if (connector == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (uv_async_init(loop, &connector->async, on_async) != 0) {
		free_connector(connector);
		return err_set(err, STATUS_NO_MEMORY, "no handle for a thread");
	}
	connector->async.data = connector;
	connector->owners = 2;
	if (!start_thread(connector)) {
		connector->owners = 1;
		uv_close((uv_handle_t *)&connector->async, on_closed);
		return err_set(err, STATUS_NO_MEMORY, "no thread can be started");
	}
	*out = connector;
	return STATUS_OK;
}

void
connector_abandon(struct connector **connector)
{
	struct connector *gone = *connector;

	*connector = NULL;
	if (gone == NULL)
		return;
	uv_mutex_lock(&gone->mutex);
	gone->abandoned = true;
	uv_mutex_unlock(&gone->mutex);
	uv_close((uv_handle_t *)&gone->async, on_closed);
}
