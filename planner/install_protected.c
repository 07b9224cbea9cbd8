/*
 * install_protected - the part of install.h about attributes by which nobody is chosen
 *
 * All words are given to one statement, which stores what differs. Segments are judged by them at their next refresh.
 */
#include <stdio.h>

#include "array_text.h"
#include "conf/log.h"
#include "install.h"

static void
log_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	log_message(SEVERITY_ERROR, "%s:%d: %s", file, line, what);
}

enum status
install_read_protected(const struct settings *settings, struct protected_words *out, struct err *err)
{
	const enum status status = protected_file_read(settings->protected_attributes, log_problem, NULL, out, err);

	if (status == STATUS_INVALID && err->hint[0] == '\0')
		(void)err_hint(err, "Nothing was changed. Correct %s, then run this again.", settings->protected_attributes);
	return status;
}

static enum status
store(const struct install *install, const char *const params[3], int64_t *out_changed, struct err *err)
{
	PGresult *rows;

	if (params[0] == NULL || params[1] == NULL || params[2] == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (session_query(install->session, &sql_query_init_protected, params, 3, &rows, err) != STATUS_OK)
		return err->status;
	*out_changed = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

enum status
install_protected(const struct install *install, const struct protected_words *protected, struct err *err)
{
	struct array_text words = ARRAY_TEXT_INIT, attributes = ARRAY_TEXT_INIT, sources = ARRAY_TEXT_INIT;
	int64_t changed = 0;
	char done[64];

	for (size_t i = 0; i < protected->count; i++) {
		array_text_add_name(&words, protected->items[i].word);
		array_text_add_name(&attributes, protected->items[i].attribute);
		array_text_add_name(&sources, protected->items[i].sources);
	}
	const enum status status =
		store(install, (const char *const[]){array_text(&words), array_text(&attributes), array_text(&sources)}, &changed, err);
	array_text_free(&words);
	array_text_free(&attributes);
	array_text_free(&sources);
	snprintf(done, sizeof(done), "%lld words changed", (long long)changed);
	if (status == STATUS_OK && changed > 0)
		install->on_done(install->context, "protected attributes", done);
	return status;
}
