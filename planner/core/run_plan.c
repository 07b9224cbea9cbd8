/*
 * How it works: run_plan_add decides at once about everybody who is refused or whose slot stays; who needs an instant becomes a candidate of
 * run_deal.h. run_plan_deal takes the ticks that others hold off the sender, lets the candidates be dealt and accounts for who went without.
 */
#include "run_plan.h"

#include <stdlib.h>
#include <string.h>

#include "freeze.h"
#include "grow.h"
#include "person.h"

/* Distinct rules in stored reasons that are told apart; there are some dozens. A row whose rule found no place is written again. */
enum { STORED_RULES_MAX = 250, OTHER_RULE = 255 };

struct run_plan {
	struct run_plan_setup setup;
	struct verdict_maker verdicts;
	struct capacity *capacity;
	struct turns *turns; /* DEAL_EVEN only */
	struct candidates candidates;
	struct planned_refusal *refusals;
	size_t refusal_count, refusal_room;
	struct freeze freeze;
	struct cap_event *events; /* of one person, reused */
	size_t event_room;
	char *stored_rules[STORED_RULES_MAX]; /* ids in stored reasons; candidates name them by number, 0 is none */
	size_t stored_rule_count;
	struct run_plan_counts counts;
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while planning");
}

void
run_plan_free(struct run_plan **plan)
{
	if (*plan == NULL)
		return;
	verdict_maker_close(&(*plan)->verdicts);
	candidates_free(&(*plan)->candidates);
	capacity_free(&(*plan)->capacity);
	turns_free(&(*plan)->turns);
	freeze_clear(&(*plan)->freeze);
	for (size_t i = 0; i < (*plan)->stored_rule_count; i++)
		free((*plan)->stored_rules[i]);
	free((*plan)->refusals);
	free((*plan)->events);
	free(*plan);
	*plan = NULL;
}

/* Everything queued counts until its person is looked at, and again when it stays: so a slot is judged with all that may leave besides it. */
static void
count_volume(const struct run_plan *plan, const struct queued_slot *slot, int n)
{
	if (plan->setup.quota != NULL)
		quota_count(plan->setup.quota,
			&(struct quota_use){
				.lane = slot->lane, .rules = slot->volume, .first = slot->due_at, .last = {slot->not_after.us - 1}, .n = n});
}

static void
count_queued(void *context, const void *row)
{
	const struct queued_slot *slot = row;
	if (!slot->gone)
		count_volume(context, slot, 1);
}

