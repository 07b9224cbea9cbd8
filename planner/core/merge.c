/*
 * One pass over the rulebook collects the rules that apply into one array a kind; each is then sorted by id. A rulebook has some hundred rules and a
 * plan some hundred classes, so nothing is indexed.
 *
 * There is no operator that combines two rules into a third: all are kept and all must hold. So the algebra of the header needs no proof for
 * each kind; conjunction of windows (intersection), of caps (union of what they block) and of needs (union, the shortest) has it by nature.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "mix.h"

/* Truth of words -------------------------------------------------------------------------------------------------------------------------- */

/* Whether the place lies in `region`: a person known only as "US" may be in "US-TX". */
static enum truth
lies_in(const char *place, const char *region)
{
	const size_t length = strlen(region), place_length = strlen(place);
	if (strncmp(place, region, length) == 0 && (place[length] == '\0' || place[length] == '-'))
		return TRUTH_TRUE;
	return strncmp(region, place, place_length) == 0 && region[place_length] == '-' ? TRUTH_UNKNOWN : TRUTH_FALSE;
}

/* True when all candidates lie there, false when none can. */
static enum truth
region_truth(const struct class_facts *facts, const char *region)
{
	enum truth least = TRUTH_TRUE, most = TRUTH_FALSE;
	for (size_t i = 0; i < facts->region_count; i++) {
		const enum truth truth = lies_in(facts->regions[i], region);
		least = truth < least ? truth : least;
		most = truth > most ? truth : most;
	}
	return least == most ? least : TRUTH_UNKNOWN;
}

enum truth
class_truth(const void *class_facts, const char *word)
{
	const struct class_facts *facts = class_facts;
	if (strncmp(word, "region:", 7) == 0)
		return region_truth(facts, word + 7);
	for (size_t i = 0; i < facts->fact_count; i++) {
		const bool unknown = facts->facts[i][0] == '?';
		if (strcmp(facts->facts[i] + unknown, word) == 0)
			return unknown ? TRUTH_UNKNOWN : TRUTH_TRUE;
	}
	return strncmp(word, "consent:", 8) == 0 ? TRUTH_UNKNOWN : TRUTH_FALSE;
}

static bool
is_waived(const struct rule *rule, const struct class_facts *facts)
{
	for (size_t i = 0; rule->waivable && i < facts->fact_count; i++)
		if (strncmp(facts->facts[i], "waived:", 7) == 0 && strcmp(facts->facts[i] + 7, rule->id) == 0)
			return true;
	return false;
}

static bool
is_excepted(const struct rule *rule, const struct class_facts *facts)
{
	for (size_t i = 0; i < rule->exception_count; i++)
		if (rule->exceptions[i].on && predicate_judge(rule->exceptions[i].condition, class_truth, facts) == TRUTH_TRUE)
			return true;
	return false;
}

/* Collecting ------------------------------------------------------------------------------------------------------------------------------ */

static bool
regime_applies(const struct regime *regime, const struct class_facts *facts)
{
	for (size_t i = 0; i < facts->region_count; i++)
		if (regime_covers(regime, facts->regions[i]))
			return true;
	return regime->everywhere;
}

static bool
rule_applies(const struct rule *rule, const struct class_facts *facts)
{
	/* C31, F7: the answer to a STOP at 23:00 keeps its deadline, whatever a rule file says. */
	if ((rule->kind == RULE_WINDOW || rule->kind == RULE_CAP) && facts->category == CATEGORY_OPT_OUT_CONFIRMATION)
		return false;
	return !rule->off && (rule->categories & CATEGORY_BIT(facts->category)) && (rule->channels & CHANNEL_BIT(facts->channel)) &&
		predicate_judge(rule->when, class_truth, facts) != TRUTH_FALSE && !is_excepted(rule, facts) && !is_waived(rule, facts);
}

static int
compare_rules(const void *a, const void *b)
{
	return strcmp((*(const struct rule *const *)a)->id, (*(const struct rule *const *)b)->id);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status
law_allocate(struct law *law, const struct rulebook *rulebook)
{
	size_t counts[RULE_KIND_COUNT] = {0}, all = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++, all++)
			counts[rulebook->regimes[i].rules[j].kind]++;
	bool enough = true;
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		enough = (law->of[kind].items = calloc(counts[kind] + 1, sizeof(*law->of[kind].items))) && enough;
	law->advice.items = calloc(all + 1, sizeof(*law->advice.items));
	law->regimes = calloc(rulebook->regime_count + 1, REGIME_ID_MAX + 1);
	return enough && law->advice.items && law->regimes ? STATUS_OK : STATUS_NO_MEMORY;
}

static void
join_ids(const char **ids, size_t count, char *out)
{
	qsort(ids, count, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			strcat(out, " ");
		strcat(out, ids[i]);
	}
}

static void
list_add(struct rule_list *list, const struct rule *rule)
{
	list->items[list->count++] = rule;
}

static void
law_take(struct law *law, const struct rulebook *rulebook, const struct regime *regime, const struct class_facts *facts)
{
	for (size_t i = 0; i < regime->rule_count; i++) {
		const struct rule *rule = &regime->rules[i];
		if (!rule_applies(rule, facts))
			continue;
		if (rule_binds(rulebook, regime, rule))
			list_add(&law->of[rule->kind], rule);
		else if (rule_advises(rulebook, regime, rule))
			list_add(&law->advice, rule);
	}
}

