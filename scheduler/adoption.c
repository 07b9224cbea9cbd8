/*
 * The order of writing makes every crash harmless. First start: the file, then the database; a second daemon that starts at the same moment
 * finds the file and uses its token. Adoption: the database, then the file; between them nobody may release, and adopting again cures it.
 */
#include "adoption.h"

#include <stdio.h>
#include <string.h>

#include "conf/log.h"
#include "policy/adoption_rule.h"
#include "random_uuid.h"

/* The file may be this much behind what was seen: well below ADOPTION_BEHIND_MAX, and no disk is kept busy. */
static const struct duration WRITE_EVERY = {15 * US_PER_SECOND};

/* Columns of adoption_look. */
enum { REHEARSAL, TOKEN, BEAT_AT, NAME, AT_WORK };

struct outlook {
	bool rehearsal, has_token, at_work;
	char token[TOKEN_TEXT];
	struct instant beat;
	char path[PATH_MAX];
};

static enum status
read_outlook(const PGresult *rows, const char *setting, struct outlook *out, struct err *err)
{
	*out = (struct outlook){.rehearsal = session_bool(rows, 0, REHEARSAL),
		.has_token = !PQgetisnull(rows, 0, TOKEN),
		.at_work = session_bool(rows, 0, AT_WORK),
		.beat = ADOPTION_NO_BEAT};
	(void)snprintf(out->token, sizeof(out->token), "%s", PQgetvalue(rows, 0, TOKEN));
	if (!PQgetisnull(rows, 0, BEAT_AT) && instant_parse(PQgetvalue(rows, 0, BEAT_AT), &out->beat, err) != STATUS_OK)
		return err->status;
	return out->rehearsal ? STATUS_OK : token_file_path(setting, PQgetvalue(rows, 0, NAME), out->path, err);
}

static enum status
look(struct session *session, const char *setting, struct outlook *out, struct err *err)
{
	PGresult *rows;
	enum status status;

	if (session_query(session, &sql_query_adoption_look, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	status = PQntuples(rows) == 1 ? read_outlook(rows, setting, out, err)
								  : err_set(err, STATUS_INVALID, "this database is no installation; run: daypart init");
	PQclear(rows);
	return status;
}

/* What to do -------------------------------------------------------------------------------------------------------------------------------- */

static const char adopt_hint[] = "If it is the one to release from now on: daypartd --adopt holds what is due, then daypartd may start. If "
								 "another daypartd releases from "
								 "it at this moment: daypartd --join.";

static enum status
refuse(enum adoption_verdict verdict, const struct outlook *outlook, const struct token_content *file, struct err *err)
{
	char seen[INSTANT_TEXT_MAX] = "", now[INSTANT_TEXT_MAX] = "never";

	switch (verdict) {
	case ADOPTION_NOT_HERE:
		err_set(err, STATUS_INVALID, "this host has not released from this copy of the database before");
		err_detail(
			err, "There is no file %s. The database may be a restored backup, whose messages have been sent already.", outlook->path);
		break;
	case ADOPTION_OTHER:
		err_set(err, STATUS_INVALID, "this copy of the database was adopted somewhere else");
		err_detail(err, "The file %s names another token than the database.", outlook->path);
		break;
	case ADOPTION_WENT_BACK:
		if (outlook->beat.us != ADOPTION_NO_BEAT.us)
			instant_format(outlook->beat, 0, now);
		err_set(err, STATUS_INVALID, "the database has gone back in time: an older backup was put in its place");
		err_detail(err, "A daypartd was last at work at %s, says %s; the database remembers %s.", instant_format(file->beat, 0, seen),
			outlook->path, now);
		break;
	case ADOPTION_OURS:
	case ADOPTION_FIRST:
		break;
	}
	return err_hint(err, "%s", adopt_hint);
}

/* STATUS_OK also when there is no file: then the token is empty. */
static enum status
read_file(const struct outlook *outlook, struct token_content *out, struct err *err)
{
	struct err why = ERR_INIT;

	*out = (struct token_content){.beat = ADOPTION_NO_BEAT};
	if (token_file_read(outlook->path, out, &why) == STATUS_OK)
		return STATUS_OK;
	*out = (struct token_content){.beat = ADOPTION_NO_BEAT};
	if (why.status == STATUS_NOT_FOUND)
		return STATUS_OK;
	*err = why;
	return err->status;
}

static enum adoption_verdict
judge(const struct outlook *outlook, const struct token_content *file)
{
	return adoption_judge(&(struct adoption_facts){
		.rehearsal = outlook->rehearsal,
		.database_token = outlook->has_token ? outlook->token : NULL,
		.database_beat = outlook->beat,
		.file_token = file->token[0] != '\0' ? file->token : NULL,
		.file_beat = file->beat,
	});
}

/* Starting ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
draw(struct token_content *out, struct err *err)
{
	*out = (struct token_content){.beat = ADOPTION_NO_BEAT};
	return random_uuid(out->token) ? STATUS_OK : err_set(err, STATUS_INTERNAL, "the system gives no random numbers");
}

/* Whoever was quicker is right: afterwards everything is looked at anew. */
static enum status
begin(struct session *session, const struct outlook *outlook, struct token_content *file, struct err *err)
{
	const char *params[] = {file->token};

	if (file->token[0] == '\0' &&
		(draw(file, err) != STATUS_OK || token_file_create(outlook->path, file, err) != STATUS_OK ||
			token_file_read(outlook->path, file, err) != STATUS_OK))
		return err->status;
	return session_query(session, &sql_query_adoption_first, params, 1, NULL, err);
}

/* After a failover, where the standby had not got everything. */
static void
warn_of_lag(struct instant in_database, struct instant seen)
{
	if (seen.us != ADOPTION_NO_BEAT.us && in_database.us < seen.us)
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "database_lost_time"},
			"the database has lost %.0f seconds, as a standby may that takes over: what left in them may leave again",
			(double)(seen.us - in_database.us) / 1e6);
}

