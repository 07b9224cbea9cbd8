#include "look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "planner/law/breaker_watch.h"
#include "planner/law/zone_check.h"
#include "sql/migrate.h"

/* Columns of release_control and release_lanes. */
enum { STOPPED, RULEBOOK_ID };
enum { SENDER_ID, NAME, PER_1000_S, CHANNEL, COUNTRY, TYPE, FIRST_DUE, FREE, HEADROOM, LIMITS };

/* A class's zones are compared from when it was planned until its campaign ends; the daemon may run for a while before it reads them again. */
enum { ZONES_BACK_DAYS = 2 * 366, ZONES_AHEAD_DAYS = 4 * 366, OPINION_AHEAD_DAYS = 366 };

/* What is asked after this takes the schema for what it knows. Whatever is wrong is told in the words that also refuse a start. */
static enum status
read_schema(struct look *look, struct session *session, struct err *err)
{
	struct look_answer *answer = &look->answer;
	PGresult *rows;

	if (session_query(session, &sql_query_release_schema, NULL, 0, &rows, err) == STATUS_OK) {
		answer->schema_version = (int32_t)session_int(rows, 0, 0);
		PQclear(rows);
		if (answer->schema_version == session_schema_version())
			return STATUS_OK;
	} else if (err->status == STATUS_TRANSIENT || err->status == STATUS_UNCERTAIN) {
		return err->status;
	}
	*err = (struct err)ERR_INIT;
	if (session_require_schema(session, &answer->schema_err) != STATUS_INVALID)
		*err = answer->schema_err;
	return err->status;
}

static void
on_zone_finding(void *context, const char *which)
{
	(void)context;
	log_message(SEVERITY_WARNING, "time zone %s", which);
}

/* libical's opinion on the zones in use. There is one look at a time, so one thread at a time in libical. */
static enum status
check_zones(struct look *look, struct session *session)
{
	const struct instant now = look->request.now;
	const struct zone_check check = {
		.zones = look->answer.book->zones, .span = {now, {now.us + OPINION_AHEAD_DAYS * US_PER_DAY}}, .on_finding = on_zone_finding};

	return zone_check(session, &check, &look->answer.law_err);
}

static enum status
read_law(struct look *look, struct session *session, int32_t rulebook_id)
{
	const struct instant now = look->request.now;
	const struct lawbook_source source = {.zoneinfo_dir = look->request.zoneinfo_dir,
		.horizon = {{now.us - ZONES_BACK_DAYS * US_PER_DAY}, {now.us + ZONES_AHEAD_DAYS * US_PER_DAY}}};

	if (rulebook_id == look->request.rulebook_id && !look->request.reload)
		return STATUS_OK;
	if (lawbook_load(session, &source, &look->answer.book, &look->answer.law_err) != STATUS_OK)
		return look->answer.law_err.status;
	return check_zones(look, session);
}

