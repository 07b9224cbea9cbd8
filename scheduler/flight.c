/*
 * A message passes from waiting (for the wire) to the wire (which only counts it) and on to flight_settle.h. Everything ends in
 * flight_pass_on(), which moves what can be moved; an answer that comes from within send() or close() is only noted, because flight_pass_on()
 * is at work above it.
 */
#include "flight_private.h"

#include <assert.h>
#include <stdlib.h>

#include "conf/log.h"
#include "conf/settings.h"
#include "flight_record.h"
#include "lane.h"

enum {
	TICK_MS = 100,           /* while somebody waits for room */
	ABANDON_AFTER_MS = 10000 /* of trying to record the last answers */
};

static void watch_room(struct flight *flight);

/* Room -------------------------------------------------------------------------------------------------------------------------------------- */

static size_t
held(const struct flight *flight)
{
	return flight->reserved + flight->waiting.count + flight->with_wire + flight_settle_count(flight->settle);
}

static size_t
room(const struct flight *flight)
{
	const size_t taken = held(flight), promised = flight->waiting.count + flight->reserved, of_wire = flight_wire_room(flight);
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

/* Recorded -------------------------------------------------------------------------------------------------------------------------------- */

static void
on_settled(void *owner, struct flown *flown)
{
	struct flight *flight = owner;

	if (flown->next == SLOT_QUEUED && flown->lane != NULL && !flight->draining)
		flight->options.on_back(flight->options.owner, flown->lane);
	flown_forget(flown);
}

static void
on_rest(void *owner, int16_t lane_id, struct instant until)
{
	struct flight *flight = owner;

	flight->options.on_rest(flight->options.owner, lane_id, until);
}

static void
on_change(void *owner)
{
	struct flight *flight = owner;

	flight_pass_on(flight);
	flight->options.on_change(flight->options.owner);
}

/* Moving on --------------------------------------------------------------------------------------------------------------------------------- */

static void
on_tick(uv_timer_t *timer)
{
	flight_pass_on(timer->data);
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

void
flight_pass_on(struct flight *flight)
{
	if (flight->passing)
		return;
	flight->passing = true;
	if (flight->wire != NULL)
		flight_leave(flight);
	if (!flight->closing)
		flight_settle_pass(flight->settle);
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
		flown->held_epoch = flown->epoch;
		flown->read_at = read_at;
		lane_count_flown(lane, 1);
		flown_list_append(&flight->waiting, flown);
	}
	flight_pass_on(flight);
}

/* What was left behind -------------------------------------------------------------------------------------------------------------------- */

void
flight_reread(struct flight *flight, struct lane *lane, const struct flight_claim *claim)
{
	flight_recover_reread(flight->recover, lane, claim);
	if (flight->draining)
		flight_look(flight); /* nobody else will */
}

static void
on_messages(void *owner, struct lane *lane, const struct flight_claim *claim, PGresult *rows)
{
	flight_take(owner, lane, claim, rows);
}

static bool
can(const struct flight *flight, bool (*what)(const void *state))
{
	return flight->state != NULL && !flight->draining && what != NULL && what(flight->state);
}

static void
on_questions(void *owner, PGresult *rows)
{
	struct flight *flight = owner;

	if (flight->state == NULL || flight->draining) /* what was asked for may not be done any more; it stays uncertain */
		PQclear(rows);
	else if (can(flight, flight->wire->can_repeat))
		flight_repeat(flight, flight_parse(rows, NULL));
	else
		flight_ask(flight, flight_parse(rows, NULL));
}

void
flight_look(struct flight *flight)
{
	const bool repeats = flight->wire != NULL && can(flight, flight->wire->can_repeat);
	const bool asks = flight->wire != NULL && can(flight, flight->wire->can_ask);

	flight_recover_look(flight->recover, repeats || asks ? (room(flight) + 1) / 2 : 0, repeats ? flight->options.lanes : NULL);
}

/* Ending ------------------------------------------------------------------------------------------------------------------------------------ */

bool
flight_is_idle(const struct flight *flight)
{
	if (flight_recover_is_busy(flight->recover))
		return false;
	return flight->abandoned ? !flight_settle_is_busy(flight->settle) : held(flight) + flight_recover_count(flight->recover) == 0;
}

bool
flight_is_over(const struct flight *flight)
{
	return flight->state != NULL && flight->wire->is_over != NULL && flight->wire->is_over(flight->state);
}

struct flight_tally
flight_tally(const struct flight *flight)
{
	return flight_settle_tally(flight->settle);
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
	flight_pass_on(flight);
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
	flight_pass_on(flight);
	if (flight_recover_count(flight->recover) > 0)
		flight_look(flight);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct flight *flight = handle->data;

	if (--flight->open_handles == 0)
		free(flight);
}

void
flight_close(struct flight **flight)
{
	struct flight *gone = *flight;

	*flight = NULL;
	assert(flight_is_idle(gone));
	gone->draining = gone->closing = true;
	cut_wire(gone);
	flown_list_forget(&gone->waiting);
	flight_settle_close(&gone->settle);
	flight_recover_close(&gone->recover);
	uv_close((uv_handle_t *)&gone->tick, on_handle_closed);
	uv_close((uv_handle_t *)&gone->drain, on_handle_closed);
}

/* Beginning --------------------------------------------------------------------------------------------------------------------------------- */

static void
open_timer(struct flight *flight, uv_timer_t *timer)
{
	uv_timer_init(flight->options.loop, timer);
	timer->data = flight;
	flight->open_handles++;
}

static enum status
open_recover(struct flight *flight, struct err *err)
{
	const struct flight_recover_options options = {.pool = flight->options.pool,
		.clock = flight->options.clock,
		.margin = flight->options.settings->release_commit_margin,
		.on_messages = on_messages,
		.on_questions = on_questions,
		.on_done = on_change,
		.owner = flight};

	return flight_recover_open(&options, &flight->recover, err);
}

static enum status
open_settle(struct flight *flight, struct err *err)
{
	const struct flight_settle_options options = {.loop = flight->options.loop,
		.pool = flight->options.pool,
		.clock = flight->options.clock,
		.margin = flight->options.settings->release_commit_margin,
		.on_settled = on_settled,
		.on_rest = on_rest,
		.on_done = on_change,
		.owner = flight};

	return flight_settle_open(&options, &flight->settle, err);
}

static enum status
open_wire(struct flight *flight, struct err *err)
{
	if (flight->wire == NULL)
		return STATUS_OK;
	return flight->wire->open(flight->options.loop, flight->options.settings, &flight_events, &flight->state, err);
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
	flown_list_clear(&flight->waiting);
	if (open_recover(flight, err) != STATUS_OK || open_settle(flight, err) != STATUS_OK || open_wire(flight, err) != STATUS_OK) {
		if (flight->settle != NULL)
			flight_settle_close(&flight->settle);
		if (flight->recover != NULL)
			flight_recover_close(&flight->recover);
		free(flight);
		return err->status;
	}
	open_timer(flight, &flight->tick);
	open_timer(flight, &flight->drain);
	*out = flight;
	return STATUS_OK;
}
