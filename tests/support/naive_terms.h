/*
 * naive_terms - what rules other than windows and caps permit, asked of one message at a time; and whom a rule binds, worked out place by place
 *
 * The slow twin of merge.h for property tests. A message is everything that any rule may ask about; a rule looks at its own few members.
 */
#ifndef DAYPART_TESTS_SUPPORT_NAIVE_TERMS_H
#define DAYPART_TESTS_SUPPORT_NAIVE_TERMS_H

#include "planner/core/merge.h"

struct naive_send {
	struct date date;
	bool consented;
	uint32_t evidence;
	struct duration consent_age;
	int length, identifier_length;
	const char *language;
	uint32_t items; /* CONTENT_BIT mask of what the text shows */
	bool free_form, approved, own_purpose;
	int variables;
	struct duration idle, since_reply; /* of the template; of the person's last message */
	uint32_t records, tags;            /* bit i: the record "i<i>" is live, the tag "t<i>" is declared */
	int source;                        /* of consent, "s<i>" */
	int32_t sent;                      /* within any period, to anybody */
	const char *trust;
	struct duration gap;  /* since the last message, to anybody */
	bool confirms;        /* an opt-out is confirmed */
	struct duration kept; /* data, since every event */
};

bool naive_terms_permit(const struct rule *rule, const struct naive_send *send);

/* Whether the rule binds the class; regions are those of random_rulebook.h. */
bool naive_rule_binds(
	const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule, const struct class_facts *facts);

#endif
