/*
 * Any text as a phone number, a declared region and a declared zone, line by line: the number has a place, a person is placed or held, candidates are
 * sorted and distinct; and nothing that a file of rejects would show of the text is a whole number.
 */
#include <assert.h>
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/place.h"
#include "planner/reject_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SHOWN_DIGITS_MAX = 5 };

static const struct regime regimes[] = {
	{.id = "us", .regions = {"US", "PR"}, .region_count = 2},
	{.id = "everybody", .everywhere = true},
};
static const struct rulebook rulebook = {.regimes = (struct regime *)regimes, .regime_count = 2};

static void
check_sorted(const char *const *names, size_t count, size_t limit)
{
	assert(count <= limit);
	for (size_t i = 1; i < count; i++)
		assert(strcmp(names[i - 1], names[i]) < 0);
}

static void
check_number(uint64_t phone)
{
	const struct number_place *place = number_place(phone);

	assert(place->index < number_place_count());
	assert((place->kind == NUMBER_PLACED) == (place->region_count > 0) && (place->kind == NUMBER_PLACED) == (place->zone_count > 0));
	check_sorted(place->regions, place->region_count, PLACE_REGIONS_MAX);
	check_sorted(place->zones, place->zone_count, PLACE_ZONES_MAX);
	assert(place_judge_law(&rulebook, phone) == REASON_NONE || place->kind != NUMBER_PLACED || strncmp(place->regions[0], "US", 2) != 0);
}

static void
check_place(uint64_t phone, const char *region, const char *timezone)
{
	const struct place_facts facts = {phone, region, timezone};
	struct place place;
	const enum reason held = place_resolve(&facts, &place);

	assert(held == REASON_NONE || reason_info(held)->kind == REASON_HELD);
	if (held != REASON_NONE)
		return;
	assert(place.region_count > 0 && place.zone_count > 0);
	assert(*region == '\0' || region_is_known(region));
	check_sorted(place.regions, place.region_count, PLACE_REGIONS_MAX);
	check_sorted(place.zones, place.zone_count, PLACE_ZONES_MAX);
}

/* Whether the number that the hints show, which nobody has, is written somewhere, with or without punctuation. */
static bool
holds_example(const char *text)
{
	char *digits = calloc(strlen(text) + 1, 1);
	size_t count = 0;

	assert(digits != NULL);
	for (; *text != '\0'; text++)
		if (isdigit((unsigned char)*text))
			digits[count++] = *text;
	const bool holds = strstr(digits, "14155550123") != NULL;
	free(digits);
	return holds;
}

/* Digits become stars, nothing else changes. All but the example of the hints is hidden but for its ends. */
static void
check_mask(char *masked, const char *text, enum mask mask)
{
	const bool all_hidden = mask == MASK_ALL && !holds_example(text);
	int run = 0;

	strcpy(masked, text);
	mask_numbers(masked, mask);
	assert(strlen(masked) == strlen(text));
	for (size_t i = 0; text[i] != '\0'; i++) {
		assert(masked[i] == text[i] || (masked[i] == '*' && isdigit((unsigned char)text[i])));
		run = isdigit((unsigned char)masked[i]) ? run + 1 : 0;
		assert(!all_hidden || run <= SHOWN_DIGITS_MAX);
	}
	strcpy(masked, text);
	mask_reason(masked, "phone");
	assert(strlen(masked) == strlen(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *copy = malloc(size + 1), *rest = copy;
	const char *lines[3] = {"", "", ""};

	assert(text != NULL && copy != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	check_mask(copy, text, MASK_ALL);
	check_mask(copy, text, MASK_INTERNATIONAL);
	strcpy(copy, text);
	for (size_t i = 0; i < 3 && rest != NULL; i++)
		lines[i] = strsep(&rest, "\n");
	const uint64_t phone = strtoull(lines[0], NULL, 10);
	check_number(phone);
	check_place(phone, lines[1], lines[2]);
	free(copy);
	free(text);
	return 0;
}
