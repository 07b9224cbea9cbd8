/*
 * rules check - are the files sound, and what is in them?
 *
 * Without a database. Problems are told by the reader, each with its place and cure; what is shown here is a sound rulebook: how much there is of
 * what, which readings are chosen, and what somebody should look at soon.
 */
#include <stdio.h>
#include <stdlib.h>

#include "planner/install.h"
#include "planner/law_words.h"
#include "planner/rule_words.h"
#include "planner/rules_source.h"
#include "planner/rules_summary.h"
#include "rules.h"

enum { TEXT_MAX = 32 };

static const char *
date_text(struct date date, char buffer[TEXT_MAX])
{
	const struct civil civil = date_to_civil(date);

	snprintf(buffer, TEXT_MAX, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
	return buffer;
}

static const char *
count_text(size_t count, char buffer[TEXT_MAX])
{
	snprintf(buffer, TEXT_MAX, "%zu", count);
	return buffer;
}

/* The whole ------------------------------------------------------------------------------------------------------------------------------- */

static void
show_summary(struct output *output, const struct rules_book *book)
{
	static const struct output_column columns[] = {{"hash", OUTPUT_TEXT}, {"regimes_enforced", OUTPUT_NUMBER},
		{"regimes_advisory", OUTPUT_NUMBER}, {"regimes_off", OUTPUT_NUMBER}, {"rules", OUTPUT_NUMBER}, {"rules_that_bind", OUTPUT_NUMBER},
		{"calendars", OUTPUT_NUMBER}, {"should", OUTPUT_TEXT}};
	const struct rulebook *rulebook = book->law.rulebook;
	const struct rules_summary summary = rules_summarise(rulebook);
	char hash[13], texts[6][TEXT_MAX];

	for (int i = 0; i < 6; i++)
		snprintf(hash + 2 * i, 3, "%02x", rulebook->hash[i]);
	output_record(output, "rulebook", columns, 8,
		(const char *const[]){hash, count_text(summary.regimes[REGIME_ENFORCED], texts[0]),
			count_text(summary.regimes[REGIME_ADVISORY], texts[1]), count_text(summary.regimes[REGIME_OFF], texts[2]),
			count_text(summary.rules, texts[3]), count_text(summary.binding, texts[4]), count_text(book->law.calendar_count, texts[5]),
			should_words(rulebook->should)});
}

static void
show_regimes(struct output *output, const struct rulebook *rulebook)
{
	static const struct output_column columns[] = {{"regime", OUTPUT_TEXT}, {"status", OUTPUT_TEXT}, {"kind", OUTPUT_TEXT},
		{"rules", OUTPUT_NUMBER}, {"review_by", OUTPUT_TEXT}, {"file", OUTPUT_TEXT}, {"title", OUTPUT_TEXT}};
	char rules[TEXT_MAX], review[TEXT_MAX];

	output_table(output, "regimes", columns, 7);
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];

		output_row(output,
			(const char *const[]){regime->id, status_words(regime->status), kind_words(regime->kind), count_text(regime->rule_count, rules),
				date_text(regime->review_by, review), regime->file, regime->title});
	}
}

static void
show_calendars(struct output *output, const struct parsed_law *law)
{
	static const struct output_column columns[] = {
		{"calendar", OUTPUT_TEXT}, {"area", OUTPUT_TEXT}, {"from", OUTPUT_TEXT}, {"to", OUTPUT_TEXT}};
	char first[TEXT_MAX], last[TEXT_MAX];

	output_table(output, "calendars", columns, 4);
	for (size_t i = 0; i < law->calendar_count; i++) {
		const struct calendar *calendar = law->calendars[i];

		output_row(output,
			(const char *const[]){calendar_name(calendar), calendar_area(calendar), date_text(calendar_first(calendar), first),
				date_text(calendar_last(calendar), last)});
	}
}

/* Readings of what the documents say differently. */
static enum status
show_options(struct output *output, const struct rulebook *rulebook, struct err *err)
{
	static const struct output_column columns[] = {
		{"option", OUTPUT_TEXT}, {"on", OUTPUT_BOOL}, {"rule", OUTPUT_TEXT}, {"says", OUTPUT_TEXT}};

	output_table(output, "options", columns, 4);
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++) {
			const struct rule *rule = &rulebook->regimes[i].rules[r];
			char *says;

			if (rule->option[0] == '\0')
				continue;
			says = rule_words(rule);
			if (says == NULL)
				return err_set(err, STATUS_NO_MEMORY, "out of memory");
			output_row(output, (const char *const[]){rule->option, rule->off ? "f" : "t", rule->id, says});
			free(says);
		}
	return STATUS_OK;
}

static void
write_attention(void *context, const char *what, const char *which, const char *cure)
{
	output_row(context, (const char *const[]){what, which, cure});
}

static void
show_attention(struct output *output, const struct parsed_law *law, struct instant now)
{
	static const struct output_column columns[] = {{"what", OUTPUT_TEXT}, {"which", OUTPUT_TEXT}, {"cure", OUTPUT_TEXT}};

	output_table(output, "attention", columns, 3);
	rules_attention(law, wall_date((struct wall){now.us}), write_attention, output);
}

static enum status
show(const struct context *context, const struct rules_book *book, struct err *err)
{
	struct output *output;
	struct err ignored = ERR_INIT;
	enum status status = output_open(context->format, stdout, &output, err);

	if (status != STATUS_OK)
		return status;
	show_summary(output, book);
	show_regimes(output, book->law.rulebook);
	show_calendars(output, &book->law);
	status = show_options(output, book->law.rulebook, err);
	show_attention(output, &book->law, context->now);
	if (output_close(&output, status == STATUS_OK ? err : &ignored) != STATUS_OK && status == STATUS_OK)
		status = err->status;
	return status;
}

int
rules_check(struct context *context, int argc, char **argv)
{
	const char *rulebook_dir = NULL, *calendar_dir = NULL;
	const struct cli_option options[] = {{"rulebook", 0, CLI_TEXT, &rulebook_dir}, {"calendars", 0, CLI_TEXT, &calendar_dir}};
	struct rules_book book = RULES_BOOK_INIT;
	struct protected_words protected = PROTECTED_WORDS_INIT;
	struct err err = ERR_INIT;
	enum status status;

	if (cli_parse(&argc, argv, options, 2, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	status = rules_read_files(context, rulebook_dir, calendar_dir, &book, &err);
	if (status == STATUS_OK)
		status = install_read_protected(&context->settings, &protected, &err);
	if (status == STATUS_OK)
		status = show(context, &book, &err);
	protected_words_free(&protected);
	rules_book_free(&book);
	return status == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
