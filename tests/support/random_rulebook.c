#include "tests/support/random_rulebook.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/law_fixture.h"
#include "tests/support/temp.h"

const char *const random_regions[RANDOM_REGIONS] = {"BR", "IN", "US", "US-NY", "US-TX"};
const char *const random_words[RANDOM_WORDS] = {
	"number:US", "sender:IN", "sender_type:short_code", "tag:alcohol", "template:free_form", "consent:customer", "consent:night_hours"};
static const char *const languages[] = {"pt", "pt-BR", "en", "en-GB"};
static const char *const trusts[] = {"", "low", "high"};

static struct duration
random_days(struct random_source *random, int64_t low, int64_t high)
{
	return (struct duration){random_between(random, low, high) * US_PER_DAY};
}

/* Each of the lower `count` bits with this chance. */
static uint32_t
random_bits(struct random_source *random, unsigned count, unsigned percent)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < count; i++)
		bits |= (uint32_t)random_chance(random, percent) << i;
	return bits;
}

/* Kinds ----------------------------------------------------------------------------------------------------------------------------------- */

static void
make_consent(struct random_source *random, struct rule *rule)
{
	rule->consent.required = random_chance(random, 50);
	rule->consent.evidence = random_bits(random, EVIDENCE_COUNT, 12);
	if (random_chance(random, 30))
		rule->consent.good_for = random_days(random, 1, 4);
}

static void
make_content(struct random_source *random, struct rule *rule)
{
	rule->content.items = random_bits(random, CONTENT_COUNT, 12);
	if (random_chance(random, 30))
		rule->content.items |= CONTENT_BIT(random_chance(random, 50) ? CONTENT_PURE : CONTENT_PROMOTIONAL_LABEL);
	rule->content.max_length = (uint16_t)(random_chance(random, 50) ? random_between(random, 1, 4) : 0);
	rule->content.identifier_length = (uint8_t)(random_chance(random, 20) ? random_between(random, 1, 2) : 0);
	rule->content.language_count = (uint8_t)random_below(random, 3);
	for (size_t i = 0; i < rule->content.language_count; i++)
		strcpy(rule->content.languages[i], languages[random_below(random, 4)]);
}

static void
make_template(struct random_source *random, struct rule *rule)
{
	rule->template.approved = random_chance(random, 50);
	rule->template.own_purpose = random_chance(random, 30);
	rule->template.max_variables = (uint8_t)random_below(random, 3);
	if (random_chance(random, 30))
		rule->template.idle = random_days(random, 1, 4);
}

static void
make_session(struct random_source *random, struct rule *rule)
{
	rule->session.length = random_days(random, 1, 4);
}

static void
make_record(struct random_source *random, struct rule *rule)
{
	snprintf(rule->record.item, sizeof(rule->record.item), "i%d", (int)random_below(random, RANDOM_VOCABULARY));
}

static void
make_prohibition(struct random_source *random, struct rule *rule)
{
	rule->prohibition.sources = random_chance(random, 50);
	rule->prohibition.tag_count = (uint8_t)random_between(random, 1, 2);
	for (size_t i = 0; i < rule->prohibition.tag_count; i++)
		snprintf(rule->prohibition.tags[i], TAG_MAX, "%c%d", rule->prohibition.sources ? 's' : 't',
			(int)random_below(random, RANDOM_VOCABULARY));
}

static void
make_volume(struct random_source *random, struct rule *rule)
{
	rule->volume.length.us = US_PER_DAY;
	rule->volume.n = (int32_t)random_between(random, 1, 4);
	rule->volume.tier_count = (uint8_t)random_below(random, 3);
	for (size_t i = 0; i < rule->volume.tier_count; i++) {
		strcpy(rule->volume.tiers[i].trust, trusts[random_between(random, 1, 2)]);
		rule->volume.tiers[i].n = random_chance(random, 20) ? INT32_MAX : (int32_t)random_below(random, 5);
	}
}

