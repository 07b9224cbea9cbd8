/*
 * class_table - the classes of one campaign run: everybody for whom the same instants are lawful and who gets the same text
 *
 * A person's candidate regions and zones are resolved once for each distinct combination of number prefix, declared region, declared zone,
 * language and those facts of the consent that the rulebook's conditions ask about; combinations with equal candidates, facts and text share
 * one class. Law and windows are computed when a class is first met, never per recipient.
 *
 *     class_table_create(&setup, &table, &err);
 *     class_table_find(table, &(struct class_person){.place = {phone, region, timezone}, .language = "pt-BR"}, &class, &held, &err);
 *
 * Which text: of the languages of the person's arm that the law of the place admits, the one nearest to the person's (admission_choose_variant). When
 * it admits none, the class is that of the first text of the arm that is refused for another reason than its language, for that one can be mended,
 * else of the first; it refuses with that reason. Nobody is given the text of another arm: those who get each would not be alike any more.
 *
 * A message planned at t may leave until class_not_after(t): the end of its stretch, never across a day or month edge that a cap uses.
 */
#ifndef DAYPART_CORE_CLASS_TABLE_H
#define DAYPART_CORE_CLASS_TABLE_H

#include "plan_class.h"

enum { CLASS_TABLE_MAX = 60000 }; /* fits the index of a candidate; a real audience has hundreds */

struct class_table;
MUST_CHECK enum status class_table_create(const struct class_setup *setup, struct class_table **out, struct err *err);
void class_table_free(struct class_table **table);

struct class_person {
	struct place_facts place;
	const char *language; /* "" when unknown */
	uint32_t evidence;    /* of a consent that is granted */
	enum arm arm;
	enum message_order order;
};

/* Sets `out_class`, or `out_held` when the person's place is unknown. STATUS_INVALID: there are too many classes. */
MUST_CHECK enum status class_table_find(
	struct class_table *table, const struct class_person *person, size_t *out_class, enum reason *out_held, struct err *err);
size_t class_table_count(const struct class_table *table);
const struct plan_class *class_table_at(const struct class_table *table, size_t index);

/* `lawful` less the margin before each end and edge. A message planned in a stretch of it may leave until class_stretch_end. */
MUST_CHECK enum status class_dealable(
	const struct class_table *table, const struct plan_class *class, const struct interval_set *lawful, struct interval_set *out);
/* plan_class_preferred for a class of the table. */
MUST_CHECK enum status class_preferred(const struct class_table *table, const struct plan_class *class, unsigned preference,
	const struct interval_set *dealable, struct interval within, struct interval_set *out, struct err *err);
struct instant class_stretch_end(const struct class_table *table, const struct interval *dealable);

/* What making the classes has taken so far, by the setup's clock; 0 without one. */
struct duration class_table_spent(const struct class_table *table);

#endif
