/*
 * An event makes a step, the step's action is performed, and performing may give the next event at once (no tokens, no law); that recursion
 * ends because none of those events leads to the same action again.
 *
 * An instant that was known to be due may be gone when the claim comes (somebody else has it, or it was removed), and the daemon's idea of now
 * may be a few microseconds ahead of the server's. So a claim that finds nothing is not repeated at once but after a pause, which grows as
 * long as nothing is found.
 */
#include "lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/log.h"
#include "policy/backoff.h"
#include "policy/token_bucket.h"

enum {
	SLOWER_MOST = 6,            /* a sender goes at a 64th of its rate at least */
	SLOWER_AFTER_US = 1000000,  /* one complaint a second counts: the others were on their way already */
	FASTER_AFTER_US = 30000000, /* without a complaint */
	STARVED_US = 1000000        /* the sink tells when it takes something again; should it not, it is asked */
};

struct lane {
	struct due_lane due; /* first: see lane_of */
	struct lane_context *context;
	int16_t id;
	char *name;
	enum lane_state state;
	struct lease lease;
	struct token_bucket pace;
	struct backoff retry; /* after failures */
	struct backoff pause; /* after claims that found nothing */
	bool came_up_empty;   /* the last claim did */
	bool hinted;          /* a hint waits for the statement in flight */
	struct lane_tally tally;
	int64_t per_1000_s; /* its rate when the provider does not complain */
	unsigned slower;    /* how often that is halved */
	struct instant slowed_at;
	struct instant rests_until; /* the provider wants it to wait */
	bool starved;               /* throttled, because the sink takes nothing */
	size_t flown;               /* messages on their way to the sink */
	int64_t claims;             /* so many were numbered */
	int64_t tokens;             /* that the claim in flight took out */
	struct lane_budget budget;
	int64_t volume_left; /* of it after the last claim, for who watches; INT64_MAX: no limit held */

	struct work work;
	/* What the work in flight reads and writes. */
	struct claim_request request;
	struct claim_answer answer;
	struct flight_claim flight_claim;
	PGresult *messages; /* of the claim, or NULL */
	bool unread;        /* the claim may have messages that were not read */
	struct gate_laws *laws;
	struct instant ahead[DUE_AHEAD_MAX];
	size_t ahead_count;
	struct gate_class *learned[CLAIM_UNKNOWN_MAX];
};

struct lane *
lane_of(struct due_lane *due)
{
	return (struct lane *)due;
}

enum status
lane_create(struct lane_context *context, const struct lane_facts *facts, struct lane **out)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	*out = lane;
	if (lane == NULL)
		return STATUS_NO_MEMORY;
	lane->context = context;
	lane->id = facts->id;
	lane->name = strdup(facts->name);
	lane->work.owner = lane;
	lane->volume_left = INT64_MAX;
	lane->retry = (struct backoff){.least = {US_PER_SECOND / 10}, .most = {30 * US_PER_SECOND}, .seed = facts->seed};
	lane->pause = (struct backoff){.least = {US_PER_SECOND / 1000}, .most = {US_PER_SECOND / 2}, .seed = ~facts->seed};
	lane->per_1000_s = facts->per_1000_s;
	token_bucket_open(&lane->pace, facts->per_1000_s, clock_steady(context->clock));
	if (lane->name == NULL)
		lane_free(out);
	return *out != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void
lane_free(struct lane **lane)
{
	struct lane *gone = *lane;

	*lane = NULL;
	if (gone == NULL)
		return;
	due_queue_disarm(gone->context->queue, &gone->due);
	gate_laws_drop(&gone->laws);
	lane_budget_clear(&gone->budget);
	free(gone->name);
	free(gone);
}

int16_t
lane_id(const struct lane *lane)
{
	return lane->id;
}

const char *
lane_name(const struct lane *lane)
{
	return lane->name;
}

enum lane_state
lane_state(const struct lane *lane)
{
	return lane->state;
}

