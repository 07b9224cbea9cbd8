/*
 * How it works: the main session opens a REPEATABLE READ transaction and exports its snapshot; more sessions join it, one per stream. Small
 * tables are read first, then for each business its queue and ledger (unordered, into by_person stores), then each campaign's audience is merged
 * with what is known about its people and handed to a run_plan. Slots of an earlier campaign of the same plan are put into the queue store
 * before the next.
 */
#include "planning.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/person.h"
#include "planning_read.h"
#include "progress.h"
#include "sql/copy.h"

/* A plan takes time to make and to publish; a slot due before that would leave late. */
static const struct duration LEAD = {60 * US_PER_SECOND};
/* Before the end of each lawful stretch: the gate claims nothing two seconds before it, the rest is room for a slow commit. */
static const struct duration MARGIN = {10 * US_PER_SECOND};

static void
campaign_clear(struct planned_campaign *campaign)
{
	run_plan_free(&campaign->plan);
	class_table_free(&campaign->classes);
	free(campaign->class_ids);
	free(campaign->problem);
}

void
planning_free(struct planning **planning)
{
	if (*planning == NULL)
		return;
	for (size_t i = 0; i < (*planning)->campaign_count; i++)
		campaign_clear(&(*planning)->campaigns[i]);
	for (size_t i = 0; i < (*planning)->stored_class_count; i++)
		free((*planning)->stored_classes[i].key);
	for (int i = 0; i < STREAM_COUNT; i++)
		session_close(&(*planning)->streams[i]);
	by_person_free(&(*planning)->queue);
	by_person_free(&(*planning)->ledger);
	lawbook_free(&(*planning)->law);
	free((*planning)->campaigns);
	free((*planning)->runs);
	free((*planning)->stored_classes);
	free((*planning)->seen);
	free(*planning);
	*planning = NULL;
}

/* Classes ------------------------------------------------------------------------------------------------------------------------------- */

void
class_hashes(const struct plan_class *class, const struct planned_campaign *campaign, struct array_text *out)
{
	const struct interval span = {campaign->first_at, campaign->last_at};
	for (size_t i = 0; i < class->place.zone_count; i++)
		array_text_add_int(out, (int64_t)zone_hash(class->zones[i], span));
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
	char *text = hashes != NULL ? malloc((place->region_count + place->zone_count) * ZONE_NAME_MAX + strlen(hashes) + 128) : NULL;
	if (text != NULL) {
		size_t length = append_names(text, 0, place->regions, place->region_count);
		length = append_names(text, length, place->zones, place->zone_count);
		sprintf(text + length, "%s|%s|%s|%" PRId64 "|%" PRId64, category_name(campaign->facts.category),
			channel_name(campaign->facts.channel), hashes, campaign->first_at.us, campaign->last_at.us);
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

struct class_lookup {
	const struct planning *planning;
	struct planned_campaign *campaign;
};

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

/* For run_plan: the stored row of a class, asked for people whose slot may stay. */
static int32_t
class_id_of(void *context, size_t index)
{
	const struct class_lookup *lookup = context;
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

/* Reading the queue and the ledger of a business ------------------------------------------------------------------------------------------ */

static const struct stored_run *
find_run(const struct planning *planning, int64_t run_id)
{
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].run_id == run_id)
			return &planning->runs[i];
	return NULL;
}

static enum status
add_slot(struct planning *planning, const struct copy_row *row, struct err *err)
{
	const struct stored_run *run = find_run(planning, copy_field_int64(row, 3));
	const struct queued_slot slot = {.recipient_id = copy_field_int64(row, 0),
		.due_at = copy_field_instant(row, 1),
		.not_after = copy_field_instant(row, 2),
		.run_id = run->run_id,
		.class_id = (int32_t)copy_field_int64(row, 4),
		.lane = (int16_t)copy_field_int64(row, 5),
		.part = (int16_t)copy_field_int64(row, 6),
		.category = run->category,
		.channel = run->channel};
	return by_person_add(planning->queue, &slot) == STATUS_OK ? STATUS_OK : planning_no_memory(err);
}

static enum status
add_release(struct planning *planning, const struct copy_row *row, struct err *err)
{
	const struct stored_run *run = find_run(planning, copy_field_int64(row, 2));
	const struct ledger_event event = {.recipient_id = copy_field_int64(row, 0),
		.at = copy_field_instant(row, 1),
		.run_id = run->run_id,
		.category = run->category,
		.channel = run->channel,
		.counts = copy_field_int64(row, 3) != 0};
	return by_person_add(planning->ledger, &event) == STATUS_OK ? STATUS_OK : planning_no_memory(err);
}

static enum status
add_outside(struct planning *planning, const struct copy_row *row, struct err *err)
{
	char category_text[32], channel_text[32];
	enum category category;
	enum channel channel;
	snprintf(category_text, sizeof category_text, "%.*s", (int)row->fields[2].size, (const char *)row->fields[2].bytes);
	snprintf(channel_text, sizeof channel_text, "%.*s", (int)row->fields[3].size, (const char *)row->fields[3].bytes);
	if (!category_parse(category_text, &category) || !channel_parse(channel_text, &channel))
		return err_set(err, STATUS_INTERNAL, "an outside message has a category or channel this program does not know");
	const struct ledger_event event = {.recipient_id = copy_field_int64(row, 0),
		.at = copy_field_instant(row, 1),
		.category = (uint8_t)category,
		.channel = (uint8_t)channel,
		.counts = true};
	return by_person_add(planning->ledger, &event) == STATUS_OK ? STATUS_OK : planning_no_memory(err);
}

typedef enum status add_row_fn(struct planning *planning, const struct copy_row *row, struct err *err);

static enum status
read_rows(struct planning *planning, const char *what, const struct sql_statement *statement, const char *const *params, int param_count,
	add_row_fn *add, struct err *err)
{
	struct copy_reader *reader;
	enum status status = copy_reader_open(planning->streams[0], statement, params, param_count, &reader, err);
	if (status != STATUS_OK)
		return status;
	struct progress progress;
	struct copy_row row;
	int64_t count = 0;
	progress_begin(&progress, what, 0);
	while ((status = copy_reader_next(reader, &row, err)) == STATUS_OK) {
		if ((status = add(planning, &row, err)) != STATUS_OK)
			break;
		progress_show(&progress, ++count);
	}
	progress_end(&progress);
	copy_reader_close(&reader);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool
run_is_planned(const struct planning *planning, const struct stored_run *run)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].facts.run_id == run->run_id)
			return true;
	return false;
}

