/* Several texts of one campaign: the other one of a split, the one for first messages, and each in several languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define NIGHT "--now 2026-11-23T02:30:00Z plan"
#define NEXT_NIGHT "--now 2026-11-24T03:30:00Z plan"

/* Which template and what order everybody's slot names. */
#define TEXTS \
	"SELECT string_agg(concat_ws(' ', c.name, p.source, k.template, k.language, k.message_order), ', ' ORDER BY c.name, p.source)" \
	" FROM slot JOIN class AS k USING (class_id) JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id)" \
	" JOIN recipient AS p USING (bucket, recipient_id)"

/* Templates "other", in both languages, and "hello". */
static void
make_texts(const struct plan_world *world)
{
	sql_run(world->connection,
		"INSERT INTO template (name, language, business, channel, category, body, status)"
		"	SELECT n.name, l.language, 'acme', 'whatsapp', 'marketing', fixture.text('acme', l.language, n.name), 'approved'"
		"	FROM unnest('{other,hello}'::text[]) AS n (name), unnest('{en,pt-BR}'::text[]) AS l (language);"
		"SELECT fixture.lawful()");
}

static void
make_campaign(const struct plan_world *world, const char *texts)
{
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-30T00:00Z')");
	sql_run(world->connection, texts);
	sql_run(world->connection, "SELECT approve_again()");
}

static void
keep_texts(const struct plan_world *world)
{
	sql_run(world->connection, "CREATE TABLE kept AS SELECT recipient_id, template FROM slot JOIN class USING (class_id)");
}

static void
expect_kept_texts(const struct plan_world *world, const char *changed)
{
	sql_expect(world->connection,
		"SELECT count(*) FROM kept FULL JOIN (SELECT recipient_id, template FROM slot JOIN class USING (class_id)) AS now "
		"USING (recipient_id) WHERE kept.template IS DISTINCT FROM now.template",
		changed);
}

/* The split ------------------------------------------------------------------------------------------------------------------------------- */

/* 30 of 100 of 600 people: 180 and at most four standard deviations (11.2) off. Planning from nothing again gives everybody the same. */
static void
a_split_gives_everybody_one_text_for_good(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection, "SELECT people(600)");
	make_campaign(world, "UPDATE campaign SET template_b = 'other', split_percent = 30");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection,
		"SELECT count(*), count(*) FILTER (WHERE template = 'other') BETWEEN 135 AND 225 FROM slot JOIN class USING (class_id)", "600|t");
	sql_expect(world->connection,
		"SELECT t.role, t.template, t.planned = (SELECT count(*) FROM slot JOIN class AS k USING (class_id) WHERE k.template = t.template),"
		" t.handed_over FROM campaign_texts AS t ORDER BY role",
		"template|acme whatsapp|t|0\ntemplate_b|other|t|0");
	keep_texts(world);
	plan_world_make(world, NIGHT);
	expect_kept_texts(world, "0");
	sql_run(world->connection,
		"SELECT campaign_set_status('sale', 'paused'); DELETE FROM slot; SELECT campaign_set_status('sale', 'approved')");
	plan_world_make(world, NIGHT);
	expect_kept_texts(world, "0");
	sql_run(world->connection, "UPDATE campaign SET split_percent = 50; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection,
		"SELECT count(*) FROM kept JOIN slot USING (recipient_id) JOIN class AS k USING (class_id) "
		"WHERE kept.template = 'other' AND k.template <> 'other'",
		"0");
}

static void
a_report_says_what_became_of_each_text(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection, "SELECT people(40)");
	make_campaign(world, "UPDATE campaign SET template_b = 'other', split_percent = 50");
	plan_world_make(world, NIGHT);
	keep_texts(world);
	sql_run(world->connection, "SELECT release('n' || n, 'sale', '2026-11-23T14:00Z') FROM generate_series(1, 25) AS n");
	sql_expect(world->connection, "SELECT count(*), sum(planned), sum(handed_over), sum(refused) FROM campaign_texts", "2|15|25|0");
	sql_expect(world->connection,
		"SELECT template, planned + handed_over FROM campaign_texts EXCEPT SELECT template, count(*) FROM kept GROUP BY 1", "");
}

