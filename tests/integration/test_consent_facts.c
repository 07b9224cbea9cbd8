/* What a consent shows beyond its own fields: its wording, how it came about, words that never count, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

/* A view of what the consents of the first person for acme's messages show. */
static int
set_up(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = schema_database(cluster, "consent_facts");
	connection = sql_connect(conninfo, NULL);
	schema_world(connection);
	sql_run(connection,
		"SET daypart.now = '2026-11-22T12:00Z';"
		"INSERT INTO wording (business, name, body, kinds, names_channels, names_business, says_marketing, privacy_policy_url,"
		"	privacy_policy_version, created_by) VALUES"
		"	('acme', 'full', 'I agree to marketing messages from Acme via WhatsApp.', '{marketing}', '{whatsapp}', true, true,"
		"		'https://acme.example/privacy', '3', 'ana'),"
		"	('acme', 'bare', 'I agree.', '{marketing,announcement}', '{}', false, false, 'https://acme.example/privacy', NULL, 'ana'),"
		"	('other', 'full', 'Yes.', '{marketing}', '{whatsapp}', true, true, 'https://other.example', '1', 'ana');"
		"CREATE VIEW public.shown AS SELECT channel, category, string_agg(name, ' ' ORDER BY bit) AS facts"
		"	FROM consent JOIN evidence_bit ON evidence & (1 << bit) <> 0"
		"	WHERE recipient_id = person_id(14155550111) AND business_id = 1 GROUP BY 1, 2");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

/* After a test that failed in the middle. */
static int
roll_back(void **state)
{
	(void)state;
	PQclear(PQexec(connection, "ROLLBACK"));
	return 0;
}

struct effect {
	const char *call, *query, *expected;
};

static void
expect_effects(const struct effect *effects, size_t count)
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
expect_refusals(const struct refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_run(connection, "BEGIN");
		sql_expect_error(connection, refusals[i].statement, &refusals[i].error);
		sql_run(connection, "ROLLBACK");
	}
}

#define EFFECTS(cases) expect_effects(cases, sizeof(cases) / sizeof((cases)[0]))
#define REFUSALS(cases) expect_refusals(cases, sizeof(cases) / sizeof((cases)[0]))

#define PERSON "'+1 415 555 0111', 'acme'"
#define AGREE(channel, category, evidence) "SELECT record_consent(" PERSON ", '" channel "', '" category "', '2026-01-01Z', " evidence ");"
#define FACTS "SELECT facts FROM public.shown"
#define APPROVE "SELECT approve_wording('acme', 'full'), approve_wording('acme', 'bare');"

/* F4, R-013, R-024, R-030. */
static void
an_approved_wording_speaks_for_the_consent(void **state)
{
	static const struct effect cases[] = {
		{AGREE("whatsapp", "marketing", "wording => 'full'"), FACTS, "time wording"},
		{APPROVE AGREE("whatsapp", "marketing", "wording => 'full'"), FACTS,
			"time wording approved_wording names_channel names_business says_marketing privacy_notice"},
		{APPROVE AGREE("whatsapp", "marketing", "wording => 'I agree to marketing messages from Acme via WhatsApp.'"), FACTS,
			"time wording approved_wording names_channel names_business says_marketing privacy_notice"},
		{APPROVE AGREE("whatsapp", "marketing", "wording => 'I agree to marketing messages from Acme via WhatsApp'"), FACTS,
			"time wording"},
		{APPROVE AGREE("whatsapp", "marketing", "wording => 'Full'"), FACTS, "time wording"},
		/* it names WhatsApp, so it is not about SMS; it is about marketing, so it is not about announcements */
		{APPROVE AGREE("sms", "marketing", "wording => 'full'"), FACTS,
			"time wording approved_wording names_business says_marketing privacy_notice"},
		{APPROVE AGREE("whatsapp", "announcement", "wording => 'full'"), FACTS, "time wording"},
		/* an address without a version is no notice */
		{APPROVE AGREE("whatsapp", "announcement", "wording => 'bare'"), FACTS, "time wording approved_wording"},
		/* another business's wording of the same name */
		{"SELECT approve_wording('other', 'full');" AGREE("whatsapp", "marketing", "wording => 'full'"), FACTS, "time wording"},
		{"SELECT approve_wording('other', 'full');" AGREE("whatsapp", "marketing", "wording => 'Yes.'"), FACTS, "time wording"},
	};

	(void)state;
	EFFECTS(cases);
}

