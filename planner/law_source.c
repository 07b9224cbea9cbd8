#include "law_source.h"

#include <stdlib.h>

#include "conf/log.h"
#include "conf/tzdb.h"
#include "planner/core/cap.h"

static void
warn_left_out(void *context, const char *name, const struct err *why)
{
	(void)context;
	log_message(SEVERITY_WARNING, "time zone \"%s\" cannot be read, people in it are held: %s", name, why->primary);
}

static enum status
parse_rows(const PGresult *rows, struct law_source *law, struct err *err)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	enum status status = STATUS_OK;
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++)
		status = law_texts_add(&texts, PQgetvalue(rows, row, 1), PQgetvalue(rows, row, 2), err);
	if (status == STATUS_OK && (status = law_parse(&texts, NULL, NULL, &law->parsed, err)) == STATUS_INVALID)
		(void)err_hint(err, "the database holds a rulebook this program cannot read; run: daypart init");
	law_texts_free(&texts);
	return status;
}

static enum status
load_texts(struct session *session, struct law_source *law, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, &sql_query_law_texts, NULL, 0, &rows, err);
	if (status != STATUS_OK)
		return status;
	if (PQntuples(rows) == 0) {
		(void)err_set(err, STATUS_INVALID, "the database holds no rulebook");
		status = err_hint(err, "run: daypart init");
	} else {
		law->rulebook_id = (int32_t)session_int(rows, 0, 0);
		status = parse_rows(rows, law, err);
	}
	PQclear(rows);
	return status;
}

enum status
law_source_load(struct session *session, const char *zoneinfo_dir, struct interval horizon, struct law_source **out, struct err *err)
{
	struct law_source *law = calloc(1, sizeof *law);
	if (law == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	const struct tzdb_source zones = {.directory = zoneinfo_dir, .horizon = horizon, .on_left_out = warn_left_out};
	enum status status = load_texts(session, law, err);
	if (status == STATUS_OK)
		status = tzdb_load(&zones, &law->zones, err);
	if (status != STATUS_OK) {
		law_source_free(&law);
		return status;
	}
	law->rulebook = law->parsed.rulebook;
	law->context = (struct window_context){.zones = law->zones,
		.calendars = (const struct calendar *const *)law->parsed.calendars,
		.calendar_count = law->parsed.calendar_count};
	*out = law;
	return STATUS_OK;
}

void
law_source_free(struct law_source **law)
{
	if (*law != NULL) {
		parsed_law_free(&(*law)->parsed);
		zone_set_free(&(*law)->zones);
	}
	free(*law);
	*law = NULL;
}

struct instant
law_source_lookback(const struct law_source *law, struct instant now)
{
	struct instant earliest = now;
	for (size_t i = 0; i < law->rulebook->regime_count; i++) {
		const struct regime *regime = &law->rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count; r++) {
			const struct rule *rule = &regime->rules[r];
			if (rule->kind == RULE_CAP && rule_binds(law->rulebook, regime, rule))
				earliest = instant_min(earliest, cap_lookback(&rule, 1, now));
		}
	}
	return earliest;
}