size_t
lane_flown(const struct lane *lane)
{
	return lane->flown;
}

bool
lane_volume_left(const struct lane *lane, int64_t *out)
{
	*out = lane->volume_left;
	return lane->volume_left != INT64_MAX;
}

const struct lane_tally *
lane_tally(const struct lane *lane)
{
	return &lane->tally;
}

bool
lane_next_due(const struct lane *lane, struct instant *out)
{
	if (due_lane_is_empty(&lane->due))
		return false;
	*out = due_lane_first(&lane->due);
	return true;
}

struct instant
lane_steady_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

void
lane_set_lease(struct lane *lane, struct lease lease)
{
	lane->lease = lease;
}

bool
lane_is_held(const struct lane *lane)
{
	return lease_is_good(&lane->lease, lane_steady_now());
}

int64_t
lane_epoch(const struct lane *lane)
{
	return lane->lease.epoch;
}

bool
lane_is_busy(const struct lane *lane)
{
	return lane->flown > 0 || lane->state == LANE_FETCHING || lane->state == LANE_CLAIMING || lane->state == LANE_LEARNING ||
		lane->state == LANE_DRAINING;
}

bool
lane_rests(const struct lane *lane, struct instant until)
{
	return lane->state == LANE_STOPPED || lane->state == LANE_IDLE ||
		(lane->state == LANE_WAITING && !due_lane_is_empty(&lane->due) && due_lane_first(&lane->due).us >= until.us);
}

static void
set_rate(struct lane *lane)
{
	const int64_t slowed = lane->per_1000_s >> lane->slower, rate = slowed > 0 ? slowed : 1;

	if (lane->pace.per_1000_s != rate)
		token_bucket_set_rate(&lane->pace, rate, clock_steady(lane->context->clock));
}

/* Called with every look: a rate that was halved comes back by doubling, one step at a time. */
void
lane_set_pace(struct lane *lane, int64_t per_1000_s)
{
	const struct instant now = lane_steady_now();

	if (lane->slower > 0 && now.us - lane->slowed_at.us >= FASTER_AFTER_US) {
		lane->slower--;
		lane->slowed_at = now;
	}
	lane->per_1000_s = per_1000_s;
	set_rate(lane);
}

void
lane_set_limits(struct lane *lane, struct lane_limits **limits)
{
	lane_budget_set_limits(&lane->budget, limits);
}

void
lane_slow_down(struct lane *lane)
{
	const struct instant now = lane_steady_now();

	if (lane->slower >= SLOWER_MOST || (lane->slower > 0 && now.us - lane->slowed_at.us < SLOWER_AFTER_US))
		return;
	lane->slower++;
	lane->slowed_at = now;
	set_rate(lane);
	log_event(SEVERITY_WARNING, &(struct log_about){.event = "sender_slowed", .sender = lane->name},
		"sender %s: the provider complains of its throughput: %.3f messages a second for now", lane->name,
		(double)lane->pace.per_1000_s / 1000);
}

void
lane_rest(struct lane *lane, struct instant until)
{
	lane->rests_until = instant_max(lane->rests_until, until);
}

bool
lane_take_turn(struct lane *lane)
{
	const struct lane_context *context = lane->context;

	return context->may_release && clock_now(context->clock).us >= lane->rests_until.us &&
		token_bucket_take(&lane->pace, clock_steady(context->clock), 1) == 1;
}

void
lane_count_flown(struct lane *lane, int count)
{
	assert(count >= 0 || lane->flown >= (size_t)-count);
	if (count < 0)
		lane_budget_land(&lane->budget);
	lane->flown += (size_t)count;
}

/* Waiting ----------------------------------------------------------------------------------------------------------------------------------- */

static void
arm(struct lane *lane, struct instant wake)
{
	if (due_queue_arm(lane->context->queue, &lane->due, wake) != STATUS_OK)
		log_message(SEVERITY_ERROR, "sender %s: out of memory, waits for the next look at the queue", lane->name);
}

