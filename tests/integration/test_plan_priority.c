/* A campaign of higher priority that comes later: it displaces unfrozen slots of lower ones where capacity or caps require it, and only there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define MORNING "--now 2026-11-23T12:00:00Z plan"
#define SLOTS \
	"SELECT c.name, count(*), min(due_at), max(due_at) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) " \
	"GROUP BY 1 ORDER BY 1"
#define REASONS "SELECT campaign, outcome, count(*) FROM outcome WHERE outcome !~ '^\\d' GROUP BY 1, 2 ORDER BY 1"

/* Ten people, one a second from New York's 08:00 on; the campaign ends with the last of them (ten seconds are a margin). */
static void
plan_ten(const struct plan_world *world, const char *ends_at)
{
	char statement[256];

	snprintf(statement, sizeof(statement),
		"UPDATE sender SET throughput_per_s = 1; SELECT people(10), campaign('low', '2026-11-23T13:00Z', '%s')", ends_at);
	sql_run(world->connection, statement);
	plan_world_make(world, MORNING);
	sql_expect(world->connection, SLOTS, "low|10|2026-11-23 13:00:00+00|2026-11-23 13:00:09+00");
}

/* An audience of n1 to n4. */
static void
add_urgent(const struct plan_world *world, const char *ends_at)
{
	char statement[512];

	snprintf(statement, sizeof(statement),
		"SELECT add_member('some', phone_of('n' || n)) FROM generate_series(1, 4) AS n;"
		"SELECT campaign('urgent', '2026-11-23T13:00Z', '%s', audience => 'some', priority => 1)",
		ends_at);
	sql_run(world->connection, statement);
}

static void
expect_no_change(const struct plan_world *world, const char *line)
{
	char *before = sql_text(world->connection, "SELECT string_agg(s::text, ' ' ORDER BY s::text) FROM slot AS s");

	plan_world_make(world, line);
	sql_expect(world->connection, "SELECT string_agg(s::text, ' ' ORDER BY s::text) FROM slot AS s", before);
	free(before);
}

static void
a_full_sender_serves_the_higher_campaign(void **state)
{
	const struct plan_world *world = *state;

	plan_ten(world, "2026-11-23T13:00:20Z");
	add_urgent(world, "2026-11-23T13:00:20Z");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT c.name, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) GROUP BY 1 ORDER BY 1",
		"low|6\nurgent|4");
	sql_expect(world->connection, REASONS, "low|no_capacity|4");
	sql_expect(world->connection, "SELECT count(*), count(DISTINCT due_at) FROM slot", "10|10");
	expect_no_change(world, MORNING);
}

/* Those who are displaced move while there is somewhere to go. */
static void
the_displaced_move_when_they_can(void **state)
{
	const struct plan_world *world = *state;

	plan_ten(world, "2026-11-23T14:00:00Z");
	add_urgent(world, "2026-11-23T13:00:14Z"); /* four ticks are lawful to it */
	plan_world_make(world, MORNING);
	sql_expect(world->connection, SLOTS,
		"low|10|2026-11-23 13:00:04+00|2026-11-23 13:00:13+00\nurgent|4|2026-11-23 13:00:00+00|2026-11-23 13:00:03+00");
	sql_expect(world->connection, REASONS, "");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "4|4|0|6");
	expect_no_change(world, MORNING);
}

static void
nobody_is_displaced_while_something_is_free(void **state)
{
	const struct plan_world *world = *state;

	plan_ten(world, "2026-11-23T14:00:00Z");
	add_urgent(world, "2026-11-23T14:00:00Z");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, SLOTS,
		"low|10|2026-11-23 13:00:00+00|2026-11-23 13:00:09+00\nurgent|4|2026-11-23 13:00:10+00|2026-11-23 13:00:13+00");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "4|0|0|10");
}

static void
what_is_frozen_or_paused_stays(void **state)
{
	static const char *const cases[][2] = {
		{"SELECT 1", "--now 2026-11-23T12:50:00Z plan"},
		{"UPDATE campaign SET status = 'paused' WHERE name = 'low'", MORNING},
		{"SELECT 1", "--now 2026-11-23T12:00:00Z plan --campaign urgent"},
	};
	const struct plan_world *world = *state;

	plan_ten(world, "2026-11-23T13:00:20Z");
	add_urgent(world, "2026-11-23T13:00:20Z");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sql_run(world->connection, "UPDATE campaign SET status = 'approved'");
		sql_run(world->connection, cases[i][0]);
		plan_world_make(world, cases[i][1]);
		sql_expect(world->connection, SLOTS, "low|10|2026-11-23 13:00:00+00|2026-11-23 13:00:09+00");
		sql_expect(world->connection, REASONS, "urgent|no_capacity|4");
	}
}

