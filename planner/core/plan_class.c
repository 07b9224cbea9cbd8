/*
 * How it works: the law is merged once, admission narrows the span, windows are expanded within it. Rules may change between the first and the
 * last day of the span; for what is no window or cap the strictest day counts.
 */
#include "plan_class.h"

#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "emergency.h"
#include "preference.h"

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory for a class of people");
}

void
plan_class_clear(struct plan_class *class)
{
	if (class->caps.items != class->law.of[RULE_CAP].items)
		free(class->caps.items);
	free(class->pairs);
	advice_clear(class);
	law_free(&class->law);
	interval_set_free(&class->open);
	interval_set_free(&class->dealable);
	interval_set_free(&class->edges);
	free(class->facts);
	class->facts = NULL;
}

struct class_facts
plan_class_facts(const struct class_setup *setup, const struct plan_class *class)
{
	return (struct class_facts){.regions = class->place.regions,
		.region_count = class->place.region_count,
		.zones = class->place.zones,
		.zone_count = class->place.zone_count,
		.category = setup->campaign->category,
		.channel = setup->campaign->channel,
		.facts = class->facts,
		.fact_count = class->fact_count};
}

/* Days of the span ------------------------------------------------------------------------------------------------------------------------ */

/* Dates of two zones are up to two days apart. */
static struct date
first_day(const struct plan_class *class)
{
	return (struct date){wall_date(zone_wall(class->zones[0], class->span.from)).days - 2};
}

static struct date
last_day(const struct plan_class *class)
{
	return (struct date){wall_date(zone_wall(class->zones[0], class->span.until)).days + 2};
}

static struct consent_need
strictest_need(const struct plan_class *class)
{
	struct consent_need need = {.required = false};
	for (struct date day = first_day(class); day.days <= last_day(class).days; day.days++) {
		const struct consent_need that_day = law_consent_need(&class->law, day);
		need.required = need.required || that_day.required;
		need.evidence |= that_day.evidence;
		if (that_day.good_for.us > 0 && (need.good_for.us == 0 || that_day.good_for.us < need.good_for.us))
			need.good_for = that_day.good_for;
	}
	return need;
}

const struct rule *
class_consent_rule(const struct plan_class *class, uint32_t missing)
{
	const struct rule *rule = NULL;
	for (struct date day = first_day(class); rule == NULL && day.days <= last_day(class).days; day.days++)
		rule = law_consent_rule(&class->law, day, missing);
	return rule;
}

const struct rule *
class_expiry_rule(const struct plan_class *class)
{
	const struct rule_list *rules = &class->law.of[RULE_CONSENT];
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i]->consent.good_for.us == class->need.good_for.us)
			return rules->items[i];
	return NULL;
}

const struct rule *
class_judge_values(const struct plan_class *class, const struct content_facts *facts)
{
	const struct rule_list *rules = &class->law.of[RULE_CONTENT];
	const struct date first = first_day(class), last = last_day(class);
	const struct rule *broken = content_judge_values(&class->law, first, facts);
	for (size_t i = 0; i < rules->count && broken == NULL; i++) /* rules that begin in between */
		if (rules->items[i]->from.days > first.days && rules->items[i]->from.days <= last.days)
			broken = content_judge_values(&class->law, rules->items[i]->from, facts);
	return broken;
}

/* Caps ------------------------------------------------------------------------------------------------------------------------------------ */

static size_t
count_pairs(const struct law *law)
{
	size_t count = 0;
	for (size_t i = 0; i < law->of[RULE_RATE].count; i++)
		count += law->of[RULE_RATE].items[i]->rate.pair;
	return count;
}

struct rule
plan_class_pair_cap(const struct rule *rule)
{
	struct rule pair = *rule;
	pair.kind = RULE_CAP;
	pair.categories = ALL_CATEGORIES;
	pair.cap = (struct cap_rule){.n = 1, .period = CAP_ROLLING, .length = budget_rule_gap(rule)};
	return pair;
}

static enum status
collect_caps(struct plan_class *class)
{
	const struct rule_list *caps = &class->law.of[RULE_CAP], *rates = &class->law.of[RULE_RATE];
	const size_t pairs = count_pairs(&class->law);
	class->caps = *caps;
	if (pairs == 0)
		return STATUS_OK;
	const struct rule **items = malloc((caps->count + pairs) * sizeof *items);
	class->pairs = malloc(pairs * sizeof *class->pairs);
	if (items == NULL || class->pairs == NULL) {
		free(items);
		return STATUS_NO_MEMORY;
	}
	if (caps->count > 0)
		memcpy(items, caps->items, caps->count * sizeof *items);
	class->caps = (struct rule_list){items, caps->count};
	for (size_t i = 0, pair = 0; i < rates->count; i++)
		if (rates->items[i]->rate.pair) {
			class->pairs[pair] = plan_class_pair_cap(rates->items[i]);
			items[class->caps.count++] = &class->pairs[pair++];
		}
	return STATUS_OK;
}

