#include "rulebook_conflicts.h"

#include <stdio.h>
#include <string.h>

#include "planner/core/conflict.h"

struct conflict_report {
	const struct rulebook *book;
	struct problems *problems;
};

static const char *
field_of(enum conflict_kind kind)
{
	static const char *const fields[CONFLICT_KIND_COUNT] = {
		[CONFLICT_WINDOWS] = "days",
		[CONFLICT_LANGUAGES] = "languages",
		[CONFLICT_CONTENTS] = "requires",
		[CONFLICT_CONFIRMATION] = "confirmation",
		[CONFLICT_RETENTION] = "min",
	};
	return fields[kind];
}

/* One rule that closes every day is a ban; it is meant when it says for whom or until when. */
static bool
is_meant(const struct conflict *conflict)
{
	const struct rule *rule = conflict->rules[0];
	return conflict->kind == CONFLICT_WINDOWS && conflict->rule_count == 1 && (rule->when != NULL || rule->until.days != INT32_MAX);
}

/* Told at the last of the rules; the others are named with their places. */
static void
report_conflict(void *context, const struct conflict *conflict)
{
	const struct conflict_report *report = context;
	const struct regime *regime = NULL;
	const struct rule *last = conflict->rules[conflict->rule_count - 1];
	char others[ERR_DETAIL_MAX / 4] = "";
	if (is_meant(conflict))
		return;
	for (size_t i = 0; i + 1 < conflict->rule_count; i++) {
		const size_t length = strlen(others);
		(void)rulebook_find(report->book, conflict->rules[i]->id, &regime);
		snprintf(others + length, sizeof others - length, "\"%s\" (%s:%d)%s", conflict->rules[i]->id, regime->file,
			conflict->rules[i]->line, i + 2 < conflict->rule_count ? ", " : " and ");
	}
	(void)rulebook_find(report->book, last->id, &regime);
	problem_add(report->problems, regime->file, last->line,
		"%s: %s rule%s %s\"%s\"; change one, or say in when, from or until which of them holds", field_of(conflict->kind),
		conflict_words(conflict->kind), conflict->rule_count > 1 ? "s" : "", others, last->id);
}

enum status
rulebook_report_conflicts(const struct rulebook *book, struct problems *problems)
{
	struct conflict_report report = {book, problems};
	struct conflict_work work;
	struct err err = ERR_INIT;
	return rulebook_conflicts(book, report_conflict, &report, &work, &err);
}
