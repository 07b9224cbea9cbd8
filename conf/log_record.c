#include "log_record.h"

#include <stdio.h>
#include <string.h>

enum { ROOM_KEPT = 4 }; /* for what closes an object: quote, brace, newline */

static const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {"debug", "info", "warning", "error", "fatal"};

	return names[severity];
}

/* Of syslog(3). */
static int
priority_of(enum severity severity)
{
	static const int priorities[] = {7, 6, 4, 3, 2};

	return priorities[severity];
}

static void
add_priority(struct log_record *record, const struct log_entry *entry)
{
	if (!entry->priorities)
		return;
	record->size +=
		(size_t)snprintf(record->bytes + record->size, sizeof(record->bytes) - record->size, "<%d>", priority_of(entry->severity));
}

/* Text -------------------------------------------------------------------------------------------------------------------------------------- */

static void
blank_control_characters(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7F)
			*text = ' ';
}

static void
add_line(struct log_record *record, const struct log_entry *entry, const char *label, const char *text)
{
	char *line;
	size_t room;
	int length;

	add_priority(record, entry);
	line = record->bytes + record->size;
	room = sizeof(record->bytes) - record->size;
	length = snprintf(line, room - 1, "%s: %s: %s", entry->program, label, text);
	if (length < 0)
		return;
	blank_control_characters(line);
	record->size += strlen(line);
	record->bytes[record->size++] = '\n';
}

void
log_record_text(struct log_record *record, const struct log_entry *entry)
{
	add_line(record, entry, severity_name(entry->severity), entry->message);
	if (entry->err != NULL && entry->err->detail[0] != '\0')
		add_line(record, entry, "detail", entry->err->detail);
	if (entry->err != NULL && entry->err->hint[0] != '\0')
		add_line(record, entry, "hint", entry->err->hint);
}

/* JSON -------------------------------------------------------------------------------------------------------------------------------------- */

static bool
fits(const struct log_record *record, size_t size)
{
	return record->size + size + ROOM_KEPT <= sizeof(record->bytes);
}

static bool
add_bytes(struct log_record *record, const char *bytes, size_t size)
{
	if (!fits(record, size))
		return false;
	memcpy(record->bytes + record->size, bytes, size);
	record->size += size;
	return true;
}

/* How many bytes the UTF-8 character at the front has; 0: it is none. Surrogates and overlong forms are none. */
static size_t
character_size(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, second_from, second_until;
		size_t size;
	} forms[] = {
		{0x00, 0x7F, 0, 0, 1},
		{0xC2, 0xDF, 0x80, 0xBF, 2},
		{0xE0, 0xE0, 0xA0, 0xBF, 3},
		{0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3},
		{0xEE, 0xEF, 0x80, 0xBF, 3},
		{0xF0, 0xF0, 0x90, 0xBF, 4},
		{0xF1, 0xF3, 0x80, 0xBF, 4},
		{0xF4, 0xF4, 0x80, 0x8F, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].size > 1 && (text[1] < forms[i].second_from || text[1] > forms[i].second_until))
			return 0;
		for (size_t byte = 2; byte < forms[i].size; byte++)
			if ((text[byte] & 0xC0) != 0x80)
				return 0;
		return forms[i].size;
	}
	return 0;
}

static bool
add_character(struct log_record *record, const char *text, size_t size)
{
	char escape[8];

	if (size == 0)
		return add_bytes(record, "\xEF\xBF\xBD", 3);
	if (*text == '"' || *text == '\\')
		return fits(record, 2) && add_bytes(record, "\\", 1) && add_bytes(record, text, 1);
	if ((unsigned char)*text >= ' ' && *text != 0x7F)
		return add_bytes(record, text, size);
	snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(unsigned char)*text);
	return add_bytes(record, escape, strlen(escape));
}

static void
add_string(struct log_record *record, const char *text)
{
	record->bytes[record->size++] = '"';
	while (*text != '\0') {
		const size_t size = character_size((const unsigned char *)text);

		if (!add_character(record, text, size))
			break;
		text += size > 0 ? size : 1;
	}
	record->bytes[record->size++] = '"';
}

/* `{"` or `,"name":`; false: there is no room for a member any more. */
static bool
add_name(struct log_record *record, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s\"%s\":", record->bytes[record->size - 1] == '{' ? "" : ",", name);
	return fits(record, strlen(text) + 2) && add_bytes(record, text, strlen(text));
}

static void
add_member(struct log_record *record, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0' && add_name(record, name))
		add_string(record, value);
}

static void
add_about(struct log_record *record, const struct log_about *about)
{
	add_member(record, "sender", about->sender);
	add_member(record, "campaign", about->campaign);
	add_member(record, "run", about->run);
	add_member(record, "recipient", about->recipient);
	add_member(record, "key", about->key);
	add_member(record, "scope", about->scope);
	add_member(record, "subject", about->subject);
	add_member(record, "rule", about->rule);
	add_member(record, "reason", about->reason);
}

static void
add_err(struct log_record *record, const struct err *err)
{
	add_member(record, "class", status_name(err->status));
	add_member(record, "sqlstate", err->sqlstate);
	add_member(record, "detail", err->detail);
	add_member(record, "hint", err->hint);
}

void
log_record_json(struct log_record *record, const struct log_entry *entry)
{
	char time[INSTANT_TEXT_MAX], pid[24];

	add_priority(record, entry);
	record->bytes[record->size++] = '{';
	add_member(record, "time", instant_format(entry->at, 0, time));
	add_member(record, "level", severity_name(entry->severity));
	add_member(record, "program", entry->program);
	snprintf(pid, sizeof(pid), "%ld", entry->pid);
	if (add_name(record, "pid"))
		(void)add_bytes(record, pid, strlen(pid));
	add_member(record, "event", entry->about->event != NULL ? entry->about->event : entry->err != NULL ? "error" : "message");
	add_member(record, "message", entry->message);
	add_about(record, entry->about);
	if (entry->err != NULL)
		add_err(record, entry->err);
	record->bytes[record->size++] = '}';
	record->bytes[record->size++] = '\n';
}
