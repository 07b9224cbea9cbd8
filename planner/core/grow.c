#include "grow.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

void *
grow(void *items, size_t count, size_t *room, size_t item_bytes)
{
	if (count < *room)
		return items;
	const size_t wanted = *room != 0 ? *room + (*room + 1) / 2 : FIRST_ROOM;
	void *grown = realloc(items, wanted * item_bytes);
	if (grown != NULL)
		*room = wanted;
	return grown;
}
