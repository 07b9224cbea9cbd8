/*
 * A message passes through four lists: waiting (for the wire), with the wire (which only counts), answered, and settling (in the statement under way).
 * Everything ends in pass_on(), which moves what can be moved; an answer that comes from within send() or close() is only noted, because
 * pass_on() is at work above it. One settling statement is under way at most, so what is answered meanwhile becomes the next batch: batches grow
 * with the load by themselves.
 *
 * Recording is repeated until it succeeds: a row that is settled already is left alone by the statement. An answer that the database refuses for
 * a value in it is cut off from its neighbours by halving, and then left: its message stays in flight and becomes uncertain when the lease ends.
 *
 * Looking for what was left behind is another statement, one at a time as well.
 */
#include "flight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "conf/settings.h"
#include "flight_record.h"
#include "flown.h"
#include "lane.h"
#include "policy/backoff.h"

enum {
	SETTLE_MAX = 1000,       /* messages in one statement */
	ASK_MAX = 100,           /* of which the sink is asked at a time */
	UNREAD_MAX = 64,         /* claims whose messages could not be read; one more is found when the lease ends */
	WAIT_MAX_US = 1000000,   /* what was looked at longer ago is looked at again */
	TICK_MS = 100,           /* while somebody waits for room */
	ABANDON_AFTER_MS = 10000 /* of trying to record the last answers */
};

struct unread {
	struct lane *lane;
	struct flight_claim claim;
};

struct flight {
	struct flight_options options;
	const struct sink_wire *wire; /* NULL: a sink inside the database */
	void *state;                  /* the wire's; NULL when it is closed */
	uv_timer_t tick, drain, retry;
	int open_handles;
	size_t limit, reserved, with_wire;
	struct flown_list waiting, answered, settling;
	bool passing; /* pass_on is at work */
	bool starved; /* somebody asked for room in vain */
	bool draining, abandoned, closing;
	struct flight_tally tally;

	struct work settle_work;
	bool settle_busy, settle_paused;
	struct backoff settle_backoff;
	size_t settle_most; /* SETTLE_MAX, or less while a bad answer is looked for */
	struct flight_record record;
	struct flown *items[SETTLE_MAX];

	struct work look_work;
	bool look_busy;
	struct unread unread[UNREAD_MAX], reading; /* the first is read by the look under way */
	size_t unread_count, ask_most;
	PGresult *look_rows;
	bool look_read, look_now_is_given;
	struct instant look_now;
	int64_t recovered;
};

static void pass_on(struct flight *flight);
static void watch_room(struct flight *flight);

/* Lists ------------------------------------------------------------------------------------------------------------------------------------- */

void
flown_list_clear(struct flown_list *list)
{
	*list = (struct flown_list){.first = NULL};
	list->last = &list->first;
}

void
flown_list_append(struct flown_list *list, struct flown *flown)
{
	flown->following = NULL;
	*list->last = flown;
	list->last = &flown->following;
	list->count++;
}

struct flown *
flown_list_take(struct flown_list *list)
{
	struct flown *flown = list->first;

	if (flown == NULL)
		return NULL;
	list->first = flown->following;
	if (list->first == NULL)
		list->last = &list->first;
	list->count--;
	return flown;
}

static void
forget(struct flown *flown)
{
	struct flown_batch *batch = flown->batch;

	if (flown->lane != NULL)
		lane_count_flown(flown->lane, -1);
	if (--batch->open > 0)
		return;
	PQclear(batch->rows);
	free(batch->items);
	free(batch);
}

/* Room -------------------------------------------------------------------------------------------------------------------------------------- */

static size_t
held(const struct flight *flight)
{
	return flight->reserved + flight->waiting.count + flight->with_wire + flight->answered.count + flight->settling.count;
}

static size_t
wire_room(const struct flight *flight)
{
	return flight->state != NULL ? flight->wire->room(flight->state) : 0;
}

static size_t
room(const struct flight *flight)
{
	const size_t taken = held(flight), promised = flight->waiting.count + flight->reserved, of_wire = wire_room(flight);
	const size_t own = flight->limit > taken ? flight->limit - taken : 0;

	if (flight->draining || of_wire <= promised)
		return 0;
	return own < of_wire - promised ? own : of_wire - promised;
}

