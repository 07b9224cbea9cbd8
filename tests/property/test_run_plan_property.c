/*
 * Random campaigns over random laws, zones of this machine, people, histories and queues, planned, planned again, and planned after something
 * changed. What the plan decides is held against naive_law.h and against the promises of run_plan.h.
 */
#include "planner/core/run_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/tzdb.h"
#include "tests/support/law_fixture.h"
#include "tests/support/naive_law.h"
#include "tests/support/plan_fixture.h"
#include "tests/support/random_law.h"

enum {
	CASES = 400,
	PEOPLE_MAX = 40,
	OTHERS_MAX = 4, /* messages of one person besides the campaign's */
	RULES_MAX = 3,
	CLASSES_MAX = 64,
	LANE = 1,
	OWN_RUN = 1,
	OTHER_RUN = 2,
	MARGIN_US = 10 * US_PER_SECOND
};

struct person {
	struct member member;
	struct cap_event others[OTHERS_MAX]; /* what the caps must count; the same as in queue and ledger */
	size_t other_count;
	bool done;
	bool has_slot;          /* what is stored */
	char rule[RULE_ID_MAX]; /* with member.stored */
	struct queued_slot slot;
};

struct scene {
	struct rule windows[RULES_MAX], caps[RULES_MAX], consent;
	struct regime regimes[3];
	struct rulebook rulebook;
	struct calendar *calendar;
	const struct calendar *calendars[1]; /* the same */
	struct campaign_facts campaign;
	struct instant now, horizon;
	int64_t rate_milli;
	struct person people[PEOPLE_MAX];
	size_t person_count;
	struct by_person *queue, *ledger;
	char class_keys[CLASSES_MAX][256]; /* stored classes; the row is the index + 1 */
	size_t class_count;
};

struct planned {
	struct class_table *classes;
	struct run_plan *plan;
};

static struct zone_set *zones;

/* Scenes ------------------------------------------------------------------------------------------------------------------------------------- */

static const uint64_t phones[] = {12125550123, 13125550123, 14155550123, 12505550123, 5511987654321, 5581987654321, 919812345678,
	9779841234567, 4915112345678, 447700900123, 6421123456, 351912345678, 18005550123};

static void
random_law(struct random_source *random, struct scene *scene)
{
	const size_t windows = random_below(random, RULES_MAX), caps = random_below(random, RULES_MAX + 1);
	for (size_t i = 0; i < RULES_MAX; i++) {
		scene->windows[i] = random_window_rule(random, scene->now);
		scene->caps[i] = random_cap_rule(random);
		scene->windows[i].id[0] = (char)('a' + i);
		scene->caps[i].id[0] = (char)('k' + i);
	}
	scene->consent = (struct rule){.id = "consent",
		.kind = RULE_CONSENT,
		.categories = ALL_CATEGORIES,
		.channels = ALL_CHANNELS,
		.from = {INT32_MIN},
		.until = {INT32_MAX},
		.consent = {.required = true, .evidence = EVIDENCE_BIT(EVIDENCE_TIME)}};
	scene->regimes[0] = (struct regime){.id = "w", .everywhere = true, .rules = scene->windows, .rule_count = windows};
	scene->regimes[1] = (struct regime){.id = "c", .everywhere = true, .rules = scene->caps, .rule_count = caps};
	scene->regimes[2] = (struct regime){.id = "e", .everywhere = true, .rules = &scene->consent, .rule_count = 1};
	scene->rulebook = (struct rulebook){.regimes = scene->regimes, .regime_count = 3};
}

static struct campaign_time
random_time(struct random_source *random, struct instant at)
{
	struct campaign_time time = {.local = random_chance(random, 40), .at = at};
	time.wall.us = at.us;
	return time;
}

static struct campaign_facts
random_campaign(struct random_source *random, struct instant now)
{
	const struct instant starts = {now.us + random_between(random, -2 * 1440, 2 * 1440) * US_PER_MINUTE};
	const int64_t minutes = random_between(random, 0, random_chance(random, 20) ? 90 : 5 * 1440);
	const struct instant ends = {starts.us + minutes * US_PER_MINUTE};
	struct campaign_facts campaign = {.campaign_id = (int32_t)random_below(random, 1000),
		.run_id = OWN_RUN,
		.starts_at = random_time(random, starts),
		.ends_at = random_time(random, ends),
		.has_hours = random_chance(random, 40),
		.pacing = random_chance(random, 50) ? DEAL_ASAP : DEAL_EVEN,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS};
	const int32_t from = 60 * (int32_t)random_below(random, 1440);
	campaign.hours = (struct day_range){{from}, {60 * (int32_t)random_between(random, 0, 1440)}};
	campaign.holdout_percent = random_chance(random, 50) ? (unsigned)random_below(random, 40) : 0;
	return campaign;
}

