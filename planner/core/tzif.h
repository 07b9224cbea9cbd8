/*
 * tzif - a view onto the bytes of a TZif file (RFC 8536, RFC 9636), checked once so that reading it afterwards cannot fail
 *
 * Only the block of version 2 and later with its 64-bit instants is used, and the footer. Refused: version 1 files, leap seconds (the
 * "right/" files), counts that do not fit the file, types that do not exist, instants out of order, offsets beyond a day and two hours.
 *
 *     struct tzif file;
 *     if (tzif_open(bytes, size, &file, &err) == STATUS_OK)
 *         for (size_t i = 0; i < file.change_count; i++)
 *             use(tzif_change_s(&file, i), tzif_offset_s(&file, i));
 *
 * The view owns nothing and lives as long as the bytes. Used by zone.c alone. Errors: STATUS_INVALID with the byte offset.
 */
#ifndef DAYPART_CORE_TZIF_H
#define DAYPART_CORE_TZIF_H

#include "posix_tz.h"

enum { TZIF_LEAST_OFFSET_S = -89999, TZIF_MOST_OFFSET_S = 93599 }; /* RFC 8536, 3.2 */

struct tzif {
	const uint8_t *changes, *type_of_change, *types;
	size_t change_count, type_count;
	bool has_footer;
	struct posix_tz footer; /* holds from the last change on */
};

MUST_CHECK enum status tzif_open(const uint8_t *bytes, size_t size, struct tzif *out, struct err *err);

/* The i-th change, in seconds since 1970-01-01T00:00:00Z, and the offset from then on. */
int64_t tzif_change_s(const struct tzif *file, size_t i);
int32_t tzif_offset_s(const struct tzif *file, size_t i);
/* The offset before the first change. */
int32_t tzif_first_offset_s(const struct tzif *file);

#endif