static void
consents_gain_when_their_wording_is_approved(void **state)
{
	static const struct effect cases[] = {
		{AGREE("whatsapp", "marketing", "method => 'form', wording => 'full'") AGREE("sms", "marketing", "wording => 'full'")
				AGREE("whatsapp", "announcement", "wording => 'I agree.'") APPROVE,
			"SELECT channel, category, facts FROM public.shown ORDER BY 1, 2",
			"whatsapp|marketing|time method wording approved_wording names_channel names_business says_marketing privacy_notice "
			"intent_confirmed paper_kept\n"
			"whatsapp|announcement|time wording approved_wording\n"
			"sms|marketing|time wording approved_wording names_business says_marketing privacy_notice"},
		/* the newest statement counts: a later one cites nothing, an older one nothing any more */
		{AGREE("whatsapp", "marketing", "wording => 'full'") "SELECT record_consent(" PERSON
															 ", 'whatsapp', 'marketing', '2026-02-01Z', wording => 'x');" APPROVE,
			FACTS, "time wording"},
		{AGREE("whatsapp", "marketing", "wording => 'x'") "SELECT record_consent(" PERSON
														  ", 'whatsapp', 'marketing', '2025-12-01Z', wording => 'full');" APPROVE,
			FACTS, "time wording"},
		{AGREE("whatsapp", "marketing", "wording => 'full'") "SELECT withdraw_consent(" PERSON
															 ", 'whatsapp', at => '2026-02-01Z');" APPROVE,
			FACTS, "time"},
		/* of two that cannot be told apart, both must cite it */
		{AGREE("whatsapp", "marketing", "wording => 'x'") AGREE("whatsapp", "marketing", "wording => 'full'") APPROVE, FACTS,
			"time wording"},
		/* nothing queued is lost by it */
		{AGREE("whatsapp", "marketing", "wording => 'full'") APPROVE, "SELECT count(*) FROM slot", "6"},
	};

	(void)state;
	EFFECTS(cases);
}

static void
a_wording_is_approved_once_by_somebody_else(void **state)
{
#define OTHER_LANGUAGE(flags) \
	"INSERT INTO wording (business, name, language, body, kinds, names_channels, names_business, says_marketing, privacy_policy_url," \
	" privacy_policy_version, created_by) SELECT business, name, 'de', 'Ja.', kinds, names_channels, " flags ", privacy_policy_url," \
	" privacy_policy_version, 'ana' FROM wording WHERE business = 'acme' AND name = 'full';"
	static const struct effect cases[] = {
		{APPROVE, "SELECT name, approved_by = session_user, approved_at = session_now() FROM wording WHERE business = 'acme' ORDER BY 1",
			"bare|t|t\nfull|t|t"},
		{OTHER_LANGUAGE("true, true") "SELECT approve_wording('acme', 'full', 'de')",
			"SELECT language FROM wording WHERE approved_at IS NOT NULL", "de"},
		{OTHER_LANGUAGE("true, true") "SELECT approve_wording('acme', 'full')",
			"SELECT count(*) FROM wording WHERE approved_at IS NOT NULL", "2"},
		{"UPDATE wording SET created_by = session_user;"
		 "SELECT grant_waiver('house.approval.second_person', 'acme', 'compliance', 'we are one', '2026-12-01', 'ana');" APPROVE,
			"SELECT count(*) FROM wording WHERE approved_at IS NOT NULL", "2"},
	};
	static const struct refusal refusals[] = {
		{APPROVE "SELECT approve_wording('acme', 'full')", {"22023", "wording \"full\" of \"acme\" is approved already", "another name"}},
		{"UPDATE wording SET created_by = session_user; SELECT approve_wording('acme', 'full')",
			{"22023", "wording \"full\" of \"acme\" was submitted by", "somebody else"}},
		{"SELECT approve_wording('acme', 'ful')", {"22023", "wording \"ful\" is unknown", "daypart import wordings"}},
		{"SELECT approve_wording('acme', 'full', 'de')", {"22023", "wording \"full\" is unknown", NULL}},
		{"SELECT approve_wording('acne', 'full')", {"22023", "business \"acne\" is unknown", NULL}},
		{OTHER_LANGUAGE("false, true") "SELECT approve_wording('acme', 'full')",
			{"22023", "does not say the same in each language", "another name"}},
		{OTHER_LANGUAGE("false, true") "SELECT approve_wording('acme', 'full', 'de'); SELECT approve_wording('acme', 'full', 'en')",
			{"22023", "does not say the same in each language", NULL}},
	};

	(void)state;
	EFFECTS(cases);
	REFUSALS(refusals);
}

