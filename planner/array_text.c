#include "array_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

/* Room for `size` more bytes, the closing brace and NUL. */
static bool
reserve(struct array_text *array, size_t size)
{
	size_t room = array->room != 0 ? array->room : FIRST_ROOM;
	while (room < array->length + size + 2)
		room *= 2;
	char *text = array->failed || room == array->room ? array->text : realloc(array->text, room);
	array->failed = array->failed || text == NULL;
	if (array->failed)
		return false;
	array->text = text;
	array->room = room;
	return true;
}

static void
add(struct array_text *array, const char *quote, const char *value)
{
	const size_t size = strlen(value) + 2 * strlen(quote) + 1;
	if (!reserve(array, size))
		return;
	array->length += (size_t)sprintf(array->text + array->length, "%c%s%s%s", array->length == 0 ? '{' : ',', quote, value, quote);
}

void
array_text_add_int(struct array_text *array, int64_t value)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRId64, value);
	add(array, "", text);
}

void
array_text_add_name(struct array_text *array, const char *value)
{
	add(array, "\"", value);
}

bool
array_text_is_empty(const struct array_text *array)
{
	return array->length == 0;
}

const char *
array_text(struct array_text *array)
{
	if (!reserve(array, 1))
		return NULL;
	strcpy(array->text + array->length, array->length == 0 ? "{}" : "}");
	return array->text;
}

void
array_text_free(struct array_text *array)
{
	free(array->text);
	*array = (struct array_text)ARRAY_TEXT_INIT;
}
