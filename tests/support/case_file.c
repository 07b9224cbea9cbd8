#include "tests/support/case_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"

struct case_file {
	char name[64], *text, *at;
	char separator;
	int line, cases;
};

struct case_file *
case_file_open(const char *name, char separator)
{
	struct case_file *file = calloc(1, sizeof(*file));
	char path[512];
	if (!file)
		support_fail("no memory for %s", name);
	snprintf(file->name, sizeof(file->name), "%s", name);
	snprintf(path, sizeof(path), DAYPART_SOURCE_DIR "/tests/cases/%s", name);
	file->text = file->at = file_read(path, NULL);
	file->separator = separator;
	return file;
}

static char *
trim(char *text)
{
	char *end = text + strlen(text);
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return text + strspn(text, " \t");
}

static void
split(const struct case_file *file, char *line, char **fields, size_t count)
{
	size_t found = 0;
	for (char *next = line; next; found++) {
		char *field = next;
		next = strchr(field, file->separator);
		if (next)
			*next++ = '\0';
		if (found < count)
			fields[found] = trim(field);
	}
	if (found != count)
		support_fail("%s:%d: %zu fields instead of %zu", file->name, file->line, found, count);
}

bool
case_file_next(struct case_file *file, char **fields, size_t count)
{
	while (file->at && *file->at) {
		char *line = file->at;
		file->at = strchr(line, '\n');
		if (file->at)
			*file->at++ = '\0';
		file->line++;
		if (*line == '#' || *trim(line) == '\0')
			continue;
		split(file, line, fields, count);
		file->cases++;
		return true;
	}
	if (file->cases == 0)
		support_fail("%s holds no cases", file->name);
	return false;
}

int
case_file_line(const struct case_file *file)
{
	return file->line;
}

void
case_file_close(struct case_file **file)
{
	free((*file)->text);
	free(*file);
	*file = NULL;
}
