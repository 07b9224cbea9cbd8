/*
 * Taking is one transaction: lock, read the counts, decide, write the block. The limits are those of the planner (quota.h), made anew each time: it
 * takes less than reading. Nobody takes while another lane of the portfolio does; each sees what the one before took.
 *
 * Counts name classes. The gate knows those that are in the queue; of others, which only the past knows, the rules are found here and kept.
 */
#include "lane_budget.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"
#include "policy/escrow.h"

/* Columns of budget_sent. */
enum { LANE, CLASS_ID, SINCE, MESSAGES };

enum { TRIES = 4 }; /* lanes that join the portfolio meanwhile are counted from then on as well */

#define LOOKED_AT_FOR US_PER_HOUR                       /* rules and limits are dated: one that has none today may have one tomorrow */
#define QUARTER ((struct duration){15 * US_PER_MINUTE}) /* quarter_of() */

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory");
}

void
lane_budget_clear(struct lane_budget *budget)
{
	lane_limits_free(&budget->limits);
	quota_free(&budget->quota);
	free(budget->waiting);
	free(budget->lanes_text);
	free(budget->past);
	*budget = (struct lane_budget){.limits = NULL};
}

void
lane_budget_set_limits(struct lane_budget *budget, struct lane_limits **limits)
{
	struct lane_limits *given = *limits;

	*limits = NULL;
	if (lane_limits_same(budget->limits, given)) {
		lane_limits_free(&given);
		return;
	}
	lane_limits_free(&budget->limits);
	budget->limits = given;
	budget->limits_are_new = true;
}

/* In the loop's thread ---------------------------------------------------------------------------------------------------------------------- */

static bool
is_good(const struct lane_budget *budget, const struct lane_budget_situation *situation)
{
	return !budget->limits_are_new && budget->laws_number == situation->laws->number && situation->now.us < budget->until.us &&
		budget->left > 0 && budget->epoch == situation->epoch &&
		(budget->again.us == INT64_MAX || (situation->now.us < budget->again.us && !budget->has_landed));
}

static enum status
make_quota(struct lane_budget *budget, const struct lane_budget_situation *situation, struct err *err)
{
	const struct quota_setup setup = {.rulebook = situation->laws->book->law.rulebook,
		.sender = &budget->limits->sender,
		.zones = situation->laws->book->zones,
		.span = {situation->now, {situation->now.us + US_PER_DAY}},
		.lane = situation->lane,
		.portfolio = budget->limits->lanes,
		.portfolio_count = budget->limits->lane_count};

	quota_free(&budget->quota);
	return quota_create(&setup, &budget->quota, err);
}

static bool
is_limited(const struct lane_budget *budget, const struct gate_laws *laws)
{
	bool limited = false;

	for (size_t i = 0; i < laws->class_count && !limited; i++)
		limited = quota_limits_among(budget->quota, laws->volumes[i]) != 0;
	return limited;
}

/* Nothing is good until another one is taken, or it is known that none is needed. */
static void
forget_block(struct lane_budget *budget)
{
	free(budget->waiting);
	budget->waiting = NULL;
	budget->limited = false;
	budget->left = INT64_MAX;
	budget->until.us = INT64_MIN;
	budget->again.us = INT64_MAX;
}

enum status
lane_budget_prepare(struct lane_budget *budget, const struct lane_budget_situation *situation, struct err *err)
{
	const struct gate_laws *laws = situation->laws;

	budget->asks = false;
	if (is_good(budget, situation))
		return STATUS_OK;
	forget_block(budget);
	if (budget->limits != NULL && make_quota(budget, situation, err) != STATUS_OK)
		return err->status;
	budget->limits_are_new = budget->has_landed = false;
	budget->laws_number = laws->number;
	budget->epoch = situation->epoch;
	if (budget->limits == NULL || !is_limited(budget, laws)) {
		budget->until.us = situation->now.us + LOOKED_AT_FOR;
		return STATUS_OK;
	}
	free(budget->lanes_text);
	budget->lanes_text = strdup(budget->limits->lanes_text);
	if (budget->lanes_text == NULL)
		return no_memory(err);
	budget->lane_count = budget->limits->lane_count;
	budget->asks = true;
	budget->lane = situation->lane;
	budget->per_1000_s = situation->per_1000_s;
	budget->now_is_given = situation->now_is_given;
	budget->now = situation->now;
	budget->laws = laws;
	return STATUS_OK;
}

void
lane_budget_bind(const struct lane_budget *budget, struct claim_request *request)
{
	request->waiting = budget->waiting;
	request->before = budget->limited ? budget->until : (struct instant){INT64_MAX};
	if (budget->left > 0 && budget->left < request->limit)
		request->limit = (int)budget->left;
}

void
lane_budget_land(struct lane_budget *budget)
{
	budget->has_landed = true;
}

struct instant
lane_budget_again(const struct lane_budget *budget, struct instant now)
{
	return budget->again.us != INT64_MAX && (budget->limits_are_new || budget->has_landed) ? now : budget->again;
}

