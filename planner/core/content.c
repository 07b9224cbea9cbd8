/*
 * The text is filled in and folded once; one pass over its sentences answers all questions that any rule asks of it, as a set of items that are broken.
 * Each rule is then a comparison with that set.
 */
#include "content.h"

#include <stdio.h>
#include <string.h>

#include "contact.h"
#include "content_text.h"
#include "identifier_numbers.h"
#include "identifier_request.h"
#include "opt_out_text.h"
#include "phrases.h"

enum {
	FORBIDS = CONTENT_BIT(CONTENT_PURE) | CONTENT_BIT(CONTENT_NO_IDENTIFIERS), /* asked of every sentence; the rest of some sentence */
	OFFERS = CONTENT_BIT(CONTENT_OFFER_TERMS) | CONTENT_BIT(CONTENT_OFFER_EXPIRY),
	NAME_ROOM = 640, /* a folded name: 100 characters, and a legal name of any sensible length */
	EXCERPT_MAX = 40 /* bytes of the text that a problem cites */
};

/* What was found, for the words of problems. */
struct findings {
	uint32_t broken; /* CONTENT_BIT mask */
	char promotion[EXCERPT_MAX + 1];
	enum identifier_kind number;
	bool requested;
	const char *variable; /* named like an identifier */
	bool cut;
};

/* Items ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
names_sender(const struct content_text *text, const char *name)
{
	char buffer[NAME_ROOM];
	struct folded folded = {.bytes = buffer, .room = sizeof(buffer)};
	buffer[0] = '\0';
	if (name != NULL)
		fold_text(&folded, name, strlen(name));
	return !folded.cut && text_holds_word(text->bytes, buffer);
}

static bool
begins_with_label(const struct content_text *text, const char *language)
{
	const char *at = text->bytes;
	const struct phrase *label;
	while (*at != '\0' && *at != CONTENT_UNKNOWN[0] && !text_is_letter(at))
		at = text_next(at);
	const size_t length = phrase_at(PHRASE_LABEL, text->bytes, at, language, &label);
	if (length == 0 || label->use != PHRASE_MARKED)
		return length > 0;
	const bool opened = at > text->bytes && strchr("[(<*", at[-1]) != NULL;
	const char *behind = at + length + strspn(at + length, " ");
	return opened || (*behind != '\0' && strchr(":])>|*~-", *behind) != NULL);
}

/* The identifier stands in the template itself, in this very spelling. */
static bool
holds_identifier(const char *text, const char *identifier)
{
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const size_t length = strlen(identifier);
	for (const char *at = text; length > 0 && (at = strstr(at, identifier)) != NULL; at++)
		if ((at == text || strchr(word, at[-1]) == NULL) && (at[length] == '\0' || strchr(word, at[length]) == NULL))
			return true;
	return false;
}

static void
find_promotion(struct findings *findings, const struct content_text *text, const struct sentence *sentence, const char *language)
{
	const char *found = phrase_find(PHRASE_PROMOTIONAL, text->bytes, sentence->from, sentence->until, language);
	if (found == NULL)
		return;
	findings->broken |= CONTENT_BIT(CONTENT_PURE);
	const size_t length = phrase_at(PHRASE_PROMOTIONAL, text->bytes, found, language, NULL);
	snprintf(findings->promotion, sizeof(findings->promotion), "%.*s", (int)(length < EXCERPT_MAX ? length : EXCERPT_MAX), found);
}

static void
find_identifiers(struct findings *findings, const struct content_text *text, const struct sentence *sentence)
{
	if (findings->number == IDENTIFIER_NONE)
		findings->number = identifier_number_find(text->bytes, sentence->from, sentence->until);
	findings->requested = findings->requested || identifier_is_requested(text->bytes, sentence->from, sentence->until);
	if (findings->number != IDENTIFIER_NONE || findings->requested)
		findings->broken |= CONTENT_BIT(CONTENT_NO_IDENTIFIERS);
}

/* What no sentence may hold. */
static void
search_forbidden(
	struct findings *findings, const struct content_text *text, const struct sentence *sentence, uint32_t items, const char *language)
{
	if ((items & ~findings->broken) & CONTENT_BIT(CONTENT_PURE))
		find_promotion(findings, text, sentence, language);
	if (items & CONTENT_BIT(CONTENT_NO_IDENTIFIERS))
		find_identifiers(findings, text, sentence);
}