/* */
static void
the_way_it_came_about_tells(void **state)
{
	static const struct effect cases[] = {
		{AGREE("sms", "marketing", "method => 'web form'"), FACTS, "time method intent_confirmed paper_kept"},
		{AGREE("sms", "marketing", "wording => 'x'"), FACTS, "time wording"}, /* nobody knows */
		/* a message that came in */
		{AGREE("sms", "marketing", "method => 'click_to_whatsapp_ad'"), FACTS, "time method paper_kept"},
		{AGREE("sms", "marketing", "method => 'QR-Code'"), FACTS, "time method paper_kept"},
		{AGREE("sms", "marketing", "method => 'qr code', confirmed_at => '2026-01-02Z'"), FACTS,
			"time method confirmation intent_confirmed paper_kept"},
		/* on paper, or by word of mouth */
		{AGREE("sms", "marketing", "method => 'Paper form'"), FACTS, "time method intent_confirmed"},
		{AGREE("sms", "marketing", "method => 'form', source => 'in-store'"), FACTS, "time method source intent_confirmed"},
		{AGREE("sms", "marketing", "method => 'Paper form', document => 'safe 4'"), FACTS,
			"time method document intent_confirmed paper_kept"},
		{AGREE("sms", "marketing", "document => 'safe 4'"), FACTS, "time document paper_kept"},
		/* what only overlays ask for */
		{AGREE("sms", "marketing", "customer_reference => 'K 7', night_hours => true"), FACTS, "time customer night_hours"},
		{AGREE("sms", "marketing", "customer_reference => '', night_hours => false"), FACTS, "time"},
		/* the same statement again is one event; with a fact more it is another */
		{AGREE("sms", "marketing", "method => 'x'") AGREE("sms", "marketing", "method => 'x'"),
			"SELECT count(*) FROM consent_event WHERE recipient_id = person_id(14155550111)", "1"},
		{AGREE("sms", "marketing", "method => 'x'") AGREE("sms", "marketing", "method => 'x', night_hours => true"),
			"SELECT count(*) FROM consent_event WHERE recipient_id = person_id(14155550111)", "2"},
	};

	(void)state;
	EFFECTS(cases);
}

/* */
static void
some_words_never_count(void **state)
{
	static const struct refusal refusals[] = {
		{AGREE("sms", "marketing", "method => 'Pre-Ticked'"),
			{"22023", "method \"Pre-Ticked\" never counts as consent (rule house.sources)", "ask the person again"}},
		{AGREE("sms", "marketing", "method => 'form', source => 'pre ticked'"),
			{"22023", "source \"pre ticked\" never counts as consent", NULL}},
		{AGREE("sms", "marketing", "source => 'PURCHASED'"),
			{"22023", "source \"PURCHASED\" never counts (rule house.sources)", "ask people yourself"}},
		{"SELECT add_recipient('+14155550111', source => 'purchased')", {"22023", "source \"purchased\" never counts", NULL}},
	};
	static const struct effect cases[] = {
		{"SELECT add_recipient('+14155550111', source => 'pre ticked')", "SELECT count(*) FROM recipient",
			"6"}, /* says nothing of consent */
		{"SELECT withdraw_consent(" PERSON ", 'sms', source => 'purchased')", "SELECT count(*) FROM consent WHERE state = 'withdrawn'",
			"1"},
	};

	(void)state;
	REFUSALS(refusals);
	EFFECTS(cases);
}

