/*
 * campaign - what the planner needs to know of one campaign run, as plain values
 *
 * Campaign times are instants, or `local` times of the recipient: "2026-11-23T09:00:00-05:00" or "2026-11-23 09:00 local". A bare time is
 * refused, because nobody can tell whose clock it means.
 */
#ifndef DAYPART_CORE_CAMPAIGN_H
#define DAYPART_CORE_CAMPAIGN_H

#include "deal.h"
#include "rulebook.h"
#include "zone.h"

struct campaign_time {
	bool local;
	struct instant at; /* unless local */
	struct wall wall;  /* if local */
};

enum { CAMPAIGN_TIME_MAX = 64 };

MUST_CHECK enum status campaign_time_parse(const char *text, struct campaign_time *out, struct err *err);
/* The date it names, whatever the clock: the occurrence of a campaign that does not recur. */
MUST_CHECK enum status campaign_time_date(const char *text, struct date *out, struct err *err);

struct campaign_facts {
	int32_t campaign_id, run_id;
	struct campaign_time starts_at, ends_at;
	bool has_hours;
	struct day_range hours; /* local_from..local_to */
	enum pacing pacing;
	struct day_time send_at; /* DEAL_AT: local, of the recipient */
	unsigned holdout_percent;
	unsigned split_percent; /* of the people, who get the other text of a split */
	enum category category;
	enum channel channel;
	uint32_t subject; /* as in cap_event */
};

/* From the latest start to the earliest end over all zones: no candidate reading lies outside the campaign. May be empty. */
struct interval campaign_span(const struct campaign_facts *facts, const struct zone *const *zones, size_t zone_count);

#endif