enum status
run_plan_create(const struct run_plan_setup *setup, struct run_plan **out, struct err *err)
{
	struct run_plan *plan = calloc(1, sizeof *plan);
	if (plan == NULL)
		return no_memory(err);
	plan->setup = *setup;
	plan->verdicts = (struct verdict_maker){.campaign = setup->campaign,
		.terms = setup->terms,
		.classes = setup->classes,
		.value_names = setup->value_names,
		.value_count = setup->value_count,
		.hold = setup->hold};
	enum status status = capacity_create(setup->rate_milli, &plan->capacity, err);
	if (status == STATUS_OK && setup->campaign->pacing == DEAL_EVEN && turns_create(&plan->turns) != STATUS_OK)
		status = no_memory(err);
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

/* Everything stored about a person that matters to this run. */
struct record {
	struct queued_slot *own; /* this run's slot, or NULL */
	bool done;               /* this run is in the ledger */
	size_t event_count;      /* other messages, in plan->events */
	struct instant over_by;  /* then some other one has left or come to nothing; INT64_MAX: none is queued */
};

static enum status
push_event(struct run_plan *plan, size_t count, struct cap_event event)
{
	struct cap_event *events = grow(plan->events, count, &plan->event_room, sizeof *events);
	if (events == NULL)
		return STATUS_NO_MEMORY;
	plan->events = events;
	events[count] = event;
	return STATUS_OK;
}

static enum status
read_record(struct run_plan *plan, int64_t recipient_id, struct record *out)
{
	*out = (struct record){.over_by = {INT64_MAX}};
	size_t count;
	struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++) {
		if (slots[i].gone)
			continue;
		if (slots[i].run_id == plan->setup.campaign->run_id) {
			out->own = &slots[i];
			out->own->met = true;
		} else if (push_event(plan, out->event_count++,
					   (struct cap_event){slots[i].due_at, {slots[i].not_after.us - 1}, CATEGORY_BIT(slots[i].category),
						   CHANNEL_BIT(slots[i].channel)}) != STATUS_OK)
			return STATUS_NO_MEMORY;
		else if (plan->setup.tracks_order &&
			(plan->setup.is_settled == NULL || plan->setup.is_settled(plan->setup.context, slots[i].run_id)))
			out->over_by = instant_min(out->over_by, slots[i].not_after);
	}
	const struct ledger_event *events = by_person_find(plan->setup.ledger, recipient_id, &count);
	for (size_t i = 0; i < count; i++) {
		out->done = out->done || events[i].run_id == plan->setup.campaign->run_id;
		if (events[i].counts &&
			push_event(plan, out->event_count++,
				(struct cap_event){events[i].at, events[i].at, CATEGORY_BIT(events[i].category), CHANNEL_BIT(events[i].channel)}) !=
				STATUS_OK)
			return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}

static enum status
push_refusal(struct run_plan *plan, struct planned_refusal refusal, struct err *err)
{
	struct planned_refusal *refusals = grow(plan->refusals, plan->refusal_count, &plan->refusal_room, sizeof *refusals);
	if (refusals == NULL)
		return no_memory(err);
	plan->refusals = refusals;
	refusals[plan->refusal_count++] = refusal;
	return STATUS_OK;
}

/* What `suppressed` says about somebody. */
struct stored {
	enum reason reason;
	uint8_t rule; /* number in stored_rules */
};

static bool
is_stored(const struct run_plan *plan, struct stored stored, const struct planned_refusal *refusal)
{
	if (stored.reason != refusal->reason || stored.rule == OTHER_RULE)
		return false;
	return strcmp(stored.rule > 0 ? plan->stored_rules[stored.rule - 1] : "", refusal->rule != NULL ? refusal->rule->id : "") == 0;
}

static void
note_change(struct people_change *change, int64_t recipient_id, int n)
{
	change->count += n;
	change->digest ^= recipient_id;
}

/* What a row of `suppressed` says now and what it will say; REASON_NONE: there is none. */
static void
note_reason(struct run_plan *plan, int64_t recipient_id, enum reason from, enum reason to)
{
	if (from == to)
		return;
	if (from != REASON_NONE)
		note_change(&plan->counts.suppressed[from], recipient_id, -1);
	if (to != REASON_NONE)
		note_change(&plan->counts.suppressed[to], recipient_id, 1);
}

static void
note_cancelled(struct run_plan *plan, int64_t recipient_id)
{
	plan->counts.cancelled++;
	note_change(&plan->counts.slots, recipient_id, -1);
}

/* The same again changes nothing unless a slot must go. */
static enum status
refuse(struct run_plan *plan, struct planned_refusal refusal, struct stored stored, struct err *err)
{
	plan->counts.by_reason[refusal.reason]++;
	note_reason(plan, refusal.recipient_id, stored.reason, refusal.reason);
	if (refusal.part != PLANNED_NEW)
		note_cancelled(plan, refusal.recipient_id);
	else if (is_stored(plan, stored, &refusal))
		return STATUS_OK;
	return push_refusal(plan, refusal, err);
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
	struct leeway leeway;
};

static struct stored
stored_of(const struct candidate *candidate)
{
	return (struct stored){(enum reason)candidate->stored, candidate->stored_rule};
}

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

/*
 * A queued slot stays when its instant is lawful, within the sender's volume and one of its ticks: after a change of throughput it may be none,
 * which does not matter within the freeze horizon. Sets the first instant that is too late for it: never later than it was, earlier when the window closes earlier now. One that is
 * overdue is the daemon's business.
 */
static bool
slot_stays(struct run_plan *plan, const struct prospect *prospect, struct instant *out_not_after)
{
	const struct plan_class *class = prospect->class;
	const struct queued_slot *slot = prospect->own;
	const struct interval_set *lawful = leeway_lawful(class, &prospect->leeway);
	*out_not_after = slot->not_after;
	if (slot->lane != plan->setup.lane)
		return false;
	if (slot->not_after.us <= plan->setup.span.from.us)
		return is_overdue(plan, slot) || is_as_planned(plan, prospect);
	const struct instant from = instant_max(slot->due_at, plan->setup.span.from);
	if (interval_set_find(lawful, from) == NULL)
		return false;
	if (from.us == slot->due_at.us && !capacity_is_tick(plan->capacity, from) && !freeze_holds(&plan->freeze, plan->setup.queue, from))
		return false;
	if (!quota_has_room(plan->setup.quota, class->limits, from))
		return false;
	const struct instant end = class_not_after(class, lawful, from);
	if (end.us >= slot->not_after.us)
		return true;
	*out_not_after = end;
	return class_stretch_end(plan->setup.classes, &(struct interval){from, from}).us < end.us;
}

static enum status
keep_slot(struct run_plan *plan, struct prospect *prospect, struct instant not_after, struct err *err)
{
	const struct queued_slot *own = prospect->own;
	if (capacity_take(plan->capacity, own->due_at) != STATUS_OK)
		return no_memory(err);
	const struct queued_slot stays = {
		.due_at = own->due_at, .not_after = not_after, .lane = plan->setup.lane, .volume = prospect->class->volume};
	count_volume(plan, &stays, 1);
	plan->counts.kept++;
	if (own->class_id == plan->setup.class_id(plan->setup.context, prospect->candidate.class) && own->not_after.us == not_after.us)
		return STATUS_OK;
	prospect->candidate.due = own->due_at; /* the campaign, the law or the zone data changed around it */
	prospect->candidate.not_after = not_after;
	prospect->candidate.placed = prospect->candidate.amended = true;
	return candidates_add(&plan->candidates, &prospect->candidate, NULL) == STATUS_OK ? STATUS_OK : no_memory(err);
}

/* Time alone takes instants away, it gives none: with two exceptions. A message that leaves counts in caps where it left, no more wherever it might
 * have; so who goes without because of one may be helped as soon as it is due. And the horizon moves on. */
static void
note_relief(struct run_plan *plan, int64_t recipient_id)
{
	size_t count;
	const struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++)
		if (!slots[i].gone && slots[i].run_id != plan->setup.campaign->run_id)
			plan->counts.holds_until = instant_min(plan->counts.holds_until, slots[i].due_at);
}

