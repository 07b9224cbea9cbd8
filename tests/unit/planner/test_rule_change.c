/* rule_change: every part of a rule is told when it changes, with the direction where it can be told. */
#include "planner/rule_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

struct heard {
	int count;
	char part[64], before[256], after[256];
	enum direction direction;
};

static void
on_change(void *context, const char *part, const char *before, const char *after, enum direction direction)
{
	struct heard *heard = context;
	heard->count++;
	snprintf(heard->part, sizeof heard->part, "%s", part);
	snprintf(heard->before, sizeof heard->before, "%s", before);
	snprintf(heard->after, sizeof heard->after, "%s", after);
	heard->direction = direction;
}

static struct heard
compare(const struct rule *before, const struct rule *after)
{
	struct heard heard = {0};
	struct err err = ERR_INIT;
	assert_int_equal(rule_compare(before, after, on_change, &heard, &err), STATUS_OK);
	return heard;
}

static void
expect(const struct rule *before, const struct rule *after, const char *part, enum direction direction)
{
	const enum direction back[] = {[CHANGE_UNCLEAR] = CHANGE_UNCLEAR,
		[CHANGE_TIGHTENS] = CHANGE_LOOSENS,
		[CHANGE_LOOSENS] = CHANGE_TIGHTENS,
		[CHANGE_NEUTRAL] = CHANGE_NEUTRAL};
	struct heard heard = compare(before, after);
	if (heard.count != 1 || strcmp(heard.part, part) != 0 || heard.direction != direction)
		fail_msg("%s: heard %d changes, the last of %s, %s -> %s, %s", part, heard.count, heard.part, heard.before, heard.after,
			direction_words(heard.direction));
	heard = compare(after, before);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.direction, back[direction]);
}

static struct rule
a_rule(enum rule_kind kind)
{
	struct rule rule = fixture_window("09:00", "20:00");
	rule.kind = kind;
	if (kind != RULE_WINDOW)
		memset(&rule.window, 0, sizeof rule.window);
	return rule;
}

/* One line a member: the assignment, the part that is told, what it means. */
#define CHANGE(kind, assignment, part, direction) \
	do { \
		const struct rule before = a_rule(kind); \
		struct rule rule = before; \
		assignment; \
		expect(&before, &rule, part, direction); \
	} while (0)

static void
equal_rules_differ_in_nothing(void **state)
{
	(void)state;
	for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
		const struct rule rule = a_rule((enum rule_kind)kind);
		assert_int_equal(compare(&rule, &rule).count, 0);
	}
}

static void
what_all_rules_have_is_told(void **state)
{
	(void)state;
	CHANGE(RULE_CAP, strcpy(rule.sources, "R-999"), "source", CHANGE_NEUTRAL);
	CHANGE(RULE_CAP, rule.strength = STRENGTH_INFO, "strength", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, rule.categories |= CATEGORY_BIT(CATEGORY_ANNOUNCEMENT), "categories", CHANGE_TIGHTENS);
	CHANGE(RULE_CAP, rule.categories = CATEGORY_BIT(CATEGORY_ANNOUNCEMENT), "categories", CHANGE_UNCLEAR);
	CHANGE(RULE_CAP, rule.channels = CHANNEL_BIT(CHANNEL_SMS), "channels", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, rule.from = fixture_date("2027-01-01"), "from", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, rule.until = fixture_date("2027-01-01"), "until", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, strcpy(rule.option, "C31 strict"), "option", CHANGE_NEUTRAL);
	CHANGE(RULE_CAP, rule.off = true, "on", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, rule.waivable = true, "waiver", CHANGE_LOOSENS);
}

static void
conditions_and_exceptions_are_told(void **state)
{
	(void)state;
	const struct rule before = a_rule(RULE_CAP);
	struct rule after = before;
	struct err err = ERR_INIT;
	assert_int_equal(predicate_parse("number:US", &after.when, &err), STATUS_OK);
	expect(&before, &after, "when", CHANGE_LOOSENS);
	predicate_free(&after.when);
	assert_int_equal(predicate_parse("consent:customer", &after.exceptions[0].condition, &err), STATUS_OK);
	after.exception_count = 1;
	expect(&before, &after, "except", CHANGE_NEUTRAL);
	after.exceptions[0].on = true;
	expect(&before, &after, "except", CHANGE_LOOSENS);
	predicate_free(&after.exceptions[0].condition);
}

