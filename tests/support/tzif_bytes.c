#include "tests/support/tzif_bytes.h"

#include <string.h>

static uint8_t *
put(uint8_t *at, uint64_t number, int bytes)
{
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
		*at++ = (uint8_t)(number >> shift);
	return at;
}

static uint8_t *
put_header(uint8_t *at, size_t change_count, size_t type_count)
{
	const uint64_t counts[] = {0, 0, 0, change_count, type_count, 1};

	memset(at, 0, 20);
	memcpy(at, "TZif2", 5);
	at += 20;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		at = put(at, counts[i], 4);
	return at;
}

static uint8_t *
put_type(uint8_t *at, int32_t offset_s)
{
	at = put(at, (uint32_t)offset_s, 4);
	return put(at, 0, 2);
}

size_t
tzif_bytes_make(const struct tzif_recipe *recipe, uint8_t bytes[TZIF_BYTES_MAX])
{
	uint8_t *at = put_header(bytes, 0, 1);

	at = put_type(at, 0);
	at = put(at, 0, 1);
	at = put_header(at, recipe->change_count, recipe->type_count);
	for (size_t i = 0; i < recipe->change_count; i++)
		at = put(at, (uint64_t)recipe->changes[i].at_s, 8);
	for (size_t i = 0; i < recipe->change_count; i++)
		at = put(at, recipe->changes[i].type, 1);
	for (size_t i = 0; i < recipe->type_count; i++)
		at = put_type(at, recipe->offsets_s[i]);
	at = put(at, 0, 1);
	*at++ = '\n';
	if (recipe->footer != NULL) {
		memcpy(at, recipe->footer, strlen(recipe->footer));
		at += strlen(recipe->footer);
	}
	*at++ = '\n';
	return (size_t)(at - bytes);
}
