/* What becomes of one person, of one slot, and of a campaign planned again. The law is that of plan_fixture.h; now is Monday, 12:00 in New York. */
#include "planner/core/run_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "planner/core/person.h"
#include "tests/support/law_fixture.h"
#include "tests/support/plan_fixture.h"
#include "tests/support/planned_rows.h"

#define NOW "2026-11-23T12:00:00-05:00"

enum { LANE = 3, OTHER_LANE = 4, OWN_RUN = 1, OTHER_RUN = 2, PART = 7, CLASS = 50 };

/* Everything around a plan; a test changes what it is about before world_plan. */
struct world {
	struct campaign_facts campaign;
	struct instant now, horizon;
	struct duration lead;
	struct instant freeze_until;
	bool edited;
	int64_t rate_milli;
	struct by_person *queue, *ledger;
	const struct rulebook *rulebook;
	struct terms terms;
	struct sender_facts sender;
	enum reason hold;
	const char *const *value_names;
	size_t value_count;
	struct quota *quota;
	struct class_table *classes;
	struct run_plan *plan;
	int32_t class_id; /* stored row of every class */
};

static struct world world;

static int
open_world(void **state)
{
	(void)state;
	world = (struct world){.campaign = plan_fixture_campaign("2026-11-23T00:00:00-05:00", "2026-11-25T21:00:00-05:00"),
		.now = fixture_instant(NOW),
		.horizon = fixture_instant("2026-12-31T00:00:00Z"),
		.rate_milli = 1000,
		.rulebook = plan_fixture_rulebook(),
		.terms = *plan_fixture_terms(),
		.sender = {.trust = "", .registered_on = {INT32_MIN}, .granted_on = {INT32_MIN}, .rate_milli = 1000},
		.class_id = CLASS};
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &world.queue), STATUS_OK);
	assert_int_equal(by_person_create(sizeof(struct ledger_event), &world.ledger), STATUS_OK);
	return 0;
}

static void
close_plan(void)
{
	run_plan_free(&world.plan);
	class_table_free(&world.classes);
	quota_free(&world.quota);
}

static int
close_world(void **state)
{
	(void)state;
	close_plan();
	by_person_free(&world.queue);
	by_person_free(&world.ledger);
	return 0;
}

static void
reset_world(void)
{
	close_world(NULL);
	open_world(NULL);
}

static int32_t
stored_class(void *context, size_t class)
{
	(void)class;
	return *(const int32_t *)context;
}

static void
open_quota(struct interval span)
{
	const struct quota_setup setup = {.rulebook = world.rulebook,
		.sender = &world.sender,
		.zones = fixture_zone_set(),
		.span = {span.from, instant_min(span.until, world.horizon)},
		.margin = {10 * US_PER_SECOND},
		.lane = LANE};
	struct err err = ERR_INIT;
	assert_int_equal(quota_create(&setup, &world.quota, &err), STATUS_OK);
}

static void
start_plan(void)
{
	const struct interval span = {world.now, fixture_instant("2027-06-01T00:00:00Z")};
	struct err err = ERR_INIT;
	close_plan();
	open_quota(span);
	const struct class_setup classes = {.campaign = &world.campaign,
		.terms = &world.terms,
		.words = plan_fixture_words(),
		.rulebook = world.rulebook,
		.context = plan_fixture_context(),
		.quota = world.quota,
		.span = span,
		.margin = {10 * US_PER_SECOND}};
	assert_int_equal(class_table_create(&classes, &world.classes, &err), STATUS_OK);
	const struct run_plan_setup setup = {.campaign = &world.campaign,
		.terms = &world.terms,
		.classes = world.classes,
		.queue = world.queue,
		.ledger = world.ledger,
		.quota = world.quota,
		.value_names = world.value_names,
		.value_count = world.value_count,
		.hold = world.hold,
		.lane = LANE,
		.rate_milli = world.rate_milli,
		.span = span,
		.lead = world.lead,
		.freeze_until = world.freeze_until,
		.edited = world.edited,
		.horizon = world.horizon,
		.class_id = stored_class,
		.context = &world.class_id};
	assert_int_equal(run_plan_create(&setup, &world.plan, &err), STATUS_OK);
}

static struct member
willing(int64_t recipient_id, uint64_t phone)
{
	return (struct member){.recipient_id = recipient_id,
		.preferred_hour = -1,
		.known = true,
		.phone = phone,
		.region = "",
		.timezone = "",
		.language = "",
		.stored_rule = "",
		.facts = {.consent_granted = true, .evidence = EVIDENCE_BIT(EVIDENCE_TIME), .given_at = {INT64_MIN}, .last_inbound = {INT64_MIN}}};
}

static struct member
with(uint64_t phone, const char *timezone, bool suppressed, bool consent_granted, uint32_t evidence)
{
	struct member member = willing(1, phone);
	member.timezone = timezone;
	member.facts = (struct person_facts){.suppressed = suppressed, .consent_granted = consent_granted, .evidence = evidence};
	return member;
}

