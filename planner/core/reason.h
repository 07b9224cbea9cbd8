/*
 * reason - why a person has no slot; the one list, in reason.def, that C, the database table `reason` and the reports share
 */
#ifndef DAYPART_CORE_REASON_H
#define DAYPART_CORE_REASON_H

#include <stddef.h>

enum reason_kind { REASON_SUPPRESSED, REASON_HELD };

enum reason {
	REASON_NONE = 0,
#define REASON(code, NAME, name, kind, text, cure) REASON_##NAME = code,
#include "reason.def"
#undef REASON
};

struct reason_info {
	enum reason code;
	const char *name; /* lower case: "opted_out" */
	enum reason_kind kind;
	const char *text, *cure;
};

/* NULL for a code that does not exist. */
const struct reason_info *reason_info(enum reason code);
extern const struct reason_info reason_table[];
extern const size_t reason_table_count;

#endif