static void
hours_within_hours_are_tighter(void **state)
{
	(void)state;
	CHANGE(RULE_WINDOW, rule.window.days[SATURDAY].count = 0, "saturday", CHANGE_TIGHTENS);
	CHANGE(RULE_WINDOW, rule.window.days[MONDAY].ranges[0] = fixture_range("10:00", "20:00"), "monday", CHANGE_TIGHTENS);
	CHANGE(RULE_WINDOW, rule.window.days[TUESDAY].ranges[0] = fixture_range("09:00", "02:00"), "tuesday", CHANGE_LOOSENS);
	CHANGE(RULE_WINDOW, rule.window.days[SUNDAY].ranges[0] = fixture_range("10:00", "21:00"), "sunday", CHANGE_UNCLEAR);
	CHANGE(RULE_WINDOW, rule.window.on_holidays_replaced = true, "holidays", CHANGE_TIGHTENS);
	CHANGE(RULE_WINDOW, rule.window.on_eves_replaced = true, "eves", CHANGE_TIGHTENS);
	CHANGE(RULE_WINDOW, strcpy(rule.window.calendar, "BR"), "calendar", CHANGE_UNCLEAR);
	CHANGE(RULE_WINDOW, strcpy(rule.window.fixed_zone, "America/Chicago"), "clock", CHANGE_UNCLEAR);
	CHANGE(RULE_WINDOW, rule.window.emergency = true, "emergency", CHANGE_LOOSENS);
}

static void
every_member_of_every_kind_is_told(void **state)
{
	(void)state;
	CHANGE(RULE_CAP, rule.cap.n = 3, "n", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, rule.cap.period = CAP_CALENDAR_DAY, "per", CHANGE_UNCLEAR);
	CHANGE(RULE_CAP, rule.cap.of_channels = true, "of", CHANGE_UNCLEAR);
	CHANGE(RULE_CAP, rule.cap.same_subject = true, "same", CHANGE_LOOSENS);
	CHANGE(RULE_CAP, rule.cap.on_holidays = 1, "holidays", CHANGE_TIGHTENS);
	CHANGE(RULE_CAP, strcpy(rule.cap.calendar, "IN"), "calendar", CHANGE_UNCLEAR);
	CHANGE(RULE_PREFERENCE, rule.window.days[FRIDAY].count = 1, "friday", CHANGE_NEUTRAL);
	CHANGE(RULE_PREFERENCE, rule.window.on_holidays_replaced = true, "holidays", CHANGE_NEUTRAL);
	CHANGE(RULE_PREFERENCE, rule.window.on_eves_replaced = true, "eves", CHANGE_NEUTRAL);
	CHANGE(RULE_PREFERENCE, strcpy(rule.window.calendar, "BR"), "calendar", CHANGE_NEUTRAL);
	CHANGE(RULE_CONSENT, rule.consent.required = true, "required", CHANGE_TIGHTENS);
	CHANGE(RULE_CONSENT, rule.consent.evidence = EVIDENCE_BIT(EVIDENCE_IP), "evidence", CHANGE_TIGHTENS);
	CHANGE(RULE_CONSENT, rule.consent.good_for.us = US_PER_DAY, "good_for", CHANGE_TIGHTENS);
	CHANGE(RULE_CONTENT, rule.content.items = CONTENT_BIT(CONTENT_PURE), "requires", CHANGE_TIGHTENS);
	CHANGE(RULE_CONTENT, rule.content.max_length = 160, "max_length", CHANGE_TIGHTENS);
	CHANGE(RULE_CONTENT, rule.content.identifier_length = 6, "identifier_length", CHANGE_UNCLEAR);
	CHANGE(RULE_CONTENT, (rule.content.language_count = 1, strcpy(rule.content.languages[0], "pt-BR")), "languages", CHANGE_TIGHTENS);
	CHANGE(RULE_TEMPLATE, rule.template.approved = true, "approved", CHANGE_TIGHTENS);
	CHANGE(RULE_TEMPLATE, rule.template.own_purpose = true, "own_purpose", CHANGE_TIGHTENS);
	CHANGE(RULE_TEMPLATE, rule.template.max_variables = 5, "max_variables", CHANGE_TIGHTENS);
	CHANGE(RULE_TEMPLATE, rule.template.idle.us = US_PER_DAY, "idle", CHANGE_TIGHTENS);
	CHANGE(RULE_TEMPLATE, rule.template.lead_time.us = US_PER_DAY, "lead_time", CHANGE_TIGHTENS);
	CHANGE(RULE_SESSION, rule.session.length.us = US_PER_DAY, "length", CHANGE_LOOSENS);
	CHANGE(RULE_RECORD, strcpy(rule.record.item, "dlt.entity"), "item", CHANGE_UNCLEAR);
	CHANGE(RULE_RECORD, rule.record.purpose = RECORD_SCRUB, "item", CHANGE_UNCLEAR);
	CHANGE(RULE_RECORD, rule.record.subject = SUBJECT_TEMPLATE, "item", CHANGE_UNCLEAR);
	CHANGE(RULE_RECORD, strcpy(rule.record.title, "entity"), "title", CHANGE_NEUTRAL);
	CHANGE(RULE_RECORD, rule.record.good_for.us = US_PER_DAY, "good_for", CHANGE_TIGHTENS);
	CHANGE(RULE_RECORD, rule.record.renew_before.us = US_PER_DAY, "renew_before", CHANGE_NEUTRAL);
	CHANGE(RULE_RECORD, rule.record.lead_time.us = US_PER_DAY, "lead_time", CHANGE_NEUTRAL);
	CHANGE(RULE_RECORD, rule.record.buffer.us = US_PER_DAY, "buffer", CHANGE_NEUTRAL);
	CHANGE(RULE_PROHIBITION, rule.prohibition.sources = true, "sources", CHANGE_UNCLEAR);
	CHANGE(RULE_PROHIBITION, rule.prohibition.absolute = true, "absolute", CHANGE_TIGHTENS);
	CHANGE(RULE_PROHIBITION, (rule.prohibition.tag_count = 1, strcpy(rule.prohibition.tags[0], "alcohol")), "tags", CHANGE_TIGHTENS);
}