static void
make_rate(struct random_source *random, struct rule *rule)
{
	rule->rate = (struct rate_rule){.n = (int32_t)random_between(random, 1, 3), .per = random_days(random, 1, 4)};
}

static void
make_opt_out(struct random_source *random, struct rule *rule)
{
	rule->opt_out.confirmation = (enum confirmation)random_below(random, 3);
}

static void
make_retention(struct random_source *random, struct rule *rule)
{
	rule->retention.data = (enum data_class)random_below(random, 2);
	rule->retention.after = (enum data_event)random_below(random, DATA_EVENT_COUNT);
	rule->retention.min = random_days(random, 0, 3);
	rule->retention.max = random_days(random, 0, 4);
}

static void
make_note(struct random_source *random, struct rule *rule)
{
	(void)random;
	(void)rule; /* its text is nobody's business here */
}

static struct rule
as_preference(struct rule window)
{
	window.kind = RULE_PREFERENCE;
	window.window.emergency = false;
	window.window.fixed_zone[0] = '\0';
	return window;
}

static struct rule
random_rule(struct random_source *random, struct instant near)
{
	static const struct {
		enum rule_kind kind;
		void (*make)(struct random_source *random, struct rule *rule);
	} kinds[] = {{RULE_CONSENT, make_consent}, {RULE_CONTENT, make_content}, {RULE_TEMPLATE, make_template}, {RULE_SESSION, make_session},
		{RULE_RECORD, make_record}, {RULE_PROHIBITION, make_prohibition}, {RULE_VOLUME, make_volume}, {RULE_RATE, make_rate},
		{RULE_OPT_OUT, make_opt_out}, {RULE_RETENTION, make_retention}, {RULE_NOTE, make_note}};
	const size_t kind = random_below(random, sizeof(kinds) / sizeof(kinds[0]) + 4);
	const struct rule dated = random_window_rule(random, near);
	if (kind == 0 && random_chance(random, 30))
		return as_preference(dated);
	if (kind < 2)
		return dated;
	if (kind < 4)
		return random_cap_rule(random);
	struct rule rule = {
		.kind = kinds[kind - 4].kind, .categories = dated.categories, .channels = dated.channels, .from = dated.from, .until = dated.until};
	kinds[kind - 4].make(random, &rule);
	return rule;
}

/* Conditions ------------------------------------------------------------------------------------------------------------------------------ */

static void
write_condition(struct random_source *random, char *text, size_t room, int depth)
{
	const size_t length = strlen(text);
	const uint64_t word = random_below(random, RANDOM_WORDS + 2);
	const char *not = random_chance(random, 30) ? "not " : "";
	if (depth < 2 && random_chance(random, 40)) {
		snprintf(text + length, room - length, "%s(", not );
		write_condition(random, text, room, depth + 1);
		strcat(text, random_chance(random, 50) ? " and " : " or ");
		write_condition(random, text, room, depth + 1);
		strcat(text, ")");
	} else if (word < RANDOM_WORDS) {
		snprintf(text + length, room - length, "%s%s", not, random_words[word]);
	} else {
		snprintf(text + length, room - length, "%sregion:%s", not, random_regions[random_below(random, RANDOM_REGIONS)]);
	}
}

static struct predicate *
random_condition(struct random_source *random)
{
	char text[PREDICATE_TEXT_MAX] = "";
	struct predicate *predicate = NULL;
	struct err err = ERR_INIT;
	write_condition(random, text, sizeof(text), 0);
	if (predicate_parse(text, &predicate, &err) != STATUS_OK)
		support_fail("random condition %s: %s", text, err.primary);
	return predicate;
}

static void
add_conditions(struct random_source *random, struct rule *rule)
{
	if (random_chance(random, 30))
		rule->when = random_condition(random);
	rule->exception_count = (uint8_t)(random_chance(random, 30) ? random_between(random, 1, 2) : 0);
	for (size_t i = 0; i < rule->exception_count; i++)
		rule->exceptions[i] = (struct exception){.condition = random_condition(random), .on = random_chance(random, 70)};
	rule->waivable = random_chance(random, 30);
	rule->off = random_chance(random, 10);
}

