/* What each section of a rulebook file becomes; and that every word of a rule counts in its digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "planner/core/mix.h"
#include "tests/support/temp.h"

static const char calendar[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//daypart//test//EN\r\nX-DAYPART-AREA:X\r\n"
							   "X-DAYPART-COVERAGE:2026-01-01/2026-12-31\r\nBEGIN:VEVENT\r\nUID:1@test\r\nDTSTAMP:20260101T000000Z\r\n"
							   "DTSTART;VALUE=DATE:20261120\r\nSUMMARY:Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

static char *whole;
static struct parsed_law law;

static void
print_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	print_error("%s:%d: %s\n", file, line, what);
}

static enum status
parse(const char *text, law_problem_fn *on_problem, struct parsed_law *out)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(law_texts_add(&texts, "x.cfg", text, &err), STATUS_OK);
	assert_int_equal(law_texts_add(&texts, "fuzz.ics", calendar, &err), STATUS_OK);
	enum status status = law_parse(&texts, on_problem, NULL, out, &err);
	law_texts_free(&texts);
	return status;
}

static int
read_whole(void **state)
{
	size_t size;
	(void)state;
	whole = file_read(DAYPART_SOURCE_DIR "/tests/fuzz/corpus/rulebook/every_section.cfg", &size);
	return parse(whole, print_problem, &law) == STATUS_OK ? 0 : -1;
}

static int
free_whole(void **state)
{
	(void)state;
	parsed_law_free(&law);
	free(whole);
	return 0;
}

static const struct rule *
rule(const char *id)
{
	const struct rule *found = rulebook_find(law.rulebook, id, NULL);
	assert_non_null(found);
	return found;
}

static void
the_head_says_what_the_regime_is(void **state)
{
	(void)state;
	const struct regime *regime = &law.rulebook->regimes[0];
	assert_string_equal(regime->title, "All of it");
	assert_string_equal(regime->file, "x.cfg");
	assert_int_equal(regime->kind, REGIME_PLATFORM);
	assert_int_equal(regime->region_count, 2);
	assert_int_equal(law.rulebook->should, SHOULD_WARN);
	assert_ptr_equal(law.rulebook->should_from, regime);
	assert_int_equal(regime->rule_count, 18);
}

static void
every_rule_has_the_common_keys(void **state)
{
	(void)state;
	const struct rule *window = rule("x.window"), *cap = rule("x.cap");
	assert_string_equal(window->sources, "R-054 P-13 C31 F7");
	assert_int_equal(window->line, 4);
	assert_string_equal(predicate_text(window->when), "number:US and not tag:alcohol");
	assert_int_equal(window->exception_count, 2);
	assert_true(window->exceptions[0].on);
	assert_false(window->exceptions[1].on);
	assert_string_equal(predicate_text(window->exceptions[1].condition), "consent:night_hours");
	assert_string_equal(window->exceptions[1].sources, "P-60");
	assert_true(window->waivable);
	assert_string_equal(window->waiver_role, "compliance");
	assert_int_equal(window->waiver_within.us, 90 * US_PER_DAY);
	assert_string_equal(window->option, "C31 strict");
	assert_true(window->off);
	assert_false(cap->off || cap->waivable);
	assert_null(cap->when);
	assert_int_equal(cap->exception_count, 0);
}

static void
windows_know_holidays_eves_and_emergencies(void **state)
{
	(void)state;
	const struct window_rule *window = &rule("x.window")->window;
	assert_string_equal(window->fixed_zone, "America/Chicago");
	assert_string_equal(window->calendar, "FUZZ");
	assert_true(window->emergency && window->on_holidays_replaced && window->on_eves_replaced);
	assert_int_equal(window->holidays.count, 0);
	assert_int_equal(window->eves.ranges[0].until.s, 19 * 3600);
	for (int day = MONDAY; day <= THURSDAY; day++)
		assert_int_equal(window->days[day].ranges[0].until.s, (11 + day - MONDAY) * 3600);
	assert_int_equal(window->days[FRIDAY].ranges[0].until.s, 2 * 3600);
	assert_int_equal(window->days[SATURDAY].ranges[0].until.s, 15 * 3600);
	assert_int_equal(window->days[SUNDAY].ranges[0].from.s, 12 * 3600);
}

static void
caps_know_holidays(void **state)
{
	(void)state;
	const struct cap_rule *cap = &rule("x.cap")->cap;
	assert_int_equal(cap->period, CAP_CALENDAR_DAY);
	assert_int_equal(cap->on_holidays, 9999);
	assert_int_equal(cap->n, 10000);
	assert_string_equal(cap->calendar, "FUZZ");
}

static void
preferences_have_days(void **state)
{
	(void)state;
	const struct rule *preference = rule("x.preference");
	assert_int_equal(preference->kind, RULE_PREFERENCE);
	assert_int_equal(preference->window.days[MONDAY].ranges[0].from.s, 11 * 3600);
	assert_int_equal(preference->window.days[SUNDAY].count, 0);
	assert_true(preference->window.on_holidays_replaced);
	assert_string_equal(preference->window.calendar, "FUZZ");
}

static void
consents_and_sessions_have_lengths(void **state)
{
	(void)state;
	const struct consent_rule *consent = &rule("x.consent")->consent;
	assert_true(consent->required);
	assert_int_equal(consent->evidence, EVIDENCE_BIT(EVIDENCE_TIME) | EVIDENCE_BIT(EVIDENCE_NIGHT_HOURS));
	assert_int_equal(consent->good_for.us, 730 * US_PER_DAY);
	assert_int_equal(rule("x.session")->session.length.us, US_PER_DAY);
}

static void
contents_and_templates_have_limits(void **state)
{
	(void)state;
	const struct content_rule *content = &rule("x.content")->content;
	const struct template_rule *template = &rule("x.template")->template;
	assert_int_equal(content->items, CONTENT_BIT(CONTENT_SENDER_NAME) | CONTENT_BIT(CONTENT_IDENTIFIER));
	assert_int_equal(content->max_length, 1000);
	assert_int_equal(content->identifier_length, 6);
	assert_int_equal(content->language_count, 2);
	assert_string_equal(content->languages[1], "en-GB");
	assert_true(template->approved && template->own_purpose);
	assert_int_equal(template->max_variables, 5);
	assert_int_equal(template->idle.us, 30 * US_PER_DAY);
	assert_int_equal(template->lead_time.us, 2 * US_PER_DAY);
}

static void
three_sections_make_records(void **state)
{
	(void)state;
	const struct record_rule *registration = &rule("x.registration")->record, *attestation = &rule("x.attestation")->record;
	assert_int_equal(registration->purpose, RECORD_REGISTRATION);
	assert_int_equal(registration->subject, SUBJECT_SENDER);
	assert_string_equal(registration->item, "10dlc.tax_number");
	assert_string_equal(registration->title, "Tax number");
	assert_int_equal(registration->good_for.us, 365 * US_PER_DAY);
	assert_int_equal(registration->renew_before.us, 30 * US_PER_DAY);
	assert_int_equal(registration->lead_time.us, 15 * US_PER_DAY);
	assert_int_equal(registration->buffer.us, 5 * US_PER_DAY);
	assert_int_equal(attestation->purpose, RECORD_ATTESTATION);
	assert_int_equal(attestation->subject, SUBJECT_CAMPAIGN);
	assert_int_equal(attestation->good_for.us, 0);
	assert_int_equal(rule("x.registry")->record.purpose, RECORD_SCRUB);
}

static void
prohibitions_name_tags_or_sources(void **state)
{
	(void)state;
	const struct prohibition_rule *goods = &rule("x.goods")->prohibition, *sources = &rule("x.sources")->prohibition;
	assert_true(goods->absolute && !goods->sources);
	assert_int_equal(goods->tag_count, 2);
	assert_string_equal(goods->tags[1], "hard_drugs");
	assert_true(sources->sources && !sources->absolute);
	assert_string_equal(sources->tags[1], "pre ticked");
}

static void
volumes_have_a_period_tiers_and_raises(void **state)
{
	(void)state;
	const struct volume_rule *day = &rule("x.day")->volume, *rolling = &rule("x.rolling")->volume;
	assert_int_equal(day->scope, VOLUME_SENDER);
	assert_int_equal(day->length.us, 0);
	assert_string_equal(day->fixed_zone, "America/Los_Angeles");
	assert_int_equal(day->n, 500);
	assert_int_equal(day->tier_count, 2);
	assert_string_equal(day->tiers[0].trust, "low");
	assert_int_equal(day->tiers[0].n, 0);
	assert_int_equal(day->tiers[1].n, INT32_MAX);
	assert_int_equal(rolling->scope, VOLUME_PORTFOLIO);
	assert_true(rolling->people && !day->people);
	assert_int_equal(rolling->length.us, US_PER_DAY);
	assert_int_equal(rolling->granted_max, 100000);
	assert_int_equal(rolling->raise_after.us, 90 * US_PER_DAY);
}

static void
the_rest_is_read_as_it_stands(void **state)
{
	(void)state;
	const struct rate_rule *rate = &rule("x.rate")->rate;
	const struct opt_out_rule *opt_out = &rule("x.opt_out")->opt_out;
	const struct retention_rule *retention = &rule("x.retention")->retention;
	assert_int_equal(rate->n, 1);
	assert_int_equal(rate->per.us, 6 * US_PER_SECOND);
	assert_true(rate->pair);
	assert_int_equal(opt_out->deadline.us, US_PER_DAY);
	assert_int_equal(opt_out->confirmation, CONFIRMATION_REQUIRED);
	assert_int_equal(opt_out->confirm_within.us, 2 * US_PER_HOUR);
	assert_int_equal(opt_out->keep_for.us, 3650 * US_PER_DAY);
	assert_int_equal(retention->data, DATA_EVIDENCE);
	assert_int_equal(retention->after, AFTER_LAST_USE);
	assert_int_equal(retention->min.us, 365 * US_PER_DAY);
	assert_int_equal(retention->max.us, 1825 * US_PER_DAY);
	assert_string_equal(rule("x.note")->note.text, "Benchmarks differ.");
}

/* Digests ---------------------------------------------------------------------------------------------------------------------------------- */

