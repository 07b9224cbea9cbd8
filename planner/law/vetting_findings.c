/*
 * How it works: a list that is searched from the beginning: there are at most some hundred. Texts that the core makes up are copied.
 */
#include "vetting_findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"

enum { LANGUAGE_ROOM = 64 }; /* of a language and the text it is of */

/* A sorted set of texts, which belong to others. */
struct names {
	const char **items;
	size_t count, room;
};

struct finding {
	struct vetting_finding told;
	char *what;     /* told.what */
	bool *variants; /* which of the terms' */
	size_t place;   /* the last one that was counted */
	struct names rules, sources, regions;
};

struct vetting_findings {
	const struct terms *terms;
	struct finding *items;
	size_t count, room, binding;
	struct names asked; /* the regions that were asked about one by one */
};

enum status
vetting_findings_create(const struct terms *terms, struct vetting_findings **out)
{
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return STATUS_NO_MEMORY;
	(*out)->terms = terms;
	return STATUS_OK;
}

static void
finding_clear(struct finding *finding)
{
	free(finding->what);
	free(finding->variants);
	free(finding->rules.items);
	free(finding->sources.items);
	free(finding->regions.items);
	free(finding->told.rules);
	free(finding->told.sources);
	free(finding->told.languages);
	free(finding->told.places);
}

void
vetting_findings_free(struct vetting_findings **findings)
{
	if (*findings == NULL)
		return;
	for (size_t i = 0; i < (*findings)->count; i++)
		finding_clear(&(*findings)->items[i]);
	free((*findings)->items);
	free((*findings)->asked.items);
	free(*findings);
	*findings = NULL;
}

/* Adding ---------------------------------------------------------------------------------------------------------------------------------- */

static bool
names_add(struct names *names, const char *name)
{
	size_t at = names->count;
	while (at > 0 && strcmp(names->items[at - 1], name) > 0)
		at--;
	if (at > 0 && strcmp(names->items[at - 1], name) == 0)
		return true;
	const char **items = grow((void *)names->items, names->count, &names->room, sizeof *items);
	if (items == NULL)
		return false;
	names->items = items;
	memmove(items + at + 1, items + at, (names->count - at) * sizeof *items);
	items[at] = name;
	names->count++;
	return true;
}

enum status
vetting_findings_ask(struct vetting_findings *findings, const char *region)
{
	return names_add(&findings->asked, region) ? STATUS_OK : STATUS_NO_MEMORY;
}

/* A new one of the problem, about nobody yet. */
static struct finding *
begin(struct vetting_findings *findings, const struct vetting_problem *problem)
{
	struct finding *items = grow(findings->items, findings->count, &findings->room, sizeof *items);
	char *what = strdup(problem->what);
	bool *variants = calloc(findings->terms->variant_count + 1, sizeof *variants);
	if (items != NULL)
		findings->items = items;
	if (items == NULL || what == NULL || variants == NULL) {
		free(what);
		free(variants);
		return NULL;
	}
	items[findings->count] = (struct finding){.told = {.reason = problem->reason, .what = what}, .what = what, .variants = variants};
	return &items[findings->count++];
}

static struct finding *
find(struct vetting_findings *findings, const struct vetting_problem *problem)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].told.reason == problem->reason && strcmp(findings->items[i].what, problem->what) == 0)
			return &findings->items[i];
	return begin(findings, problem);
}

static bool
widen(struct finding *finding, const struct rule *rule, const struct vetting_where *where)
{
	if (rule != NULL && (!names_add(&finding->rules, rule->id) || !names_add(&finding->sources, rule->sources)))
		return false;
	for (size_t i = 0; i < where->region_count; i++)
		if (!names_add(&finding->regions, where->regions[i]))
			return false;
	return true;
}

enum status
vetting_findings_add(struct vetting_findings *findings, const struct vetting_problem *problem, const struct vetting_where *where)
{
	struct finding *finding = find(findings, problem);
	if (finding == NULL || !widen(finding, problem->rule, where))
		return STATUS_NO_MEMORY;
	finding->told.people += finding->place != where->number ? where->people : 0;
	finding->place = where->people > 0 ? where->number : finding->place;
	finding->variants[problem->variant] = true;
	return STATUS_OK;
}

/* Telling --------------------------------------------------------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	const bool x_binds = x->told.reason != REASON_NONE, y_binds = y->told.reason != REASON_NONE;
	if (x_binds != y_binds)
		return x_binds ? -1 : 1;
	const int order = strcmp(x->rules.count > 0 ? x->rules.items[0] : "", y->rules.count > 0 ? y->rules.items[0] : "");
	return order != 0 ? order : strcmp(x->what, y->what);
}

static char *
join(const char *const *words, size_t count)
{
	size_t size = 1;
	for (size_t i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	char *text = malloc(size);
	if (text == NULL)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0, length = 0; i < count; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? " " : "", words[i]);
	return text;
}

/* The language, and of which text it is unless it is everybody's. */
static void
name_variant(const struct variant *variant, char out[LANGUAGE_ROOM])
{
	static const char *const texts[] = {[ARM_A] = "", [ARM_B] = "template_b/", [ARM_FIRST] = "first_template/"};
	snprintf(out, LANGUAGE_ROOM, "%s%s", texts[variant->arm], variant->language);
}

static char *
join_languages(const struct terms *terms, const bool *concerned)
{
	char(*names)[LANGUAGE_ROOM] = calloc(terms->variant_count + 1, sizeof *names);
	const char **languages = calloc(terms->variant_count + 1, sizeof *languages);
	char *text = NULL;
	size_t count = 0;
	for (size_t v = 0; names != NULL && languages != NULL && v < terms->variant_count; v++)
		if (concerned[v]) {
			name_variant(&terms->variants[v], names[count]);
			languages[count] = names[count];
			count++;
		}
	if (names != NULL && languages != NULL)
		text = join(languages, count == terms->variant_count ? 0 : count);
	free(names);
	free((void *)languages);
	return text;
}

static enum status
write_finding(const struct vetting_findings *findings, struct finding *finding)
{
	struct vetting_finding *told = &finding->told;
	told->rules = join(finding->rules.items, finding->rules.count);
	told->sources = join(finding->sources.items, finding->sources.count);
	told->places =
		finding->regions.count == findings->asked.count ? strdup(VETTING_EVERYWHERE) : join(finding->regions.items, finding->regions.count);
	told->languages = join_languages(findings->terms, finding->variants);
	return told->rules != NULL && told->sources != NULL && told->languages != NULL && told->places != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status
vetting_findings_finish(struct vetting_findings *findings)
{
	enum status status = STATUS_OK;
	if (findings->count > 0)
		qsort(findings->items, findings->count, sizeof *findings->items, compare);
	for (size_t i = 0; i < findings->count && status == STATUS_OK; i++) {
		findings->binding += findings->items[i].told.reason != REASON_NONE;
		status = write_finding(findings, &findings->items[i]);
	}
	return status;
}

size_t
vetting_findings_count(const struct vetting_findings *findings)
{
	return findings->count;
}

size_t
vetting_findings_binding_count(const struct vetting_findings *findings)
{
	return findings->binding;
}

const struct vetting_finding *
vetting_findings_at(const struct vetting_findings *findings, size_t index)
{
	return &findings->items[index].told;
}
