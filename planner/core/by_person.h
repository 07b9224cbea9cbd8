/*
 * by_person - rows that arrive in any order and are asked for by person
 *
 * Used for the ledger and the queue, which are far cheaper to read unordered than in the order of people. Rows are plain structs of one size
 * whose first member is `int64_t recipient_id`; they are copied in.
 *
 *     struct by_person *queue;
 *     by_person_create(sizeof(struct queued_slot), &queue);
 *     by_person_add(queue, &slot);
 *     struct queued_slot *slots = by_person_find(queue, id, &count);
 *
 * The rows may be changed in place, but for the recipient. The pointer holds until the next by_person_add. Memory: the rows plus at most half
 * again. Cost of a find: O(log rows of the bucket).
 */
#ifndef DAYPART_CORE_BY_PERSON_H
#define DAYPART_CORE_BY_PERSON_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct by_person;

MUST_CHECK enum status by_person_create(size_t row_bytes, struct by_person **out);
void by_person_free(struct by_person **store);
MUST_CHECK enum status by_person_add(struct by_person *store, const void *row);
/* The person's rows, contiguous, in no particular order; NULL and 0 when there are none. */
void *by_person_find(struct by_person *store, int64_t recipient_id, size_t *out_count);

/* Calls `visit` for every row, by bucket. */
void by_person_each(struct by_person *store, void (*visit)(void *context, const void *row), void *context);

#endif
