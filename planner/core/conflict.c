/*
 * One search serves all kinds; a kind is a function that says whether some rules can be obeyed together. All of them nearly always can, and that is
 * asked first. If not: each rule alone, then each pair of those that can, then all that are in no such pair; if those cannot be obeyed together,
 * rules that are not needed for that are taken out one by one.
 */
#include "conflict.h"

#include <stdlib.h>
#include <string.h>

typedef bool together_fn(const struct rule *const *rules, size_t count);

const char *
conflict_words(enum conflict_kind kind)
{
	static const char *const words[CONFLICT_KIND_COUNT] = {
		[CONFLICT_WINDOWS] = "no minute of the week is open in",
		[CONFLICT_LANGUAGES] = "no language is common to",
		[CONFLICT_CONTENTS] = "no text can have what is asked for by",
		[CONFLICT_CONFIRMATION] = "the confirmation of an opt-out is required and forbidden by",
		[CONFLICT_RETENTION] = "data must be kept and deleted at once by",
	};
	return words[kind];
}

/* Windows --------------------------------------------------------------------------------------------------------------------------------- */

enum { DAY_MINUTES = 1440, WEEK_MINUTES = 7 * DAY_MINUTES, WEEK_WORDS = (WEEK_MINUTES + 63) / 64 };

struct week {
	uint64_t open[WEEK_WORDS]; /* a bit a minute, from Monday, 00:00 */
};

static void
open_minutes(struct week *week, int from, int until)
{
	for (int word = from / 64; word * 64 < until; word++) {
		const int first = from > word * 64 ? from - word * 64 : 0, past = until < word * 64 + 64 ? until - word * 64 : 64;
		week->open[word] |= (past == 64 ? UINT64_MAX : (UINT64_C(1) << past) - 1) & (UINT64_MAX << first);
	}
}

/* A minute counts as open when any second of it is. Sunday night goes on on Monday. */
static void
open_ranges(struct week *week, int weekday, const struct day_ranges *day)
{
	for (size_t i = 0; i < day->count; i++) {
		const struct day_range *range = &day->ranges[i];
		const int overnight = range->until.s > range->from.s ? 0 : DAY_MINUTES;
		const int from = weekday * DAY_MINUTES + range->from.s / 60;
		const int until = weekday * DAY_MINUTES + overnight + (range->until.s + 59) / 60;
		open_minutes(week, from, until < WEEK_MINUTES ? until : WEEK_MINUTES);
		if (until > WEEK_MINUTES)
			open_minutes(week, 0, until - WEEK_MINUTES);
	}
}

static void
open_week(struct week *week, const struct window_rule *rule)
{
	*week = (struct week){.open = {0}};
	for (int weekday = MONDAY; weekday < WEEKDAY_COUNT; weekday++) {
		open_ranges(week, weekday, &rule->days[weekday]);
		if (rule->on_holidays_replaced)
			open_ranges(week, weekday, &rule->holidays);
		if (rule->on_eves_replaced)
			open_ranges(week, weekday, &rule->eves);
	}
}

static bool
windows_together(const struct rule *const *rules, size_t count)
{
	struct week all = {.open = {0}}, week;
	uint64_t any = 0;
	open_minutes(&all, 0, WEEK_MINUTES);
	for (size_t i = 0; i < count; i++) {
		open_week(&week, &rules[i]->window);
		for (int word = 0; word < WEEK_WORDS; word++)
			all.open[word] &= week.open[word];
	}
	for (int word = 0; word < WEEK_WORDS; word++)
		any |= all.open[word];
	return any != 0;
}

/* Contents -------------------------------------------------------------------------------------------------------------------------------- */

/* "pt" admits "pt" and "pt-BR". */
static bool
rule_admits(const struct content_rule *rule, const char *language)
{
	for (size_t i = 0; i < rule->language_count; i++) {
		const size_t length = strlen(rule->languages[i]);
		if (strncmp(rule->languages[i], language, length) == 0 && (language[length] == '\0' || language[length] == '-'))
			return true;
	}
	return rule->language_count == 0;
}

static bool
all_admit(const struct rule *const *rules, size_t count, const char *language)
{
	for (size_t i = 0; i < count; i++)
		if (!rule_admits(&rules[i]->content, language))
			return false;
	return true;
}

/* If any language is admitted by all, then the longest of the tags that admit it is. */
static bool
languages_together(const struct rule *const *rules, size_t count)
{
	bool any = false;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < rules[i]->content.language_count; j++) {
			any = true;
			if (all_admit(rules, count, rules[i]->content.languages[j]))
				return true;
		}
	return !any;
}

static bool
contents_together(const struct rule *const *rules, size_t count)
{
	const uint32_t impossible = CONTENT_BIT(CONTENT_PURE) | CONTENT_BIT(CONTENT_PROMOTIONAL_LABEL);
	unsigned shortest = UINT16_MAX, identifier = 0;
	uint32_t items = 0;
	bool two_identifiers = false;
	for (size_t i = 0; i < count; i++) {
		const struct content_rule *content = &rules[i]->content;
		items |= content->items;
		if (content->max_length > 0 && content->max_length < shortest)
			shortest = content->max_length;
		two_identifiers |= identifier > 0 && content->identifier_length > 0 && content->identifier_length != identifier;
		if (content->identifier_length > 0)
			identifier = content->identifier_length;
	}
	return (items & impossible) != impossible && !two_identifiers && identifier <= shortest;
}

/* Opt-outs and retention ------------------------------------------------------------------------------------------------------------------ */

