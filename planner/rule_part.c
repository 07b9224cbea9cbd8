/*
 * Tables, one a kind. What is not told as it is stored has a function that tells it.
 */
#include "rule_part.h"

#include <stddef.h>

#include "law_words.h"
#include "planner/core/breaker.h"

#define PART(name, value, member, order, tell) \
	{ \
		name, value, order, offsetof(struct rule, member), tell \
	}
#define COMPOUND(name, order, tell) \
	{ \
		name, PART_COMPOUND, order, 0, tell \
	}
#define END \
	{ \
		.name = NULL \
	}

/* Telling what is not told as it is stored ------------------------------------------------------------------------------------------------ */

static void
tell_strength(FILE *out, const struct rule *rule)
{
	fputs(strength_words(rule->strength), out);
}

static void
tell_categories(FILE *out, const struct rule *rule)
{
	words_categories(out, rule->categories);
}

static void
tell_channels(FILE *out, const struct rule *rule)
{
	words_channels(out, rule->channels);
}

static void
tell_when(FILE *out, const struct rule *rule)
{
	if (rule->when == NULL)
		fputs("always", out);
	words_condition(out, rule->when);
}

static void
tell_exceptions(FILE *out, const struct rule *rule)
{
	if (rule->exception_count == 0)
		fputs("none", out);
	words_exceptions(out, rule);
}

static void
tell_reading(FILE *out, const struct rule *rule)
{
	fputs(rule->off ? "off" : "on", out);
}

static void
tell_special(FILE *out, bool replaced, const struct day_ranges *ranges)
{
	if (replaced)
		words_ranges(out, ranges);
	else
		fputs("as on other days", out);
}

static void
tell_holidays(FILE *out, const struct rule *rule)
{
	tell_special(out, rule->window.on_holidays_replaced, &rule->window.holidays);
}

static void
tell_eves(FILE *out, const struct rule *rule)
{
	tell_special(out, rule->window.on_eves_replaced, &rule->window.eves);
}

static void
tell_clock(FILE *out, const struct rule *rule)
{
	fputs(rule->window.fixed_zone[0] != '\0' ? rule->window.fixed_zone : "the recipient's", out);
}

static void
tell_counted(FILE *out, const struct rule *rule)
{
	fputs(rule->cap.of_channels ? "channels" : "messages", out);
}

static void
tell_same(FILE *out, const struct rule *rule)
{
	fputs(rule->cap.same_subject ? "subject" : "business", out);
}

static void
tell_cap_holidays(FILE *out, const struct rule *rule)
{
	if (rule->cap.on_holidays > 0)
		fprintf(out, "%d", rule->cap.on_holidays);
	else
		fputs("as on other days", out);
}

static void
tell_evidence(FILE *out, const struct rule *rule)
{
	fputs(rule->consent.evidence == 0 ? "none" : "", out);
	words_evidence(out, rule->consent.evidence);
}

static void
tell_items(FILE *out, const struct rule *rule)
{
	fputs(rule->content.items == 0 ? "nothing" : "", out);
	words_items(out, rule->content.items);
}

static void
tell_languages(FILE *out, const struct rule *rule)
{
	fputs(rule->content.language_count == 0 ? "any" : "", out);
	for (size_t i = 0; i < rule->content.language_count; i++)
		fprintf(out, "%s%s", words_joint(i, rule->content.language_count, " or "), rule->content.languages[i]);
}

static void
tell_purpose(FILE *out, const struct rule *rule)
{
	fprintf(out, "%s of the %s: %s", purpose_words(rule->record.purpose), subject_name(rule->record.subject), rule->record.item);
}

static void
tell_tags(FILE *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->prohibition.tag_count; i++)
		fprintf(out, "%s%s", words_joint(i, rule->prohibition.tag_count, " and "), rule->prohibition.tags[i]);
}

static void
tell_scope(FILE *out, const struct rule *rule)
{
	fputs(rule->volume.scope == VOLUME_PORTFOLIO ? "a portfolio" : "a sender", out);
}

static void
tell_volume(FILE *out, const struct rule *rule)
{
	if (rule->volume.n == INT32_MAX)
		fputs("unlimited", out);
	else
		fprintf(out, "%d", rule->volume.n);
}

static void
tell_metric(FILE *out, const struct rule *rule)
{
	fputs(breaker_metric_name(rule->breaker.metric), out);
}

static void
tell_breaker_scope(FILE *out, const struct rule *rule)
{
	fputs(breaker_scope_name(rule->breaker.scope), out);
}

static void
tell_level(FILE *out, const struct rule *rule, int32_t value)
{
	char text[BREAKER_TEXT_MAX] = "none";
	if (value > 0)
		breaker_tell_value(&rule->breaker, value, text);
	fputs(text, out);
}