/* Half of what is left, so that one sender does not take the room of all. */
size_t
flight_reserve(struct flight *flight, size_t wanted)
{
	const size_t share = (room(flight) + 1) / 2;
	const size_t given = wanted < share ? wanted : share;

	flight->reserved += given;
	if (given == 0 && !flight->draining) {
		flight->starved = true;
		watch_room(flight);
	}
	return given;
}

void
flight_give_back(struct flight *flight, size_t count)
{
	assert(count <= flight->reserved);
	flight->reserved -= count;
}

/* Answers ----------------------------------------------------------------------------------------------------------------------------------- */

/* What a provider says is for people to read and has no say in how it is stored. */
static void
copy_words(char out[FLOWN_WORDS_MAX], const char *text)
{
	size_t length = 0;

	for (; text != NULL && text[length] != '\0' && length < FLOWN_WORDS_MAX - 1; length++)
		out[length] = text[length] >= ' ' && text[length] <= '~' ? text[length] : '?';
	out[length] = '\0';
}

static void
end_with(struct flown *flown, struct answer_fate fate)
{
	flown->fate = fate;
	flown->next = slot_step(SLOT_IN_FLIGHT, fate.event);
	flown_list_append(&flown->flight->answered, flown);
}

static void
note_answer(const struct flown *flown)
{
	const enum severity severity = flown->action == PROVIDER_UNCERTAIN ? SEVERITY_WARNING : SEVERITY_DEBUG;

	if (flown->action != PROVIDER_ACCEPTED)
		log_message(severity, "sender %s: message %s, attempt %d: %s%s%s%s%s", flown->message.sender, flown->message.key,
			flown->message.attempt, provider_action_name(flown->action), flown->code[0] != '\0' ? ", code " : "", flown->code,
			flown->words[0] != '\0' ? ": " : "", flown->words);
}

static void
on_answer(struct message *message, const struct sink_answer *answer)
{
	struct flown *flown = message->context;
	struct flight *flight = flown->flight;

	assert(flight->with_wire > 0);
	flight->with_wire--;
	flown->action = answer->action;
	copy_words(flown->provider_id, answer->provider_id);
	copy_words(flown->code, answer->code);
	copy_words(flown->words, answer->text);
	note_answer(flown);
	if (flown->lane != NULL && answer->action == PROVIDER_RETRY_SENDER)
		lane_slow_down(flown->lane);
	end_with(flown,
		answer_fate(&(struct answer_facts){.action = answer->action,
			.attempt = message->attempt,
			.now = clock_now(flight->options.clock),
			.retry_after = answer->retry_after,
			.seed = (uint64_t)message->recipient_id}));
	pass_on(flight);
}

/* Handing over ------------------------------------------------------------------------------------------------------------------------------ */

/* As if it had not been claimed; when it is too late for it, its campaign's catch-up is asked. */
static void
take_back(struct flown *flown)
{
	end_with(flown, (struct answer_fate){.event = SLOT_RETRY});
}

static bool
may_leave(const struct flight *flight, const struct flown *flown)
{
	const struct clock *clock = flight->options.clock;
	const int64_t waited_us = lane_steady_now().us - flown->read_at.us;

	return !flight->draining && lane_is_held(flown->lane) && lane_epoch(flown->lane) == flown->epoch && waited_us <= WAIT_MAX_US &&
		clock_now(clock).us < flown->message.not_after.us - flight->options.settings->release_commit_margin.us;
}

static void
hand_over(struct flight *flight, struct flown *flown)
{
	flown->left = true;
	flown->left_at = clock_now(flight->options.clock);
	flight->with_wire++;
	flight->wire->send(flight->state, &flown->message);
}

static void
empty_waiting(struct flight *flight)
{
	while (flight->waiting.first != NULL) {
		const bool leaves = may_leave(flight, flight->waiting.first);

		if (leaves && wire_room(flight) == 0)
			return;
		if (leaves)
			hand_over(flight, flown_list_take(&flight->waiting));
		else
			take_back(flown_list_take(&flight->waiting));
	}
}

/* Recording --------------------------------------------------------------------------------------------------------------------------------- */

