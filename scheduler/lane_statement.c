#include "conf/log.h"
#include "lane_private.h"

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

void
lane_fetch(struct lane *lane)
{
	submit(lane, run_fetch, fetch_done);
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
			lane_pace_give_back(&lane->pace, lane->tokens);
		lane_budget_spend(&lane->budget, -1);
		finish_failed(lane);
		return;
	}
	lane_pace_give_back(&lane->pace, lane->tokens - lane->answer.handed_over - lane->answer.flown);
	lane_budget_spend(&lane->budget, lane->answer.handed_over + lane->answer.flown);
	lane->volume_left = lane->budget.limited ? lane->budget.left : INT64_MAX;
	note_claimed(lane);
	finish(lane, claim_event(lane));
}

/* As many as the sender's pace and the sink allow. */
static int64_t
take_tokens(struct lane *lane)
{
	struct lane_context *context = lane->context;
	int64_t tokens, room;

	lane->starved = false;
	tokens = lane_pace_take(&lane->pace, context->clock, context->batch);
	if (tokens == 0 || context->sink->place != SINK_FLIGHT)
		return tokens;
	room = (int64_t)flight_reserve(context->flight, (size_t)tokens);
	lane_pace_give_back(&lane->pace, tokens - room);
	lane->starved = room == 0;
	return room;
}

static void
give_back(struct lane *lane, int64_t tokens)
{
	lane_pace_give_back(&lane->pace, tokens);
	if (lane->context->sink->place == SINK_FLIGHT)
		flight_give_back(lane->context->flight, (size_t)tokens);
}

static bool
prepare_budget(struct lane *lane, struct instant now)
{
	const struct lane_budget_situation situation = {.lane = lane->id,
		.epoch = lane->lease.epoch,
		.per_1000_s = lane->pace.per_1000_s,
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

void
lane_claim(struct lane *lane)
{
	struct lane_context *context = lane->context;
	const struct instant now = clock_now(context->clock);
	int64_t tokens;

	if (!context->may_release || !lane_is_held(lane)) {
		lane_event(lane, LANE_HALTED);
		return;
	}
	tokens = take_tokens(lane);
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

void
lane_learn(struct lane *lane)
{
	submit(lane, run_learn, learn_done);
}
