/* Records of an item are few: each question walks over all of them. */
#include "attestation.h"

#include <stdio.h>
#include <string.h>

enum { DATE_TEXT_MAX = 12 };

static bool
is_about(const struct attestations *records, const struct attestation *record, const struct record_rule *rule)
{
	if (record->subject != rule->subject || strcmp(record->item, rule->item) != 0)
		return false;
	return record->template == NULL || records->template == NULL || strcmp(record->template, records->template) == 0;
}

/* The first day on which it counts no more. */
static struct date
ends_on(const struct attestation *record, const struct record_rule *rule)
{
	const struct date worn = date_after(record->given_on, rule->good_for);
	return rule->good_for.us > 0 && worn.days < record->valid_until.days ? worn : record->valid_until;
}

static struct interval
counts(const struct attestation *record, const struct record_rule *rule, const struct candidate_zones *zones)
{
	const struct date day_before = {record->given_on.days - 1};
	return (struct interval){day_is_over(zones, day_before), day_begins_somewhere(zones, ends_on(record, rule))};
}

/* One step: the end of a record that covers `at`, or `at`; and the next beginning after it. */
static struct instant
cover(const struct attestations *records, const struct record_rule *rule, const struct candidate_zones *zones, struct instant at,
	struct instant *out_next)
{
	struct instant covered = at;
	*out_next = (struct instant){INT64_MAX};
	for (size_t i = 0; i < records->count; i++) {
		if (!is_about(records, &records->items[i], rule))
			continue;
		const struct interval here = counts(&records->items[i], rule, zones);
		if (here.from.us <= at.us)
			covered = instant_max(covered, here.until);
		else if (here.from.us < here.until.us)
			*out_next = instant_min(*out_next, here.from);
	}
	return covered;
}

struct instant
attestations_cover(const struct attestations *records, const struct record_rule *rule, const struct candidate_zones *zones,
	struct instant at, struct instant *out_next)
{
	for (struct instant covered;; at = covered) {
		covered = cover(records, rule, zones, at, out_next);
		if (covered.us == at.us)
			return at;
	}
}

/* The one whose end comes last, or NULL. */
static const struct attestation *
last_of(const struct attestations *records, const struct record_rule *rule)
{
	const struct attestation *last = NULL;
	for (size_t i = 0; i < records->count; i++)
		if (is_about(records, &records->items[i], rule) && (!last || ends_on(&records->items[i], rule).days > ends_on(last, rule).days))
			last = &records->items[i];
	return last;
}

static const char *
date_text(struct date date, char text[DATE_TEXT_MAX])
{
	if (date.days == INT32_MIN)
		return "an unknown day";
	const struct civil civil = date_to_civil(date);
	snprintf(text, DATE_TEXT_MAX, "%04u-%02u-%02u", (unsigned)civil.year % 10000, (unsigned)civil.month % 100, (unsigned)civil.day % 100);
	return text;
}

void
attestations_describe(const struct attestations *records, const struct record_rule *rule, const struct candidate_zones *zones,
	struct instant at, char *out, size_t size)
{
	const struct attestation *last = last_of(records, rule);
	const char *title = rule->title[0] != '\0' ? rule->title : rule->item, *subject = subject_name(rule->subject);
	char date[DATE_TEXT_MAX], lead[48] = "";
	if (rule->lead_time.us > 0)
		snprintf(lead, sizeof(lead), ", which takes about %d days", (int)(rule->lead_time.us / US_PER_DAY % 10000));
	if (last == NULL && strcmp(rule->item, "approval") == 0)
		snprintf(out, size, "no second person has approved the %s as it is now: daypart approve", subject);
	else if (last == NULL)
		snprintf(out, size, "%s: not recorded for the %s: get it%s, then record item %s with daypart import attestations", title, subject,
			lead, rule->item);
	else if (counts(last, rule, zones).from.us > at.us)
		snprintf(out, size, "%s: given for the %s on %s and counts from that day on: let the campaign begin later", title, subject,
			date_text(last->given_on, date));
	else
		snprintf(out, size, "%s: ends for the %s on %s: renew it%s, then record item %s again", title, subject,
			date_text(ends_on(last, rule), date), lead, rule->item);
}
