/*
 * Regimes, rules and calendars are few, so that what belongs together is found by looking through all of them.
 */
#include "law_change.h"

#include <stdlib.h>
#include <string.h>

#include "law_words.h"
#include "rule_words.h"

struct comparison {
	const struct parsed_law *before, *after;
	law_change_fn *on_change;
	void *context;
	struct law_change_counts *counts;
	struct err *err;
};

const char *
change_kind_words(enum change_kind kind)
{
	static const char *const words[CHANGE_KIND_COUNT] = {
		[CHANGE_ADDED] = "added", [CHANGE_REMOVED] = "removed", [CHANGE_CHANGED] = "changed"};
	return words[kind];
}

static void
tell(const struct comparison *comparison, const struct law_change *change)
{
	struct law_change_counts *counts = comparison->counts;
	int *const of_direction[] = {[CHANGE_UNCLEAR] = &counts->unclear,
		[CHANGE_TIGHTENS] = &counts->tightens,
		[CHANGE_LOOSENS] = &counts->loosens,
		[CHANGE_NEUTRAL] = &counts->neutral};
	++*of_direction[change->direction];
	comparison->on_change(comparison->context, change);
}

static enum status
no_memory(const struct comparison *comparison)
{
	return err_set(comparison->err, STATUS_NO_MEMORY, "out of memory while comparing rulebooks");
}

/* Rules ----------------------------------------------------------------------------------------------------------------------------------- */

struct changed_rule {
	const struct comparison *comparison;
	const struct regime *regime;
	const struct rule *rule;
	bool bound, binds;
	int parts;
};

/* What binds neither before nor after changes nothing; what begins or ceases to bind does, whatever its parts say. */
static enum direction
net_direction(bool bound, bool binds, enum direction direction)
{
	if (bound != binds)
		return binds ? CHANGE_TIGHTENS : CHANGE_LOOSENS;
	return binds ? direction : CHANGE_NEUTRAL;
}

static void
on_part(void *context, const char *part, const char *before, const char *after, enum direction direction)
{
	struct changed_rule *changed = context;
	changed->parts++;
	tell(changed->comparison,
		&(struct law_change){CHANGE_CHANGED, changed->regime->id, changed->rule->id, part, before, after,
			net_direction(changed->bound, changed->binds, direction)});
}

static bool
binds(const struct parsed_law *law, const struct regime *regime, const struct rule *rule)
{
	return rule->kind != RULE_NOTE && rule->kind != RULE_PREFERENCE && rule_binds(law->rulebook, regime, rule);
}

/* A whole rule that came or went. */
static enum status
tell_rule(const struct comparison *comparison, const struct regime *regime, const struct rule *rule, enum change_kind kind)
{
	const bool added = kind == CHANGE_ADDED;
	const bool counts = binds(added ? comparison->after : comparison->before, regime, rule);
	char *says = rule_words(rule), *scope = rule_words_scope(rule), *text = NULL;
	if (says == NULL || scope == NULL || asprintf(&text, "%s [%s]", says, scope) < 0)
		text = NULL;
	free(says);
	free(scope);
	if (text == NULL)
		return no_memory(comparison);
	comparison->counts->rules[kind]++;
	tell(comparison,
		&(struct law_change){kind, regime->id, rule->id, "", added ? "" : text, added ? text : "",
			net_direction(!added && counts, added && counts, CHANGE_NEUTRAL)});
	free(text);
	return STATUS_OK;
}

/* The same rule in the other book. */
static const struct rule *
counterpart(const struct parsed_law *law, const struct rule *rule, const struct regime **out_regime)
{
	const struct rule *other = rulebook_find(law->rulebook, rule->id, out_regime);
	return other != NULL && other->kind == rule->kind ? other : NULL;
}

