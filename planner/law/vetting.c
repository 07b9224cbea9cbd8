/*
 * How it works: for one place the problems of all languages of a text are collected first, because whether they bind depends on whether any language is
 * admitted.
 */
#include "vetting.h"

#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"
#include "vetting_findings.h"

/* Of one place and one language. */
struct problem {
	const struct rule *rule;
	enum reason reason;
	char *what;
	size_t variant;
};

struct vetting {
	struct vetting_setup setup;
	struct terms terms; /* the setup's with what is assumed */
	struct attestation *attestations;
	struct class_words *words;
	const char **facts; /* of one class */
	struct problem *problems;
	size_t problem_count, problem_room;
	struct vetting_findings *findings;
	size_t place_count;
	int64_t people_refused;
	bool no_memory;
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while a campaign is vetted");
}

/* What is assumed ------------------------------------------------------------------------------------------------------------------------- */

static bool
is_assumed(const struct vetting *vetting, const struct rule *rule)
{
	if (rule->kind != RULE_RECORD)
		return false;
	for (size_t i = 0; i < vetting->setup.assumption_count; i++) {
		const struct vetting_assumption *assumption = &vetting->setup.assumptions[i];
		if (assumption->subject == rule->record.subject && (assumption->item == NULL || strcmp(assumption->item, rule->record.item) == 0))
			return true;
	}
	return false;
}

static size_t
count_rules(const struct rulebook *rulebook)
{
	size_t count = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		count += rulebook->regimes[i].rule_count;
	return count;
}

/* Given some days before the span, so that the record counts in every zone, and for ever. */
static struct attestation
assumed(const struct vetting *vetting, const struct record_rule *record)
{
	const struct date given = {wall_date((struct wall){vetting->setup.span.from.us}).days - 3};
	return (struct attestation){.subject = record->subject, .item = record->item, .given_on = given, .valid_until = {INT32_MAX}};
}

static enum status
assume(struct vetting *vetting)
{
	const struct rulebook *rulebook = vetting->setup.rulebook;
	struct terms *terms = &vetting->terms;
	vetting->attestations = calloc(terms->attestation_count + count_rules(rulebook) + 1, sizeof *vetting->attestations);
	if (vetting->attestations == NULL)
		return STATUS_NO_MEMORY;
	if (terms->attestation_count > 0)
		memcpy(vetting->attestations, terms->attestations, terms->attestation_count * sizeof *vetting->attestations);
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++) {
			const struct rule *rule = &rulebook->regimes[i].rules[r];
			if (is_assumed(vetting, rule))
				vetting->attestations[terms->attestation_count++] = assumed(vetting, &rule->record);
		}
	terms->attestations = vetting->attestations;
	return STATUS_OK;
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------ */

enum status
vetting_create(const struct vetting_setup *setup, struct vetting **out, struct err *err)
{
	struct vetting *vetting = calloc(1, sizeof *vetting);
	*out = vetting;
	if (vetting == NULL)
		return no_memory(err);
	vetting->setup = *setup;
	vetting->terms = *setup->terms;
	enum status status = assume(vetting) == STATUS_OK ? STATUS_OK : no_memory(err);
	if (status == STATUS_OK && vetting_findings_create(&vetting->terms, &vetting->findings) != STATUS_OK)
		status = no_memory(err);
	if (status == STATUS_OK)
		status = class_words_create(setup->rulebook, setup->words, &vetting->words, err);
	if (status == STATUS_OK && (vetting->facts = calloc(class_words_limit(vetting->words) + 1, sizeof *vetting->facts)) == NULL)
		status = no_memory(err);
	if (status != STATUS_OK)
		vetting_free(out);
	return status;
}

static void
drop_problems(struct vetting *vetting)
{
	for (size_t i = 0; i < vetting->problem_count; i++)
		free(vetting->problems[i].what);
	vetting->problem_count = 0;
}

void
vetting_free(struct vetting **vetting)
{
	struct vetting *gone = *vetting;
	*vetting = NULL;
	if (gone == NULL)
		return;
	drop_problems(gone);
	vetting_findings_free(&gone->findings);
	class_words_free(&gone->words);
	free(gone->facts);
	free(gone->attestations);
	free(gone->problems);
	free(gone);
}

/* One place ------------------------------------------------------------------------------------------------------------------------------- */

struct asking {
	struct vetting *vetting;
	size_t variant;
};

static void
on_problem(void *context, const struct rule *rule, enum reason reason, const char *what)
{
	const struct asking *asking = context;
	struct vetting *vetting = asking->vetting;
	if (rule != NULL && is_assumed(vetting, rule))
		return;
	struct problem *problems = grow(vetting->problems, vetting->problem_count, &vetting->problem_room, sizeof *problems);
	char *copy = strdup(what);
	if (problems != NULL)
		vetting->problems = problems;
	if (problems == NULL || copy == NULL) {
		free(copy);
		vetting->no_memory = true;
		return;
	}
	problems[vetting->problem_count++] = (struct problem){rule, reason, copy, asking->variant};
}

