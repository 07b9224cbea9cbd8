/*
 * plan_fixture - a small law, a campaign and some numbers, for tests of what the planner decides
 *
 * The law of marketing: consent with its time everywhere; US 08:00-21:00 and two in any seven days; Brazil weekdays 09:00-20:00; India
 * 09:00-21:00 and one a calendar day; Nepal 09:00-18:00 but for the holidays of calendar "NP", which speaks for November 2026: the 3rd; Germany two a
 * calendar day, at any hour.
 */
#ifndef DAYPART_TESTS_SUPPORT_PLAN_FIXTURE_H
#define DAYPART_TESTS_SUPPORT_PLAN_FIXTURE_H

#include "planner/core/class_table.h"

#define PHONE_NEW_YORK UINT64_C(12125550123)
#define PHONE_CHICAGO UINT64_C(13125550123)
#define PHONE_RECIFE UINT64_C(5581987654321) /* Recife or Noronha */
#define PHONE_INDIA UINT64_C(919812345678)
#define PHONE_NEPAL UINT64_C(9779841234567)
#define PHONE_GERMANY UINT64_C(4915112345678)
#define PHONE_TOLL_FREE UINT64_C(18005550123)
#define PHONE_TRINIDAD UINT64_C(18685550123)
#define PHONE_NOWHERE UINT64_C(99912345)

const struct rulebook *plan_fixture_rulebook(void);
struct window_context plan_fixture_context(void);
/* An approved text in English of business "Acme", without variables, and nothing that conditions ask about. */
const struct terms *plan_fixture_terms(void);
const struct campaign_words *plan_fixture_words(void);
/* Campaign 1, run 1: marketing by SMS, as soon as possible. The times are those of campaign_time_parse. */
struct campaign_facts plan_fixture_campaign(const char *starts_at, const char *ends_at);

#endif
