#include "lane_list.h"

#include <stdlib.h>

#include "planner/core/grow.h"

static int
compare_lane(const void *id, const void *element)
{
	return *(const int16_t *)id - lane_id(*(struct lane *const *)element);
}

/* New lanes come in order of their ids, so one is mostly appended. */
static struct lane *
add(struct lane_list *list, struct lane_context *context, const struct lane_facts *facts)
{
	struct lane **items = grow(list->items, list->count, &list->room, sizeof(*items));
	size_t place = list->count;
	struct lane *lane;

	if (items == NULL)
		return NULL;
	list->items = items;
	if (lane_create(context, facts, &lane) != STATUS_OK)
		return NULL;
	for (; place > 0 && lane_id(items[place - 1]) > facts->id; place--)
		items[place] = items[place - 1];
	items[place] = lane;
	list->count++;
	return lane;
}

struct lane *
lane_list_take(struct lane_list *list, struct lane_context *context, const struct lane_facts *facts)
{
	struct lane **found = NULL;

	if (list->count > 0)
		found = bsearch(&facts->id, list->items, list->count, sizeof(*list->items), compare_lane);
	return found != NULL ? *found : add(list, context, facts);
}

struct lane_tally
lane_list_tally(const struct lane_list *list)
{
	struct lane_tally sum = {0};

	for (size_t i = 0; i < list->count; i++) {
		const struct lane_tally *tally = lane_tally(list->items[i]);

		sum.handed_over += tally->handed_over;
		sum.refused += tally->refused;
		sum.expired += tally->expired;
		sum.held += tally->held;
		sum.conflicts += tally->conflicts;
	}
	return sum;
}

void
lane_list_free(struct lane_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		lane_free(&list->items[i]);
	free(list->items);
	*list = (struct lane_list){.items = NULL};
}