/* What some sentence must hold; broken until one does. */
static void
search_wanted(struct findings *findings, const struct content_text *text, const struct sentence *sentence, bool one_way)
{
	const char *begin = text->bytes, *from = sentence->from, *until = sentence->until;
	if ((findings->broken & CONTENT_BIT(CONTENT_OPT_OUT)) && opt_out_is_told(begin, from, until, one_way))
		findings->broken &= ~CONTENT_BIT(CONTENT_OPT_OUT);
	if ((findings->broken & CONTENT_BIT(CONTENT_SUPPORT_CONTACT)) &&
		(contact_has_toll_free(begin, from, until) || contact_has_email(begin, from, until)))
		findings->broken &= ~CONTENT_BIT(CONTENT_SUPPORT_CONTACT);
}

static void
search_sentences(struct findings *findings, const struct content_text *text, const struct content_facts *facts, uint32_t items)
{
	struct sentence sentence = {.until = text->bytes};
	findings->broken |= items & (CONTENT_BIT(CONTENT_OPT_OUT) | CONTENT_BIT(CONTENT_SUPPORT_CONTACT));
	while (content_text_next(text, &sentence)) {
		search_forbidden(findings, text, &sentence, items, facts->language);
		search_wanted(findings, text, &sentence, facts->one_way);
	}
	findings->cut = text->folded.cut;
	if (findings->cut)
		findings->broken |= items & FORBIDS;
}

static void
search_variables(struct findings *findings, const struct content_facts *facts)
{
	for (size_t i = 0; i < facts->variable_count && findings->variable == NULL; i++)
		if (identifier_variable_is_named(facts->variables[i].name))
			findings->variable = facts->variables[i].name;
	if (findings->variable != NULL)
		findings->broken |= CONTENT_BIT(CONTENT_NO_IDENTIFIERS);
}

/* Which of `items` the text or the campaign breaks. The identifier is each rule's own question. */
static struct findings
findings_of(const struct content_facts *facts, uint32_t items)
{
	struct findings findings = {.number = IDENTIFIER_NONE};
	struct content_text text;
	content_text_fill(&text, facts);
	search_sentences(&findings, &text, facts, items);
	if (items & CONTENT_BIT(CONTENT_NO_IDENTIFIERS))
		search_variables(&findings, facts);
	if (!names_sender(&text, facts->business) && !names_sender(&text, facts->legal_name))
		findings.broken |= CONTENT_BIT(CONTENT_SENDER_NAME);
	if (!begins_with_label(&text, facts->language))
		findings.broken |= CONTENT_BIT(CONTENT_PROMOTIONAL_LABEL);
	if (!facts->offer && !facts->template_only)
		findings.broken |= CONTENT_BIT(CONTENT_OFFER_TERMS);
	if (!facts->offer_expires && !facts->template_only)
		findings.broken |= CONTENT_BIT(CONTENT_OFFER_EXPIRY);
	findings.broken &= items;
	return findings;
}

/* Problems -------------------------------------------------------------------------------------------------------------------------------- */

/* One rule's answers on their way to the caller. */
struct telling {
	const struct rule *rule;
	const struct content_facts *facts;
	content_problem_fn *on_problem;
	void *context;
	int count;
};

static void
tell(struct telling *telling, const char *what)
{
	telling->count++;
	if (telling->on_problem != NULL)
		telling->on_problem(telling->context, telling->rule, what);
}

static const char *
words_of_identifiers(const struct findings *findings, char buffer[CONTENT_PROBLEM_MAX])
{
	if (findings->number != IDENTIFIER_NONE)
		snprintf(buffer, CONTENT_PROBLEM_MAX, "the text holds what checks as a %s: leave it out, or show its last four digits only",
			identifier_kind_name(findings->number));
	else if (findings->variable != NULL)
		snprintf(buffer, CONTENT_PROBLEM_MAX,
			"the variable \"%s\" is named like a card, account or identity number: leave it out, or rename it", findings->variable);
	else
		snprintf(buffer, CONTENT_PROBLEM_MAX,
			"the text asks for a card, account or identity number: leave that out, and ask on a secure web page");
	return buffer;
}

