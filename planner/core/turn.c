/* How it works: one sorted array of orders for each class, so that a rank is a binary search. One array of pairs of class and order was twice as large,
 * and as much again while it was sorted, for qsort may copy what it sorts. Orders are spread evenly, so bits divide them into parts that are few enough. */
#include "turn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

struct orders {
	uint32_t *items;
	size_t count, room;
};

struct turns {
	struct orders *classes;
	size_t class_count;
};

enum status
turns_create(struct turns **out)
{
	*out = calloc(1, sizeof **out);
	return *out != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void
turns_free(struct turns **turns)
{
	for (size_t i = 0; *turns != NULL && i < (*turns)->class_count; i++)
		free((*turns)->classes[i].items);
	if (*turns != NULL)
		free((*turns)->classes);
	free(*turns);
	*turns = NULL;
}

static enum status
widen_classes(struct turns *turns, size_t wanted)
{
	const size_t count = wanted > 2 * turns->class_count ? wanted : 2 * turns->class_count;
	struct orders *classes = realloc(turns->classes, count * sizeof *classes);
	if (classes == NULL)
		return STATUS_NO_MEMORY;
	memset(classes + turns->class_count, 0, (count - turns->class_count) * sizeof *classes);
	turns->classes = classes;
	turns->class_count = count;
	return STATUS_OK;
}

enum status
turns_add(struct turns *turns, uint16_t class, uint32_t order)
{
	if (class >= turns->class_count && widen_classes(turns, (size_t) class + 1) != STATUS_OK)
		return STATUS_NO_MEMORY;
	struct orders *orders = &turns->classes[class];
	uint32_t *items = grow(orders->items, orders->count, &orders->room, sizeof *items);
	if (items == NULL)
		return STATUS_NO_MEMORY;
	orders->items = items;
	items[orders->count++] = order;
	return STATUS_OK;
}

static int
compare_orders(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

enum { COPIED_MOST = 4096 }; /* orders that qsort may copy */

/* In place: what has the bit goes behind what has not, and so on with the next lower one. Nothing differs in a higher one. */
static void
sort_orders(uint32_t *items, size_t count, uint32_t bit)
{
	while (count > COPIED_MOST && bit != 0) {
		size_t low = 0, high = count;
		while (low < high)
			if ((items[low] & bit) == 0) {
				low++;
			} else {
				const uint32_t order = items[--high];
				items[high] = items[low];
				items[low] = order;
			}
		bit >>= 1;
		sort_orders(items + low, count - low, bit);
		count = low;
	}
	if (count > 1)
		qsort(items, count, sizeof *items, compare_orders);
}

static void
give_back_room(struct orders *orders)
{
	uint32_t *const items = realloc(orders->items, orders->count * sizeof *items);
	if (items == NULL)
		return; /* it stays where it is, as large as it is */
	orders->items = items;
	orders->room = orders->count;
}

void
turns_settle(struct turns *turns)
{
	for (size_t i = 0; i < turns->class_count; i++)
		if (turns->classes[i].count > 0) {
			give_back_room(&turns->classes[i]);
			sort_orders(turns->classes[i].items, turns->classes[i].count, UINT32_C(1) << 31);
		}
}

static size_t
orders_below(const struct orders *orders, uint32_t order)
{
	size_t low = 0, high = orders->count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (orders->items[middle] < order)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t
turns_of(const struct turns *turns, uint16_t class, uint32_t order)
{
	assert(class < turns->class_count && turns->classes[class].count > 0); /* the asker is one of them */
	const uint64_t rank = orders_below(&turns->classes[class], order);
	return (uint32_t)(((2 * rank + 1) << 31) / turns->classes[class].count);
}
