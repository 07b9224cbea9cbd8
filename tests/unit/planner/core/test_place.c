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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates_are_united_and_unknown_is_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
