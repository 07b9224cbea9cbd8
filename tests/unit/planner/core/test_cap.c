/* What a cap blocks, by hand-made histories; the property test covers the rest. */
#include "planner/core/cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

static struct cap_event
event(const char *earliest, const char *latest)
{
	return (struct cap_event){
		fixture_instant(earliest), fixture_instant(latest), CATEGORY_BIT(CATEGORY_MARKETING), CHANNEL_BIT(CHANNEL_SMS), 0};
}

static const struct calendar *const *calendars;
static size_t calendar_count;
static uint32_t asked_subject;

static bool
blocked_at(struct rule cap, const struct cap_event *events, size_t count, const char *zone_a, const char *zone_b, const char *at)
{
	const struct zone *zones[] = {fixture_zone(zone_a), fixture_zone(zone_b)};
	const struct rule *caps[] = {&cap};
	struct interval span = {fixture_instant("2026-01-01T00:00:00Z"), fixture_instant("2028-01-01T00:00:00Z")};
	struct interval_set blocked = INTERVAL_SET_INIT;
	const struct cap_scope scope = {zones, 2, calendars, calendar_count, span, CHANNEL_BIT(CHANNEL_WHATSAPP), asked_subject};
	assert_int_equal(cap_blocked(caps, 1, events, count, &scope, &blocked), STATUS_OK);
	bool found = interval_set_find(&blocked, fixture_instant(at)) != NULL;
	interval_set_free(&blocked);
	return found;
}

static void
a_rolling_cap_looks_back_and_ahead(void **state)
{
	(void)state;
	static const struct {
		const char *at;
		bool blocked;
	} rows[] = {
		/* two of 24 h at most; sent on the 10th at 12:00, planned on the 10th at 18:00 */
		{"2026-11-09T17:59:59.999999Z", false},
		{"2026-11-09T18:00:00Z", false}, /* [18:00, 18:00) holds the one at 12:00 only */
		{"2026-11-09T18:00:00.000001Z", true},
		{"2026-11-10T15:00:00Z", true},
		{"2026-11-11T11:59:59.999999Z", true},
		{"2026-11-11T12:00:00Z", false},
	};
	struct cap_event events[] = {
		event("2026-11-10T12:00:00Z", "2026-11-10T12:00:00Z"), event("2026-11-10T18:00:00Z", "2026-11-10T18:00:00Z")};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (blocked_at(fixture_cap(CAP_ROLLING, 2, US_PER_DAY), events, 2, "UTC", "UTC", rows[i].at) != rows[i].blocked)
			fail_msg("at %s", rows[i].at);
}

static void
a_planned_message_counts_wherever_it_may_leave(void **state)
{
	(void)state;
	struct cap_event planned = event("2026-11-10T12:00:00Z", "2026-11-10T20:00:00Z");
	struct rule cap = fixture_cap(CAP_ROLLING, 1, US_PER_DAY);
	assert_false(blocked_at(cap, &planned, 1, "UTC", "UTC", "2026-11-09T12:00:00Z"));
	assert_true(blocked_at(cap, &planned, 1, "UTC", "UTC", "2026-11-09T12:00:00.000001Z"));
	assert_true(blocked_at(cap, &planned, 1, "UTC", "UTC", "2026-11-11T19:59:59.999999Z"));
	assert_false(blocked_at(cap, &planned, 1, "UTC", "UTC", "2026-11-11T20:00:00Z"));
}