/* Everybody gets their own text in their own language. */
static void
each_text_has_its_languages(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT people(60); UPDATE recipient SET language = 'pt' WHERE phone % 2 = 0; UPDATE recipient SET language = 'en' WHERE phone % 2 "
		"= 1");
	make_campaign(world, "UPDATE campaign SET template_b = 'other', split_percent = 50");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection,
		"SELECT bool_and(k.language = CASE p.language WHEN 'pt' THEN 'pt-BR' ELSE 'en' END), count(DISTINCT (k.template, k.language))"
		" FROM slot JOIN class AS k USING (class_id) JOIN recipient AS p USING (bucket, recipient_id)",
		"t|4");
}

/* A test is biased when people move to the text that the law lets pass. */
static void
nobody_gets_the_text_of_others(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection, "SELECT people(60)");
	sql_run(world->connection, "UPDATE template SET body = 'Hello.' WHERE name = 'other'; SELECT fixture.lawful()");
	make_campaign(world, "UPDATE campaign SET template_b = 'other', split_percent = 50");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection,
		"SELECT count(*) > 15, bool_and(name = 'content'), (SELECT count(*) FROM slot) > 15, count(*) + (SELECT count(*) FROM slot)"
		" FROM suppressed JOIN reason USING (reason)",
		"t|t|t|60");
	sql_expect(world->connection, "SELECT DISTINCT template FROM slot JOIN class USING (class_id)", "acme whatsapp");
}

/* First messages -------------------------------------------------------------------------------------------------------------------------- */

/* Bob had a message of another system long ago, cyd one of another business only, dan one that did not leave. */
static void
the_first_message_has_its_own_text(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), person('cyd', '+12125550103', 'US-NY');"
		"SELECT sent('bob', '{2019-03-01T12:00Z}'), sent('cyd', '{2026-03-01T12:00Z}', 'bora')");
	make_campaign(world, "UPDATE campaign SET first_template = 'hello'");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, TEXTS, "sale ana hello en first, sale bob acme whatsapp en later, sale cyd hello en first");
	sql_expect(world->connection, "SELECT role, planned FROM campaign_texts ORDER BY role", "first_template|2\ntemplate|1");
}

/* What has left makes the next message a later one, what was refused or dropped does not. */
static void
the_second_campaign_has_the_short_text(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), person('cyd', '+12125550103', 'US-NY'),"
		"	person('dan', '+12125550104', 'US-NY')");
	make_campaign(world, "UPDATE campaign SET first_template = 'hello'");
	plan_world_make(world, NIGHT);
	sql_run(world->connection,
		"SELECT release('ana', 'sale', '2026-11-23T14:00Z'), release('bob', 'sale', '2026-11-23T14:00Z', 'expired'),"
		"	release('cyd', 'sale', '2026-11-23T14:00Z', 'uncertain'), release('dan', 'sale', '2026-11-23T14:00Z');"
		"INSERT INTO outbox_dropped SELECT r.recipient_id, r.released_at, r.run_id, r.bucket, 17 FROM release AS r"
		"	JOIN recipient AS p USING (bucket, recipient_id) WHERE p.source = 'dan';"
		"SELECT campaign('more', '2026-11-24T03:00Z', '2026-11-30T00:00Z');"
		"UPDATE campaign SET first_template = 'hello' WHERE name = 'more'; SELECT approve_again()");
	plan_world_make(world, NEXT_NIGHT);
	sql_expect(world->connection, TEXTS,
		"more ana acme whatsapp en later, more bob hello en first, more cyd acme whatsapp en later, more dan hello en first");
}

