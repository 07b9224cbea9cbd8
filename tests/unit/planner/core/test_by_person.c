/* Rows come back by person, whatever the order in which they came in. */
#include "planner/core/by_person.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "planner/core/person.h"
#include "tests/support/memory_storage.h"

struct row {
	int64_t recipient_id;
	int32_t value;
};

static struct by_person *
store_with(const struct row *rows, size_t count)
{
	struct by_person *store;
	assert_int_equal(by_person_create(sizeof(struct row), &store), STATUS_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(by_person_add(store, &rows[i]), STATUS_OK);
	return store;
}

static int32_t
sum_of(struct by_person *store, int64_t recipient_id, size_t expected_count)
{
	size_t count;
	const struct row *rows = by_person_find(store, recipient_id, &count);
	int32_t sum = 0;
	assert_int_equal(count, expected_count);
	assert_true((rows == NULL) == (count == 0));
	for (size_t i = 0; rows != NULL && i < count; i++) {
		assert_int_equal(rows[i].recipient_id, recipient_id);
		sum += rows[i].value;
	}
	return sum;
}

static void
a_person_is_found_with_all_rows(void **state)
{
	(void)state;
	static const struct row rows[] = {{7, 1}, {INT64_MAX, 2}, {0, 4}, {7, 8}, {INT64_MIN, 16}, {-1, 32}, {7, 64}};
	struct by_person *store = store_with(rows, sizeof rows / sizeof rows[0]);
	assert_int_equal(sum_of(store, 7, 3), 73);
	assert_int_equal(sum_of(store, INT64_MAX, 1), 2);
	assert_int_equal(sum_of(store, INT64_MIN, 1), 16);
	assert_int_equal(sum_of(store, 0, 1), 4);
	assert_int_equal(sum_of(store, -1, 1), 32);
	assert_int_equal(sum_of(store, 8, 0), 0);
	by_person_free(&store);
	assert_null(store);
}

static void
neighbours_in_one_bucket_are_told_apart(void **state)
{
	(void)state;
	struct by_person *store = store_with(NULL, 0);
	const int64_t first = 5;
	int64_t others[40];
	size_t count = 0;
	for (int64_t id = first + 1; count < 40; id++)
		if (person_bucket(id) == person_bucket(first))
			others[count++] = id;
	for (size_t i = count; i-- > 0;)
		assert_int_equal(by_person_add(store, &(struct row){others[i], (int32_t)i}), STATUS_OK);
	assert_int_equal(sum_of(store, first, 0), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sum_of(store, others[i], 1), (int32_t)i);
	by_person_free(&store);
}

/* Ids are hashes, and sorted as such; what is no hash must not be slow or wrong. In whatever order people are asked for. */
static void
people_of_a_large_bucket_are_found_in_any_order(void **state)
{
	(void)state;
	enum { PEOPLE = 3000 };
	for (int spread = 0; spread < 2; spread++) {
		struct by_person *store = store_with(NULL, 0);
		static int64_t ids[PEOPLE];
		size_t count = 0;
		for (int64_t n = 0; count < PEOPLE; n++) {
			const int64_t id = spread ? (int64_t)mix64((uint64_t)n) : n;
			if (person_bucket(id) == 5)
				ids[count++] = id;
		}
		for (size_t i = 0; i < count; i++)
			for (size_t row = 0; row <= i % 3; row++)
				assert_int_equal(by_person_add(store, &(struct row){ids[i * 7 % PEOPLE], (int32_t)(i * 7 % PEOPLE)}), STATUS_OK);
		for (size_t i = 0; i < count; i++) {
			const size_t there = i % 2 ? i : count - 1 - i, asked = i % 3 ? there : i * 11 % PEOPLE;
			size_t found;
			const struct row *rows = by_person_find(store, ids[asked], &found);
			assert_true(found >= 1 && found <= 3);
			for (size_t row = 0; row < found; row++)
				assert_int_equal(rows[row].value, asked);
			assert_int_equal(sum_of(store, ids[asked] ^ INT64_C(0x4000000000000000), 0), 0);
		}
		by_person_free(&store);
	}
}

static void
rows_added_after_a_search_are_found_too(void **state)
{
	(void)state;
	struct by_person *store = store_with((const struct row[]){{7, 1}}, 1);
	assert_int_equal(sum_of(store, 7, 1), 1);
	assert_int_equal(by_person_add(store, &(struct row){7, 2}), STATUS_OK);
	assert_int_equal(sum_of(store, 7, 2), 3);
	by_person_free(&store);
}

static void
rows_may_be_changed_in_place(void **state)
{
	(void)state;
	struct by_person *store = store_with((const struct row[]){{7, 1}, {8, 2}}, 2);
	size_t count;
	struct row *found = by_person_find(store, 7, &count);
	found->value = 9;
	assert_int_equal(sum_of(store, 7, 1), 9);
	assert_int_equal(sum_of(store, 8, 1), 2);
	by_person_free(&store);
}

static void
add_up(void *context, const void *row)
{
	*(int64_t *)context += ((const struct row *)row)->value;
}

static void
each_row_is_visited_once(void **state)
{
	(void)state;
	struct by_person *store = store_with(NULL, 0);
	int64_t sum = 0;
	for (int32_t i = 0; i < 5000; i++)
		assert_int_equal(by_person_add(store, &(struct row){i % 1700, i}), STATUS_OK);
	by_person_each(store, add_up, &sum);
	assert_int_equal(sum, 5000 * 4999 / 2);
	by_person_free(&store);
}

static void
double_value(void *context, void *row)
{
	(void)context;
	((struct row *)row)->value *= 2;
}

/* 4096 people with three rows each, added in an order that visits the buckets again and again. */
static struct by_person *
spilled_store(struct memory_storage *outside, size_t memory_bytes)
{
	struct by_person *store = store_with(NULL, 0);
	memory_storage_open(outside, 0);
	by_person_spill(store, &outside->storage, memory_bytes);
	for (int32_t i = 0; i < 3 * 4096; i++)
		assert_int_equal(by_person_add(store, &(struct row){i % 4096, i}), STATUS_OK);
	return store;
}

static void
expect_people(struct by_person *store, int32_t factor)
{
	for (int32_t id = 0; id < 4096; id++)
		assert_int_equal(sum_of(store, id, 3), factor * (3 * id + 3 * 4096));
	assert_int_equal(by_person_status(store), STATUS_OK);
}

static void
nothing_is_lost_outside(void **state)
{
	(void)state;
	static const size_t limits[] = {0, 1, 20000, 200000};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct memory_storage outside;
		struct by_person *store = spilled_store(&outside, limits[i]);
		int64_t sum = 0;
		assert_true(outside.writes > 0);
		by_person_each(store, add_up, &sum);
		assert_int_equal(sum, (int64_t)3 * 4096 * (3 * 4096 - 1) / 2);
		expect_people(store, 1);
		by_person_change(store, double_value, NULL);
		expect_people(store, 2);
		by_person_free(&store);
		memory_storage_close(&outside);
	}
}

