/*
 * How it works: each side stream keeps one row in hand. For the next person of the audience it is moved forwards to that person; whoever it
 * passes is not in the audience.
 */
#include "audience.h"

#include <stdlib.h>
#include <string.h>

#include "planner/core/person.h"
#include "sql/copy.h"

enum { REGION_TEXT_MAX = 16 };

struct stream {
	const char *name;
	struct copy_reader *reader; /* NULL: nothing to read */
	struct copy_row row;
	int64_t recipient_id; /* of the row in hand, unless at_end */
	bool started, at_end;
};

struct audience {
	struct stream streams[STREAM_COUNT];
	char region[REGION_TEXT_MAX], timezone[ZONE_NAME_MAX];
};

/* The two ways to read a side stream; both take the same parameters. */
struct side_stream {
	const char *name;
	const struct sql_statement *everybody, *members_only;
	int param_count;
};

static const struct side_stream SIDE_STREAMS[] = {
	[STREAM_RECIPIENTS] = {"recipients", &sql_query_plan_recipients, &sql_query_plan_recipients_of, 1},
	[STREAM_CONSENTS] = {"consents", &sql_query_plan_consents, &sql_query_plan_consents_of, 4},
	[STREAM_SUPPRESSIONS] = {"suppressions", &sql_query_plan_suppressions, &sql_query_plan_suppressions_of, 4},
};

/* Reading this share of everybody costs about as much as a join per person. */
enum { LARGE_SHARE = 4 };

static enum status
is_large_share(struct session *session, const char *audience_id, bool *out, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, &sql_query_plan_audience_share, (const char *const[]){audience_id}, 1, &rows, err);
	if (status != STATUS_OK)
		return status;
	*out = session_int(rows, 0, 0) * LARGE_SHARE >= session_int(rows, 0, 1);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
open_side_streams(
	struct audience *audience, struct session *const sessions[STREAM_COUNT], const char *const *params, bool everybody, struct err *err)
{
	enum status status = STATUS_OK;
	for (int i = STREAM_RECIPIENTS; i <= STREAM_SUPPRESSIONS && status == STATUS_OK; i++) {
		const struct side_stream *side = &SIDE_STREAMS[i];
		audience->streams[i].name = side->name;
		status = copy_reader_open(
			sessions[i], everybody ? side->everybody : side->members_only, params, side->param_count, &audience->streams[i].reader, err);
	}
	return status;
}

static enum status
open_streams(struct audience *audience, struct session *const sessions[STREAM_COUNT], const struct audience_query *query, struct err *err)
{
	char audience_id[SESSION_PARAM_MAX], business_id[SESSION_PARAM_MAX], run_id[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_int(query->audience_id, audience_id), session_param_int(query->business_id, business_id),
		channel_name(query->channel), category_name(query->category)};
	const char *const run[] = {session_param_int(query->run_id, run_id)};
	bool everybody;
	audience->streams[STREAM_MEMBERS].name = "members";
	audience->streams[STREAM_SUPPRESSED].name = "stored reasons";
	if (is_large_share(sessions[STREAM_MEMBERS], audience_id, &everybody, err) != STATUS_OK ||
		open_side_streams(audience, sessions, params, everybody, err) != STATUS_OK ||
		copy_reader_open(sessions[STREAM_MEMBERS], &sql_query_plan_members, params, 1, &audience->streams[STREAM_MEMBERS].reader, err) !=
			STATUS_OK)
		return err->status;
	if (query->run_id == 0)
		return STATUS_OK;
	return copy_reader_open(
		sessions[STREAM_SUPPRESSED], &sql_query_plan_suppressed, run, 1, &audience->streams[STREAM_SUPPRESSED].reader, err);
}

