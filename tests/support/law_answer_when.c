/* Rows of law_windows.txt and law_caps.txt: may a message leave at this instant? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/cap.h"
#include "planner/core/emergency.h"
#include "tests/support/law_answer.h"

enum { HISTORY_MAX = 64 };

struct clocks {
	const char *names[LAW_PLACES_MAX];
	const struct zone *zones[LAW_PLACES_MAX];
	size_t count;
	const struct zone *only; /* NULL when there are several */
	char text[512];
};

static void
read_clocks(const struct law_question *question, const char *field, struct clocks *out)
{
	snprintf(out->text, sizeof(out->text), "%s", field);
	out->count = law_split(question->row, out->text, " ", out->names, LAW_PLACES_MAX);
	for (size_t i = 0; i < out->count; i++)
		if ((out->zones[i] = zone_set_find(question->context.zones, out->names[i])) == NULL)
			law_row_fail(question->row, "\"%s\" is no time zone", out->names[i]);
	out->only = out->count == 1 ? out->zones[0] : NULL;
}

static struct interval
around(struct instant at)
{
	return (struct interval){{at.us - US_PER_DAY}, {at.us + US_PER_DAY}};
}

/* Windows -------------------------------------------------------------------------------------------------------------------------------- */

static const char *
ask_windows(const struct law_question *question, const struct rule **rules, size_t count, const struct clocks *clocks, struct instant at)
{
	const struct law law = {.of[RULE_WINDOW] = {rules, count}};
	struct windows windows = WINDOWS_INIT;
	struct err err = ERR_INIT;
	struct class_facts facts = question->class;
	facts.zones = clocks->names;
	facts.zone_count = clocks->count;
	if (window_expand_in(&law, &facts, clocks->zones, &question->context, around(at), &windows, &err) != STATUS_OK)
		law_row_fail(question->row, "%s", err.primary);
	const char *answer = interval_set_find(&windows.open, at) ? "open" : interval_set_find(&windows.unknown, at) ? "unknown" : "closed";
	windows_free(&windows);
	return answer;
}

/* "closed ; us.window": the answer of all rules together, and those that are not open by themselves. */
void
law_answer_window(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct rule_list *rules = &question->law.of[RULE_WINDOW];
	struct clocks clocks;
	read_clocks(question, question->row->fields[3], &clocks);
	const struct instant at = law_instant(question->row, clocks.only, question->row->fields[4]);
	law_append(out, ask_windows(question, rules->items, rules->count, &clocks, at));
	law_append(out, ";");
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(ask_windows(question, &rules->items[i], 1, &clocks, at), "open") != 0)
			law_append(out, rules->items[i]->id);
}

/* Caps ----------------------------------------------------------------------------------------------------------------------------------- */

/* What a word says was sent. */
static void
read_sent(const struct law_question *question, const char *word, enum category *category, enum channel *channel)
{
	enum category other;
	enum channel way;
	if (category_parse(word, &other))
		*category = other;
	else if (channel_parse(word, &way))
		*channel = way;
	else
		law_row_fail(question->row, "\"%s\" is neither category nor channel", word);
}

#define ASKED_SUBJECT 1 /* of the message that is to leave; of what was sent before nobody knows unless the row says */

/* "2026-11-02 10:00", or with what was sent when it was something else: "2026-11-02 10:00 transactional whatsapp". */
static struct cap_event
read_event(const struct law_question *question, const struct clocks *clocks, const char *text)
{
	const char *words[5];
	char copy[128], instant[64];
	uint32_t subject = 0;
	enum category category = question->class.category;
	enum channel channel = question->class.channel;
	snprintf(copy, sizeof(copy), "%s", text);
	const size_t count = law_split(question->row, copy, " ", words, 5);
	const size_t time_words = count > 0 && strchr(words[0], 'T') ? 1 : 2;
	if (count < time_words)
		law_row_fail(question->row, "\"%s\": write day and time", text);
	snprintf(instant, sizeof(instant), "%s%s%s", words[0], time_words == 2 ? " " : "", time_words == 2 ? words[1] : "");
	for (size_t i = time_words; i < count; i++)
		if (strcmp(words[i], "same-subject") == 0)
			subject = ASKED_SUBJECT;
		else if (strcmp(words[i], "other-subject") == 0)
			subject = ASKED_SUBJECT + 1;
		else
			read_sent(question, words[i], &category, &channel);
	const struct instant at = law_instant(question->row, clocks->only, instant);
	return (struct cap_event){at, at, CATEGORY_BIT(category), CHANNEL_BIT(channel), subject};
}

static size_t
read_history(const struct law_question *question, const struct clocks *clocks, struct cap_event events[HISTORY_MAX])
{
	const char *words[HISTORY_MAX];
	char text[1024];
	snprintf(text, sizeof(text), "%s", question->row->fields[4]);
	const size_t count = strcmp(text, "nothing") == 0 ? 0 : law_split(question->row, text, ",", words, HISTORY_MAX);
	for (size_t i = 0; i < count; i++)
		events[i] = read_event(question, clocks, words[i]);
	return count;
}

/* "blocked ; in.cap": the caps that this message would break. */
void
law_answer_cap(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct rule_list *caps = &question->law.of[RULE_CAP];
	struct cap_event events[HISTORY_MAX];
	struct interval_set blocked = INTERVAL_SET_INIT;
	struct clocks clocks;
	char rules[LAW_ANSWER_MAX] = "";
	read_clocks(question, question->row->fields[3], &clocks);
	const struct instant at = law_instant(question->row, clocks.only, question->row->fields[5]);
	const size_t count = read_history(question, &clocks, events);
	const struct cap_scope scope = {clocks.zones, clocks.count, question->context.calendars, question->context.calendar_count, around(at),
		CHANNEL_BIT(question->class.channel), ASKED_SUBJECT};
	for (size_t i = 0; i < caps->count; i++) {
		if (cap_blocked(&caps->items[i], 1, events, count, &scope, &blocked) != STATUS_OK)
			law_row_fail(question->row, "no memory");
		if (interval_set_find(&blocked, at))
			law_append(rules, caps->items[i]->id);
	}
	interval_set_free(&blocked);
	law_append(out, *rules ? "blocked ;" : "allowed ;");
	law_append(out, rules);
}
