/*
 * How it works: a hash table with open addressing maps (number place, declared region, declared zone) to a class or a reason and is asked once per
 * recipient. A combination met for the first time is compared with every class, so that different ways to the same place share one. Declared
 * strings are copied once and live as long as the table.
 */
#include "class_table.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

struct combination {
	uint64_t hash;
	uint16_t number_place;
	bool used;
	enum reason held;
	uint32_t class;
	const char *region, *timezone;
};

struct class_table {
	struct class_setup setup;
	struct plan_class **classes;
	size_t count, room;
	struct combination *combinations;
	size_t combination_count, combination_room; /* room is a power of two */
	char **strings;
	size_t string_count, string_room;
};

enum status
class_table_create(const struct class_setup *setup, struct class_table **out, struct err *err)
{
	struct class_table *table = calloc(1, sizeof *table);
	if (table == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	table->setup = *setup;
	table->combination_room = 1024;
	table->combinations = calloc(table->combination_room, sizeof *table->combinations);
	if (table->combinations == NULL) {
		free(table);
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	*out = table;
	return STATUS_OK;
}

static void
plan_class_free(struct plan_class *class)
{
	law_free(&class->law);
	interval_set_free(&class->open);
	interval_set_free(&class->dealable);
	interval_set_free(&class->edges);
	free(class);
}

void
class_table_free(struct class_table **table)
{
	if (*table == NULL)
		return;
	for (size_t i = 0; i < (*table)->count; i++)
		plan_class_free((*table)->classes[i]);
	for (size_t i = 0; i < (*table)->string_count; i++)
		free((*table)->strings[i]);
	free((*table)->classes);
	free((*table)->combinations);
	free((*table)->strings);
	free(*table);
	*table = NULL;
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
	return (hash ^ 0xFF) * UINT64_C(0x100000001B3);
}

static uint64_t
combination_hash(uint16_t number_place, const char *region, const char *timezone)
{
	return hash_text(hash_text(UINT64_C(0xCBF29CE484222325) ^ number_place, region), timezone);
}

/* The entry of the combination, or the unused one where it belongs. */
static struct combination *
combination_slot(struct combination *combinations, size_t room, const struct combination *wanted)
{
	for (size_t i = wanted->hash & (room - 1);; i = (i + 1) & (room - 1)) {
		struct combination *entry = &combinations[i];
		if (!entry->used)
			return entry;
		if (entry->hash == wanted->hash && entry->number_place == wanted->number_place && strcmp(entry->region, wanted->region) == 0 &&
			strcmp(entry->timezone, wanted->timezone) == 0)
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

static bool
find_class(const struct class_table *table, const struct place *place, uint32_t *out)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct place *other = &table->classes[i]->place;
		if (same_names(place->regions, place->region_count, other->regions, other->region_count) &&
			same_names(place->zones, place->zone_count, other->zones, other->zone_count)) {
			*out = (uint32_t)i;
			return true;
		}
	}
	return false;
}

/* Every day or month edge in the span, so that lookups need not evaluate the caps again. */
static enum status
collect_edges(struct plan_class *class)
{
	struct instant edge = class->span.from;
	while (true) {
		edge = cap_edge_after(class->law.of[RULE_CAP].items, class->law.of[RULE_CAP].count, class->zones, class->place.zone_count, edge);
		if (edge.us >= class->span.until.us)
			return STATUS_OK;
		if (interval_set_add(&class->edges, (struct interval){edge, {edge.us + 1}}) != STATUS_OK)
			return STATUS_NO_MEMORY;
	}
}

enum status
class_dealable(const struct class_table *table, const struct plan_class *class, const struct interval_set *lawful, struct interval_set *out)
{
	const int64_t margin = table->setup.margin.us;
	struct interval_set before_ends = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < lawful->count && status == STATUS_OK; i++)
		status = interval_set_add(&before_ends, (struct interval){{lawful->items[i].until.us - margin}, lawful->items[i].until});
	for (size_t i = 0; i < class->edges.count && status == STATUS_OK; i++)
		status = interval_set_add(&before_ends, (struct interval){{class->edges.items[i].from.us - margin}, class->edges.items[i].from});
	if (status == STATUS_OK)
		status = interval_set_subtract(lawful, &before_ends, out);
	interval_set_free(&before_ends);
	return status;
}

struct instant
class_stretch_end(const struct class_table *table, const struct interval *dealable)
{
	return instant_add(dealable->until, table->setup.margin);
}

struct instant
class_not_after(const struct plan_class *class, const struct interval_set *lawful, struct instant due)
{
	const struct interval *stretch = interval_set_find(lawful, due);
	struct instant end = stretch != NULL ? stretch->until : due;
	const struct interval *edge = interval_set_next(&class->edges, due);
	if (edge != NULL && edge->from.us <= due.us) /* due is the edge itself: the next one counts */
		edge = edge + 1 < class->edges.items + class->edges.count ? edge + 1 : NULL;
	return edge != NULL ? instant_min(end, edge->from) : end;
}

static enum status
expand_class(const struct class_table *table, struct plan_class *class, struct err *err)
{
	const struct class_setup *setup = &table->setup;
	const size_t zones = class->place.zone_count;
	struct windows windows = WINDOWS_INIT;
	enum status status = window_expand(&class->law, class->zones, zones, &setup->context, class->span, &windows, err);
	if (status == STATUS_OK && setup->campaign->has_hours)
		status = window_clip_local_hours(&windows.open, class->zones, zones, setup->campaign->hours, class->span, err);
	if (status == STATUS_OK) {
		class->calendar_unknown = windows.unknown.count > 0;
		class->open = windows.open;
		windows.open = (struct interval_set)INTERVAL_SET_INIT;
		if (collect_edges(class) != STATUS_OK || class_dealable(table, class, &class->open, &class->dealable) != STATUS_OK)
			status = err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	windows_free(&windows);
	return status;
}

/* The strictest need over the span: rules may change between its first and last day. Dates of two zones are up to two days apart. */
static struct consent_need
strictest_need(const struct plan_class *class)
{
	struct consent_need need = {.required = false};
	const struct date last = {wall_date(zone_wall(class->zones[0], class->span.until)).days + 2};
	for (struct date day = {wall_date(zone_wall(class->zones[0], class->span.from)).days - 2}; day.days <= last.days; day.days++) {
		const struct consent_need that_day = law_consent_need(&class->law, day);
		need.required = need.required || that_day.required;
		need.evidence |= that_day.evidence;
	}
	return need;
}

static enum status
fill_class(const struct class_table *table, struct plan_class *class, struct err *err)
{
	const struct class_setup *setup = &table->setup;
	struct interval campaign = campaign_span(setup->campaign, class->zones, class->place.zone_count);
	class->span.from = instant_max(campaign.from, setup->span.from);
	class->span.until = instant_max(class->span.from, instant_min(campaign.until, setup->span.until));
	const struct class_facts facts = {.regions = class->place.regions,
		.region_count = class->place.region_count,
		.zones = class->place.zones,
		.zone_count = class->place.zone_count,
		.category = setup->campaign->category,
		.channel = setup->campaign->channel};
	enum status status = law_merge(setup->rulebook, &facts, &class->law, err);
	if (status != STATUS_OK)
		return status;
	class->need = strictest_need(class);
	return expand_class(table, class, err);
}

static enum status
add_class(struct class_table *table, const struct plan_class *filled, uint32_t *out, struct err *err)
{
	if (table->count == CLASS_TABLE_MAX)
		return err_set(err, STATUS_INVALID, "more than %d combinations of regions and time zones in one audience", CLASS_TABLE_MAX);
	struct plan_class **classes = grow(table->classes, table->count, &table->room, sizeof *classes);
	if (classes == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	table->classes = classes;
	struct plan_class *class = malloc(sizeof *class);
	if (class == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	*class = *filled;
	enum status status = fill_class(table, class, err);
	if (status != STATUS_OK) {
		plan_class_free(class);
		return status;
	}
	*out = (uint32_t)table->count;
	table->classes[table->count++] = class;
	return STATUS_OK;
}

/* Resolves a combination that is met for the first time. */
static enum status
resolve(struct class_table *table, const struct place_facts *facts, struct combination *out, struct err *err)
{
	struct plan_class class = {.law = LAW_INIT};
	out->held = place_resolve(facts, &class.place);
	if (out->held == REASON_NONE)
		out->held = place_judge_law(table->setup.rulebook, facts->phone);
	if (out->held != REASON_NONE)
		return STATUS_OK;
	for (size_t i = 0; i < class.place.zone_count; i++) {
		class.zones[i] = zone_set_find(table->setup.context.zones, class.place.zones[i]);
		if (class.zones[i] == NULL) {
			out->held = REASON_UNKNOWN_ZONE;
			return STATUS_OK;
		}
	}
	return find_class(table, &class.place, &out->class) ? STATUS_OK : add_class(table, &class, &out->class, err);
}

enum status
class_table_find(struct class_table *table, const struct place_facts *facts, size_t *out_class, enum reason *out_held, struct err *err)
{
	struct combination wanted = {
		.number_place = number_place(facts->phone)->index, .used = true, .region = facts->region, .timezone = facts->timezone};
	wanted.hash = combination_hash(wanted.number_place, wanted.region, wanted.timezone);
	struct combination *entry = combination_slot(table->combinations, table->combination_room, &wanted);
	if (!entry->used) {
		wanted.region = keep_string(table, facts->region);
		wanted.timezone = keep_string(table, facts->timezone);
		if (wanted.region == NULL || wanted.timezone == NULL)
			return err_set(err, STATUS_NO_MEMORY, "out of memory");
		enum status status = resolve(table, &(struct place_facts){facts->phone, wanted.region, wanted.timezone}, &wanted, err);
		if (status != STATUS_OK)
			return status;
		*entry = wanted;
		if (++table->combination_count * 2 > table->combination_room && grow_combinations(table) != STATUS_OK)
			return err_set(err, STATUS_NO_MEMORY, "out of memory");
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