static void
a_month_is_blocked_whole_in_every_candidate_zone(void **state)
{
	(void)state;
	struct cap_event sent = event("2026-12-01T01:00:00Z", "2026-12-01T01:00:00Z"); /* November in Sao Paulo, December in Berlin */
	struct rule cap = fixture_cap(CAP_CALENDAR_MONTH, 1, 0);
	assert_true(blocked_at(cap, &sent, 1, "America/Sao_Paulo", "America/Sao_Paulo", "2026-11-01T00:00:00-03:00"));
	assert_false(blocked_at(cap, &sent, 1, "America/Sao_Paulo", "America/Sao_Paulo", "2026-10-31T23:59:59-03:00"));
	assert_false(blocked_at(cap, &sent, 1, "America/Sao_Paulo", "America/Sao_Paulo", "2026-12-01T00:00:00-03:00"));
	assert_true(blocked_at(cap, &sent, 1, "America/Sao_Paulo", "Europe/Berlin", "2026-12-31T22:59:59Z"));
	assert_false(blocked_at(cap, &sent, 1, "America/Sao_Paulo", "Europe/Berlin", "2026-12-31T23:00:00Z"));
}

static void
three_a_day_counts_days_of_the_place(void **state)
{
	(void)state;
	struct cap_event events[] = {
		event("2026-11-10T09:00:00+05:30", "2026-11-10T09:00:00+05:30"),
		event("2026-11-10T12:00:00+05:30", "2026-11-10T13:00:00+05:30"),
		event("2026-11-10T20:00:00+05:30", "2026-11-10T20:59:59+05:30"),
	};
	struct rule cap = fixture_cap(CAP_CALENDAR_DAY, 3, 0);
	assert_true(blocked_at(cap, events, 3, "Asia/Kolkata", "Asia/Kolkata", "2026-11-10T00:00:00+05:30"));
	assert_true(blocked_at(cap, events, 3, "Asia/Kolkata", "Asia/Kolkata", "2026-11-10T23:59:59+05:30"));
	assert_false(blocked_at(cap, events, 3, "Asia/Kolkata", "Asia/Kolkata", "2026-11-11T00:00:00+05:30"));
	assert_false(blocked_at(cap, events, 2, "Asia/Kolkata", "Asia/Kolkata", "2026-11-10T21:00:00+05:30"));
}

static void
other_categories_and_channels_do_not_count(void **state)
{
	(void)state;
	struct cap_event sent = event("2026-11-10T12:00:00Z", "2026-11-10T12:00:00Z");
	struct rule cap = fixture_cap(CAP_CALENDAR_DAY, 1, 0);
	sent.category_bit = CATEGORY_BIT(CATEGORY_TRANSACTIONAL);
	assert_false(blocked_at(cap, &sent, 1, "UTC", "UTC", "2026-11-10T13:00:00Z"));
	sent.category_bit = CATEGORY_BIT(CATEGORY_MARKETING);
	cap.channels = CHANNEL_BIT(CHANNEL_WHATSAPP);
	assert_false(blocked_at(cap, &sent, 1, "UTC", "UTC", "2026-11-10T13:00:00Z"));
}

static void
a_cap_blocks_only_while_it_is_in_force(void **state)
{
	(void)state;
	struct cap_event sent = event("2026-11-10T12:00:00Z", "2026-11-10T12:00:00Z");
	struct rule cap = fixture_cap(CAP_CALENDAR_MONTH, 1, 0);
	cap.from = fixture_date("2026-11-15");
	assert_false(blocked_at(cap, &sent, 1, "UTC", "UTC", "2026-11-14T23:59:59Z"));
	assert_true(blocked_at(cap, &sent, 1, "UTC", "UTC", "2026-11-15T00:00:00Z"));
}

static void
a_cap_of_a_subject_counts_the_same_and_the_unknown(void **state)
{
	(void)state;
	static const struct {
		uint32_t sent, asked;
		bool blocked;
	} rows[] = {{1, 1, true}, {1, 2, false}, {0, 2, true}, {1, 0, true}, {0, 0, true}};
	struct rule cap = fixture_cap(CAP_ROLLING, 1, US_PER_DAY);
	struct cap_event sent = event("2026-11-10T12:00:00Z", "2026-11-10T12:00:00Z");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sent.subject = rows[i].sent;
		asked_subject = rows[i].asked;
		cap.cap.same_subject = true;
		if (blocked_at(cap, &sent, 1, "UTC", "UTC", "2026-11-10T13:00:00Z") != rows[i].blocked)
			fail_msg("row %zu", i);
		cap.cap.same_subject = false;
		assert_true(blocked_at(cap, &sent, 1, "UTC", "UTC", "2026-11-10T13:00:00Z"));
	}
	asked_subject = 0;
}

