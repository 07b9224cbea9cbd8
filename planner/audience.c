/*
 * How it works: each side stream keeps one row in hand. For the next person of the audience it is moved forwards to that person; whoever it
 * passes is not in the audience.
 */
#include "audience.h"

#include <stdlib.h>
#include <string.h>

#include "array_text.h"
#include "planner/core/person.h"
#include "sql/copy.h"

enum { REGION_TEXT_MAX = 16, LANGUAGE_TEXT_MAX = 36, VALUE_SEPARATOR = 0x1F };

typedef void add_row_fn(struct audience_sums *sums, const struct copy_row *row);

struct stream {
	const char *name;
	struct copy_reader *reader; /* NULL: nothing to read */
	struct copy_row row;
	int64_t recipient_id; /* of the row in hand, unless at_end */
	bool started, at_end;
	add_row_fn *add; /* to the sums; NULL: it is not summed up */
};

struct audience {
	struct stream streams[STREAM_COUNT];
	struct audience_sums sums;
	bool ages, several;
	char region[REGION_TEXT_MAX], timezone[ZONE_NAME_MAX], language[LANGUAGE_TEXT_MAX], rule[RULE_ID_MAX];
	char *value_text; /* cut into values */
	size_t value_room;
	const char **values;
	size_t value_count;
};

/* The two ways to read a side stream; both take the same parameters. */
struct side_stream {
	const char *name;
	const struct sql_statement *everybody, *members_only;
};

static const struct side_stream SIDE_STREAMS[] = {
	[STREAM_RECIPIENTS] = {"recipients", &sql_query_plan_recipients, &sql_query_plan_recipients_of},
	[STREAM_CONSENTS] = {"consents", &sql_query_plan_consents, &sql_query_plan_consents_of},
	[STREAM_SUPPRESSIONS] = {"suppressions", &sql_query_plan_suppressions, &sql_query_plan_suppressions_of},
	[STREAM_INBOUND] = {"messages from people", &sql_query_plan_inbound, &sql_query_plan_inbound_of},
	[STREAM_CONTACTED] = {"people written to", &sql_query_plan_contacted, &sql_query_plan_contacted_of},
};
static const struct side_stream RECIPIENTS_WITH_VALUES = {
	"recipients", &sql_query_plan_recipients_values, &sql_query_plan_recipients_values_of};

/* Reading this share of everybody costs about as much as a join per person. */
enum { LARGE_SHARE = 4 };

enum status
audience_is_large_share(struct session *session, const char *audiences, bool *out, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, &sql_query_plan_audience_share, (const char *const[]){audiences}, 1, &rows, err);
	if (status != STATUS_OK)
		return status;
	*out = session_int(rows, 0, 0) * LARGE_SHARE >= session_int(rows, 0, 1);
	PQclear(rows);
	return STATUS_OK;
}

/* Rows as numbers, each the same as in a plan_sum_*.sql ------------------------------------------------------------------------------------- */

static void
add_member(struct audience_sums *sums, const struct copy_row *row)
{
	row_sum_add(&sums->members, (uint64_t)copy_field_int64(row, 0));
}

/* A NULL is 0. */
static uint64_t
hash_word(const struct copy_row *row, int column)
{
	const struct copy_field *field = &row->fields[column];
	return field->bytes != NULL ? row_hash_text(field->bytes, (size_t)field->size, (uint64_t)column - 1) : 0;
}

static void
add_recipient(struct audience_sums *sums, const struct copy_row *row)
{
	const uint64_t hour = copy_field_is_null(row, 5) ? 0 : (uint64_t)(copy_field_int64(row, 5) + 1);
	const uint64_t words = hash_word(row, 2) ^ hash_word(row, 3) ^ hash_word(row, 4);
	row_sum_add(&sums->recipients, row_hash_int64(copy_field_int64(row, 0), row_hash_int64(copy_field_int64(row, 1), words ^ hour)));
}

