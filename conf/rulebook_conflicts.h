/*
 * rulebook_conflicts - rules of a rulebook that cannot be obeyed together (planner/core/conflict.h), as problems of its files
 *
 * A rule that closes every day on its own is taken for a ban when it says for whom (when) or until when; without either nothing could ever be sent.
 */
#ifndef DAYPART_CONF_RULEBOOK_CONFLICTS_H
#define DAYPART_CONF_RULEBOOK_CONFLICTS_H

#include "rulebook_problems.h"

/* Only STATUS_NO_MEMORY fails. */
MUST_CHECK enum status rulebook_report_conflicts(const struct rulebook *rulebook, struct problems *problems);

#endif
