/*
 * reject_file - implementation
 */
#include "reject_file.h"

#include <csv.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import_kind.h"

#define EXAMPLE "14155550123" /* nobody's: hints show it */

enum { NUMBER_DIGITS_MIN = 7, SHOWN_FIRST = 3, SHOWN_LAST = 2 };

struct reject_file {
	char *path, *temporary;
	FILE *file; /* NULL until the first reject */
	int64_t count;
	int column_count;
	char *columns[CSV_FIELDS_MAX];
};

/* Masking ---------------------------------------------------------------------------------------------------------------------------------- */

/* Between the digits of a written number: blanks and dashes of any script (all non-ASCII bytes pass), dots, slashes, parentheses. */
static bool
is_punctuation(char c)
{
	return (unsigned char)c >= 0x80 || strchr(" .-/()\t", c) != NULL;
}

/* The end of the number that starts at `text`; counts its digits. */
static char *
number_end(char *text, int *out_digits)
{
	char *end = text;

	*out_digits = 0;
	for (char *at = text; *at != '\0' && (isdigit((unsigned char)*at) || is_punctuation(*at)); at++)
		if (isdigit((unsigned char)*at)) {
			++*out_digits;
			end = at + 1;
		}
	return end;
}

static void
mask_digits(char *at, const char *end, int digits)
{
	const bool shown = digits >= NUMBER_DIGITS_MIN;

	for (int seen = 0; at < end; at++)
		if (isdigit((unsigned char)*at)) {
			if (!shown || (seen >= SHOWN_FIRST && seen < digits - SHOWN_LAST))
				*at = '*';
			seen++;
		}
}

static bool
is_example(const char *at, const char *end)
{
	const char *digit = EXAMPLE;

	for (; at < end && *digit != '\0'; at++)
		if (isdigit((unsigned char)*at) && *at != *digit++)
			return false;
	return at == end && *digit == '\0';
}

void
mask_numbers(char *text, enum mask mask)
{
	char *end;
	int digits;

	for (char *at = text; *at != '\0'; at = end) {
		const bool after_plus = at > text && at[-1] == '+';

		end = at + 1;
		if (!isdigit((unsigned char)*at))
			continue;
		end = number_end(at, &digits);
		if ((mask == MASK_ALL || (after_plus && digits >= NUMBER_DIGITS_MIN)) && !is_example(at, end))
			mask_digits(at, end, digits);
	}
}

void
mask_reason(char *reason, const char *field)
{
	char *quote = strcmp(field, IMPORT_PHONE_COLUMN) == 0 ? strrchr(reason, '"') : NULL;

	mask_numbers(quote ? quote : reason, MASK_INTERNATIONAL);
	if (!quote)
		return;
	*quote = '\0';
	mask_numbers(reason, MASK_ALL);
	*quote = '"';
}

/* Writing ---------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_reject_column(const char *name)
{
	for (int i = 0; i < IMPORT_REJECT_COLUMNS; i++)
		if (strcmp(import_reject_columns[i], name) == 0)
			return true;
	return false;
}

/* A write that fails shows in finish: stdio keeps its error. */
static void
write_field(struct reject_file *rejects, const char *text)
{
	putc(',', rejects->file);
	csv_fwrite(rejects->file, text, strlen(text));
}

static void
write_masked(struct reject_file *rejects, const char *text, enum mask mask)
{
	char *masked = strdup(text);

	if (masked)
		mask_numbers(masked, mask);
	write_field(rejects, masked ? masked : "");
	free(masked);
}

static void
write_reason(struct reject_file *rejects, const char *reason, const char *field)
{
	char *masked = strdup(reason);

	if (masked)
		mask_reason(masked, field);
	write_field(rejects, masked ? masked : "");
	free(masked);
}

