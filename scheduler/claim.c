#include "claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "sql/migrate.h"

/* Columns of release_claim. */
enum { NOW, STOPPED, STALE, LOCKED, HANDED_OVER, REFUSED, EXPIRED, HELD, CONFLICTS, UNKNOWN, LOST, OLDEST, FLOWN };

/* "{3,17}"; beyond the limit the rest is left for the next claim. */
static size_t
parse_ids(const char *text, int32_t *out, size_t limit)
{
	size_t count = 0;
	char *end;

	while (count < limit && (*text == '{' || *text == ',')) {
		const long id = strtol(text + 1, &end, 10);

		if (end == text + 1)
			break;
		out[count++] = (int32_t)id;
		text = end;
	}
	return count;
}

static enum status
read_answer(const PGresult *rows, struct claim_answer *out, struct err *err)
{
	if (PQntuples(rows) != 1)
		return err_set(err, STATUS_INVALID, "a simulated clock releases only on an installation made by: daypart init --rehearsal");
	if (instant_parse(PQgetvalue(rows, 0, NOW), &out->now, err) != STATUS_OK)
		return err->status;
	out->oldest = out->now;
	if (!PQgetisnull(rows, 0, OLDEST) && instant_parse(PQgetvalue(rows, 0, OLDEST), &out->oldest, err) != STATUS_OK)
		return err->status;
	out->stopped = session_bool(rows, 0, STOPPED);
	out->stale = session_bool(rows, 0, STALE);
	out->lost = session_bool(rows, 0, LOST);
	out->locked = session_int(rows, 0, LOCKED);
	out->handed_over = session_int(rows, 0, HANDED_OVER);
	out->refused = session_int(rows, 0, REFUSED);
	out->expired = session_int(rows, 0, EXPIRED);
	out->held = session_int(rows, 0, HELD);
	out->conflicts = session_int(rows, 0, CONFLICTS);
	out->flown = session_int(rows, 0, FLOWN);
	out->unknown_count = parse_ids(PQgetvalue(rows, 0, UNKNOWN), out->unknown, CLAIM_UNKNOWN_MAX);
	return STATUS_OK;
}

static const char *
waiting_of(const struct claim_request *request)
{
	return request->waiting != NULL ? request->waiting : "{}";
}

static const char *
margin_of(const struct claim_request *request, char out[SESSION_PARAM_MAX])
{
	(void)snprintf(out, SESSION_PARAM_MAX, "%lld us", (long long)request->commit_margin.us);
	return out;
}

static enum status
claim(struct session *session, const struct claim_request *request, struct claim_answer *out, struct err *err)
{
	static const char *const places[] = {[SINK_OUTBOX] = "outbox", [SINK_NOBODY] = "nobody", [SINK_FLIGHT] = "flight"};
	char lane[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX], limit[SESSION_PARAM_MAX], rulebook[SESSION_PARAM_MAX], margin[SESSION_PARAM_MAX],
		epoch[SESSION_PARAM_MAX], number[SESSION_PARAM_MAX], schema[SESSION_PARAM_MAX], before[SESSION_PARAM_MAX];
	const char *params[] = {
		session_param_int(request->lane, lane),
		request->now_is_given ? session_param_instant(request->now, now) : NULL,
		session_param_int(out->limit, limit),
		request->law.class_ids,
		request->law.open_from,
		request->law.open_until,
		request->law.evidence,
		session_param_int(request->law.rulebook_id, rulebook),
		margin_of(request, margin),
		places[request->place],
		request->law.good_for,
		request->law.later,
		session_param_int(request->epoch, epoch),
		session_param_int(request->number, number),
		session_param_int(session_schema_version(), schema),
		waiting_of(request),
		session_param_instant(request->before, before),
	};
	PGresult *rows;
	enum status status;

	if (session_query(session, &sql_query_release_claim, params, sizeof(params) / sizeof(params[0]), &rows, err) != STATUS_OK)
		return err->status;
	status = read_answer(rows, out, err);
	PQclear(rows);
	return status;
}

/* Data exceptions and broken constraints are about a row; everything else is about the server, the schema or us. */
static bool
blames_a_row(const struct err *err)
{
	return strncmp(err->sqlstate, "22", 2) == 0 || strncmp(err->sqlstate, "23", 2) == 0;
}

/* The key of a slot, as the texts that go back as parameters. */
struct slot_key {
	char bucket[SESSION_PARAM_MAX], recipient_id[SESSION_PARAM_MAX], run_id[SESSION_PARAM_MAX], part[SESSION_PARAM_MAX];
};