/* What a place is to the law. */
struct vetted_place {
	const char *const *regions;
	size_t region_count;
	const struct zone *zones[PLACE_ZONES_MAX];
	const char *const *zone_names;
	size_t zone_count;
	const struct number_place *number;
	struct interval span;
};

/* Collects the problems of one language; tells whether it is admitted. */
static enum status
ask(struct vetting *vetting, const struct vetted_place *place, enum message_order order, size_t index, bool *out_admitted, struct err *err)
{
	const struct variant *variant = &vetting->terms.variants[index];
	const struct word_person person = {.number = place->number,
		.free_form = variant->free_form,
		.order = order,
		.zones = place->zones,
		.zone_count = place->zone_count,
		.until = place->span.until};
	const struct class_facts facts = {.regions = place->regions,
		.region_count = place->region_count,
		.zones = place->zone_names,
		.zone_count = place->zone_count,
		.category = vetting->terms.category,
		.channel = vetting->setup.channel,
		.facts = vetting->facts,
		.fact_count = class_words_of(vetting->words, &person, vetting->facts)};
	struct asking asking = {vetting, index};
	struct law law = LAW_INIT;
	enum status status = law_merge(vetting->setup.rulebook, &facts, &law, err);
	if (status != STATUS_OK)
		return status;
	const struct admission admission =
		admission_judge(&law, &vetting->terms, variant, place->zones, place->zone_count, place->span, on_problem, &asking);
	*out_admitted = admission.reason == REASON_NONE;
	law_free(&law);
	return vetting->no_memory ? no_memory(err) : STATUS_OK;
}

/* Findings -------------------------------------------------------------------------------------------------------------------------------- */

/* That a text is in the wrong language says nothing where another text is in the right one. */
static bool
is_other_language(const struct vetting *vetting, const struct problem *problem)
{
	if (problem->reason != REASON_LANGUAGE)
		return false;
	const struct variant *variants = vetting->terms.variants;
	for (size_t v = 0; v < vetting->terms.variant_count; v++) {
		bool wrong = variants[v].arm != variants[problem->variant].arm;
		for (size_t i = 0; i < vetting->problem_count; i++)
			wrong |= vetting->problems[i].reason == REASON_LANGUAGE && vetting->problems[i].variant == v;
		if (!wrong)
			return true;
	}
	return false;
}

/* The problems from `first` on. */
static enum status
record(struct vetting *vetting, const struct vetted_place *place, size_t first, int64_t people, bool binds)
{
	const struct vetting_where where = {place->regions, place->region_count, people, vetting->place_count};
	enum status status = STATUS_OK;
	for (size_t i = first; i < vetting->problem_count && status == STATUS_OK; i++) {
		const struct problem *problem = &vetting->problems[i];
		if (!is_other_language(vetting, problem))
			status = vetting_findings_add(vetting->findings,
				&(struct vetting_problem){problem->rule, binds ? problem->reason : REASON_NONE, problem->what, problem->variant}, &where);
	}
	return status;
}

/* A campaign that is over there is vetted as if it were on for a day: what is wrong with it is wrong for the next one. */
static struct interval
span_of(const struct vetting *vetting, const struct vetted_place *place)
{
	struct interval span = vetting->setup.span;
	if (vetting->setup.campaign != NULL) {
		const struct interval campaign = campaign_span(vetting->setup.campaign, place->zones, place->zone_count);
		span = (struct interval){instant_max(span.from, campaign.from), instant_min(span.until, campaign.until)};
	}
	if (span.from.us >= span.until.us)
		span = (struct interval){vetting->setup.span.from, {vetting->setup.span.from.us + US_PER_DAY}};
	return span;
}

/* Everything that is wrong with the texts of an arm. */
static enum status
ask_arm(
	struct vetting *vetting, const struct vetted_place *place, enum arm arm, enum message_order order, bool *out_admitted, struct err *err)
{
	enum status status = STATUS_OK;
	*out_admitted = false;
	for (size_t v = 0; v < vetting->terms.variant_count && status == STATUS_OK; v++) {
		bool admitted = false;
		if (vetting->terms.variants[v].arm != arm)
			continue;
		status = ask(vetting, place, order, v, &admitted, err);
		*out_admitted |= admitted;
	}
	return status;
}

/* Drops of the problems from `first` on those that are among the ones before. */
static void
drop_known(struct vetting *vetting, size_t first)
{
	size_t kept = first;
	for (size_t i = first; i < vetting->problem_count; i++) {
		const struct problem *problem = &vetting->problems[i];
		bool known = false;
		for (size_t j = 0; j < first; j++)
			known = known ||
				(vetting->problems[j].rule == problem->rule && vetting->problems[j].variant == problem->variant &&
					strcmp(vetting->problems[j].what, problem->what) == 0);
		if (known)
			free(problem->what);
		else
			vetting->problems[kept++] = *problem;
	}
	vetting->problem_count = kept;
}

