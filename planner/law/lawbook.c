#include "lawbook.h"

#include <stdlib.h>

#include "conf/log.h"
#include "conf/tzdb.h"
#include "planner/core/cap.h"

/* Columns of law_texts. */
enum { RULEBOOK_ID, NAME, BODY };

static enum status
read_texts(struct session *session, struct law_texts *out, int32_t *out_rulebook_id, struct err *err)
{
	PGresult *rows;

	if (session_query(session, &sql_query_law_texts, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 0)
		err_set(err, STATUS_INVALID, "the database holds no rulebook");
	else
		*out_rulebook_id = (int32_t)session_int(rows, 0, RULEBOOK_ID);
	for (int row = 0; err->status == STATUS_OK && row < PQntuples(rows); row++)
		if (law_texts_add(out, PQgetvalue(rows, row, NAME), PQgetvalue(rows, row, BODY), err) != STATUS_OK)
			break;
	PQclear(rows);
	return err->status;
}

static void
on_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	log_message(SEVERITY_ERROR, "rulebook: %s:%d: %s", file, line, what);
}

static enum status
load_law(struct session *session, struct lawbook *out, struct err *err)
{
	struct law_texts texts = LAW_TEXTS_INIT;

	if (read_texts(session, &texts, &out->rulebook_id, err) == STATUS_OK &&
		law_parse(&texts, on_problem, NULL, &out->law, err) != STATUS_OK)
		err_wrap(err, "rulebook %d", out->rulebook_id);
	law_texts_free(&texts);
	return err->status;
}

static void
on_left_out(void *context, const char *name, const struct err *why)
{
	(void)context;
	log_message(SEVERITY_WARNING, "time zone %s is left out, messages of people there are held: %s", name, why->primary);
}

static enum status
load_zones(const struct lawbook_source *source, struct lawbook *out, struct err *err)
{
	const struct tzdb_source zones = {.directory = source->zoneinfo_dir, .horizon = source->horizon, .on_left_out = on_left_out};

	return tzdb_load(&zones, &out->zones, err);
}

enum status
lawbook_load(struct session *session, const struct lawbook_source *source, struct lawbook **out, struct err *err)
{
	struct lawbook *book = calloc(1, sizeof(*book));

	*out = NULL;
	if (book == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (load_law(session, book, err) != STATUS_OK || load_zones(source, book, err) != STATUS_OK) {
		lawbook_free(&book);
		return err->status;
	}
	book->context = (struct window_context){
		.zones = book->zones, .calendars = (const struct calendar *const *)book->law.calendars, .calendar_count = book->law.calendar_count};
	*out = book;
	return STATUS_OK;
}

void
lawbook_free(struct lawbook **book)
{
	struct lawbook *gone = *book;

	*book = NULL;
	if (gone == NULL)
		return;
	parsed_law_free(&gone->law);
	zone_set_free(&gone->zones);
	free(gone);
}

struct instant
lawbook_lookback(const struct lawbook *book, struct instant now)
{
	const struct rulebook *rulebook = book->law.rulebook;
	struct instant earliest = now;

	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count; r++) {
			const struct rule *rule = &regime->rules[r];
			if (rule->kind == RULE_CAP && rule_binds(rulebook, regime, rule))
				earliest = instant_min(earliest, cap_lookback(&rule, 1, now));
		}
	}
	return earliest;
}
