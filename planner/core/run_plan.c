/*
 * How it works: run_plan_add decides at once about everybody who is refused or whose slot stays; who needs an instant becomes a candidate, which
 * run_plan_deal.c lets be dealt.
 *
 * Slots of lower priority that may be displaced come last among a person's messages. First an instant is sought that respects them, then one that does
 * not; when that is taken, the slots of lower priority find themselves one too many once their own campaign is planned, and move or go.
 */
#include "run_plan.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
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

/* Not what may have to give way: its own run is judged with what this one leaves of the sender's volume. */
static void
count_queued(void *context, const void *row)
{
	const struct run_plan *plan = context;
	const struct queued_slot *slot = row;
	if (!slot->gone && (slot->run_id == plan->setup.campaign->run_id || !run_plan_may_displace(plan, slot)))
		run_plan_count_volume(plan, slot, 1);
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
	plan->counts.holds_until = plan->counts.holds_to_horizon = (struct instant){INT64_MAX};
	if (status == STATUS_OK && setup->quota != NULL)
		by_person_each(setup->queue, count_queued, plan);
	if (status == STATUS_OK)
		*out = plan;
	else
		run_plan_free(&plan);
	return status;
}

/* Deciding about one person ------------------------------------------------------------------------------------------------------------- */

static bool
is_stored(const struct run_plan *plan, struct stored_reason stored, const struct planned_refusal *refusal)
{
	if (stored.reason != refusal->reason || stored.rule == OTHER_RULE)
		return false;
	return strcmp(stored.rule > 0 ? plan->stored_rules[stored.rule - 1] : "", refusal->rule != NULL ? refusal->rule->id : "") == 0;
}

void
run_plan_note_change(struct people_change *change, int64_t recipient_id, int n)
{
	change->count += n;
	change->digest ^= recipient_id;
}

/* What a row of `suppressed` says now and what it will say; REASON_NONE: there is none. */
void
run_plan_note_reason(struct run_plan *plan, int64_t recipient_id, enum reason from, enum reason to)
{
	if (from == to)
		return;
	if (from != REASON_NONE)
		run_plan_note_change(&plan->counts.suppressed[from], recipient_id, -1);
	if (to != REASON_NONE)
		run_plan_note_change(&plan->counts.suppressed[to], recipient_id, 1);
}

void
run_plan_note_cancelled(struct run_plan *plan, int64_t recipient_id)
{
	plan->counts.cancelled++;
	run_plan_note_change(&plan->counts.slots, recipient_id, -1);
}

/* The same again changes nothing unless a slot must go. */
enum status
run_plan_refuse(struct run_plan *plan, struct planned_refusal refusal, struct stored_reason stored, struct err *err)
{
	plan->counts.by_reason[refusal.reason]++;
	run_plan_note_reason(plan, refusal.recipient_id, stored.reason, refusal.reason);
	if (refusal.part != PLANNED_NEW)
		run_plan_note_cancelled(plan, refusal.recipient_id);
	else if (is_stored(plan, stored, &refusal))
		return STATUS_OK;
	return spool_add(plan->refusals, &refusal) == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}

/* The number of a rule's id among those in stored reasons. */
static enum status
number_stored_rule(struct run_plan *plan, const char *id, uint8_t *out)
{
	size_t number = 0;
	*out = 0;
	if (id == NULL || *id == '\0')
		return STATUS_OK;
	while (number < plan->stored_rule_count && strcmp(plan->stored_rules[number], id) != 0)
		number++;
	*out = (uint8_t)(number < STORED_RULES_MAX ? number + 1 : OTHER_RULE);
	if (number < plan->stored_rule_count || number == STORED_RULES_MAX)
		return STATUS_OK;
	plan->stored_rules[number] = strdup(id);
	if (plan->stored_rules[number] == NULL)
		return STATUS_NO_MEMORY;
	plan->stored_rule_count++;
	return STATUS_OK;
}

static int16_t
part_of(const struct queued_slot *own)
{
	return own != NULL ? own->part : PLANNED_NEW;
}

/* Somebody who may be sent the message, if there is an instant for it. */
struct prospect {
	struct queued_slot *own; /* or NULL */
	const struct plan_class *class;
	struct candidate candidate;
	struct leeway_person person;
	size_t hard_count; /* of its events */
	struct leeway leeway;
};

static bool
is_overdue(const struct run_plan *plan, const struct queued_slot *slot)
{
	return slot->not_after.us <= plan->setup.span.from.us - plan->setup.lead.us;
}

