/* daypart init: a first run, a second one, and everything that may keep it from running. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sql_embedded.h"
#include "tests/support/daypart.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

static struct pg_cluster *cluster;

static int
start(void **state)
{
	char *rules = temp_write("pg_hba.conf", "local all strict scram-sha-256\nlocal all all trust\n");
	char settings[512];

	(void)state;
	snprintf(settings, sizeof(settings), "hba_file = '%s'", rules);
	cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true, .settings = settings});
	free(rules);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_cluster_stop(&cluster);
	return 0;
}

/* Runs and expects the exit code and a part of what was written to stdout or stderr. */
static void
expect(const char *conninfo, const char *line, int exit_code, const char *part)
{
	struct process_result result = daypart_run(conninfo, line);

	if (result.exit_code != exit_code || (strstr(result.out, part) == NULL && strstr(result.err, part) == NULL))
		print_error("daypart %s: exit code %d, \"%s\" expected in:\n%s%s\n", line, result.exit_code, part, result.out, result.err);
	assert_int_equal(result.exit_code, exit_code);
	assert_true(strstr(result.out, part) != NULL || strstr(result.err, part) != NULL);
	process_result_free(&result);
}

static void
a_first_run_makes_everything_and_a_second_nothing(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "first", NULL);
	PGconn *connection;
	char *key;

	(void)state;
	expect(conninfo, "status", 78, "has no schema daypart");
	expect(conninfo, "init", 0, "made, version");
	connection = sql_connect(conninfo, NULL);
	key = sql_text(connection, "SELECT length(inner_pad), length(outer_pad), encode(inner_pad, 'hex') FROM secret_key");
	assert_memory_equal(key, "64|64|", 6);
	sql_expect(connection, "SELECT rehearsal FROM installation", "f");
	sql_expect(connection, "SELECT count(*) FROM bucket_gate", "1024");
	sql_expect(connection, "SELECT stopped FROM control", "f");
	sql_expect(connection, "SELECT plan_run FROM plan_head", "0");
	sql_expect(connection, "SELECT name, kind FROM reason WHERE reason = 1", "opted_out|suppressed");
	sql_expect(connection, "SELECT name FROM evidence_bit WHERE bit = 0", "time");
	sql_expect(connection, "SELECT count(*) FROM time_zone WHERE name IN ('America/Sao_Paulo', 'Asia/Kolkata', 'EST5EDT')", "2");
	sql_expect(connection, "SELECT count(*) FROM region WHERE code IN ('BR', 'US-CA')", "2");
	sql_expect(connection, "SELECT keyword FROM opt_out_keyword WHERE keyword IN ('stop', 'sair', '退订') ORDER BY 1", "sair\nstop\n退订");
	sql_expect(connection, "SELECT to_regclass('release_0') IS NOT NULL", "t");
	sql_expect(connection,
		"SELECT name FROM rulebook_head JOIN rulebook_file USING (rulebook_id) WHERE name IN ('us.cfg', 'br.ics') ORDER BY 1",
		"br.ics\nus.cfg");
	expect(conninfo, "init", 0, "nothing to do");
	sql_expect(connection, "SELECT length(inner_pad), length(outer_pad), encode(inner_pad, 'hex') FROM secret_key", key);
	expect(conninfo, "status", 0, "installation");
	free(key);
	PQfinish(connection);
	free(conninfo);
}

static void
several_at_once_do_not_disturb_each_other(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "twice", NULL), settings[512], *config, variable[256];
	const char *argv[] = {DAYPART_BUILD_DIR "/daypart", "init", NULL}, *env[] = {variable, NULL};
	struct process *runs[4];

	(void)state;
	snprintf(settings, sizeof(settings), "database = \"%s\";\n", conninfo);
	config = temp_write("twice.cfg", settings);
	snprintf(variable, sizeof(variable), "DAYPART_CONFIG=%s", config);
	for (size_t i = 0; i < 4; i++)
		runs[i] = process_start(argv, &(struct process_options){.env = env});
	for (size_t i = 0; i < 4; i++) {
		struct process_result result = process_wait(&runs[i]);

		if (result.exit_code != 0)
			print_error("%s", result.err);
		assert_int_equal(result.exit_code, 0);
		process_result_free(&result);
	}
	expect(conninfo, "init", 0, "nothing to do");
	free(config);
	free(conninfo);
}

static void
words_that_were_changed_are_put_right(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "words", NULL);
	PGconn *connection;

	(void)state;
	expect(conninfo, "init", 0, "made");
	connection = sql_connect(conninfo, NULL);
	sql_run(connection, "UPDATE reason SET text = 'x' WHERE reason = 1; DELETE FROM time_zone WHERE name = 'Asia/Kolkata'");
	sql_run(connection, "INSERT INTO time_zone VALUES ('Mars/Olympus')");
	expect(conninfo, "init", 0, "1 added, 1 removed");
	sql_expect(connection, "SELECT text <> 'x' FROM reason WHERE reason = 1", "t");
	expect(conninfo, "init", 0, "nothing to do");
	PQfinish(connection);
	free(conninfo);
}

