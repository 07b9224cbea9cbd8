#include "rules_summary.h"

#include <stdio.h>
#include <string.h>

struct rules_summary
rules_summarise(const struct rulebook *rulebook)
{
	struct rules_summary summary = {.rules = 0};
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		summary.regimes[regime->status]++;
		summary.rules += regime->rule_count;
		for (size_t r = 0; r < regime->rule_count; r++)
			summary.binding += rule_binds(rulebook, regime, &regime->rules[r]);
	}
	return summary;
}

static void
attend_regime(const struct regime *regime, struct date today, rules_attention_fn *on_attention, void *context)
{
	char which[256];
	const struct civil due = date_to_civil(regime->review_by);
	if (regime->status == REGIME_OFF || regime->review_by.days >= today.days)
		return;
	snprintf(which, sizeof which, "%s (%s), due %04d-%02d-%02d", regime->id, regime->title, due.year, due.month, due.day);
	on_attention(
		context, "a regime should be reviewed", which, "read the law again, correct the file, and set review_by; then daypart rules load");
}

static bool
is_asked(const struct rulebook *rulebook, const char *calendar)
{
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count; r++)
			if (regime->rules[r].kind == RULE_WINDOW && strcmp(regime->rules[r].window.calendar, calendar) == 0 &&
				rule_binds(rulebook, regime, &regime->rules[r]))
				return true;
	}
	return false;
}

/* What lies beyond its coverage is held. */
static void
attend_calendar(const struct calendar *calendar, struct date today, rules_attention_fn *on_attention, void *context)
{
	char which[128];
	const struct date last = calendar_last(calendar);
	const struct civil civil = date_to_civil(last);
	if (last.days - today.days > CALENDAR_ATTENTION_DAYS)
		return;
	snprintf(which, sizeof which, "%s, to %04d-%02d-%02d", calendar_name(calendar), civil.year, civil.month, civil.day);
	on_attention(context, last.days < today.days ? "a calendar has ended" : "a calendar ends within a year", which,
		"add the holidays of the following years and extend X-DAYPART-COVERAGE; then daypart rules load");
}

void
rules_attention(const struct parsed_law *law, struct date today, rules_attention_fn *on_attention, void *context)
{
	for (size_t i = 0; i < law->rulebook->regime_count; i++)
		attend_regime(&law->rulebook->regimes[i], today, on_attention, context);
	for (size_t i = 0; i < law->calendar_count; i++)
		if (is_asked(law->rulebook, calendar_name(law->calendars[i])))
			attend_calendar(law->calendars[i], today, on_attention, context);
}
