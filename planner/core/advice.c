/* How it works: windows are expanded one by one, so that each can be named; a cap is asked about the one instant only. */
#include "advice.h"

#include <stdlib.h>

#include "emergency.h"

static bool
is_judged(const struct rule *rule)
{
	return rule->kind == RULE_CAP || rule->kind == RULE_WINDOW;
}

static size_t
count_judged(const struct rule_list *rules)
{
	size_t count = 0;
	for (size_t i = 0; i < rules->count; i++)
		count += is_judged(rules->items[i]);
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
	const enum status status = rule->kind == RULE_WINDOW ? open_window(setup, class, &advised, err) : STATUS_OK;
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
		if (is_judged(rules->items[i]))
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

enum status
advice_judge(const struct plan_class *class, const struct advised_rule *advised, const struct advised_message *message, bool *out_against)
{
	if (advised->rule->kind == RULE_WINDOW) {
		*out_against = interval_set_find(&advised->open, message->at) == NULL;
		return STATUS_OK;
	}
	struct interval_set blocked = INTERVAL_SET_INIT;
	const struct cap_scope scope = {class->zones, class->place.zone_count, class->calendars, class->calendar_count,
		{message->at, {message->at.us + 1}}, class->channel_bit, class->subject};
	*out_against = false;
	if (message->event_count == 0)
		return STATUS_OK;
	const enum status status = cap_blocked(&advised->rule, 1, message->events, message->event_count, &scope, &blocked);
	*out_against = blocked.count > 0;
	interval_set_free(&blocked);
	return status;
}
