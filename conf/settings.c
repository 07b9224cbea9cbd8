/*
 * settings - implementation
 *
 * options.def becomes a table of {name, type, where in the struct, limits, default}. Defaults are set first, by the same code that reads a
 * file's values, so a default that breaks its own limits fails every test. Then the tree that libconfig built is walked, and every leaf must
 * be in the table: what libconfig would silently ignore cannot be missed.
 */
#include "settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_text.h"
#include "nearest.h"

enum { NAME_MAX_BYTES = 128, INT_TEXT_MAX = 16 };

enum option_type { TYPE_TEXT, TYPE_FOLDER, TYPE_INT, TYPE_DURATION, TYPE_CHOICE };

struct option {
	const char *name;
	enum option_type type;
	size_t offset;
	const char *least, *most; /* TYPE_INT and TYPE_DURATION */
	const char *words;        /* TYPE_CHOICE: "outbox|null" */
	const char *value;        /* default */
	const char *unit, *text;
};

#define AT(member) offsetof(struct settings, member)
static const struct option options[] = {
#define TEXT(member, name, value, text) {name, TYPE_TEXT, AT(member), NULL, NULL, NULL, value, "", text},
#define FOLDER(member, name, value, text) {name, TYPE_FOLDER, AT(member), NULL, NULL, NULL, value, "", text},
#define INT(member, name, least, most, value, unit, text) {name, TYPE_INT, AT(member), #least, #most, NULL, value, unit, text},
#define DURATION(member, name, least, most, value, text) {name, TYPE_DURATION, AT(member), least, most, NULL, value, "", text},
#define CHOICE(member, name, words, value, text) {name, TYPE_CHOICE, AT(member), NULL, NULL, words, value, "", text},
#include "options.def"
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static void *
member_of(struct settings *settings, const struct option *option)
{
	return (char *)settings + option->offset;
}

static const struct option *
find_option(const char *name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

/* Values ---------------------------------------------------------------------------------------------------------------------------------- */

static enum status
fail_range(const struct option *option, const char *value, struct err *err)
{
	return err_set(err, STATUS_INVALID, "%s must lie between %s and %s, not %s", option->name, option->least, option->most, value);
}

static enum status
fail_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory");
}

static enum status
replace_text(char **member, char *text, struct err *err)
{
	if (text == NULL)
		return fail_no_memory(err);
	free(*member);
	*member = text;
	return STATUS_OK;
}

static char *
join_path(const char *folder, size_t folder_size, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%.*s/%s", (int)folder_size, folder, name) < 0)
		return NULL;
	return path;
}

/* Relative to the settings file's folder, so that it does not matter where a program was started. */
static char *
resolve_folder(const struct settings *settings, const char *folder)
{
	const char *slash = settings->file ? strrchr(settings->file, '/') : NULL;

	if (folder[0] == '/')
		return strdup(folder);
	if (settings->file == NULL)
		return join_path(DAYPART_DATA_DIR, strlen(DAYPART_DATA_DIR), folder);
	return slash ? join_path(settings->file, (size_t)(slash - settings->file), folder) : strdup(folder);
}

static enum status
set_int(int *member, const struct option *option, const char *value, struct err *err)
{
	const long number = strtol(value, NULL, 10);

	if (number < strtol(option->least, NULL, 10) || number > strtol(option->most, NULL, 10))
		return fail_range(option, value, err);
	*member = (int)number;
	return STATUS_OK;
}

static enum status
set_duration(struct duration *member, const struct option *option, const char *value, struct err *err)
{
	struct duration least, most;

	if (duration_parse(option->least, &least, err) != STATUS_OK || duration_parse(option->most, &most, err) != STATUS_OK ||
		duration_parse(value, member, err) != STATUS_OK)
		return err_wrap(err, "%s", option->name);
	return member->us < least.us || member->us > most.us ? fail_range(option, value, err) : STATUS_OK;
}

static enum status
set_choice(int *member, const struct option *option, const char *value, struct err *err)
{
	const size_t size = strlen(value);
	int index = 0;

	for (const char *word = option->words; *word != '\0'; word += word[strcspn(word, "|")] ? strcspn(word, "|") + 1 : strcspn(word, "|")) {
		if (strcspn(word, "|") == size && strncmp(word, value, size) == 0) {
			*member = index;
			return STATUS_OK;
		}
		index++;
	}
	return err_set(err, STATUS_INVALID, "%s must be one of %s, not \"%s\"", option->name, option->words, value);
}

static enum status
set_value(struct settings *settings, const struct option *option, const char *value, struct err *err)
{
	void *member = member_of(settings, option);

	switch (option->type) {
	case TYPE_TEXT:
		return replace_text(member, strdup(value), err);
	case TYPE_FOLDER:
		return replace_text(member, resolve_folder(settings, value), err);
	case TYPE_INT:
		return set_int(member, option, value, err);
	case TYPE_DURATION:
		return set_duration(member, option, value, err);
	case TYPE_CHOICE:
		return set_choice(member, option, value, err);
	}
	return err_set(err, STATUS_INTERNAL, "option %s has no type", option->name);
}

/* The file -------------------------------------------------------------------------------------------------------------------------------- */

static enum status
fail_type(const struct option *option, struct err *err)
{
	if (option->type == TYPE_INT)
		return err_set(err, STATUS_INVALID, "%s must be a whole number", option->name);
	err_set(err, STATUS_INVALID, "%s must be a text in double quotes", option->name);
	return option->type == TYPE_DURATION ? err_hint(err, "Write a length of time with its unit: \"%s\".", option->value) : err->status;
}

static enum status
read_leaf(struct settings *settings, const struct option *option, const config_setting_t *setting, struct err *err)
{
	const int wanted = option->type == TYPE_INT ? CONFIG_TYPE_INT : CONFIG_TYPE_STRING;
	char number[INT_TEXT_MAX];

	if (config_setting_type(setting) != wanted)
		return fail_type(option, err);
	if (wanted == CONFIG_TYPE_STRING)
		return set_value(settings, option, config_setting_get_string(setting), err);
	snprintf(number, sizeof(number), "%d", config_setting_get_int(setting));
	return set_value(settings, option, number, err);
}

static enum status
fail_unknown(const char *name, struct err *err)
{
	const char *names[OPTION_COUNT], *meant;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		names[i] = options[i].name;
	meant = nearest_word(name, names, OPTION_COUNT);
	err_set(err, STATUS_INVALID, "unknown setting \"%s\"", name);
	return meant ? err_hint(err, "Did you mean \"%s\"?", meant)
				 : err_hint(err, "The README and the shipped daypart.cfg list all settings.");
}

/* `prefix` is "" or "release.". */
static enum status
read_group(struct settings *settings, const config_setting_t *group, const char *prefix, struct err *err)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned int)i);
		const struct option *option;
		char name[NAME_MAX_BYTES];
		enum status status;

		snprintf(name, sizeof(name) - 1, "%s%s", prefix, config_setting_name(setting));
		option = find_option(name);
		if (option == NULL && config_setting_is_group(setting)) {
			strcat(name, ".");
			status = read_group(settings, setting, name, err);
		} else {
			status = option ? read_leaf(settings, option, setting, err) : fail_unknown(name, err);
			if (status != STATUS_OK)
				err_detail(err, "%s:%u", settings->file, config_setting_source_line(setting));
		}
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
read_file(struct settings *settings, struct err *err)
{
	config_t config;
	char *text;
	enum status status = config_text_read(settings->file, &text, err);

	if (status == STATUS_OK)
		status = config_text_parse(settings->file, text, &config, err);
	free(text);
	if (status != STATUS_OK)
		return status;
	status = read_group(settings, config_root_setting(&config), "", err);
	config_destroy(&config);
	return status;
}

