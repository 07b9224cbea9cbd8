#include "planning_class.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planning_read.h"

/* The longest name in a key: of a zone, or a fact with its mark. */
enum { NAME_ROOM = ZONE_NAME_MAX + 8 };

void
class_hashes(const struct plan_class *class, const struct planned_campaign *campaign, struct array_text *out)
{
	const struct interval span = {campaign->first_at, campaign->last_at};
	for (size_t i = 0; i < class->place.zone_count; i++)
		array_text_add_int(out, (int64_t)zone_hash(class->zones[i], span));
}

const char *
class_template(const struct plan_class *class, const struct planned_campaign *campaign)
{
	const struct terms *terms = &campaign->book->terms;
	return class->variant < terms->variant_count ? terms->variants[class->variant].template : "";
}

const char *
class_language(const struct plan_class *class, const struct planned_campaign *campaign)
{
	const struct terms *terms = &campaign->book->terms;
	return class->variant < terms->variant_count ? terms->variants[class->variant].language : "";
}

static size_t
append_names(char *text, size_t length, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		length += (size_t)sprintf(text + length, "%s%s", i > 0 ? " " : "", names[i]);
	text[length++] = '|';
	return length;
}

/* The text by which equal classes are known, as plan_classes.sql makes it of the stored ones; NULL without memory. */
static char *
class_key(const struct plan_class *class, const struct planned_campaign *campaign)
{
	const struct place *place = &class->place;
	struct array_text array = ARRAY_TEXT_INIT;
	class_hashes(class, campaign, &array);
	const char *hashes = array_text(&array);
	const size_t names = place->region_count + place->zone_count + class->fact_count;
	char *text = hashes != NULL ? malloc(names * NAME_ROOM + strlen(hashes) + strlen(class_template(class, campaign)) +
									  strlen(class_language(class, campaign)) + 256)
								: NULL;
	if (text != NULL) {
		size_t length = append_names(text, 0, place->regions, place->region_count);
		length = append_names(text, length, place->zones, place->zone_count);
		length += (size_t)sprintf(text + length, "%s|%s|%s|%" PRId64 "|%" PRId64 "|", category_name(campaign->facts.category),
			channel_name(campaign->facts.channel), hashes, campaign->first_at.us, campaign->last_at.us);
		length = append_names(text, length, class->facts, class->fact_count);
		sprintf(text + length, "%s|%" PRId64 "|%s|%s", class_language(class, campaign), (int64_t) class->terms_hash,
			message_order_name(class->order), class_template(class, campaign));
	}
	array_text_free(&array);
	return text;
}

static int32_t
find_stored_class(const struct planning *planning, const char *key)
{
	for (size_t i = 0; i < planning->stored_class_count; i++)
		if (strcmp(planning->stored_classes[i].key, key) == 0)
			return planning->stored_classes[i].class_id;
	return -1;
}

/* Makes room for the ids of all classes met so far; false without memory, then nothing is known about the new ones. */
static bool
grow_class_ids(struct planned_campaign *campaign)
{
	const size_t count = class_table_count(campaign->classes);
	if (count <= campaign->class_id_count)
		return true;
	int32_t *ids = realloc(campaign->class_ids, count * sizeof *ids);
	if (ids == NULL)
		return false;
	memset(ids + campaign->class_id_count, 0, (count - campaign->class_id_count) * sizeof *ids);
	campaign->class_ids = ids;
	campaign->class_id_count = count;
	return true;
}

int32_t
class_lookup_id(void *class_lookup, size_t index)
{
	const struct class_lookup *lookup = class_lookup;
	if (!grow_class_ids(lookup->campaign))
		return -1;
	int32_t *id = &lookup->campaign->class_ids[index];
	if (*id == 0) {
		char *key = class_key(class_table_at(lookup->campaign->classes, index), lookup->campaign);
		*id = key != NULL ? find_stored_class(lookup->planning, key) : -1;
		free(key);
	}
	return *id;
}

bool
class_lookup_is_settled(void *class_lookup, int32_t run_id)
{
	const struct class_lookup *lookup = class_lookup;
	const struct planned_campaign *end = lookup->planning->campaigns + lookup->planning->campaign_count;
	for (const struct planned_campaign *later = lookup->campaign + 1; later < end; later++)
		if (later->facts.run_id == run_id && planning_is_plannable(later))
			return false;
	return true;
}
