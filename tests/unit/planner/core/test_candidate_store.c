/* Candidates come back by source, in fair order, whatever the order in which they came and wherever they lay. */
#include "planner/core/candidate_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/core/person.h"
#include "tests/support/memory_storage.h"

enum { CAMPAIGN = 7, CLASSES = 3, PREFERENCES = 2 };

static struct candidate
candidate_of(size_t number)
{
	return (struct candidate){.recipient_id = (int64_t)mix64(number),
		.class = (uint16_t)(number % CLASSES),
		.preference = (uint8_t)(number / CLASSES % PREFERENCES),
		.part = (int16_t)(number % 5)};
}

static struct candidate_store *
store_with(struct spool_storage *storage, size_t count, bool backwards)
{
	struct candidate_store *store;
	assert_int_equal(candidate_store_create(CAMPAIGN, storage, &store), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		const struct candidate candidate = candidate_of(backwards ? count - 1 - i : i);
		assert_int_equal(candidate_store_add(store, &candidate, NULL), STATUS_OK);
	}
	assert_int_equal(candidate_store_settle(store), STATUS_OK);
	return store;
}

static bool
in_fair_order(const struct candidate *a, const struct candidate *b)
{
	const uint32_t x = person_order(a->recipient_id, CAMPAIGN), y = person_order(b->recipient_id, CAMPAIGN);
	return x != y ? x < y : a->recipient_id < b->recipient_id;
}

/* Returns an exclusive or of everybody in it. */
static int64_t
walk_source(const struct candidate_store *store, size_t number, struct candidate *out_first)
{
	const struct candidate_source source = candidate_store_source(store, number);
	struct candidate_cursor *cursor;
	struct candidate candidate, last = {0};
	int64_t everybody = 0;
	size_t count = 0;
	assert_int_equal(candidate_cursor_open(store, number, &cursor), STATUS_OK);
	while (candidate_cursor_next(cursor, &candidate) == STATUS_OK) {
		assert_int_equal(candidate.class, source.class);
		assert_int_equal(candidate.preference, source.preference);
		if (count++ == 0)
			*out_first = candidate;
		else
			assert_true(in_fair_order(&last, &candidate));
		everybody ^= candidate.recipient_id;
		last = candidate;
	}
	assert_int_equal(candidate_cursor_next(cursor, &candidate), STATUS_NOT_FOUND);
	assert_int_equal(count, source.count);
	candidate_cursor_close(&cursor);
	return everybody;
}

static void
expect_all(const struct candidate_store *store, size_t count)
{
	struct candidate first, last = {0};
	int64_t everybody = 0;
	assert_int_equal(candidate_store_sources(store), CLASSES * PREFERENCES);
	for (size_t i = 0; i < candidate_store_sources(store); i++) {
		everybody ^= walk_source(store, i, &first);
		assert_true(i == 0 || in_fair_order(&last, &first));
		last = first;
	}
	for (size_t i = 0; i < count; i++)
		everybody ^= candidate_of(i).recipient_id;
	assert_int_equal(everybody, 0);
}

static void
everybody_comes_back_in_fair_order(void **state)
{
	(void)state;
	static const size_t counts[] = {6, 50, 5000, 50000};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		for (int spooled = 0; spooled < 2; spooled++) {
			struct memory_storage outside;
			memory_storage_open(&outside, spooled ? 0 : SIZE_MAX);
			struct candidate_store *store = store_with(&outside.storage, counts[i], spooled);
			expect_all(store, counts[i]);
			assert_true(counts[i] < 50000 || (outside.writes > 0) == (spooled > 0));
			candidate_store_free(&store);
			memory_storage_close(&outside);
		}
}

/* More than are sorted at once: several runs are merged. */
static void
a_huge_class_is_merged(void **state)
{
	(void)state;
	enum { HUGE = (1 << 18) * 2 + 1000 };
	struct memory_storage outside;
	memory_storage_open(&outside, 1 << 20);
	struct candidate_store *store;
	struct candidate first;
	int64_t everybody = 0;
	assert_int_equal(candidate_store_create(CAMPAIGN, &outside.storage, &store), STATUS_OK);
	for (size_t i = 0; i < HUGE; i++) {
		const struct candidate candidate = {.recipient_id = (int64_t)mix64(i)};
		everybody ^= candidate.recipient_id;
		assert_int_equal(candidate_store_add(store, &candidate, NULL), STATUS_OK);
	}
	assert_int_equal(candidate_store_settle(store), STATUS_OK);
	assert_int_equal(candidate_store_sources(store), 1);
	assert_int_equal(walk_source(store, 0, &first), everybody);
	candidate_store_free(&store);
	memory_storage_close(&outside);
}

static void
somebody_with_a_leeway_is_a_source(void **state)
{
	(void)state;
	struct spool_storage storage = SPOOL_MEMORY_ONLY;
	struct candidate_store *store;
	struct interval_set leeway = INTERVAL_SET_INIT;
	assert_int_equal(candidate_store_create(CAMPAIGN, &storage, &store), STATUS_OK);
	assert_int_equal(interval_set_add(&leeway, (struct interval){{10}, {20}}), STATUS_OK);
	assert_int_equal(candidate_store_add(store, &(struct candidate){.recipient_id = 1, .class = 4}, NULL), STATUS_OK);
	assert_int_equal(candidate_store_add(store, &(struct candidate){.recipient_id = 2, .class = 4}, &leeway), STATUS_OK);
	assert_int_equal(leeway.count, 0); /* taken over */
	assert_int_equal(candidate_store_settle(store), STATUS_OK);
	assert_int_equal(candidate_store_sources(store), 2);
	const size_t alone = candidate_store_source(store, 0).leeway != NULL ? 0 : 1;
	struct candidate candidate;
	assert_int_equal(candidate_store_source(store, alone).leeway->items[0].from.us, 10);
	assert_null(candidate_store_source(store, 1 - alone).leeway);
	assert_int_equal(walk_source(store, alone, &candidate), 2);
	assert_int_equal(walk_source(store, 1 - alone, &candidate), 1);
	interval_set_free(&leeway);
	candidate_store_free(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_comes_back_in_fair_order),
		cmocka_unit_test(a_huge_class_is_merged),
		cmocka_unit_test(somebody_with_a_leeway_is_a_source),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
