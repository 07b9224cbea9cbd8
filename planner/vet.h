/*
 * vet - a campaign or a template before the law, read from the database: what `approve`, `lint` and `import templates` have in common
 *
 *     struct vet_desk desk;
 *     struct vet vet;
 *     vet_desk_open(context, &desk, &err);                                // the law, once
 *     vet_campaign(&desk, "spring", assumptions, 1, &vet, &err);          // STATUS_NOT_FOUND when there is none
 *     ... vet.places, vet.vetting ...
 *     vet_clear(&vet);
 *     vet_desk_close(&desk);
 *
 * A campaign is vetted for the places of its audience; one without people, and a template, for every region that an enforced regime names.
 * The session is in a transaction, so that all is of one state.
 */
#ifndef DAYPART_PLANNER_VET_H
#define DAYPART_PLANNER_VET_H

#include "audience_places.h"
#include "context.h"
#include "planner/law/lawbook.h"
#include "planner/law/terms_book.h"
#include "planner/law/vetting.h"
#include "template_file.h"

struct vet_desk {
	struct session *session; /* NULL: of files only */
	struct instant now;
	const struct rulebook *rulebook;
	const struct zone_set *zones;
	struct lawbook *book; /* of the database */
};
MUST_CHECK enum status vet_desk_open(const struct context *context, struct vet_desk *out, struct err *err);
void vet_desk_close(struct vet_desk *desk);

struct vet {
	char *name;
	bool is_campaign;
	char status[16]; /* of the campaign */
	struct campaign_facts campaign;
	struct terms_book *terms;       /* NULL: of a file */
	struct audience_places *places; /* of the campaign, or NULL */
	struct vetting *vetting;        /* finished */
};
MUST_CHECK enum status vet_campaign(const struct vet_desk *desk, const char *name, const struct vetting_assumption *assumptions,
	size_t assumption_count, struct vet *out, struct err *err);
MUST_CHECK enum status vet_template(const struct vet_desk *desk, const char *name, const struct vetting_assumption *assumptions,
	size_t assumption_count, struct vet *out, struct err *err);
/* The texts of one template of a file, which outlives the vet; records are not asked about. */
MUST_CHECK enum status vet_filed(const struct vet_desk *desk, const struct filed_template *template, struct vet *out, struct err *err);
void vet_clear(struct vet *vet);

/* Table "problems" (what binds) or "advice" of one or more; returns how many rows. */
enum vet_part { VET_PROBLEMS, VET_ADVICE };
size_t vet_write(struct output *output, const struct vet *vets, size_t count, enum vet_part part);

#endif
