/*
 * How it works: what has left and what must be put up with comes first among a person's messages, slots that may be displaced last, so that leaving
 * them out of account is a shorter array.
 */
#include "grow.h"
#include "run_plan_private.h"

enum status
run_plan_push_event(struct run_plan *plan, size_t count, struct cap_event event)
{
	struct cap_event *events = grow(plan->events, count, &plan->event_room, sizeof *events);
	if (events == NULL)
		return STATUS_NO_MEMORY;
	plan->events = events;
	events[count] = event;
	return STATUS_OK;
}

struct cap_event
run_plan_slot_event(const struct queued_slot *slot)
{
	return (struct cap_event){
		slot->due_at, {slot->not_after.us - 1}, CATEGORY_BIT(slot->category), CHANNEL_BIT(slot->channel), slot->subject};
}

struct cap_event
run_plan_ledger_event(const struct ledger_event *event)
{
	return (struct cap_event){event->at, event->at, CATEGORY_BIT(event->category), CHANNEL_BIT(event->channel), event->subject};
}

static enum status
read_slots(struct run_plan *plan, struct queued_slot *slots, size_t count, struct run_record *out)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (slots[i].gone)
			continue;
		if (slots[i].run_id == plan->setup.campaign->run_id) {
			out->own = &slots[i];
			out->own->met = true;
			out->own->leaves = out->own->moved = out->own->may_move = false;
			continue;
		}
		if (run_plan_may_displace(plan, &slots[i]))
			continue;
		status = run_plan_push_event(plan, out->event_count++, run_plan_slot_event(&slots[i]));
		if (plan->setup.tracks_order && (plan->setup.is_settled == NULL || plan->setup.is_settled(plan->setup.context, slots[i].run_id)))
			out->over_by = instant_min(out->over_by, slots[i].not_after);
	}
	return status;
}

static enum status
read_ledger(struct run_plan *plan, const struct ledger_event *events, size_t count, struct run_record *out)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		out->done = out->done || events[i].run_id == plan->setup.campaign->run_id;
		if (events[i].counts)
			status = run_plan_push_event(plan, out->event_count++, run_plan_ledger_event(&events[i]));
	}
	return status;
}

enum status
run_plan_read_record(struct run_plan *plan, int64_t recipient_id, struct run_record *out)
{
	*out = (struct run_record){.over_by = {INT64_MAX}};
	size_t slot_count, event_count;
	struct queued_slot *slots = by_person_find(plan->setup.queue, recipient_id, &slot_count);
	const struct ledger_event *events = by_person_find(plan->setup.ledger, recipient_id, &event_count);
	enum status status = by_person_status(plan->setup.queue);
	if (status == STATUS_OK)
		status = by_person_status(plan->setup.ledger);
	if (status == STATUS_OK)
		status = read_slots(plan, slots, slot_count, out);
	if (status == STATUS_OK)
		status = read_ledger(plan, events, event_count, out);
	out->hard_count = out->event_count;
	for (size_t i = 0; i < slot_count && status == STATUS_OK; i++)
		if (!slots[i].gone && slots[i].run_id != plan->setup.campaign->run_id && run_plan_may_displace(plan, &slots[i]))
			status = run_plan_push_event(plan, out->event_count++, run_plan_slot_event(&slots[i]));
	return status;
}
