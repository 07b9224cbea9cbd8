/*
 * breaker_watch - one look at what people and providers say of the senders: stops what its rules say must stop, tells what comes near
 *
 *     breaker_watch(session, rulebook, now, &err);
 *
 * Every rule of kind breaker that binds now is asked for each business, sender, campaign or template of which something was said in its period
 * (breaker_events); messages are counted only there, and only as far as the verdict depends on them (breaker_sent). planner/core/breaker.h judges,
 * trip_breaker() stops, at once and for all daemons, and the log says so, as do NOTIFY daypart_breaker, `daypart status` and view breaker_state.
 *
 * Cheap where nobody says anything, which two probes tell; else an index scan of the recent opt-outs or of the recent feedback for each rule. daypartd looks when
 * something was said and with each look at its queue, BREAKER_WATCH_EVERY at the most and for a twentieth of the time (45,000 opt-outs within 30 days: 1.7 s a rule on two cores with much else to do), and `daypart plan` before it plans. Whoever comes first trips it; for the second one there is nothing to do.
 *
 * A rule counts where its regime holds. Its dates are those of the recipients, so it binds while its day is anywhere on earth. Conditions that ask about
 * people or texts are taken to hold, and exceptions not to.
 *
 * Limits: opt-outs count by the instant that they state; one that is recorded after a resume and says that it was before it does not arm the breaker
 * again. Statements stand alone, each of its own transaction: call it outside of one.
 */
#ifndef DAYPART_PLANNER_LAW_BREAKER_WATCH_H
#define DAYPART_PLANNER_LAW_BREAKER_WATCH_H

#include "planner/core/rulebook.h"
#include "sql/session.h"

#define BREAKER_WATCH_EVERY ((struct duration){US_PER_SECOND / 10})

/* Whether anything was said at all that a rule might count: before somebody reads the rules. */
MUST_CHECK enum status breaker_watch_is_quiet(struct session *session, struct instant now, bool *out, struct err *err);

MUST_CHECK enum status breaker_watch(struct session *session, const struct rulebook *rulebook, struct instant now, struct err *err);

#endif
