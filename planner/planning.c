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

#include "conf/log.h"
#include "planner/core/quota.h"
#include "planning_change.h"
#include "planning_class.h"
#include "planning_read.h"
#include "planning_volume.h"
#include "progress.h"
#include "sql/copy.h"

void
planned_campaign_clear(struct planned_campaign *campaign)
{
	run_plan_free(&campaign->plan);
	class_table_free(&campaign->classes);
	quota_free(&campaign->quota);
	terms_book_free(&campaign->book);
	free((void *)campaign->asks.value_names);
	free(campaign->portfolio);
	free(campaign->audiences);
	free(campaign->excepted);
	free(campaign->rrule);
	free(campaign->class_ids);
	free(campaign->problem);
}

void
planning_free(struct planning **planning)
{
	if (*planning == NULL)
		return;
	for (size_t i = 0; i < (*planning)->campaign_count; i++)
		planned_campaign_clear(&(*planning)->campaigns[i]);
	for (size_t i = 0; i < (*planning)->stored_class_count; i++)
		free((*planning)->stored_classes[i].key);
	for (int i = 0; i < STREAM_COUNT; i++)
		session_close(&(*planning)->streams[i]);
	by_person_free(&(*planning)->queue);
	by_person_free(&(*planning)->ledger);
	spool_file_close(&(*planning)->spool);
	planning_change_free(*planning);
	PQclear((*planning)->moved);
	lawbook_free(&(*planning)->law);
	free((*planning)->class_volumes);
	free((*planning)->sent);
	free((*planning)->campaigns);
	free((*planning)->runs);
	free((*planning)->stored_classes);
	free((*planning)->seen);
	free(*planning);
	*planning = NULL;
}

/* Reading the queue and the ledger of a business ------------------------------------------------------------------------------------------ */

static struct stored_run *
find_run(const struct planning *planning, int64_t run_id)
{
	size_t from = 0, until = planning->run_count;
	while (from < until) {
		const size_t middle = from + (until - from) / 2;
		if (planning->runs[middle].run_id == run_id)
			return &planning->runs[middle];
		if (planning->runs[middle].run_id < run_id)
			from = middle + 1;
		else
			until = middle;
	}
	return NULL;
}

static enum status
add_slot(struct planning *planning, const struct copy_row *row, struct err *err)
{
	struct stored_run *run = find_run(planning, copy_field_int64(row, 3));
	uint32_t volume;
	const enum status status = planning_volume_rules(planning, (int32_t)copy_field_int64(row, 4), &volume, err);
	if (status != STATUS_OK)
		return status;
	const struct queued_slot slot = {.recipient_id = copy_field_int64(row, 0),
		.due_at = copy_field_instant(row, 1),
		.not_after = copy_field_instant(row, 2),
		.run_id = run->run_id,
		.class_id = (int32_t)copy_field_int64(row, 4),
		.lane = (int16_t)copy_field_int64(row, 5),
		.part = (int16_t)copy_field_int64(row, 6),
		.volume = volume,
		.category = run->category,
		.channel = run->channel,
		.subject = run->subject};
	row_sum_add(&run->queued, (uint64_t)slot.recipient_id);
	return by_person_add(planning->queue, &slot) == STATUS_OK ? STATUS_OK : spool_fail(&planning->spool.storage, err);
}

static enum status
add_release(struct planning *planning, const struct copy_row *row, struct err *err)
{
	struct stored_run *run = find_run(planning, copy_field_int64(row, 2));
	const struct ledger_event event = {.recipient_id = copy_field_int64(row, 0),
		.at = copy_field_instant(row, 1),
		.run_id = run->run_id,
		.category = run->category,
		.channel = run->channel,
		.subject = run->subject,
		.counts = copy_field_int64(row, 3) != 0};
	row_sum_add(event.counts ? &run->sent : &run->closed, (uint64_t)event.recipient_id);
	return by_person_add(planning->ledger, &event) == STATUS_OK ? STATUS_OK : spool_fail(&planning->spool.storage, err);
}

/* As plan_sum_outside makes it. */
static uint64_t
hash_outside(const struct copy_row *row)
{
	return row_hash_int64(copy_field_int64(row, 0), row_hash_int64(copy_field_int64(row, 1), (uint64_t)copy_field_int64(row, 2) + 1));
}

