/*
 * attestation - registrations, attestations, scrubs and approvals as recorded, and how long they cover what a rule asks for
 *
 *     struct instant covered = attestations_cover(&records, &rule->record, &zones, from, &next);
 *
 * A record counts from the beginning of the day it was given on to the beginning of the day it ends: the first of valid_until and the day
 * that lies good_for after given_on. Days are those of the strictest candidate zone: a day has begun when it has begun everywhere. Several
 * records of one item count together, so that a renewal in time leaves no gap. Pure.
 */
#ifndef DAYPART_CORE_ATTESTATION_H
#define DAYPART_CORE_ATTESTATION_H

#include "candidate_days.h"

/* A registration, attestation, scrub or approval, as recorded. */
struct attestation {
	enum subject subject;
	const char *item; /* "10dlc.tax_number"; "approval" is the approval by a second person */
	struct date given_on;
	struct date valid_until; /* excluded; INT32_MAX when none was stated */
	const char *template;    /* SUBJECT_TEMPLATE: its name; NULL: of whatever template is asked about */
};

struct attestations {
	const struct attestation *items;
	size_t count;
	const char *template; /* records of another one do not count; NULL: of any */
};

/* The end of what records cover without a gap from `at` on; `at` itself when none covers it. `out_next` is when the next one begins after that,
 * INT64_MAX when there is none. */
struct instant attestations_cover(const struct attestations *records, const struct record_rule *rule, const struct candidate_zones *zones,
	struct instant at, struct instant *out_next);

/* What is wrong with them when `at` is not covered or soon no more, as one sentence with the cure. */
void attestations_describe(const struct attestations *records, const struct record_rule *rule, const struct candidate_zones *zones,
	struct instant at, char *out, size_t size);

#endif
