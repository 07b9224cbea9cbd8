/*
 * install_consent_words - the part of install.h about methods and sources of consent
 *
 * All words are given to one statement, which stores what differs. What consents show follows from the words, so it is written anew when any of
 * them changed: a pass over all consents, seconds for a million of them, and only then.
 */
#include <stdio.h>

#include "array_text.h"
#include "install.h"
#include "planner/core/vocabulary.h"

struct word_list {
	struct array_text words, meanings, rules;
};

static void
add_word(struct word_list *list, const char *word, const char *meaning, const char *rule)
{
	array_text_add_name(&list->words, word);
	array_text_add_name(&list->meanings, meaning);
	array_text_add_name(&list->rules, rule);
}

static void
add_own_words(struct word_list *list)
{
	for (const char *const *word = consent_inbound_words; *word != NULL; word++)
		add_word(list, *word, "inbound", "");
	for (const char *const *word = consent_offline_words; *word != NULL; word++)
		add_word(list, *word, "offline", "");
}

/* Whatever the date: a source that will not count soon is no good now, and one that did not count once is none either. */
static void
add_rule(struct word_list *list, const struct rule *rule)
{
	for (int i = 0; i < rule->prohibition.tag_count; i++)
		add_word(list, rule->prohibition.tags[i], rule->prohibition.absolute ? "purchased" : "refused", rule->id);
}

static void
add_rules(struct word_list *list, const struct rulebook *rulebook)
{
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];

		for (size_t j = 0; j < regime->rule_count; j++) {
			const struct rule *rule = &regime->rules[j];

			if (rule->kind == RULE_PROHIBITION && rule->prohibition.sources && rule_binds(rulebook, regime, rule))
				add_rule(list, rule);
		}
	}
}

/* Runs a statement that answers with one number. */
static enum status
change(const struct install *install, const struct sql_statement *statement, const char *const *params, int param_count, int64_t *out,
	struct err *err)
{
	PGresult *rows;

	if (session_query(install->session, statement, params, param_count, &rows, err) != STATUS_OK)
		return err->status;
	*out = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
store(const struct install *install, struct word_list *list, int64_t *out_changed, struct err *err)
{
	const char *const params[] = {array_text(&list->words), array_text(&list->meanings), array_text(&list->rules)};

	if (params[0] == NULL || params[1] == NULL || params[2] == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	return change(install, &sql_query_init_consent_words, params, 3, out_changed, err);
}

enum status
install_consent_words(const struct install *install, const struct rulebook *rulebook, struct err *err)
{
	struct word_list list = {ARRAY_TEXT_INIT, ARRAY_TEXT_INIT, ARRAY_TEXT_INIT};
	int64_t words = 0, consents = 0;
	char done[96];
	enum status status;

	add_own_words(&list);
	add_rules(&list, rulebook);
	status = store(install, &list, &words, err);
	array_text_free(&list.words);
	array_text_free(&list.meanings);
	array_text_free(&list.rules);
	if (status != STATUS_OK || words == 0)
		return status;
	status = change(install, &sql_query_init_evidence_refresh, NULL, 0, &consents, err);
	snprintf(done, sizeof(done), "%lld changed; %lld consents show something else now", (long long)words, (long long)consents);
	if (status == STATUS_OK)
		install->on_done(install->context, "words of consent", done);
	return status;
}
