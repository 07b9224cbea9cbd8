/* Rows of law_sources.txt: which consents never count. */
#include <ctype.h>
#include <string.h>

#include "tests/support/law_answer.h"

/* As normalise_keyword() of the database does it for letters that English has. */
static void
normalise(const char *text, char *out, size_t room)
{
	size_t length = 0;
	for (; *text && length + 1 < room; text++) {
		if (isalnum((unsigned char)*text))
			out[length++] = (char)tolower((unsigned char)*text);
		else if (length > 0 && out[length - 1] != ' ')
			out[length++] = ' ';
	}
	while (length > 0 && out[length - 1] == ' ')
		length--;
	out[length] = '\0';
}

static bool
forbids(const struct rule *rule, const char *source)
{
	for (size_t i = 0; rule->prohibition.sources && i < rule->prohibition.tag_count; i++)
		if (strcmp(rule->prohibition.tags[i], source) == 0)
			return true;
	return false;
}

/* "counts ;" or "never ; base.source.purchased". */
void
law_answer_source(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	char source[TAG_MAX], rules[LAW_ANSWER_MAX] = "";
	normalise(question->row->fields[3], source, sizeof(source));
	for (size_t i = 0; i < question->law.of[RULE_PROHIBITION].count; i++)
		if (forbids(question->law.of[RULE_PROHIBITION].items[i], source))
			law_append(rules, question->law.of[RULE_PROHIBITION].items[i]->id);
	law_append(out, *rules ? "never ;" : "counts ;");
	law_append(out, rules);
}
