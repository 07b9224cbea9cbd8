/* daypart import: origins that never count, refusals, rows that never change, and the words of small tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/daypart.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { COMMAND_MAX = 512 };

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_cluster_stop(&cluster);
	return 0;
}

static int
make_world(void **state)
{
	static int count;
	char name[32];

	(void)state;
	snprintf(name, sizeof(name), "import_law_%d", ++count);
	conninfo = schema_database(cluster, name);
	connection = sql_connect(conninfo, NULL);
	schema_world(connection);
	return 0;
}

static int
end_world(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	return 0;
}

/* Imports and expects the counts new, changed, unchanged, rejected, purchased and a part of the file of rejects, "" for no such file. */
static void
expect_import(const char *kind, const char *text, const char *counts, const char *reject)
{
	char *path = temp_write("file.csv", text), *rejects = temp_path("file.rejects.csv"), *rejected;
	char line[COMMAND_MAX], expected[COMMAND_MAX];
	struct process_result result;

	unlink(rejects);
	snprintf(line, sizeof(line), "--format csv import %s %s", kind, path);
	result = daypart_run(conninfo, line);
	rejected = access(rejects, F_OK) == 0 ? file_read(rejects, NULL) : strdup("");
	snprintf(expected, sizeof(expected), ",%s,", counts);
	if (strstr(result.out, expected) == NULL || strstr(rejected, reject) == NULL || (*reject == '\0' && *rejected != '\0'))
		fail_msg("%s: expected \"%s\" and \"%s\" in:\n%s%s%s\n", kind, counts, reject, result.out, result.err, rejected);
	assert_int_equal(result.exit_code, strcmp(counts + strlen(counts) - 4, ",0,0") == 0 ? 0 : 65);
	process_result_free(&result);
	free(rejected);
	free(rejects);
	free(path);
}

#define CONSENTS "phone,business,channel,category,given_at,method,source,state\n"

/* */
static void
a_method_that_never_counts_is_refused_by_name(void **state)
{
	(void)state;
	expect_import("consents", CONSENTS "+14155550161,acme,sms,marketing,2026-01-01T10:00Z,Pre-Ticked,form,\n", "0,0,0,1,0",
		"\"method\",\"method \"\"Pre-Ticked\"\" never counts as consent (rule house.sources): ask the person again");
	expect_import("consents", CONSENTS "+14155550161,acme,sms,marketing,2026-01-01T10:00Z,form,pre_ticked,granted\n", "0,0,0,1,0",
		"\"source\",\"source \"\"pre_ticked\"\" never counts");
	/* Whoever says no may say it anyhow. */
	expect_import("consents",
		CONSENTS "+14155550161,acme,sms,marketing,2026-01-01T10:00Z,form,pre_ticked,withdrawn\n"
				 "+14155550162,acme,sms,marketing,2026-01-01T10:00Z,form,purchased,refused\n",
		"2,0,0,0,0", "");
	sql_expect(connection, "SELECT count(*) FROM consent WHERE channel = 'sms' AND state = 'granted'", "0");
}

/* */
static void
of_bought_numbers_nothing_is_kept(void **state)
{
	(void)state;
	expect_import(
		"recipients", "phone,source\n+14155550161,shop\n+14155550162,Purchased\n12,purchased\n+14155550163,purchased!\n", "1,0,0,0,3", "");
	expect_import("consents",
		CONSENTS "+14155550164,acme,sms,marketing,2026-01-01T10:00Z,purchased,,\n+14155550165,acme,sms,marketing,,form,purchased,\n"
				 "+14155550166,acme,fax,marketing,,form,shop,\n",
		"0,0,0,1,2", "4,\"channel\"");
	sql_expect(connection, "SELECT count(*) FROM recipient WHERE phone BETWEEN 14155550161 AND 14155550169", "1");
	sql_expect(connection, "SELECT count(*) FROM consent WHERE channel = 'sms'", "0");
}

/* */
static void
a_refusal_takes_the_slots_of_its_kind(void **state)
{
	(void)state;
	expect_import("consents",
		CONSENTS "+14155550101,acme,whatsapp,marketing,2026-01-01T10:00Z,,call,refused\n+14155550102,acme,sms,marketing,,,,refused\n",
		"2,0,0,0,0", "");
	sql_expect(connection, "SELECT run_id, count(*) FROM slot GROUP BY 1", "1|4");
	sql_expect(connection,
		"SELECT channel, category, source, r.name FROM suppression AS s LEFT JOIN suppressed AS p USING (bucket, recipient_id) "
		"LEFT JOIN reason AS r USING (reason) WHERE coalesce(p.run_id, 1) = 1 OR p.run_id = 2 AND r.name = 'beyond_horizon' ORDER BY 1",
		"sms|marketing|refused|beyond_horizon\nwhatsapp|marketing|call|opted_out");
	expect_import("consents", CONSENTS "+14155550101,acme,whatsapp,marketing,2026-01-01T10:00Z,,call,refused\n", "0,0,1,0,0", "");
}

