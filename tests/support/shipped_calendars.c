#include "shipped_calendars.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "temp.h"

#define FOLDER DAYPART_SOURCE_DIR "/conf/calendars"

static int
is_calendar(const struct dirent *entry)
{
	const size_t length = strlen(entry->d_name);

	return length > 4 && strcmp(entry->d_name + length - 4, ".ics") == 0;
}

static struct calendar *
read_calendar(const char *file)
{
	char path[sizeof(FOLDER) + 64], name[CALENDAR_NAME_MAX];
	struct calendar *calendar;
	struct err err = ERR_INIT;
	size_t size, length = 0;
	char *text;

	snprintf(path, sizeof(path), FOLDER "/%s", file);
	text = file_read(path, &size);
	for (; file[length] != '.' && length + 1 < sizeof(name); length++)
		name[length] = (char)toupper((unsigned char)file[length]);
	name[length] = '\0';
	if (calendar_parse(name, text, size, &calendar, &err) != STATUS_OK)
		support_fail("%s: %s; %s", path, err.primary, err.detail);
	free(text);
	return calendar;
}

struct calendar **
shipped_calendars_read(size_t *count)
{
	struct dirent **entries;
	const int found = scandir(FOLDER, &entries, is_calendar, alphasort);
	struct calendar **calendars = found > 0 ? calloc((size_t)found, sizeof(struct calendar *)) : NULL;

	if (calendars == NULL)
		support_fail("no calendars in " FOLDER);
	for (int i = 0; i < found; i++) {
		calendars[i] = read_calendar(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	*count = (size_t)found;
	return calendars;
}

void
shipped_calendars_free(struct calendar **calendars, size_t count)
{
	for (size_t i = 0; i < count; i++)
		calendar_free(&calendars[i]);
	free(calendars);
}

const struct calendar *
shipped_calendar_find(struct calendar *const *calendars, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(calendar_name(calendars[i]), name) == 0)
			return calendars[i];
	}
	return NULL;
}
