/*
 * The algebra of merging, on random rulebooks: the order and the repetition of regimes and rules change nothing; what two rulebooks permit
 * together is what both permit; one more regime, rule, region or zone never enlarges what may be sent.
 */
#include "planner/core/cap.h"
#include "planner/core/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/random_law.h"

enum { CASES = 1500, REGIMES_MAX = 5, RULES_MAX = 4, EVENTS = 6, ZONES_MAX = 3 };

static const char *const all_regions[] = {"BR", "IN", "US", "US-NY", "US-TX"};

struct scene {
	struct regime regimes[REGIMES_MAX];
	struct rule rules[REGIMES_MAX][RULES_MAX];
	size_t regime_count;
	const char *regions[2];
	size_t region_count;
	const struct zone *zones[ZONES_MAX];
	size_t zone_count;
	struct cap_event events[EVENTS];
	struct interval span;
	struct calendar *calendar;
};

/* Everything the law says about one class. */
struct outcome {
	struct windows windows;
	struct interval_set blocked;
	struct consent_need need;
};

static void
randomise_rule(struct random_source *random, struct rule *rule, size_t regime, size_t number, struct instant middle)
{
	uint64_t kind = random_below(random, 3);
	if (kind == 0) {
		*rule = random_window_rule(random, middle);
	} else if (kind == 1) {
		*rule = random_cap_rule(random);
	} else {
		*rule = fixture_cap(CAP_ROLLING, 1, 0);
		rule->kind = RULE_CONSENT;
		rule->consent =
			(struct consent_rule){.required = random_chance(random, 50), .evidence = (uint32_t)random_below(random, 1u << EVIDENCE_COUNT)};
	}
	if (random_chance(random, 20))
		rule->categories = CATEGORY_BIT(CATEGORY_ANNOUNCEMENT);
	rule->strength = (enum strength)random_below(random, 3);
	snprintf(rule->id, sizeof(rule->id), "r%zu.%zu", regime, number);
}

static void
randomise_regime(struct random_source *random, struct scene *scene, size_t i, struct instant middle)
{
	struct regime *regime = &scene->regimes[i];
	snprintf(regime->id, sizeof(regime->id), "r%zu", i);
	regime->everywhere = random_chance(random, 30);
	strcpy(regime->regions[0], all_regions[random_below(random, 5)]);
	regime->region_count = 1;
	regime->status = random_chance(random, 85) ? REGIME_ENFORCED : REGIME_ADVISORY;
	regime->rules = scene->rules[i];
	regime->rule_count = random_below(random, RULES_MAX + 1);
	for (size_t j = 0; j < regime->rule_count; j++)
		randomise_rule(random, &regime->rules[j], i, j, middle);
}

static void
randomise_scene(struct random_source *random, struct scene *scene)
{
	*scene = (struct scene){.regime_count = 2 + random_below(random, REGIMES_MAX - 1), .zone_count = 1 + random_below(random, ZONES_MAX)};
	for (size_t i = 0; i < scene->zone_count; i++)
		scene->zones[i] = fixture_zone(random_zone_name(random));
	struct instant middle = random_minute(random, scene->zones[0]);
	scene->span = (struct interval){{middle.us - 4 * US_PER_DAY}, {middle.us + 4 * US_PER_DAY}};
	scene->region_count = 1 + random_below(random, 2);
	for (size_t i = 0; i < scene->region_count; i++)
		scene->regions[i] = all_regions[random_below(random, 5)];
	for (size_t i = 0; i < scene->regime_count; i++)
		randomise_regime(random, scene, i, middle);
	for (size_t i = 0; i < EVENTS; i++) {
		struct instant at = {middle.us + random_between(random, -5 * 1440, 5 * 1440) * US_PER_MINUTE};
		scene->events[i] = (struct cap_event){at, at, CATEGORY_BIT(CATEGORY_MARKETING), CHANNEL_BIT(CHANNEL_SMS)};
	}
	scene->calendar = random_calendar(random, middle);
}

static struct outcome
judge(const struct scene *scene, const struct regime *regimes, size_t regime_count, size_t region_count, size_t zone_count)
{
	struct regime copies[2 * REGIMES_MAX];
	memcpy(copies, regimes, regime_count * sizeof(*regimes));
	struct rulebook rulebook = {.regimes = copies, .regime_count = regime_count};
	struct class_facts facts = {.regions = scene->regions, .region_count = region_count, .channel = CHANNEL_SMS};
	const struct calendar *calendars[] = {scene->calendar};
	struct window_context context = {.zones = fixture_zone_set(), .calendars = calendars, .calendar_count = 1};
	struct outcome outcome = {.windows = WINDOWS_INIT, .blocked = INTERVAL_SET_INIT};
	struct err err = ERR_INIT;
	struct law law;
	assert_int_equal(law_merge(&rulebook, &facts, &law, &err), STATUS_OK);
	enum status status = window_expand(&law, scene->zones, zone_count, &context, scene->span, &outcome.windows, &err);
	assert_int_equal(status, STATUS_OK);
	status = cap_blocked(
		law.of[RULE_CAP].items, law.of[RULE_CAP].count, scene->events, EVENTS, scene->zones, zone_count, scene->span, &outcome.blocked);
	assert_int_equal(status, STATUS_OK);
	outcome.need = law_consent_need(&law, wall_date((struct wall){scene->span.from.us + 4 * US_PER_DAY}));
	law_free(&law);
	return outcome;
}