/* Of all rules together. */
static uint64_t
digest_of(const char *text)
{
	struct parsed_law changed;
	uint64_t digest = 0;
	if (parse(text, NULL, &changed) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < changed.rulebook->regimes[0].rule_count; i++)
		digest = mix64(digest ^ changed.rulebook->regimes[0].rules[i].digest);
	parsed_law_free(&changed);
	return digest;
}

static char *
sections_of(char *text)
{
	char *sections = strstr(text, "windows");
	assert_non_null(sections);
	return sections;
}

static void
every_letter_and_figure_of_a_rule_counts_in_its_digest(void **state)
{
	(void)state;
	char *text = strdup(whole), *sections = sections_of(text);
	const uint64_t before = digest_of(text);
	int changed = 0;
	assert_int_not_equal(before, 0);
	for (char *at = sections; *at != '\0'; at++) {
		const char kept = *at;
		if (!((kept >= 'a' && kept <= 'z') || (kept >= '0' && kept <= '9')))
			continue;
		*at = kept == 'z' ? 'a' : kept == '9' ? '1' : (char)(kept + 1);
		const uint64_t after = digest_of(text);
		changed += after != 0;
		if (after == before)
			fail_msg("the digest does not see a change at: %.40s", at);
		*at = kept;
	}
	assert_true(changed > 300); /* what is refused proves nothing */
	free(text);
}

