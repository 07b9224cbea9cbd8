/*
 * The nights in which the clocks change, rehearsed: planned the day before, released by daypartd on the simulated clock through the night. Nobody gets
 * a message outside of 08:00 to 21:00 where they are, as PostgreSQL's own zones tell it, and the morning begins at eight by the new time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

static void
rehearse(const struct plan_world *world, const char *from)
{
	char text[1024], clock[640];

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; };\n", world->conninfo);
	char *config = temp_write("daypartd.cfg", text);
	(void)snprintf(clock, sizeof(clock), "simulated:%sx20000", from);
	static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";
	struct process_result result =
		process_run((const char *[]){daypartd, "--config", config, "--until-idle", "--clock", clock, NULL}, NULL);
	if (result.exit_code != 0)
		fail_msg("daypartd: exit code %d: %s", result.exit_code, result.err);
	process_result_free(&result);
	free(config);
}

/* From the evening before to the evening after, evenly, so that both sides of the night get their share. */
static void
expect_lawful_night(const struct plan_world *world, const char *saturday, const char *sunday_at_eight)
{
	char text[512];

	sql_run(world->connection, "UPDATE installation SET rehearsal = true; SELECT fixture.people(200)");
	(void)snprintf(text, sizeof(text),
		"SELECT campaign('sale', '%1$sT22:00Z', to_char(timestamptz '%1$sT22:00Z' + interval '28 hours', 'YYYY-MM-DD\"T\"HH24:MI\"Z\"'), "
		"	pacing => 'even')",
		saturday);
	sql_run(world->connection, text);
	(void)snprintf(text, sizeof(text), "--now %sT12:00:00Z plan", saturday);
	plan_world_make(world, text);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "200");
	(void)snprintf(text, sizeof(text), "%sT22:00:00Z", saturday);
	rehearse(world, text);
	sql_expect(world->connection, "SELECT outcome, count(*) FROM release GROUP BY outcome", "handed_over|200");
	sql_expect(world->connection,
		"SELECT count(*) FROM release WHERE (released_at AT TIME ZONE 'America/New_York')::time NOT BETWEEN '08:00' AND '20:59:59'", "0");
	(void)snprintf(text, sizeof(text),
		"SELECT count(*) > 20, min(released_at) - '%1$s' BETWEEN interval '0' AND interval '20 min' FROM release WHERE released_at >= "
		"timestamptz '%1$s' - interval '3 hours'",
		sunday_at_eight);
	sql_expect(world->connection, text, "t|t");
	sql_expect(world->connection,
		"SELECT count(*) > 20 FROM release WHERE released_at < (SELECT min(released_at) + interval '4 hours' FROM release)", "t");
}

static void
the_clocks_go_forward(void **state)
{
	expect_lawful_night(*state, "2027-03-13", "2027-03-14 12:00Z");
}

static void
the_clocks_go_back(void **state)
{
	expect_lawful_night(*state, "2027-11-06", "2027-11-07 13:00Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(the_clocks_go_forward),
		PLAN_WORLD_TEST(the_clocks_go_back),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop);
}
