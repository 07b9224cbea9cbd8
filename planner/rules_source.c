#include "rules_source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/log.h"
#include "conf/tzdb.h"
#include "install.h"

enum { PATH_LENGTH_MAX = 4096 };

void
rules_book_free(struct rules_book *book)
{
	law_texts_free(&book->texts);
	parsed_law_free(&book->law);
}

/* Files ----------------------------------------------------------------------------------------------------------------------------------- */

enum status
rules_read_files(const struct context *context, const char *rulebook_dir, const char *calendar_dir, struct rules_book *out, struct err *err)
{
	const struct instant now = context->now;
	const struct tzdb_source source = {
		.directory = context->settings.zoneinfo_dir, .horizon = {now, {now.us + US_PER_DAY}}}; /* only their names are asked for */
	struct zone_set *zones = NULL;
	enum status status = tzdb_load(&source, &zones, err);

	if (status == STATUS_OK)
		status = install_check_law(rulebook_dir != NULL ? rulebook_dir : context->settings.rulebook_dir,
			calendar_dir != NULL ? calendar_dir : context->settings.calendar_dir, zones, &out->texts, &out->law, err);
	zone_set_free(&zones);
	return status;
}

static bool
is_folder(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static enum status
read_folder(const struct context *context, const char *folder, struct rules_book *out, struct err *err)
{
	char rules[PATH_LENGTH_MAX], calendars[PATH_LENGTH_MAX];

	if (!is_folder(folder)) {
		err_set(err, STATUS_NOT_FOUND, "there is no folder \"%s\"", folder);
		return err_hint(err,
			"Name a folder with *.cfg and *.ics files, \"files\" for those of the settings, \"active\" or the number of a stored "
			"rulebook.");
	}
	if ((size_t)snprintf(rules, sizeof(rules), "%s/rulebook", folder) >= sizeof(rules) ||
		(size_t)snprintf(calendars, sizeof(calendars), "%s/calendars", folder) >= sizeof(calendars))
		return err_set(err, STATUS_INVALID, "the path %s is too long", folder);
	if (is_folder(rules) && is_folder(calendars))
		return rules_read_files(context, rules, calendars, out, err);
	return rules_read_files(context, folder, folder, out, err);
}

/* The database ---------------------------------------------------------------------------------------------------------------------------- */

bool
rules_name_is_stored(const char *name)
{
	return strcmp(name, "active") == 0 || (name[0] != '\0' && name[strspn(name, "0123456789")] == '\0');
}

static void
log_problem(void *context, const char *file, int line, const char *what)
{
	log_message(SEVERITY_ERROR, "rulebook %s: %s:%d: %s", (const char *)context, file, line, what);
}

static enum status
read_stored(struct session *session, const char *name, struct rules_book *out, struct err *err)
{
	const char *param = strcmp(name, "active") == 0 ? NULL : name;
	PGresult *rows;

	if (session_query(session, &sql_query_rules_texts, &param, 1, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 0) {
		err_set(err, STATUS_NOT_FOUND, "the database has no rulebook %s", name);
		err_hint(err, "See: SELECT rulebook_id, loaded_at FROM daypart.rulebook");
	}
	for (int row = 0; err->status == STATUS_OK && row < PQntuples(rows); row++)
		if (law_texts_add(&out->texts, PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), err) != STATUS_OK)
			break;
	PQclear(rows);
	if (err->status == STATUS_OK && law_parse(&out->texts, log_problem, (void *)name, &out->law, err) != STATUS_OK)
		err_hint(err, "It was stored by another version of this program.");
	return err->status;
}

enum status
rules_read_named(const struct context *context, const char *name, struct rules_book *out, struct err *err)
{
	if (rules_name_is_stored(name))
		return read_stored(context->session, name, out, err);
	if (strcmp(name, "files") == 0)
		return rules_read_files(context, NULL, NULL, out, err);
	return read_folder(context, name, out, err);
}