/* Ana has had two of three messages of the month; the third was to be an ordinary one. */
static void
a_cap_makes_the_lower_campaign_give_way(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), sent('ana', '{2026-11-19T15:00Z,2026-11-20T15:00Z}'),"
		"	campaign('ordinary', '2026-11-23T06:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	plan_world_expect(world, "ordinary", "ana|11-23 13:00:00 - 11-24 02:00:00");
	sql_run(world->connection, "SELECT campaign('urgent', '2026-11-23T06:00Z', '2026-11-25T00:00Z', 'acme-two', priority => 1)");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	plan_world_expect(world, "urgent", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "ordinary", "ana|frequency_cap");
	expect_no_change(world, "--now 2026-11-23T05:00Z plan");
}

/* Of two lower slots the one of lower priority gives way, and the other stays where it is. */
static void
a_cap_takes_from_the_lowest_first(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), sent('ana', '{2026-11-19T15:00Z}'),"
		"	campaign('middle', '2026-11-23T06:00Z', '2026-11-25T00:00Z', priority => 50),"
		"	campaign('lowest', '2026-11-23T06:00Z', '2026-11-25T00:00Z', 'acme-two', priority => 200)");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	plan_world_expect(world, "middle", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "lowest", "ana|11-23 13:00:00 - 11-24 02:00:00");
	sql_run(world->connection, "SELECT campaign('urgent', '2026-11-23T06:00Z', '2026-11-25T00:00Z', 'acme-sms', priority => 1)");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	plan_world_expect(world, "urgent", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "middle", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "lowest", "ana|frequency_cap");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "1|0|1|1");
	expect_no_change(world, "--now 2026-11-23T05:00Z plan");
}

/* The day after has room for one more: nobody has to give way. */
static void
a_cap_is_waited_for_rather_than_displacing(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('devi', '+911000000001', 'IN') UNION ALL"
		"	SELECT campaign('c' || n, '2026-11-23T01:00Z', '2026-11-28T00:00Z', priority => 10 + n) FROM generate_series(1, 3) AS n");
	plan_world_make(world, "--now 2026-11-23T00:00Z plan");
	sql_run(world->connection, "SELECT campaign('urgent', '2026-11-23T01:00Z', '2026-11-28T00:00Z', priority => 1)");
	plan_world_make(world, "--now 2026-11-23T00:00Z plan");
	sql_expect(world->connection, "SELECT campaign, left(outcome, 5) FROM outcome ORDER BY campaign",
		"c1|11-23\nc2|11-23\nc3|11-23\nurgent|11-24");
}

/* Ten messages in any 24 hours are what the sender may send, and what the lower campaign takes. */
static void
a_lower_campaign_keeps_its_volume_while_other_days_have_room(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "UPDATE sender SET daily_limit = 10");
	plan_ten(world, "2026-11-27T00:00:00Z");
	add_urgent(world, "2026-11-27T00:00:00Z");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "4|0|0|10");
	sql_expect(world->connection,
		"SELECT name, min(due_at)::date, max(due_at)::date FROM slot JOIN campaign_run USING (run_id) JOIN campaign USING (campaign_id)"
		"	GROUP BY 1 ORDER BY 1",
		"low|2026-11-23|2026-11-23\nurgent|2026-11-24|2026-11-24");
	expect_no_change(world, MORNING);
}

static void
a_lower_campaign_yields_volume_to_whom_no_other_day_has_room_for(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "UPDATE sender SET daily_limit = 10");
	plan_ten(world, "2026-11-27T00:00:00Z");
	add_urgent(world, "2026-11-24T00:00:00Z");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "4|4|0|6");
	sql_expect(world->connection, REASONS, "");
	expect_no_change(world, MORNING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_lower_campaign_keeps_its_volume_while_other_days_have_room),
		PLAN_WORLD_TEST(a_lower_campaign_yields_volume_to_whom_no_other_day_has_room_for),
		PLAN_WORLD_TEST(a_full_sender_serves_the_higher_campaign),
		PLAN_WORLD_TEST(the_displaced_move_when_they_can),
		PLAN_WORLD_TEST(nobody_is_displaced_while_something_is_free),
		PLAN_WORLD_TEST(what_is_frozen_or_paused_stays),
		PLAN_WORLD_TEST(a_cap_makes_the_lower_campaign_give_way),
		PLAN_WORLD_TEST(a_cap_takes_from_the_lowest_first),
		PLAN_WORLD_TEST(a_cap_is_waited_for_rather_than_displacing),
	};
	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop);
}
