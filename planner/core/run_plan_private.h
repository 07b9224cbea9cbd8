/*
 * run_plan_private - what run_plan.c (one person), run_plan_record.c (what is stored of one), run_plan_kept.c (whose slot stays),
 * run_plan_advice.c (what it goes against) and run_plan_deal.c (everybody) share
 */
#ifndef DAYPART_CORE_RUN_PLAN_PRIVATE_H
#define DAYPART_CORE_RUN_PLAN_PRIVATE_H

#include "freeze.h"
#include "run_plan.h"

/* Distinct rules in stored reasons that are told apart; there are some dozens. A row whose rule found no place is written again. */
enum { STORED_RULES_MAX = 250, OTHER_RULE = 255 };

struct run_plan {
	struct run_plan_setup setup;
	struct spool_storage own_storage, *storage; /* the setup's, else its own, which is memory only */
	struct verdict_maker verdicts;
	struct capacity *capacity;
	struct turns *turns; /* DEAL_EVEN only */
	struct candidate_store *candidates;
	struct spool *slots, *amended, *refusals; /* results: dealt in due order; amended where they are; refused */
	struct spool *leeways;                    /* of people whose slots stay: run_plan_kept.c */
	struct by_person *advised;                /* placements to be judged: run_plan_advice.c; NULL: none */
	struct instant *displaced;                /* ticks of the sender that slots of lower priority must leave, in rising order */
	size_t displaced_count, displaced_room;
	struct freeze freeze;
	struct cap_event *events; /* of one person, reused */
	size_t event_room;
	char *stored_rules[STORED_RULES_MAX]; /* ids in stored reasons; candidates name them by number, 0 is none */
	size_t stored_rule_count;
	struct run_plan_counts counts;
};

/* What `suppressed` says about somebody. */
struct stored_reason {
	enum reason reason;
	uint8_t rule; /* number in stored_rules */
};

static inline struct stored_reason
run_plan_stored(const struct candidate *candidate)
{
	return (struct stored_reason){(enum reason)candidate->stored, candidate->stored_rule};
}

/* Says what a store that failed has to say, else that there is no memory. */
enum status run_plan_fail(const struct run_plan *plan, struct err *err);

/* Everything queued that need not give way counts until its person is looked at, and again when it stays: so a slot is judged with all that may leave
 * besides it. */
void run_plan_count_volume(const struct run_plan *plan, const struct queued_slot *slot, int n);

/* Whether another run's slot may have to give way to this one. */
static inline bool
run_plan_may_displace(const struct run_plan *plan, const struct queued_slot *slot)
{
	const struct run_plan_setup *setup = &plan->setup;
	return setup->is_settled != NULL && slot->due_at.us >= setup->span.from.us && slot->due_at.us >= setup->freeze_until.us &&
		!setup->is_settled(setup->context, slot->run_id);
}

/* Everything stored about a person that matters to this run. */
struct run_record {
	struct queued_slot *own; /* this run's slot, or NULL */
	bool done;               /* this run is in the ledger */
	size_t event_count;      /* other messages, in plan->events... */
	size_t hard_count;       /* ...of which the first must be put up with: the rest are slots that give way when caps require it */
	struct instant over_by;  /* then some other one has left or come to nothing; INT64_MAX: none is queued */
};
MUST_CHECK enum status run_plan_read_record(struct run_plan *plan, int64_t recipient_id, struct run_record *out);

/* Puts an event at `count` of plan->events. */
MUST_CHECK enum status run_plan_push_event(struct run_plan *plan, size_t count, struct cap_event event);
struct cap_event run_plan_slot_event(const struct queued_slot *slot);
struct cap_event run_plan_ledger_event(const struct ledger_event *event);

MUST_CHECK enum status run_plan_open_leeways(struct run_plan *plan);
/* Whether a slot that stays until `not_after` might be moved, should somebody else go without. */
bool run_plan_may_move(
	const struct run_plan *plan, const struct queued_slot *own, const struct plan_class *class, struct instant not_after);
/* Somebody whose slot might be. `leeway`: when they may leave, NULL: when their class may. */
MUST_CHECK enum status run_plan_remember_kept(
	struct run_plan *plan, struct queued_slot *own, const struct candidate *candidate, const struct interval_set *leeway);
/* All of them who may move. */
struct kept_list run_plan_kept_list(struct run_plan *plan);
/* As in run_deal_sink. */
MUST_CHECK enum status run_plan_on_moved(void *context, const struct kept_person *moved, size_t count);

/* Somebody's slot is at an instant (n 1), or is there no more (n -1). What that goes against is counted... */
struct placement {
	int64_t recipient_id;
	struct instant due;
	uint16_t class;
	int16_t n;
};
/* ...now, which is cheap while people are asked for bucket by bucket, */
MUST_CHECK enum status run_plan_count_advice(struct run_plan *plan, const struct placement *placement);
/* or once everybody was dealt. */
MUST_CHECK enum status run_plan_remember_placement(struct run_plan *plan, const struct placement *placement);
MUST_CHECK enum status run_plan_count_remembered(struct run_plan *plan);

/* The same again changes nothing unless a slot must go. */
MUST_CHECK enum status run_plan_refuse(struct run_plan *plan, struct planned_refusal refusal, struct stored_reason stored, struct err *err);

/* For the counts. */
void run_plan_note_change(struct people_change *change, int64_t recipient_id, int n);
void run_plan_note_reason(struct run_plan *plan, int64_t recipient_id, enum reason from, enum reason to);
void run_plan_note_cancelled(struct run_plan *plan, int64_t recipient_id);
void run_plan_note_relief(struct run_plan *plan, int64_t recipient_id);
/* A slot that is added, moved or amended. */
void run_plan_note_slot(struct run_plan *plan, const struct planned_slot *slot);

#endif
