/*
 * coverage - every row of the regulations: how strong it is, who owns it, how it is kept, and what proves it
 *
 *     for (int i = 0; i < COVERAGE_ROWS; i++)
 *         printf("R-%03d %s\n", coverage_rows[i].number, coverage_rows[i].subject);
 *
 * The table is coverage.def. Which rules of the rulebook cite a row is not written there but looked up (planner/rules_coverage.h), so that table and
 * rulebook cannot drift apart unnoticed.
 */
#ifndef DAYPART_CONF_COVERAGE_H
#define DAYPART_CONF_COVERAGE_H

#include "planner/core/rulebook.h"

enum { COVERAGE_ROWS = 191 };

enum coverage_how {
	COVERAGE_RULE,     /* enforced by rules that cite the row */
	COVERAGE_CODE,     /* enforced, always and everywhere, by the modules named */
	COVERAGE_RECORDED, /* a fact or a figure that is kept and shown; nothing in it can be enforced, or another part enforces it */
	COVERAGE_REPORTED, /* shown when it needs a person */
	COVERAGE_DUTY,     /* what people do and no software can; `note` says why */
	COVERAGE_LATER     /* owned by parts that are not done */
};

struct coverage_row {
	int number; /* 7: R-007 */
	enum strength strength;
	const char *owners;  /* "main job, rulebook" */
	const char *subject; /* whose law, and what about */
	enum coverage_how how;
	const char *where; /* files, blank separated; of COVERAGE_RULE only what is not seen from the kinds of its rules */
	const char *tests; /* ctests, blank separated; beside the case files that name a rule of the row, or the row itself */
	const char *note;
};

extern const struct coverage_row coverage_rows[COVERAGE_ROWS];

const char *coverage_how_name(enum coverage_how how); /* "enforced by rules" */
/* Whether any of the owners has been done. */
bool coverage_is_due(const struct coverage_row *row);
/* Of the owners that have not been done, the first; `*length` is its length. NULL when there is none. `after` is NULL or what was returned before. */
const char *coverage_later_owner(const struct coverage_row *row, const char *after, size_t *length);

#endif
