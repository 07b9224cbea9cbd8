#include "daypart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "temp.h"

enum { SETTINGS_MAX = 2048 };

static struct process *
start(const char *config, const char *line)
{
	const char *argv[DAYPART_ARGUMENTS_MAX + 1] = {DAYPART_BUILD_DIR "/daypart"};
	char variable[4096];
	const char *env[] = {variable, NULL};
	struct process *process;
	char *words = strdup(line);
	int count = 1;

	snprintf(variable, sizeof(variable), "DAYPART_CONFIG=%s", config);
	for (char *word = strtok(words, " "); word != NULL && count < DAYPART_ARGUMENTS_MAX; word = strtok(NULL, " "))
		argv[count++] = word;
	argv[count] = NULL;
	process = process_start(argv, &(struct process_options){.env = env});
	free(words);
	return process;
}

static struct process *
start_with(const char *file, const char *settings, const char *line)
{
	char *config = temp_write(file, settings);
	struct process *process = start(config, line);

	free(config);
	return process;
}

struct process_result
daypart_run_with(const char *settings, const char *line)
{
	struct process *process = start_with("daypart.cfg", settings, line);

	return process_wait(&process);
}

static void
default_settings(const char *conninfo, char out[SETTINGS_MAX])
{
	snprintf(out, SETTINGS_MAX, conninfo ? "database = \"%s\";\n" : "%s", conninfo ? conninfo : "");
}

struct process_result
daypart_run(const char *conninfo, const char *line)
{
	char settings[SETTINGS_MAX];

	default_settings(conninfo, settings);
	return daypart_run_with(settings, line);
}

/* With a file of its own: when the next one is written this program may not have read its settings yet. */
struct process *
daypart_start(const char *conninfo, const char *line)
{
	static int count;
	char settings[SETTINGS_MAX], file[32];

	default_settings(conninfo, settings);
	snprintf(file, sizeof(file), "daypart-%d.cfg", ++count);
	return start_with(file, settings, line);
}
