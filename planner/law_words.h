/*
 * law_words - the vocabulary of the law in English: lengths, days, hours, evidence, conditions
 *
 *     words_days(out, &rule->window);          // Monday to Friday 09:00-20:00; not on Saturday and Sunday
 *     words_condition(out, rule->when);        // the number is one of US and the campaign is about alcohol
 *
 * What is written goes to a stream and holds no line ends. Pure.
 */
#ifndef DAYPART_PLANNER_LAW_WORDS_H
#define DAYPART_PLANNER_LAW_WORDS_H

#include <stdio.h>

#include "planner/core/rulebook.h"

const char *strength_words(enum strength strength);             /* "must" */
const char *status_words(enum regime_status status);            /* "enforced" */
const char *should_words(enum should_policy should);            /* "block": what a rule of strength should does */
const char *kind_words(enum regime_kind kind);                  /* "self-regulation" */
const char *evidence_words(enum evidence evidence);             /* "the version of the privacy policy" */
const char *content_words(enum content_item item);              /* "name the sender": after "the text must" */
const char *data_class_words(enum data_class data);             /* "evidence of consent" */
const char *data_event_words(enum data_event event);            /* "consent was given": after "after" */
const char *confirmation_words(enum confirmation confirmation); /* "must not": before "be confirmed" */
const char *purpose_words(enum record_purpose purpose);         /* "registration" */

/* What stands before item `index` of `count`: nothing, a comma, or `last` (" and "). */
const char *words_joint(size_t index, size_t count, const char *last);

void words_duration(FILE *out, struct duration duration); /* "31 days", "24 hours", "90 minutes", "6 seconds" */
void words_date(FILE *out, struct date date);
void words_categories(FILE *out, uint32_t categories);
void words_channels(FILE *out, uint32_t channels);
void words_evidence(FILE *out, uint32_t evidence);
void words_items(FILE *out, uint32_t content_items);
void words_ranges(FILE *out, const struct day_ranges *ranges);        /* "10:00-13:00 and 14:00-20:00", "at any time", "not at all" */
void words_day_run(FILE *out, enum weekday first, enum weekday last); /* "Monday to Friday", "Saturday and Sunday", "Sunday" */
/* "Monday to Friday 09:00-20:00; not on Saturday and Sunday". Holidays and eves are not told here. */
void words_days(FILE *out, const struct window_rule *window);
bool window_is_never_open(const struct window_rule *window); /* on ordinary days */

/* Words of predicate.h become sentences, "not" before one its denial; what joins them stays as it was written. */
void words_condition(FILE *out, const struct predicate *predicate);

#endif