static enum status
compare_rule(const struct comparison *comparison, const struct regime *regime, const struct rule *rule)
{
	const struct regime *old_regime;
	const struct rule *old = counterpart(comparison->before, rule, &old_regime);
	if (old == NULL)
		return tell_rule(comparison, regime, rule, CHANGE_ADDED);
	struct changed_rule changed = {
		comparison, regime, rule, binds(comparison->before, old_regime, old), binds(comparison->after, regime, rule), 0};
	if (strcmp(old_regime->id, regime->id) != 0)
		on_part(&changed, "regime", old_regime->id, regime->id, CHANGE_UNCLEAR);
	const enum status status = rule_compare(old, rule, on_part, &changed, comparison->err);
	comparison->counts->rules[CHANGE_CHANGED] += changed.parts > 0;
	return status;
}

/* Regimes --------------------------------------------------------------------------------------------------------------------------------- */

static void
tell_regions(FILE *out, const struct regime *regime)
{
	fputs(regime->everywhere ? "everywhere" : "", out);
	for (size_t i = 0; i < regime->region_count; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", regime->regions[i]);
}

static void
tell_title(FILE *out, const struct regime *regime)
{
	fputs(regime->title, out);
}

static void
tell_kind(FILE *out, const struct regime *regime)
{
	fputs(kind_words(regime->kind), out);
}

static void
tell_status(FILE *out, const struct regime *regime)
{
	fputs(status_words(regime->status), out);
}

static void
tell_review(FILE *out, const struct regime *regime)
{
	words_date(out, regime->review_by);
}

static enum direction
judge_status(const struct regime *before, const struct regime *after)
{
	if (before->status != REGIME_ENFORCED && after->status != REGIME_ENFORCED)
		return CHANGE_NEUTRAL;
	return after->status == REGIME_ENFORCED ? CHANGE_TIGHTENS : CHANGE_LOOSENS;
}

static bool
regions_within(const struct regime *inner, const struct regime *outer)
{
	for (size_t i = 0; i < inner->region_count; i++)
		if (!regime_covers(outer, inner->regions[i]))
			return false;
	return !inner->everywhere || outer->everywhere;
}

static enum direction
judge_regions(const struct regime *before, const struct regime *after)
{
	const bool more = regions_within(before, after), fewer = regions_within(after, before);
	if (after->status != REGIME_ENFORCED)
		return CHANGE_NEUTRAL;
	if (more == fewer)
		return CHANGE_UNCLEAR;
	return more ? CHANGE_TIGHTENS : CHANGE_LOOSENS;
}

static const struct regime_part {
	const char *name;
	void (*tell)(FILE *out, const struct regime *regime);
	enum direction (*judge)(const struct regime *before, const struct regime *after); /* NULL: neutral */
} regime_parts[] = {{"title", tell_title, NULL}, {"kind", tell_kind, NULL}, {"status", tell_status, judge_status},
	{"regions", tell_regions, judge_regions}, {"review_by", tell_review, NULL}};
enum { REGIME_PARTS = sizeof regime_parts / sizeof *regime_parts };

static char *
told(const struct regime *regime, const struct regime_part *part)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	part->tell(out, regime);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static enum status
compare_regime(const struct comparison *comparison, const struct regime *before, const struct regime *after)
{
	for (size_t i = 0; i < REGIME_PARTS; i++) {
		const struct regime_part *part = &regime_parts[i];
		char *old = told(before, part), *new = told(after, part);
		const bool enough = old != NULL && new != NULL;
		if (enough && strcmp(old, new) != 0)
			tell(comparison,
				&(struct law_change){CHANGE_CHANGED, after->id, after->id, part->name, old, new,
					part->judge != NULL ? part->judge(before, after) : CHANGE_NEUTRAL});
		free(old);
		free(new);
		if (!enough)
			return no_memory(comparison);
	}
	return STATUS_OK;
}

static const struct regime *
find_regime(const struct parsed_law *law, const char *id)
{
	for (size_t i = 0; i < law->rulebook->regime_count; i++)
		if (strcmp(law->rulebook->regimes[i].id, id) == 0)
			return &law->rulebook->regimes[i];
	return NULL;
}

static void
tell_regime(const struct comparison *comparison, const struct regime *regime, enum change_kind kind)
{
	const char *title = regime->title, *none = "";
	tell(comparison,
		&(struct law_change){
			kind, regime->id, regime->id, "", kind == CHANGE_ADDED ? none : title, kind == CHANGE_ADDED ? title : none, CHANGE_NEUTRAL});
}

/* A regime of the later book with its rules, and those of its rules that only the earlier book has. */
static enum status
compare_regime_of_after(const struct comparison *comparison, const struct regime *after)
{
	const struct regime *before = find_regime(comparison->before, after->id);
	enum status status = STATUS_OK;
	if (before == NULL)
		tell_regime(comparison, after, CHANGE_ADDED);
	else
		status = compare_regime(comparison, before, after);
	for (size_t i = 0; i < after->rule_count && status == STATUS_OK; i++)
		status = compare_rule(comparison, after, &after->rules[i]);
	for (size_t i = 0; before != NULL && i < before->rule_count && status == STATUS_OK; i++)
		if (counterpart(comparison->after, &before->rules[i], NULL) == NULL)
			status = tell_rule(comparison, before, &before->rules[i], CHANGE_REMOVED);
	return status;
}

static enum status
compare_removed_regime(const struct comparison *comparison, const struct regime *before)
{
	enum status status = STATUS_OK;
	tell_regime(comparison, before, CHANGE_REMOVED);
	for (size_t i = 0; i < before->rule_count && status == STATUS_OK; i++)
		if (counterpart(comparison->after, &before->rules[i], NULL) == NULL)
			status = tell_rule(comparison, before, &before->rules[i], CHANGE_REMOVED);
	return status;
}

static void
compare_policy(const struct comparison *comparison)
{
	const enum should_policy old = comparison->before->rulebook->should, new = comparison->after->rulebook->should;
	if (old == new)
		return;
	enum direction direction = CHANGE_NEUTRAL;
	if (new == SHOULD_BLOCK || old == SHOULD_BLOCK)
		direction = new == SHOULD_BLOCK ? CHANGE_TIGHTENS : CHANGE_LOOSENS;
	tell(comparison, &(struct law_change){CHANGE_CHANGED, "", "policy", "should", should_words(old), should_words(new), direction});
}

/* Calendars ------------------------------------------------------------------------------------------------------------------------------- */

static const struct calendar *
find_calendar(const struct parsed_law *law, const char *name)
{
	for (size_t i = 0; i < law->calendar_count; i++)
		if (strcmp(calendar_name(law->calendars[i]), name) == 0)
			return law->calendars[i];
	return NULL;
}

/* Whether one more holiday closes a day: it does when every rule that binds by this calendar is closed on holidays. */
static enum direction
holiday_direction(const struct parsed_law *law, const char *calendar)
{
	enum direction direction = CHANGE_NEUTRAL;
	for (size_t i = 0; i < law->rulebook->regime_count; i++) {
		const struct regime *regime = &law->rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count; r++) {
			const struct rule *rule = &regime->rules[r];
			if (rule->kind != RULE_WINDOW || strcmp(rule->window.calendar, calendar) != 0 || !rule_binds(law->rulebook, regime, rule))
				continue;
			if (!rule->window.on_holidays_replaced || rule->window.holidays.count > 0 || rule->window.on_eves_replaced)
				return CHANGE_UNCLEAR;
			direction = CHANGE_TIGHTENS;
		}
	}
	return direction;
}

