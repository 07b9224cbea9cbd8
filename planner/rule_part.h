/*
 * rule_part - the parts of a rule, one by one: where each lies, how it is told, in which order its values tighten
 *
 *     for (const struct rule_part *part = rule_parts(rule->kind); part->name != NULL; part++)
 *         rule_part_tell(out, rule, part);
 *
 * Used by rule_change.h. A new member of struct rule needs a row here; a test that changes every member one by one says so.
 */
#ifndef DAYPART_PLANNER_RULE_PART_H
#define DAYPART_PLANNER_RULE_PART_H

#include "rule_words.h"

/* How a value is stored. */
enum part_value {
	PART_BOOL,
	PART_SMALL,  /* uint8_t */
	PART_SHORT,  /* uint16_t */
	PART_NUMBER, /* int32_t, uint32_t or an enum */
	PART_LENGTH, /* struct duration */
	PART_DATE,
	PART_TEXT,
	PART_RANGES,  /* struct day_ranges */
	PART_COMPOUND /* more than one member: told and compared by functions of its own */
};

/* Which values are tighter. */
enum part_order {
	ORDER_NEUTRAL, /* nothing more or less may leave */
	ORDER_UNCLEAR,
	ORDER_MORE,
	ORDER_LESS,
	ORDER_LESS_OR_NONE, /* 0 is no limit */
	ORDER_MORE_OR_EVER, /* 0 is for ever */
	ORDER_MORE_BITS,
	ORDER_WITHIN, /* of ranges */
	ORDER_PERIOD, /* longer, where both are rolling */
	ORDER_WHEN,
	ORDER_EXCEPTIONS,
	ORDER_WAIVER,
	ORDER_HOLIDAYS,
	ORDER_EVES,
	ORDER_TAGS,
	ORDER_LANGUAGES
};

struct rule_part {
	const char *name; /* as in rulebook files where there is such a key */
	enum part_value value;
	enum part_order order;
	size_t offset;  /* in struct rule; not of PART_COMPOUND */
	words_fn *tell; /* NULL: the value as it is */
};

/* Those of every rule. Both lists end with a part without a name. */
const struct rule_part *rule_parts_of_all(void);
const struct rule_part *rule_parts(enum rule_kind kind);

/* Numbers, lengths and dates as one type; 0 for texts, ranges and compounds. */
int64_t rule_part_number(const struct rule *rule, const struct rule_part *part);
void rule_part_tell(FILE *out, const struct rule *rule, const struct rule_part *part);

#endif