static void
note_horizon(struct run_plan *plan, const struct candidate *candidate)
{
	const struct interval *later =
		interval_set_next(candidate_dealable(&plan->candidates, plan->setup.classes, candidate), plan->setup.horizon);
	if (later != NULL)
		plan->counts.holds_to_horizon = instant_min(plan->counts.holds_to_horizon, instant_max(later->from, plan->setup.horizon));
}

static enum status
refuse_prospect(struct run_plan *plan, const struct prospect *prospect, struct err *err)
{
	if (prospect->leeway.narrowed)
		note_relief(plan, prospect->candidate.recipient_id);
	struct planned_refusal refusal = {.recipient_id = prospect->candidate.recipient_id, .part = prospect->candidate.part};
	if (leeway_refusal(plan->setup.classes, prospect->class, &prospect->person, &refusal.reason, &refusal.rule) != STATUS_OK)
		return no_memory(err);
	return refuse(plan, refusal, stored_of(&prospect->candidate), err);
}

/* Somebody who needs an instant: one of the class's, or of what is left of them. */
static enum status
await_instant(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	const bool narrowed = prospect->leeway.narrowed;
	struct interval_set dealable = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	if (narrowed)
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &dealable);
	if (status == STATUS_OK && (narrowed ? &dealable : &prospect->class->dealable)->count == 0)
		status = refuse_prospect(plan, prospect, err);
	else if (status == STATUS_OK)
		status = candidates_add(&plan->candidates, &prospect->candidate, narrowed ? &dealable : NULL);
	interval_set_free(&dealable);
	return status == STATUS_NO_MEMORY ? no_memory(err) : status;
}

