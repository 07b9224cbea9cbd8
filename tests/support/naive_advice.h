/*
 * naive_advice - how many people of a published scene have a slot that goes against a rule that only advises, asked of each one by one
 *
 *     naive_advice_people(&scene, &planned, rule, &least, &most);
 *
 * Two answers, because naive_law.h permits a little more around clock changes.
 */
#ifndef DAYPART_TESTS_SUPPORT_NAIVE_ADVICE_H
#define DAYPART_TESTS_SUPPORT_NAIVE_ADVICE_H

#include "tests/support/plan_scene.h"

void naive_advice_people(struct scene *scene, struct planned *planned, const struct rule *rule, int64_t *out_least, int64_t *out_most);
/* Whether clocks that the class looks at change within some days of the instant. */
bool naive_clocks_change_near(const struct plan_class *class, struct instant at);

#endif
