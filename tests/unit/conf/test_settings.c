/* Settings: the defaults, the shipped file, and every way in which a file can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/settings.h"
#include "tests/support/temp.h"

static enum status
load_text(const char *text, struct settings *out, struct err *err)
{
	char *path = temp_write("settings.cfg", text);
	const enum status status = settings_load(path, out, err);

	free(path);
	return status;
}

static void
no_file_means_the_defaults(void **state)
{
	struct settings settings;
	struct err err;

	(void)state;
	unsetenv("DAYPART_CONFIG");
	assert_int_equal(settings_load(NULL, &settings, &err), STATUS_OK);
	assert_string_equal(settings.database, "");
	assert_string_equal(settings.zoneinfo_dir, "/usr/share/zoneinfo");
	assert_string_equal(settings.rulebook_dir, DAYPART_SOURCE_DIR "/conf/rulebook");
	assert_int_equal(settings.plan_horizon.us, 7 * US_PER_DAY);
	assert_int_equal(settings.plan_freeze.us, 15 * US_PER_MINUTE);
	assert_int_equal(settings.plan_every.us, 26 * US_PER_HOUR);
	assert_int_equal(settings.release_workers, 2);
	assert_int_equal(settings.release_batch, 1000);
	assert_int_equal(settings.release_sink, SETTINGS_SINK_OUTBOX);
	assert_int_equal(settings.release_commit_margin.us, 2 * US_PER_SECOND);
	settings_free(&settings);
}

static void
values_are_read_and_folders_resolved(void **state)
{
	struct settings settings;
	struct err err;
	char *folder = temp_path("rules");

	(void)state;
	assert_int_equal(load_text("database = \"host=/tmp\";\nrulebook_dir = \"rules\";\ncalendar_dir = \"/srv/ics\";\n"
							   "plan = { horizon = \"36h\"; };\nrelease = { workers = 8; sink = \"null\"; poll = \"90s\"; };\n",
						 &settings, &err),
		STATUS_OK);
	assert_string_equal(settings.database, "host=/tmp");
	assert_string_equal(settings.rulebook_dir, folder);
	assert_string_equal(settings.calendar_dir, "/srv/ics");
	assert_int_equal(settings.plan_horizon.us, 36 * US_PER_HOUR);
	assert_int_equal(settings.release_workers, 8);
	assert_int_equal(settings.release_sink, SETTINGS_SINK_NULL);
	assert_int_equal(settings.release_poll.us, 90 * US_PER_SECOND);
	settings_free(&settings);
	free(folder);
}

static const struct {
	const char *text;
	const char *primary;
	const char *detail; /* behind the path */
	const char *hint;   /* how it begins */
} mistakes[] = {
	{"databse = \"x\";", "unknown setting \"databse\"", ":1", "Did you mean \"database\"?"},
	{"\nrelease = {\n  wokers = 2;\n};", "unknown setting \"release.wokers\"", ":3", "Did you mean \"release.workers\"?"},
	{"relase = { workers = 2; };", "unknown setting \"relase.workers\"", ":1", "Did you mean \"release.workers\"?"},
	{"something_else = 1;", "unknown setting \"something_else\"", ":1", "The README"},
	{"release = { workers = 0; };", "release.workers must lie between 1 and 64, not 0", ":1", ""},
	{"release = { workers = 65; };", "release.workers must lie between 1 and 64, not 65", ":1", ""},
	{"release = { workers = -2; };", "release.workers must lie between 1 and 64, not -2", ":1", ""},
	{"release = { workers = \"2\"; };", "release.workers must be a whole number", ":1", ""},
	{"release = { workers = 2.5; };", "release.workers must be a whole number", ":1", ""},
	{"release = { workers = 2L; };", "release.workers must be a whole number", ":1", ""},
	{"\nrelease = { workers = 4294967298; };", "the number is too large", ":2: 4294967298", ""},
	{"release = { sink = \"kafka\"; };", "release.sink must be one of outbox|null|jsonl|http, not \"kafka\"", ":1", ""},
	{"release = { sink = \"out\"; };", "release.sink must be one of outbox|null|jsonl|http, not \"out\"", ":1", ""},
	{"release = 5;", "unknown setting \"release\"", ":1", ""},
	{"plan = { horizon = 7; };", "plan.horizon must be a text in double quotes", ":1", "Write a length of time with its unit: \"7d\"."},
	{"plan = { horizon = \"7\"; };", "plan.horizon: \"7\" is not a length of time", ":1", ""},
	{"plan = { horizon = \"1m\"; };", "plan.horizon must lie between 1h and 366d, not 1m", ":1", ""},
	{"database = { };", "database must be a text in double quotes", ":1", ""},
	{"database = \"a\";\ndatabase = \"b\";", "duplicate setting name", ":2", ""},
	{"database = a;", "syntax error", ":1", "Every setting is written"},
	{"@include \"more.cfg\"", "@include is not supported", ":1", "Put the settings into one file."},
};

