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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(health_names_the_first_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
