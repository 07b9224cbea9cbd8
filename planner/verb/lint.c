/*
 * lint - does a text, or a whole campaign, pass the law of the places it may reach?
 *
 * A file is judged by the rulebook files of the settings and needs no database; all else by the rulebook in force, in one snapshot. Problems are told
 * once each, with all places they hold in, and advice apart.
 */
#include "planner/lint.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/tzdb.h"
#include "planner/rules_source.h"
#include "planner/vet.h"

/* All that is vetted in one run, and what the findings point into. */
struct lint {
	struct vet_desk desk;
	struct rules_book book; /* of files */
	struct zone_set *zones; /* with it */
	struct template_file *file;
	struct vet *vets;
	size_t count;
};

static void
lint_free(struct lint *lint)
{
	for (size_t i = 0; i < lint->count; i++)
		vet_clear(&lint->vets[i]);
	free(lint->vets);
	template_file_free(&lint->file);
	zone_set_free(&lint->zones);
	rules_book_free(&lint->book);
	vet_desk_close(&lint->desk);
}

static enum status
make_room(struct lint *lint, size_t room, struct err *err)
{
	lint->vets = calloc(room + 1, sizeof(*lint->vets));
	return lint->vets != NULL ? STATUS_OK : err_set(err, STATUS_NO_MEMORY, "out of memory");
}

/* Files ----------------------------------------------------------------------------------------------------------------------------------- */

/* Texts are asked about these days only, so that the zones of these days are enough. */
static enum status
open_files(const struct context *context, struct lint *lint, struct err *err)
{
	const int64_t now = context->now.us, around = 40 * US_PER_DAY;
	const struct tzdb_source source = {.directory = context->settings.zoneinfo_dir, .horizon = {{now - around}, {now + around}}};

	if (rules_read_files(context, NULL, NULL, &lint->book, err) != STATUS_OK || tzdb_load(&source, &lint->zones, err) != STATUS_OK)
		return err->status;
	lint->desk = (struct vet_desk){.now = context->now, .rulebook = lint->book.law.rulebook, .zones = lint->zones};
	return STATUS_OK;
}

static enum status
vet_file(struct lint *lint, const char *path, struct err *err)
{
	enum status status = template_file_read(path, wall_date((struct wall){lint->desk.now.us}), &lint->file, err);

	if (status == STATUS_OK)
		status = make_room(lint, lint->file->count, err);
	for (size_t i = 0; status == STATUS_OK && i < lint->file->count; i++) {
		status = vet_filed(&lint->desk, &lint->file->items[i], &lint->vets[i], err);
		lint->count += status == STATUS_OK;
	}
	return status;
}

/* The database ---------------------------------------------------------------------------------------------------------------------------- */

static enum status
vet_all_templates(struct lint *lint, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(lint->desk.session, &sql_query_lint_templates, NULL, 0, &rows, err);

	if (status != STATUS_OK)
		return status;
	status = make_room(lint, (size_t)PQntuples(rows), err);
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++) {
		status = vet_template(&lint->desk, PQgetvalue(rows, row, 0), NULL, 0, &lint->vets[row], err);
		lint->count += status == STATUS_OK;
	}
	PQclear(rows);
	return status;
}

static enum status
vet_one(struct lint *lint, const char *template, const char *campaign, struct err *err)
{
	enum status status = make_room(lint, 1, err);

	if (status == STATUS_OK)
		status = campaign != NULL ? vet_campaign(&lint->desk, campaign, NULL, 0, lint->vets, err)
								  : vet_template(&lint->desk, template, NULL, 0, lint->vets, err);
	lint->count = status == STATUS_OK;
	return status;
}

struct lint_arguments {
	const char *template, *campaign, *file;
	bool all;
};

/* In one snapshot. */
static enum status
vet_stored(const struct context *context, const struct lint_arguments *arguments, struct lint *lint, struct err *err)
{
	enum status status = session_begin(context->session, SESSION_REPEATABLE_READ_ONLY, err);

	if (status == STATUS_OK)
		status = vet_desk_open(context, &lint->desk, err);
	if (status == STATUS_OK)
		status = arguments->all ? vet_all_templates(lint, err) : vet_one(lint, arguments->template, arguments->campaign, err);
	session_rollback(context->session);
	if (status == STATUS_NOT_FOUND && err->hint[0] == '\0')
		err_hint(err, "See: daypart lint --all, daypart status");
	return status;
}

/* The verb -------------------------------------------------------------------------------------------------------------------------------- */