enum status
adoption_check(struct session *session, const char *setting, struct adoption *out, struct err *err)
{
	struct outlook outlook = {.rehearsal = false};
	struct token_content file = {.beat = ADOPTION_NO_BEAT};
	enum adoption_verdict verdict;

	for (bool first = true;; first = false) {
		if (look(session, setting, &outlook, err) != STATUS_OK)
			return err->status;
		if (!outlook.rehearsal && read_file(&outlook, &file, err) != STATUS_OK)
			return err->status;
		verdict = judge(&outlook, &file);
		if (verdict != ADOPTION_FIRST || !first)
			break;
		if (begin(session, &outlook, &file, err) != STATUS_OK)
			return err->status;
	}
	if (verdict != ADOPTION_OURS)
		return refuse(verdict, &outlook, &file, err);
	warn_of_lag(outlook.beat, file.beat);
	*out = (struct adoption){.needed = !outlook.rehearsal, .content = file, .written = file.beat};
	memcpy(out->path, outlook.path, sizeof(out->path));
	return STATUS_OK;
}

/* At work ----------------------------------------------------------------------------------------------------------------------------------- */

/* The database has refused the token: it says why by itself. */
static enum status
explain(const struct adoption *adoption, struct session *session, struct err *err)
{
	struct outlook outlook = {.rehearsal = false};
	enum adoption_verdict verdict;

	if (look(session, adoption->path, &outlook, err) != STATUS_OK)
		return err->status;
	verdict = judge(&outlook, &adoption->content);
	if (verdict == ADOPTION_OURS)
		return err_set(err, STATUS_CONFLICT, "the installation token has changed this moment");
	return refuse(verdict == ADOPTION_FIRST ? ADOPTION_WENT_BACK : verdict, &outlook, &adoption->content, err);
}

static enum status
note_beat(struct adoption *adoption, struct instant beat, struct err *err)
{
	const bool known = adoption->written.us != ADOPTION_NO_BEAT.us;

	adoption->content.beat = beat;
	if (known && beat.us - adoption->written.us < WRITE_EVERY.us)
		return STATUS_OK;
	if (token_file_write(adoption->path, &adoption->content, err) != STATUS_OK)
		return err->status;
	adoption->written = beat;
	return STATUS_OK;
}

