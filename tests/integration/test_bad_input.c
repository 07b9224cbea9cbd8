/*
 * tests/cases/bad_input.txt: whatever is wrong is told with what, where and cure and the documented exit code, and leaves nothing half-done.
 *
 * Each case names a database, what is given (a file, or settings), a command line, the exit code, and three fragments of what must be said on
 * stderr or, for a rejected row, in the file of rejects. Afterwards every table has as many rows as before.
 */
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
#include <unistd.h>

#include "tests/support/case_file.h"
#include "tests/support/fixture_audience.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PEOPLE = 20, TEXT_MAX = 4096, WORDS_MAX = 24, MEGABYTE = 1024 * 1024 };

enum field { DATABASE, GIVEN, COMMAND, EXIT_CODE, WHAT, WHERE, CURE, FIELDS };

static const char *const template_name = "ready";

static struct pg_cluster *cluster;

/* Databases --------------------------------------------------------------------------------------------------------------------------------- */

static const struct database {
	const char *name;
	const char *change;         /* of an installed one; NULL: not installed */
	const char *hold;           /* a statement of somebody else's session, which stays open */
	const char *user, *address; /* of those who connect; NULL: whoever and wherever the server is */
} databases[] = {
	{.name = "ready", .change = ""},
	{.name = "no_schema"},
	{.name = "newer", .change = "INSERT INTO migration VALUES (1000, 'future', 'ff')"},
	{.name = "older", .change = "DELETE FROM migration WHERE version = (SELECT max(version) FROM migration)"},
	{.name = "changed", .change = "UPDATE migration SET checksum = 'other' WHERE version = 2"},
	{.name = "planning", .change = "", .hold = "SELECT pg_advisory_lock(hashtext('daypart plan'), 0)"},
	{.name = "never_approved", .change = "UPDATE campaign SET status = 'draft'"},
	{.name = "never_open",
		.change = "UPDATE campaign SET (local_from, local_to) = ('22:00', '23:00'); SELECT approve('campaign', name) FROM campaign"},
	{.name = "wrong_password", .change = "", .user = "strict password=wrong"},
	{.name = "no_right", .change = "", .user = "plain"},
	{.name = "marketer", .change = "", .user = "mary"},
	{.name = "server_down", .change = "", .address = "/nowhere"},
};
enum { DATABASES = sizeof(databases) / sizeof(databases[0]) };

static struct {
	PGconn *admin, *holder;
	char *conninfo; /* as the commands connect */
} opened[DATABASES];

static void
open_database(size_t i)
{
	const struct database *database = &databases[i];
	char name[64], conninfo[512];
	char *made;

	snprintf(name, sizeof(name), "case_%s", database->name);
	made = pg_cluster_new_database(cluster, name, database->change ? template_name : NULL);
	opened[i].admin = sql_connect(made, NULL);
	if (database->change)
		sql_run(opened[i].admin, database->change);
	if (database->hold) {
		opened[i].holder = sql_connect(made, NULL);
		sql_run(opened[i].holder, database->hold);
	}
	snprintf(conninfo, sizeof(conninfo), "%s%s%s%s%s", made, database->user ? " user=" : "", database->user ? database->user : "",
		database->address ? " host=" : "", database->address ? database->address : "");
	opened[i].conninfo = strdup(conninfo);
	free(made);
}

static size_t
find_database(const char *name)
{
	for (size_t i = 0; i < DATABASES; i++)
		if (strcmp(databases[i].name, name) == 0)
			return i;
	support_fail("bad_input.txt: there is no database \"%s\"", name);
}

static int
start(void **state)
{
	char *rules = temp_write("pg_hba.conf", "local all strict scram-sha-256\nlocal all all trust\n");
	char settings[512];
	PGconn *connection;

	(void)state;
	snprintf(settings, sizeof(settings), "hba_file = '%s'", rules);
	cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true, .settings = settings});
	free(rules);
	free(fixture_audience_database(cluster, template_name, &(struct fixture_audience){.people = PEOPLE, .now = "2026-11-20T15:00:00Z"}));
	connection = PQconnectdb(pg_cluster_conninfo(cluster));
	sql_run(
		connection, "CREATE ROLE plain LOGIN; CREATE ROLE mary LOGIN IN ROLE daypart_marketer; CREATE ROLE strict LOGIN PASSWORD 'right'");
	PQfinish(connection);
	for (size_t i = 0; i < DATABASES; i++)
		open_database(i);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < DATABASES; i++) {
		PQfinish(opened[i].admin);
		PQfinish(opened[i].holder);
		free(opened[i].conninfo);
	}
	pg_cluster_stop(&cluster);
	return 0;
}

