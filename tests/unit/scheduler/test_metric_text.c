/* The text that Prometheus reads, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "scheduler/metric_text.h"

static void
families_and_samples_read_as_prometheus_wants_them(void **state)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	metric_family(out, "daypart_released_total", METRIC_COUNTER, "Messages.");
	metric_sample(out, "daypart_released_total", 9007199254740.0, "sender", "a \"b\\c\nd", "outcome", "refused", NULL);
	metric_family(out, "daypart_clock_offset_seconds", METRIC_GAUGE, "How far.");
	metric_sample(out, "daypart_clock_offset_seconds", -0.0005, NULL);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text,
		"# HELP daypart_released_total Messages.\n# TYPE daypart_released_total counter\n"
		"daypart_released_total{sender=\"a \\\"b\\\\c\\nd\",outcome=\"refused\"} 9007199254740\n"
		"# HELP daypart_clock_offset_seconds How far.\n# TYPE daypart_clock_offset_seconds gauge\n"
		"daypart_clock_offset_seconds -0.000500\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_and_samples_read_as_prometheus_wants_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
