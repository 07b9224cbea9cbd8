/*
 * Everything happens in three callbacks: a worker's answer, the alarm of the earliest lane, and the poll timer; each ends in turn(), which wakes
 * the lanes that are due and sets the alarm for the next. Signals and hints only ask for a look or change the phase.
 *
 * Phases: running, draining (no lane may start anything, answers are awaited), closed (all handles are closing). The loop ends by itself when
 * its last handle is closed, which is how a forgotten one would show.
 */
#include "daemon.h"

#include <signal.h>
#include <unistd.h>

#include "alarm.h"
#include "clock_watch.h"
#include "conf/cli.h"
#include "conf/log.h"
#include "lane_list.h"
#include "lease.h"
#include "listener.h"
#include "look.h"
#include "metrics.h"
#include "monitor.h"
#include "planner/law/breaker_watch.h"
#include "reload.h"
#include "supervisor.h"

enum {
	STATEMENT_TIMEOUT_MS = 30 * 1000, /* a claim takes some 10 ms; one that hangs must not hold an opt-out up for good */
	IDLE_TIMEOUT_MS = 5 * 1000,       /* nothing here is ever idle in a transaction */
	WAKE_MAX_PER_TURN = 256,          /* lanes, then the loop looks at everything else */
	WATCH_SHARE = 20,                 /* breakers are watched for one part in so many of the time */
	SKIP_FROM_MS = 100                /* a simulated clock is moved on when it would be waited for longer than this */
};

/* How far a simulated clock runs past a due instant, so that what is due together leaves together: less than planning leaves before each end. */
static const struct duration SIMULATED_BATCH = {5 * US_PER_SECOND};

enum phase { PHASE_RUNNING, PHASE_DRAINING, PHASE_CLOSED };

enum { SIGNAL_COUNT = 3 };

struct daemon {
	const struct daemon_options *options;
	struct settings *settings;
	struct clock clock;
	uv_loop_t loop;
	struct alarm alarm;
	struct clock_watch clock_watch;
	uv_timer_t poll;
	uv_signal_t signals[SIGNAL_COUNT];
	struct worker_pool *pool;
	struct listener *listener;
	struct due_queue queue;
	struct lane_context lanes_share;
	struct lane_list lanes;
	struct lease_keeper *leases;
	struct supervisor supervisor;
	struct monitor *monitor; /* NULL: nobody asked for one */
	struct flight *flight;
	struct flight_tally flown; /* once it is closed */
	struct look look;
	bool looking, look_again;         /* a look is in flight; another one is wanted after it */
	bool reload;                      /* the next look reads the law in any case */
	bool ready;                       /* the first look has succeeded */
	bool database_up;                 /* the last look has */
	bool stopped, untrusted, lawless; /* what was logged last */
	bool nothing_comes;               /* the last look found nothing within the horizon */
	bool others_serve;                /* it found something that comes in a lane that is not ours (yet) */
	int64_t measured_at_us;           /* steady; when the clock's offset was measured */
	int64_t watched_at_us;            /* steady; when the breakers were watched */
	struct duration watch_took;       /* then */
	bool clock_was_set;               /* somebody set the host's clock since */
	enum phase phase;
	int code; /* to exit with */
};

static void turn(struct daemon *daemon);

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
	listener_close(&daemon->listener);
	for (size_t i = 0; i < daemon->lanes.count; i++)
		lane_event(daemon->lanes.items[i], LANE_STOP);
	flight_drain(daemon->flight);
}

