/*
 * audience - the people of one campaign run with the facts about each, merged from streams that share one snapshot
 *
 * Binary COPY streams in the order (bucket, recipient_id) are read side by side, each on its own connection: the audience, recipients, live
 * consents, suppressions, what is stored about the run, when people last wrote, and whom the business has written to. When the audience is a large
 * share of all recipients, the side streams read everybody, which costs no join in the server; else the people of the audience. What the query does
 * not ask for is not read: variables cost as much as all the rest. Memory does not grow with the audience.
 *
 *     audience_open(&streams, &query, &audience, &err);
 *     while ((status = audience_next(audience, &member, &err)) == STATUS_OK) ...   // STATUS_NOT_FOUND: the end
 *
 * Who is in an excepted audience as well comes with that mark: the person is accounted for, not left away.
 *
 * A member's texts live until the next call. A stream that comes out of order is STATUS_INTERNAL: nothing would be merged right.
 */
#ifndef DAYPART_PLANNER_AUDIENCE_H
#define DAYPART_PLANNER_AUDIENCE_H

#include "planner/core/run_plan.h"
#include "sql/row_sum.h"
#include "sql/session.h"

enum audience_stream {
	STREAM_MEMBERS,
	STREAM_RECIPIENTS,
	STREAM_CONSENTS,
	STREAM_SUPPRESSIONS,
	STREAM_SUPPRESSED,
	STREAM_INBOUND, /* the sessions of these two may be missing when no query asks for them */
	STREAM_CONTACTED,
	STREAM_COUNT
};

struct audience_query {
	const char *audiences, *excepted; /* "{3,4}", by number; who is in several is one person */
	int32_t business_id;
	int32_t run_id; /* 0: the run is new and nothing is stored about it */
	enum category category;
	enum channel channel;
	bool ages;                      /* of consents */
	bool inbound;                   /* last messages from the people */
	bool contacts;                  /* whether the business has sent them anything, ever */
	const char *const *value_names; /* values of these variables, in this order */
	size_t value_count;
};

/* Whether reading everybody costs no more than looking up the members: audience_open decides by it. */
MUST_CHECK enum status audience_is_large_share(struct session *session, const char *audiences, bool *out, struct err *err);

struct audience;
/* The sessions are in transactions on one snapshot and are busy until audience_close. */
MUST_CHECK enum status audience_open(
	struct session *const sessions[STREAM_COUNT], const struct audience_query *query, struct audience **out, struct err *err);
MUST_CHECK enum status audience_next(struct audience *audience, struct member *out, struct err *err);
void audience_close(struct audience **audience);

/* Sums of all rows of a stream, as plan_sum_* makes them: those of streams that everybody comes by, and of what is stored. */
struct audience_sums {
	bool of_members, of_recipients, of_consents;
	struct row_sum members, recipients, consents;
	struct row_sum stored[64]; /* by reason: people */
};
/* Behind the last member. Until audience_close. */
const struct audience_sums *audience_sums(const struct audience *audience);

#endif
