/*
 * vetting - what is wrong with a campaign, or with a template alone, for the people it may reach
 *
 *     vetting_create(&setup, &vetting, &err);
 *     vetting_add(vetting, &place, number, people, &err);        // each different place of an audience
 *     vetting_finish(vetting, &err);
 *     for (size_t i = 0; i < vetting_count(vetting); i++) ... vetting_at(vetting, i) ...
 *     vetting_free(&vetting);
 *
 * For each place the law is merged and asked about every language of every text of the campaign as the planner does (admission.h). A problem binds when
 * it leaves the people there who get that text without any language; where another language is admitted, or where it does not concern the whole of the
 * campaign, it is advice. Equal problems are one finding, whichever rules see them, with all their places.
 *
 * A campaign without a text for first messages sends its text to people whom the business has never written to, too: what such a message lacks binds,
 * but whom it concerns is not counted, for only a plan knows. Of a template alone it is advice: it may be meant for later messages.
 *
 * Things that the caller is about to bring about, or that are not at hand yet, may be assumed: the approval of what is being approved; of a template
 * without a campaign the records of senders and campaigns.
 *
 * Used by approval, lint and import. The setup's pointers must outlive the vetting. Pure but for memory.
 */
#ifndef DAYPART_PLANNER_LAW_VETTING_H
#define DAYPART_PLANNER_LAW_VETTING_H

#include "planner/core/admission.h"
#include "planner/core/campaign.h"
#include "planner/core/class_words.h"
#include "planner/core/place.h"

/* A record that counts as given. */
struct vetting_assumption {
	enum subject subject;
	const char *item; /* NULL: every one of this subject */
};

struct vetting_setup {
	const struct rulebook *rulebook;
	const struct terms *terms;
	const struct campaign_words *words;
	enum channel channel;
	const struct zone_set *zones;
	struct interval span;                  /* in which messages may leave */
	const struct campaign_facts *campaign; /* which limits the span in each place; NULL: no campaign */
	const struct vetting_assumption *assumptions;
	size_t assumption_count;
};

struct vetting_finding {
	enum reason reason; /* REASON_NONE: advice */
	const char *what;   /* one sentence with the cure */
	char *rules;        /* ids of all rules that see it, sorted, blank separated */
	char *sources;      /* what they cite, as they do, blank separated */
	char *languages;    /* blank separated, with the text they are of: "en template_b/en first_template/pt-BR"; "" when it is all of them */
	char *places;       /* codes of regions, sorted, blank separated; VETTING_EVERYWHERE when it is every one of vetting_add_regions */
	int64_t people;
};

struct vetting;
MUST_CHECK enum status vetting_create(const struct vetting_setup *setup, struct vetting **out, struct err *err);
void vetting_free(struct vetting **vetting);

/* `number` is where the people's numbers belong: number_place(phone). The texts of both outlive the vetting. STATUS_NOT_FOUND when this host does
 * not know a time zone of the place. */
MUST_CHECK enum status vetting_add(
	struct vetting *vetting, const struct place *place, const struct number_place *number, int64_t people, struct err *err);
/* Every region that an enforced regime names, one by one, as if people had numbers of it, and VETTING_ELSEWHERE, where only what holds everywhere
 * does: for what has no audience. */
#define VETTING_ELSEWHERE "elsewhere"
#define VETTING_EVERYWHERE "everywhere"
MUST_CHECK enum status vetting_add_regions(struct vetting *vetting, struct err *err);

/* Sorts and writes the findings; once, after the last place. Binding ones first, then advice; both by rule and text. */
MUST_CHECK enum status vetting_finish(struct vetting *vetting, struct err *err);
size_t vetting_count(const struct vetting *vetting);
size_t vetting_binding_count(const struct vetting *vetting);
/* How many people some binding finding concerns, each once; all of a place when it concerns some of a split. */
int64_t vetting_people_refused(const struct vetting *vetting);
const struct vetting_finding *vetting_at(const struct vetting *vetting, size_t index);

#endif