/* Whether the slot was planned from the same campaign, with the same law, for the same place: then its verdict still holds, also for instants that
 * lie too near to be judged anew. */
static bool
is_as_planned(const struct run_plan *plan, const struct prospect *prospect)
{
	return !plan->setup.edited && prospect->own->class_id == plan->setup.class_id(plan->setup.context, prospect->candidate.class);
}

/* After a change of throughput a slot may lie off the ticks, which does not matter within the freeze horizon, nor when it is due already. */
static enum status
has_tick(struct run_plan *plan, const struct queued_slot *slot, bool *out)
{
	*out = slot->due_at.us < plan->setup.span.from.us || capacity_is_tick(plan->capacity, slot->due_at);
	return *out ? STATUS_OK : freeze_holds(&plan->freeze, plan->setup.queue, slot->due_at, out);
}

/* Whether its window, from `from` on, leaves time enough to send. */
static bool
has_time(const struct run_plan *plan, const struct prospect *prospect, struct instant from, struct instant *out_not_after)
{
	const struct instant end = class_not_after(prospect->class, leeway_lawful(prospect->class, &prospect->leeway), from);
	if (end.us >= prospect->own->not_after.us)
		return true;
	*out_not_after = end;
	return class_stretch_end(plan->setup.classes, &(struct interval){from, from}).us < end.us;
}

/*
 * A queued slot stays when its instant is lawful, within the sender's volume and one of its ticks. Sets the first instant that is too late for it:
 * never later than it was, earlier when the window closes earlier now. One that is overdue is the daemon's business.
 */
static enum status
slot_stays(struct run_plan *plan, const struct prospect *prospect, bool *out_stays, struct instant *out_not_after)
{
	const struct queued_slot *slot = prospect->own;
	*out_stays = false;
	*out_not_after = slot->not_after;
	if (slot->lane != plan->setup.lane || slot->displaced)
		return STATUS_OK;
	if (slot->not_after.us <= plan->setup.span.from.us) {
		*out_stays = is_overdue(plan, slot) || is_as_planned(plan, prospect);
		return STATUS_OK;
	}
	const struct instant from = instant_max(slot->due_at, plan->setup.span.from);
	if (interval_set_find(leeway_lawful(prospect->class, &prospect->leeway), from) == NULL)
		return STATUS_OK;
	const enum status status = has_tick(plan, slot, out_stays);
	*out_stays =
		*out_stays && quota_has_room(plan->setup.quota, prospect->class->limits, from) && has_time(plan, prospect, from, out_not_after);
	return status;
}

/* Leaves what may be displaced out of account: *out_changed tells whether there was anything. */
static enum status
disregard_lower(struct prospect *prospect, bool *out_changed)
{
	*out_changed = prospect->person.event_count > prospect->hard_count;
	if (!*out_changed)
		return STATUS_OK;
	prospect->person.event_count = prospect->hard_count;
	leeway_free(&prospect->leeway);
	return leeway_find(prospect->class, &prospect->person, &prospect->leeway);
}

/* Puts down when somebody might leave instead: when they would be dealt to if they had no slot. */
static enum status
remember_kept(struct run_plan *plan, struct prospect *prospect)
{
	struct interval_set dealable = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	bool lower = prospect->leeway.narrowed && prospect->person.event_count > prospect->hard_count;
	if (lower)
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &dealable);
	if (status == STATUS_OK && lower && dealable.count == 0)
		status = disregard_lower(prospect, &lower);
	interval_set_free(&dealable);
	if (status != STATUS_OK)
		return status;
	return run_plan_remember_kept(plan, prospect->own, &prospect->candidate, prospect->leeway.narrowed ? &prospect->leeway.lawful : NULL);
}

static enum status
hold_tick(struct run_plan *plan, struct prospect *prospect, struct instant not_after)
{
	const struct queued_slot *own = prospect->own;
	if (!run_plan_may_move(plan, own, prospect->class, not_after))
		return capacity_take(plan->capacity, own->due_at);
	const enum status status = capacity_keep(plan->capacity, own->due_at);
	return status == STATUS_OK ? remember_kept(plan, prospect) : status;
}

