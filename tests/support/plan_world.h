/*
 * plan_world - an installed database with a small hand-made world, planned by the real program
 *
 *     static void
 *     the_window_of_new_york(void **state)
 *     {
 *         const struct plan_world *world = *state;
 *         sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z')");
 *         plan_world_make(world, "--now 2026-11-23T00:00Z plan");
 *         plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00");
 *     }
 *     PLAN_WORLD_TEST(the_window_of_new_york)
 *     cmocka_run_group_tests(tests, plan_world_start, plan_world_stop)
 *
 * Each test gets a database of its own, cloned from one that `daypart init` made. plan_world.sql has the world and its functions (person,
 * people, campaign, sent, release), which are in the search path of the connection. Its clock stands at 2026-11-22T12:00Z.
 */
#ifndef DAYPART_TESTS_SUPPORT_FIXTURE_PLAN_H
#define DAYPART_TESTS_SUPPORT_FIXTURE_PLAN_H

#include <libpq-fe.h>

#include "pg_cluster.h"
#include "process.h"

struct plan_world {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};

int plan_world_start(void **state); /* of the group */
int plan_world_stop(void **state);
int plan_world_open(void **state); /* of each test */
int plan_world_close(void **state);
#define PLAN_WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, plan_world_open, plan_world_close)

/* Runs daypart and expects exit code 0 and silence on stderr. */
void plan_world_run(const struct plan_world *world, const char *line);
/* The same, then asks the oracle whether all is lawful. The oracle judges old releases by what their campaign says now. */
void plan_world_make(const struct plan_world *world, const char *line);
/* Runs daypart and expects this exit code and a part of what it writes. */
void plan_world_fail(const struct plan_world *world, const char *line, int exit_code, const char *part);
/* Puts the shipped rulebook in force after an edit of one of its files by sed. */
void plan_world_edit_rules(const struct plan_world *world, const char *file, const char *edit);
/* The same with a regime of ours for the United States: "caps = ( { ... } );". */
void plan_world_add_rules(const struct plan_world *world, const char *rules);
/* What became of everybody in the audience, in the order of names: "ana|11-23 13:00:00 - 11-24 02:00:00\nbob|no_consent". */
void plan_world_expect(const struct plan_world *world, const char *campaign, const char *outcomes);

#endif
