/*
 * rules show - the merged rule for people in a place, in words and with its sources
 *
 * Without a database. What binds comes first: hours, rules, records that must exist, what consent must show, what lifts a rule. Then what does not
 * bind: advice, other readings, rules of other dates, notes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/nearest.h"
#include "planner/core/conflict.h"
#include "planner/core/number.h"
#include "planner/law_words.h"
#include "planner/rule_words.h"
#include "planner/rules_source.h"
#include "rules.h"

struct show {
	struct output *output;
	const struct rules_book *book;
	const struct rules_question *question;
	const struct rules_view *view;
	bool no_memory;
};

enum { LIST_TEXT_MAX = 512, SHORT_TEXT_MAX = 64 };

/* Texts ----------------------------------------------------------------------------------------------------------------------------------- */

static const char *
channels_text(const struct show *show, uint32_t channels)
{
	if (channels == show->question->channels)
		return show->question->channels == ALL_CHANNELS
			? "every"
			: channel_name(channels == CHANNEL_BIT(CHANNEL_SMS) ? CHANNEL_SMS : CHANNEL_WHATSAPP);
	return channel_name(channels == CHANNEL_BIT(CHANNEL_SMS) ? CHANNEL_SMS : CHANNEL_WHATSAPP);
}

static void
append(char text[LIST_TEXT_MAX], const char *word)
{
	const size_t length = strlen(text);

	snprintf(text + length, LIST_TEXT_MAX - length, "%s%s", length > 0 ? " " : "", word);
}

/* "30 days", "" for none. */
static const char *
length_text(struct duration length, char buffer[SHORT_TEXT_MAX])
{
	FILE *out = fmemopen(buffer, SHORT_TEXT_MAX, "w");

	buffer[0] = '\0';
	if (out == NULL)
		return buffer;
	if (length.us > 0)
		words_duration(out, length);
	fclose(out);
	return buffer;
}

/* Condition and dates, which a list of rules for one category leaves of the scope. */
static void
tell_limits(FILE *out, const struct rule *rule)
{
	words_says(out, rule);
	if (rule->when != NULL) {
		fputs("; only when ", out);
		words_condition(out, rule->when);
	}
	words_dates(out, rule);
}

/* Tables ---------------------------------------------------------------------------------------------------------------------------------- */

static void
show_question(struct show *show)
{
	static const struct output_column columns[] = {{"places", OUTPUT_TEXT}, {"category", OUTPUT_TEXT}, {"channel", OUTPUT_TEXT},
		{"on", OUTPUT_TEXT}, {"facts", OUTPUT_TEXT}, {"regimes", OUTPUT_TEXT}};
	const struct rules_question *question = show->question;
	const struct civil on = date_to_civil(question->on);
	char places[LIST_TEXT_MAX] = "", facts[LIST_TEXT_MAX] = "", date[SHORT_TEXT_MAX];

	for (size_t i = 0; i < question->region_count; i++)
		append(places, question->regions[i]);
	for (size_t i = 0; i < question->fact_count; i++)
		append(facts, question->facts[i]);
	snprintf(date, sizeof(date), "%04d-%02d-%02d", on.year, on.month, on.day);
	output_record(show->output, "law", columns, 6,
		(const char *const[]){places, category_name(question->category), channels_text(show, question->channels), date,
			facts[0] != '\0' ? facts : "none", show->view->laws[0].regimes});
}

static void
show_rules(struct show *show, const char *name, const struct rule_view_list *list, bool records)
{
	static const struct output_column columns[] = {{"kind", OUTPUT_TEXT}, {"rule", OUTPUT_TEXT}, {"strength", OUTPUT_TEXT},
		{"channel", OUTPUT_TEXT}, {"source", OUTPUT_TEXT}, {"says", OUTPUT_TEXT}};

	output_table(show->output, name, columns, 6);
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = list->items[i].rule;
		char *says = rule->kind != RULE_RECORD || records ? words_written(tell_limits, rule) : NULL;

		show->no_memory |= says == NULL && (rule->kind != RULE_RECORD || records);
		if (says != NULL)
			output_row(show->output,
				(const char *const[]){rule_kind_name(rule->kind), rule->id, strength_words(rule->strength),
					channels_text(show, list->items[i].channels), rule->sources, says});
		free(says);
	}
}

static void
show_records(struct show *show)
{
	static const struct output_column columns[] = {{"of", OUTPUT_TEXT}, {"item", OUTPUT_TEXT}, {"what", OUTPUT_TEXT},
		{"title", OUTPUT_TEXT}, {"counts_for", OUTPUT_TEXT}, {"renew_before", OUTPUT_TEXT}, {"takes", OUTPUT_TEXT},
		{"and_when_rejected", OUTPUT_TEXT}, {"channel", OUTPUT_TEXT}, {"rule", OUTPUT_TEXT}, {"source", OUTPUT_TEXT}};
	const struct rule_view_list *list = &show->view->binding;
	char texts[4][SHORT_TEXT_MAX];

	output_table(show->output, "records", columns, 11);
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = list->items[i].rule;
		const struct record_rule *record = &rule->record;

		if (rule->kind == RULE_RECORD)
			output_row(show->output,
				(const char *const[]){subject_name(record->subject), record->item, purpose_words(record->purpose), record->title,
					length_text(record->good_for, texts[0]), length_text(record->renew_before, texts[1]),
					length_text(record->lead_time, texts[2]), length_text(record->buffer, texts[3]),
					channels_text(show, list->items[i].channels), rule->id, rule->sources});
	}
}

