/*
 * rules coverage - every row of the regulations with what keeps it and what proves it
 *
 * Without a database. Exits 1 when a row that must or should be kept, that software can keep and whose owner is done, lacks a rule or a test.
 */
#include <stdio.h>

#include "planner/law_words.h"
#include "planner/rules_coverage.h"
#include "planner/rules_source.h"
#include "rules.h"

struct count {
	int strengths[STRENGTH_INFO + 1];
	int due, later, missing;
};

static const struct output_column columns[] = {{"row", OUTPUT_TEXT}, {"strength", OUTPUT_TEXT}, {"owner", OUTPUT_TEXT},
	{"how", OUTPUT_TEXT}, {"state", OUTPUT_TEXT}, {"missing", OUTPUT_TEXT}, {"subject", OUTPUT_TEXT}, {"rules", OUTPUT_TEXT},
	{"where", OUTPUT_TEXT}, {"tests", OUTPUT_TEXT}, {"note", OUTPUT_TEXT}};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static enum status
show_row(struct output *output, const struct coverage_row *row, const struct rulebook *rulebook, struct count *count, struct err *err)
{
	struct coverage_line line;
	char name[16];

	if (rules_coverage_judge(row, rulebook, &line, err) != STATUS_OK)
		return err->status;
	snprintf(name, sizeof(name), "R-%03d", row->number);
	output_row(output,
		(const char *const[COLUMNS]){name, strength_words(row->strength), row->owners, coverage_how_name(row->how), line.state,
			line.missing, row->subject, line.rules, line.where, line.tests, row->note});
	count->strengths[row->strength]++;
	++*(coverage_is_due(row) ? &count->due : &count->later);
	count->missing += line.missing[0] != '\0';
	coverage_line_clear(&line);
	return STATUS_OK;
}

static void
show_totals(struct output *output, const struct count *count)
{
	static const struct output_column totals[] = {{"rows", OUTPUT_NUMBER}, {"must", OUTPUT_NUMBER}, {"should", OUTPUT_NUMBER},
		{"info", OUTPUT_NUMBER}, {"due", OUTPUT_NUMBER}, {"later", OUTPUT_NUMBER}, {"missing", OUTPUT_NUMBER}};
	const int numbers[] = {COVERAGE_ROWS, count->strengths[STRENGTH_MUST], count->strengths[STRENGTH_SHOULD],
		count->strengths[STRENGTH_INFO], count->due, count->later, count->missing};
	char texts[7][16];

	for (int i = 0; i < 7; i++)
		snprintf(texts[i], sizeof(texts[i]), "%d", numbers[i]);
	output_record(output, "totals", totals, 7, (const char *const[]){texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6]});
}

static enum status
show(const struct context *context, const struct rulebook *rulebook, struct count *count, struct err *err)
{
	struct output *output;
	struct err ignored = ERR_INIT;
	enum status status = output_open(context->format, stdout, &output, err);

	if (status != STATUS_OK)
		return status;
	output_table(output, "coverage", columns, COLUMNS);
	for (int i = 0; i < COVERAGE_ROWS && status == STATUS_OK; i++)
		status = show_row(output, &coverage_rows[i], rulebook, count, err);
	show_totals(output, count);
	if (output_close(&output, status == STATUS_OK ? err : &ignored) != STATUS_OK && status == STATUS_OK)
		status = err->status;
	return status;
}

int
rules_coverage(struct context *context, int argc, char **argv)
{
	const char *rulebook_dir = NULL, *calendar_dir = NULL;
	const struct cli_option options[] = {{"rulebook", 0, CLI_TEXT, &rulebook_dir}, {"calendars", 0, CLI_TEXT, &calendar_dir}};
	struct rules_book book = RULES_BOOK_INIT;
	struct count count = {.due = 0};
	struct err err = ERR_INIT;
	enum status status;

	if (cli_parse(&argc, argv, options, 2, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	status = rules_read_files(context, rulebook_dir, calendar_dir, &book, &err);
	if (status == STATUS_OK)
		status = show(context, book.law.rulebook, &count, &err);
	rules_book_free(&book);
	if (status != STATUS_OK)
		return context_fail(context, &err);
	return count.missing > 0 ? EXIT_ATTENTION : EXIT_OK;
}
