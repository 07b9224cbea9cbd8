#include "flight_settle.h"

#include <assert.h>
#include <stdlib.h>

#include "conf/log.h"
#include "flight_record.h"
#include "policy/backoff.h"

enum { BATCH_MAX = 1000 }; /* messages in one statement */

struct flight_settle {
	struct flight_settle_options options;
	uv_timer_t retry;
	struct flown_list answered, settling;
	struct work work;
	bool busy, paused;
	struct backoff backoff;
	size_t most; /* BATCH_MAX, or less while a bad answer is looked for */
	struct flight_record record;
	struct flight_tally tally;
	struct flown *items[BATCH_MAX];
};

static void
add_tally(struct flight_tally *tally, const struct flight_tally *more)
{
	tally->handed_over += more->handed_over;
	tally->refused += more->refused;
	tally->expired += more->expired;
	tally->failed += more->failed;
	tally->held += more->held;
	tally->queued += more->queued;
	tally->uncertain += more->uncertain;
}

static void
end_settling(struct flight_settle *settle)
{
	struct flown *flown;

	while ((flown = flown_list_take(&settle->settling)) != NULL)
		settle->options.on_settled(settle->options.owner, flown);
}

static void
note_settled(struct flight_settle *settle)
{
	add_tally(&settle->tally, &settle->record.tally);
	for (size_t i = 0; i < settle->record.rest_count; i++)
		settle->options.on_rest(settle->options.owner, settle->record.rests[i].lane_id, settle->record.rests[i].until);
	end_settling(settle);
	backoff_reset(&settle->backoff);
	settle->most = settle->most * 2 < BATCH_MAX ? settle->most * 2 : BATCH_MAX;
}

/* They go first the next time. */
static void
put_back(struct flight_settle *settle)
{
	struct flown_list all;
	struct flown *flown;

	flown_list_clear(&all);
	while ((flown = flown_list_take(&settle->settling)) != NULL)
		flown_list_append(&all, flown);
	while ((flown = flown_list_take(&settle->answered)) != NULL)
		flown_list_append(&all, flown);
	while ((flown = flown_list_take(&all)) != NULL)
		flown_list_append(&settle->answered, flown);
}

static void
on_retry(uv_timer_t *timer)
{
	struct flight_settle *settle = timer->data;

	settle->paused = false;
	flight_settle_pass(settle);
}

/* A bad answer is looked for at once, a server in trouble is given time. Outages are logged by the pool. */
static void
note_unsettled(struct flight_settle *settle)
{
	const struct work *work = &settle->work;
	const bool is_theirs = work->offline || work->status == STATUS_TRANSIENT || work->status == STATUS_UNCERTAIN;

	if (!is_theirs && settle->settling.count == 1) {
		log_message(
			SEVERITY_ERROR, "message %s: what became of it cannot be recorded, so it stays in flight", settle->settling.first->message.key);
		log_err(SEVERITY_ERROR, &work->err);
		settle->settling.first->next = SLOT_IN_FLIGHT;
		end_settling(settle);
		return;
	}
	if (!is_theirs)
		settle->most = (settle->settling.count + 1) / 2;
	put_back(settle);
	if (is_theirs) {
		settle->paused = true;
		uv_timer_start(&settle->retry, on_retry, (uint64_t)backoff_next(&settle->backoff).us / 1000 + 1, 0);
	}
}

static enum status
run(struct work *work, struct session *session)
{
	struct flight_settle *settle = work->owner;

	return flight_record(session, &settle->record, &work->err);
}

static void
done(struct work *work)
{
	struct flight_settle *settle = work->owner;

	settle->busy = false;
	if (work->status == STATUS_OK)
		note_settled(settle);
	else
		note_unsettled(settle);
	settle->options.on_done(settle->options.owner);
}

void
flight_settle_add(struct flight_settle *settle, struct flown *flown)
{
	flown_list_append(&settle->answered, flown);
}

void
flight_settle_pass(struct flight_settle *settle)
{
	size_t count = 0;

	if (settle->busy || settle->paused || settle->answered.count == 0)
		return;
	while (count < settle->most && settle->answered.first != NULL) {
		settle->items[count] = flown_list_take(&settle->answered);
		flown_list_append(&settle->settling, settle->items[count++]);
	}
	settle->record.moment = clock_now(settle->options.clock);
	settle->record.margin = settle->options.margin;
	settle->record.items = settle->items;
	settle->record.count = count;
	settle->busy = true;
	worker_pool_submit(settle->options.pool, &settle->work);
}

size_t
flight_settle_count(const struct flight_settle *settle)
{
	return settle->answered.count + settle->settling.count;
}

bool
flight_settle_is_busy(const struct flight_settle *settle)
{
	return settle->busy;
}

struct flight_tally
flight_settle_tally(const struct flight_settle *settle)
{
	return settle->tally;
}

enum status
flight_settle_open(const struct flight_settle_options *options, struct flight_settle **out, struct err *err)
{
	struct flight_settle *settle = calloc(1, sizeof(*settle));

	*out = NULL;
	if (settle == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	settle->options = *options;
	settle->most = BATCH_MAX;
	settle->backoff = (struct backoff){.least = {US_PER_SECOND / 10}, .most = {5 * US_PER_SECOND}, .seed = uv_hrtime()};
	settle->work = (struct work){.run = run, .done = done, .owner = settle};
	flown_list_clear(&settle->answered);
	flown_list_clear(&settle->settling);
	uv_timer_init(options->loop, &settle->retry);
	settle->retry.data = settle;
	*out = settle;
	return STATUS_OK;
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct flight_settle *settle = handle->data;

	flight_record_clear(&settle->record);
	free(settle);
}

void
flight_settle_close(struct flight_settle **settle)
{
	struct flight_settle *gone = *settle;

	*settle = NULL;
	assert(!gone->busy);
	flown_list_forget(&gone->answered);
	uv_close((uv_handle_t *)&gone->retry, on_handle_closed);
}
