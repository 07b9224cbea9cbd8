/*
 * rulebook_conflicts, declared in conflict.h.
 *
 * Places: every region that a regime or a condition names, and nowhere, where only the regimes bind that hold everywhere. A place has the regimes
 * whose regions contain it. Not those of its parts: that a person known to be somewhere in the United States is bound by all states at once is a
 * matter of that person. Places with the same regimes and the same truth of conditions about places are looked at once. In each, every category and
 * channel, with no fact and with each single fact that a condition there asks about, gives a law; dates are those on which one of its rules
 * begins, because more rules only add conflicts and the last of several to begin makes them meet. Equal sets of rules are judged once.
 */
#include "conflict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "mix.h"

enum { FACTS_MAX = 3 };

/* Sets of numbers that have been met. */
struct met {
	uint64_t *items;
	size_t count, room;
};

struct text_set {
	const char **items;
	size_t count, room;
};

struct place_search {
	const struct rulebook *whole;
	struct rulebook part; /* the regimes that hold in the place */
	const char *region;   /* NULL: nowhere */
	const char *facts[FACTS_MAX];
	char number[2][RULE_ID_MAX]; /* "number:US-TX", "number:US" */
	size_t number_count;
	struct met places, laws, told;
	conflict_fn *on_conflict;
	void *context;
	struct conflict_work *work;
	bool no_memory;
};

/* Sorted, so that asking is quick; there are some hundred. Returns whether it was met for the first time. */
static bool
meet(struct place_search *search, struct met *met, uint64_t number)
{
	size_t low = 0, high = met->count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (met->items[middle] == number)
			return false;
		if (met->items[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	uint64_t *items = grow(met->items, met->count, &met->room, sizeof(*items));
	if (!items) {
		search->no_memory = true;
		return false;
	}
	memmove(&items[low + 1], &items[low], (met->count - low) * sizeof(*items));
	items[low] = number;
	met->items = items;
	met->count++;
	return true;
}

static void
text_set_add(struct place_search *search, struct text_set *set, const char *text)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->items[i], text) == 0)
			return;
	const char **items = grow(set->items, set->count, &set->room, sizeof(*items));
	if (!items) {
		search->no_memory = true;
		return;
	}
	set->items = items;
	items[set->count++] = text;
}

/* Words of conditions --------------------------------------------------------------------------------------------------------------------- */

typedef void word_visit_fn(struct place_search *search, const char *word, void *context);

static void
visit_predicate(struct place_search *search, const struct predicate *predicate, word_visit_fn *visit, void *context)
{
	for (size_t i = 0; i < predicate_word_count(predicate); i++)
		visit(search, predicate_word(predicate, i), context);
}

static void
visit_words(struct place_search *search, const struct rulebook *rulebook, word_visit_fn *visit, void *context)
{
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			visit_predicate(search, rule->when, visit, context);
			for (size_t k = 0; k < rule->exception_count; k++)
				visit_predicate(search, rule->exceptions[k].condition, visit, context);
		}
}

static bool
is_about_place(const char *word)
{
	return strncmp(word, "region:", 7) == 0 || strncmp(word, "number:", 7) == 0;
}

static void
take_region(struct place_search *search, const char *word, void *regions)
{
	if (is_about_place(word))
		text_set_add(search, regions, word + 7);
}

static void
take_fact(struct place_search *search, const char *word, void *facts)
{
	if (strncmp(word, "region:", 7) != 0)
		text_set_add(search, facts, word);
}

/* Laws ------------------------------------------------------------------------------------------------------------------------------------ */

static bool
can_conflict(enum rule_kind kind)
{
	return kind == RULE_WINDOW || kind == RULE_CONTENT || kind == RULE_OPT_OUT || kind == RULE_RETENTION;
}

static void
tell_once(void *context, const struct conflict *conflict)
{
	struct place_search *search = context;
	uint64_t hash = mix64((uint64_t)conflict->kind + 1);
	for (size_t i = 0; i < conflict->rule_count; i++)
		hash = mix64(hash ^ (uint64_t)(uintptr_t)conflict->rules[i]);
	if (meet(search, &search->told, hash))
		search->on_conflict(search->context, conflict);
}

static void
judge_date(struct place_search *search, const struct law *law, struct date date)
{
	uint64_t hash = 1;
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		for (size_t i = 0; can_conflict((enum rule_kind)kind) && i < law->of[kind].count; i++)
			if (rule_is_dated(law->of[kind].items[i], date))
				hash = mix64(hash ^ (uint64_t)(uintptr_t)law->of[kind].items[i]);
	if (!meet(search, &search->laws, hash))
		return;
	search->work->judged++;
	search->no_memory |= law_conflicts(law, date, tell_once, search) != STATUS_OK;
}

