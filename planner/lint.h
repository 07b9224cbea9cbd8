/*
 * lint - what `daypart import templates` says of the texts that it brought in
 */
#ifndef DAYPART_PLANNER_LINT_H
#define DAYPART_PLANNER_LINT_H

#include "context.h"

/* Warns of each text of the file that breaks a rule of the active rulebook, and sums up. What keeps it from looking is a warning too: the rows have
 * landed. Standard input cannot be read again, and is not looked at. */
void lint_imported(const struct context *context, const char *file);

#endif