static void
arm_due(struct lane *lane)
{
	struct instant wake = due_lane_first(&lane->due);

	if (lane->came_up_empty)
		wake = instant_max(wake, clock_after(lane->context->clock, backoff_next(&lane->pause)));
	arm(lane, wake);
}

static void
arm_tokens(struct lane *lane)
{
	const struct clock *clock = lane->context->clock;

	struct instant wake = instant_add(clock_now(clock), token_bucket_delay(&lane->pace, clock_steady(clock)));

	if (lane->starved)
		wake = clock_after(clock, (struct duration){STARVED_US});
	arm(lane, instant_max(wake, lane->rests_until));
}

void
lane_room(struct lane *lane)
{
	if (lane->starved && lane->state == LANE_THROTTLED)
		arm(lane, instant_max(clock_now(lane->context->clock), lane->rests_until));
}

/* Statements -------------------------------------------------------------------------------------------------------------------------------- */

static void
submit(struct lane *lane, work_run_fn *run, work_done_fn *done)
{
	lane->work.run = run;
	lane->work.done = done;
	worker_pool_submit(lane->context->pool, &lane->work);
}

/* What came while the statement was in flight is dealt with after its outcome. */
static void
finish(struct lane *lane, enum lane_event event)
{
	const bool hinted = lane->hinted;

	if (event != LANE_FAILED)
		backoff_reset(&lane->retry);
	lane->hinted = false;
	lane_event(lane, event);
	if (hinted)
		lane_event(lane, LANE_HINT);
	lane->context->on_change(lane->context->owner);
}

/* Outages are logged by the pool, for all lanes together. */
static void
finish_failed(struct lane *lane)
{
	if (!lane->work.offline && lane->retry.failures == 0) {
		err_wrap(&lane->work.err, "sender %s", lane->name);
		log_err_about(SEVERITY_ERROR, &(struct log_about){.sender = lane->name}, &lane->work.err);
	}
	finish(lane, LANE_FAILED);
}

static enum status
run_fetch(struct work *work, struct session *session)
{
	struct lane *lane = work->owner;

	return claim_look_ahead(session, lane->id, lane->budget.waiting, lane->ahead, DUE_AHEAD_MAX, &lane->ahead_count, &work->err);
}

/* What waits for a budget is looked at again then. */
static void
await_budget(struct lane *lane)
{
	const struct instant again = lane_budget_again(&lane->budget, clock_now(lane->context->clock));

	if (again.us != INT64_MAX)
		due_lane_add(&lane->due, again);
}

static void
fetch_done(struct work *work)
{
	struct lane *lane = work->owner;

	if (work->status != STATUS_OK) {
		finish_failed(lane);
		return;
	}
	due_lane_fill(&lane->due, lane->ahead, lane->ahead_count);
	await_budget(lane);
	finish(lane, due_lane_is_empty(&lane->due) ? LANE_FETCHED_NONE : LANE_FETCHED);
}

static enum status
run_claim(struct work *work, struct session *session)
{
	struct lane *lane = work->owner;

	enum status status = lane_budget_take(&lane->budget, session, &work->err);
	struct err err = ERR_INIT;

	if (status != STATUS_OK)
		return status;
	lane_budget_bind(&lane->budget, &lane->request);
	status = claim_release(session, &lane->request, &lane->answer, &work->err);
	lane->unread = lane->request.place == SINK_FLIGHT && status == STATUS_UNCERTAIN;
	if (status != STATUS_OK || lane->answer.flown == 0)
		return status;
	lane->unread = flight_read(session, &lane->flight_claim, &lane->messages, &err) != STATUS_OK;
	if (lane->unread)
		log_err(SEVERITY_ERROR, &err);
	return STATUS_OK;
}