void
lane_budget_spend(struct lane_budget *budget, int64_t count)
{
	budget->laws = NULL;
	if (!budget->limited)
		return;
	if (budget->left != INT64_MAX)
		budget->left = count < 0 || count > budget->left ? 0 : budget->left - count;
	if (count < 0)
		budget->until.us = INT64_MIN;
}

/* In a worker: what the lanes have sent ----------------------------------------------------------------------------------------------------- */

static int
compare_id(const void *id, const void *element)
{
	const int32_t a = *(const int32_t *)id, b = *(const int32_t *)element;

	return (a > b) - (a < b);
}

static bool
find_rules(const struct lane_budget *budget, int32_t class_id, uint32_t *out)
{
	const struct gate_laws *laws = budget->laws;
	const int32_t *found = bsearch(&class_id, laws->class_ids, laws->class_count, sizeof(*found), compare_id);

	if (found != NULL) {
		*out = laws->volumes[found - laws->class_ids];
		return true;
	}
	for (size_t i = budget->past_count; i-- > 0;)
		if (budget->past[i].id == class_id) {
			*out = budget->past[i].rules;
			return true;
		}
	return false;
}

static enum status
learn_class(struct lane_budget *budget, struct session *session, int32_t class_id, uint32_t *out, struct err *err)
{
	struct lane_budget_class *past = grow(budget->past, budget->past_count, &budget->past_room, sizeof(*past));
	struct gate_class *class = NULL;
	enum status status;

	if (past == NULL)
		return no_memory(err);
	budget->past = past;
	status = gate_class_read(session, &class_id, 1, &class, err);
	if (status == STATUS_OK)
		status = gate_class_volumes(budget->laws->book->law.rulebook, class, out, err);
	gate_class_free(&class);
	if (status == STATUS_OK)
		past[budget->past_count++] = (struct lane_budget_class){class_id, *out};
	return status;
}

static enum status
rules_of(struct lane_budget *budget, struct session *session, const PGresult *rows, int row, uint32_t *out, struct err *err)
{
	const int32_t class_id = (int32_t)session_int(rows, row, CLASS_ID);

	*out = UINT32_MAX; /* of a block nobody knows what it will be used for */
	if (PQgetisnull(rows, row, CLASS_ID) || find_rules(budget, class_id, out))
		return STATUS_OK;
	return learn_class(budget, session, class_id, out, err);
}

static enum status
count_rows(struct lane_budget *budget, struct session *session, const PGresult *rows, struct err *err)
{
	/* No cell begins or ends within a quarter of an hour; where one does, a quarter counts in each that it touches. */
	const bool cells_fit = quota_grain(budget->quota, QUARTER).us == QUARTER.us;

	for (int row = 0; row < PQntuples(rows); row++) {
		struct quota_use use = {.lane = (int16_t)session_int(rows, row, LANE), .n = session_int(rows, row, MESSAGES)};

		if (instant_parse(PQgetvalue(rows, row, SINCE), &use.first, err) != STATUS_OK ||
			rules_of(budget, session, rows, row, &use.rules, err) != STATUS_OK)
			return err->status;
		use.last.us = use.first.us + (cells_fit ? 0 : QUARTER.us - 1);
		quota_count(budget->quota, &use);
	}
	return STATUS_OK;
}

static enum status
count_sent(struct lane_budget *budget, struct session *session, struct err *err)
{
	char lane[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX];
	const char *params[] = {budget->lanes_text, session_param_int(budget->lane, lane),
		session_param_instant(quota_counts_from(budget->quota), since),
		budget->now_is_given ? session_param_instant(budget->now, now) : NULL};
	PGresult *rows;
	enum status status;

	if (session_query(session, &sql_query_budget_sent, params, 4, &rows, err) != STATUS_OK)
		return err->status;
	status = count_rows(budget, session, rows, err);
	PQclear(rows);
	return status;
}

/* In a worker: taking ----------------------------------------------------------------------------------------------------------------------- */

