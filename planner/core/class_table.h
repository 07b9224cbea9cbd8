/*
 * class_table - the classes of one campaign run: everybody for whom the same instants are lawful
 *
 * A person's candidate regions and zones are resolved once for each distinct combination of number prefix, declared region and declared zone;
 * combinations with equal candidates share one class. Law and windows are computed when a class is first met, never per recipient.
 *
 *     class_table_create(&setup, &table, &err);
 *     class_table_find(table, &(struct place_facts){phone, region, timezone}, &class, &held, &err);
 *
 * `open` holds the lawful instants, `dealable` the same less a margin before each end, so that nothing is planned where the gate would find it
 * too late. A message planned at t may leave until class_not_after(t): the end of its stretch, never across a day or month edge that a cap uses.
 */
#ifndef DAYPART_CORE_CLASS_TABLE_H
#define DAYPART_CORE_CLASS_TABLE_H

#include "campaign.h"
#include "cap.h"
#include "window.h"

enum { CLASS_TABLE_MAX = 60000 }; /* fits the index of a candidate; a real audience has hundreds */

struct plan_class {
	struct place place;
	const struct zone *zones[PLACE_ZONES_MAX]; /* as place.zones */
	struct law law;
	struct consent_need need; /* the strictest over the span */
	struct interval span;     /* of the campaign, for this class */
	struct interval_set open, dealable;
	bool calendar_unknown;     /* some instants are closed only because a calendar does not cover them */
	struct interval_set edges; /* one tiny interval [edge, edge + 1us) for each day or month edge that a cap uses */
};

struct class_setup {
	const struct campaign_facts *campaign;
	const struct rulebook *rulebook;
	struct window_context context;
	struct interval span;   /* nothing is planned outside: from now to the campaign's end */
	struct duration margin; /* before each end */
};

struct class_table;
MUST_CHECK enum status class_table_create(const struct class_setup *setup, struct class_table **out, struct err *err);
void class_table_free(struct class_table **table);

/* Sets `out_class`, or `out_held` when the person's place is unknown. */
MUST_CHECK enum status class_table_find(
	struct class_table *table, const struct place_facts *facts, size_t *out_class, enum reason *out_held, struct err *err);
size_t class_table_count(const struct class_table *table);
const struct plan_class *class_table_at(const struct class_table *table, size_t index);

/* The first instant that is too late for a message planned at `due` within `lawful` (class->open, or what caps leave of it). */
struct instant class_not_after(const struct plan_class *class, const struct interval_set *lawful, struct instant due);
/* `lawful` less the margin before each end and edge. A message planned in a stretch of it may leave until class_stretch_end. */
MUST_CHECK enum status class_dealable(
	const struct class_table *table, const struct plan_class *class, const struct interval_set *lawful, struct interval_set *out);
struct instant class_stretch_end(const struct class_table *table, const struct interval *dealable);

#endif
