/* What the answers of all kinds of rows have in common. */
#include "tests/support/law_answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"

void
law_row_fail(const struct law_case *row, const char *format, ...)
{
	char what[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	support_fail("%s:%d: %s", row->file, row->line, what);
}

void
law_append(char out[LAW_ANSWER_MAX], const char *word)
{
	const size_t length = strlen(out);
	if (*word == '\0')
		return;
	if (length + strlen(word) + 2 > LAW_ANSWER_MAX)
		support_fail("an answer is longer than %d characters", LAW_ANSWER_MAX);
	snprintf(out + length, LAW_ANSWER_MAX - length, "%s%s", length == 0 || out[length - 1] == ' ' ? "" : " ", word);
}

static char *
trim(char *text)
{
	char *end = text + strlen(text);
	while (end > text && end[-1] == ' ')
		*--end = '\0';
	return text + strspn(text, " ");
}

size_t
law_split(const struct law_case *row, char *text, const char *separators, const char **out, size_t limit)
{
	size_t count = 0;
	char *rest = NULL;
	for (char *word = strtok_r(text, separators, &rest); word; word = strtok_r(NULL, separators, &rest)) {
		if (*(word = trim(word)) == '\0')
			continue;
		if (count == limit)
			law_row_fail(row, "more than %zu words", limit);
		out[count++] = word;
	}
	return count;
}

struct instant
law_instant(const struct law_case *row, const struct zone *zone, const char *text)
{
	struct err err = ERR_INIT;
	struct instant at;
	char utc[64];
	if (instant_parse(text, &at, &err) == STATUS_OK)
		return at;
	snprintf(utc, sizeof(utc), "%sZ", text);
	if (instant_parse(utc, &at, &err) != STATUS_OK)
		law_row_fail(row, "\"%s\" is no instant: %s", text, err.primary);
	if (!zone)
		law_row_fail(row, "\"%s\": with several clocks, say the offset", text);
	const struct local_reading reading = zone_resolve(zone, (struct wall){at.us});
	if (reading.kind != LOCAL_UNIQUE)
		law_row_fail(row, "\"%s\": the clocks change; say the offset", text);
	return reading.first;
}
