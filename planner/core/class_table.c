/*
 * How it works: a hash table with open addressing maps (number place, declared region, declared zone, language, arm, evidence asked about) to a class or
 * a reason and is asked once per recipient. A combination met for the first time is compared with every place, so that different ways to the same
 * place share one. A place knows which texts its law admits, and the class of each text that somebody gets. Declared strings are copied once and
 * live as long as the table.
 */
#include "class_table.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "mix.h"

enum { NO_CLASS = UINT32_MAX };

struct combination {
	uint64_t hash;
	uint16_t number_place;
	uint8_t arm, order;
	bool used;
	enum reason held;
	uint32_t class;
	uint32_t evidence;
	const char *region, *timezone, *language;
};

/* Where people may be, and with which facts. */
struct spot {
	struct place place;
	const struct zone *zones[PLACE_ZONES_MAX];
	const struct number_place *number;
	uint32_t evidence;
	enum message_order order;
	struct interval span; /* of the campaign there */
	const char **facts;   /* with a text that is no free one; pointers as class_words.h gives them */
	size_t fact_count;
	bool *admitted;         /* by variant; NULL: there is no choice */
	uint32_t *classes;      /* by variant, or NO_CLASS */
	size_t told[ARM_COUNT]; /* the variant whose reason is told when none of the arm is admitted; variant_count: the arm has no text */
};

struct class_table {
	struct class_setup setup;
	struct class_words *words;
	struct plan_class **classes;
	size_t count, room;
	struct spot *spots;
	size_t spot_count, spot_room;
	struct combination *combinations;
	size_t combination_count, combination_room; /* room is a power of two */
	char **strings;
	size_t string_count, string_room;
	struct duration spent;
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory for the classes of a campaign");
}

enum status
class_table_create(const struct class_setup *setup, struct class_table **out, struct err *err)
{
	struct class_table *table = calloc(1, sizeof *table);
	*out = NULL;
	if (table == NULL)
		return no_memory(err);
	table->setup = *setup;
	table->combination_room = 1024;
	table->combinations = calloc(table->combination_room, sizeof *table->combinations);
	enum status status = table->combinations != NULL ? STATUS_OK : no_memory(err);
	if (status == STATUS_OK)
		status = class_words_create(setup->rulebook, setup->words, &table->words, err);
	if (status == STATUS_OK)
		*out = table;
	else
		class_table_free(&table);
	return status;
}

static void
spot_clear(struct spot *spot)
{
	free(spot->facts);
	free(spot->admitted);
	free(spot->classes);
}

void
class_table_free(struct class_table **table)
{
	if (*table == NULL)
		return;
	for (size_t i = 0; i < (*table)->count; i++) {
		plan_class_clear((*table)->classes[i]);
		free((*table)->classes[i]);
	}
	for (size_t i = 0; i < (*table)->spot_count; i++)
		spot_clear(&(*table)->spots[i]);
	for (size_t i = 0; i < (*table)->string_count; i++)
		free((*table)->strings[i]);
	class_words_free(&(*table)->words);
	free((*table)->classes);
	free((*table)->spots);
	free((*table)->combinations);
	free((*table)->strings);
	free(*table);
	*table = NULL;
}

/* Combinations ---------------------------------------------------------------------------------------------------------------------------- */

static uint64_t
combination_hash(const struct combination *of)
{
	const uint64_t start =
		HASH_TEXT_START ^ of->number_place ^ (uint64_t)of->evidence << 16 ^ (uint64_t)of->arm << 48 ^ (uint64_t)of->order << 56;
	return hash_text(hash_text(hash_text(start, of->region), of->timezone), of->language);
}

/* The entry of the combination, or the unused one where it belongs. */
static struct combination *
combination_slot(struct combination *combinations, size_t room, const struct combination *wanted)
{
	for (size_t i = wanted->hash & (room - 1);; i = (i + 1) & (room - 1)) {
		struct combination *entry = &combinations[i];
		if (!entry->used)
			return entry;
		if (entry->hash == wanted->hash && entry->number_place == wanted->number_place && entry->evidence == wanted->evidence &&
			entry->arm == wanted->arm && entry->order == wanted->order && strcmp(entry->region, wanted->region) == 0 &&
			strcmp(entry->timezone, wanted->timezone) == 0 && strcmp(entry->language, wanted->language) == 0)
			return entry;
	}
}

