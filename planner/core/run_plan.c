/*
 * How it works: run_plan_add decides at once about everybody who is refused or whose slot stays; who needs an instant becomes a candidate. A
 * candidate whose caps bind carries the instants that are left (its leeway); all others share those of their class. run_plan_deal sorts the
 * candidates by class and fair order, makes each class and each leeway a source of the deal, and keeps the order in which they were served,
 * which is the due order that publishing wants.
 */
#include "run_plan.h"

#include <stdlib.h>

#include "person.h"
#include "turn.h"

enum { NO_LEEWAY = UINT32_MAX };

struct candidate {
	int64_t recipient_id;
	struct instant due, not_after; /* once dealt */
	uint32_t order;
	uint32_t leeway; /* index, or NO_LEEWAY: the class decides */
	uint16_t class;
	int16_t part;
	uint8_t stored;      /* enum reason */
	bool dealt, amended; /* amended: stays at its instant, under another class or with an earlier end */
};

/* The candidates that are one source of the deal. */
struct source_range {
	size_t first, count;
};

struct run_plan {
	struct run_plan_setup setup;
	struct capacity *capacity;
	struct candidate *candidates;
	size_t candidate_count, candidate_room;
	struct interval_set *leeways; /* what frequency caps leave of a class to one person, ready to be dealt */
	size_t leeway_count, leeway_room;
	struct planned_refusal *refusals;
	size_t refusal_count, refusal_room;
	uint32_t *dealt; /* candidates in due order */
	size_t dealt_count, first_walk_count;
	struct turns *turns;          /* DEAL_EVEN only */
	struct source_range *sources; /* as numbered by the deal */
	size_t source_count, source_room;
	struct cap_event *events; /* of one person, reused */
	size_t event_room;
	struct run_plan_counts counts;
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while planning");
}

/* Makes room for one more item; false without memory. */
static bool
grow(void **items, size_t count, size_t *room, size_t item_bytes)
{
	if (count < *room)
		return true;
	size_t wanted = *room != 0 ? *room + *room / 2 : 256;
	void *grown = realloc(*items, wanted * item_bytes);
	if (grown == NULL)
		return false;
	*items = grown;
	*room = wanted;
	return true;
}

void
run_plan_free(struct run_plan **plan)
{
	if (*plan == NULL)
		return;
	for (size_t i = 0; i < (*plan)->leeway_count; i++)
		interval_set_free(&(*plan)->leeways[i]);
	capacity_free(&(*plan)->capacity);
	turns_free(&(*plan)->turns);
	free((*plan)->candidates);
	free((*plan)->leeways);
	free((*plan)->refusals);
	free((*plan)->dealt);
	free((*plan)->sources);
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
	void *events = plan->events;
	if (!grow(&events, count, &plan->event_room, sizeof *plan->events))
		return STATUS_NO_MEMORY;
	plan->events = events;
	plan->events[count] = event;
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
	if (record->event_count == 0 || class->law.cap_count == 0)
		return STATUS_OK;
	struct interval_set blocked = INTERVAL_SET_INIT;
	enum status status = cap_blocked(class->law.caps, class->law.cap_count, plan->events, record->event_count, class->zones,
		class->place.zone_count, class->span, &blocked);
	if (status == STATUS_OK && blocked.count > 0) {
		status = interval_set_subtract(&class->open, &blocked, out);
		*out_binds = !interval_set_equal(&class->open, out);
	}
	interval_set_free(&blocked);
	return status;
}

/*
 * A queued slot stays when its instant is lawful and one of the sender's ticks: after a change of throughput it may be none. Sets the first instant that is too late for it: never later than it was, earlier when the window
 * closes earlier now. One that is overdue is the daemon's business.
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
	void *refusals = plan->refusals;
	if (!grow(&refusals, plan->refusal_count, &plan->refusal_room, sizeof *plan->refusals))
		return no_memory(err);
	plan->refusals = refusals;
	plan->refusals[plan->refusal_count++] = refusal;
	return STATUS_OK;
}

static enum status
refuse(struct run_plan *plan, const struct member *member, const struct queued_slot *own, enum reason reason, struct err *err)
{
	plan->counts.by_reason[reason]++;
	if (own != NULL)
		plan->counts.cancelled++;
	if (own == NULL && member->stored == reason)
		return STATUS_OK;
	return push_refusal(plan, (struct planned_refusal){member->recipient_id, reason, own != NULL ? own->part : PLANNED_NEW}, err);
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
	const struct member *member;
	struct queued_slot *own; /* or NULL */
	const struct plan_class *class;
	struct candidate candidate;
	bool caps_bind;
	struct interval_set allowed; /* what caps leave of class->open, when they bind */
};

