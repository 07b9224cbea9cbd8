/*
 * quota_limit - one volume limit of a sender: cells of time, and what the windows that they make still hold
 *
 *     quota_limit_make(&setup, rule, &limit, &err);                 // left NULL: it limits nothing around the span
 *     cell = quota_limit_cell(&limit, at);
 *     quota_limit_add(&limit, limit.left, cell, cell, -1);
 *     quota_limit_clear(&limit);
 *
 * For quota.c only, which says what cells and windows are. A window is what together may hold the limit: one day, or 25 cells in a row.
 */
#ifndef DAYPART_CORE_QUOTA_LIMIT_H
#define DAYPART_CORE_QUOTA_LIMIT_H

#include "quota.h"

struct quota_limit {
	const struct rule *rule; /* NULL: the sender's own */
	bool whole_portfolio;
	const struct zone *zone; /* of days; NULL: days or parts of a period in UTC */
	int64_t cell_us;         /* without a zone */
	int64_t window;          /* cells that together hold the limit */
	int64_t first, last;     /* cells that count, both included */
	int64_t *left;           /* of each window that contains one of them, by its first cell, from first - window + 1 on */
	int64_t *lent;           /* likewise: of that, what those hold who may have to give way */
};

/* Of a rule, or the sender's own when `rule` is NULL. */
MUST_CHECK enum status quota_limit_make(const struct quota_setup *setup, const struct rule *rule, struct quota_limit *out, struct err *err);
void quota_limit_clear(struct quota_limit *limit);

struct instant quota_limit_cell_start(const struct quota_limit *limit, int64_t cell);
int64_t quota_limit_cell(const struct quota_limit *limit, struct instant at);
/* Of the cell that holds `at`. */
struct instant quota_limit_cell_end(const struct quota_limit *limit, struct instant at);

/* To `left` or `lent`, in all windows of the cells from..to. */
void quota_limit_add(const struct quota_limit *limit, int64_t *windows, int64_t from, int64_t to, int64_t n);
bool quota_limit_has_room(const struct quota_limit *limit, int64_t cell);
/* How much more a cell may hold. */
int64_t quota_limit_room(const struct quota_limit *limit, int64_t cell, bool with_lent);
/* The first instant at or after `at` that this limit does not turn away. */
struct instant quota_limit_ready(const struct quota_limit *limit, struct duration margin, struct instant at, bool *out_away);

#endif