static void
law_sort(struct law *law)
{
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		qsort(law->of[kind].items, law->of[kind].count, sizeof(*law->of[kind].items), compare_rules);
	qsort(law->advice.items, law->advice.count, sizeof(*law->advice.items), compare_rules);
}

enum status
law_merge(const struct rulebook *rulebook, const struct class_facts *facts, struct law *out, struct err *err)
{
	*out = (struct law)LAW_INIT;
	const char **ids = calloc(rulebook->regime_count + 1, sizeof(*ids));
	size_t id_count = 0;
	if (!ids || law_allocate(out, rulebook) != STATUS_OK) {
		free(ids);
		law_free(out);
		return err_set(err, STATUS_NO_MEMORY, "no memory for the law of a class");
	}
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		if (!regime_applies(regime, facts))
			continue;
		if (regime->status == REGIME_ENFORCED)
			ids[id_count++] = regime->id;
		law_take(out, rulebook, regime, facts);
	}
	join_ids(ids, id_count, out->regimes);
	free(ids);
	law_sort(out);
	return STATUS_OK;
}

void
law_free(struct law *law)
{
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		free(law->of[kind].items);
	free(law->advice.items);
	free(law->regimes);
	*law = (struct law)LAW_INIT;
}

/* Asking the law -------------------------------------------------------------------------------------------------------------------------- */

bool
rule_is_dated(const struct rule *rule, struct date date)
{
	return date.days >= rule->from.days && date.days < rule->until.days;
}

struct consent_need
law_consent_need(const struct law *law, struct date date)
{
	struct consent_need need = {0};
	for (size_t i = 0; i < law->of[RULE_CONSENT].count; i++) {
		const struct rule *rule = law->of[RULE_CONSENT].items[i];
		if (!rule_is_dated(rule, date))
			continue;
		need.required |= rule->consent.required;
		need.evidence |= rule->consent.evidence;
		if (rule->consent.good_for.us > 0 && (need.good_for.us == 0 || rule->consent.good_for.us < need.good_for.us))
			need.good_for = rule->consent.good_for;
	}
	return need;
}

const struct rule *
law_consent_rule(const struct law *law, struct date date, uint32_t missing)
{
	for (size_t i = 0; i < law->of[RULE_CONSENT].count; i++) {
		const struct rule *rule = law->of[RULE_CONSENT].items[i];
		if (rule_is_dated(rule, date) && (missing == 0 ? rule->consent.required : (rule->consent.evidence & missing) != 0))
			return rule;
	}
	return NULL;
}

/* Words ----------------------------------------------------------------------------------------------------------------------------------- */

struct word_list {
	const char **items;
	size_t count, room;
};

static enum status
add_words(struct word_list *list, const struct predicate *predicate)
{
	for (size_t i = 0; i < predicate_word_count(predicate); i++) {
		const char *word = predicate_word(predicate, i);
		if (strncmp(word, "region:", 7) == 0)
			continue;
		const char **items = grow(list->items, list->count, &list->room, sizeof(*items));
		if (!items)
			return STATUS_NO_MEMORY;
		list->items = items;
		items[list->count++] = word;
	}
	return STATUS_OK;
}

static enum status
add_rule_words(struct word_list *list, const struct rule *rule)
{
	enum status status = add_words(list, rule->when);
	for (size_t i = 0; i < rule->exception_count && status == STATUS_OK; i++)
		if (rule->exceptions[i].on)
			status = add_words(list, rule->exceptions[i].condition);
	return status;
}

static void
make_distinct(struct word_list *list)
{
	size_t kept = 0;
	qsort(list->items, list->count, sizeof(*list->items), compare_ids);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 || strcmp(list->items[kept - 1], list->items[i]) != 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

enum status
rulebook_words(const struct rulebook *rulebook, const char ***out, size_t *out_count)
{
	struct word_list list = {.items = NULL};
	enum status status = STATUS_OK;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; rulebook->regimes[i].status == REGIME_ENFORCED && j < rulebook->regimes[i].rule_count && status == STATUS_OK;
			 j++)
			if (!rulebook->regimes[i].rules[j].off)
				status = add_rule_words(&list, &rulebook->regimes[i].rules[j]);
	if (status != STATUS_OK) {
		free(list.items);
		return status;
	}
	if (list.count > 0)
		make_distinct(&list);
	*out = list.items;
	*out_count = list.count;
	return STATUS_OK;
}

/* Not hash_text(): another hash of the same words would make every stored message wait for a plan. */
static uint64_t
mix_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = mix64(hash ^ (unsigned char)*text);
	return mix64(~hash);
}

static uint64_t
words_hash(const struct rulebook *rulebook)
{
	const char **words = NULL;
	size_t count = 0;
	uint64_t hash = 0;
	if (rulebook_words(rulebook, &words, &count) != STATUS_OK)
		return UINT64_MAX; /* like no other: the message waits */
	for (size_t i = 0; i < count; i++)
		hash = mix_text(hash, words[i]);
	free(words);
	return hash;
}

/* What the gate judges itself is none, nor what forbids nothing. */
static bool
is_term(enum rule_kind kind)
{
	return kind != RULE_WINDOW && kind != RULE_CONSENT && kind != RULE_PREFERENCE && kind != RULE_BREAKER && kind != RULE_NOTE;
}

uint64_t
law_terms_hash(const struct rulebook *rulebook, const struct law *law)
{
	uint64_t hash = words_hash(rulebook);
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		for (size_t i = 0; is_term((enum rule_kind)kind) && i < law->of[kind].count; i++)
			hash = mix64(hash ^ law->of[kind].items[i]->digest);
	return hash;
}
