/* daypart import: every kind, what changes, and whose permission goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/import_world.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

/* Every kind ------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *kind, *text;
	const char *first, *again; /* new, changed, unchanged, rejected */
} good_files[] = {
	{"businesses",
		"country,name,privacy_policy_url,privacy_policy_version,support_email,support_phone,website,provider\n"
		"US,shop,https://shop.example/privacy,3,help@shop.example,+1 800 555 0100,https://shop.example,acme\n,\"shop \xC3\xA9\",,,,,,\n",
		"2,0,0,0", "0,0,2,0"},
	{"senders",
		"name,business,channel,address,throughput_per_s,registered_on,daily_limit,identifier,transport,escalation,receives_replies,"
		"granted_daily_limit,granted_on,portfolio_limit\nshop-sms,shop,sms,24365,,2026-01-31,500,SHOPAB,,email,no,5000,2026-05-01,250\n",
		"1,0,0,0", "0,0,1,0"},
	{"templates",
		"name,language,business,channel,category,body,variables,status,free_form,tags,submitted_on,verified_on\n"
		"sale,en,shop,sms,marketing,\"Hi {{name}},\ntwo lines\",\"name text(20), total number(8)\",approved,,alcohol dating,2026-01-02,"
		"2026-02-03\n",
		"1,0,0,0", "0,0,1,0"},
	{"wordings",
		"business,name,language,body,kinds,names_channels,names_business,says_marketing,privacy_policy_url,privacy_policy_version\n"
		"shop,form-1,en,I agree,marketing announcement,whatsapp sms,yes,true,https://shop.example/privacy,3\nshop,form-2,pt-BR,Sim,,,,,,\n",
		"2,0,0,0", "0,0,2,0"},
	{"recipients",
		"\xEF\xBB\xBFvar:name,phone,region,timezone,language,source,var:total,preferred_hour\r\n"
		"Ana,+1 (415) 555-0161,US-CA,,en,shop,12.50,9\r\n,+5511987650162,BR,America/Sao_Paulo,pt-BR,,,\r\n"
		"Ana,+1 (415) 555-0161,US-CA,,en,shop,12.50,9\r\n",
		"2,0,1,0", "0,0,3,0"},
	{"consents",
		"phone,business,channel,category,given_at,method,wording,supplied_by_person,ip,confirmed_at,customer_reference,night_hours,state\n"
		"+14155550161,shop,sms,marketing,2026-01-01T10:00:00-05:00,form,I agree,yes,203.0.113.7,2026-01-02T10:00Z,K 7,no,\n"
		"+5511987650162,shop,sms,marketing,2026-01-01T10:00Z,form,,,,,,,granted\n"
		"+5511987650162,shop,sms,marketing,2026-02-01T10:00Z,,,,,,,,withdrawn\n"
		"+14155550163,shop,sms,marketing,,,,,,,,,withdrawn\n+14155550165,shop,sms,marketing,2026-02-01T10:00Z,,,,,,,,refused\n",
		"5,0,0,0", "0,0,5,0"},
	{"opt-outs",
		"phone,business,channel,category,at,source\n+14155550164,,,,,call\n+14155550164,shop,sms,all,2026-01-01T10:00Z,letter\n"
		"+14155550164,shop,sms,all,2026-03-01T10:00Z,letter\n",
		"2,0,1,0", "0,0,3,0"},
	{"audiences",
		"audience,business,phone\nbuyers,shop,+14155550161\nbuyers,,+5511987650162\n"
		"old buyers,shop,+14155550161\nvip,shop,+14155550161\n",
		"4,0,0,0", "0,0,4,0"},
	{"campaigns",
		"name,sender,template,audience,starts_at,ends_at,local_from,local_to,pacing,tags\n"
		"winter,shop-sms,sale,buyers,2026-12-01 09:00 local,2026-12-05 18:00 local,09:00,18:00,even,alcohol\n",
		"1,0,0,0", "0,0,1,0"},
	{"campaigns",
		"name,sender,template,audience,also_audiences,except_audiences,starts_at,ends_at,rrule,pacing,send_at,template_b,split_percent,"
		"first_template,subject\nmarch,shop-sms,sale,buyers,old buyers; vip,,2026-12-01 09:00 local,2026-12-01 18:00 local,FREQ=MONTHLY,at,"
		"10:30,other,50,hello,spring sale\napril,shop-sms,sale,buyers,,vip;,2026-12-01 09:00 local,2026-12-01 18:00 local,,,,,,,\n",
		"2,0,0,0", "0,0,2,0"},
	{"attestations",
		"subject,name,item,given_on,valid_until,reference,note\nsender,shop-sms,10dlc.number,2026-01-02,2027-01-02,safe 4,\n"
		"sender,shop-sms,10dlc.number,2026-11-02,,,renewed\ncampaign,winter,truthful_content,2026-11-02,,,\n",
		"3,0,0,0", "0,0,3,0"},
	{"sends",
		"phone,business,channel,category,sent_at,reference\n+14155550161,shop,sms,marketing,2026-10-01T10:00Z,\n"
		"+14155550161,shop,sms,marketing,2026-10-01T10:00Z,b\n",
		"2,0,0,0", "0,0,2,0"},
};

