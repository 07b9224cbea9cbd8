/*
 * How it works: run_plan_add decides at once about everybody who is refused or whose slot stays; who needs an instant becomes a candidate, which
 * run_plan_deal.c lets be dealt.
 *
 * Slots of lower priority that may be displaced come last among a person's messages. First an instant is sought that respects them, then one that
 * does not; when that is taken, the slots of lower priority find themselves one too many once their own campaign is planned, and move or go.
 */
#include "run_plan.h"

#include <stdlib.h>

#include "person.h"
#include "run_plan_private.h"

void
run_plan_free(struct run_plan **plan)
{
	if (*plan == NULL)
		return;
	verdict_maker_close(&(*plan)->verdicts);
	candidate_store_free(&(*plan)->candidates);
	spool_free(&(*plan)->slots);
	spool_free(&(*plan)->amended);
	spool_free(&(*plan)->refusals);
	spool_free(&(*plan)->leeways);
	by_person_free(&(*plan)->advised);
	advice_volumes_clear(&(*plan)->volumes);
	capacity_free(&(*plan)->capacity);
	turns_free(&(*plan)->turns);
	freeze_clear(&(*plan)->freeze);
	for (size_t i = 0; i < (*plan)->stored_rule_count; i++)
		free((*plan)->stored_rules[i]);
	free((*plan)->displaced);
	free((*plan)->events);
	free(*plan);
	*plan = NULL;
}

void
run_plan_count_volume(const struct run_plan *plan, const struct queued_slot *slot, int n)
{
	if (plan->setup.quota != NULL)
		quota_count(plan->setup.quota,
			&(struct quota_use){
				.lane = slot->lane, .rules = slot->volume, .first = slot->due_at, .last = {slot->not_after.us - 1}, .n = n});
}

/* Its own run is judged with what this one leaves of the sender's volume. */
static void
lend_volume(const struct run_plan *plan, const struct queued_slot *slot)
{
	quota_lend(plan->setup.quota,
		&(struct quota_use){.lane = slot->lane, .rules = slot->volume, .first = slot->due_at, .last = {slot->not_after.us - 1}, .n = 1});
}

static void
count_queued(void *context, const void *row)
{
	struct run_plan *plan = context;
	const struct queued_slot *slot = row;
	if (slot->gone)
		return;
	const bool counts = slot->run_id == plan->setup.campaign->run_id || !run_plan_may_displace(plan, slot);
	if (counts)
		run_plan_count_volume(plan, slot, 1);
	else
		lend_volume(plan, slot);
	run_plan_note_spread(plan, slot, counts);
}

static enum status
open_stores(struct run_plan *plan)
{
	enum status status = candidate_store_create(plan->setup.campaign->campaign_id, plan->storage, &plan->candidates);
	if (status == STATUS_OK)
		status = spool_create(sizeof(struct planned_slot), plan->storage, &plan->slots);
	if (status == STATUS_OK)
		status = spool_create(sizeof(struct planned_slot), plan->storage, &plan->amended);
	if (status == STATUS_OK)
		status = run_plan_open_leeways(plan);
	return status == STATUS_OK ? spool_create(sizeof(struct planned_refusal), plan->storage, &plan->refusals) : status;
}

