/* Sums of rows come out the same here and in the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sql/row_sum.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"

enum { ROUNDS = 200, TEXT_MAX = 60 };

static struct pg_cluster *cluster;
static char *conninfo;

static int
start(void **state)
{
	cluster = pg_cluster_start(NULL);
	conninfo = pg_cluster_new_database(cluster, "row_sum", NULL);
	*state = sql_connect(conninfo, NULL);
	return 0;
}

static int
stop(void **state)
{
	PQfinish(*state);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

static void
expect_hash(PGconn *connection, uint64_t hash, const char *query)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%" PRId64, (int64_t)hash);
	sql_expect(connection, query, expected);
}

static int64_t
some_number(struct random_source *random)
{
	const int64_t any = (int64_t)random_next(random);

	return random_chance(random, 20) ? random_between(random, -2, 2) : random_chance(random, 20) ? (int32_t)any : any;
}

static void
numbers_hash_as_in_the_server(void **state)
{
	struct random_source random = random_start("row_sum");
	char query[256];

	for (int round = 0; round < ROUNDS; round++) {
		const int64_t value = some_number(&random), seed = some_number(&random);
		snprintf(query, sizeof(query), "SELECT hashint8extended('%" PRId64 "', '%" PRId64 "')", value, seed);
		expect_hash(*state, row_hash_int64(value, (uint64_t)seed), query);
		snprintf(query, sizeof(query), "SELECT hashint4extended('%" PRId32 "', '%" PRId64 "')", (int32_t)value, seed);
		expect_hash(*state, row_hash_int32((int32_t)value, (uint64_t)seed), query);
		snprintf(query, sizeof(query),
			"SELECT timestamp_hash_extended('2000-01-01'::timestamp + interval '%" PRId32 " microseconds', '%" PRId64 "')", (int32_t)value,
			seed);
		expect_hash(*state, row_hash_int64((int32_t)value, (uint64_t)seed), query);
	}
}

static void
texts_of_every_length_hash_as_in_the_server(void **state)
{
	struct random_source random = random_start("row_sum");
	char text[TEXT_MAX + 1], query[256];

	for (int size = 0; size <= TEXT_MAX; size++) {
		const int64_t seed = some_number(&random);
		for (int i = 0; i < size; i++)
			text[i] = (char)('a' + random_below(&random, 26));
		text[size] = '\0';
		snprintf(query, sizeof(query), "SELECT hashtextextended('%s', '%" PRId64 "')", text, seed);
		expect_hash(*state, row_hash_text(text, (size_t)size, (uint64_t)seed), query);
	}
}

static void
the_order_of_rows_does_not_matter(void **state)
{
	struct row_sum there = {0}, back = {0};

	for (int64_t i = 1; i <= 100; i++) {
		row_sum_add(&there, row_hash_int64(i, 0));
		row_sum_add(&back, row_hash_int64(101 - i, 0));
	}
	assert_int_equal(there.count, 100);
	assert_true(there.digest == back.digest);
	expect_hash(*state, there.digest, "SELECT bit_xor(hashint8extended(i, 0)) FROM generate_series(1, 100) AS i");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_hash_as_in_the_server),
		cmocka_unit_test(texts_of_every_length_hash_as_in_the_server),
		cmocka_unit_test(the_order_of_rows_does_not_matter),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
