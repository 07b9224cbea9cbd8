/*
 * turn - when people get their message under even pacing, as a fraction of their lawful time
 *
 * Everybody of a class who has a slot or needs one counts, in the fair order of the campaign: the turn of the k-th of n (from 0) is (k + 1/2) / n.
 * So a turn depends on who is in the campaign and not on who has been given a slot so far, and planning again gives everybody the same.
 *
 *     turns_add(turns, class, order);           // order: person_order()
 *     turns_settle(turns);                      // once, after the last turns_add
 *     turn = turns_of(turns, class, order);     // as a fraction of 2^32
 *
 * Memory: 4 bytes a person, up to twice that until it is settled. Cost of turns_of: O(log people).
 */
#ifndef DAYPART_CORE_TURN_H
#define DAYPART_CORE_TURN_H

#include <stdint.h>

#include "status.h"

struct turns;

MUST_CHECK enum status turns_create(struct turns **out);
void turns_free(struct turns **turns);

MUST_CHECK enum status turns_add(struct turns *turns, uint16_t class, uint32_t order);
void turns_settle(struct turns *turns);
/* Of somebody who was added. */
uint32_t turns_of(const struct turns *turns, uint16_t class, uint32_t order);

#endif
