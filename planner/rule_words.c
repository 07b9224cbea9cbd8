/*
 * Every sentence is written to a memory stream by one function for each kind of rule, in a table by kind.
 */
#include "rule_words.h"

#include <stdlib.h>

#include "law_words.h"
#include "planner/core/breaker.h"

/* What rules say, kind by kind ------------------------------------------------------------------------------------------------------------ */

static void
words_replaced(FILE *out, const char *which, const char *calendar, const struct day_ranges *ranges)
{
	if (ranges->count == 0)
		fprintf(out, "; not on %s (calendar %s)", which, calendar);
	else {
		fprintf(out, "; on %s (calendar %s) ", which, calendar);
		words_ranges(out, ranges);
	}
}

static void
words_special_days(FILE *out, const struct window_rule *window)
{
	if (window->on_holidays_replaced)
		words_replaced(out, "holidays", window->calendar, &window->holidays);
	if (window->on_eves_replaced)
		words_replaced(out, "days before a holiday", window->calendar, &window->eves);
}

static void
words_window(FILE *out, const struct rule *rule)
{
	const struct window_rule *window = &rule->window;
	if (window->emergency)
		fputs("while an emergency is declared where the person may be: ", out);
	if (window_is_never_open(window))
		fputs("nothing may leave", out);
	else {
		fputs("may leave ", out);
		words_days(out, window);
	}
	words_special_days(out, window);
	if (window->fixed_zone[0] != '\0')
		fprintf(out, "; by the clock of %s", window->fixed_zone);
}

static void
words_preference(FILE *out, const struct rule *rule)
{
	fputs("of the times at which it may leave, rather ", out);
	words_days(out, &rule->window);
	words_special_days(out, &rule->window);
}

void
words_cap_period(FILE *out, const struct rule *rule)
{
	const struct cap_rule *cap = &rule->cap;
	if (cap->period == CAP_CALENDAR_DAY)
		fputs("a day of the calendar", out);
	else if (cap->period == CAP_CALENDAR_MONTH)
		fputs("a month of the calendar", out);
	else {
		fputs("any ", out);
		words_duration(out, cap->length);
	}
}

static void
words_cap(FILE *out, const struct rule *rule)
{
	if (rule->cap.of_channels)
		fputs("messages to a person over no more than one channel within ", out);
	else
		fprintf(out, "at most %d message%s to a person within ", rule->cap.n, rule->cap.n == 1 ? "" : "s");
	words_cap_period(out, rule);
	if (rule->cap.same_subject)
		fputs(", of those on the same subject", out);
	if (rule->cap.on_holidays > 0)
		fprintf(out, "; at most %d on holidays (calendar %s)", rule->cap.on_holidays, rule->cap.calendar);
}

static void
words_consent(FILE *out, const struct rule *rule)
{
	const struct consent_rule *consent = &rule->consent;
	fputs(consent->required ? "consent is required" : "where consent is required", out);
	if (consent->evidence != 0) {
		fputs(consent->required ? "; it must show " : " it must show ", out);
		words_evidence(out, consent->evidence);
	}
	if (consent->good_for.us > 0) {
		fputs(consent->evidence != 0 || consent->required ? "; it counts for " : " it counts for ", out);
		words_duration(out, consent->good_for);
	}
}

static void
words_languages(FILE *out, const struct content_rule *content)
{
	fputs("be in ", out);
	for (size_t i = 0; i < content->language_count; i++)
		fprintf(out, "%s%s", words_joint(i, content->language_count, " or "), content->languages[i]);
}

static void
words_content(FILE *out, const struct rule *rule)
{
	const struct content_rule *content = &rule->content;
	const char *before = "the text must ";
	if (content->items != 0) {
		fputs(before, out);
		words_items(out, content->items);
		if ((content->items & CONTENT_BIT(CONTENT_IDENTIFIER)) != 0 && content->identifier_length > 0)
			fprintf(out, " of %d characters", content->identifier_length);
		before = "; ";
	}
	if (content->max_length > 0) {
		fprintf(out, "%sbe at most %d characters long", before, content->max_length);
		before = "; ";
	}
	if (content->language_count > 0) {
		fputs(before, out);
		words_languages(out, content);
	}
}

static void
words_template(FILE *out, const struct rule *rule)
{
	const struct template_rule *template = &rule->template;
	const char *before = "the template must ";
	if (template->approved) {
		fprintf(out, "%sbe approved", before);
		before = "; ";
	}
	if (template->own_purpose) {
		fprintf(out, "%sbe of the campaign's own category", before);
		before = "; ";
	}
	if (template->max_variables > 0) {
		fprintf(out, "%shave at most %d variables", before, template->max_variables);
		before = "; ";
	}
	if (template->idle.us > 0) {
		fprintf(out, "%shave been used within the last ", before);
		words_duration(out, template->idle);
		before = "; ";
	}
	if (template->lead_time.us > 0) {
		fprintf(out, "%shave been submitted ", before);
		words_duration(out, template->lead_time);
		fputs(" before the first message, when no day of approval is known", out);
	}
}

