/* What one look at the database told, and what the daemon makes of it. */
#include "conf/log.h"
#include "daemon_private.h"
#include "planner/law/breaker_watch.h"

enum { WATCH_SHARE = 20 }; /* breakers are watched for one part in so many of the time */

static bool
measure_is_due(const struct daemon *daemon)
{
	return !daemon->clock.kind->simulated &&
		(!daemon->ready || daemon->clock_was_set || clock_steady(&daemon->clock).us - daemon->measured_at_us >= CLOCK_MEASURE_EVERY);
}

/* Until the breakers may be watched: looks may come one after the other while something is published or said; and where much is said, watching takes
 * a small part of the time only. */
static int64_t
watch_wait_us(const struct daemon *daemon)
{
	const int64_t took_us = daemon->watch_took.us * WATCH_SHARE;

	if (!daemon->ready)
		return 0;
	return daemon->watched_at_us + (took_us > BREAKER_WATCH_EVERY.us ? took_us : BREAKER_WATCH_EVERY.us) - clock_steady(&daemon->clock).us;
}

static bool
watch_is_due(struct daemon *daemon)
{
	if (watch_wait_us(daemon) > 0)
		return false;
	daemon->watched_at_us = clock_steady(&daemon->clock).us;
	return true;
}

/* The look in flight may have read before what was said now. */
static void
on_heed(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (daemon->looking)
		daemon->heard = true;
	else if (watch_wait_us(daemon) > 0)
		daemon_heed(daemon);
	else
		daemon_look(daemon);
}

void
daemon_heed(struct daemon *daemon)
{
	const int64_t wait_us = watch_wait_us(daemon);

	if (daemon->phase == PHASE_RUNNING && !uv_is_active((const uv_handle_t *)&daemon->heed))
		uv_timer_start(&daemon->heed, on_heed, wait_us > 0 ? (uint64_t)wait_us / 1000 + 1 : 0, 0);
}

void
daemon_look(struct daemon *daemon)
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
			.tell = daemon->monitor != NULL,
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
		log_event(trusted ? SEVERITY_WARNING : SEVERITY_ERROR, &(struct log_about){.event = trusted ? "clock_trusted" : "clock_untrusted"},
			"the clocks of host and database are %.3f s apart: %s", (double)daemon->clock.offset.us / 1e6,
			trusted ? "releasing again" : "nothing is released until they agree");
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
		log_event(
			SEVERITY_INFO, &(struct log_about){.event = "rulebook"}, "rulebook %d is in force", gate_rulebook_id(daemon->lanes_share.gate));
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
	const struct lawbook_sender sender = {.channel = lane->channel,
		.country = lane->country,
		.type = lane->type,
		.rate_milli = lane->per_1000_s,
		.headroom_percent = lane->headroom_percent};

	return law != NULL ? lawbook_rate_milli(law, &sender, clock_now(&daemon->clock)) : lane->per_1000_s;
}

static void
note_lanes(struct daemon *daemon)
{
	const struct look_answer *answer = &daemon->look.answer;
	const struct instant until = daemon_horizon(daemon);

	daemon->nothing_comes = true;
	daemon->others_serve = false;
	for (size_t i = 0; i < answer->lane_count; i++) {
		struct look_lane *seen = &answer->lanes[i];
		const int64_t pace = pace_of(daemon, seen);
		const struct lane_facts facts = {.id = seen->id, .name = seen->name, .per_1000_s = pace, .seed = uv_hrtime() ^ (uint64_t)seen->id};
		struct lane *lane = lane_list_take(&daemon->lanes, &daemon->lanes_share, &facts);

		if (lane == NULL) {
			log_message(SEVERITY_ERROR, "sender %s: out of memory", seen->name);
			continue;
		}
		lane_set_pace(lane, pace);
		lane_set_limits(lane, &seen->limits);
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
		log_event(SEVERITY_WARNING, &(struct log_about){.event = daemon->stopped ? "started" : "stopped"},
			daemon->stopped ? "started again" : "everything is stopped: nothing is released until daypart start");
	daemon->stopped = daemon->look.answer.stopped;
}

static void
note_ready(struct daemon *daemon)
{
	if (!daemon->ready)
		log_event(SEVERITY_INFO, &(struct log_about){.event = "ready"}, "ready: %zu senders, sink %s, %s clock", daemon->lanes.count,
			daemon->lanes_share.sink->name, daemon->clock.kind->name);
	if (!daemon->ready)
		supervisor_ready(&daemon->supervisor);
	daemon->ready = true;
}

static void
keep_watched(struct daemon *daemon)
{
	daemon->schema_version = daemon->look.answer.schema_version;
	watched_clear(&daemon->watched);
	daemon->watched = daemon->look.answer.told;
	daemon->look.answer.told = (struct watched){.breakers = NULL};
}

static void
take_answer(struct daemon *daemon)
{
	keep_watched(daemon);
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
	daemon_tell_status(daemon);
	if (daemon->options->until_idle && !daemon->lanes_share.may_release)
		daemon_give_up(daemon);
}

/* What runs beneath another schema than its own may miss what that asks for. Started again, the program that is installed now goes on, or says why not. */
static void
leave_schema(struct daemon *daemon)
{
	log_err_about(SEVERITY_ERROR, &(struct log_about){.event = "schema_changed"}, &daemon->look.answer.schema_err);
	log_event(SEVERITY_WARNING, &(struct log_about){.event = "ending"},
		"ending: the schema was changed beneath this program; what is installed now is to be started");
	daemon_give_way(daemon);
}

void
daemon_on_look_done(struct work *work)
{
	struct look *done = work->owner;
	struct daemon *daemon = done->owner;

	daemon->looking = false;
	daemon->database_up = work->status == STATUS_OK;
	if (work->status == STATUS_OK && daemon->phase == PHASE_RUNNING) {
		if (done->answer.schema_err.status == STATUS_OK)
			take_answer(daemon);
		else
			leave_schema(daemon);
	}
	if (work->status != STATUS_OK && !work->offline)
		log_err(SEVERITY_ERROR, &work->err);
	if (daemon->heard)
		daemon_heed(daemon);
	daemon->heard = false;
	if (daemon->look_again)
		daemon_look(daemon);
	daemon_turn(daemon);
}
