/*
 * A recursive descent over `or`, `and`, `not`, parentheses and words writes the condition in postfix order; judging it is one pass with a small
 * stack. Truth values are ordered false < unknown < true, so that `and` is the lesser, `or` the greater and `not` the mirror image.
 */
#include "predicate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static const char *const kinds[] = {"region", "number", "sender", "sender_type", "tag", "template", "consent"};

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
	err_set(parser->err, STATUS_INVALID, "%s at \"%.*s\"", what, (int)(length > 0 ? length : 1), length > 0 ? parser->rest : " ");
	return err_hint(parser->err, "Write words such as number:US or consent:customer, joined by and, or, not and parentheses.");
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

static bool
kind_is_known(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i]) == length && strncmp(kinds[i], word, length) == 0)
			return true;
	return false;
}

static enum status
parse_word(struct parser *parser)
{
	struct predicate *predicate = parser->predicate;
	skip_blanks(parser);
	const size_t length = token_length(parser->rest);
	const char *colon = memchr(parser->rest, ':', length);
	if (colon == NULL || !kind_is_known(parser->rest, (size_t)(colon - parser->rest)) || colon + 1 == parser->rest + length)
		return fail(parser, "no such word");
	if (length >= PREDICATE_WORD_MAX || predicate->word_count == PREDICATE_WORDS_MAX)
		return fail(parser, length >= PREDICATE_WORD_MAX ? "the word is too long" : "there are too many words");
	memcpy(predicate->words[predicate->word_count], parser->rest, length);
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
	if (strlen(text) >= PREDICATE_TEXT_MAX)
		return err_set(err, STATUS_INVALID, "the condition is longer than %d characters", PREDICATE_TEXT_MAX - 1);
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