static const char *
words_of(enum content_item item, const struct findings *findings, const struct content_facts *facts, char buffer[CONTENT_PROBLEM_MAX])
{
	static const char *const words[CONTENT_COUNT] = {
		[CONTENT_SENDER_NAME] = "the text never says who sends it: write the name of the business as it is recorded",
		[CONTENT_OFFER_TERMS] = "the campaign does not state the terms of its offer: fill in offer_terms",
		[CONTENT_OFFER_EXPIRY] = "the campaign does not state the last day of its offer: fill in offer_expires_on",
		[CONTENT_PROMOTIONAL_LABEL] =
			"the text does not begin by saying that it is advertising: begin it with a label such as \"Promo:\" or \"[AD]\"",
		[CONTENT_SUPPORT_CONTACT] = "the text names no customer service: write a toll-free number or an e-mail address",
		[CONTENT_OPT_OUT] =
			"the text does not say how to opt out: write \"Reply STOP to opt out\" in its language, or a link to unsubscribe",
	};
	if ((FORBIDS & CONTENT_BIT(item)) && findings->cut)
		return "the text is too long to be searched once it is filled in: shorten it or its variables";
	if (item == CONTENT_NO_IDENTIFIERS)
		return words_of_identifiers(findings, buffer);
	if (item == CONTENT_OPT_OUT && facts->one_way)
		return "the sender receives no replies, and the text says no other way to opt out: write a link, a phone number or an e-mail "
			   "address for it";
	if (item != CONTENT_PURE)
		return words[item];
	snprintf(buffer, CONTENT_PROBLEM_MAX, "the text promotes (\"%s\"): leave that out, or send it as marketing", findings->promotion);
	return buffer;
}

static void
tell_identifier(struct telling *telling)
{
	const char *identifier = telling->facts->identifier;
	const size_t wanted = telling->rule->content.identifier_length;
	char buffer[CONTENT_PROBLEM_MAX];
	if (identifier == NULL || identifier[0] == '\0') {
		if (telling->facts->template_only)
			return;
		snprintf(buffer, sizeof(buffer), "the sender has no identifier: fill in the one it is registered under, of %zu characters", wanted);
	} else if (wanted > 0 && text_length(identifier, strlen(identifier)) != wanted) {
		snprintf(buffer, sizeof(buffer), "the sender's identifier \"%s\" has not %zu characters: correct it to the registered one",
			identifier, wanted);
	} else if (!holds_identifier(telling->facts->text, identifier)) {
		snprintf(buffer, sizeof(buffer), "the text does not hold the sender's identifier: write %s", identifier);
	} else {
		return;
	}
	tell(telling, buffer);
}

static void
tell_length(struct telling *telling)
{
	const int64_t length = content_text_length(telling->facts);
	const int allowed = telling->rule->content.max_length;
	char buffer[CONTENT_PROBLEM_MAX];
	if (allowed == 0 || length <= allowed)
		return;
	snprintf(buffer, sizeof(buffer), "the text has up to %lld characters where %d are allowed: shorten it, or the lengths of its variables",
		(long long)length, allowed);
	tell(telling, buffer);
}

static void
tell_language(struct telling *telling)
{
	const struct content_rule *content = &telling->rule->content;
	char buffer[CONTENT_PROBLEM_MAX];
	if (content_admits_language(telling->rule, telling->facts->language))
		return;
	size_t length = (size_t)snprintf(buffer, sizeof(buffer), "the text is in \"%s\": add the template in", telling->facts->language);
	for (size_t i = 0; i < content->language_count && length < sizeof(buffer); i++)
		length += (size_t)snprintf(buffer + length, sizeof(buffer) - length, "%s %s", i > 0 ? " or" : "", content->languages[i]);
	tell(telling, buffer);
}