static enum status
read_control(struct look *look, struct session *session, struct err *err)
{
	PGresult *rows;
	int32_t rulebook_id = 0;

	if (session_query(session, &sql_query_release_control, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 1) {
		look->answer.stopped = session_bool(rows, 0, STOPPED);
		rulebook_id = (int32_t)session_int(rows, 0, RULEBOOK_ID);
	}
	PQclear(rows);
	if (rulebook_id == 0)
		return err_set(err, STATUS_INVALID, "no rulebook is active");
	/* A law that cannot be read is the caller's to report: it may have an older one. */
	if (read_law(look, session, rulebook_id) != STATUS_OK && look->answer.law_err.status == STATUS_TRANSIENT)
		*err = look->answer.law_err;
	return err->status;
}

static enum status
read_lane(const PGresult *rows, int row, struct look_lane *out, struct err *err)
{
	*out = (struct look_lane){
		.id = (int16_t)session_int(rows, row, SENDER_ID),
		.name = strdup(PQgetvalue(rows, row, NAME)),
		.country = strdup(PQgetvalue(rows, row, COUNTRY)),
		.type = strdup(PQgetvalue(rows, row, TYPE)),
		.per_1000_s = session_int(rows, row, PER_1000_S),
		.headroom_percent = (int)session_int(rows, row, HEADROOM),
		.has_slots = !PQgetisnull(rows, row, FIRST_DUE),
		.free = session_bool(rows, row, FREE),
	};
	if (out->name == NULL || out->country == NULL || out->type == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (!channel_parse(PQgetvalue(rows, row, CHANNEL), &out->channel))
		return err_set(err, STATUS_INTERNAL, "sender %s has a channel this program does not know", out->name);
	if (lane_limits_read(rows, row, LIMITS, out->per_1000_s, &out->limits, err) != STATUS_OK)
		return err_wrap(err, "sender %s", out->name);
	return out->has_slots ? instant_parse(PQgetvalue(rows, row, FIRST_DUE), &out->first_due, err) : STATUS_OK;
}

static enum status
copy_lanes(struct look *look, const PGresult *rows, struct err *err)
{
	struct look_lane *lanes = calloc((size_t)PQntuples(rows) + 1, sizeof(*lanes));

	look->answer.lanes = lanes;
	if (lanes == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	for (int row = 0; row < PQntuples(rows); row++)
		if (read_lane(rows, row, &lanes[look->answer.lane_count++], err) != STATUS_OK)
			return err->status;
	return STATUS_OK;
}

static enum status
read_lanes(struct look *look, struct session *session, struct err *err)
{
	PGresult *rows;
	enum status status;

	if (session_query(session, &sql_query_release_lanes, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	status = copy_lanes(look, rows, err);
	PQclear(rows);
	return status;
}

/* What has been said of the senders. What goes wrong with it is told, and the rest of the look is good: what is stopped is asked for by each claim. */
static enum status
watch_breakers(struct look *look, struct session *session)
{
	const struct rulebook *rulebook = look->answer.book != NULL ? look->answer.book->law.rulebook : look->request.rulebook;
	const uint64_t began = uv_hrtime();
	struct err err = ERR_INIT;
	enum status status;

	if (!look->request.watch || rulebook == NULL)
		return STATUS_OK;
	status = breaker_watch(session, rulebook, look->request.now, &err);
	look->answer.watched.us = (int64_t)(uv_hrtime() - began) / 1000;
	if (status == STATUS_OK)
		return STATUS_OK;
	log_err(SEVERITY_ERROR, &err);
	if (err.status == STATUS_TRANSIENT)
		look->work.err = err;
	return look->work.err.status;
}

static enum status
run(struct work *work, struct session *session)
{
	struct look *look = work->owner;

	if (read_schema(look, session, &work->err) != STATUS_OK || look->answer.schema_err.status != STATUS_OK)
		return work->err.status;
	if (look->request.measure && session_clock_offset(session, &look->answer.offset, &work->err) != STATUS_OK)
		return work->err.status;
	if (read_control(look, session, &work->err) != STATUS_OK ||
		emergencies_read(session, (struct instant){look->request.now.us - US_PER_DAY}, &look->answer.emergencies, &work->err) != STATUS_OK)
		return work->err.status;
	if (watch_breakers(look, session) != STATUS_OK)
		return work->err.status;
	if (look->request.tell && watched_read(session, &look->answer.told, &work->err) != STATUS_OK)
		return work->err.status;
	return read_lanes(look, session, &work->err);
}

void
look_init(struct look *look, work_done_fn *done, void *owner)
{
	*look = (struct look){.work = {.run = run, .done = done, .owner = look}, .owner = owner};
}

void
look_submit(struct look *look, struct worker_pool *pool, const struct look_request *request)
{
	look_clear(look);
	look->request = *request;
	(void)snprintf(look->zoneinfo_dir, sizeof(look->zoneinfo_dir), "%s", request->zoneinfo_dir);
	look->request.zoneinfo_dir = look->zoneinfo_dir;
	worker_pool_submit(pool, &look->work);
}

void
look_clear(struct look *look)
{
	for (size_t i = 0; i < look->answer.lane_count; i++) {
		free(look->answer.lanes[i].name);
		free(look->answer.lanes[i].country);
		free(look->answer.lanes[i].type);
		lane_limits_free(&look->answer.lanes[i].limits);
	}
	free(look->answer.lanes);
	emergencies_free(&look->answer.emergencies);
	watched_clear(&look->answer.told);
	lawbook_free(&look->answer.book);
	look->answer = (struct look_answer){.lanes = NULL};
}