static enum status
run_settle(struct work *work, struct session *session)
{
	struct flight *flight = work->owner;

	return flight_record(session, &flight->record, &work->err);
}

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
forget_settled(struct flight *flight)
{
	struct flown *flown;

	while ((flown = flown_list_take(&flight->settling)) != NULL) {
		if (flown->next == SLOT_QUEUED && flown->lane != NULL && !flight->draining)
			flight->options.on_back(flight->options.owner, flown->lane);
		forget(flown);
	}
}

static void
note_settled(struct flight *flight)
{
	add_tally(&flight->tally, &flight->record.tally);
	for (size_t i = 0; i < flight->record.rest_count; i++)
		flight->options.on_rest(flight->options.owner, flight->record.rests[i].lane_id, flight->record.rests[i].until);
	forget_settled(flight);
	backoff_reset(&flight->settle_backoff);
	flight->settle_most = flight->settle_most * 2 < SETTLE_MAX ? flight->settle_most * 2 : SETTLE_MAX;
}

/* They go first the next time. */
static void
put_back(struct flight *flight)
{
	struct flown_list all;
	struct flown *flown;

	flown_list_clear(&all);
	while ((flown = flown_list_take(&flight->settling)) != NULL)
		flown_list_append(&all, flown);
	while ((flown = flown_list_take(&flight->answered)) != NULL)
		flown_list_append(&all, flown);
	while ((flown = flown_list_take(&all)) != NULL)
		flown_list_append(&flight->answered, flown);
}

static void
on_retry(uv_timer_t *timer)
{
	struct flight *flight = timer->data;

	flight->settle_paused = false;
	pass_on(flight);
}

/* A bad answer is looked for at once, a server in trouble is given time. Outages are logged by the pool. */
static void
note_unsettled(struct flight *flight)
{
	const struct work *work = &flight->settle_work;
	const bool is_theirs = work->offline || work->status == STATUS_TRANSIENT || work->status == STATUS_UNCERTAIN;

	if (!is_theirs && flight->settling.count == 1) {
		log_message(
			SEVERITY_ERROR, "message %s: what became of it cannot be recorded, so it stays in flight", flight->settling.first->message.key);
		log_err(SEVERITY_ERROR, &work->err);
		flight->settling.first->next = SLOT_IN_FLIGHT;
		forget_settled(flight);
		return;
	}
	if (!is_theirs)
		flight->settle_most = (flight->settling.count + 1) / 2;
	put_back(flight);
	if (is_theirs) {
		flight->settle_paused = true;
		uv_timer_start(&flight->retry, on_retry, (uint64_t)backoff_next(&flight->settle_backoff).us / 1000 + 1, 0);
	}
}

static void
settle_done(struct work *work)
{
	struct flight *flight = work->owner;

	flight->settle_busy = false;
	if (work->status == STATUS_OK)
		note_settled(flight);
	else
		note_unsettled(flight);
	pass_on(flight);
	flight->options.on_change(flight->options.owner);
}

static void
settle(struct flight *flight)
{
	size_t count = 0;

	if (flight->settle_busy || flight->settle_paused || flight->answered.count == 0)
		return;
	while (count < flight->settle_most && flight->answered.first != NULL) {
		flight->items[count] = flown_list_take(&flight->answered);
		flown_list_append(&flight->settling, flight->items[count++]);
	}
	flight->record.moment = clock_now(flight->options.clock);
	flight->record.margin = flight->options.settings->release_commit_margin;
	flight->record.items = flight->items;
	flight->record.count = count;
	flight->settle_busy = true;
	worker_pool_submit(flight->options.pool, &flight->settle_work);
}

/* Moving on --------------------------------------------------------------------------------------------------------------------------------- */

static void
on_tick(uv_timer_t *timer)
{
	pass_on(timer->data);
}

/* A wire does not tell when it takes something again, so it is asked while that matters. */
static void
watch_room(struct flight *flight)
{
	const bool wanted = (flight->starved || flight->waiting.count > 0) && !flight->closing;

	if (wanted && !uv_is_active((uv_handle_t *)&flight->tick))
		uv_timer_start(&flight->tick, on_tick, TICK_MS, TICK_MS);
	if (!wanted)
		uv_timer_stop(&flight->tick);
}