static enum status
keep_slot(struct run_plan *plan, struct prospect *prospect, struct instant not_after, struct err *err)
{
	const struct queued_slot *own = prospect->own;
	if (hold_tick(plan, prospect, not_after) != STATUS_OK)
		return run_plan_fail(plan, err);
	const struct queued_slot stays = {
		.due_at = own->due_at, .not_after = not_after, .lane = plan->setup.lane, .volume = prospect->class->volume};
	run_plan_count_volume(plan, &stays, 1);
	plan->counts.kept++;
	if (run_plan_count_advice(plan, &(struct placement){own->recipient_id, own->due_at, prospect->candidate.class, 1}) != STATUS_OK)
		return run_plan_fail(plan, err);
	if (own->class_id == plan->setup.class_id(plan->setup.context, prospect->candidate.class) && own->not_after.us == not_after.us)
		return STATUS_OK;
	prospect->own->leaves = true; /* the campaign, the law or the zone data changed around it */
	const struct planned_slot amended = {.recipient_id = own->recipient_id,
		.due_at = own->due_at,
		.not_after = not_after,
		.class = prospect->candidate.class,
		.part = own->part,
		.was_suppressed = prospect->candidate.stored != REASON_NONE};
	run_plan_note_slot(plan, &amended);
	return spool_add(plan->amended, &amended) == STATUS_OK ? STATUS_OK : run_plan_fail(plan, err);
}

/* Time alone takes instants away, it gives none: with two exceptions. A message that leaves counts in caps where it left, no more wherever it might
 * have; so who goes without because of one may be helped as soon as it is due. And the horizon moves on. */
void
run_plan_note_relief(struct run_plan *plan, int64_t recipient_id)
{
	size_t count;
	const struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++)
		if (!slots[i].gone && slots[i].run_id != plan->setup.campaign->run_id)
			plan->counts.holds_until = instant_min(plan->counts.holds_until, slots[i].due_at);
}

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

/* The slot stays where it is, if need be at the cost of slots of lower priority, which are judged after it and find that they have to give way. */
static enum status
stay(struct run_plan *plan, struct prospect *prospect, bool *out_stays, struct err *err)
{
	struct instant not_after;
	*out_stays = false;
	if (prospect->own != NULL && slot_stays(plan, prospect, out_stays, &not_after) != STATUS_OK)
		return run_plan_fail(plan, err);
	if (!*out_stays && prospect->own != NULL && prospect->person.event_count > prospect->hard_count) {
		struct prospect alone = *prospect;
		bool changed;
		alone.leeway = (struct leeway){.lawful = INTERVAL_SET_INIT};
		enum status status = disregard_lower(&alone, &changed);
		if (status == STATUS_OK)
			status = slot_stays(plan, &alone, out_stays, &not_after);
		leeway_free(&alone.leeway);
		if (status != STATUS_OK)
			return run_plan_fail(plan, err);
	}
	return *out_stays ? keep_slot(plan, prospect, not_after, err) : STATUS_OK;
}

static enum status
place_person(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	const struct candidate *candidate = &prospect->candidate;
	const uint32_t order = person_order(candidate->recipient_id, plan->setup.campaign->campaign_id);
	if (plan->turns != NULL && turns_add(plan->turns, candidate->class, order) != STATUS_OK)
		return run_plan_fail(plan, err);
	bool done, lower;
	if (stay(plan, prospect, &done, err) != STATUS_OK)
		return err->status;
	if (done)
		return STATUS_OK;
	if (prospect->own != NULL)
		prospect->own->leaves = true;
	enum status status = await_instant(plan, prospect, &done);
	if (status == STATUS_OK && !done && (status = disregard_lower(prospect, &lower)) == STATUS_OK && lower)
		status = await_instant(plan, prospect, &done);
	if (status != STATUS_OK)
		return run_plan_fail(plan, err);
	return done ? STATUS_OK : refuse_prospect(plan, prospect, err);
}

static struct prospect
make_prospect(const struct run_plan *plan, const struct member *member, const struct run_record *record, size_t class, uint8_t stored_rule)
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
			.part = part_of(record->own)}};
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

/* First messages ------------------------------------------------------------------------------------------------------------------------ */

/* When somebody's message may leave first, to the end of that stretch; INT64_MAX when never. It is the same whether they have a slot or not, so that
 * planning again tells the same. */
