/*
 * planning_volume - what a business's senders have sent lately, and which limits that falls under
 *
 *     planning_volume_open(planning, business, &err);             // quotas of its campaigns; planning->limited
 *     planning_volume_rules(planning, class_id, &rules, &err);    // of a stored class, for rows of the queue
 *     planning_volume_read(planning, business, &err);             // the ledger, when limited
 *     planning_volume_count(planning, campaign);                  // into its quota
 *
 * Internal to planning. Asks the database nothing while no limit binds any sender of the business.
 */
#ifndef DAYPART_PLANNER_PLANNING_VOLUME_H
#define DAYPART_PLANNER_PLANNING_VOLUME_H

#include "planning.h"

/* Of one campaign, with nothing counted yet. */
MUST_CHECK enum status planning_volume_quota(struct planning *planning, struct planned_campaign *campaign, struct err *err);
MUST_CHECK enum status planning_volume_open(struct planning *planning, int32_t business_id, struct err *err);
MUST_CHECK enum status planning_volume_rules(struct planning *planning, int32_t class_id, uint32_t *out, struct err *err);
MUST_CHECK enum status planning_volume_read(struct planning *planning, int32_t business_id, struct err *err);
void planning_volume_count(const struct planning *planning, struct planned_campaign *campaign);

#endif
