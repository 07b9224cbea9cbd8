#include "install.h"

#include <stdarg.h>
#include <stdio.h>

#include "array_text.h"
#include "planner/core/number.h"
#include "planner/core/reason.h"
#include "planner/core/vocabulary.h"

static void PRINTF_LIKE(3, 4) report(const struct install *install, const char *what, const char *format, ...)
{
	char done[256];
	va_list args;

	va_start(args, format);
	vsnprintf(done, sizeof(done), format, args);
	va_end(args);
	install->on_done(install->context, what, done);
}

/* Runs a statement that returns a row when it changed something. */
static enum status
change(const struct install *install, const struct sql_statement *statement, const char *const *params, int param_count, int *changes,
	struct err *err)
{
	PGresult *rows;

	if (session_query(install->session, statement, params, param_count, &rows, err) != STATUS_OK)
		return err->status;
	*changes += PQntuples(rows);
	PQclear(rows);
	return STATUS_OK;
}

/* The installation ------------------------------------------------------------------------------------------------------------------------ */

struct present {
	bool rehearsal, has_key, has_people;
};

static enum status
look(const struct install *install, struct present *out, struct err *err)
{
	PGresult *rows;

	if (session_query(install->session, &sql_query_init_look, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	out->rehearsal = session_bool(rows, 0, 0);
	out->has_key = session_bool(rows, 0, 1);
	out->has_people = session_bool(rows, 0, 2);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
make_key(const struct install *install, const struct present *present, struct err *err)
{
	if (present->has_key)
		return STATUS_OK;
	if (present->has_people) {
		err_set(err, STATUS_INVALID, "the key of this installation is missing, and people are stored under it");
		return err_hint(
			err, "Restore table daypart.secret_key from its backup. With a new key no opt-out would be recognised, so none is made.");
	}
	if (session_query(install->session, &sql_query_init_key, NULL, 0, NULL, err) != STATUS_OK)
		return err->status;
	report(install, "key", "made; back up table daypart.secret_key apart from the rest");
	return STATUS_OK;
}

enum status
install_installation(const struct install *install, bool rehearsal, struct err *err)
{
	const char *param = rehearsal ? "true" : "false";
	struct present present = {.has_key = false};
	int made = 0;

	if (change(install, &sql_query_init_installation, &param, 1, &made, err) != STATUS_OK || look(install, &present, err) != STATUS_OK)
		return err->status;
	if (rehearsal && !present.rehearsal) {
		err_set(err, STATUS_INVALID, "this installation is not a rehearsal and cannot become one");
		return err_hint(err, "Rehearse in a database of its own: createdb rehearsal; PGDATABASE=rehearsal daypart init --rehearsal");
	}
	if (made > 0)
		report(install, "installation", present.rehearsal ? "made, for rehearsals" : "made");
	return make_key(install, &present, err);
}

/* Word lists ------------------------------------------------------------------------------------------------------------------------------ */

static enum status
write_reasons(const struct install *install, struct err *err)
{
	char code[SESSION_PARAM_MAX];
	int changes = 0;

	for (size_t i = 0; i < reason_table_count; i++) {
		const struct reason_info *reason = &reason_table[i];
		const char *params[] = {session_param_int(reason->code, code), reason->name, reason->kind == REASON_HELD ? "held" : "suppressed",
			reason->text, reason->cure};

		if (change(install, &sql_query_init_reason, params, 5, &changes, err) != STATUS_OK)
			return err->status;
	}
	if (changes > 0)
		report(install, "reasons", "%d written", changes);
	return STATUS_OK;
}

static enum status
write_evidence(const struct install *install, struct err *err)
{
	char bit[SESSION_PARAM_MAX];
	int changes = 0;

	for (int i = 0; i < EVIDENCE_COUNT; i++) {
		const char *params[] = {session_param_int(i, bit), evidence_name((enum evidence)i)};

		if (change(install, &sql_query_init_evidence, params, 2, &changes, err) != STATUS_OK)
			return err->status;
	}
	if (changes > 0)
		report(install, "evidence", "%d written", changes);
	return STATUS_OK;
}

/* Writes the words with `statement`, which answers how many were added and removed, and frees them. */
static enum status
write_words(
	const struct install *install, struct array_text *words, const struct sql_statement *statement, const char *what, struct err *err)
{
	const char *const params[] = {array_text(words)};
	PGresult *rows = NULL;
	enum status status = params[0] != NULL ? session_query(install->session, statement, params, 1, &rows, err)
										   : err_set(err, STATUS_NO_MEMORY, "out of memory");

	if (status == STATUS_OK && (session_int(rows, 0, 0) > 0 || session_int(rows, 0, 1) > 0))
		report(install, what, "%s added, %s removed", PQgetvalue(rows, 0, 0), PQgetvalue(rows, 0, 1));
	PQclear(rows);
	array_text_free(words);
	return status;
}

static enum status
write_zones(const struct install *install, const struct zone_set *zones, struct err *err)
{
	struct array_text names = ARRAY_TEXT_INIT;
	char what[64];

	for (size_t i = 0; i < zone_set_count(zones); i++)
		array_text_add_name(&names, zone_set_name(zones, i));
	snprintf(what, sizeof(what), "time zones (%s)", zone_set_version(zones));
	return write_words(install, &names, &sql_query_init_zones, what, err);
}

static enum status
write_regions(const struct install *install, struct err *err)
{
	struct array_text names = ARRAY_TEXT_INIT;
	size_t count;
	const char *const *codes = region_codes(&count);

	for (size_t i = 0; i < count; i++)
		array_text_add_name(&names, codes[i]);
	return write_words(install, &names, &sql_query_init_regions, "regions", err);
}

enum status
install_words(const struct install *install, const struct zone_set *zones, struct err *err)
{
	if (write_reasons(install, err) != STATUS_OK || write_evidence(install, err) != STATUS_OK ||
		write_zones(install, zones, err) != STATUS_OK || write_regions(install, err) != STATUS_OK)
		return err->status;
	return session_query(install->session, &sql_query_init_release_part, NULL, 0, NULL, err);
}