static const char holidays[] =
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//daypart//test//EN\r\nX-DAYPART-AREA:IN\r\n"
	"X-DAYPART-COVERAGE:2026-01-01/2026-12-31\r\n"
	"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20240101T000000Z\r\nDTSTART;VALUE=DATE:20261110\r\nSUMMARY:Day\r\nEND:VEVENT\r\n"
	"END:VCALENDAR\r\n";

static struct rule
three_a_day_one_on_holidays(void)
{
	struct rule cap = fixture_cap(CAP_CALENDAR_DAY, 3, 0);
	cap.cap.on_holidays = 1;
	strcpy(cap.cap.calendar, "IN");
	return cap;
}

static void
fewer_on_a_holiday(void **state)
{
	struct calendar *calendar;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(calendar_parse("IN", holidays, strlen(holidays), &calendar, &err), STATUS_OK);
	const struct calendar *const known[] = {calendar};
	calendars = known;
	calendar_count = 1;
	struct cap_event holiday = event("2026-11-10T12:00:00+05:30", "2026-11-10T12:00:00+05:30");
	struct cap_event over_midnight = event("2026-11-09T23:00:00+05:30", "2026-11-10T00:00:00+05:30");
	struct cap_event ordinary = event("2026-11-11T12:00:00+05:30", "2026-11-11T12:00:00+05:30");
	struct cap_event unknown = event("2027-03-03T12:00:00+05:30", "2027-03-03T12:00:00+05:30");
	const struct rule cap = three_a_day_one_on_holidays();
	assert_true(blocked_at(cap, &holiday, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-10T00:00:00+05:30"));
	assert_true(blocked_at(cap, &holiday, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-10T23:59:59+05:30"));
	assert_false(blocked_at(cap, &holiday, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-11T00:00:00+05:30"));
	assert_true(blocked_at(cap, &over_midnight, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-10T20:00:00+05:30"));
	assert_false(blocked_at(cap, &over_midnight, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-09T20:00:00+05:30"));
	assert_false(blocked_at(cap, &ordinary, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-11T15:00:00+05:30"));
	assert_true(blocked_at(cap, &unknown, 1, "Asia/Kolkata", "Asia/Kolkata", "2027-03-03T15:00:00+05:30"));
	/* in Kathmandu, a quarter of an hour ahead, the day begins earlier */
	assert_true(blocked_at(cap, &holiday, 1, "Asia/Kolkata", "Asia/Kathmandu", "2026-11-09T23:45:00+05:30"));
	assert_false(blocked_at(cap, &holiday, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-09T23:45:00+05:30"));
	calendar_count = 0; /* nobody knows the calendar: every day may be one */
	assert_true(blocked_at(cap, &ordinary, 1, "Asia/Kolkata", "Asia/Kolkata", "2026-11-11T15:00:00+05:30"));
	calendar_free(&calendar);
}

static void
another_holiday_is_another_law(void **state)
{
	const struct rule cap = three_a_day_one_on_holidays(), plain = fixture_cap(CAP_CALENDAR_DAY, 3, 0);
	const struct rule *caps[] = {&cap}, *plains[] = {&plain};
	char other[sizeof holidays];
	struct calendar *before, *after;
	struct err err = ERR_INIT;
	(void)state;
	strcpy(other, holidays);
	memcpy(strstr(other, "20261110"), "20261111", 8);
	assert_int_equal(calendar_parse("IN", holidays, strlen(holidays), &before, &err), STATUS_OK);
	assert_int_equal(calendar_parse("IN", other, strlen(other), &after, &err), STATUS_OK);
	const struct calendar *const first[] = {before}, *const second[] = {after};
	assert_true(cap_calendars_hash(7, caps, 1, first, 1) == cap_calendars_hash(7, caps, 1, first, 1));
	assert_true(cap_calendars_hash(7, caps, 1, first, 1) != cap_calendars_hash(7, caps, 1, second, 1));
	assert_true(cap_calendars_hash(7, caps, 1, first, 1) != cap_calendars_hash(7, caps, 1, NULL, 0));
	assert_true(cap_calendars_hash(7, plains, 1, first, 1) == 7);
	calendar_free(&before);
	calendar_free(&after);
}

static void
edges_are_the_next_of_every_zone_and_cap(void **state)
{
	(void)state;
	struct rule day = fixture_cap(CAP_CALENDAR_DAY, 3, 0), month = fixture_cap(CAP_CALENDAR_MONTH, 4, 0);
	struct rule rolling = fixture_cap(CAP_ROLLING, 3, 31 * US_PER_DAY);
	const struct rule *all[] = {&day, &month, &rolling};
	const struct zone *zones[] = {fixture_zone("Asia/Kolkata"), fixture_zone("America/Sao_Paulo")};
	struct instant at = fixture_instant("2026-11-10T12:00:00Z");
	assert_int_equal(cap_edge_after(all, 3, zones, 2, at).us, fixture_instant("2026-11-11T00:00:00+05:30").us);
	assert_int_equal(cap_edge_after(all, 3, zones + 1, 1, at).us, fixture_instant("2026-11-11T00:00:00-03:00").us);
	assert_int_equal(cap_edge_after(all + 1, 2, zones + 1, 1, at).us, fixture_instant("2026-12-01T00:00:00-03:00").us);
	assert_int_equal(cap_edge_after(all + 2, 1, zones, 2, at).us, INT64_MAX);
	struct instant edge = fixture_instant("2026-12-01T00:00:00-03:00");
	assert_int_equal(cap_edge_after(all + 1, 1, zones + 1, 1, edge).us, fixture_instant("2027-01-01T00:00:00-03:00").us);
}

static void
the_ledger_is_read_back_far_enough(void **state)
{
	(void)state;
	struct rule day = fixture_cap(CAP_CALENDAR_DAY, 3, 0), month = fixture_cap(CAP_CALENDAR_MONTH, 4, 0);
	struct rule rolling = fixture_cap(CAP_ROLLING, 3, 40 * US_PER_DAY);
	const struct rule *all[] = {&day, &month, &rolling};
	struct instant from = fixture_instant("2026-03-31T23:59:59Z");
	assert_int_equal(cap_lookback(all, 0, from).us, from.us);
	assert_true(cap_lookback(all, 1, from).us <= fixture_instant("2026-03-31T00:00:00Z").us);
	assert_true(cap_lookback(all, 2, from).us <= fixture_instant("2026-03-01T00:00:00Z").us);
	assert_int_equal(cap_lookback(all, 3, from).us, from.us - 40 * US_PER_DAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rolling_cap_looks_back_and_ahead),
		cmocka_unit_test(a_planned_message_counts_wherever_it_may_leave),
		cmocka_unit_test(a_month_is_blocked_whole_in_every_candidate_zone),
		cmocka_unit_test(three_a_day_counts_days_of_the_place),
		cmocka_unit_test(other_categories_and_channels_do_not_count),
		cmocka_unit_test(a_cap_blocks_only_while_it_is_in_force),
		cmocka_unit_test(a_cap_of_a_subject_counts_the_same_and_the_unknown),
		cmocka_unit_test(fewer_on_a_holiday),
		cmocka_unit_test(another_holiday_is_another_law),
		cmocka_unit_test(edges_are_the_next_of_every_zone_and_cap),
		cmocka_unit_test(the_ledger_is_read_back_far_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