static enum status
read_beat(const PGresult *rows, struct instant *out, struct instant *out_before, struct err *err)
{
	if (instant_parse(PQgetvalue(rows, 0, 0), out, err) != STATUS_OK)
		return err->status;
	*out_before = *out;
	return PQgetisnull(rows, 0, 1) ? STATUS_OK : instant_parse(PQgetvalue(rows, 0, 1), out_before, err);
}

static void
note_timeline(struct adoption *adoption, const char *timeline)
{
	if (adoption->timeline[0] != '\0' && strcmp(adoption->timeline, timeline) != 0) {
		adoption->taken_over = true;
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "taken_over"}, "another server is the primary now");
	}
	(void)snprintf(adoption->timeline, sizeof(adoption->timeline), "%s", timeline);
}

enum status
adoption_beat(struct adoption *adoption, struct session *session, struct err *err)
{
	char seen[SESSION_PARAM_MAX], behind[SESSION_PARAM_MAX];
	const char *params[] = {adoption->content.token, session_param_instant(adoption->content.beat, seen), behind};
	struct instant beat = ADOPTION_NO_BEAT, before = ADOPTION_NO_BEAT;
	PGresult *rows;
	enum status status;

	if (!adoption->needed)
		return STATUS_OK;
	(void)snprintf(behind, sizeof(behind), "%lld us", (long long)ADOPTION_BEHIND_MAX);
	if (session_query(session, &sql_query_adoption_beat, params, 3, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 1) {
		status = read_beat(rows, &beat, &before, err);
		note_timeline(adoption, PQgetvalue(rows, 0, 2));
	} else {
		status = explain(adoption, session, err);
	}
	PQclear(rows);
	if (status != STATUS_OK)
		return status;
	if (adoption->written.us != ADOPTION_NO_BEAT.us) /* else it was told at the start */
		warn_of_lag(before, adoption->content.beat);
	return note_beat(adoption, beat, err);
}

/* Being told -------------------------------------------------------------------------------------------------------------------------------- */

/* Columns of adoption_adopt. */
enum { HELD, DROPPED, BEAT };

static enum status
adopt(struct session *session, const struct outlook *outlook, struct err *err)
{
	struct token_content content;
	const char *params[] = {content.token};
	PGresult *rows;
	enum status status;

	if (draw(&content, err) != STATUS_OK || session_query(session, &sql_query_adoption_adopt, params, 1, &rows, err) != STATUS_OK)
		return err->status;
	status = instant_parse(PQgetvalue(rows, 0, BEAT), &content.beat, err);
	if (status == STATUS_OK)
		status = token_file_write(outlook->path, &content, err);
	if (status == STATUS_OK)
		log_message(SEVERITY_INFO, "adopted: %s messages that were due are held, %s of the outbox are dropped; see daypart status",
			PQgetvalue(rows, 0, HELD), PQgetvalue(rows, 0, DROPPED));
	PQclear(rows);
	return status;
}

static enum status
refuse_rehearsal(struct err *err)
{
	err_set(err, STATUS_INVALID, "this installation is for rehearsals, and needs no adoption");
	return err_hint(err, "Start daypartd without --adopt or --join.");
}

enum status
adoption_adopt(struct session *session, const char *setting, struct err *err)
{
	struct outlook outlook = {.rehearsal = false};

	if (look(session, setting, &outlook, err) != STATUS_OK)
		return err->status;
	return outlook.rehearsal ? refuse_rehearsal(err) : adopt(session, &outlook, err);
}

enum status
adoption_join(struct session *session, const char *setting, struct err *err)
{
	struct outlook outlook = {.rehearsal = false};
	struct token_content content;

	if (look(session, setting, &outlook, err) != STATUS_OK)
		return err->status;
	if (outlook.rehearsal)
		return refuse_rehearsal(err);
	if (!outlook.has_token || !outlook.at_work) {
		err_set(err, STATUS_INVALID, "no daypartd is at work on this database, so there is none to join");
		return err_hint(err,
			"Start the one that has released from it so far, or copy its token file to %s. A restored copy: daypartd --adopt.",
			outlook.path);
	}
	content.beat = outlook.beat;
	memcpy(content.token, outlook.token, sizeof(content.token));
	if (token_file_write(outlook.path, &content, err) == STATUS_OK)
		log_message(SEVERITY_INFO, "joined: this host may release from this database");
	return err->status;
}