static void
import_good_files_twice(void)
{
	for (size_t i = 0; i < sizeof(good_files) / sizeof(good_files[0]); i++) {
		import_world_expect_counts(good_files[i].kind, good_files[i].text, good_files[i].first);
		import_world_expect_counts(good_files[i].kind, good_files[i].text, good_files[i].again);
	}
}

static void
every_kind_lands_and_repeating_changes_nothing(void **state)
{
	(void)state;
	import_good_files_twice();
	sql_expect(
		import_world.connection, "SELECT name, country FROM business WHERE name LIKE 'shop%' ORDER BY name", "shop|US\nshop \xC3\xA9|");
	sql_expect(import_world.connection, "SELECT throughput_per_s, registered_on, status FROM sender WHERE name = 'shop-sms'",
		"10.000|2026-01-31|active");
	sql_expect(import_world.connection,
		"SELECT phone, region, timezone, language, source, variables, preferred_hour FROM recipient WHERE phone IN (14155550161, "
		"5511987650162) "
		"ORDER BY phone",
		"14155550161|US-CA||en|shop|{\"name\": \"Ana\", \"total\": \"12.50\"}|9\n5511987650162|BR|America/Sao_Paulo|pt-BR|||");
	sql_expect(import_world.connection,
		"SELECT state, string_agg(name, ' ' ORDER BY bit) FROM consent JOIN recipient USING (bucket, recipient_id) JOIN evidence_bit "
		"ON evidence & (1 << bit) <> 0 WHERE phone = 14155550161 GROUP BY state",
		"granted|time method wording supplied_by_person ip confirmation intent_confirmed paper_kept customer");
	sql_expect(import_world.connection, "SELECT state FROM consent WHERE recipient_id = person_of('+5511987650162')", "withdrawn");
	sql_expect(import_world.connection,
		"SELECT business_id > 0, channel, category, source FROM suppression WHERE recipient_id = person_of('+14155550164') "
		"ORDER BY business_id",
		"f|all|all|call\nt|sms|all|letter");
	sql_expect(import_world.connection,
		"SELECT channel, category, at::date, source FROM suppression WHERE recipient_id = person_of('+14155550165')",
		"sms|marketing|2026-02-01|refused");
	sql_expect(import_world.connection,
		"SELECT daily_limit, identifier, transport, receives_replies, created_by <> '' FROM sender WHERE name = 'shop-sms'",
		"500|SHOPAB|official|f|t");
	sql_expect(import_world.connection,
		"SELECT name, kinds, names_channels, names_business, approved_at IS NULL FROM wording ORDER BY name",
		"form-1|{marketing,announcement}|{whatsapp,sms}|t|t\nform-2|{marketing}|{}|f|t");
	sql_expect(
		import_world.connection, "SELECT count(*) FROM audience_member JOIN audience USING (audience_id) WHERE name = 'buyers'", "2");
	sql_expect(import_world.connection, "SELECT status, pacing FROM campaign WHERE name = 'winter'", "draft|even");
	sql_expect(import_world.connection,
		"SELECT also_audiences, except_audiences, rrule, pacing, send_at, template_b, split_percent, first_template, subject FROM campaign "
		"WHERE name IN ('march', 'april') ORDER BY name DESC",
		"{\"old buyers\",vip}|{}|FREQ=MONTHLY|at|10:30:00|other|50|hello|spring sale\n{}|{vip}||asap|||0||");
	sql_expect(import_world.connection, "SELECT count(*) FROM outside_send", "2");
}

static void
a_marketer_can_import_every_kind(void **state)
{
	char *owner = import_world.conninfo;

	(void)state;
	sql_run(import_world.connection, "CREATE ROLE ana LOGIN IN ROLE daypart_marketer");
	assert_true(asprintf(&import_world.conninfo, "%s user=ana", owner) > 0);
	import_good_files_twice();
	free(import_world.conninfo);
	import_world.conninfo = owner;
}

