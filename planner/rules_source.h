/*
 * rules_source - a rulebook with its calendars, from files or from the database, as the verbs of `daypart rules` want it
 *
 *     struct rules_book book = RULES_BOOK_INIT;
 *     if (rules_read_files(context, NULL, NULL, &book, &err) != STATUS_OK) ...          // the folders of the settings
 *     if (rules_read_named(context, "active", &book, &err) != STATUS_OK) ...            // of the database
 *     rules_book_free(&book);
 *
 * Files are checked as `daypart init` checks them, time zones included, and every problem is logged with file, line, field and cure.
 */
#ifndef DAYPART_PLANNER_RULES_SOURCE_H
#define DAYPART_PLANNER_RULES_SOURCE_H

#include "conf/law_text.h"
#include "context.h"

struct rules_book {
	struct law_texts texts;
	struct parsed_law law;
};
#define RULES_BOOK_INIT \
	{ \
		.texts = LAW_TEXTS_INIT \
	}

void rules_book_free(struct rules_book *book);

/* NULL: the folder of the settings. */
MUST_CHECK enum status rules_read_files(
	const struct context *context, const char *rulebook_dir, const char *calendar_dir, struct rules_book *out, struct err *err);

/* Whether the name is one of the database: "active", or the number of a rulebook. */
bool rules_name_is_stored(const char *name);
/* "active", a number, "files" (the settings'), or a folder: its subfolders rulebook and calendars, or all in one. What is stored needs a
 * connection. */
MUST_CHECK enum status rules_read_named(const struct context *context, const char *name, struct rules_book *out, struct err *err);

#endif
