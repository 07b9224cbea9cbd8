/*
 * import - brings a CSV file into the database
 *
 * What is wrong with the whole file is found before the database is asked: a file that cannot be read, an empty one, a wrong header. From then
 * on a row is landed or rejected, and the import goes on. Each batch is a transaction of its own: an import that breaks off has landed a part
 * of the file, and importing the file again lands the rest.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/nearest.h"
#include "planner/context.h"
#include "planner/csv.h"
#include "planner/import_batch.h"
#include "planner/import_kind.h"
#include "planner/lint.h"
#include "planner/progress.h"
#include "planner/reject_file.h"

enum { VACUUM_ROWS = 10000 }; /* fewer changed rows are autovacuum's business */

struct import_arguments {
	const struct import_kind *kind;
	const char *file, *rejects;
	bool dry_run;
};

struct import {
	struct context *context;
	const struct import_arguments *arguments;
	struct csv_reader *reader;
	struct reject_file *rejects;
	struct import_batch *batch;
	char *reject_path;
	struct import_counts counts;
};

/* The whole file -------------------------------------------------------------------------------------------------------------------------- */

static const char *
shown_name(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static enum status
read_header(struct import *import, const struct csv_record **out, struct err *err)
{
	const enum status status = csv_next(import->reader, out, err);

	if (status == STATUS_NOT_FOUND) {
		err_set(err, STATUS_INVALID, "the file is empty");
		return err_hint(err, "Its first line names the columns: see daypart help import");
	}
	if (status == STATUS_OK && import_header_check(import->arguments->kind, *out, err) == STATUS_OK)
		return STATUS_OK;
	return err_wrap(err, "line %lld", (long long)(*out)->line);
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static size_t
length_without_ending(const char *name)
{
	static const char ending[] = ".csv";
	const size_t length = strlen(name), end = strlen(ending);

	return length > end && strcmp(name + length - end, ending) == 0 ? length - end : length;
}

/* By default people.csv: people.rejects.csv; standard input: stdin.rejects.csv. */
static enum status
choose_reject_path(struct import *import, struct err *err)
{
	const char *given = import->arguments->rejects, *file = import->arguments->file;
	const char *name = strcmp(file, "-") == 0 ? "stdin" : file;
	const int written = given != NULL ? asprintf(&import->reject_path, "%s", given)
									  : asprintf(&import->reject_path, "%.*s.rejects.csv", (int)length_without_ending(name), name);

	if (written < 0) {
		import->reject_path = NULL;
		return err_set(err, STATUS_NO_MEMORY, "no memory for a name");
	}
	if (!is_same_file(file, import->reject_path))
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "the file of rejects would replace the file itself");
	return err_hint(err, "Name another one: --rejects FILE");
}

static enum status
open_file(struct import *import, const struct csv_record **out_header, struct err *err)
{
	if (csv_open(import->arguments->file, &import->reader, err) != STATUS_OK || read_header(import, out_header, err) != STATUS_OK ||
		choose_reject_path(import, err) != STATUS_OK ||
		reject_file_create(import->reject_path, *out_header, &import->rejects, err) != STATUS_OK)
		return err_wrap(err, "%s", shown_name(import->arguments->file));
	return STATUS_OK;
}

/* Its records ----------------------------------------------------------------------------------------------------------------------------- */

/* What happened to a batch that was under way is the only question an error leaves, and the answer is always the same. */
static enum status
land(struct import *import, struct err *err)
{
	const enum status status = import_batch_land(import->batch, &import->counts, err);

	if (status == STATUS_OK || import->arguments->dry_run)
		return status;
	err_detail(err, "%s: %lld rows landed before", shown_name(import->arguments->file),
		(long long)(import->counts.added + import->counts.changed));
	return err->hint[0] != '\0' ? status : err_hint(err, "Import the file again: what has landed is not changed by it");
}

static enum status
add_records(struct import *import, struct progress *progress, struct err *err)
{
	const struct csv_record *record;
	enum status status;

	while ((status = csv_next(import->reader, &record, err)) == STATUS_OK || status == STATUS_INVALID) {
		import_batch_add(import->batch, record, status == STATUS_OK ? NULL : err);
		if (!import_batch_is_full(import->batch))
			continue;
		if (atomic_load(import->context->cancelled))
			return err_set(err, STATUS_CANCELLED, "the import was interrupted");
		if (land(import, err) != STATUS_OK)
			return err->status;
		progress_show(progress, import->counts.rows);
	}
	return status == STATUS_NOT_FOUND ? land(import, err) : status;
}

static enum status
import_records(struct import *import, const struct csv_record *header, struct err *err)
{
	const struct import_arguments *arguments = import->arguments;
	const struct import_target target = {import->context->session, arguments->kind, header, import->rejects, arguments->dry_run};
	struct progress progress;

	if (import_batch_create(&target, &import->batch, err) != STATUS_OK)
		return err->status;
	progress_begin(&progress, arguments->kind->name, 0);
	const enum status status = add_records(import, &progress, err);
	progress_end(&progress);
	return status == STATUS_OK ? reject_file_finish(import->rejects, err) : status;
}

/* One transaction, so that a later batch sees what an earlier one would have landed. */
static enum status
rehearse_records(struct import *import, const struct csv_record *header, struct err *err)
{
	struct session *session = import->context->session;
	enum status status = session_begin(session, SESSION_READ_COMMITTED, err);

	if (status != STATUS_OK)
		return status;
	status = session_query(session, &sql_query_import_lock_gates, NULL, 0, NULL, err);
	if (status == STATUS_OK)
		status = import_records(import, header, err);
	session_rollback(session);
	return status;
}

/* A table that cannot be vacuumed now is vacuumed later by the server; until then planning is slower. */
static void
vacuum(struct import *import)
{
	const struct sql_statement *statement = import->arguments->kind->vacuum;
	struct err err = ERR_INIT;

	if (statement && import->counts.added + import->counts.changed >= VACUUM_ROWS &&
		session_script(import->context->session, statement, &err) != STATUS_OK)
		log_err(SEVERITY_WARNING, &err);
}

/* The result ------------------------------------------------------------------------------------------------------------------------------ */

static enum status
print_counts(const struct import *import, struct err *err)
{
	static const struct output_column columns[] = {{"kind", OUTPUT_TEXT}, {"rows", OUTPUT_NUMBER}, {"new", OUTPUT_NUMBER},
		{"changed", OUTPUT_NUMBER}, {"unchanged", OUTPUT_NUMBER}, {"rejected", OUTPUT_NUMBER}, {"purchased", OUTPUT_NUMBER},
		{"rejects", OUTPUT_TEXT}};
	const struct import_counts *counts = &import->counts;
	const int64_t numbers[] = {counts->rows, counts->added, counts->changed, counts->unchanged, counts->rejected, counts->purchased};
	char texts[6][SESSION_PARAM_MAX];
	struct output *output;

	for (int i = 0; i < 6; i++)
		session_param_int(numbers[i], texts[i]);
	if (output_open(import->context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	output_table(output, import->arguments->dry_run ? "dry run, nothing was changed" : "import", columns, 8);
	output_row(output,
		(const char *const[]){import->arguments->kind->name, texts[0], texts[1], texts[2], texts[3], texts[4], texts[5],
			counts->rejected > 0 ? import->reject_path : NULL});
	return output_close(&output, err);
}

static int
run(struct import *import, struct err *err)
{
	const struct csv_record *header;

	if (open_file(import, &header, err) != STATUS_OK)
		return context_fail(import->context, err);
	const int code = context_connect(import->context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	const enum status status = import->arguments->dry_run ? rehearse_records(import, header, err) : import_records(import, header, err);
	if (status != STATUS_OK || print_counts(import, err) != STATUS_OK)
		return context_fail(import->context, err);
	if (!import->arguments->dry_run)
		vacuum(import);
	if (strcmp(import->arguments->kind->name, "templates") == 0)
		lint_imported(import->context, import->arguments->file);
	return import->counts.rejected + import->counts.purchased > 0 ? EXIT_BAD_DATA : EXIT_OK;
}

static enum status
find_kind(const char *name, const struct import_kind **out, struct err *err)
{
	const char *names[IMPORT_KINDS], *meant;

	*out = import_kind_find(name);
	if (*out)
		return STATUS_OK;
	for (int i = 0; i < IMPORT_KINDS; i++)
		names[i] = import_kinds[i].name;
	meant = nearest_word(name, names, IMPORT_KINDS);
	err_set(err, STATUS_INVALID, "\"%s\" cannot be imported", name);
	if (meant)
		return err_hint(err, "Did you mean: daypart import %s", meant);
	return err_hint(err, "Kinds: %s", import_kind_names());
}

int
verb_import(struct context *context, int argc, char **argv)
{
	struct import_arguments arguments = {0};
	const struct cli_option options[] = {
		{"rejects", 0, CLI_TEXT, &arguments.rejects},
		{"dry-run", 0, CLI_FLAG, &arguments.dry_run},
	};
	struct import import = {.context = context, .arguments = &arguments};
	struct err err = ERR_INIT;

	if (cli_parse(&argc, argv, options, sizeof(options) / sizeof(options[0]), CLI_REFUSE_UNKNOWN, &err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 2, 2, "KIND FILE.csv", &err) != STATUS_OK || find_kind(argv[1], &arguments.kind, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	arguments.file = argv[2];
	const int code = run(&import, &err);
	import_batch_free(&import.batch);
	reject_file_free(&import.rejects);
	csv_close(&import.reader);
	free(import.reject_path);
	return code;
}