static void
pass_on(struct flight *flight)
{
	if (flight->passing)
		return;
	flight->passing = true;
	if (flight->wire != NULL)
		empty_waiting(flight);
	settle(flight);
	flight->passing = false;
	if (flight->starved && room(flight) > 0) {
		flight->starved = false;
		flight->options.on_room(flight->options.owner);
	}
	watch_room(flight);
}

void
flight_take(struct flight *flight, struct lane *lane, const struct flight_claim *claim, PGresult *rows)
{
	const struct instant read_at = lane_steady_now();
	struct flown_batch *batch = flight_parse(rows, claim);
	const size_t count = batch != NULL ? batch->open : 0;

	for (size_t i = 0; i < count; i++) {
		struct flown *flown = &batch->items[i];

		flown->flight = flight;
		flown->lane = lane;
		flown->read_at = read_at;
		lane_count_flown(lane, 1);
		flown_list_append(&flight->waiting, flown);
	}
	pass_on(flight);
}

/* Looking for what was left behind ---------------------------------------------------------------------------------------------------------- */

void
flight_reread(struct flight *flight, struct lane *lane, const struct flight_claim *claim)
{
	if (flight->unread_count < UNREAD_MAX)
		flight->unread[flight->unread_count++] = (struct unread){lane, *claim};
	else
		log_message(SEVERITY_ERROR, "sender %s: the messages of a claim could not be read; they will be uncertain", lane_name(lane));
	if (flight->draining)
		flight_look(flight); /* nobody else will */
}

static enum status
run_look(struct work *work, struct session *session)
{
	struct flight *flight = work->owner;
	const struct instant *now = flight->look_now_is_given ? &flight->look_now : NULL;

	flight->look_rows = NULL;
	if (flight_recover(session, now, &flight->recovered, &work->err) != STATUS_OK)
		return work->err.status;
	if (flight->look_read)
		return flight_read(session, &flight->reading.claim, &flight->look_rows, &work->err);
	if (flight->ask_most > 0)
		return flight_read_uncertain(session, flight->ask_most, now, &flight->look_rows, &work->err);
	return STATUS_OK;
}

static void
ask(struct flight *flight, PGresult *rows)
{
	struct flown_batch *batch = flight_parse(rows, NULL);
	const size_t count = batch != NULL ? batch->open : 0;

	flight->passing = true;
	for (size_t i = 0; i < count; i++) {
		struct flown *flown = &batch->items[i];

		flown->flight = flight;
		flown->left = true;
		flight->with_wire++;
		flight->wire->ask(flight->state, &flown->message);
	}
	flight->passing = false;
	pass_on(flight);
}

static void
take_look(struct flight *flight)
{
	if (flight->recovered > 0)
		log_message(SEVERITY_WARNING,
			"%lld messages were in flight when their daypartd ended: nobody knows whether they were sent; see daypart settle",
			(long long)flight->recovered);
	if (flight->look_read) {
		flight->unread_count--;
		memmove(flight->unread, flight->unread + 1, flight->unread_count * sizeof(flight->unread[0]));
		flight_take(flight, flight->reading.lane, &flight->reading.claim, flight->look_rows);
	} else if (flight->look_rows != NULL && flight->state != NULL) {
		ask(flight, flight->look_rows);
	} else {
		PQclear(flight->look_rows);
	}
}

static void
look_done(struct work *work)
{
	struct flight *flight = work->owner;

	flight->look_busy = false;
	if (work->status == STATUS_OK)
		take_look(flight);
	else if (!work->offline)
		log_err(SEVERITY_ERROR, &work->err);
	if (work->status == STATUS_OK && flight->unread_count > 0)
		flight_look(flight);
	flight->options.on_change(flight->options.owner);
}

static bool
can_ask(const struct flight *flight)
{
	return flight->state != NULL && !flight->draining && flight->wire->can_ask != NULL && flight->wire->can_ask(flight->state);
}

void
flight_look(struct flight *flight)
{
	if (flight->look_busy)
		return;
	flight->look_busy = true;
	flight->look_read = flight->unread_count > 0;
	if (flight->look_read)
		flight->reading = flight->unread[0];
	flight->ask_most = can_ask(flight) ? (room(flight) + 1) / 2 : 0;
	if (flight->ask_most > ASK_MAX)
		flight->ask_most = ASK_MAX;
	flight->look_now = clock_now(flight->options.clock);
	flight->look_now_is_given = flight->options.clock->kind->simulated;
	worker_pool_submit(flight->options.pool, &flight->look_work);
}

