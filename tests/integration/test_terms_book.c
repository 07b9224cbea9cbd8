/* What a terms_book tells of a campaign and of a template, and which approvals and records are among it. */
#include "planner/law/terms_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "planner/core/instant.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

static struct terms_book *
read_book(const struct plan_world *world, bool template, const char *name)
{
	const struct session_options options = {.conninfo = world->conninfo, .application = "test"};
	struct session *session;
	struct terms_book *book;
	struct err err = ERR_INIT;

	assert_int_equal(session_open(&options, &session, &err), STATUS_OK);
	if ((template ? terms_book_read_template : terms_book_read)(session, name, &book, &err) != STATUS_OK)
		fail_msg("%s: %s", name, err.primary);
	session_close(&session);
	return book; /* lives longer than its session */
}

static const struct attestation *
find(const struct terms_book *book, enum subject subject, const char *item)
{
	for (size_t i = 0; i < book->terms.attestation_count; i++)
		if (book->terms.attestations[i].subject == subject && strcmp(book->terms.attestations[i].item, item) == 0)
			return &book->terms.attestations[i];
	return NULL;
}

static struct date
date_of(const char *text)
{
	struct date date;
	struct err err = ERR_INIT;

	assert_int_equal(date_parse(text, &date, &err), STATUS_OK);
	return date;
}

static void
a_campaign_brings_what_stands_behind_it(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection,
		"UPDATE template SET body = body || ' {{name}} {{city}}', variables = 'name text(40), city text(20)', tags = 'shoes sale' WHERE "
		"language = 'en';"
		"UPDATE sender SET daily_limit = 700, trust_level = 'high', receives_replies = false, portfolio = 'p', portfolio_limit = 2000 "
		"WHERE name "
		"= 'acme-two';"
		"UPDATE sender SET portfolio = 'p', portfolio_limit = 250, channel = 'whatsapp' WHERE name = 'acme';"
		"SELECT campaign('sale', '2026-11-23T13:00Z', '2026-11-25T00:00Z', 'acme-two');"
		"UPDATE campaign SET tags = 'alcohol sale', offer_expires_on = '2026-12-24';"
		"INSERT INTO sender_limit VALUES ('acme-two', '2026-12-01', NULL), ('acme-two', '2026-11-24', 50), ('acme', '2026-11-01', 9)");
	book = read_book(world, false, "sale");
	assert_string_equal(book->template, "acme whatsapp");
	assert_int_equal(book->channel, CHANNEL_WHATSAPP);
	assert_string_equal(book->sender_type, "number");
	assert_string_equal(book->terms.business, "acme");
	assert_string_equal(book->terms.identifier, "ACMEAB");
	assert_int_equal(book->terms.category, CATEGORY_MARKETING);
	assert_true(book->terms.one_way);
	assert_true(book->terms.has_offer_terms);
	assert_true(book->terms.offer_expires);
	assert_false(book->terms.template_only);
	assert_int_equal(book->terms.offer_expires_on.days, date_of("2026-12-24").days);
	assert_int_equal(book->sender.daily_limit, 700);
	assert_int_equal(book->sender.daily_tier_count, 2);
	assert_int_equal(book->sender.daily_tiers[0].from.days, date_of("2026-11-24").days);
	assert_int_equal(book->sender.daily_tiers[0].limit, 50);
	assert_int_equal(book->sender.daily_tiers[1].limit, 0);
	assert_int_equal(book->sender.portfolio_limit, 250); /* the least of the portfolio */
	assert_int_equal(book->sender.rate_milli, 1000000);
	assert_string_equal(book->sender.trust, "high");
	assert_int_equal(book->terms.tag_count, 3);
	assert_string_equal(book->terms.tags[0], "alcohol");
	assert_string_equal(book->terms.tags[2], "shoes");
	terms_book_free(&book);
	assert_null(book);
}

static void
languages_come_with_their_own_variables(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection,
		"UPDATE template SET body = body || ' {{name}} {{city}}', variables = 'name text(40), city text(20)' WHERE language = 'en';"
		"UPDATE template SET body = body || ' {{cidade}}', variables = 'cidade text(30)', status = 'pending' WHERE language = 'pt-BR'");
	book = read_book(world, true, "acme whatsapp");
	assert_int_equal(book->terms.variant_count, 2);
	const struct variant *english = &book->terms.variants[0], *portuguese = &book->terms.variants[1];
	assert_string_equal(english->language, "en");
	assert_true(english->approved);
	assert_int_equal(english->variable_count, 2);
	assert_string_equal(english->variables[1].name, "city");
	assert_int_equal(english->variables[1].max_length, 20);
	assert_null(english->variables[1].value);
	assert_false(portuguese->approved);
	assert_int_equal(portuguese->variable_count, 1);
	assert_string_equal(portuguese->variables[0].name, "cidade");
	terms_book_free(&book);
}

