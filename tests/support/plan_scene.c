#include "plan_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan_fixture.h"
#include "planned_rows.h"
#include "random_law.h"

/* Scenes ------------------------------------------------------------------------------------------------------------------------------------- */

static const uint64_t phones[] = {12125550123, 13125550123, 14155550123, 12505550123, 5511987654321, 5581987654321, 919812345678,
	9779841234567, 4915112345678, 447700900123, 6421123456, 351912345678, 18005550123};

static struct rule
standing_rule(const char *id, enum rule_kind kind)
{
	struct rule rule = {.kind = kind, .categories = ALL_CATEGORIES, .channels = ALL_CHANNELS, .from = {INT32_MIN}, .until = {INT32_MAX}};
	strcpy(rule.id, id);
	return rule;
}

/* Days of some zone, or a rolling period; and a limit of the sender's own. */
static void
random_volumes(struct random_source *random, struct scene *scene)
{
	const size_t count = random_chance(random, 50) ? random_below(random, SCENE_VOLUMES_MAX + 1) : 0;
	for (size_t i = 0; i < SCENE_VOLUMES_MAX; i++) {
		scene->volumes[i] = standing_rule(i == 0 ? "v0" : "v1", RULE_VOLUME);
		scene->volumes[i].volume.n = (int32_t)random_between(random, 1, 12);
		if (random_chance(random, 50))
			scene->volumes[i].volume.length.us = random_between(random, 1, 48) * US_PER_HOUR;
		else
			strcpy(scene->volumes[i].volume.fixed_zone, random_zone_name(random));
	}
	scene->regimes[3] = (struct regime){.id = "v", .everywhere = true, .rules = scene->volumes, .rule_count = count};
	scene->sender = (struct sender_facts){.trust = "",
		.registered_on = {INT32_MIN},
		.granted_on = {INT32_MIN},
		.daily_limit = random_chance(random, 10) ? (int32_t)random_between(random, 1, 12) : 0,
		.rate_milli = scene->rate_milli};
}

/* A record that begins and ends, and a text that no platform approved. */
static void
random_terms(struct random_source *random, struct scene *scene)
{
	const int32_t today = wall_date((struct wall){scene->now.us}).days;
	const size_t rules = random_chance(random, 30) ? 2 : 0;
	scene->terms_rules[0] = standing_rule("record", RULE_RECORD);
	scene->terms_rules[0].record = (struct record_rule){.purpose = RECORD_REGISTRATION, .subject = SUBJECT_BUSINESS, .item = "licence"};
	scene->terms_rules[1] = standing_rule("session", RULE_SESSION);
	scene->terms_rules[1].session.length.us = 24 * US_PER_HOUR;
	scene->regimes[4] = (struct regime){.id = "t", .everywhere = true, .rules = scene->terms_rules, .rule_count = rules};
	scene->variant = *plan_fixture_terms()->variants;
	scene->variant.free_form = random_chance(random, 50);
	scene->variant.approved = !scene->variant.free_form;
	scene->attestation = (struct attestation){.subject = SUBJECT_BUSINESS, .item = "licence"};
	scene->attestation.given_on.days = today - 3 + (int32_t)random_below(random, 5);
	scene->attestation.valid_until.days = today + (int32_t)random_between(random, 2, 9);
	scene->terms = *plan_fixture_terms();
	scene->terms.variants = &scene->variant;
	scene->terms.attestations = &scene->attestation;
	scene->terms.attestation_count = 1;
}

/* A window, a cap, a time between two messages to one person, a pace and a volume. */
static void
random_advice(struct random_source *random, struct scene *scene)
{
	struct rule *rules = scene->advice;
	rules[0] = random_window_rule(random, scene->now);
	rules[1] = random_cap_rule(random);
	rules[2] = standing_rule("", RULE_RATE);
	rules[2].rate = (struct rate_rule){
		.n = (int32_t)random_between(random, 1, 3), .per = {random_between(random, 1, 2 * 1440) * US_PER_MINUTE}, .pair = true};
	rules[3] = standing_rule("", RULE_RATE);
	rules[3].rate = (struct rate_rule){.n = (int32_t)random_between(random, 1, 3), .per = {random_between(random, 1, 60) * US_PER_SECOND}};
	rules[4] = standing_rule("", RULE_VOLUME);
	rules[4].volume =
		(struct volume_rule){.n = (int32_t)random_between(random, 1, 12), .length = {random_between(random, 1, 96) * 15 * US_PER_MINUTE}};
	for (size_t i = 0; i < SCENE_ADVICE_MAX; i++)
		snprintf(rules[i].id, sizeof rules[i].id, "soft%zu", i);
	scene->regimes[SCENE_ADVISORY] = (struct regime){.id = "soft",
		.status = REGIME_ADVISORY,
		.everywhere = true,
		.rules = rules,
		.rule_count = random_chance(random, 50) ? SCENE_ADVICE_MAX : 0};
}