/* Whoever waits for the end must not wait for a cure that may never come. */
static void
give_up(struct daemon *daemon)
{
	log_message(SEVERITY_ERROR, "ending: nothing can be released");
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

/* Looking ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
measure_is_due(const struct daemon *daemon)
{
	return !daemon->clock.kind->simulated &&
		(!daemon->ready || daemon->clock_was_set || clock_steady(&daemon->clock).us - daemon->measured_at_us >= CLOCK_MEASURE_EVERY);
}

/* Looks may come one after the other while something is published or said; and where much is said, watching takes a small part of the time only. */
static bool
watch_is_due(struct daemon *daemon)
{
	const int64_t now_us = clock_steady(&daemon->clock).us, took_us = daemon->watch_took.us * WATCH_SHARE;

	if (daemon->ready && now_us - daemon->watched_at_us < (took_us > BREAKER_WATCH_EVERY.us ? took_us : BREAKER_WATCH_EVERY.us))
		return false;
	daemon->watched_at_us = now_us;
	return true;
}

static void
look(struct daemon *daemon)
{
	if (daemon->phase != PHASE_RUNNING)
		return;
	daemon->look_again = daemon->looking;
	if (daemon->looking)
		return;
	daemon->looking = true;
	look_submit(&daemon->look, daemon->pool,
		&(struct look_request){
			.rulebook_id = gate_rulebook_id(daemon->lanes_share.gate),
			.reload = daemon->reload,
			.measure = measure_is_due(daemon),
			.watch = watch_is_due(daemon),
			.rulebook = gate_has_law(daemon->lanes_share.gate) ? gate_law(daemon->lanes_share.gate)->law.rulebook : NULL,
			.zoneinfo_dir = daemon->settings->zoneinfo_dir,
			.now = clock_now(&daemon->clock),
		});
	daemon->reload = false;
	daemon->clock_was_set = false;
}

static void
correct_clock(struct daemon *daemon)
{
	bool trusted;

	if (!daemon->look.request.measure)
		return;
	daemon->measured_at_us = clock_steady(&daemon->clock).us;
	clock_correct(&daemon->clock, daemon->look.answer.offset);
	trusted = clock_is_trusted(&daemon->clock, daemon->settings->release_max_clock_skew);
	if (trusted == daemon->untrusted)
		log_message(trusted ? SEVERITY_WARNING : SEVERITY_ERROR, "the clocks of host and database are %.3f s apart: %s",
			(double)daemon->clock.offset.us / 1e6, trusted ? "releasing again" : "nothing is released until they agree");
	daemon->untrusted = !trusted;
}

/* Slots wait while the law that holds cannot be read: the one before it is no substitute. */
static void
adopt_law(struct daemon *daemon)
{
	struct look_answer *answer = &daemon->look.answer;
	const bool had_law = gate_has_law(daemon->lanes_share.gate);

	if (answer->book != NULL) {
		gate_set_law(daemon->lanes_share.gate, &answer->book);
		log_message(SEVERITY_INFO, "rulebook %d is in force", gate_rulebook_id(daemon->lanes_share.gate));
		daemon->lawless = false;
	} else if (answer->law_err.status != STATUS_OK && !daemon->lawless) {
		err_hint(&answer->law_err,
			had_law ? "The rulebook and zones read before are kept; under another rulebook nothing is released."
					: "Nothing is released until the rulebook and the zones can be read.");
		log_err(SEVERITY_ERROR, &answer->law_err);
		daemon->lawless = true;
	}
}

/* The book may be an older one than the look's, when that could not be read. */
static void
adopt_emergencies(struct daemon *daemon)
{
	if (gate_has_law(daemon->lanes_share.gate))
		gate_set_emergencies(daemon->lanes_share.gate, &daemon->look.answer.emergencies);
}

/* Without a law nothing is released, so any pace will do. */
static int64_t
pace_of(const struct daemon *daemon, const struct look_lane *lane)
{
	const struct lawbook *law = gate_law(daemon->lanes_share.gate);
	const struct lawbook_sender sender = {
		.channel = lane->channel, .country = lane->country, .type = lane->type, .rate_milli = lane->per_1000_s};

	return law != NULL ? lawbook_rate_milli(law, &sender, clock_now(&daemon->clock)) : lane->per_1000_s;
}

static struct instant
horizon(const struct daemon *daemon)
{
	return instant_add(clock_now(&daemon->clock), daemon->settings->plan_horizon);
}

static void
note_lanes(struct daemon *daemon)
{
	const struct look_answer *answer = &daemon->look.answer;
	const struct instant until = horizon(daemon);

	daemon->nothing_comes = true;
	daemon->others_serve = false;
	for (size_t i = 0; i < answer->lane_count; i++) {
		const struct look_lane *seen = &answer->lanes[i];
		const int64_t pace = pace_of(daemon, seen);
		const struct lane_facts facts = {.id = seen->id, .name = seen->name, .per_1000_s = pace, .seed = uv_hrtime() ^ (uint64_t)seen->id};
		struct lane *lane = lane_list_take(&daemon->lanes, &daemon->lanes_share, &facts);

		if (lane == NULL) {
			log_message(SEVERITY_ERROR, "sender %s: out of memory", seen->name);
			continue;
		}
		lane_set_pace(lane, pace);
		if (seen->free)
			lease_keeper_hurry(daemon->leases);
		if (!seen->has_slots || answer->stopped)
			continue;
		daemon->nothing_comes = daemon->nothing_comes && seen->first_due.us >= until.us;
		if (lane_is_held(lane))
			lane_event(lane, LANE_HINT);
		else
			daemon->others_serve = daemon->others_serve || seen->first_due.us < until.us;
	}
}

static void
note_stopped(struct daemon *daemon)
{
	if (daemon->stopped != daemon->look.answer.stopped)
		log_message(SEVERITY_WARNING, daemon->stopped ? "started again" : "everything is stopped: nothing is released until daypart start");
	daemon->stopped = daemon->look.answer.stopped;
}

/* For the service manager, whenever it may have changed. */
static void
tell_status(struct daemon *daemon)
{
	char status[128];

	(void)snprintf(status, sizeof(status), "%zu senders, sink %s%s", daemon->lanes.count, daemon->lanes_share.sink->name,
		daemon->stopped                       ? "; everything is stopped"
			: daemon->lanes_share.may_release ? ""
											  : "; nothing is released, see the log");
	supervisor_status(&daemon->supervisor, status);
}

static void
note_ready(struct daemon *daemon)
{
	if (!daemon->ready)
		log_message(SEVERITY_INFO, "ready: %zu senders, sink %s, %s clock", daemon->lanes.count, daemon->lanes_share.sink->name,
			daemon->clock.kind->name);
	if (!daemon->ready)
		supervisor_ready(&daemon->supervisor);
	daemon->ready = true;
}

static void
take_answer(struct daemon *daemon)
{
	if (!daemon->ready)
		clock_start(&daemon->clock);
	correct_clock(daemon);
	if (daemon->look.request.watch)
		daemon->watch_took = daemon->look.answer.watched;
	adopt_law(daemon);
	adopt_emergencies(daemon);
	daemon->lanes_share.may_release = gate_has_law(daemon->lanes_share.gate) && !daemon->untrusted;
	note_stopped(daemon);
	lease_keeper_serve(daemon->leases, daemon->lanes_share.may_release);
	note_lanes(daemon);
	flight_look(daemon->flight);
	note_ready(daemon);
	tell_status(daemon);
	if (daemon->options->until_idle && !daemon->lanes_share.may_release)
		give_up(daemon);
}

static void
on_look_done(struct work *work)
{
	struct look *done = work->owner;
	struct daemon *daemon = done->owner;

	daemon->looking = false;
	daemon->database_up = work->status == STATUS_OK;
	if (work->status == STATUS_OK && daemon->phase == PHASE_RUNNING)
		take_answer(daemon);
	else if (work->status != STATUS_OK && !work->offline)
		log_err(SEVERITY_ERROR, &work->err);
	if (daemon->look_again)
		look(daemon);
	turn(daemon);
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
	for (int i = 0; i < SIGNAL_COUNT; i++)
		uv_close((uv_handle_t *)&daemon->signals[i], NULL);
}

/* A statement or a message is in flight. */
static bool
is_busy(const struct daemon *daemon)
{
	return worker_pool_busy(daemon->pool) > 0 || !flight_is_idle(daemon->flight);
}

/* True when waiting longer cannot bring anything: asked with nothing in flight. A look confirms what the lanes believe. */
static bool
is_idle(struct daemon *daemon)
{
	const struct instant until = horizon(daemon);

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
		give_up(daemon);
	else if (is_busy(daemon) || !is_idle(daemon))
		return;
	else if (daemon->nothing_comes)
		drain(daemon);
	else
		look(daemon);
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

static void
turn(struct daemon *daemon)
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
	turn(owner);
}

static void
on_hint(void *owner)
{
	look(owner);
}

/* The database's is often the same one. */
static void
on_clock_set(void *owner)
{
	struct daemon *daemon = owner;

	daemon->clock_was_set = true;
	look(daemon);
}

/* Of the messages in flight: */
static void
on_room(void *owner)
{
	struct daemon *daemon = owner;

	for (size_t i = 0; i < daemon->lanes.count; i++)
		lane_room(daemon->lanes.items[i]);
	turn(daemon);
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
	look(timer->data);
}

/* Signals ----------------------------------------------------------------------------------------------------------------------------------- */

static void
share_settings(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;
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
		log_message(SEVERITY_INFO, "settings are read again");
	} else {
		err_hint(&err, "The settings read before are kept.");
		log_err(SEVERITY_ERROR, &err);
	}
	daemon->reload = true;
	daemon->lawless = false;
	look(daemon);
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
	log_message(SEVERITY_INFO, "ending: %zu statements are in flight", worker_pool_busy(daemon->pool));
	drain(daemon);
	turn(daemon);
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
		.count = daemon->settings->release_workers,
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

static struct metrics
metrics_of(const struct daemon *daemon)
{
	return (struct metrics){
		.ready = daemon->ready,
		.stopped = daemon->stopped,
		.database_up = daemon->database_up,
		.lawless = daemon->ready && !gate_has_law(daemon->lanes_share.gate),
		.untrusted = daemon->untrusted,
		.clock_offset = daemon->clock.offset,
		.rulebook_id = gate_rulebook_id(daemon->lanes_share.gate),
		.now = clock_now(&daemon->clock),
		.lanes = &daemon->lanes,
	};
}

static void
write_metrics(void *owner, FILE *out)
{
	const struct metrics metrics = metrics_of(owner);

	metrics_write(&metrics, out);
}

static bool
write_health(void *owner, FILE *out)
{
	const struct metrics metrics = metrics_of(owner);

	return metrics_write_health(&metrics, out);
}

static enum status
open_monitor(struct daemon *daemon, struct err *err)
{
	const struct monitor_pages pages = {.write_metrics = write_metrics, .write_health = write_health, .context = daemon};

	if (daemon->settings->release_monitor[0] == '\0')
		return STATUS_OK;
	if (monitor_open(&daemon->loop, daemon->settings->release_monitor, &pages, &daemon->monitor, err) == STATUS_OK)
		log_message(SEVERITY_INFO, "/metrics and /health are answered on port %d", monitor_port(daemon->monitor));
	return err->status;
}

/* Without hints the periodic look finds everything a little later. */
static void
open_listener(struct daemon *daemon)
{
	const struct listener_options options = {
		.conninfo = daemon->settings->database, .on_hint = on_hint, .context = daemon, .seed = uv_hrtime()};
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
	look_init(&daemon->look, on_look_done, daemon);
	if (daemon->lanes_share.gate == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (open_monitor(daemon, err) != STATUS_OK)
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
		look(&daemon);
	else
		daemon.code = (int)cli_exit_code(log_err(SEVERITY_FATAL, &err));
	uv_run(&daemon.loop, UV_RUN_DEFAULT);
	*out = (struct daemon_report){.tally = lane_list_tally(&daemon.lanes), .flown = daemon.flown, .ended = clock_now(&daemon.clock)};
	free_daemon(&daemon);
	if (uv_loop_close(&daemon.loop) != 0) {
		log_message(SEVERITY_FATAL, "a handle was left open");
		daemon.code = EXIT_INTERNAL;
	}
	return daemon.code;
}