/* Of every table that is there. */
static char *
row_counts(PGconn *admin)
{
	return sql_text(admin,
		"SELECT string_agg(relname || ' ' || (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', oid::regclass), "
		"false, true, '')))[1]::text, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = to_regnamespace('daypart') AND relkind IN "
		"('r', 'p')");
}

/* What is given ----------------------------------------------------------------------------------------------------------------------------- */

struct given {
	char settings[TEXT_MAX]; /* after the line that names the database */
	char *file;              /* stands for FILE in the command */
};

/* \n, \0, and \M for a megabyte; the caller frees it. */
static char *
unescape(const char *text, size_t *out_size)
{
	char *bytes = malloc(strlen(text) + MEGABYTE);
	size_t size = 0;

	assert_non_null(bytes);
	for (; *text != '\0'; text++) {
		if (*text != '\\') {
			bytes[size++] = *text;
		} else if (*++text == 'M') {
			memset(bytes + size, 'x', MEGABYTE);
			size += MEGABYTE;
		} else {
			bytes[size++] = *text == 'n' ? '\n' : '\0';
		}
	}
	*out_size = size;
	return bytes;
}

static void
give_file(const char *name, const char *text, struct given *out)
{
	size_t size;
	char *bytes = unescape(text, &size);

	out->file = temp_write_bytes(name, bytes, size);
	free(bytes);
}

/* The text with its first `old` replaced, which must be there; the caller frees it. */
static char *
replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *result = NULL;

	if (at == NULL || asprintf(&result, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) < 0)
		support_fail("bad_input.txt: \"%s\" is not in the shipped file", old);
	return result;
}

static void
copy_shipped(const char *path, const char *folder, const char *name, const char *old, const char *new)
{
	const char *file = strrchr(path, '/') + 1;
	char *text = file_read(path, NULL), *written = strcmp(file, name) == 0 ? replaced(text, old, new) : strdup(text);
	char copy[256];

	snprintf(copy, sizeof(copy), "%s/%s", folder, file);
	free(temp_write(copy, written));
	free(written);
	free(text);
}

/* Ends the text before `separator` and returns what comes after it. */
static char *
cut(char *text, const char *separator)
{
	char *at = strstr(text, separator);

	if (at == NULL)
		support_fail("bad_input.txt: \"%s\" is missing in \"%s\"", separator, text);
	*at = '\0';
	return at + strlen(separator);
}

/* A copy of a shipped folder, in which "NAME: OLD => NEW" is done. */
static void
give_folder(const char *setting, const char *shipped, const char *edit, struct given *out)
{
	char *folder = temp_path(shipped), *name = strdup(edit), *old = cut(name, ": "), *new = cut(old, " => ");
	char pattern[512];
	glob_t files;

	mkdir(folder, 0755);
	snprintf(pattern, sizeof(pattern), DAYPART_SOURCE_DIR "/conf/%s/*.*", shipped);
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		copy_shipped(files.gl_pathv[i], shipped, name, old, new);
	globfree(&files);
	snprintf(out->settings, sizeof(out->settings), "%s = \"%s\";\n", setting, folder);
	free(folder);
	free(name);
}

static void
give(const char *given, struct given *out)
{
	const char *colon = strchr(given, ':');
	const char *rest = colon ? colon + 1 + strspn(colon + 1, " ") : "";
	const size_t size = colon ? (size_t)(colon - given) : strlen(given);

	*out = (struct given){.file = NULL};
	if (strncmp(given, "settings", size) == 0)
		snprintf(out->settings, sizeof(out->settings), "%s\n", rest);
	else if (strncmp(given, "csv", size) == 0)
		give_file("given.csv", rest, out);
	else if (strncmp(given, "rule", size) == 0)
		give_folder("rulebook_dir", "rulebook", rest, out);
	else if (strncmp(given, "calendar", size) == 0)
		give_folder("calendar_dir", "calendars", rest, out);
	else if (strcmp(given, "-") != 0)
		support_fail("bad_input.txt: nothing known as \"%.*s\" can be given", (int)size, given);
}

