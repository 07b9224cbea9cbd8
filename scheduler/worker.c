/*
 * Two lists under one mutex: what waits for a worker, in order, and what is done and waits for the loop. uv_async_send coalesces, so the loop
 * always takes the whole done list. A session is opened at first use and again when its connection broke; the settings statement runs each
 * time, because a new connection has forgotten it.
 */
#include "worker.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "conf/log.h"

enum { WORKERS_MAX = 64 };

struct list {
	struct work *first, **last;
};

struct worker {
	struct worker_pool *pool;
	struct session *session;
	uv_thread_t thread;
};

struct worker_pool {
	struct worker_options options;
	uv_async_t async;
	uv_mutex_t mutex;
	uv_cond_t wanted;
	struct list waiting, done; /* under the mutex */
	bool closing;              /* under the mutex */
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

static enum status
connect_session(struct worker *worker, struct err *err)
{
	const struct worker_options *options = &worker->pool->options;

	if (worker->session != NULL && PQstatus(session_connection(worker->session)) == CONNECTION_OK)
		return STATUS_OK;
	session_close(&worker->session);
	if (session_open(&options->session, &worker->session, err) != STATUS_OK)
		return err->status;
	if (session_query(worker->session, options->settings, NULL, 0, NULL, err) == STATUS_OK)
		return STATUS_OK;
	session_close(&worker->session);
	return err->status;
}

static void
perform(struct worker *worker, struct work *work)
{
	work->err = (struct err)ERR_INIT;
	work->offline = connect_session(worker, &work->err) != STATUS_OK;
	work->status = work->offline ? STATUS_TRANSIENT : work->run(work, worker->session);
	if (!work->offline && PQstatus(session_connection(worker->session)) != CONNECTION_OK)
		work->offline = true;
}

/* NULL: the pool closes. */
static struct work *
next_work(struct worker_pool *pool)
{
	struct work *work = NULL;

	uv_mutex_lock(&pool->mutex);
	while (pool->waiting.first == NULL && !pool->closing)
		uv_cond_wait(&pool->wanted, &pool->mutex);
	if (pool->waiting.first != NULL)
		work = list_take(&pool->waiting);
	uv_mutex_unlock(&pool->mutex);
	return work;
}

static void
worker_main(void *argument)
{
	struct worker *worker = argument;
	struct worker_pool *pool = worker->pool;
	struct work *work;

	while ((work = next_work(pool)) != NULL) {
		perform(worker, work);
		uv_mutex_lock(&pool->mutex);
		list_append(&pool->done, work);
		uv_mutex_unlock(&pool->mutex);
		uv_async_send(&pool->async);
	}
	session_close(&worker->session);
}

/* In the loop ------------------------------------------------------------------------------------------------------------------------------- */

static void
note_outage(struct worker_pool *pool, const struct work *work)
{
	if (work->offline && !pool->offline)
		log_err(SEVERITY_ERROR, &work->err);
	if (!work->offline && pool->offline)
		log_message(SEVERITY_WARNING, "the database is back");
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
		work->done(work);
	}
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
		failure = uv_thread_create(&worker->thread, worker_main, worker);
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
	if (pool == NULL || uv_async_init(loop, &pool->async, on_async) != 0) {
		free(pool);
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	pool->options = *options;
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
	uv_cond_destroy(&pool->wanted);
	uv_mutex_destroy(&pool->mutex);
	free(pool);
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
		uv_thread_join(&gone->workers[i].thread);
	gone->on_closed = on_closed;
	gone->context = context;
	uv_close((uv_handle_t *)&gone->async, on_async_closed);
}