static void
add_consent(struct audience_sums *sums, const struct copy_row *row)
{
	const uint64_t age = copy_field_is_null(row, 2) ? 0 : row_hash_int64(copy_field_int64(row, 2), 1);
	row_sum_add(&sums->consents, row_hash_int64(copy_field_int64(row, 0), row_hash_int32((int32_t)copy_field_int64(row, 1), age)));
}

static void
add_stored(struct audience_sums *sums, const struct copy_row *row)
{
	row_sum_add(&sums->stored[copy_field_int64(row, 1) & 63], (uint64_t)copy_field_int64(row, 0));
}

/* Which streams a plan_sum_*.sql would read just so. */
static void
choose_sums(struct audience *audience, bool everybody)
{
	audience->sums.of_members = !audience->several;
	audience->sums.of_recipients = everybody && audience->value_count == 0;
	audience->sums.of_consents = everybody;
	audience->streams[STREAM_MEMBERS].add = audience->sums.of_members ? add_member : NULL;
	audience->streams[STREAM_RECIPIENTS].add = audience->sums.of_recipients ? add_recipient : NULL;
	audience->streams[STREAM_CONSENTS].add = audience->sums.of_consents ? add_consent : NULL;
	audience->streams[STREAM_SUPPRESSED].add = add_stored;
}

const struct audience_sums *
audience_sums(const struct audience *audience)
{
	return &audience->sums;
}

/* Opening --------------------------------------------------------------------------------------------------------------------------------- */

struct opening {
	struct audience *audience;
	struct session *const *sessions;
	bool everybody;
};

static enum status
open_side(
	const struct opening *opening, int stream, const struct side_stream *side, const char *const *params, int param_count, struct err *err)
{
	struct stream *out = &opening->audience->streams[stream];
	out->name = side->name;
	return copy_reader_open(
		opening->sessions[stream], opening->everybody ? side->everybody : side->members_only, params, param_count, &out->reader, err);
}

static enum status
open_side_streams(const struct opening *opening, const struct audience_query *query, struct err *err)
{
	char business_id[SESSION_PARAM_MAX];
	const char *const params[] = {query->audiences, session_param_int(query->business_id, business_id), channel_name(query->channel),
		category_name(query->category), query->ages ? "true" : "false"};
	struct array_text names = ARRAY_TEXT_INIT;
	for (size_t i = 0; i < query->value_count; i++)
		array_text_add_name(&names, query->value_names[i]);
	const char *const values[] = {query->audiences, array_text(&names)};
	enum status status = values[1] != NULL ? STATUS_OK : err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (status == STATUS_OK)
		status = query->value_count > 0 ? open_side(opening, STREAM_RECIPIENTS, &RECIPIENTS_WITH_VALUES, values, 2, err)
										: open_side(opening, STREAM_RECIPIENTS, &SIDE_STREAMS[STREAM_RECIPIENTS], values, 1, err);
	if (status == STATUS_OK)
		status = open_side(opening, STREAM_CONSENTS, &SIDE_STREAMS[STREAM_CONSENTS], params, 5, err);
	if (status == STATUS_OK)
		status = open_side(opening, STREAM_SUPPRESSIONS, &SIDE_STREAMS[STREAM_SUPPRESSIONS], params, 4, err);
	if (status == STATUS_OK && query->inbound)
		status = open_side(opening, STREAM_INBOUND, &SIDE_STREAMS[STREAM_INBOUND], params, 3, err);
	if (status == STATUS_OK && query->contacts)
		status = open_side(opening, STREAM_CONTACTED, &SIDE_STREAMS[STREAM_CONTACTED], params, 2, err);
	array_text_free(&names);
	return status;
}

