/*
 * planned_advice - what rules that only advise say about when and how much a campaign sends (F11), for whoever approves it
 *
 *     planned_advice_read(session, "spring", &told, &err);
 *     planned_advice_write(output, &reach, told);
 *
 * The table "planned_advice": each such rule that people of the audience live under, how many they are, and how many messages of the last plan go
 * against it, with the instant of that plan. A campaign that was never planned, or whose plan was forgotten since, has no such number: `plan` and
 * `plan --dry-run` tell it once it is approved. Rules about texts and records are vet.h's.
 */
#ifndef DAYPART_PLANNER_PLANNED_ADVICE_H
#define DAYPART_PLANNER_PLANNED_ADVICE_H

#include "reach.h"

MUST_CHECK enum status planned_advice_read(struct session *session, const char *campaign, PGresult **out, struct err *err);
/* Nothing when no such rule concerns the audience. */
MUST_CHECK enum status planned_advice_write(struct output *output, const struct reach *reach, const PGresult *told, struct err *err);

#endif
