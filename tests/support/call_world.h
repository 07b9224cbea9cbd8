/*
 * call_world - SQL calls in the world of schema_fixture.h, each with its effect or with the message it is refused with
 *
 *     static const struct call_effect cases[] = {{"SELECT opt_out('+14155550101')", "SELECT count(*) FROM slot", "4"}};
 *     call_world_expect_effects(call_world_connection(*state), cases, 1);
 *
 * Every case starts from that world and leaves nothing behind.
 */
#ifndef DAYPART_TESTS_SUPPORT_CALL_WORLD_H
#define DAYPART_TESTS_SUPPORT_CALL_WORLD_H

#include "schema_fixture.h"
#include "sql_expect.h"

struct call_world {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};

/* Group setup and teardown, and a setup for each test: after one that failed in the middle. */
int call_world_start(void **state);
int call_world_stop(void **state);
int call_world_roll_back(void **state);
#define CALL_TEST(name) cmocka_unit_test_setup(name, call_world_roll_back)

PGconn *call_world_connection(const void *state);

struct call_effect {
	const char *call, *query, *expected;
};
void call_world_expect_effects(PGconn *connection, const struct call_effect *effects, size_t count);

struct call_refusal {
	const char *statement;
	struct sql_error error;
};
void call_world_expect_refusals(PGconn *connection, const struct call_refusal *refusals, size_t count);

#endif
