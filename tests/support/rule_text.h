/*
 * rule_text - a rule and a regime in the short spelling of the tables that pin the shipped rulebook
 *
 *     char text[RULE_TEXT_MAX];
 *     rule_text_says(rule, text);      // 09:00-20:00 09:00-20:00 09:00-20:00 09:00-20:00 09:00-20:00 - - / - BR
 *     rule_text_binds(rule, text);     // marketing announcement, sms, from 2025-10-13, when number:US, option C31 strict on
 *
 * Nothing that a rule says is left out but the text of a note, so that no change goes unseen. Windows: Monday to Sunday, a dash is a closed day; then
 * holidays after "/", eves after "^", and the calendar.
 */
#ifndef DAYPART_TESTS_SUPPORT_RULE_TEXT_H
#define DAYPART_TESTS_SUPPORT_RULE_TEXT_H

#include "planner/core/rulebook.h"

enum { RULE_TEXT_MAX = 2048 };

void rule_text_says(const struct rule *rule, char out[RULE_TEXT_MAX]);
void rule_text_binds(const struct rule *rule, char out[RULE_TEXT_MAX]);
void regime_text_regions(const struct regime *regime, char out[RULE_TEXT_MAX]); /* "everywhere", "BR", "37 from AT to MF" */
void rule_text_date(struct date date, char out[RULE_TEXT_MAX]);

#endif