static void
add_other(struct random_source *random, struct scene *scene, struct person *person)
{
	const bool queued = random_chance(random, 40);
	const struct instant at = {scene->now.us + random_between(random, queued ? 0 : -6 * 1440, queued ? 5 * 1440 : 0) * US_PER_MINUTE};
	const struct instant end = {at.us + random_between(random, 1, 600) * US_PER_MINUTE};
	const int64_t id = person->member.recipient_id;
	const struct queued_slot slot = {.recipient_id = id,
		.due_at = at,
		.not_after = end,
		.run_id = OTHER_RUN,
		.class_id = 1,
		.lane = (int16_t)random_between(random, LANE, LANE + 1),
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS};
	const struct ledger_event event = {.recipient_id = id,
		.at = at,
		.run_id = random_chance(random, 50) ? OTHER_RUN : 0,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS,
		.counts = random_chance(random, 90)};
	assert_int_equal(queued ? by_person_add(scene->queue, &slot) : by_person_add(scene->ledger, &event), STATUS_OK);
	if (queued || event.counts)
		person->others[person->other_count++] =
			(struct cap_event){at, queued ? (struct instant){end.us - 1} : at, CATEGORY_BIT(CATEGORY_MARKETING), CHANNEL_BIT(CHANNEL_SMS)};
}

static struct person
random_person(struct random_source *random)
{
	struct member member = {.recipient_id = (int64_t)(random_next(random) >> 1),
		.known = !random_chance(random, 3),
		.phone = phones[random_below(random, sizeof phones / sizeof phones[0])],
		.region = "",
		.timezone = ""};
	if (random_chance(random, 40))
		member.timezone = random_zone_name(random);
	member.facts.suppressed = random_chance(random, 5);
	member.facts.consent_granted = !random_chance(random, 5);
	member.facts.evidence = random_chance(random, 5) ? 0 : EVIDENCE_BIT(EVIDENCE_TIME);
	return (struct person){.member = member};
}

static void
open_scene(struct random_source *random, struct scene *scene)
{
	*scene = (struct scene){
		.now = random_minute(random, zone_set_find(zones, random_zone_name(random))), .person_count = 1 + random_below(random, PEOPLE_MAX)};
	static const int64_t rates[] = {1, 20, 300, 1000, 1500, 10000};
	scene->rate_milli = rates[random_below(random, sizeof rates / sizeof rates[0])];
	scene->horizon.us = scene->now.us + random_between(random, 1, 8 * 24) * US_PER_HOUR;
	scene->calendar = random_calendar(random, scene->now);
	scene->calendars[0] = scene->calendar;
	scene->campaign = random_campaign(random, scene->now);
	random_law(random, scene);
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &scene->queue), STATUS_OK);
	assert_int_equal(by_person_create(sizeof(struct ledger_event), &scene->ledger), STATUS_OK);
	for (size_t i = 0; i < scene->person_count; i++) {
		scene->people[i] = random_person(random);
		for (size_t j = random_below(random, OTHERS_MAX); j > 0; j--)
			add_other(random, scene, &scene->people[i]);
	}
}

static void
close_scene(struct scene *scene)
{
	by_person_free(&scene->queue);
	by_person_free(&scene->ledger);
	calendar_free(&scene->calendar);
}

/* Planning ----------------------------------------------------------------------------------------------------------------------------------- */

struct lookup {
	struct scene *scene;
	struct planned *planned;
};

