/*
 * run_plan - the plan of one campaign run: who leaves when, who does not and why, and what that changes
 *
 * People are added one by one, in any order, with the facts about them; then the sender's ticks are dealt; then the difference to what is
 * stored is read off. Re-planning is stable repair: a queued slot whose instant is still lawful keeps it (with an earlier end, when the window
 * closes earlier now), planning again with nothing changed changes nothing. Where throughput or a common daily limit binds, a slot behind the freeze
 * horizon may hold the only tick of somebody who would go without, though its own person could leave at another: then it moves there, so that a
 * repaired plan reaches as many as one from scratch, and with enough ticks the same people. As few move as that takes (deal.h), the first in fair
 * order of those who would do; deal.h and run_deal.h have the limits: above all, nobody moves for a rolling limit.
 *
 *     run_plan_create(&setup, &plan, &err);
 *     for each member of the audience
 *         run_plan_add(plan, &member, &err);
 *     run_plan_deal(plan, &err);
 *     for (size_t first = 0; first < run_plan_slot_count(plan); first += n) ... run_plan_slots(plan, first, n, slots, &err) ...
 *
 * Exactness: a queued slot counts in caps wherever it may leave, so what is planned stays lawful however late it is released (cap.h); volume limits
 * likewise (quota.h). A stored slot whose day has become too full for it is dealt anew: when a limit has fallen, who is added first moves first; but
 * for that the order in which people are added does not matter.
 * First messages (F10): a message is a later one for whom the business has sent something to, and for whom another one is queued that must have left,
 * or come to nothing, before this one can; else it is the first. A slot that says "later" leaves only after another message has (release_claim.sql), so
 * nothing that comes to nothing makes a first message go without what it must say. Only slots of runs that this plan leaves or has left alone count, so
 * that planning again finds the same. A slot planned as the first that is too near to be judged anew stays the first.
 * A refusal names the rule that decides, where one does: for missing consent and evidence the first by id that asks for it, for the rest
 * plan_class.h, leeway.h, run_deal.h. Somebody whose reason is the same but whose rule is another gets a new row as well.
 * Priority: runs are planned in order of priority, so the slots of a run that is still to come are of lower priority. They are respected while anything
 * else is left, and displaced for somebody who would go without; their own run then moves or refuses their people. So it is with volume: a day that
 * they fill is taken from them only by those for whom no other day has room; whose slot stays does not ask.
 * Advice (F11): who has a slot and what that goes against of what only advises is counted by rule (advice.h, advice_volume.h). Beside the message count those that
 * have left and those queued of runs that stay for the rest of this plan, at most; so of several campaigns it is the later one that is one too many.
 * Memory: 16 bytes for each person who needs an instant, 32 for each who gets one, 24 for each whose reason is new or has changed, 32 and 16 for each
 * stretch for each whose slot stays though caps leave them other instants than the class has, all of it spooled beyond what the storage has left; 2 to 4 for each queued slot of the sender, and under even pacing 4 for everybody who may have an instant, which are
 * not; 24 for each who gets or changes an instant and whose class has advice, of which 8 MiB stay in memory. Errors: memory, and those of the storage. Ownership: run_plan_free releases everything but the stores, the storage and the quota.
 */
#ifndef DAYPART_CORE_RUN_PLAN_H
#define DAYPART_CORE_RUN_PLAN_H

#include "by_person.h"
#include "leeway.h"
#include "run_deal.h"
#include "verdict.h"

/* A row of the queue, as stored; rows of the by_person store `queue`. */
struct queued_slot {
	int64_t recipient_id;
	struct instant due_at, not_after;
	int32_t run_id, class_id;
	int16_t lane, part;
	uint32_t volume;  /* quota_rules_of its class */
	uint32_t subject; /* as in cap_event */
	uint8_t category, channel;
	bool gone;      /* moved or cancelled by this plan */
	bool met;       /* its person was added to the plan of its run; a slot whose person never is goes */
	bool leaves;    /* that plan moves, amends or cancels it */
	bool displaced; /* its tick went to a campaign of higher priority */
	bool moved;     /* for the sake of somebody else, though it could have stayed */
	/* Of a slot that stays but may be moved: */
	bool may_move; /* as far as its class permits */
	uint8_t stored, preference;
	uint16_t class; /* these as in struct candidate */
};

/* A message that has left or a slot that came to its end; rows of the by_person store `ledger`. */
struct ledger_event {
	int64_t recipient_id;
	struct instant at;
	int32_t run_id;   /* 0: sent outside */
	uint32_t subject; /* as in cap_event */
	uint8_t category, channel;
	bool counts; /* in caps: handed over or uncertain */
};