/* The first window spares customers, unless there is none. */
static void
spare_customers(struct scene *scene)
{
	scene->windows[0].exceptions[0] = (struct exception){.condition = scene->customers, .on = true};
	scene->windows[0].exception_count = scene->customers != NULL;
}

static void
random_law(struct random_source *random, struct scene *scene)
{
	const size_t windows = random_below(random, SCENE_RULES_MAX), caps = random_below(random, SCENE_RULES_MAX + 1);
	for (size_t i = 0; i < SCENE_RULES_MAX; i++) {
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
		.consent = {.required = true,
			.evidence = EVIDENCE_BIT(EVIDENCE_TIME),
			.good_for = {random_chance(random, 30) ? random_between(random, 5, 20) * US_PER_DAY : 0}}};
	scene->regimes[0] = (struct regime){.id = "w", .everywhere = true, .rules = scene->windows, .rule_count = windows};
	scene->regimes[1] = (struct regime){.id = "c", .everywhere = true, .rules = scene->caps, .rule_count = caps};
	scene->regimes[2] = (struct regime){.id = "e", .everywhere = true, .rules = &scene->consent, .rule_count = 1};
	random_volumes(random, scene);
	random_terms(random, scene);
	random_advice(random, scene);
	spare_customers(scene);
	scene->rulebook = (struct rulebook){.regimes = scene->regimes, .regime_count = sizeof scene->regimes / sizeof *scene->regimes};
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
		.run_id = SCENE_RUN,
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
add_sent(struct scene *scene, struct instant at, uint32_t rules)
{
	assert_true(scene->sent_count < SCENE_SENT_MAX);
	scene->sent[scene->sent_count++] = (struct scene_sent){at, rules};
}

static void
add_other(struct random_source *random, struct scene *scene, struct scene_person *person)
{
	const bool queued = random_chance(random, 40);
	const struct instant at = {scene->now.us + random_between(random, queued ? 0 : -6 * 1440, queued ? 5 * 1440 : 0) * US_PER_MINUTE};
	const struct instant end = {at.us + random_between(random, 1, 600) * US_PER_MINUTE};
	const int64_t id = person->member.recipient_id;
	const struct queued_slot slot = {.recipient_id = id,
		.due_at = at,
		.not_after = end,
		.run_id = SCENE_OTHER_RUN,
		.class_id = 1,
		.lane = (int16_t)random_between(random, SCENE_LANE, SCENE_LANE + 1),
		.volume = (uint32_t)random_below(random, 1 << SCENE_VOLUMES_MAX),
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS};
	const struct ledger_event event = {.recipient_id = id,
		.at = at,
		.run_id = random_chance(random, 50) ? SCENE_OTHER_RUN : 0,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS,
		.counts = random_chance(random, 90)};
	assert_int_equal(queued ? by_person_add(scene->queue, &slot) : by_person_add(scene->ledger, &event), STATUS_OK);
	if (!queued && event.counts)
		add_sent(scene, at, slot.volume);
	if (queued || event.counts)
		person->others[person->other_count++] = (struct cap_event){
			at, queued ? (struct instant){end.us - 1} : at, CATEGORY_BIT(CATEGORY_MARKETING), CHANNEL_BIT(CHANNEL_SMS), 0};
}

static struct scene_person
random_person(struct random_source *random, struct instant now)
{
	struct member member = {.recipient_id = (int64_t)(random_next(random) >> 1),
		.preferred_hour = -1,
		.known = !random_chance(random, 3),
		.phone = phones[random_below(random, sizeof phones / sizeof phones[0])],
		.region = "",
		.timezone = "",
		.language = "",
		.stored_rule = ""};
	if (random_chance(random, 40))
		member.timezone = random_zone_name(random);
	member.facts.suppressed = random_chance(random, 5);
	member.facts.consent_granted = !random_chance(random, 5);
	member.facts.evidence = random_chance(random, 5) ? 0 : EVIDENCE_BIT(EVIDENCE_TIME);
	if (random_chance(random, 50))
		member.facts.evidence |= EVIDENCE_BIT(EVIDENCE_CUSTOMER);
	member.facts.given_at.us = now.us - random_between(random, 0, 25 * 24) * US_PER_HOUR;
	member.facts.last_inbound.us = random_chance(random, 30) ? INT64_MIN : now.us - random_between(random, -60, 30 * 60) * US_PER_MINUTE;
	return (struct scene_person){.member = member};
}

void
scene_open(struct random_source *random, const struct zone_set *zones, struct scene *scene)
{
	*scene = (struct scene){.zones = zones,
		.now = random_minute(random, zone_set_find(zones, random_zone_name(random))),
		.person_count = 1 + random_below(random, SCENE_PEOPLE_MAX)};
	static const int64_t rates[] = {1, 20, 300, 1000, 1500, 10000};
	scene->rate_milli = rates[random_below(random, sizeof rates / sizeof rates[0])];
	scene->horizon.us = scene->now.us + random_between(random, 1, 8 * 24) * US_PER_HOUR;
	scene->calendar = random_calendar(random, scene->now);
	scene->calendars[0] = scene->calendar;
	scene->campaign = random_campaign(random, scene->now);
	if (random_chance(random, 30))
		assert_int_equal(predicate_parse("consent:customer", &scene->customers, &(struct err)ERR_INIT), STATUS_OK);
	random_law(random, scene);
	memory_storage_open(&scene->outside, 0);
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &scene->queue), STATUS_OK);
	assert_int_equal(by_person_create(sizeof(struct ledger_event), &scene->ledger), STATUS_OK);
	for (size_t i = 0; i < scene->person_count; i++) {
		scene->people[i] = random_person(random, scene->now);
		for (size_t j = random_below(random, SCENE_OTHERS_MAX); j > 0; j--)
			add_other(random, scene, &scene->people[i]);
	}
}