static int32_t
stored_class(void *context, size_t index)
{
	const struct lookup *lookup = context;
	const struct place *place = &class_table_at(lookup->planned->classes, index)->place;
	char key[256] = "";
	for (size_t i = 0; i < place->zone_count; i++)
		strncat(key, place->zones[i], sizeof key - strlen(key) - 1);
	for (size_t i = 0; i < place->region_count; i++)
		strncat(key, place->regions[i], sizeof key - strlen(key) - 1);
	struct scene *scene = lookup->scene;
	size_t row = 0;
	while (row < scene->class_count && strcmp(scene->class_keys[row], key) != 0)
		row++;
	assert_true(row < CLASSES_MAX);
	if (row == scene->class_count)
		strcpy(scene->class_keys[scene->class_count++], key);
	return (int32_t)row + 1;
}

static struct interval
plan_span(const struct scene *scene)
{
	return (struct interval){{scene->now.us + US_PER_MINUTE}, {scene->now.us + 400 * US_PER_DAY}};
}

/* The people in order, or from the last to the first. */
static struct planned
make_plan(struct scene *scene, bool backwards)
{
	struct planned planned;
	struct err err = ERR_INIT;
	const struct class_setup classes = {.campaign = &scene->campaign,
		.terms = plan_fixture_terms(),
		.words = plan_fixture_words(),
		.rulebook = &scene->rulebook,
		.context = {.zones = zones, .calendars = scene->calendars, .calendar_count = 1},
		.span = plan_span(scene),
		.margin = {MARGIN_US}};
	assert_int_equal(class_table_create(&classes, &planned.classes, &err), STATUS_OK);
	struct lookup lookup = {scene, &planned};
	const struct run_plan_setup setup = {.campaign = &scene->campaign,
		.terms = plan_fixture_terms(),
		.classes = planned.classes,
		.queue = scene->queue,
		.ledger = scene->ledger,
		.lane = LANE,
		.rate_milli = scene->rate_milli,
		.span = plan_span(scene),
		.horizon = scene->horizon,
		.class_id = stored_class,
		.context = &lookup};
	assert_int_equal(run_plan_create(&setup, &planned.plan, &err), STATUS_OK);
	for (size_t i = 0; i < scene->person_count; i++)
		if (run_plan_add(planned.plan, &scene->people[backwards ? scene->person_count - 1 - i : i].member, &err) != STATUS_OK)
			fail_msg("%s", err.primary);
	assert_int_equal(run_plan_deal(planned.plan, &err), STATUS_OK);
	return planned;
}

static void
planned_free(struct planned *planned)
{
	run_plan_free(&planned->plan);
	class_table_free(&planned->classes);
}

static struct person *
find_person(struct scene *scene, int64_t recipient_id)
{
	for (size_t i = 0; i < scene->person_count; i++)
		if (scene->people[i].member.recipient_id == recipient_id)
			return &scene->people[i];
	fail_msg("nobody has the number %lld", (long long)recipient_id);
	return NULL;
}

static void
copy_foreign(void *context, const void *row)
{
	const struct queued_slot *slot = row;
	if (slot->run_id != OWN_RUN)
		assert_int_equal(by_person_add(context, slot), STATUS_OK);
}

/* The queue as a later plan reads it: the slots of other campaigns, and those that are stored now. */
static void
store_queue(struct scene *scene)
{
	struct by_person *queue;
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &queue), STATUS_OK);
	by_person_each(scene->queue, copy_foreign, queue);
	for (size_t i = 0; i < scene->person_count; i++)
		if (scene->people[i].has_slot)
			assert_int_equal(by_person_add(queue, &scene->people[i].slot), STATUS_OK);
	by_person_free(&scene->queue);
	scene->queue = queue;
}

/* What publishing does with a plan. */
static void
publish(struct scene *scene, struct planned *planned)
{
	struct lookup lookup = {scene, planned};
	for (size_t i = 0; i < run_plan_refusal_count(planned->plan); i++) {
		const struct planned_refusal refusal = run_plan_refusal(planned->plan, i);
		struct person *person = find_person(scene, refusal.recipient_id);
		assert_int_equal(person->has_slot, refusal.part != PLANNED_NEW);
		const char *rule = refusal.rule != NULL ? refusal.rule->id : "";
		assert_true(person->has_slot || person->member.stored != refusal.reason || strcmp(person->rule, rule) != 0);
		person->has_slot = false;
		person->member.stored = refusal.reason;
		person->member.stored_rule = strcpy(person->rule, rule);
	}
	for (size_t i = 0; i < run_plan_slot_count(planned->plan); i++) {
		const struct planned_slot slot = run_plan_slot(planned->plan, i);
		struct person *person = find_person(scene, slot.recipient_id);
		assert_int_equal(person->has_slot, slot.part != PLANNED_NEW);
		assert_int_equal(person->member.stored != REASON_NONE, slot.was_suppressed);
		person->has_slot = true;
		person->member.stored = REASON_NONE;
		person->member.stored_rule = "";
		person->slot = (struct queued_slot){.recipient_id = slot.recipient_id,
			.due_at = slot.due_at,
			.not_after = slot.not_after,
			.run_id = OWN_RUN,
			.class_id = stored_class(&lookup, slot.class),
			.lane = LANE,
			.part = 0,
			.category = CATEGORY_MARKETING,
			.channel = CHANNEL_SMS};
	}
	store_queue(scene);
}