/* What the claim brought goes its way, whatever became of the statement. */
static void
let_fly(struct lane *lane)
{
	PGresult *messages = lane->messages;

	lane->messages = NULL;
	if (lane->request.place != SINK_FLIGHT)
		return;
	flight_give_back(lane->context->flight, (size_t)lane->tokens);
	if (lane->unread)
		flight_reread(lane->context->flight, lane, &lane->flight_claim);
	else if (messages != NULL)
		flight_take(lane->context->flight, lane, &lane->flight_claim, messages);
}

static void
count(struct lane_tally *tally, const struct claim_answer *answer)
{
	tally->handed_over += answer->handed_over;
	tally->refused += answer->refused;
	tally->expired += answer->expired;
	tally->held += answer->held;
	tally->conflicts += answer->conflicts;
	lateness_note(&tally->lateness, (struct duration){answer->now.us - answer->oldest.us}, answer->handed_over);
}

static enum lane_event
claim_event(struct lane *lane)
{
	const struct claim_answer *answer = &lane->answer;

	if (answer->stopped || answer->stale || answer->lost)
		return LANE_HALTED;
	if (answer->unknown_count > 0)
		return LANE_UNKNOWN_LAW;
	if (answer->locked >= answer->limit)
		return LANE_CLAIMED_FULL;
	return due_lane_is_empty(&lane->due) ? LANE_CLAIMED_LAST : LANE_CLAIMED;
}

static void
note_claimed(struct lane *lane)
{
	const struct claim_answer *answer = &lane->answer;

	count(&lane->tally, answer);
	due_lane_pass(&lane->due, answer->now);
	await_budget(lane);
	lane->came_up_empty = answer->locked == 0;
	if (!lane->came_up_empty)
		backoff_reset(&lane->pause);
	if (answer->conflicts > 0)
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "slots_conflict", .sender = lane->name},
			"sender %s: %lld slots were in the ledger already and are dropped", lane->name, (long long)answer->conflicts);
	if (answer->lost)
		lane->lease = (struct lease){.epoch = 0};
	if (answer->stale)
		lane->context->on_stale(lane->context->owner);
}

/* An uncertain claim counts as sent, for the pace as for everything else. */
static void
claim_done(struct work *work)
{
	struct lane *lane = work->owner;

	gate_laws_drop(&lane->laws);
	let_fly(lane);
	if (work->status != STATUS_OK) {
		if (work->status != STATUS_UNCERTAIN)
			token_bucket_give_back(&lane->pace, lane->tokens);
		lane_budget_spend(&lane->budget, -1);
		finish_failed(lane);
		return;
	}
	token_bucket_give_back(&lane->pace, lane->tokens - lane->answer.handed_over - lane->answer.flown);
	lane_budget_spend(&lane->budget, lane->answer.handed_over + lane->answer.flown);
	lane->volume_left = lane->budget.limited ? lane->budget.left : INT64_MAX;
	note_claimed(lane);
	finish(lane, claim_event(lane));
}

/* As many as the sender's pace and the sink allow. */
static int64_t
take_tokens(struct lane *lane, struct instant now)
{
	struct lane_context *context = lane->context;
	int64_t tokens, room;

	lane->starved = false;
	if (now.us < lane->rests_until.us)
		return 0;
	tokens = token_bucket_take(&lane->pace, clock_steady(context->clock), context->batch);
	if (tokens == 0 || context->sink->place != SINK_FLIGHT)
		return tokens;
	room = (int64_t)flight_reserve(context->flight, (size_t)tokens);
	token_bucket_give_back(&lane->pace, tokens - room);
	lane->starved = room == 0;
	return room;
}

static void
give_back(struct lane *lane, int64_t tokens)
{
	token_bucket_give_back(&lane->pace, tokens);
	if (lane->context->sink->place == SINK_FLIGHT)
		flight_give_back(lane->context->flight, (size_t)tokens);
}

