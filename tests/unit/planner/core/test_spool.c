/* Rows come back as they came, wherever they lie meanwhile. */
#include "planner/core/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/memory_storage.h"

struct row {
	int64_t number;
	uint32_t check;
};

enum { BLOCK = SPOOL_BLOCK_BYTES / sizeof(struct row), ROWS = 3 * BLOCK + 7 };

static struct row
row_of(size_t number)
{
	return (struct row){.number = (int64_t)number, .check = (uint32_t)(number * 2654435761U)};
}

static struct spool *
spool_with(struct spool_storage *storage, size_t count)
{
	struct spool *spool;
	assert_int_equal(spool_create(sizeof(struct row), storage, &spool), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		const struct row row = row_of(i);
		assert_int_equal(spool_add(spool, &row), STATUS_OK);
	}
	return spool;
}

static void
expect_rows(const struct spool *spool, size_t first, size_t count)
{
	static struct row rows[ROWS];
	assert_int_equal(spool_read(spool, first, count, rows), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		const struct row expected = row_of(first + i);
		assert_int_equal(rows[i].number, expected.number);
		assert_int_equal(rows[i].check, expected.check);
	}
}

static void
expect_every_range(struct spool *spool)
{
	static const size_t ranges[][2] = {{0, 1}, {0, ROWS}, {BLOCK - 1, 2}, {BLOCK, BLOCK}, {5, 2 * BLOCK}, {ROWS - 1, 1}, {ROWS, 0}};
	assert_int_equal(spool_count(spool), ROWS);
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		expect_rows(spool, ranges[i][0], ranges[i][1]);
}

static void
rows_come_back_from_memory(void **state)
{
	(void)state;
	struct spool_storage storage = SPOOL_MEMORY_ONLY;
	struct spool *spool = spool_with(&storage, ROWS);
	expect_every_range(spool);
	spool_free(&spool);
	assert_null(spool);
}

static void
what_memory_has_no_room_for_goes_outside(void **state)
{
	(void)state;
	for (size_t blocks = 0; blocks < 4; blocks++) {
		struct memory_storage outside;
		memory_storage_open(&outside, blocks * SPOOL_BLOCK_BYTES);
		struct spool *spool = spool_with(&outside.storage, ROWS);
		assert_int_equal(outside.writes, 3 - blocks); /* the last block always stays */
		expect_every_range(spool);
		spool_free(&spool);
		assert_int_equal(outside.storage.memory_left, blocks * SPOOL_BLOCK_BYTES);
		memory_storage_close(&outside);
	}
}

static void
rows_are_replaced_where_they_lie(void **state)
{
	(void)state;
	struct memory_storage outside;
	memory_storage_open(&outside, SPOOL_BLOCK_BYTES);
	struct spool *spool = spool_with(&outside.storage, ROWS);
	static struct row rows[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = row_of(2 * i);
	assert_int_equal(spool_write(spool, 3, ROWS - 6, rows + 3), STATUS_OK);
	assert_int_equal(spool_read(spool, 0, ROWS, rows), STATUS_OK);
	for (size_t i = 0; i < ROWS; i++)
		assert_int_equal(rows[i].number, i < 3 || i >= ROWS - 3 ? i : 2 * i);
	spool_free(&spool);
	memory_storage_close(&outside);
}

static void
a_full_storage_is_told(void **state)
{
	(void)state;
	struct memory_storage outside;
	memory_storage_open(&outside, 0);
	struct spool *spool = spool_with(&outside.storage, BLOCK);
	struct err err = ERR_INIT;
	struct row row = row_of(0);
	outside.fails = true;
	assert_int_equal(spool_add(spool, &row), STATUS_TRANSIENT);
	assert_int_equal(spool_fail(&outside.storage, &err), STATUS_TRANSIENT);
	assert_string_equal(err.primary, "the storage is full");
	spool_free(&spool);
	memory_storage_close(&outside);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back_from_memory),
		cmocka_unit_test(what_memory_has_no_room_for_goes_outside),
		cmocka_unit_test(rows_are_replaced_where_they_lie),
		cmocka_unit_test(a_full_storage_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
