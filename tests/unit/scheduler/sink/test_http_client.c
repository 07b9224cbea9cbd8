/* Both forms of Retry-After. What goes over the wire is in tests/integration/test_sink_http.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/sink/http_client.h"

static void
retry_after_is_seconds_or_a_date(void **state)
{
	/* 2026-11-23T20:00:00Z */
	const struct instant now = {INT64_C(1795464000) * US_PER_SECOND};
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"0", 0},
		{"1", 1},
		{"120", 120},
		{" 7 ", 7},
		{"86400", 86400},
		{"86401", 86400},
		{"99999999999999999999", 86400},
		{"-5", 0},
		{"Mon, 23 Nov 2026 20:00:30 GMT", 30},
		{"Monday, 23-Nov-26 20:01:00 GMT", 60}, /* RFC 850 */
		{"Mon Nov 23 20:02:00 2026", 120},      /* asctime */
		{"Mon, 23 Nov 2026 19:00:00 GMT", 0},
		{"Wed, 23 Nov 2033 19:00:00 GMT", 86400},
		{"", 0},
		{"soon", 0},
		{"12 parsecs", 0},
		{"1.5", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (http_retry_after(rows[i].text, now).us != rows[i].seconds * US_PER_SECOND)
			fail_msg("%s: %lld", rows[i].text, (long long)http_retry_after(rows[i].text, now).us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(retry_after_is_seconds_or_a_date)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
