/*
 * rule_part.h says what parts there are; here is what tightens them. What differs is seen by the words, so that a part is told exactly when a person
 * would read another text.
 */
#include "rule_change.h"

#include <stdlib.h>
#include <string.h>

#include "rule_part.h"

const char *
direction_words(enum direction direction)
{
	static const char *const words[] = {
		[CHANGE_UNCLEAR] = "unclear", [CHANGE_TIGHTENS] = "tightens", [CHANGE_LOOSENS] = "loosens", [CHANGE_NEUTRAL] = ""};
	return words[direction];
}

/* Orders of values ------------------------------------------------------------------------------------------------------------------------ */

static enum direction
judge_less(int64_t before, int64_t after)
{
	return after < before ? CHANGE_TIGHTENS : CHANGE_LOOSENS;
}

static enum direction
judge_less_or_none(int64_t before, int64_t after)
{
	return judge_less(before == 0 ? INT64_MAX : before, after == 0 ? INT64_MAX : after);
}

/* `more`: the later has all of the earlier; `fewer`: the other way round. */
static enum direction
judge_sets(bool more, bool fewer)
{
	if (more == fewer)
		return CHANGE_UNCLEAR;
	return more ? CHANGE_TIGHTENS : CHANGE_LOOSENS;
}

static bool
range_within(const struct day_range *inner, const struct day_range *outer)
{
	enum { DAY_SECONDS = 86400 };
	const int32_t inner_until = inner->until.s + (inner->until.s <= inner->from.s ? DAY_SECONDS : 0);
	const int32_t outer_until = outer->until.s + (outer->until.s <= outer->from.s ? DAY_SECONDS : 0);
	return outer->from.s <= inner->from.s && inner_until <= outer_until;
}

static bool
ranges_within(const struct day_ranges *inner, const struct day_ranges *outer)
{
	for (size_t i = 0; i < inner->count; i++) {
		bool found = false;
		for (size_t j = 0; j < outer->count; j++)
			found |= range_within(&inner->ranges[i], &outer->ranges[j]);
		if (!found)
			return false;
	}
	return true;
}

static enum direction
judge_ranges(const struct day_ranges *before, const struct day_ranges *after)
{
	return judge_sets(ranges_within(after, before), ranges_within(before, after));
}

static bool
within_every_day(const struct day_ranges *ranges, const struct window_rule *window)
{
	for (int day = 0; day < WEEKDAY_COUNT; day++)
		if (!ranges_within(ranges, &window->days[day]))
			return false;
	return true;
}

/* Of special days; NULL: as on other days. */
static enum direction
judge_special(const struct window_rule *before, const struct day_ranges *old, const struct window_rule *after, const struct day_ranges *new)
{
	if (old != NULL && new != NULL)
		return judge_ranges(old, new);
	if (new != NULL)
		return within_every_day(new, before) ? CHANGE_TIGHTENS : CHANGE_UNCLEAR;
	return within_every_day(old, after) ? CHANGE_LOOSENS : CHANGE_UNCLEAR;
}

static enum direction
judge_holidays(const struct window_rule *before, const struct window_rule *after)
{
	return judge_special(
		before, before->on_holidays_replaced ? &before->holidays : NULL, after, after->on_holidays_replaced ? &after->holidays : NULL);
}

static enum direction
judge_eves(const struct window_rule *before, const struct window_rule *after)
{
	return judge_special(before, before->on_eves_replaced ? &before->eves : NULL, after, after->on_eves_replaced ? &after->eves : NULL);
}

static enum direction
judge_when(const struct rule *before, const struct rule *after)
{
	return judge_sets(after->when == NULL, before->when == NULL);
}

static bool
has_exceptions(const struct rule *rule)
{
	for (size_t i = 0; i < rule->exception_count; i++)
		if (rule->exceptions[i].on)
			return true;
	return false;
}

static enum direction
judge_exceptions(const struct rule *before, const struct rule *after)
{
	const bool old = has_exceptions(before), new = has_exceptions(after);
	return old || new ? judge_sets(!new, !old) : CHANGE_NEUTRAL;
}

