/*
 * Everything happens in three callbacks: a worker's answer, the alarm of the earliest lane, and the poll timer; each ends in daemon_turn(), which wakes
 * the lanes that are due and sets the alarm for the next. Signals and hints only ask for a look or change the phase.
 *
 * Phases: running, draining (no lane may start anything, answers are awaited), closed (all handles are closing). The loop ends by itself when
 * its last handle is closed, which is how a forgotten one would show.
 */
#include "daemon_private.h"

#include <signal.h>
#include <unistd.h>

#include "conf/cli.h"
#include "conf/log.h"
#include "reload.h"

enum {
	STATEMENT_TIMEOUT_MS = 30 * 1000, /* a claim takes some 10 ms; one that hangs must not hold an opt-out up for good */
	IDLE_TIMEOUT_MS = 5 * 1000,       /* nothing here is ever idle in a transaction */
	WAKE_MAX_PER_TURN = 256,          /* lanes, then the loop looks at everything else */
	SKIP_FROM_MS = 100                /* a simulated clock is moved on when it would be waited for longer than this */
};

/* How far a simulated clock runs past a due instant, so that what is due together leaves together: less than planning leaves before each end. */
static const struct duration SIMULATED_BATCH = {5 * US_PER_SECOND};

/* Ending ------------------------------------------------------------------------------------------------------------------------------------ */

static void
drain(struct daemon *daemon)
{
	if (daemon->phase != PHASE_RUNNING)
		return;
	daemon->phase = PHASE_DRAINING;
	supervisor_stopping(&daemon->supervisor);
	daemon->look_again = false;
	uv_timer_stop(&daemon->poll);
	uv_timer_stop(&daemon->heed);
	listener_close(&daemon->listener);
	for (size_t i = 0; i < daemon->lanes.count; i++)
		lane_event(daemon->lanes.items[i], LANE_STOP);
	flight_drain(daemon->flight);
}

void
daemon_give_up(struct daemon *daemon)
{
	log_event(SEVERITY_ERROR, &(struct log_about){.event = "ending"}, "ending: nothing can be released");
	daemon->code = EXIT_TEMPORARY;
	drain(daemon);
}

void
daemon_give_way(struct daemon *daemon)
{
	daemon->code = EXIT_TEMPORARY;
	drain(daemon);
}

/* The database is another one than before: it was restored, or adopted elsewhere. */
static void
on_refused(void *owner)
{
	struct daemon *daemon = owner;

	daemon->code = EXIT_CONFIG;
	drain(daemon);
}

/* Closing -------------------------------------------------------------------------------------------------------------------------- */

static void
close_handles(struct daemon *daemon)
{
	daemon->phase = PHASE_CLOSED;
	daemon->flown = flight_tally(daemon->flight);
	flight_close(&daemon->flight);
	worker_pool_close(&daemon->pool, NULL, NULL);
	lease_keeper_close(&daemon->leases);
	alarm_close(&daemon->alarm);
	clock_watch_close(&daemon->clock_watch);
	supervisor_close(&daemon->supervisor);
	monitor_close(&daemon->monitor);
	uv_close((uv_handle_t *)&daemon->poll, NULL);
	uv_close((uv_handle_t *)&daemon->heed, NULL);
	for (int i = 0; i < SIGNAL_COUNT; i++)
		uv_close((uv_handle_t *)&daemon->signals[i], NULL);
}

/* A statement or a message is in flight. */
static bool
is_busy(const struct daemon *daemon)
{
	return worker_pool_busy(daemon->pool) > 0 || !flight_is_idle(daemon->flight);
}

struct instant
daemon_horizon(const struct daemon *daemon)
{
	return instant_add(clock_now(&daemon->clock), daemon->settings->plan_horizon);
}

