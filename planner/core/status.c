/*
 * status - implementation
 *
 * Texts are formatted into a buffer of their own size first and cut there, so an argument may point into the very error being written
 * (err_set(err, ..., "%s", err->primary) is fine).
 */
#include "status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The analyser's macros are for callers. */
#undef err_set
#undef err_detail
#undef err_hint
#undef err_wrap

static size_t
utf8_sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
}

/* Drops a multi-byte character that the limit has cut in two. */
static void
trim_cut_character(char *text, size_t length)
{
	size_t lead = length;

	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
		lead--;
	if (lead > 0 && lead - 1 + utf8_sequence_length((unsigned char)text[lead - 1]) > length)
		text[lead - 1] = '\0';
}

static void PRINTF_LIKE(3, 0) write_text(char *out, size_t size, const char *format, va_list args)
{
	char text[ERR_DETAIL_MAX];
	const int length = vsnprintf(text, size, format, args);

	if (length < 0)
		text[0] = '\0';
	else if ((size_t)length >= size)
		trim_cut_character(text, size - 1);
	memcpy(out, text, strlen(text) + 1);
}

enum status
err_set(struct err *err, enum status status, const char *format, ...)
{
	struct err fresh = {.status = status};
	va_list args;

	va_start(args, format);
	write_text(fresh.primary, sizeof(fresh.primary), format, args);
	va_end(args);
	*err = fresh;
	return status;
}

enum status
err_detail(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(err->detail, sizeof(err->detail), format, args);
	va_end(args);
	return err->status;
}

enum status
err_hint(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return err->status;
}

static void PRINTF_LIKE(3, 4) join_text(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(out, size, format, args);
	va_end(args);
}

enum status
err_wrap(struct err *err, const char *format, ...)
{
	char context[ERR_PRIMARY_MAX];
	va_list args;

	va_start(args, format);
	write_text(context, sizeof(context), format, args);
	va_end(args);
	join_text(err->primary, sizeof(err->primary), "%s: %s", context, err->primary);
	return err->status;
}

const char *
status_name(enum status status)
{
	static const char *const names[] = {
		[STATUS_OK] = "ok",
		[STATUS_NOT_FOUND] = "not found",
		[STATUS_INVALID] = "invalid",
		[STATUS_CONFLICT] = "conflict",
		[STATUS_TRANSIENT] = "transient",
		[STATUS_UNCERTAIN] = "uncertain",
		[STATUS_NO_MEMORY] = "no memory",
		[STATUS_CANCELLED] = "cancelled",
		[STATUS_INTERNAL] = "internal",
	};
	const size_t index = (size_t)status;

	return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown";
}
