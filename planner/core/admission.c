/*
 * One pass over the rules, step by step in the order of the header. Each rule yields the stretches in which it is broken; they are united, and the first
 * gap within the span is what remains. The union is a short array: where there are more stretches than it holds, the two that lie closest become
 * one, which never permits more.
 */
#include "admission.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "breaks.h"
#include "candidate_days.h"

enum { WHAT_MAX = CONTENT_PROBLEM_MAX };

enum step { PROHIBITION, REGISTRATION, ATTESTATION, TEMPLATE, LANGUAGE, CONTENT, OFFER, STEP_COUNT };

static const struct {
	enum rule_kind kind;
	enum reason reason;
} steps[STEP_COUNT] = {
	[PROHIBITION] = {RULE_PROHIBITION, REASON_PROHIBITED},
	[REGISTRATION] = {RULE_RECORD, REASON_NOT_REGISTERED},
	[ATTESTATION] = {RULE_RECORD, REASON_NOT_ATTESTED},
	[TEMPLATE] = {RULE_TEMPLATE, REASON_TEMPLATE_NOT_APPROVED},
	[LANGUAGE] = {RULE_CONTENT, REASON_LANGUAGE},
	[CONTENT] = {RULE_CONTENT, REASON_CONTENT},
	[OFFER] = {RULE_CONTENT, REASON_OFFER_EXPIRED},
};

struct hearing {
	const struct law *law;
	const struct terms *terms;
	const struct variant *variant;
	struct candidate_zones zones;
	struct interval span; /* at least one microsecond */
	admission_problem_fn *on_problem;
	void *context;
	bool session_covers; /* free form, and a session rule is in force throughout */
	/* Of the rule at hand. */
	const struct rule *rule;
	enum reason reason;
	struct interval force; /* within the span */
	struct breaks own;
	/* Of all. */
	struct breaks all;
	const struct rule *throughout, *at_first;
	enum reason throughout_reason, at_first_reason;
};

static const struct instant BEGINNING = {INT64_MIN}, END = {INT64_MAX};

/* What is broken -------------------------------------------------------------------------------------------------------------------------- */

/* The rule at hand is broken in [from, until): takes that away, and tells of it when it touches the time in question. */
static void
refuse(struct hearing *hearing, struct instant from, struct instant until, const char *what)
{
	const struct interval broken = interval_clip((struct interval){from, until}, hearing->force);
	if (interval_is_empty(broken))
		return;
	breaks_add(&hearing->own, broken);
	if (hearing->on_problem != NULL && what != NULL)
		hearing->on_problem(hearing->context, hearing->rule, hearing->reason, what);
}

static void
judge_prohibition(struct hearing *hearing)
{
	const struct prohibition_rule *prohibition = &hearing->rule->prohibition;
	char what[WHAT_MAX];
	for (size_t i = 0; i < hearing->terms->tag_count && !prohibition->sources; i++)
		for (size_t j = 0; j < prohibition->tag_count; j++) {
			if (strcmp(hearing->terms->tags[i], prohibition->tags[j]) != 0)
				continue;
			snprintf(what, sizeof(what), "\"%s\" is forbidden there%s: leave these people out, or the tag where it does not apply",
				prohibition->tags[j], prohibition->absolute ? ", whatever licence the business holds" : "");
			refuse(hearing, BEGINNING, END, what);
		}
}

static void
judge_record(struct hearing *hearing)
{
	const struct record_rule *rule = &hearing->rule->record;
	const struct attestations records = {hearing->terms->attestations, hearing->terms->attestation_count, hearing->variant->template};
	char what[WHAT_MAX];
	bool told = false; /* one sentence for all gaps */
	if (hearing->terms->template_only && (rule->subject == SUBJECT_SENDER || rule->subject == SUBJECT_CAMPAIGN))
		return;
	for (struct instant at = hearing->force.from, next; at.us < hearing->force.until.us; at = next) {
		const struct instant covered = attestations_cover(&records, rule, &hearing->zones, at, &next);
		if (covered.us >= hearing->force.until.us)
			return;
		if (!told)
			attestations_describe(&records, rule, &hearing->zones, hearing->force.from, what, sizeof(what));
		refuse(hearing, covered, next, told ? NULL : what);
		told = true;
	}
}

/* Template -------------------------------------------------------------------------------------------------------------------------------- */

static void
judge_approval(struct hearing *hearing)
{
	const struct template_rule *rule = &hearing->rule->template;
	const struct variant *variant = hearing->variant;
	char what[WHAT_MAX], lead[48] = "";
	if (rule->lead_time.us > 0)
		snprintf(lead, sizeof(lead), ", which takes about %d days", (int)(rule->lead_time.us / US_PER_DAY % 10000));
	if (!variant->approved) {
		const struct instant earliest = instant_add(hearing->span.from, rule->lead_time);
		snprintf(what, sizeof(what), "the template in \"%s\" is not approved: have it approved%s, then import it with that status",
			variant->language, lead);
		refuse(hearing, BEGINNING, rule->approved ? END : earliest, what);
	} else if (rule->approved && variant->approved_on.days != INT32_MIN) {
		refuse(hearing, BEGINNING, day_begins_everywhere(&hearing->zones, variant->approved_on),
			"the template's approval lies in the future: let the campaign begin later, or correct approved_on");
	}
}

