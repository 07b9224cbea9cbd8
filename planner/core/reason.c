/* The table is reason.def, in its order; a dozen or two rows are searched faster than anything clever. */
#include "reason.h"

const struct reason_info reason_table[] = {
#define REASON(code, NAME, name, kind, text, cure) {REASON_##NAME, #name, REASON_##kind, text, cure},
#include "reason.def"
#undef REASON
};

const size_t reason_table_count = sizeof(reason_table) / sizeof(reason_table[0]);

const struct reason_info *
reason_info(enum reason code)
{
	for (size_t i = 0; i < reason_table_count; i++)
		if (reason_table[i].code == code)
			return &reason_table[i];
	return NULL;
}
