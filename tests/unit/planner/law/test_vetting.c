/* vetting: what is told once, what binds and what only advises. */
#include "planner/law/vetting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/law_text.h"
#include "tests/support/law_fixture.h"

#define HEAD(id, regions) \
	"id = \"" id "\"; title = \"" id "\"; kind = \"law\"; status = \"enforced\"; regions = " regions "; review_by = \"2027-06-30\";\n"
#define RULE(id, more) "{ id = \"" id "\"; source = \"R-001\"; strength = \"must\"; categories = [\"marketing\"]; " more " }"

static const char base[] = HEAD("base", "\"everywhere\"") "contents = (" RULE("base.name",
	"requires = [\"sender_name\"];") ");\n"
									 "attestations = (" RULE("base.own_name",
										 "of = \"sender\"; item = \"own_name\"; title = \"Own name\";") ", " RULE("base.approval",
										 "of = \"campaign\"; item = \"approval\"; title = \"Approval\";") ");\n";
static const char br[] = HEAD("br", "[\"BR\"]") "contents = (" RULE("br.language", "languages = [\"pt-BR\"];") ");\n";
static const char us[] = HEAD("us", "[\"US\", \"PR\"]") "contents = (" RULE("us.length", "max_length = 20;") ", " RULE(
	"us.name", "requires = [\"sender_name\"];") ");\n";

static const char de[] =
	HEAD("de", "[\"DE\"]") "contents = (" RULE("de.opt_out", "when = \"first_message\"; requires = [\"opt_out\"];") ");\n";

static struct parsed_law law;

static int
start(void **state)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(law_texts_add(&texts, "base.cfg", base, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "br.cfg", br, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "us.cfg", us, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "de.cfg", de, &err), STATUS_OK);
	if (law_parse(&texts, NULL, NULL, &law, &err) != STATUS_OK) {
		print_error("%s: %s\n", err.primary, err.detail);
		return 1;
	}
	law_texts_free(&texts);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	parsed_law_free(&law);
	return 0;
}

/* A campaign ------------------------------------------------------------------------------------------------------------------------------ */

static const struct attestation given[] = {
	{SUBJECT_SENDER, "own_name", {20000}, {INT32_MAX}, NULL}, {SUBJECT_CAMPAIGN, "approval", {20000}, {INT32_MAX}, NULL}};

static struct variant
text_in(const char *language, const char *text)
{
	return (struct variant){.language = language,
		.text = text,
		.approved = true,
		.approved_on = {20000},
		.last_used_on = {20500},
		.category = CATEGORY_MARKETING};
}

enum { MANY = 70, VARIANTS_MAX = 3 * MANY }; /* in as many languages as a platform knows */

struct campaign {
	struct variant variants[VARIANTS_MAX];
	size_t variant_count, attestation_count;
	unsigned split_percent;
	bool template_only;
	const struct vetting_assumption *assumption;
};

static struct vetting *
open_vetting(const struct campaign *campaign, struct terms *terms)
{
	static const struct campaign_words words = {.sender_country = "US", .sender_type = "number"};
	struct vetting *vetting;
	struct err err = ERR_INIT;
	*terms = (struct terms){.category = CATEGORY_MARKETING,
		.business = "acme",
		.legal_name = "",
		.identifier = "",
		.variants = campaign->variants,
		.variant_count = campaign->variant_count,
		.split_percent = campaign->split_percent,
		.template_only = campaign->template_only,
		.attestations = given,
		.attestation_count = campaign->attestation_count,
		.offer_expires_on = {INT32_MAX}};
	const struct vetting_setup setup = {.rulebook = law.rulebook,
		.terms = terms,
		.words = &words,
		.channel = CHANNEL_SMS,
		.zones = fixture_zone_set(),
		.span = {fixture_instant("2026-11-23T00:00:00Z"), fixture_instant("2026-11-30T00:00:00Z")},
		.assumptions = campaign->assumption,
		.assumption_count = campaign->assumption != NULL};
	assert_int_equal(vetting_create(&setup, &vetting, &err), STATUS_OK);
	return vetting;
}