static void
tell_limit(FILE *out, const struct rule *rule)
{
	tell_level(out, rule, rule->breaker.limit);
}

static void
tell_stop_at(FILE *out, const struct rule *rule)
{
	tell_level(out, rule, rule->breaker.stop_at);
}

static void
tell_warn_at(FILE *out, const struct rule *rule)
{
	tell_level(out, rule, rule->breaker.warn_at);
}

static void
tell_needs(FILE *out, const struct rule *rule)
{
	fputs(breaker_needs_name(rule->breaker.needs), out);
}

static void
tell_confirmation(FILE *out, const struct rule *rule)
{
	fprintf(out, "%s be confirmed", confirmation_words(rule->opt_out.confirmation));
}

static void
tell_data(FILE *out, const struct rule *rule)
{
	fprintf(out, "%s after %s", data_class_words(rule->retention.data), data_event_words(rule->retention.after));
}

/* Tables ---------------------------------------------------------------------------------------------------------------------------------- */

static const struct rule_part parts_of_all[] = {
	PART("source", PART_TEXT, sources, ORDER_NEUTRAL, NULL),
	PART("strength", PART_NUMBER, strength, ORDER_LESS, tell_strength),
	PART("categories", PART_NUMBER, categories, ORDER_MORE_BITS, tell_categories),
	PART("channels", PART_NUMBER, channels, ORDER_MORE_BITS, tell_channels),
	PART("from", PART_DATE, from, ORDER_LESS, NULL),
	PART("until", PART_DATE, until, ORDER_MORE, NULL),
	COMPOUND("when", ORDER_WHEN, tell_when),
	COMPOUND("except", ORDER_EXCEPTIONS, tell_exceptions),
	COMPOUND("waiver", ORDER_WAIVER, words_waiver),
	PART("option", PART_TEXT, option, ORDER_NEUTRAL, NULL),
	PART("on", PART_BOOL, off, ORDER_LESS, tell_reading),
	END,
};

static const struct rule_part window_parts[] = {
	PART("monday", PART_RANGES, window.days[MONDAY], ORDER_WITHIN, NULL),
	PART("tuesday", PART_RANGES, window.days[TUESDAY], ORDER_WITHIN, NULL),
	PART("wednesday", PART_RANGES, window.days[WEDNESDAY], ORDER_WITHIN, NULL),
	PART("thursday", PART_RANGES, window.days[THURSDAY], ORDER_WITHIN, NULL),
	PART("friday", PART_RANGES, window.days[FRIDAY], ORDER_WITHIN, NULL),
	PART("saturday", PART_RANGES, window.days[SATURDAY], ORDER_WITHIN, NULL),
	PART("sunday", PART_RANGES, window.days[SUNDAY], ORDER_WITHIN, NULL),
	COMPOUND("holidays", ORDER_HOLIDAYS, tell_holidays),
	COMPOUND("eves", ORDER_EVES, tell_eves),
	PART("calendar", PART_TEXT, window.calendar, ORDER_UNCLEAR, NULL),
	PART("clock", PART_TEXT, window.fixed_zone, ORDER_UNCLEAR, tell_clock),
	PART("emergency", PART_BOOL, window.emergency, ORDER_LESS, NULL),
	END,
};

static const struct rule_part cap_parts[] = {
	PART("n", PART_SHORT, cap.n, ORDER_LESS, NULL),
	PART("of", PART_BOOL, cap.of_channels, ORDER_UNCLEAR, tell_counted),
	PART("same", PART_BOOL, cap.same_subject, ORDER_LESS, tell_same),
	PART("per", PART_LENGTH, cap.length, ORDER_PERIOD, words_cap_period),
	PART("holidays", PART_SHORT, cap.on_holidays, ORDER_LESS_OR_NONE, tell_cap_holidays),
	PART("calendar", PART_TEXT, cap.calendar, ORDER_UNCLEAR, NULL),
	END,
};

/* It forbids nothing, so no other hours are tighter. */
static const struct rule_part preference_parts[] = {
	PART("monday", PART_RANGES, window.days[MONDAY], ORDER_NEUTRAL, NULL),
	PART("tuesday", PART_RANGES, window.days[TUESDAY], ORDER_NEUTRAL, NULL),
	PART("wednesday", PART_RANGES, window.days[WEDNESDAY], ORDER_NEUTRAL, NULL),
	PART("thursday", PART_RANGES, window.days[THURSDAY], ORDER_NEUTRAL, NULL),
	PART("friday", PART_RANGES, window.days[FRIDAY], ORDER_NEUTRAL, NULL),
	PART("saturday", PART_RANGES, window.days[SATURDAY], ORDER_NEUTRAL, NULL),
	PART("sunday", PART_RANGES, window.days[SUNDAY], ORDER_NEUTRAL, NULL),
	COMPOUND("holidays", ORDER_NEUTRAL, tell_holidays),
	COMPOUND("eves", ORDER_NEUTRAL, tell_eves),
	PART("calendar", PART_TEXT, window.calendar, ORDER_NEUTRAL, NULL),
	END,
};