static enum status
fail(const struct reject_file *rejects, const char *what, struct err *err)
{
	err_set(err, STATUS_INVALID, "cannot %s the file of rejects %s: %s", what, rejects->path, strerror(errno));
	return err_hint(err, "name a place that can be written: --rejects FILE");
}

static enum status
open_file(struct reject_file *rejects, struct err *err)
{
	const int fd = mkstemp(rejects->temporary); /* mode 0600 */

	if (fd < 0)
		return fail(rejects, "make", err);
	rejects->file = fdopen(fd, "w");
	if (!rejects->file) {
		close(fd);
		unlink(rejects->temporary);
		return err_set(err, STATUS_NO_MEMORY, "no memory for the file of rejects");
	}
	fprintf(rejects->file, "%s,%s,%s", import_reject_columns[0], import_reject_columns[1], import_reject_columns[2]);
	for (int i = 0; i < rejects->column_count; i++)
		if (!is_reject_column(rejects->columns[i]))
			write_field(rejects, rejects->columns[i]);
	putc('\n', rejects->file);
	return STATUS_OK;
}

static void
write_original(struct reject_file *rejects, const struct csv_field *fields, int count)
{
	const bool fits = count == rejects->column_count;

	for (int i = 0; i < count; i++) {
		const char *column = fits ? rejects->columns[i] : "";

		if (!is_reject_column(column))
			write_masked(rejects, fields[i].text, fits && strcmp(column, IMPORT_PHONE_COLUMN) != 0 ? MASK_INTERNATIONAL : MASK_ALL);
	}
	for (int i = count; i < rejects->column_count; i++)
		if (!is_reject_column(rejects->columns[i]))
			write_field(rejects, "");
}

enum status
reject_file_add(struct reject_file *rejects, const struct reject *reject, const struct csv_field *fields, int count, struct err *err)
{
	const char *field = reject->field ? reject->field : "";

	if (!rejects->file && open_file(rejects, err) != STATUS_OK)
		return err->status;
	fprintf(rejects->file, "%lld", (long long)reject->line);
	write_field(rejects, field);
	write_reason(rejects, reject->reason, field);
	write_original(rejects, fields, count);
	putc('\n', rejects->file);
	rejects->count++;
	return STATUS_OK;
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------- */

enum status
reject_file_create(const char *path, const struct csv_record *header, struct reject_file **out, struct err *err)
{
	struct reject_file *rejects = calloc(1, sizeof(*rejects));
	bool complete = rejects != NULL;

	*out = rejects;
	if (rejects) {
		rejects->path = strdup(path);
		if (asprintf(&rejects->temporary, "%s.XXXXXX", path) < 0)
			rejects->temporary = NULL;
		complete = rejects->path && rejects->temporary;
	}
	for (int i = 0; complete && i < header->count; i++) {
		rejects->columns[rejects->column_count++] = strdup(header->fields[i].text);
		complete = rejects->columns[i] != NULL;
	}
	if (complete)
		return STATUS_OK;
	reject_file_free(out);
	return err_set(err, STATUS_NO_MEMORY, "no memory for the file of rejects");
}

enum status
reject_file_finish(struct reject_file *rejects, struct err *err)
{
	FILE *file = rejects->file;

	if (!file)
		return STATUS_OK;
	const bool written = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
	rejects->file = NULL;
	if (fclose(file) == 0 && written && rename(rejects->temporary, rejects->path) == 0)
		return STATUS_OK;
	fail(rejects, "write", err);
	unlink(rejects->temporary);
	return err->status;
}

int64_t
reject_file_count(const struct reject_file *rejects)
{
	return rejects->count;
}

void
reject_file_free(struct reject_file **rejects)
{
	struct reject_file *old = *rejects;

	if (!old)
		return;
	if (old->file && old->temporary) {
		fclose(old->file);
		unlink(old->temporary);
	}
	for (int i = 0; i < old->column_count; i++)
		free(old->columns[i]);
	free(old->temporary);
	free(old->path);
	free(old);
	*rejects = NULL;
}