/* */
static void
who_was_asked_and_refused_is_left_alone(void **state)
{
#define REFUSE(rest) "SELECT record_refusal('+14155550101', 'acme'" rest ")"
#define SUPPRESSIONS "SELECT business_id, channel, category, at AT TIME ZONE 'UTC', source FROM suppression"
	static const struct effect cases[] = {
		{REFUSE(", 'whatsapp'"), SUPPRESSIONS, "1|whatsapp|marketing|2026-11-22 12:00:00|refused"},
		{REFUSE(", 'whatsapp', 'announcement', '2026-01-01Z', 'counter'"), SUPPRESSIONS,
			"1|whatsapp|announcement|2026-01-01 00:00:00|counter"},
		{REFUSE(", 'whatsapp'"), "SELECT run_id, count(*) FROM slot GROUP BY 1", "1|4"},
		{REFUSE(", 'whatsapp'"), "SELECT r.name FROM suppressed JOIN reason AS r USING (reason) WHERE run_id = 1", "opted_out"},
		{REFUSE(", 'sms'"), "SELECT run_id, count(*) FROM slot GROUP BY 1 ORDER BY 1", "1|5\n2|1"},
	};
	static const struct refusal refusals[] = {
		{REFUSE(", 'all'"), {"22023", "channel \"all\" is unknown", "write one of whatsapp, sms"}},
		{REFUSE(", 'sms', 'all'"), {"22023", "category \"all\" is unknown", NULL}},
		{"SELECT record_refusal('+14155550101', NULL, 'sms')", {"22023", "business \"\" is unknown", NULL}},
		{REFUSE(", 'sms', at => '2206-01-01Z'"), {"22023", "at \"2206", "at which it happened"}},
	};

	(void)state;
	EFFECTS(cases);
	REFUSALS(refusals);
}

/* init and rules load, when words came or went. */
static void
consents_follow_the_words(void **state)
{
#define STORY "INSERT INTO consent_word VALUES ('web', 'inbound'); SELECT refresh_evidence();"
#define OF_SPRING "SELECT string_agg(DISTINCT name, ' ' ORDER BY name) FROM consent JOIN evidence_bit ON evidence & (1 << bit) <> 0"
	static const struct effect cases[] = {
		{"", OF_SPRING, "intent_confirmed method paper_kept time"},
		{STORY, OF_SPRING, "method paper_kept time"},
		{STORY, "SELECT DISTINCT r.name FROM suppressed JOIN reason AS r USING (reason) WHERE run_id = 1", "facts_changed"},
		{STORY, "SELECT count(*) FROM slot", "0"},
		{STORY "DELETE FROM consent_word WHERE word = 'web'; SELECT refresh_evidence()", OF_SPRING,
			"intent_confirmed method paper_kept time"},
		/* a consent by a word that never counts shows nothing, however long ago it was recorded */
		{"INSERT INTO consent_word VALUES ('web', 'refused'); SELECT refresh_evidence()",
			"SELECT DISTINCT evidence, (SELECT count(*) FROM slot) FROM consent", "0|0"},
		{"", "SELECT refresh_evidence()", "0"},
		{"UPDATE consent SET evidence = 3; SELECT refresh_evidence()", "SELECT count(*) FROM slot", "6"},
		{"UPDATE consent SET evidence = 3", "SELECT refresh_evidence()", "5"}, /* an upgrade */
		/* two of one instant, recorded at one: what both show */
		{AGREE("sms", "marketing", "method => 'web'") AGREE("sms", "marketing", "method => 'form'") STORY, FACTS, "time method paper_kept"},
	};

	(void)state;
	EFFECTS(cases);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, roll_back)
	const struct CMUnitTest tests[] = {
		TEST(an_approved_wording_speaks_for_the_consent),
		TEST(consents_gain_when_their_wording_is_approved),
		TEST(a_wording_is_approved_once_by_somebody_else),
		TEST(the_way_it_came_about_tells),
		TEST(some_words_never_count),
		TEST(who_was_asked_and_refused_is_left_alone),
		TEST(consents_follow_the_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