/* The runs of a business, all of them or those to be planned now. */
static void
list_runs(const struct planning *planning, int32_t business_id, bool planned_only, struct array_text *out)
{
	for (size_t i = 0; i < planning->run_count; i++)
		if (planning->runs[i].business_id == business_id && (!planned_only || run_is_planned(planning, &planning->runs[i])))
			array_text_add_int(out, planning->runs[i].run_id);
}

static enum status
read_business_rows(struct planning *planning, int32_t business_id, const char *runs, const char *planned, struct err *err)
{
	char business[SESSION_PARAM_MAX], since[SESSION_PARAM_MAX];
	session_param_int(business_id, business);
	session_param_instant(lawbook_lookback(planning->law, planning->now), since);
	const char *const slots[] = {runs}, *const ledger[] = {runs, since, planned}, *const outside[] = {business, since};
	if (read_rows(planning, "reading the queue", &sql_query_plan_slots, slots, 1, add_slot, err) != STATUS_OK ||
		read_rows(planning, "reading the ledger", &sql_query_plan_ledger, ledger, 3, add_release, err) != STATUS_OK)
		return err->status;
	return read_rows(planning, "reading outside messages", &sql_query_plan_outside, outside, 2, add_outside, err);
}

static enum status
read_business(struct planning *planning, int32_t business_id, struct err *err)
{
	by_person_free(&planning->queue);
	by_person_free(&planning->ledger);
	struct array_text runs = ARRAY_TEXT_INIT, planned = ARRAY_TEXT_INIT;
	list_runs(planning, business_id, false, &runs);
	list_runs(planning, business_id, true, &planned);
	enum status status = STATUS_OK;
	if (array_text(&runs) == NULL || array_text(&planned) == NULL ||
		by_person_create(sizeof(struct queued_slot), &planning->queue) != STATUS_OK ||
		by_person_create(sizeof(struct ledger_event), &planning->ledger) != STATUS_OK)
		status = planning_no_memory(err);
	else
		status = read_business_rows(planning, business_id, array_text(&runs), array_text(&planned), err);
	array_text_free(&runs);
	array_text_free(&planned);
	return status;
}

/* One campaign -------------------------------------------------------------------------------------------------------------------------- */