/* Few people among many: the other way to read whom the business has written to. */
static void
a_small_audience_among_many_people(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), sent('bob', '{2019-03-01T12:00Z}');"
		"INSERT INTO recipient (recipient_id, phone, added_at, bucket) SELECT n, 19000000000 + n, now(), bucket_of(n) "
		"FROM generate_series(1, 5000) AS n (n)");
	make_campaign(world, "UPDATE campaign SET first_template = 'hello'");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, TEXTS, "sale ana hello en first, sale bob acme whatsapp en later");
}

/* Two campaigns at once: both may be the first to reach somebody; a later day cannot. */
static void
of_two_queued_messages_the_one_that_surely_leaves_first_is_the_first(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY');"
		"SELECT campaign('a', '2026-11-23T03:00Z', '2026-11-24T03:00Z'), campaign('b', '2026-11-23T03:00Z', '2026-11-24T03:00Z'),"
		"	campaign('c', '2026-11-25T03:00Z', '2026-11-28T03:00Z');"
		"UPDATE campaign SET first_template = 'hello'; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, TEXTS, "a ana hello en first, b ana hello en first, c ana acme whatsapp en later");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, TEXTS, "a ana hello en first, b ana hello en first, c ana acme whatsapp en later");
	sql_run(world->connection,
		"SELECT release('ana', 'a', '2026-11-23T14:00Z', 'expired'), release('ana', 'b', '2026-11-23T14:00Z', 'refused')");
	plan_world_make(world, NEXT_NIGHT);
	sql_expect(world->connection, TEXTS, "c ana hello en first");
}

/* Where no text says less than a first message must, nobody asks which one is the first. */
static void
what_says_enough_needs_no_order(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY')");
	make_campaign(world, "UPDATE campaign SET priority = 100");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT template, message_order FROM slot JOIN class USING (class_id)", "acme whatsapp|");
}

/* What lint says of a text it says of which one; the same is what approval asks. */
static void
every_text_is_judged_before_it_is_approved(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY');"
		"UPDATE template SET body = 'Hello.' WHERE name = 'other' AND language = 'en';"
		"DELETE FROM template WHERE name = 'other' AND language <> 'en'; SELECT fixture.lawful()");
	make_campaign(world, "UPDATE campaign SET template_b = 'other', split_percent = 10");
	plan_world_fail(world, "--now 2026-11-22T12:00:00Z lint --campaign sale --format csv", 1, "template_b/en");
	sql_run(world->connection, "UPDATE campaign SET template_b = NULL, split_percent = 0, first_template = 'other'");
	plan_world_fail(world, "--now 2026-11-22T12:00:00Z lint --campaign sale --format csv", 1, "first_template/en");
	sql_run(world->connection, "UPDATE campaign SET first_template = 'hello'; SELECT approve_again()");
	plan_world_run(world, "--now 2026-11-22T12:00:00Z lint --campaign sale");
}

/* Handing out ----------------------------------------------------------------------------------------------------------------------------- */

static void
the_outbox_hands_out_the_text_that_was_planned(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), sent('bob', '{2019-03-01T12:00Z}')");
	make_campaign(world, "UPDATE campaign SET first_template = 'hello'");
	plan_world_make(world, NIGHT);
	sql_run(world->connection,
		"INSERT INTO outbox SELECT recipient_id, '2026-11-23T14:00Z', not_after, run_id, bucket FROM slot;"
		"SELECT release('ana', 'sale', '2026-11-23T14:00Z'), release('bob', 'sale', '2026-11-23T14:00Z');"
		"SET daypart.now = '2026-11-23T14:00:10Z'");
	sql_expect(world->connection,
		"SELECT p.source, o.template, o.language, o.body = fixture.text('acme', 'en', CASE o.template WHEN 'hello' THEN 'hello' END)"
		" FROM take_outbox(10) AS o JOIN recipient AS p USING (recipient_id) ORDER BY 1",
		"ana|hello|en|t\nbob|acme whatsapp|en|t");
}