/* Every day or month edge in the span, so that lookups need not evaluate the caps again. */
static enum status
collect_edges(struct plan_class *class)
{
	struct instant edge = class->span.from;
	while (true) {
		edge = cap_edge_after(class->caps.items, class->caps.count, class->zones, class->place.zone_count, edge);
		if (edge.us >= class->span.until.us)
			return STATUS_OK;
		if (interval_set_add(&class->edges, (struct interval){edge, {edge.us + 1}}) != STATUS_OK)
			return STATUS_NO_MEMORY;
	}
}

enum status
plan_class_dealable(
	const struct class_setup *setup, const struct plan_class *class, const struct interval_set *lawful, struct interval_set *out)
{
	const int64_t margin = setup->margin.us;
	struct interval_set before_ends = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < lawful->count && status == STATUS_OK; i++)
		status = interval_set_add(&before_ends, (struct interval){{lawful->items[i].until.us - margin}, lawful->items[i].until});
	for (size_t i = 0; i < class->edges.count && status == STATUS_OK; i++)
		status = interval_set_add(&before_ends, (struct interval){{class->edges.items[i].from.us - margin}, class->edges.items[i].from});
	if (status == STATUS_OK)
		status = interval_set_subtract(lawful, &before_ends, out);
	interval_set_free(&before_ends);
	return status;
}

struct instant
class_not_after(const struct plan_class *class, const struct interval_set *lawful, struct instant due)
{
	const struct interval *stretch = interval_set_find(lawful, due);
	struct instant end = stretch != NULL ? stretch->until : due;
	const struct interval *edge = interval_set_next(&class->edges, due);
	if (edge != NULL && edge->from.us <= due.us) /* due is the edge itself: the next one counts */
		edge = edge + 1 < class->edges.items + class->edges.count ? edge + 1 : NULL;
	if (edge != NULL)
		end = instant_min(end, edge->from);
	return instant_min(end, quota_edge_after(class->quota, class->limits, due));
}

/* Windows --------------------------------------------------------------------------------------------------------------------------------- */

static enum status
expand_windows(const struct class_setup *setup, const struct plan_class *class, const struct law *law, struct windows *out, struct err *err)
{
	const struct class_facts facts = plan_class_facts(setup, class);
	return window_expand_in(law, &facts, class->zones, &setup->context, class->span, out, err);
}

/* What one window rule alone leaves of the span, and whether a calendar says nothing about some of it. */
static enum status
measure_rule(const struct class_setup *setup, const struct plan_class *class, const struct rule *rule, int64_t *out_open_us,
	bool *out_unknown, struct err *err)
{
	struct law alone = LAW_INIT;
	alone.of[RULE_WINDOW] = (struct rule_list){&rule, 1};
	struct windows windows = WINDOWS_INIT;
	const enum status status = expand_windows(setup, class, &alone, &windows, err);
	*out_open_us = 0;
	for (size_t i = 0; status == STATUS_OK && i < windows.open.count; i++)
		*out_open_us += windows.open.items[i].until.us - windows.open.items[i].from.us;
	*out_unknown = status == STATUS_OK && windows.unknown.count > 0;
	windows_free(&windows);
	return status;
}

static enum status
find_window_rules(const struct class_setup *setup, const struct plan_class *class, const struct rule **out_closing,
	const struct rule **out_unknown, struct err *err)
{
	const struct rule_list *rules = &class->law.of[RULE_WINDOW];
	int64_t least = class->span.until.us - class->span.from.us;
	*out_closing = *out_unknown = NULL;
	for (size_t i = 0; i < rules->count; i++) {
		int64_t open_us;
		bool unknown;
		const enum status status = measure_rule(setup, class, rules->items[i], &open_us, &unknown, err);
		if (status != STATUS_OK)
			return status;
		if (unknown && *out_unknown == NULL)
			*out_unknown = rules->items[i];
		if (open_us < least) {
			least = open_us;
			*out_closing = rules->items[i];
		}
	}
	return STATUS_OK;
}