static void
add(struct vetting *vetting, uint64_t phone, int64_t people)
{
	struct place place;
	struct err err = ERR_INIT;
	assert_int_equal(place_resolve(&(struct place_facts){phone, "", ""}, &place), REASON_NONE);
	if (vetting_add(vetting, &place, number_place(phone), people, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
}

/* Findings as "rule binds|advises people places [languages]" lines. */
static void
expect(struct vetting **vetting, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct err err = ERR_INIT;
	assert_int_equal(vetting_finish(*vetting, &err), STATUS_OK);
	for (size_t i = 0; i < vetting_count(*vetting); i++) {
		const struct vetting_finding *finding = vetting_at(*vetting, i);
		assert_int_equal(finding->reason != REASON_NONE, i < vetting_binding_count(*vetting));
		fprintf(out, "%s %s %lld %s [%s]\n", finding->rules, finding->reason != REASON_NONE ? "binds" : "advises",
			(long long)finding->people, finding->places, finding->languages);
	}
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	vetting_free(vetting);
}

static const uint64_t berlin = 4915112345678, new_york = 12125550101, san_francisco = 14155550101, sao_paulo = 5511987650001;

static void
what_is_in_order_has_no_finding(void **state)
{
	const struct campaign campaign = {.variants = {text_in("pt-BR", "acme")}, .variant_count = 1, .attestation_count = 2};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, new_york, 1);
	add(vetting, sao_paulo, 1);
	expect(&vetting, "");
}

static void
a_problem_is_told_once_with_all_its_places_and_people(void **state)
{
	const struct campaign campaign = {.variants = {text_in("pt-BR", "a text of some length")}, .variant_count = 1, .attestation_count = 2};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, new_york, 3);
	add(vetting, san_francisco, 4);
	add(vetting, sao_paulo, 5);
	assert_int_equal(vetting_people_refused(vetting), 12);
	expect(&vetting,
		"base.name us.name binds 12 BR US-CA US-NY []\n"
		"us.length binds 7 US-CA US-NY []\n");
}

/* English is too long for the US and no language for Brazil; Portuguese will do in both. */
static void
another_language_that_is_admitted_makes_it_advice(void **state)
{
	const struct campaign campaign = {
		.variants = {text_in("en", "acme: a text of some length"), text_in("pt-BR", "acme")}, .variant_count = 2, .attestation_count = 2};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, new_york, 3);
	add(vetting, sao_paulo, 5);
	assert_int_equal(vetting_people_refused(vetting), 0);
	expect(&vetting, "us.length advises 3 US-NY [en]\n");
}

/* Each language fails for a reason of its own: Portuguese says nobody's name. That English is no language there says nothing then. */
static void
no_language_that_is_admitted_makes_it_bind(void **state)
{
	const struct campaign campaign = {
		.variants = {text_in("en", "acme"), text_in("pt-BR", "nobody")}, .variant_count = 2, .attestation_count = 2};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, sao_paulo, 5);
	expect(&vetting, "base.name binds 5 BR [pt-BR]\n");
}

static void
what_is_assumed_is_not_missing(void **state)
{
	static const struct vetting_assumption approval = {SUBJECT_CAMPAIGN, "approval"}, any_of_sender = {SUBJECT_SENDER, NULL};
	struct campaign campaign = {.variants = {text_in("en", "acme")}, .variant_count = 1};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, new_york, 1);
	expect(&vetting,
		"base.approval binds 1 US-NY []\n"
		"base.own_name binds 1 US-NY []\n");
	campaign.assumption = &approval;
	vetting = open_vetting(&campaign, &terms);
	add(vetting, new_york, 1);
	expect(&vetting, "base.own_name binds 1 US-NY []\n");
	campaign.assumption = &any_of_sender;
	vetting = open_vetting(&campaign, &terms);
	add(vetting, new_york, 1);
	expect(&vetting, "base.approval binds 1 US-NY []\n");
}

/* That the one half of the people gets something lawful is nothing to the other. */
static void
each_text_of_a_split_is_judged_for_itself(void **state)
{
	struct campaign campaign = {.variants = {text_in("en", "acme"), text_in("en", "nobody"), text_in("pt-BR", "nobody")},
		.variant_count = 3,
		.attestation_count = 2,
		.split_percent = 50};
	struct terms terms;
	campaign.variants[1].arm = campaign.variants[2].arm = ARM_B;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, new_york, 3);
	add(vetting, sao_paulo, 5);
	assert_int_equal(vetting_people_refused(vetting), 8);
	expect(&vetting,
		"base.name us.name binds 8 BR US-NY [template_b/en template_b/pt-BR]\n"
		"br.language binds 5 BR [en]\n");
}

