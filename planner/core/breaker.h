/*
 * breaker - when what people and providers say of a sender stops it, before somebody else does (F20)
 *
 *     const struct breaker_counts counts = {.events = 5, .sent = 1000};
 *     if (breaker_judge(&rule->breaker, &counts) == BREAKER_TRIPS) ...
 *
 * Rows: R-143 (US opt-outs above 0.5 %), R-144 (US violations above 2 %), R-145 (Brazil, more than three complaints in 30 days), R-146 and R-147
 * (India, complaints above 0.5 %, warning from 0.2 %), R-149 and R-150 (WhatsApp, negative feedback and quality rating).
 *
 * What is counted, in the rolling period (now - per, now], of messages to people who may be where the rule's regime holds, for each business, sender,
 * campaign or template by itself:
 *
 *     sent         messages handed over, those of which nobody knows included, without those that the outbox dropped; by their dispatch
 *     opt-outs     people who opted out within BREAKER_ANSWER after a message, each about the last one before it; by the instant of the opt-out
 *     complaints   reports as spam; with the message it was about, or, when nobody says which, wherever it may have been
 *     negative     complaints and blocks
 *     violations   messages that left when they must not have, by what a provider or an audit says
 *     rating       the provider's last one
 *
 * It trips while one more event, of a message that is out already or of the next one, would bring it above the limit: with events e, messages n and
 * the least number of messages m,
 *
 *     rate         (e + 1) > limit * max(n, m)        fewer messages than m count as m, so that a first opt-out stops nothing, and a twentieth does
 *     count        (e + 1) > limit
 *     rating       worse than the limit               nobody knows a rating before it is given
 *
 * where the 1 is as many as came within the last BREAKER_BURST, if those were more: what has begun goes on while it is stopped. And a rate also when
 * it has a limit of our own, `stop_at`, under that of the law. So as long as nothing of a scope leaves from the trip on, no single event can break
 * the limit, and messages only lower a rate. What is not in anybody's hand is that old messages leave the period: a rate may rise by that alone, and
 * then it trips at the next look. Warnings count what there is, nothing more: e >= warn * max(n, m).
 *
 * All rules hold by themselves, each for its own scope: the earliest trip wins, and a rule more never lets more leave.
 *
 * Pure; exact in integers.
 */
#ifndef DAYPART_CORE_BREAKER_H
#define DAYPART_CORE_BREAKER_H

#include "rulebook.h"

/* How long after a message an opt-out is about it. Ours: the documents do not say. */
#define BREAKER_ANSWER ((struct duration){7 * US_PER_DAY})
/* What came within it may come once more before anything that is done about it shows. Ours as well. */
#define BREAKER_BURST ((struct duration){60 * US_PER_SECOND})
enum { BREAKER_WHOLE = 1000000, BREAKER_TEXT_MAX = 256 };

enum breaker_verdict { BREAKER_RESTS, BREAKER_WARNS, BREAKER_TRIPS };

struct breaker_counts {
	int64_t events, sent;
	int64_t recent;     /* of the events: those of the last BREAKER_BURST */
	enum rating rating; /* of BREAKER_QUALITY, which counts nothing else */
};

enum breaker_verdict breaker_judge(const struct breaker_rule *rule, const struct breaker_counts *counts);

/* With so many messages or more, these events neither trip nor warn: nobody has to count further (`sent` is not read). 0 of what is no rate. */
int64_t breaker_messages_needed(const struct breaker_rule *rule, const struct breaker_counts *counts);

bool breaker_is_rate(enum breaker_metric metric);
/* What trips it: `stop_at` where it has one, else `limit`. */
int32_t breaker_ceiling(const struct breaker_rule *rule);
/* The least `min_samples` of a rate under which no breaker trips without an event. */
int32_t breaker_least_samples(int32_t ceiling);

/* "5 opt-outs among 1000 messages within 7 days; the limit is 0.5 %" */
void breaker_tell(const struct breaker_rule *rule, const struct breaker_counts *counts, char out[BREAKER_TEXT_MAX]);
/* "0.5 %", "3", "yellow": `value` is in the units of the rule's limit. */
void breaker_tell_value(const struct breaker_rule *rule, int32_t value, char out[BREAKER_TEXT_MAX]);

/* As the rulebook and the database spell them. */
const char *breaker_metric_name(enum breaker_metric metric);  /* "opt_out_rate" */
const char *breaker_scope_name(enum breaker_scope scope);     /* "sender" */
const char *breaker_needs_name(enum breaker_needs needs);     /* "reason" */
const char *rating_name(enum rating rating);                  /* "green" */
const char *breaker_events_words(enum breaker_metric metric); /* "opt-outs" */

#endif
