/*
 * Rows keep their texts; a question is built, asked and forgotten row by row, so that what one row switches cannot leak into the next. Zones that rules
 * name are read once, with everything else, from this machine's tzdb.
 */
#include "tests/support/law_cases.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "conf/tzdb.h"
#include "tests/support/law_answer.h"
#include "tests/support/law_fixture.h"
#include "tests/support/law_under.h"
#include "tests/support/temp.h"

static const struct law_case_kind kinds[] = {
	{"law_windows.txt", 5, true, law_answer_window, NULL},
	{"law_caps.txt", 6, true, law_answer_cap, NULL},
	{"law_consents.txt", 5, true, law_answer_consent, law_prepare_consent},
	{"law_sources.txt", 4, true, law_answer_source, NULL},
	{"law_content.txt", 5, true, law_answer_content, NULL},
	{"law_terms.txt", 5, true, law_answer_terms, NULL},
	{"law_volumes.txt", 5, true, law_answer_volume, NULL},
	{"law_breakers.txt", 5, true, law_answer_breaker, NULL},
	{"law_duties.txt", 5, true, law_answer_duty, NULL},
	{"law_numbers.txt", 3, false, law_answer_number, NULL},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]), FIELDS_MAX = sizeof(((struct law_case *)NULL)->fields) / sizeof(char *) };

struct law_cases {
	struct parsed_law law;
	struct window_context context;
	struct law_case *rows;
	size_t count, room;
};

/* Reading -------------------------------------------------------------------------------------------------------------------------------- */

static char *
trim(char *text)
{
	char *end = text + strlen(text);
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return text + strspn(text, " \t");
}

static void
cut_question(struct law_case *row, const char *section)
{
	char *fields[FIELDS_MAX + 1] = {NULL};
	size_t count = 0;
	for (char *next = row->text; next; count++) {
		char *field = next;
		if ((next = strchr(field, ';')) != NULL)
			*next++ = '\0';
		if (count <= FIELDS_MAX)
			fields[count] = trim(field);
	}
	row->field_count = row->kind->columns;
	if (count != row->field_count && count != row->field_count + 1)
		law_row_fail(row, "the question has %zu columns instead of %zu, or one more for what it is asked under", count, row->field_count);
	for (size_t i = 0; i < row->field_count && i < FIELDS_MAX; i++)
		row->fields[i] = fields[i];
	const char *own = count > row->field_count ? fields[row->field_count] : "";
	const size_t room = strlen(section) + strlen(own) + 2;
	if ((row->under = malloc(room)) == NULL)
		support_fail("no memory for cases");
	snprintf(row->under, room, "%s%s%s", section, *section && *own ? "," : "", own);
}

static void
add_row(struct law_cases *cases, const struct law_case_kind *kind, char *line, int number, const char *section)
{
	if (cases->count == cases->room) {
		cases->room = cases->room * 2 + 512;
		if ((cases->rows = realloc(cases->rows, cases->room * sizeof(*cases->rows))) == NULL)
			support_fail("no memory for cases");
	}
	struct law_case *row = &cases->rows[cases->count++];
	*row = (struct law_case){.file = kind->file, .line = number, .kind = kind};
	char *arrow = strstr(line, "->");
	if (!arrow)
		law_row_fail(row, "no -> between question and answer");
	row->expected = strdup(trim(arrow + 2));
	*arrow = '\0';
	row->text = strdup(line);
	char *last = strrchr(row->expected, ';');
	row->rules = trim(last ? last + 1 : row->expected);
	cut_question(row, section);
}

static void
read_rows(struct law_cases *cases, const struct law_case_kind *kind)
{
	char path[512], *text;
	const char *section = "";
	int number = 0;
	snprintf(path, sizeof(path), DAYPART_SOURCE_DIR "/tests/cases/%s", kind->file);
	text = file_read(path, NULL);
	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		number++;
		if (strncmp(line, "under:", 6) == 0)
			section = trim(line + 6);
		else if (*line != '#' && *trim(line))
			add_row(cases, kind, line, number, section);
	}
	free(text);
}

/* A file that is in no table is a file whose rows nobody asks. */
static void
check_files(void)
{
	glob_t found;
	if (glob(DAYPART_SOURCE_DIR "/tests/cases/law_*.txt", 0, NULL, &found) != 0)
		support_fail("no cases");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t k = 0;
		while (k < KIND_COUNT && strcmp(strrchr(found.gl_pathv[i], '/') + 1, kinds[k].file) != 0)
			k++;
		if (k == KIND_COUNT)
			support_fail("%s: no kind of row lives in a file of this name", found.gl_pathv[i]);
	}
	globfree(&found);
}