/* True when waiting longer cannot bring anything: asked with nothing in flight. A look confirms what the lanes believe. */
static bool
is_idle(struct daemon *daemon)
{
	const struct instant until = daemon_horizon(daemon);

	if (!daemon->ready || daemon->untrusted || daemon->others_serve || !gate_has_law(daemon->lanes_share.gate))
		return false;
	for (size_t i = 0; i < daemon->lanes.count; i++)
		if (!lane_rests(daemon->lanes.items[i], until))
			return false;
	return true;
}

static void
end_when_idle(struct daemon *daemon)
{
	if (!daemon->options->until_idle || daemon->phase != PHASE_RUNNING)
		return;
	if (flight_is_over(daemon->flight))
		daemon_give_up(daemon);
	else if (is_busy(daemon) || !is_idle(daemon))
		return;
	else if (daemon->nothing_comes)
		drain(daemon);
	else
		daemon_look(daemon);
}

/* One turn ---------------------------------------------------------------------------------------------------------------------------------- */

/* Nothing is in flight, so a simulated clock may be moved to where something happens next. */
static void
skip_waiting(struct daemon *daemon, struct instant next)
{
	if (!is_busy(daemon) && clock_wait_for(&daemon->clock, next).us > SKIP_FROM_MS * 1000)
		clock_skip_to(&daemon->clock, next);
}

/* A simulated clock waits for statements in flight, and runs little past what is due next: its speed must not make anything late. */
static void
hold_clock(struct daemon *daemon, struct instant next)
{
	clock_hold(&daemon->clock, is_busy(daemon) ? clock_now(&daemon->clock) : next);
}

static void
wake_lanes(struct daemon *daemon)
{
	struct due_answer answer;

	for (int woken = 0; woken < WAKE_MAX_PER_TURN; woken++) {
		switch (due_queue_next(&daemon->queue, clock_now(&daemon->clock), &answer)) {
		case DUE_NOW:
			lane_event(lane_of(answer.lane), LANE_WAKE);
			continue;
		case DUE_LATER:
			skip_waiting(daemon, answer.at);
			hold_clock(daemon, instant_add(answer.at, SIMULATED_BATCH));
			alarm_set(&daemon->alarm, answer.at);
			return;
		case DUE_NEVER:
			hold_clock(daemon, (struct instant){INT64_MAX});
			alarm_unset(&daemon->alarm);
			return;
		}
	}
	hold_clock(daemon, clock_now(&daemon->clock));
	alarm_set(&daemon->alarm, clock_now(&daemon->clock));
}

void
daemon_turn(struct daemon *daemon)
{
	end_when_idle(daemon); /* before a simulated clock is moved on */
	if (daemon->phase == PHASE_RUNNING)
		wake_lanes(daemon);
	if (daemon->phase == PHASE_DRAINING && !is_busy(daemon))
		lease_keeper_leave(daemon->leases);
	if (daemon->phase == PHASE_DRAINING)
		worker_pool_give_up(daemon->pool);
	if (daemon->phase == PHASE_DRAINING && !is_busy(daemon))
		close_handles(daemon);
}

/* The alarm rang, or a lane has changed. */
static void
on_turn(void *owner)
{
	daemon_turn(owner);
}

static void
on_hint(void *owner)
{
	daemon_look(owner);
}

static void
on_said(void *owner)
{
	daemon_heed(owner);
}

/* Of a statement that the server does not understand. Perhaps the schema was upgraded; a look that fails is repeated by the poll. */
static void
on_misunderstood(void *owner, const struct work *work)
{
	struct daemon *daemon = owner;

	if (work != &daemon->look.work)
		daemon_look(daemon);
}

/* The database's is often the same one. */
static void
on_clock_set(void *owner)
{
	struct daemon *daemon = owner;

	daemon->clock_was_set = true;
	daemon_look(daemon);
}

/* Of the messages in flight: */
static void
on_room(void *owner)
{
	struct daemon *daemon = owner;

	for (size_t i = 0; i < daemon->lanes.count; i++)
		lane_room(daemon->lanes.items[i]);
	daemon_turn(daemon);
}

