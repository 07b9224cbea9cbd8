/* What a daemon in trouble says when it is asked how it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scheduler/metrics.h"

static void
health_names_the_first_trouble(void **state)
{
	static const struct lane_list none;
	static const struct {
		struct metrics metrics;
		bool well;
		const char *line;
	} rows[] = {
		{{.ready = true, .database_up = true}, true, "ok\n"},
		{{.ready = true, .database_up = true, .stopped = true}, true, "ok: everything is stopped\n"},
		{{.database_up = true}, false, "starting\n"},
		{{.ready = true, .untrusted = true, .database_up = true}, false, "the clocks of host and database are too far apart\n"},
		{{.ready = true, .lawless = true, .database_up = true}, false, "the rulebook or the time zones cannot be read\n"},
		{{.ready = true, .lawless = true, .untrusted = true}, false, "the database cannot be reached\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text;
		size_t length;
		FILE *out = open_memstream(&text, &length);
		struct metrics metrics = rows[i].metrics;

		metrics.lanes = &none;
		assert_int_equal(metrics_write_health(&metrics, out), rows[i].well);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(text, rows[i].line);
		free(text);
	}
}

static void
breakers_and_what_nobody_knows_are_told(void **state)
{
	static const struct lane_list none;
	struct watched_breaker breakers[] = {{"sender", "a \"b\"", "us.opt_outs", true}, {"template", "hello", "in.complaints", false}};
	struct watched_uncertain uncertain[] = {{"north", 3}};
	const struct watched watched = {.breakers = breakers, .breaker_count = 2, .uncertain = uncertain, .uncertain_count = 1};
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	metrics_write(&(struct metrics){.schema_version = 33, .lanes = &none, .watched = &watched}, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "daypart_schema_version 33\n"));
	assert_non_null(strstr(text, "daypart_breaker{scope=\"sender\",name=\"a \\\"b\\\"\",rule=\"us.opt_outs\",state=\"tripped\"} 1\n"));
	assert_non_null(strstr(text, "daypart_breaker{scope=\"template\",name=\"hello\",rule=\"in.complaints\",state=\"warning\"} 1\n"));
	assert_non_null(strstr(text, "daypart_uncertain{sender=\"north\"} 3\n"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(health_names_the_first_trouble),
		cmocka_unit_test(breakers_and_what_nobody_knows_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