static enum direction
judge_waiver(const struct rule *before, const struct rule *after)
{
	if (before->waivable != after->waivable)
		return judge_sets(before->waivable, after->waivable);
	if (strcmp(before->waiver_role, after->waiver_role) != 0)
		return CHANGE_UNCLEAR;
	return judge_less_or_none(before->waiver_within.us, after->waiver_within.us);
}

/* Whether every one of the texts of `size` bytes is in the other list too. */
static bool
texts_within(const char *inner, size_t inner_count, const char *outer, size_t outer_count, size_t size)
{
	for (size_t i = 0; i < inner_count; i++) {
		bool found = false;
		for (size_t j = 0; j < outer_count; j++)
			found |= strcmp(inner + i * size, outer + j * size) == 0;
		if (!found)
			return false;
	}
	return true;
}

static bool
tags_within(const struct prohibition_rule *inner, const struct prohibition_rule *outer)
{
	return texts_within(inner->tags[0], inner->tag_count, outer->tags[0], outer->tag_count, TAG_MAX);
}

/* No language is any language. */
static bool
languages_within(const struct content_rule *inner, const struct content_rule *outer)
{
	if (outer->language_count == 0 || inner->language_count == 0)
		return outer->language_count == 0;
	return texts_within(inner->languages[0], inner->language_count, outer->languages[0], outer->language_count, LANGUAGE_MAX);
}

static enum direction
judge(const struct rule_part *part, const struct rule *before, const struct rule *after)
{
	const int64_t old = rule_part_number(before, part), new = rule_part_number(after, part);
	switch (part->order) {
	case ORDER_NEUTRAL:
		return CHANGE_NEUTRAL;
	case ORDER_UNCLEAR:
		break;
	case ORDER_MORE:
		return judge_less(new, old);
	case ORDER_LESS:
		return judge_less(old, new);
	case ORDER_LESS_OR_NONE:
		return judge_less_or_none(old, new);
	case ORDER_MORE_OR_EVER:
		return judge_less_or_none(new, old);
	case ORDER_MORE_BITS:
		return judge_sets((old & ~new) == 0, (new & ~old) == 0);
	case ORDER_WITHIN:
		return judge_ranges((const void *)((const char *)before + part->offset), (const void *)((const char *)after + part->offset));
	case ORDER_PERIOD:
		return old > 0 && new > 0 ? judge_less(new, old) : CHANGE_UNCLEAR;
	case ORDER_WHEN:
		return judge_when(before, after);
	case ORDER_EXCEPTIONS:
		return judge_exceptions(before, after);
	case ORDER_WAIVER:
		return judge_waiver(before, after);
	case ORDER_HOLIDAYS:
		return judge_holidays(&before->window, &after->window);
	case ORDER_EVES:
		return judge_eves(&before->window, &after->window);
	case ORDER_TAGS:
		return judge_sets(tags_within(&before->prohibition, &after->prohibition), tags_within(&after->prohibition, &before->prohibition));
	case ORDER_LANGUAGES:
		return judge_sets(languages_within(&after->content, &before->content), languages_within(&before->content, &after->content));
	}
	return CHANGE_UNCLEAR;
}

/* Comparing ------------------------------------------------------------------------------------------------------------------------------- */

static char *
told(const struct rule *rule, const struct rule_part *part)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	rule_part_tell(out, rule, part);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static enum status
compare_parts(const struct rule_part *parts, const struct rule *before, const struct rule *after, part_change_fn *on_change, void *context)
{
	for (const struct rule_part *part = parts; part->name != NULL; part++) {
		char *old = told(before, part), *new = told(after, part);
		const bool enough = old != NULL && new != NULL;
		if (enough && strcmp(old, new) != 0)
			on_change(context, part->name, old, new, judge(part, before, after));
		free(old);
		free(new);
		if (!enough)
			return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}

enum status
rule_compare(const struct rule *before, const struct rule *after, part_change_fn *on_change, void *context, struct err *err)
{
	if (compare_parts(rule_parts_of_all(), before, after, on_change, context) != STATUS_OK ||
		compare_parts(rule_parts(before->kind), before, after, on_change, context) != STATUS_OK)
		return err_set(err, STATUS_NO_MEMORY, "no memory to compare rule %s", before->id);
	return STATUS_OK;
}