static void
judge_idleness(struct hearing *hearing)
{
	const struct variant *variant = hearing->variant;
	const struct date last = variant->last_used_on.days != INT32_MIN ? variant->last_used_on : variant->approved_on;
	const int days = (int)(hearing->rule->template.idle.us / US_PER_DAY % 10000);
	char what[WHAT_MAX];
	if (hearing->rule->template.idle.us <= 0)
		return;
	snprintf(what, sizeof(what),
		"the template in \"%s\" was not used for %d days%s: have it confirmed, then import it with its new approved_on", variant->language,
		days, last.days == INT32_MIN ? " as far as is known" : "");
	const struct instant idle =
		last.days == INT32_MIN ? BEGINNING : day_begins_somewhere(&hearing->zones, date_after(last, hearing->rule->template.idle));
	refuse(hearing, idle, END, what);
}

static void
judge_template(struct hearing *hearing)
{
	const struct template_rule *rule = &hearing->rule->template;
	const struct variant *variant = hearing->variant;
	char what[WHAT_MAX];
	if (!hearing->session_covers) {
		if (rule->approved || rule->lead_time.us > 0)
			judge_approval(hearing);
		judge_idleness(hearing);
	}
	if (rule->own_purpose && !hearing->terms->template_only && variant->category != hearing->terms->category) {
		snprintf(what, sizeof(what), "the template is for %s, the campaign is %s: use a template of its own",
			category_name(variant->category), category_name(hearing->terms->category));
		refuse(hearing, BEGINNING, END, what);
	}
	if (rule->max_variables > 0 && variant->variable_count > rule->max_variables) {
		snprintf(what, sizeof(what), "the template in \"%s\" has %zu variables where %d are allowed: leave some out", variant->language,
			variant->variable_count, rule->max_variables);
		refuse(hearing, BEGINNING, END, what);
	}
}

/* Content --------------------------------------------------------------------------------------------------------------------------------- */

static void
judge_language(struct hearing *hearing)
{
	char what[WHAT_MAX];
	if (content_admits_language(hearing->rule, hearing->variant->language))
		return;
	snprintf(
		what, sizeof(what), "the template is in \"%s\": add it in \"%s\"", hearing->variant->language, hearing->rule->content.languages[0]);
	refuse(hearing, BEGINNING, END, what);
}

static void
on_content_problem(void *context, const struct rule *rule, const char *what)
{
	(void)rule;
	refuse(context, BEGINNING, END, what);
}

struct content_facts
admission_content_facts(const struct terms *terms, const struct variant *variant)
{
	return (struct content_facts){.text = variant->text,
		.language = variant->language,
		.variables = variant->variables,
		.variable_count = variant->variable_count,
		.business = terms->business,
		.legal_name = terms->legal_name,
		.identifier = terms->identifier,
		.offer = terms->has_offer_terms,
		.offer_expires = terms->offer_expires,
		.template_only = terms->template_only,
		.one_way = terms->one_way};
}

static void
judge_content(struct hearing *hearing)
{
	const struct content_facts facts = admission_content_facts(hearing->terms, hearing->variant);
	content_judge_text(hearing->rule, &facts, on_content_problem, hearing);
}

static void
judge_offer(struct hearing *hearing)
{
	const struct terms *terms = hearing->terms;
	if (!terms->offer_expires || terms->template_only || !(hearing->rule->content.items & CONTENT_BIT(CONTENT_OFFER_EXPIRY)))
		return;
	const struct instant over = day_begins_somewhere(&hearing->zones, date_after(terms->offer_expires_on, (struct duration){US_PER_DAY}));
	refuse(hearing, over, END, "the offer ends before the message could leave: let it run longer, or the campaign end with it");
}

/* Judging --------------------------------------------------------------------------------------------------------------------------------- */

static void (*const judges[STEP_COUNT])(struct hearing *) = {
	[PROHIBITION] = judge_prohibition,
	[REGISTRATION] = judge_record,
	[ATTESTATION] = judge_record,
	[TEMPLATE] = judge_template,
	[LANGUAGE] = judge_language,
	[CONTENT] = judge_content,
	[OFFER] = judge_offer,
};

static bool
belongs_to(const struct rule *rule, enum step step)
{
	if (rule->kind != steps[step].kind)
		return false;
	return rule->kind != RULE_RECORD || (step == REGISTRATION) == (rule->record.purpose == RECORD_REGISTRATION);
}

static void
judge_rule(struct hearing *hearing, const struct rule *rule, enum step step, enum reason reason)
{
	hearing->rule = rule;
	hearing->reason = reason;
	hearing->own.count = 0;
	if (!belongs_to(rule, step))
		return;
	hearing->force = interval_clip(rule_in_force_somewhere(rule, &hearing->zones), hearing->span);
	if (!interval_is_empty(hearing->force))
		judges[step](hearing);
}

