/*
 * Random campaigns over random laws, zones of this machine, people, histories and queues, planned, planned again, and planned after something
 * changed. What the plan decides is held against naive_law.h, against plain counts, and against the promises of run_plan.h.
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
#include "tests/support/naive_advice.h"
#include "tests/support/naive_law.h"
#include "tests/support/plan_scene.h"
#include "tests/support/planned_rows.h"

enum { CASES = 600 };

static struct zone_set *zones;

/* What must hold ----------------------------------------------------------------------------------------------------------------------------- */

/* Whether the first window spares this person. */
static bool
is_spared(const struct scene *scene, const struct scene_person *person)
{
	return scene->customers != NULL && person->member.facts.consent_granted &&
		(person->member.facts.evidence & EVIDENCE_BIT(EVIDENCE_CUSTOMER));
}

static bool
windows_permit(const struct scene *scene, const struct plan_class *class, const struct scene_person *person, struct instant at)
{
	struct rule hours = {.from = {INT32_MIN}, .until = {INT32_MAX}};
	for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
		hours.window.days[day] = (struct day_ranges){.count = 1, .ranges = {scene->campaign.hours}};
	for (size_t i = 0; i < class->place.zone_count; i++) {
		for (size_t j = is_spared(scene, person); j < scene->regimes[0].rule_count; j++) {
			const struct rule *rule = &scene->windows[j];
			const struct zone *clock = rule->window.fixed_zone[0] ? zone_set_find(scene->zones, rule->window.fixed_zone) : class->zones[i];
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
	return at.us >= scene_span(scene).from.us;
}

static bool
caps_permit(const struct scene *scene, const struct plan_class *class, const struct scene_person *person, struct instant at)
{
	const struct calendar *const calendars[] = {scene->calendar};
	const struct cap_scope scope = {class->zones, class->place.zone_count, calendars, 1, {{0}, {0}}, class->channel_bit, class->subject};
	for (size_t i = 0; i < scene->regimes[1].rule_count; i++)
		if (!naive_cap_permits(&scene->caps[i], &scope, person->others, person->other_count, at))
			return false;
	return true;
}

/* Whether the record lasts in every zone, the consent counts, and the service window is open. */
static bool
terms_permit(const struct scene *scene, const struct plan_class *class, const struct scene_person *person, struct instant at)
{
	const struct person_facts *facts = &person->member.facts;
	const int64_t good_for = scene->consent.consent.good_for.us;
	if (good_for > 0 && at.us >= facts->given_at.us + good_for)
		return false;
	if (scene->regimes[4].rule_count == 0)
		return true;
	for (size_t i = 0; i < class->place.zone_count; i++) {
		const int32_t day = wall_date(zone_wall(class->zones[i], at)).days;
		if (day < scene->attestation.given_on.days || day >= scene->attestation.valid_until.days)
			return false;
	}
	return !scene->variant.free_form ||
		(facts->last_inbound.us != INT64_MIN && at.us >= facts->last_inbound.us && at.us < facts->last_inbound.us + US_PER_DAY);
}

static void
expect_lawful_at(const struct scene *scene, const struct plan_class *class, const struct scene_person *person, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	instant_format(at, 0, text);
	if (!within_campaign(scene, class, at))
		fail_msg("%s lies outside the campaign", text);
	if (!windows_permit(scene, class, person, at))
		fail_msg("%s lies outside a window", text);
	if (!caps_permit(scene, class, person, at))
		fail_msg("%s is one too many", text);
	if (!terms_permit(scene, class, person, at))
		fail_msg("%s is out of order", text);
}

/* Every instant at which the slot may still leave: both ends, some between, and around each other message. */
static void
expect_lawful_slot(struct random_source *random, struct scene *scene, struct planned *planned, const struct scene_person *person)
{
	enum reason held;
	const struct plan_class *class = scene_class_of(planned, person, &held);
	assert_non_null(class);
	const struct queued_slot *slot = &person->slot;
	const int64_t from = slot->due_at.us > scene_span(scene).from.us ? slot->due_at.us : scene_span(scene).from.us;
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

/* Volume ------------------------------------------------------------------------------------------------------------------------------------- */

/* Whether a message that may leave anywhere within [first, last] touches the stretch. */
static bool
touches(struct interval stretch, struct instant first, struct instant last)
{
	return last.us >= stretch.from.us && first.us < stretch.until.us;
}

struct tally {
	uint32_t rule; /* bit, 0: the sender's own limit */
	struct interval stretch;
	int64_t count;
};

static void
count_queued(void *context, const void *row)
{
	struct tally *tally = context;
	const struct queued_slot *slot = row;
	if (slot->lane == SCENE_LANE && (tally->rule == 0 || (slot->volume & tally->rule)))
		tally->count += touches(tally->stretch, slot->due_at, (struct instant){slot->not_after.us - 1});
}

/* How many messages may leave within the stretch under a rule. */
static int64_t
count_in(const struct scene *scene, uint32_t rule, struct interval stretch)
{
	struct tally tally = {rule, stretch, 0};
	by_person_each(scene->queue, count_queued, &tally);
	for (size_t i = 0; i < scene->sent_count; i++)
		if (rule == 0 || (scene->sent[i].rules & rule))
			tally.count += touches(stretch, scene->sent[i].at, scene->sent[i].at);
	return tally.count;
}

/* A message that may leave at `at` does so within the limit: on that day, or in the periods that hold it, of which some are tried. */
static void
expect_within_limit(const struct scene *scene, uint32_t rule, const struct volume_rule *volume, struct instant at)
{
	const struct zone *zone = zone_set_find(scene->zones, volume->length.us == 0 ? volume->fixed_zone : "UTC");
	const struct date day = wall_date(zone_wall(zone, at));
	const struct interval whole_day = {zone_closing(zone, wall_at(day, (struct day_time){0})),
		zone_closing(zone, wall_at((struct date){day.days + 1}, (struct day_time){0}))};
	if (volume->length.us == 0 && touches(whole_day, at, at) && count_in(scene, rule, whole_day) > volume->n)
		fail_msg("more than %d on a day", (int)volume->n);
	for (int part = 0; volume->length.us > 0 && part < 12; part++) {
		const int64_t from = at.us - part * (volume->length.us / 12);
		if (count_in(scene, rule, (struct interval){{from}, {from + volume->length.us}}) > volume->n)
			fail_msg("more than %d in %lld hours", (int)volume->n, (long long)(volume->length.us / US_PER_HOUR));
	}
}

static void
expect_within_volume(const struct scene *scene, const struct scene_person *person)
{
	const struct instant from = instant_max(person->slot.due_at, scene_span(scene).from), last = {person->slot.not_after.us - 1};
	const struct volume_rule own = {.length = {US_PER_DAY}, .n = scene->sender.daily_limit};
	if (last.us < from.us || from.us >= scene->horizon.us)
		return; /* overdue, or not looked at yet */
	for (size_t i = 0; i < scene->regimes[3].rule_count; i++) {
		expect_within_limit(scene, UINT32_C(1) << i, &scene->volumes[i].volume, from);
		expect_within_limit(scene, UINT32_C(1) << i, &scene->volumes[i].volume, last);
	}
	if (own.n > 0) {
		expect_within_limit(scene, 0, &own, from);
		expect_within_limit(scene, 0, &own, last);
	}
}

/* Advice ------------------------------------------------------------------------------------------------------------------------------------- */

static int64_t
told_against(const struct run_plan_counts *counts, const struct rule *rule)
{
	for (size_t i = 0; i < counts->advice_count; i++)
		if (counts->advice[i].rule == rule)
			return counts->advice[i].people;
	return 0;
}

/* What only advises is told of as many people as go against it, whether they were placed or kept, and holds nobody back. */
static void
expect_advice_is_told(struct scene *scene, struct planned *planned)
{
	const struct regime *advisory = &scene->regimes[SCENE_ADVISORY];
	const struct run_plan_counts *counts = run_plan_counts(planned->plan);
	for (size_t i = 0; i < advisory->rule_count; i++) {
		int64_t least, most;
		naive_advice_people(scene, planned, &advisory->rules[i], &least, &most);
		const int64_t told = told_against(counts, &advisory->rules[i]);
		if (told < least || told > most)
			fail_msg(
				"%lld people go against %s, not %lld to %lld", (long long)told, advisory->rules[i].id, (long long)least, (long long)most);
	}
	if (advisory->rule_count == 0)
		assert_int_equal(counts->advice_count, 0);
}

/* Everybody ---------------------------------------------------------------------------------------------------------------------------------- */

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
		const struct scene_person *person = &scene->people[i];
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
		const struct scene_person *person = &scene->people[i];
		if (!person->has_slot || person->done)
			continue;
		assert_false(person->member.facts.suppressed);
		assert_true(person->member.known);
		assert_false(eligibility_in_holdout(person->member.recipient_id, scene->campaign.campaign_id, scene->campaign.holdout_percent));
		expect_lawful_slot(random, scene, planned, person);
		expect_within_volume(scene, person);
	}
	expect_due_order(planned);
}

/* Who was refused for want of an instant has none: minute by minute, where no clock change makes the naive law too generous. */
static void
expect_no_instant(const struct scene *scene, const struct plan_class *class, const struct scene_person *person)
{
	const struct interval span = class->span;
	for (int64_t at = span.from.us; at + SCENE_MARGIN_US < span.until.us; at += US_PER_MINUTE) {
		const struct instant first = {at}, last = {at + SCENE_MARGIN_US};
		if (windows_permit(scene, class, person, first) && windows_permit(scene, class, person, last) &&
			caps_permit(scene, class, person, first) && caps_permit(scene, class, person, last) &&
			terms_permit(scene, class, person, first) && terms_permit(scene, class, person, last) &&
			!naive_clocks_change_near(class, first))
			fail_msg("refused with reason %d, but there is an instant", (int)person->member.stored);
	}
}

static bool
wants_an_instant(enum reason reason)
{
	return reason == REASON_NO_WINDOW || reason == REASON_FREQUENCY_CAP || reason == REASON_NO_SERVICE_WINDOW ||
		reason == REASON_CONSENT_EXPIRED || reason == REASON_NOT_REGISTERED;
}

static void
expect_refusals_are_needed(struct scene *scene, struct planned *planned)
{
	for (size_t i = 0; i < scene->person_count; i++) {
		const struct scene_person *person = &scene->people[i];
		enum reason held;
		const struct plan_class *class = scene_class_of(planned, person, &held);
		assert_true(held == REASON_NONE || person->has_slot == false);
		if (!person->has_slot && wants_an_instant(person->member.stored))
			expect_no_instant(scene, class, person);
	}
}

/* Rounds ------------------------------------------------------------------------------------------------------------------------------------- */

static void
expect_unchanged_again(struct scene *scene)
{
	struct planned again = scene_plan(scene, true);
	int64_t slots = 0;
	for (size_t i = 0; i < scene->person_count; i++)
		slots += scene->people[i].has_slot;
	assert_int_equal(run_plan_slot_count(again.plan), 0);
	assert_int_equal(run_plan_refusal_count(again.plan), 0);
	assert_int_equal(run_plan_counts(again.plan)->kept, slots);
	expect_advice_is_told(scene, &again);
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
	struct planned backwards = scene_plan(scene, true);
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

/* A slot that is kept is one whose row the plan does not name, so it cannot have moved; it must be lawful, as any other. */
static void
plan_and_check(struct random_source *random, struct scene *scene)
{
	struct planned planned = scene_plan(scene, false);
	if (planned.quota == NULL) /* where a limit has fallen, the order matters */
		expect_same_backwards(scene, &planned);
	scene_publish(scene, &planned);
	expect_promises(random, scene, &planned);
	expect_refusals_are_needed(scene, &planned);
	expect_advice_is_told(scene, &planned);
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
		scene_open(&random, zones, &scene);
		plan_and_check(&random, &scene);
		scene_change(&random, &scene);
		plan_and_check(&random, &scene);
		scene_close(&scene);
	}
}

/* How long a plan holds when nothing happens but what it says. */
static struct instant
random_later(struct random_source *random, const struct scene *scene, const struct run_plan_counts *counts)
{
	const int64_t longest = 3 * US_PER_DAY;
	int64_t last = scene->now.us + longest;
	if (counts->holds_until.us <= last)
		last = counts->holds_until.us > scene->now.us ? counts->holds_until.us - 1 : scene->now.us;
	if (counts->holds_to_horizon.us - scene->horizon.us < last - scene->now.us)
		last = scene->now.us + counts->holds_to_horizon.us - scene->horizon.us;
	return (struct instant){last > scene->now.us ? random_between(random, scene->now.us, last) : scene->now.us};
}

/* Other reasons may be told of those who go without, for other ones come to the fore as the campaign runs out. */
static void
expect_same_fates(struct scene *scene)
{
	struct planned again = scene_plan(scene, false);
	assert_int_equal(run_plan_slot_count(again.plan), 0);
	for (size_t i = 0; i < run_plan_refusal_count(again.plan); i++)
		assert_int_equal(run_plan_refusal(again.plan, i).part, PLANNED_NEW);
	planned_free(&again);
}

static void
time_alone_changes_nothing_while_a_plan_holds(void **state)
{
	static struct scene scene;
	struct random_source random = random_start("plan_holds");
	int held = 0;
	(void)state;
	for (int i = 0; i < CASES; i++) {
		scene_open(&random, zones, &scene);
		struct planned planned = scene_plan(&scene, false);
		const struct run_plan_counts counts = *run_plan_counts(planned.plan);
		scene_publish(&scene, &planned);
		planned_free(&planned);
		const struct instant later = random_later(&random, &scene, &counts);
		held += later.us > scene.now.us;
		if (later.us > scene.now.us) {
			scene_pass_time(&random, &scene, later);
			expect_same_fates(&scene);
		}
		scene_close(&scene);
	}
	assert_true(held > CASES / 4);
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
		cmocka_unit_test(time_alone_changes_nothing_while_a_plan_holds),
	};
	return cmocka_run_group_tests(tests, load_zones, free_zones) != 0;
}
