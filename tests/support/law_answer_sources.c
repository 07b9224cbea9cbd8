/* Rows of law_sources.txt: which consents never count. */
#include "planner/core/admission.h"
#include "tests/support/law_answer.h"

/* "counts ;" or "never ; base.source.purchased": every rule that forbids it, each asked by itself. */
void
law_answer_source(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	const struct rule_list *rules = &question->law.of[RULE_PROHIBITION];
	const struct date date = date_from_civil((struct civil){2026, 11, 23});
	char ids[LAW_ANSWER_MAX] = "";
	for (size_t i = 0; i < rules->count; i++) {
		const struct law alone = {.of[RULE_PROHIBITION] = {&rules->items[i], 1}};
		if (prohibition_of_source(&alone, date, question->row->fields[3]))
			law_append(ids, rules->items[i]->id);
	}
	law_append(out, *ids ? "never ;" : "counts ;");
	law_append(out, ids);
}