enum status
audience_open(struct session *const sessions[STREAM_COUNT], const struct audience_query *query, struct audience **out, struct err *err)
{
	struct audience *audience = calloc(1, sizeof *audience);
	if (audience == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	enum status status = open_streams(audience, sessions, query, err);
	if (status != STATUS_OK) {
		audience_close(&audience);
		return status;
	}
	*out = audience;
	return STATUS_OK;
}

void
audience_close(struct audience **audience)
{
	if (*audience != NULL)
		for (int i = 0; i < STREAM_COUNT; i++)
			if ((*audience)->streams[i].reader != NULL)
				copy_reader_close(&(*audience)->streams[i].reader);
	free(*audience);
	*audience = NULL;
}

/* Reads the stream's next row; sets at_end behind the last. */
static enum status
advance(struct stream *stream, struct err *err)
{
	enum status status = copy_reader_next(stream->reader, &stream->row, err);
	if (status == STATUS_NOT_FOUND) {
		stream->at_end = true;
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	const int64_t recipient_id = copy_field_int64(&stream->row, 0);
	if (stream->started && person_compare(recipient_id, stream->recipient_id) < 0)
		return err_set(err, STATUS_INTERNAL, "the stream of %s is out of order", stream->name);
	stream->recipient_id = recipient_id;
	stream->started = true;
	return STATUS_OK;
}

/* Moves a side stream to `recipient_id`; *out_there tells whether it has a row of that person in hand. */
static enum status
seek(struct stream *stream, int64_t recipient_id, bool *out_there, struct err *err)
{
	*out_there = false;
	if (stream->reader == NULL)
		return STATUS_OK;
	while (!stream->at_end && (!stream->started || person_compare(stream->recipient_id, recipient_id) < 0)) {
		enum status status = advance(stream, err);
		if (status != STATUS_OK)
			return status;
	}
	*out_there = !stream->at_end && stream->recipient_id == recipient_id;
	return STATUS_OK;
}

static const char *
field_text(const struct copy_row *row, int column, char *buffer, size_t room)
{
	const struct copy_field *field = &row->fields[column];
	size_t size = field->bytes != NULL ? (size_t)field->size : 0;
	if (size >= room)
		return "?"; /* no region or zone has such a name: unknown, hence held */
	if (size > 0)
		memcpy(buffer, field->bytes, size);
	buffer[size] = '\0';
	return buffer;
}

static enum status
read_person(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *recipients = &audience->streams[STREAM_RECIPIENTS];
	enum status status = seek(recipients, out->recipient_id, &out->known, err);
	if (status != STATUS_OK || !out->known)
		return status;
	out->phone = (uint64_t)copy_field_int64(&recipients->row, 1);
	out->region = field_text(&recipients->row, 2, audience->region, sizeof audience->region);
	out->timezone = field_text(&recipients->row, 3, audience->timezone, sizeof audience->timezone);
	return STATUS_OK;
}

enum status
audience_next(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *streams = audience->streams;
	enum status status = advance(&streams[STREAM_MEMBERS], err);
	if (status != STATUS_OK)
		return status;
	if (streams[STREAM_MEMBERS].at_end)
		return STATUS_NOT_FOUND;
	*out = (struct member){.recipient_id = streams[STREAM_MEMBERS].recipient_id, .region = "", .timezone = ""};
	bool stored = false;
	if ((status = read_person(audience, out, err)) != STATUS_OK ||
		(status = seek(&streams[STREAM_SUPPRESSIONS], out->recipient_id, &out->facts.suppressed, err)) != STATUS_OK ||
		(status = seek(&streams[STREAM_CONSENTS], out->recipient_id, &out->facts.consent_granted, err)) != STATUS_OK ||
		(status = seek(&streams[STREAM_SUPPRESSED], out->recipient_id, &stored, err)) != STATUS_OK)
		return status;
	if (out->facts.consent_granted)
		out->facts.evidence = (uint32_t)copy_field_int64(&streams[STREAM_CONSENTS].row, 1);
	if (stored)
		out->stored = (enum reason)copy_field_int64(&streams[STREAM_SUPPRESSED].row, 1);
	return STATUS_OK;
}
