/*
 * conflict - rules that no message, or no store of data, can obey together
 *
 * Merging keeps every rule and weakens none (merge.h), so rules may ask for what is impossible. That is an outcome of its own, with the names of the
 * rules that clash, never a silent drop (REGULATIONS 3.3, step 6):
 *
 *     windows       no minute of the week is open in all of them, or in one alone
 *     languages     no language is admitted by all of them
 *     contents      pure and a label of advertising; identifiers of two lengths, or longer than the text may be
 *     confirmation  required and forbidden
 *     retention     one must keep data of a class that another must have deleted
 *
 *     law_conflicts(&law, date, on_conflict, context);                          // one class of people, one date
 *     rulebook_conflicts(rulebook, on_conflict, context, &work, &err);          // all classes and dates, when a rulebook is loaded
 *
 * A conflict is told with as few rules as make it: without any of them the others could be obeyed. Windows are compared by the week, as local hours
 * of one clock: those in the person's own with one another, those of one fixed zone with one another. Holidays and eves count as open whenever their
 * hours could be, rules for emergencies not at all. What is told is therefore certain; what only a date or two clocks make impossible is left to
 * the planner, which finds no window then.
 *
 * Pure. Errors: memory.
 */
#ifndef DAYPART_CORE_CONFLICT_H
#define DAYPART_CORE_CONFLICT_H

#include "merge.h"

enum conflict_kind {
	CONFLICT_WINDOWS,
	CONFLICT_LANGUAGES,
	CONFLICT_CONTENTS,
	CONFLICT_CONFIRMATION,
	CONFLICT_RETENTION,
	CONFLICT_KIND_COUNT
};

struct conflict {
	enum conflict_kind kind;
	const struct rule *const *rules; /* by id; valid during the call */
	size_t rule_count;               /* 1: the rule contradicts itself */
};

typedef void conflict_fn(void *context, const struct conflict *conflict);

/* What is wrong, up to the names of the rules: "no minute of the week is open in". */
const char *conflict_words(enum conflict_kind kind);

/* Every conflict among the rules of the law in force on this local date. */
MUST_CHECK enum status law_conflicts(const struct law *law, struct date date, conflict_fn *on_conflict, void *context);

/* How much rulebook_conflicts did. */
struct conflict_work {
	size_t laws;   /* merged */
	size_t rules;  /* looked at for that */
	size_t judged; /* laws of one date that were searched for conflicts: equal ones once */
};

/* Every conflict, once, among rules that bind somebody in one place: the regimes of a region and those that hold everywhere, each category and
 * channel, each date on which a rule begins; with no fact known, and with each fact that a condition there asks about. Conflicts between regimes that
 * only meet in a person of several candidate regions are not looked for. */
MUST_CHECK enum status rulebook_conflicts(
	const struct rulebook *rulebook, conflict_fn *on_conflict, void *context, struct conflict_work *out_work, struct err *err);

#endif
