#include "naive_advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "naive_law.h"

bool
naive_clocks_change_near(const struct plan_class *class, struct instant at)
{
	for (size_t i = 0; i < class->place.zone_count; i++)
		if (zone_next_change(class->zones[i], (struct instant){at.us - 3 * US_PER_DAY}).us < at.us + 3 * US_PER_DAY)
			return true;
	return false;
}

static bool
window_permits(const struct scene *scene, const struct plan_class *class, const struct rule *rule, struct instant at)
{
	for (size_t i = 0; i < class->place.zone_count; i++) {
		const struct zone *clock = rule->window.fixed_zone[0] ? zone_set_find(scene->zones, rule->window.fixed_zone) : class->zones[i];
		if (!naive_window_permits(rule, clock, *rule->window.calendar ? scene->calendar : NULL, at))
			return false;
	}
	return true;
}

static bool
is_against(const struct scene *scene, const struct plan_class *class, const struct scene_person *person, const struct rule *rule,
	struct instant at)
{
	const struct calendar *const calendars[] = {scene->calendar};
	const struct cap_scope scope = {class->zones, class->place.zone_count, calendars, 1, {{0}, {0}}, class->channel_bit, class->subject};
	if (rule->kind == RULE_WINDOW)
		return !window_permits(scene, class, rule, at);
	if (rule->kind == RULE_CAP)
		return !naive_cap_permits(rule, &scope, person->others, person->other_count, at);
	if (!rule->rate.pair)
		return rule->rate.n * INT64_C(1000) * US_PER_SECOND / rule->rate.per.us < scene->rate_milli;
	const int64_t gap = (rule->rate.per.us + rule->rate.n - 1) / rule->rate.n;
	for (size_t i = 0; i < person->other_count; i++)
		if (person->others[i].latest.us > at.us - gap && person->others[i].earliest.us < at.us + gap)
			return true;
	return false;
}

/* Of somebody who is placed, else NULL. */
static const struct plan_class *
placed_class(const struct scene *scene, struct planned *planned, size_t i, struct instant *out_at)
{
	const struct scene_person *person = &scene->people[i];
	enum reason held;
	if (!person->has_slot || person->done)
		return NULL;
	*out_at = instant_max(person->slot.due_at, scene_span(scene).from);
	return scene_class_of(planned, person, &held);
}

/* Whose slot ends before the first instant that the plan looks at, it may look away from. */
static bool
ends_first(const struct scene *scene, size_t i)
{
	return scene->people[i].slot.not_after.us <= scene_span(scene).from.us;
}

static int64_t
quarter_of(struct instant at)
{
	return at.us / (15 * US_PER_MINUTE);
}

/* The first in due order are let in as long as the quarters of an hour of their period hold fewer than n who were. */
static int64_t
over_volume(struct scene *scene, struct planned *planned, const struct rule *rule, bool ending)
{
	int64_t quarters[SCENE_PEOPLE_MAX], over = 0;
	size_t count = 0, let_in = 0;
	struct instant at;
	for (size_t i = 0; i < scene->person_count; i++)
		if (placed_class(scene, planned, i, &at) != NULL && (ending || !ends_first(scene, i))) {
			size_t place = count++;
			for (; place > 0 && quarters[place - 1] > quarter_of(at); place--)
				quarters[place] = quarters[place - 1];
			quarters[place] = quarter_of(at);
		}
	for (size_t i = 0; i < count; i++) {
		int64_t within = 0;
		for (size_t j = 0; j < let_in; j++)
			within += quarters[j] > quarters[i] - rule->volume.length.us / (15 * US_PER_MINUTE);
		if (within < rule->volume.n)
			quarters[let_in++] = quarters[i];
		else
			over++;
	}
	return over;
}

void
naive_advice_people(struct scene *scene, struct planned *planned, const struct rule *rule, int64_t *out_least, int64_t *out_most)
{
	struct instant at;
	*out_least = rule->kind == RULE_VOLUME ? over_volume(scene, planned, rule, false) : 0;
	*out_most = rule->kind == RULE_VOLUME ? over_volume(scene, planned, rule, true) : 0;
	for (size_t i = 0; rule->kind != RULE_VOLUME && i < scene->person_count; i++) {
		const struct plan_class *class = placed_class(scene, planned, i, &at);
		if (class == NULL)
			continue;
		const bool against = is_against(scene, class, &scene->people[i], rule, at);
		*out_least += against && !ends_first(scene, i);
		*out_most += against || (rule->kind == RULE_WINDOW && naive_clocks_change_near(class, at));
	}
}