static void
on_back(void *owner, struct lane *lane)
{
	(void)owner;
	lane_event(lane, LANE_HINT);
}

static void
on_rest(void *owner, int16_t lane_id_of, struct instant until)
{
	struct daemon *daemon = owner;

	for (size_t i = 0; i < daemon->lanes.count; i++)
		if (lane_id(daemon->lanes.items[i]) == lane_id_of)
			lane_rest(daemon->lanes.items[i], until);
}

static void
on_poll(uv_timer_t *timer)
{
	daemon_look(timer->data);
}

/* Signals ----------------------------------------------------------------------------------------------------------------------------------- */

static void
share_settings(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;

	log_set_format((enum log_format)settings->log_format);
	daemon->lanes_share.batch = settings->release_batch;
	daemon->lanes_share.commit_margin = settings->release_commit_margin;
	lease_keeper_set_length(daemon->leases, settings->release_lease);
}

static void
start_poll(struct daemon *daemon)
{
	const uint64_t every_ms = (uint64_t)daemon->settings->release_poll.us / 1000;

	uv_timer_start(&daemon->poll, on_poll, every_ms, every_ms);
}

static void
reload(struct daemon *daemon)
{
	struct err err = ERR_INIT;

	if (reload_settings(daemon->settings, daemon->options->config, &err) == STATUS_OK) {
		share_settings(daemon);
		start_poll(daemon);
		log_event(SEVERITY_INFO, &(struct log_about){.event = "reloaded"}, "settings are read again");
	} else {
		err_hint(&err, "The settings read before are kept.");
		log_err(SEVERITY_ERROR, &err);
	}
	daemon->reload = true;
	daemon->lawless = false;
	daemon_look(daemon);
}

static void
on_signal(uv_signal_t *signal, int number)
{
	struct daemon *daemon = signal->data;

	if (number == SIGHUP) {
		if (daemon->phase == PHASE_RUNNING)
			reload(daemon);
		return;
	}
	if (daemon->phase != PHASE_RUNNING)
		_exit(EXIT_TEMPORARY); /* asked twice: whatever is in flight is one statement, done or not */
	log_event(
		SEVERITY_INFO, &(struct log_about){.event = "ending"}, "ending: %zu statements are in flight", worker_pool_busy(daemon->pool));
	drain(daemon);
	daemon_turn(daemon);
}

/* Starting ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
open_pool(struct daemon *daemon, struct err *err)
{
	const struct worker_options options = {
		.session =
			{
				.conninfo = daemon->settings->database,
				.application = "daypartd",
				.statement_timeout_ms = STATEMENT_TIMEOUT_MS,
				.idle_in_transaction_timeout_ms = IDLE_TIMEOUT_MS,
				.read_write = true,
			},
		.settings = &sql_query_release_session,
		.warm_up = claim_warm_up,
		.count = daemon->settings->release_workers,
		.on_misunderstood = on_misunderstood,
		.owner = daemon,
	};

	return worker_pool_open(&daemon->loop, &options, &daemon->pool, err);
}

static enum status
open_flight(struct daemon *daemon, struct err *err)
{
	const struct flight_options options = {
		.loop = &daemon->loop,
		.pool = daemon->pool,
		.clock = &daemon->clock,
		.sink = daemon->options->sink,
		.settings = daemon->settings,
		.lanes = &daemon->lanes,
		.on_room = on_room,
		.on_back = on_back,
		.on_rest = on_rest,
		.on_change = on_turn,
		.owner = daemon,
	};

	return flight_open(&options, &daemon->flight, err);
}

static enum status
open_leases(struct daemon *daemon, struct err *err)
{
	const struct lease_options options = {
		.pool = daemon->pool,
		.lanes = &daemon->lanes,
		.length = daemon->settings->release_lease,
		.adoption = daemon->options->adoption,
		.on_refused = on_refused,
		.on_gained = on_hint,
		.on_change = on_turn,
		.owner = daemon,
	};

	return lease_keeper_open(&daemon->loop, &options, &daemon->leases, err);
}

/* Without hints the periodic look finds everything a little later. */
static void
open_listener(struct daemon *daemon)
{
	const struct listener_options options = {
		.conninfo = daemon->settings->database, .on_hint = on_hint, .on_said = on_said, .context = daemon, .seed = uv_hrtime()};
	struct err err = ERR_INIT;

	if (listener_open(&daemon->loop, &options, &daemon->listener, &err) != STATUS_OK)
		log_err(SEVERITY_WARNING, &err);
}

