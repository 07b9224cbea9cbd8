/*
 * approve - the parts of `daypart approve`: a campaign, and what campaigns stand on
 *
 * Each shows what is approved and what the law has against it, and refuses while something that binds is missing; who may approve is decided by the
 * database, which refuses whoever submitted it. They report their own errors and return an exit code.
 */
#ifndef DAYPART_PLANNER_VERB_APPROVE_H
#define DAYPART_PLANNER_VERB_APPROVE_H

#include "planner/vet.h"

/* `hold_rest`: people whom a problem concerns get nothing, the others do. What must be attested refuses all the same. */
int approve_campaign(struct context *context, const char *name, const char *note, bool hold_rest);
int approve_template(struct context *context, const char *name, const char *note);
int approve_sender(struct context *context, const char *name, const char *note);
int approve_business(struct context *context, const char *name, const char *note);
/* BUSINESS/NAME */
int approve_wording(struct context *context, const char *name);

/* The database's approve(): STATUS_OK, or what it says against it. */
MUST_CHECK enum status approve_record(struct context *context, enum subject subject, const char *name, const char *note, struct err *err);
/* Whether the last approval still fits what it approved, audience included. */
MUST_CHECK enum status approve_is_current(struct session *session, enum subject subject, const char *name, bool *out, struct err *err);

#endif
