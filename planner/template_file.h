/*
 * template_file - the texts of a CSV file of templates as terms, before anything is imported: for `daypart lint --file` and after an import
 *
 *     template_file_read("templates.csv", today, &file, &err);
 *     for (size_t i = 0; i < file->count; i++) ... file->items[i].name, file->items[i].terms ...
 *     template_file_free(&file);
 *
 * Columns are those of `daypart import templates`; rows of one name are its languages. Only texts are looked at: every template counts as approved and
 * in use. A record that the database would reject for its category or channel is left out; one that is no CSV as well.
 */
#ifndef DAYPART_PLANNER_TEMPLATE_FILE_H
#define DAYPART_PLANNER_TEMPLATE_FILE_H

#include "planner/core/admission.h"

struct filed_template {
	const char *name;
	enum channel channel;
	struct terms terms; /* template_only */
};

struct template_file {
	struct filed_template *items; /* in the order of their first rows */
	size_t count;
};

/* STATUS_INVALID for a file that cannot be read, or whose header is not that of templates. */
MUST_CHECK enum status template_file_read(const char *path, struct date today, struct template_file **out, struct err *err);
void template_file_free(struct template_file **file);

#endif
