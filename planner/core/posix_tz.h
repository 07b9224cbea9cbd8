/*
 * posix_tz - the footer of a TZif file: a POSIX TZ string that says how a zone goes on for ever
 *
 * "EST5EDT,M3.2.0,M11.1.0", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0": standard offset, and perhaps two rules a year. The extension of RFC 8536 is
 * read too: rule times from -167 to 167 hours. Daylight time without rules ("EST5EDT") is refused, because what it means is not written down.
 *
 *     struct posix_tz tz;
 *     if (posix_tz_parse(text, size, &tz, &err) == STATUS_OK && tz.has_daylight)
 *         at_s = posix_tz_start_s(&tz, 2027);
 *
 * Used by zone.c alone. Errors: STATUS_INVALID with the place in the string.
 */
#ifndef DAYPART_CORE_POSIX_TZ_H
#define DAYPART_CORE_POSIX_TZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

enum tz_day {
	TZ_DAY_WITHOUT_LEAP, /* Jn: 1..365, 29 February is never counted */
	TZ_DAY_OF_YEAR,      /* n: 0..365 */
	TZ_DAY_OF_MONTH      /* Mm.w.d: day d (0 is Sunday) of week w (5 is the last) of month m */
};

struct tz_rule {
	enum tz_day kind;
	int month, week, day;
	int32_t time_s; /* after midnight of that day, on the clock that holds until then; may be negative */
};

struct posix_tz {
	int32_t standard_s, daylight_s; /* seconds east of Greenwich */
	bool has_daylight;
	struct tz_rule start, end; /* of daylight time */
};

/* `text` without the newlines around it; need not end with NUL. */
MUST_CHECK enum status posix_tz_parse(const char *text, size_t size, struct posix_tz *out, struct err *err);

/* When daylight time starts and ends by the rules of `year`, in seconds since 1970-01-01T00:00:00Z. Needs has_daylight. */
int64_t posix_tz_start_s(const struct posix_tz *tz, int year);
int64_t posix_tz_end_s(const struct posix_tz *tz, int year);

#endif