static void
print_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

static void
read_law(struct parsed_law *out)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	if (law_texts_read(DAYPART_SOURCE_DIR "/conf/rulebook", DAYPART_SOURCE_DIR "/conf/calendars", &texts, &err) != STATUS_OK ||
		law_parse(&texts, print_problem, NULL, out, &err) != STATUS_OK)
		support_fail("%s; %s", err.primary, err.detail);
	law_texts_free(&texts);
}

static struct zone_set *
read_zones(void)
{
	const struct tzdb_source source = {.horizon = {fixture_instant("2015-01-01T00:00:00Z"), fixture_instant("2045-01-01T00:00:00Z")}};
	struct zone_set *zones;
	struct err err = ERR_INIT;
	if (tzdb_load(&source, &zones, &err) != STATUS_OK)
		support_fail("%s; %s", err.primary, err.detail);
	return zones;
}

struct law_cases *
law_cases_read(void)
{
	struct law_cases *cases = calloc(1, sizeof(*cases));
	if (!cases)
		support_fail("no memory for cases");
	check_files();
	read_law(&cases->law);
	cases->context = (struct window_context){.zones = read_zones(),
		.calendars = (const struct calendar *const *)cases->law.calendars,
		.calendar_count = cases->law.calendar_count};
	for (size_t k = 0; k < KIND_COUNT; k++)
		read_rows(cases, &kinds[k]);
	return cases;
}

void
law_cases_free(struct law_cases **cases)
{
	for (size_t i = 0; i < (*cases)->count; i++) {
		free((*cases)->rows[i].text);
		free((*cases)->rows[i].expected);
		free((*cases)->rows[i].under);
	}
	free((*cases)->rows);
	zone_set_free((struct zone_set **)&(*cases)->context.zones);
	parsed_law_free(&(*cases)->law);
	free(*cases);
	*cases = NULL;
}

struct rulebook *
law_cases_rulebook(struct law_cases *cases)
{
	return cases->law.rulebook;
}

size_t
law_case_count(const struct law_cases *cases)
{
	return cases->count;
}

const struct law_case *
law_case_at(const struct law_cases *cases, size_t index)
{
	return &cases->rows[index];
}

/* Asking --------------------------------------------------------------------------------------------------------------------------------- */

static void
merge_class(struct law_question *question)
{
	const struct law_case *row = question->row;
	static char places[LAW_ANSWER_MAX];
	struct err err = ERR_INIT;
	snprintf(places, sizeof(places), "%s", row->fields[0]);
	question->class.regions = question->regions;
	question->class.region_count = law_split(row, places, " ", question->regions, LAW_PLACES_MAX);
	if (!category_parse(row->fields[1], &question->class.category))
		law_row_fail(row, "\"%s\" is no category", row->fields[1]);
	if (!channel_parse(row->fields[2], &question->class.channel))
		law_row_fail(row, "\"%s\" is no channel", row->fields[2]);
	for (size_t i = 0; i < question->class.region_count; i++)
		if (!region_is_known(question->regions[i]))
			law_row_fail(row, "\"%s\" is no place", question->regions[i]);
	if (row->kind->prepare)
		row->kind->prepare(question);
	if (law_merge(question->rulebook, &question->class, &question->law, &err) != STATUS_OK)
		law_row_fail(row, "%s", err.primary);
}

bool
law_case_holds(struct law_cases *cases, size_t index, char out_answer[LAW_ANSWER_MAX])
{
	struct law_question question = {
		.row = &cases->rows[index], .rulebook = cases->law.rulebook, .context = cases->context, .law = LAW_INIT};
	struct law_changes changes = {.count = 0};
	*out_answer = '\0';
	law_under_apply(cases->law.rulebook, &question, &changes);
	if (question.row->kind->merges)
		merge_class(&question);
	question.row->kind->answer(&question, out_answer);
	if (question.row->kind->merges)
		law_free(&question.law);
	law_under_undo(&changes);
	return strcmp(out_answer, question.row->expected) == 0;
}

bool
law_case_names(const struct law_case *row, const char *rule_id)
{
	const size_t length = strlen(rule_id);
	for (const char *at = row->rules; (at = strstr(at, rule_id)) != NULL; at += length)
		if ((at == row->rules || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
			return true;
	return false;
}