static void
judge_law(struct place_search *search, const struct law *law)
{
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		for (size_t i = 0; can_conflict((enum rule_kind)kind) && i < law->of[kind].count; i++)
			judge_date(search, law, law->of[kind].items[i]->from);
}

static void
judge_class(struct place_search *search, enum category category, enum channel channel, const char *fact)
{
	struct class_facts facts = {.regions = &search->region,
		.region_count = 1,
		.category = category,
		.channel = channel,
		.facts = search->facts,
		.fact_count = search->number_count};
	struct err err = ERR_INIT;
	struct law law;
	if (fact != NULL)
		search->facts[facts.fact_count++] = fact;
	search->work->laws++;
	for (size_t i = 0; i < search->part.regime_count; i++)
		search->work->rules += search->part.regimes[i].rule_count;
	if (law_merge(&search->part, &facts, &law, &err) != STATUS_OK) {
		search->no_memory = true;
		return;
	}
	judge_law(search, &law);
	law_free(&law);
}

/* Places ---------------------------------------------------------------------------------------------------------------------------------- */

/* "US" holds "US-TX". */
static bool
holds_in(const struct regime *regime, const char *region)
{
	for (size_t i = 0; i < regime->region_count; i++) {
		const size_t length = strlen(regime->regions[i]);
		if (strncmp(regime->regions[i], region, length) == 0 && (region[length] == '\0' || region[length] == '-'))
			return true;
	}
	return regime->everywhere;
}

/* Lives and moves there: the number is one of the place, too. */
static void
enter(struct place_search *search, const char *region)
{
	search->region = region;
	search->number_count = 0;
	search->part.regime_count = 0;
	for (size_t i = 0; i < search->whole->regime_count; i++)
		if (search->whole->regimes[i].status == REGIME_ENFORCED && holds_in(&search->whole->regimes[i], region))
			search->part.regimes[search->part.regime_count++] = search->whole->regimes[i];
	if (*region == '\0')
		return;
	snprintf(search->number[0], sizeof(search->number[0]), "number:%s", region);
	snprintf(search->number[1], sizeof(search->number[1]), "number:%.*s", (int)strcspn(region, "-"), region);
	search->number_count = strcmp(search->number[0], search->number[1]) == 0 ? 1 : 2;
	for (size_t i = 0; i < search->number_count; i++)
		search->facts[i] = search->number[i];
}

static void
hash_place_word(struct place_search *search, const char *word, void *hash)
{
	const struct class_facts facts = {
		.regions = &search->region, .region_count = search->region != NULL, .facts = search->facts, .fact_count = search->number_count};
	if (is_about_place(word))
		*(uint64_t *)hash = mix64(*(uint64_t *)hash ^ (uint64_t)class_truth(&facts, word));
}

static uint64_t
hash_place(struct place_search *search)
{
	uint64_t hash = 1;
	for (size_t i = 0; i < search->part.regime_count; i++)
		hash = mix64(hash ^ (uint64_t)(uintptr_t)search->part.regimes[i].rules);
	visit_words(search, &search->part, hash_place_word, &hash);
	return hash;
}

static void
judge_place(struct place_search *search, const char *region)
{
	struct text_set facts = {.items = NULL};
	enter(search, region);
	if (!meet(search, &search->places, hash_place(search)))
		return;
	visit_words(search, &search->part, take_fact, &facts);
	for (int category = 0; category < CATEGORY_COUNT; category++)
		for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
			judge_class(search, (enum category)category, (enum channel)channel, NULL);
			for (size_t i = 0; i < facts.count; i++)
				judge_class(search, (enum category)category, (enum channel)channel, facts.items[i]);
		}
	free(facts.items);
}

enum status
rulebook_conflicts(
	const struct rulebook *rulebook, conflict_fn *on_conflict, void *context, struct conflict_work *out_work, struct err *err)
{
	struct place_search search = {.whole = rulebook, .part = *rulebook, .on_conflict = on_conflict, .context = context, .work = out_work};
	struct text_set regions = {.items = NULL};
	*out_work = (struct conflict_work){0};
	search.part.regimes = calloc(rulebook->regime_count + 1, sizeof(*search.part.regimes));
	search.no_memory = search.part.regimes == NULL;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].region_count; j++)
			text_set_add(&search, &regions, rulebook->regimes[i].regions[j]);
	visit_words(&search, rulebook, take_region, &regions);
	if (!search.no_memory)
		judge_place(&search, "");
	for (size_t i = 0; i < regions.count && !search.no_memory; i++)
		judge_place(&search, regions.items[i]);
	free(search.places.items);
	free(search.laws.items);
	free(search.told.items);
	free(search.part.regimes);
	free(regions.items);
	return search.no_memory ? err_set(err, STATUS_NO_MEMORY, "no memory to compare the rules") : STATUS_OK;
}
