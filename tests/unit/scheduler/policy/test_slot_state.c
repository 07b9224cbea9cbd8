/*
 * Every cell of a message's table, by the diagram of the README, and what must hold of any such table: what is final stays, only what says that the
 * provider has it hands over, and what nobody knows is known by somebody in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scheduler/policy/slot_state.h"
#include "tests/support/temp.h"

static char *
draw(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	slot_write_diagram(out);
	fclose(out);
	return text;
}

static void
the_readme_shows_the_table(void **state)
{
	char *readme = file_read(DAYPART_SOURCE_DIR "/README.md", NULL), *drawn = draw();

	(void)state;
	if (strstr(readme, drawn) == NULL)
		fail_msg("README.md does not hold this diagram:\n%s", drawn);
	free(readme);
	free(drawn);
}

static void
what_is_final_stays(void **state)
{
	(void)state;
	for (enum slot_state from = SLOT_HANDED_OVER; from <= SLOT_FAILED; from++)
		for (enum slot_event event = 0; event < SLOT_EVENT_COUNT; event++)
			assert_int_equal(slot_step(from, event), from);
}

/* Handed over means that a sink took it: nothing else leads there, and a sink's word always does, also when it comes late. */
static void
only_a_sink_or_a_person_hands_over(void **state)
{
	(void)state;
	for (enum slot_state from = 0; from < SLOT_STATE_COUNT; from++)
		for (enum slot_event event = 0; event < SLOT_EVENT_COUNT; event++)
			if (from != SLOT_HANDED_OVER && slot_step(from, event) == SLOT_HANDED_OVER)
				assert_true(event == SLOT_HAND_OVER || event == SLOT_ACCEPT || event == SLOT_SETTLE_SENT);
	assert_int_equal(slot_step(SLOT_IN_FLIGHT, SLOT_ACCEPT), SLOT_HANDED_OVER);
	assert_int_equal(slot_step(SLOT_UNCERTAIN, SLOT_ACCEPT), SLOT_HANDED_OVER);
}

/* A person decides what is uncertain and nothing else; planning brings back only what is held. */
static void
what_is_uncertain_is_never_sent_again_blindly(void **state)
{
	(void)state;
	for (enum slot_state from = 0; from < SLOT_STATE_COUNT; from++) {
		if (from != SLOT_UNCERTAIN) {
			assert_int_equal(slot_step(from, SLOT_SETTLE_SENT), from);
			assert_int_equal(slot_step(from, SLOT_SETTLE_NOT_SENT), from);
		}
		if (from != SLOT_HELD)
			assert_int_equal(slot_step(from, SLOT_PLAN), from);
	}
	assert_int_equal(slot_step(SLOT_UNCERTAIN, SLOT_CLAIM), SLOT_UNCERTAIN);
	assert_int_equal(slot_step(SLOT_UNCERTAIN, SLOT_SETTLE_NOT_SENT), SLOT_HELD);
	assert_int_equal(slot_step(SLOT_IN_FLIGHT, SLOT_LOSE), SLOT_UNCERTAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_readme_shows_the_table),
		cmocka_unit_test(what_is_final_stays),
		cmocka_unit_test(only_a_sink_or_a_person_hands_over),
		cmocka_unit_test(what_is_uncertain_is_never_sent_again_blindly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