void
scene_close(struct scene *scene)
{
	by_person_free(&scene->queue);
	by_person_free(&scene->ledger);
	memory_storage_close(&scene->outside);
	calendar_free(&scene->calendar);
	predicate_free(&scene->customers);
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
	const struct plan_class *class = class_table_at(lookup->planned->classes, index);
	const struct place *place = &class->place;
	char key[256] = "";
	for (size_t i = 0; i < place->zone_count; i++)
		strncat(key, place->zones[i], sizeof key - strlen(key) - 1);
	for (size_t i = 0; i < place->region_count; i++)
		strncat(key, place->regions[i], sizeof key - strlen(key) - 1);
	for (size_t i = 0; i < class->fact_count; i++)
		strncat(key, class->facts[i], sizeof key - strlen(key) - 1);
	struct scene *scene = lookup->scene;
	size_t row = 0;
	while (row < scene->class_count && strcmp(scene->class_keys[row], key) != 0)
		row++;
	assert_true(row < SCENE_CLASSES_MAX);
	if (row == scene->class_count)
		strcpy(scene->class_keys[scene->class_count++], key);
	return (int32_t)row + 1;
}

struct interval
scene_span(const struct scene *scene)
{
	return (struct interval){{scene->now.us + US_PER_MINUTE}, {scene->now.us + 400 * US_PER_DAY}};
}

static void
open_quota(const struct scene *scene, struct planned *planned)
{
	struct err err = ERR_INIT;
	const struct quota_setup setup = {.rulebook = &scene->rulebook,
		.sender = &scene->sender,
		.zones = scene->zones,
		.span = {scene_span(scene).from, instant_min(scene_span(scene).until, scene->horizon)},
		.margin = {SCENE_MARGIN_US},
		.lane = SCENE_LANE};
	assert_int_equal(quota_create(&setup, &planned->quota, &err), STATUS_OK);
	for (size_t i = 0; planned->quota != NULL && i < scene->sent_count; i++)
		quota_count(planned->quota, &(struct quota_use){SCENE_LANE, scene->sent[i].rules, scene->sent[i].at, scene->sent[i].at, .n = 1});
}

