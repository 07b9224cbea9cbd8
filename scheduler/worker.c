/*
 * Two lists under one mutex: what waits for a worker, in order, and what is done and waits for the loop. uv_async_send coalesces, so the loop
 * always takes the whole done list. A session is opened at first use and again when its connection broke; the settings statement runs each
 * time, because a new connection has forgotten it. Work is taken by a worker that has connected, or failed to: so what waits belongs to
 * nobody while all are connecting, and may be ended. The pool lives until the loop and all threads have left it.
 */
#include "worker.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"

enum { WORKERS_MAX = 64 };

struct list {
	struct work *first, **last;
};

struct worker {
	struct worker_pool *pool;
	struct session *session;
	uv_thread_t thread;
	bool connecting, online; /* under the pool's mutex; online: has a session */
};

struct worker_pool {
	struct worker_options options;
	char *conninfo; /* a copy: a thread may outlive the settings */
	uv_async_t async;
	uv_mutex_t mutex;
	uv_cond_t wanted;
	struct list waiting, done; /* under the mutex */
	bool closing;              /* under the mutex */
	int users;                 /* under the mutex: the loop, and each thread */
	size_t busy;               /* the loop's */
	bool offline;              /* the loop's: what was logged last */
	int started;
	void (*on_closed)(void *context);
	void *context;
	struct worker workers[WORKERS_MAX];
};

static void
list_clear(struct list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void
list_append(struct list *list, struct work *work)
{
	work->next = NULL;
	*list->last = work;
	list->last = &work->next;
}

static struct work *
list_take(struct list *list)
{
	struct work *work = list->first;

	list->first = work->next;
	if (list->first == NULL)
		list->last = &list->first;
	return work;
}

/* In the workers ---------------------------------------------------------------------------------------------------------------------------- */

static bool
is_connected(const struct worker *worker)
{
	return worker->session != NULL && PQstatus(session_connection(worker->session)) == CONNECTION_OK;
}

static enum status
connect_session(struct worker *worker, struct err *err)
{
	const struct worker_options *options = &worker->pool->options;

	session_close(&worker->session);
	if (session_open(&options->session, &worker->session, err) != STATUS_OK)
		return err->status;
	if (session_query(worker->session, options->settings, NULL, 0, NULL, err) != STATUS_OK) {
		session_close(&worker->session);
		return err->status;
	}
	if (options->warm_up != NULL)
		options->warm_up(worker->session);
	return STATUS_OK;
}

/* The server does not know what the statement speaks of: the schema has changed, or what was prepared is gone. */
static bool
is_misunderstood(const struct work *work)
{
	return work->status == STATUS_INTERNAL && work->err.sqlstate[0] != '\0';
}

/* Another host is the primary now, and connecting finds it; or the statements are prepared anew. */
static void
leave_behind(struct worker *worker, const struct work *work)
{
	if (strcmp(work->err.sqlstate, "25006") == 0 || is_misunderstood(work))
		session_close(&worker->session);
}

static void
perform(struct worker *worker, struct work *work, const struct err *why_offline)
{
	work->err = *why_offline;
	work->offline = why_offline->status != STATUS_OK;
	work->status = work->offline ? STATUS_TRANSIENT : work->run(work, worker->session);
	if (!work->offline && !is_connected(worker))
		work->offline = true;
	leave_behind(worker, work);
}

/* The mutex is held, but not while connecting; another worker is asked meanwhile, which may have a session. */
static void
go_online(struct worker *worker, struct err *err)
{
	struct worker_pool *pool = worker->pool;

	worker->connecting = true;
	worker->online = false;
	uv_cond_signal(&pool->wanted);
	uv_mutex_unlock(&pool->mutex);
	if (connect_session(worker, err) == STATUS_OK)
		*err = (struct err)ERR_INIT;
	uv_mutex_lock(&pool->mutex);
	worker->connecting = false;
	worker->online = worker->session != NULL;
}

/* NULL: the pool closes. `why_offline` is STATUS_OK when there is a session to run it with. */
static struct work *
next_work(struct worker *worker, struct err *why_offline)
{
	struct worker_pool *pool = worker->pool;
	struct work *work = NULL;

	uv_mutex_lock(&pool->mutex);
	while (work == NULL && !pool->closing) {
		*why_offline = (struct err)ERR_INIT;
		if (pool->waiting.first == NULL) {
			uv_cond_wait(&pool->wanted, &pool->mutex);
			continue;
		}
		if (!is_connected(worker))
			go_online(worker, why_offline);
		if (pool->waiting.first != NULL)
			work = list_take(&pool->waiting);
	}
	uv_mutex_unlock(&pool->mutex);
	return work;
}

static void
leave_pool(struct worker_pool *pool)
{
	bool last;

	uv_mutex_lock(&pool->mutex);
	last = --pool->users == 0;
	uv_mutex_unlock(&pool->mutex);
	if (!last)
		return;
	uv_cond_destroy(&pool->wanted);
	uv_mutex_destroy(&pool->mutex);
	free(pool->conninfo);
	free(pool);
}

static void
worker_main(void *argument)
{
	struct worker *worker = argument;
	struct worker_pool *pool = worker->pool;
	struct err why_offline;
	struct work *work;

	while ((work = next_work(worker, &why_offline)) != NULL) {
		perform(worker, work, &why_offline);
		uv_mutex_lock(&pool->mutex);
		worker->online = is_connected(worker);
		list_append(&pool->done, work);
		uv_mutex_unlock(&pool->mutex);
		uv_async_send(&pool->async);
	}
	session_close(&worker->session);
	leave_pool(pool);
}

/* In the loop ------------------------------------------------------------------------------------------------------------------------------- */

static void
note_outage(struct worker_pool *pool, const struct work *work)
{
	if (work->status == STATUS_CANCELLED)
		return;
	if (work->offline && !pool->offline)
		log_err_about(SEVERITY_ERROR, &(struct log_about){.event = "database_lost"}, &work->err);
	if (!work->offline && pool->offline)
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "database_back"}, "the database is back");
	pool->offline = work->offline;
}

