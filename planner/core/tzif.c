/*
 * tzif - implementation
 *
 * A file is header, data block with 32-bit instants, header again, data block with 64-bit instants, newline, footer, newline. The first block
 * is skipped by its own counts. Counts are 32 bits and sizes are computed in 64, so no sum can wrap; a block is used only after its whole size
 * was found inside the file.
 */
#include "tzif.h"

#include <string.h>

enum { HEADER_BYTES = 44, COUNTS_AT = 20, TYPE_BYTES = 6, VERSION_AT = 4 };

struct header {
	uint32_t utc_count, standard_count, leap_count, change_count, type_count, name_bytes;
};

struct reader {
	const uint8_t *bytes;
	size_t size, at;
	struct err *err;
};

static uint32_t
big_endian_32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static enum status
malformed(struct reader *in, size_t at, const char *what)
{
	err_set(in->err, STATUS_INVALID, "not a usable TZif file: %s", what);
	return err_detail(in->err, "byte %zu of %zu", at, in->size);
}

static enum status
check_counts(struct reader *in, const struct header *header)
{
	if (header->leap_count != 0)
		return malformed(in, in->at, "it counts leap seconds");
	if (header->type_count == 0 || header->type_count > 256)
		return malformed(in, in->at, "the number of local time types is not 1 to 256");
	if (header->utc_count != 0 && header->utc_count != header->type_count)
		return malformed(in, in->at, "there are UT indicators, but not one a type");
	if (header->standard_count != 0 && header->standard_count != header->type_count)
		return malformed(in, in->at, "there are standard time indicators, but not one a type");
	return STATUS_OK;
}

static enum status
read_header(struct reader *in, struct header *out)
{
	const uint8_t *bytes = in->bytes + in->at;
	uint32_t *const counts[] = {
		&out->utc_count, &out->standard_count, &out->leap_count, &out->change_count, &out->type_count, &out->name_bytes};

	if (in->size - in->at < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0)
		return malformed(in, in->at, "no header");
	if (bytes[VERSION_AT] < '2')
		return malformed(in, in->at + VERSION_AT, "version 2 or later is needed");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i] = big_endian_32(bytes + COUNTS_AT + 4 * i);
	in->at += HEADER_BYTES;
	return STATUS_OK;
}

/* Moves past a data block, which must lie inside the file. */
static enum status
skip_block(struct reader *in, const struct header *header, unsigned instant_bytes)
{
	const uint64_t bytes = (uint64_t)header->change_count * (instant_bytes + 1) + (uint64_t)header->type_count * TYPE_BYTES +
		header->name_bytes + (uint64_t)header->leap_count * (instant_bytes + 4) + header->standard_count + header->utc_count;

	if (bytes > in->size - in->at)
		return malformed(in, in->at, "it ends before its data do");
	in->at += (size_t)bytes;
	return STATUS_OK;
}

static enum status
check_changes(struct reader *in, const struct tzif *file)
{
	for (size_t i = 0; i < file->change_count; i++) {
		if (file->type_of_change[i] >= file->type_count)
			return malformed(in, (size_t)(file->type_of_change + i - in->bytes), "no such local time type");
		if (i > 0 && tzif_change_s(file, i - 1) >= tzif_change_s(file, i))
			return malformed(in, (size_t)(file->changes + 8 * i - in->bytes), "instants out of order");
	}
	return STATUS_OK;
}

static int32_t
type_offset_s(const struct tzif *file, size_t type)
{
	return (int32_t)big_endian_32(file->types + type * TYPE_BYTES);
}

static enum status
check_types(struct reader *in, const struct tzif *file)
{
	for (size_t i = 0; i < file->type_count; i++) {
		const int32_t offset_s = type_offset_s(file, i);

		if (offset_s < TZIF_LEAST_OFFSET_S || offset_s > TZIF_MOST_OFFSET_S)
			return malformed(in, (size_t)(file->types + i * TYPE_BYTES - in->bytes), "an offset beyond a day and two hours");
	}
	return STATUS_OK;
}

/* Newline, TZ string (empty: nothing is known after the last change), newline. */
static enum status
read_footer(struct reader *in, struct tzif *file)
{
	const char *text, *end;

	if (in->at == in->size || in->bytes[in->at] != '\n')
		return malformed(in, in->at, "no footer");
	text = (const char *)in->bytes + in->at + 1;
	end = memchr(text, '\n', in->size - in->at - 1);
	if (end == NULL)
		return malformed(in, in->at, "the footer does not end");
	file->has_footer = end > text;
	if (file->has_footer && posix_tz_parse(text, (size_t)(end - text), &file->footer, in->err) != STATUS_OK)
		return err_wrap(in->err, "not a usable TZif file: footer at byte %zu", in->at + 1);
	return STATUS_OK;
}

static enum status
read_file(struct reader *in, struct tzif *file)
{
	struct header header;

	if (read_header(in, &header) != STATUS_OK || skip_block(in, &header, 4) != STATUS_OK || read_header(in, &header) != STATUS_OK ||
		check_counts(in, &header) != STATUS_OK)
		return in->err->status;
	file->change_count = header.change_count;
	file->type_count = header.type_count;
	file->changes = in->bytes + in->at;
	if (skip_block(in, &header, 8) != STATUS_OK)
		return in->err->status;
	file->type_of_change = file->changes + 8 * file->change_count;
	file->types = file->type_of_change + file->change_count;
	if (check_types(in, file) != STATUS_OK || check_changes(in, file) != STATUS_OK)
		return in->err->status;
	return read_footer(in, file);
}

enum status
tzif_open(const uint8_t *bytes, size_t size, struct tzif *out, struct err *err)
{
	struct reader in = {.bytes = bytes, .size = size, .err = err};
	struct tzif file = {.has_footer = false};
	const enum status status = read_file(&in, &file);

	if (status == STATUS_OK)
		*out = file;
	return status;
}

int64_t
tzif_change_s(const struct tzif *file, size_t i)
{
	const uint8_t *bytes = file->changes + 8 * i;

	return (int64_t)((uint64_t)big_endian_32(bytes) << 32 | big_endian_32(bytes + 4));
}

int32_t
tzif_offset_s(const struct tzif *file, size_t i)
{
	return type_offset_s(file, file->type_of_change[i]);
}

int32_t
tzif_first_offset_s(const struct tzif *file)
{
	return type_offset_s(file, 0);
}