static void
open_signals(struct daemon *daemon)
{
	static const int numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP};

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < SIGNAL_COUNT; i++) {
		uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
	}
}

/* What can fail comes first: after an error no handle of the daemon's own is open. */
static enum status
open_daemon(struct daemon *daemon, struct err *err)
{
	daemon->lanes_share = (struct lane_context){
		.clock = &daemon->clock,
		.gate = gate_create(),
		.queue = &daemon->queue,
		.sink = daemon->options->sink,
		.on_stale = on_hint,
		.on_change = on_turn,
		.owner = daemon,
	};
	look_init(&daemon->look, daemon_on_look_done, daemon);
	if (daemon->lanes_share.gate == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (daemon_open_monitor(daemon, err) != STATUS_OK)
		return err->status;
	if (open_pool(daemon, err) != STATUS_OK) {
		monitor_close(&daemon->monitor);
		return err->status;
	}
	daemon->lanes_share.pool = daemon->pool;
	if (open_flight(daemon, err) != STATUS_OK) {
		monitor_close(&daemon->monitor);
		worker_pool_close(&daemon->pool, NULL, NULL);
		return err->status;
	}
	daemon->lanes_share.flight = daemon->flight;
	if (open_leases(daemon, err) != STATUS_OK) {
		monitor_close(&daemon->monitor);
		flight_close(&daemon->flight);
		worker_pool_close(&daemon->pool, NULL, NULL);
		return err->status;
	}
	supervisor_open(&daemon->supervisor, &daemon->loop);
	alarm_open(&daemon->alarm, &daemon->loop, &daemon->clock, on_turn, daemon);
	clock_watch_open(&daemon->clock_watch, &daemon->loop, on_clock_set, daemon);
	uv_timer_init(&daemon->loop, &daemon->poll);
	daemon->poll.data = daemon;
	uv_timer_init(&daemon->loop, &daemon->heed);
	daemon->heed.data = daemon;
	open_signals(daemon);
	open_listener(daemon);
	share_settings(daemon);
	start_poll(daemon);
	return STATUS_OK;
}

static void
free_daemon(struct daemon *daemon)
{
	lane_list_free(&daemon->lanes);
	look_clear(&daemon->look);
	watched_clear(&daemon->watched);
	gate_free(&daemon->lanes_share.gate);
	due_queue_free(&daemon->queue);
}

int
daemon_run(const struct daemon_options *options, struct daemon_report *out)
{
	struct daemon daemon = {.options = options, .settings = options->settings, .clock = options->clock, .queue = DUE_QUEUE_INIT};
	struct err err = ERR_INIT;

	uv_loop_init(&daemon.loop);
	if (open_daemon(&daemon, &err) == STATUS_OK)
		daemon_look(&daemon);
	else
		daemon.code = log_err(SEVERITY_FATAL, &err) == STATUS_INVALID ? EXIT_CONFIG : (int)cli_exit_code(err.status);
	uv_run(&daemon.loop, UV_RUN_DEFAULT);
	*out = (struct daemon_report){.tally = lane_list_tally(&daemon.lanes), .flown = daemon.flown, .ended = clock_now(&daemon.clock)};
	free_daemon(&daemon);
	if (uv_loop_close(&daemon.loop) != 0) {
		log_message(SEVERITY_FATAL, "a handle was left open");
		daemon.code = EXIT_INTERNAL;
	}
	return daemon.code;
}
