/* How it works: windows are expanded one by one, so that each can be named; a cap is asked about the one instant only. */
#include "advice.h"

#include <stdlib.h>

#include "budget.h"
#include "emergency.h"

bool
advice_judges(enum rule_kind kind)
{
	return kind == RULE_CAP || kind == RULE_WINDOW || kind == RULE_RATE || kind == RULE_VOLUME;
}

static size_t
count_judged(const struct rule_list *rules)
{
	size_t count = 0;
	for (size_t i = 0; i < rules->count; i++)
		count += advice_judges(rules->items[i]->kind);
	return count;
}

static enum status
open_window(const struct class_setup *setup, const struct plan_class *class, struct advised_rule *advised, struct err *err)
{
	const struct class_facts facts = plan_class_facts(setup, class);
	struct law alone = LAW_INIT;
	struct windows windows = WINDOWS_INIT;
	alone.of[RULE_WINDOW] = (struct rule_list){&advised->rule, 1};
	const enum status status = window_expand_in(&alone, &facts, class->zones, &setup->context, class->span, &windows, err);
	if (status == STATUS_OK) {
		advised->open = windows.open;
		windows.open = (struct interval_set)INTERVAL_SET_INIT;
	}
	windows_free(&windows);
	return status;
}

/* A window whose calendar or zone this host has not got cannot be judged, and what only advises stops no plan. */
static enum status
add_rule(const struct class_setup *setup, struct plan_class *class, const struct rule *rule, struct err *err)
{
	struct advised_rule advised = {.rule = rule, .open = INTERVAL_SET_INIT};
	enum status status = rule->kind == RULE_WINDOW ? open_window(setup, class, &advised, err) : STATUS_OK;
	if (rule->kind == RULE_VOLUME && rule->volume.length.us == 0) {
		advised.zone = zone_set_find(setup->context.zones, rule->volume.fixed_zone);
		status = advised.zone != NULL ? STATUS_OK : STATUS_NOT_FOUND;
	}
	if (status == STATUS_NOT_FOUND) {
		*err = (struct err)ERR_INIT;
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		class->advised[class->advised_count++] = advised;
	return status;
}

enum status
advice_fill(const struct class_setup *setup, struct plan_class *class, struct err *err)
{
	const struct rule_list *rules = &class->law.advice;
	const size_t count = count_judged(rules);
	enum status status = STATUS_OK;
	if (count == 0)
		return STATUS_OK;
	class->advised = calloc(count, sizeof *class->advised);
	if (class->advised == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for a class of people");
	for (size_t i = 0; i < rules->count && status == STATUS_OK; i++)
		if (advice_judges(rules->items[i]->kind))
			status = add_rule(setup, class, rules->items[i], err);
	return status;
}

void
advice_clear(struct plan_class *class)
{
	for (size_t i = 0; i < class->advised_count; i++)
		interval_set_free(&class->advised[i].open);
	free(class->advised);
	class->advised = NULL;
	class->advised_count = 0;
}

/* On the day that it may be where the person may be. */
static bool
is_too_fast(const struct plan_class *class, const struct rule *rule, const struct advised_message *message)
{
	const struct sender_facts sender = {.trust = "", .rate_milli = message->rate_milli};
	struct law law = LAW_INIT;
	law.of[RULE_RATE] = (struct rule_list){&rule, 1};
	for (size_t i = 0; i < class->place.zone_count; i++)
		if (budget_rate_milli(&law, &sender, wall_date(zone_wall(class->zones[i], message->at))) < message->rate_milli)
			return true;
	return false;
}

static enum status
judge_cap(const struct plan_class *class, const struct rule *cap, const struct advised_message *message, bool *out_against)
{
	struct interval_set blocked = INTERVAL_SET_INIT;
	const struct cap_scope scope = {class->zones, class->place.zone_count, class->calendars, class->calendar_count,
		{message->at, {message->at.us + 1}}, class->channel_bit, class->subject};
	if (message->event_count == 0)
		return STATUS_OK;
	const enum status status = cap_blocked(&cap, 1, message->events, message->event_count, &scope, &blocked);
	*out_against = blocked.count > 0;
	interval_set_free(&blocked);
	return status;
}

enum status
advice_judge(const struct plan_class *class, const struct advised_rule *advised, const struct advised_message *message, bool *out_against)
{
	const struct rule *rule = advised->rule;
	*out_against = false;
	if (rule->kind == RULE_WINDOW)
		*out_against = interval_set_find(&advised->open, message->at) == NULL;
	else if (rule->kind == RULE_RATE && !rule->rate.pair)
		*out_against = is_too_fast(class, rule, message);
	else if (rule->kind == RULE_RATE) {
		const struct rule pair = plan_class_pair_cap(rule);
		return judge_cap(class, &pair, message, out_against);
	} else if (rule->kind == RULE_CAP)
		return judge_cap(class, rule, message, out_against);
	return STATUS_OK;
}