static void
tell_coverage(char *out, size_t size, const struct calendar *calendar)
{
	const struct civil first = date_to_civil(calendar_first(calendar)), last = date_to_civil(calendar_last(calendar));
	snprintf(out, size, "%04d-%02d-%02d to %04d-%02d-%02d", first.year, first.month, first.day, last.year, last.month, last.day);
}

static const char *
day_words(const struct calendar *calendar, struct date date)
{
	const char *name = calendar_day_name(calendar, date);
	return calendar_day(calendar, date) == DAY_HOLIDAY ? (name != NULL ? name : "holiday") : "no holiday";
}

static void
compare_day(const struct comparison *comparison, const struct calendar *before, const struct calendar *after, struct date date)
{
	const char *old = day_words(before, date), *new = day_words(after, date);
	if (strcmp(old, new) == 0)
		return;
	const bool was = calendar_day(before, date) == DAY_HOLIDAY, is = calendar_day(after, date) == DAY_HOLIDAY;
	enum direction direction = was == is ? CHANGE_NEUTRAL : holiday_direction(comparison->after, calendar_name(after));
	if (direction == CHANGE_TIGHTENS && was)
		direction = CHANGE_LOOSENS;
	const struct civil civil = date_to_civil(date);
	char text[48];
	snprintf(text, sizeof text, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
	tell(comparison, &(struct law_change){CHANGE_CHANGED, "", calendar_name(after), text, old, new, direction});
}

/* A day that is no longer covered is held; one that is newly covered no longer. */
static enum direction
coverage_direction(const struct calendar *before, const struct calendar *after)
{
	const bool more = calendar_first(after).days <= calendar_first(before).days && calendar_last(after).days >= calendar_last(before).days;
	const bool fewer = calendar_first(after).days >= calendar_first(before).days && calendar_last(after).days <= calendar_last(before).days;
	if (more == fewer)
		return CHANGE_UNCLEAR;
	return more ? CHANGE_LOOSENS : CHANGE_TIGHTENS;
}

static void
compare_calendar(const struct comparison *comparison, const struct calendar *before, const struct calendar *after)
{
	char old[64], new[64];
	tell_coverage(old, sizeof old, before);
	tell_coverage(new, sizeof new, after);
	if (strcmp(old, new) != 0)
		tell(comparison,
			&(struct law_change){CHANGE_CHANGED, "", calendar_name(after), "coverage", old, new, coverage_direction(before, after)});
	struct date date = calendar_first(before), last = calendar_last(before);
	if (calendar_first(after).days > date.days)
		date = calendar_first(after);
	if (calendar_last(after).days < last.days)
		last = calendar_last(after);
	for (; date.days <= last.days; date.days++)
		compare_day(comparison, before, after, date);
}

static void
compare_calendars(const struct comparison *comparison)
{
	char coverage[64];
	for (size_t i = 0; i < comparison->after->calendar_count; i++) {
		const struct calendar *after = comparison->after->calendars[i];
		const struct calendar *before = find_calendar(comparison->before, calendar_name(after));
		tell_coverage(coverage, sizeof coverage, after);
		if (before != NULL)
			compare_calendar(comparison, before, after);
		else
			tell(comparison, &(struct law_change){CHANGE_ADDED, "", calendar_name(after), "", "", coverage, CHANGE_NEUTRAL});
	}
	for (size_t i = 0; i < comparison->before->calendar_count; i++) {
		const struct calendar *before = comparison->before->calendars[i];
		tell_coverage(coverage, sizeof coverage, before);
		if (find_calendar(comparison->after, calendar_name(before)) == NULL)
			tell(comparison, &(struct law_change){CHANGE_REMOVED, "", calendar_name(before), "", coverage, "", CHANGE_NEUTRAL});
	}
}

enum status
law_compare(const struct parsed_law *before, const struct parsed_law *after, law_change_fn *on_change, void *context,
	struct law_change_counts *out_counts, struct err *err)
{
	const struct comparison comparison = {before, after, on_change, context, out_counts, err};
	enum status status = STATUS_OK;
	*out_counts = (struct law_change_counts){0};
	compare_policy(&comparison);
	for (size_t i = 0; i < after->rulebook->regime_count && status == STATUS_OK; i++)
		status = compare_regime_of_after(&comparison, &after->rulebook->regimes[i]);
	for (size_t i = 0; i < before->rulebook->regime_count && status == STATUS_OK; i++)
		if (find_regime(after, before->rulebook->regimes[i].id) == NULL)
			status = compare_removed_regime(&comparison, &before->rulebook->regimes[i]);
	if (status == STATUS_OK)
		compare_calendars(&comparison);
	return status;
}
