/*
 * segments - audiences that are defined by a query are chosen anew
 *
 *     if (segments_refresh(context, NULL, &fine, &err) != STATUS_OK) ...     // of all approved campaigns: before the snapshot of a plan
 *     if (segments_refresh(context, "sale", &fine, &err) != STATUS_OK) ...   // of one, whatever its status
 *
 * Each segment is refreshed in a transaction of its own, by refresh_segment() of the database. One that may not read any more what it reads has lost
 * everybody and its campaigns wait, one whose query fails or takes longer than SEGMENT_QUERY_MS keeps whom it had: both are logged with the cure,
 * `*out_fine` is false, and the others go on. Errors: only what has nothing to do with the query (a lost connection, the user's interrupt).
 */
#ifndef DAYPART_PLANNER_SEGMENTS_H
#define DAYPART_PLANNER_SEGMENTS_H

#include "context.h"

enum { SEGMENT_QUERY_MS = 600000 }; /* a plan is due every five minutes, and another one waits for it */

MUST_CHECK enum status segments_refresh(struct context *context, const char *campaign, bool *out_fine, struct err *err);

#endif