static void
changes_and_additions_find_what_lies_outside(void **state)
{
	(void)state;
	struct memory_storage outside;
	struct by_person *store = spilled_store(&outside, 1);
	size_t count;
	const int32_t before = sum_of(store, 77, 3);
	struct row *found = by_person_find(store, 77, &count);
	found[1].value += 1000;
	assert_int_equal(sum_of(store, 78, 3), 3 * 78 + 3 * 4096); /* puts the other bucket outside */
	assert_int_equal(by_person_add(store, &(struct row){77, 5}), STATUS_OK);
	assert_int_equal(sum_of(store, 77, 4), before + 1005);
	assert_int_equal(sum_of(store, 5000, 0), 0);
	by_person_free(&store);
	memory_storage_close(&outside);
}

static void
a_storage_that_fails_is_told(void **state)
{
	(void)state;
	struct memory_storage outside;
	struct by_person *store = spilled_store(&outside, 1);
	size_t count;
	outside.fails = true;
	assert_null(by_person_find(store, 3, &count));
	assert_int_equal(by_person_status(store), STATUS_TRANSIENT);
	by_person_free(&store);
	memory_storage_close(&outside);
}

static void
people_are_ordered_by_bucket_then_number(void **state)
{
	(void)state;
	static const int64_t ids[] = {0, 1, 2, 1023, 1024, 1025, INT64_C(1) << 40, INT64_MAX - 1, INT64_MAX};
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		for (size_t j = 0; j < sizeof ids / sizeof ids[0]; j++) {
			const int16_t a = person_bucket(ids[i]), b = person_bucket(ids[j]);
			const int expected = a != b ? (a < b ? -1 : 1) : (ids[i] > ids[j]) - (ids[i] < ids[j]);
			assert_in_range(a, 0, BUCKET_COUNT - 1);
			assert_int_equal(person_compare(ids[i], ids[j]), expected);
		}
}

/* The figures of SQL bucket_of(). */
static void
the_bucket_is_the_one_that_sql_computes(void **state)
{
	(void)state;
	static const struct {
		int64_t recipient_id;
		int16_t bucket;
	} rows[] = {{0, 0}, {1, 1}, {1024, 1}, {INT64_C(1) << 20, 1}, {INT64_C(1) << 40, 1}, {INT64_C(1) << 30, 0}, {INT64_MAX, 0},
		{INT64_C(4611686018427387905), 1}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(person_bucket(rows[i].recipient_id), rows[i].bucket);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_found_with_all_rows),
		cmocka_unit_test(neighbours_in_one_bucket_are_told_apart),
		cmocka_unit_test(people_of_a_large_bucket_are_found_in_any_order),
		cmocka_unit_test(rows_added_after_a_search_are_found_too),
		cmocka_unit_test(rows_may_be_changed_in_place),
		cmocka_unit_test(each_row_is_visited_once),
		cmocka_unit_test(nothing_is_lost_outside),
		cmocka_unit_test(changes_and_additions_find_what_lies_outside),
		cmocka_unit_test(a_storage_that_fails_is_told),
		cmocka_unit_test(people_are_ordered_by_bucket_then_number),
		cmocka_unit_test(the_bucket_is_the_one_that_sql_computes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
