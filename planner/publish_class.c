/*
 * How it works: a class gets its row when the first of its slots is met, in the transaction that publishes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "planning_class.h"
#include "publish_private.h"

enum status
publish_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while publishing");
}

enum status
publish_query_int(
	struct session *session, const struct sql_statement *statement, const char *const *params, int count, int64_t *out, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, statement, params, count, &rows, err);
	if (status != STATUS_OK)
		return status;
	*out = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

/* What the views show as local time: the offsets of the class's first zone and from when each holds. */
static void
list_offsets(const struct plan_class *class, const struct planned_campaign *campaign, struct array_text *from, struct array_text *offset)
{
	for (struct instant at = campaign->first_at; at.us < campaign->last_at.us; at = zone_next_change(class->zones[0], at)) {
		char text[SESSION_PARAM_MAX];
		array_text_add_name(from, session_param_instant(at, text));
		array_text_add_int(offset, zone_offset_s(class->zones[0], at));
	}
}

static void
list_names(const char *const *names, size_t count, struct array_text *out)
{
	for (size_t i = 0; i < count; i++)
		array_text_add_name(out, names[i]);
}

enum { CLASS_REGIONS, CLASS_ZONES, CLASS_HASHES, CLASS_VALID_FROM, CLASS_OFFSETS, CLASS_FACTS, CLASS_ARRAYS };

static enum status
write_class(
	struct publication *publication, const struct planned_campaign *campaign, const struct plan_class *class, int32_t *out, struct err *err)
{
	struct array_text arrays[CLASS_ARRAYS] = {0};
	char rulebook[SESSION_PARAM_MAX], from[SESSION_PARAM_MAX], until[SESSION_PARAM_MAX], terms[SESSION_PARAM_MAX];
	bool complete = true;
	list_names(class->place.regions, class->place.region_count, &arrays[CLASS_REGIONS]);
	list_names(class->place.zones, class->place.zone_count, &arrays[CLASS_ZONES]);
	class_hashes(class, campaign, &arrays[CLASS_HASHES]);
	list_names(class->facts, class->fact_count, &arrays[CLASS_FACTS]);
	list_offsets(class, campaign, &arrays[CLASS_VALID_FROM], &arrays[CLASS_OFFSETS]);
	for (int i = 0; i < CLASS_ARRAYS; i++)
		complete = array_text(&arrays[i]) != NULL && complete;
	const char *const params[] = {arrays[CLASS_REGIONS].text, arrays[CLASS_ZONES].text, category_name(campaign->facts.category),
		channel_name(campaign->facts.channel), session_param_int(publication->planning->rulebook_id, rulebook), class->law.regimes,
		arrays[CLASS_HASHES].text, session_param_instant(campaign->first_at, from), session_param_instant(campaign->last_at, until),
		arrays[CLASS_VALID_FROM].text, arrays[CLASS_OFFSETS].text, arrays[CLASS_FACTS].text, class_language(class, campaign),
		session_param_int((int64_t) class->terms_hash, terms), class_template(class, campaign), message_order_name(class->order)};
	int64_t class_id = 0;
	enum status status =
		complete ? publish_query_int(publication->session, &sql_query_publish_class, params, 16, &class_id, err) : publish_no_memory(err);
	*out = (int32_t)class_id;
	for (int i = 0; i < CLASS_ARRAYS; i++)
		array_text_free(&arrays[i]);
	return status;
}

enum status
publish_each_slot_between(const struct planned_campaign *campaign, size_t first, size_t end, slot_fn *visit, void *context, struct err *err)
{
	struct planned_slot slots[ROWS_AT_ONCE];
	enum status status = STATUS_OK;
	for (; first < end && status == STATUS_OK; first += ROWS_AT_ONCE) {
		const size_t rows = end - first < ROWS_AT_ONCE ? end - first : ROWS_AT_ONCE;
		status = run_plan_slots(campaign->plan, first, rows, slots, err);
		for (size_t i = 0; i < rows && status == STATUS_OK; i++)
			status = visit(context, &slots[i], err);
	}
	return status;
}

enum status
publish_each_slot(const struct planned_campaign *campaign, slot_fn *visit, void *context, struct err *err)
{
	return publish_each_slot_between(campaign, 0, run_plan_slot_count(campaign->plan), visit, context, err);
}

enum status
publish_slot_class(struct publication *publication, struct planned_campaign *campaign, const struct planned_slot *slot, struct err *err)
{
	int32_t *class_id = &campaign->class_ids[slot->class];
	if (*class_id != 0)
		return STATUS_OK;
	return write_class(publication, campaign, class_table_at(campaign->classes, slot->class), class_id, err);
}

struct class_writing {
	struct publication *publication;
	struct planned_campaign *campaign;
};

static enum status
write_slot_class(void *context, const struct planned_slot *slot, struct err *err)
{
	const struct class_writing *writing = context;
	return publish_slot_class(writing->publication, writing->campaign, slot, err);
}

enum status
publish_forget_classes(struct planned_campaign *campaign, struct err *err)
{
	const size_t count = class_table_count(campaign->classes);
	free(campaign->class_ids);
	campaign->class_ids = calloc(count + 1, sizeof *campaign->class_ids);
	if (campaign->class_ids == NULL)
		return publish_no_memory(err);
	campaign->class_id_count = count;
	return STATUS_OK;
}

enum status
publish_write_classes(struct publication *publication, struct planned_campaign *campaign, struct err *err)
{
	const bool streamed = campaign == publication->streamed;
	const enum status status = streamed ? STATUS_OK : publish_forget_classes(campaign, err);
	struct class_writing writing = {publication, campaign};
	return status == STATUS_OK ? publish_each_slot_between(campaign, streamed ? publication->dealt : 0, run_plan_slot_count(campaign->plan),
									 write_slot_class, &writing, err)
							   : status;
}
