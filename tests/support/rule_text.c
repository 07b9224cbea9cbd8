#include "tests/support/rule_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "planner/core/breaker.h"

/* Appends, after a blank, to a text of RULE_TEXT_MAX bytes. */
static void PRINTF_LIKE(2, 3) add(char *text, const char *format, ...)
{
	const size_t length = strlen(text);
	va_list args;
	va_start(args, format);
	if (length + 2 < RULE_TEXT_MAX) {
		if (length > 0)
			text[length] = ' ';
		vsnprintf(text + length + (length > 0), RULE_TEXT_MAX - length - 1, format, args);
	}
	va_end(args);
}

/* Nothing for 0. */
static void
add_duration(char *out, const char *name, struct duration duration)
{
	static const struct {
		int64_t us;
		char unit;
	} units[] = {{US_PER_DAY, 'd'}, {US_PER_HOUR, 'h'}, {US_PER_MINUTE, 'm'}, {US_PER_SECOND, 's'}};
	size_t i = 0;
	if (duration.us == 0)
		return;
	while (duration.us % units[i].us != 0)
		i++;
	add(out, "%s %lld%c", name, (long long)(duration.us / units[i].us), units[i].unit);
}

void
rule_text_date(struct date date, char out[RULE_TEXT_MAX])
{
	const struct civil civil = date_to_civil(date);
	snprintf(out, RULE_TEXT_MAX, "%04d-%02d-%02d", (int)civil.year, (int)civil.month, (int)civil.day);
}

static void
add_date(char *out, const char *name, struct date date)
{
	char text[RULE_TEXT_MAX];
	if (date.days == INT32_MIN || date.days == INT32_MAX)
		return;
	rule_text_date(date, text);
	add(out, "%s %s", name, text);
}

/* Kinds of rule --------------------------------------------------------------------------------------------------------------------------- */

static void
add_day(char *out, const struct day_ranges *day)
{
	if (day->count == 0)
		add(out, "-");
	for (int i = 0; i < day->count; i++) {
		const int from = day->ranges[i].from.s / 60, until = day->ranges[i].until.s / 60;
		add(out, "%02d:%02d-%02d:%02d%s", from / 60, from % 60, until / 60, until % 60, i + 1 < day->count ? "," : "");
	}
}

static void
say_window(const struct rule *rule, char *out)
{
	const struct window_rule *window = &rule->window;
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		add_day(out, &window->days[day]);
	if (window->on_holidays_replaced) {
		add(out, "/");
		add_day(out, &window->holidays);
	}
	if (window->on_eves_replaced) {
		add(out, "^");
		add_day(out, &window->eves);
	}
	if (window->calendar[0] != '\0')
		add(out, "%s", window->calendar);
	if (window->fixed_zone[0] != '\0')
		add(out, "by %s", window->fixed_zone);
	if (window->emergency)
		add(out, "in an emergency");
}

static void
say_cap(const struct rule *rule, char *out)
{
	add(out, rule->cap.of_channels ? "%u channel" : "%u", rule->cap.n);
	if (rule->cap.period == CAP_ROLLING)
		add_duration(out, "in", rule->cap.length);
	else
		add(out, "a calendar %s", rule->cap.period == CAP_CALENDAR_DAY ? "day" : "month");
	if (rule->cap.same_subject)
		add(out, "same subject");
	if (rule->cap.on_holidays > 0)
		add(out, "%u on holidays %s", rule->cap.on_holidays, rule->cap.calendar);
}

static void
say_consent(const struct rule *rule, char *out)
{
	add(out, rule->consent.required ? "required:" : "where required:");
	for (unsigned i = 0; i < EVIDENCE_COUNT; i++)
		if (rule->consent.evidence & EVIDENCE_BIT(i))
			add(out, "%s", evidence_name((enum evidence)i));
	add_duration(out, "good for", rule->consent.good_for);
}

static void
say_content(const struct rule *rule, char *out)
{
	for (unsigned i = 0; i < CONTENT_COUNT; i++)
		if (rule->content.items & CONTENT_BIT(i))
			add(out, "%s", content_item_name((enum content_item)i));
	if (rule->content.identifier_length > 0)
		add(out, "of %u", rule->content.identifier_length);
	if (rule->content.max_length > 0)
		add(out, "at most %u characters", rule->content.max_length);
	for (unsigned i = 0; i < rule->content.language_count; i++)
		add(out, "in %s", rule->content.languages[i]);
}

