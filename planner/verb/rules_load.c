/*
 * rules load - checks the files of the settings, puts them in force and says what that changes
 *
 * Files are read and checked before the transaction. What was in force is read inside it, so that the changes told are those committed.
 */
#include <stdio.h>

#include "planner/install.h"
#include "planner/rules_source.h"
#include "rules.h"

struct load {
	struct context *context;
	struct rules_book book;   /* of the files */
	struct rules_book before; /* what was in force */
	struct protected_words protected;
	char protected_done[64]; /* what changed about them */
	bool found;              /* ...if anything was */
	bool changed;
};

static void
on_done(void *context, const char *what, const char *done)
{
	struct load *load = context;

	(void)what, (void)done;
	load->changed = true;
}

static void
on_protected(void *context, const char *what, const char *done)
{
	struct load *load = context;

	(void)what;
	snprintf(load->protected_done, sizeof(load->protected_done), "%s", done);
}

/* An installation may have no rulebook yet. */
static enum status
read_active(struct load *load, struct err *err)
{
	const enum status status = rules_read_named(load->context, "active", &load->before, err);

	load->found = status == STATUS_OK;
	if (status != STATUS_NOT_FOUND)
		return status;
	*err = (struct err)ERR_INIT;
	return STATUS_OK;
}

static enum status
store(struct load *load, struct err *err)
{
	struct session *session = load->context->session;
	const struct install install = {.session = session, .on_done = on_done, .context = load};
	const struct install protecting = {.session = session, .on_done = on_protected, .context = load};
	enum status status = session_begin(session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = read_active(load, err);
	if (status == STATUS_OK)
		status = install_rulebook(&install, &load->book.texts, err);
	if (status == STATUS_OK)
		status = install_protected(&protecting, &load->protected, err);
	if (status == STATUS_OK)
		status = session_commit(session, err);
	session_rollback(session);
	return status;
}

/* What is queued was planned under the old rules; the release gate holds what the new ones may forbid. */
static const char *
next_step(const struct load *load, const struct law_change_counts *counts)
{
	if (!load->found)
		return "run daypart plan";
	if (!load->changed)
		return "nothing: these rules were in force already";
	if (counts->tightens + counts->unclear > 0)
		return "run daypart plan: tightened rules hold what is queued under the old ones";
	if (counts->loosens > 0)
		return "run daypart plan, which may use what is free now; nothing queued moves by itself";
	return "nothing: no message leaves more or less often for it";
}

static void
show_totals(struct output *output, const struct load *load, const struct law_change_counts *counts)
{
	static const struct output_column columns[] = {{"rulebook", OUTPUT_TEXT}, {"changed", OUTPUT_BOOL}, {"rules_added", OUTPUT_NUMBER},
		{"rules_removed", OUTPUT_NUMBER}, {"rules_changed", OUTPUT_NUMBER}, {"tightens", OUTPUT_NUMBER}, {"loosens", OUTPUT_NUMBER},
		{"unclear", OUTPUT_NUMBER}, {"next", OUTPUT_TEXT}};
	const int numbers[] = {counts->rules[CHANGE_ADDED], counts->rules[CHANGE_REMOVED], counts->rules[CHANGE_CHANGED], counts->tightens,
		counts->loosens, counts->unclear};
	char hash[13], texts[6][16];

	for (int i = 0; i < 6; i++) {
		snprintf(hash + 2 * i, 3, "%02x", load->book.law.rulebook->hash[i]);
		snprintf(texts[i], sizeof(texts[i]), "%d", numbers[i]);
	}
	output_record(output, "load", columns, 9,
		(const char *const[]){
			hash, load->changed ? "t" : "f", texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], next_step(load, counts)});
}

static enum status
show(const struct load *load, struct err *err)
{
	struct law_change_counts counts = {.tightens = 0};
	struct output *output;
	struct err ignored = ERR_INIT;
	enum status status = output_open(load->context->format, stdout, &output, err);

	if (status != STATUS_OK)
		return status;
	if (load->found)
		status = rules_write_changes(output, &load->before.law, &load->book.law, &counts, err);
	show_totals(output, load, &counts);
	if (output_close(&output, status == STATUS_OK ? err : &ignored) != STATUS_OK && status == STATUS_OK)
		status = err->status;
	return status;
}

int
rules_load(struct context *context, int argc, char **argv)
{
	struct load load = {.context = context, .book = RULES_BOOK_INIT, .before = RULES_BOOK_INIT, .protected = PROTECTED_WORDS_INIT};
	struct err err = ERR_INIT;
	enum status status;
	int code;

	if (cli_parse(&argc, argv, NULL, 0, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 0, "", &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	status = rules_read_files(context, NULL, NULL, &load.book, &err);
	if (status == STATUS_OK)
		status = install_read_protected(&context->settings, &load.protected, &err);
	else if (status == STATUS_INVALID)
		err_hint(
			&err, "Nothing was changed. Correct the files in %s and %s.", context->settings.rulebook_dir, context->settings.calendar_dir);
	if (status == STATUS_OK)
		status = store(&load, &err);
	if (status == STATUS_OK && load.protected_done[0] != '\0')
		log_message(SEVERITY_INFO, "protected attributes: %s; segments are judged by them at their next refresh", load.protected_done);
	if (status == STATUS_OK)
		status = show(&load, &err);
	rules_book_free(&load.book);
	rules_book_free(&load.before);
	protected_words_free(&load.protected);
	return status == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
