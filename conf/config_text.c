/*
 * config_text - implementation
 *
 * A scan over the raw text, which knows strings and the three kinds of comment, looks for the two traps; then libconfig parses.
 */
#include "config_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	const char *at;
	int line;
};

static void
step(struct scan *scan)
{
	scan->line += *scan->at == '\n';
	scan->at++;
}

static void
skip_past(struct scan *scan, const char *end)
{
	while (*scan->at != '\0' && strncmp(scan->at, end, strlen(end)) != 0)
		step(scan);
	for (size_t i = strlen(end); i > 0 && *scan->at != '\0'; i--)
		step(scan);
}

static void
skip_string(struct scan *scan)
{
	for (scan->at++; *scan->at != '\0' && *scan->at != '"'; step(scan))
		if (*scan->at == '\\' && scan->at[1] != '\0')
			step(scan);
	if (*scan->at == '"')
		scan->at++;
}

/* True when a string or a comment stood here and has been skipped. */
static bool
skip_opaque(struct scan *scan)
{
	if (*scan->at == '"')
		skip_string(scan);
	else if (strncmp(scan->at, "/*", 2) == 0)
		skip_past(scan, "*/");
	else if (*scan->at == '#' || strncmp(scan->at, "//", 2) == 0)
		skip_past(scan, "\n");
	else
		return false;
	return true;
}

static size_t
word_size(const char *word)
{
	size_t size = 0;

	while (isalnum((unsigned char)word[size]) || word[size] == '_' || word[size] == '.' || word[size] == '-')
		size++;
	return size;
}

static bool
is_long_integer(const char *word, size_t size)
{
	const bool hexadecimal = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	return size > CONFIG_INTEGER_DIGITS && (hexadecimal || strspn(word, "0123456789") >= size);
}

static enum status
find_traps(const char *name, const char *text, struct err *err)
{
	struct scan scan = {text, 1};

	while (*scan.at != '\0') {
		const size_t size = word_size(scan.at);

		if (skip_opaque(&scan))
			continue;
		if (*scan.at == '@') {
			err_set(err, STATUS_INVALID, "@include is not supported");
			err_detail(err, "%s:%d", name, scan.line);
			return err_hint(err, "Put the settings into one file.");
		}
		if (is_long_integer(scan.at, size)) {
			err_set(err, STATUS_INVALID, "the number is too large");
			return err_detail(err, "%s:%d: %.*s", name, scan.line, (int)size, scan.at);
		}
		if (size > 0)
			scan.at += size;
		else
			step(&scan);
	}
	return STATUS_OK;
}

enum status
config_text_parse(const char *name, const char *text, config_t *out, struct err *err)
{
	if (find_traps(name, text, err) != STATUS_OK)
		return err->status;
	config_init(out);
	if (config_read_string(out, text) == CONFIG_TRUE)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "%s", config_error_text(out));
	err_detail(err, "%s:%d", name, config_error_line(out));
	if (strcmp(config_error_text(out), "syntax error") == 0)
		err_hint(err, "Every setting is written: name = value; texts stand in double quotes. Look at this line and the one before it.");
	config_destroy(out);
	return err->status;
}

static enum status
fail_file(const char *path, struct err *err)
{
	const enum status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_INVALID;

	err_set(err, status, "cannot read %s: %s", path, strerror(errno));
	return err_hint(err, "Check its name, and who may read it.");
}

static enum status
check_text(const char *path, const char *text, size_t size, struct err *err)
{
	if (size > CONFIG_TEXT_MAX_BYTES)
		return err_set(err, STATUS_INVALID, "%s is larger than %d bytes", path, CONFIG_TEXT_MAX_BYTES);
	if (strlen(text) != size)
		return err_set(err, STATUS_INVALID, "%s is not a text file: it holds a NUL byte", path);
	return STATUS_OK;
}

enum status
config_text_read(const char *path, char **out, struct err *err)
{
	enum status status = STATUS_NO_MEMORY;
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size;

	*out = NULL;
	if (file == NULL)
		return fail_file(path, err);
	text = malloc(CONFIG_TEXT_MAX_BYTES + 2);
	if (text == NULL) {
		err_set(err, STATUS_NO_MEMORY, "out of memory");
		goto done;
	}
	size = fread(text, 1, CONFIG_TEXT_MAX_BYTES + 1, file);
	text[size] = '\0';
	status = ferror(file) ? fail_file(path, err) : check_text(path, text, size, err);
done:
	fclose(file);
	if (status == STATUS_OK)
		*out = text;
	else
		free(text);
	return status;
}
