/* A binary heap whose members know their place, so that a lane can be moved or taken out in O(log n). Ties are served in any order. */
#include "due_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
due_queue_free(struct due_queue *queue)
{
	free(queue->heap);
	*queue = (struct due_queue)DUE_QUEUE_INIT;
}

static void
put(struct due_queue *queue, size_t place, struct due_lane *lane)
{
	queue->heap[place] = lane;
	lane->place = place;
}

static void
rise(struct due_queue *queue, struct due_lane *lane)
{
	size_t place = lane->place;
	while (place > 0 && instant_before(lane->wake, queue->heap[(place - 1) / 2]->wake)) {
		put(queue, place, queue->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	put(queue, place, lane);
}

static size_t
earlier_child(const struct due_queue *queue, size_t place)
{
	size_t child = 2 * place + 1;
	if (child + 1 < queue->count && instant_before(queue->heap[child + 1]->wake, queue->heap[child]->wake))
		child++;
	return child;
}

static void
sink(struct due_queue *queue, struct due_lane *lane)
{
	size_t place = lane->place;
	for (;;) {
		size_t child = earlier_child(queue, place);
		if (child >= queue->count || !instant_before(queue->heap[child]->wake, lane->wake))
			break;
		put(queue, place, queue->heap[child]);
		place = child;
	}
	put(queue, place, lane);
}

static enum status
reserve(struct due_queue *queue)
{
	size_t capacity = queue->capacity ? 2 * queue->capacity : 16;
	struct due_lane **heap;
	if (queue->count < queue->capacity)
		return STATUS_OK;
	heap = realloc(queue->heap, capacity * sizeof *heap);
	if (heap == NULL)
		return STATUS_NO_MEMORY;
	queue->heap = heap;
	queue->capacity = capacity;
	return STATUS_OK;
}

enum status
due_queue_arm(struct due_queue *queue, struct due_lane *lane, struct instant wake)
{
	if (!lane->armed) {
		if (reserve(queue) != STATUS_OK)
			return STATUS_NO_MEMORY;
		put(queue, queue->count++, lane);
		lane->armed = true;
	}
	lane->wake = wake;
	rise(queue, lane);
	sink(queue, lane);
	return STATUS_OK;
}

void
due_queue_disarm(struct due_queue *queue, struct due_lane *lane)
{
	struct due_lane *last;
	if (!lane->armed)
		return;
	lane->armed = false;
	last = queue->heap[--queue->count];
	if (last == lane)
		return;
	put(queue, lane->place, last);
	rise(queue, last);
	sink(queue, last);
}

enum due_kind
due_queue_next(struct due_queue *queue, struct instant now, struct due_answer *out)
{
	*out = (struct due_answer){.lane = NULL};
	if (queue->count == 0)
		return DUE_NEVER;
	if (instant_before(now, queue->heap[0]->wake)) {
		out->at = queue->heap[0]->wake;
		return DUE_LATER;
	}
	out->lane = queue->heap[0];
	due_queue_disarm(queue, out->lane);
	return DUE_NOW;
}

void
due_lane_fill(struct due_lane *lane, const struct instant *ahead, size_t count)
{
	assert(count <= DUE_AHEAD_MAX);
	if (count > 0)
		memcpy(lane->ahead, ahead, count * sizeof *ahead);
	lane->gone = 0;
	lane->count = (uint16_t)count;
}

void
due_lane_add(struct due_lane *lane, struct instant at)
{
	uint16_t place;

	if (lane->gone > 0) {
		memmove(lane->ahead, lane->ahead + lane->gone, (size_t)(lane->count - lane->gone) * sizeof(lane->ahead[0]));
		lane->count = (uint16_t)(lane->count - lane->gone);
		lane->gone = 0;
	}
	for (place = lane->count; place > 0 && lane->ahead[place - 1].us > at.us; place--)
		;
	if (place == DUE_AHEAD_MAX)
		return;
	if (lane->count == DUE_AHEAD_MAX)
		lane->count--;
	memmove(lane->ahead + place + 1, lane->ahead + place, (size_t)(lane->count - place) * sizeof(lane->ahead[0]));
	lane->ahead[place] = at;
	lane->count++;
}

void
due_lane_pass(struct due_lane *lane, struct instant until)
{
	while (lane->gone < lane->count && lane->ahead[lane->gone].us <= until.us)
		lane->gone++;
}

bool
due_lane_is_empty(const struct due_lane *lane)
{
	return lane->gone == lane->count;
}

struct instant
due_lane_first(const struct due_lane *lane)
{
	assert(!due_lane_is_empty(lane));
	return lane->ahead[lane->gone];
}