static bool
prepare_budget(struct lane *lane, struct instant now)
{
	const struct lane_budget_situation situation = {.lane = lane->id,
		.epoch = lane->lease.epoch,
		.per_1000_s = lane->per_1000_s,
		.now_is_given = lane->context->clock->kind->simulated,
		.now = now,
		.laws = lane->laws};
	struct err err = ERR_INIT;

	if (lane_budget_prepare(&lane->budget, &situation, &err) == STATUS_OK)
		return true;
	if (lane->retry.failures == 0) {
		err_wrap(&err, "sender %s", lane->name);
		log_err(SEVERITY_ERROR, &err);
	}
	return false;
}

static void
claim(struct lane *lane)
{
	struct lane_context *context = lane->context;
	const struct instant now = clock_now(context->clock);
	int64_t tokens;

	if (!context->may_release || !lane_is_held(lane)) {
		lane_event(lane, LANE_HALTED);
		return;
	}
	tokens = take_tokens(lane, now);
	if (tokens == 0) {
		lane_event(lane, LANE_NO_TOKENS);
		return;
	}
	lane->laws = gate_laws(context->gate, now);
	if (lane->laws == NULL || !prepare_budget(lane, now)) {
		gate_laws_drop(&lane->laws);
		give_back(lane, tokens);
		lane_event(lane, LANE_FAILED);
		return;
	}
	lane->tokens = tokens;
	lane->request = (struct claim_request){
		.lane = lane->id,
		.lane_name = lane->name,
		.now_is_given = context->clock->kind->simulated,
		.now = now,
		.limit = (int)tokens,
		.commit_margin = context->commit_margin,
		.place = context->sink->place,
		.epoch = lane->lease.epoch,
		.number = ++lane->claims,
		.law = lane->laws->claim,
	};
	lane->unread = false;
	lane->flight_claim = (struct flight_claim){.lane = lane->id,
		.epoch = lane->request.epoch,
		.number = lane->request.number,
		.now_is_given = lane->request.now_is_given,
		.now = now};
	submit(lane, run_claim, claim_done);
}

static enum status
run_learn(struct work *work, struct session *session)
{
	struct lane *lane = work->owner;

	return gate_class_read(session, lane->answer.unknown, lane->answer.unknown_count, lane->learned, &work->err);
}

static void
learn_done(struct work *work)
{
	struct lane *lane = work->owner;
	const size_t count = lane->answer.unknown_count;

	if (work->status == STATUS_OK)
		work->status = gate_add(lane->context->gate, lane->learned, count, &work->err);
	if (work->status == STATUS_OK)
		finish(lane, LANE_LEARNED);
	else
		finish_failed(lane);
}

/* Steps ------------------------------------------------------------------------------------------------------------------------------------- */

static void
perform(struct lane *lane, enum lane_action action)
{
	switch (action) {
	case LANE_FETCH:
		submit(lane, run_fetch, fetch_done);
		break;
	case LANE_CLAIM:
		claim(lane);
		break;
	case LANE_LEARN:
		submit(lane, run_learn, learn_done);
		break;
	case LANE_ARM_DUE:
		arm_due(lane);
		break;
	case LANE_ARM_TOKENS:
		arm_tokens(lane);
		break;
	case LANE_ARM_RETRY:
		arm(lane, clock_after(lane->context->clock, backoff_next(&lane->retry)));
		break;
	case LANE_REMEMBER:
		lane->hinted = true;
		break;
	case LANE_DISARM:
		due_queue_disarm(lane->context->queue, &lane->due);
		break;
	case LANE_NOTHING:
	case LANE_ACTION_COUNT:
		break;
	}
}

void
lane_event(struct lane *lane, enum lane_event event)
{
	const struct lane_step step = lane_step(lane->state, event);

	if (step.next != lane->state)
		log_event(SEVERITY_DEBUG, &(struct log_about){.event = "lane", .sender = lane->name}, "sender %s: %s: %s -> %s", lane->name,
			lane_event_name(event), lane_state_name(lane->state), lane_state_name(step.next));
	lane->state = step.next;
	perform(lane, step.action);
}