static void
open_classes(const struct scene *scene, struct planned *planned)
{
	struct err err = ERR_INIT;
	const struct class_setup setup = {.campaign = &scene->campaign,
		.terms = &scene->terms,
		.words = plan_fixture_words(),
		.rulebook = &scene->rulebook,
		.context = {.zones = scene->zones, .calendars = scene->calendars, .calendar_count = 1},
		.quota = planned->quota,
		.span = scene_span(scene),
		.margin = {SCENE_MARGIN_US}};
	assert_int_equal(class_table_create(&setup, &planned->classes, &err), STATUS_OK);
}

struct planned
scene_plan(struct scene *scene, bool backwards)
{
	struct planned planned = {.quota = NULL};
	struct lookup lookup = {scene, &planned};
	struct err err = ERR_INIT;
	if (backwards) {
		by_person_spill(scene->queue, &scene->outside.storage, 1);
		by_person_spill(scene->ledger, &scene->outside.storage, 1);
	}
	open_quota(scene, &planned);
	open_classes(scene, &planned);
	const struct run_plan_setup setup = {.campaign = &scene->campaign,
		.terms = &scene->terms,
		.classes = planned.classes,
		.queue = scene->queue,
		.ledger = scene->ledger,
		.storage = &scene->outside.storage,
		.quota = planned.quota,
		.sender = &scene->sender,
		.lane = SCENE_LANE,
		.rate_milli = scene->rate_milli,
		.span = scene_span(scene),
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

void
planned_free(struct planned *planned)
{
	run_plan_free(&planned->plan);
	class_table_free(&planned->classes);
	quota_free(&planned->quota);
}

static struct scene_person *
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
	if (slot->run_id != SCENE_RUN)
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
void
scene_publish(struct scene *scene, struct planned *planned)
{
	struct lookup lookup = {scene, planned};
	for (size_t i = 0; i < run_plan_refusal_count(planned->plan); i++) {
		const struct planned_refusal refusal = run_plan_refusal(planned->plan, i);
		struct scene_person *person = find_person(scene, refusal.recipient_id);
		assert_int_equal(person->has_slot, refusal.part != PLANNED_NEW);
		const char *rule = refusal.rule != NULL ? refusal.rule->id : "";
		assert_true(person->has_slot || person->member.stored != refusal.reason || strcmp(person->rule, rule) != 0);
		person->has_slot = false;
		person->member.stored = refusal.reason;
		person->member.stored_rule = strcpy(person->rule, rule);
	}
	for (size_t i = 0; i < run_plan_slot_count(planned->plan); i++) {
		const struct planned_slot slot = run_plan_slot(planned->plan, i);
		struct scene_person *person = find_person(scene, slot.recipient_id);
		assert_int_equal(person->has_slot, slot.part != PLANNED_NEW);
		assert_int_equal(person->member.stored != REASON_NONE, slot.was_suppressed);
		person->has_slot = true;
		person->member.stored = REASON_NONE;
		person->member.stored_rule = "";
		person->slot = (struct queued_slot){.recipient_id = slot.recipient_id,
			.due_at = slot.due_at,
			.not_after = slot.not_after,
			.run_id = SCENE_RUN,
			.class_id = stored_class(&lookup, slot.class),
			.lane = SCENE_LANE,
			.part = 0,
			.volume = class_table_at(planned->classes, slot.class)->volume,
			.category = CATEGORY_MARKETING,
			.channel = CHANNEL_SMS};
	}
	store_queue(scene);
}

const struct plan_class *
scene_class_of(struct planned *planned, const struct scene_person *person, enum reason *out_held)
{
	size_t class = 0;
	struct err err = ERR_INIT;
	const struct class_person facts = {.place = {person->member.phone, person->member.region, person->member.timezone},
		.evidence = person->member.facts.consent_granted ? person->member.facts.evidence : 0};
	assert_int_equal(class_table_find(planned->classes, &facts, &class, out_held, &err), STATUS_OK);
	return *out_held == REASON_NONE ? class_table_at(planned->classes, class) : NULL;
}

/* Changes ---------------------------------------------------------------------------------------------------------------------------------- */

/* Some of the slots that are due leave. */
static void
release_some(struct random_source *random, struct scene *scene)
{
	for (size_t i = 0; i < scene->person_count; i++) {
		struct scene_person *person = &scene->people[i];
		if (!person->has_slot || person->slot.due_at.us > scene->now.us || random_chance(random, 30))
			continue;
		const struct ledger_event event = {.recipient_id = person->member.recipient_id,
			.at = person->slot.due_at,
			.run_id = SCENE_RUN,
			.category = CATEGORY_MARKETING,
			.channel = CHANNEL_SMS,
			.counts = random_chance(random, 90)};
		assert_int_equal(by_person_add(scene->ledger, &event), STATUS_OK);
		person->has_slot = false;
		person->done = true;
		if (event.counts)
			add_sent(scene, event.at, UINT32_MAX); /* every volume rule binds everybody */
	}
	store_queue(scene);
}

void
scene_change(struct random_source *random, struct scene *scene)
{
	for (size_t i = 0; i < scene->person_count; i++) {
		struct scene_person *person = &scene->people[i];
		if (random_chance(random, 10))
			person->member.facts.suppressed = true;
		if (random_chance(random, 20) && person->other_count < SCENE_OTHERS_MAX)
			add_other(random, scene, person);
	}
	if (random_chance(random, 30))
		scene->campaign.hours.from.s = 60 * (int32_t)random_below(random, 1440);
	if (random_chance(random, 30))
		scene->windows[0] = random_window_rule(random, scene->now);
	spare_customers(scene);
	if (random_chance(random, 20))
		scene->volumes[0].volume.n = (int32_t)random_between(random, 1, 12);
	if (random_chance(random, 20))
		scene->regimes[3].rule_count = random_below(random, SCENE_VOLUMES_MAX + 1);
	if (random_chance(random, 20))
		scene->attestation.valid_until.days--;
	if (random_chance(random, 50))
		scene->now.us += random_between(random, 0, 1440) * US_PER_MINUTE;
	for (size_t i = 0; i < scene->person_count; i++)
		scene->people[i].slot.volume = (UINT32_C(1) << scene->regimes[3].rule_count) - 1; /* read again under the rules that hold now */
	release_some(random, scene);
}

/* Time ------------------------------------------------------------------------------------------------------------------------------------- */

struct departure {
	struct random_source *random;
	struct scene *scene;
	struct instant until;
	struct by_person *queue; /* what stays */
};

static bool
leaves(const struct departure *departure, const struct queued_slot *slot, struct ledger_event *out)
{
	if (slot->due_at.us > departure->until.us || random_chance(departure->random, 20))
		return false;
	*out = (struct ledger_event){.recipient_id = slot->recipient_id,
		.at = {random_between(
			departure->random, slot->due_at.us, instant_min(departure->until, (struct instant){slot->not_after.us - 1}).us)},
		.run_id = slot->run_id,
		.category = slot->category,
		.channel = slot->channel,
		.counts = true};
	assert_int_equal(by_person_add(departure->scene->ledger, out), STATUS_OK);
	if (slot->lane == SCENE_LANE)
		add_sent(departure->scene, out->at, slot->volume);
	return true;
}

static void
let_foreign_leave(void *context, const void *row)
{
	const struct departure *departure = context;
	const struct queued_slot *slot = row;
	struct ledger_event event;
	if (slot->run_id != SCENE_RUN && !leaves(departure, slot, &event))
		assert_int_equal(by_person_add(departure->queue, slot), STATUS_OK);
}

void
scene_pass_time(struct random_source *random, struct scene *scene, struct instant until)
{
	struct departure departure = {.random = random, .scene = scene, .until = until};
	struct ledger_event event;
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &departure.queue), STATUS_OK);
	by_person_each(scene->queue, let_foreign_leave, &departure);
	by_person_free(&scene->queue);
	scene->queue = departure.queue;
	for (size_t i = 0; i < scene->person_count; i++) {
		struct scene_person *person = &scene->people[i];
		if (person->has_slot && leaves(&departure, &person->slot, &event)) {
			person->has_slot = false;
			person->done = true;
		}
	}
	store_queue(scene);
	scene->horizon.us += until.us - scene->now.us;
	scene->now = until;
}