static enum status
place_person(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	const struct candidate *candidate = &prospect->candidate;
	if (plan->turns != NULL && turns_add(plan->turns, candidate->class, candidate->order) != STATUS_OK)
		return no_memory(err);
	struct instant not_after;
	if (prospect->own != NULL && slot_stays(plan, prospect, &not_after))
		return keep_slot(plan, prospect, not_after, err);
	return await_instant(plan, prospect, err);
}

static struct prospect
make_prospect(const struct run_plan *plan, const struct member *member, const struct record *record, size_t class, uint8_t stored_rule)
{
	return (struct prospect){.own = record->own,
		.class = class_table_at(plan->setup.classes, class),
		.person = {.facts = &member->facts, .events = plan->events, .event_count = record->event_count},
		.candidate = {.recipient_id = member->recipient_id,
			.class = (uint16_t) class,
			.order = person_order(member->recipient_id, plan->setup.campaign->campaign_id),
			.preference = (uint8_t)(member->preferred_hour + 1),
			.stored = (uint16_t)member->stored,
			.stored_rule = stored_rule,
			.part = part_of(record->own)}};
}

/* Somebody against whom nothing stands. */
static enum status
add_prospect(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	enum status status = STATUS_OK;
	if (leeway_find(prospect->class, &prospect->person, &prospect->leeway) != STATUS_OK)
		status = no_memory(err);
	else
		status = place_person(plan, prospect, err);
	leeway_free(&prospect->leeway);
	return status;
}

/* First messages ------------------------------------------------------------------------------------------------------------------------ */

/* The first instant at which somebody's message may leave; INT64_MAX when there is none. It is the same whether they have a slot or not, so that
 * planning again tells the same. */
static enum status
first_instant(struct run_plan *plan, const struct prospect *prospect, struct instant *out)
{
	const struct interval_set *dealable = &prospect->class->dealable;
	struct interval_set narrowed = INTERVAL_SET_INIT;
	struct instant not_after;
	enum status status = STATUS_OK;
	if (prospect->leeway.narrowed) {
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->leeway.lawful, &narrowed);
		dealable = &narrowed;
	}
	*out = dealable->count > 0 ? dealable->items[0].from : (struct instant){INT64_MAX};
	if (prospect->own != NULL && slot_stays(plan, prospect, &not_after)) /* it may be nearer */
		*out = instant_min(*out, prospect->own->due_at);
	interval_set_free(&narrowed);
	return status;
}

