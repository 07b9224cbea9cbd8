/*
 * placeholder - the {{name}}s of a template's text, and the text with a person's values in their places
 *
 *     for (const char *at = body; placeholder_next(at, &found); at = found.until) ... found.name, found.name_size ...
 *     text = placeholder_fill(body, values);
 *
 * A name holds no braces; what is not closed stays as it stands. Values are a JSON object of texts, as table recipient keeps them.
 */
#ifndef DAYPART_SCHEDULER_PLACEHOLDER_H
#define DAYPART_SCHEDULER_PLACEHOLDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct placeholder {
	const char *from, *until; /* with the braces */
	const char *name;
	size_t name_size;
};

/* The first one at or after `at`. */
bool placeholder_next(const char *at, struct placeholder *out);
/* NULL: there is none of that name. */
const char *placeholder_value(const struct placeholder *placeholder, const json_t *values);
/* The caller frees it. A name without a value stays as it stands. NULL: no memory. */
char *placeholder_fill(const char *body, const json_t *values);

#endif
