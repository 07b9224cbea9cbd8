#include "json_text.h"

#include <jansson.h>

void
json_write_string(FILE *out, const char *text)
{
	json_t *string = json_string(text);

	(void)json_dumpf(string, out, JSON_ENCODE_ANY);
	json_decref(string);
}

void
json_write_member(FILE *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	fputc(',', out);
	json_write_string(out, name);
	fputc(':', out);
	json_write_string(out, text);
}