static enum status
add_outside(struct planning *planning, const struct copy_row *row, struct err *err)
{
	const unsigned kind = (unsigned)copy_field_int64(row, 2), category = kind % 8, channel = kind / 8;
	if (copy_field_is_null(row, 2) || category >= CATEGORY_COUNT || channel >= CHANNEL_COUNT)
		return err_set(err, STATUS_INTERNAL, "an outside message has a category or channel this program does not know");
	const struct ledger_event event = {.recipient_id = copy_field_int64(row, 0),
		.at = copy_field_instant(row, 1),
		.category = (uint8_t)category,
		.channel = (uint8_t)channel,
		.counts = true};
	row_sum_add(&planning->outside, hash_outside(row));
	return by_person_add(planning->ledger, &event) == STATUS_OK ? STATUS_OK : spool_fail(&planning->spool.storage, err);
}

typedef enum status add_row_fn(struct planning *planning, const struct copy_row *row, struct err *err);

/* One of several reads, each in a session of its own. */
struct row_read {
	const struct sql_statement *statement;
	const char *const *params;
	int param_count;
	add_row_fn *add;
	struct copy_reader *reader; /* NULL: not begun, or at its end */
};

enum { READ_AT_ONCE = 1024 /* rows: some tenths of what a socket holds */ };

