/* Whoever switches overlays on, one or all of them, gets a rulebook that can be obeyed; and looking for conflicts stays cheap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/law_text.h"
#include "planner/core/conflict.h"

static void
print_conflict(void *context, const struct conflict *conflict)
{
	int *clashes = context;
	if (conflict->kind == CONFLICT_WINDOWS && conflict->rule_count == 1)
		return; /* a ban */
	print_error("%s", conflict_words(conflict->kind));
	for (size_t i = 0; i < conflict->rule_count; i++)
		print_error(" %s", conflict->rules[i]->id);
	print_error("\n");
	++*clashes;
}

static void
all_regimes_enforced_at_once_can_be_obeyed(void **state)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct parsed_law law;
	struct conflict_work work;
	struct err err = ERR_INIT;
	int clashes = 0;
	(void)state;
	assert_int_equal(law_texts_read(DAYPART_SOURCE_DIR "/conf/rulebook", DAYPART_SOURCE_DIR "/conf/calendars", &texts, &err), STATUS_OK);
	assert_int_equal(law_parse(&texts, NULL, NULL, &law, &err), STATUS_OK);
	for (size_t i = 0; i < law.rulebook->regime_count; i++)
		law.rulebook->regimes[i].status = REGIME_ENFORCED;
	assert_int_equal(rulebook_conflicts(law.rulebook, print_conflict, &clashes, &work, &err), STATUS_OK);
	assert_int_equal(clashes, 0);
	print_message("%zu laws of %zu rules, %zu judged\n", work.laws, work.rules, work.judged);
	assert_in_range(work.rules, law.rulebook->regime_count, 5000000);
	assert_in_range(work.judged, 1, 20000);
	parsed_law_free(&law);
	law_texts_free(&texts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_regimes_enforced_at_once_can_be_obeyed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
