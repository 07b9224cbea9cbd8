/* daypart rules: check, show, diff and coverage as a lawyer uses them, without a database; load and diff with one. */
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

#include "tests/support/daypart.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { TEXT_MAX = 2048 };

#define SHIPPED DAYPART_SOURCE_DIR "/conf"

/* Folders --------------------------------------------------------------------------------------------------------------------------------- */

/* Makes FOLDER/KIND in the test's own folder and copies the shipped files of the kind into it; the name without the test's own folder. */
static void
copy_shipped(const char *folder, const char *kind, const char *pattern)
{
	char from[512], to[512], *path;
	glob_t files;

	snprintf(to, sizeof(to), "%s/%s", folder, kind);
	path = temp_path(to);
	mkdir(path, 0755);
	free(path);
	snprintf(from, sizeof(from), SHIPPED "/%s/%s", kind, pattern);
	assert_int_equal(glob(from, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *text = file_read(files.gl_pathv[i], NULL);

		snprintf(to, sizeof(to), "%s/%s/%s", folder, kind, strrchr(files.gl_pathv[i], '/') + 1);
		free(temp_write(to, text));
		free(text);
	}
	globfree(&files);
}

/* The shipped rulebook and calendars in a folder of its own; the caller frees the path. */
static char *
copy_of_all(const char *folder)
{
	char *path = temp_path(folder);

	mkdir(path, 0755);
	copy_shipped(folder, "rulebook", "*.cfg");
	copy_shipped(folder, "calendars", "*.ics");
	return path;
}

/* Replaces the first `old` after `anchor`. */
static void
edit(const char *folder, const char *file, const char *anchor, const char *old, const char *new)
{
	char name[512], *path, *text, *at, *edited;

	snprintf(name, sizeof(name), "%s/%s", folder, file);
	path = temp_path(name);
	text = file_read(path, NULL);
	at = strstr(text, anchor);
	at = at != NULL ? strstr(at, old) : NULL;
	if (at == NULL || asprintf(&edited, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) < 0)
		support_fail("\"%s\" is not in %s", old, file);
	free(temp_write(name, edited));
	free(edited);
	free(text);
	free(path);
}

/* Running --------------------------------------------------------------------------------------------------------------------------------- */

static bool
has(const struct process_result *result, const char *part)
{
	return strstr(result->out, part) != NULL || strstr(result->err, part) != NULL;
}

/* The line, in which FOLDER stands for the folder. */
static void
put_folder(const char *line, const char *folder, char out[TEXT_MAX])
{
	static const char word[] = "FOLDER";
	size_t size = 0;

	for (const char *at; (at = strstr(line, word)) != NULL; line = at + strlen(word))
		size += (size_t)snprintf(out + size, TEXT_MAX - size, "%.*s%s", (int)(at - line), line, folder);
	snprintf(out + size, TEXT_MAX - size, "%s", line);
}

/* Runs the line, in which FOLDER stands for the folder, and looks for each part; a part that begins with "!" must be missing. */
static void
expect(const char *settings, const char *words, const char *folder, int exit_code, const char *const *parts)
{
	char line[TEXT_MAX];
	struct process_result result;

	put_folder(words, folder, line);
	result = daypart_run_with(settings, line);
	for (; *parts != NULL; parts++)
		if (has(&result, *parts + (**parts == '!')) == (**parts == '!')) {
			print_error("daypart %s: exit code %d, not \"%s\"\n%s%s\n", line, result.exit_code, *parts, result.out, result.err);
			fail();
		}
	if (result.exit_code != exit_code)
		print_error("daypart %s: exit code %d\n%.3000s%s\n", line, result.exit_code, result.out, result.err);
	assert_int_equal(result.exit_code, exit_code);
	process_result_free(&result);
}
#define EXPECT(settings, line, folder, exit_code, ...) expect(settings, line, folder, exit_code, (const char *const[]){__VA_ARGS__, NULL})

/* Tests without a database ---------------------------------------------------------------------------------------------------------------- */

static void
the_shipped_files_are_sound(void **state)
{
	(void)state;
	EXPECT("", "--format json --now 2026-11-23T00:00:00Z rules check", "", 0, "\"regime\": \"br\", \"status\": \"enforced\"",
		"\"calendar\": \"BR\", \"area\": \"BR\", \"from\": \"2024-01-01\"", "\"option\": \"C28", "\"attention\": []");
}

/* F2: whatever is past its day of review is listed, and the rulebook is sound all the same. */
static void
what_somebody_should_look_at_is_listed(void **state)
{
	(void)state;
	EXPECT(
		"", "--format json --now 2035-01-01T00:00:00Z rules check", "", 0, "\"what\": \"a regime should be reviewed\", \"which\": \"base");
	EXPECT("", "--format json --now 2040-06-01T00:00:00Z rules check", "", 0,
		"\"what\": \"a calendar ends within a year\", \"which\": \"BR, to 2040-12-31\"");
}

static void
every_mistake_of_all_files_is_told_in_one_run(void **state)
{
	char *folder = copy_of_all("mistakes");

	(void)state;
	edit("mistakes", "rulebook/us.cfg", "us.window", "strength =", "strenght =");
	edit("mistakes", "rulebook/br.cfg", "br.cap.marketing", "n = 4", "n = 0");
	edit("mistakes", "rulebook/in.cfg", "in.window", "every_day = \"09:00-21:00\"", "every_day = \"9-21\"");
	edit("mistakes", "calendars/br.ics", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:", "DTSTART;VALUE=DATE:x");
	EXPECT("", "rules check --rulebook FOLDER/rulebook --calendars FOLDER/calendars", folder, 65, "us.cfg:", "unknown key \"strenght\"",
		"did you mean \"strength\"", "br.cfg:", "n: must be a whole number", "in.cfg:", "every_day: \"9-21\"",
		"br.ics:", "the rulebook has", "!regimes_enforced");
	free(folder);
}

static void
a_zone_that_this_host_does_not_know_is_told(void **state)
{
	char *folder = copy_of_all("zones");

	(void)state;
	edit("zones", "rulebook/br-carriers.cfg", "clock", "America/Sao_Paulo", "America/Sao_Pablo");
	EXPECT("", "rules check --rulebook FOLDER/rulebook --calendars FOLDER/calendars", folder, 65,
		"br-carriers.cfg:", "clock: unknown time zone \"America/Sao_Pablo\"");
	free(folder);
}

static void
a_question_about_a_place_is_answered_in_words(void **state)
{
	(void)state;
	EXPECT("", "--format json rules show BR marketing --channel sms --on 2026-11-23", "", 0,
		"{\"channel\": \"sms\", \"day\": \"Monday to Friday\", \"hours\": \"09:00-20:00\"",
		"\"on_a_holiday\": \"not at all\", \"rules\": \"br.window.marketing\"}",
		"\"day\": \"Saturday and Sunday\", \"hours\": \"not at all\"", "at most 4 messages to a person within a month of the calendar",
		"\"source\": \"R-064\"", "\"evidence\": \"tax_id\"", "\"item\": \"br.cnpj\"", "!whatsapp.consent");
	EXPECT("", "--format json rules show US-TX,US-NY marketing --on 2026-11-23", "", 0, "\"places\": \"US-TX US-NY\"", "us.window",
		"\"regimes\": \"base house us us-carriers whatsapp\"", "\"conflicts\": []");
}

static void
dates_and_facts_change_the_answer(void **state)
{
	(void)state;
	EXPECT("", "--format json rules show US marketing --on 2025-06-01", "", 0, "\"other_dates\": [\n", "house.cap.whatsapp");
	EXPECT("", "--format json rules show US marketing --on 2026-06-01", "", 0, "\"other_dates\": []");
	EXPECT("", "--format json rules show US marketing --fact consent:document", "", 0, "!\"rule\": \"base.consent.ip\", \"strength\"");
}

static void
wrong_questions_are_refused_with_a_cure(void **state)
{
	(void)state;
	EXPECT("", "rules", "", 64, "missing check, load, show, diff or coverage");
	EXPECT("", "rules shwo", "", 64, "Did you mean: daypart rules show");
	EXPECT("", "rules show XX marketing", "", 64, "\"XX\" is no place", "such as BR or US-TX");
	EXPECT("", "rules show BR marketting", "", 64, "Did you mean marketing?");
	EXPECT("", "rules show BR marketing --channel fax", "", 64, "Channels: whatsapp, sms");
	EXPECT("", "rules show BR marketing --fact colour:red", "", 65, "fact \"colour:red\"");
	EXPECT("", "rules show BR", "", 64, "missing REGION and CATEGORY");
	EXPECT("", "rules diff /nowhere files", "", 65, "there is no folder \"/nowhere\"", "\"active\"");
}

static void
two_folders_are_compared_part_by_part(void **state)
{
	char *folder = copy_of_all("changed");

	(void)state;
	edit("changed", "rulebook/br.cfg", "br.cap.marketing", "n = 4", "n = 3");
	edit("changed", "rulebook/us.cfg", "us.window", "08:00-21:00", "08:00-22:00");
	EXPECT("", "--format csv rules diff " SHIPPED " FOLDER", folder, 0, "changed,br,br.cap.marketing,n,tightens,4,3\n",
		"changed,us,us.window,monday,loosens,08:00-21:00,08:00-22:00\n", "!unclear");
	EXPECT("", "--format json rules diff files FOLDER", SHIPPED, 0, "\"changes\": []");
	free(folder);
}

/* One line a row, none unaccounted, and nothing that is due is missing. */
static void
every_row_of_the_regulations_is_accounted_for(void **state)
{
	struct process_result result = daypart_run_with("", "--format csv rules coverage");
	char *line, *rest, *text = strdup(result.out);
	int rows = 0;

	(void)state;
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char name[16];

		snprintf(name, sizeof(name), "R-%03d,", rows + 1);
		rows += strncmp(line, name, strlen(name)) == 0;
	}
	assert_int_equal(rows, 191);
	if (result.exit_code != 0) {
		process_result_free(&result);
		result = daypart_run_with("", "rules coverage");
		print_error("%s\n", result.out);
	}
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	free(text);
}

static void
a_row_without_its_rule_fails(void **state)
{
	char *folder = copy_of_all("uncited");

	(void)state;
	edit("uncited", "rulebook/br.cfg", "br.cap.marketing", "\"R-064\"", "\"house\"");
	EXPECT("", "--format csv rules coverage --rulebook FOLDER/rulebook --calendars FOLDER/calendars", folder, 1, "R-064,must",
		"no rule cites it");
	free(folder);
}

/* Tests with a database ------------------------------------------------------------------------------------------------------------------- */

static struct pg_cluster *cluster;

static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_cluster_stop(&cluster);
	return 0;
}