/* What the rule at hand takes away from the span. */
static void
take_away(struct hearing *hearing)
{
	const struct breaks *own = &hearing->own;
	for (size_t i = 0; i < own->count; i++)
		breaks_add(&hearing->all, own->items[i]);
	if (own->count == 0 || own->items[0].from.us > hearing->span.from.us)
		return;
	if (hearing->at_first == NULL) {
		hearing->at_first = hearing->rule;
		hearing->at_first_reason = hearing->reason;
	}
	if (hearing->throughout == NULL && own->items[0].until.us >= hearing->span.until.us) {
		hearing->throughout = hearing->rule;
		hearing->throughout_reason = hearing->reason;
	}
}

static void
judge_all(struct hearing *hearing)
{
	const struct law *law = hearing->law;
	for (enum step step = 0; step < STEP_COUNT; step++) {
		const struct rule_list *list = &law->of[steps[step].kind];
		for (size_t i = 0; i < list->count; i++) {
			judge_rule(hearing, list->items[i], step, steps[step].reason);
			take_away(hearing);
		}
	}
	for (enum step step = 0; step < STEP_COUNT && hearing->on_problem != NULL; step++)
		for (size_t i = 0; i < law->advice.count; i++)
			judge_rule(hearing, law->advice.items[i], step, REASON_NONE);
}

/* The shortest service window of all rules in force within the span. */
static void
find_session(struct hearing *hearing, struct admission *admission)
{
	const struct rule_list *list = &hearing->law->of[RULE_SESSION];
	for (size_t i = 0; i < list->count && hearing->variant->free_form; i++) {
		const struct duration length = list->items[i]->session.length;
		if (interval_is_empty(interval_clip(rule_in_force_somewhere(list->items[i], &hearing->zones), hearing->span)))
			continue;
		if (!admission->needs_session || length.us < admission->session.us)
			admission->session = length;
		admission->needs_session = true;
		hearing->session_covers = hearing->session_covers || rule_in_force_throughout(list->items[i], &hearing->zones, hearing->span);
	}
}

struct admission
admission_judge(const struct law *law, const struct terms *terms, const struct variant *variant, const struct zone *const *zones,
	size_t zone_count, struct interval span, admission_problem_fn *on_problem, void *context)
{
	struct hearing hearing = {.law = law,
		.terms = terms,
		.variant = variant,
		.zones = {zones, zone_count},
		.span = {span.from, instant_max(span.until, (struct instant){span.from.us + 1})},
		.on_problem = on_problem,
		.context = context};
	struct admission admission = {.reason = REASON_NONE};
	assert(zone_count > 0);
	find_session(&hearing, &admission);
	judge_all(&hearing);
	admission.valid = breaks_first_gap(&hearing.all, hearing.span);
	if (interval_is_empty(admission.valid)) {
		admission.rule = hearing.throughout != NULL ? hearing.throughout : hearing.at_first;
		admission.reason = hearing.throughout != NULL ? hearing.throughout_reason : hearing.at_first_reason;
	}
	if (interval_is_empty(admission.valid) || interval_is_empty(span))
		admission.valid = (struct interval){span.until, span.until};
	return admission;
}

/* Choosing -------------------------------------------------------------------------------------------------------------------------------- */

static size_t
primary_length(const char *language)
{
	return strcspn(language, "-");
}

/* How well a variant suits: in the very language, in a shorter form of it (the longer the better), in another form of it, or just a variant. */
static size_t
suits(const char *language, const char *wanted)
{
	const size_t length = strlen(language), primary = primary_length(language);
	if (strcmp(language, wanted) == 0)
		return SIZE_MAX;
	if (length > 0 && strncmp(language, wanted, length) == 0 && wanted[length] == '-')
		return length + 2;
	return primary > 0 && primary == primary_length(wanted) && strncmp(language, wanted, primary) == 0 ? 2 : 1;
}

size_t
admission_choose_variant(const struct terms *terms, const bool *admitted, enum arm arm, const char *wanted)
{
	size_t best = terms->variant_count, best_suits = 0;
	for (size_t i = 0; i < terms->variant_count; i++) {
		const size_t here = admitted[i] && terms->variants[i].arm == arm ? suits(terms->variants[i].language, wanted) : 0;
		if (here > best_suits) {
			best = i;
			best_suits = here;
		}
	}
	return best;
}

/* Sources of consent ---------------------------------------------------------------------------------------------------------------------- */

static char
plain(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte | 0x20);
	return byte == '-' || byte == '_' ? ' ' : byte;
}

static bool
same_word(const char *a, const char *b)
{
	for (; *a != '\0' && plain(*a) == plain(*b); a++)
		b++;
	return *a == '\0' && *b == '\0';
}

const struct rule *
prohibition_of_source(const struct law *law, struct date date, const char *word)
{
	const struct rule_list *list = &law->of[RULE_PROHIBITION];
	for (size_t i = 0; i < list->count; i++) {
		const struct prohibition_rule *prohibition = &list->items[i]->prohibition;
		for (size_t j = 0; j < prohibition->tag_count && prohibition->sources && rule_is_dated(list->items[i], date); j++)
			if (same_word(prohibition->tags[j], word))
				return list->items[i];
	}
	return NULL;
}
