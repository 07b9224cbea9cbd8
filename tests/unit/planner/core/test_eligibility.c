/* The order of the answers, and a holdout that is stable, monotone in its percentage and independent between campaigns. */
#include "planner/core/eligibility.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { IP = EVIDENCE_BIT(EVIDENCE_IP), TIME = EVIDENCE_BIT(EVIDENCE_TIME) };

static const struct {
	struct person_facts facts;
	struct consent_need need;
	enum reason expected;
} judgements[] = {
	{{.suppressed = false, .consent_granted = true, .evidence = IP | TIME}, {true, IP | TIME, {0}}, REASON_NONE},
	{{.suppressed = false, .consent_granted = false, .evidence = 0}, {false, 0, {0}}, REASON_NONE},
	{{.suppressed = false, .consent_granted = true, .evidence = IP}, {true, 0, {0}}, REASON_NONE},
	{{.suppressed = true, .consent_granted = true, .evidence = IP | TIME}, {true, IP | TIME, {0}}, REASON_OPTED_OUT},
	{{.suppressed = true, .consent_granted = false, .evidence = 0}, {true, IP, {0}}, REASON_OPTED_OUT},
	{{.suppressed = true, .consent_granted = false, .evidence = 0}, {false, 0, {0}}, REASON_OPTED_OUT},
	{{.suppressed = false, .consent_granted = false, .evidence = IP | TIME}, {true, IP, {0}}, REASON_NO_CONSENT},
	{{.suppressed = false, .consent_granted = false, .evidence = 0}, {true, IP, {0}}, REASON_NO_CONSENT},
	{{.suppressed = false, .consent_granted = true, .evidence = IP}, {true, IP | TIME, {0}}, REASON_EVIDENCE_INCOMPLETE},
	{{.suppressed = false, .consent_granted = true, .evidence = 0}, {false, IP, {0}}, REASON_EVIDENCE_INCOMPLETE},
};

static void
opt_out_before_consent_before_evidence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++)
		if (eligibility_judge(&judgements[i].facts, judgements[i].need) != judgements[i].expected)
			fail_msg("row %zu", i);
}

static void
holdout_takes_its_share(void **state)
{
	(void)state;
	int held = 0, both = 0;
	for (int64_t id = 0; id < 100000; id++) {
		bool first = eligibility_in_holdout(id, 1, 10), second = eligibility_in_holdout(id, 2, 10);
		held += first;
		both += first && second;
		assert_true(!first || eligibility_in_holdout(id, 1, 11));
	}
	assert_in_range(held, 9500, 10500);
	assert_in_range(both, 850, 1150);
}

/* Who is held out of a campaign tells nothing about who gets its other text. */
static void
a_split_is_a_sample_of_its_own(void **state)
{
	(void)state;
	int split = 0, both = 0, again = 0;
	for (int64_t id = 0; id < 100000; id++) {
		const bool other = eligibility_in_split(id, 1, 30);
		split += other;
		both += other && eligibility_in_holdout(id, 1, 10);
		again += other && eligibility_in_split(id, 2, 30);
		assert_true(!other || eligibility_in_split(id, 1, 31));
	}
	assert_in_range(split, 29400, 30600);
	assert_in_range(both, 2780, 3220);
	assert_in_range(again, 8640, 9360);
}

static void
holdout_of_nobody_and_of_everybody(void **state)
{
	(void)state;
	for (int64_t id = -1000; id < 1000; id++) {
		assert_false(eligibility_in_holdout(id, 7, 0));
		assert_true(eligibility_in_holdout(id, 7, 100));
		assert_false(eligibility_in_split(id, 7, 0));
		assert_true(eligibility_in_split(id, 7, 100));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opt_out_before_consent_before_evidence),
		cmocka_unit_test(holdout_takes_its_share),
		cmocka_unit_test(a_split_is_a_sample_of_its_own),
		cmocka_unit_test(holdout_of_nobody_and_of_everybody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