static enum status
add_people(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	const struct audience_query query = {.audience_id = campaign->audience_id,
		.business_id = campaign->business_id,
		.run_id = campaign->facts.run_id > 0 ? campaign->facts.run_id : 0,
		.category = campaign->facts.category,
		.channel = campaign->facts.channel};
	struct audience *audience;
	enum status status = audience_open(planning->streams, &query, &audience, err);
	if (status != STATUS_OK)
		return status;
	struct progress progress;
	struct member member;
	int64_t count = 0;
	progress_begin(&progress, campaign->name, 0);
	while ((status = audience_next(audience, &member, err)) == STATUS_OK) {
		if ((status = run_plan_add(campaign->plan, &member, err)) != STATUS_OK)
			break;
		progress_show(&progress, ++count);
		if (atomic_load_explicit(planning->options.context->cancelled, memory_order_relaxed)) {
			status = err_set(err, STATUS_CANCELLED, "cancelled");
			break;
		}
	}
	progress_end(&progress);
	audience_close(&audience);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool
can_be_planned(const struct planned_campaign *campaign)
{
	return campaign->problem == NULL && !campaign->ended;
}

/* Nobody has to see the new slots of a business's last campaign. */
static bool
is_last_of_business(const struct planning *planning, const struct planned_campaign *campaign)
{
	for (const struct planned_campaign *later = campaign + 1; later < planning->campaigns + planning->campaign_count; later++)
		if (later->business_id == campaign->business_id && can_be_planned(later))
			return false;
	return true;
}

static enum status
decide_campaign(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	const struct interval span = {instant_add(planning->now, LEAD), campaign->last_at};
	const struct class_setup classes = {.campaign = &campaign->facts,
		.rulebook = planning->law->law.rulebook,
		.context = planning->law->context,
		.span = span,
		.margin = MARGIN};
	struct class_lookup lookup = {planning, campaign};
	enum status status = class_table_create(&classes, &campaign->classes, err);
	if (status != STATUS_OK)
		return status;
	const struct run_plan_setup setup = {.campaign = &campaign->facts,
		.classes = campaign->classes,
		.queue = planning->queue,
		.ledger = planning->ledger,
		.lane = campaign->lane,
		.rate_milli = campaign->rate_milli,
		.span = span,
		.horizon = planning->horizon,
		.class_id = class_id_of,
		.context = &lookup};
	if (run_plan_create(&setup, &campaign->plan, err) != STATUS_OK || add_people(planning, campaign, err) != STATUS_OK ||
		run_plan_deal(campaign->plan, err) != STATUS_OK)
		return err_wrap(err, "campaign \"%s\"", campaign->name);
	return is_last_of_business(planning, campaign) ? STATUS_OK : run_plan_record(campaign->plan, err);
}

static bool
business_is_done(const struct planning *planning, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (planning->campaigns[i].business_id == planning->campaigns[before].business_id && can_be_planned(&planning->campaigns[i]))
			return true;
	return false;
}

static enum status
decide_business(struct planning *planning, int32_t business_id, struct err *err)
{
	enum status status = read_business(planning, business_id, err);
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->business_id == business_id && can_be_planned(campaign))
			status = decide_campaign(planning, campaign, err);
	}
	return status;
}

enum status
planning_decide(struct planning *planning, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++)
		if (can_be_planned(&planning->campaigns[i]) && !business_is_done(planning, i))
			status = decide_business(planning, planning->campaigns[i].business_id, err);
	for (int i = 0; i < STREAM_COUNT; i++)
		session_close(&planning->streams[i]);
	session_rollback(planning->options.context->session);
	by_person_free(&planning->queue);
	by_person_free(&planning->ledger);
	return status;
}

/* Totals -------------------------------------------------------------------------------------------------------------------------------- */

struct run_plan_counts
planning_totals(const struct planning *planning)
{
	struct run_plan_counts totals = {0};
	for (size_t i = 0; i < planning->campaign_count; i++) {
		if (planning->campaigns[i].plan == NULL)
			continue;
		const struct run_plan_counts *counts = run_plan_counts(planning->campaigns[i].plan);
		totals.audience += counts->audience;
		totals.kept += counts->kept;
		totals.added += counts->added;
		totals.moved += counts->moved;
		totals.cancelled += counts->cancelled;
		totals.done += counts->done;
		for (size_t reason = 0; reason < sizeof totals.by_reason / sizeof *totals.by_reason; reason++)
			totals.by_reason[reason] += counts->by_reason[reason];
	}
	return totals;
}

bool
planning_changes_anything(const struct planning *planning)
{
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->plan != NULL &&
			(campaign->facts.run_id < 0 || campaign->edited || run_plan_slot_count(campaign->plan) > 0 ||
				run_plan_refusal_count(campaign->plan) > 0))
			return true;
	}
	return false;
}