static void
say_template(const struct rule *rule, char *out)
{
	const struct template_rule *template = &rule->template;
	if (template->approved)
		add(out, "approved");
	if (template->own_purpose)
		add(out, "own purpose");
	if (template->max_variables > 0)
		add(out, "at most %u variables", template->max_variables);
	add_duration(out, "idle", template->idle);
	add_duration(out, "takes", template->lead_time);
}

static void
say_session(const struct rule *rule, char *out)
{
	add_duration(out, "for", rule->session.length);
}

static void
say_record(const struct rule *rule, char *out)
{
	static const char *const purposes[] = {
		[RECORD_REGISTRATION] = "registration", [RECORD_ATTESTATION] = "attestation", [RECORD_SCRUB] = "registry"};
	const struct record_rule *record = &rule->record;
	add(out, "%s of %s %s", purposes[record->purpose], subject_name(record->subject), record->item);
	add_duration(out, "good for", record->good_for);
	add_duration(out, "renew", record->renew_before);
	add_duration(out, "takes", record->lead_time);
	add_duration(out, "buffer", record->buffer);
}

static void
say_prohibition(const struct rule *rule, char *out)
{
	add(out, "%s%s:", rule->prohibition.absolute ? "absolute " : "", rule->prohibition.sources ? "sources" : "tags");
	for (unsigned i = 0; i < rule->prohibition.tag_count; i++)
		add(out, "%s%s", rule->prohibition.tags[i], i + 1u < rule->prohibition.tag_count ? "," : "");
}

static void
add_limit(char *out, const char *name, int32_t n)
{
	if (n == INT32_MAX)
		add(out, "%s=unlimited", name);
	else
		add(out, "%s=%d", name, (int)n);
}

static void
say_volume(const struct rule *rule, char *out)
{
	const struct volume_rule *volume = &rule->volume;
	add(out, "%s %s", volume->scope == VOLUME_SENDER ? "sender" : "portfolio", volume->people ? "people" : "messages");
	add_duration(out, "in", volume->length);
	if (volume->fixed_zone[0] != '\0')
		add(out, "a day of %s", volume->fixed_zone);
	add_limit(out, "n", volume->n);
	for (unsigned i = 0; i < volume->tier_count; i++)
		add_limit(out, volume->tiers[i].trust, volume->tiers[i].n);
	if (volume->granted_max > 0)
		add_limit(out, "granted", volume->granted_max);
	add_duration(out, "after", volume->raise_after);
}

static void
say_rate(const struct rule *rule, char *out)
{
	add(out, "%d", (int)rule->rate.n);
	add_duration(out, "in", rule->rate.per);
	add(out, rule->rate.pair ? "to one person" : "in all");
}

static void
say_breaker(const struct rule *rule, char *out)
{
	const struct breaker_rule *breaker = &rule->breaker;
	char text[BREAKER_TEXT_MAX];
	breaker_tell_value(breaker, breaker->limit, text);
	add(out, "%s of a %s limit %s", breaker_metric_name(breaker->metric), breaker_scope_name(breaker->scope), text);
	if (breaker->stop_at > 0) {
		breaker_tell_value(breaker, breaker->stop_at, text);
		add(out, "stop at %s", text);
	}
	if (breaker->warn_at > 0) {
		breaker_tell_value(breaker, breaker->warn_at, text);
		add(out, "warn at %s", text);
	}
	if (breaker->min_samples > 0)
		add(out, "of %d or more", (int)breaker->min_samples);
	add_duration(out, "in", breaker->per);
	add(out, "resume with %s", breaker_needs_name(breaker->needs));
}

static void
say_opt_out(const struct rule *rule, char *out)
{
	static const char *const words[] = {
		[CONFIRMATION_ALLOWED] = "allowed", [CONFIRMATION_REQUIRED] = "required", [CONFIRMATION_FORBIDDEN] = "forbidden"};
	add_duration(out, "deadline", rule->opt_out.deadline);
	add(out, "confirmation %s", words[rule->opt_out.confirmation]);
	add_duration(out, "within", rule->opt_out.confirm_within);
	add_duration(out, "keep", rule->opt_out.keep_for);
}

