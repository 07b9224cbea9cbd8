/*
 * planning - one run of the planner: what is approved, whom it reaches and when, all read from one snapshot, nothing written
 *
 *     planning_read(&options, &planning, &err);     // snapshot, law, campaigns, queue, ledger
 *     planning_decide(planning, &err);              // one run_plan per campaign, in order of priority
 *     ... publish.h writes it, forecast.h tells it ...
 *     planning_free(&planning);
 *
 * The read transaction ends before the last campaign is dealt: the campaigns before it must be dealt for it to be read. A business of which nothing
 * has changed since its last plan is not looked at (planning_change.h). Businesses are planned one after the other, since caps and consent are per
 * business; the campaigns of a business see each other's new slots.
 * A campaign whose audience is not the one that was approved is read twice: whom it holds is known only at the end (F1).
 * Memory: plan.memory of the settings, half of it for what the plans decide and a quarter each for the queue and the ledger of a business; what is
 * more lies in a temporary file (spool_file.h). What is never spooled: run_plan.h.
 */
#ifndef DAYPART_PLANNER_PLANNING_H
#define DAYPART_PLANNER_PLANNING_H

#include "array_text.h"
#include "audience.h"
#include "context.h"
#include "planner/law/lawbook.h"
#include "planner/law/terms_book.h"
#include "spool_file.h"

enum { CAMPAIGN_NAME_MAX = 256 };

/* The context of a plan's questions, which it asks as long as it is: planning_class.h. */
struct class_lookup {
	struct planning *planning;
	struct planned_campaign *campaign;
};

struct planned_campaign {
	char name[CAMPAIGN_NAME_MAX], sender[CAMPAIGN_NAME_MAX], business[CAMPAIGN_NAME_MAX];
	char label[CAMPAIGN_NAME_MAX + 16]; /* for people: "news", or of a series "news of 2026-11-30" */
	char digest[65];                    /* of everything it is planned from, hex */
	bool edited;                        /* its stored run was planned from something else */
	char *problem;                      /* why it cannot be planned now, or NULL */
	bool given_up;                      /* the problem was found in its audience: no line of planning_change.h shows when it is gone */
	enum reason hold;                   /* REASON_NONE, or what stops all of it: a breaker, the state of its sender */
	char hold_rule[RULE_ID_MAX];        /* that tripped it, or who said so */
	bool ended;                         /* nothing is left to plan, nor of its later occurrences */
	bool waits;                         /* it recurs, next beyond the horizon */
	struct campaign_facts facts;        /* run_id negative: the run is new */
	int32_t business_id;
	char *audiences, *excepted; /* "{3,4}", by number */
	char *rrule;                /* NULL: it does not recur */
	int16_t lane;
	int16_t *portfolio; /* lanes that share its portfolio */
	size_t portfolio_count;
	int64_t rate_milli;
	bool approval_names_audience;
	int64_t approved_people, approved_digest; /* of that audience */
	struct terms_book *book;                  /* NULL when it ended or there is a problem */
	struct campaign_words words;              /* point into the book */
	struct audience_query asks;               /* which facts about people the law may need */
	struct audience_sums sums;                /* of its audience, when it has been read */
	struct date occurrence;                   /* the date that its beginning named when it was first planned */
	struct instant first_at, last_at;         /* no message before or at and after these, in whatever zone */
	struct quota *quota;                      /* NULL: no volume is limited */
	struct class_table *classes;
	int32_t *class_ids; /* by class: the row in the database, 0 when not looked up, -1 when there is none */
	size_t class_id_count;
	bool unchanged;              /* nothing to plan: planning_change.h; then: */
	struct run_plan_counts told; /* as far as they are known without planning */
	struct class_lookup lookup;  /* of the plan */
	struct run_plan *plan;       /* NULL when unchanged, when it ended or there is a problem */
};

