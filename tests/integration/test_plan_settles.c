/* daypart plan with several campaigns of one sender: what is short goes by priority at once, so that planning again changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define MORNING "--now 2026-11-23T12:00:00Z plan"
/* Fifteen hours of New York, within any 24. */
#define A_DAY "'2026-11-23T13:00Z', '2026-11-24T02:00Z'"

static void
expect_nothing_changes_again(const struct plan_world *world)
{
	sql_run(world->connection, "CREATE TEMP TABLE was AS TABLE slot; CREATE TEMP TABLE was_head AS SELECT plan_run FROM plan_head");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "TABLE was EXCEPT TABLE slot", "");
	sql_expect(world->connection, "SELECT plan_run FROM plan_head EXCEPT TABLE was_head", "");
}

static void
a_limit_that_fell_is_shared_by_priority_at_once(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(30), campaign('first', " A_DAY ", priority => 10), campaign('second', " A_DAY ", priority => 20)");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "UPDATE sender SET daily_limit = 40 WHERE name = 'acme'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT c.name, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) GROUP BY 1 ORDER BY 1",
		"first|30\nsecond|10");
	expect_nothing_changes_again(world);
	sql_run(world->connection, "DROP TABLE was, was_head; UPDATE sender SET daily_limit = 20 WHERE name = 'acme'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT c.name, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) GROUP BY 1 ORDER BY 1",
		"first|20");
	expect_nothing_changes_again(world);
}

static void
a_campaign_of_higher_priority_takes_the_days_of_a_lower_one(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET daily_limit = 20 WHERE name = 'acme';"
		"SELECT approve_again(), people(30), campaign('late', " A_DAY ", priority => 20)");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT campaign('urgent', " A_DAY ", priority => 10)");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT c.name, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) GROUP BY 1 ORDER BY 1",
		"urgent|20");
	expect_nothing_changes_again(world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_limit_that_fell_is_shared_by_priority_at_once),
		PLAN_WORLD_TEST(a_campaign_of_higher_priority_takes_the_days_of_a_lower_one),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