static void
say_retention(const struct rule *rule, char *out)
{
	static const char *const classes[] = {
		[DATA_PROFILE] = "profile", [DATA_EVIDENCE] = "evidence", [DATA_SUPPRESSION] = "suppression", [DATA_MESSAGES] = "messages"};
	static const char *const events[] = {[AFTER_GRANT] = "grant", [AFTER_LAST_USE] = "last use", [AFTER_OPT_OUT] = "opt-out"};
	add(out, "%s after %s", classes[rule->retention.data], events[rule->retention.after]);
	add_duration(out, "min", rule->retention.min);
	add_duration(out, "max", rule->retention.max);
}

static void
say_note(const struct rule *rule, char *out)
{
	add(out, rule->note.text[0] != '\0' ? "note" : "empty note");
}

void
rule_text_says(const struct rule *rule, char out[RULE_TEXT_MAX])
{
	static void (*const say[RULE_KIND_COUNT])(const struct rule *, char *) = {
		[RULE_WINDOW] = say_window,
		[RULE_CAP] = say_cap,
		[RULE_PREFERENCE] = say_window,
		[RULE_CONSENT] = say_consent,
		[RULE_CONTENT] = say_content,
		[RULE_TEMPLATE] = say_template,
		[RULE_SESSION] = say_session,
		[RULE_RECORD] = say_record,
		[RULE_PROHIBITION] = say_prohibition,
		[RULE_VOLUME] = say_volume,
		[RULE_RATE] = say_rate,
		[RULE_BREAKER] = say_breaker,
		[RULE_OPT_OUT] = say_opt_out,
		[RULE_RETENTION] = say_retention,
		[RULE_NOTE] = say_note,
	};
	*out = '\0';
	say[rule->kind](rule, out);
}

/* Whom it binds --------------------------------------------------------------------------------------------------------------------------- */

/* "all", "all but ..." for one or two missing, else the list. */
static void
add_categories(char *out, uint32_t categories)
{
	int missing = 0;
	for (unsigned i = 0; i < CATEGORY_COUNT; i++)
		missing += !(categories & CATEGORY_BIT(i));
	if (missing <= 2)
		add(out, missing == 0 ? "all" : "all but");
	for (unsigned i = 0; i < CATEGORY_COUNT; i++)
		if (missing <= 2 ? !(categories & CATEGORY_BIT(i)) : categories & CATEGORY_BIT(i))
			add(out, "%s", category_name((enum category)i));
}

void
rule_text_binds(const struct rule *rule, char out[RULE_TEXT_MAX])
{
	*out = '\0';
	add_categories(out, rule->categories);
	for (unsigned i = 0; i < CHANNEL_COUNT; i++)
		if (rule->channels == CHANNEL_BIT(i))
			add(out, "on %s", channel_name((enum channel)i));
	add_date(out, "from", rule->from);
	add_date(out, "until", rule->until);
	if (rule->when)
		add(out, "when (%s)", predicate_text(rule->when));
	for (unsigned i = 0; i < rule->exception_count; i++)
		add(out, "except %s (%s) %s", rule->exceptions[i].on ? "on" : "off", predicate_text(rule->exceptions[i].condition),
			rule->exceptions[i].sources);
	if (rule->waivable) {
		add(out, "waiver %s", rule->waiver_role);
		add_duration(out, "within", rule->waiver_within);
	}
	if (rule->option[0] != '\0')
		add(out, "option \"%s\" %s", rule->option, rule->off ? "off" : "on");
}

void
regime_text_regions(const struct regime *regime, char out[RULE_TEXT_MAX])
{
	*out = '\0';
	if (regime->everywhere)
		add(out, "everywhere");
	else if (regime->region_count > 12)
		add(out, "%zu from %s to %s", regime->region_count, regime->regions[0], regime->regions[regime->region_count - 1]);
	else
		for (size_t i = 0; i < regime->region_count; i++)
			add(out, "%s", regime->regions[i]);
}
