/*
 * rulebook_problems - collects what is wrong with rulebook files, so that one run tells all of it
 *
 *     struct problems problems = {.on_problem = print, .context = NULL};
 *     problem_add(&problems, "us.cfg", 12, "n: must be a whole number from 1 to 10000");
 *     if (problems.no_memory) ... else if (problems.count > 0) ...
 *
 * A problem names the field, what is wrong and the cure; file and line are kept apart. Line 0: the file as a whole.
 */
#ifndef DAYPART_CONF_RULEBOOK_PROBLEMS_H
#define DAYPART_CONF_RULEBOOK_PROBLEMS_H

#include "law_text.h"

struct problems {
	law_problem_fn *on_problem; /* may be NULL */
	void *context;
	int count;
	bool no_memory;             /* what was read is not complete, and nobody's fault */
	char first[ERR_DETAIL_MAX]; /* "us.cfg:12: n: must be ..." */
};

void problem_add(struct problems *problems, const char *file, int line, const char *format, ...) PRINTF_LIKE(4, 5);
/* An error about the whole file, with its detail and hint. */
void problem_add_err(struct problems *problems, const char *file, const struct err *err);

#endif
