/*
 * How it works: run_plan_add decides at once about everybody who is refused or whose slot stays; who needs an instant becomes a candidate of
 * run_deal.h. run_plan_deal takes the ticks that others hold off the sender, lets the candidates be dealt and accounts for who went without.
 */
#include "run_plan.h"

#include <stdlib.h>

#include "grow.h"
#include "person.h"

struct run_plan {
	struct run_plan_setup setup;
	struct capacity *capacity;
	struct turns *turns; /* DEAL_EVEN only */
	struct candidates candidates;
	struct planned_refusal *refusals;
	size_t refusal_count, refusal_room;
	struct cap_event *events; /* of one person, reused */
	size_t event_room;
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
	candidates_free(&(*plan)->candidates);
	capacity_free(&(*plan)->capacity);
	turns_free(&(*plan)->turns);
	free((*plan)->refusals);
	free((*plan)->events);
	free(*plan);
	*plan = NULL;
}

enum status
run_plan_create(const struct run_plan_setup *setup, struct run_plan **out, struct err *err)
{
	struct run_plan *plan = calloc(1, sizeof *plan);
	if (plan == NULL)
		return no_memory(err);
	plan->setup = *setup;
	enum status status = capacity_create(setup->rate_milli, &plan->capacity, err);
	if (status == STATUS_OK && setup->campaign->pacing == DEAL_EVEN && turns_create(&plan->turns) != STATUS_OK)
		status = no_memory(err);
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
	*out = (struct record){.own = NULL};
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

/* Everything but caps and capacity. */
static enum status
judge(struct run_plan *plan, const struct member *member, size_t *out_class, enum reason *out, struct err *err)
{
	const struct campaign_facts *campaign = plan->setup.campaign;
	if (!member->known || member->facts.suppressed) {
		*out = member->known ? REASON_OPTED_OUT : REASON_NOT_A_RECIPIENT;
		return STATUS_OK;
	}
	const struct place_facts place = {member->phone, member->region, member->timezone};
	enum status status = class_table_find(plan->setup.classes, &place, out_class, out, err);
	if (status != STATUS_OK || *out != REASON_NONE)
		return status;
	const struct plan_class *class = class_table_at(plan->setup.classes, *out_class);
	*out = eligibility_judge(&member->facts, class->need);
	if (*out == REASON_NONE && eligibility_in_holdout(member->recipient_id, campaign->campaign_id, campaign->holdout_percent))
		*out = REASON_HOLDOUT;
	return STATUS_OK;
}

/* The instants that caps leave; `out` is empty and *out_binds false when they leave all of the class. */
static enum status
apply_caps(
	const struct run_plan *plan, const struct plan_class *class, const struct record *record, bool *out_binds, struct interval_set *out)
{
	*out_binds = false;
	if (record->event_count == 0 || class->law.of[RULE_CAP].count == 0)
		return STATUS_OK;
	struct interval_set blocked = INTERVAL_SET_INIT;
	enum status status = cap_blocked(class->law.of[RULE_CAP].items, class->law.of[RULE_CAP].count, plan->events, record->event_count,
		class->zones, class->place.zone_count, class->span, &blocked);
	if (status == STATUS_OK && blocked.count > 0) {
		status = interval_set_subtract(&class->open, &blocked, out);
		*out_binds = !interval_set_equal(&class->open, out);
	}
	interval_set_free(&blocked);
	return status;
}

/*
 * A queued slot stays when its instant is lawful and one of the sender's ticks: after a change of throughput it may be none. Sets the first
 * instant that is too late for it: never later than it was, earlier when the window closes earlier now. One that is overdue is the daemon's
 * business.
 */
static bool
slot_stays(const struct run_plan *plan, const struct plan_class *class, const struct interval_set *lawful, const struct queued_slot *slot,
	struct instant *out_not_after)
{
	*out_not_after = slot->not_after;
	if (slot->lane != plan->setup.lane)
		return false;
	if (slot->not_after.us <= plan->setup.span.from.us)
		return true;
	const struct instant from = instant_max(slot->due_at, plan->setup.span.from);
	if (interval_set_find(lawful, from) == NULL || (from.us == slot->due_at.us && !capacity_is_tick(plan->capacity, from)))
		return false;
	const struct instant end = class_not_after(class, lawful, from);
	if (end.us >= slot->not_after.us)
		return true;
	*out_not_after = end;
	return class_stretch_end(plan->setup.classes, &(struct interval){from, from}).us < end.us;
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

/* `stored`: what is said about the person already; the same again changes nothing unless a slot must go. */
static enum status
refuse(struct run_plan *plan, struct planned_refusal refusal, enum reason stored, struct err *err)
{
	plan->counts.by_reason[refusal.reason]++;
	if (refusal.part != PLANNED_NEW)
		plan->counts.cancelled++;
	else if (stored == refusal.reason)
		return STATUS_OK;
	return push_refusal(plan, refusal, err);
}

static int16_t
part_of(const struct queued_slot *own)
{
	return own != NULL ? own->part : PLANNED_NEW;
}

static enum reason
no_instant_reason(const struct plan_class *class, bool caps_bind)
{
	if (class->calendar_unknown)
		return REASON_CALENDAR_UNKNOWN;
	return caps_bind && class->dealable.count > 0 ? REASON_FREQUENCY_CAP : REASON_NO_WINDOW;
}

/* Somebody who may be sent the message, if there is an instant for it. */
struct prospect {
	struct queued_slot *own; /* or NULL */
	const struct plan_class *class;
	struct candidate candidate;
	bool caps_bind;
	struct interval_set allowed; /* what caps leave of class->open, when they bind */
};

static enum status
keep_slot(struct run_plan *plan, struct prospect *prospect, struct instant not_after, struct err *err)
{
	const struct queued_slot *own = prospect->own;
	if (capacity_take(plan->capacity, own->due_at) != STATUS_OK)
		return no_memory(err);
	plan->counts.kept++;
	if (own->class_id == plan->setup.class_id(plan->setup.context, prospect->candidate.class) && own->not_after.us == not_after.us)
		return STATUS_OK;
	prospect->candidate.due = own->due_at; /* the campaign, the law or the zone data changed around it */
	prospect->candidate.not_after = not_after;
	prospect->candidate.placed = prospect->candidate.amended = true;
	return candidates_add(&plan->candidates, &prospect->candidate, NULL) == STATUS_OK ? STATUS_OK : no_memory(err);
}

/* Somebody who needs an instant: one of the class's, or of what caps leave of them. */
static enum status
await_instant(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	const struct candidate *candidate = &prospect->candidate;
	struct interval_set leeway = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	if (prospect->caps_bind)
		status = class_dealable(plan->setup.classes, prospect->class, &prospect->allowed, &leeway);
	if (status == STATUS_OK && (prospect->caps_bind ? &leeway : &prospect->class->dealable)->count == 0)
		status = refuse(plan,
			(struct planned_refusal){candidate->recipient_id, no_instant_reason(prospect->class, prospect->caps_bind), candidate->part},
			candidate->stored, err);
	else if (status == STATUS_OK)
		status = candidates_add(&plan->candidates, candidate, prospect->caps_bind ? &leeway : NULL);
	interval_set_free(&leeway);
	return status == STATUS_NO_MEMORY ? no_memory(err) : status;
}

static enum status
place_person(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	const struct candidate *candidate = &prospect->candidate;
	if (plan->turns != NULL && turns_add(plan->turns, candidate->class, candidate->order) != STATUS_OK)
		return no_memory(err);
	const struct interval_set *lawful = prospect->caps_bind ? &prospect->allowed : &prospect->class->open;
	struct instant not_after;
	if (prospect->own != NULL && slot_stays(plan, prospect->class, lawful, prospect->own, &not_after))
		return keep_slot(plan, prospect, not_after, err);
	return await_instant(plan, prospect, err);
}

static struct prospect
make_prospect(const struct run_plan *plan, const struct member *member, struct queued_slot *own, size_t class)
{
	return (struct prospect){.own = own,
		.class = class_table_at(plan->setup.classes, class),
		.candidate = {.recipient_id = member->recipient_id,
			.class = (uint16_t) class,
			.order = person_order(member->recipient_id, plan->setup.campaign->campaign_id),
			.stored = (uint8_t)member->stored,
			.part = part_of(own)}};
}

enum status
run_plan_add(struct run_plan *plan, const struct member *member, struct err *err)
{
	plan->counts.audience++;
	struct record record;
	if (read_record(plan, member->recipient_id, &record) != STATUS_OK)
		return no_memory(err);
	if (record.done) {
		plan->counts.done++;
		return STATUS_OK;
	}
	size_t class_index = 0;
	enum reason reason = REASON_NONE;
	enum status status = judge(plan, member, &class_index, &reason, err);
	if (status != STATUS_OK)
		return status;
	if (reason != REASON_NONE)
		return refuse(plan, (struct planned_refusal){member->recipient_id, reason, part_of(record.own)}, member->stored, err);
	struct prospect prospect = make_prospect(plan, member, record.own, class_index);
	if (apply_caps(plan, prospect.class, &record, &prospect.caps_bind, &prospect.allowed) != STATUS_OK)
		status = no_memory(err);
	else
		status = place_person(plan, &prospect, err);
	interval_set_free(&prospect.allowed);
	return status;
}

/* Dealing ------------------------------------------------------------------------------------------------------------------------------- */

struct take_context {
	struct run_plan *plan;
	bool failed;
};

static enum status
cancel_absent(struct run_plan *plan, const struct queued_slot *slot)
{
	plan->counts.cancelled++;
	return push_refusal(plan, (struct planned_refusal){slot->recipient_id, REASON_NOT_IN_AUDIENCE, slot->part}, &(struct err)ERR_INIT);
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
	if (own && !slot->met)
		status = cancel_absent(plan, slot);
	else if (!own && !slot->gone && slot->lane == plan->setup.lane)
		status = capacity_take(plan->capacity, slot->due_at);
	if (status != STATUS_OK)
		take->failed = true;
}

/* Who needed an instant and got none. */
static enum status
refuse_left_over(struct run_plan *plan, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < plan->candidates.count && status == STATUS_OK; i++) {
		const struct candidate *candidate = &plan->candidates.items[i];
		if (!candidate->placed)
			status = refuse(
				plan, (struct planned_refusal){candidate->recipient_id, candidate->refusal, candidate->part}, candidate->stored, err);
	}
	return status;
}

static void
count_placed(struct run_plan *plan)
{
	struct run_plan_counts *counts = &plan->counts;
	for (size_t i = 0; i < plan->candidates.placed_count; i++) {
		const struct candidate *candidate = candidate_placed(&plan->candidates, i);
		if (candidate->part == PLANNED_NEW)
			counts->added++;
		else if (!candidate->amended)
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
		.turns = plan->turns,
		.span = {plan->setup.span.from, instant_min(plan->setup.horizon, plan->setup.span.until)}};
	struct take_context take = {plan, false};
	by_person_each(plan->setup.queue, take_other, &take);
	if (plan->turns != NULL)
		turns_settle(plan->turns);
	if (take.failed || capacity_settle(plan->capacity) != STATUS_OK || run_deal(&setup, &plan->candidates) != STATUS_OK)
		return no_memory(err);
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
			.category = (uint8_t)plan->setup.campaign->category,
			.channel = (uint8_t)plan->setup.campaign->channel};
		if (by_person_add(plan->setup.queue, &slot) != STATUS_OK)
			return no_memory(err);
	}
	return STATUS_OK;
}