static enum status
push_candidate(struct run_plan *plan, const struct candidate *candidate, struct err *err)
{
	void *candidates = plan->candidates;
	if (!grow(&candidates, plan->candidate_count, &plan->candidate_room, sizeof *plan->candidates))
		return no_memory(err);
	plan->candidates = candidates;
	plan->candidates[plan->candidate_count++] = *candidate;
	return STATUS_OK;
}

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
	prospect->candidate.dealt = prospect->candidate.amended = true;
	return push_candidate(plan, &prospect->candidate, err);
}

/* Takes `dealable` over. */
static enum status
push_leeway(struct run_plan *plan, struct interval_set *dealable, uint32_t *out, struct err *err)
{
	void *leeways = plan->leeways;
	if (!grow(&leeways, plan->leeway_count, &plan->leeway_room, sizeof *plan->leeways))
		return no_memory(err);
	plan->leeways = leeways;
	interval_set_trim(dealable);
	plan->leeways[plan->leeway_count] = *dealable;
	*dealable = (struct interval_set)INTERVAL_SET_INIT;
	*out = (uint32_t)plan->leeway_count++;
	return STATUS_OK;
}

/* Somebody who needs an instant: one of the class's, or of what caps leave of them. */
static enum status
await_instant(struct run_plan *plan, struct prospect *prospect, struct err *err)
{
	struct interval_set dealable = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	if (prospect->caps_bind && class_dealable(plan->setup.classes, prospect->class, &prospect->allowed, &dealable) != STATUS_OK)
		status = no_memory(err);
	else if ((prospect->caps_bind ? &dealable : &prospect->class->dealable)->count == 0)
		status = refuse(plan, prospect->member, prospect->own, no_instant_reason(prospect->class, prospect->caps_bind), err);
	else if (!prospect->caps_bind || (status = push_leeway(plan, &dealable, &prospect->candidate.leeway, err)) == STATUS_OK)
		status = push_candidate(plan, &prospect->candidate, err);
	interval_set_free(&dealable);
	return status;
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
	return (struct prospect){.member = member,
		.own = own,
		.class = class_table_at(plan->setup.classes, class),
		.candidate = {.recipient_id = member->recipient_id,
			.class = (uint16_t) class,
			.leeway = NO_LEEWAY,
			.order = person_order(member->recipient_id, plan->setup.campaign->campaign_id),
			.stored = (uint8_t)member->stored,
			.part = own != NULL ? own->part : PLANNED_NEW}};
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
		return refuse(plan, member, record.own, reason, err);
	struct prospect prospect = make_prospect(plan, member, record.own, class_index);
	if (apply_caps(plan, prospect.class, &record, &prospect.caps_bind, &prospect.allowed) != STATUS_OK)
		status = no_memory(err);
	else
		status = place_person(plan, &prospect, err);
	interval_set_free(&prospect.allowed);
	return status;
}

/* Dealing ------------------------------------------------------------------------------------------------------------------------------- */

static int
compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	if (a->dealt != b->dealt)
		return a->dealt - b->dealt;
	if (a->dealt && a->due.us != b->due.us)
		return a->due.us < b->due.us ? -1 : 1;
	if ((a->leeway == NO_LEEWAY) != (b->leeway == NO_LEEWAY)) /* each leeway is a source of its own, each class is one */
		return a->leeway == NO_LEEWAY ? 1 : -1;
	if (a->leeway == NO_LEEWAY && a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->recipient_id > b->recipient_id) - (a->recipient_id < b->recipient_id);
}

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