static enum status
clip_to(struct interval_set *set, struct interval valid)
{
	struct interval_set only = INTERVAL_SET_INIT, both = INTERVAL_SET_INIT;
	enum status status = interval_set_add(&only, valid);
	if (status == STATUS_OK)
		status = interval_set_intersect(set, &only, &both);
	interval_set_free(&only);
	if (status != STATUS_OK) {
		interval_set_free(&both);
		return status;
	}
	interval_set_free(set);
	*set = both;
	return STATUS_OK;
}

/* Preferences ----------------------------------------------------------------------------------------------------------------------------- */

static enum status
prefer_hours(const struct plan_class *class, struct preferred_hours hours, const struct interval_set *dealable, struct interval within,
	struct interval_set *out, struct err *err)
{
	const enum status status = preference_hours(&hours, class->zones, class->place.zone_count, dealable, within, out);
	return status == STATUS_OK ? STATUS_OK : no_memory(err);
}

static enum status
prefer_by_rules(const struct class_setup *setup, const struct plan_class *class, const struct interval_set *dealable,
	struct interval within, struct interval_set *out, struct err *err)
{
	const struct law ranked = {.of[RULE_WINDOW] = class->law.of[RULE_PREFERENCE]};
	struct windows windows = WINDOWS_INIT;
	enum status status = STATUS_OK;
	interval_set_clear(out);
	if (ranked.of[RULE_WINDOW].count == 0 || within.from.us >= within.until.us)
		return STATUS_OK;
	status = window_expand(&ranked, class->zones, class->place.zone_count, &setup->context, within, &windows, err);
	if (status == STATUS_OK && interval_set_intersect(dealable, &windows.open, out) != STATUS_OK)
		status = no_memory(err);
	windows_free(&windows);
	return status;
}

enum status
plan_class_preferred(const struct class_setup *setup, const struct plan_class *class, unsigned preference,
	const struct interval_set *dealable, struct interval within, struct interval_set *out, struct err *err)
{
	const struct campaign_facts *campaign = setup->campaign;
	const int32_t hour_s = 3600, day_s = 86400;
	struct preferred_hours hours = {campaign->send_at, {day_s}};
	within.until = instant_min(within.until, class->span.until);
	if (preference == 0 && campaign->pacing != DEAL_AT)
		return prefer_by_rules(setup, class, dealable, within, out, err);
	if (preference > 0)
		hours = (struct preferred_hours){{((int32_t)preference - 1) * hour_s}, {(int32_t)preference * hour_s}};
	return prefer_hours(class, hours, dealable, within, out, err);
}

/* Admission ------------------------------------------------------------------------------------------------------------------------------- */

static struct admission
judge_admission(const struct class_setup *setup, const struct plan_class *class, struct interval span)
{
	if (class->variant >= setup->terms->variant_count)
		return (struct admission){.reason = REASON_TEMPLATE_NOT_APPROVED};
	return admission_judge(
		&class->law, setup->terms, &setup->terms->variants[class->variant], class->zones, class->place.zone_count, span, NULL, NULL);
}

static void
refuse(struct plan_class *class, enum reason reason, const struct rule *rule)
{
	class->refusal = reason;
	class->refusal_rule = rule;
}

/* The windows leave something, but not while all is in order: what closes is what fails within the windows. */
static void
refuse_by_admission(const struct class_setup *setup, struct plan_class *class, struct interval hull)
{
	const struct admission admission = judge_admission(setup, class, hull);
	refuse(class, admission.reason != REASON_NONE ? admission.reason : REASON_NO_WINDOW, admission.rule);
}

/* Where the windows leave nothing. `law_open`: the law alone would leave something, the campaign's hours do not. */
static enum status
refuse_by_windows(const struct class_setup *setup, struct plan_class *class, bool law_open, struct err *err)
{
	const struct rule *closing = NULL;
	if (class->calendar_unknown) {
		refuse(class, REASON_CALENDAR_UNKNOWN, class->calendar_rule);
		return STATUS_OK;
	}
	const enum status status = law_open ? STATUS_OK : find_window_rules(setup, class, &closing, &(const struct rule *){NULL}, err);
	refuse(class, REASON_NO_WINDOW, closing);
	return status;
}

