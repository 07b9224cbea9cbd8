#include "flown.h"

#include <stdlib.h>

#include "lane.h"

void
flown_list_clear(struct flown_list *list)
{
	*list = (struct flown_list){.first = NULL};
	list->last = &list->first;
}

void
flown_list_append(struct flown_list *list, struct flown *flown)
{
	flown->following = NULL;
	*list->last = flown;
	list->last = &flown->following;
	list->count++;
}

struct flown *
flown_list_take(struct flown_list *list)
{
	struct flown *flown = list->first;

	if (flown == NULL)
		return NULL;
	list->first = flown->following;
	if (list->first == NULL)
		list->last = &list->first;
	list->count--;
	return flown;
}

void
flown_list_forget(struct flown_list *list)
{
	struct flown *flown;

	while ((flown = flown_list_take(list)) != NULL)
		flown_forget(flown);
}

void
flown_forget(struct flown *flown)
{
	struct flown_batch *batch = flown->batch;

	if (flown->lane != NULL)
		lane_count_flown(flown->lane, -1);
	if (--batch->open > 0)
		return;
	PQclear(batch->rows);
	free(batch->items);
	free(batch);
}
