/*
 * The algebra of merging, on random rulebooks of every kind of rule: whom a rule binds is what a slow oracle says; the order and the repetition of
 * regimes and rules change nothing; what two rulebooks permit together is what both permit; one more regime, rule, region, zone or emergency, one
 * fact less, one exception or waiver less never enlarges what may be sent.
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
#include "tests/support/random_rulebook.h"

enum { CASES = 4000, EVENTS = 6, ZONES_MAX = 3, REGIONS_MAX = 2, EMERGENCIES = 2, SENDS = 64, SPAN_DAYS = 8 };
enum { FACTS_MAX = RANDOM_WORDS + RANDOM_REGIMES_MAX * RANDOM_RULES_MAX, FACT_MAX = 64 };

struct scene {
	struct random_rulebook law;
	const char *regions[REGIONS_MAX];
	size_t region_count;
	enum truth words[RANDOM_WORDS];
	bool waived[RANDOM_REGIMES_MAX][RANDOM_RULES_MAX];
	enum category category;
	const struct zone *zones[ZONES_MAX];
	size_t zone_count;
	struct cap_event events[EVENTS];
	struct interval span;
	struct calendar *calendar;
	struct emergency emergencies[EMERGENCIES];
	size_t emergency_count;
	struct naive_send sends[SENDS];
};

/* Everything the law says about one class. */
struct outcome {
	struct windows windows;
	struct interval_set blocked;
	struct consent_need need;
	uint64_t permitted; /* a bit for each of the sends */
	uint64_t hash;
};

/* Facts of a class, with the texts they point to. */
struct fact_list {
	struct class_facts facts;
	const char *pointers[FACTS_MAX];
	char texts[FACTS_MAX][FACT_MAX];
};

static void
add_fact(struct fact_list *list, const char *prefix, const char *word)
{
	const size_t at = list->facts.fact_count++;
	snprintf(list->texts[at], FACT_MAX, "%s%s", prefix, word);
	list->pointers[at] = list->texts[at];
}

static void
list_facts(const struct scene *scene, struct fact_list *out)
{
	out->facts = (struct class_facts){.regions = scene->regions,
		.region_count = scene->region_count,
		.category = scene->category,
		.channel = CHANNEL_SMS,
		.facts = out->pointers};
	for (size_t i = 0; i < RANDOM_WORDS; i++)
		if (scene->words[i] != TRUTH_FALSE)
			add_fact(out, scene->words[i] == TRUTH_UNKNOWN ? "?" : "", random_words[i]);
	for (size_t i = 0; i < scene->law.book.regime_count && i < RANDOM_REGIMES_MAX; i++)
		for (size_t j = 0; j < scene->law.regimes[i].rule_count; j++)
			if (scene->waived[i][j])
				add_fact(out, "waived:", scene->law.regimes[i].rules[j].id);
}

static void
randomise_scene(struct random_source *random, struct scene *scene)
{
	*scene = (struct scene){.zone_count = 1 + random_below(random, ZONES_MAX),
		.region_count = 1 + random_below(random, REGIONS_MAX),
		.emergency_count = random_below(random, EMERGENCIES + 1)};
	for (size_t i = 0; i < scene->zone_count; i++)
		scene->zones[i] = fixture_zone(random_zone_name(random));
	const struct instant middle = random_minute(random, scene->zones[0]);
	scene->span = (struct interval){{middle.us - SPAN_DAYS / 2 * US_PER_DAY}, {middle.us + SPAN_DAYS / 2 * US_PER_DAY}};
	random_rulebook_fill(random, &scene->law, middle);
	scene->category = random_chance(random, 80) ? CATEGORY_MARKETING : (enum category)random_below(random, CATEGORY_COUNT);
	for (size_t i = 0; i < scene->region_count; i++)
		scene->regions[i] = random_regions[random_below(random, RANDOM_REGIONS)];
	for (size_t i = 0; i < RANDOM_WORDS; i++)
		scene->words[i] = (enum truth)random_below(random, 3);
	for (size_t i = 0; i < RANDOM_REGIMES_MAX; i++)
		for (size_t j = 0; j < RANDOM_RULES_MAX; j++)
			scene->waived[i][j] = random_chance(random, 20);
	for (size_t i = 0; i < EVENTS; i++) {
		const struct instant at = {middle.us + random_between(random, -5 * 1440, 5 * 1440) * US_PER_MINUTE};
		scene->events[i] =
			(struct cap_event){at, at, CATEGORY_BIT(CATEGORY_MARKETING), CHANNEL_BIT(CHANNEL_SMS), (uint32_t)random_below(random, 3)};
	}
	for (size_t i = 0; i < EMERGENCIES; i++)
		scene->emergencies[i] = random_emergency(random, middle);
	for (size_t i = 0; i < SENDS; i++)
		scene->sends[i] = random_send(random, wall_date((struct wall){middle.us}));
	scene->calendar = random_calendar(random, middle);
}