static char *
list_waiting(const struct gate_laws *laws, const bool *waits)
{
	char *text = NULL;
	size_t size, count = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	(void)fputc('{', out);
	for (size_t i = 0; i < laws->class_count; i++)
		if (waits[i])
			(void)fprintf(out, "%s%d", count++ > 0 ? "," : "", laws->class_ids[i]);
	(void)fputc('}', out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static enum status
write_block(struct lane_budget *budget, struct session *session, const struct escrow_answer *answer, struct err *err)
{
	char lane[SESSION_PARAM_MAX], epoch[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX], until[SESSION_PARAM_MAX], n[SESSION_PARAM_MAX],
		left[SESSION_PARAM_MAX], again[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX];
	const bool limited = answer->left != INT64_MAX;
	const char *params[] = {
		session_param_int(budget->lane, lane),
		session_param_int(budget->epoch, epoch),
		session_param_instant(budget->now, now),
		session_param_instant(answer->until, until),
		answer->reserved ? session_param_int(answer->n, n) : NULL,
		limited ? session_param_int(answer->left, left) : NULL,
		limited ? (answer->rule != NULL ? answer->rule->id : "") : NULL,
		answer->again.us != INT64_MAX ? session_param_instant(answer->again, again) : NULL,
		session_param_instant(quota_counts_from(budget->quota), since),
	};

	return session_query(session, &sql_query_budget_take, params, sizeof(params) / sizeof(params[0]), NULL, err);
}

static enum status
decide(struct lane_budget *budget, struct session *session, bool *waits, struct err *err)
{
	const struct escrow_ask ask = {.now = budget->now,
		.rules = budget->laws->volumes,
		.class_count = budget->laws->class_count,
		.lanes = budget->lane_count,
		.per_1000_s = budget->per_1000_s};
	struct escrow_answer answer;

	escrow_decide(budget->quota, &ask, waits, &answer);
	if (answer.again.us != INT64_MAX) {
		budget->waiting = list_waiting(budget->laws, waits);
		if (budget->waiting == NULL)
			return no_memory(err);
	}
	budget->limited = true;
	budget->left = answer.n > 0 ? answer.n : INT64_MAX; /* where all wait, nothing leaves anyway */
	budget->until = answer.until;
	budget->again = answer.again;
	return write_block(budget, session, &answer, err);
}

/* The instant is the server's, which claims go by. `out_missing` NULL: the lane is not ours any more; the claim will be told. */
static enum status
lock(struct lane_budget *budget, struct session *session, char **out_missing, struct err *err)
{
	char lane[SESSION_PARAM_MAX], epoch[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX];
	const char *params[] = {budget->lanes_text, session_param_int(budget->lane, lane), session_param_int(budget->epoch, epoch),
		session_param_instant(quota_counts_from(budget->quota), since),
		budget->now_is_given ? session_param_instant(budget->now, now) : NULL};
	PGresult *rows;
	enum status status;

	*out_missing = NULL;
	if (session_query(session, &sql_query_budget_lock, params, 5, &rows, err) != STATUS_OK)
		return err->status;
	status = instant_parse(PQgetvalue(rows, 0, 1), &budget->now, err);
	if (status == STATUS_OK && !PQgetisnull(rows, 0, 0)) {
		*out_missing = strdup(PQgetvalue(rows, 0, 0));
		status = *out_missing != NULL ? STATUS_OK : no_memory(err);
	}
	PQclear(rows);
	return status;
}

static enum status
start_lane(const struct lane_budget *budget, struct session *session, int64_t lane_id, struct err *err)
{
	char lane[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX];
	const char *params[] = {session_param_int(lane_id, lane), session_param_instant(quota_counts_from(budget->quota), since)};

	if (session_query(session, &sql_query_budget_start, params, 1, NULL, err) != STATUS_OK)
		return err->status;
	return session_query(session, &sql_query_budget_history, params, 2, NULL, err);
}

/* "{3,4}". */
static enum status
start_lanes(const struct lane_budget *budget, struct session *session, const char *missing, struct err *err)
{
	char *rest;

	for (const char *at = missing; (*at == '{' || *at == ',') && err->status == STATUS_OK; at = rest) {
		const long lane = strtol(at + 1, &rest, 10);

		if (rest == at + 1)
			break;
		(void)start_lane(budget, session, lane, err);
	}
	return err->status;
}

static enum status
take_locked(struct lane_budget *budget, struct session *session, struct err *err)
{
	bool *waits = calloc(budget->laws->class_count + 1, sizeof(*waits));
	enum status status = waits != NULL ? count_sent(budget, session, err) : no_memory(err);

	if (status == STATUS_OK)
		status = decide(budget, session, waits, err);
	if (status == STATUS_OK)
		status = session_commit(session, err);
	free(waits);
	return status;
}

/* Lanes that do not count yet begin to, outside the transaction; then once more. */
static enum status
try_to_take(struct lane_budget *budget, struct session *session, bool *out_again, struct err *err)
{
	char *missing = NULL;
	enum status status = session_begin(session, SESSION_READ_COMMITTED, err);

	*out_again = false;
	if (status == STATUS_OK)
		status = lock(budget, session, &missing, err);
	*out_again = status == STATUS_OK && missing != NULL && strcmp(missing, "{}") != 0;
	if (status == STATUS_OK && missing != NULL && !*out_again)
		status = take_locked(budget, session, err);
	else
		session_rollback(session);
	if (*out_again)
		status = start_lanes(budget, session, missing, err);
	free(missing);
	return status;
}

enum status
lane_budget_take(struct lane_budget *budget, struct session *session, struct err *err)
{
	bool again = budget->asks;
	enum status status = STATUS_OK;

	if (budget->asks && budget->laws->book->rulebook_id != budget->past_rulebook_id) {
		budget->past_count = 0;
		budget->past_rulebook_id = budget->laws->book->rulebook_id;
	}
	for (int i = 0; again && i < TRIES && status == STATUS_OK; i++)
		status = try_to_take(budget, session, &again, err);
	if (status == STATUS_OK && again)
		status = err_set(err, STATUS_TRANSIENT, "the senders of a portfolio change all the time");
	if (status == STATUS_OK)
		return STATUS_OK;
	session_rollback(session);
	budget->until.us = INT64_MIN; /* what was taken is taken anew */
	if (status == STATUS_UNCERTAIN)
		err->status = status = STATUS_TRANSIENT;
	return status;
}