/* Each fact of evidence with the rules that ask for it. */
static void
show_evidence(struct show *show)
{
	static const struct output_column columns[] = {{"evidence", OUTPUT_TEXT}, {"consent_must_show", OUTPUT_TEXT}, {"rules", OUTPUT_TEXT}};
	const struct rule_view_list *list = &show->view->binding;

	output_table(show->output, "evidence", columns, 3);
	for (int i = 0; i < EVIDENCE_COUNT; i++) {
		char rules[LIST_TEXT_MAX] = "";

		for (size_t r = 0; r < list->count; r++)
			if (list->items[r].rule->kind == RULE_CONSENT && (list->items[r].rule->consent.evidence & EVIDENCE_BIT(i)) != 0)
				append(rules, list->items[r].rule->id);
		if (rules[0] != '\0')
			output_row(show->output, (const char *const[]){evidence_name((enum evidence)i), evidence_words((enum evidence)i), rules});
	}
}

static void
show_relief(struct show *show)
{
	static const struct output_column columns[] = {{"rule", OUTPUT_TEXT}, {"lifted", OUTPUT_TEXT}};
	const struct rule_view_list *list = &show->view->binding;

	output_table(show->output, "relief", columns, 2);
	for (size_t i = 0; i < list->count; i++) {
		char *relief = rule_words_relief(list->items[i].rule);

		show->no_memory |= relief == NULL;
		if (relief != NULL && relief[0] != '\0')
			output_row(show->output, (const char *const[]){list->items[i].rule->id, relief});
		free(relief);
	}
}

/* Where the documents can be read in more than one way: the readings that are on, and those that are not. */
static void
show_readings(struct show *show)
{
	static const struct output_column columns[] = {
		{"option", OUTPUT_TEXT}, {"on", OUTPUT_BOOL}, {"rule", OUTPUT_TEXT}, {"channel", OUTPUT_TEXT}, {"says", OUTPUT_TEXT}};
	const struct rule_view_list *const lists[] = {&show->view->binding, &show->view->advice, &show->view->readings};

	output_table(show->output, "readings", columns, 5);
	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++)
		for (size_t i = 0; i < lists[list]->count; i++) {
			const struct rule *rule = lists[list]->items[i].rule;
			char *says = rule->option[0] != '\0' ? words_written(tell_limits, rule) : NULL;

			show->no_memory |= says == NULL && rule->option[0] != '\0';
			if (says != NULL)
				output_row(show->output,
					(const char *const[]){
						rule->option, rule->off ? "f" : "t", rule->id, channels_text(show, lists[list]->items[i].channels), says});
			free(says);
		}
}

/* Of the calendars that its windows ask. */
static void
show_calendars(struct show *show)
{
	static const struct output_column columns[] = {{"calendar", OUTPUT_TEXT}, {"from", OUTPUT_TEXT}, {"to", OUTPUT_TEXT}};
	const struct rule_view_list *list = &show->view->binding;

	output_table(show->output, "calendars", columns, 3);
	for (size_t i = 0; i < show->book->law.calendar_count; i++) {
		const struct calendar *calendar = show->book->law.calendars[i];
		const struct civil first = date_to_civil(calendar_first(calendar)), last = date_to_civil(calendar_last(calendar));
		bool asked = false;
		char from[SHORT_TEXT_MAX], to[SHORT_TEXT_MAX];

		for (size_t r = 0; r < list->count; r++)
			asked |= list->items[r].rule->kind == RULE_WINDOW && strcmp(list->items[r].rule->window.calendar, calendar_name(calendar)) == 0;
		snprintf(from, sizeof(from), "%04d-%02d-%02d", first.year, first.month, first.day);
		snprintf(to, sizeof(to), "%04d-%02d-%02d", last.year, last.month, last.day);
		if (asked)
			output_row(show->output, (const char *const[]){calendar_name(calendar), from, to});
	}
}

static void
write_conflict(void *context, const struct conflict *conflict)
{
	struct show *show = context;
	char rules[LIST_TEXT_MAX] = "";

	for (size_t i = 0; i < conflict->rule_count; i++)
		append(rules, conflict->rules[i]->id);
	output_row(show->output, (const char *const[]){rules, conflict_words(conflict->kind)});
}

static void
show_conflicts(struct show *show)
{
	static const struct output_column columns[] = {{"rules", OUTPUT_TEXT}, {"together", OUTPUT_TEXT}};

	output_table(show->output, "conflicts", columns, 2);
	for (int channel = 0; channel < CHANNEL_COUNT; channel++)
		if ((show->question->channels & CHANNEL_BIT(channel)) != 0 &&
			law_conflicts(&show->view->laws[channel], show->question->on, write_conflict, show) != STATUS_OK)
			show->no_memory = true;
}

