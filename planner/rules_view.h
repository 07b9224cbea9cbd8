/*
 * rules_view - what the rulebook says about one question: people in these places, this category, on this date
 *
 *     const struct rules_question question = {.regions = {"US-TX"}, .region_count = 1, .category = CATEGORY_MARKETING, .channels = ALL_CHANNELS, .on = today};
 *     rules_view_create(rulebook, &question, &view, &err);
 *     view->binding[0].rule, view->binding[0].channels ...
 *     rules_view_free(&view);
 *
 * The person has a number of the places, and nothing else is known unless `facts` says so: a rule whose condition is not known counts as binding, and
 * is shown with its condition. Facts are words of predicate.h, as they are or after "not ".
 *
 * Each channel of the question has its law; rules are listed once, with the channels on which they bind. Only rules in force on the date are listed as
 * binding or advice. Lists are ordered by kind, then by id. The view points into the rulebook, which must outlive it. Pure but for memory.
 */
#ifndef DAYPART_PLANNER_RULES_VIEW_H
#define DAYPART_PLANNER_RULES_VIEW_H

#include "planner/core/merge.h"

enum { RULES_QUESTION_REGIONS_MAX = 8, RULES_QUESTION_FACTS_MAX = 16 };

struct rules_question {
	const char *regions[RULES_QUESTION_REGIONS_MAX]; /* the person may be in any of them */
	size_t region_count;
	enum category category;
	uint32_t channels; /* CHANNEL_BIT mask */
	struct date on;
	const char *facts[RULES_QUESTION_FACTS_MAX];
	size_t fact_count;
};

struct viewed_rule {
	const struct rule *rule;
	uint32_t channels;
};

struct rule_view_list {
	struct viewed_rule *items;
	size_t count;
};

struct rules_view {
	struct law laws[CHANNEL_COUNT]; /* of the channels asked for */
	struct rule_view_list binding, advice;
	struct rule_view_list other_dates; /* would bind, or advise, on another date */
	struct rule_view_list readings;    /* options that are not chosen */
	struct rule_view_list notes;       /* info */
};

/* Errors: memory; STATUS_INVALID for a fact that is no word, with the cure. */
MUST_CHECK enum status rules_view_create(
	const struct rulebook *rulebook, const struct rules_question *question, struct rules_view **out, struct err *err);
void rules_view_free(struct rules_view **view);

#endif