static void
every_member_of_quantities_and_records_is_told(void **state)
{
	(void)state;
	CHANGE(RULE_VOLUME, rule.volume.scope = VOLUME_PORTFOLIO, "scope", CHANGE_UNCLEAR);
	CHANGE(RULE_VOLUME, rule.volume.people = true, "people", CHANGE_UNCLEAR);
	CHANGE(RULE_VOLUME, rule.volume.length.us = US_PER_DAY, "per", CHANGE_UNCLEAR);
	CHANGE(RULE_VOLUME, strcpy(rule.volume.fixed_zone, "UTC"), "per", CHANGE_UNCLEAR);
	CHANGE(RULE_VOLUME, rule.volume.n = INT32_MAX, "n", CHANGE_LOOSENS);
	CHANGE(RULE_VOLUME, rule.volume.granted_max = 100, "granted_max", CHANGE_LOOSENS);
	CHANGE(RULE_VOLUME, rule.volume.raise_after.us = US_PER_DAY, "raise_after", CHANGE_TIGHTENS);
	CHANGE(RULE_VOLUME, (rule.volume.tier_count = 1, strcpy(rule.volume.tiers[0].trust, "high")), "tiers", CHANGE_UNCLEAR);
	CHANGE(RULE_RATE, rule.rate.n = 80, "n", CHANGE_LOOSENS);
	CHANGE(RULE_RATE, rule.rate.per.us = US_PER_SECOND, "per", CHANGE_TIGHTENS);
	CHANGE(RULE_RATE, rule.rate.pair = true, "pair", CHANGE_UNCLEAR);
	CHANGE(RULE_BREAKER, rule.breaker.metric = BREAKER_VIOLATION_RATE, "metric", CHANGE_UNCLEAR);
	CHANGE(RULE_BREAKER, rule.breaker.scope = BREAKER_TEMPLATE, "scope", CHANGE_UNCLEAR);
	CHANGE(RULE_BREAKER, rule.breaker.limit = 20000, "limit", CHANGE_LOOSENS);
	CHANGE(RULE_BREAKER, rule.breaker.stop_at = 1000, "stop_at", CHANGE_TIGHTENS);
	CHANGE(RULE_BREAKER, rule.breaker.warn_at = 1000, "warn_at", CHANGE_NEUTRAL);
	CHANGE(RULE_BREAKER, rule.breaker.min_samples = 9000, "min_samples", CHANGE_LOOSENS);
	CHANGE(RULE_BREAKER, rule.breaker.per.us = US_PER_DAY, "per", CHANGE_UNCLEAR);
	CHANGE(RULE_BREAKER, rule.breaker.needs = BREAKER_NEEDS_NEW_TEMPLATE, "resume", CHANGE_TIGHTENS);
	CHANGE(RULE_OPT_OUT, rule.opt_out.deadline.us = US_PER_DAY, "deadline", CHANGE_LOOSENS);
	CHANGE(RULE_OPT_OUT, rule.opt_out.confirmation = CONFIRMATION_FORBIDDEN, "confirmation", CHANGE_UNCLEAR);
	CHANGE(RULE_OPT_OUT, rule.opt_out.confirm_within.us = US_PER_HOUR, "confirm_within", CHANGE_TIGHTENS);
	CHANGE(RULE_OPT_OUT, rule.opt_out.keep_for.us = US_PER_DAY, "keep_for", CHANGE_LOOSENS);
	CHANGE(RULE_RETENTION, rule.retention.min.us = US_PER_DAY, "min", CHANGE_TIGHTENS);
	CHANGE(RULE_RETENTION, rule.retention.max.us = US_PER_DAY, "max", CHANGE_TIGHTENS);
	static char text[] = "up to USD 1,500 per message";
	CHANGE(RULE_NOTE, rule.note.text = text, "text", CHANGE_NEUTRAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_rules_differ_in_nothing),
		cmocka_unit_test(what_all_rules_have_is_told),
		cmocka_unit_test(conditions_and_exceptions_are_told),
		cmocka_unit_test(hours_within_hours_are_tighter),
		cmocka_unit_test(every_member_of_every_kind_is_told),
		cmocka_unit_test(every_member_of_quantities_and_records_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
