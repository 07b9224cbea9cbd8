/*
 * tzif_bytes - TZif files made in memory, as the tests want them, right or wrong
 *
 *     struct tzif_recipe recipe = {.offsets_s = {-18000, -14400}, .type_count = 2, .footer = "EST5EDT,M3.2.0,M11.1.0"};
 *     size_t size = tzif_bytes_make(&recipe, bytes);
 *
 * An empty version 1 block stands before the version 2 block, as in files made by `zic -b slim`.
 */
#ifndef DAYPART_TESTS_TZIF_BYTES_H
#define DAYPART_TESTS_TZIF_BYTES_H

#include <stddef.h>
#include <stdint.h>

enum { TZIF_RECIPE_MAX = 64, TZIF_BYTES_MAX = 4096 };

struct tzif_recipe {
	int32_t offsets_s[TZIF_RECIPE_MAX]; /* by type; type 0 holds before the first change */
	size_t type_count;
	struct {
		int64_t at_s;
		uint8_t type;
	} changes[TZIF_RECIPE_MAX];
	size_t change_count;
	const char *footer; /* NULL: none */
};

/* Bytes written, at most TZIF_BYTES_MAX. */
size_t tzif_bytes_make(const struct tzif_recipe *recipe, uint8_t bytes[TZIF_BYTES_MAX]);

/* Where the header of the version 2 block begins in what tzif_bytes_make wrote. */
enum { TZIF_SECOND_HEADER = 44 + 7 };

#endif
