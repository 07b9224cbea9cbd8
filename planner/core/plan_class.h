/*
 * plan_class - one class of people in one campaign run: the law that binds them, the instants it leaves, and why there are none
 *
 *     struct plan_class class = {.place = place, .zones = ..., .facts = ..., .variant = 0, .span = span};
 *     plan_class_fill(&setup, &class, &err);
 *     plan_class_clear(&class);
 *
 * `open` holds the lawful instants: inside the windows of every regime and zone, the campaign's own hours, and the stretch in which campaign,
 * template, sender and business are in order (admission.h). `dealable` is the same less a margin before each end, so that nothing is planned where
 * the gate would find it too late. Consent, service windows, caps and texts of one person are run_plan.h's.
 *
 * The deciding rule of a class without instants: admission's; for an unknown calendar the first window rule by id that asks for it; for closed
 * windows the one that alone leaves the least of the span, the first by id of several; none when the campaign's own hours or dates leave nothing.
 */
#ifndef DAYPART_CORE_PLAN_CLASS_H
#define DAYPART_CORE_PLAN_CLASS_H

#include "campaign.h"
#include "cap.h"
#include "class_words.h"
#include "place.h"
#include "window.h"

struct class_setup {
	const struct campaign_facts *campaign;
	const struct terms *terms;
	const struct campaign_words *words;
	const struct rulebook *rulebook;
	struct window_context context;
	const struct quota *quota; /* NULL: no volume is limited */
	struct interval span;      /* nothing is planned outside: from now to the campaign's end */
	struct duration margin;    /* before each end */
	size_t most_classes;       /* 0: CLASS_TABLE_MAX */
	/* A clock that only measures, or NULL. */
	struct instant (*clock)(void);
};

/* What only advises: advice.h. */
struct advised_rule {
	const struct rule *rule;
	struct interval_set open; /* of a window: when it would be open */
	const struct zone *zone;  /* of a volume by days: whose */
};

struct plan_class {
	struct place place;
	const struct zone *zones[PLACE_ZONES_MAX]; /* as place.zones */
	const char **facts;                        /* what conditions asked about: class_words.h */
	size_t fact_count;
	size_t variant; /* of the terms; its language is theirs */
	enum message_order order;
	struct interval span; /* of the campaign, for this class */

	/* Filled in. */
	struct law law;
	uint64_t terms_hash;
	struct consent_need need;                /* the strictest over the span */
	struct rule_list caps;                   /* of the law, and each rule about the time between two messages to one person as one more */
	struct rule *pairs;                      /* those */
	const struct calendar *const *calendars; /* of the setup, for caps */
	size_t calendar_count;
	uint32_t channel_bit, subject; /* of the campaign */
	struct interval_set open, dealable;
	struct interval_set edges; /* one tiny interval [edge, edge + 1us) for each day or month edge that a cap uses */
	enum reason refusal;       /* why nothing is dealable, or REASON_NONE */
	const struct rule *refusal_rule;
	bool calendar_unknown; /* some instants are closed only because a calendar does not cover them */
	const struct rule *calendar_rule;
	bool needs_session; /* only within a person's service window... */
	struct duration session;
	const struct rule *session_rule; /* ...which this rule asks for */
	bool judges_values;              /* a person's own variables may break a rule about texts */
	const struct quota *quota;
	uint32_t volume;              /* quota_rules_of the law */
	uint32_t limits;              /* those that limit this sender: of the quota */
	struct advised_rule *advised; /* by id; none where `refusal` is set */
	size_t advised_count;
	struct instant holds_until; /* a span that begins later may leave instants that this one does not; INT64_MAX: none does */
};

MUST_CHECK enum status plan_class_fill(const struct class_setup *setup, struct plan_class *class, struct err *err);
void plan_class_clear(struct plan_class *class);

/* The facts for law_merge and the windows. */
struct class_facts plan_class_facts(const struct class_setup *setup, const struct plan_class *class);

/* `lawful` less the margin before each end and edge. */
MUST_CHECK enum status plan_class_dealable(
	const struct class_setup *setup, const struct plan_class *class, const struct interval_set *lawful, struct interval_set *out);

/* Of `dealable` instants within `within`, which begins now, those that somebody would rather have: by their own hour (`preference`: the hour and
 * one, 0: none), else by the campaign's send_at, else by the rulebook's preferences: what all of them prefer. Empty: none is better than
 * another. */
MUST_CHECK enum status plan_class_preferred(const struct class_setup *setup, const struct plan_class *class, unsigned preference,
	const struct interval_set *dealable, struct interval within, struct interval_set *out, struct err *err);

/* The first instant that is too late for a message planned at `due` within `lawful` (class->open, or what caps leave of it): the end of its
 * stretch, never across an edge of a cap or a volume limit. */
struct instant class_not_after(const struct plan_class *class, const struct interval_set *lawful, struct instant due);

/* A time between two messages to one person as a cap of one in that time, over everything that is sent to them on its channels. */
struct rule plan_class_pair_cap(const struct rule *rule);

/* The first rule that on some day of the span asks for something of `missing`, or for consent when `missing` is 0; NULL when none does. */
const struct rule *class_consent_rule(const struct plan_class *class, uint32_t missing);
/* The one that lets consent count for need.good_for only. */
const struct rule *class_expiry_rule(const struct plan_class *class);

/* The first rule about texts that a person's own values break on some day of the span, or NULL. */
const struct rule *class_judge_values(const struct plan_class *class, const struct content_facts *facts);

#endif
