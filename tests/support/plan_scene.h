/*
 * plan_scene - random campaigns over random laws, zones, people, histories and queues, and what plans make of them
 *
 *     scene_open(&random, zones, &scene);
 *     struct planned planned = scene_plan(&scene, false);
 *     scene_publish(&scene, &planned);                     // the people and the queue as a later plan finds them
 *     planned_free(&planned);
 *     scene_change(&random, &scene);                       // time passes, people opt out, rules change
 *     scene_close(&scene);
 *
 * Everything that the planner reads lies in plain fields, for oracles to read as well. Regimes: windows (of which the first may spare customers),
 * caps, consent that may grow old, volumes, a record that ends with a text that may need a service window, and rules of every kind that a plan judges
 * which only advise.
 */
#ifndef DAYPART_TESTS_SUPPORT_PLAN_SCENE_H
#define DAYPART_TESTS_SUPPORT_PLAN_SCENE_H

#include "memory_storage.h"
#include "planner/core/run_plan.h"
#include "random.h"

enum {
	SCENE_PEOPLE_MAX = 40,
	SCENE_OTHERS_MAX = 4, /* messages of one person besides the campaign's */
	SCENE_RULES_MAX = 3,
	SCENE_CLASSES_MAX = 128,
	SCENE_VOLUMES_MAX = 2,
	SCENE_ADVICE_MAX = 5,
	SCENE_ADVISORY = 5, /* the regime that only advises */
	SCENE_SENT_MAX = SCENE_PEOPLE_MAX * (2 * SCENE_OTHERS_MAX + 1),
	SCENE_LANE = 1,
	SCENE_RUN = 1,
	SCENE_OTHER_RUN = 2,
	SCENE_MARGIN_US = 10 * US_PER_SECOND
};

struct scene_person {
	struct member member;
	struct cap_event others[SCENE_OTHERS_MAX]; /* what the caps must count; the same as in queue and ledger */
	size_t other_count;
	bool done;
	bool has_slot;          /* what is stored */
	char rule[RULE_ID_MAX]; /* with member.stored */
	struct queued_slot slot;
};

/* What the sender has sent, under which volume rules. */
struct scene_sent {
	struct instant at;
	uint32_t rules;
};

struct scene {
	const struct zone_set *zones;
	struct rule windows[SCENE_RULES_MAX], caps[SCENE_RULES_MAX], consent, volumes[SCENE_VOLUMES_MAX], terms_rules[2],
		advice[SCENE_ADVICE_MAX];
	struct predicate *customers; /* who is spared by the first window, or NULL */
	struct regime regimes[6];
	struct rulebook rulebook;
	struct calendar *calendar;
	const struct calendar *calendars[1]; /* the same */
	struct variant variant;
	struct attestation attestation;
	struct terms terms;
	struct sender_facts sender;
	struct campaign_facts campaign;
	struct instant now, horizon;
	int64_t rate_milli;
	struct scene_person people[SCENE_PEOPLE_MAX];
	size_t person_count;
	struct by_person *queue, *ledger;
	struct memory_storage outside; /* where they lie while the people come from the last to the first */
	struct scene_sent sent[SCENE_SENT_MAX];
	size_t sent_count;
	char class_keys[SCENE_CLASSES_MAX][256]; /* stored classes; the row is the index + 1 */
	size_t class_count;
};

struct planned {
	struct quota *quota;
	struct class_table *classes;
	struct run_plan *plan;
};

void scene_open(struct random_source *random, const struct zone_set *zones, struct scene *out);
void scene_close(struct scene *scene);
void scene_change(struct random_source *random, struct scene *scene);

/* Until then most of what is due leaves, somewhere in its window; nothing else changes. The horizon moves on as well. */
void scene_pass_time(struct random_source *random, struct scene *scene, struct instant until);

/* From the first instant that may be planned. */
struct interval scene_span(const struct scene *scene);
/* The people in order, or from the last to the first. */
struct planned scene_plan(struct scene *scene, bool backwards);
void planned_free(struct planned *planned);
void scene_publish(struct scene *scene, struct planned *planned);

/* NULL when the person's place is unknown: `out_held` says why. */
const struct plan_class *scene_class_of(struct planned *planned, const struct scene_person *person, enum reason *out_held);

#endif
