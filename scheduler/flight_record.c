/*
 * What an answer asks for beyond its message is done before the message is settled, each in a transaction of its own: after a crash in between the
 * message is uncertain and the rest is done, never the other way round. It may then be done twice, which changes nothing.
 */
#include "flight_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "lane.h"
#include "planner/core/grow.h"
#include "scheduler/sink/json_text.h"

enum { UNREACHABLE_MOST = 3 }; /* so many messages that reached nobody, and no more are tried on that channel */

/* Columns of flight_take and, all of them, flight_ask. */
enum {
	BUCKET,
	RECIPIENT_ID,
	RUN_ID,
	ATTEMPT,
	NOT_AFTER,
	KEY,
	PHONE,
	CHANNEL,
	CATEGORY,
	SENDER,
	SENDER_ADDRESS,
	CAMPAIGN,
	TEMPLATE,
	LANGUAGE,
	BODY,
	VARIABLES,
	LANE,
	EPOCH,
	CLAIM
};

/* Reading ----------------------------------------------------------------------------------------------------------------------------------- */

enum status
flight_read(struct session *session, const struct flight_claim *claim, PGresult **out, struct err *err)
{
	char lane[SESSION_PARAM_MAX], epoch[SESSION_PARAM_MAX], number[SESSION_PARAM_MAX], now[SESSION_PARAM_MAX];
	const char *params[] = {session_param_int(claim->lane, lane), session_param_int(claim->epoch, epoch),
		session_param_int(claim->number, number), claim->now_is_given ? session_param_instant(claim->now, now) : NULL};

	return session_query(session, &sql_query_flight_take, params, 4, out, err);
}

enum status
flight_read_uncertain(struct session *session, size_t limit, const struct instant *now, PGresult **out, struct err *err)
{
	char most[SESSION_PARAM_MAX], moment[SESSION_PARAM_MAX];
	const char *params[] = {session_param_int((int64_t)limit, most), now != NULL ? session_param_instant(*now, moment) : NULL};

	return session_query(session, &sql_query_flight_ask, params, 2, out, err);
}

static const char *
param_interval(struct duration value, char out[SESSION_PARAM_MAX])
{
	(void)snprintf(out, SESSION_PARAM_MAX, "%" PRId64 " us", value.us);
	return out;
}

enum status
flight_read_repeatable(struct session *session, const char *lanes, size_t limit, struct duration margin, const struct instant *now,
	PGresult **out, struct err *err)
{
	char most[SESSION_PARAM_MAX], before[SESSION_PARAM_MAX], moment[SESSION_PARAM_MAX];
	const char *params[] = {lanes, session_param_int((int64_t)limit, most), param_interval(margin, before),
		now != NULL ? session_param_instant(*now, moment) : NULL};

	return session_query(session, &sql_query_flight_repeat, params, 4, out, err);
}

