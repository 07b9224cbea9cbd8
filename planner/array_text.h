/*
 * array_text - PostgreSQL array parameters as text: {1,2,3} or {"a","b"}
 *
 *     struct array_text runs = ARRAY_TEXT_INIT;
 *     array_text_add_int(&runs, 7);
 *     ... params[0] = array_text(&runs) ...     // NULL when memory ran out meanwhile
 *     array_text_free(&runs);
 *
 * Running out of memory is remembered and told at the end, so that adding needs no checks.
 */
#ifndef DAYPART_PLANNER_ARRAY_TEXT_H
#define DAYPART_PLANNER_ARRAY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct array_text {
	char *text;
	size_t length, room;
	bool failed;
};
#define ARRAY_TEXT_INIT \
	{ \
		.text = NULL \
	}

void array_text_add_int(struct array_text *array, int64_t value);
/* Quoted; `value` holds neither quotes nor backslashes (names of zones and regions, instants). */
void array_text_add_name(struct array_text *array, const char *value);
bool array_text_is_empty(const struct array_text *array);
const char *array_text(struct array_text *array);
void array_text_free(struct array_text *array);

#endif
