/*
 * How it works: every job is a thread with a session of its own. It takes the next block of slots, of whichever campaign, until there is none, and
 * then the first two jobs build an index each. Nothing has to wait for the other jobs: the lock that an index is built under waits until they
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
	REDRAW_MS = 100,
	DROP_TIMEOUT_MS = 5000
};

struct load_job {
	struct planning_load *load;
	int number;
	struct session *session;
	pthread_t thread;
	bool started;
	struct planned_slot slots[BLOCK_SLOTS]; /* of the block */
	struct err err;
};

struct planning_load {
	const struct planning *planning;
	struct load_job jobs[LOAD_JOBS_MAX];
	int job_count;
	int32_t plan_run;
	int16_t part;
	char table[32];
	atomic_size_t next_block;
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

static enum status
open_jobs(struct planning_load *load, int jobs, struct err *err)
{
	for (int i = 0; i < jobs; i++) {
		load->jobs[i].load = load;
		load->jobs[i].number = i;
		if (session_clone(load->planning->options.context->session, "daypart plan load", &load->jobs[i].session, err) != STATUS_OK)
			return err->status;
		load->job_count++;
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
	enum status status = open_jobs(load, jobs < LOAD_JOBS_MAX ? jobs : LOAD_JOBS_MAX, err);
	if (status == STATUS_OK)
		status = make_table(load, err);
	if (status != STATUS_OK || load->part == 0)
		planning_load_close(&load, LOAD_DROP);
	*out = load;
	*out_part = load != NULL ? load->part : 0;
	return status;
}

/* One job ------------------------------------------------------------------------------------------------------------------------------- */

struct slot_block {
	const struct planned_campaign *campaign;
	size_t first, end;
};

/* The next block that no job has taken; false: there is none. */
static bool
take_block(struct planning_load *load, struct slot_block *out)
{
	size_t number = atomic_fetch_add(&load->next_block, 1);
	for (size_t i = 0; i < load->planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &load->planning->campaigns[i];
		const size_t slots = campaign->plan != NULL ? run_plan_slot_count(campaign->plan) : 0;
		const size_t blocks = (slots + BLOCK_SLOTS - 1) / BLOCK_SLOTS;
		if (number < blocks) {
			const size_t first = number * BLOCK_SLOTS;
			*out = (struct slot_block){campaign, first, first + BLOCK_SLOTS < slots ? first + BLOCK_SLOTS : slots};
			return true;
		}
		number -= blocks;
	}
	return false;
}

static enum status
write_block(struct load_job *job, struct copy_writer *writer, const struct slot_block *block)
{
	struct planning_load *load = job->load;
	const struct slot_place place = {block->campaign, load->plan_run, load->part};
	const size_t count = block->end - block->first;
	enum status status = run_plan_slots(block->campaign->plan, block->first, count, job->slots, &job->err);
	int64_t written = 0;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		if (job->slots[i].part == PLANNED_NEW && (status = planning_load_row(writer, &place, &job->slots[i], &job->err)) == STATUS_OK)
			written++;
	atomic_fetch_add(&load->written, written);
	return status;
}

static bool
is_given_up(const struct planning_load *load)
{
	return atomic_load(&load->failed) || atomic_load_explicit(load->planning->options.context->cancelled, memory_order_relaxed);
}

static enum status
copy_rows(struct load_job *job)
{
	struct planning_load *load = job->load;
	struct copy_writer *writer;
	enum status status = copy_writer_open(job->session, &sql_query_publish_copy_slots, load->table, &writer, &job->err);
	if (status != STATUS_OK)
		return status;
	struct slot_block block;
	while (status == STATUS_OK && !is_given_up(load) && take_block(load, &block))
		status = write_block(job, writer, &block);
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
		atomic_store(&job->load->failed, true);
	return NULL;
}

/* All jobs ------------------------------------------------------------------------------------------------------------------------------ */

enum status
planning_load_start(struct planning_load *load, int32_t plan_run, struct err *err)
{
	load->plan_run = plan_run;
	for (int i = 0; i < load->job_count; i++) {
		if (pthread_create(&load->jobs[i].thread, NULL, run_job, &load->jobs[i]) != 0) {
			atomic_store(&load->failed, true);
			return err_set(err, STATUS_NO_MEMORY, "no more threads to be had");
		}
		load->jobs[i].started = true;
	}
	return STATUS_OK;
}

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
	atomic_store(&gone->failed, true);
	for (int i = 0; i < gone->job_count; i++)
		join(&gone->jobs[i], NULL);
	if (end == LOAD_DROP && gone->part > 0)
		drop_table(gone);
	for (int i = 0; i < gone->job_count; i++)
		session_close(&gone->jobs[i].session);
	free(gone);
}
