/*
 * by_person - rows that arrive in any order and are asked for by person
 *
 * Used for the ledger and the queue, which are far cheaper to read unordered than in the order of people. Rows are plain structs of one size
 * whose first member is `int64_t recipient_id`; they are copied in.
 *
 *     struct by_person *queue;
 *     by_person_create(sizeof(struct queued_slot), &queue);
 *     by_person_spill(queue, &storage, 32 << 20);           // else all of them stay in memory
 *     by_person_add(queue, &slot);
 *     struct queued_slot *slots = by_person_find(queue, id, &count);
 *
 * The rows may be changed in place, but for the recipient. The pointer holds until the next by_person_add and until somebody of another bucket is
 * asked for. Memory: the rows plus at most half again; with by_person_spill no more than its limit and the rows of one bucket. Cost of a find:
 * O(log rows of the bucket), and where rows have been spilled that of reading the bucket, once while people are asked for bucket by bucket.
 *
 * When a storage fails, by_person_find finds nobody: who spills asks by_person_status before resting on an answer.
 */
#ifndef DAYPART_CORE_BY_PERSON_H
#define DAYPART_CORE_BY_PERSON_H

#include <stddef.h>
#include <stdint.h>

#include "spool.h"
#include "status.h"

struct by_person;

MUST_CHECK enum status by_person_create(size_t row_bytes, struct by_person **out);
void by_person_free(struct by_person **store);
/* From now on no more than so many bytes stay in memory. */
void by_person_spill(struct by_person *store, struct spool_storage *storage, size_t memory_bytes);

MUST_CHECK enum status by_person_add(struct by_person *store, const void *row);
/* The person's rows, contiguous, in no particular order; NULL and 0 when there are none. */
void *by_person_find(struct by_person *store, int64_t recipient_id, size_t *out_count);
/* Of by_person_find, from the start. */
enum status by_person_status(const struct by_person *store);

/* Calls `visit` for every row, by bucket. Pointers of by_person_find stay good. */
void by_person_each(struct by_person *store, void (*visit)(void *context, const void *row), void *context);

/* The same, and `visit` may change the row, but for the recipient. Pointers of by_person_find end. */
void by_person_change(struct by_person *store, void (*visit)(void *context, void *row), void *context);

#endif