/* Judging --------------------------------------------------------------------------------------------------------------------------------- */

static bool
law_permits(const struct law *law, const struct naive_send *send)
{
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		for (size_t i = 0; i < law->of[kind].count; i++)
			if (!naive_terms_permit(law->of[kind].items[i], send))
				return false;
	return true;
}

static void
judge_times(const struct scene *scene, const struct law *law, struct outcome *out)
{
	const struct calendar *calendars[] = {scene->calendar};
	const struct window_context context = {.zones = fixture_zone_set(),
		.calendars = calendars,
		.calendar_count = 1,
		.emergencies = scene->emergencies,
		.emergency_count = scene->emergency_count};
	struct err err = ERR_INIT;
	assert_int_equal(window_expand(law, scene->zones, scene->zone_count, &context, scene->span, &out->windows, &err), STATUS_OK);
	const struct cap_scope scope = {scene->zones, scene->zone_count, calendars, 1, scene->span, CHANNEL_BIT(CHANNEL_WHATSAPP), 1};
	assert_int_equal(
		cap_blocked(law->of[RULE_CAP].items, law->of[RULE_CAP].count, scene->events, EVENTS, &scope, &out->blocked), STATUS_OK);
}

static struct outcome
judge(const struct scene *scene)
{
	struct fact_list list;
	struct outcome outcome = {.windows = WINDOWS_INIT, .blocked = INTERVAL_SET_INIT};
	struct err err = ERR_INIT;
	struct law law;
	list_facts(scene, &list);
	assert_int_equal(law_merge(&scene->law.book, &list.facts, &law, &err), STATUS_OK);
	judge_times(scene, &law, &outcome);
	for (size_t i = 0; i < SENDS; i++)
		outcome.permitted |= (uint64_t)law_permits(&law, &scene->sends[i]) << i;
	outcome.need = law_consent_need(&law, scene->sends[0].date);
	outcome.hash = law_terms_hash(&scene->law.book, &law);
	law_free(&law);
	return outcome;
}

static void
outcome_free(struct outcome *outcome)
{
	windows_free(&outcome->windows);
	interval_set_free(&outcome->blocked);
}

static bool
is_subset(const struct interval_set *inner, const struct interval_set *outer)
{
	struct interval_set rest = INTERVAL_SET_INIT;
	assert_int_equal(interval_set_subtract(inner, outer, &rest), STATUS_OK);
	const size_t left = rest.count;
	interval_set_free(&rest);
	return left == 0;
}

static bool
lasts_no_longer(struct duration a, struct duration b)
{
	return b.us == 0 || (a.us > 0 && a.us <= b.us);
}

static void
assert_tighter(const struct scene *tight_scene, const struct scene *loose_scene)
{
	struct outcome tight = judge(tight_scene), loose = judge(loose_scene);
	assert_true(is_subset(&tight.windows.open, &loose.windows.open));
	assert_true(is_subset(&loose.blocked, &tight.blocked));
	assert_true(tight.need.required || !loose.need.required);
	assert_int_equal(loose.need.evidence & ~tight.need.evidence, 0);
	assert_true(lasts_no_longer(tight.need.good_for, loose.need.good_for));
	assert_int_equal(tight.permitted & ~loose.permitted, 0);
	outcome_free(&tight);
	outcome_free(&loose);
}

static void
assert_same(const struct scene *one, const struct scene *other, bool same_hash)
{
	struct outcome a = judge(one), b = judge(other);
	assert_true(interval_set_equal(&a.windows.open, &b.windows.open));
	assert_true(interval_set_equal(&a.windows.unknown, &b.windows.unknown));
	assert_true(interval_set_equal(&a.blocked, &b.blocked));
	assert_memory_equal(&a.need, &b.need, sizeof(a.need));
	assert_int_equal(a.permitted, b.permitted);
	assert_true(!same_hash || a.hash == b.hash);
	outcome_free(&a);
	outcome_free(&b);
}