static void
add_member(struct member member)
{
	struct err err = ERR_INIT;
	if (run_plan_add(world.plan, &member, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
}

static void
finish_plan(void)
{
	struct err err = ERR_INIT;
	if (run_plan_deal(world.plan, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
}

/* A plan for one person. */
static void
plan_for(struct member member)
{
	start_plan();
	add_member(member);
	finish_plan();
}

static struct queued_slot
slot_of(int64_t recipient_id, int32_t run_id, const char *due_at, const char *not_after)
{
	return (struct queued_slot){.recipient_id = recipient_id,
		.due_at = fixture_instant(due_at),
		.not_after = fixture_instant(not_after),
		.run_id = run_id,
		.class_id = CLASS,
		.lane = LANE,
		.part = PART,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS};
}

static void
queue_slot(struct queued_slot slot)
{
	assert_int_equal(by_person_add(world.queue, &slot), STATUS_OK);
}

static void
send_before(int64_t recipient_id, int32_t run_id, const char *at, bool counts)
{
	const struct ledger_event event = {.recipient_id = recipient_id,
		.at = fixture_instant(at),
		.run_id = run_id,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS,
		.counts = counts};
	assert_int_equal(by_person_add(world.ledger, &event), STATUS_OK);
}

static void
expect_counts(struct run_plan_counts expected)
{
	const struct run_plan_counts *counts = run_plan_counts(world.plan);
	int64_t refused = 0;
	for (size_t i = 0; i < sizeof counts->by_reason / sizeof counts->by_reason[0]; i++)
		refused += counts->by_reason[i];
	assert_int_equal(counts->audience, expected.audience);
	assert_int_equal(counts->done, expected.done);
	assert_int_equal(counts->kept, expected.kept);
	assert_int_equal(counts->added, expected.added);
	assert_int_equal(counts->moved, expected.moved);
	assert_int_equal(counts->cancelled, expected.cancelled);
	assert_int_equal(refused, expected.audience - expected.done - expected.kept - expected.added - expected.moved);
}

static void
expect_instant(struct instant at, const char *expected)
{
	char a[INSTANT_TEXT_MAX], b[INSTANT_TEXT_MAX];
	if (at.us != fixture_instant(expected).us)
		fail_msg("%s, not %s", instant_format(at, 0, a), instant_format(fixture_instant(expected), 0, b));
}

/* Who gets nothing --------------------------------------------------------------------------------------------------------------------------- */

static void
whoever_may_not_be_sent_is_refused_with_the_reason(void **state)
{
	const struct {
		enum reason expected;
		struct member member;
		const char *rule;
	} rows[] = {
		{REASON_NOT_A_RECIPIENT, {.recipient_id = 1, .known = false, .region = "", .timezone = ""}, ""},
		{REASON_OPTED_OUT, with(PHONE_NEW_YORK, "", true, true, EVIDENCE_BIT(EVIDENCE_TIME)), ""},
		{REASON_OPTED_OUT, with(PHONE_TOLL_FREE, "", true, false, 0), ""},
		{REASON_NO_CONSENT, with(PHONE_NEW_YORK, "", false, false, EVIDENCE_BIT(EVIDENCE_TIME)), "base.consent"},
		{REASON_EVIDENCE_INCOMPLETE, with(PHONE_NEW_YORK, "", false, true, EVIDENCE_BIT(EVIDENCE_IP)), "base.consent"},
		{REASON_NON_GEOGRAPHIC, willing(1, PHONE_TOLL_FREE), ""},
		{REASON_UNKNOWN_REGION, willing(1, PHONE_NOWHERE), ""},
		{REASON_UNKNOWN_ZONE, with(PHONE_NEW_YORK, "America/Nowhere", false, true, EVIDENCE_BIT(EVIDENCE_TIME)), ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plan_for(rows[i].member);
		assert_int_equal(run_plan_slot_count(world.plan), 0);
		assert_int_equal(run_plan_refusal_count(world.plan), 1);
		const struct planned_refusal refusal = run_plan_refusal(world.plan, 0);
		assert_int_equal(refusal.recipient_id, 1);
		assert_int_equal(refusal.reason, rows[i].expected);
		assert_int_equal(refusal.part, PLANNED_NEW);
		assert_string_equal(refusal.rule != NULL ? refusal.rule->id : "", rows[i].rule);
		assert_int_equal(run_plan_counts(world.plan)->by_reason[rows[i].expected], 1);
		expect_counts((struct run_plan_counts){.audience = 1});
	}
}

/* Nothing else is asked, and nothing is written anew: a person decides. */
static void
whom_an_adoption_holds_stays_held(void **state)
{
	struct member member = willing(1, PHONE_NEW_YORK);

	(void)state;
	member.stored = REASON_ADOPTED;
	plan_for(member);
	assert_int_equal(run_plan_slot_count(world.plan), 0);
	assert_int_equal(run_plan_refusal_count(world.plan), 0);
	assert_int_equal(run_plan_counts(world.plan)->by_reason[REASON_ADOPTED], 1);
	member.stored = REASON_FACTS_CHANGED;
	plan_for(member);
	assert_int_equal(run_plan_slot_count(world.plan), 1);
}

static struct planned_refusal
only_refusal(void)
{
	assert_int_equal(run_plan_refusal_count(world.plan), 1);
	return run_plan_refusal(world.plan, 0);
}

static const char *
only_rule(void)
{
	const struct rule *rule = run_plan_refusal(world.plan, 0).rule;
	return rule != NULL ? rule->id : "";
}

static enum reason
only_reason(void)
{
	assert_int_equal(run_plan_slot_count(world.plan), 0);
	assert_int_equal(run_plan_refusal_count(world.plan), 1);
	return run_plan_refusal(world.plan, 0).reason;
}

static void
a_holdout_of_everybody_holds_everybody(void **state)
{
	(void)state;
	world.campaign.holdout_percent = 100;
	plan_for(willing(1, PHONE_NEW_YORK));
	assert_int_equal(only_reason(), REASON_HOLDOUT);
}

static void
without_a_lawful_instant_the_reason_says_what_is_missing(void **state)
{
	(void)state;
	world.campaign = plan_fixture_campaign("2026-11-28 00:00 local", "2026-11-29 23:00 local"); /* a weekend */
	plan_for(willing(1, PHONE_RECIFE));
	assert_int_equal(only_reason(), REASON_NO_WINDOW);
	assert_string_equal(only_rule(), "br.window");
	send_before(1, OTHER_RUN, "2026-11-28T09:00:00+05:30", true);
	send_before(1, OTHER_RUN, "2026-11-29T09:00:00+05:30", true);
	plan_for(willing(1, PHONE_INDIA));
	assert_int_equal(only_reason(), REASON_FREQUENCY_CAP);
	assert_string_equal(only_rule(), "in.cap");
	world.campaign = plan_fixture_campaign("2026-12-01 00:00 local", "2026-12-02 23:00 local");
	plan_for(willing(1, PHONE_NEPAL));
	assert_int_equal(only_reason(), REASON_CALENDAR_UNKNOWN);
	assert_string_equal(only_rule(), "np.window");
}

static void
who_is_not_reached_learns_whether_a_later_plan_helps(void **state)
{
	static const struct {
		const char *horizon;
		enum reason expected;
	} rows[] = {{"2026-12-31T00:00:00Z", REASON_NO_CAPACITY}, {"2026-11-24T00:00:00-05:00", REASON_BEYOND_HORIZON}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		world.rate_milli = 10; /* one in 100 s */
		world.campaign =
			plan_fixture_campaign("2026-11-24T08:00:00-05:00", i == 0 ? "2026-11-24T08:05:00-05:00" : "2026-11-24T09:00:00-05:00");
		world.horizon = fixture_instant(rows[i].horizon);
		start_plan();
		for (int64_t id = 1; id <= 5; id++)
			add_member(willing(id, PHONE_NEW_YORK));
		finish_plan();
		const size_t reached = i == 0 ? 3 : 0; /* 08:00:00 is a tick, 300 s less the margin hold three */
		assert_int_equal(run_plan_slot_count(world.plan), reached);
		assert_int_equal(run_plan_refusal_count(world.plan), 5 - reached);
		assert_int_equal(run_plan_counts(world.plan)->by_reason[rows[i].expected], 5 - reached);
		expect_counts((struct run_plan_counts){.audience = 5, .added = (int64_t)reached});
	}
}

static void
a_refusal_is_written_only_when_it_is_new(void **state)
{
	static const struct {
		enum reason stored;
		bool slot;
		size_t written;
		int16_t part;
	} rows[] = {
		{REASON_NONE, false, 1, PLANNED_NEW},
		{REASON_NO_CONSENT, false, 1, PLANNED_NEW},
		{REASON_OPTED_OUT, false, 0, 0},
		{REASON_NONE, true, 1, PART},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct member member = willing((int64_t)i, PHONE_NEW_YORK);
		member.facts.suppressed = true;
		member.stored = rows[i].stored;
		if (rows[i].slot)
			queue_slot(slot_of(member.recipient_id, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00"));
		plan_for(member);
		assert_int_equal(run_plan_refusal_count(world.plan), rows[i].written);
		if (rows[i].written > 0)
			assert_int_equal(run_plan_refusal(world.plan, 0).part, rows[i].part);
		expect_counts((struct run_plan_counts){.audience = 1, .cancelled = rows[i].slot});
	}
}

static void
a_refusal_by_another_rule_is_written_anew(void **state)
{
	static const struct {
		const char *stored;
		size_t written;
	} rows[] = {{"", 1}, {"base.consent", 0}, {"older.rule", 1}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct member member = willing(1, PHONE_NEW_YORK);
		member.facts.consent_granted = false;
		member.stored = REASON_NO_CONSENT;
		member.stored_rule = rows[i].stored;
		plan_for(member);
		assert_int_equal(run_plan_refusal_count(world.plan), rows[i].written);
	}
}

static void
what_holds_the_campaign_holds_whom_nothing_else_refuses(void **state)
{
	struct member refused = willing(2, PHONE_NEW_YORK);
	(void)state;
	world.hold = REASON_AUDIENCE_CHANGED;
	refused.facts.suppressed = true;
	queue_slot(slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00"));
	start_plan();
	add_member(willing(1, PHONE_NEW_YORK));
	add_member(refused);
	finish_plan();
	assert_int_equal(run_plan_counts(world.plan)->by_reason[REASON_AUDIENCE_CHANGED], 1);
	assert_int_equal(run_plan_counts(world.plan)->by_reason[REASON_OPTED_OUT], 1);
	expect_counts((struct run_plan_counts){.audience = 2, .cancelled = 1});
	assert_int_equal(run_plan_counts(world.plan)->audience_digest, 1 ^ 2);
}

/* Texts and replies ------------------------------------------------------------------------------------------------------------------------- */

/* A law of its own: no numbers of cards. */
static struct rule number_rule;
static struct regime texts_regime = {.id = "texts", .everywhere = true, .rules = &number_rule, .rule_count = 1};
static const struct rulebook texts_rulebook = {.regimes = &texts_regime, .regime_count = 1};

static void
a_text_that_a_persons_own_values_break_is_theirs_to_miss(void **state)
{
	static const struct content_variable variables[] = {{.name = "other", .max_length = 5}, {.name = "name", .max_length = 20}};
	static const char *const names[] = {"name"};
	static const struct {
		const char *value;
		enum reason expected;
	} rows[] = {{"Ana", REASON_NONE}, {"4111 1111 1111 1111", REASON_CONTENT}, {NULL, REASON_NONE}};
	struct variant variant = *plan_fixture_terms()->variants;
	(void)state;
	number_rule = fixture_window("00:00", "00:00");
	number_rule.kind = RULE_CONTENT;
	number_rule.content = (struct content_rule){.items = CONTENT_BIT(CONTENT_NO_IDENTIFIERS)};
	strcpy(number_rule.id, "numbers");
	variant.text = "Dear {{name}}";
	variant.variables = variables;
	variant.variable_count = 2;
	world.rulebook = &texts_rulebook;
	world.terms.variants = &variant;
	world.value_names = names;
	world.value_count = 1;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct member member = willing(1, PHONE_GERMANY);
		member.values = &rows[i].value;
		plan_for(member);
		assert_int_equal(run_plan_slot_count(world.plan), rows[i].expected == REASON_NONE);
		if (rows[i].expected != REASON_NONE) {
			assert_int_equal(only_reason(), rows[i].expected);
			assert_string_equal(only_rule(), "numbers");
		}
	}
}

static void
a_reply_goes_to_people_who_have_written(void **state)
{
	struct member member = willing(1, PHONE_NEW_YORK);
	(void)state;
	world.campaign.category = CATEGORY_SERVICE_REPLY;
	plan_for(member);
	assert_int_equal(only_reason(), REASON_NO_SERVICE_WINDOW);
	member.facts.last_inbound = fixture_instant("2026-01-01T00:00:00Z");
	plan_for(member);
	expect_counts((struct run_plan_counts){.audience = 1, .added = 1});
}

/* What becomes of a slot --------------------------------------------------------------------------------------------------------------------- */

static void
somebody_new_gets_the_first_lawful_tick(void **state)
{
	struct member member = willing(1, PHONE_NEW_YORK);
	(void)state;
	member.stored = REASON_BEYOND_HORIZON;
	plan_for(member);
	assert_int_equal(run_plan_slot_count(world.plan), 1);
	const struct planned_slot slot = run_plan_slot(world.plan, 0);
	assert_int_equal(slot.recipient_id, 1);
	expect_instant(slot.due_at, NOW);
	expect_instant(slot.not_after, "2026-11-23T21:00:00-05:00");
	assert_int_equal(slot.part, PLANNED_NEW);
	assert_true(slot.was_suppressed);
	expect_counts((struct run_plan_counts){.audience = 1, .added = 1});
	expect_instant(run_plan_counts(world.plan)->first_due, NOW);
	expect_instant(run_plan_counts(world.plan)->last_due, NOW);
}

static void
a_lawful_slot_stays_and_any_other_moves(void **state)
{
	const struct {
		const char *what;
		struct queued_slot slot;
		bool stays;
	} rows[] = {
		{"lawful", slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00"), true},
		{"to the end of the campaign", slot_of(1, OWN_RUN, "2026-11-25T20:00:00-05:00", "2026-11-25T21:00:00-05:00"), true},
		{"begun, with time left", slot_of(1, OWN_RUN, "2026-11-23T11:00:00-05:00", "2026-11-23T21:00:00-05:00"), true},
		{"overdue: the daemon's business", slot_of(1, OWN_RUN, "2026-11-22T11:00:00-05:00", NOW), true},
		{"too short before the end to leave", slot_of(1, OWN_RUN, "2026-11-24T20:59:50-05:00", "2026-11-24T21:00:01-05:00"), false},
		{"at night", slot_of(1, OWN_RUN, "2026-11-24T06:00:00-05:00", "2026-11-24T07:00:00-05:00"), false},
		{"behind the campaign", slot_of(1, OWN_RUN, "2026-11-26T09:00:00-05:00", "2026-11-26T21:00:00-05:00"), false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reset_world();
		queue_slot(rows[i].slot);
		plan_for(willing(1, PHONE_NEW_YORK));
		if (run_plan_slot_count(world.plan) != (rows[i].stays ? 0 : 1))
			fail_msg("%s", rows[i].what);
		if (!rows[i].stays)
			assert_int_equal(run_plan_slot(world.plan, 0).part, PART);
		assert_int_equal(run_plan_refusal_count(world.plan), 0);
		expect_counts((struct run_plan_counts){.audience = 1, .kept = rows[i].stays, .moved = !rows[i].stays});
	}
}

/* Now is a minute before the first instant that may be planned. */
static void
what_ends_before_it_could_be_judged_anew_stays_as_planned(void **state)
{
	const struct {
		const char *what, *not_after;
		bool edited;
		int32_t class_id;
		bool stays;
	} rows[] = {
		{"as planned", "2026-11-23T11:59:30-05:00", false, CLASS, true},
		{"another campaign", "2026-11-23T11:59:30-05:00", true, CLASS, false},
		{"another class", "2026-11-23T11:59:30-05:00", false, CLASS + 1, false},
		{"at the first instant that may be planned", NOW, false, CLASS + 1, false},
		{"overdue, another campaign", "2026-11-23T11:59:00-05:00", true, CLASS, true},
		{"overdue, another class", "2026-11-23T11:59:00-05:00", false, CLASS + 1, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reset_world();
		world.lead = (struct duration){US_PER_MINUTE};
		world.edited = rows[i].edited;
		world.class_id = rows[i].class_id;
		queue_slot(slot_of(1, OWN_RUN, "2026-11-23T11:00:00-05:00", rows[i].not_after));
		plan_for(willing(1, PHONE_NEW_YORK));
		if ((run_plan_counts(world.plan)->moved == 0) != rows[i].stays)
			fail_msg("%s", rows[i].what);
	}
}

/* The sender has become faster by a half: what is due within the freeze horizon stays between its ticks, what is due behind it is dealt anew. */
static void
within_the_freeze_horizon_nothing_moves_for_a_tick(void **state)
{
	(void)state;
	world.rate_milli = 1500;
	world.freeze_until = fixture_instant("2026-11-23T12:15:00-05:00");
	queue_slot(slot_of(1, OWN_RUN, "2026-11-23T12:14:59-05:00", "2026-11-23T21:00:00-05:00"));
	queue_slot(slot_of(2, OWN_RUN, "2026-11-23T12:15:01-05:00", "2026-11-23T21:00:00-05:00"));
	start_plan();
	struct err err = ERR_INIT;
	for (int64_t id = 1; id <= 2; id++) {
		const struct member member = willing(id, PHONE_NEW_YORK);
		assert_int_equal(run_plan_add(world.plan, &member, &err), STATUS_OK);
	}
	assert_int_equal(run_plan_deal(world.plan, &err), STATUS_OK);
	expect_counts((struct run_plan_counts){.audience = 2, .kept = 1, .moved = 1});
	assert_int_equal(run_plan_slot(world.plan, 0).recipient_id, 2);
}

/* ...but not when the law has changed. */
static void
what_is_unlawful_goes_also_within_the_freeze_horizon(void **state)
{
	(void)state;
	world.freeze_until = fixture_instant("2026-11-25T00:00:00-05:00");
	queue_slot(slot_of(1, OWN_RUN, "2026-11-24T06:00:00-05:00", "2026-11-24T07:00:00-05:00"));
	plan_for(willing(1, PHONE_NEW_YORK));
	expect_counts((struct run_plan_counts){.audience = 1, .moved = 1});
}

static void
a_slot_keeps_its_instant_when_the_window_closes_earlier(void **state)
{
	(void)state;
	queue_slot(slot_of(1, OWN_RUN, "2026-11-24T20:59:49-05:00", "2026-11-24T21:30:00-05:00"));
	plan_for(willing(1, PHONE_NEW_YORK));
	assert_int_equal(run_plan_slot_count(world.plan), 1);
	const struct planned_slot slot = run_plan_slot(world.plan, 0);
	expect_instant(slot.due_at, "2026-11-24T20:59:49-05:00");
	expect_instant(slot.not_after, "2026-11-24T21:00:00-05:00");
	assert_int_equal(slot.part, PART);
	expect_counts((struct run_plan_counts){.audience = 1, .kept = 1});
}

static void
a_slot_of_somebody_who_left_the_audience_goes(void **state)
{
	(void)state;
	queue_slot(slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00"));
	queue_slot(slot_of(2, OWN_RUN, "2026-11-24T09:00:01-05:00", "2026-11-24T21:00:00-05:00"));
	queue_slot(slot_of(2, OTHER_RUN, "2026-11-24T09:00:02-05:00", "2026-11-24T21:00:00-05:00"));
	plan_for(willing(1, PHONE_NEW_YORK));
	assert_int_equal(run_plan_slot_count(world.plan), 0);
	assert_int_equal(run_plan_refusal_count(world.plan), 1);
	const struct planned_refusal refusal = run_plan_refusal(world.plan, 0);
	assert_int_equal(refusal.recipient_id, 2);
	assert_int_equal(refusal.reason, REASON_NOT_IN_AUDIENCE);
	assert_int_equal(refusal.part, PART);
	expect_counts((struct run_plan_counts){.audience = 1, .kept = 1, .cancelled = 1});
}

static void
a_slot_of_another_sender_moves(void **state)
{
	struct queued_slot slot = slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00");
	(void)state;
	slot.lane = OTHER_LANE;
	queue_slot(slot);
	plan_for(willing(1, PHONE_NEW_YORK));
	expect_counts((struct run_plan_counts){.audience = 1, .moved = 1});
}

static void
a_slot_stays_at_its_instant_and_end_under_another_class(void **state)
{
	const struct queued_slot slots[] = {
		slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T12:00:00-05:00"),
		slot_of(1, OWN_RUN, "2026-11-23T11:00:00-05:00", "2026-11-23T20:00:00-05:00"), /* begun: its due_at is before what may be planned */
	};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		reset_world();
		world.class_id = CLASS + 1;
		/* caps leave nothing from Tuesday noon on */
		send_before(1, 0, "2026-11-24T12:00:00-05:00", true);
		send_before(1, 0, "2026-12-01T11:59:59.999999-05:00", true);
		queue_slot(slots[i]);
		plan_for(willing(1, PHONE_NEW_YORK));
		assert_int_equal(run_plan_slot_count(world.plan), 1);
		const struct planned_slot slot = run_plan_slot(world.plan, 0);
		assert_int_equal(slot.due_at.us, slots[i].due_at.us);
		assert_int_equal(slot.not_after.us, slots[i].not_after.us);
		assert_int_equal(slot.part, PART);
		expect_counts((struct run_plan_counts){.audience = 1, .kept = 1});
	}
}

static void
what_has_left_is_done(void **state)
{
	(void)state;
	send_before(1, OWN_RUN, "2026-11-23T11:00:00-05:00", false);
	plan_for(willing(1, PHONE_NEW_YORK));
	assert_int_equal(run_plan_slot_count(world.plan) + run_plan_refusal_count(world.plan), 0);
	expect_counts((struct run_plan_counts){.audience = 1, .done = 1});
}

/* Caps and capacity -------------------------------------------------------------------------------------------------------------------------- */

static void
caps_count_what_was_sent_and_what_is_queued(void **state)
{
	static const struct {
		const char *sent_at;
		bool counts;
		const char *due_at, *not_after;
	} rows[] = {
		/* queued for Tuesday by another campaign, so one more in the seven days before is one too many until it is seven days ago */
		{"2026-11-17T20:00:00-05:00", true, "2026-11-23T12:00:00-05:00", "2026-11-23T21:00:00-05:00"},
		{"2026-11-18T08:00:00-05:00", true, "2026-11-25T08:00:00-05:00", "2026-11-25T21:00:00-05:00"},
		{"2026-11-18T12:00:00-05:00", true, "2026-11-25T12:00:00-05:00", "2026-11-25T21:00:00-05:00"},
		{"2026-11-18T12:00:00-05:00", false, NOW, "2026-11-23T21:00:00-05:00"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reset_world();
		queue_slot(slot_of(1, OTHER_RUN, "2026-11-24T20:00:00-05:00", "2026-11-24T21:00:00-05:00"));
		send_before(1, 0, rows[i].sent_at, rows[i].counts);
		plan_for(willing(1, PHONE_NEW_YORK));
		assert_int_equal(run_plan_slot_count(world.plan), 1);
		expect_instant(run_plan_slot(world.plan, 0).due_at, rows[i].due_at);
		expect_instant(run_plan_slot(world.plan, 0).not_after, rows[i].not_after);
	}
}

static void
a_slot_ends_where_a_cap_begins_to_bind(void **state)
{
	(void)state;
	/* two within seven days from Monday 18:00 on, one of them sent by another system with its clock ahead */
	send_before(1, 0, "2026-11-23T18:00:00-05:00", true);
	send_before(1, 0, "2026-11-30T17:00:00-05:00", true);
	plan_for(willing(1, PHONE_NEW_YORK));
	assert_int_equal(run_plan_slot_count(world.plan), 1);
	expect_instant(run_plan_slot(world.plan, 0).due_at, "2026-11-23T12:00:00-05:00");
	expect_instant(run_plan_slot(world.plan, 0).not_after, "2026-11-23T17:00:00.000001-05:00");
}

static void
ticks_of_the_sender_are_shared_by_its_campaigns(void **state)
{
	struct queued_slot foreign = slot_of(9, OTHER_RUN, "2026-11-23T12:00:01-05:00", "2026-11-23T21:00:00-05:00");
	(void)state;
	queue_slot(foreign);
	foreign.recipient_id = 8;
	foreign.lane = OTHER_LANE;
	foreign.due_at.us += US_PER_SECOND;
	queue_slot(foreign);
	start_plan();
	for (int64_t id = 1; id <= 3; id++)
		add_member(willing(id, PHONE_NEW_YORK));
	finish_plan();
	assert_int_equal(run_plan_slot_count(world.plan), 3);
	expect_instant(run_plan_slot(world.plan, 0).due_at, "2026-11-23T12:00:00-05:00");
	expect_instant(run_plan_slot(world.plan, 1).due_at, "2026-11-23T12:00:02-05:00");
	expect_instant(run_plan_slot(world.plan, 2).due_at, "2026-11-23T12:00:03-05:00");
}

static void
the_next_campaign_of_a_plan_sees_what_this_one_decided(void **state)
{
	struct err err = ERR_INIT;
	size_t count;
	(void)state;
	queue_slot(slot_of(2, OWN_RUN, "2026-11-24T06:00:00-05:00", "2026-11-24T07:00:00-05:00")); /* moves */
	queue_slot(slot_of(3, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00")); /* goes */
	start_plan();
	add_member(willing(1, PHONE_NEW_YORK));
	add_member(willing(2, PHONE_NEW_YORK));
	struct member leaver = willing(3, PHONE_NEW_YORK);
	leaver.facts.suppressed = true;
	add_member(leaver);
	finish_plan();
	assert_int_equal(run_plan_record(world.plan, &err), STATUS_OK);
	for (int64_t id = 1; id <= 3; id++) {
		const struct queued_slot *slots = by_person_find(world.queue, id, &count);
		size_t standing = 0;
		for (size_t i = 0; i < count; i++) {
			standing += !slots[i].gone;
			assert_true(slots[i].gone || slots[i].due_at.us <= world.now.us + US_PER_SECOND);
		}
		assert_int_equal(standing, id == 3 ? 0 : 1);
	}
	world.campaign.campaign_id = world.campaign.run_id = OTHER_RUN;
	plan_for(willing(4, PHONE_NEW_YORK));
	expect_instant(run_plan_slot(world.plan, 0).due_at, "2026-11-23T12:00:02-05:00");
}

/* Volume ------------------------------------------------------------------------------------------------------------------------------------ */

/* The law of the fixture, and so many messages a day in Los Angeles. */
static struct rule volume_rule;

static void
limit_volume(int32_t n)
{
	static struct regime regimes[8];
	static struct rulebook rulebook;
	const struct rulebook *fixture = plan_fixture_rulebook();
	memcpy(regimes, fixture->regimes, fixture->regime_count * sizeof *regimes);
	volume_rule = fixture_window("00:00", "00:00");
	volume_rule.kind = RULE_VOLUME;
	volume_rule.volume = (struct volume_rule){.n = n, .fixed_zone = "America/Los_Angeles"};
	strcpy(volume_rule.id, "volume");
	regimes[fixture->regime_count] =
		(struct regime){.id = "v", .regions = {"US"}, .region_count = 1, .rules = &volume_rule, .rule_count = 1};
	rulebook = (struct rulebook){.regimes = regimes, .regime_count = fixture->regime_count + 1};
	world.rulebook = &rulebook;
}

static void
a_daily_volume_spreads_people_over_days(void **state)
{
	(void)state;
	limit_volume(2);
	start_plan();
	for (int64_t id = 1; id <= 7; id++)
		add_member(willing(id, PHONE_NEW_YORK));
	add_member(willing(8, PHONE_GERMANY)); /* under no limit */
	finish_plan();
	expect_counts((struct run_plan_counts){.audience = 8, .added = 7});
	static const char *const due[] = {"2026-11-24T08:00:00-05:00", "2026-11-24T08:00:01-05:00", "2026-11-25T08:00:00-05:00"};
	for (size_t i = 0; i < 3; i++)
		expect_instant(run_plan_slot(world.plan, i + 3).due_at, due[i]);
	/* within the day of the limit, which ends at three in the morning in New York */
	expect_instant(run_plan_slot(world.plan, 3).not_after, "2026-11-24T21:00:00-05:00");
	assert_int_equal(run_plan_counts(world.plan)->by_reason[REASON_DAILY_VOLUME], 1);
	assert_int_equal(only_refusal().reason, REASON_DAILY_VOLUME);
	assert_string_equal(only_refusal().rule->id, "volume");
}

static void
what_is_queued_and_sent_counts_in_the_volume(void **state)
{
	struct queued_slot foreign = slot_of(9, OTHER_RUN, "2026-11-23T13:00:00-05:00", "2026-11-23T21:00:00-05:00");
	(void)state;
	limit_volume(2);
	foreign.volume = 1; /* the rulebook's first volume rule */
	queue_slot(foreign);
	foreign.recipient_id = 10;
	foreign.volume = 0; /* under no limit */
	queue_slot(foreign);
	start_plan();
	for (int64_t id = 1; id <= 2; id++)
		add_member(willing(id, PHONE_NEW_YORK));
	finish_plan();
	expect_instant(run_plan_slot(world.plan, 0).due_at, "2026-11-23T12:00:00-05:00");
	expect_instant(run_plan_slot(world.plan, 1).due_at, "2026-11-24T08:00:00-05:00");
}

/* After the limit has fallen, or another campaign has taken its place. */
static void
a_slot_whose_day_is_full_is_dealt_anew(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	limit_volume(1);
	queue_slot(slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00"));
	queue_slot(slot_of(2, OWN_RUN, "2026-11-24T09:00:01-05:00", "2026-11-24T21:00:00-05:00"));
	start_plan();
	add_member(willing(1, PHONE_NEW_YORK));
	add_member(willing(2, PHONE_NEW_YORK));
	finish_plan();
	expect_counts((struct run_plan_counts){.audience = 2, .kept = 1, .moved = 1});
	expect_instant(run_plan_slot(world.plan, 0).due_at, "2026-11-23T12:00:00-05:00");
	assert_int_equal(run_plan_record(world.plan, &err), STATUS_OK);
	size_t count;
	const struct queued_slot *slots = by_person_find(world.queue, 2, &count);
	for (size_t i = 0; i < count; i++)
		assert_true(slots[i].gone || slots[i].volume == 1); /* what the next campaign counts */
}

/* Germany is open all night: a message ends with the 24th of the rolling period that it is planned in. */
static void
a_rolling_limit_ends_messages_with_its_hours(void **state)
{
	(void)state;
	world.sender.daily_limit = 3;
	start_plan();
	for (int64_t id = 1; id <= 5; id++)
		add_member(willing(id, PHONE_GERMANY));
	finish_plan();
	assert_int_equal(run_plan_slot_count(world.plan), 5);
	expect_instant(run_plan_slot(world.plan, 2).not_after, "2026-11-23T13:00:00-05:00");
	expect_instant(run_plan_slot(world.plan, 3).due_at, "2026-11-24T13:00:00-05:00");
	expect_instant(run_plan_slot(world.plan, 3).not_after, "2026-11-24T14:00:00-05:00");
}

/* Somebody else's only tick ---------------------------------------------------------------------------------------------------------------- */

/* One message in a thousand seconds. New York closes at 21:00, Chicago at 22:00 of New York, Germany never: until 21:20 there are ticks at 20:50:00 and
 * at 21:06:40, until 22:20 at 21:23:20, 21:40:00, 21:56:40 and 22:13:20 as well. */
static void
slow_sender(const char *ends_at)
{
	world.rate_milli = 1;
	world.campaign = plan_fixture_campaign("2026-11-23T20:45:00-05:00", ends_at);
}

static void
plan_for_people(const struct member *members, size_t count)
{
	start_plan();
	for (size_t i = 0; i < count; i++)
		add_member(members[i]);
	finish_plan();
}

static struct planned_slot
planned_of(int64_t recipient_id)
{
	for (size_t i = 0; i < run_plan_slot_count(world.plan); i++)
		if (run_plan_slot(world.plan, i).recipient_id == recipient_id)
			return run_plan_slot(world.plan, i);
	fail_msg("nothing is planned for %lld", (long long)recipient_id);
	return (struct planned_slot){0};
}

/* What is stored of the run after the plan: everybody is planned anew, or stays. */
static void
publish_all(const struct member *members, size_t count)
{
	struct err err = ERR_INIT;
	struct by_person *queue;
	assert_int_equal(run_plan_record(world.plan, &err), STATUS_OK);
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &queue), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		size_t slots;
		const struct queued_slot *slot = by_person_find(world.queue, members[i].recipient_id, &slots);
		for (; slots > 0; slots--, slot++) {
			if (slot->gone)
				continue;
			struct queued_slot stored = *slot;
			stored.part = PART;
			stored.class_id = world.class_id;
			assert_int_equal(by_person_add(queue, &stored), STATUS_OK);
		}
	}
	by_person_free(&world.queue);
	world.queue = queue;
}

static void
expect_nothing_more(const struct member *members, size_t count)
{
	publish_all(members, count);
	plan_for_people(members, count);
	assert_int_equal(run_plan_slot_count(world.plan), 0);
	assert_int_equal(run_plan_counts(world.plan)->kept, count);
}

static void
who_has_another_instant_leaves_it_to_whom_has_none(void **state)
{
	const struct member members[] = {willing(1, PHONE_CHICAGO), willing(2, PHONE_NEW_YORK)};
	(void)state;
	slow_sender("2026-11-23T21:20:00-05:00");
	queue_slot(slot_of(1, OWN_RUN, "2026-11-23T20:50:00-05:00", "2026-11-23T21:20:00-05:00"));
	plan_for_people(members, 2);
	expect_counts((struct run_plan_counts){.audience = 2, .moved = 1, .added = 1});
	expect_instant(planned_of(2).due_at, "2026-11-23T20:50:00-05:00");
	expect_instant(planned_of(1).due_at, "2026-11-23T21:06:40-05:00");
	assert_int_equal(planned_of(1).part, PART);
	assert_int_equal(planned_of(2).part, PLANNED_NEW);
	assert_int_equal(run_plan_counts(world.plan)->slots.count, 1);
	expect_nothing_more(members, 2);
}

static void
a_chain_of_moves_serves_one_more(void **state)
{
	const struct member members[] = {willing(1, PHONE_GERMANY), willing(2, PHONE_CHICAGO), willing(3, PHONE_NEW_YORK)};
	static const char *const taken[] = {"2026-11-23T21:23:20-05:00", "2026-11-23T21:40:00-05:00", "2026-11-23T21:56:40-05:00"};
	(void)state;
	slow_sender("2026-11-23T22:20:00-05:00");
	for (int64_t i = 0; i < 3; i++)
		queue_slot(slot_of(10 + i, OTHER_RUN, taken[i], "2026-11-23T22:20:00-05:00"));
	queue_slot(slot_of(1, OWN_RUN, "2026-11-23T21:06:40-05:00", "2026-11-23T22:20:00-05:00"));
	queue_slot(slot_of(2, OWN_RUN, "2026-11-23T20:50:00-05:00", "2026-11-23T22:00:00-05:00"));
	plan_for_people(members, 3);
	expect_counts((struct run_plan_counts){.audience = 3, .moved = 2, .added = 1});
	expect_instant(planned_of(3).due_at, "2026-11-23T20:50:00-05:00");
	expect_instant(planned_of(2).due_at, "2026-11-23T21:06:40-05:00");
	expect_instant(planned_of(1).due_at, "2026-11-23T22:13:20-05:00");
	expect_nothing_more(members, 3);
}

static void
nobody_moves_in_vain_or_within_the_freeze_horizon(void **state)
{
	static const struct {
		const char *what, *freeze_until, *due_at;
		uint64_t keeper, newcomer;
		int64_t moved, added;
	} rows[] = {
		{"behind the freeze", "2026-11-23T20:50:00-05:00", "2026-11-23T20:50:00-05:00", PHONE_CHICAGO, PHONE_NEW_YORK, 1, 1},
		{"within the freeze", "2026-11-23T20:50:01-05:00", "2026-11-23T20:50:00-05:00", PHONE_CHICAGO, PHONE_NEW_YORK, 0, 0},
		{"no other instant", "2026-11-23T12:00:00-05:00", "2026-11-23T20:50:00-05:00", PHONE_NEW_YORK, PHONE_NEW_YORK, 0, 0},
		{"no need to", "2026-11-23T12:00:00-05:00", "2026-11-23T20:50:00-05:00", PHONE_CHICAGO, PHONE_CHICAGO, 0, 1},
		{"a place that does not help", "2026-11-23T12:00:00-05:00", "2026-11-23T21:06:40-05:00", PHONE_CHICAGO, PHONE_NEW_YORK, 0, 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct member members[] = {willing(1, rows[i].keeper), willing(2, rows[i].newcomer)};
		reset_world();
		slow_sender("2026-11-23T21:20:00-05:00");
		world.freeze_until = fixture_instant(rows[i].freeze_until);
		queue_slot(slot_of(
			1, OWN_RUN, rows[i].due_at, rows[i].keeper == PHONE_NEW_YORK ? "2026-11-23T21:00:00-05:00" : "2026-11-23T21:20:00-05:00"));
		plan_for_people(members, 2);
		const struct run_plan_counts *counts = run_plan_counts(world.plan);
		if (counts->moved != rows[i].moved || counts->added != rows[i].added || counts->kept != 1 - rows[i].moved)
			fail_msg("%s: %lld moved, %lld added", rows[i].what, (long long)counts->moved, (long long)counts->added);
		assert_int_equal(counts->by_reason[REASON_NO_CAPACITY], 1 - rows[i].added);
	}
}

/* Two messages in any seven days are allowed: two that have left leave the keeper what lies behind 20:48, two that are to come what lies before 20:55. */
static void
who_has_a_leeway_moves_within_it(void **state)
{
	const struct member members[] = {willing(1, PHONE_CHICAGO), willing(2, PHONE_NEW_YORK)};
	(void)state;
	for (int64_t moved = 0; moved < 2; moved++) {
		reset_world();
		slow_sender("2026-11-23T21:20:00-05:00");
		queue_slot(slot_of(1, OWN_RUN, "2026-11-23T20:50:00-05:00", moved > 0 ? "2026-11-23T21:20:00-05:00" : "2026-11-23T20:55:00-05:00"));
		for (int32_t other = 0; other < 2; other++)
			if (moved > 0)
				send_before(1, 0, "2026-11-16T20:48:00-05:00", true);
			else
				queue_slot(slot_of(1, OTHER_RUN + other, "2026-11-30T20:55:00-05:00", "2026-11-30T21:30:00-05:00"));
		plan_for_people(members, 2);
		expect_counts((struct run_plan_counts){.audience = 2, .kept = 1 - moved, .moved = moved, .added = moved});
		if (moved > 0)
			expect_nothing_more(members, 2);
	}
}

/* Three a day: of the first only the one who is there now counts, not who was. */
static void
who_moves_gives_the_volume_back(void **state)
{
	const struct member members[] = {willing(1, PHONE_CHICAGO), willing(2, PHONE_NEW_YORK)};
	(void)state;
	limit_volume(3);
	slow_sender("2026-11-24T09:20:00-05:00");
	for (int64_t i = 0; i < 4; i++) { /* in the evening there are no other ticks */
		struct queued_slot foreign = slot_of(10 + i, OTHER_RUN, "2026-11-23T21:06:40-05:00", "2026-11-23T22:00:00-05:00");
		foreign.due_at.us += i * 1000 * US_PER_SECOND;
		queue_slot(foreign);
	}
	struct queued_slot own = slot_of(1, OWN_RUN, "2026-11-23T20:50:00-05:00", "2026-11-23T22:00:00-05:00");
	own.volume = 1;
	queue_slot(own);
	send_before(2, 0, "2026-11-30T20:59:00-05:00", true); /* so tomorrow is too late */
	send_before(2, 0, "2026-11-30T20:59:00-05:00", true);
	plan_for_people(members, 2);
	expect_counts((struct run_plan_counts){.audience = 2, .moved = 1, .added = 1});
	assert_int_equal(quota_room(world.quota, 1, fixture_instant("2026-11-23T20:50:00-05:00")), 2);
	assert_int_equal(quota_room(world.quota, 1, planned_of(1).due_at), 2);
}

/* The law has changed around everybody: who stays is amended where they are, who moves is not. */
static void
who_moves_is_not_amended_too(void **state)
{
	const struct member members[] = {willing(1, PHONE_CHICAGO), willing(2, PHONE_NEW_YORK), willing(3, PHONE_GERMANY)};
	(void)state;
	slow_sender("2026-11-23T21:40:00-05:00");
	world.class_id = CLASS + 1;
	queue_slot(slot_of(1, OWN_RUN, "2026-11-23T20:50:00-05:00", "2026-11-23T21:40:00-05:00"));
	queue_slot(slot_of(3, OWN_RUN, "2026-11-23T21:06:40-05:00", "2026-11-23T21:40:00-05:00"));
	plan_for_people(members, 3);
	expect_counts((struct run_plan_counts){.audience = 3, .kept = 1, .moved = 1, .added = 1});
	assert_int_equal(run_plan_slot_count(world.plan), 3);
	expect_instant(planned_of(1).due_at, "2026-11-23T21:23:20-05:00");
	expect_instant(planned_of(3).due_at, "2026-11-23T21:06:40-05:00");
	expect_nothing_more(members, 3);
}

/* One a day: who may leave on either leaves the day to whom caps leave no other. */
static void
who_has_another_day_leaves_it_to_whom_has_none(void **state)
{
	const struct member members[] = {willing(1, PHONE_NEW_YORK), willing(2, PHONE_NEW_YORK), willing(3, PHONE_NEW_YORK)};
	(void)state;
	limit_volume(1);
	world.campaign = plan_fixture_campaign("2026-11-23T00:00:00-05:00", "2026-11-24T21:00:00-05:00");
	queue_slot(slot_of(1, OWN_RUN, "2026-11-24T09:00:00-05:00", "2026-11-24T21:00:00-05:00"));
	for (int64_t id = 2; id <= 3; id++) {
		send_before(id, 0, "2026-11-17T07:00:00-05:00", true);
		send_before(id, 0, "2026-11-17T07:01:00-05:00", true);
	}
	plan_for_people(members, 3);
	expect_counts((struct run_plan_counts){.audience = 3, .moved = 1, .added = 1});
	expect_instant(planned_of(1).due_at, "2026-11-23T12:00:00-05:00");
	assert_int_equal(run_plan_counts(world.plan)->by_reason[REASON_DAILY_VOLUME], 1);
}

/* Planning again ----------------------------------------------------------------------------------------------------------------------------- */

static void
store_slots(void)
{
	for (size_t i = 0; i < run_plan_slot_count(world.plan); i++) {
		const struct planned_slot planned = run_plan_slot(world.plan, i);
		queue_slot((struct queued_slot){.recipient_id = planned.recipient_id,
			.due_at = planned.due_at,
			.not_after = planned.not_after,
			.run_id = OWN_RUN,
			.class_id = CLASS,
			.lane = LANE,
			.part = PART,
			.category = CATEGORY_MARKETING,
			.channel = CHANNEL_SMS});
	}
}

static void
plan_for_many(int64_t count)
{
	start_plan();
	for (int64_t id = 1; id <= count; id++)
		add_member(willing(id, PHONE_NEW_YORK));
	finish_plan();
}

/* Half of a campaign lies behind the horizon: even pacing leaves half of the people for a later plan, and again when planned again. */
static void
even_pacing_does_not_crowd_before_the_horizon(void **state)
{
	enum { PEOPLE = 100 };
	(void)state;
	world.campaign = plan_fixture_campaign("2026-11-24T00:00:00-05:00", "2026-11-28T00:00:00-05:00");
	world.campaign.pacing = DEAL_EVEN;
	world.horizon = fixture_instant("2026-11-26T00:00:00-05:00");
	plan_for_many(PEOPLE);
	expect_counts((struct run_plan_counts){.audience = PEOPLE, .added = PEOPLE / 2});
	assert_int_equal(run_plan_counts(world.plan)->by_reason[REASON_BEYOND_HORIZON], PEOPLE / 2);
	for (size_t i = 1; i < PEOPLE / 2; i++) { /* 26 h for 50: one in 31 minutes */
		const int64_t gap = run_plan_slot(world.plan, i).due_at.us - run_plan_slot(world.plan, i - 1).due_at.us;
		assert_in_range(gap, 31 * US_PER_MINUTE, 32 * US_PER_MINUTE + 11 * US_PER_HOUR);
	}
	store_slots();
	plan_for_many(PEOPLE);
	expect_counts((struct run_plan_counts){.audience = PEOPLE, .kept = PEOPLE / 2});
}

/* Whom caps bind are sources of one each; their turns are those of their class and not all the same. */
static void
people_bound_by_caps_are_spread_too(void **state)
{
	enum { PEOPLE = 200 };
	(void)state;
	world.campaign = plan_fixture_campaign("2026-11-24T00:00:00-05:00", "2026-11-25T00:00:00-05:00");
	world.campaign.pacing = DEAL_EVEN;
	for (int64_t id = 1; id <= PEOPLE; id++) {
		send_before(id, 0, "2026-11-17T08:59:00-05:00", true);
		send_before(id, 0, "2026-11-17T09:00:00-05:00", true);
	}
	plan_for_many(PEOPLE);
	assert_int_equal(run_plan_slot_count(world.plan), PEOPLE);
	/* from 08:59 to 21:00 */
	expect_instant(run_plan_slot(world.plan, PEOPLE - 1).not_after, "2026-11-24T21:00:00-05:00");
	for (size_t i = 1; i < PEOPLE; i++) {
		const int64_t gap = run_plan_slot(world.plan, i).due_at.us - run_plan_slot(world.plan, i - 1).due_at.us;
		assert_in_range(gap, 3 * US_PER_MINUTE, 4 * US_PER_MINUTE);
	}
}

static void
slots_are_given_in_due_order_even_when_ticks_are_short(void **state)
{
	enum { PEOPLE = 60 };
	(void)state;
	world.rate_milli = 100; /* 59 ticks in 590 s */
	world.campaign = plan_fixture_campaign("2026-11-24T12:00:00-05:00", "2026-11-24T12:10:00-05:00");
	world.campaign.pacing = DEAL_EVEN;
	plan_for_many(PEOPLE);
	assert_int_equal(run_plan_slot_count(world.plan), 59);
	for (size_t i = 0; i < 59; i++)
		assert_int_equal(
			run_plan_slot(world.plan, i).due_at.us, fixture_instant("2026-11-24T12:00:00-05:00").us + (int64_t)i * 10 * US_PER_SECOND);
}

/* What only advises ---------------------------------------------------------------------------------------------------------------------- */

/* The law of the fixture, and beside it one a day and these hours as advice. */
static void
advise(const char *from, const char *until, enum regime_status status)
{
	static struct rule rules[2];
	static struct regime regimes[8];
	static struct rulebook rulebook;
	const struct rulebook *law = plan_fixture_rulebook();
	assert_true(law->regime_count < sizeof regimes / sizeof regimes[0]);
	rules[0] = fixture_cap(CAP_CALENDAR_DAY, 1, 0);
	strcpy(rules[0].id, "soft.cap");
	rules[1] = fixture_window(from, until);
	strcpy(rules[1].id, "soft.window");
	memcpy(regimes, law->regimes, law->regime_count * sizeof *regimes);
	regimes[law->regime_count] = (struct regime){.id = "soft", .status = status, .everywhere = true, .rules = rules, .rule_count = 2};
	rulebook = (struct rulebook){.regimes = regimes, .regime_count = law->regime_count + 1};
	world.rulebook = &rulebook;
}

static void
expect_against(int64_t cap, int64_t window)
{
	const struct run_plan_counts *counts = run_plan_counts(world.plan);
	for (size_t i = 0; i < counts->advice_count; i++)
		if (strcmp(counts->advice[i].rule->id, "soft.cap") == 0)
			cap -= counts->advice[i].people;
		else
			window -= counts->advice[i].people;
	assert_int_equal(cap, 0);
	assert_int_equal(window, 0);
}

/* A message of this morning counts when it has left; the hours are those of the slot. */
static void
who_is_planned_against_advice_is_counted(void **state)
{
	static const struct {
		const char *from, *slot; /* NULL: it is placed, at once */
		bool sent, counts;
		int64_t cap, window;
	} rows[] = {
		{"14:00", NULL, false, false, 0, 1},
		{"08:00", NULL, false, false, 0, 0},
		{"08:00", NULL, true, true, 1, 0},
		{"08:00", NULL, true, false, 0, 0},
		{"14:00", "2026-11-23T13:00:00-05:00", true, true, 1, 1},
		{"14:00", "2026-11-23T15:00:00-05:00", true, true, 1, 0},
		{"14:00", "2026-11-24T15:00:00-05:00", true, true, 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reset_world();
		advise(rows[i].from, "20:00", REGIME_ADVISORY);
		if (rows[i].slot != NULL)
			queue_slot(slot_of(1, OWN_RUN, rows[i].slot, "2026-11-24T21:00:00-05:00"));
		if (rows[i].sent)
			send_before(1, OTHER_RUN, "2026-11-23T09:00:00-05:00", rows[i].counts);
		plan_for(willing(1, PHONE_NEW_YORK));
		expect_counts((struct run_plan_counts){.audience = 1, .kept = rows[i].slot != NULL, .added = rows[i].slot == NULL});
		expect_against(rows[i].cap, rows[i].window);
	}
}

static void
advice_counts_where_the_slot_is_in_the_end(void **state)
{
	const struct member members[] = {willing(1, PHONE_CHICAGO), willing(2, PHONE_NEW_YORK)};
	(void)state;
	advise("20:00", "21:00", REGIME_ADVISORY);
	slow_sender("2026-11-23T21:40:00-05:00");
	queue_slot(slot_of(1, OWN_RUN, "2026-11-23T20:50:00-05:00", "2026-11-23T21:40:00-05:00"));
	plan_for_people(members, 1);
	expect_counts((struct run_plan_counts){.audience = 1, .kept = 1});
	expect_against(0, 1);
	plan_for_people(members, 2);
	expect_counts((struct run_plan_counts){.audience = 2, .moved = 1, .added = 1});
	expect_against(0, 0);
}

/* What binds or is off advises nothing. */
static void
without_advice_nothing_is_counted(void **state)
{
	static const enum regime_status statuses[] = {REGIME_ENFORCED, REGIME_OFF};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		reset_world();
		advise("14:00", "20:00", statuses[i]);
		send_before(1, OTHER_RUN, "2026-11-23T09:00:00-05:00", true);
		plan_for(willing(1, PHONE_NEW_YORK));
		assert_int_equal(run_plan_counts(world.plan)->added, 1);
		assert_int_equal(run_plan_counts(world.plan)->advice_count, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whoever_may_not_be_sent_is_refused_with_the_reason, open_world, close_world),
		cmocka_unit_test_setup_teardown(whom_an_adoption_holds_stays_held, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_holdout_of_everybody_holds_everybody, open_world, close_world),
		cmocka_unit_test_setup_teardown(without_a_lawful_instant_the_reason_says_what_is_missing, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_is_not_reached_learns_whether_a_later_plan_helps, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_refusal_is_written_only_when_it_is_new, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_refusal_by_another_rule_is_written_anew, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_holds_the_campaign_holds_whom_nothing_else_refuses, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_text_that_a_persons_own_values_break_is_theirs_to_miss, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_reply_goes_to_people_who_have_written, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_daily_volume_spreads_people_over_days, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_is_queued_and_sent_counts_in_the_volume, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_slot_whose_day_is_full_is_dealt_anew, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_rolling_limit_ends_messages_with_its_hours, open_world, close_world),
		cmocka_unit_test_setup_teardown(somebody_new_gets_the_first_lawful_tick, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_lawful_slot_stays_and_any_other_moves, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_ends_before_it_could_be_judged_anew_stays_as_planned, open_world, close_world),
		cmocka_unit_test_setup_teardown(within_the_freeze_horizon_nothing_moves_for_a_tick, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_is_unlawful_goes_also_within_the_freeze_horizon, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_slot_keeps_its_instant_when_the_window_closes_earlier, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_slot_of_somebody_who_left_the_audience_goes, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_slot_of_another_sender_moves, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_slot_stays_at_its_instant_and_end_under_another_class, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_has_left_is_done, open_world, close_world),
		cmocka_unit_test_setup_teardown(caps_count_what_was_sent_and_what_is_queued, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_slot_ends_where_a_cap_begins_to_bind, open_world, close_world),
		cmocka_unit_test_setup_teardown(ticks_of_the_sender_are_shared_by_its_campaigns, open_world, close_world),
		cmocka_unit_test_setup_teardown(the_next_campaign_of_a_plan_sees_what_this_one_decided, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_has_another_instant_leaves_it_to_whom_has_none, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_chain_of_moves_serves_one_more, open_world, close_world),
		cmocka_unit_test_setup_teardown(nobody_moves_in_vain_or_within_the_freeze_horizon, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_has_a_leeway_moves_within_it, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_moves_gives_the_volume_back, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_moves_is_not_amended_too, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_has_another_day_leaves_it_to_whom_has_none, open_world, close_world),
		cmocka_unit_test_setup_teardown(even_pacing_does_not_crowd_before_the_horizon, open_world, close_world),
		cmocka_unit_test_setup_teardown(people_bound_by_caps_are_spread_too, open_world, close_world),
		cmocka_unit_test_setup_teardown(slots_are_given_in_due_order_even_when_ticks_are_short, open_world, close_world),
		cmocka_unit_test_setup_teardown(who_is_planned_against_advice_is_counted, open_world, close_world),
		cmocka_unit_test_setup_teardown(advice_counts_where_the_slot_is_in_the_end, open_world, close_world),
		cmocka_unit_test_setup_teardown(without_advice_nothing_is_counted, open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