/* Rulebooks ------------------------------------------------------------------------------------------------------------------------------- */

static void
fill_regime(struct random_source *random, struct random_rulebook *out, size_t i, struct instant near)
{
	struct regime *regime = &out->regimes[i];
	snprintf(regime->id, sizeof(regime->id), "r%zu", i);
	regime->everywhere = random_chance(random, 30);
	for (regime->region_count = 0; regime->region_count < 2 && !regime->everywhere; regime->region_count++)
		strcpy(regime->regions[regime->region_count], random_regions[random_below(random, RANDOM_REGIONS)]);
	regime->status = random_chance(random, 85) ? REGIME_ENFORCED : random_chance(random, 50) ? REGIME_ADVISORY : REGIME_OFF;
	regime->rules = out->rules[i];
	regime->rule_count = random_below(random, RANDOM_RULES_MAX + 1);
	for (size_t j = 0; j < regime->rule_count; j++) {
		struct rule *rule = &regime->rules[j];
		*rule = random_rule(random, near);
		add_conditions(random, rule);
		if (random_chance(random, 20))
			rule->categories = random_bits(random, CATEGORY_COUNT, 30) | CATEGORY_BIT(random_below(random, CATEGORY_COUNT));
		rule->strength = random_chance(random, 70) ? STRENGTH_MUST : (enum strength)random_below(random, 3);
		rule->digest = random_next(random);
		snprintf(rule->id, sizeof(rule->id), "r%zu.%zu", i, j);
	}
}

void
random_rulebook_fill(struct random_source *random, struct random_rulebook *out, struct instant near)
{
	*out = (struct random_rulebook){.book = {.regimes = out->regimes, .regime_count = 2 + random_below(random, RANDOM_REGIMES_MAX - 1)}};
	out->book.should = random_chance(random, 70) ? SHOULD_BLOCK : (enum should_policy)random_below(random, 3);
	for (size_t i = 0; i < out->book.regime_count; i++)
		fill_regime(random, out, i, near);
}

void
random_rulebook_copy(struct random_rulebook *out, const struct random_rulebook *from)
{
	*out = *from;
	out->book.regimes = out->regimes;
	for (size_t i = 0; i < out->book.regime_count; i++)
		out->regimes[i].rules = out->rules[i];
}

void
random_rulebook_clear(struct random_rulebook *rulebook)
{
	for (size_t i = 0; i < rulebook->book.regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			struct rule *rule = &rulebook->regimes[i].rules[j];
			predicate_free(&rule->when);
			for (size_t k = 0; k < rule->exception_count; k++)
				predicate_free(&rule->exceptions[k].condition);
		}
}

struct naive_send
random_send(struct random_source *random, struct date near)
{
	return (struct naive_send){
		.date = {near.days + (int32_t)random_between(random, -4, 4)},
		.consented = random_chance(random, 80),
		.evidence = random_bits(random, EVIDENCE_COUNT, 80),
		.consent_age = random_days(random, 0, 4),
		.length = (int)random_between(random, 1, 4),
		.identifier_length = (int)random_between(random, 1, 2),
		.language = languages[random_below(random, 4)],
		.items = random_bits(random, CONTENT_COUNT, 80),
		.free_form = random_chance(random, 40),
		.approved = random_chance(random, 80),
		.own_purpose = random_chance(random, 80),
		.variables = (int)random_below(random, 3),
		.idle = random_days(random, 0, 4),
		.since_reply = random_days(random, 0, 4),
		.records = random_bits(random, RANDOM_VOCABULARY, 75),
		.tags = random_bits(random, RANDOM_VOCABULARY, 25),
		.source = (int)random_below(random, RANDOM_VOCABULARY),
		.sent = (int32_t)random_below(random, 4),
		.trust = trusts[random_below(random, 3)],
		.gap = random_days(random, 0, 4),
		.confirms = random_chance(random, 50),
		.kept = random_days(random, 0, 4),
	};
}
