/*
 * local_days - a run of local dates of one zone, as one stretch of the absolute time line
 *
 *     local_days(zone, date, (struct date){date.days + 1})      one day
 *     rule_in_force(rule, zone)                                 the days on which a rule holds
 *
 * The stretch reaches from the first instant whose local date is `first` or later to the last one whose local date is before `past`. Where
 * clocks are set back over midnight it therefore holds a few minutes of the next day as well: what hangs on it never gets looser.
 * INT32_MIN and INT32_MAX days are unbounded.
 */
#ifndef DAYPART_CORE_LOCAL_DAYS_H
#define DAYPART_CORE_LOCAL_DAYS_H

#include "rulebook.h"
#include "zone.h"

struct interval local_days(const struct zone *zone, struct date first, struct date past);
struct interval rule_in_force(const struct rule *rule, const struct zone *zone);

#endif
