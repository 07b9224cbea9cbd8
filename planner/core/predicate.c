/*
 * A recursive descent over `or`, `and`, `not`, parentheses and words writes the condition in postfix order; judging it is one pass with a small
 * stack. Truth values are ordered false < unknown < true, so that `and` is the lesser, `or` the greater and `not` the mirror image.
 */
#include "predicate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "vocabulary.h"

enum operation { WORD, NOT, AND, OR };

enum { NODES_MAX = 3 * PREDICATE_WORDS_MAX };

struct predicate {
	char text[PREDICATE_TEXT_MAX];
	char words[PREDICATE_WORDS_MAX][PREDICATE_WORD_MAX];
	uint8_t word_count, node_count;
	struct {
		uint8_t operation, word;
	} nodes[NODES_MAX]; /* postfix */
};

struct parser {
	struct predicate *predicate;
	const char *rest;
	int depth;
	struct err *err;
};

/* Values ---------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_sender_type(const char *value)
{
	return strcmp(value, "number") == 0 || strcmp(value, "short_code") == 0 || strcmp(value, "alphanumeric") == 0;
}

static bool
is_tag(const char *value)
{
	return value[0] >= 'a' && value[0] <= 'z' && value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static bool
is_template_kind(const char *value)
{
	return strcmp(value, "free_form") == 0;
}

static bool
is_evidence(const char *value)
{
	unsigned i = 0;
	while (i < EVIDENCE_COUNT && strcmp(evidence_name((enum evidence)i), value) != 0)
		i++;
	return i < EVIDENCE_COUNT;
}

/* A word that nothing can ever be true of would silence a rule for ever, so values are checked as strictly as kinds. */
static const struct kind {
	const char *name;
	bool (*has_value)(const char *value); /* NULL: the word is its kind alone */
	const char *form;
} kinds[] = {
	{"region", region_is_known, "an ISO 3166 code such as US or US-TX"},
	{"number", region_is_known, "an ISO 3166 code such as US or US-TX"},
	{"sender", region_is_known, "an ISO 3166 code such as US"},
	{"sender_type", is_sender_type, "number, short_code or alphanumeric"},
	{"tag", is_tag, "a word of a-z, 0-9 and '_' that begins with a letter, such as alcohol"},
	{"template", is_template_kind, "free_form"},
	{"first_message", NULL, "nothing"},
	{"consent", is_evidence, "what evidence may name, such as customer"},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

/* Tokens ---------------------------------------------------------------------------------------------------------------------------------- */

static size_t
token_length(const char *text)
{
	return *text == '(' || *text == ')' ? 1 : strcspn(text, " \t\n()");
}

static void
skip_blanks(struct parser *parser)
{
	parser->rest += strspn(parser->rest, " \t\n");
}

static bool
take(struct parser *parser, const char *token)
{
	skip_blanks(parser);
	const size_t length = strlen(token);
	if (token_length(parser->rest) != length || strncmp(parser->rest, token, length) != 0)
		return false;
	parser->rest += length;
	return true;
}

static enum status
fail(struct parser *parser, const char *what)
{
	const size_t length = token_length(parser->rest);
	if (length > 0)
		err_set(parser->err, STATUS_INVALID, "%s at \"%.*s\"", what, (int)length, parser->rest);
	else
		err_set(parser->err, STATUS_INVALID, "%s at the end of the condition", what);
	return err_hint(parser->err, "write words such as number:US or consent:customer, joined by and, or, not and parentheses");
}

/* Grammar --------------------------------------------------------------------------------------------------------------------------------- */

static enum status
add_node(struct parser *parser, enum operation operation, uint8_t word)
{
	struct predicate *predicate = parser->predicate;
	if (predicate->node_count == NODES_MAX)
		return fail(parser, "the condition is too long");
	predicate->nodes[predicate->node_count].operation = (uint8_t)operation;
	predicate->nodes[predicate->node_count++].word = word;
	return STATUS_OK;
}

static const struct kind *
find_kind(const char *word, size_t length)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, word, length) == 0)
			return &kinds[i];
	return NULL;
}

