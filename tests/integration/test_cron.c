/* daypart plan as cron and systemd run it: the shipped lines themselves, silence, overlapping runs, and a night that was missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/fixture_audience.h"
#include "tests/support/sql_expect.h"
#include "tests/support/strike.h"
#include "tests/support/temp.h"

enum { PEOPLE = 40, COMMAND_MAX = 512, CRON_FIELDS = 6 };

static const char *const template_name = "template";

static struct {
	struct pg_cluster *cluster;
	int databases;
	char *conninfo;
	PGconn *connection;
} world;

/* A campaign of the days to come, so that nothing is overdue while nobody releases; without Brazil, whose calendar of holidays ends some day. */
static int
start(void **state)
{
	char *conninfo;
	PGconn *connection;

	(void)state;
	world.cluster = pg_cluster_start(NULL);
	conninfo = fixture_audience_database(world.cluster, template_name, &(struct fixture_audience){.people = PEOPLE, .now = "now"});
	connection = sql_connect(conninfo, NULL);
	sql_run(connection,
		"UPDATE campaign SET (starts_at, ends_at) = (to_char(now() + interval '2 days', 'YYYY-MM-DD\"T\"HH24:MI\"Z\"'), "
		"to_char(now() + interval '6 days', 'YYYY-MM-DD\"T\"HH24:MI\"Z\"'));"
		"DELETE FROM audience_member USING recipient WHERE recipient.recipient_id = audience_member.recipient_id AND region = 'BR';"
		"SELECT approve('campaign', name) FROM campaign");
	PQfinish(connection);
	free(conninfo);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static int
open_database(void **state)
{
	char name[32];

	(void)state;
	snprintf(name, sizeof(name), "cron_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, template_name);
	world.connection = sql_connect(world.conninfo, NULL);
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	return 0;
}

/* The shipped lines ------------------------------------------------------------------------------------------------------------------------- */

/* The rest of the one line of a shipped file that begins so. */
static void
shipped_line(const char *file, const char *beginning, char out[COMMAND_MAX])
{
	char path[256], *text, *line;
	int found = 0;

	snprintf(path, sizeof(path), DAYPART_SOURCE_DIR "/conf/%s", file);
	text = file_read(path, NULL);
	for (line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		if (strncmp(line, beginning, strlen(beginning)) != 0)
			continue;
		snprintf(out, COMMAND_MAX, "%s", line + strlen(beginning));
		found++;
	}
	free(text);
	if (found != 1)
		fail_msg("%s: %d lines begin with \"%s\"", file, found, beginning);
}

/* Minute, hour, day, month, weekday, user; then the command, in which cron would take a % for a new line. */
static void
cron_command(char out[COMMAND_MAX])
{
	char line[COMMAND_MAX], *at = line;

	shipped_line("crontab.example", "*/", line);
	for (int field = 0; field < CRON_FIELDS; field++) {
		at += strcspn(at, " \t");
		at += strspn(at, " \t");
	}
	assert_null(strchr(at, '%'));
	snprintf(out, COMMAND_MAX, "%s", at);
}

/* The same with the program where it was built. */
static void
systemd_command(char out[COMMAND_MAX])
{
	static const char installed[] = "/usr/local/bin/";
	char line[COMMAND_MAX];

	shipped_line("daypart-plan.service", "ExecStart=", line);
	assert_memory_equal(line, installed, strlen(installed));
	snprintf(out, COMMAND_MAX, DAYPART_BUILD_DIR "/%.200s", line + strlen(installed));
}

/* As cron does: a shell and hardly any environment. */
static struct process_result
run_shell(const char *command)
{
	char settings[1024], variable[512], path[512], *config;
	const char *argv[] = {"env", "-i", path, variable, "/bin/sh", "-c", command, NULL};
	struct process_result result;

	snprintf(settings, sizeof(settings), "database = \"%s\";\n", world.conninfo);
	config = temp_write("daypart.cfg", settings);
	snprintf(variable, sizeof(variable), "DAYPART_CONFIG=%s", config);
	snprintf(path, sizeof(path), "PATH=%s:/usr/bin:/bin", DAYPART_BUILD_DIR);
	result = process_run(argv, NULL);
	free(config);
	return result;
}

static void
expect_silent_plan(const char *command)
{
	struct process_result result = run_shell(command);

	if (result.exit_code != 0 || result.out[0] != '\0' || result.err[0] != '\0')
		fail_msg("%s: exit code %d\n%s%s", command, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

static void
the_crontab_line_plans_in_silence(void **state)
{
	char command[COMMAND_MAX];

	(void)state;
	cron_command(command);
	expect_silent_plan(command);
	sql_expect(world.connection, "SELECT plan_run, (SELECT count(*) > 0 FROM slot) FROM plan_head", "1|t");
	expect_silent_plan(command); /* nothing changes */
	sql_expect(world.connection, "SELECT plan_run FROM plan_head", "1");
}

static void
the_systemd_unit_plans_in_silence(void **state)
{
	char command[COMMAND_MAX], success[COMMAND_MAX];

	(void)state;
	systemd_command(command);
	expect_silent_plan(command);
	sql_expect(world.connection, "SELECT plan_run, (SELECT count(*) > 0 FROM slot) FROM plan_head", "1|t");
	shipped_line("daypart-plan.service", "SuccessExitStatus=", success);
	assert_string_equal(success, "75"); /* what an overlapping run returns, below */
}

/* What a person hears of -------------------------------------------------------------------------------------------------------------------- */

static void
an_overlapping_run_comes_back_later(void **state)
{
	const struct strike gates = {"the gates are closed", .lock = "SELECT FROM bucket_gate FOR SHARE"};
	struct strike_hold *hold = strike_hold(&gates, world.conninfo);
	struct process *first = daypart_start(world.conninfo, "-q plan");
	char command[COMMAND_MAX];
	struct process_result result;

	(void)state;
	strike_await(&gates, world.connection, first);
	cron_command(command);
	result = run_shell(command);
	assert_int_equal(result.exit_code, 75);
	assert_string_equal(result.out, "");
	assert_non_null(strstr(result.err, "another daypart plan is running"));
	process_result_free(&result);
	strike_release(&hold);
	result = process_wait(&first);
	assert_int_equal(result.exit_code, 0);
	assert_string_equal(result.err, "");
	process_result_free(&result);
	expect_silent_plan(command);
	sql_expect(world.connection, "SELECT count(*) FROM plan_run", "1");
}

/* cron mails what is printed: a campaign that was approved and cannot be planned. */
static void
what_needs_a_person_is_not_silent(void **state)
{
	char command[COMMAND_MAX];
	struct process_result result;

	(void)state;
	sql_run(world.connection, "UPDATE template SET status = 'paused'");
	cron_command(command);
	result = run_shell(command);
	assert_int_equal(result.exit_code, 1);
	assert_non_null(strstr(result.err, "campaign \"bench\" cannot be planned: template \"sale\" is not approved"));
	process_result_free(&result);
}

static void
expect_status(const char *setting, const char *later, int exit_code)
{
	static const char missed[] = "no plan for too long";
	char settings[1024], query[256], line[128], *now;
	struct process_result result;

	snprintf(query, sizeof(query), "SELECT to_char(now() + interval '%s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", later);
	now = sql_text(world.connection, query);
	snprintf(settings, sizeof(settings), "database = \"%s\";\n%s\n", world.conninfo, setting);
	snprintf(line, sizeof(line), "--now %s status", now);
	result = daypart_run_with(settings, line);
	if (result.exit_code != exit_code || (strstr(result.out, missed) != NULL) != (exit_code == 1))
		fail_msg("%s, %s later: exit code %d\n%s%s", setting, later, result.exit_code, result.out, result.err);
	process_result_free(&result);
	free(now);
}

static void
a_missed_night_shows_in_status(void **state)
{
	char command[COMMAND_MAX];

	(void)state;
	expect_status("", "0s", 1); /* there is no plan yet */
	cron_command(command);
	expect_silent_plan(command);
	expect_status("", "0s", 0);
	expect_status("", "25h", 0);
	expect_status("", "27h", 1);
	expect_status("plan = { every = \"15m\"; };", "14m", 0);
	expect_status("plan = { every = \"15m\"; };", "16m", 1);
	sql_run(world.connection,
		"UPDATE plan_run SET published_at = published_at - interval '30h'; "
		"UPDATE plan_head SET checked_at = checked_at - interval '30h'");
	expect_status("", "0s", 1);
	expect_silent_plan(command); /* a run that changes nothing was a plan too */
	expect_status("", "0s", 0);
}

#define CRON_TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CRON_TEST(the_crontab_line_plans_in_silence),
		CRON_TEST(the_systemd_unit_plans_in_silence),
		CRON_TEST(an_overlapping_run_comes_back_later),
		CRON_TEST(what_needs_a_person_is_not_silent),
		CRON_TEST(a_missed_night_shows_in_status),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