/* Texts, records and tags of all templates, each of its own. */
static void
a_campaign_has_all_its_texts(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection,
		"INSERT INTO template (name, language, business, channel, category, body, variables, status, tags)"
		"	VALUES ('other', 'en', 'acme', 'whatsapp', 'marketing', 'Hi {{a}}', 'a text(5)', 'approved', 'shoes wine'),"
		"		('hello', 'en', 'acme', 'whatsapp', 'marketing', 'Hello {{b}}', 'b text(6)', 'approved', 'shoes');"
		"UPDATE template SET tags = 'shoes' WHERE name = 'acme whatsapp';"
		"INSERT INTO attestation (subject, name, item, given_on) VALUES ('template', 'hello', 'ours.read', '2026-01-01');"
		"SELECT campaign('sale', '2026-11-23T13:00Z', '2026-11-25T00:00Z');"
		"UPDATE campaign SET template_b = 'other', split_percent = 20, first_template = 'hello', tags = 'sale'");
	book = read_book(world, false, "sale");
	assert_int_equal(book->terms.split_percent, 20);
	assert_true(book->terms.has_first_text);
	assert_int_equal(book->terms.variant_count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(book->terms.variants[i].arm, i < 2 ? ARM_A : i == 2 ? ARM_B : ARM_FIRST);
	assert_string_equal(book->terms.variants[1].template, "acme whatsapp");
	assert_string_equal(book->terms.variants[3].template, "hello");
	assert_string_equal(book->terms.variants[2].variables[0].name, "a");
	assert_string_equal(book->terms.variants[3].variables[0].name, "b");
	assert_string_equal(find(book, SUBJECT_TEMPLATE, "ours.read")->template, "hello");
	assert_int_equal(book->terms.tag_count, 3);
	assert_int_equal(book->partial_tag_count, 1);
	assert_string_equal(book->partial_tags[0], "wine");
	terms_book_free(&book);
}

/* A text was used when its campaign sent it, not when the campaign sent another one. */
static void
each_text_was_used_when_it_was_sent(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection,
		"INSERT INTO template (name, language, business, channel, category, body, status)"
		"	SELECT n, 'en', 'acme', 'whatsapp', 'marketing', fixture.text('acme', 'en', n), 'approved' FROM "
		"unnest('{other,hello}'::text[]) AS n;"
		"SELECT fixture.lawful(); UPDATE template SET verified_on = NULL;"
		"SELECT person('ana', '+12125550101', 'US-NY'); SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z');"
		"UPDATE campaign SET template_b = 'other', split_percent = 100, first_template = 'hello'; SELECT approve_again()");
	plan_world_run(world, "--now 2026-11-23T02:30:00Z plan");
	sql_run(world->connection, "SELECT release('ana', 'sale', '2026-11-23T14:00Z'); SET daypart.now = '2026-11-26T00:00Z'");
	sql_run(world->connection, "UPDATE campaign_run SET first_at = '2026-01-01Z'");
	book = read_book(world, false, "sale");
	assert_int_equal(book->terms.variants[0].last_used_on.days, INT32_MIN);
	assert_int_equal(book->terms.variants[2].last_used_on.days, INT32_MIN);
	assert_int_equal(book->terms.variants[3].last_used_on.days, date_of("2026-01-01").days);
	terms_book_free(&book);
}

static void
a_template_alone_has_no_campaign_about_it(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book = read_book(world, true, "acme sms");

	assert_true(book->terms.template_only);
	assert_string_equal(book->terms.business, "acme");
	assert_string_equal(book->terms.identifier, "");
	assert_string_equal(book->sender_type, "");
	assert_int_equal(book->channel, CHANNEL_SMS);
	assert_non_null(find(book, SUBJECT_TEMPLATE, "approval"));
	assert_null(find(book, SUBJECT_SENDER, "approval"));
	terms_book_free(&book);
}

static void
who_is_not_there_is_not_found(void **state)
{
	const struct plan_world *world = *state;
	const struct session_options options = {.conninfo = world->conninfo, .application = "test"};
	struct session *session;
	struct terms_book *book;
	struct err err = ERR_INIT;

	assert_int_equal(session_open(&options, &session, &err), STATUS_OK);
	assert_int_equal(terms_book_read(session, "nothing", &book, &err), STATUS_NOT_FOUND);
	assert_null(book);
	err = (struct err)ERR_INIT;
	assert_int_equal(terms_book_read_template(session, "nothing", &book, &err), STATUS_NOT_FOUND);
	session_close(&session);
}