/* What may not be changed by a marketer with UPDATE may not be changed by import either. */
static void
a_fixed_column_stays(void **state)
{
	char *owner = import_world.conninfo;
	char *rejects;

	(void)state;
	sql_run(import_world.connection, "CREATE ROLE ben LOGIN IN ROLE daypart_marketer");
	assert_true(asprintf(&import_world.conninfo, "%s user=ben", owner) > 0);
	import_world_expect_counts("senders", "name,business,channel,address\nacme-sms,other,sms,+14155550100\n", "0,0,0,1");
	rejects = import_world_rejects();
	assert_non_null(strstr(rejects, "business \"\"other\"\" is another than before and cannot be changed"));
	free(rejects);
	free(import_world.conninfo);
	import_world.conninfo = owner;
}

static void
changes_land_and_are_counted(void **state)
{
	(void)state;
	import_world_expect_counts("businesses", "name,legal_name\nacme,Acme Inc.\n", "0,1,0,0");
	sql_expect(import_world.connection, "SELECT legal_name, country FROM business WHERE name = 'acme'", "Acme Inc.|US");
	import_world_expect_counts("recipients", "phone,language,region\n+14155550101,pt-BR,\n+14155550102,,US-CA\n", "0,2,0,0");
	sql_expect(import_world.connection, "SELECT language FROM recipient WHERE phone = 14155550101", "pt-BR");
	sql_expect(import_world.connection, "SELECT region FROM recipient WHERE phone = 14155550102", "US-CA");
}

static void
the_first_of_two_contradicting_rows_wins_at_any_distance(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	char *rejects;

	(void)state;
	fputs("phone,source\n+14155550150,first\n", out);
	for (int i = 0; i < 6000; i++)
		fprintf(out, "+1212555%04d,x\n", i);
	fputs("+14155550150,second\n+14155550150,first\n", out);
	fclose(out);
	import_world_expect_counts("recipients", text, "6001,0,1,1");
	import_world_expect_counts("recipients", text, "0,0,6002,1");
	rejects = import_world_rejects();
	assert_non_null(strstr(rejects, "6003,\"phone\",\"phone \"\"+141******50\"\" was given with other values on line 2"));
	sql_expect(import_world.connection, "SELECT source FROM recipient WHERE phone = 14155550150", "first");
	free(rejects);
	free(text);
}

/* Permission -------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *kind, *text;
	const char *reason;
	const char *slots; /* left of the six */
} removals[] = {
	{"opt-outs", "phone\n+14155550101\n", "opted_out", "4"},
	{"opt-outs", "phone,business,channel\n+14155550102,other,\n+14155550102,acme,sms\n+14155550102,acme,whatsapp\n", "opted_out", "5"},
	{"consents", "phone,business,channel,category,state\n+14155550103,acme,whatsapp,marketing,withdrawn\n", "no_consent", "5"},
	{"recipients", "phone,region\n+14155550104,US-CA\n", "facts_changed", "5"},
	{"sends", "phone,business,channel,category,sent_at\n+14155550105,acme,sms,marketing,2026-11-01T10:00Z\n", "facts_changed", "5"},
};

static void
what_takes_permission_away_takes_the_slots(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(removals) / sizeof(removals[0]); i++) {
		import_world_end(NULL);
		import_world_make(NULL);
		char *path = temp_write("file.csv", removals[i].text);
		struct process_result result = import_world_file(removals[i].kind, path, "");

		assert_int_equal(result.exit_code, 0);
		sql_expect(import_world.connection, "SELECT count(*) FROM slot", removals[i].slots);
		sql_expect(import_world.connection, "SELECT DISTINCT r.name FROM suppressed JOIN reason AS r USING (reason) WHERE plan_run = 0",
			removals[i].reason);
		sql_expect(import_world.connection, "SELECT count(DISTINCT recipient_id) FROM permission_change", "1");
		process_result_free(&result);
		free(path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IMPORT_TEST(every_kind_lands_and_repeating_changes_nothing),
		IMPORT_TEST(a_marketer_can_import_every_kind),
		IMPORT_TEST(a_fixed_column_stays),
		IMPORT_TEST(changes_land_and_are_counted),
		IMPORT_TEST(the_first_of_two_contradicting_rows_wins_at_any_distance),
		IMPORT_TEST(what_takes_permission_away_takes_the_slots),
	};

	return cmocka_run_group_tests(tests, import_world_start, import_world_stop) != 0;
}
