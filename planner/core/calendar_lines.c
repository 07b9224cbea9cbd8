#include "calendar_lines.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *
next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end != NULL ? end + 1 : at + strlen(at);
}

/* Names are in either case. */
static bool
starts_with(const char *line, const char *start, size_t length)
{
	size_t i = 0;

	while (i < length && tolower((unsigned char)line[i]) == tolower((unsigned char)start[i]))
		i++;
	return i == length;
}

static bool
begins_event(const char *line)
{
	return starts_with(line, CALENDAR_BEGIN_EVENT, strlen(CALENDAR_BEGIN_EVENT));
}

/* Where the event begins, or the text for number 0. */
static const char *
find_event(const char *text, size_t number)
{
	size_t seen = 0;

	for (const char *at = text; number > 0 && *at != '\0'; at = next_line(at)) {
		seen += begins_event(at);
		if (seen == number)
			return at;
	}
	return text;
}

/* The first line of the event that starts with so much of `property`, or NULL. */
static const char *
find_property(const char *event, const char *property, size_t length)
{
	for (const char *at = event; *at != '\0' && length > 0; at = next_line(at)) {
		if (at != event && begins_event(at))
			return NULL;
		if (starts_with(at, property, length))
			return at;
	}
	return NULL;
}

/* The first line that holds `piece`, of the event or of the whole text, or NULL. */
static const char *
find_piece(const char *event, bool to_the_end, const char *piece, size_t length)
{
	for (const char *at = event; *at != '\0' && length > 0; at = next_line(at)) {
		if (at != event && begins_event(at) && !to_the_end)
			return NULL;
		for (const char *in = at; *in != '\0' && *in != '\n'; in++) {
			if (strncmp(in, piece, length) == 0)
				return at;
		}
	}
	return NULL;
}

static int
number_of_line(const char *text, const char *line)
{
	int number = 1;

	for (const char *at = text; at < line; at = next_line(at))
		number++;
	return number;
}

int
calendar_line_of(const char *text, size_t event_number, const char *property)
{
	const char *event = find_event(text, event_number);
	const char *found = find_property(event, property, strcspn(property, "\r\n"));

	if (found == NULL)
		found = find_property(event, property, strcspn(property, ":;\r\n"));
	return number_of_line(text, found != NULL ? found : event);
}

int
calendar_line_with(const char *text, size_t event_number, const char *piece)
{
	const char *event = find_event(text, event_number);
	const char *found = find_piece(event, event_number == 0, piece, strcspn(piece, "\r\n"));

	return number_of_line(text, found != NULL ? found : event);
}