/* Another scene to change; one at a time. */
static struct scene *
variant(const struct scene *scene)
{
	static struct scene copy;
	copy = *scene;
	random_rulebook_copy(&copy.law, &scene->law);
	return &copy;
}

/* The properties -------------------------------------------------------------------------------------------------------------------------- */

static bool
law_holds(const struct law *law, const struct rule *rule)
{
	for (size_t i = 0; i < law->of[rule->kind].count; i++)
		if (law->of[rule->kind].items[i] == rule)
			return true;
	return false;
}

static void
the_oracle_agrees(const struct scene *scene)
{
	struct fact_list list;
	struct err err = ERR_INIT;
	struct law law;
	size_t bound = 0, held = 0;
	list_facts(scene, &list);
	assert_int_equal(law_merge(&scene->law.book, &list.facts, &law, &err), STATUS_OK);
	for (size_t i = 0; i < scene->law.book.regime_count; i++)
		for (size_t j = 0; j < scene->law.regimes[i].rule_count; j++) {
			const struct rule *rule = &scene->law.regimes[i].rules[j];
			const bool binds = naive_rule_binds(&scene->law.book, &scene->law.regimes[i], rule, &list.facts);
			assert_int_equal(law_holds(&law, rule), binds);
			bound += binds;
		}
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		held += law.of[kind].count;
	assert_int_equal(held, bound);
	for (size_t i = 0; i < SENDS; i++) {
		const struct naive_send *send = &scene->sends[i];
		const struct consent_need need = law_consent_need(&law, send->date);
		const bool met = (send->consented || !need.required) && (need.evidence & ~send->evidence) == 0 &&
			(need.good_for.us == 0 || send->consent_age.us < need.good_for.us);
		bool permitted = true;
		for (size_t j = 0; j < law.of[RULE_CONSENT].count; j++)
			permitted &= naive_terms_permit(law.of[RULE_CONSENT].items[j], send);
		assert_int_equal(met, permitted);
	}
	law_free(&law);
}

static void
order_changes_nothing(const struct scene *scene, struct random_source *random)
{
	struct scene *shuffled = variant(scene);
	for (size_t i = shuffled->law.book.regime_count - 1; i > 0; i--) {
		const size_t j = random_below(random, i + 1);
		const struct regime other = shuffled->law.regimes[i];
		shuffled->law.regimes[i] = shuffled->law.regimes[j];
		shuffled->law.regimes[j] = other;
	}
	for (size_t i = 0; i < shuffled->law.book.regime_count; i++) {
		struct regime *regime = &shuffled->law.regimes[i];
		for (size_t j = 0; j < regime->rule_count / 2; j++) {
			const struct rule other = regime->rules[j];
			regime->rules[j] = regime->rules[regime->rule_count - 1 - j];
			regime->rules[regime->rule_count - 1 - j] = other;
		}
	}
	memset(shuffled->waived, 0, sizeof(shuffled->waived)); /* they go by place, so nobody waives in either */
	static struct scene strict;
	strict = *scene;
	random_rulebook_copy(&strict.law, &scene->law);
	memset(strict.waived, 0, sizeof(strict.waived));
	assert_same(&strict, shuffled, true);
}

static void
repetition_changes_nothing(const struct scene *scene)
{
	struct scene *twice = variant(scene);
	const size_t count = twice->law.book.regime_count;
	memcpy(twice->law.regimes + count, twice->law.regimes, count * sizeof(*twice->law.regimes));
	twice->law.book.regime_count = 2 * count;
	for (size_t i = count; i < RANDOM_REGIMES_MAX; i++)
		memset(twice->waived[i], 0, sizeof(twice->waived[i]));
	assert_same(scene, twice, false);
}

static void
together_means_both(const struct scene *scene)
{
	static struct scene second;
	struct scene *first = variant(scene);
	const size_t half = scene->law.book.regime_count / 2;
	second = *scene;
	random_rulebook_copy(&second.law, &scene->law);
	for (size_t i = 0; i < scene->law.book.regime_count; i++)
		(i < half ? &second : first)->law.regimes[i].rule_count = 0;
	struct outcome all = judge(scene), a = judge(first), b = judge(&second);
	struct interval_set both = INTERVAL_SET_INIT;
	assert_int_equal(interval_set_intersect(&a.windows.open, &b.windows.open, &both), STATUS_OK);
	assert_true(interval_set_equal(&all.windows.open, &both));
	assert_int_equal(all.need.evidence, a.need.evidence | b.need.evidence);
	assert_int_equal(all.permitted, a.permitted & b.permitted);
	interval_set_free(&both);
	outcome_free(&all);
	outcome_free(&a);
	outcome_free(&b);
}

