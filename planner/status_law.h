/*
 * status_law - what the rulebook in force makes a person's business: reviews, calendars, records and templates that end
 *
 *     status_law_needs(session, today, on_need, context, &err);
 *
 * Told are regimes past their review_by and calendars that end (F2; rules_summary.h), registrations and attestations that have ended or end within
 * their renew_before, and templates that will count as unused within a week, or do already, of businesses that have a registration under
 * the regime that asks. Subjects count while they are in use: senders that are active, templates and campaigns that are not over, their businesses.
 *
 * An installation without a rulebook has none of these needs. The session is in a transaction.
 */
#ifndef DAYPART_PLANNER_STATUS_LAW_H
#define DAYPART_PLANNER_STATUS_LAW_H

#include "rules_summary.h"
#include "sql/session.h"

MUST_CHECK enum status status_law_needs(
	struct session *session, struct date today, rules_attention_fn *on_need, void *context, struct err *err);

#endif
