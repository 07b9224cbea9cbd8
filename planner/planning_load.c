/*
 * How it works: every job is a thread with a session of its own. It takes the next block of slots that was filled, until there will be none, and
 * then the first and the last job build an index each. Nothing has to wait for the other jobs: the lock that an index is built under waits until they
 * have ended their COPY.
 */
#include "planning_load.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "planner/core/person.h"

enum {
	BLOCK_SLOTS = 4096, /* some 300 kB of COPY: neighbours in time stay neighbours in the table */
	BLOCKS_MAX = 4 * LOAD_JOBS_MAX,
	REDRAW_MS = 100,
	DROP_TIMEOUT_MS = 5000
};

/* Of one campaign. */
struct slot_block {
	const struct planned_campaign *campaign;
	size_t count;
	struct slot_block *next;
	struct planned_slot slots[BLOCK_SLOTS];
};

struct load_job {
	struct planning_load *load;
	int number;
	struct session *session;
	pthread_t thread;
	bool started;
	struct err err;
};

struct planning_load {
	const struct planning *planning;
	struct load_job jobs[LOAD_JOBS_MAX];
	int job_count;
	int32_t plan_run;
	int16_t part;
	char table[32];
	struct slot_block *filling; /* NULL: none; of whoever puts slots */
	pthread_mutex_t mutex;      /* of what follows */
	pthread_cond_t changed;
	struct slot_block *first, *last; /* filled */
	struct slot_block *empty;
	size_t block_count;
	bool ended; /* no more of them are filled */
	atomic_llong written;
	atomic_bool failed;
};

enum status
planning_load_row(struct copy_writer *writer, const struct slot_place *place, const struct planned_slot *slot, struct err *err)
{
	enum status status = copy_writer_row(writer, 9, err);
	copy_writer_int64(writer, slot->recipient_id);
	copy_writer_instant(writer, slot->due_at);
	copy_writer_instant(writer, slot->not_after);
	copy_writer_int32(writer, place->campaign->facts.run_id);
	copy_writer_int32(writer, place->campaign->class_ids[slot->class]);
	copy_writer_int32(writer, place->plan_run);
	copy_writer_int16(writer, person_bucket(slot->recipient_id));
	copy_writer_int16(writer, place->campaign->lane);
	copy_writer_int16(writer, slot->part == PLANNED_NEW ? place->part : slot->part);
	return status;
}

/* Opening ------------------------------------------------------------------------------------------------------------------------------- */

/* Two sessions build an index each: of so many jobs the others are workers, which share the work at the price of more of it. */
static enum status
limit_workers(struct session *session, int jobs, struct err *err)
{
	char workers[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(jobs > 2 ? (jobs - 2) / 2 : 0, workers)};
	return session_query(session, &sql_query_publish_workers, params, 1, NULL, err);
}

static enum status
open_jobs(struct planning_load *load, int jobs, struct err *err)
{
	for (int i = 0; i < jobs; i++) {
		load->jobs[i].load = load;
		load->jobs[i].number = i;
		if (session_clone(load->planning->options.context->session, "daypart plan load", &load->jobs[i].session, err) != STATUS_OK)
			return err->status;
		load->job_count++;
		if (limit_workers(load->jobs[i].session, jobs, err) != STATUS_OK)
			return err->status;
	}
	return STATUS_OK;
}

static enum status
make_table(struct planning_load *load, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(load->jobs[0].session, &sql_query_publish_open_part, NULL, 0, &rows, err);
	if (status != STATUS_OK)
		return status;
	load->part = (int16_t)session_int(rows, 0, 0);
	snprintf(load->table, sizeof load->table, "slot_%d", load->part);
	PQclear(rows);
	return STATUS_OK;
}

