/* approve, pause, resume, cancel, stop and start, as a marketer and an operator use them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

/* A rulebook that lets everything pass. */
static void
load_rules(void)
{
	char settings[1024];
	struct process_result result;

	snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"" DAYPART_SOURCE_DIR "/tests/bench/release_rulebook\";\n",
		conninfo);
	result = daypart_run_with(settings, "rules load");
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = schema_database(cluster, "lifecycle");
	connection = sql_connect(conninfo, NULL);
	schema_world(connection);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

/* One line of each: what is typed, the exit code, a part of what is said. */
struct step {
	const char *line;
	int exit_code;
	const char *part;
};

static void
walk(const struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct process_result result = daypart_run(conninfo, steps[i].line);
		const bool found = strstr(result.out, steps[i].part) != NULL || strstr(result.err, steps[i].part) != NULL;

		if (result.exit_code != steps[i].exit_code || !found)
			print_error("daypart %s: exit code %d\n%s%s\n", steps[i].line, result.exit_code, result.out, result.err);
		assert_int_equal(result.exit_code, steps[i].exit_code);
		assert_true(found);
		process_result_free(&result);
	}
}
#define WALK(steps) walk(steps, sizeof(steps) / sizeof((steps)[0]))

static void
a_campaign_goes_through_its_life(void **state)
{
	static const struct step steps[] = {
		{"--format csv pause spring --note wait", 0, "spring,paused,5,2026-11-23 15:00:00+00,2026-11-23 15:04:00+00,0,"},
		{"--format json pause spring", 0, "\"changed\": false"},
		{"approve spring", 65, "cannot approve campaign \"spring\": it is paused"},
		{"approve spring", 65, "Possible now: cancel, resume."},
		{"resume spring", 0, "approved"},
		{"--format json resume spring", 0, "\"changed\": false"},
		{"cancel spring", 0, "nothing more of it leaves"},
		{"--format json cancel spring", 0, "\"planned\": 0"},
		{"resume spring", 65, "Nothing is possible any more"},
	};

	(void)state;
	WALK(steps);
	sql_expect(connection,
		"SELECT e.status, e.note FROM campaign_event AS e JOIN campaign AS c USING (campaign_id) WHERE c.name = 'spring' ORDER BY at",
		"approved|\npaused|wait\napproved|\ncancelled|");
	sql_expect(connection,
		"SELECT count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign USING (campaign_id) WHERE name = 'spring'", "0");
}

static void
a_draft_must_be_approved_not_resumed(void **state)
{
	static const struct step steps[] = {
		{"resume autumn", 65, "Possible now: approve, cancel."},
		{"approve autumn", 65, "the database holds no rulebook"},
	};
	static const struct step then[] = {
		{"approve autumn", 0, "the next daypart plan gives it slots"},
	};

	(void)state;
	sql_run(connection,
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by) VALUES ('autumn', 'acme-wa', 'hello', "
		"'everyone', '2026-11-23T00:00Z', '2026-12-01T00:00Z', 'ana')");
	WALK(steps);
	load_rules();
	WALK(then);
}

static void
an_unknown_campaign_is_refused_with_a_guess(void **state)
{
	static const struct step steps[] = {
		{"pause sumer", 65, "Did you mean \"summer\"?"},
		{"pause zzzzzzzz", 65, "See: daypart status"},
	};

	(void)state;
	WALK(steps);
}

static void
everything_stops_and_starts(void **state)
{
	static const struct step steps[] = {
		{"--format json stop --all", 0, "\"changed\": true"},
		{"--format json stop --all", 0, "\"changed\": false"},
		{"status", 1, "everything is stopped"},
	};
	static const struct step and_back[] = {
		{"--format json start", 0, "\"stopped\": false"},
		{"--format json start", 0, "\"changed\": false"},
	};

	(void)state;
	WALK(steps);
	sql_expect(connection, "SELECT stopped FROM control", "t");
	WALK(and_back);
	sql_expect(connection, "SELECT stopped FROM control", "f");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_campaign_goes_through_its_life),
		cmocka_unit_test(a_draft_must_be_approved_not_resumed),
		cmocka_unit_test(an_unknown_campaign_is_refused_with_a_guess),
		cmocka_unit_test(everything_stops_and_starts),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
