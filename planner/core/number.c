/*
 * A walk down the generated trie (number_table.h), one node a digit: three to nine dependent loads from some 20 kB that stay in the cache.
 * Sorted prefix arrays with a binary search for each length need several times as many.
 */
#include "number.h"

#include <stdlib.h>
#include <string.h>

#include "number_table.h"

/* Writes the decimal digits of `phone`, last one at buffer[NUMBER_MAX_DIGITS - 1]; returns how many, or 0 when there are too many. */
static unsigned
split_digits(uint64_t phone, uint8_t buffer[NUMBER_MAX_DIGITS])
{
	unsigned count = 0;
	for (; phone > 0 && count < NUMBER_MAX_DIGITS; phone /= 10)
		buffer[NUMBER_MAX_DIGITS - ++count] = (uint8_t)(phone % 10);
	return phone > 0 ? 0 : count;
}

const struct number_place *
number_place(uint64_t phone)
{
	uint8_t buffer[NUMBER_MAX_DIGITS];
	unsigned count = split_digits(phone, buffer);
	const uint8_t *digit = buffer + NUMBER_MAX_DIGITS - count, *end = buffer + NUMBER_MAX_DIGITS;
	uint16_t entry = number_root;
	while (!(entry & NUMBER_LEAF)) {
		const struct number_node *node = &number_nodes[entry];
		entry = digit < end ? node->next[*digit++] : node->ends;
	}
	return &number_places[entry & ~NUMBER_LEAF];
}

uint16_t
number_place_count(void)
{
	return number_places_count;
}

static int
compare_code(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

bool
region_is_known(const char *code)
{
	return bsearch(code, number_region_codes, number_region_codes_count, sizeof(number_region_codes[0]), compare_code) != NULL;
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