static enum status
first_stretch(struct run_plan *plan, const struct prospect *prospect, struct interval *out)
{
	const struct interval_set *dealable = &prospect->class->dealable;
	struct interval_set narrowed = INTERVAL_SET_INIT;
	struct instant not_after;
	enum status status = STATUS_OK;
	if (prospect->leeway.narrowed) {
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &narrowed);
		dealable = &narrowed;
	}
	*out = dealable->count > 0 ? dealable->items[0] : (struct interval){{INT64_MAX}, {INT64_MAX}};
	bool stays = false;
	if (prospect->own != NULL && status == STATUS_OK)
		status = slot_stays(plan, prospect, &stays, &not_after);
	if (stays) /* it may be nearer */
		out->from = instant_min(out->from, prospect->own->due_at);
	interval_set_free(&narrowed);
	return status;
}

/* Whether the message, as a later one, could not leave before another is over. If it could, that is so until what is left of the stretch is too near. */
static enum status
is_surely_later(struct run_plan *plan, const struct member *member, const struct run_record *record, bool *out, struct err *err)
{
	struct verdict verdict;
	struct interval first = {{INT64_MIN}, {INT64_MIN}};
	*out = false;
	const enum status status = verdict_make(&plan->verdicts, member, ORDER_LATER, &verdict, err);
	if (status != STATUS_OK || verdict.reason != REASON_NONE)
		return status;
	struct prospect prospect = make_prospect(plan, member, record, verdict.class, 0);
	const bool found =
		leeway_find(prospect.class, &prospect.person, &prospect.leeway) == STATUS_OK && first_stretch(plan, &prospect, &first) == STATUS_OK;
	leeway_free(&prospect.leeway);
	*out = found && first.from.us >= record->over_by.us;
	if (found && !*out)
		plan->counts.holds_until =
			instant_min(plan->counts.holds_until, (struct instant){instant_min(first.until, record->over_by).us - plan->setup.lead.us});
	return found ? STATUS_OK : run_plan_fail(plan, err);
}

/* Whether the slot was planned as the first message, and is too near to be judged anew. */
static enum status
stays_first(struct run_plan *plan, const struct member *member, const struct queued_slot *own, bool *out, struct err *err)
{
	struct verdict verdict;
	*out = false;
	if (own == NULL || own->not_after.us > plan->setup.span.from.us)
		return STATUS_OK;
	const enum status status = verdict_make(&plan->verdicts, member, ORDER_FIRST, &verdict, err);
	*out =
		status == STATUS_OK && verdict.reason == REASON_NONE && own->class_id == plan->setup.class_id(plan->setup.context, verdict.class);
	return status;
}

static enum status
find_order(struct run_plan *plan, const struct member *member, const struct run_record *record, enum message_order *out, struct err *err)
{
	enum status status = STATUS_OK;
	bool other = false;
	*out = ORDER_ANY;
	if (!plan->setup.tracks_order)
		return STATUS_OK;
	if (member->contacted) {
		status = stays_first(plan, member, record->own, &other, err);
		*out = other ? ORDER_FIRST : ORDER_LATER;
	} else {
		if (record->over_by.us < INT64_MAX)
			status = is_surely_later(plan, member, record, &other, err);
		*out = other ? ORDER_LATER : ORDER_FIRST;
	}
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
		number_stored_rule(plan, member->stored_rule, &stored_rule) != STATUS_OK)
		return run_plan_fail(plan, err);
	if (record.done) {
		plan->counts.done++;
		return STATUS_OK;
	}
	/* Another copy of the database may have sent it: a person decides. */
	if (member->stored == REASON_ADOPTED && record.own == NULL)
		return run_plan_refuse(plan,
			(struct planned_refusal){.recipient_id = member->recipient_id, .reason = REASON_ADOPTED, .part = part_of(record.own)},
			(struct stored_reason){member->stored, stored_rule}, err);
	if (record.own != NULL)
		run_plan_count_volume(plan, record.own, -1);
	struct verdict verdict;
	enum message_order order;
	enum status status = find_order(plan, member, &record, &order, err);
	if (status == STATUS_OK)
		status = verdict_make(&plan->verdicts, member, order, &verdict, err);
	if (status != STATUS_OK)
		return status;
	if (verdict.reason != REASON_NONE) {
		if (record.own != NULL)
			record.own->leaves = true;
		return run_plan_refuse(plan,
			(struct planned_refusal){
				.recipient_id = member->recipient_id, .reason = verdict.reason, .rule = verdict.rule, .part = part_of(record.own)},
			(struct stored_reason){member->stored, stored_rule}, err);
	}
	struct prospect prospect = make_prospect(plan, member, &record, verdict.class, stored_rule);
	return add_prospect(plan, &prospect, err);
}