static enum status
show_all(struct show *show, struct err *err)
{
	show_question(show);
	if (rules_write_hours(show->output, show->question, show->view, err) != STATUS_OK)
		return err->status;
	show_rules(show, "rules", &show->view->binding, false);
	show_records(show);
	show_evidence(show);
	show_relief(show);
	show_calendars(show);
	show_conflicts(show);
	show_rules(show, "advice", &show->view->advice, true);
	show_readings(show);
	show_rules(show, "other_dates", &show->view->other_dates, true);
	show_rules(show, "notes", &show->view->notes, true);
	return show->no_memory ? err_set(err, STATUS_NO_MEMORY, "out of memory") : STATUS_OK;
}

static enum status
show_view(const struct context *context, struct show *show, struct err *err)
{
	struct err ignored = ERR_INIT;
	enum status status = output_open(context->format, stdout, &show->output, err);

	if (status != STATUS_OK)
		return status;
	status = show_all(show, err);
	if (output_close(&show->output, status == STATUS_OK ? err : &ignored) != STATUS_OK && status == STATUS_OK)
		status = err->status;
	return status;
}

/* Arguments ------------------------------------------------------------------------------------------------------------------------------- */

/* "US-TX,US-NY": cuts the text up. */
static enum status
parse_regions(char *text, struct rules_question *out, struct err *err)
{
	char *rest;

	for (char *region = strtok_r(text, ",", &rest); region != NULL; region = strtok_r(NULL, ",", &rest)) {
		if (!region_is_known(region)) {
			err_set(err, STATUS_INVALID, "\"%s\" is no place", region);
			return err_hint(
				err, "Write a code of ISO 3166, such as BR or US-TX; several with commas for people who may be in any of them.");
		}
		if (out->region_count == RULES_QUESTION_REGIONS_MAX)
			return err_set(err, STATUS_INVALID, "more than %d places", RULES_QUESTION_REGIONS_MAX);
		out->regions[out->region_count++] = region;
	}
	return out->region_count > 0 ? STATUS_OK : err_set(err, STATUS_INVALID, "no place is given");
}

static enum status
parse_category(const char *text, enum category *out, struct err *err)
{
	const char *names[CATEGORY_COUNT], *meant;

	if (category_parse(text, out))
		return STATUS_OK;
	for (int i = 0; i < CATEGORY_COUNT; i++)
		names[i] = category_name((enum category)i);
	meant = nearest_word(text, names, CATEGORY_COUNT);
	err_set(err, STATUS_INVALID, "\"%s\" is no category", text);
	if (meant != NULL)
		return err_hint(err, "Did you mean %s?", meant);
	return err_hint(
		err, "Categories: marketing, transactional, announcement, authentication, service_reply, opt_in_invitation, opt_out_confirmation.");
}

static enum status
parse_channel(const char *text, uint32_t *out, struct err *err)
{
	enum channel channel;

	*out = ALL_CHANNELS;
	if (text == NULL)
		return STATUS_OK;
	if (!channel_parse(text, &channel)) {
		err_set(err, STATUS_INVALID, "\"%s\" is no channel", text);
		return err_hint(err, "Channels: whatsapp, sms.");
	}
	*out = CHANNEL_BIT(channel);
	return STATUS_OK;
}

static enum status
parse(int argc, char **argv, struct rules_question *out, struct err *err)
{
	struct cli_list facts = {.count = 0};
	const char *channel = NULL;
	const struct cli_option options[] = {{"channel", 0, CLI_TEXT, &channel}, {"on", 0, CLI_DATE, &out->on}, {"fact", 0, CLI_LIST, &facts}};

	if (cli_parse(&argc, argv, options, 3, CLI_REFUSE_UNKNOWN, err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 2, 2, "REGION and CATEGORY", err) != STATUS_OK || parse_regions(argv[1], out, err) != STATUS_OK ||
		parse_category(argv[2], &out->category, err) != STATUS_OK || parse_channel(channel, &out->channels, err) != STATUS_OK)
		return err->status;
	memcpy(out->facts, facts.items, sizeof(facts.items));
	out->fact_count = facts.count;
	return STATUS_OK;
}

int
rules_show(struct context *context, int argc, char **argv)
{
	struct rules_question question = {.on = wall_date((struct wall){context->now.us})};
	struct rules_book book = RULES_BOOK_INIT;
	struct rules_view *view = NULL;
	struct err err = ERR_INIT;
	enum status status;

	_Static_assert(sizeof(question.facts) == sizeof(((struct cli_list *)0)->items), "as many facts as options");
	if (parse(argc, argv, &question, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	status = rules_read_files(context, NULL, NULL, &book, &err);
	if (status == STATUS_OK)
		status = rules_view_create(book.law.rulebook, &question, &view, &err);
	if (status == STATUS_OK)
		status = show_view(context, &(struct show){.book = &book, .question = &question, .view = view}, &err);
	rules_view_free(&view);
	rules_book_free(&book);
	return status == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