static const struct rule_part consent_parts[] = {
	PART("required", PART_BOOL, consent.required, ORDER_MORE, NULL),
	PART("evidence", PART_NUMBER, consent.evidence, ORDER_MORE_BITS, tell_evidence),
	PART("good_for", PART_LENGTH, consent.good_for, ORDER_LESS_OR_NONE, NULL),
	END,
};

static const struct rule_part content_parts[] = {
	PART("requires", PART_NUMBER, content.items, ORDER_MORE_BITS, tell_items),
	PART("max_length", PART_SHORT, content.max_length, ORDER_LESS_OR_NONE, NULL),
	PART("identifier_length", PART_SMALL, content.identifier_length, ORDER_UNCLEAR, NULL),
	COMPOUND("languages", ORDER_LANGUAGES, tell_languages),
	END,
};

static const struct rule_part template_parts[] = {
	PART("approved", PART_BOOL, template.approved, ORDER_MORE, NULL),
	PART("own_purpose", PART_BOOL, template.own_purpose, ORDER_MORE, NULL),
	PART("max_variables", PART_SMALL, template.max_variables, ORDER_LESS_OR_NONE, NULL),
	PART("idle", PART_LENGTH, template.idle, ORDER_LESS_OR_NONE, NULL),
	PART("lead_time", PART_LENGTH, template.lead_time, ORDER_MORE, NULL),
	END,
};

static const struct rule_part session_parts[] = {
	PART("length", PART_LENGTH, session.length, ORDER_LESS, NULL),
	END,
};

static const struct rule_part record_parts[] = {
	PART("item", PART_TEXT, record.item, ORDER_UNCLEAR, tell_purpose),
	PART("title", PART_TEXT, record.title, ORDER_NEUTRAL, NULL),
	PART("good_for", PART_LENGTH, record.good_for, ORDER_LESS_OR_NONE, NULL),
	PART("renew_before", PART_LENGTH, record.renew_before, ORDER_NEUTRAL, NULL),
	PART("lead_time", PART_LENGTH, record.lead_time, ORDER_NEUTRAL, NULL),
	PART("buffer", PART_LENGTH, record.buffer, ORDER_NEUTRAL, NULL),
	END,
};

static const struct rule_part prohibition_parts[] = {
	PART("sources", PART_BOOL, prohibition.sources, ORDER_UNCLEAR, NULL),
	PART("absolute", PART_BOOL, prohibition.absolute, ORDER_MORE, NULL),
	COMPOUND("tags", ORDER_TAGS, tell_tags),
	END,
};

static const struct rule_part volume_parts[] = {
	PART("scope", PART_NUMBER, volume.scope, ORDER_UNCLEAR, tell_scope),
	PART("people", PART_BOOL, volume.people, ORDER_UNCLEAR, NULL),
	PART("per", PART_LENGTH, volume.length, ORDER_PERIOD, words_volume_period),
	PART("n", PART_NUMBER, volume.n, ORDER_LESS, tell_volume),
	PART("granted_max", PART_NUMBER, volume.granted_max, ORDER_LESS, NULL),
	PART("raise_after", PART_LENGTH, volume.raise_after, ORDER_MORE, NULL),
	COMPOUND("tiers", ORDER_UNCLEAR, words_tiers),
	END,
};

static const struct rule_part rate_parts[] = {
	PART("n", PART_NUMBER, rate.n, ORDER_LESS, NULL),
	PART("per", PART_LENGTH, rate.per, ORDER_MORE, NULL),
	PART("pair", PART_BOOL, rate.pair, ORDER_UNCLEAR, NULL),
	END,
};

static const struct rule_part breaker_parts[] = {
	PART("metric", PART_NUMBER, breaker.metric, ORDER_UNCLEAR, tell_metric),
	PART("scope", PART_NUMBER, breaker.scope, ORDER_UNCLEAR, tell_breaker_scope),
	PART("limit", PART_NUMBER, breaker.limit, ORDER_LESS, tell_limit),
	PART("stop_at", PART_NUMBER, breaker.stop_at, ORDER_LESS_OR_NONE, tell_stop_at),
	PART("warn_at", PART_NUMBER, breaker.warn_at, ORDER_NEUTRAL, tell_warn_at),
	PART("min_samples", PART_NUMBER, breaker.min_samples, ORDER_LESS, NULL),
	PART("per", PART_LENGTH, breaker.per, ORDER_UNCLEAR, NULL),
	PART("resume", PART_NUMBER, breaker.needs, ORDER_MORE, tell_needs),
	END,
};