static void
tell_text(struct telling *telling, const struct findings *findings)
{
	char buffer[CONTENT_PROBLEM_MAX];
	for (int item = 0; item < CONTENT_COUNT; item++)
		if (findings->broken & telling->rule->content.items & CONTENT_BIT(item))
			tell(telling, words_of((enum content_item)item, findings, telling->facts, buffer));
	if (telling->rule->content.items & CONTENT_BIT(CONTENT_IDENTIFIER))
		tell_identifier(telling);
	tell_length(telling);
}

/* Judging --------------------------------------------------------------------------------------------------------------------------------- */

/* BCP 47 compares without case; `outer` is the other or a beginning of it that ends at a hyphen. */
static bool
language_includes(const char *outer, const char *language)
{
	for (; *outer != '\0'; outer++, language++) {
		const char a = (char)(*outer | (*outer >= 'A' && *outer <= 'Z' ? 0x20 : 0));
		const char b = (char)(*language | (*language >= 'A' && *language <= 'Z' ? 0x20 : 0));
		if (a != b)
			return false;
	}
	return *language == '\0' || *language == '-';
}

bool
content_admits_language(const struct rule *rule, const char *language)
{
	for (size_t i = 0; i < rule->content.language_count; i++)
		if (language_includes(rule->content.languages[i], language))
			return true;
	return rule->content.language_count == 0;
}

int
content_judge_text(const struct rule *rule, const struct content_facts *facts, content_problem_fn *on_problem, void *context)
{
	struct telling telling = {.rule = rule, .facts = facts, .on_problem = on_problem, .context = context};
	const struct findings findings = findings_of(facts, rule->content.items);
	tell_text(&telling, &findings);
	return telling.count;
}

static bool
is_in_force(const struct rule *rule, struct date date)
{
	return rule->kind == RULE_CONTENT && rule_is_dated(rule, date);
}

static uint32_t
items_of(const struct rule_list *list, struct date date)
{
	uint32_t items = 0;
	for (size_t i = 0; i < list->count; i++)
		if (is_in_force(list->items[i], date))
			items |= list->items[i]->content.items;
	return items;
}

static int
tell_list(const struct rule_list *list, struct date date, const struct findings *findings, struct telling *telling)
{
	telling->count = 0;
	for (size_t i = 0; i < list->count; i++)
		if (is_in_force(list->items[i], date)) {
			telling->rule = list->items[i];
			tell_language(telling);
			tell_text(telling, findings);
		}
	return telling->count;
}

int
content_judge(const struct law *law, struct date date, const struct content_facts *facts, content_problem_fn *on_problem, void *context)
{
	const struct rule_list *binding = &law->of[RULE_CONTENT];
	const struct findings findings = findings_of(facts, items_of(binding, date) | items_of(&law->advice, date));
	struct telling telling = {.facts = facts, .on_problem = on_problem, .context = context};
	const int count = tell_list(binding, date, &findings, &telling);
	tell_list(&law->advice, date, &findings, &telling);
	return count;
}

/* One person ------------------------------------------------------------------------------------------------------------------------------ */

static uint32_t
broken_by_values(const struct content_facts *facts, uint32_t items)
{
	struct findings findings = {.number = IDENTIFIER_NONE};
	struct content_text text;
	struct sentence sentence = {.until = text.bytes};
	content_text_fill(&text, facts);
	if (text.folded.cut)
		return items;
	while ((items & ~findings.broken) && content_text_next(&text, &sentence))
		if (sentence.has_value)
			search_forbidden(&findings, &text, &sentence, items, facts->language);
	return findings.broken;
}

const struct rule *
content_judge_values(const struct law *law, struct date date, const struct content_facts *facts)
{
	const struct rule_list *list = &law->of[RULE_CONTENT];
	if (facts->variable_count == 0)
		return NULL;
	const uint32_t items = items_of(list, date) & FORBIDS;
	const uint32_t broken = items ? broken_by_values(facts, items) : 0;
	int64_t length = -1;
	for (size_t i = 0; i < list->count; i++) {
		const struct content_rule *content = &list->items[i]->content;
		if (!is_in_force(list->items[i], date))
			continue;
		if (content->max_length > 0 && length < 0)
			length = content_text_length(facts);
		if ((content->items & broken) || (content->max_length > 0 && length > content->max_length))
			return list->items[i];
	}
	return NULL;
}