/* `open` becomes what the windows of the law and the campaign leave. */
static enum status
open_windows(const struct class_setup *setup, struct plan_class *class, bool *out_law_open, struct err *err)
{
	struct windows windows = WINDOWS_INIT;
	enum status status = expand_windows(setup, class, &class->law, &windows, err);
	if (status == STATUS_OK) {
		class->open = windows.open;
		windows.open = (struct interval_set)INTERVAL_SET_INIT;
		class->calendar_unknown = windows.unknown.count > 0;
		*out_law_open = class->open.count > 0;
		if (setup->campaign->has_hours)
			status = window_clip_local_hours(&class->open, class->zones, class->place.zone_count, setup->campaign->hours, class->span, err);
	}
	windows_free(&windows);
	if (status == STATUS_OK && class->calendar_unknown)
		status = find_window_rules(setup, class, &(const struct rule *){NULL}, &class->calendar_rule, err);
	return status;
}

static enum status
open_class(const struct class_setup *setup, struct plan_class *class, struct interval valid, struct err *err)
{
	bool law_open = false;
	enum status status = open_windows(setup, class, &law_open, err);
	if (status != STATUS_OK)
		return status;
	if (plan_class_dealable(setup, class, &class->open, &class->dealable) != STATUS_OK)
		return no_memory(err);
	if (class->dealable.count == 0)
		return refuse_by_windows(setup, class, law_open, err);
	const struct interval hull = {class->open.items[0].from, class->open.items[class->open.count - 1].until};
	if (hull.from.us >= valid.from.us && hull.until.us <= valid.until.us)
		return STATUS_OK;
	interval_set_clear(&class->dealable);
	if (clip_to(&class->open, valid) != STATUS_OK || plan_class_dealable(setup, class, &class->open, &class->dealable) != STATUS_OK)
		return no_memory(err);
	if (class->dealable.count == 0)
		refuse_by_admission(setup, class, hull);
	return STATUS_OK;
}

static void
take_session(struct plan_class *class, const struct admission *admission)
{
	const struct rule_list *rules = &class->law.of[RULE_SESSION];
	class->needs_session = admission->needs_session;
	class->session = admission->session;
	for (size_t i = 0; class->session_rule == NULL && i < rules->count; i++)
		if (rules->items[i]->session.length.us == admission->session.us)
			class->session_rule = rules->items[i];
}

/* Behind the end of the stretch in which all is in order there may be another. One that does not begin at once may be counted from the beginning of
 * the span. */
static struct instant
admission_holds_until(const struct plan_class *class, const struct admission *admission)
{
	if (admission->reason != REASON_NONE)
		return (struct instant){INT64_MAX};
	if (admission->valid.from.us > class->span.from.us)
		return (struct instant){INT64_MIN};
	return (struct instant){admission->valid.until.us < class->span.until.us ? admission->valid.until.us : INT64_MAX};
}

enum status
plan_class_fill(const struct class_setup *setup, struct plan_class *class, struct err *err)
{
	const struct class_facts facts = plan_class_facts(setup, class);
	enum status status = law_merge(setup->rulebook, &facts, &class->law, err);
	if (status != STATUS_OK)
		return status;
	class->calendars = setup->context.calendars;
	class->calendar_count = setup->context.calendar_count;
	class->channel_bit = CHANNEL_BIT(setup->campaign->channel);
	class->subject = setup->campaign->subject;
	class->terms_hash = cap_calendars_hash(law_terms_hash(setup->rulebook, &class->law), class->law.of[RULE_CAP].items,
		class->law.of[RULE_CAP].count, class->calendars, class->calendar_count);
	class->need = strictest_need(class);
	class->holds_until = (struct instant){INT64_MAX};
	class->quota = setup->quota;
	class->volume = quota_rules_of(setup->rulebook, &class->law);
	class->limits = quota_limits_of(setup->quota, &class->law);
	class->judges_values = class->law.of[RULE_CONTENT].count > 0 && class->variant < setup->terms->variant_count &&
		setup->terms->variants[class->variant].variable_count > 0;
	if (collect_caps(class) != STATUS_OK || collect_edges(class) != STATUS_OK)
		return no_memory(err);
	if (class->span.from.us >= class->span.until.us) {
		refuse(class, REASON_NO_WINDOW, NULL);
		return STATUS_OK;
	}
	const struct admission admission = judge_admission(setup, class, class->span);
	take_session(class, &admission);
	class->holds_until = admission_holds_until(class, &admission);
	if (admission.reason == REASON_NONE) {
		status = open_class(setup, class, admission.valid, err);
		return status == STATUS_OK && class->refusal == REASON_NONE ? advice_fill(setup, class, err) : status;
	}
	refuse(class, admission.reason, admission.rule);
	return STATUS_OK;
}