enum status
run_plan_create(const struct run_plan_setup *setup, struct run_plan **out, struct err *err)
{
	struct run_plan *plan = calloc(1, sizeof *plan);
	if (plan == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory while planning");
	plan->setup = *setup;
	plan->verdicts = (struct verdict_maker){.campaign = setup->campaign,
		.terms = setup->terms,
		.classes = setup->classes,
		.value_names = setup->value_names,
		.value_count = setup->value_count,
		.hold_rule = setup->hold_rule,
		.hold = setup->hold};
	plan->own_storage = (struct spool_storage)SPOOL_MEMORY_ONLY;
	plan->storage = setup->storage != NULL ? setup->storage : &plan->own_storage;
	enum status status = capacity_create(setup->rate_milli, &plan->capacity, err);
	if (status == STATUS_OK && open_stores(plan) != STATUS_OK)
		status = run_plan_fail(plan, err);
	if (status == STATUS_OK && setup->campaign->pacing == DEAL_EVEN && turns_create(&plan->turns) != STATUS_OK)
		status = run_plan_fail(plan, err);
	plan->freeze = (struct freeze){.from = {setup->span.from.us - setup->lead.us},
		.until = setup->freeze_until,
		.lane = setup->lane,
		.per_second = (setup->rate_milli + 999) / 1000};
	plan->volumes.from = setup->span.from;
	plan->counts.holds_until = plan->counts.holds_to_horizon = plan->spread_from = plan->first_slot = (struct instant){INT64_MAX};
	if (status == STATUS_OK && setup->quota != NULL)
		by_person_each(setup->queue, count_queued, plan);
	if (status == STATUS_OK)
		*out = plan;
	else
		run_plan_free(&plan);
	return status;
}

/* Deciding about one person ------------------------------------------------------------------------------------------------------------- */

static enum status
refuse_prospect(struct run_plan *plan, const struct prospect *prospect, struct err *err)
{
	if (prospect->leeway.narrowed)
		run_plan_note_relief(plan, prospect->candidate.recipient_id);
	struct planned_refusal refusal = {.recipient_id = prospect->candidate.recipient_id, .part = prospect->candidate.part};
	if (leeway_refusal(plan->setup.classes, prospect->class, &prospect->person, &refusal.reason, &refusal.rule) != STATUS_OK)
		return run_plan_fail(plan, err);
	return run_plan_refuse(plan, refusal, run_plan_stored(&prospect->candidate), err);
}

/* Somebody who needs an instant: one of the class's, or of what is left of them. `*out_waits` false: nothing is left. */
static enum status
await_instant(struct run_plan *plan, struct prospect *prospect, bool *out_waits)
{
	const bool narrowed = prospect->leeway.narrowed;
	struct interval_set dealable = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	if (narrowed)
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &dealable);
	*out_waits = (narrowed ? &dealable : &prospect->class->dealable)->count > 0;
	if (status == STATUS_OK && *out_waits)
		status = candidate_store_add(plan->candidates, &prospect->candidate, narrowed ? &dealable : NULL);
	interval_set_free(&dealable);
	return status;
}
static enum status
place_person(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	const struct candidate *candidate = &prospect->candidate;
	const uint32_t order = person_order(candidate->recipient_id, plan->setup.campaign->campaign_id);
	if (plan->turns != NULL && turns_add(plan->turns, candidate->class, order) != STATUS_OK)
		return run_plan_fail(plan, err);
	bool done, lower;
	if (run_plan_stay(plan, prospect, &done, err) != STATUS_OK)
		return err->status;
	if (done)
		return STATUS_OK;
	if (prospect->own != NULL)
		prospect->own->leaves = true;
	enum status status = await_instant(plan, prospect, &done);
	if (status == STATUS_OK && !done && (status = run_plan_disregard_lower(prospect, &lower)) == STATUS_OK && lower)
		status = await_instant(plan, prospect, &done);
	if (status != STATUS_OK)
		return run_plan_fail(plan, err);
	return done ? STATUS_OK : refuse_prospect(plan, prospect, err);
}
struct prospect
run_plan_make_prospect(
	const struct run_plan *plan, const struct member *member, const struct run_record *record, size_t class, uint8_t stored_rule)
{
	return (struct prospect){.own = record->own,
		.class = class_table_at(plan->setup.classes, class),
		.person = {.facts = &member->facts, .events = plan->events, .event_count = record->event_count},
		.hard_count = record->hard_count,
		.candidate = {.recipient_id = member->recipient_id,
			.class = (uint16_t) class,
			.preference = (uint8_t)(member->preferred_hour + 1),
			.stored = (uint8_t)member->stored,
			.stored_rule = stored_rule,
			.part = run_plan_part_of(record->own)}};
}
/* Somebody against whom nothing stands. */
static enum status
add_prospect(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	enum status status = STATUS_OK;
	if (leeway_find(prospect->class, &prospect->person, &prospect->leeway) != STATUS_OK)
		status = run_plan_fail(plan, err);
	else
		status = place_person(plan, prospect, err);
	leeway_free(&prospect->leeway);
	return status;
}
/* One person ---------------------------------------------------------------------------------------------------------------------------- */

enum status
run_plan_add(struct run_plan *plan, const struct member *member, struct err *err)
{
	plan->counts.audience++;
	if (!member->excepted) {
		plan->counts.reached++;
		plan->counts.audience_digest ^= member->recipient_id;
	}
	struct run_record record;
	uint8_t stored_rule;
	if (run_plan_read_record(plan, member->recipient_id, &record) != STATUS_OK ||
		run_plan_number_rule(plan, member->stored_rule, &stored_rule) != STATUS_OK)
		return run_plan_fail(plan, err);
	if (record.done) {
		plan->counts.done++;
		return STATUS_OK;
	}
	/* Another copy of the database may have sent it: a person decides. */
	if (member->stored == REASON_ADOPTED && record.own == NULL)
		return run_plan_refuse(plan,
			(struct planned_refusal){.recipient_id = member->recipient_id, .reason = REASON_ADOPTED, .part = run_plan_part_of(record.own)},
			(struct stored_reason){member->stored, stored_rule}, err);
	if (record.own != NULL)
		run_plan_count_volume(plan, record.own, -1);
	struct verdict verdict;
	enum message_order order;
	enum status status = run_plan_find_order(plan, member, &record, &order, err);
	if (status == STATUS_OK)
		status = verdict_make(&plan->verdicts, member, order, &verdict, err);
	if (status != STATUS_OK)
		return status;
	if (verdict.reason != REASON_NONE) {
		if (record.own != NULL)
			record.own->leaves = true;
		return run_plan_refuse(plan,
			(struct planned_refusal){
				.recipient_id = member->recipient_id, .reason = verdict.reason, .rule = verdict.rule, .part = run_plan_part_of(record.own)},
			(struct stored_reason){member->stored, stored_rule}, err);
	}
	struct prospect prospect = run_plan_make_prospect(plan, member, &record, verdict.class, stored_rule);
	return add_prospect(plan, &prospect, err);
}