/* The texts of an arm, whose messages are not the first to anybody, or only the first. */
static enum status
vet_arm(struct vetting *vetting, const struct vetted_place *place, enum arm arm, int64_t people, bool *refused, struct err *err)
{
	const enum message_order order = arm == ARM_FIRST ? ORDER_FIRST : ORDER_LATER;
	bool admitted = false;
	drop_problems(vetting);
	const enum status status = ask_arm(vetting, place, arm, order, &admitted, err);
	if (status != STATUS_OK)
		return status;
	*refused = *refused || (!admitted && vetting->problem_count > 0);
	return record(vetting, place, 0, people, !admitted) == STATUS_OK ? STATUS_OK : no_memory(err);
}

/* What more is wrong with them as first messages. Needs vet_arm before. */
static enum status
vet_as_first(struct vetting *vetting, const struct vetted_place *place, enum arm arm, struct err *err)
{
	const size_t known = vetting->problem_count;
	bool admitted = false;
	const enum status status = ask_arm(vetting, place, arm, ORDER_FIRST, &admitted, err);
	if (status != STATUS_OK)
		return status;
	drop_known(vetting, known);
	const bool binds = !admitted && !vetting->terms.template_only;
	return record(vetting, place, known, 0, binds) == STATUS_OK ? STATUS_OK : no_memory(err);
}

static bool
has_text(const struct vetting *vetting, enum arm arm)
{
	for (size_t v = 0; v < vetting->terms.variant_count; v++)
		if (vetting->terms.variants[v].arm == arm)
			return true;
	return false;
}

static enum status
vet(struct vetting *vetting, struct vetted_place *place, int64_t people, struct err *err)
{
	const bool as_first = class_words_ask_order(vetting->words) && !has_text(vetting, ARM_FIRST);
	bool refused = false;
	enum status status = STATUS_OK;
	place->span = span_of(vetting, place);
	vetting->place_count++;
	for (int arm = 0; arm < ARM_COUNT && status == STATUS_OK; arm++) {
		if (!has_text(vetting, (enum arm)arm))
			continue;
		status = vet_arm(vetting, place, (enum arm)arm, people, &refused, err);
		if (status == STATUS_OK && as_first)
			status = vet_as_first(vetting, place, (enum arm)arm, err);
	}
	vetting->people_refused += refused ? people : 0;
	return status;
}

enum status
vetting_add(struct vetting *vetting, const struct place *place, const struct number_place *number, int64_t people, struct err *err)
{
	struct vetted_place vetted = {.regions = place->regions,
		.region_count = place->region_count,
		.zone_names = place->zones,
		.zone_count = place->zone_count,
		.number = number};
	for (size_t i = 0; i < place->zone_count; i++)
		if ((vetted.zones[i] = zone_set_find(vetting->setup.zones, place->zones[i])) == NULL)
			return err_set(err, STATUS_NOT_FOUND, "this host does not know the time zone %s", place->zones[i]);
	return vet(vetting, &vetted, people, err);
}

/* Everywhere ------------------------------------------------------------------------------------------------------------------------------ */

/* Days of records are those of UTC here: no zone is known. */
static enum status
vet_region(struct vetting *vetting, const char *region, struct err *err)
{
	static const char *const utc = "UTC";
	const struct number_place number = {.kind = NUMBER_PLACED, .region_count = 1, .regions = &region};
	struct vetted_place place = {.regions = &region,
		.region_count = 1,
		.zone_names = &utc,
		.zone_count = 1,
		.number = &number,
		.zones = {zone_set_find(vetting->setup.zones, utc)}};
	if (place.zones[0] == NULL)
		return err_set(err, STATUS_NOT_FOUND, "this host does not know the time zone %s", utc);
	return vetting_findings_ask(vetting->findings, region) == STATUS_OK ? vet(vetting, &place, 0, err) : no_memory(err);
}

enum status
vetting_add_regions(struct vetting *vetting, struct err *err)
{
	const struct rulebook *rulebook = vetting->setup.rulebook;
	enum status status = vet_region(vetting, VETTING_ELSEWHERE, err);
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		for (size_t r = 0; regime->status == REGIME_ENFORCED && r < regime->region_count && status == STATUS_OK; r++)
			status = vet_region(vetting, regime->regions[r], err);
	}
	return status;
}

/* Telling --------------------------------------------------------------------------------------------------------------------------------- */

enum status
vetting_finish(struct vetting *vetting, struct err *err)
{
	return vetting_findings_finish(vetting->findings) == STATUS_OK ? STATUS_OK : no_memory(err);
}

size_t
vetting_count(const struct vetting *vetting)
{
	return vetting_findings_count(vetting->findings);
}

size_t
vetting_binding_count(const struct vetting *vetting)
{
	return vetting_findings_binding_count(vetting->findings);
}

int64_t
vetting_people_refused(const struct vetting *vetting)
{
	return vetting->people_refused;
}

const struct vetting_finding *
vetting_at(const struct vetting *vetting, size_t index)
{
	return vetting_findings_at(vetting->findings, index);
}
