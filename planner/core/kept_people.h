/*
 * kept_people - those of one campaign run who keep their instant though they could leave at another one, and whom of them a deal moves
 *
 *     kept_people_gather(&setup, alone_max, &people);                     // as the sources of a deal
 *     for (size_t i = 0; i < kept_people_sources(people); i++) ... deal_add(deal, ...kept_people_source(people, i)...) ...
 *     deal_prepare(deal);
 *     kept_people_tell(people, deal, first_source);                       // deal_keep for everybody
 *     deal_plan(deal);
 *     kept_people_choose(people, deal, first_source);                     // deal_move for those who are moved, in fair order
 *     ... kept_people_moved(people, &count), kept_people_at(people, source, member) ...
 *
 * A source holds everybody of one class with one preference, or one person with a leeway, as in candidate_store.h; of the latter only so many as are
 * asked for, the first in fair order: the others stay. So does whose tick is no kept one of the capacity, and whose instant lies outside the span.
 * Sources stand in an order that does not depend on the order in which people are told; those who are alone come last.
 * Memory: 80 bytes and 16 for each stretch for each who is alone, 80 for each who is moved, 4 for each pair of class and preferred hour. Errors: memory,
 * and those of the list.
 */
#ifndef DAYPART_CORE_KEPT_PEOPLE_H
#define DAYPART_CORE_KEPT_PEOPLE_H

#include "candidate_store.h"
#include "deal.h"

struct kept_person {
	struct candidate candidate;
	struct instant due;
};

/* `leeway`: what may be dealt to them, which may be taken over; NULL: what the class has. */
typedef enum status kept_fn(void *told, const struct kept_person *person, struct interval_set *leeway);

/* Tells of everybody who may be moved, each time the same, in any order; ends with what `tell` returns when that is no STATUS_OK. */
struct kept_list {
	enum status (*each)(void *context, kept_fn *tell, void *told); /* NULL: there is nobody */
	void *context;
};

struct kept_setup {
	int32_t campaign_id;
	size_t class_count;
	const struct capacity *capacity; /* settled */
	struct interval span;
	struct kept_list list;
};

struct kept_people;
MUST_CHECK enum status kept_people_gather(const struct kept_setup *setup, size_t alone_max, struct kept_people **out);
void kept_people_free(struct kept_people **people);

size_t kept_people_sources(const struct kept_people *people);
/* Its `count` are those who are kept. */
struct candidate_source kept_people_source(const struct kept_people *people, size_t source);

/* `first` is the number in the deal of the first source. */
MUST_CHECK enum status kept_people_tell(const struct kept_people *people, struct deal *deal, size_t first);
MUST_CHECK enum status kept_people_choose(struct kept_people *people, struct deal *deal, size_t first);

/* Once chosen: everybody who is moved, by source and in fair order. */
const struct kept_person *kept_people_moved(const struct kept_people *people, size_t *out_count);
const struct kept_person *kept_people_at(const struct kept_people *people, size_t source, size_t member);

#endif
