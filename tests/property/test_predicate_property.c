/*
 * Random conditions against a slow oracle: the condition is made as a tree, written down with random blanks and parentheses, and the tree is judged
 * by tables. And: who learns one fact more never hears the opposite of what was known before.
 */
#include "planner/core/predicate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { CASES = 20000, NODES_MAX = 32, WORDS = 6, DEPTH_MAX = 5 };

enum node_kind { NODE_WORD, NODE_NOT, NODE_AND, NODE_OR };

struct node {
	enum node_kind kind;
	int word, left, right;
};

struct tree {
	struct node nodes[NODES_MAX];
	int count;
};

/* Indexed by TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE. */
static const enum truth not_table[] = {TRUTH_TRUE, TRUTH_UNKNOWN, TRUTH_FALSE};
static const enum truth and_table[][3] = {
	{TRUTH_FALSE, TRUTH_FALSE, TRUTH_FALSE},
	{TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_UNKNOWN},
	{TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE},
};
static const enum truth or_table[][3] = {
	{TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE},
	{TRUTH_UNKNOWN, TRUTH_UNKNOWN, TRUTH_TRUE},
	{TRUTH_TRUE, TRUTH_TRUE, TRUTH_TRUE},
};

static int
grow_tree(struct random_source *random, struct tree *tree, int depth)
{
	const int at = tree->count++;
	struct node node = {.kind = NODE_WORD, .word = (int)random_below(random, WORDS)};
	if (depth < DEPTH_MAX && tree->count + 2 * DEPTH_MAX < NODES_MAX && random_chance(random, 70)) {
		node.kind = (enum node_kind)random_between(random, NODE_NOT, NODE_OR);
		node.left = grow_tree(random, tree, depth + 1);
		if (node.kind != NODE_NOT)
			node.right = grow_tree(random, tree, depth + 1);
	}
	tree->nodes[at] = node;
	return at;
}

static void
put(struct random_source *random, char *text, const char *token)
{
	static const char *const blanks[] = {" ", "  ", "\t", "\n "};
	strcat(text, token);
	if (strcmp(token, "(") != 0 || random_chance(random, 30))
		strcat(text, blanks[random_below(random, 4)]);
}

static void
write_node(struct random_source *random, const struct tree *tree, int at, enum node_kind around, char *text)
{
	const struct node *node = &tree->nodes[at];
	/* Needed where the operator binds less than what is around it; elsewhere now and then. A right operand of its own kind needs none. */
	const bool closed = node->kind != NODE_WORD && (node->kind > around || random_chance(random, 10));
	char word[16];
	if (closed)
		put(random, text, "(");
	if (node->kind == NODE_WORD) {
		snprintf(word, sizeof(word), "tag:w%d", node->word);
		put(random, text, word);
	} else if (node->kind == NODE_NOT) {
		put(random, text, "not");
		write_node(random, tree, node->left, NODE_NOT, text);
	} else {
		write_node(random, tree, node->left, node->kind, text);
		put(random, text, node->kind == NODE_AND ? "and" : "or");
		write_node(random, tree, node->right, node->kind, text);
	}
	if (closed)
		put(random, text, ")");
}

static enum truth
judge_node(const struct tree *tree, int at, const enum truth *facts)
{
	const struct node *node = &tree->nodes[at];
	if (node->kind == NODE_WORD)
		return facts[node->word];
	const enum truth left = judge_node(tree, node->left, facts);
	if (node->kind == NODE_NOT)
		return not_table[left];
	const enum truth right = judge_node(tree, node->right, facts);
	return node->kind == NODE_AND ? and_table[left][right] : or_table[left][right];
}

static enum truth
truth_of_word(const void *facts, const char *word)
{
	return ((const enum truth *)facts)[word[strlen("tag:w")] - '0'];
}

static void
judge_case(struct random_source *random, const struct tree *tree, const struct predicate *predicate, const char *text)
{
	enum truth facts[WORDS], more[WORDS];
	for (int i = 0; i < WORDS; i++)
		more[i] = facts[i] = (enum truth)random_below(random, 3);
	for (int i = 0; i < WORDS; i++)
		if (facts[i] == TRUTH_UNKNOWN && random_chance(random, 50))
			more[i] = random_chance(random, 50) ? TRUTH_TRUE : TRUTH_FALSE;
	const enum truth before = predicate_judge(predicate, truth_of_word, facts);
	if (before != judge_node(tree, 0, facts))
		fail_msg("%s: %d", text, (int)before);
	if (before != TRUTH_UNKNOWN && predicate_judge(predicate, truth_of_word, more) != before)
		fail_msg("%s: changed by knowing more", text);
}

static void
conditions_are_worth_what_their_tree_is(void **state)
{
	struct random_source random = random_start("predicate_property");
	int parsed = 0;
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct tree tree = {.count = 0};
		struct predicate *predicate = NULL;
		struct err err = ERR_INIT;
		char text[4096] = "";
		grow_tree(&random, &tree, 0);
		write_node(&random, &tree, 0, NODE_OR, text);
		if (strlen(text) >= PREDICATE_TEXT_MAX)
			continue;
		if (predicate_parse(text, &predicate, &err) != STATUS_OK)
			fail_msg("%s: %s", text, err.primary);
		judge_case(&random, &tree, predicate, text);
		predicate_free(&predicate);
		parsed++;
	}
	assert_in_range(parsed, CASES / 2, CASES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_worth_what_their_tree_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