static enum status
read_some(struct planning *planning, struct row_read *read, int64_t *count, struct err *err)
{
	struct copy_row row;
	enum status status = STATUS_OK;
	for (int i = 0; i < READ_AT_ONCE && (status = copy_reader_next(read->reader, &row, err)) == STATUS_OK; i++) {
		if ((status = read->add(planning, &row, err)) != STATUS_OK)
			return status;
		++*count;
	}
	if (status == STATUS_NOT_FOUND)
		copy_reader_close(&read->reader);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* In turns, so that the server works at all of them. */
static enum status
read_in_turns(struct planning *planning, struct row_read *reads, size_t read_count, struct err *err)
{
	struct progress progress;
	int64_t count = 0;
	enum status status = STATUS_OK;
	size_t open = read_count;
	progress_begin(&progress, "reading the queue and the ledger", 0);
	while (open > 0 && status == STATUS_OK) {
		open = 0;
		for (size_t i = 0; i < read_count && status == STATUS_OK; i++) {
			if (reads[i].reader != NULL)
				status = read_some(planning, &reads[i], &count, err);
			open += reads[i].reader != NULL;
		}
		progress_show(&progress, count);
	}
	progress_end(&progress);
	return status;
}

static enum status
read_together(struct planning *planning, struct row_read *reads, size_t count, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = copy_reader_open(planning->streams[i], reads[i].statement, reads[i].params, reads[i].param_count, &reads[i].reader, err);
	if (status == STATUS_OK)
		status = read_in_turns(planning, reads, count, err);
	for (size_t i = 0; i < count; i++)
		copy_reader_close(&reads[i].reader);
	return status;
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
	session_param_instant(planning_lookback(planning, business_id), since);
	const char *const slots[] = {runs}, *const ledger[] = {runs, since, planned};
	const char *const outside[][3] = {{business, since, "0"}, {business, since, "1"}};
	struct row_read reads[] = {{&sql_query_plan_slots, slots, 1, add_slot, NULL}, {&sql_query_plan_ledger, ledger, 3, add_release, NULL},
		{&sql_query_plan_outside, outside[0], 3, add_outside, NULL}, {&sql_query_plan_outside, outside[1], 3, add_outside, NULL}};
	return read_together(planning, reads, sizeof reads / sizeof *reads, err);
}

size_t
planning_memory(const struct planning *planning)
{
	return (size_t)planning->options.context->settings.plan_memory << 20;
}

static enum status
read_business(struct planning *planning, int32_t business_id, struct err *err)
{
	by_person_free(&planning->queue);
	by_person_free(&planning->ledger);
	planning->outside = (struct row_sum){0};
	struct array_text runs = ARRAY_TEXT_INIT, planned = ARRAY_TEXT_INIT;
	list_runs(planning, business_id, false, &runs);
	list_runs(planning, business_id, true, &planned);
	enum status status = STATUS_OK;
	if (array_text(&runs) == NULL || array_text(&planned) == NULL ||
		by_person_create(sizeof(struct queued_slot), &planning->queue) != STATUS_OK ||
		by_person_create(sizeof(struct ledger_event), &planning->ledger) != STATUS_OK) {
		status = planning_no_memory(err);
	} else {
		by_person_spill(planning->queue, &planning->spool.storage, planning_memory(planning) / 4);
		by_person_spill(planning->ledger, &planning->spool.storage, planning_memory(planning) / 4);
		status = read_business_rows(planning, business_id, array_text(&runs), array_text(&planned), err);
	}
	array_text_free(&runs);
	array_text_free(&planned);
	return status;
}

/* One campaign -------------------------------------------------------------------------------------------------------------------------- */

static enum status
add_people(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	struct audience *audience;
	enum status status = audience_open(planning->streams, &campaign->asks, &audience, err);
	if (status != STATUS_OK)
		return status;
	struct progress progress;
	struct member member;
	int64_t count = 0;
	progress_begin(&progress, campaign->label, campaign->approval_names_audience ? campaign->approved_people : 0);
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
	campaign->sums = *audience_sums(audience);
	audience_close(&audience);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Nobody has to see the new slots of a business's last campaign. */
static bool
is_last_of_business(const struct planning *planning, const struct planned_campaign *campaign)
{
	for (const struct planned_campaign *later = campaign + 1; later < planning->campaigns + planning->campaign_count; later++)
		if (later->business_id == campaign->business_id && planning_is_plannable(later))
			return false;
	return true;
}

static enum status
tell_dealt(void *context, const struct planned_slot *slot)
{
	const struct class_lookup *lookup = context;
	struct planning *planning = lookup->planning;
	return planning->is_read && planning->on_dealt != NULL ? planning->on_dealt(planning, lookup->campaign, slot, &planning->dealt)
														   : STATUS_OK;
}

/* Makes the classes and the plan of a campaign anew, with nobody in it. */
static enum status
start_plan(struct planning *planning, struct planned_campaign *campaign, enum reason hold, struct err *err)
{
	const struct interval span = planning_span(planning, campaign);
	const struct class_setup classes = {.campaign = &campaign->facts,
		.terms = &campaign->book->terms,
		.words = &campaign->words,
		.rulebook = planning->law->law.rulebook,
		.context = planning->law->context,
		.quota = campaign->quota,
		.span = span,
		.margin = PLANNING_MARGIN,
		.most_classes = planning->options.most_classes,
		.clock = progress_clock};
	run_plan_free(&campaign->plan);
	class_table_free(&campaign->classes);
	campaign->class_id_count = 0;
	enum status status = class_table_create(&classes, &campaign->classes, err);
	if (status != STATUS_OK)
		return status;
	planning_volume_count(planning, campaign);
	campaign->lookup = (struct class_lookup){planning, campaign};
	const struct run_plan_setup setup = {.campaign = &campaign->facts,
		.terms = &campaign->book->terms,
		.classes = campaign->classes,
		.queue = planning->queue,
		.ledger = planning->ledger,
		.storage = &planning->spool.storage,
		.quota = campaign->quota,
		.sender = &campaign->book->sender,
		.value_names = campaign->asks.value_names,
		.value_count = campaign->asks.value_count,
		.tracks_order = campaign->asks.contacts,
		.edited = campaign->edited,
		.hold = hold,
		.hold_rule = hold == REASON_NONE ? NULL : rulebook_find(planning->law->law.rulebook, campaign->hold_rule, NULL),
		.lane = campaign->lane,
		.rate_milli = campaign->rate_milli,
		.span = span,
		.lead = PLANNING_LEAD,
		.freeze_until = instant_add(planning->now, planning->options.context->settings.plan_freeze),
		.horizon = planning->horizon,
		.is_settled = class_lookup_is_settled,
		.class_id = class_lookup_id,
		.on_dealt = tell_dealt,
		.context = &campaign->lookup};
	return run_plan_create(&setup, &campaign->plan, err);
}

static bool
audience_is_approved(const struct planned_campaign *campaign)
{
	const struct run_plan_counts *counts = run_plan_counts(campaign->plan);
	return !campaign->approval_names_audience ||
		(counts->reached == campaign->approved_people && counts->audience_digest == campaign->approved_digest);
}

/* F1: whoever approved a campaign approved whom it reaches. */
static enum status
hold_everybody(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	enum status status = planning_volume_quota(planning, campaign, err);
	if (status == STATUS_OK)
		status = start_plan(planning, campaign, REASON_AUDIENCE_CHANGED, err);
	return status == STATUS_OK ? add_people(planning, campaign, err) : status;
}

static void
tell_classes(const struct planned_campaign *campaign)
{
	log_message(SEVERITY_INFO, "campaign \"%s\": %zu classes of people, law and windows made in %.1f ms", campaign->label,
		class_table_count(campaign->classes), (double)class_table_spent(campaign->classes).us / 1000.0);
}

/* Something about its people: its stored slots stay where they are, and count for the others. */
static enum status
give_up(struct planned_campaign *campaign, struct err *err)
{
	if (planning_set_aside(campaign, err) != STATUS_OK)
		return err_wrap(err, "campaign \"%s\"", campaign->label);
	campaign->given_up = true;
	run_plan_free(&campaign->plan);
	class_table_free(&campaign->classes);
	return STATUS_OK;
}

static enum status
read_campaign(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	enum status status = start_plan(planning, campaign, campaign->hold, err);
	if (status == STATUS_OK)
		status = add_people(planning, campaign, err);
	if (status == STATUS_OK && campaign->hold == REASON_NONE && !audience_is_approved(campaign))
		status = hold_everybody(planning, campaign, err);
	return status == STATUS_OK ? STATUS_OK : give_up(campaign, err);
}

static enum status
deal_campaign(const struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	const enum status status = run_plan_deal(campaign->plan, err);
	if (planning->dealt.status != STATUS_OK) {
		*err = planning->dealt;
		return err->status;
	}
	if (status != STATUS_OK)
		return err_wrap(err, "campaign \"%s\"", campaign->label);
	tell_classes(campaign);
	return is_last_of_business(planning, campaign) ? STATUS_OK : run_plan_record(campaign->plan, err);
}

/* The one that waits to be dealt, if any. */
static enum status
deal_waiting(const struct planning *planning, struct planned_campaign **waiting, struct err *err)
{
	struct planned_campaign *campaign = *waiting;
	*waiting = NULL;
	return campaign != NULL ? deal_campaign(planning, campaign, err) : STATUS_OK;
}

static bool
business_is_done(const struct planning *planning, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (planning->campaigns[i].business_id == planning->campaigns[before].business_id && planning_is_plannable(&planning->campaigns[i]))
			return true;
	return false;
}

/* The last campaign of the business is left waiting: nothing that is still to be read depends on what it is dealt. */
static enum status
decide_business(struct planning *planning, int32_t business_id, struct planned_campaign **out_waiting, struct err *err)
{
	enum status status = planning_volume_open(planning, business_id, err);
	if (status == STATUS_OK)
		status = read_business(planning, business_id, err);
	if (status == STATUS_OK)
		status = planning_volume_read(planning, business_id, err);
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->business_id != business_id || !planning_is_plannable(campaign))
			continue;
		status = deal_waiting(planning, out_waiting, err);
		if (status == STATUS_OK)
			status = read_campaign(planning, campaign, err);
		if (planning_is_plannable(campaign))
			*out_waiting = campaign;
	}
	return status == STATUS_OK ? planning_change_gather(planning, business_id, err) : status;
}

