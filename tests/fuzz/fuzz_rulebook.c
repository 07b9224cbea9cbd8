/* Any text as a rulebook file: refused with a place, or a rulebook within its limits that merges. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "planner/core/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

static const char calendar[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//daypart//test//EN\r\nX-DAYPART-AREA:X\r\n"
							   "X-DAYPART-COVERAGE:2026-01-01/2026-12-31\r\nBEGIN:VEVENT\r\nUID:1@test\r\nDTSTAMP:20260101T000000Z\r\n"
							   "DTSTART;VALUE=DATE:20261120\r\nSUMMARY:Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/* libconfig 1.5 loses the text it is reading when a syntax error follows or the file ends. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static void
check_amounts(const struct rule *rule)
{
	if (rule->kind == RULE_RECORD)
		assert(rule->record.subject < SUBJECT_COUNT && strlen(rule->record.item) > 0 && strlen(rule->record.title) > 0);
	if (rule->kind == RULE_PROHIBITION)
		assert(
			rule->prohibition.tag_count > 0 && rule->prohibition.tag_count <= TAGS_MAX && !(rule->prohibition.absolute && rule->waivable));
	if (rule->kind == RULE_VOLUME)
		assert(rule->volume.n > 0 && rule->volume.tier_count <= TIERS_MAX &&
			(rule->volume.length.us > 0) == (rule->volume.fixed_zone[0] == '\0'));
	if (rule->kind == RULE_RATE)
		assert(rule->rate.n > 0 && rule->rate.per.us > 0);
	if (rule->kind == RULE_BREAKER)
		assert(rule->breaker.limit > 0 && rule->breaker.per.us > 0 && rule->breaker.stop_at <= rule->breaker.limit);
	if (rule->kind == RULE_RETENTION)
		assert(rule->retention.min.us > 0 || rule->retention.max.us > 0);
	if (rule->kind == RULE_NOTE)
		assert(strlen(rule->note.text) > 0);
}

static void
check_rule(const struct rule *rule)
{
	assert(strlen(rule->id) > 0 && strlen(rule->sources) > 0 && rule->line > 0);
	assert(rule->from.days < rule->until.days);
	assert(rule->categories != 0 && rule->channels != 0);
	assert(rule->exception_count <= EXCEPTIONS_MAX && rule->waivable == (rule->waiver_within.us > 0));
	for (size_t i = 0; i < rule->exception_count; i++)
		assert(predicate_word_count(rule->exceptions[i].condition) > 0);
	if (rule->kind == RULE_CAP)
		assert(rule->cap.n > rule->cap.on_holidays && (rule->cap.period != CAP_ROLLING || rule->cap.length.us > 0) &&
			(rule->cap.on_holidays > 0) == (rule->cap.calendar[0] != '\0'));
	for (int day = MONDAY; rule->kind == RULE_WINDOW && day < WEEKDAY_COUNT; day++)
		assert(rule->window.days[day].count <= DAY_RANGES_MAX);
	if (rule->kind == RULE_CONTENT)
		assert(rule->content.items != 0 || rule->content.max_length > 0 || rule->content.language_count > 0);
	if (rule->kind == RULE_SESSION)
		assert(rule->session.length.us > 0);
	check_amounts(rule);
}

static void
check_law(const struct rulebook *rulebook)
{
	const char *region = "US-TX";
	const struct class_facts facts = {.regions = &region, .region_count = 1};
	struct law law;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++)
			check_rule(&rulebook->regimes[i].rules[j]);
	if (law_merge(rulebook, &facts, &law, &err) == STATUS_OK)
		law_free(&law);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct parsed_law law;
	struct err err = ERR_INIT;
	char *text = malloc(size + 1);

	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	assert(law_texts_add(&texts, "fuzz.cfg", text, &err) == STATUS_OK);
	assert(law_texts_add(&texts, "fuzz.ics", calendar, &err) == STATUS_OK);
	if (law_parse(&texts, NULL, NULL, &law, &err) == STATUS_OK) {
		check_law(law.rulebook);
		parsed_law_free(&law);
	} else {
		assert(err.status == STATUS_INVALID && strlen(err.primary) > 0 && strlen(err.detail) > 0);
	}
	law_texts_free(&texts);
	free(text);
	return 0;
}