/* Each changes the scene so that less is permitted, or more. */
static void
have_fewer_rules(struct scene *loose, struct random_source *random)
{
	struct regime *regime = &loose->law.regimes[random_below(random, loose->law.book.regime_count)];
	regime->rule_count -= regime->rule_count > 0;
}

static void
have_fewer_regimes(struct scene *loose, struct random_source *random)
{
	(void)random;
	loose->law.book.regime_count--;
}

static void
be_in_fewer_places(struct scene *loose, struct random_source *random)
{
	(void)random;
	loose->region_count = 1;
}

static void
be_in_one_zone(struct scene *loose, struct random_source *random)
{
	(void)random;
	loose->zone_count = 1;
}

static void
have_no_emergency(struct scene *loose, struct random_source *random)
{
	(void)random;
	loose->emergency_count = 0;
}

static void
be_known_by_country_only(struct scene *tight, struct random_source *random)
{
	(void)random;
	for (size_t i = 0; i < tight->region_count; i++)
		if (strncmp(tight->regions[i], "US-", 3) == 0)
			tight->regions[i] = "US";
}

static void
know_less(struct scene *tight, struct random_source *random)
{
	tight->words[random_below(random, RANDOM_WORDS)] = TRUTH_UNKNOWN;
}

static void
lose_exceptions(struct scene *tight, struct random_source *random)
{
	for (size_t i = 0; i < tight->law.book.regime_count; i++)
		for (size_t j = 0; j < tight->law.regimes[i].rule_count; j++) {
			struct rule *rule = &tight->law.regimes[i].rules[j];
			if (rule->exception_count > 0 && random_chance(random, 50))
				rule->exceptions[0].on = false;
			rule->exception_count -= rule->exception_count > 0 && random_chance(random, 50);
		}
}

static void
lose_waivers(struct scene *tight, struct random_source *random)
{
	for (size_t i = 0; i < tight->law.book.regime_count; i++)
		for (size_t j = 0; j < tight->law.regimes[i].rule_count; j++) {
			tight->waived[i][j] &= random_chance(random, 50);
			tight->law.regimes[i].rules[j].waivable &= random_chance(random, 50);
		}
}

static void
choose_options_and_policies(struct scene *tight, struct random_source *random)
{
	if (random_chance(random, 50))
		tight->law.book.should = SHOULD_BLOCK;
	for (size_t i = 0; i < tight->law.book.regime_count; i++) {
		if (random_chance(random, 50))
			tight->law.regimes[i].status = REGIME_ENFORCED;
		for (size_t j = 0; j < tight->law.regimes[i].rule_count; j++)
			tight->law.regimes[i].rules[j].off &= random_chance(random, 50);
	}
}

static const struct {
	void (*change)(struct scene *scene, struct random_source *random);
	bool tightens;
} changes[] = {
	{have_fewer_rules, false},
	{have_fewer_regimes, false},
	{be_in_fewer_places, false},
	{be_in_one_zone, false},
	{have_no_emergency, false},
	{be_known_by_country_only, true},
	{know_less, true},
	{lose_exceptions, true},
	{lose_waivers, true},
	{choose_options_and_policies, true},
};

static void
more_law_never_enlarges(const struct scene *scene, struct random_source *random)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct scene *changed = variant(scene);
		changes[i].change(changed, random);
		assert_tighter(changes[i].tightens ? changed : scene, changes[i].tightens ? scene : changed);
	}
}

static void
merging_is_an_intersection(void **state)
{
	struct random_source random = random_start("merge_property");
	static struct scene scene;
	const int cases = random_rounds(CASES);
	int permitted = 0;
	(void)state;
	for (int i = 0; i < cases; i++) {
		randomise_scene(&random, &scene);
		the_oracle_agrees(&scene);
		order_changes_nothing(&scene, &random);
		repetition_changes_nothing(&scene);
		together_means_both(&scene);
		more_law_never_enlarges(&scene, &random);
		struct outcome outcome = judge(&scene);
		permitted += __builtin_popcountll(outcome.permitted);
		outcome_free(&outcome);
		calendar_free(&scene.calendar);
		random_rulebook_clear(&scene.law);
	}
	printf("%d of %d sends are permitted\n", permitted, cases * SENDS);
	assert_in_range(permitted, cases * SENDS / 50, cases * SENDS * 49 / 50); /* else the sends prove nothing */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merging_is_an_intersection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