static void
words_session(FILE *out, const struct rule *rule)
{
	fputs("a text that is no approved template may leave only within ", out);
	words_duration(out, rule->session.length);
	fputs(" of the person's last message", out);
}

static void
words_record(FILE *out, const struct rule *rule)
{
	const struct record_rule *record = &rule->record;
	fprintf(out, "%s of the %s: %s (%s)", purpose_words(record->purpose), subject_name(record->subject), record->title, record->item);
	if (record->good_for.us > 0) {
		fputs("; it counts for ", out);
		words_duration(out, record->good_for);
	}
	if (record->renew_before.us > 0) {
		fputs("; renew it ", out);
		words_duration(out, record->renew_before);
		fputs(" before it ends", out);
	}
	if (record->lead_time.us > 0) {
		fputs("; it takes ", out);
		words_duration(out, record->lead_time);
	}
	if (record->buffer.us > 0) {
		fputs(", and ", out);
		words_duration(out, record->buffer);
		fputs(" more when it is rejected once", out);
	}
}

static void
words_prohibition(FILE *out, const struct rule *rule)
{
	const struct prohibition_rule *prohibition = &rule->prohibition;
	fputs(prohibition->sources ? "consent does not count when it came by " : "nothing may leave that concerns ", out);
	for (size_t i = 0; i < prohibition->tag_count; i++)
		fprintf(out, "%s%s", words_joint(i, prohibition->tag_count, " or "), prohibition->tags[i]);
	if (prohibition->absolute)
		fputs(", whatever licence the business holds", out);
}

static void
words_count(FILE *out, int32_t n)
{
	if (n == INT32_MAX)
		fputs("unlimited", out);
	else
		fprintf(out, "%d", n);
}

void
words_volume_period(FILE *out, const struct rule *rule)
{
	if (rule->volume.length.us > 0) {
		fputs("any ", out);
		words_duration(out, rule->volume.length);
	} else
		fprintf(out, "a day of the calendar of %s", rule->volume.fixed_zone);
}

void
words_tiers(FILE *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->volume.tier_count; i++) {
		fprintf(out, "%s%s: ", i == 0 ? "" : ", ", rule->volume.tiers[i].trust);
		words_count(out, rule->volume.tiers[i].n);
	}
}

static void
words_volume(FILE *out, const struct rule *rule)
{
	const struct volume_rule *volume = &rule->volume;
	fprintf(out, "%s may %s at most ", volume->scope == VOLUME_PORTFOLIO ? "all senders of a portfolio together" : "a sender",
		volume->people ? "write to" : "send");
	words_count(out, volume->n);
	fprintf(out, " %s within ", volume->people ? "people" : "messages");
	words_volume_period(out, rule);
	if (volume->tier_count > 0) {
		fputs("; by trust level ", out);
		words_tiers(out, rule);
	}
	if (volume->granted_max > 0)
		fprintf(out, "; a granted raise counts up to %d", volume->granted_max);
	if (volume->raise_after.us > 0) {
		fputs("; a raise can be granted ", out);
		words_duration(out, volume->raise_after);
		fputs(" after registration", out);
	}
}

static void
words_rate(FILE *out, const struct rule *rule)
{
	fprintf(out, "a sender may send at most %d message%s %s", rule->rate.n, rule->rate.n == 1 ? "" : "s",
		rule->rate.pair ? "to one person within " : "within ");
	words_duration(out, rule->rate.per);
}

static void
words_breaker_limit(FILE *out, const struct breaker_rule *breaker, int32_t value)
{
	char text[BREAKER_TEXT_MAX];
	breaker_tell_value(breaker, value, text);
	fputs(text, out);
	if (breaker_is_rate(breaker->metric))
		fputs(" of the messages", out);
}

static void
words_breaker(FILE *out, const struct rule *rule)
{
	const struct breaker_rule *breaker = &rule->breaker;
	fprintf(out, "nothing of a %s leaves ", breaker_scope_name(breaker->scope));
	if (breaker->metric == BREAKER_QUALITY)
		fputs("when the provider rates it worse than ", out);
	else
		fprintf(out, "from when on one more could bring its %s above ", breaker_events_words(breaker->metric));
	words_breaker_limit(out, breaker, breaker_ceiling(breaker));
	if (breaker->stop_at > 0) {
		fputs(" (the limit is ", out);
		words_breaker_limit(out, breaker, breaker->limit);
		fputc(')', out);
	}
	fputs(" within ", out);
	words_duration(out, breaker->per);
	if (breaker->min_samples > 0)
		fprintf(out, ", fewer than %d messages counting as %d", breaker->min_samples, breaker->min_samples);
	if (breaker->warn_at > 0) {
		fputs("; a warning from ", out);
		words_breaker_limit(out, breaker, breaker->warn_at);
		fputs(" on", out);
	}
	fprintf(out, "; a person resumes it, with a reason%s", breaker->needs == BREAKER_NEEDS_NEW_TEMPLATE ? " and a new template" : "");
}

