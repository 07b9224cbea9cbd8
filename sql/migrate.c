/*
 * migrate - implementation
 *
 * First a look at the catalogue, which works without any right on the schema and tells a missing schema from a missing right. Then the list of
 * applied migrations is compared with ours, position by position: everything that can be wrong shows at the first difference.
 */
#include "migrate.h"

#include <string.h>

#include "session_private.h"

struct look {
	bool schema_exists, table_exists, may_read, may_create;
	char encoding[64], database[64], role[64];
};

int
session_schema_version(void)
{
	return sql_migrations[sql_migration_count - 1].number;
}

static void
copy_name(char out[64], const PGresult *rows, int column)
{
	snprintf(out, 64, "%s", PQgetvalue(rows, 0, column)); /* the server's names are shorter than 64 bytes */
}

static enum status
look_around(struct session *session, struct look *out, struct err *err)
{
	PGresult *rows;

	if (session_query(session, &sql_query_migrate_look, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	out->schema_exists = session_bool(rows, 0, 0);
	out->table_exists = session_bool(rows, 0, 1);
	out->may_read = session_bool(rows, 0, 2);
	out->may_create = session_bool(rows, 0, 3);
	copy_name(out->encoding, rows, 4);
	copy_name(out->database, rows, 5);
	copy_name(out->role, rows, 6);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
fail_newer(int version, struct err *err)
{
	err_set(err, STATUS_INVALID, "schema daypart is newer than this program");
	err_detail(err, "The schema has version %d, this program knows %d.", version, session_schema_version());
	return err_hint(err, "Install the version of daypart that upgraded it.");
}

static enum status
fail_changed(const struct sql_migration *own, const char *name, struct err *err)
{
	err_set(err, STATUS_INVALID, "schema daypart was made by another build of this program");
	err_detail(err, "Migration %d (%s) was applied as \"%s\" with another content.", own->number, own->name, name);
	return err_hint(
		err, "Use the build that made the schema; a schema without data worth keeping can be dropped and made again by: daypart init");
}

/* `out_applied`: how many of ours are in place. */
static enum status
compare(const PGresult *rows, size_t *out_applied, struct err *err)
{
	for (int row = 0; row < PQntuples(rows); row++) {
		const struct sql_migration *own = &sql_migrations[row];

		if ((size_t)row >= sql_migration_count)
			return fail_newer((int)session_int(rows, PQntuples(rows) - 1, 0), err);
		if (session_int(rows, row, 0) != own->number || strcmp(PQgetvalue(rows, row, 2), own->sha256) != 0)
			return fail_changed(own, PQgetvalue(rows, row, 1), err);
	}
	*out_applied = (size_t)PQntuples(rows);
	return STATUS_OK;
}

static enum status
count_applied(struct session *session, size_t *out_applied, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, &sql_query_migrate_list, NULL, 0, &rows, err);

	if (status != STATUS_OK)
		return status;
	status = compare(rows, out_applied, err);
	PQclear(rows);
	return status;
}

static enum status
apply(struct session *session, const struct sql_migration *migration, struct err *err)
{
	char number[SESSION_PARAM_MAX];
	const char *params[] = {session_param_int(migration->number, number), migration->name, migration->sha256};

	if (session_execute_text(session, migration->text, NULL, err) != STATUS_OK)
		return err_wrap(err, "migration %d (%s)", migration->number, migration->name);
	return session_query(session, &sql_query_migrate_record, params, 3, NULL, err);
}

static enum status
check_place(const struct look *look, struct err *err)
{
	if (!look->may_create) {
		err_set(err, STATUS_INVALID, "role \"%s\" may not create schema daypart in database \"%s\"", look->role, look->database);
		return err_hint(err, "Run daypart init as the owner of the database, or as its owner: GRANT CREATE ON DATABASE \"%s\" TO \"%s\"",
			look->database, look->role);
	}
	if (strcmp(look->encoding, "UTF8") == 0)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "database \"%s\" is not in UTF-8 but in %s", look->database, look->encoding);
	return err_hint(err, "Use a database made with: createdb --encoding=UTF8 --template=template0");
}

/* Keeps other migrators out and makes sure that there is a list to read. */
static enum status
claim(struct session *session, struct err *err)
{
	struct look look = {.may_create = false};

	if (session_query(session, &sql_query_migrate_lock, NULL, 0, NULL, err) != STATUS_OK ||
		session_query(session, &sql_query_migrate_patience, NULL, 0, NULL, err) != STATUS_OK ||
		look_around(session, &look, err) != STATUS_OK || check_place(&look, err) != STATUS_OK)
		return err->status;
	if (!look.table_exists && session_script(session, &sql_query_migrate_bootstrap, err) != STATUS_OK)
		return err->status;
	return session_script(session, &sql_query_migrate_claim, err);
}

enum status
migrate_upgrade(struct session *session, struct migrate_report *out, struct err *err)
{
	size_t applied = 0;

	if (claim(session, err) != STATUS_OK || count_applied(session, &applied, err) != STATUS_OK)
		return err->status;
	out->from = applied > 0 ? sql_migrations[applied - 1].number : 0;
	out->to = session_schema_version();
	for (size_t i = applied; i < sql_migration_count; i++)
		if (apply(session, &sql_migrations[i], err) != STATUS_OK)
			return err->status;
	return out->from < out->to ? session_script(session, &sql_query_migrate_tell, err) : STATUS_OK;
}

bool
migrate_was_hindered(const struct err *err)
{
	return err->status == STATUS_TRANSIENT && (strcmp(err->sqlstate, "55P03") == 0 || strcmp(err->sqlstate, "40P01") == 0);
}

static enum status
fail_older(size_t applied, struct err *err)
{
	err_set(err, STATUS_INVALID, "schema daypart is older than this program");
	err_detail(err, "The schema has version %d, this program needs %d.", applied > 0 ? sql_migrations[applied - 1].number : 0,
		session_schema_version());
	return err_hint(err, "Upgrade it with: daypart init");
}

enum status
session_require_schema(struct session *session, struct err *err)
{
	struct look look = {.may_create = false};
	size_t applied = 0;

	if (look_around(session, &look, err) != STATUS_OK)
		return err->status;
	if (!look.table_exists) {
		err_set(err, STATUS_INVALID, "database \"%s\" has no schema daypart", look.database);
		return err_hint(err, "Make it with: daypart init; or correct the setting \"database\" or PGDATABASE");
	}
	if (!look.may_read) {
		err_set(err, STATUS_INVALID, "role \"%s\" may not use schema daypart", look.role);
		return err_hint(err, "Let an administrator grant it a role, such as: GRANT daypart_planner TO \"%s\"", look.role);
	}
	if (count_applied(session, &applied, err) != STATUS_OK)
		return err->status;
	return applied == sql_migration_count ? STATUS_OK : fail_older(applied, err);
}