static enum status
set_defaults(struct settings *settings, struct err *err)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (set_value(settings, &options[i], options[i].value, err) != STATUS_OK)
			return err->status;
	return STATUS_OK;
}

static const char *
search_file(const char *path)
{
	if (path != NULL)
		return path;
	if (getenv("DAYPART_CONFIG") != NULL)
		return getenv("DAYPART_CONFIG");
	return access(SETTINGS_DEFAULT_FILE, F_OK) == 0 ? SETTINGS_DEFAULT_FILE : NULL;
}

enum status
settings_load(const char *path, struct settings *out, struct err *err)
{
	const char *file = search_file(path);
	enum status status;

	*out = (struct settings){0};
	status = set_defaults(out, err);
	if (status == STATUS_OK && file != NULL) {
		status = replace_text(&out->file, strdup(file), err);
		if (status == STATUS_OK)
			status = read_file(out, err);
	}
	if (status != STATUS_OK)
		settings_free(out);
	return status;
}

void
settings_free(struct settings *settings)
{
	free(settings->file);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (options[i].type == TYPE_TEXT || options[i].type == TYPE_FOLDER)
			free(*(char **)member_of(settings, &options[i]));
	*settings = (struct settings){0};
}

static void
describe_range(FILE *out, const struct option *option)
{
	if (option->words != NULL) {
		for (const char *word = option->words; *word != '\0'; word++)
			fputs(*word == '|' ? ", " : (char[]){*word, '\0'}, out);
	} else if (option->least != NULL) {
		fprintf(out, "%s to %s%s%s", option->least, option->most, option->unit[0] ? " " : "", option->unit);
	} else {
		fputs(option->type == TYPE_FOLDER ? "path" : "text", out);
	}
}

void
settings_describe(FILE *out)
{
	fputs("| setting | values | default | meaning |\n| --- | --- | --- | --- |\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		fprintf(out, "| `%s` | ", options[i].name);
		describe_range(out, &options[i]);
		fprintf(
			out, " | %s%s%s | %s |\n", options[i].value[0] ? "`" : "", options[i].value, options[i].value[0] ? "`" : "", options[i].text);
	}
}