static void
rules_are_put_in_force_and_what_that_changes_is_told(void **state)
{
	char *conninfo = schema_database(cluster, "load"), *folder = copy_of_all("loaded"), shipped[TEXT_MAX], changed[TEXT_MAX];
	PGconn *connection = sql_connect(conninfo, NULL);

	(void)state;
	snprintf(shipped, sizeof(shipped), "database = \"%s\";\n", conninfo);
	snprintf(changed, sizeof(changed), "database = \"%s\";\nrulebook_dir = \"%s/rulebook\";\ncalendar_dir = \"%s/calendars\";\n", conninfo,
		folder, folder);
	EXPECT(shipped, "rules diff active files", "", 65, "the database has no rulebook active");
	EXPECT(shipped, "--format json rules load", "", 0, "\"changed\": true", "\"next\": \"run daypart plan\"");
	EXPECT(shipped, "--format json rules load", "", 0, "\"changed\": false", "\"changes\": []", "in force already");
	edit("loaded", "rulebook/br.cfg", "br.cap.marketing", "n = 4", "n = 3");
	EXPECT(changed, "--format json rules diff active files", "", 0,
		"\"which\": \"br.cap.marketing\", \"part\": \"n\", \"effect\": \"tightens\"");
	EXPECT(changed, "--format json rules load", "", 0, "\"rules_added\": 0, \"rules_removed\": 0, \"rules_changed\": 1, \"tightens\": 1",
		"run daypart plan: tightened rules hold what is queued under the old ones");
	EXPECT(shipped, "--format json rules diff 1 active", "", 0, "\"before\": \"4\", \"after\": \"3\"");
	EXPECT(shipped, "--format json rules load", "", 0, "\"loosens\": 1", "nothing queued moves by itself");
	sql_expect(connection, "SELECT count(*), (SELECT rulebook_id FROM rulebook_head) FROM rulebook", "2|1");
	EXPECT(shipped, "rules diff 7 active", "", 65, "the database has no rulebook 7");
	PQfinish(connection);
	free(folder);
	free(conninfo);
}

