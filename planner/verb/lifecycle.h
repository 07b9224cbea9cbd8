/*
 * lifecycle - what the verbs that change a campaign's status have in common
 */
#ifndef DAYPART_PLANNER_VERB_LIFECYCLE_H
#define DAYPART_PLANNER_VERB_LIFECYCLE_H

#include "planner/context.h"

/* Does what the verb of campaign_transition names, in the caller's transaction. Where it is impossible: the campaign is that already (STATUS_OK, not
 * changed), there is no such campaign (with the one that was probably meant), or another verb is due. */
MUST_CHECK enum status lifecycle_change(
	struct session *session, const char *campaign, const char *verb, const char *note, bool *out_changed, struct err *err);

/* STATUS_NOT_FOUND, with the one that was probably meant, when there is no such campaign. */
MUST_CHECK enum status lifecycle_expect_campaign(struct session *session, const char *campaign, struct err *err);

/* The first of the rows as a record, with whether anything changed and what comes next. */
void lifecycle_write(struct output *output, const char *table, const PGresult *rows, bool changed, const char *next);

#endif
