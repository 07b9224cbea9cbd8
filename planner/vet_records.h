/*
 * vet_records - which records that the law asks of a sender or a business are missing today, rule by rule
 *
 *     struct vet_record_list list = {0};
 *     vet_records_read(&desk, &(struct vet_owner){SUBJECT_SENDER, "acme", "acme-wa", CHANNEL_BIT(CHANNEL_WHATSAPP)}, &list, &err);
 *     for (size_t i = 0; i < list.count; i++) ... list.items[i].rule, ->what, ->everywhere ...
 *     vet_records_clear(&list);
 *
 * The same judgement as a campaign's (admission.h), on days of UTC. Approvals are left out: they are what this is asked for.
 */
#ifndef DAYPART_PLANNER_VET_RECORDS_H
#define DAYPART_PLANNER_VET_RECORDS_H

#include "vet.h"

struct vet_owner {
	enum subject subject; /* SUBJECT_SENDER or SUBJECT_BUSINESS */
	const char *business;
	const char *sender; /* NULL: a business alone */
	uint32_t channels;  /* CHANNEL_BIT mask */
};

struct vet_record {
	const struct regime *regime;
	const struct rule *rule;
	bool everywhere; /* the regime holds in every region, the rule without a condition */
	char *what;      /* one sentence with the cure */
};

struct vet_record_list {
	struct vet_record *items;
	size_t count, room;
	bool no_memory;
};

MUST_CHECK enum status vet_records_read(
	const struct vet_desk *desk, const struct vet_owner *owner, struct vet_record_list *out, struct err *err);
void vet_records_clear(struct vet_record_list *list);

#endif
