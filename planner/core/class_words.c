/* How it works: the words that are the same for everybody are judged once; number, consent, template:free_form and first_message for each combination. */
#include "class_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local_days.h"

/* What a word is about. */
enum word_kind { WORD_CAMPAIGN, WORD_NUMBER, WORD_CONSENT, WORD_FREE_FORM, WORD_FIRST_MESSAGE };

struct word {
	const char *text;                     /* the rulebook's */
	char unknown[PREDICATE_WORD_MAX + 2]; /* with '?' before it */
	char region[PREDICATE_WORD_MAX + 8];  /* WORD_NUMBER: the same question about a region */
	enum word_kind kind;
	enum truth truth; /* WORD_CAMPAIGN */
	uint32_t evidence;
};

struct class_words {
	struct word *words;
	size_t count;
	char (*waived)[RULE_ID_MAX + 8]; /* "waived:RULE" */
	struct date *waived_until;
	size_t waived_count;
	uint32_t evidence;
};

const char *
message_order_name(enum message_order order)
{
	static const char *const names[] = {[ORDER_ANY] = "", [ORDER_FIRST] = "first", [ORDER_LATER] = "later"};
	return names[order];
}

static bool
begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether a word names the value; one that nobody stated may be anything. */
static enum truth
stated(const char *value, const char *wanted)
{
	if (*value == '\0')
		return TRUTH_UNKNOWN;
	return strcmp(value, wanted) == 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

static bool
lists(const char *const *texts, size_t count, const char *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(texts[i], wanted) == 0)
			return true;
	return false;
}

static enum truth
campaign_truth(const struct campaign_words *campaign, const char *word)
{
	if (begins(word, "sender:"))
		return stated(campaign->sender_country, word + strlen("sender:"));
	if (begins(word, "sender_type:"))
		return stated(campaign->sender_type, word + strlen("sender_type:"));
	if (!begins(word, "tag:") || !lists(campaign->tags, campaign->tag_count, word + strlen("tag:")))
		return TRUTH_FALSE;
	return lists(campaign->partial_tags, campaign->partial_tag_count, word + strlen("tag:")) ? TRUTH_UNKNOWN : TRUTH_TRUE;
}

static uint32_t
evidence_of(const char *word)
{
	for (int i = 0; i < EVIDENCE_COUNT; i++)
		if (strcmp(evidence_name((enum evidence)i), word + strlen("consent:")) == 0)
			return EVIDENCE_BIT(i);
	return 0;
}

static struct word
make_word(const struct campaign_words *campaign, const char *text)
{
	struct word word = {.text = text};
	snprintf(word.unknown, sizeof word.unknown, "?%s", text);
	if (begins(text, "number:")) {
		word.kind = WORD_NUMBER;
		snprintf(word.region, sizeof word.region, "region:%s", text + strlen("number:"));
	} else if (begins(text, "consent:")) {
		word.kind = WORD_CONSENT;
		word.evidence = evidence_of(text);
	} else if (strcmp(text, "template:free_form") == 0) {
		word.kind = WORD_FREE_FORM;
	} else if (strcmp(text, "first_message") == 0) {
		word.kind = WORD_FIRST_MESSAGE;
	} else {
		word.truth = campaign_truth(campaign, text);
	}
	return word;
}

static enum status
add_words(struct class_words *words, const struct rulebook *rulebook, const struct campaign_words *campaign)
{
	const char **asked = NULL;
	size_t count = 0;
	enum status status = rulebook_words(rulebook, &asked, &count);
	if (status != STATUS_OK)
		return status;
	words->words = calloc(count + 1, sizeof *words->words);
	for (size_t i = 0; words->words != NULL && i < count; i++) {
		words->words[i] = make_word(campaign, asked[i]);
		words->evidence |= words->words[i].evidence;
	}
	words->count = count;
	free(asked);
	return words->words != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

/* A waiver of a rule that is not in the rulebook, or may not be waived, tells nothing apart. */
static enum status
add_waivers(struct class_words *words, const struct rulebook *rulebook, const struct campaign_words *campaign)
{
	words->waived = calloc(campaign->waived_count + 1, sizeof *words->waived);
	words->waived_until = calloc(campaign->waived_count + 1, sizeof *words->waived_until);
	if (words->waived == NULL || words->waived_until == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < campaign->waived_count; i++) {
		const struct rule *rule = rulebook_find(rulebook, campaign->waived[i], NULL);
		if (rule == NULL || !rule->waivable)
			continue;
		snprintf(words->waived[words->waived_count], sizeof *words->waived, "waived:%s", rule->id);
		words->waived_until[words->waived_count++] = campaign->waived_until[i];
	}
	return STATUS_OK;
}

enum status
class_words_create(const struct rulebook *rulebook, const struct campaign_words *campaign, struct class_words **out, struct err *err)
{
	struct class_words *words = calloc(1, sizeof *words);
	*out = words;
	if (words != NULL && add_words(words, rulebook, campaign) == STATUS_OK && add_waivers(words, rulebook, campaign) == STATUS_OK)
		return STATUS_OK;
	class_words_free(out);
	return err_set(err, STATUS_NO_MEMORY, "out of memory for the facts of a campaign");
}

void
class_words_free(struct class_words **words)
{
	if (*words == NULL)
		return;
	free((*words)->words);
	free((*words)->waived);
	free((*words)->waived_until);
	free(*words);
	*words = NULL;
}

uint32_t
class_words_evidence(const struct class_words *words)
{
	return words->evidence;
}

bool
class_words_ask_order(const struct class_words *words)
{
	bool asked = false;
	for (size_t i = 0; i < words->count; i++)
		asked = asked || words->words[i].kind == WORD_FIRST_MESSAGE;
	return asked;
}

size_t
class_words_limit(const struct class_words *words)
{
	return words->count + words->waived_count;
}

static enum truth
number_truth(const struct number_place *number, const struct word *word)
{
	const struct class_facts facts = {.regions = number->regions, .region_count = number->region_count};
	return class_truth(&facts, word->region);
}

static enum truth
word_truth(const struct word *word, const struct word_person *person)
{
	switch (word->kind) {
	case WORD_NUMBER:
		return number_truth(person->number, word);
	case WORD_CONSENT: /* what is not shown is unknown, which is said by not telling it */
		return (person->evidence & word->evidence) != 0 ? TRUTH_TRUE : TRUTH_FALSE;
	case WORD_FREE_FORM:
		return person->free_form ? TRUTH_TRUE : TRUTH_FALSE;
	case WORD_FIRST_MESSAGE:
		return person->order == ORDER_ANY ? TRUTH_UNKNOWN : person->order == ORDER_FIRST ? TRUTH_TRUE : TRUTH_FALSE;
	case WORD_CAMPAIGN:
		break;
	}
	return word->truth;
}

static bool
outlasts(struct date ends, const struct word_person *person)
{
	for (size_t i = 0; i < person->zone_count; i++)
		if (local_days(person->zones[i], ends, ends).from.us < person->until.us)
			return false;
	return true;
}

size_t
class_words_of(const struct class_words *words, const struct word_person *person, const char **out)
{
	size_t count = 0;
	for (size_t i = 0; i < words->count; i++) {
		const enum truth truth = word_truth(&words->words[i], person);
		if (truth != TRUTH_FALSE)
			out[count++] = truth == TRUTH_TRUE ? words->words[i].text : words->words[i].unknown;
	}
	for (size_t i = 0; i < words->waived_count; i++)
		if (outlasts(words->waived_until[i], person))
			out[count++] = words->waived[i];
	return count;
}