static enum status
parse_word(struct parser *parser)
{
	struct predicate *predicate = parser->predicate;
	char *word = predicate->words[predicate->word_count % PREDICATE_WORDS_MAX];
	skip_blanks(parser);
	const size_t length = token_length(parser->rest);
	const char *colon = memchr(parser->rest, ':', length);
	const struct kind *kind = find_kind(parser->rest, colon != NULL ? (size_t)(colon - parser->rest) : length);
	if (kind == NULL || (kind->has_value == NULL) != (colon == NULL))
		return fail(parser, "no such word");
	if (length >= PREDICATE_WORD_MAX || predicate->word_count == PREDICATE_WORDS_MAX)
		return fail(parser, length >= PREDICATE_WORD_MAX ? "the word is too long" : "there are too many words");
	memcpy(word, parser->rest, length);
	word[length] = '\0';
	if (kind->has_value != NULL && !kind->has_value(word + strlen(kind->name) + 1)) {
		err_set(parser->err, STATUS_INVALID, "\"%s\" means nothing", word);
		return err_hint(parser->err, "after %s: stands %s", kind->name, kind->form);
	}
	parser->rest += length;
	return add_node(parser, WORD, predicate->word_count++);
}

static enum status parse_any(struct parser *parser);

static enum status
parse_one(struct parser *parser)
{
	if (++parser->depth > PREDICATE_WORDS_MAX)
		return fail(parser, "the condition is nested too deeply");
	enum status status;
	if (take(parser, "not")) {
		status = parse_one(parser);
		if (status == STATUS_OK)
			status = add_node(parser, NOT, 0);
	} else if (take(parser, "(")) {
		status = parse_any(parser);
		if (status == STATUS_OK && !take(parser, ")"))
			status = fail(parser, "a parenthesis is not closed");
	} else {
		status = parse_word(parser);
	}
	parser->depth--;
	return status;
}

static enum status
parse_all(struct parser *parser)
{
	enum status status = parse_one(parser);
	while (status == STATUS_OK && take(parser, "and")) {
		status = parse_one(parser);
		if (status == STATUS_OK)
			status = add_node(parser, AND, 0);
	}
	return status;
}

static enum status
parse_any(struct parser *parser)
{
	enum status status = parse_all(parser);
	while (status == STATUS_OK && take(parser, "or")) {
		status = parse_all(parser);
		if (status == STATUS_OK)
			status = add_node(parser, OR, 0);
	}
	return status;
}

enum status
predicate_parse(const char *text, struct predicate **out, struct err *err)
{
	if (strlen(text) >= PREDICATE_TEXT_MAX) {
		err_set(err, STATUS_INVALID, "the condition is longer than %d characters", PREDICATE_TEXT_MAX - 1);
		return err_hint(err, "make two rules of it");
	}
	struct predicate *predicate = calloc(1, sizeof *predicate);
	if (predicate == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	struct parser parser = {.predicate = predicate, .rest = text, .err = err};
	strcpy(predicate->text, text);
	enum status status = parse_any(&parser);
	skip_blanks(&parser);
	if (status == STATUS_OK && *parser.rest != '\0')
		status = fail(&parser, "the condition goes on");
	if (status != STATUS_OK) {
		free(predicate);
		return status;
	}
	*out = predicate;
	return STATUS_OK;
}

void
predicate_free(struct predicate **predicate)
{
	free(*predicate);
	*predicate = NULL;
}

/* Judging --------------------------------------------------------------------------------------------------------------------------------- */

static enum truth
combine(enum operation operation, enum truth a, enum truth b)
{
	if (operation == AND)
		return a < b ? a : b;
	return a > b ? a : b;
}

enum truth
predicate_judge(const struct predicate *predicate, truth_fn *truth, const void *context)
{
	enum truth stack[NODES_MAX + 1] = {TRUTH_TRUE};
	size_t depth = 0;
	if (predicate == NULL)
		return TRUTH_TRUE;
	for (size_t i = 0; i < predicate->node_count; i++) {
		const enum operation operation = (enum operation)predicate->nodes[i].operation;
		if (operation == WORD) {
			stack[depth++] = truth(context, predicate->words[predicate->nodes[i].word]);
		} else if (operation == NOT) {
			stack[depth - 1] = (enum truth)(TRUTH_TRUE - stack[depth - 1]);
		} else {
			depth--;
			stack[depth - 1] = combine(operation, stack[depth - 1], stack[depth]);
		}
	}
	return stack[0];
}

size_t
predicate_word_count(const struct predicate *predicate)
{
	return predicate != NULL ? predicate->word_count : 0;
}

const char *
predicate_word(const struct predicate *predicate, size_t index)
{
	return predicate->words[index];
}

const char *
predicate_text(const struct predicate *predicate)
{
	return predicate != NULL ? predicate->text : "";
}