static void
an_approval_counts_while_it_fits_and_another_gave_it(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T13:00Z', '2026-11-25T00:00Z')");
	book = read_book(world, false, "sale");
	for (enum subject subject = SUBJECT_SENDER; subject < SUBJECT_COUNT; subject++)
		assert_int_equal(find(book, subject, "approval")->valid_until.days, INT32_MAX);
	terms_book_free(&book);

	sql_run(world->connection,
		"UPDATE template SET body = body || '!' WHERE name = 'acme whatsapp'; UPDATE campaign SET created_by = session_user");
	book = read_book(world, false, "sale");
	assert_non_null(find(book, SUBJECT_SENDER, "approval"));
	assert_null(find(book, SUBJECT_TEMPLATE, "approval")); /* another text */
	assert_null(find(book, SUBJECT_CAMPAIGN, "approval")); /* their own */
	terms_book_free(&book);

	/* unless the rule is waived, and as long */
	sql_run(world->connection,
		"SELECT grant_waiver('house.approval.second_person', 'acme', 'compliance', 'a small shop', '2027-01-10', 'ana')");
	book = read_book(world, false, "sale");
	assert_int_equal(find(book, SUBJECT_CAMPAIGN, "approval")->valid_until.days, date_of("2027-01-10").days);
	assert_int_equal(book->waived_count, 1);
	assert_string_equal(book->waived[0], "house.approval.second_person");
	assert_int_equal(book->waived_until[0].days, date_of("2027-01-10").days);
	terms_book_free(&book);
}

static void
columns_that_attest_are_attestations(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection,
		"SELECT campaign('sale', '2026-11-23T13:00Z', '2026-11-25T00:00Z');"
		"DELETE FROM attestation WHERE item IN ('privacy_policy', 'official_api', 'escalation_path')");
	book = read_book(world, false, "sale");
	assert_non_null(find(book, SUBJECT_BUSINESS, "privacy_policy"));
	assert_non_null(find(book, SUBJECT_SENDER, "official_api"));
	assert_non_null(find(book, SUBJECT_SENDER, "escalation_path"));
	terms_book_free(&book);
	sql_run(world->connection,
		"UPDATE business SET privacy_policy_version = NULL; UPDATE sender SET (transport, escalation) = ('rented route', NULL)");
	book = read_book(world, false, "sale");
	assert_null(find(book, SUBJECT_BUSINESS, "privacy_policy"));
	assert_null(find(book, SUBJECT_SENDER, "official_api"));
	assert_null(find(book, SUBJECT_SENDER, "escalation_path"));
	terms_book_free(&book);
}

/* The first day of the latest run that handed anything over, or what the platform confirmed later. */
static void
a_template_was_used_when_a_message_left(void **state)
{
	const struct plan_world *world = *state;
	struct terms_book *book;

	sql_run(world->connection,
		"UPDATE template SET verified_on = NULL; SELECT person('ana', '+12125550101', 'US-NY');"
		"SELECT campaign('sale', '2026-11-23T13:00Z', '2026-11-25T00:00Z'), campaign('unsent', '2026-11-24T13:00Z', "
		"'2026-11-25T00:00Z')");
	plan_world_run(world, "--now 2026-11-20T12:00:00Z plan");
	book = read_book(world, true, "acme whatsapp");
	assert_int_equal(book->terms.variants[0].last_used_on.days, INT32_MIN);
	terms_book_free(&book);
	sql_run(world->connection,
		"SELECT release('ana', 'sale', '2026-11-23T13:00:01Z');"
		"UPDATE campaign_run SET first_at = first_at - interval '100 days', last_at = last_at - interval '100 days'");
	book = read_book(world, true, "acme whatsapp");
	assert_int_equal(book->terms.variants[0].last_used_on.days, date_of("2026-11-23").days - 100);
	terms_book_free(&book);
	sql_run(world->connection, "UPDATE template SET verified_on = '2026-11-19'");
	book = read_book(world, true, "acme whatsapp");
	assert_int_equal(book->terms.variants[0].last_used_on.days, date_of("2026-11-19").days);
	terms_book_free(&book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_campaign_brings_what_stands_behind_it),
		PLAN_WORLD_TEST(languages_come_with_their_own_variables),
		PLAN_WORLD_TEST(a_campaign_has_all_its_texts),
		PLAN_WORLD_TEST(each_text_was_used_when_it_was_sent),
		PLAN_WORLD_TEST(a_template_alone_has_no_campaign_about_it),
		PLAN_WORLD_TEST(who_is_not_there_is_not_found),
		PLAN_WORLD_TEST(an_approval_counts_while_it_fits_and_another_gave_it),
		PLAN_WORLD_TEST(columns_that_attest_are_attestations),
		PLAN_WORLD_TEST(a_template_was_used_when_a_message_left),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
