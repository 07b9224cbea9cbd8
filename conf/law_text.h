/*
 * law_text - rulebook and calendar files as texts, and the law they make
 *
 * The texts come from disk (init, rules check) or from the database (everybody else, so that all hosts parse the same ones). Names end in .cfg
 * (a rulebook file, one regime) or .ics (a calendar; its name without the ending is what rules call it, in capitals: br.ics is BR).
 *
 *     struct law_texts texts = LAW_TEXTS_INIT;
 *     if (law_texts_read("conf/rulebook", "conf/calendars", &texts, &err) != STATUS_OK) ...
 *     if (law_parse(&texts, on_problem, NULL, &law, &err) != STATUS_OK) ...
 *
 * law_parse reports every problem of all texts in one run through `on_problem` (file:line, field, what is wrong and the cure) and fails when there
 * was any: a rulebook is taken whole or not at all. Ownership: free what you got. Threads: no shared state.
 */
#ifndef DAYPART_CONF_LAW_TEXT_H
#define DAYPART_CONF_LAW_TEXT_H

#include "planner/core/calendar.h"
#include "planner/core/rulebook.h"

struct law_text {
	char *name; /* "us.cfg" */
	char *text; /* ends with NUL */
};

struct law_texts {
	struct law_text *items; /* sorted by name */
	size_t count, room;
};
#define LAW_TEXTS_INIT \
	{ \
		.items = NULL \
	}

void law_texts_free(struct law_texts *texts);
/* Copies both; keeps the order of names. */
MUST_CHECK enum status law_texts_add(struct law_texts *texts, const char *name, const char *text, struct err *err);
/* All *.cfg of one folder and *.ics of the other. */
MUST_CHECK enum status law_texts_read(const char *rulebook_dir, const char *calendar_dir, struct law_texts *out, struct err *err);
/* SHA-256 over names and texts. */
MUST_CHECK enum status law_texts_hash(const struct law_texts *texts, uint8_t out[32], struct err *err);

struct parsed_law {
	struct rulebook *rulebook;
	struct calendar **calendars;
	size_t calendar_count;
};
#define PARSED_LAW_INIT \
	{ \
		.rulebook = NULL \
	}

typedef void law_problem_fn(void *context, const char *file, int line, const char *what);

/* STATUS_INVALID with the first problem in `err` when there are problems. `on_problem` may be NULL. */
MUST_CHECK enum status law_parse(
	const struct law_texts *texts, law_problem_fn *on_problem, void *context, struct parsed_law *out, struct err *err);
/* The same without the calendars, which are most of the work. */
MUST_CHECK enum status law_parse_rules(
	const struct law_texts *texts, law_problem_fn *on_problem, void *context, struct parsed_law *out, struct err *err);
void parsed_law_free(struct parsed_law *law);

#endif