static void
another_version_of_the_schema_is_told_apart(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "versions", NULL);
	PGconn *connection;

	(void)state;
	expect(conninfo, "init", 0, "made");
	connection = sql_connect(conninfo, NULL);
	sql_run(connection, "INSERT INTO migration VALUES (1000, 'future', 'ff')");
	expect(conninfo, "status", 78, "newer than this program");
	expect(conninfo, "init", 78, "newer than this program");
	sql_run(connection, "DELETE FROM migration WHERE version = 1000");
	sql_run(connection, "UPDATE migration SET checksum = 'other' WHERE version = 2");
	expect(conninfo, "status", 78, "made by another build");
	expect(conninfo, "init", 78, "made by another build");
	sql_run(connection, "DELETE FROM migration WHERE version > 1");
	expect(conninfo, "status", 78, "older than this program");
	PQfinish(connection);
	free(conninfo);
}

static void
an_older_schema_is_upgraded(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "upgrade", NULL);
	PGconn *connection;

	(void)state;
	connection = sql_connect(conninfo, NULL);
	schema_install(connection, (int)sql_migration_count - 1);
	expect(conninfo, "status", 78, "Upgrade it with: daypart init");
	expect(conninfo, "init", 0, "upgraded from version");
	expect(conninfo, "status", 0, "installation");
	PQfinish(connection);
	free(conninfo);
}

static void
a_lost_key_is_not_replaced_under_people(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "key", NULL);
	PGconn *connection;

	(void)state;
	expect(conninfo, "init", 0, "made");
	connection = sql_connect(conninfo, NULL);
	sql_run(connection, "DELETE FROM secret_key");
	expect(conninfo, "init", 0, "key");
	sql_run(connection, "SELECT add_recipient('+14155550101', region => 'US-CA')");
	sql_run(connection, "DELETE FROM secret_key");
	expect(conninfo, "init", 78, "Restore table daypart.secret_key");
	sql_expect(connection, "SELECT count(*) FROM secret_key", "0");
	PQfinish(connection);
	free(conninfo);
}

static void
a_rehearsal_is_one_from_the_start(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "rehearsal", NULL), *real = pg_cluster_new_database(cluster, "real", NULL);
	PGconn *connection;

	(void)state;
	expect(conninfo, "init --rehearsal", 0, "made, for rehearsals");
	expect(conninfo, "init", 0, "nothing to do");
	expect(conninfo, "init --rehearsal", 0, "nothing to do");
	connection = sql_connect(conninfo, NULL);
	sql_expect(connection, "SELECT rehearsal FROM installation", "t");
	PQfinish(connection);
	expect(real, "init", 0, "made");
	expect(real, "init --rehearsal", 78, "cannot become one");
	free(conninfo);
	free(real);
}

