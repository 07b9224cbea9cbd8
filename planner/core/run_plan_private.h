/*
 * run_plan_private - what the parts of run_plan share: run_plan.c (one person), run_plan_record.c (what is stored of one), run_plan_order.c (whether
 * the message is the first), run_plan_stay.c (whether a slot stays), run_plan_kept.c (which of those may be moved), run_plan_advice.c (what they go
 * against), run_plan_deal.c (everybody), run_plan_note.c (what is counted) and run_plan_holds.c (until when the plan is the same)
 */
#ifndef DAYPART_CORE_RUN_PLAN_PRIVATE_H
#define DAYPART_CORE_RUN_PLAN_PRIVATE_H

#include "advice_volume.h"
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
	struct advice_volumes volumes;            /* that only advise */
	struct by_person *advised;                /* placements to be judged: run_plan_advice.c; NULL: none */
	struct instant *displaced;                /* ticks of the sender that slots of lower priority must leave, in rising order */
	size_t displaced_count, displaced_room;
	struct freeze freeze;
	struct cap_event *events; /* of one person, reused */
	size_t event_room;
	char *stored_rules[STORED_RULES_MAX]; /* ids in stored reasons; candidates name them by number, 0 is none */
	size_t stored_rule_count;
	struct instant spread_from; /* a slot that takes more volume than its message will leaves; INT64_MAX: there is none */
	struct instant first_slot;  /* the first instant at which somebody of the run may leave; INT64_MAX: nobody may */
	bool somebody_left;         /* without an instant */
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

/* Somebody who may be sent the message, if there is an instant for it. */
struct prospect {
	struct queued_slot *own; /* or NULL */
	const struct plan_class *class;
	struct candidate candidate;
	struct leeway_person person;
	size_t hard_count; /* of its events */
	struct leeway leeway;
};
struct prospect run_plan_make_prospect(
	const struct run_plan *plan, const struct member *member, const struct run_record *record, size_t class, uint8_t stored_rule);

MUST_CHECK enum status run_plan_find_order(
	struct run_plan *plan, const struct member *member, const struct run_record *record, enum message_order *out, struct err *err);

/* A queued slot stays when its instant is lawful, within the sender's volume and one of its ticks. Sets the first instant that is too late for it:
 * never later than it was, earlier when the window closes earlier now. One that is overdue is the daemon's business. */
MUST_CHECK enum status run_plan_slot_stays(
	struct run_plan *plan, const struct prospect *prospect, bool *out_stays, struct instant *out_not_after);
/* Leaves it there, if need be at the cost of slots of lower priority. */
MUST_CHECK enum status run_plan_stay(struct run_plan *plan, struct prospect *prospect, bool *out_stays, struct err *err);
/* Leaves what may be displaced out of account: *out_changed tells whether there was anything. */
MUST_CHECK enum status run_plan_disregard_lower(struct prospect *prospect, bool *out_changed);

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

static inline int16_t
run_plan_part_of(const struct queued_slot *own)
{
	return own != NULL ? own->part : PLANNED_NEW;
}
/* The number of a rule's id among those in stored reasons. */
MUST_CHECK enum status run_plan_number_rule(struct run_plan *plan, const char *id, uint8_t *out);
/* The same again changes nothing unless a slot must go. */
MUST_CHECK enum status run_plan_refuse(struct run_plan *plan, struct planned_refusal refusal, struct stored_reason stored, struct err *err);

/* For the counts. */
void run_plan_note_change(struct people_change *change, int64_t recipient_id, int n);
void run_plan_note_reason(struct run_plan *plan, int64_t recipient_id, enum reason from, enum reason to);
void run_plan_note_cancelled(struct run_plan *plan, int64_t recipient_id);
/* A slot that is added, moved or amended. */
void run_plan_note_slot(struct run_plan *plan, const struct planned_slot *slot);

/* What ends before "always" until when the plan holds: a slot of another run that somebody's caps must count leaves... */
void run_plan_note_relief(struct run_plan *plan, int64_t recipient_id);
/* ...or another instant comes from which on something may be otherwise. */
static inline void
run_plan_note_end(struct run_plan *plan, struct instant end)
{
	plan->counts.holds_until = instant_min(plan->counts.holds_until, end);
}
/* A slot is counted in the quota, or would be if it need not give way. */
void run_plan_note_spread(struct run_plan *plan, const struct queued_slot *slot, bool counts);
/* Somebody went without. */
void run_plan_note_left_over(struct run_plan *plan, const struct candidate *candidate, const struct left_over *left);
/* After the deal: what time gives those who did not, for the sake of those who did. */
void run_plan_note_others(struct run_plan *plan);

#endif
