/* How it works: the person's own stretch is one interval; caps take away from what it leaves. Most people have no messages and no such stretch. */
#include "leeway.h"

static const struct interval ALWAYS = {{INT64_MIN}, {INT64_MAX}};

static struct instant
later(struct instant at, struct duration by)
{
	return (struct instant){at.us > INT64_MAX - by.us ? INT64_MAX : at.us + by.us};
}

static struct interval
service_window(const struct plan_class *class, const struct person_facts *facts)
{
	if (!class->needs_session)
		return ALWAYS;
	return (struct interval){facts->last_inbound, later(facts->last_inbound, class->session)};
}

static struct interval
own_stretch(const struct plan_class *class, const struct person_facts *facts)
{
	struct interval stretch = service_window(class, facts);
	if (class->need.required && class->need.good_for.us > 0)
		stretch.until = instant_min(stretch.until, later(facts->given_at, class->need.good_for));
	return stretch;
}

static bool
covers(struct interval stretch, const struct interval_set *set)
{
	return set->count == 0 || (stretch.from.us <= set->items[0].from.us && stretch.until.us >= set->items[set->count - 1].until.us);
}

static enum status
within(const struct interval_set *set, struct interval stretch, struct interval_set *out)
{
	struct interval_set only = INTERVAL_SET_INIT;
	enum status status = STATUS_OK;
	if (stretch.from.us < stretch.until.us)
		status = interval_set_add(&only, stretch);
	if (status == STATUS_OK)
		status = interval_set_intersect(set, &only, out);
	interval_set_free(&only);
	return status;
}

/* What the caps block of the class's span. */
static enum status
find_blocked(const struct plan_class *class, const struct rule *const *caps, size_t cap_count, const struct leeway_person *person,
	struct interval_set *out)
{
	const struct cap_scope scope = {
		class->zones, class->place.zone_count, class->calendars, class->calendar_count, class->span, class->channel_bit, class->subject};
	return cap_blocked(caps, cap_count, person->events, person->event_count, &scope, out);
}

static enum status
apply_caps(const struct plan_class *class, const struct leeway_person *person, struct leeway *leeway)
{
	if (person->event_count == 0 || class->caps.count == 0)
		return STATUS_OK;
	struct interval_set blocked = INTERVAL_SET_INIT, left = INTERVAL_SET_INIT;
	enum status status = find_blocked(class, class->caps.items, class->caps.count, person, &blocked);
	if (status == STATUS_OK && blocked.count > 0)
		status = interval_set_subtract(leeway_lawful(class, leeway), &blocked, &left);
	if (status == STATUS_OK && blocked.count > 0 && !interval_set_equal(leeway_lawful(class, leeway), &left)) {
		interval_set_free(&leeway->lawful);
		leeway->lawful = left;
		leeway->narrowed = true;
		left = (struct interval_set)INTERVAL_SET_INIT;
	}
	interval_set_free(&blocked);
	interval_set_free(&left);
	return status;
}

enum status
leeway_find(const struct plan_class *class, const struct leeway_person *person, struct leeway *out)
{
	const struct interval stretch = own_stretch(class, person->facts);
	enum status status = STATUS_OK;
	*out = (struct leeway){.lawful = INTERVAL_SET_INIT};
	if (!covers(stretch, &class->open)) {
		out->narrowed = true;
		status = within(&class->open, stretch, &out->lawful);
	}
	return status == STATUS_OK ? apply_caps(class, person, out) : status;
}

void
leeway_free(struct leeway *leeway)
{
	interval_set_free(&leeway->lawful);
}

/* Why not ------------------------------------------------------------------------------------------------------------------------------- */

/* Whether the stretch leaves anything that can be dealt. */
static enum status
leaves_nothing(const struct class_table *table, const struct plan_class *class, struct interval stretch, bool *out)
{
	struct interval_set open = INTERVAL_SET_INIT, dealable = INTERVAL_SET_INIT;
	enum status status = within(&class->open, stretch, &open);
	if (status == STATUS_OK)
		status = class_dealable(table, class, &open, &dealable);
	*out = dealable.count == 0;
	interval_set_free(&open);
	interval_set_free(&dealable);
	return status;
}

static int64_t
total_us(const struct interval_set *set)
{
	int64_t total = 0;
	for (size_t i = 0; i < set->count; i++)
		total += set->items[i].until.us - set->items[i].from.us;
	return total;
}

/* What one cap alone leaves: how long, and whether any of it can be dealt. */
static enum status
measure_cap(const struct class_table *table, const struct plan_class *class, const struct rule *cap, const struct leeway_person *person,
	int64_t *out_left_us, bool *out_nothing)
{
	struct interval_set own = INTERVAL_SET_INIT, blocked = INTERVAL_SET_INIT, left = INTERVAL_SET_INIT, dealable = INTERVAL_SET_INIT;
	enum status status = within(&class->open, own_stretch(class, person->facts), &own);
	if (status == STATUS_OK)
		status = find_blocked(class, &cap, 1, person, &blocked);
	if (status == STATUS_OK)
		status = interval_set_subtract(&own, &blocked, &left);
	if (status == STATUS_OK)
		status = class_dealable(table, class, &left, &dealable);
	*out_left_us = total_us(&left);
	*out_nothing = dealable.count == 0;
	interval_set_free(&own);
	interval_set_free(&blocked);
	interval_set_free(&left);
	interval_set_free(&dealable);
	return status;
}

static enum status
deciding_cap(const struct class_table *table, const struct plan_class *class, const struct leeway_person *person, const struct rule **out)
{
	int64_t least = INT64_MAX;
	*out = NULL;
	if (class->caps.count == 1) {
		*out = class->caps.items[0];
		return STATUS_OK;
	}
	for (size_t i = 0; i < class->caps.count; i++) {
		int64_t left_us;
		bool nothing;
		const enum status status = measure_cap(table, class, class->caps.items[i], person, &left_us, &nothing);
		if (status != STATUS_OK)
			return status;
		if (left_us < least) {
			least = left_us;
			*out = class->caps.items[i];
		}
		if (nothing) {
			*out = class->caps.items[i];
			return STATUS_OK;
		}
	}
	return STATUS_OK;
}

static void
answer(enum reason reason, const struct rule *rule, enum reason *out_reason, const struct rule **out_rule)
{
	*out_reason = reason;
	*out_rule = rule;
}

enum status
leeway_refusal(const struct class_table *table, const struct plan_class *class, const struct leeway_person *person, enum reason *out_reason,
	const struct rule **out_rule)
{
	bool nothing = false;
	enum status status = STATUS_OK;
	if (class->refusal != REASON_NONE) {
		answer(class->refusal, class->refusal_rule, out_reason, out_rule);
		return STATUS_OK;
	}
	answer(REASON_NO_SERVICE_WINDOW, class->session_rule, out_reason, out_rule);
	if (class->needs_session)
		status = leaves_nothing(table, class, service_window(class, person->facts), &nothing);
	if (status != STATUS_OK || nothing)
		return status;
	answer(REASON_CONSENT_EXPIRED, class_expiry_rule(class), out_reason, out_rule);
	if (class->need.required && class->need.good_for.us > 0)
		status = leaves_nothing(table, class, own_stretch(class, person->facts), &nothing);
	if (status != STATUS_OK || nothing)
		return status;
	answer(REASON_CALENDAR_UNKNOWN, class->calendar_rule, out_reason, out_rule);
	if (class->calendar_unknown)
		return STATUS_OK;
	*out_reason = REASON_FREQUENCY_CAP;
	return deciding_cap(table, class, person, out_rule);
}
