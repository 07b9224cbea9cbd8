/* What is due within the next minutes keeps its instant unless its second holds more than the sender may send. */
#include "planner/core/freeze.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "planner/core/run_plan.h"
#include "tests/support/memory_storage.h"

enum { LANE = 3, OTHER_LANE = 4 };

static struct by_person *
queue_with(const int64_t *due_ms, size_t count, int16_t lane)
{
	struct by_person *queue;
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &queue), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		const struct queued_slot slot = {.recipient_id = (int64_t)i, .due_at = {due_ms[i] * 1000}, .lane = lane};
		assert_int_equal(by_person_add(queue, &slot), STATUS_OK);
	}
	return queue;
}

static bool
holds(struct by_person *queue, int64_t from_ms, int64_t until_ms, int64_t due_ms)
{
	struct freeze freeze = {.from = {from_ms * 1000}, .until = {until_ms * 1000}, .lane = LANE, .per_second = 2};
	bool answer;
	assert_int_equal(freeze_holds(&freeze, queue, (struct instant){due_ms * 1000}, &answer), STATUS_OK);
	freeze_clear(&freeze);
	return answer;
}

static void
it_begins_now_and_is_half_open(void **state)
{
	static const int64_t due[] = {500, 1000, 4999, 5000};
	struct by_person *queue = queue_with(due, 4, LANE);
	(void)state;
	assert_false(holds(queue, 1000, 5000, 500));
	assert_true(holds(queue, 1000, 5000, 1000));
	assert_true(holds(queue, 1000, 5000, 4999));
	assert_false(holds(queue, 1000, 5000, 5000));
	assert_false(holds(queue, 1000, 1000, 1000));
	by_person_free(&queue);
}

static void
a_second_that_is_too_full_is_dealt_anew(void **state)
{
	static const int64_t due[] = {1100, 1500, 2100, 2500, 2999, 3000};
	struct by_person *queue = queue_with(due, 6, LANE), *others = queue_with(due, 6, OTHER_LANE);
	(void)state;
	assert_true(holds(queue, 1000, 5000, 1500));
	assert_false(holds(queue, 1000, 5000, 2100));
	assert_false(holds(queue, 1000, 5000, 2999));
	assert_true(holds(queue, 1000, 5000, 3000));
	assert_true(holds(others, 1000, 5000, 2100));
	by_person_free(&queue);
	by_person_free(&others);
}

/* Then what is frozen must not look as if it might move. */
static void
a_queue_that_cannot_be_read_is_no_answer(void **state)
{
	enum { PEOPLE = 20000 };
	struct freeze freeze = {.from = {0}, .until = {US_PER_MINUTE}, .lane = LANE, .per_second = PEOPLE};
	struct memory_storage outside;
	struct by_person *queue;
	bool holds;
	(void)state;
	memory_storage_open(&outside, 0);
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &queue), STATUS_OK);
	by_person_spill(queue, &outside.storage, 0);
	for (int i = 0; i < PEOPLE; i++)
		assert_int_equal(
			by_person_add(queue, &(struct queued_slot){.recipient_id = i, .due_at = {US_PER_SECOND}, .lane = LANE}), STATUS_OK);
	outside.fails = true;
	assert_int_equal(freeze_holds(&freeze, queue, (struct instant){US_PER_SECOND}, &holds), STATUS_TRANSIENT);
	assert_false(holds);
	freeze_clear(&freeze);
	by_person_free(&queue);
	memory_storage_close(&outside);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_now_and_is_half_open),
		cmocka_unit_test(a_second_that_is_too_full_is_dealt_anew),
		cmocka_unit_test(a_queue_that_cannot_be_read_is_no_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