/* Classes of an older installation name no template: the campaign's. */
static void
an_old_class_has_the_campaigns_text(void **state)
{
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY')");
	make_campaign(world, "UPDATE campaign SET priority = 100");
	plan_world_make(world, NIGHT);
	sql_run(world->connection,
		"UPDATE class SET template = '';"
		"INSERT INTO outbox SELECT recipient_id, '2026-11-23T14:00Z', not_after, run_id, bucket FROM slot;"
		"SELECT release('ana', 'sale', '2026-11-23T14:00Z'); SET daypart.now = '2026-11-23T14:00:10Z'");
	sql_expect(world->connection, "SELECT role, template, handed_over FROM campaign_texts", "template|acme whatsapp|1");
	sql_expect(world->connection, "SELECT template, language FROM take_outbox(10)", "acme whatsapp|en");
}

/* Problems -------------------------------------------------------------------------------------------------------------------------------- */

static void
texts_that_cannot_be_meant_are_told_with_their_cure(void **state)
{
	static const struct {
		const char *texts, *problem;
	} cases[] = {
		{"split_percent = 10", "split_percent is 10 and there is no template_b: name one, or set split_percent to 0"},
		{"template_b = 'other'", "nobody gets template_b \"other\": set split_percent, or leave template_b out"},
		{"template_b = 'acme whatsapp', split_percent = 50",
			"template and template_b are both \"acme whatsapp\": a split compares two templates"},
		{"template_b = 'none', split_percent = 50", "template_b \"none\" does not exist"},
		{"first_template = 'none'", "first_template \"none\" does not exist"},
		{"first_template = 'bora whatsapp'", "first_template \"bora whatsapp\" belongs to another business than sender \"acme\""},
		{"first_template = 'acme sms'", "first_template \"acme sms\" is for another channel than sender \"acme\" (whatsapp)"},
		{"first_template = 'bill'", "first_template \"bill\" is not of category marketing"},
		{"first_template = 'draft'", "first_template \"draft\" is not approved"},
		{"first_template = 'hello', template_b = 'other', split_percent = 100", ""},
	};
	const struct plan_world *world = *state;

	make_texts(world);
	sql_run(world->connection,
		"SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-30T00:00Z');"
		"INSERT INTO template (name, language, business, channel, category, body, status)"
		"	VALUES ('bill', 'en', 'acme', 'whatsapp', 'transactional', 'acme: paid.', 'approved'),"
		"		('draft', 'en', 'acme', 'whatsapp', 'marketing', 'acme: hello.', 'draft')");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char set[256];

		snprintf(set, sizeof set, "UPDATE campaign SET template_b = NULL, split_percent = 0, first_template = NULL; UPDATE campaign SET %s",
			cases[i].texts);
		sql_run(world->connection, set);
		sql_expect(world->connection, "SELECT campaign_problem(c) FROM campaign AS c", cases[i].problem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_split_gives_everybody_one_text_for_good),
		PLAN_WORLD_TEST(a_report_says_what_became_of_each_text),
		PLAN_WORLD_TEST(each_text_has_its_languages),
		PLAN_WORLD_TEST(nobody_gets_the_text_of_others),
		PLAN_WORLD_TEST(the_first_message_has_its_own_text),
		PLAN_WORLD_TEST(the_second_campaign_has_the_short_text),
		PLAN_WORLD_TEST(a_small_audience_among_many_people),
		PLAN_WORLD_TEST(of_two_queued_messages_the_one_that_surely_leaves_first_is_the_first),
		PLAN_WORLD_TEST(what_says_enough_needs_no_order),
		PLAN_WORLD_TEST(every_text_is_judged_before_it_is_approved),
		PLAN_WORLD_TEST(the_outbox_hands_out_the_text_that_was_planned),
		PLAN_WORLD_TEST(an_old_class_has_the_campaigns_text),
		PLAN_WORLD_TEST(texts_that_cannot_be_meant_are_told_with_their_cure),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
