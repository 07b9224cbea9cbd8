/*
 * FNV-1a over the tree, spread by mix64. The members of a group are added up, so that their order does not count; each is hashed with its name and
 * type first, so that no value can pass for another's. Numbers are hashed as the 64 bits they are.
 */
#include "rulebook_digest.h"

#include <stdbool.h>
#include <string.h>

#include "planner/core/mix.h"

static uint64_t
add_bytes(uint64_t hash, const void *bytes, size_t size)
{
	for (const unsigned char *at = bytes; size > 0; at++, size--)
		hash = (hash ^ *at) * UINT64_C(0x100000001B3);
	return hash;
}

static uint64_t
add_text(uint64_t hash, const char *text)
{
	return text != NULL ? add_bytes(hash, text, strlen(text) + 1) : add_bytes(hash, "", 1);
}

static uint64_t digest_value(const config_setting_t *value);

static uint64_t
digest_members(const config_setting_t *value, bool ordered)
{
	uint64_t hash = 0;
	for (int i = 0; i < config_setting_length(value); i++) {
		const uint64_t member = digest_value(config_setting_get_elem(value, (unsigned)i));
		hash = ordered ? mix64(hash ^ member) : hash + member;
	}
	return hash;
}

static uint64_t
digest_scalar(const config_setting_t *value)
{
	const int64_t whole = config_setting_type(value) == CONFIG_TYPE_BOOL ? config_setting_get_bool(value) : config_setting_get_int64(value);
	const double fraction = config_setting_get_float(value);
	if (config_setting_type(value) == CONFIG_TYPE_STRING)
		return add_text(0, config_setting_get_string(value));
	if (config_setting_type(value) == CONFIG_TYPE_FLOAT)
		return add_bytes(0, &fraction, sizeof fraction);
	return (uint64_t)whole;
}

static uint64_t
digest_value(const config_setting_t *value)
{
	const int type = config_setting_is_aggregate(value) ? 0 : config_setting_type(value);
	const uint64_t inner =
		config_setting_is_aggregate(value) ? digest_members(value, !config_setting_is_group(value)) : digest_scalar(value);
	const uint64_t named = add_bytes(add_text(UINT64_C(0xCBF29CE484222325), config_setting_name(value)), &type, sizeof type);
	return mix64(named ^ mix64(inner));
}

uint64_t
rulebook_digest(const char *section, const config_setting_t *group)
{
	return mix64(add_text(UINT64_C(0xCBF29CE484222325), section) ^ digest_members(group, false));
}
