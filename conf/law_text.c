#include "law_text.h"

#include <ctype.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_text.h"
#include "rulebook_conflicts.h"
#include "rulebook_file.h"

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while reading the rulebook");
}

void
law_texts_free(struct law_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		free(texts->items[i].name);
		free(texts->items[i].text);
	}
	free(texts->items);
	*texts = (struct law_texts)LAW_TEXTS_INIT;
}

enum status
law_texts_add(struct law_texts *texts, const char *name, const char *text, struct err *err)
{
	if (texts->count == texts->room) {
		size_t room = texts->room != 0 ? texts->room * 2 : 16;
		struct law_text *items = realloc(texts->items, room * sizeof *items);
		if (items == NULL)
			return no_memory(err);
		texts->items = items;
		texts->room = room;
	}
	struct law_text added = {strdup(name), strdup(text)};
	if (added.name == NULL || added.text == NULL) {
		free(added.name);
		free(added.text);
		return no_memory(err);
	}
	size_t at = texts->count++;
	for (; at > 0 && strcmp(texts->items[at - 1].name, name) > 0; at--)
		texts->items[at] = texts->items[at - 1];
	texts->items[at] = added;
	return STATUS_OK;
}

static bool
ends_with(const char *name, const char *ending)
{
	const size_t size = strlen(name), end = strlen(ending);
	return size > end && strcmp(name + size - end, ending) == 0;
}

static enum status
read_file(const char *directory, const char *name, struct law_texts *out, struct err *err)
{
	char path[4096];
	char *text;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", directory, name) >= sizeof path)
		return err_set(err, STATUS_INVALID, "the path %s/%s is too long", directory, name);
	enum status status = config_text_read(path, &text, err);
	if (status != STATUS_OK)
		return status;
	status = law_texts_add(out, name, text, err);
	free(text);
	return status;
}

static enum status
read_folder(const char *directory, const char *ending, struct law_texts *out, struct err *err)
{
	DIR *folder = opendir(directory);
	if (folder == NULL) {
		(void)err_set(err, STATUS_NOT_FOUND, "cannot open the folder %s", directory);
		return err_hint(err, "set rulebook_dir and calendar_dir in the settings file");
	}
	enum status status = STATUS_OK;
	for (const struct dirent *entry; status == STATUS_OK && (entry = readdir(folder)) != NULL;)
		if (entry->d_name[0] != '.' && ends_with(entry->d_name, ending))
			status = read_file(directory, entry->d_name, out, err);
	closedir(folder);
	return status;
}

enum status
law_texts_read(const char *rulebook_dir, const char *calendar_dir, struct law_texts *out, struct err *err)
{
	enum status status = read_folder(rulebook_dir, ".cfg", out, err);
	const size_t regimes = out->count;
	if (status == STATUS_OK && regimes == 0)
		status = err_set(err, STATUS_NOT_FOUND, "there is no rulebook file (*.cfg) in %s", rulebook_dir);
	return status == STATUS_OK ? read_folder(calendar_dir, ".ics", out, err) : status;
}

enum status
law_texts_hash(const struct law_texts *texts, uint8_t out[32], struct err *err)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool done = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
	for (size_t i = 0; done && i < texts->count; i++)
		done = EVP_DigestUpdate(digest, texts->items[i].name, strlen(texts->items[i].name) + 1) == 1 &&
			EVP_DigestUpdate(digest, texts->items[i].text, strlen(texts->items[i].text) + 1) == 1;
	done = done && EVP_DigestFinal_ex(digest, out, NULL) == 1;
	EVP_MD_CTX_free(digest);
	return done ? STATUS_OK : no_memory(err);
}

/* Parsing ------------------------------------------------------------------------------------------------------------------------------- */

/* "br.ics" -> "BR" */
static void
calendar_name_of(const char *file, char out[CALENDAR_NAME_MAX])
{
	size_t i = 0;
	for (; file[i] != '\0' && file[i] != '.' && i + 1 < CALENDAR_NAME_MAX; i++)
		out[i] = (char)toupper((unsigned char)file[i]);
	out[i] = '\0';
}

struct calendar_report {
	const char *file;
	struct problems *problems;
	bool told;
};

static void
tell_mistake(void *context, const struct calendar_mistake *mistake)
{
	struct calendar_report *report = context;
	report->told = true;
	problem_add(report->problems, report->file, mistake->line, "%s: %s; %s", mistake->text, mistake->what, mistake->cure);
}

static enum status
parse_calendar(const struct law_text *text, struct parsed_law *law, struct problems *problems)
{
	struct calendar_report report = {.file = text->name, .problems = problems};
	char name[CALENDAR_NAME_MAX];
	struct err err = ERR_INIT;
	calendar_name_of(text->name, name);
	if (calendar_check(name, text->text, strlen(text->text), tell_mistake, &report, &law->calendars[law->calendar_count], &err) ==
		STATUS_OK)
		law->calendar_count++;
	else if (err.status == STATUS_NO_MEMORY)
		return STATUS_NO_MEMORY;
	else if (!report.told) /* of the file as a whole */
		problem_add_err(problems, text->name, &err);
	return STATUS_OK;
}