/* What must hold ----------------------------------------------------------------------------------------------------------------------------- */

static const struct plan_class *
class_of(struct planned *planned, const struct person *person, enum reason *out_held)
{
	size_t class = 0;
	struct err err = ERR_INIT;
	const struct class_person facts = {.place = {person->member.phone, person->member.region, person->member.timezone}};
	assert_int_equal(class_table_find(planned->classes, &facts, &class, out_held, &err), STATUS_OK);
	return *out_held == REASON_NONE ? class_table_at(planned->classes, class) : NULL;
}

static bool
windows_permit(const struct scene *scene, const struct plan_class *class, struct instant at)
{
	struct rule hours = {.from = {INT32_MIN}, .until = {INT32_MAX}};
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		hours.window.days[day] = (struct day_ranges){.count = 1, .ranges = {scene->campaign.hours}};
	for (size_t i = 0; i < class->place.zone_count; i++) {
		for (size_t j = 0; j < scene->regimes[0].rule_count; j++) {
			const struct rule *rule = &scene->windows[j];
			const struct zone *clock = rule->window.fixed_zone[0] ? zone_set_find(zones, rule->window.fixed_zone) : class->zones[i];
			if (!naive_window_permits(rule, clock, *rule->window.calendar ? scene->calendar : NULL, at))
				return false;
		}
		if (scene->campaign.has_hours && !naive_window_permits(&hours, class->zones[i], NULL, at))
			return false;
	}
	return true;
}

static bool
within_campaign(const struct scene *scene, const struct plan_class *class, struct instant at)
{
	const struct campaign_time *starts = &scene->campaign.starts_at, *ends = &scene->campaign.ends_at;
	for (size_t i = 0; i < class->place.zone_count; i++) {
		const struct wall wall = zone_wall(class->zones[i], at);
		if ((starts->local ? wall.us < starts->wall.us : at.us < starts->at.us) ||
			(ends->local ? wall.us >= ends->wall.us : at.us >= ends->at.us))
			return false;
	}
	return at.us >= plan_span(scene).from.us;
}

static bool
caps_permit(const struct scene *scene, const struct plan_class *class, const struct person *person, struct instant at)
{
	for (size_t i = 0; i < scene->regimes[1].rule_count; i++)
		if (!naive_cap_permits(&scene->caps[i], class->zones, class->place.zone_count, person->others, person->other_count, at))
			return false;
	return true;
}

static void
expect_lawful_at(const struct scene *scene, const struct plan_class *class, const struct person *person, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	instant_format(at, 0, text);
	if (!within_campaign(scene, class, at))
		fail_msg("%s lies outside the campaign", text);
	if (!windows_permit(scene, class, at))
		fail_msg("%s lies outside a window", text);
	if (!caps_permit(scene, class, person, at))
		fail_msg("%s is one too many", text);
}

/* Every instant at which the slot may still leave: both ends, some between, and around each other message. */
static void
expect_lawful_slot(struct random_source *random, struct scene *scene, struct planned *planned, const struct person *person)
{
	enum reason held;
	const struct plan_class *class = class_of(planned, person, &held);
	assert_non_null(class);
	const struct queued_slot *slot = &person->slot;
	const int64_t from = slot->due_at.us > plan_span(scene).from.us ? slot->due_at.us : plan_span(scene).from.us;
	const int64_t last = slot->not_after.us - 1;
	assert_true(slot->due_at.us < slot->not_after.us);
	if (last < from)
		return; /* overdue: the daemon's business */
	expect_lawful_at(scene, class, person, (struct instant){from});
	expect_lawful_at(scene, class, person, (struct instant){last});
	for (int i = 0; i < 8; i++)
		expect_lawful_at(scene, class, person, (struct instant){random_between(random, from, last)});
	for (size_t i = 0; i < person->other_count; i++)
		for (int64_t at = person->others[i].earliest.us - 1; at <= person->others[i].earliest.us + 1; at++)
			if (at >= from && at <= last)
				expect_lawful_at(scene, class, person, (struct instant){at});
}