struct planned_slot {
	int64_t recipient_id;
	struct instant due_at, not_after;
	uint16_t class;
	int16_t part;        /* of the stored slot that moves, or PLANNED_NEW */
	bool was_suppressed; /* a row of `suppressed` must go */
};

struct run_plan_setup {
	const struct campaign_facts *campaign;
	const struct terms *terms; /* as in class_setup */
	struct class_table *classes;
	struct by_person *queue, *ledger;
	struct spool_storage *storage;     /* NULL: everything stays in memory */
	struct quota *quota;               /* as in class_setup; knows what has left; takes what is queued and planned */
	const struct sender_facts *sender; /* for volumes that only advise; NULL: they are not judged */
	const char *const *value_names;
	size_t value_count;
	bool tracks_order;            /* it matters which message is the first to a person (F10) */
	bool edited;                  /* what is queued was planned from another campaign row, or from other facts about it */
	enum reason hold;             /* REASON_NONE, or what holds everybody who might be sent the message */
	const struct rule *hold_rule; /* that decided on it, or NULL */
	int16_t lane;
	int64_t rate_milli;
	struct interval span; /* as in class_setup: from the first instant that may be planned */
	struct duration lead; /* how far now lies before the span: what ends between them is too near to be judged anew */
	struct instant
		freeze_until;       /* what is due before keeps its instant as long as that is lawful and no second of the sender holds too much */
	struct instant horizon; /* nothing is planned at or after */
	/* Whether the slots of another run stay where they are in `queue` for the rest of this plan. NULL: all do. Those that do not are of lower
	 * priority, and give way where capacity or caps require it unless the freeze horizon holds them. */
	bool (*is_settled)(void *context, int32_t run_id);
	/* The database row of a class, 0 when it has none yet. */
	int32_t (*class_id)(void *context, size_t class);
	/* Told during the deal of every slot to add or to move, in due order, once it is in run_plan_slots() up to there. NULL: nobody is. */
	enum status (*on_dealt)(void *context, const struct planned_slot *slot);
	void *context;
};

struct planned_refusal {
	int64_t recipient_id;
	enum reason reason;
	int16_t part;            /* of the stored slot that must go, or PLANNED_NEW when there is none */
	const struct rule *rule; /* that decided, or NULL */
};

/* How a stored set of people changes: how many more there are, and by exclusive or the ids of those who come and go. */
struct people_change {
	int64_t count, digest;
};

/* People whose planned message goes against a rule that only advises. */
struct advice_count {
	const struct rule *rule;
	int64_t people;
};
enum { ADVICE_RULES_MAX = 32 }; /* of one campaign that are counted: the first that are met; a rulebook has some for each place */

struct run_plan_counts {
	int64_t audience, kept, added, moved, cancelled, done; /* done: in the ledger already */
	int64_t preferred;                                     /* of added and moved: at an instant that they, the campaign or the law prefer */
	int64_t by_reason[64];                                 /* of the audience */
	int64_t reached;                                       /* of the audience: all but who is excepted */
	int64_t audience_digest;                               /* the recipient ids of those, by exclusive or */
	struct instant first_due, last_due;                    /* of added and moved slots */
	struct people_change slots, suppressed[64];            /* what is stored of the run, the latter by reason */
	/* The same facts give the same plan when planned again before the one, with a horizon up to the other; INT64_MAX: always. */
	struct instant holds_until, holds_to_horizon;
	struct advice_count advice[ADVICE_RULES_MAX]; /* by rule id; after the deal */
	size_t advice_count;
	struct instant relief; /* when the sender would have room for all with NO_CAPACITY; INT64_MAX: not within a year */
};

struct run_plan;
MUST_CHECK enum status run_plan_create(const struct run_plan_setup *setup, struct run_plan **out, struct err *err);
void run_plan_free(struct run_plan **plan);
MUST_CHECK enum status run_plan_add(struct run_plan *plan, const struct member *member, struct err *err);
MUST_CHECK enum status run_plan_deal(struct run_plan *plan, struct err *err);

/* After the deal. Slots to add and to move, in due order, and then those to amend where they are. Threads may read at the same time. */
size_t run_plan_slot_count(const struct run_plan *plan);
MUST_CHECK enum status run_plan_slots(const struct run_plan *plan, size_t first, size_t count, struct planned_slot *out, struct err *err);
/* After the deal. People whose reason is new or has changed, and stored slots that must go. */
size_t run_plan_refusal_count(const struct run_plan *plan);
MUST_CHECK enum status run_plan_refusals(
	const struct run_plan *plan, size_t first, size_t count, struct planned_refusal *out, struct err *err);
const struct run_plan_counts *run_plan_counts(const struct run_plan *plan);

/* After the deal: puts what was decided into `queue`, so that the next run of the same plan sees it. */
MUST_CHECK enum status run_plan_record(const struct run_plan *plan, struct err *err);

#endif