enum status
flight_mark_lost(struct session *session, const struct instant *now, int64_t *out_count, struct err *err)
{
	char moment[SESSION_PARAM_MAX];
	const char *params[] = {now != NULL ? session_param_instant(*now, moment) : NULL};
	PGresult *rows;

	if (session_query(session, &sql_query_flight_recover, params, 1, &rows, err) != STATUS_OK)
		return err->status;
	*out_count = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

static bool
parse_row(const PGresult *rows, int row, const struct flight_claim *claim, struct flown *out)
{
	struct err err = ERR_INIT;

	out->message = (struct message){
		.recipient_id = session_int(rows, row, RECIPIENT_ID),
		.run_id = (int32_t)session_int(rows, row, RUN_ID),
		.bucket = (int16_t)session_int(rows, row, BUCKET),
		.attempt = (int16_t)session_int(rows, row, ATTEMPT),
		.key = PQgetvalue(rows, row, KEY),
		.phone = PQgetvalue(rows, row, PHONE),
		.channel = PQgetvalue(rows, row, CHANNEL),
		.category = PQgetvalue(rows, row, CATEGORY),
		.sender = PQgetvalue(rows, row, SENDER),
		.sender_address = PQgetvalue(rows, row, SENDER_ADDRESS),
		.campaign = PQgetvalue(rows, row, CAMPAIGN),
		.template = PQgetvalue(rows, row, TEMPLATE),
		.language = PQgetvalue(rows, row, LANGUAGE),
		.body = PQgetvalue(rows, row, BODY),
		.variables = PQgetvalue(rows, row, VARIABLES),
		.context = out,
	};
	out->lane_id = claim != NULL ? claim->lane : (int16_t)session_int(rows, row, LANE);
	out->epoch = claim != NULL ? claim->epoch : session_int(rows, row, EPOCH);
	out->claim = claim != NULL ? claim->number : session_int(rows, row, CLAIM);
	return instant_parse(PQgetvalue(rows, row, NOT_AFTER), &out->message.not_after, &err) == STATUS_OK;
}

struct flown_batch *
flight_parse(PGresult *rows, const struct flight_claim *claim)
{
	const int count = PQntuples(rows);
	struct flown_batch *batch = calloc(1, sizeof(*batch));

	if (count > 0 && batch != NULL)
		batch->items = calloc((size_t)count, sizeof(*batch->items));
	if (batch == NULL || batch->items == NULL) {
		free(batch);
		PQclear(rows);
		return NULL;
	}
	batch->rows = rows;
	for (int row = 0; row < count; row++)
		if (parse_row(rows, row, claim, &batch->items[batch->open]))
			batch->items[batch->open++].batch = batch;
	return batch;
}

/* Obeying ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_about_a_person(enum provider_action action)
{
	return action == PROVIDER_STOP_PERSON || action == PROVIDER_UNREACHABLE;
}

/* A thousand refused messages of one campaign stop it once. */
static bool
was_obeyed(const struct flight_record *record, size_t place)
{
	const struct flown *flown = record->items[place];

	if (is_about_a_person(flown->action))
		return false;
	for (size_t i = 0; i < place; i++) {
		const struct flown *other = record->items[i];

		if (other->action == flown->action && other->message.run_id == flown->message.run_id && other->lane_id == flown->lane_id &&
			strcmp(other->message.template, flown->message.template) == 0 && strcmp(other->message.language, flown->message.language) == 0)
			return true;
	}
	return false;
}

static const char *
text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static enum status
obey(struct session *session, const struct flown *flown, struct err *err)
{
	char bucket[SESSION_PARAM_MAX], person[SESSION_PARAM_MAX], run[SESSION_PARAM_MAX], most[SESSION_PARAM_MAX];
	const struct message *message = &flown->message;
	const char *params[] = {provider_action_name(flown->action), session_param_int(message->bucket, bucket),
		session_param_int(message->recipient_id, person), session_param_int(message->run_id, run), message->template, message->language,
		text_or_null(flown->code), text_or_null(flown->words), session_param_int(UNREACHABLE_MOST, most)};
	PGresult *rows;

	if (session_query(session, &sql_query_flight_obey, params, sizeof(params) / sizeof(params[0]), &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 1 && !PQgetisnull(rows, 0, 0))
		log_event(is_about_a_person(flown->action) ? SEVERITY_INFO : SEVERITY_WARNING,
			&(struct log_about){.event = "provider_says",
				.sender = message->sender,
				.campaign = message->campaign,
				.key = message->key,
				.reason = provider_action_name(flown->action)},
			"sender %s: the provider says %s (%s%s%s): %s", message->sender, provider_action_name(flown->action), flown->code,
			flown->words[0] != '\0' ? " " : "", flown->words, PQgetvalue(rows, 0, 0));
	PQclear(rows);
	return STATUS_OK;
}

static enum status
add_rests(struct flight_record *record, const PGresult *rows, struct instant until, struct err *err)
{
	for (int row = 0; row < PQntuples(rows); row++) {
		struct flight_rest *rests = grow(record->rests, record->rest_count, &record->rest_room, sizeof(*rests));

		if (rests == NULL)
			return err_set(err, STATUS_NO_MEMORY, "out of memory");
		record->rests = rests;
		rests[record->rest_count++] = (struct flight_rest){(int16_t)session_int(rows, row, 0), until};
	}
	return STATUS_OK;
}

/* All senders of the account wait as long as the message does. */
static enum status
rest_account(struct session *session, struct flight_record *record, const struct flown *flown, struct err *err)
{
	char lane[SESSION_PARAM_MAX];
	const char *params[] = {session_param_int(flown->lane_id, lane)};
	PGresult *rows;
	enum status status;

	if (flown->fate.event != SLOT_RETRY || flown->fate.again.us == INT64_MAX)
		return STATUS_OK;
	if (session_query(session, &sql_query_flight_account, params, 1, &rows, err) != STATUS_OK)
		return err->status;
	status = add_rests(record, rows, flown->fate.again, err);
	PQclear(rows);
	return status;
}

/* Its message is settled all the same: it is known what became of it. */
static void
fail_to_obey(const struct flown *flown, struct err *err)
{
	err_wrap(err, "sender %s: the provider says %s (%s %s), and it cannot be done", flown->message.sender,
		provider_action_name(flown->action), flown->code, flown->words);
	log_err(SEVERITY_ERROR, err);
	*err = (struct err)ERR_INIT;
}

static enum status
obey_all(struct session *session, struct flight_record *record, struct err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct flown *flown = record->items[i];
		enum status status = STATUS_OK;

		if (flown->fate.obey && !was_obeyed(record, i))
			status = obey(session, flown, err);
		else if (flown->action == PROVIDER_RETRY_ACCOUNT && !was_obeyed(record, i))
			status = rest_account(session, record, flown, err);
		if (status == STATUS_TRANSIENT || status == STATUS_UNCERTAIN)
			return status;
		if (status != STATUS_OK)
			fail_to_obey(flown, err);
	}
	return STATUS_OK;
}

/* Settling ---------------------------------------------------------------------------------------------------------------------------------- */

/* What was never handed to the wire, and an acceptance without a name at the first try, leave nothing to remember. */
static bool
is_worth_keeping(const struct flown *flown)
{
	return flown->left && (flown->action != PROVIDER_ACCEPTED || flown->provider_id[0] != '\0' || flown->message.attempt > 1);
}

static void
write_instant(FILE *out, const char *name, struct instant at)
{
	char text[SESSION_PARAM_MAX];

	json_write_member(out, name, session_param_instant(at, text));
}

static void
write_answer(FILE *out, const struct flown *flown)
{
	const struct message *message = &flown->message;

	fprintf(out, "{\"bucket\":%d,\"recipient_id\":%" PRId64 ",\"run_id\":%" PRId32 ",\"epoch\":%" PRId64 ",\"claim\":%" PRId64,
		message->bucket, message->recipient_id, message->run_id, flown->epoch, flown->claim);
	json_write_member(out, "state", slot_state_name(flown->next));
	json_write_member(out, "why", flown->fate.reason);
	if (flown->left && flown->left_at.us != 0)
		write_instant(out, "left_at", flown->left_at);
	if (flown->left && flown->next == SLOT_QUEUED)
		write_instant(out, "again", flown->fate.again);
	if (is_worth_keeping(flown)) {
		json_write_member(out, "action", provider_action_name(flown->action));
		json_write_member(out, "provider_id", text_or_null(flown->provider_id));
		json_write_member(out, "code", text_or_null(flown->code));
		json_write_member(out, "words", text_or_null(flown->words));
	}
	fputc('}', out);
}

static char *
write_answers(const struct flight_record *record)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < record->count; i++) {
		fputc(i == 0 ? '[' : ',', out);
		write_answer(out, record->items[i]);
	}
	fputc(']', out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static enum status
settle(struct session *session, struct flight_record *record, struct err *err)
{
	char moment[SESSION_PARAM_MAX], margin[SESSION_PARAM_MAX];
	char *answers = write_answers(record);
	const char *params[] = {session_param_instant(record->moment, moment), param_interval(record->margin, margin), answers};
	PGresult *rows;
	enum status status;

	if (answers == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	status = session_query(session, &sql_query_flight_settle, params, 3, &rows, err);
	free(answers);
	if (status != STATUS_OK)
		return status;
	record->tally = (struct flight_tally){session_int(rows, 0, 0), session_int(rows, 0, 1), session_int(rows, 0, 2),
		session_int(rows, 0, 3), session_int(rows, 0, 4), session_int(rows, 0, 5), session_int(rows, 0, 6)};
	PQclear(rows);
	return STATUS_OK;
}

enum status
flight_record(struct session *session, struct flight_record *record, struct err *err)
{
	record->rest_count = 0;
	if (obey_all(session, record, err) != STATUS_OK)
		return err->status;
	return settle(session, record, err);
}

void
flight_record_clear(struct flight_record *record)
{
	free(record->rests);
	*record = (struct flight_record){.rests = NULL};
}
