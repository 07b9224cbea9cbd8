/* Declared facts and the number's are united; what is unknown is held. */
#include "planner/core/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	struct place_facts facts;
	enum reason held;
	const char *regions, *zones;
} rows[] = {
	{{14155550123, "", ""}, REASON_NONE, "US-CA", "America/Los_Angeles"},
	{{14155550123, "US-CA", "America/Los_Angeles"}, REASON_NONE, "US-CA", "America/Los_Angeles"},
	{{14155550123, "IN", "Asia/Kolkata"}, REASON_NONE, "IN US-CA", "America/Los_Angeles Asia/Kolkata"},
	{{919876543210, "US-TX", "America/Chicago"}, REASON_NONE, "IN US-TX", "America/Chicago Asia/Kolkata"},
	{{5581987654321, "BR", ""}, REASON_NONE, "BR", "America/Noronha America/Recife"},
	{{14155550123, "UK", ""}, REASON_UNKNOWN_REGION, "", ""},
	{{14155550123, "us-ca", ""}, REASON_UNKNOWN_REGION, "", ""},
	{{14155550123, "US", "EST5EDT"}, REASON_UNKNOWN_ZONE, "", ""},
	{{14155550123, "US", "../../etc/passwd"}, REASON_UNKNOWN_ZONE, "", ""},
	{{999123456789, "US-CA", "America/Los_Angeles"}, REASON_UNKNOWN_REGION, "", ""},
	{{18005550123, "US-CA", "America/Los_Angeles"}, REASON_NON_GEOGRAPHIC, "", ""},
};

static const char *
join(const char *const *list, size_t count, char *out)
{
	*out = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(strcat(out, i > 0 ? " " : ""), list[i]);
	return out;
}

static void
candidates_are_united_and_unknown_is_held(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place place;
		char text[512];
		print_message("row %zu\n", i);
		assert_int_equal(place_resolve(&rows[i].facts, &place), rows[i].held);
		if (rows[i].held != REASON_NONE)
			continue;
		assert_string_equal(join(place.regions, place.region_count, text), rows[i].regions);
		assert_string_equal(join(place.zones, place.zone_count, text), rows[i].zones);
	}
}

static void
a_plus_one_number_needs_a_law_of_its_own(void **state)
{
	struct regime regimes[] = {
		{.id = "house", .kind = REGIME_HOUSE, .everywhere = true},
		{.id = "base", .everywhere = true},
		{.id = "us", .regions = {"US", "PR"}, .region_count = 2},
		{.id = "jm", .regions = {"JM"}, .region_count = 1, .status = REGIME_ADVISORY},
		{.id = "dm-network", .kind = REGIME_CARRIER, .regions = {"DM"}, .region_count = 1},
	};
	const struct rulebook rulebook = {.regimes = regimes, .regime_count = sizeof(regimes) / sizeof(regimes[0])};
	static const struct {
		uint64_t phone;
		enum reason held;
	} numbers[] = {
		{14155550123, REASON_NONE},
		{17875550123, REASON_NONE},
		{18685550123, REASON_UNKNOWN_REGION}, /* Trinidad: no law */
		{18765550123, REASON_UNKNOWN_REGION}, /* Jamaica: a law that only advises */
		{17675550123, REASON_UNKNOWN_REGION}, /* Dominica: no law, though a network has rules */
		{14165550123, REASON_UNKNOWN_REGION}, /* Canada, in this rulebook */
		{12355550123, REASON_NONE},           /* a new code: all of +1, where there are laws */
		{4915112345678, REASON_NONE},
		{6421123456, REASON_NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		print_message("+%llu\n", (unsigned long long)numbers[i].phone);
		assert_int_equal(place_judge_law(&rulebook, numbers[i].phone), numbers[i].held);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates_are_united_and_unknown_is_held),
		cmocka_unit_test(a_plus_one_number_needs_a_law_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