/* Whether the message, as a later one, could not leave before another is over. */
static enum status
is_surely_later(struct run_plan *plan, const struct member *member, const struct record *record, bool *out, struct err *err)
{
	struct verdict verdict;
	struct instant first = {INT64_MIN};
	*out = false;
	const enum status status = verdict_make(&plan->verdicts, member, ORDER_LATER, &verdict, err);
	if (status != STATUS_OK || verdict.reason != REASON_NONE)
		return status;
	struct prospect prospect = make_prospect(plan, member, record, verdict.class, 0);
	const bool found =
		leeway_find(prospect.class, &prospect.person, &prospect.leeway) == STATUS_OK && first_instant(plan, &prospect, &first) == STATUS_OK;
	leeway_free(&prospect.leeway);
	*out = found && first.us >= record->over_by.us;
	return found ? STATUS_OK : no_memory(err);
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
find_order(struct run_plan *plan, const struct member *member, const struct record *record, enum message_order *out, struct err *err)
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
	struct record record;
	uint8_t stored_rule;
	if (read_record(plan, member->recipient_id, &record) != STATUS_OK ||
		number_stored_rule(plan, member->stored_rule, &stored_rule) != STATUS_OK)
		return no_memory(err);
	if (record.done) {
		plan->counts.done++;
		return STATUS_OK;
	}
	if (record.own != NULL)
		count_volume(plan, record.own, -1);
	struct verdict verdict;
	enum message_order order;
	enum status status = find_order(plan, member, &record, &order, err);
	if (status == STATUS_OK)
		status = verdict_make(&plan->verdicts, member, order, &verdict, err);
	if (status != STATUS_OK)
		return status;
	if (verdict.reason != REASON_NONE)
		return refuse(plan,
			(struct planned_refusal){
				.recipient_id = member->recipient_id, .reason = verdict.reason, .rule = verdict.rule, .part = part_of(record.own)},
			(struct stored){member->stored, stored_rule}, err);
	struct prospect prospect = make_prospect(plan, member, &record, verdict.class, stored_rule);
	return add_prospect(plan, &prospect, err);
}

/* Dealing ------------------------------------------------------------------------------------------------------------------------------- */

struct take_context {
	struct run_plan *plan;
	bool failed;
};

static enum status
cancel_absent(struct run_plan *plan, const struct queued_slot *slot)
{
	note_cancelled(plan, slot->recipient_id);
	note_reason(plan, slot->recipient_id, REASON_NONE, REASON_NOT_IN_AUDIENCE);
	return push_refusal(plan,
		(struct planned_refusal){.recipient_id = slot->recipient_id, .reason = REASON_NOT_IN_AUDIENCE, .part = slot->part},
		&(struct err)ERR_INIT);
}

/* What nobody of the audience brought up: ticks that other runs of the same sender hold, and slots of people who have left the audience. */
static void
take_other(void *context, const void *row)
{
	struct take_context *take = context;
	struct run_plan *plan = take->plan;
	const struct queued_slot *slot = row;
	const bool own = slot->run_id == plan->setup.campaign->run_id;
	enum status status = STATUS_OK;
	if (own && !slot->met) {
		count_volume(plan, slot, -1);
		status = cancel_absent(plan, slot);
	} else if (!own && !slot->gone && slot->lane == plan->setup.lane)
		status = capacity_take(plan->capacity, slot->due_at);
	if (status != STATUS_OK)
		take->failed = true;
}

/* Volume that is counted wherever a message may leave is freed by every one that leaves. */
static void
note_left_over(struct run_plan *plan, const struct candidate *candidate)
{
	if (candidate->refusal == REASON_BEYOND_HORIZON)
		note_horizon(plan, candidate);
	if (candidate->refusal == REASON_DAILY_VOLUME)
		plan->counts.holds_until = (struct instant){INT64_MIN};
	if (candidate->leeway != NO_LEEWAY)
		note_relief(plan, candidate->recipient_id);
}

/* Who needed an instant and got none. */
static enum status
refuse_left_over(struct run_plan *plan, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < plan->candidates.count && status == STATUS_OK; i++) {
		const struct candidate *candidate = &plan->candidates.items[i];
		if (candidate->placed)
			continue;
		note_left_over(plan, candidate);
		status = refuse(plan,
			(struct planned_refusal){.recipient_id = candidate->recipient_id,
				.reason = (enum reason)candidate->refusal,
				.rule = candidate_rule(&plan->candidates, candidate),
				.part = candidate->part},
			stored_of(candidate), err);
	}
	return status;
}

