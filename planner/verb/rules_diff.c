/*
 * rules diff - what a rulebook changes against another, part by part
 */
#include <string.h>

#include "planner/rules_source.h"
#include "rules.h"

static const struct output_column columns[] = {{"change", OUTPUT_TEXT}, {"regime", OUTPUT_TEXT}, {"which", OUTPUT_TEXT},
	{"part", OUTPUT_TEXT}, {"effect", OUTPUT_TEXT}, {"before", OUTPUT_TEXT}, {"after", OUTPUT_TEXT}};

static void
write_change(void *context, const struct law_change *change)
{
	output_row(context,
		(const char *const[]){change_kind_words(change->kind), change->regime, change->subject, change->part,
			direction_words(change->direction), change->before, change->after});
}

enum status
rules_write_changes(struct output *output, const struct parsed_law *before, const struct parsed_law *after,
	struct law_change_counts *out_counts, struct err *err)
{
	output_table(output, "changes", columns, sizeof(columns) / sizeof(columns[0]));
	return law_compare(before, after, write_change, output, out_counts, err);
}

static enum status
show(const struct context *context, const struct rules_book *before, const struct rules_book *after, struct err *err)
{
	struct law_change_counts counts;
	struct output *output;
	struct err ignored = ERR_INIT;
	enum status status = output_open(context->format, stdout, &output, err);

	if (status != STATUS_OK)
		return status;
	status = rules_write_changes(output, &before->law, &after->law, &counts, err);
	if (output_close(&output, status == STATUS_OK ? err : &ignored) != STATUS_OK && status == STATUS_OK)
		status = err->status;
	return status;
}

int
rules_diff(struct context *context, int argc, char **argv)
{
	struct rules_book before = RULES_BOOK_INIT, after = RULES_BOOK_INIT;
	struct err err = ERR_INIT;
	enum status status;
	int code = EXIT_OK;

	if (cli_parse(&argc, argv, NULL, 0, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 2, 2, "OLD and NEW", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	if (rules_name_is_stored(argv[1]) || rules_name_is_stored(argv[2]))
		code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	status = rules_read_named(context, argv[1], &before, &err);
	if (status == STATUS_OK)
		status = rules_read_named(context, argv[2], &after, &err);
	if (status == STATUS_OK)
		status = show(context, &before, &after, &err);
	rules_book_free(&before);
	rules_book_free(&after);
	return status == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
