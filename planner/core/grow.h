/*
 * grow - room for one more item in an array that grows by half
 *
 *     struct item *items = grow(list->items, list->count, &list->room, sizeof *items);
 *     if (items == NULL)
 *         return STATUS_NO_MEMORY;                 // list->items is as it was
 *     list->items = items;
 *     items[list->count++] = item;
 *
 * By half and not by doubling: the large arrays of a plan are the peak of its memory.
 */
#ifndef DAYPART_CORE_GROW_H
#define DAYPART_CORE_GROW_H

#include <stddef.h>

/* `items` of `*room` items, `count` of them used; NULL and 0 at first. Returns the array with room for one more, or NULL without memory. */
void *grow(void *items, size_t count, size_t *room, size_t item_bytes);

#endif