static const struct rule_part opt_out_parts[] = {
	PART("deadline", PART_LENGTH, opt_out.deadline, ORDER_LESS, NULL),
	PART("confirmation", PART_NUMBER, opt_out.confirmation, ORDER_UNCLEAR, tell_confirmation),
	PART("confirm_within", PART_LENGTH, opt_out.confirm_within, ORDER_LESS_OR_NONE, NULL),
	PART("keep_for", PART_LENGTH, opt_out.keep_for, ORDER_MORE_OR_EVER, NULL),
	END,
};

static const struct rule_part retention_parts[] = {
	PART("data", PART_NUMBER, retention.data, ORDER_UNCLEAR, tell_data),
	PART("after", PART_NUMBER, retention.after, ORDER_UNCLEAR, tell_data),
	PART("min", PART_LENGTH, retention.min, ORDER_MORE, NULL),
	PART("max", PART_LENGTH, retention.max, ORDER_LESS_OR_NONE, NULL),
	END,
};

static const struct rule_part note_parts[] = {
	COMPOUND("text", ORDER_NEUTRAL, words_says),
	END,
};

const struct rule_part *
rule_parts_of_all(void)
{
	return parts_of_all;
}

const struct rule_part *
rule_parts(enum rule_kind kind)
{
	static const struct rule_part *const parts[RULE_KIND_COUNT] = {
		[RULE_WINDOW] = window_parts,
		[RULE_CAP] = cap_parts,
		[RULE_PREFERENCE] = preference_parts,
		[RULE_CONSENT] = consent_parts,
		[RULE_CONTENT] = content_parts,
		[RULE_TEMPLATE] = template_parts,
		[RULE_SESSION] = session_parts,
		[RULE_RECORD] = record_parts,
		[RULE_PROHIBITION] = prohibition_parts,
		[RULE_VOLUME] = volume_parts,
		[RULE_RATE] = rate_parts,
		[RULE_BREAKER] = breaker_parts,
		[RULE_OPT_OUT] = opt_out_parts,
		[RULE_RETENTION] = retention_parts,
		[RULE_NOTE] = note_parts,
	};
	return parts[kind];
}

/* Values ---------------------------------------------------------------------------------------------------------------------------------- */

int64_t
rule_part_number(const struct rule *rule, const struct rule_part *part)
{
	const void *at = (const char *)rule + part->offset;
	switch (part->value) {
	case PART_BOOL:
		return *(const bool *)at;
	case PART_SMALL:
		return *(const uint8_t *)at;
	case PART_SHORT:
		return *(const uint16_t *)at;
	case PART_NUMBER:
	case PART_DATE:
		return *(const int32_t *)at;
	case PART_LENGTH:
		return ((const struct duration *)at)->us;
	case PART_TEXT:
	case PART_RANGES:
	case PART_COMPOUND:
		break;
	}
	return 0;
}

static void
tell_length(FILE *out, struct duration length, enum part_order order)
{
	if (length.us > 0)
		words_duration(out, length);
	else
		fputs(order == ORDER_LESS_OR_NONE ? "no limit" : order == ORDER_MORE_OR_EVER ? "for ever" : "none", out);
}

static void
tell_date(FILE *out, struct date date)
{
	if (date.days == INT32_MIN || date.days == INT32_MAX)
		fputs("not limited", out);
	else
		words_date(out, date);
}

void
rule_part_tell(FILE *out, const struct rule *rule, const struct rule_part *part)
{
	const char *at = (const char *)rule + part->offset;
	const int64_t number = rule_part_number(rule, part);
	if (part->tell != NULL)
		part->tell(out, rule);
	else if (part->value == PART_TEXT)
		fputs(*at != '\0' ? at : "none", out);
	else if (part->value == PART_RANGES)
		words_ranges(out, (const void *)at);
	else if (part->value == PART_BOOL)
		fputs(number != 0 ? "yes" : "no", out);
	else if (part->value == PART_LENGTH)
		tell_length(out, (struct duration){number}, part->order);
	else if (part->value == PART_DATE)
		tell_date(out, (struct date){(int32_t)number});
	else if (number == 0 && part->order == ORDER_LESS_OR_NONE)
		fputs("no limit", out);
	else
		fprintf(out, "%lld", (long long)number);
}
