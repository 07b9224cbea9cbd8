/*
 * outage_checks - what must hold in an outage_world, whatever happened: queries of sql/check, views of outage_world.sql, the provider's own record
 *
 *     outage_expect_now(&world);          // after every round: what holds at any instant
 *     outage_settle(&world, &daemons);    // all is made well, and what is due or on its way comes to its end
 *     outage_expect_end(&world);
 */
#ifndef DAYPART_TESTS_SUPPORT_OUTAGE_CHECKS_H
#define DAYPART_TESTS_SUPPORT_OUTAGE_CHECKS_H

#include "outage_daemons.h"

void outage_expect_now(struct outage_world *world);
void outage_settle(struct outage_world *world, struct outage_daemons *daemons);
void outage_expect_end(struct outage_world *world);
/* One line on what became of the messages of the chapter. */
void outage_tell(struct outage_world *world);

#endif
