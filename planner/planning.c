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
#include "planning_rows.h"
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

size_t
planning_memory(const struct planning *planning)
{
	return (size_t)planning->options.context->settings.plan_memory << 20;
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
		status = planning_rows_read(planning, business_id, err);
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
