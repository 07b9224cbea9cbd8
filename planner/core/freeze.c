#include "freeze.h"

#include <stdlib.h>

#include "run_plan.h"

static size_t
second_of(const struct freeze *freeze, struct instant at)
{
	return (size_t)(at.us / US_PER_SECOND - freeze->from.us / US_PER_SECOND);
}

static bool
is_inside(const struct freeze *freeze, struct instant at)
{
	return at.us >= freeze->from.us && at.us < freeze->until.us;
}

static void
count_slot(void *context, const void *row)
{
	struct freeze *freeze = context;
	const struct queued_slot *slot = row;
	if (!slot->gone && slot->lane == freeze->lane && is_inside(freeze, slot->due_at))
		freeze->seconds[second_of(freeze, slot->due_at)]++;
}

static enum status
count_queue(struct freeze *freeze, struct by_person *queue)
{
	freeze->seconds = calloc(second_of(freeze, freeze->until) + 1, sizeof *freeze->seconds);
	if (freeze->seconds == NULL)
		return STATUS_NO_MEMORY;
	by_person_each(queue, count_slot, freeze);
	return by_person_status(queue);
}

enum status
freeze_holds(struct freeze *freeze, struct by_person *queue, struct instant due, bool *out)
{
	enum status status = STATUS_OK;
	*out = false;
	if (!is_inside(freeze, due))
		return STATUS_OK;
	if (freeze->seconds == NULL)
		status = count_queue(freeze, queue);
	if (status == STATUS_OK)
		*out = freeze->seconds[second_of(freeze, due)] <= freeze->per_second;
	return status;
}

void
freeze_clear(struct freeze *freeze)
{
	free(freeze->seconds);
	freeze->seconds = NULL;
}