static void
on_async(uv_async_t *async)
{
	struct worker_pool *pool = async->data;
	struct work *work, *next;

	uv_mutex_lock(&pool->mutex);
	work = pool->done.first;
	list_clear(&pool->done);
	uv_mutex_unlock(&pool->mutex);
	for (; work != NULL; work = next) {
		next = work->next;
		pool->busy--;
		note_outage(pool, work);
		if (is_misunderstood(work) && pool->options.on_misunderstood != NULL)
			pool->options.on_misunderstood(pool->options.owner, work);
		work->done(work);
	}
}

static void
enter_pool(struct worker_pool *pool, int users)
{
	uv_mutex_lock(&pool->mutex);
	pool->users += users;
	uv_mutex_unlock(&pool->mutex);
}

/* The workers inherit the mask of the thread that makes them. */
static enum status
start_workers(struct worker_pool *pool, struct err *err)
{
	sigset_t all, before;
	int failure = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; pool->started < pool->options.count && failure == 0; pool->started += failure == 0) {
		struct worker *worker = &pool->workers[pool->started];

		worker->pool = pool;
		enter_pool(pool, 1);
		failure = uv_thread_create(&worker->thread, worker_main, worker);
		if (failure != 0)
			enter_pool(pool, -1);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure == 0 ? STATUS_OK : err_set(err, STATUS_TRANSIENT, "cannot start a thread: %s", uv_strerror(failure));
}

enum status
worker_pool_open(uv_loop_t *loop, const struct worker_options *options, struct worker_pool **out, struct err *err)
{
	struct worker_pool *pool = calloc(1, sizeof(*pool));

	*out = NULL;
	assert(options->count > 0 && options->count <= WORKERS_MAX);
	if (pool != NULL)
		pool->conninfo = strdup(options->session.conninfo != NULL ? options->session.conninfo : "");
	if (pool == NULL || pool->conninfo == NULL || uv_async_init(loop, &pool->async, on_async) != 0) {
		if (pool != NULL)
			free(pool->conninfo);
		free(pool);
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	pool->options = *options;
	pool->options.session.conninfo = pool->conninfo;
	pool->users = 1;
	pool->async.data = pool;
	list_clear(&pool->waiting);
	list_clear(&pool->done);
	uv_mutex_init(&pool->mutex);
	uv_cond_init(&pool->wanted);
	if (start_workers(pool, err) != STATUS_OK) {
		worker_pool_close(&pool, NULL, NULL);
		return err->status;
	}
	*out = pool;
	return STATUS_OK;
}

void
worker_pool_submit(struct worker_pool *pool, struct work *work)
{
	pool->busy++;
	uv_mutex_lock(&pool->mutex);
	list_append(&pool->waiting, work);
	uv_cond_signal(&pool->wanted);
	uv_mutex_unlock(&pool->mutex);
}

size_t
worker_pool_busy(const struct worker_pool *pool)
{
	return pool->busy;
}

static void
on_async_closed(uv_handle_t *handle)
{
	struct worker_pool *pool = handle->data;

	if (pool->on_closed != NULL)
		pool->on_closed(pool->context);
	leave_pool(pool);
}

void
worker_pool_give_up(struct worker_pool *pool)
{
	bool online = false, any = false;

	uv_mutex_lock(&pool->mutex);
	for (int i = 0; i < pool->started; i++)
		online = online || pool->workers[i].online;
	while (!online && pool->waiting.first != NULL) {
		struct work *work = list_take(&pool->waiting);

		work->err = (struct err)ERR_INIT;
		work->status = STATUS_CANCELLED;
		work->offline = true;
		list_append(&pool->done, work);
		any = true;
	}
	uv_mutex_unlock(&pool->mutex);
	if (any)
		uv_async_send(&pool->async);
}

/* Who is closing does not begin to connect any more. */
static void
end_thread(struct worker *worker)
{
	bool connecting;

	uv_mutex_lock(&worker->pool->mutex);
	connecting = worker->connecting;
	uv_mutex_unlock(&worker->pool->mutex);
	if (connecting)
		pthread_detach(worker->thread);
	else
		uv_thread_join(&worker->thread);
}

void
worker_pool_close(struct worker_pool **pool, void (*on_closed)(void *context), void *context)
{
	struct worker_pool *gone = *pool;

	*pool = NULL;
	assert(gone->busy == 0);
	uv_mutex_lock(&gone->mutex);
	gone->closing = true;
	uv_cond_broadcast(&gone->wanted);
	uv_mutex_unlock(&gone->mutex);
	for (int i = 0; i < gone->started; i++)
		end_thread(&gone->workers[i]);
	gone->on_closed = on_closed;
	gone->context = context;
	uv_close((uv_handle_t *)&gone->async, on_async_closed);
}