/* REGULATIONS 3.1. */
static void
mixed_messages_are_marketing_and_consent_is_not(void **state)
{
	(void)state;
	expect_import("templates",
		"name,language,business,channel,category,body\nboth,en,acme,sms,mixed,x\nwhat,en,acme,sms,unknown,x\nbad,en,acme,sms,spam,x\n",
		"2,0,0,1,0", "category \"\"spam\"\" is unknown");
	expect_import("campaigns",
		"name,sender,template,audience,starts_at,ends_at,category\nboth,acme-sms,both,everyone,2026-12-01T00:00Z,2026-12-02T00:00Z,mixed\n",
		"1,0,0,0,0", "");
	sql_expect(connection, "SELECT category, count(*) FROM template WHERE name IN ('both', 'what') GROUP BY 1", "marketing|2");
	sql_expect(connection, "SELECT category FROM campaign WHERE name = 'both'", "marketing");
	expect_import(
		"consents", CONSENTS "+14155550161,acme,sms,mixed,2026-01-01T10:00Z,form,,\n", "0,0,0,1,0", "category \"\"mixed\"\" is unknown");
}

#define WORDINGS "business,name,language,body,kinds,names_channels\n"
#define ATTESTATIONS "subject,name,item,given_on,valid_until\n"

static void
what_is_proof_never_changes(void **state)
{
	(void)state;
	expect_import("wordings", WORDINGS "acme,form,en,I agree,,\n", "1,0,0,0,0", "");
	expect_import("wordings", WORDINGS "acme,form,en,I agree to all,,\nacme,form,de,Ja,,\n", "1,0,0,1,0",
		"\"body\",\"body \"\"I agree to all\"\" is another than before and cannot be changed: a wording never changes");
	expect_import("attestations", ATTESTATIONS "sender,acme-sms,10dlc.number,2026-01-02,2027-01-02\n", "1,0,0,0,0", "");
	expect_import("attestations", ATTESTATIONS "sender,acme-sms,10dlc.number,2026-01-02,2028-01-02\n", "0,0,0,1,0",
		"valid_until \"\"2028-01-02\"\" is another than before and cannot be changed: keep it: a renewal is a row with its own given_on");
	sql_expect(connection, "SELECT body FROM wording WHERE language = 'en'", "I agree");
	sql_expect(connection, "SELECT valid_until FROM attestation", "2027-01-02");
}

static void
lists_and_names_are_judged_word_by_word(void **state)
{
	(void)state;
	expect_import("wordings", WORDINGS "acme,form,en,I agree,marketing spam,\n", "0,0,0,1,0",
		"kinds \"\"spam\"\" is unknown: write one of marketing");
	expect_import("wordings", WORDINGS "acme,form,en,I agree,,fax\n", "0,0,0,1,0", "names_channels \"\"fax\"\" is unknown");
	expect_import(
		"wordings", WORDINGS "nobody,form,en,I agree,,\n", "0,0,0,1,0", "business \"\"nobody\"\" is unknown: import the business first");
	expect_import("attestations", ATTESTATIONS "shop,acme,10dlc.number,2026-01-02,\n", "0,0,0,1,0", "subject \"\"shop\"\" is unknown");
	expect_import("attestations", ATTESTATIONS "sender,acme,10dlc.number,2026-01-02,\n", "0,0,0,1,0",
		"sender \"\"acme\"\" is unknown: write the name of a sender that was imported");
	expect_import(
		"attestations", ATTESTATIONS "sender,acme-sms,Tax Number,2026-01-02,\n", "0,0,0,1,0", "item \"\"Tax Number\"\" is no item");
	expect_import("attestations", ATTESTATIONS "sender,,10dlc.number,2026-01-02,\n", "0,0,0,1,0", "name is missing");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)
	const struct CMUnitTest tests[] = {
		TEST(a_method_that_never_counts_is_refused_by_name),
		TEST(of_bought_numbers_nothing_is_kept),
		TEST(a_refusal_takes_the_slots_of_its_kind),
		TEST(mixed_messages_are_marketing_and_consent_is_not),
		TEST(what_is_proof_never_changes),
		TEST(lists_and_names_are_judged_word_by_word),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