static void
expect_accounted(const struct scene *scene, const struct planned *planned)
{
	const struct run_plan_counts *counts = run_plan_counts(planned->plan);
	int64_t refused = 0, slots = 0, stored = 0;
	for (size_t i = 0; i < sizeof counts->by_reason / sizeof counts->by_reason[0]; i++)
		refused += counts->by_reason[i];
	assert_int_equal(counts->audience, scene->person_count);
	assert_int_equal(counts->audience, counts->done + counts->kept + counts->added + counts->moved + refused);
	for (size_t i = 0; i < scene->person_count; i++) {
		const struct person *person = &scene->people[i];
		if (person->done)
			continue; /* in the ledger */
		slots += person->has_slot;
		stored += person->member.stored != REASON_NONE;
		assert_int_equal(person->has_slot, person->member.stored == REASON_NONE);
	}
	assert_int_equal(slots, counts->kept + counts->added + counts->moved);
	assert_int_equal(stored, refused);
}

static void
expect_due_order(const struct planned *planned)
{
	struct instant before = {INT64_MIN};
	for (size_t i = 0; i < run_plan_slot_count(planned->plan); i++) {
		const struct planned_slot slot = run_plan_slot(planned->plan, i);
		if (slot.part != PLANNED_NEW)
			continue;
		assert_true(before.us < slot.due_at.us);
		before = slot.due_at;
	}
}

static void
expect_promises(struct random_source *random, struct scene *scene, struct planned *planned)
{
	expect_accounted(scene, planned);
	for (size_t i = 0; i < scene->person_count; i++) {
		const struct person *person = &scene->people[i];
		if (!person->has_slot || person->done)
			continue;
		assert_false(person->member.facts.suppressed);
		assert_true(person->member.known);
		assert_false(eligibility_in_holdout(person->member.recipient_id, scene->campaign.campaign_id, scene->campaign.holdout_percent));
		expect_lawful_slot(random, scene, planned, person);
	}
	expect_due_order(planned);
}

static bool
clocks_change_near(const struct plan_class *class, struct instant at)
{
	for (size_t i = 0; i < class->place.zone_count; i++)
		if (zone_next_change(class->zones[i], (struct instant){at.us - 3 * US_PER_DAY}).us < at.us + 3 * US_PER_DAY)
			return true;
	return false;
}

/* Who was refused for want of an instant has none: minute by minute, where no clock change makes the naive law too generous. */
static void
expect_no_instant(const struct scene *scene, const struct plan_class *class, const struct person *person)
{
	const struct interval span = class->span;
	for (int64_t at = span.from.us; at + MARGIN_US < span.until.us; at += US_PER_MINUTE) {
		const struct instant first = {at}, last = {at + MARGIN_US};
		if (windows_permit(scene, class, first) && windows_permit(scene, class, last) && caps_permit(scene, class, person, first) &&
			caps_permit(scene, class, person, last) && !clocks_change_near(class, first))
			fail_msg("refused with reason %d, but there is an instant", (int)person->member.stored);
	}
}

static void
expect_refusals_are_needed(struct scene *scene, struct planned *planned)
{
	for (size_t i = 0; i < scene->person_count; i++) {
		const struct person *person = &scene->people[i];
		enum reason held;
		const struct plan_class *class = class_of(planned, person, &held);
		assert_true(held == REASON_NONE || person->has_slot == false);
		if (!person->has_slot && (person->member.stored == REASON_NO_WINDOW || person->member.stored == REASON_FREQUENCY_CAP))
			expect_no_instant(scene, class, person);
	}
}

/* Rounds ------------------------------------------------------------------------------------------------------------------------------------- */

