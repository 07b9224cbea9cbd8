/*
 * config_text - reads libconfig's format without its traps
 *
 * libconfig 1.5 reads 2147483648 as -2147483648, 4294967297 and 0x100000001 as 1 without an error, and resolves @include against the working directory.
 * Both are refused here, with file and line, before it sees the text. Duplicate keys are its own error.
 *
 *     config_t config;
 *     if (config_text_parse("/etc/daypart/daypart.cfg", text, &config, &err) != STATUS_OK) return err.status;
 *     ...
 *     config_destroy(&config);
 *
 * `name` is what errors call the text; err.detail starts with "NAME:LINE". Ownership: only a successful call leaves a config to destroy.
 * Threads: no state is shared.
 */
#ifndef DAYPART_CONF_CONFIG_TEXT_H
#define DAYPART_CONF_CONFIG_TEXT_H

#include <libconfig.h>

#include "planner/core/status.h"

enum {
	CONFIG_TEXT_MAX_BYTES = 1024 * 1024, /* a thousand times the shipped files */
	CONFIG_INTEGER_DIGITS = 9            /* more may not fit libconfig's int; with 0x, seven digits are left */
};

MUST_CHECK enum status config_text_parse(const char *name, const char *text, config_t *out, struct err *err);

/* Reads a whole text file; the caller frees it. NUL bytes and more than CONFIG_TEXT_MAX_BYTES are STATUS_INVALID, no file STATUS_NOT_FOUND. */
MUST_CHECK enum status config_text_read(const char *path, char **out, struct err *err);

#endif
