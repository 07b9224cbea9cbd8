/*
 * Rows of law_terms.txt: are campaign, template, sender and business in order? A row names what is not; all else is: each record that the law asks for
 * was given on the day before, the template is approved, used lately and says what texts must say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/admission.h"
#include "tests/support/law_answer.h"

enum { RECORDS_MAX = 128, TAGS_LISTED_MAX = 8, VARIABLES_MAX = 8 };

/* What texts must say anywhere, as an advertisement and otherwise. The law of texts itself is in law_content.txt. */
#define PLAIN "Acme ABCORG: hello. help@acme.example. Reply STOP to opt out."
#define ADVERTISEMENT "[Ad] " PLAIN

struct file {
	struct attestation records[RECORDS_MAX];
	const char *tags[TAGS_LISTED_MAX];
	struct content_variable variables[VARIABLES_MAX];
	struct variant variant;
	struct terms terms;
	struct date day;
	char text[1024];
};

static struct date
read_date(const struct law_case *row, const char *text)
{
	struct err err = ERR_INIT;
	struct date date;
	if (date_parse(text, &date, &err) != STATUS_OK)
		law_row_fail(row, "%s", err.primary);
	return date;
}

/* Of any subject, unless one is named. */
static struct attestation *
find_record(struct file *file, const char *item, const char *subject)
{
	for (size_t i = 0; i < file->terms.attestation_count; i++)
		if (strcmp(file->records[i].item, item) == 0 && (*subject == '\0' || strcmp(subject_name(file->records[i].subject), subject) == 0))
			return &file->records[i];
	return NULL;
}

static void
add_record(const struct law_question *question, const struct record_rule *rule, struct file *file)
{
	if (find_record(file, rule->item, subject_name(rule->subject)))
		return;
	if (file->terms.attestation_count == RECORDS_MAX)
		law_row_fail(question->row, "more than %d records", RECORDS_MAX);
	file->records[file->terms.attestation_count++] =
		(struct attestation){.subject = rule->subject, .item = rule->item, .given_on = {file->day.days - 1}, .valid_until = {INT32_MAX}};
}

/* Every record that any rule of the rulebook asks for, given on the day before. */
static void
fill_records(const struct law_question *question, struct file *file)
{
	for (size_t i = 0; i < question->rulebook->regime_count; i++) {
		const struct regime *regime = &question->rulebook->regimes[i];
		for (size_t j = 0; j < regime->rule_count; j++)
			if (regime->rules[j].kind == RULE_RECORD)
				add_record(question, &regime->rules[j].record, file);
	}
}

static void
fill_terms(const struct law_question *question, struct file *file)
{
	const bool advertises = question->class.category == CATEGORY_MARKETING || question->class.category == CATEGORY_OPT_IN_INVITATION;
	file->variant = (struct variant){.language = "pt-BR",
		.text = advertises ? ADVERTISEMENT : PLAIN,
		.variables = file->variables,
		.approved = true,
		.approved_on = {file->day.days - 100},
		.last_used_on = {file->day.days - 1},
		.category = question->class.category};
	file->terms = (struct terms){.category = question->class.category,
		.business = "Acme",
		.legal_name = "Acme Ltd",
		.identifier = "ABCORG",
		.variants = &file->variant,
		.variant_count = 1,
		.attestations = file->records,
		.tags = file->tags,
		.has_offer_terms = true,
		.offer_expires = true,
		.offer_expires_on = {file->day.days + 30}};
}

/* What is not in order ------------------------------------------------------------------------------------------------------------------- */

static bool
read_template(const struct law_case *row, const char *word, struct file *file)
{
	if (strcmp(word, "template not approved") == 0)
		file->variant.approved = false;
	else if (strcmp(word, "free form") == 0)
		file->variant.free_form = true;
	else if (strcmp(word, "template never used") == 0)
		file->variant.last_used_on.days = INT32_MIN;
	else if (strncmp(word, "template approved on ", 21) == 0)
		file->variant.approved_on = read_date(row, word + 21);
	else if (strncmp(word, "template last used on ", 22) == 0)
		file->variant.last_used_on = read_date(row, word + 22);
	else if (strncmp(word, "template for ", 13) == 0 && !category_parse(word + 13, &file->variant.category))
		law_row_fail(row, "\"%s\" is no category", word + 13);
	else if (strncmp(word, "language ", 9) == 0)
		file->variant.language = word + 9;
	else
		return strncmp(word, "template for ", 13) == 0;
	return true;
}