static void
expect_unchanged_again(struct scene *scene)
{
	struct planned again = make_plan(scene, true);
	int64_t slots = 0;
	for (size_t i = 0; i < scene->person_count; i++)
		slots += scene->people[i].has_slot;
	assert_int_equal(run_plan_slot_count(again.plan), 0);
	assert_int_equal(run_plan_refusal_count(again.plan), 0);
	assert_int_equal(run_plan_counts(again.plan)->kept, slots);
	planned_free(&again);
}

static struct planned_slot
slot_for(const struct run_plan *plan, int64_t recipient_id)
{
	for (size_t i = 0; i < run_plan_slot_count(plan); i++)
		if (run_plan_slot(plan, i).recipient_id == recipient_id)
			return run_plan_slot(plan, i);
	fail_msg("no slot for %lld", (long long)recipient_id);
	return (struct planned_slot){.recipient_id = 0};
}

/* The same people in the other order get the same. */
static void
expect_same_backwards(struct scene *scene, const struct planned *planned)
{
	struct planned backwards = make_plan(scene, true);
	const size_t slots = run_plan_slot_count(planned->plan);
	assert_int_equal(run_plan_slot_count(backwards.plan), slots);
	assert_int_equal(run_plan_refusal_count(backwards.plan), run_plan_refusal_count(planned->plan));
	for (size_t i = 0; i < slots; i++) {
		const struct planned_slot a = run_plan_slot(planned->plan, i), b = slot_for(backwards.plan, a.recipient_id);
		assert_int_equal(a.due_at.us, b.due_at.us);
		assert_int_equal(a.not_after.us, b.not_after.us);
	}
	planned_free(&backwards);
}

/* Some of the slots that are due leave. */
static void
release_some(struct random_source *random, struct scene *scene)
{
	for (size_t i = 0; i < scene->person_count; i++) {
		struct person *person = &scene->people[i];
		if (!person->has_slot || person->slot.due_at.us > scene->now.us || random_chance(random, 30))
			continue;
		const struct ledger_event event = {.recipient_id = person->member.recipient_id,
			.at = person->slot.due_at,
			.run_id = OWN_RUN,
			.category = CATEGORY_MARKETING,
			.channel = CHANNEL_SMS,
			.counts = random_chance(random, 90)};
		assert_int_equal(by_person_add(scene->ledger, &event), STATUS_OK);
		person->has_slot = false;
		person->done = true;
	}
	store_queue(scene);
}

static void
change_something(struct random_source *random, struct scene *scene)
{
	for (size_t i = 0; i < scene->person_count; i++) {
		struct person *person = &scene->people[i];
		if (random_chance(random, 10))
			person->member.facts.suppressed = true;
		if (random_chance(random, 20) && person->other_count < OTHERS_MAX)
			add_other(random, scene, person);
	}
	if (random_chance(random, 30))
		scene->campaign.hours.from.s = 60 * (int32_t)random_below(random, 1440);
	if (random_chance(random, 30))
		scene->windows[0] = random_window_rule(random, scene->now);
	if (random_chance(random, 50))
		scene->now.us += random_between(random, 0, 1440) * US_PER_MINUTE;
	release_some(random, scene);
}

/* A slot that is kept is one whose row the plan does not name, so it cannot have moved; it must be lawful, as any other. */
static void
plan_and_check(struct random_source *random, struct scene *scene)
{
	struct planned planned = make_plan(scene, false);
	expect_same_backwards(scene, &planned);
	publish(scene, &planned);
	expect_promises(random, scene, &planned);
	expect_refusals_are_needed(scene, &planned);
	planned_free(&planned);
	expect_unchanged_again(scene);
}

static void
plans_keep_what_they_promise(void **state)
{
	static struct scene scene;
	struct random_source random = random_start("run_plan");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		open_scene(&random, &scene);
		plan_and_check(&random, &scene);
		change_something(&random, &scene);
		plan_and_check(&random, &scene);
		close_scene(&scene);
	}
}

static int
load_zones(void **state)
{
	const struct tzdb_source source = {.horizon = {fixture_instant("2020-01-01T00:00:00Z"), fixture_instant("2036-01-01T00:00:00Z")}};
	struct err err = ERR_INIT;
	(void)state;
	if (tzdb_load(&source, &zones, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return 0;
}

static int
free_zones(void **state)
{
	(void)state;
	zone_set_free(&zones);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_keep_what_they_promise),
	};
	return cmocka_run_group_tests(tests, load_zones, free_zones) != 0;
}