/* The words of consent that never count follow the rulebook. */
static void
words_of_consent_follow(void **state)
{
	char *conninfo = schema_database(cluster, "words"), *folder = copy_of_all("words"), settings[TEXT_MAX];
	PGconn *connection = sql_connect(conninfo, NULL);

	(void)state;
	snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"%s/rulebook\";\ncalendar_dir = \"%s/calendars\";\n",
		conninfo, folder, folder);
	EXPECT(settings, "rules load", "", 0, "run daypart plan");
	sql_expect(connection, "SELECT meaning, rule FROM consent_word WHERE word = 'list broker'", "purchased|base.source.purchased");
	edit("words", "rulebook/base.cfg", "base.source.purchased", "\"list broker\"", "\"list seller\"");
	EXPECT(settings, "rules load", "", 0, "base.source.purchased");
	sql_expect(connection, "SELECT word FROM consent_word WHERE word LIKE 'list %'", "list seller");
	PQfinish(connection);
	free(folder);
	free(conninfo);
}

static void
nothing_is_loaded_from_files_with_mistakes(void **state)
{
	char *conninfo = schema_database(cluster, "unsound"), *folder = copy_of_all("unsound"), settings[TEXT_MAX];
	PGconn *connection = sql_connect(conninfo, NULL);

	(void)state;
	snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"%s/rulebook\";\ncalendar_dir = \"%s/calendars\";\n",
		conninfo, folder, folder);
	edit("unsound", "rulebook/br.cfg", "br.cap.marketing", "n = 4", "n = 0");
	EXPECT(settings, "rules load", "", 65, "br.cfg:", "n: must be a whole number", "Nothing was changed");
	sql_expect(connection, "SELECT count(*) FROM rulebook", "0");
	PQfinish(connection);
	free(folder);
	free(conninfo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_files_are_sound),
		cmocka_unit_test(what_somebody_should_look_at_is_listed),
		cmocka_unit_test(every_mistake_of_all_files_is_told_in_one_run),
		cmocka_unit_test(a_zone_that_this_host_does_not_know_is_told),
		cmocka_unit_test(a_question_about_a_place_is_answered_in_words),
		cmocka_unit_test(dates_and_facts_change_the_answer),
		cmocka_unit_test(wrong_questions_are_refused_with_a_cure),
		cmocka_unit_test(two_folders_are_compared_part_by_part),
		cmocka_unit_test(every_row_of_the_regulations_is_accounted_for),
		cmocka_unit_test(a_row_without_its_rule_fails),
		cmocka_unit_test(rules_are_put_in_force_and_what_that_changes_is_told),
		cmocka_unit_test(words_of_consent_follow),
		cmocka_unit_test(nothing_is_loaded_from_files_with_mistakes),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
