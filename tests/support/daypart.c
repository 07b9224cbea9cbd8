#include "daypart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "temp.h"

static struct process_result
run(const char *config, const char *line)
{
	const char *argv[DAYPART_ARGUMENTS_MAX + 1] = {DAYPART_BUILD_DIR "/daypart"};
	char variable[4096];
	const char *env[] = {variable, NULL};
	struct process_result result;
	char *words = strdup(line);
	int count = 1;

	snprintf(variable, sizeof(variable), "DAYPART_CONFIG=%s", config);
	for (char *word = strtok(words, " "); word != NULL && count < DAYPART_ARGUMENTS_MAX; word = strtok(NULL, " "))
		argv[count++] = word;
	argv[count] = NULL;
	result = process_run(argv, &(struct process_options){.env = env});
	free(words);
	return result;
}

struct process_result
daypart_run_with(const char *settings, const char *line)
{
	char *config = temp_write("daypart.cfg", settings);
	struct process_result result = run(config, line);

	free(config);
	return result;
}

struct process_result
daypart_run(const char *conninfo, const char *line)
{
	char settings[2048];

	snprintf(settings, sizeof(settings), conninfo ? "database = \"%s\";\n" : "%s", conninfo ? conninfo : "");
	return daypart_run_with(settings, line);
}
