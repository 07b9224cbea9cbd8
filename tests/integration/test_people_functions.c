/* The functions through which people are written: each call with its effect, or with the message it is refused with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

struct fixture {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture.cluster = pg_cluster_start(NULL);
	fixture.conninfo = schema_database(fixture.cluster, "people");
	fixture.connection = sql_connect(fixture.conninfo, NULL);
	schema_world(fixture.connection);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	PQfinish(fixture->connection);
	free(fixture->conninfo);
	pg_cluster_stop(&fixture->cluster);
	return 0;
}

/* After a test that failed in the middle. */
static int
roll_back(void **state)
{
	PQclear(PQexec(((struct fixture *)*state)->connection, "ROLLBACK"));
	return 0;
}

/* Every case starts from the world of schema_fixture and leaves nothing behind. */
struct effect {
	const char *call, *query, *expected;
};

static void
expect_effects(PGconn *connection, const struct effect *effects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_run(connection, "BEGIN");
		sql_run(connection, effects[i].call);
		sql_expect(connection, effects[i].query, effects[i].expected);
		sql_run(connection, "ROLLBACK");
	}
}

struct refusal {
	const char *statement;
	struct sql_error error;
};

static void
expect_refusals(PGconn *connection, const struct refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_expect_error(connection, refusals[i].statement, &refusals[i].error);
		sql_run(connection, "ROLLBACK");
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FIRST "'+1 415 555 0101'"
#define SLOTS "SELECT run_id, count(*) FROM slot GROUP BY 1 ORDER BY 1"
#define WHY \
	"SELECT run_id, r.name, s.kind, s.plan_run FROM suppressed AS s JOIN reason AS r USING (reason) WHERE r.name <> 'beyond_horizon' " \
	"ORDER BY 1, 2"

static void
numbers_have_one_form(void **state)
{
	static const struct effect cases[] = {
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
	static const struct refusal refusals[] = {
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
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

/* The id was computed by Python: int.from_bytes(hmac.new(b'\x0b' * 20, b'14155550123', 'sha256').digest()[:8], 'big') >> 1. */
static void
ids_are_hmac_sha256(void **state)
{
	static const struct effect cases[] = {
		{"TRUNCATE secret_key; SELECT set_secret_key(decode(repeat('0b', 20) || repeat('00', 12), 'hex'))", "SELECT person_id(14155550123)",
			"579674740115535861"},
		{"", "SELECT bool_and(person_id(n) >= 0), count(DISTINCT person_id(n)) FROM generate_series(1, 1000) AS n", "t|1000"},
		{"", "SELECT bucket_of(0), bucket_of(1), bucket_of(1024), bucket_of(9223372036854775807)", "0|1|1|0"},
	};
	static const struct refusal refusals[] = {
		{"SELECT set_secret_key(sha256('again'))", {"22023", "has its key already", "keep it"}},
		{"SELECT set_secret_key('short')", {"22023", "the key has 5 bytes", "32 to 64"}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

static void
small_tables_refuse_with_a_cure(void **state)
{
#define CAMPAIGN(columns, values) \
	"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at" columns \
	") VALUES ('x', 'acme-wa', 'hello', 'everyone', " values ")"
#define SPAN "'2026-11-23T09:00Z', '2026-11-24T09:00Z'"
#define TEMPLATE(body, variables) \
	"INSERT INTO template (name, language, business, channel, category, body, variables) VALUES ('x', 'en', 'acme', 'sms', " \
	"'marketing', " body ", " variables ")"
#define ATTESTATION(days) "INSERT INTO attestation (subject, name, item, given_on, valid_until) VALUES ('business', 'acme', 'x', " days ")"
	static const struct refusal refusals[] = {
		{"INSERT INTO business (name) VALUES (' acme')", {"22023", "name \" acme\" is no name", "blanks"}},
		{"INSERT INTO business (name) VALUES ('')", {"22023", "is no name", NULL}},
		{"INSERT INTO business (name, country) VALUES ('x', 'usa')", {"22023", "country \"usa\"", "ISO 3166-1"}},
		{"UPDATE sender SET address = '@home'", {"22023", "address \"@home\"", "+14155550123"}},
		{"UPDATE sender SET throughput_per_s = 0", {"22023", "throughput_per_s \"0.000\" is out of range", "from 0.001"}},
		{"UPDATE sender SET daily_limit = 0", {"22023", "daily_limit \"0\" is out of range", "leave it empty"}},
		{"UPDATE sender SET identifier = 'AB'", {"22023", "identifier \"AB\" is no sender identifier", "ABCORG"}},
		{"UPDATE template SET tags = 'Alcohol'", {"22023", "tags \"Alcohol\" is no list of tags", "alcohol dating"}},
		{"UPDATE business SET privacy_policy_url = 'example.com'",
			{"22023", "privacy_policy_url \"example.com\" is no web address", "https://"}},
		{"UPDATE sender SET granted_daily_limit = 5000", {"22023", "granted_daily_limit is given without granted_on", "the day"}},
		{"UPDATE sender SET granted_on = '2026-11-01'", {"22023", "granted_on is given without granted_daily_limit", "how many"}},
		{"UPDATE sender SET granted_daily_limit = 0, granted_on = '2026-11-01'",
			{"22023", "granted_daily_limit \"0\" is out of range", "leave it empty"}},
		{"UPDATE sender SET portfolio_limit = -1", {"22023", "portfolio_limit \"-1\" is out of range", "leave it empty"}},
		{ATTESTATION("'2026-11-02', '2026-11-01'"),
			{"22023", "valid_until \"2026-11-01\" is before given_on \"2026-11-02\"", "no longer counts"}},
		{"UPDATE template SET language = 'pt_BR'", {"22023", "language \"pt_BR\"", "pt-BR"}},
		{TEMPLATE("' '", "''"), {"22023", "body", "1 to 4096"}},
		{TEMPLATE("'x'", "'Name text(10)'"), {"22023", "variables \"Name text(10)\" is no declaration", "first_name text(40)"}},
		{TEMPLATE("'x'", "'a text(10), b text(2000)'"), {"22023", "variables \"b text(2000)\"", NULL}},
		{TEMPLATE("'x'", "'a text(10), a date'"), {"22023", "variables \"a\" is declared twice", NULL}},
		{TEMPLATE("'x {{b}}'", "'a text(10)'"), {"22023", "body \"{{b}}\" names no declared variable", "declare it"}},
		{CAMPAIGN("", "'2026-11-23 09:00', '2026-11-24 09:00 local'"),
			{"22023", "starts_at \"2026-11-23 09:00\" says neither an offset nor \"local\"", "2026-11-23 09:00 local"}},
		{CAMPAIGN("", "'2026-02-30T09:00Z', '2026-11-24T09:00Z'"), {"22023", "starts_at \"2026-02-30T09:00Z\" is no time", NULL}},
		{CAMPAIGN("", "'tomorrow', '2026-11-24T09:00Z'"), {"22023", "starts_at \"tomorrow\" is no time", "2026-11-23T09:00:00-05:00"}},
		{CAMPAIGN("", "'2026-11-24T09:00Z', '2026-11-24T10:00+01:00'"), {"22023", "ends_at", "end after it starts"}},
		{CAMPAIGN("", "'2026-11-24 09:00 local', '2026-11-24 09:00 local'"), {"22023", "is not after starts_at", NULL}},
		{CAMPAIGN("", "'2026-11-24T09:00Z', '2026-11-23 18:59 local'"), {"22023", "is not after starts_at", NULL}},
		{CAMPAIGN(", local_from", SPAN ", '09:00'"), {"22023", "local_from is given without local_to", "give both"}},
		{CAMPAIGN(", local_from, local_to", SPAN ", '09:00', '09:00'"), {"22023", "leave no time", "differ"}},
		{CAMPAIGN(", local_from, local_to", SPAN ", '09:00:30', '10:00'"),
			{"22023", "local_from \"09:00:30\" is no whole minute", "09:30"}},
		{CAMPAIGN(", rrule", SPAN ", 'FREQ=HOURLY'"),
			{"22023", "rrule \"FREQ=HOURLY\" holds \"FREQ=HOURLY\", which cannot be read", "FREQ=WEEKLY"}},
		{CAMPAIGN(", priority", SPAN ", 0"), {"22023", "priority \"0\"", "1 (planned first)"}},
		{CAMPAIGN(", holdout_percent", SPAN ", 101"), {"22023", "holdout_percent \"101\"", "0 to 100"}},
		/* days that the planner could not read */
		{"UPDATE sender SET registered_on = '9999-12-31'", {"22023", "registered_on \"9999-12-31\" is out of range", "or leave it empty"}},
		{"UPDATE sender SET granted_daily_limit = 5, granted_on = '0001-01-01'", {"22023", "granted_on \"0001-01-01\"", "1900 to 2200"}},
		{"INSERT INTO sender_limit SELECT name, '2201-01-01', 5 FROM sender", {"22023", "valid_from \"2201-01-01\"", "1900 to 2200"}},
		{"UPDATE template SET approved_on = 'infinity'", {"22023", "approved_on \"infinity\" is out of range", "leave it empty"}},
		{"UPDATE template SET submitted_on = '-infinity'", {"22023", "submitted_on \"-infinity\" is out of range", "leave it empty"}},
		{"UPDATE template SET verified_on = '9999-12-31'", {"22023", "verified_on \"9999-12-31\" is out of range", "leave it empty"}},
		{CAMPAIGN(", offer_expires_on", SPAN ", '9999-12-31'"), {"22023", "offer_expires_on \"9999-12-31\"", "leave it empty"}},
		{ATTESTATION("'2026-11-02', 'infinity'"), {"22023", "valid_until \"infinity\" is out of range", "leave it empty"}},
		{ATTESTATION("'1899-12-31', NULL"), {"22023", "given_on \"1899-12-31\" is out of range", "1900 to 2200"}},
		{"SELECT grant_waiver('us.cap', 'acme', 'legal', 'x', '9999-12-31', 'ana')",
			{"22023", "expires_on \"9999-12-31\"", "1900 to 2200"}},
	};
	static const struct effect accepted[] = {
		{CAMPAIGN("", "'2026-11-23 09:00 local', '2026-11-24T09:00-05:00'"), "SELECT status FROM campaign WHERE name = 'x'", "draft"},
		{CAMPAIGN(", local_from, local_to", SPAN ", '20:00', '02:00'"), "SELECT local_to FROM campaign WHERE name = 'x'", "02:00:00"},
		{CAMPAIGN("", "'2026-11-24T09:00Z', '2026-11-23 21:00 local'"), "SELECT count(*) FROM campaign WHERE name = 'x'", "1"},
		{TEMPLATE("'x {{a}} {{since}}'", "' a url(1000) ,since date'"),
			"SELECT name, type, max_length FROM variable WHERE template = 'x' ORDER BY 1", "a|url|1000\nsince|date|10"},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_refusals(connection, refusals, COUNT(refusals));
	expect_effects(connection, accepted, COUNT(accepted));
}

static void
recipients_are_written_and_changed(void **state)
{
#define PERSON "SELECT region, timezone, language, source, variables FROM recipient WHERE phone = 14155550101"
	static const struct effect cases[] = {
		{"SELECT add_recipient(" FIRST ", 'US-CA', 'America/Los_Angeles', 'en', 'form', '{\"first_name\": \"Ana\", \"total\": 12.5}')",
			PERSON, "US-CA|America/Los_Angeles|en|form|{\"total\": 12.5, \"first_name\": \"Ana\"}"},
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
		{"UPDATE recipient SET variables = '{\"total\": 1}'; SELECT add_recipient(" FIRST ", variables => '{\"total\": null}')", SLOTS,
			"1|4"},
		{"UPDATE recipient SET region = 'BR', language = 'pt', variables = '{\"total\": 1}';"
		 "SELECT add_recipient(" FIRST ", 'BR', language => 'pt', source => 'fair', variables => '{\"total\": 1, \"since\": null}')",
			SLOTS, "1|5\n2|1"},
	};
	static const struct refusal refusals[] = {
		{"SELECT add_recipient(" FIRST ", 'XX')", {"22023", "region \"XX\" is unknown", "US-CA"}},
		{"SELECT add_recipient(" FIRST ", timezone => 'Mars/Base')", {"22023", "timezone \"Mars/Base\" is unknown", "America/Sao_Paulo"}},
		{"SELECT add_recipient(" FIRST ", language => 'english language')", {"22023", "language", "BCP 47"}},
		{"SELECT add_recipient(" FIRST ", variables => '{\"birthday\": \"x\"}')",
			{"22023", "variable \"birthday\" is unknown", "declares"}},
		{"SELECT add_recipient(" FIRST ", variables => '{\"first_name\": \"01234567890\"}')",
			{"22023", "is longer than 10 characters", NULL}},
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
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
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
	static const struct effect cases[] = {
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
	static const struct refusal refusals[] = {
		{"SELECT record_consent(" FIRST ", 'nobody', 'sms')", {"22023", "business \"nobody\" is unknown", "add it to table business"}},
		{"SELECT record_consent(" FIRST ", 'acme', 'fax')", {"22023", "channel \"fax\" is unknown", "write one of whatsapp, sms"}},
		{"SELECT record_consent(" FIRST ", 'acme', 'sms', 'spam')", {"22023", "category \"spam\" is unknown", "marketing"}},
		{"SELECT record_consent(" FIRST ", 'acme', 'sms', given_at => '2206-01-01Z')", {"22023", "given_at", "at which it happened"}},
		{"SELECT withdraw_consent(" FIRST ", 'acme', 'sms', at => 'infinity')", {"22023", "at \"infinity\" has not come yet", NULL}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

static void
an_opt_out_takes_the_slots_with_it(void **state)
{
#define OPTED_OUT "1|opted_out|suppressed|0\n2|opted_out|suppressed|0"
	static const struct effect cases[] = {
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
	static const struct refusal refusals[] = {
		{"SELECT opt_out('0171 1234567')", {"22023", "is a local format", NULL}},
		{"SELECT opt_out(" FIRST ", 'nobody')", {"22023", "business \"nobody\" is unknown", NULL}},
		{"SELECT opt_out(" FIRST ", channel => 'fax')", {"22023", "channel \"fax\"", NULL}},
		{"SELECT opt_out(" FIRST ", category => NULL)", {"22023", "category \"\"", NULL}},
		{"BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT opt_out(" FIRST ")", {"25001", "serializable", "READ COMMITTED"}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

/* PostgreSQL re-reads a partition list only when it takes a lock that it does not hold yet; see cancel_slots(). An INSERT happens to take one on
 * each index, so the transaction holds those already here: the function must not live by that accident. */
static void
the_second_opt_out_of_a_transaction_sees_a_part_attached_meanwhile(void **state)
{
	const struct fixture *fixture = *state;
	PGconn *planner = sql_connect(fixture->conninfo, NULL);

	sql_run(fixture->connection,
		"BEGIN; EXPLAIN DELETE FROM suppression; EXPLAIN DELETE FROM suppressed; EXPLAIN DELETE FROM permission_change");
	sql_run(fixture->connection, "SELECT opt_out('+14155550102')");
	sql_run(planner,
		"CREATE TABLE slot_9 (LIKE slot INCLUDING ALL);"
		"INSERT INTO slot_9 SELECT person_id(14155550103), '2026-11-24Z', '2026-11-25Z', 2, 1, 1, bucket_of(person_id(14155550103)), 1, 9;"
		"ALTER TABLE slot ATTACH PARTITION slot_9 FOR VALUES IN (9)");
	sql_run(fixture->connection, "SELECT opt_out('+14155550103')");
	sql_expect(fixture->connection, "SELECT count(*) FROM slot WHERE recipient_id = person_id(14155550103)", "0");
	sql_run(fixture->connection, "ROLLBACK");
	sql_run(planner, "DROP TABLE slot_9");
	PQfinish(planner);
}

/* */
static void
keywords_opt_out(void **state)
{
#define RECEIVE(text) "SELECT receive('acme-wa', " FIRST ", " text ", '2026-11-20Z')"
	static const struct effect cases[] = {
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
	static const struct refusal refusals[] = {
		{"SELECT receive('nobody', " FIRST ", 'stop')", {"22023", "sender \"nobody\" is unknown", NULL}},
		{"SELECT receive('acme-wa', '14155550101', 'stop')", {"22023", "is a local format", "plus sign"}},
		{"SELECT receive('acme-wa', " FIRST ", 'thanks', '4000-01-01Z')", {"22023", "has not come yet", "at which it happened"}},
		{"SELECT receive('acme-wa', " FIRST ", 'thanks', 'infinity')", {"22023", "has not come yet", NULL}},
		{"SELECT receive('acme-wa', " FIRST ", 'thanks', '-infinity')", {"22023", "is no instant", NULL}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

static void
outside_sends_take_the_slots_of_the_business(void **state)
{
#define SEND "SELECT record_send(" FIRST ", 'acme', 'sms', 'marketing', '2026-11-01Z', 'r1');"
	static const struct effect cases[] = {
		{SEND, WHY, "1|facts_changed|held|0\n2|facts_changed|held|0"},
		{"SELECT record_send(" FIRST ", 'other', 'sms', 'marketing', '2026-11-01Z')", SLOTS, "1|5\n2|1"},
		/* known already: nothing changes */
		{SEND "INSERT INTO slot SELECT recipient_id, '2026-11-24 15:00Z', '2026-11-24 23:00Z', 2, 1, 1, bucket, 1, 0 FROM recipient"
			  " WHERE phone = 14155550101;" SEND,
			SLOTS, "1|4\n2|1"},
	};
	static const struct refusal refusals[] = {
		{"SELECT record_send(" FIRST ", 'acme', 'sms', 'marketing', NULL)", {"22023", "sent_at is missing", NULL}},
		{"SELECT record_send(" FIRST ", 'acme', 'sms', 'marketing', '2206-01-01Z')", {"22023", "sent_at", "at which it happened"}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

static void
campaigns_live_along_the_table(void **state)
{
#define STATUS "SELECT status FROM campaign WHERE name = 'spring'"
	static const struct effect cases[] = {
		{"SELECT campaign_set_status('spring', 'paused', 'lunch')", STATUS, "paused"},
		{"SELECT campaign_set_status('spring', 'paused', 'lunch')", SLOTS, "1|5\n2|1"},
		{"SELECT campaign_set_status('spring', 'paused', 'lunch')",
			"SELECT status, note, by_whom = session_user FROM campaign_event ORDER BY at DESC LIMIT 1", "paused|lunch|t"},
		{"SELECT campaign_set_status('spring', 'paused'), campaign_set_status('spring', 'approved')", STATUS, "approved"},
		{"SELECT campaign_set_status('spring', 'cancelled')", SLOTS, "2|1"},
		{"SELECT campaign_set_status('spring', 'cancelled')",
			"SELECT r.name, s.kind, count(*) FROM suppressed AS s JOIN reason AS r USING (reason) WHERE run_id = 1 GROUP BY 1, 2",
			"campaign_cancelled|suppressed|5"},
		{"SELECT stop_all()", "SELECT stopped, changed_by = session_user FROM control", "t|t"},
		{"SELECT stop_all(); SELECT start_all()", "SELECT stopped FROM control", "f"},
	};
	static const struct refusal refusals[] = {
		{"SELECT campaign_set_status('spring', 'draft')", {"22023", "is approved and cannot become draft", "pause (paused)"}},
		{"SELECT campaign_set_status('spring', 'flying')", {"22023", "cannot become flying", NULL}},
		{"SELECT campaign_set_status('winter', 'approved')", {"22023", "campaign \"winter\" is unknown", NULL}},
		{"BEGIN; SELECT campaign_set_status('spring', 'cancelled'), campaign_set_status('spring', 'approved')",
			{"22023", "is cancelled and cannot become approved", "submit a new campaign"}},
		{"BEGIN; INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at) VALUES ('x', 'acme-sms', 'hello', "
		 "'everyone', "
		 "'2026-11-23T00:00Z', '2026-12-01T00:00Z'); SELECT campaign_set_status('x', 'approved')",
			{"22023", "campaign \"x\" cannot be approved: template \"hello\" is for another channel", "correct it"}},
		{"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT campaign_set_status('spring', 'paused')", {"25001", NULL, NULL}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

static void
the_ledger_grows_by_parts(void **state)
{
	static const struct effect cases[] = {
		{"SELECT ensure_release_part(1), ensure_release_part(255)",
			"SELECT count(*) FROM pg_inherits WHERE inhparent = 'release'::regclass", "1"},
		{"SELECT ensure_release_part(256), ensure_release_part(256), ensure_release_part(70000)",
			"SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid) FROM pg_inherits WHERE inhparent = 'release'::regclass",
			"release_0 release_256 release_69888"},
		{"SELECT ensure_release_part(256); INSERT INTO release SELECT 1, '2026-11-23Z', '2026-11-23Z', NULL, 511, 1, 1, 1, NULL, "
		 "'handed_over'",
			"SELECT count(*) FROM release_256", "1"},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
}

static void
the_outbox_is_taken_once_and_in_time(void **state)
{
#define HAND_OVER \
	"SET LOCAL daypart.now = '2026-11-23 16:00Z'; UPDATE recipient SET variables = '{\"first_name\": \"Eve\"}';" \
	"INSERT INTO outbox SELECT recipient_id, due_at, not_after, run_id, bucket FROM slot WHERE run_id = 1;"
#define TAKE "SELECT phone, campaign, sender, sender_address, language, body, variables FROM take_outbox(10) ORDER BY phone LIMIT 1"
#define DROPPED "SELECT r.name, count(*) FROM outbox_dropped JOIN reason AS r USING (reason) GROUP BY 1 ORDER BY 1"
	static const struct effect cases[] = {
		{HAND_OVER, TAKE, "+14155550101|spring|acme-wa|+14155550100|en|Hi {{first_name}}|{\"first_name\": \"Eve\"}"},
		{HAND_OVER "SELECT add_recipient(" FIRST ", language => 'pt-BR', variables => '{\"first_name\": \"Ana\"}')", TAKE,
			"+14155550101|spring|acme-wa|+14155550100|pt|Oi {{first_name}}|{\"first_name\": \"Ana\"}"},
		{HAND_OVER "SELECT take_outbox(3)", "SELECT count(*) FROM outbox", "2"},
		{HAND_OVER "SELECT take_outbox(10)", "SELECT count(*) FROM take_outbox(10)", "0"},
		{HAND_OVER "SAVEPOINT s; CREATE TEMP TABLE once AS SELECT idempotency_key FROM take_outbox(10); ROLLBACK TO s;",
			"SELECT count(DISTINCT idempotency_key), bool_and(idempotency_key = format('%s:1:%s', installation_id, recipient_id))"
			" FROM take_outbox(10), installation",
			"5|t"},
		/* nothing is given out too late, nor to somebody who has changed their mind; the rest is not held up by it */
		{HAND_OVER "SET LOCAL daypart.now = '2026-11-23 23:00Z'; SELECT take_outbox(2)", DROPPED, "expired|5"},
		{HAND_OVER "SELECT opt_out(" FIRST "), withdraw_consent('+14155550102', 'acme', 'whatsapp');"
				   "DELETE FROM recipient WHERE phone = 14155550103; SELECT take_outbox(10)",
			DROPPED, "no_consent|1\nnot_a_recipient|1\nopted_out|1"},
		{HAND_OVER "SELECT opt_out('+1415555010' || n) FROM generate_series(1, 4) AS n", "SELECT phone FROM take_outbox(1)",
			"+14155550105"},
		/* What was judged is not what would be sent: it waits for the next plan. */
		{HAND_OVER "UPDATE campaign SET template = 'gone'; SELECT take_outbox(10)", "SELECT count(*) FROM outbox", "5"},
		{HAND_OVER "UPDATE template SET body = 'Hi there' WHERE language = 'en'; SELECT take_outbox(10)", "SELECT count(*) FROM outbox",
			"5"},
		/* nobody reads a name in braces */
		{HAND_OVER "UPDATE recipient SET variables = '{\"first_name\": null}' WHERE phone = 14155550101;"
				   "UPDATE recipient SET variables = NULL WHERE phone = 14155550102; SELECT take_outbox(10)",
			DROPPED, "variable_missing|2"},
		/* stop, pause and cancel reach as far as the consumer */
		{HAND_OVER "SELECT stop_all()", "SELECT count(*), (SELECT count(*) FROM outbox) FROM take_outbox(10)", "0|5"},
		{HAND_OVER "SELECT campaign_set_status('spring', 'paused')", "SELECT count(*), (SELECT count(*) FROM outbox) FROM take_outbox(10)",
			"0|5"},
		{HAND_OVER "SELECT campaign_set_status('spring', 'cancelled'); SELECT take_outbox(10)", DROPPED, "campaign_cancelled|5"},
	};
	static const struct refusal refusals[] = {
		{"SELECT take_outbox(0)", {"22023", "max \"0\"", NULL}},
	};
	PGconn *connection = ((struct fixture *)*state)->connection;

	expect_effects(connection, cases, COUNT(cases));
	expect_refusals(connection, refusals, COUNT(refusals));
}

static void
two_consumers_share_the_outbox(void **state)
{
	const struct fixture *fixture = *state;
	PGconn *other = sql_connect(fixture->conninfo, NULL);

	sql_run(fixture->connection,
		"INSERT INTO outbox SELECT recipient_id, due_at, '2226-11-23Z', run_id, bucket FROM slot WHERE run_id = 1;"
		"UPDATE recipient SET variables = '{\"first_name\": \"Eve\"}'");
	sql_run(fixture->connection, "BEGIN");
	sql_expect(fixture->connection, "SELECT count(*) FROM take_outbox(3)", "3");
	sql_run(other, "SET statement_timeout = '10s'; BEGIN");
	sql_expect(other, "SELECT count(*) FROM take_outbox(10)", "2");
	sql_expect(other, "SELECT count(*) FROM take_outbox(10)", "0");
	sql_run(fixture->connection, "ROLLBACK"); /* the consumer died: its rows come again */
	sql_run(other, "COMMIT; BEGIN");
	sql_expect(other, "SELECT count(*) FROM take_outbox(10)", "3");
	sql_run(other, "COMMIT");
	PQfinish(other);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, roll_back)
	const struct CMUnitTest tests[] = {
		TEST(numbers_have_one_form),
		TEST(ids_are_hmac_sha256),
		TEST(small_tables_refuse_with_a_cure),
		TEST(recipients_are_written_and_changed),
		TEST(consent_is_what_the_person_said_last),
		TEST(an_opt_out_takes_the_slots_with_it),
		TEST(the_second_opt_out_of_a_transaction_sees_a_part_attached_meanwhile),
		TEST(keywords_opt_out),
		TEST(outside_sends_take_the_slots_of_the_business),
		TEST(campaigns_live_along_the_table),
		TEST(the_ledger_grows_by_parts),
		TEST(the_outbox_is_taken_once_and_in_time),
		TEST(two_consumers_share_the_outbox),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
