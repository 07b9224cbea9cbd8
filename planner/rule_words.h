/*
 * rule_words - rules of the law in English, for people who read law and not configuration files
 *
 *     char *says = rule_words(rule);        // may leave Monday to Friday 09:00-20:00; not on Saturday and Sunday; not on holidays (calendar BR)
 *     char *scope = rule_words_scope(rule); // marketing, announcement; on whatsapp; from 2025-10-13
 *
 * What a rule says, whom it binds and what lifts it are apart, because tables show them apart. Sentences begin in lower case and end without a stop.
 * law_words.h has the vocabulary; rule_change.h compares two rules part by part.
 *
 * Pure but for memory. The caller frees what is returned; NULL means that memory ran out.
 */
#ifndef DAYPART_PLANNER_RULE_WORDS_H
#define DAYPART_PLANNER_RULE_WORDS_H

#include <stdio.h>

#include "planner/core/rulebook.h"

/* What the rule says. */
char *rule_words(const struct rule *rule);
/* Whom it binds, when and under which condition: categories, channels, dates, facts. */
char *rule_words_scope(const struct rule *rule);
/* What lifts it: exceptions with their sources, and waivers. "" when nothing does. */
char *rule_words_relief(const struct rule *rule);

typedef void words_fn(FILE *out, const struct rule *rule);
/* The same as a text of its own. */
char *words_written(words_fn *words, const struct rule *rule);

/* Parts that are also told alone. */
void words_says(FILE *out, const struct rule *rule);
void words_dates(FILE *out, const struct rule *rule);      /* "; from 2026-01-01; until 2026-12-31", "" without an end on either side */
void words_waiver(FILE *out, const struct rule *rule);     /* "by compliance for at most 90 days", "never" */
void words_exceptions(FILE *out, const struct rule *rule); /* "not when the consent shows that the person is a customer [P-13]" */

void words_cap_period(FILE *out, const struct rule *rule);    /* "a month of the calendar", "any 31 days" */
void words_volume_period(FILE *out, const struct rule *rule); /* "any 24 hours" */
void words_tiers(FILE *out, const struct rule *rule);         /* "tier_1: 2000, top: unlimited" */

#endif