/* One audience is a range of the key in each bucket; of several, the ranges must be made one. */
static enum status
open_members(struct audience *audience, struct session *session, const struct audience_query *query, struct err *err)
{
	const char *const params[] = {query->audiences, query->excepted};
	struct copy_reader **reader = &audience->streams[STREAM_MEMBERS].reader;
	audience->several = strchr(query->audiences, ',') != NULL || strcmp(query->excepted, "{}") != 0;
	return audience->several ? copy_reader_open(session, &sql_query_plan_members_several, params, 2, reader, err)
							 : copy_reader_open(session, &sql_query_plan_members, params, 1, reader, err);
}

static enum status
open_streams(struct audience *audience, struct session *const sessions[STREAM_COUNT], const struct audience_query *query, struct err *err)
{
	char run_id[SESSION_PARAM_MAX];
	const char *const run[] = {session_param_int(query->run_id, run_id)};
	struct opening opening = {.audience = audience, .sessions = sessions};
	audience->streams[STREAM_MEMBERS].name = "members";
	audience->streams[STREAM_SUPPRESSED].name = "stored reasons";
	if (audience_is_large_share(sessions[STREAM_MEMBERS], query->audiences, &opening.everybody, err) != STATUS_OK ||
		open_side_streams(&opening, query, err) != STATUS_OK || open_members(audience, sessions[STREAM_MEMBERS], query, err) != STATUS_OK)
		return err->status;
	choose_sums(audience, opening.everybody);
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
	audience->ages = query->ages;
	audience->value_count = query->value_count;
	audience->values = calloc(query->value_count + 1, sizeof *audience->values);
	enum status status = audience->values == NULL ? err_set(err, STATUS_NO_MEMORY, "out of memory") : STATUS_OK;
	if (status == STATUS_OK)
		status = open_streams(audience, sessions, query, err);
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
	if (*audience == NULL)
		return;
	for (int i = 0; i < STREAM_COUNT; i++)
		if ((*audience)->streams[i].reader != NULL)
			copy_reader_close(&(*audience)->streams[i].reader);
	free((*audience)->value_text);
	free((*audience)->values);
	free(*audience);
	*audience = NULL;
}

/* Reading --------------------------------------------------------------------------------------------------------------------------------- */

/* Reads the stream's next row; sets at_end behind the last. */
static enum status
advance(struct stream *stream, struct audience_sums *sums, struct err *err)
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
	if (stream->add != NULL)
		stream->add(sums, &stream->row);
	stream->recipient_id = recipient_id;
	stream->started = true;
	return STATUS_OK;
}