static void
on_dealt(void *context, size_t source, size_t member, struct instant due, const struct interval *stretch)
{
	struct run_plan *plan = context;
	const size_t index = plan->sources[source].first + member;
	struct candidate *candidate = &plan->candidates[index];
	if (plan->dealt_count == plan->first_walk_count &&
		(plan->dealt_count == 0 || plan->candidates[plan->dealt[plan->dealt_count - 1]].due.us < due.us))
		plan->first_walk_count++; /* the second walk starts over */
	candidate->due = due;
	candidate->not_after = class_stretch_end(plan->setup.classes, stretch);
	candidate->dealt = true;
	plan->dealt[plan->dealt_count++] = (uint32_t)index;
}

static bool
same_source(const struct candidate *a, const struct candidate *b)
{
	return a->leeway == b->leeway && a->class == b->class && a->dealt == b->dealt;
}

static const struct interval_set *
candidate_dealable(const struct run_plan *plan, const struct candidate *candidate)
{
	return candidate->leeway == NO_LEEWAY ? &class_table_at(plan->setup.classes, candidate->class)->dealable
										  : &plan->leeways[candidate->leeway];
}

static enum status
add_source(struct run_plan *plan, struct deal *deal, struct source_range range, const uint64_t *turns)
{
	void *sources = plan->sources;
	if (!grow(&sources, plan->source_count, &plan->source_room, sizeof *plan->sources))
		return STATUS_NO_MEMORY;
	plan->sources = sources;
	plan->sources[plan->source_count++] = range;
	return deal_add(deal, candidate_dealable(plan, &plan->candidates[range.first]), turns + range.first, range.count);
}

static enum status
add_sources(struct run_plan *plan, struct deal *deal, const uint64_t *turns)
{
	enum status status = STATUS_OK;
	for (size_t first = 0, next; status == STATUS_OK && first < plan->candidate_count && !plan->candidates[first].dealt; first = next) {
		for (next = first + 1; next < plan->candidate_count && same_source(&plan->candidates[first], &plan->candidates[next]);)
			next++;
		status = add_source(plan, deal, (struct source_range){first, next - first}, turns);
	}
	return status;
}

/* Merges what was dealt before `middle` with the rest; both are in due order. */
static enum status
merge_dealt(struct run_plan *plan, size_t middle)
{
	const size_t count = plan->dealt_count;
	if (middle == count)
		return STATUS_OK;
	uint32_t *merged = malloc((plan->candidate_count + 1) * sizeof *merged);
	if (merged == NULL)
		return STATUS_NO_MEMORY;
	for (size_t to = 0, first = 0, second = middle; to < count; to++) {
		const bool from_first = second == count ||
			(first < middle && plan->candidates[plan->dealt[first]].due.us < plan->candidates[plan->dealt[second]].due.us);
		merged[to] = plan->dealt[from_first ? first++ : second++];
	}
	free(plan->dealt);
	plan->dealt = merged;
	return STATUS_OK;
}

/* Slots that stay, but not as they were, join those that were dealt. */
static enum status
add_amended(struct run_plan *plan)
{
	const size_t middle = plan->dealt_count;
	for (size_t i = 0; i < plan->candidate_count; i++)
		if (plan->candidates[i].amended)
			plan->dealt[plan->dealt_count++] = (uint32_t)i;
	return merge_dealt(plan, middle);
}

static enum status
refuse_left_over(struct run_plan *plan, const struct candidate *candidate, enum reason reason, struct err *err)
{
	plan->counts.by_reason[reason]++;
	if (candidate->part != PLANNED_NEW)
		plan->counts.cancelled++;
	else if (candidate->stored == reason)
		return STATUS_OK;
	return push_refusal(plan, (struct planned_refusal){candidate->recipient_id, reason, candidate->part}, err);
}

static enum status
refuse_all_left_over(struct run_plan *plan, const struct deal *deal, struct err *err)
{
	for (size_t source = 0; source < plan->source_count; source++) {
		const struct source_range range = plan->sources[source];
		const enum reason reason = deal_has_later(deal, source) ? REASON_BEYOND_HORIZON : REASON_NO_CAPACITY;
		for (size_t i = deal_served(deal, source); i < range.count; i++)
			if (refuse_left_over(plan, &plan->candidates[range.first + i], reason, err) != STATUS_OK)
				return err->status;
	}
	return STATUS_OK;
}

