/*
 * candidate_store - the people of one campaign run who wait for an instant, by the source of the deal they belong to and in fair order
 *
 * A source holds everybody of one class with one preference, or one person with a leeway: the instants that frequency caps leave to this one.
 *
 *     candidate_store_create(campaign_id, &storage, &store);
 *     candidate_store_add(store, &candidate, caps_bind ? &dealable : NULL);      // in any order
 *     candidate_store_settle(store);                                             // once, after the last
 *     for (size_t i = 0; i < candidate_store_sources(store); i++) ... candidate_store_source(store, i) ...
 *     candidate_cursor_open(store, source, &cursor);
 *     while (candidate_cursor_next(cursor, &candidate) == STATUS_OK) ...         // STATUS_NOT_FOUND: the end
 *
 * The fair order is that of person_order, then of recipient ids. Sources stand in the fair order of their first people, so that nothing depends on the
 * order in which people were added. Memory: 16 bytes a candidate and 40 while settling a quarter of a million, spooled beyond what the storage has
 * left (spool.h); 80 and 16 for each stretch for somebody with a leeway, never spooled. Errors: those of spool.h.
 */
#ifndef DAYPART_CORE_CANDIDATE_STORE_H
#define DAYPART_CORE_CANDIDATE_STORE_H

#include <stdbool.h>

#include "interval.h"
#include "spool.h"

struct candidate {
	int64_t recipient_id;
	uint16_t class;
	int16_t part;        /* of the stored slot, or PLANNED_NEW */
	uint8_t stored;      /* enum reason: what `suppressed` says */
	uint8_t stored_rule; /* and by which rule; the caller's */
	uint8_t preference;  /* 0 none, else the local hour they would rather have it at, plus one */
};
enum { PLANNED_NEW = -1 };

struct candidate_source {
	uint16_t class;
	uint8_t preference;
	const struct interval_set *leeway; /* NULL: what the class has */
	size_t count;
};

struct candidate_store;
MUST_CHECK enum status candidate_store_create(int32_t campaign_id, struct spool_storage *storage, struct candidate_store **out);
void candidate_store_free(struct candidate_store **store);
/* Takes `leeway` over, unless it is NULL. */
MUST_CHECK enum status candidate_store_add(struct candidate_store *store, const struct candidate *candidate, struct interval_set *leeway);
MUST_CHECK enum status candidate_store_settle(struct candidate_store *store);

/* After settling. */
size_t candidate_store_sources(const struct candidate_store *store);
struct candidate_source candidate_store_source(const struct candidate_store *store, size_t source);

/* One walk through a source. */
struct candidate_cursor;
MUST_CHECK enum status candidate_cursor_open(const struct candidate_store *store, size_t source, struct candidate_cursor **out);
MUST_CHECK enum status candidate_cursor_next(struct candidate_cursor *cursor, struct candidate *out);
void candidate_cursor_close(struct candidate_cursor **cursor);

#endif
