/*
 * rules_coverage - which rows of the regulations are kept by what, judged against a rulebook and the tests there are
 *
 *     struct coverage_line line;
 *     for (int i = 0; i < COVERAGE_ROWS; i++) {
 *         if (rules_coverage_judge(&coverage_rows[i], rulebook, &line, &err) != STATUS_OK) ...
 *         ... line.rules, line.tests, line.missing ...
 *         coverage_line_clear(&line);
 *     }
 *
 * A row that is due and that software can enforce lacks something when no enforced rule cites it, when no test speaks of it, or when a test or file that
 * the table names does not exist any more. Of a row that only informs it is enough that a rule, a file or a sentence accounts for it.
 *
 * Pure but for memory.
 */
#ifndef DAYPART_PLANNER_RULES_COVERAGE_H
#define DAYPART_PLANNER_RULES_COVERAGE_H

#include "conf/coverage.h"

struct coverage_line {
	char *rules;   /* ids, blank separated: those that are enforced, or any when none is */
	char *where;   /* files */
	char *tests;   /* ctests and case files */
	char *state;   /* "done", "done, later: release", "later: people", "duty" */
	char *missing; /* what fails, "" when nothing does */
};

MUST_CHECK enum status rules_coverage_judge(
	const struct coverage_row *row, const struct rulebook *rulebook, struct coverage_line *out, struct err *err);
void coverage_line_clear(struct coverage_line *line);

/* Whether the rule or one of its exceptions cites the row. */
bool rule_cites(const struct rule *rule, int row);

#endif