static enum status
show(const struct context *context, const struct lint *lint, size_t *out_problems, struct err *err)
{
	static const struct output_column columns[] = {{"looked_at", OUTPUT_NUMBER}, {"problems", OUTPUT_NUMBER}, {"advice", OUTPUT_NUMBER}};
	char texts[3][SESSION_PARAM_MAX];
	struct output *output;
	size_t advice;

	if (output_open(context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	*out_problems = vet_write(output, lint->vets, lint->count, VET_PROBLEMS);
	advice = vet_write(output, lint->vets, lint->count, VET_ADVICE);
	output_record(output, "lint", columns, 3,
		(const char *const[]){session_param_int((int64_t)lint->count, texts[0]), session_param_int((int64_t)*out_problems, texts[1]),
			session_param_int((int64_t)advice, texts[2])});
	return output_close(&output, err);
}

static enum status
parse(int argc, char **argv, struct lint_arguments *out, struct err *err)
{
	const struct cli_option options[] = {
		{"campaign", 0, CLI_TEXT, &out->campaign}, {"file", 0, CLI_TEXT, &out->file}, {"all", 0, CLI_FLAG, &out->all}};

	if (cli_parse(&argc, argv, options, 3, CLI_REFUSE_UNKNOWN, err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 1, "", err) != STATUS_OK)
		return err->status;
	out->template = argc > 1 ? argv[1] : NULL;
	if ((out->template != NULL) + (out->campaign != NULL) + (out->file != NULL) + out->all != 1)
		return err_set(err, STATUS_INVALID, "lint: give one of TEMPLATE, --campaign NAME, --all and --file FILE");
	return STATUS_OK;
}

int
verb_lint(struct context *context, int argc, char **argv)
{
	struct lint_arguments arguments = {.all = false};
	struct lint lint = {.book = RULES_BOOK_INIT};
	struct err err = ERR_INIT;
	size_t problems = 0;
	enum status status;
	int code = EXIT_OK;

	if (parse(argc, argv, &arguments, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	if (arguments.file == NULL)
		code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	if (arguments.file == NULL)
		status = vet_stored(context, &arguments, &lint, &err);
	else if ((status = open_files(context, &lint, &err)) == STATUS_OK)
		status = vet_file(&lint, arguments.file, &err);
	if (status == STATUS_OK)
		status = show(context, &lint, &problems, &err);
	lint_free(&lint);
	if (status != STATUS_OK)
		return context_fail(context, &err);
	return problems > 0 ? EXIT_ATTENTION : EXIT_OK;
}

/* After an import ------------------------------------------------------------------------------------------------------------------------- */

static void
warn_of(const struct vet *vet)
{
	for (size_t i = 0; i < vetting_binding_count(vet->vetting); i++) {
		const struct vetting_finding *finding = vetting_at(vet->vetting, i);

		log_message(SEVERITY_WARNING, "template \"%s\"%s%s: %s (%s: %s)", vet->name, finding->languages[0] != '\0' ? " in " : "",
			finding->languages, finding->what, finding->places, finding->rules);
	}
}

/* Those that were rejected are not stored, and told already. */
static bool
is_stored(const PGresult *templates, const char *name)
{
	for (int row = 0; row < PQntuples(templates); row++)
		if (strcmp(PQgetvalue(templates, row, 0), name) == 0)
			return true;
	return false;
}

static enum status
warn_of_all(const struct lint *lint, struct err *err)
{
	size_t problems = 0, broken = 0, stored = 0;
	PGresult *templates;

	if (session_query(lint->desk.session, &sql_query_lint_templates, NULL, 0, &templates, err) != STATUS_OK)
		return err->status;
	for (size_t i = 0; i < lint->count; i++) {
		const size_t binding = vetting_binding_count(lint->vets[i].vetting);

		assert(lint->vets[i].name != NULL);
		if (!is_stored(templates, lint->vets[i].name))
			continue;
		warn_of(&lint->vets[i]);
		problems += binding;
		broken += binding > 0;
		stored++;
	}
	PQclear(templates);
	if (problems > 0)
		log_message(SEVERITY_WARNING,
			"%zu of %zu templates break rules somewhere, %zu problems in all; the rows have landed: see daypart lint TEMPLATE", broken,
			stored, problems);
	return STATUS_OK;
}

void
lint_imported(const struct context *context, const char *file)
{
	struct lint lint = {.book = RULES_BOOK_INIT};
	struct err err = ERR_INIT;
	enum status status;

	if (strcmp(file, "-") == 0)
		return;
	status = vet_desk_open(context, &lint.desk, &err);
	if (status == STATUS_OK)
		status = vet_file(&lint, file, &err);
	if (status == STATUS_OK)
		status = warn_of_all(&lint, &err);
	if (status != STATUS_OK)
		log_err(SEVERITY_WARNING, &err);
	lint_free(&lint);
}