/* Running ----------------------------------------------------------------------------------------------------------------------------------- */

static struct process_result
run(const char *conninfo, const struct given *given, const char *command)
{
	char settings[TEXT_MAX + 512], variable[512], program[512];
	const char *argv[WORDS_MAX + 1] = {program}, *env[] = {variable, NULL};
	char *words = strdup(command), *config;
	struct process_result result;
	int count = 1;

	snprintf(settings, sizeof(settings), "database = \"%s\";\n%s", conninfo, given->settings);
	config = temp_write("daypart.cfg", settings);
	snprintf(variable, sizeof(variable), "DAYPART_CONFIG=%s", config);
	snprintf(program, sizeof(program), "%s/%s", DAYPART_BUILD_DIR, strtok(words, " "));
	for (char *word = strtok(NULL, " "); word != NULL && count < WORDS_MAX; word = strtok(NULL, " "))
		argv[count++] = given->file && strcmp(word, "FILE") == 0 ? given->file : word;
	argv[count] = NULL;
	result = process_run(argv, &(struct process_options){.env = env});
	free(words);
	free(config);
	return result;
}

/* What was said about rows, and no longer there afterwards; the caller frees it. */
static char *
take_rejects(void)
{
	char *path = temp_path("given.rejects.csv");
	char *text = access(path, F_OK) == 0 ? file_read(path, NULL) : strdup("");

	unlink(path);
	free(path);
	return text;
}

static bool
says(const struct process_result *result, const char *rejects, char *const *fields)
{
	for (int i = WHAT; i <= CURE; i++)
		if (strstr(result->err, fields[i]) == NULL && strstr(rejects, fields[i]) == NULL)
			return false;
	return true;
}

static bool
case_holds(const struct case_file *file, char **fields)
{
	const size_t i = find_database(fields[DATABASE]);
	struct given given;
	struct process_result result;
	char *before = row_counts(opened[i].admin), *rejects, *after;
	bool holds;

	give(fields[GIVEN], &given);
	result = run(opened[i].conninfo, &given, fields[COMMAND]);
	rejects = take_rejects();
	after = row_counts(opened[i].admin);
	holds = result.exit_code == (int)strtol(fields[EXIT_CODE], NULL, 10) && says(&result, rejects, fields) && strcmp(before, after) == 0;
	if (!holds)
		print_error("bad_input.txt:%d: %s: exit code %d, %s\n", case_file_line(file), fields[COMMAND], result.exit_code,
			strcmp(before, after) == 0 ? "nothing is half-done" : after);
	if (!holds)
		print_error("%.900s\n", result.err[0] ? result.err : rejects);
	process_result_free(&result);
	free(given.file);
	free(rejects);
	free(before);
	free(after);
	return holds;
}

static void
whatever_is_wrong_is_told_and_nothing_is_half_done(void **state)
{
	struct case_file *file = case_file_open("bad_input.txt", '|');
	char *fields[FIELDS];
	int failed = 0;

	(void)state;
	while (case_file_next(file, fields, FIELDS))
		failed += !case_holds(file, fields);
	case_file_close(&file);
	assert_int_equal(failed, 0);
}

/* Hours that the law leaves nobody: the plan is made, and who looks at it is told. */
static void
a_campaign_that_reaches_nobody_shows_in_status(void **state)
{
	const struct given nothing = {.file = NULL};
	const char *conninfo = opened[find_database("never_open")].conninfo;
	struct process_result plan = run(conninfo, &nothing, "daypart --now 2026-11-20T14:00:00Z plan");
	struct process_result status = run(conninfo, &nothing, "daypart --now 2026-11-20T14:00:00Z status");

	(void)state;
	assert_int_equal(plan.exit_code, 0);
	assert_non_null(strstr(plan.out, "no lawful window lies inside the campaign"));
	assert_int_equal(status.exit_code, 1);
	assert_non_null(strstr(status.out, "campaign without eligible recipients"));
	assert_non_null(strstr(status.out, "bench: 20 no_window"));
	process_result_free(&plan);
	process_result_free(&status);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_campaign_that_reaches_nobody_shows_in_status),
		cmocka_unit_test(whatever_is_wrong_is_told_and_nothing_is_half_done),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