/* Ending ------------------------------------------------------------------------------------------------------------------------------------ */

bool
flight_is_idle(const struct flight *flight)
{
	return flight->abandoned ? !flight->settle_busy && !flight->look_busy : held(flight) + flight->unread_count == 0 && !flight->look_busy;
}

bool
flight_is_over(const struct flight *flight)
{
	return flight->state != NULL && flight->wire->is_over != NULL && flight->wire->is_over(flight->state);
}

struct flight_tally
flight_tally(const struct flight *flight)
{
	return flight->tally;
}

static void
on_abandon(uv_timer_t *timer)
{
	struct flight *flight = timer->data;

	log_message(SEVERITY_ERROR, "what became of %zu messages could not be recorded: they will be uncertain", held(flight));
	flight->abandoned = true;
	flight->options.on_change(flight->options.owner);
}

/* Whoever has not answered by now is cut off. */
static void
cut_wire(struct flight *flight)
{
	if (flight->state != NULL)
		flight->wire->close(&flight->state);
	flight->state = NULL;
	pass_on(flight);
}

static void
on_drained(uv_timer_t *timer)
{
	struct flight *flight = timer->data;

	cut_wire(flight);
	uv_timer_start(&flight->drain, on_abandon, ABANDON_AFTER_MS, 0);
	flight->options.on_change(flight->options.owner);
}

void
flight_drain(struct flight *flight)
{
	if (flight->draining)
		return;
	flight->draining = true;
	flight->starved = false;
	uv_timer_start(&flight->drain, on_drained, (uint64_t)flight->options.settings->release_drain.us / 1000, 0);
	pass_on(flight);
	if (flight->unread_count > 0)
		flight_look(flight);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct flight *flight = handle->data;

	if (--flight->open_handles > 0)
		return;
	flight_record_clear(&flight->record);
	free(flight);
}

static void
forget_all(struct flown_list *list)
{
	struct flown *flown;

	while ((flown = flown_list_take(list)) != NULL)
		forget(flown);
}

void
flight_close(struct flight **flight)
{
	struct flight *gone = *flight;

	*flight = NULL;
	assert(flight_is_idle(gone));
	gone->draining = gone->closing = gone->settle_paused = true;
	cut_wire(gone);
	forget_all(&gone->waiting);
	forget_all(&gone->answered);
	uv_close((uv_handle_t *)&gone->tick, on_handle_closed);
	uv_close((uv_handle_t *)&gone->drain, on_handle_closed);
	uv_close((uv_handle_t *)&gone->retry, on_handle_closed);
}

/* Beginning --------------------------------------------------------------------------------------------------------------------------------- */

static void
open_timer(struct flight *flight, uv_timer_t *timer)
{
	uv_timer_init(flight->options.loop, timer);
	timer->data = flight;
	flight->open_handles++;
}

enum status
flight_open(const struct flight_options *options, struct flight **out, struct err *err)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	*out = NULL;
	if (flight == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	flight->options = *options;
	flight->wire = options->sink->wire;
	flight->limit = (size_t)options->settings->release_in_flight;
	flight->settle_most = SETTLE_MAX;
	flight->settle_backoff = (struct backoff){.least = {US_PER_SECOND / 10}, .most = {5 * US_PER_SECOND}, .seed = uv_hrtime()};
	flight->settle_work = (struct work){.run = run_settle, .done = settle_done, .owner = flight};
	flight->look_work = (struct work){.run = run_look, .done = look_done, .owner = flight};
	flown_list_clear(&flight->waiting);
	flown_list_clear(&flight->answered);
	flown_list_clear(&flight->settling);
	if (flight->wire != NULL && flight->wire->open(options->loop, options->settings, on_answer, &flight->state, err) != STATUS_OK) {
		free(flight);
		return err->status;
	}
	open_timer(flight, &flight->tick);
	open_timer(flight, &flight->drain);
	open_timer(flight, &flight->retry);
	*out = flight;
	return STATUS_OK;
}