static enum status
grow_combinations(struct class_table *table)
{
	size_t room = table->combination_room * 2;
	struct combination *combinations = calloc(room, sizeof *combinations);
	if (combinations == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < table->combination_room; i++)
		if (table->combinations[i].used)
			*combination_slot(combinations, room, &table->combinations[i]) = table->combinations[i];
	free(table->combinations);
	table->combinations = combinations;
	table->combination_room = room;
	return STATUS_OK;
}

/* A copy of `text` that lives as long as the table; NULL without memory. */
static const char *
keep_string(struct class_table *table, const char *text)
{
	char **strings = grow(table->strings, table->string_count, &table->string_room, sizeof *strings);
	if (strings == NULL)
		return NULL;
	table->strings = strings;
	char *copy = strdup(text);
	if (copy != NULL)
		strings[table->string_count++] = copy;
	return copy;
}

static bool
same_names(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* Spots ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
same_spot(const struct spot *a, const struct spot *b)
{
	return a->order == b->order && same_names(a->place.regions, a->place.region_count, b->place.regions, b->place.region_count) &&
		same_names(a->place.zones, a->place.zone_count, b->place.zones, b->place.zone_count) &&
		same_names(a->facts, a->fact_count, b->facts, b->fact_count);
}

static enum status
list_facts(const struct class_table *table, const struct spot *spot, bool free_form, const char ***out, size_t *out_count)
{
	const struct word_person person = {.number = spot->number,
		.evidence = spot->evidence,
		.free_form = free_form,
		.order = spot->order,
		.zones = spot->zones,
		.zone_count = spot->place.zone_count,
		.until = spot->span.until};
	*out = calloc(class_words_limit(table->words) + 1, sizeof **out);
	if (*out == NULL)
		return STATUS_NO_MEMORY;
	*out_count = class_words_of(table->words, &person, *out);
	return STATUS_OK;
}

static bool
is_free_form(const struct class_table *table, size_t variant)
{
	return variant < table->setup.terms->variant_count && table->setup.terms->variants[variant].free_form;
}

static enum status
describe_class(const struct class_table *table, const struct spot *spot, size_t variant, struct plan_class *out)
{
	*out = (struct plan_class){.place = spot->place, .variant = variant, .order = spot->order, .span = spot->span, .law = LAW_INIT};
	memcpy(out->zones, spot->zones, sizeof out->zones);
	return list_facts(table, spot, is_free_form(table, variant), &out->facts, &out->fact_count);
}

/* Whether the law of the place admits this text at some instant of the span. */
static enum status
judge_variant(const struct class_table *table, struct spot *spot, size_t variant, enum reason *out, struct err *err)
{
	struct plan_class class;
	if (describe_class(table, spot, variant, &class) != STATUS_OK)
		return no_memory(err);
	const struct class_facts facts = plan_class_facts(&table->setup, &class);
	const enum status status = law_merge(table->setup.rulebook, &facts, &class.law, err);
	if (status == STATUS_OK)
		*out = admission_judge(&class.law, table->setup.terms, &table->setup.terms->variants[variant], class.zones, class.place.zone_count,
			spot->span, NULL, NULL)
				   .reason;
	plan_class_clear(&class);
	return status;
}

/* Whether somebody for whom the message is what it is here may be of the arm. */
static bool
may_be_of(const struct class_table *table, const struct spot *spot, enum arm arm)
{
	return (arm == ARM_FIRST) == (spot->order == ORDER_FIRST && table->setup.terms->has_first_text);
}

/* The first of an arm is told of, unless it is merely in the wrong language and another is not. */
static enum status
admit_variant(const struct class_table *table, struct spot *spot, size_t variant, bool told[ARM_COUNT], struct err *err)
{
	const enum arm arm = table->setup.terms->variants[variant].arm;
	enum reason reason = REASON_NONE;
	if (!may_be_of(table, spot, arm))
		return STATUS_OK;
	const enum status status = judge_variant(table, spot, variant, &reason, err);
	spot->admitted[variant] = reason == REASON_NONE;
	if (spot->told[arm] == table->setup.terms->variant_count)
		spot->told[arm] = variant;
	if (reason != REASON_LANGUAGE && !told[arm]) {
		spot->told[arm] = variant;
		told[arm] = true;
	}
	return status;
}

/* Where there is one text there is nothing to choose, and nothing to judge twice. */
static enum status
admit_variants(const struct class_table *table, struct spot *spot, struct err *err)
{
	const size_t count = table->setup.terms->variant_count;
	enum status status = STATUS_OK;
	bool told[ARM_COUNT] = {false};
	for (int arm = 0; arm < ARM_COUNT; arm++)
		spot->told[arm] = count;
	spot->classes = malloc((count + 1) * sizeof *spot->classes);
	if (spot->classes == NULL)
		return no_memory(err);
	for (size_t i = 0; i <= count; i++)
		spot->classes[i] = NO_CLASS;
	if (count < 2 || spot->span.from.us >= spot->span.until.us)
		return STATUS_OK;
	spot->admitted = calloc(count, sizeof *spot->admitted);
	if (spot->admitted == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = admit_variant(table, spot, i, told, err);
	return status;
}

static enum status
add_spot(struct class_table *table, struct spot *spot, struct spot **out, struct err *err)
{
	struct spot *spots = grow(table->spots, table->spot_count, &table->spot_room, sizeof *spots);
	if (spots == NULL)
		return no_memory(err);
	table->spots = spots;
	const enum status status = admit_variants(table, spot, err);
	if (status != STATUS_OK)
		return status;
	spots[table->spot_count] = *spot;
	*out = &spots[table->spot_count++];
	*spot = (struct spot){.facts = NULL};
	return STATUS_OK;
}

static enum status
find_spot(struct class_table *table, struct spot *wanted, struct spot **out, struct err *err)
{
	for (size_t i = 0; i < table->spot_count; i++)
		if (same_spot(&table->spots[i], wanted)) {
			*out = &table->spots[i];
			return STATUS_OK;
		}
	return add_spot(table, wanted, out, err);
}

/* Classes --------------------------------------------------------------------------------------------------------------------------------- */

static size_t
choose_variant(const struct class_table *table, const struct spot *spot, const struct combination *person)
{
	const struct terms *terms = table->setup.terms;
	if (spot->admitted == NULL)
		return 0;
	const size_t chosen = admission_choose_variant(terms, spot->admitted, (enum arm)person->arm, person->language);
	return chosen < terms->variant_count ? chosen : spot->told[person->arm];
}

static enum status
add_class(struct class_table *table, const struct spot *spot, size_t variant, uint32_t *out, struct err *err)
{
	const size_t most = table->setup.most_classes > 0 ? table->setup.most_classes : CLASS_TABLE_MAX;
	if (table->count == most)
		return err_set(err, STATUS_INVALID,
			"its audience has more than %zu combinations of regions and time zones: make several campaigns of it, each for a part", most);
	struct plan_class **classes = grow(table->classes, table->count, &table->room, sizeof *classes);
	if (classes == NULL)
		return no_memory(err);
	table->classes = classes;
	struct plan_class *class = malloc(sizeof *class);
	if (class == NULL || describe_class(table, spot, variant, class) != STATUS_OK) {
		free(class);
		return no_memory(err);
	}
	const enum status status = plan_class_fill(&table->setup, class, err);
	if (status != STATUS_OK) {
		plan_class_clear(class);
		free(class);
		return status;
	}
	*out = (uint32_t)table->count;
	table->classes[table->count++] = class;
	return STATUS_OK;
}

static struct interval
span_at(const struct class_setup *setup, const struct spot *spot)
{
	const struct interval campaign = campaign_span(setup->campaign, spot->zones, spot->place.zone_count);
	const struct instant from = instant_max(campaign.from, setup->span.from);
	return (struct interval){from, instant_max(from, instant_min(campaign.until, setup->span.until))};
}

/* Where the person is; *out_held tells when nobody knows. */
static enum status
locate(const struct class_table *table, const struct combination *combination, uint64_t phone, struct spot *out, enum reason *out_held)
{
	const struct place_facts facts = {phone, combination->region, combination->timezone};
	*out_held = place_resolve(&facts, &out->place);
	if (*out_held == REASON_NONE)
		*out_held = place_judge_law(table->setup.rulebook, phone);
	for (size_t i = 0; i < out->place.zone_count && *out_held == REASON_NONE; i++) {
		out->zones[i] = zone_set_find(table->setup.context.zones, out->place.zones[i]);
		if (out->zones[i] == NULL)
			*out_held = REASON_UNKNOWN_ZONE;
	}
	if (*out_held != REASON_NONE)
		return STATUS_OK;
	out->number = number_place(phone);
	out->evidence = combination->evidence;
	out->order = (enum message_order)combination->order;
	out->span = span_at(&table->setup, out);
	return list_facts(table, out, false, &out->facts, &out->fact_count);
}

/* Resolves a combination that is met for the first time. */
static enum status
resolve(struct class_table *table, uint64_t phone, struct combination *out, struct err *err)
{
	struct spot wanted = {.facts = NULL}, *spot = NULL;
	if (locate(table, out, phone, &wanted, &out->held) != STATUS_OK)
		return no_memory(err);
	if (out->held != REASON_NONE)
		return STATUS_OK;
	enum status status = find_spot(table, &wanted, &spot, err);
	if (status == STATUS_OK) {
		const size_t variant = choose_variant(table, spot, out);
		if (spot->classes[variant] == NO_CLASS)
			status = add_class(table, spot, variant, &spot->classes[variant], err);
		out->class = spot->classes[variant];
	}
	spot_clear(&wanted);
	return status;
}

/* The same, with a look at the clock before and after. */
static enum status
resolve_timed(struct class_table *table, uint64_t phone, struct combination *out, struct err *err)
{
	if (table->setup.clock == NULL)
		return resolve(table, phone, out, err);
	const struct instant before = table->setup.clock();
	const enum status status = resolve(table, phone, out, err);
	table->spent.us += table->setup.clock().us - before.us;
	return status;
}

static enum status
add_combination(struct class_table *table, uint64_t phone, struct combination *new, struct combination *place, struct err *err)
{
	new->region = keep_string(table, new->region);
	new->timezone = keep_string(table, new->timezone);
	new->language = keep_string(table, new->language);
	if (new->region == NULL || new->timezone == NULL || new->language == NULL)
		return no_memory(err);
	const enum status status = resolve_timed(table, phone, new, err);
	if (status != STATUS_OK)
		return status;
	*place = *new;
	if (++table->combination_count * 2 > table->combination_room && grow_combinations(table) != STATUS_OK)
		return no_memory(err);
	return STATUS_OK;
}

enum status
class_table_find(struct class_table *table, const struct class_person *person, size_t *out_class, enum reason *out_held, struct err *err)
{
	struct combination wanted = {.number_place = number_place(person->place.phone)->index,
		.used = true,
		.region = person->place.region,
		.timezone = person->place.timezone,
		.language = table->setup.terms->variant_count > 1 ? person->language : "",
		.evidence = person->evidence & class_words_evidence(table->words),
		.arm = (uint8_t)person->arm,
		.order = (uint8_t)person->order};
	wanted.hash = combination_hash(&wanted);
	struct combination *entry = combination_slot(table->combinations, table->combination_room, &wanted);
	if (!entry->used) {
		const enum status status = add_combination(table, person->place.phone, &wanted, entry, err);
		if (status != STATUS_OK)
			return status;
		entry = &wanted;
	}
	*out_class = entry->class;
	*out_held = entry->held;
	return STATUS_OK;
}

size_t
class_table_count(const struct class_table *table)
{
	return table->count;
}

const struct plan_class *
class_table_at(const struct class_table *table, size_t index)
{
	return table->classes[index];
}

enum status
class_dealable(const struct class_table *table, const struct plan_class *class, const struct interval_set *lawful, struct interval_set *out)
{
	return plan_class_dealable(&table->setup, class, lawful, out);
}

enum status
class_preferred(const struct class_table *table, const struct plan_class *class, unsigned preference, const struct interval_set *dealable,
	struct interval within, struct interval_set *out, struct err *err)
{
	return plan_class_preferred(&table->setup, class, preference, dealable, within, out, err);
}

struct instant
class_stretch_end(const struct class_table *table, const struct interval *dealable)
{
	return instant_add(dealable->until, table->setup.margin);
}

struct duration
class_table_spent(const struct class_table *table)
{
	return table->spent;
}
