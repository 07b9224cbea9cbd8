/*
 * run_deal - gives the waiting people of one campaign run their instants, and puts everybody into due order
 *
 * Who waits is a candidate: with the instants of a class, or with a leeway, the instants that frequency caps leave to this one person. A
 * candidate may also bring an instant along, a stored slot that stays with another class or an earlier end; it takes no part in the deal, only
 * in the order.
 *
 *     candidates_add(&candidates, &candidate, caps_bind ? &dealable : NULL);    // in any order
 *     run_deal(&setup, &candidates, &err);                                      // once, after the last candidates_add
 *     for (size_t i = 0; i < candidates.placed_count; i++) ... candidate_placed(&candidates, i) ...
 *     for (size_t i = 0; i < candidates.count; i++) ... candidates.items[i], unless it is placed: .refusal and candidate_rule say why ...
 *
 * Memory: 44 bytes a candidate and 16 more for each stretch of a leeway; while dealing that of deal.h. Ownership: candidates_free
 * releases everything, leeways included. Errors: memory, a calendar that a preference needs.
 */
#ifndef DAYPART_CORE_RUN_DEAL_H
#define DAYPART_CORE_RUN_DEAL_H

#include "class_table.h"
#include "deal.h"
#include "turn.h"

struct candidate {
	int64_t recipient_id;
	struct instant due, not_after; /* when placed */
	uint32_t order;                /* person_order */
	uint32_t leeway;               /* set by candidates_add */
	uint16_t class;
	int16_t part;         /* of the stored slot, or PLANNED_NEW */
	uint8_t stored_rule;  /* what is stored besides the reason; the caller's */
	uint8_t refusal_rule; /* see candidate_rule */
	uint8_t preference;   /* 0 none, else the local hour they would rather have it at, plus one */
	uint16_t stored : 6;  /* enum reason */
	uint16_t refusal : 6; /* enum reason: why the deal had no instant, when it is not placed */
	uint16_t placed : 1;  /* in the order */
	uint16_t amended : 1; /* stays at its instant, under another class or with an earlier end */
};
enum { PLANNED_NEW = -1, CANDIDATE_RULES_MAX = QUOTA_RULES_MAX };
#define NO_LEEWAY UINT32_MAX

struct candidates {
	struct candidate *items;
	size_t count, room;
	struct interval_set *leeways;
	size_t leeway_count, leeway_room;
	uint32_t *placed; /* indices of items, in due order */
	size_t placed_count;
	size_t preferred_count;                        /* of those dealt: at an instant that they, the campaign or the rulebook prefer */
	const struct rule *rules[CANDIDATE_RULES_MAX]; /* that turned candidates away */
	size_t rule_count;
};

/* Takes `leeway` over, unless it is NULL: then the candidate may have every instant of its class. */
MUST_CHECK enum status candidates_add(struct candidates *candidates, const struct candidate *candidate, struct interval_set *leeway);
void candidates_free(struct candidates *candidates);

struct run_deal_setup {
	const struct class_table *classes;
	const struct capacity *capacity; /* settled */
	struct quota *quota;             /* NULL: no volume is limited */
	enum pacing pacing;
	const struct turns *turns; /* settled; of DEAL_EVEN */
	struct interval span;      /* from now to the planning horizon */
};

/* Sorts the candidates. Afterwards each is placed or has its refusal: BEYOND_HORIZON, DAILY_VOLUME or NO_CAPACITY. */
MUST_CHECK enum status run_deal(const struct run_deal_setup *setup, struct candidates *candidates, struct err *err);

static inline const struct candidate *
candidate_placed(const struct candidates *candidates, size_t index)
{
	return &candidates->items[candidates->placed[index]];
}

/* The instants that may be dealt to it. */
static inline const struct interval_set *
candidate_dealable(const struct candidates *candidates, const struct class_table *classes, const struct candidate *candidate)
{
	return candidate->leeway == NO_LEEWAY ? &class_table_at(classes, candidate->class)->dealable : &candidates->leeways[candidate->leeway];
}

/* The rule behind the refusal, or NULL. */
static inline const struct rule *
candidate_rule(const struct candidates *candidates, const struct candidate *candidate)
{
	return candidate->refusal_rule > 0 ? candidates->rules[candidate->refusal_rule - 1] : NULL;
}

#endif
