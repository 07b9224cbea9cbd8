#include "call_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "pg_cluster.h"

int
call_world_start(void **state)
{
	static struct call_world world;

	world.cluster = pg_cluster_start(NULL);
	world.conninfo = schema_database(world.cluster, "people");
	world.connection = sql_connect(world.conninfo, NULL);
	schema_world(world.connection);
	*state = &world;
	return 0;
}

int
call_world_stop(void **state)
{
	struct call_world *world = *state;

	PQfinish(world->connection);
	free(world->conninfo);
	pg_cluster_stop(&world->cluster);
	return 0;
}

int
call_world_roll_back(void **state)
{
	PQclear(PQexec(((struct call_world *)*state)->connection, "ROLLBACK"));
	return 0;
}

void
call_world_expect_effects(PGconn *connection, const struct call_effect *effects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_run(connection, "BEGIN");
		sql_run(connection, effects[i].call);
		sql_expect(connection, effects[i].query, effects[i].expected);
		sql_run(connection, "ROLLBACK");
	}
}

void
call_world_expect_refusals(PGconn *connection, const struct call_refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_expect_error(connection, refusals[i].statement, &refusals[i].error);
		sql_run(connection, "ROLLBACK");
	}
}

PGconn *
call_world_connection(const void *state)
{
	return ((const struct call_world *)state)->connection;
}
