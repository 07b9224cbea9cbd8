/* Messages of other systems are read with the numbers of their channels and categories; the query writes them down once more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "planner/core/vocabulary.h"
#include "sql/copy.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

static void
add_message(PGconn *connection, enum channel channel, enum category category)
{
	char statement[256];

	snprintf(statement, sizeof(statement),
		"INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket) VALUES (%d, '2026-11-20Z', 1, '%s', "
		"'%s', 0)",
		8 * (int)channel + (int)category, channel_name(channel), category_name(category));
	sql_run(connection, statement);
}

static void
every_kind_has_its_number(void **state)
{
	const struct plan_world *world = *state;
	struct session *session;
	struct copy_reader *reader;
	struct copy_row row;
	struct err err;
	int count = 0;

	for (int channel = 0; channel < CHANNEL_COUNT; channel++)
		for (int category = 0; category < CATEGORY_COUNT; category++)
			add_message(world->connection, (enum channel)channel, (enum category)category);
	assert_int_equal(session_open(&(struct session_options){.conninfo = world->conninfo}, &session, &err), STATUS_OK);
	for (int half = 0; half < 2; half++) {
		const char *const params[] = {"1", "2026-11-01T00:00:00Z", half == 0 ? "0" : "1", half == 0 ? "1" : "4294967295"};
		assert_int_equal(copy_reader_open(session, &sql_query_plan_outside, params, 4, &reader, &err), STATUS_OK);
		for (; copy_reader_next(reader, &row, &err) == STATUS_OK; count++)
			assert_int_equal(copy_field_int64(&row, 2), copy_field_int64(&row, 0));
		copy_reader_close(&reader);
	}
	assert_int_equal(count, CHANNEL_COUNT * CATEGORY_COUNT);
	session_close(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {PLAN_WORLD_TEST(every_kind_has_its_number)};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop);
}