static void
who_lacks_a_right_learns_which(void **state)
{
	char *admin = pg_cluster_new_database(cluster, "rights", NULL);
	PGconn *connection = sql_connect(admin, NULL);
	char plain[512], wrong[512];

	(void)state;
	sql_run(connection, "CREATE ROLE plain LOGIN; CREATE ROLE strict LOGIN PASSWORD 'right'");
	sql_run(connection, "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
	snprintf(plain, sizeof(plain), "%s user=plain", admin);
	snprintf(wrong, sizeof(wrong), "%s user=strict password=wrong", admin);
	expect(plain, "init", 78, "GRANT CREATE ON DATABASE");
	sql_expect(connection, "SELECT to_regnamespace('daypart')", "");
	expect(wrong, "init", 78, "does not let us in");
	expect(admin, "init", 0, "made");
	expect(plain, "status", 78, "GRANT daypart_planner TO");
	snprintf(plain, sizeof(plain), "%s dbname=ascii", admin);
	expect(plain, "init", 78, "not in UTF-8");
	PQfinish(connection);
	free(admin);
}

/* CREATEROLE and CREATE on the database are enough. */
static void
no_superuser_is_needed(void **state)
{
	char *admin = pg_cluster_new_database(cluster, "modest", NULL);
	PGconn *connection = sql_connect(admin, NULL);
	char installer[512];

	(void)state;
	sql_run(connection, "CREATE ROLE installer LOGIN CREATEROLE; GRANT CREATE ON DATABASE modest TO installer");
	sql_run(connection,
		"DO $$ BEGIN IF to_regrole('daypart_owner') IS NOT NULL THEN "
		"GRANT daypart_owner, daypart_keyholder TO installer WITH ADMIN OPTION; END IF; END $$");
	snprintf(installer, sizeof(installer), "%s user=installer", admin);
	expect(installer, "init", 0, "made");
	expect(installer, "init", 0, "nothing to do");
	PQfinish(connection);
	free(admin);
}

/* Writes a file of a folder of its own and returns the folder's path, which the caller frees. */
static char *
write_rules(const char *folder, const char *name, const char *text)
{
	char *path = temp_path(folder), relative[128];

	mkdir(path, 0755);
	snprintf(relative, sizeof(relative), "%s/%s", folder, name);
	free(temp_write(relative, text));
	return path;
}

static void
copy_shipped_rules(const char *folder)
{
	glob_t files;

	assert_int_equal(glob(DAYPART_SOURCE_DIR "/conf/rulebook/*.cfg", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *text = file_read(files.gl_pathv[i], NULL);

		free(write_rules(folder, strrchr(files.gl_pathv[i], '/') + 1, text));
		free(text);
	}
	globfree(&files);
}

static void
append(const char *name, const char *text)
{
	char *path = temp_path(name);
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void
init_with_rules(const char *conninfo, const char *folder, const char *part)
{
	char settings[1024];
	struct process_result result;

	snprintf(settings, sizeof(settings),
		"database = \"%s\";\nrulebook_dir = \"%s\";\ncalendar_dir = \"" DAYPART_SOURCE_DIR "/conf/calendars\";\n", conninfo, folder);
	result = daypart_run_with(settings, "init");
	assert_int_equal(result.exit_code, 0);
	assert_non_null(strstr(result.out, part));
	process_result_free(&result);
}

/* Releases name the rulebook they followed, so an edited one is another one. */
static void
an_edited_rulebook_is_a_new_one_and_the_old_one_stays(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "rules", NULL);
	PGconn *connection;

	(void)state;
	copy_shipped_rules("edited");
	init_with_rules(conninfo, "edited", "in force");
	init_with_rules(conninfo, "edited", "nothing to do");
	expect(conninfo, "init", 0, "nothing to do"); /* the same texts from another folder */
	connection = sql_connect(conninfo, NULL);
	sql_expect(connection, "SELECT count(*) FROM rulebook", "1");
	append("edited/house.cfg", "# edited\n");
	init_with_rules(conninfo, "edited", "in force");
	sql_expect(connection, "SELECT count(*), (SELECT rulebook_id FROM rulebook_head) FROM rulebook", "2|2");
	expect(conninfo, "init", 0, "in force");
	sql_expect(connection, "SELECT count(*), (SELECT rulebook_id FROM rulebook_head) FROM rulebook", "2|1");
	PQfinish(connection);
	free(conninfo);
}

/* What is wrong with the host's files is found before anything is made. */
static void
broken_files_leave_nothing_half_done(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "files", NULL);
	char *rules = write_rules("broken", "us.cfg", "regime = 5;");
	PGconn *connection = sql_connect(conninfo, NULL);
	static const struct {
		const char *setting, *part;
	} cases[] = {
		{"zoneinfo_dir = \"/nonexistent\";", "tzdata.zi"},
		{"rulebook_dir = \"/nonexistent\";", "/nonexistent"},
		{"rulebook_dir = \"broken\";", "us.cfg"},
		{"calendar_dir = \"/nonexistent\";", "/nonexistent"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char settings[1024];
		struct process_result result;

		snprintf(settings, sizeof(settings), "database = \"%s\";\n%s\n", conninfo, cases[i].setting);
		result = daypart_run_with(settings, "init");
		assert_int_equal(result.exit_code, 78);
		if (strstr(result.err, cases[i].part) == NULL)
			print_error("%s: %s", cases[i].setting, result.err);
		assert_non_null(strstr(result.err, cases[i].part));
		process_result_free(&result);
		sql_expect(connection, "SELECT to_regnamespace('daypart')", "");
	}
	PQfinish(connection);
	free(rules);
	free(conninfo);
}

static void
a_server_that_is_down_is_unavailable(void **state)
{
	char *conninfo = pg_cluster_new_database(cluster, "down", NULL);

	(void)state;
	pg_cluster_halt(cluster, PG_CLUSTER_FAST);
	expect(conninfo, "init", 69, "cannot reach the database");
	expect(conninfo, "status", 69, "cannot reach the database");
	pg_cluster_resume(cluster);
	expect(conninfo, "init", 0, "made");
	free(conninfo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_run_makes_everything_and_a_second_nothing),
		cmocka_unit_test(several_at_once_do_not_disturb_each_other),
		cmocka_unit_test(words_that_were_changed_are_put_right),
		cmocka_unit_test(another_version_of_the_schema_is_told_apart),
		cmocka_unit_test(an_older_schema_is_upgraded),
		cmocka_unit_test(a_lost_key_is_not_replaced_under_people),
		cmocka_unit_test(a_rehearsal_is_one_from_the_start),
		cmocka_unit_test(who_lacks_a_right_learns_which),
		cmocka_unit_test(no_superuser_is_needed),
		cmocka_unit_test(an_edited_rulebook_is_a_new_one_and_the_old_one_stays),
		cmocka_unit_test(broken_files_leave_nothing_half_done),
		cmocka_unit_test(a_server_that_is_down_is_unavailable),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
