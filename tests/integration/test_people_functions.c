/* The functions through which people are written: each call with its effect, or with the message it is refused with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/call_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FIRST "'+1 415 555 0101'"
#define SLOTS "SELECT run_id, count(*) FROM slot GROUP BY 1 ORDER BY 1"
#define WHY \
	"SELECT run_id, r.name, s.kind, s.plan_run FROM suppressed AS s JOIN reason AS r USING (reason) WHERE r.name <> 'beyond_horizon' " \
	"ORDER BY 1, 2"

static void
numbers_have_one_form(void **state)
{
	static const struct call_effect cases[] = {
		{"", "SELECT canonical_phone('+1 (415) 555-0123')", "14155550123"},
		{"", "SELECT canonical_phone(E'+44\\u00a020.7946/0958')", "442079460958"},
		/* Brazil: a mobile gets its ninth digit, a landline does not */
		{"", "SELECT canonical_phone('+55 11 8765-4321')", "5511987654321"},
		{"", "SELECT canonical_phone('+55 11 98765-4321')", "5511987654321"},
		{"", "SELECT canonical_phone('+55 11 3765-4321')", "551137654321"},
		/* Mexico and Argentina: as WhatsApp writes them and as people do */
		{"", "SELECT canonical_phone('+521 55 1234 5678')", "525512345678"},
		{"", "SELECT canonical_phone('+52 55 1234 5678')", "525512345678"},
		{"", "SELECT canonical_phone('+54 11 2345-6789')", "5491123456789"},
		{"", "SELECT canonical_phone('+54 9 11 2345-6789')", "5491123456789"},
		{"", "SELECT person_id(canonical_phone('+521 55 1234 5678')) = person_id(canonical_phone('+52 55 1234 5678'))", "t"},
		{"", "SELECT canonical_phone(NULL) IS NULL", "t"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT canonical_phone('415 555 0123')", {"22023", "phone \"415 555 0123\" is a local format", "+1 415 555 0123"}},
		{"SELECT canonical_phone('0049 30 1234567')", {"22023", "starts with 00", "write +49301234567"}},
		{"SELECT canonical_phone('+44 (0)20 7946 0958')", {"22023", "trunk prefix", "leave the (0) out"}},
		{"SELECT canonical_phone('+123456')", {"22023", "is no phone number", "7 to 15 digits"}},
		{"SELECT canonical_phone('+1234567890123456')", {"22023", "is no phone number", NULL}},
		{"SELECT canonical_phone('+0123456789')", {"22023", "is no phone number", NULL}},
		{"SELECT canonical_phone('+1 415 555 0123 x12')", {"22023", "is no phone number", NULL}},
		{"SELECT canonical_phone('')", {"22023", "is no phone number", NULL}},
		{"SELECT add_recipient(NULL)", {"22023", "phone is missing", "give a value for phone"}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

/* The id was computed by Python: int.from_bytes(hmac.new(b'\x0b' * 20, b'14155550123', 'sha256').digest()[:8], 'big') >> 1. */
static void
ids_are_hmac_sha256(void **state)
{
	static const struct call_effect cases[] = {
		{"TRUNCATE secret_key; SELECT set_secret_key(decode(repeat('0b', 20) || repeat('00', 12), 'hex'))", "SELECT person_id(14155550123)",
			"579674740115535861"},
		{"", "SELECT bool_and(person_id(n) >= 0), count(DISTINCT person_id(n)) FROM generate_series(1, 1000) AS n", "t|1000"},
		{"", "SELECT bucket_of(0), bucket_of(1), bucket_of(1024), bucket_of(9223372036854775807)", "0|1|1|0"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT set_secret_key(sha256('again'))", {"22023", "has its key already", "keep it"}},
		{"SELECT set_secret_key('short')", {"22023", "the key has 5 bytes", "32 to 64"}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

#define PERSON "SELECT region, timezone, language, source, variables FROM recipient WHERE phone = 14155550101"
static const struct call_effect recipient_cases[] = {
	{"SELECT add_recipient(" FIRST ", 'US-CA', 'America/Los_Angeles', 'en', 'form', '{\"first_name\": \"Ana\", \"total\": 12.5}')", PERSON,
		"US-CA|America/Los_Angeles|en|form|{\"total\": 12.5, \"first_name\": \"Ana\"}"},
	/* NULL leaves a value as it is, a JSON null removes one */
	{"SELECT add_recipient(" FIRST ", 'BR', variables => '{\"first_name\": \"Ana\", \"total\": 1}');"
	 "SELECT add_recipient(" FIRST ", language => 'pt', variables => '{\"total\": null}')",
		PERSON, "BR||pt||{\"first_name\": \"Ana\"}"},
	{"SELECT add_recipient(" FIRST ", 'BR'); SELECT add_recipient(" FIRST ", 'BR')", "SELECT count(*) FROM recipient", "5"},
	/* another place, text or language takes the slots away until the next plan; the same again does not, nor does what no message shows */
	{"SELECT add_recipient(" FIRST ", 'BR')", SLOTS, "1|4"},
	{"SELECT add_recipient(" FIRST ", timezone => 'Asia/Kolkata')", WHY, "1|facts_changed|held|0\n2|facts_changed|held|0"},
	{"SELECT add_recipient(" FIRST ", language => 'pt')", WHY, "1|facts_changed|held|0\n2|facts_changed|held|0"},
	{"SELECT add_recipient(" FIRST ", variables => '{\"since\": \"2026-01-31\"}')", SLOTS, "1|4"},
	{"UPDATE recipient SET variables = '{\"total\": 1}'; SELECT add_recipient(" FIRST ", variables => '{\"total\": null}')", SLOTS, "1|4"},
	{"UPDATE recipient SET region = 'BR', language = 'pt', variables = '{\"total\": 1}';"
	 "SELECT add_recipient(" FIRST ", 'BR', language => 'pt', source => 'fair', variables => '{\"total\": 1, \"since\": null}')",
		SLOTS, "1|5\n2|1"},
};
static const struct call_refusal recipient_refusals[] = {
	{"SELECT add_recipient(" FIRST ", 'XX')", {"22023", "region \"XX\" is unknown", "US-CA"}},
	{"SELECT add_recipient(" FIRST ", timezone => 'Mars/Base')", {"22023", "timezone \"Mars/Base\" is unknown", "America/Sao_Paulo"}},
	{"SELECT add_recipient(" FIRST ", language => 'english language')", {"22023", "language", "BCP 47"}},
	{"SELECT add_recipient(" FIRST ", variables => '{\"birthday\": \"x\"}')", {"22023", "variable \"birthday\" is unknown", "declares"}},
	{"SELECT add_recipient(" FIRST ", variables => '{\"first_name\": \"01234567890\"}')", {"22023", "is longer than 10 characters", NULL}},
	{"SELECT add_recipient(" FIRST ", variables => '{\"total\": \"many\"}')", {"22023", "variable total \"many\" is no number", NULL}},
	{"SELECT add_recipient(" FIRST ", variables => '{\"since\": \"2026-02-30\"}')", {"22023", "variable since", "2026-11-23"}},
	{"SELECT add_recipient(" FIRST ", variables => '{\"first_name\": [1]}')", {"22023", "is no single value", NULL}},
	{"SELECT add_recipient(" FIRST ", variables => '[1]')", {"22023", "no JSON object", NULL}},
	{"SELECT add_recipient(" FIRST ", source => 'Purchased')", {"22023", "source \"Purchased\" never counts", "ask people yourself"}},
	{"BEGIN; UPDATE recipient SET phone = 1 WHERE phone = 14155550101; SELECT add_recipient(" FIRST ")",
		{"22023", "belongs to another number", NULL}},
	{"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT add_recipient(" FIRST ")", {"25001", "repeatable read", "READ COMMITTED"}},
	{"SELECT add_member('nobody', " FIRST ")", {"22023", "audience \"nobody\" is unknown", NULL}},
	{"SELECT add_member('everyone', '+14155559999')", {"22023", "is no recipient", "add_recipient"}},
};

static void
recipients_are_written_and_changed(void **state)
{
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, recipient_cases, COUNT(recipient_cases));
	call_world_expect_refusals(connection, recipient_refusals, COUNT(recipient_refusals));
}

static void
consent_is_what_the_person_said_last(void **state)
{
#define GRANT(given_at, evidence) "SELECT record_consent(" FIRST ", 'acme', 'whatsapp', given_at => " given_at ", " evidence ");"
#define WITHDRAW(at) "SELECT withdraw_consent(" FIRST ", 'acme', 'whatsapp', at => " at ");"
/* Facts of the record itself; test_consent_facts.c has those that follow from words and wordings. */
#define CONSENT \
	"SELECT state, given_at::date, evidence & 1023 FROM consent WHERE recipient_id = person_id(14155550101) AND category = 'marketing'"
#define EVENTS "SELECT count(*) FROM consent_event WHERE recipient_id = person_id(14155550101)"
	static const struct call_effect cases[] = {
		{"", CONSENT, "granted|2026-01-01|3"},
		{GRANT("'2026-01-01Z'", "method => 'web'"), EVENTS, "1"},
		/* the missing facts of the same consent are added by recording it again */
		{GRANT("'2026-01-01Z'", "method => 'web', wording => 'yes', ip => '192.0.2.1', supplied_by_person => true"), CONSENT,
			"granted|2026-01-01|31"},
		{GRANT("'2026-02-01Z'",
			 "method => 'web', wording => 'w', supplied_by_person => true, ip => '::1', signature => 's', tax_id => 't', source => 's',"
			 "confirmed_at => '2026-02-02Z', document => 'd'"),
			CONSENT, "granted|2026-02-01|1023"},
		/* an older statement is kept, and changes nothing */
		{GRANT("'2025-01-01Z'", "wording => 'old'"), CONSENT, "granted|2026-01-01|3"},
		{GRANT("'2025-01-01Z'", "wording => 'old'"), EVENTS, "2"},
		{WITHDRAW("'2025-01-01Z'"), CONSENT, "granted|2026-01-01|3"},
		{WITHDRAW("'2026-03-01Z'"), CONSENT, "withdrawn|2026-03-01|1"},
		{WITHDRAW("'2026-01-01Z'"), CONSENT, "withdrawn|2026-01-01|1"},
		{WITHDRAW("'2026-03-01Z'") GRANT("'2026-03-01Z'", "method => 'web'"), CONSENT, "withdrawn|2026-03-01|1"},
		{WITHDRAW("'2026-03-01Z'") GRANT("NULL", "method => 'web'"), CONSENT, "withdrawn|2026-03-01|1"},
		{WITHDRAW("'2026-03-01Z'") GRANT("'2026-01-01Z'", "method => 'web'"), CONSENT, "withdrawn|2026-03-01|1"},
		{WITHDRAW("'2026-03-01Z'") GRANT("'2026-04-01Z'", "method => 'web'"), CONSENT, "granted|2026-04-01|3"},
		/* what takes permission away takes the slots of that business, channel and category */
		{WITHDRAW("'2026-03-01Z'"), WHY, "1|no_consent|suppressed|0\n2|no_consent|suppressed|0"},
		{WITHDRAW("NULL"), SLOTS, "1|4"},
		{WITHDRAW("'2025-01-01Z'"), SLOTS, "1|5\n2|1"},
		{GRANT("'2026-02-01Z'", "wording => 'less proof'"), WHY, "1|facts_changed|held|0\n2|facts_changed|held|0"},
		{GRANT("'2026-02-01Z'", "method => 'web', wording => 'more proof'"), SLOTS, "1|5\n2|1"},
		{"SELECT withdraw_consent(" FIRST ", 'acme', 'sms'), withdraw_consent(" FIRST ", 'other', 'whatsapp'),"
		 "withdraw_consent(" FIRST ", 'acme', 'whatsapp', 'announcement')",
			SLOTS, "1|5\n2|1"},
		/* also for somebody who is no recipient yet */
		{"SELECT record_consent('+5511987654321', 'acme', 'sms')", "SELECT count(*) FROM consent WHERE channel = 'sms'", "1"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT record_consent(" FIRST ", 'nobody', 'sms')", {"22023", "business \"nobody\" is unknown", "add it to table business"}},
		{"SELECT record_consent(" FIRST ", 'acme', 'fax')", {"22023", "channel \"fax\" is unknown", "write one of whatsapp, sms"}},
		{"SELECT record_consent(" FIRST ", 'acme', 'sms', 'spam')", {"22023", "category \"spam\" is unknown", "marketing"}},
		{"SELECT record_consent(" FIRST ", 'acme', 'sms', given_at => '2206-01-01Z')", {"22023", "given_at", "at which it happened"}},
		{"SELECT withdraw_consent(" FIRST ", 'acme', 'sms', at => 'infinity')", {"22023", "at \"infinity\" has not come yet", NULL}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

static void
an_opt_out_takes_the_slots_with_it(void **state)
{
#define OPTED_OUT "1|opted_out|suppressed|0\n2|opted_out|suppressed|0"
	static const struct call_effect cases[] = {
		{"SELECT opt_out(" FIRST ")", WHY, OPTED_OUT},
		{"SELECT opt_out(" FIRST ")", SLOTS, "1|4"},
		{"SELECT opt_out(" FIRST ", 'acme')", WHY, OPTED_OUT},
		{"SELECT opt_out(" FIRST ", 'acme', 'whatsapp', 'marketing', '2026-01-01Z', 'telephone')",
			"SELECT business_id, channel, category, at::date, source FROM suppression", "1|whatsapp|marketing|2026-01-01|telephone"},
		{"SELECT opt_out(" FIRST ", 'other'), opt_out(" FIRST ", 'acme', 'sms'), opt_out(" FIRST ", 'acme', 'all', 'announcement')", SLOTS,
			"1|5\n2|1"},
		{"SELECT opt_out(" FIRST ", at => '2026-01-01Z'), opt_out(" FIRST ", at => '2026-02-01Z')", "SELECT at::date FROM suppression",
			"2026-01-01"},
		{"SELECT opt_out('+5511987654321')", "SELECT count(*) FROM suppression WHERE recipient_id = person_id(5511987654321)", "1"},
		/* a plan that is being made must look again at the person */
		{"SELECT opt_out(" FIRST ")", "SELECT count(*) FROM permission_change WHERE changed_by = pg_current_xact_id()", "1"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT opt_out('0171 1234567')", {"22023", "is a local format", NULL}},
		{"SELECT opt_out(" FIRST ", 'nobody')", {"22023", "business \"nobody\" is unknown", NULL}},
		{"SELECT opt_out(" FIRST ", channel => 'fax')", {"22023", "channel \"fax\"", NULL}},
		{"SELECT opt_out(" FIRST ", category => NULL)", {"22023", "category \"\"", NULL}},
		{"BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT opt_out(" FIRST ")", {"25001", "serializable", "READ COMMITTED"}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

/* PostgreSQL re-reads a partition list only when it takes a lock that it does not hold yet; see cancel_slots(). An INSERT happens to take one on
 * each index, so the transaction holds those already here: the function must not live by that accident. */
static void
the_second_opt_out_of_a_transaction_sees_a_part_attached_meanwhile(void **state)
{
	const struct call_world *world = *state;
	PGconn *planner = sql_connect(world->conninfo, NULL);

	sql_run(
		world->connection, "BEGIN; EXPLAIN DELETE FROM suppression; EXPLAIN DELETE FROM suppressed; EXPLAIN DELETE FROM permission_change");
	sql_run(world->connection, "SELECT opt_out('+14155550102')");
	sql_run(planner,
		"CREATE TABLE slot_9 (LIKE slot INCLUDING ALL);"
		"INSERT INTO slot_9 SELECT person_id(14155550103), '2026-11-24Z', '2026-11-25Z', 2, 1, 1, bucket_of(person_id(14155550103)), 1, 9;"
		"ALTER TABLE slot ATTACH PARTITION slot_9 FOR VALUES IN (9)");
	sql_run(world->connection, "SELECT opt_out('+14155550103')");
	sql_expect(world->connection, "SELECT count(*) FROM slot WHERE recipient_id = person_id(14155550103)", "0");
	sql_run(world->connection, "ROLLBACK");
	sql_run(planner, "DROP TABLE slot_9");
	PQfinish(planner);
}

/* */
static void
keywords_opt_out(void **state)
{
#define RECEIVE(text) "SELECT receive('acme-wa', " FIRST ", " text ", '2026-11-20Z')"
	static const struct call_effect cases[] = {
		{"", RECEIVE("'STOP'"), "stop"},
		{"", RECEIVE("E'  \\uff33\\uff34\\uff2f\\uff30!! \\U0001f6d1\\n'"), "stop"},
		{"", RECEIVE("E'\\u9000\\u8ba2'"), "\xe9\x80\x80\xe8\xae\xa2"},
		{"", RECEIVE("'Sair.'"), "sair"},
		{"", RECEIVE("'opt-out'"), "opt out"},
		{"", RECEIVE("E'ARR\\u00caT'"), "arr\xc3\xaat"},
		{"", RECEIVE("'do not stop'"), ""},
		{"", RECEIVE("NULL"), ""},
		{RECEIVE("'STOP'"), "SELECT business_id, channel, category, source, at::date FROM suppression",
			"1|all|all|keyword stop|2026-11-20"},
		{RECEIVE("'STOP'"), WHY, OPTED_OUT},
		/* an opt-out is not lost because of a clock */
		{"SELECT receive('acme-wa', " FIRST ", 'stop', '4000-01-01Z'), receive('acme-wa', " FIRST ", 'stop', '-infinity')",
			"SELECT (SELECT bool_and(isfinite(at) AND at <= session_now()) FROM inbound), (SELECT bool_and(isfinite(at) AND at <= "
			"session_now()) FROM suppression)",
			"t|t"},
		{RECEIVE("'thanks'"), "SELECT text, keyword IS NULL, (SELECT count(*) FROM suppression) FROM inbound", "thanks|t|0"},
		/* a webhook that comes twice is one message; two messages of one second are two */
		{RECEIVE("'a'") ";" RECEIVE("'a'") ";" RECEIVE("'stop'"), "SELECT count(*) FROM inbound", "2"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT receive('nobody', " FIRST ", 'stop')", {"22023", "sender \"nobody\" is unknown", NULL}},
		{"SELECT receive('acme-wa', '14155550101', 'stop')", {"22023", "is a local format", "plus sign"}},
		{"SELECT receive('acme-wa', " FIRST ", 'thanks', '4000-01-01Z')", {"22023", "has not come yet", "at which it happened"}},
		{"SELECT receive('acme-wa', " FIRST ", 'thanks', 'infinity')", {"22023", "has not come yet", NULL}},
		{"SELECT receive('acme-wa', " FIRST ", 'thanks', '-infinity')", {"22023", "is no instant", NULL}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

static void
outside_sends_take_the_slots_of_the_business(void **state)
{
#define SEND "SELECT record_send(" FIRST ", 'acme', 'sms', 'marketing', '2026-11-01Z', 'r1');"
	static const struct call_effect cases[] = {
		{SEND, WHY, "1|facts_changed|held|0\n2|facts_changed|held|0"},
		{"SELECT record_send(" FIRST ", 'other', 'sms', 'marketing', '2026-11-01Z')", SLOTS, "1|5\n2|1"},
		/* known already: nothing changes */
		{SEND "INSERT INTO slot SELECT recipient_id, '2026-11-24 15:00Z', '2026-11-24 23:00Z', 2, 1, 1, bucket, 1, 0 FROM recipient"
			  " WHERE phone = 14155550101;" SEND,
			SLOTS, "1|4\n2|1"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT record_send(" FIRST ", 'acme', 'sms', 'marketing', NULL)", {"22023", "sent_at is missing", NULL}},
		{"SELECT record_send(" FIRST ", 'acme', 'sms', 'marketing', '2206-01-01Z')", {"22023", "sent_at", "at which it happened"}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(numbers_have_one_form),
		CALL_TEST(ids_are_hmac_sha256),
		CALL_TEST(recipients_are_written_and_changed),
		CALL_TEST(consent_is_what_the_person_said_last),
		CALL_TEST(an_opt_out_takes_the_slots_with_it),
		CALL_TEST(the_second_opt_out_of_a_transaction_sees_a_part_attached_meanwhile),
		CALL_TEST(keywords_opt_out),
		CALL_TEST(outside_sends_take_the_slots_of_the_business),
	};

	return cmocka_run_group_tests(tests, call_world_start, call_world_stop) != 0;
}