static void
comments_blanks_and_the_order_of_keys_do_not_count(void **state)
{
	(void)state;
	static const char head[] = "id = \"x\"; title = \"X\"; status = \"off\"; regions = [\"US\"]; review_by = \"2027-01-01\"; sessions = ";
	static const char *const rules[] = {
		"( { id = \"a\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\", \"announcement\"]; length = \"24h\"; } );",
		"(\n{ # why\nlength=\"24h\"; categories:(\"marketing\", \"announcement\"); strength=\"must\"; source=\"house\"; id=\"a\" } );",
		"( { id = \"a\"; source = \"house\"; strength = \"must\"; categories = [\"announcement\", \"marketing\"]; length = \"24h\"; } );",
	};
	uint64_t digests[3];
	for (int i = 0; i < 3; i++) {
		char text[512];
		snprintf(text, sizeof text, "%s%s", head, rules[i]);
		digests[i] = digest_of(text);
		assert_int_not_equal(digests[i], 0);
	}
	assert_int_equal(digests[0], digests[1]);
	assert_int_not_equal(digests[0], digests[2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_says_what_the_regime_is),
		cmocka_unit_test(every_rule_has_the_common_keys),
		cmocka_unit_test(windows_know_holidays_eves_and_emergencies),
		cmocka_unit_test(caps_know_holidays),
		cmocka_unit_test(preferences_have_days),
		cmocka_unit_test(consents_and_sessions_have_lengths),
		cmocka_unit_test(contents_and_templates_have_limits),
		cmocka_unit_test(three_sections_make_records),
		cmocka_unit_test(prohibitions_name_tags_or_sources),
		cmocka_unit_test(volumes_have_a_period_tiers_and_raises),
		cmocka_unit_test(the_rest_is_read_as_it_stands),
		cmocka_unit_test(every_letter_and_figure_of_a_rule_counts_in_its_digest),
		cmocka_unit_test(comments_blanks_and_the_order_of_keys_do_not_count),
	};
	return cmocka_run_group_tests(tests, read_whole, free_whole) != 0;
}
