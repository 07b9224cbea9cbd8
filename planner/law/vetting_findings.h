/*
 * vetting_findings - what a vetting found: equal problems once, whichever rules see them, with all texts, places and people they concern
 *
 *     vetting_findings_create(&terms, &findings);
 *     vetting_findings_add(findings, &problem, &(struct vetting_where){.regions = regions, .region_count = 2, .people = 7, .number = 1});
 *     vetting_findings_finish(findings);
 *     ... vetting_findings_at(findings, 0) ...
 *     vetting_findings_free(&findings);
 *
 * Internal to vetting. Names of rules, regions and languages are not copied and must outlive the findings. Errors: only memory.
 */
#ifndef DAYPART_PLANNER_LAW_VETTING_FINDINGS_H
#define DAYPART_PLANNER_LAW_VETTING_FINDINGS_H

#include "vetting.h"

/* What is wrong with one language of one text in one place. */
struct vetting_problem {
	const struct rule *rule; /* NULL: no rule of the law asks for it */
	enum reason reason;      /* REASON_NONE: advice */
	const char *what;
	size_t variant;
};

struct vetting_where {
	const char *const *regions;
	size_t region_count;
	int64_t people;
	size_t number; /* of the place, from 1 on: its people count once for each finding */
};

struct vetting_findings;
MUST_CHECK enum status vetting_findings_create(const struct terms *terms, struct vetting_findings **out);
void vetting_findings_free(struct vetting_findings **findings);

/* A region that is asked about by itself: what concerns all of those is told as VETTING_EVERYWHERE. */
MUST_CHECK enum status vetting_findings_ask(struct vetting_findings *findings, const char *region);
MUST_CHECK enum status vetting_findings_add(
	struct vetting_findings *findings, const struct vetting_problem *problem, const struct vetting_where *where);

/* Sorts and writes them; once, after the last one. */
MUST_CHECK enum status vetting_findings_finish(struct vetting_findings *findings);
size_t vetting_findings_count(const struct vetting_findings *findings);
size_t vetting_findings_binding_count(const struct vetting_findings *findings);
const struct vetting_finding *vetting_findings_at(const struct vetting_findings *findings, size_t index);

#endif
