/*
 * settings - everything that can be configured, checked and typed
 *
 *     struct settings settings;
 *     if (settings_load(NULL, &settings, &err) != STATUS_OK) ... exit 78 ...
 *     ... settings.plan_horizon ...
 *     settings_free(&settings);
 *
 * The one table is options.def; the shipped daypart.cfg holds every option, commented out. The file is the one given, else $DAYPART_CONFIG,
 * else /etc/daypart/daypart.cfg when there is one, else the defaults hold. A setting that is unknown, of the wrong type, out of range or not
 * honoured is an error with file, line and, for a mistyped name, what was probably meant; nothing is ignored.
 *
 * Ownership: the texts belong to the settings. Immutable once loaded: a reload loads a new value and swaps it in.
 */
#ifndef DAYPART_CONF_SETTINGS_H
#define DAYPART_CONF_SETTINGS_H

#include <stdio.h>

#include "planner/core/instant.h"
#include "planner/core/status.h"

#define SETTINGS_DEFAULT_FILE "/etc/daypart/daypart.cfg"

enum settings_sink {
	SETTINGS_SINK_OUTBOX,
	SETTINGS_SINK_NULL,
	SETTINGS_SINK_JSONL,
	SETTINGS_SINK_HTTP
}; /* the order of the words of release.sink */

struct settings {
	char *file; /* where they come from; NULL: defaults */
#define TEXT(member, name, value, text) char *member;
#define FOLDER(member, name, value, text) char *member;
#define INT(member, name, least, most, value, unit, text) int member;
#define DURATION(member, name, least, most, value, text) struct duration member;
#define CHOICE(member, name, words, value, text) int member;
#include "options.def"
#undef TEXT
#undef FOLDER
#undef INT
#undef DURATION
#undef CHOICE
};

/* `path` NULL: the search above. On an error nothing is left to free. */
MUST_CHECK enum status settings_load(const char *path, struct settings *out, struct err *err);
void settings_free(struct settings *settings);

/* The table of options in Markdown, for the README. */
void settings_describe(FILE *out);

#endif