static void
read_variables(const struct law_case *row, const char *word, struct file *file)
{
	static const char *const names[VARIABLES_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	const size_t count = strtoul(word, NULL, 10);
	if (count > VARIABLES_MAX)
		law_row_fail(row, "more than %d variables", VARIABLES_MAX);
	for (size_t i = 0; i < count; i++)
		file->variables[i] = (struct content_variable){.name = names[i], .max_length = 5};
	file->variant.variable_count = count;
}

/* "no dlt.pan", "no approval of sender", "dlt.pan given on 2025-01-01", "dlt.pan until 2026-12-01" */
static void
read_record(const struct law_case *row, const char *word, struct file *file)
{
	char item[ITEM_MAX];
	const bool missing = strncmp(word, "no ", 3) == 0;
	const char *name = missing ? word + 3 : word, *rest = name + strcspn(name, " ");
	const char *subject = missing && strncmp(rest, " of ", 4) == 0 ? rest + 4 : "";
	snprintf(item, sizeof(item), "%.*s", (int)(rest - name), name);
	struct attestation *record = find_record(file, item, subject);
	if (!record)
		law_row_fail(row, "\"%s\": no rule asks for such a record", word);
	if (missing)
		*record = file->records[--file->terms.attestation_count];
	else if (strncmp(rest, " given on ", 10) == 0)
		record->given_on = read_date(row, rest + 10);
	else if (strncmp(rest, " until ", 7) == 0)
		record->valid_until = read_date(row, rest + 7);
	else
		law_row_fail(row, "\"%s\": what is it?", word);
}

static void
read_word(const struct law_case *row, const char *word, struct file *file)
{
	if (strcmp(word, "in order") == 0 || read_template(row, word, file))
		return;
	if (strncmp(word, "tag ", 4) == 0 && file->terms.tag_count < TAGS_LISTED_MAX)
		file->tags[file->terms.tag_count++] = word + 4;
	else if (strcmp(word, "no offer") == 0)
		file->terms.has_offer_terms = file->terms.offer_expires = false;
	else if (strncmp(word, "offer until ", 12) == 0)
		file->terms.offer_expires_on = read_date(row, word + 12);
	else if (strstr(word, " variables") != NULL)
		read_variables(row, word, file);
	else
		read_record(row, word, file);
}

/* Asking --------------------------------------------------------------------------------------------------------------------------------- */

struct problems {
	char reasons[LAW_ANSWER_MAX], rules[LAW_ANSWER_MAX];
};

static void
add_once(char list[LAW_ANSWER_MAX], const char *word)
{
	const size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
			return;
	law_append(list, word);
}

static void
on_problem(void *context, const struct rule *rule, enum reason reason, const char *what)
{
	struct problems *problems = context;
	(void)what;
	if (reason == REASON_NONE)
		return;
	add_once(problems->reasons, reason_info(reason)->name);
	add_once(problems->rules, rule->id);
}

static struct admission
ask(const struct law_question *question, const struct file *file, struct problems *problems)
{
	const struct zone *zone = zone_set_find(question->context.zones, "UTC");
	const struct interval span = {{file->day.days * US_PER_DAY}, {(file->day.days + 1) * US_PER_DAY}};
	return admission_judge(&question->law, &file->terms, &file->variant, &zone, 1, span, on_problem, problems);
}

static void
append_session(const struct law *law, const struct admission *admission, struct date day, char out[LAW_ANSWER_MAX])
{
	char text[48];
	snprintf(text, sizeof(text), "service window %dh ;", (int)(admission->session.us / US_PER_HOUR));
	law_append(out, text);
	for (size_t i = 0; i < law->of[RULE_SESSION].count; i++)
		if (rule_is_dated(law->of[RULE_SESSION].items[i], day))
			law_append(out, law->of[RULE_SESSION].items[i]->id);
}

/* "ok ;", "service window 24h ; whatsapp.session" (the text may only answer) or the reasons and the rules. */
void
law_answer_terms(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct law_case *row = question->row;
	struct file file = {.day = read_date(row, row->fields[3])};
	struct problems problems = {"", ""};
	const char *words[LAW_WORDS_MAX];
	fill_terms(question, &file);
	fill_records(question, &file);
	snprintf(file.text, sizeof(file.text), "%s", row->fields[4]);
	const size_t count = law_split(row, file.text, ",", words, LAW_WORDS_MAX);
	for (size_t i = 0; i < count; i++)
		read_word(row, words[i], &file);
	const struct admission admission = ask(question, &file, &problems);
	if ((admission.reason != REASON_NONE) != (*problems.reasons != '\0'))
		law_row_fail(row, "the reason is %d, and the problems are \"%s\"", admission.reason, problems.reasons);
	if (admission.reason == REASON_NONE && admission.needs_session) {
		append_session(&question->law, &admission, file.day, out);
		return;
	}
	law_append(out, *problems.reasons ? problems.reasons : "ok");
	law_append(out, ";");
	law_append(out, problems.rules);
}