static enum status
decide_if_changed(struct planning *planning, int32_t business_id, struct planned_campaign **waiting, struct err *err)
{
	bool unchanged;
	enum status status = planning_change_look(planning, business_id, &unchanged, err);
	if (status != STATUS_OK || unchanged)
		return status;
	status = deal_waiting(planning, waiting, err); /* while the queue and the ledger of its business are there */
	if (status == STATUS_OK)
		status = planning_open_streams(planning, err);
	return status == STATUS_OK ? decide_business(planning, business_id, waiting, err) : status;
}

/* From here on the server may forget what the snapshot saw. */
static void
end_reading(struct planning *planning)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		session_close(&planning->streams[i]);
	session_rollback(planning->options.context->session);
	planning->is_read = true;
	log_message(SEVERITY_INFO, "everything is read");
}

enum status
planning_decide(struct planning *planning, struct err *err)
{
	struct planned_campaign *waiting = NULL;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++)
		if (planning_is_plannable(&planning->campaigns[i]) && !business_is_done(planning, i))
			status = decide_if_changed(planning, planning->campaigns[i].business_id, &waiting, err);
	end_reading(planning);
	if (status == STATUS_OK)
		status = deal_waiting(planning, &waiting, err);
	by_person_free(&planning->queue);
	by_person_free(&planning->ledger);
	return status;
}

/* Totals -------------------------------------------------------------------------------------------------------------------------------- */

const struct run_plan_counts *
planning_counts(const struct planned_campaign *campaign)
{
	if (campaign->plan != NULL)
		return run_plan_counts(campaign->plan);
	return campaign->unchanged ? &campaign->told : NULL;
}

struct run_plan_counts
planning_totals(const struct planning *planning)
{
	struct run_plan_counts totals = {0};
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct run_plan_counts *counts = planning_counts(&planning->campaigns[i]);
		if (counts == NULL)
			continue;
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
	if (planning->to_drop > 0)
		return true;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->plan != NULL &&
			(campaign->facts.run_id < 0 || campaign->edited || run_plan_slot_count(campaign->plan) > 0 ||
				run_plan_refusal_count(campaign->plan) > 0))
			return true;
	}
	return false;
}