static void
words_opt_out(FILE *out, const struct rule *rule)
{
	const struct opt_out_rule *opt_out = &rule->opt_out;
	fputs("an opt-out holds ", out);
	if (opt_out->deadline.us > 0) {
		fputs("within ", out);
		words_duration(out, opt_out->deadline);
	} else
		fputs("at once", out);
	fprintf(out, "; it %s be confirmed", confirmation_words(opt_out->confirmation));
	if (opt_out->confirm_within.us > 0) {
		fputs(" within ", out);
		words_duration(out, opt_out->confirm_within);
	}
	if (opt_out->keep_for.us > 0) {
		fputs("; it holds for at least ", out);
		words_duration(out, opt_out->keep_for);
	}
}

static void
words_retention(FILE *out, const struct rule *rule)
{
	const struct retention_rule *retention = &rule->retention;
	fprintf(out, "%s is kept", data_class_words(retention->data));
	if (retention->min.us > 0) {
		fputs(" at least ", out);
		words_duration(out, retention->min);
	}
	if (retention->max.us > 0) {
		fputs(retention->min.us > 0 ? " and at most " : " at most ", out);
		words_duration(out, retention->max);
	}
	fprintf(out, " after %s", data_event_words(retention->after));
}

static void
words_note(FILE *out, const struct rule *rule)
{
	fputs(rule->note.text != NULL ? rule->note.text : "", out);
}

/* Sentences ------------------------------------------------------------------------------------------------------------------------------- */

static words_fn *const kinds[RULE_KIND_COUNT] = {
	[RULE_WINDOW] = words_window,
	[RULE_CAP] = words_cap,
	[RULE_PREFERENCE] = words_preference,
	[RULE_CONSENT] = words_consent,
	[RULE_CONTENT] = words_content,
	[RULE_TEMPLATE] = words_template,
	[RULE_SESSION] = words_session,
	[RULE_RECORD] = words_record,
	[RULE_PROHIBITION] = words_prohibition,
	[RULE_VOLUME] = words_volume,
	[RULE_RATE] = words_rate,
	[RULE_BREAKER] = words_breaker,
	[RULE_OPT_OUT] = words_opt_out,
	[RULE_RETENTION] = words_retention,
	[RULE_NOTE] = words_note,
};

char *
words_written(words_fn *words, const struct rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	words(out, rule);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void
words_says(FILE *out, const struct rule *rule)
{
	kinds[rule->kind](out, rule);
}

char *
rule_words(const struct rule *rule)
{
	return words_written(kinds[rule->kind], rule);
}

void
words_dates(FILE *out, const struct rule *rule)
{
	if (rule->from.days != INT32_MIN) {
		fputs("; from ", out);
		words_date(out, rule->from);
	}
	if (rule->until.days != INT32_MAX) {
		fputs("; until ", out);
		words_date(out, (struct date){rule->until.days - 1});
	}
}

static void
words_scope(FILE *out, const struct rule *rule)
{
	words_categories(out, rule->categories);
	if ((rule->channels & ALL_CHANNELS) != ALL_CHANNELS) {
		fputs("; on ", out);
		words_channels(out, rule->channels);
	}
	words_dates(out, rule);
	if (rule->when != NULL) {
		fputs("; when ", out);
		words_condition(out, rule->when);
	}
}

char *
rule_words_scope(const struct rule *rule)
{
	return words_written(words_scope, rule);
}

void
words_waiver(FILE *out, const struct rule *rule)
{
	if (!rule->waivable) {
		fputs("never", out);
		return;
	}
	fprintf(out, "by %s", rule->waiver_role);
	if (rule->waiver_within.us > 0) {
		fputs(" for at most ", out);
		words_duration(out, rule->waiver_within);
	}
}

void
words_exceptions(FILE *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->exception_count; i++) {
		const struct exception *exception = &rule->exceptions[i];
		fputs(i > 0 ? "; " : "", out);
		fputs(exception->on ? "not when " : "(an exception that is off: not when ", out);
		words_condition(out, exception->condition);
		fprintf(out, " [%s]%s", exception->sources, exception->on ? "" : ")");
	}
}

static void
words_relief(FILE *out, const struct rule *rule)
{
	words_exceptions(out, rule);
	if (rule->waivable) {
		fputs(rule->exception_count > 0 ? "; a waiver can be granted " : "a waiver can be granted ", out);
		words_waiver(out, rule);
	}
}

char *
rule_words_relief(const struct rule *rule)
{
	return words_written(words_relief, rule);
}