enum status
planning_load_open(const struct planning *planning, int jobs, struct planning_load **out, int16_t *out_part, struct err *err)
{
	struct planning_load *load = calloc(1, sizeof *load);
	if (load == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory while publishing");
	load->planning = planning;
	pthread_mutex_init(&load->mutex, NULL);
	pthread_cond_init(&load->changed, NULL);
	enum status status = open_jobs(load, jobs < LOAD_JOBS_MAX ? jobs : LOAD_JOBS_MAX, err);
	if (status == STATUS_OK)
		status = make_table(load, err);
	if (status != STATUS_OK || load->part == 0)
		planning_load_close(&load, LOAD_DROP);
	*out = load;
	*out_part = load != NULL ? load->part : 0;
	return status;
}

/* Blocks -------------------------------------------------------------------------------------------------------------------------------- */

static struct timespec
soon(void)
{
	struct timespec at;
	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_nsec += REDRAW_MS * 1000000L;
	at.tv_sec += at.tv_nsec / 1000000000L;
	at.tv_nsec %= 1000000000L;
	return at;
}

static bool
is_given_up(const struct planning_load *load)
{
	return atomic_load(&load->failed) || atomic_load_explicit(load->planning->options.context->cancelled, memory_order_relaxed);
}

static void
give_up(struct planning_load *load)
{
	pthread_mutex_lock(&load->mutex);
	atomic_store(&load->failed, true);
	pthread_cond_broadcast(&load->changed);
	pthread_mutex_unlock(&load->mutex);
}

/* A signal that cancels wakes nobody: who waits looks again before long. */
static void
wait_for_change(struct planning_load *load)
{
	const struct timespec until = soon();
	(void)pthread_cond_timedwait(&load->changed, &load->mutex, &until);
}

/* NULL: there will be no more. */
static struct slot_block *
take_filled(struct planning_load *load)
{
	pthread_mutex_lock(&load->mutex);
	while (load->first == NULL && !load->ended && !is_given_up(load))
		wait_for_change(load);
	struct slot_block *block = is_given_up(load) ? NULL : load->first;
	if (block != NULL)
		load->first = block->next;
	pthread_mutex_unlock(&load->mutex);
	return block;
}

static void
give_back(struct planning_load *load, struct slot_block *block)
{
	pthread_mutex_lock(&load->mutex);
	block->next = load->empty;
	load->empty = block;
	pthread_cond_broadcast(&load->changed);
	pthread_mutex_unlock(&load->mutex);
}

static void
queue_filling(struct planning_load *load)
{
	struct slot_block *block = load->filling;
	load->filling = NULL;
	block->next = NULL;
	pthread_mutex_lock(&load->mutex);
	*(load->first == NULL ? &load->first : &load->last->next) = block;
	load->last = block;
	pthread_cond_broadcast(&load->changed);
	pthread_mutex_unlock(&load->mutex);
}

/* NULL: given up, or no memory. */
static struct slot_block *
take_empty(struct planning_load *load)
{
	struct slot_block *block = NULL;
	pthread_mutex_lock(&load->mutex);
	while (load->empty == NULL && load->block_count == BLOCKS_MAX && !is_given_up(load))
		wait_for_change(load);
	if (load->empty != NULL) {
		block = load->empty;
		load->empty = block->next;
	} else if (load->block_count < BLOCKS_MAX && (block = malloc(sizeof *block)) != NULL)
		load->block_count++;
	pthread_mutex_unlock(&load->mutex);
	return block;
}

static void
free_blocks(struct slot_block *first)
{
	while (first != NULL) {
		struct slot_block *next = first->next;
		free(first);
		first = next;
	}
}

/* One job ------------------------------------------------------------------------------------------------------------------------------- */

static enum status
write_block(struct load_job *job, struct copy_writer *writer, const struct slot_block *block)
{
	struct planning_load *load = job->load;
	const struct slot_place place = {block->campaign, load->plan_run, load->part};
	enum status status = STATUS_OK;
	for (size_t i = 0; i < block->count && status == STATUS_OK; i++)
		status = planning_load_row(writer, &place, &block->slots[i], &job->err);
	atomic_fetch_add(&load->written, (long long)block->count);
	return status;
}

static enum status
copy_rows(struct load_job *job)
{
	struct planning_load *load = job->load;
	struct copy_writer *writer;
	enum status status = copy_writer_open(job->session, &sql_query_publish_copy_slots, load->table, &writer, &job->err);
	if (status != STATUS_OK)
		return status;
	struct slot_block *block;
	while (status == STATUS_OK && (block = take_filled(load)) != NULL) {
		status = write_block(job, writer, block);
		give_back(load, block);
	}
	int64_t rows = 0;
	if (status == STATUS_OK && is_given_up(load))
		status = err_set(&job->err, STATUS_CANCELLED, "cancelled");
	if (status == STATUS_OK)
		status = copy_writer_finish(writer, &rows, &job->err);
	copy_writer_free(&writer);
	return status;
}

static enum status
build_index(struct load_job *job, const struct sql_statement *statement)
{
	char part[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(job->load->part, part)};
	return session_query(job->session, statement, params, 1, NULL, &job->err);
}

static void *
run_job(void *argument)
{
	struct load_job *job = argument;
	enum status status = copy_rows(job);
	if (status == STATUS_OK && job->number == 0)
		status = build_index(job, &sql_query_publish_index_by_person);
	if (status == STATUS_OK && job->number == job->load->job_count - 1)
		status = build_index(job, &sql_query_publish_index_by_time);
	if (status != STATUS_OK)
		give_up(job->load);
	return NULL;
}

/* All jobs ------------------------------------------------------------------------------------------------------------------------------ */

enum status
planning_load_start(struct planning_load *load, int32_t plan_run, struct err *err)
{
	load->plan_run = plan_run;
	for (int i = 0; i < load->job_count; i++) {
		if (pthread_create(&load->jobs[i].thread, NULL, run_job, &load->jobs[i]) != 0) {
			give_up(load);
			return err_set(err, STATUS_NO_MEMORY, "no more threads to be had");
		}
		load->jobs[i].started = true;
	}
	return STATUS_OK;
}

static void
join(struct load_job *job, struct progress *progress)
{
	if (!job->started)
		return;
	while (progress != NULL) {
		const struct timespec until = soon();
		if (pthread_timedjoin_np(job->thread, NULL, &until) != ETIMEDOUT) {
			job->started = false;
			return;
		}
		progress_show(progress, atomic_load(&job->load->written));
	}
	pthread_join(job->thread, NULL);
	job->started = false;
}

/* The first error that is one, rather than a job that gave up because of another. */
static enum status
first_error(const struct planning_load *load, struct err *err)
{
	const struct err *first = NULL;
	for (int i = 0; i < load->job_count; i++)
		if (load->jobs[i].err.status != STATUS_OK && (first == NULL || first->status == STATUS_CANCELLED))
			first = &load->jobs[i].err;
	if (first == NULL)
		return STATUS_OK;
	*err = *first;
	return err->status;
}

/* What stopped whoever puts slots: a job's failure, when there is one. */
static enum status
tell_failure(struct planning_load *load, struct err *err)
{
	const bool failed = is_given_up(load);
	give_up(load);
	for (int i = 0; i < load->job_count; i++)
		join(&load->jobs[i], NULL);
	if (first_error(load, err) != STATUS_OK)
		return err->status;
	return failed ? err_set(err, STATUS_CANCELLED, "cancelled") : err_set(err, STATUS_NO_MEMORY, "out of memory while publishing");
}

enum status
planning_load_put(struct planning_load *load, const struct planned_campaign *campaign, const struct planned_slot *slot, struct err *err)
{
	struct slot_block *block = load->filling;
	if (block != NULL && (block->campaign != campaign || block->count == BLOCK_SLOTS)) {
		queue_filling(load);
		block = NULL;
	}
	if (block == NULL) {
		if (is_given_up(load) || (block = take_empty(load)) == NULL)
			return tell_failure(load, err);
		block->campaign = campaign;
		block->count = 0;
		load->filling = block;
	}
	block->slots[block->count++] = *slot;
	return STATUS_OK;
}

enum status
planning_load_end(struct planning_load *load, struct err *err)
{
	if (load->filling != NULL)
		queue_filling(load);
	pthread_mutex_lock(&load->mutex);
	load->ended = true;
	pthread_cond_broadcast(&load->changed);
	pthread_mutex_unlock(&load->mutex);
	return is_given_up(load) ? tell_failure(load, err) : STATUS_OK;
}

enum status
planning_load_finish(struct planning_load *load, struct progress *progress, struct err *err)
{
	for (int i = 0; i < load->job_count; i++)
		join(&load->jobs[i], progress);
	return first_error(load, err);
}

/* In a session of its own: those of the jobs may have been cancelled, and this must not be. What cannot be dropped now, because a COMMIT whose answer
 * was lost goes on in the server, say, is left to the next plan. */
static void
drop_table(const struct planning_load *load)
{
	const struct session_options options = {.conninfo = load->planning->options.context->settings.database,
		.application = "daypart plan load",
		.statement_timeout_ms = DROP_TIMEOUT_MS};
	struct session *session;
	struct err err = ERR_INIT;
	char part[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(load->part, part)};
	enum status status = session_open(&options, &session, &err);
	if (status == STATUS_OK)
		status = session_query(session, &sql_query_publish_drop_part, params, 1, NULL, &err);
	if (status != STATUS_OK)
		log_message(SEVERITY_INFO, "the next plan drops table %s: %s", load->table, err.primary);
	session_close(&session);
}

void
planning_load_close(struct planning_load **load, enum load_end end)
{
	struct planning_load *gone = *load;
	*load = NULL;
	if (gone == NULL)
		return;
	give_up(gone);
	for (int i = 0; i < gone->job_count; i++)
		join(&gone->jobs[i], NULL);
	if (end == LOAD_DROP && gone->part > 0)
		drop_table(gone);
	for (int i = 0; i < gone->job_count; i++)
		session_close(&gone->jobs[i].session);
	free_blocks(gone->first);
	free_blocks(gone->empty);
	free(gone->filling);
	pthread_cond_destroy(&gone->changed);
	pthread_mutex_destroy(&gone->mutex);
	free(gone);
}
