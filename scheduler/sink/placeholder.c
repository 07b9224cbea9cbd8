/* Two passes over the same pieces: how long it gets, then the text. */
#include "placeholder.h"

#include <stdlib.h>
#include <string.h>

bool
placeholder_next(const char *at, struct placeholder *out)
{
	for (const char *open = strstr(at, "{{"); open != NULL; open = strstr(open + 1, "{{")) {
		const char *name = open + 2;
		const size_t size = strcspn(name, "{}");

		if (strncmp(name + size, "}}", 2) == 0) {
			*out = (struct placeholder){.from = open, .until = name + size + 2, .name = name, .name_size = size};
			return true;
		}
	}
	return false;
}

const char *
placeholder_value(const struct placeholder *placeholder, const json_t *values)
{
	return json_string_value(json_object_getn(values, placeholder->name, placeholder->name_size));
}

/* Writes to `out` unless it is NULL; returns the length. */
static size_t
fill(const char *body, const json_t *values, char *out)
{
	struct placeholder found;
	size_t length = 0;
	const char *at = body;

	while (true) {
		const bool more = placeholder_next(at, &found);
		const char *value = more ? placeholder_value(&found, values) : NULL;
		const size_t plain = more ? (size_t)((value != NULL ? found.from : found.until) - at) : strlen(at);

		if (out != NULL)
			memcpy(out + length, at, plain);
		length += plain;
		if (!more)
			return length;
		if (value != NULL) {
			if (out != NULL)
				memcpy(out + length, value, strlen(value));
			length += strlen(value);
		}
		at = found.until;
	}
}

char *
placeholder_fill(const char *body, const json_t *values)
{
	const size_t length = fill(body, values, NULL);
	char *text = malloc(length + 1);

	if (text != NULL) {
		fill(body, values, text);
		text[length] = '\0';
	}
	return text;
}