/* Moves a side stream to `recipient_id`; *out_there tells whether it has a row of that person in hand. */
static enum status
seek(struct audience *audience, enum audience_stream which, int64_t recipient_id, bool *out_there, struct err *err)
{
	struct stream *stream = &audience->streams[which];
	*out_there = false;
	if (stream->reader == NULL)
		return STATUS_OK;
	while (!stream->at_end && (!stream->started || person_compare(stream->recipient_id, recipient_id) < 0)) {
		enum status status = advance(stream, &audience->sums, err);
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

/* The values of a person, one behind each separator; an empty one is none. */
static enum status
cut_values(struct audience *audience, const struct copy_field *field, struct err *err)
{
	const size_t size = field->bytes != NULL ? (size_t)field->size : 0;
	if (size >= audience->value_room) {
		char *text = realloc(audience->value_text, size + 1);
		if (text == NULL)
			return err_set(err, STATUS_NO_MEMORY, "out of memory");
		audience->value_text = text;
		audience->value_room = size + 1;
	}
	if (size > 0)
		memcpy(audience->value_text, field->bytes, size);
	audience->value_text[size] = '\0';
	char *value = audience->value_text;
	for (size_t i = 0; i < audience->value_count; i++) {
		char *end = value != NULL ? strchr(value, VALUE_SEPARATOR) : NULL;
		if (end != NULL)
			*end++ = '\0';
		audience->values[i] = value != NULL && *value != '\0' ? value : NULL;
		value = end;
	}
	return STATUS_OK;
}

static enum status
read_person(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *recipients = &audience->streams[STREAM_RECIPIENTS];
	enum status status = seek(audience, STREAM_RECIPIENTS, out->recipient_id, &out->known, err);
	if (status != STATUS_OK || !out->known)
		return status;
	out->phone = (uint64_t)copy_field_int64(&recipients->row, 1);
	out->region = field_text(&recipients->row, 2, audience->region, sizeof audience->region);
	out->timezone = field_text(&recipients->row, 3, audience->timezone, sizeof audience->timezone);
	out->language = field_text(&recipients->row, 4, audience->language, sizeof audience->language);
	if (recipients->row.fields[5].bytes != NULL)
		out->preferred_hour = (int8_t)copy_field_int64(&recipients->row, 5);
	if (audience->value_count == 0)
		return STATUS_OK;
	out->values = audience->values;
	return cut_values(audience, &recipients->row.fields[6], err);
}

static enum status
read_consent(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *consents = &audience->streams[STREAM_CONSENTS];
	enum status status = seek(audience, STREAM_CONSENTS, out->recipient_id, &out->facts.consent_granted, err);
	if (status != STATUS_OK || !out->facts.consent_granted)
		return status;
	out->facts.evidence = (uint32_t)copy_field_int64(&consents->row, 1);
	if (audience->ages && consents->row.fields[2].bytes != NULL)
		out->facts.given_at = copy_field_instant(&consents->row, 2);
	return STATUS_OK;
}

static enum status
read_inbound(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *inbound = &audience->streams[STREAM_INBOUND];
	bool wrote;
	enum status status = seek(audience, STREAM_INBOUND, out->recipient_id, &wrote, err);
	if (status == STATUS_OK && wrote)
		out->facts.last_inbound = copy_field_instant(&inbound->row, 1);
	return status;
}

static enum status
read_stored(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *suppressed = &audience->streams[STREAM_SUPPRESSED];
	bool stored;
	enum status status = seek(audience, STREAM_SUPPRESSED, out->recipient_id, &stored, err);
	if (status != STATUS_OK || !stored)
		return status;
	out->stored = (enum reason)copy_field_int64(&suppressed->row, 1);
	out->stored_rule = field_text(&suppressed->row, 2, audience->rule, sizeof audience->rule);
	return STATUS_OK;
}

/* What goes on behind the last member, as facts about everybody do, is read over: a COPY that is given up takes its transaction, and with it the
 * snapshot, along. */
static enum status
read_to_the_end(struct audience *audience, struct err *err)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		while (audience->streams[i].reader != NULL && !audience->streams[i].at_end) {
			const enum status status = advance(&audience->streams[i], &audience->sums, err);
			if (status != STATUS_OK)
				return status;
		}
	return STATUS_NOT_FOUND;
}

enum status
audience_next(struct audience *audience, struct member *out, struct err *err)
{
	struct stream *streams = audience->streams;
	enum status status = advance(&streams[STREAM_MEMBERS], &audience->sums, err);
	if (status != STATUS_OK)
		return status;
	if (streams[STREAM_MEMBERS].at_end)
		return read_to_the_end(audience, err);
	*out = (struct member){.recipient_id = streams[STREAM_MEMBERS].recipient_id,
		.excepted = audience->several && copy_field_int64(&streams[STREAM_MEMBERS].row, 1) != 0,
		.region = "",
		.timezone = "",
		.language = "",
		.preferred_hour = -1,
		.stored_rule = "",
		.facts = {.given_at = {INT64_MIN}, .last_inbound = {INT64_MIN}}};
	if ((status = read_person(audience, out, err)) != STATUS_OK ||
		(status = seek(audience, STREAM_SUPPRESSIONS, out->recipient_id, &out->facts.suppressed, err)) != STATUS_OK ||
		(status = seek(audience, STREAM_CONTACTED, out->recipient_id, &out->contacted, err)) != STATUS_OK ||
		(status = read_consent(audience, out, err)) != STATUS_OK || (status = read_stored(audience, out, err)) != STATUS_OK)
		return status;
	return read_inbound(audience, out, err);
}
