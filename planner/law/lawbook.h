/*
 * lawbook - everything a verdict needs, as one value: the active rulebook and its calendars and the declared emergencies, from the database, and
 * this host's time zones
 *
 *     lawbook_load(session, &(struct lawbook_source){.zoneinfo_dir = dir, .horizon = horizon}, &book, &err);
 *     window_expand(&law, zones, count, &book->context, ...);
 *     lawbook_free(&book);
 *
 * The texts live in the database, so that every host parses the same ones; a host with other zone data is found out by the zone hashes. Shared
 * by the planner and the daemon, and the only thing they share above conf and the store.
 *
 * Immutable once loaded, but for the emergencies, which a daemon reads again and again; so a reload loads a new one and swaps it in; nothing of a
 * book that fails to load is used. What is wrong with a rulebook or a zone is logged where it is found. Blocks on the database, reads files, and
 * parses with libical: one thread at a time.
 */
#ifndef DAYPART_PLANNER_LAW_LAWBOOK_H
#define DAYPART_PLANNER_LAW_LAWBOOK_H

#include "conf/law_text.h"
#include "planner/core/window.h"
#include "sql/session.h"

/* P-20, P-21: sorted by area and beginning, so that equal lists are equal arrays. */
struct emergencies {
	struct emergency *items;
	size_t count;
	char (*areas)[REGION_CODE_MAX]; /* of the items */
};

/* Those that have not ended before `since`. */
MUST_CHECK enum status emergencies_read(struct session *session, struct instant since, struct emergencies *out, struct err *err);
void emergencies_free(struct emergencies *emergencies);

struct lawbook {
	int32_t rulebook_id;
	struct parsed_law law;
	struct zone_set *zones;
	struct emergencies emergencies;
	struct window_context context; /* points to the members above; all emergencies, see emergency.h */
};

struct lawbook_source {
	const char *zoneinfo_dir;
	struct interval horizon; /* in which zone offsets and emergencies are known */
};

MUST_CHECK enum status lawbook_load(struct session *session, const struct lawbook_source *source, struct lawbook **out, struct err *err);
void lawbook_free(struct lawbook **book);

/* The rulebook alone, without its calendars. The caller frees the law. */
MUST_CHECK enum status lawbook_load_rules(struct session *session, struct parsed_law *out, int32_t *out_rulebook_id, struct err *err);

/* Takes the emergencies over and frees the book's own; returns whether they differ. */
bool lawbook_set_emergencies(struct lawbook *book, struct emergencies *emergencies);

/* The earliest instant whose messages any cap of the rulebook still counts, binding or advice, for new messages of these categories and channels (bit masks) from
 * `now` on: what is not planned needs no history, be its caps ever so long. */
struct instant lawbook_lookback(const struct lawbook *book, uint32_t categories, uint32_t channels, struct instant now);

/* A sender's pace in messages per 1000 seconds, the same for everything it sends: its throughput, or the least that a rule about rates allows which
 * may bind some message of it from `now` on, less the share that is kept free (P-66: what people send counts as well). */
struct lawbook_sender {
	enum channel channel;
	const char *country, *type; /* of predicate.h; "" when not known */
	int64_t rate_milli;         /* its throughput */
	int headroom_percent;       /* of its pace, kept free for what people send */
};
int64_t lawbook_rate_milli(const struct lawbook *book, const struct lawbook_sender *sender, struct instant now);

#endif