static void
count_placed(struct run_plan *plan)
{
	struct run_plan_counts *counts = &plan->counts;
	counts->preferred = (int64_t)plan->candidates.preferred_count;
	for (size_t i = 0; i < plan->candidates.placed_count; i++) {
		const struct candidate *candidate = candidate_placed(&plan->candidates, i);
		note_reason(plan, candidate->recipient_id, (enum reason)candidate->stored, REASON_NONE);
		if (candidate->part == PLANNED_NEW) {
			counts->added++;
			note_change(&counts->slots, candidate->recipient_id, 1);
		} else if (!candidate->amended)
			counts->moved++;
		counts->first_due = i == 0 ? candidate->due : instant_min(counts->first_due, candidate->due);
		counts->last_due = i == 0 ? candidate->due : instant_max(counts->last_due, candidate->due);
	}
}

enum status
run_plan_deal(struct run_plan *plan, struct err *err)
{
	const struct run_deal_setup setup = {.classes = plan->setup.classes,
		.capacity = plan->capacity,
		.quota = plan->setup.quota,
		.pacing = plan->setup.campaign->pacing,
		.turns = plan->turns,
		.span = {plan->setup.span.from, instant_min(plan->setup.horizon, plan->setup.span.until)}};
	struct take_context take = {plan, false};
	by_person_each(plan->setup.queue, take_other, &take);
	if (plan->turns != NULL)
		turns_settle(plan->turns);
	if (take.failed || capacity_settle(plan->capacity) != STATUS_OK)
		return no_memory(err);
	const enum status status = run_deal(&setup, &plan->candidates, err);
	if (status != STATUS_OK)
		return status == STATUS_NO_MEMORY ? no_memory(err) : status;
	count_placed(plan);
	return refuse_left_over(plan, err);
}

/* Reading it off ------------------------------------------------------------------------------------------------------------------------ */

size_t
run_plan_slot_count(const struct run_plan *plan)
{
	return plan->candidates.placed_count;
}

struct planned_slot
run_plan_slot(const struct run_plan *plan, size_t index)
{
	const struct candidate *candidate = candidate_placed(&plan->candidates, index);
	return (struct planned_slot){
		candidate->recipient_id, candidate->due, candidate->not_after, candidate->class, candidate->part, candidate->stored != REASON_NONE};
}

size_t
run_plan_refusal_count(const struct run_plan *plan)
{
	return plan->refusal_count;
}

struct planned_refusal
run_plan_refusal(const struct run_plan *plan, size_t index)
{
	return plan->refusals[index];
}

const struct run_plan_counts *
run_plan_counts(const struct run_plan *plan)
{
	return &plan->counts;
}

static void
mark_gone(const struct run_plan *plan, int64_t recipient_id)
{
	size_t count;
	struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &count);
	for (size_t i = 0; i < count; i++)
		if (slots[i].run_id == plan->setup.campaign->run_id)
			slots[i].gone = true;
}

/* All that goes is marked before anything is added: a search after an addition sorts its bucket again. */
static void
mark_all_gone(const struct run_plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (plan->refusals[i].part != PLANNED_NEW)
			mark_gone(plan, plan->refusals[i].recipient_id);
	for (size_t i = 0; i < plan->candidates.placed_count; i++)
		if (candidate_placed(&plan->candidates, i)->part != PLANNED_NEW)
			mark_gone(plan, candidate_placed(&plan->candidates, i)->recipient_id);
}

enum status
run_plan_record(const struct run_plan *plan, struct err *err)
{
	mark_all_gone(plan);
	for (size_t i = 0; i < run_plan_slot_count(plan); i++) {
		const struct planned_slot planned = run_plan_slot(plan, i);
		const struct queued_slot slot = {.recipient_id = planned.recipient_id,
			.due_at = planned.due_at,
			.not_after = planned.not_after,
			.run_id = plan->setup.campaign->run_id,
			.lane = plan->setup.lane,
			.volume = class_table_at(plan->setup.classes, planned.class)->volume,
			.category = (uint8_t)plan->setup.campaign->category,
			.channel = (uint8_t)plan->setup.campaign->channel};
		if (by_person_add(plan->setup.queue, &slot) != STATUS_OK)
			return no_memory(err);
	}
	return STATUS_OK;
}
