/*
 * breaker_resume - `daypart resume --sender NAME --reason TEXT`: ends what a breaker has stopped
 */
#ifndef DAYPART_PLANNER_VERB_BREAKER_RESUME_H
#define DAYPART_PLANNER_VERB_BREAKER_RESUME_H

#include "planner/context.h"

/* Whether an argument of `resume` is an option about breakers. */
bool breaker_resume_is_asked_by(const char *argument);
/* A verb_fn for the arguments of `resume`. */
int breaker_resume(struct context *context, int argc, char **argv);

#endif