static struct outcome
judge_all(const struct scene *scene)
{
	return judge(scene, scene->regimes, scene->regime_count, scene->region_count, scene->zone_count);
}

static void
outcome_free(struct outcome *outcome)
{
	windows_free(&outcome->windows);
	interval_set_free(&outcome->blocked);
}

static void
assert_same(struct outcome a, struct outcome b)
{
	assert_true(interval_set_equal(&a.windows.open, &b.windows.open));
	assert_true(interval_set_equal(&a.windows.unknown, &b.windows.unknown));
	assert_true(interval_set_equal(&a.blocked, &b.blocked));
	assert_int_equal(a.need.required, b.need.required);
	assert_int_equal(a.need.evidence, b.need.evidence);
	outcome_free(&a);
	outcome_free(&b);
}

static bool
is_subset(const struct interval_set *inner, const struct interval_set *outer)
{
	struct interval_set rest = INTERVAL_SET_INIT;
	assert_int_equal(interval_set_subtract(inner, outer, &rest), STATUS_OK);
	size_t left = rest.count;
	interval_set_free(&rest);
	return left == 0;
}

static void
assert_tighter(struct outcome tight, struct outcome loose)
{
	assert_true(is_subset(&tight.windows.open, &loose.windows.open));
	assert_true(is_subset(&loose.blocked, &tight.blocked));
	assert_true(tight.need.required || !loose.need.required);
	assert_int_equal(loose.need.evidence & ~tight.need.evidence, 0);
	outcome_free(&tight);
	outcome_free(&loose);
}

static void
order_changes_nothing(const struct scene *scene, struct random_source *random)
{
	struct scene shuffled = *scene;
	for (size_t i = shuffled.regime_count - 1; i > 0; i--) {
		size_t j = random_below(random, i + 1);
		struct regime other = shuffled.regimes[i];
		shuffled.regimes[i] = shuffled.regimes[j];
		shuffled.regimes[j] = other;
	}
	static struct rule reversed[REGIMES_MAX][RULES_MAX];
	for (size_t i = 0; i < shuffled.regime_count; i++) {
		struct regime *regime = &shuffled.regimes[i];
		for (size_t j = 0; j < regime->rule_count; j++)
			reversed[i][j] = regime->rules[regime->rule_count - 1 - j];
		regime->rules = reversed[i];
	}
	assert_same(judge_all(scene), judge_all(&shuffled));
}

static void
repetition_changes_nothing(const struct scene *scene)
{
	struct regime twice[2 * REGIMES_MAX];
	memcpy(twice, scene->regimes, scene->regime_count * sizeof(*twice));
	memcpy(twice + scene->regime_count, scene->regimes, scene->regime_count * sizeof(*twice));
	assert_same(judge_all(scene), judge(scene, twice, 2 * scene->regime_count, scene->region_count, scene->zone_count));
}

static void
together_means_both(const struct scene *scene)
{
	size_t half = scene->regime_count / 2;
	struct outcome all = judge_all(scene);
	struct outcome first = judge(scene, scene->regimes, half, scene->region_count, scene->zone_count);
	struct outcome second = judge(scene, scene->regimes + half, scene->regime_count - half, scene->region_count, scene->zone_count);
	struct interval_set both = INTERVAL_SET_INIT;
	assert_int_equal(interval_set_intersect(&first.windows.open, &second.windows.open, &both), STATUS_OK);
	assert_true(interval_set_equal(&all.windows.open, &both));
	assert_int_equal(all.need.evidence, first.need.evidence | second.need.evidence);
	interval_set_free(&both);
	outcome_free(&all);
	outcome_free(&first);
	outcome_free(&second);
}

static void
more_never_enlarges(const struct scene *scene)
{
	size_t regimes = scene->regime_count, regions = scene->region_count, zones = scene->zone_count;
	assert_tighter(judge_all(scene), judge(scene, scene->regimes, regimes - 1, regions, zones));
	assert_tighter(judge_all(scene), judge(scene, scene->regimes, regimes, 1, zones));
	assert_tighter(judge_all(scene), judge(scene, scene->regimes, regimes, regions, 1));
	struct scene poorer = *scene;
	if (poorer.regimes[0].rule_count > 0)
		poorer.regimes[0].rule_count--;
	assert_tighter(judge_all(scene), judge_all(&poorer));
}

static void
merging_is_an_intersection(void **state)
{
	struct random_source random = random_start("merge_property");
	static struct scene scene;
	(void)state;
	for (int i = 0; i < CASES; i++) {
		randomise_scene(&random, &scene);
		order_changes_nothing(&scene, &random);
		repetition_changes_nothing(&scene);
		together_means_both(&scene);
		more_never_enlarges(&scene);
		calendar_free(&scene.calendar);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merging_is_an_intersection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
