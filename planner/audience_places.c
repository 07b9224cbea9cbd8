/*
 * A hash table with open addressing finds the place of people by what was declared and by the place of the number. Places are allocated one by
 * one, because they point into themselves.
 */
#include "audience_places.h"

#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"
#include "planner/core/mix.h"
#include "sql/copy.h"

/* Columns of lint_people. */
enum { PREFIX, REGION, TIMEZONE, PEOPLE };

enum { INDEX_ROOM_FIRST = 256, DECLARED_MAX = 128 };

/* What is known of some people; too long a text is no region and no zone. */
struct declared {
	const struct number_place *number; /* NULL: no recipient */
	char region[DECLARED_MAX], timezone[DECLARED_MAX];
	uint64_t prefix;
	int64_t people;
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while reading the audience");
}

static void
place_free(struct audience_place *place)
{
	free(place->region);
	free(place->timezone);
	free(place);
}

void
audience_places_free(struct audience_places **places)
{
	struct audience_places *gone = *places;
	*places = NULL;
	if (gone == NULL)
		return;
	for (size_t i = 0; i < gone->count; i++)
		place_free(gone->items[i]);
	free(gone->items);
	free(gone->index.slots);
	free(gone);
}

/* Finding --------------------------------------------------------------------------------------------------------------------------------- */

static uint64_t
hash(const struct number_place *number, const char *region, const char *timezone)
{
	const uint64_t start = HASH_TEXT_START ^ (number != NULL ? number->index + 1u : 0);
	return hash_text(hash_text(start, region), timezone);
}

/* The slot of the place, or the empty one where it belongs. */
static struct audience_place **
slot_of(struct audience_place **slots, size_t room, const struct number_place *number, const char *region, const char *timezone)
{
	for (size_t i = hash(number, region, timezone) & (room - 1);; i = (i + 1) & (room - 1))
		if (slots[i] == NULL ||
			(slots[i]->number == number && strcmp(slots[i]->region, region) == 0 && strcmp(slots[i]->timezone, timezone) == 0))
			return &slots[i];
}

static enum status
grow_index(struct audience_places *places)
{
	const size_t room = places->index.room > 0 ? 2 * places->index.room : INDEX_ROOM_FIRST;
	struct audience_place **slots = calloc(room, sizeof(struct audience_place *));
	if (slots == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < places->count; i++) {
		struct audience_place *place = places->items[i];
		*slot_of(slots, room, place->number, place->region, place->timezone) = place;
	}
	free(places->index.slots);
	places->index.slots = slots;
	places->index.room = room;
	return STATUS_OK;
}

/* Resolving ------------------------------------------------------------------------------------------------------------------------------- */

static enum reason
resolve(struct audience_place *place, uint64_t prefix, const struct zone_set *zones)
{
	if (place->number == NULL)
		return REASON_NOT_A_RECIPIENT;
	const enum reason held = place_resolve(&(struct place_facts){prefix, place->region, place->timezone}, &place->place);
	for (size_t i = 0; held == REASON_NONE && i < place->place.zone_count; i++)
		if (zone_set_find(zones, place->place.zones[i]) == NULL)
			return REASON_UNKNOWN_ZONE;
	return held;
}

static struct audience_place *
add_place(struct audience_places *places, const struct declared *declared, const struct zone_set *zones)
{
	struct audience_place **items = grow(places->items, places->count, &places->room, sizeof(struct audience_place *));
	struct audience_place *place = calloc(1, sizeof *place);
	if (items != NULL)
		places->items = items;
	if (items == NULL || place == NULL || (place->region = strdup(declared->region)) == NULL ||
		(place->timezone = strdup(declared->timezone)) == NULL) {
		if (place != NULL)
			place_free(place);
		return NULL;
	}
	place->number = declared->number;
	place->held = resolve(place, declared->prefix, zones);
	items[places->count++] = place;
	return place;
}

static enum status
count_people(struct audience_places *places, const struct declared *declared, const struct zone_set *zones)
{
	if (2 * (places->count + 1) > places->index.room && grow_index(places) != STATUS_OK)
		return STATUS_NO_MEMORY;
	struct audience_place **slot = slot_of(places->index.slots, places->index.room, declared->number, declared->region, declared->timezone);
	if (*slot == NULL && (*slot = add_place(places, declared, zones)) == NULL)
		return STATUS_NO_MEMORY;
	(*slot)->people += declared->people;
	places->people += declared->people;
	places->held += (*slot)->held != REASON_NONE ? declared->people : 0;
	return STATUS_OK;
}

/* Reading --------------------------------------------------------------------------------------------------------------------------------- */

static void
copy_text(const struct copy_row *row, int column, char out[DECLARED_MAX])
{
	const struct copy_field *field = &row->fields[column];
	const size_t size = field->bytes != NULL ? (size_t)field->size : 0;
	if (size >= DECLARED_MAX) {
		strcpy(out, "?");
		return;
	}
	if (size > 0)
		memcpy(out, field->bytes, size);
	out[size] = '\0';
}

static enum status
read_people(struct audience_places *places, struct copy_reader *people, const struct zone_set *zones, struct err *err)
{
	struct copy_row row;
	enum status status;
	while ((status = copy_reader_next(people, &row, err)) == STATUS_OK) {
		struct declared declared = {.people = copy_field_int64(&row, PEOPLE)};
		declared.prefix = (uint64_t)copy_field_int64(&row, PREFIX);
		declared.number = copy_field_is_null(&row, PREFIX) ? NULL : number_place(declared.prefix);
		copy_text(&row, REGION, declared.region);
		copy_text(&row, TIMEZONE, declared.timezone);
		if (count_people(places, &declared, zones) != STATUS_OK)
			return no_memory(err);
	}
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
audience_places_read(
	struct session *session, const char *campaign, const struct zone_set *zones, struct audience_places **out, struct err *err)
{
	struct copy_reader *people = NULL;
	*out = calloc(1, sizeof **out);
	enum status status = *out != NULL ? STATUS_OK : no_memory(err);
	if (status == STATUS_OK)
		status = copy_reader_open(session, &sql_query_lint_people, &campaign, 1, &people, err);
	if (status == STATUS_OK)
		status = read_people(*out, people, zones, err);
	if (people != NULL)
		copy_reader_close(&people);
	if (status != STATUS_OK)
		audience_places_free(out);
	return status;
}
