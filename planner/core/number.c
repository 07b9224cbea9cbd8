/*
 * How it works: the generated trie is walked digit by digit until a leaf; equal subtrees are shared, so that it fits the second-level cache.
 */
#include "number.h"

#include <string.h>

#include "number_table.h"

const struct number_place *
number_place(uint64_t phone)
{
	uint8_t digits[20]; /* of the largest 64-bit number */
	int count = 0;
	for (; phone > 0; phone /= 10)
		digits[count++] = (uint8_t)(phone % 10);
	uint16_t at = number_root;
	while ((at & NUMBER_LEAF) == 0)
		at = count > 0 ? number_nodes[at].children[digits[--count]] : number_nodes[at].end;
	return &number_places[at & (NUMBER_LEAF - 1)];
}

uint16_t
number_place_count(void)
{
	return number_places_count;
}

bool
region_is_known(const char *code)
{
	size_t low = 0, high = number_region_codes_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(number_region_codes[middle], code);
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

const char *const *
region_codes(size_t *out_count)
{
	*out_count = number_region_codes_count;
	return number_region_codes;
}

const char *
number_table_version(void)
{
	return number_version;
}