/* Also one that could not be read: that is a problem of its own. */
static bool
has_calendar(const struct law_texts *texts, const char *name)
{
	char known[CALENDAR_NAME_MAX];
	for (size_t i = 0; i < texts->count; i++) {
		calendar_name_of(texts->items[i].name, known);
		if (ends_with(texts->items[i].name, ".ics") && strcmp(known, name) == 0)
			return true;
	}
	return false;
}

static void
check_rule(const struct law_texts *texts, const struct rulebook *book, const struct regime *regime, const struct rule *rule,
	struct problems *problems)
{
	const struct regime *other;
	const struct rule *first = rulebook_find(book, rule->id, &other);
	const char *calendar = rule_calendar(rule);
	if (calendar[0] != '\0' && !has_calendar(texts, calendar))
		problem_add(problems, regime->file, rule->line,
			"calendar: rule \"%s\" names calendar \"%s\", which is not among the calendar files", rule->id, calendar);
	if (first != rule && rule->id[0] != '\0')
		problem_add(problems, regime->file, rule->line, "id: rule id \"%s\" stands in %s, line %d, already; every rule needs its own",
			rule->id, other->file, first->line);
}

/* What can be seen only with all files read: calendars that rules name, identifiers used twice. */
static void
check_together(const struct law_texts *texts, const struct rulebook *book, struct problems *problems)
{
	for (size_t i = 0; i < book->regime_count; i++) {
		const struct regime *regime = &book->regimes[i];
		for (size_t j = 0; j < i; j++)
			if (strcmp(book->regimes[j].id, regime->id) == 0)
				problem_add(problems, regime->file, 0, "id: regime \"%s\" is defined in %s already; give one of them another id",
					regime->id, book->regimes[j].file);
		for (size_t r = 0; r < regime->rule_count; r++)
			check_rule(texts, book, regime, &regime->rules[r], problems);
	}
}

static enum status
parse_text(const struct law_text *text, bool with_calendars, struct parsed_law *law, struct problems *problems)
{
	if (!ends_with(text->name, ".ics"))
		return rulebook_file_parse(text->name, text->text, law->rulebook, problems);
	return with_calendars ? parse_calendar(text, law, problems) : STATUS_OK;
}

static enum status
parse_texts(const struct law_texts *texts, bool with_calendars, struct parsed_law *law, struct problems *problems)
{
	law->rulebook = calloc(1, sizeof *law->rulebook);
	law->calendars = calloc(texts->count + 1, sizeof *law->calendars);
	if (law->rulebook == NULL || law->calendars == NULL ||
		(law->rulebook->regimes = calloc(texts->count + 1, sizeof *law->rulebook->regimes)) == NULL)
		return STATUS_NO_MEMORY;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < texts->count && status == STATUS_OK; i++)
		status = parse_text(&texts->items[i], with_calendars, law, problems);
	if (status == STATUS_OK)
		check_together(texts, law->rulebook, problems);
	if (status == STATUS_OK)
		status = rulebook_report_conflicts(law->rulebook, problems);
	return problems->no_memory ? STATUS_NO_MEMORY : status;
}

static enum status
parse(
	const struct law_texts *texts, bool with_calendars, law_problem_fn *on_problem, void *context, struct parsed_law *out, struct err *err)
{
	struct problems problems = {.on_problem = on_problem, .context = context};
	*out = (struct parsed_law)PARSED_LAW_INIT;
	enum status status = parse_texts(texts, with_calendars, out, &problems);
	if (status != STATUS_OK)
		status = no_memory(err);
	else if (problems.count > 0) {
		(void)err_set(err, STATUS_INVALID, "the rulebook has %d problem%s", problems.count, problems.count == 1 ? "" : "s");
		status = err_detail(err, "%s", problems.first);
	} else
		status = law_texts_hash(texts, out->rulebook->hash, err);
	if (status != STATUS_OK)
		parsed_law_free(out);
	return status;
}

enum status
law_parse(const struct law_texts *texts, law_problem_fn *on_problem, void *context, struct parsed_law *out, struct err *err)
{
	return parse(texts, true, on_problem, context, out, err);
}

enum status
law_parse_rules(const struct law_texts *texts, law_problem_fn *on_problem, void *context, struct parsed_law *out, struct err *err)
{
	return parse(texts, false, on_problem, context, out, err);
}

void
parsed_law_free(struct parsed_law *law)
{
	for (size_t i = 0; i < law->calendar_count; i++)
		calendar_free(&law->calendars[i]);
	free(law->calendars);
	rulebook_free(&law->rulebook);
	*law = (struct parsed_law)PARSED_LAW_INIT;
}
