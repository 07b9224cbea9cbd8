/*
 * pg_proxy as a network: what passes, what is lost, and what the server has done all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/pg_proxy.h"
#include "tests/support/sql_expect.h"

enum { QUIET_MS = 100, PATIENCE_MS = 30 * 1000 };

static struct {
	struct pg_cluster *cluster;
	struct pg_proxy *proxy;
	char *conninfo;
	PGconn *direct, *through;
} world;

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static int
open_proxy(void **state)
{
	(void)state;
	world.proxy = pg_proxy_open(pg_cluster_host(world.cluster));
	world.conninfo = pg_proxy_conninfo(world.proxy, pg_cluster_conninfo(world.cluster));
	world.direct = sql_connect(pg_cluster_conninfo(world.cluster), NULL);
	world.through = sql_connect(world.conninfo, NULL);
	sql_run(world.direct, "DROP TABLE IF EXISTS public.note; CREATE TABLE public.note (text text)");
	return 0;
}

static int
close_proxy(void **state)
{
	(void)state;
	PQfinish(world.through);
	PQfinish(world.direct);
	pg_proxy_close(&world.proxy);
	free(world.conninfo);
	return 0;
}

static void
expect_lost(PGresult *result)
{
	assert_int_not_equal(PQresultStatus(result), PGRES_COMMAND_OK);
	assert_int_equal(PQstatus(world.through), CONNECTION_BAD);
	PQclear(result);
}

/* More than a chunk, in both directions. */
static void
what_is_said_passes(void **state)
{
	(void)state;
	sql_run(world.through, "INSERT INTO public.note SELECT repeat('x', 100000) FROM generate_series(1, 20)");
	sql_expect(
		world.through, "SELECT sum(length(string_agg)) FROM (SELECT string_agg(text, '') FROM public.note) AS all_of_them", "2000000");
	free(sql_text(world.through, "SELECT text FROM public.note"));
	assert_int_equal(pg_proxy_connections(world.proxy), 1);
}

static void
what_is_cut_is_lost_for_both(void **state)
{
	(void)state;
	sql_run(world.through, "BEGIN; INSERT INTO public.note VALUES ('lost')");
	pg_proxy_cut(world.proxy);
	expect_lost(PQexec(world.through, "COMMIT"));
	assert_true(fixture_await(world.direct, 1, PATIENCE_MS,
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()"));
	sql_expect(world.direct, "SELECT text FROM public.note", "");
	PQreset(world.through);
	sql_expect(world.through, "SELECT 1", "1");
}

static void
what_is_stalled_arrives_later(void **state)
{
	struct pollfd polled = {.fd = PQsocket(world.through), .events = POLLIN};

	(void)state;
	pg_proxy_stall(world.proxy, true);
	assert_int_equal(PQsendQuery(world.through, "INSERT INTO public.note VALUES ('late')"), 1);
	assert_int_equal(poll(&polled, 1, QUIET_MS), 0);
	sql_expect(world.direct, "SELECT text FROM public.note", "");
	pg_proxy_stall(world.proxy, false);
	PQclear(PQgetResult(world.through));
	assert_null(PQgetResult(world.through));
	sql_expect(world.direct, "SELECT text FROM public.note", "late");
}

static void
a_commit_whose_reply_is_swallowed_is_done(void **state)
{
	(void)state;
	pg_proxy_swallow(world.proxy, "COMMIT");
	sql_run(world.through, "BEGIN");
	sql_run(world.through, "INSERT INTO public.note VALUES ('kept')");
	assert_int_equal(pg_proxy_swallowed(world.proxy), 0);
	expect_lost(PQexec(world.through, "COMMIT"));
	assert_int_equal(pg_proxy_swallowed(world.proxy), 1);
	sql_expect(world.direct, "SELECT text FROM public.note", "kept");
}

static void
a_prepared_statement_is_known_by_its_name(void **state)
{
	(void)state;
	PQclear(PQprepare(world.through, "first", "INSERT INTO public.note VALUES ('first')", 0, NULL));
	PQclear(PQprepare(world.through, "second", "INSERT INTO public.note VALUES ('second')", 0, NULL));
	pg_proxy_swallow(world.proxy, "second");
	PQclear(PQexecPrepared(world.through, "first", 0, NULL, NULL, NULL, 0));
	assert_int_equal(pg_proxy_swallowed(world.proxy), 0);
	expect_lost(PQexecPrepared(world.through, "second", 0, NULL, NULL, NULL, 0));
	assert_int_equal(pg_proxy_swallowed(world.proxy), 1);
	sql_expect(world.direct, "SELECT text FROM public.note ORDER BY 1", "first\nsecond");
}

static void
without_a_server_nobody_is_connected(void **state)
{
	PGconn *connection;

	(void)state;
	PQfinish(world.direct);
	pg_cluster_halt(world.cluster, PG_CLUSTER_IMMEDIATE);
	connection = PQconnectdb(world.conninfo);
	assert_int_equal(PQstatus(connection), CONNECTION_BAD);
	PQfinish(connection);
	pg_cluster_resume(world.cluster);
	PQreset(world.through);
	sql_expect(world.through, "SELECT 1", "1");
	world.direct = sql_connect(pg_cluster_conninfo(world.cluster), NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_proxy, close_proxy)
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_passes),
		TEST(what_is_cut_is_lost_for_both),
		TEST(what_is_stalled_arrives_later),
		TEST(a_commit_whose_reply_is_swallowed_is_done),
		TEST(a_prepared_statement_is_known_by_its_name),
		TEST(without_a_server_nobody_is_connected),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