static void
count_dealt(struct run_plan *plan)
{
	struct run_plan_counts *counts = &plan->counts;
	for (size_t i = 0; i < plan->dealt_count; i++) {
		const struct candidate *candidate = &plan->candidates[plan->dealt[i]];
		if (candidate->part == PLANNED_NEW)
			counts->added++;
		else if (!candidate->amended)
			counts->moved++;
		counts->first_due = i == 0 ? candidate->due : instant_min(counts->first_due, candidate->due);
		counts->last_due = i == 0 ? candidate->due : instant_max(counts->last_due, candidate->due);
	}
}

/* Under even pacing the order of people decides only between equal turns. */
static void
fill_turns(const struct run_plan *plan, uint64_t *out)
{
	for (size_t i = 0; i < plan->candidate_count; i++) {
		const struct candidate *candidate = &plan->candidates[i];
		const uint32_t number = (uint32_t)(candidate->recipient_id >> 31);
		out[i] = plan->turns != NULL ? (uint64_t)turns_of(plan->turns, candidate->class, candidate->order) << 32 | candidate->order
									 : (uint64_t)candidate->order << 32 | number;
	}
}

static enum status
deal_in_turn(struct run_plan *plan, struct deal *deal)
{
	uint64_t *turns = malloc((plan->candidate_count + 1) * sizeof *turns);
	if (turns == NULL)
		return STATUS_NO_MEMORY;
	fill_turns(plan, turns);
	enum status status = add_sources(plan, deal, turns);
	if (status == STATUS_OK)
		status = deal_run(deal, on_dealt, plan);
	free(turns);
	return status;
}

static enum status
deal_candidates(struct run_plan *plan, struct deal *deal, struct err *err)
{
	plan->dealt = malloc((plan->candidate_count + 1) * sizeof *plan->dealt);
	if (plan->dealt == NULL || deal_in_turn(plan, deal) != STATUS_OK || merge_dealt(plan, plan->first_walk_count) != STATUS_OK ||
		add_amended(plan) != STATUS_OK)
		return no_memory(err);
	return refuse_all_left_over(plan, deal, err);
}

enum status
run_plan_deal(struct run_plan *plan, struct err *err)
{
	const struct interval span = {plan->setup.span.from, instant_min(plan->setup.horizon, plan->setup.span.until)};
	struct take_context take = {plan, false};
	struct deal *deal = NULL;
	by_person_each(plan->setup.queue, take_other, &take);
	if (take.failed || capacity_settle(plan->capacity) != STATUS_OK ||
		deal_create(plan->capacity, plan->setup.campaign->pacing, span, &deal) != STATUS_OK)
		return no_memory(err);
	if (plan->candidate_count > 1)
		qsort(plan->candidates, plan->candidate_count, sizeof *plan->candidates, compare_candidates);
	if (plan->turns != NULL)
		turns_settle(plan->turns);
	enum status status = deal_candidates(plan, deal, err);
	if (status == STATUS_OK)
		count_dealt(plan);
	deal_free(&deal);
	return status;
}

/* Reading it off ------------------------------------------------------------------------------------------------------------------------ */

size_t
run_plan_slot_count(const struct run_plan *plan)
{
	return plan->dealt_count;
}

struct planned_slot
run_plan_slot(const struct run_plan *plan, size_t index)
{
	const struct candidate *candidate = &plan->candidates[plan->dealt[index]];
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
	for (size_t i = 0; i < plan->dealt_count; i++)
		if (plan->candidates[plan->dealt[i]].part != PLANNED_NEW)
			mark_gone(plan, plan->candidates[plan->dealt[i]].recipient_id);
}

enum status
run_plan_record(const struct run_plan *plan, struct err *err)
{
	mark_all_gone(plan);
	for (size_t i = 0; i < plan->dealt_count; i++) {
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
