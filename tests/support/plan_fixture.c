#include "tests/support/plan_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/law_fixture.h"
#include "tests/support/temp.h"

static struct rule base_rules[1], us_rules[2], br_rules[1], in_rules[2], np_rules[1], de_rules[1];
static struct regime regimes[] = {
	{.id = "base", .everywhere = true, .rules = base_rules, .rule_count = 1},
	{.id = "us", .regions = {"US"}, .region_count = 1, .rules = us_rules, .rule_count = 2},
	{.id = "br", .regions = {"BR"}, .region_count = 1, .rules = br_rules, .rule_count = 1},
	{.id = "in", .regions = {"IN"}, .region_count = 1, .rules = in_rules, .rule_count = 2},
	{.id = "np", .regions = {"NP"}, .region_count = 1, .rules = np_rules, .rule_count = 1},
	{.id = "de", .regions = {"DE"}, .region_count = 1, .rules = de_rules, .rule_count = 1},
};
static const struct rulebook rulebook = {.regimes = regimes, .regime_count = sizeof regimes / sizeof regimes[0]};

static struct rule
named(struct rule rule, const char *id)
{
	strcpy(rule.id, id);
	return rule;
}

const struct rulebook *
plan_fixture_rulebook(void)
{
	base_rules[0] = (struct rule){.id = "base.consent",
		.kind = RULE_CONSENT,
		.categories = ALL_CATEGORIES,
		.channels = ALL_CHANNELS,
		.from = {INT32_MIN},
		.until = {INT32_MAX},
		.consent = {.required = true, .evidence = EVIDENCE_BIT(EVIDENCE_TIME)}};
	us_rules[0] = named(fixture_window("08:00", "21:00"), "us.window");
	us_rules[1] = named(fixture_cap(CAP_ROLLING, 2, 7 * US_PER_DAY), "us.cap");
	br_rules[0] = named(fixture_window("09:00", "20:00"), "br.window");
	br_rules[0].window.days[SATURDAY].count = br_rules[0].window.days[SUNDAY].count = 0;
	in_rules[0] = named(fixture_window("09:00", "21:00"), "in.window");
	in_rules[1] = named(fixture_cap(CAP_CALENDAR_DAY, 1, 0), "in.cap");
	np_rules[0] = named(fixture_window("09:00", "18:00"), "np.window");
	np_rules[0].window.on_holidays_replaced = true;
	strcpy(np_rules[0].window.calendar, "NP");
	de_rules[0] = named(fixture_cap(CAP_CALENDAR_DAY, 2, 0), "de.cap");
	return &rulebook;
}

static struct calendar *calendars[1];

static void
free_calendars(void)
{
	calendar_free(&calendars[0]);
}

static void
read_calendar(void)
{
	static const char text[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nX-DAYPART-AREA:NP\r\n"
							   "X-DAYPART-COVERAGE:2026-11-01/2026-11-30\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
							   "DTSTART;VALUE=DATE:20261103\r\nSUMMARY:Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
	struct err err = ERR_INIT;
	if (calendar_parse("NP", text, sizeof text - 1, &calendars[0], &err) != STATUS_OK)
		support_fail("calendar of the fixture: %s", err.primary);
	atexit(free_calendars);
}

struct window_context
plan_fixture_context(void)
{
	if (calendars[0] == NULL)
		read_calendar();
	return (struct window_context){
		.zones = fixture_zone_set(), .calendars = (const struct calendar *const *)calendars, .calendar_count = 1};
}

const struct terms *
plan_fixture_terms(void)
{
	static const struct variant english = {.language = "en",
		.text = "Acme: sale. Reply STOP to opt out.",
		.approved = true,
		.approved_on = {INT32_MIN},
		.last_used_on = {INT32_MIN},
		.category = CATEGORY_MARKETING};
	static const struct terms terms = {.category = CATEGORY_MARKETING,
		.business = "Acme",
		.legal_name = "",
		.identifier = "",
		.variants = &english,
		.variant_count = 1,
		.offer_expires_on = {INT32_MAX}};
	return &terms;
}

const struct campaign_words *
plan_fixture_words(void)
{
	static const struct campaign_words words = {.sender_country = "US", .sender_type = "number"};
	return &words;
}

static struct campaign_time
parse_time(const char *text)
{
	struct campaign_time time;
	struct err err = ERR_INIT;
	if (campaign_time_parse(text, &time, &err) != STATUS_OK)
		support_fail("campaign time \"%s\": %s", text, err.primary);
	return time;
}

struct campaign_facts
plan_fixture_campaign(const char *starts_at, const char *ends_at)
{
	return (struct campaign_facts){.campaign_id = 1,
		.run_id = 1,
		.starts_at = parse_time(starts_at),
		.ends_at = parse_time(ends_at),
		.pacing = DEAL_ASAP,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS};
}