static bool
confirmations_together(const struct rule *const *rules, size_t count)
{
	bool required = false, forbidden = false;
	for (size_t i = 0; i < count; i++) {
		required |= rules[i]->opt_out.confirmation == CONFIRMATION_REQUIRED;
		forbidden |= rules[i]->opt_out.confirmation == CONFIRMATION_FORBIDDEN;
	}
	return !required || !forbidden;
}

/* Consent is granted, then used, then taken back, with any time between. Who must keep data from a later event on than who must delete it, or for
 * longer, cannot obey both. */
static bool
can_keep_and_delete(const struct retention_rule *keeper, const struct retention_rule *deleter)
{
	if (keeper->data != deleter->data || keeper->min.us == 0 || deleter->max.us == 0)
		return true;
	return keeper->after <= deleter->after && keeper->min.us <= deleter->max.us;
}

static bool
retentions_together(const struct rule *const *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (!can_keep_and_delete(&rules[i]->retention, &rules[j]->retention))
				return false;
	return true;
}

/* The search ------------------------------------------------------------------------------------------------------------------------------ */

struct clash_search {
	enum conflict_kind kind;
	together_fn *together;
	conflict_fn *on_conflict;
	void *context;
};

static void
tell(const struct clash_search *search, const struct rule *const *rules, size_t count)
{
	const struct conflict conflict = {.kind = search->kind, .rules = rules, .rule_count = count};
	search->on_conflict(search->context, &conflict);
}

static size_t
drop_each_alone(const struct clash_search *search, const struct rule **rules, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (search->together(&rules[i], 1))
			rules[kept++] = rules[i];
		else
			tell(search, &rules[i], 1);
	return kept;
}

static size_t
drop_pairs(const struct clash_search *search, const struct rule **rules, size_t count, bool *clashes)
{
	size_t kept = 0;
	memset(clashes, false, count * sizeof(*clashes));
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++) {
			const struct rule *pair[] = {rules[i], rules[j]};
			if (search->together(pair, 2))
				continue;
			tell(search, pair, 2);
			clashes[i] = clashes[j] = true;
		}
	for (size_t i = 0; i < count; i++)
		if (!clashes[i])
			rules[kept++] = rules[i];
	return kept;
}

/* Takes out what the clash does not need. */
static size_t
drop_bystanders(const struct clash_search *search, const struct rule **rules, size_t count)
{
	for (size_t i = count; i-- > 0;) {
		const struct rule *tried = rules[i];
		memmove(&rules[i], &rules[i + 1], (count - i - 1) * sizeof(*rules));
		if (!search->together(rules, count - 1)) {
			count--;
			continue;
		}
		memmove(&rules[i + 1], &rules[i], (count - i - 1) * sizeof(*rules));
		rules[i] = tried;
	}
	return count;
}

static void
search_clashes(const struct clash_search *search, const struct rule **rules, size_t count, bool *clashes)
{
	if (search->together(rules, count))
		return;
	count = drop_each_alone(search, rules, count);
	count = drop_pairs(search, rules, count, clashes);
	if (count > 2 && !search->together(rules, count))
		tell(search, rules, drop_bystanders(search, rules, count));
}

/* The windows that look at one clock. */
static size_t
take_clock(const struct rule_list *windows, const char *clock, struct date date, const struct rule **out)
{
	size_t count = 0;
	for (size_t i = 0; i < windows->count; i++) {
		const struct rule *rule = windows->items[i];
		if (rule_is_dated(rule, date) && !rule->window.emergency && strcmp(rule->window.fixed_zone, clock) == 0)
			out[count++] = rule;
	}
	return count;
}

static bool
is_first_of_its_clock(const struct rule_list *windows, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(windows->items[i]->window.fixed_zone, windows->items[index]->window.fixed_zone) == 0)
			return false;
	return true;
}

static size_t
take_dated(const struct rule_list *list, struct date date, const struct rule **out)
{
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++)
		if (rule_is_dated(list->items[i], date))
			out[count++] = list->items[i];
	return count;
}

enum status
law_conflicts(const struct law *law, struct date date, conflict_fn *on_conflict, void *context)
{
	static const struct {
		enum rule_kind of;
		enum conflict_kind kind;
		together_fn *together;
	} kinds[] = {
		{RULE_CONTENT, CONFLICT_LANGUAGES, languages_together},
		{RULE_CONTENT, CONFLICT_CONTENTS, contents_together},
		{RULE_OPT_OUT, CONFLICT_CONFIRMATION, confirmations_together},
		{RULE_RETENTION, CONFLICT_RETENTION, retentions_together},
	};
	const struct rule_list *windows = &law->of[RULE_WINDOW];
	size_t room = windows->count + 1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		room = law->of[kinds[i].of].count > room ? law->of[kinds[i].of].count : room;
	const struct rule **rules = calloc(room, sizeof(*rules));
	bool *clashes = calloc(room, sizeof(*clashes));
	for (size_t i = 0; rules && clashes && i < windows->count; i++) {
		const struct clash_search search = {CONFLICT_WINDOWS, windows_together, on_conflict, context};
		if (is_first_of_its_clock(windows, i))
			search_clashes(&search, rules, take_clock(windows, windows->items[i]->window.fixed_zone, date, rules), clashes);
	}
	for (size_t i = 0; rules && clashes && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct clash_search search = {kinds[i].kind, kinds[i].together, on_conflict, context};
		search_clashes(&search, rules, take_dated(&law->of[kinds[i].of], date, rules), clashes);
	}
	const enum status status = rules && clashes ? STATUS_OK : STATUS_NO_MEMORY;
	free(rules);
	free(clashes);
	return status;
}
