#include "json_text.h"

#include <string.h>

static void
write_escaped(FILE *out, unsigned char byte)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	const char *found = NULL;

	for (size_t i = 0; letters[i] != '\0' && found == NULL; i += 2)
		if ((unsigned char)letters[i] == byte)
			found = &letters[i + 1];
	if (found != NULL)
		fprintf(out, "\\%c", *found);
	else
		fprintf(out, "\\u%04x", byte);
}

void
json_write_string(FILE *out, const char *text)
{
	fputc('"', out);
	while (*text != '\0') {
		size_t plain = 0;

		while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\')
			plain++;
		fwrite(text, 1, plain, out);
		text += plain;
		if (*text != '\0')
			write_escaped(out, (unsigned char)*text++);
	}
	fputc('"', out);
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