static void
every_mistake_is_named_with_its_line(void **state)
{
	char *path = temp_path("settings.cfg");
	struct settings settings;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		print_message("%s\n", mistakes[i].text);
		assert_int_equal(load_text(mistakes[i].text, &settings, &err), STATUS_INVALID);
		assert_string_equal(err.primary, mistakes[i].primary);
		assert_memory_equal(err.detail, path, strlen(path));
		assert_string_equal(err.detail + strlen(path), mistakes[i].detail);
		assert_memory_equal(err.hint, mistakes[i].hint, strlen(mistakes[i].hint));
	}
	free(path);
}

static void
what_only_looks_like_a_trap_is_none(void **state)
{
	struct settings settings;
	struct err err;

	(void)state;
	assert_int_equal(
		load_text("# 12345678901 @include\n// 12345678901\n/* 12345678901\n @include */ database = \"port=12345678901 @x \\\" 1\";\n",
			&settings, &err),
		STATUS_OK);
	assert_string_equal(settings.database, "port=12345678901 @x \" 1");
	settings_free(&settings);
}

static void
a_file_that_cannot_be_read_is_an_error(void **state)
{
	struct settings settings;
	struct err err;
	char *path = temp_write_bytes("nul.cfg", "database = \"a\0b\";", 17);

	(void)state;
	assert_int_equal(settings_load("/nonexistent/daypart.cfg", &settings, &err), STATUS_NOT_FOUND);
	assert_string_equal(err.primary, "cannot read /nonexistent/daypart.cfg: No such file or directory");
	assert_int_equal(settings_load("/", &settings, &err), STATUS_INVALID);
	assert_int_equal(settings_load(path, &settings, &err), STATUS_INVALID);
	free(path);
}

static void
the_environment_names_the_file(void **state)
{
	char *path = temp_write("environment.cfg", "release = { batch = 7; };");
	struct settings settings;
	struct err err;

	(void)state;
	setenv("DAYPART_CONFIG", path, 1);
	assert_int_equal(settings_load(NULL, &settings, &err), STATUS_OK);
	assert_int_equal(settings.release_batch, 7);
	settings_free(&settings);
	unsetenv("DAYPART_CONFIG");
	free(path);
}

/* Turns "// name = value;" of the shipped file into settings: the comments above them are sentences. */
static char *
uncomment(const char *text)
{
	char *out = calloc(1, strlen(text) + 1), *end = out;

	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		const size_t size = strcspn(line, "\n");
		const char *slashes = strstr(line, "// ");
		const char last = size > 0 ? line[size - 1] : '\0';

		if (slashes != NULL && slashes < line + size && (last == ';' || last == '{')) {
			const size_t kept = size - (size_t)(slashes + 3 - line);

			memcpy(end, slashes + 3, kept);
			end += kept;
		}
		*end++ = '\n';
	}
	return out;
}

/* The shipped file holds every option with its default: uncommented as a whole it changes nothing. */
static void
the_shipped_file_shows_every_default(void **state)
{
	char *shipped = file_read(DAYPART_SOURCE_DIR "/conf/daypart.cfg", NULL), *active = uncomment(shipped);
	char *described = NULL;
	size_t size;
	FILE *stream = open_memstream(&described, &size);
	struct settings settings, defaults;
	struct err err;

	(void)state;
	assert_int_equal(settings_load(DAYPART_SOURCE_DIR "/conf/daypart.cfg", &defaults, &err), STATUS_OK);
	assert_int_equal(load_text(active, &settings, &err), STATUS_OK);
	assert_string_equal(settings.database, defaults.database);
	assert_int_equal(settings.plan_horizon.us, defaults.plan_horizon.us);
	assert_int_equal(settings.plan_every.us, defaults.plan_every.us);
	assert_int_equal(settings.release_workers, defaults.release_workers);
	assert_int_equal(settings.release_batch, defaults.release_batch);
	assert_int_equal(settings.release_sink, defaults.release_sink);
	assert_int_equal(settings.release_max_clock_skew.us, defaults.release_max_clock_skew.us);
	assert_int_equal(settings.release_commit_margin.us, defaults.release_commit_margin.us);
	assert_int_equal(settings.release_poll.us, defaults.release_poll.us);
	settings_describe(stream);
	fclose(stream);
	for (char *name = strtok(described, "`"); name != NULL; name = strtok(NULL, "`")) {
		const char *last = strrchr(name, '.');

		if (strspn(name, "abcdefghijklmnopqrstuvwxyz_.") == strlen(name) && strcmp(name, "outbox") != 0 && strcmp(name, "rulebook") != 0 &&
			strcmp(name, "calendars") != 0)
			assert_non_null(strstr(active, last ? last + 1 : name));
	}
	settings_free(&settings);
	settings_free(&defaults);
	free(described);
	free(active);
	free(shipped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_means_the_defaults),
		cmocka_unit_test(values_are_read_and_folders_resolved),
		cmocka_unit_test(every_mistake_is_named_with_its_line),
		cmocka_unit_test(what_only_looks_like_a_trap_is_none),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
		cmocka_unit_test(the_environment_names_the_file),
		cmocka_unit_test(the_shipped_file_shows_every_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