/* Whom the business has written to gets it; who they are only a plan knows. */
static void
what_a_first_message_lacks_binds_and_counts_nobody(void **state)
{
	const struct campaign campaign = {.variants = {text_in("en", "acme")}, .variant_count = 1, .attestation_count = 2};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, berlin, 7);
	assert_int_equal(vetting_people_refused(vetting), 0);
	expect(&vetting, "de.opt_out binds 0 DE []\n");
}

static void
a_template_alone_may_be_for_later_messages(void **state)
{
	const struct campaign campaign = {
		.variants = {text_in("en", "acme")}, .variant_count = 1, .attestation_count = 2, .template_only = true};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, berlin, 7);
	expect(&vetting, "de.opt_out advises 0 DE []\n");
}

static void
a_text_for_first_messages_is_judged_as_one(void **state)
{
	struct campaign campaign = {
		.variants = {text_in("en", "acme"), text_in("en", "acme. Reply STOP to opt out.")}, .variant_count = 2, .attestation_count = 2};
	struct terms terms;
	campaign.variants[1].arm = ARM_FIRST;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, berlin, 7);
	expect(&vetting, "");
	campaign.variants[1].text = "acme";
	vetting = open_vetting(&campaign, &terms);
	add(vetting, berlin, 7);
	assert_int_equal(vetting_people_refused(vetting), 7);
	expect(&vetting, "de.opt_out binds 7 DE [first_template/en]\n");
}

/* Three texts in all languages: what is wrong with the last of them is found as well, and named. */
static void
every_language_of_every_text_is_judged(void **state)
{
	struct campaign campaign = {.variant_count = VARIANTS_MAX, .attestation_count = 2, .split_percent = 50};
	struct terms terms;
	for (size_t v = 0; v < VARIANTS_MAX; v++) {
		campaign.variants[v] = text_in("en", v < VARIANTS_MAX - MANY ? "acme. Reply STOP to opt out." : "acme");
		campaign.variants[v].arm = (enum arm)(v / MANY);
	}
	campaign.variants[VARIANTS_MAX - 1].language = "zu";
	struct vetting *vetting = open_vetting(&campaign, &terms);
	(void)state;
	add(vetting, berlin, 7);
	assert_int_equal(vetting_people_refused(vetting), 7);
	assert_int_equal(vetting_finish(vetting, &(struct err)ERR_INIT), STATUS_OK);
	assert_int_equal(vetting_binding_count(vetting), 1);
	assert_non_null(strstr(vetting_at(vetting, 0)->languages, " first_template/zu"));
	vetting_free(&vetting);
}

/* One by one, with a place where only what holds everywhere does. */
static void
without_an_audience_every_region_is_asked(void **state)
{
	const struct campaign campaign = {.variants = {text_in("en", "a text of some length")}, .variant_count = 1, .attestation_count = 2};
	struct terms terms;
	struct vetting *vetting = open_vetting(&campaign, &terms);
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(vetting_add_regions(vetting, &err), STATUS_OK);
	expect(&vetting,
		"base.name us.name binds 0 everywhere []\n"
		"br.language binds 0 BR []\n"
		"de.opt_out binds 0 DE []\n"
		"us.length binds 0 PR US []\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_order_has_no_finding),
		cmocka_unit_test(a_problem_is_told_once_with_all_its_places_and_people),
		cmocka_unit_test(another_language_that_is_admitted_makes_it_advice),
		cmocka_unit_test(no_language_that_is_admitted_makes_it_bind),
		cmocka_unit_test(what_is_assumed_is_not_missing),
		cmocka_unit_test(each_text_of_a_split_is_judged_for_itself),
		cmocka_unit_test(what_a_first_message_lacks_binds_and_counts_nobody),
		cmocka_unit_test(a_template_alone_may_be_for_later_messages),
		cmocka_unit_test(a_text_for_first_messages_is_judged_as_one),
		cmocka_unit_test(every_language_of_every_text_is_judged),
		cmocka_unit_test(without_an_audience_every_region_is_asked),
	};
	return cmocka_run_group_tests(tests, start, stop) != 0;
}
