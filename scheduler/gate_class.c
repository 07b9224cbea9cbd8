#include "gate_class.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/quota.h"

/* Columns of release_classes. */
enum { CLASS_ID, REGIONS, ZONES, CATEGORY, CHANNEL, ZONE_HASHES, HASHED_FROM, HASHED_UNTIL, FACTS, TERMS_HASH, LATER };

static bool
split(const char *text, struct words *out)
{
	char *rest;

	out->text = strdup(text);
	out->items = calloc(strlen(text) / 2 + 1, sizeof(*out->items));
	if (out->text == NULL || out->items == NULL)
		return false;
	for (char *word = strtok_r(out->text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		out->items[out->count++] = word;
	return true;
}

static void
free_words(struct words *words)
{
	free(words->text);
	free(words->items);
}

void
gate_class_free(struct gate_class **class)
{
	struct gate_class *gone = *class;

	*class = NULL;
	if (gone == NULL)
		return;
	free_words(&gone->regions);
	free_words(&gone->zones);
	free_words(&gone->hashes);
	free_words(&gone->facts);
	free(gone);
}

static enum status
read_class(const PGresult *rows, int row, struct gate_class *out, struct err *err)
{
	if (!split(PQgetvalue(rows, row, REGIONS), &out->regions) || !split(PQgetvalue(rows, row, ZONES), &out->zones) ||
		!split(PQgetvalue(rows, row, ZONE_HASHES), &out->hashes) || !split(PQgetvalue(rows, row, FACTS), &out->facts))
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (instant_parse(PQgetvalue(rows, row, HASHED_FROM), &out->hashed.from, err) != STATUS_OK ||
		instant_parse(PQgetvalue(rows, row, HASHED_UNTIL), &out->hashed.until, err) != STATUS_OK)
		return err_wrap(err, "class %d", out->id);
	out->terms_hash = (uint64_t)session_int(rows, row, TERMS_HASH);
	out->later = session_bool(rows, row, LATER);
	out->known = category_parse(PQgetvalue(rows, row, CATEGORY), &out->category) &&
		channel_parse(PQgetvalue(rows, row, CHANNEL), &out->channel) && out->zones.count == out->hashes.count;
	return STATUS_OK;
}

struct class_facts
gate_class_facts(const struct gate_class *class)
{
	return (struct class_facts){
		.regions = class->regions.items,
		.region_count = class->regions.count,
		.zones = class->zones.items,
		.zone_count = class->zones.count,
		.category = class->category,
		.channel = class->channel,
		.facts = class->facts.items,
		.fact_count = class->facts.count,
	};
}

enum status
gate_class_volumes(const struct rulebook *rulebook, const struct gate_class *class, uint32_t *out, struct err *err)
{
	const struct class_facts facts = gate_class_facts(class);
	struct law law = LAW_INIT;

	*out = UINT32_MAX;
	if (class->known && law_merge(rulebook, &facts, &law, err) == STATUS_OK)
		*out = quota_rules_of(rulebook, &law);
	law_free(&law);
	return err->status;
}

static struct gate_class *
find_id(struct gate_class **classes, size_t count, int32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (classes[i]->id == id)
			return classes[i];
	return NULL;
}

static enum status
make_unread(const int32_t *ids, size_t count, struct gate_class **out, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		out[i] = calloc(1, sizeof(*out[i]));
		if (out[i] == NULL)
			return err_set(err, STATUS_NO_MEMORY, "out of memory");
		out[i]->id = ids[i];
	}
	return STATUS_OK;
}

static char *
id_array(const int32_t *ids, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	(void)fputc('{', out);
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "%s%d", i > 0 ? "," : "", ids[i]);
	(void)fputc('}', out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static enum status
query_classes(struct session *session, const int32_t *ids, size_t count, PGresult **out, struct err *err)
{
	char *text = id_array(ids, count);
	enum status status;

	if (text == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	status = session_query(session, &sql_query_release_classes, (const char *const[]){text}, 1, out, err);
	free(text);
	return status;
}

enum status
gate_class_read(struct session *session, const int32_t *ids, size_t count, struct gate_class **out, struct err *err)
{
	PGresult *rows = NULL;

	memset(out, 0, count * sizeof(*out));
	if (make_unread(ids, count, out, err) != STATUS_OK || query_classes(session, ids, count, &rows, err) != STATUS_OK)
		goto done;
	for (int row = 0; row < PQntuples(rows); row++) {
		struct gate_class *class = find_id(out, count, (int32_t)session_int(rows, row, CLASS_ID));

		if (class != NULL && read_class(rows, row, class, err) != STATUS_OK)
			break;
	}
done:
	PQclear(rows);
	for (size_t i = 0; err->status != STATUS_OK && i < count; i++)
		gate_class_free(&out[i]);
	return err->status;
}
