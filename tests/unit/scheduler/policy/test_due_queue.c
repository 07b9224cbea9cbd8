/* The heap against a linear search, and what is known ahead of one lane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/due_queue.h"

enum { LANES = 37, STEPS = 20000 };

static uint32_t
draw(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static struct due_lane *
earliest(struct due_lane *lanes)
{
	struct due_lane *best = NULL;

	for (int i = 0; i < LANES; i++)
		if (lanes[i].armed && (best == NULL || lanes[i].wake.us < best->wake.us))
			best = &lanes[i];
	return best;
}

/* Arms, re-arms, disarms and serves at random; a linear search is the oracle. */
static void
serves_the_earliest_lane(void **state)
{
	static struct due_lane lanes[LANES];
	struct due_queue queue = DUE_QUEUE_INIT;
	uint32_t seed = 1;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		struct due_lane *lane = &lanes[draw(&seed) % LANES], *best;
		const struct instant now = {draw(&seed) % 1000};
		struct due_answer answer;

		if (draw(&seed) % 4 == 0)
			due_queue_disarm(&queue, lane);
		else
			assert_int_equal(due_queue_arm(&queue, lane, (struct instant){draw(&seed) % 1000}), STATUS_OK);
		best = earliest(lanes);
		const struct instant wake = best ? best->wake : (struct instant){0};
		switch (due_queue_next(&queue, now, &answer)) {
		case DUE_NEVER:
			assert_null(best);
			break;
		case DUE_LATER:
			assert_true(best && answer.at.us == wake.us && now.us < wake.us);
			break;
		case DUE_NOW:
			assert_true(best && answer.lane->wake.us == wake.us && wake.us <= now.us);
			assert_false(answer.lane->armed);
		}
	}
	due_queue_free(&queue);
}

static void
an_empty_queue_never_wakes(void **state)
{
	struct due_queue queue = DUE_QUEUE_INIT;
	struct due_lane lane = {.armed = false};
	struct due_answer answer;

	(void)state;
	due_queue_disarm(&queue, &lane);
	assert_int_equal(due_queue_next(&queue, (struct instant){INT64_MAX}, &answer), DUE_NEVER);
	due_queue_free(&queue);
}

static void
instants_pass_inclusively(void **state)
{
	static const struct instant ahead[] = {{10}, {20}, {20}, {30}};
	struct due_lane lane = {.armed = false};

	(void)state;
	assert_true(due_lane_is_empty(&lane));
	due_lane_fill(&lane, ahead, 4);
	due_lane_pass(&lane, (struct instant){9});
	assert_int_equal(due_lane_first(&lane).us, 10);
	due_lane_pass(&lane, (struct instant){20});
	assert_int_equal(due_lane_first(&lane).us, 30);
	due_lane_pass(&lane, (struct instant){30});
	assert_true(due_lane_is_empty(&lane));
	due_lane_fill(&lane, ahead, 1);
	assert_int_equal(due_lane_first(&lane).us, 10);
}

static void
one_more_is_known_in_its_place(void **state)
{
	static struct due_lane lane;
	struct instant ahead[DUE_AHEAD_MAX];

	(void)state;
	due_lane_add(&lane, (struct instant){5});
	assert_int_equal(due_lane_first(&lane).us, 5);
	due_lane_add(&lane, (struct instant){3});
	due_lane_add(&lane, (struct instant){4});
	due_lane_pass(&lane, (struct instant){3});
	due_lane_add(&lane, (struct instant){4});
	for (int64_t expected = 4; expected <= 5; expected++) {
		assert_int_equal(due_lane_first(&lane).us, expected);
		due_lane_pass(&lane, (struct instant){expected});
	}
	assert_true(due_lane_is_empty(&lane));
	for (int i = 0; i < DUE_AHEAD_MAX; i++)
		ahead[i].us = 10 * i;
	due_lane_fill(&lane, ahead, DUE_AHEAD_MAX);
	due_lane_add(&lane, (struct instant){10 * DUE_AHEAD_MAX}); /* behind all that is known: no room */
	due_lane_add(&lane, (struct instant){15});
	due_lane_pass(&lane, (struct instant){14});
	assert_int_equal(due_lane_first(&lane).us, 15);
	due_lane_pass(&lane, ahead[DUE_AHEAD_MAX - 2]);
	assert_true(due_lane_is_empty(&lane));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_the_earliest_lane),
		cmocka_unit_test(an_empty_queue_never_wakes),
		cmocka_unit_test(instants_pass_inclusively),
		cmocka_unit_test(one_more_is_known_in_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