static enum status
read_head(struct session *session, const struct claim_request *request, struct slot_key *out, struct err *err)
{
	char lane[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX];
	const char *params[] = {
		session_param_int(request->lane, lane), request->now_is_given ? session_param_instant(request->now, now) : NULL};
	char *const fields[] = {out->bucket, out->recipient_id, out->run_id, out->part};
	PGresult *rows;
	bool found;

	if (session_query(session, &sql_query_release_head, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	found = PQntuples(rows) == 1;
	for (int i = 0; found && i < 4; i++)
		(void)snprintf(fields[i], SESSION_PARAM_MAX, "%s", PQgetvalue(rows, 0, i));
	PQclear(rows);
	return found ? STATUS_OK : err_set(err, STATUS_NOT_FOUND, "no slot is due");
}

static enum status
isolate(struct session *session, const struct claim_request *request, const struct slot_key *key, const struct err *why,
	struct claim_answer *out, struct err *err)
{
	char now[SESSION_PARAM_MAX];
	const char *params[] = {
		key->bucket, key->recipient_id, key->run_id, key->part, request->now_is_given ? session_param_instant(request->now, now) : NULL};
	PGresult *rows;

	if (session_query(session, &sql_query_release_isolate, params, 5, &rows, err) != STATUS_OK)
		return err->status;
	out->held = session_int(rows, 0, 0);
	PQclear(rows);
	if (out->held > 0) {
		log_event(SEVERITY_ERROR,
			&(struct log_about){.event = "slot_isolated", .sender = request->lane_name, .recipient = key->recipient_id, .run = key->run_id},
			"sender %s: recipient %s of run %s was not released but held: the database refused it", request->lane_name, key->recipient_id,
			key->run_id);
		log_err(SEVERITY_ERROR, why);
	}
	out->locked = 1;
	out->now = request->now;
	return STATUS_OK;
}

/* The head is read before the claim of one that fails, so that what is isolated is what failed. */
static enum status
release_one(struct session *session, const struct claim_request *request, struct claim_answer *out, struct err *err)
{
	struct err why = ERR_INIT;
	struct slot_key head;

	if (read_head(session, request, &head, err) != STATUS_OK)
		return err->status == STATUS_NOT_FOUND ? STATUS_OK : err->status;
	if (claim(session, request, out, &why) == STATUS_OK)
		return STATUS_OK;
	if (blames_a_row(&why))
		return isolate(session, request, &head, &why, out, err);
	*err = why;
	return err->status;
}

/* What the ledger has already made the claim of so many fail. An error here changes nothing: that of the claim is the one to deal with. */
static int64_t
drop_known(struct session *session, const struct claim_request *request, int limit)
{
	char lane[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX], limit_text[SESSION_PARAM_MAX], epoch[SESSION_PARAM_MAX],
		margin[SESSION_PARAM_MAX];
	const char *params[] = {
		session_param_int(request->lane, lane),
		request->now_is_given ? session_param_instant(request->now, now) : NULL,
		session_param_int(limit, limit_text),
		session_param_int(request->epoch, epoch),
		waiting_of(request),
		margin_of(request, margin),
	};
	struct err err = ERR_INIT;
	PGresult *rows;
	int64_t known;

	if (session_query(session, &sql_query_release_known, params, sizeof(params) / sizeof(params[0]), &rows, &err) != STATUS_OK)
		return 0;
	known = session_int(rows, 0, 0);
	PQclear(rows);
	return known;
}

static bool
is_conflict(const struct err *err)
{
	return strcmp(err->sqlstate, "23505") == 0;
}

enum status
claim_release(struct session *session, const struct claim_request *request, struct claim_answer *out, struct err *err)
{
	enum status status = STATUS_OK;
	int64_t known = 0, dropped;

	*out = (struct claim_answer){.limit = request->limit, .now = request->now};
	while (claim(session, request, out, err) != STATUS_OK) {
		dropped = is_conflict(err) ? drop_known(session, request, out->limit) : 0;
		known += dropped;
		if (dropped > 0)
			continue;
		if (!blames_a_row(err))
			return err->status;
		out->limit /= 2;
		if (out->limit <= 1) {
			out->limit = 1;
			status = release_one(session, request, out, err);
			break;
		}
	}
	out->conflicts += known;
	return status;
}

void
claim_warm_up(struct session *session)
{
	static const struct claim_request nothing = {.lane = -1,
		.lane_name = "",
		.limit = 1,
		.law = {.class_ids = "{}", .open_from = "{}", .open_until = "{}", .evidence = "{}", .good_for = "{}", .later = "{}"}};
	struct claim_answer answer = {.limit = nothing.limit};
	struct err err = ERR_INIT;

	(void)!claim(session, &nothing, &answer, &err);
}

enum status
claim_look_ahead(
	struct session *session, int16_t lane, const char *waiting, struct instant *out, size_t limit, size_t *out_count, struct err *err)
{
	char lane_text[SESSION_PARAM_MAX], limit_text[SESSION_PARAM_MAX];
	const char *params[] = {session_param_int(lane, lane_text), session_param_int((int64_t)limit, limit_text), waiting};
	const struct sql_statement *statement = waiting != NULL ? &sql_query_release_ahead_others : &sql_query_release_ahead;
	PGresult *rows;

	if (session_query_binary(session, statement, params, waiting != NULL ? 3 : 2, &rows, err) != STATUS_OK)
		return err->status;
	*out_count = (size_t)PQntuples(rows);
	for (size_t i = 0; i < *out_count; i++)
		out[i] = session_instant_binary(rows, (int)i, 0);
	PQclear(rows);
	return STATUS_OK;
}