/* A campaign run as stored; rows of other campaigns count in caps. */
struct stored_run {
	int32_t run_id, campaign_id, business_id;
	struct date occurrence;
	uint8_t category, channel;
	uint32_t subject; /* as in cap_event */
	struct instant last_at;
	char digest[65];                     /* as planned_campaign's, when it was planned */
	bool adopted;                        /* by a campaign that is planned now */
	bool dropped;                        /* an edit dropped it, and that is done */
	bool to_drop;                        /* an edit dropped it: its slots must go */
	struct row_sum queued, sent, closed; /* people whose message waits, left, or was refused at the gate, once they were read */
};

struct stored_class {
	int32_t class_id;
	char *key; /* regions, zones, category, channel, zone hashes, hashed span */
};

/* Which volume rules bind a stored class, by their place in the rulebook: quota.h. */
struct class_volume {
	int32_t class_id;
	uint32_t rules;
};
/* Messages that a sender sent within a grain of time. */
struct sent_volume {
	int16_t lane;
	uint32_t rules;
	struct instant since;
	int64_t n;
};

/* Somebody for whom a plan changes something. */
struct sample_person {
	const struct planned_campaign *campaign;
	int64_t recipient_id;
	bool has_slot; /* then: */
	struct planned_slot slot;
	enum reason reason; /* else */
	bool had_slot;      /* then: */
	struct instant before;
	char phone[32]; /* masked; empty: no recipient any more */
};
enum { SAMPLE_PEOPLE = 10 };

struct planning_options {
	struct context *context;
	const char *campaign; /* NULL: all approved ones */
	struct duration horizon;
	int jobs;            /* sessions that load a large plan */
	size_t most_classes; /* of one campaign's people; 0: as many as can be numbered (class_table.h) */
};

struct planning {
	struct planning_options options;
	struct session *streams[STREAM_COUNT];
	struct lawbook *law;
	char snapshot[64], *seen; /* exported name; pg_snapshot text */
	int32_t head, rulebook_id;
	char started[64];            /* by the server's clock, also under --now */
	struct instant now, horizon; /* nothing is planned at or after the horizon */
	struct planned_campaign *campaigns;
	size_t campaign_count;
	struct stored_run *runs;   /* in the order of run_id */
	size_t run_count, to_drop; /* all of them, and those to drop */
	struct stored_class *stored_classes;
	size_t stored_class_count;
	struct spool_file spool;          /* of what follows and of the plans */
	struct by_person *queue, *ledger; /* of the business being planned */
	struct row_sum outside;           /* of the business: messages of other systems in its ledger */
	bool limited;                     /* some volume of it is limited; then: */
	struct class_volume *class_volumes;
	size_t class_volume_count, class_volume_room;
	struct sent_volume *sent;
	size_t sent_count;
	struct duration sent_grain;
	struct business_state *states; /* of planning_change.h */
	size_t state_count;
	struct publication *publication; /* of publish.h, once it was begun; then: */
	/* Told of every new and moved slot of the campaign that is dealt last, while it is dealt: nothing is read any more then. */
	enum status (*on_dealt)(struct planning *planning, struct planned_campaign *campaign, const struct planned_slot *slot, struct err *err);
	struct err dealt;                           /* why that failed, if it did */
	bool is_read;                               /* as far as it is to be */
	struct sample_person sample[SAMPLE_PEOPLE]; /* of planning_sample.h */
	size_t sample_count;
	PGresult *moved;
};

MUST_CHECK enum status planning_read(const struct planning_options *options, struct planning **out, struct err *err);
MUST_CHECK enum status planning_decide(struct planning *planning, struct err *err);
void planning_free(struct planning **planning);

/* Of one campaign; NULL when it ended or there is a problem. */
const struct run_plan_counts *planning_counts(const struct planned_campaign *campaign);
/* Sums over all campaigns. */
struct run_plan_counts planning_totals(const struct planning *planning);
/* Whether anything differs from what is stored. */
bool planning_changes_anything(const struct planning *planning);

#endif
