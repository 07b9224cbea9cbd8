/* daypart import: every kind, what is refused and how, repetition, interruption, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "planner/csv.h"
#include "planner/reject_file.h"
#include "tests/support/case_file.h"
#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1 /* a sanitizer keeps freed memory */
#endif
#endif

enum { AWAIT_MS = 60000, COMMAND_MAX = 4096, REASON_MAX = 2048 };

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
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
	snprintf(name, sizeof(name), "import_%d", ++count);
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

/* Files ------------------------------------------------------------------------------------------------------------------------------------ */

/* \n, \0 and \xHH of a case file. Returns the size. */
static size_t
unescape(const char *text, char *out)
{
	size_t size = 0;

	for (; *text != '\0'; text++) {
		if (strncmp(text, "\\n", 2) == 0 || strncmp(text, "\\0", 2) == 0)
			out[size++] = *++text == 'n' ? '\n' : '\0';
		else if (strncmp(text, "\\x", 2) == 0) {
			const char digits[] = {text[2], text[3], '\0'};

			out[size++] = (char)strtoul(digits, NULL, 16);
			text += 3;
		} else
			out[size++] = *text;
	}
	return size;
}

static struct process_result
import_file(const char *kind, const char *path, const char *options)
{
	char command[COMMAND_MAX];

	snprintf(command, sizeof(command), "import %s %s %s", kind, path, options);
	return daypart_run(conninfo, command);
}

static struct process_result
import_bytes(const char *kind, const char *bytes, size_t size)
{
	char *path = temp_write_bytes("file.csv", bytes, size);
	char *rejects = temp_path("file.rejects.csv");
	struct process_result result;

	unlink(rejects);
	result = import_file(kind, path, "");
	free(rejects);
	free(path);
	return result;
}

static struct process_result
import_case(const char *kind, const char *escaped)
{
	char *bytes = malloc(strlen(escaped) + 1);
	const size_t size = unescape(escaped, bytes);
	const struct process_result result = import_bytes(kind, bytes, size);

	free(bytes);
	return result;
}

/* The last file of rejects, or "". The caller frees it. */
static char *
read_rejects(void)
{
	char *path = temp_path("file.rejects.csv");
	char *text = access(path, F_OK) == 0 ? file_read(path, NULL) : strdup("");

	free(path);
	return text;
}

/* Imports and expects the counts new, changed, unchanged, rejected. */
static void
expect_counts(const char *kind, const char *text, const char *counts)
{
	char *path = temp_write("file.csv", text);
	char line[COMMAND_MAX], expected[256];
	struct process_result result;
	long rows = 0;
	char *end;

	for (const char *count = counts; *count != '\0'; count = *end == ',' ? end + 1 : end)
		rows += strtol(count, &end, 10);
	snprintf(line, sizeof(line), "--format csv import %s %s", kind, path);
	result = daypart_run(conninfo, line);
	snprintf(expected, sizeof(expected), "\n%s,%ld,%s,", kind, rows, counts);
	if (strstr(result.out, expected) == NULL)
		print_error("%s: expected \"%s\" in:\n%s%s\n", kind, expected + 1, result.out, result.err);
	assert_non_null(strstr(result.out, expected));
	process_result_free(&result);
	free(path);
}

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
		expect_counts(good_files[i].kind, good_files[i].text, good_files[i].first);
		expect_counts(good_files[i].kind, good_files[i].text, good_files[i].again);
	}
}

static void
every_kind_lands_and_repeating_changes_nothing(void **state)
{
	(void)state;
	import_good_files_twice();
	sql_expect(connection, "SELECT name, country FROM business WHERE name LIKE 'shop%' ORDER BY name", "shop|US\nshop \xC3\xA9|");
	sql_expect(
		connection, "SELECT throughput_per_s, registered_on, status FROM sender WHERE name = 'shop-sms'", "10.000|2026-01-31|active");
	sql_expect(connection,
		"SELECT phone, region, timezone, language, source, variables, preferred_hour FROM recipient WHERE phone IN (14155550161, "
		"5511987650162) "
		"ORDER BY phone",
		"14155550161|US-CA||en|shop|{\"name\": \"Ana\", \"total\": \"12.50\"}|9\n5511987650162|BR|America/Sao_Paulo|pt-BR|||");
	sql_expect(connection,
		"SELECT state, string_agg(name, ' ' ORDER BY bit) FROM consent JOIN recipient USING (bucket, recipient_id) JOIN evidence_bit "
		"ON evidence & (1 << bit) <> 0 WHERE phone = 14155550161 GROUP BY state",
		"granted|time method wording supplied_by_person ip confirmation intent_confirmed paper_kept customer");
	sql_expect(connection, "SELECT state FROM consent WHERE recipient_id = person_of('+5511987650162')", "withdrawn");
	sql_expect(connection,
		"SELECT business_id > 0, channel, category, source FROM suppression WHERE recipient_id = person_of('+14155550164') "
		"ORDER BY business_id",
		"f|all|all|call\nt|sms|all|letter");
	sql_expect(connection, "SELECT channel, category, at::date, source FROM suppression WHERE recipient_id = person_of('+14155550165')",
		"sms|marketing|2026-02-01|refused");
	sql_expect(connection,
		"SELECT daily_limit, identifier, transport, receives_replies, created_by <> '' FROM sender WHERE name = 'shop-sms'",
		"500|SHOPAB|official|f|t");
	sql_expect(connection, "SELECT name, kinds, names_channels, names_business, approved_at IS NULL FROM wording ORDER BY name",
		"form-1|{marketing,announcement}|{whatsapp,sms}|t|t\nform-2|{marketing}|{}|f|t");
	sql_expect(connection, "SELECT count(*) FROM audience_member JOIN audience USING (audience_id) WHERE name = 'buyers'", "2");
	sql_expect(connection, "SELECT status, pacing FROM campaign WHERE name = 'winter'", "draft|even");
	sql_expect(connection,
		"SELECT also_audiences, except_audiences, rrule, pacing, send_at, template_b, split_percent, first_template, subject FROM campaign "
		"WHERE name IN ('march', 'april') ORDER BY name DESC",
		"{\"old buyers\",vip}|{}|FREQ=MONTHLY|at|10:30:00|other|50|hello|spring sale\n{}|{vip}||asap|||0||");
	sql_expect(connection, "SELECT count(*) FROM outside_send", "2");
}

static void
a_marketer_can_import_every_kind(void **state)
{
	char *owner = conninfo;

	(void)state;
	sql_run(connection, "CREATE ROLE ana LOGIN IN ROLE daypart_marketer");
	assert_true(asprintf(&conninfo, "%s user=ana", owner) > 0);
	import_good_files_twice();
	free(conninfo);
	conninfo = owner;
}

/* What may not be changed by a marketer with UPDATE may not be changed by import either. */
static void
a_fixed_column_stays(void **state)
{
	char *owner = conninfo;
	char *rejects;

	(void)state;
	sql_run(connection, "CREATE ROLE ben LOGIN IN ROLE daypart_marketer");
	assert_true(asprintf(&conninfo, "%s user=ben", owner) > 0);
	expect_counts("senders", "name,business,channel,address\nacme-sms,other,sms,+14155550100\n", "0,0,0,1");
	rejects = read_rejects();
	assert_non_null(strstr(rejects, "business \"\"other\"\" is another than before and cannot be changed"));
	free(rejects);
	free(conninfo);
	conninfo = owner;
}

static void
changes_land_and_are_counted(void **state)
{
	(void)state;
	expect_counts("businesses", "name,legal_name\nacme,Acme Inc.\n", "0,1,0,0");
	sql_expect(connection, "SELECT legal_name, country FROM business WHERE name = 'acme'", "Acme Inc.|US");
	expect_counts("recipients", "phone,language,region\n+14155550101,pt-BR,\n+14155550102,,US-CA\n", "0,2,0,0");
	sql_expect(connection, "SELECT language FROM recipient WHERE phone = 14155550101", "pt-BR");
	sql_expect(connection, "SELECT region FROM recipient WHERE phone = 14155550102", "US-CA");
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
	expect_counts("recipients", text, "6001,0,1,1");
	expect_counts("recipients", text, "0,0,6002,1");
	rejects = read_rejects();
	assert_non_null(strstr(rejects, "6003,\"phone\",\"phone \"\"+141******50\"\" was given with other values on line 2"));
	sql_expect(connection, "SELECT source FROM recipient WHERE phone = 14155550150", "first");
	free(rejects);
	free(text);
}

/* What is refused ------------------------------------------------------------------------------------------------------------------------- */

static void
bad_input_is_refused_as_the_table_says(void **state)
{
	struct case_file *file = case_file_open("bad_csv.txt", ';');
	char *field[4];

	(void)state;
	while (case_file_next(file, field, 4)) {
		struct process_result result = import_case(field[0], field[1]);
		char *rejects = read_rejects(), *undoubled = strdup(rejects);
		size_t length = 0;

		for (const char *at = rejects; *at != '\0'; at++) /* as a reader of the CSV sees it */
			if (at[0] != '"' || at[1] != '"')
				undoubled[length++] = *at;
		undoubled[length] = '\0';
		if (result.exit_code != strtol(field[2], NULL, 10) ||
			(strstr(result.err, field[3]) == NULL && strstr(undoubled, field[3]) == NULL)) {
			print_error("bad_csv.txt:%d: exit code %d\n%s%s\n", case_file_line(file), result.exit_code, result.err, rejects);
			fail();
		}
		free(undoubled);
		free(rejects);
		process_result_free(&result);
	}
	case_file_close(&file);
}

/* Field and reason of the first reject. */
static void
first_reject(char field[REASON_MAX], char reason[REASON_MAX])
{
	char *path = temp_path("file.rejects.csv");
	const struct csv_record *record;
	struct csv_reader *reader;
	struct err err = ERR_INIT;

	assert_int_equal(csv_open(path, &reader, &err), STATUS_OK);
	assert_int_equal(csv_next(reader, &record, &err), STATUS_OK);
	assert_int_equal(csv_next(reader, &record, &err), STATUS_OK);
	snprintf(field, REASON_MAX, "%s", record->fields[1].text);
	snprintf(reason, REASON_MAX, "%s", record->fields[2].text);
	csv_close(&reader);
	free(path);
}

static void
sql_and_csv_refuse_in_the_same_words(void **state)
{
	struct case_file *file = case_file_open("same_words.txt", ';');
	char *field[3];

	(void)state;
	while (case_file_next(file, field, 3)) {
		char by_sql[REASON_MAX], by_csv[REASON_MAX], column[REASON_MAX];
		struct process_result result = import_case(field[0], field[1]);
		PGresult *refused = PQexec(connection, field[2]);

		assert_int_equal(result.exit_code, 65);
		assert_int_equal(PQresultStatus(refused), PGRES_FATAL_ERROR);
		snprintf(by_sql, sizeof(by_sql), "%s: %s", PQresultErrorField(refused, PG_DIAG_MESSAGE_PRIMARY),
			PQresultErrorField(refused, PG_DIAG_MESSAGE_HINT));
		first_reject(column, by_csv);
		mask_reason(by_sql, column);
		if (strcmp(by_sql, by_csv) != 0)
			print_error("same_words.txt:%d\n", case_file_line(file));
		assert_string_equal(by_sql, by_csv);
		PQclear(refused);
		process_result_free(&result);
	}
	case_file_close(&file);
}

static void
good_rows_land_beside_bad_ones(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct process_result result;
	char *rejects;

	(void)state;
	fputs("phone,source\n+14155550170,a\n+14155550171,\"open\n+14155550172,c\n+14155550173,", out);
	for (int i = 0; i < 1 << 20; i++)
		putc('x', out);
	fprintf(out, "\n+14155550174,e%c\n0415 555 0175,f\n+14155550176,g", '\0');
	fclose(out);
	result = import_bytes("recipients", text, size);
	assert_int_equal(result.exit_code, 65);
	sql_expect(
		connection, "SELECT string_agg(source, '' ORDER BY phone) FROM recipient WHERE phone BETWEEN 14155550170 AND 14155550179", "acg");
	rejects = read_rejects();
	assert_non_null(strstr(rejects, "\n3,\"\",\"a quote"));
	assert_non_null(strstr(rejects, "\n5,\"\",\"the line is longer"));
	assert_non_null(strstr(rejects, "\n6,\"\",\"the record holds a NUL"));
	assert_non_null(strstr(rejects, "\n7,\"phone\",\"phone \"\"041* *** **75\"\""));
	assert_null(strstr(rejects, "0415 555 0175"));
	free(rejects);
	free(text);
	process_result_free(&result);
}

static void
a_corrected_file_of_rejects_can_be_imported(void **state)
{
	char *path = temp_path("again.csv"), *options;
	char *rejects, *wrong, *bad = temp_write("bad.csv", "name,country\nfixable,USA\n");
	struct process_result result;

	(void)state;
	assert_true(asprintf(&options, "--rejects %s", path) > 0);
	result = import_file("businesses", bad, options);
	assert_int_equal(result.exit_code, 65);
	process_result_free(&result);
	rejects = file_read(path, NULL);
	wrong = strstr(rejects, ",\"USA\"");
	assert_non_null(wrong);
	memcpy(wrong, ",\"US\"\n", 7);
	expect_counts("businesses", rejects, "1,0,0,0");
	free(rejects);
	free(options);
	free(bad);
	free(path);
}

static void
what_cannot_be_read_or_written_is_told(void **state)
{
	char *file = temp_write("file.csv", "phone\nwrong\n");
	struct process_result result = import_file("recipients", "/nowhere.csv", "");

	(void)state;
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "/nowhere.csv: No such file or directory"));
	process_result_free(&result);
	result = import_file("recipients", temp_dir(), "");
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "this is a folder"));
	process_result_free(&result);
	result = import_file("recipients", file, "--rejects /nowhere/rejects.csv");
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "cannot make the file of rejects /nowhere/rejects.csv"));
	process_result_free(&result);
	free(file);
}

/* As under a quota: an error of the write, not the end by a signal. */
static void
a_file_of_rejects_that_may_not_grow_is_told(void **state)
{
	struct rlimit before;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fputs("phone\n", out);
	for (int i = 0; i < 1000; i++)
		fputs("wrong\n", out);
	fclose(out);
	char *file = temp_write("file.csv", text);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 16384, .rlim_max = before.rlim_max}), 0);
	struct process_result result = import_file("recipients", file, "");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(result.signal, 0);
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.err, "File too large"));
	process_result_free(&result);
	free(file);
	free(text);
}

static void
a_dry_run_changes_nothing_and_shows_everything(void **state)
{
	char *file = temp_write("file.csv", "phone,region\n+14155550180,US\n+14155550181,XX\n+14155550101,US-CA\n");
	struct process_result result = import_file("recipients", file, "--dry-run");
	char *rejects = read_rejects();

	(void)state;
	assert_int_equal(result.exit_code, 65);
	assert_non_null(strstr(result.out, "dry run, nothing was changed"));
	assert_non_null(strstr(rejects, "region \"\"XX\"\" is unknown"));
	sql_expect(connection, "SELECT count(*) FROM recipient WHERE phone = 14155550180 OR region = 'US-CA'", "0");
	sql_expect(connection, "SELECT count(*) FROM slot", "6");
	free(rejects);
	process_result_free(&result);
	free(file);
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
		end_world(NULL);
		make_world(NULL);
		char *path = temp_write("file.csv", removals[i].text);
		struct process_result result = import_file(removals[i].kind, path, "");

		assert_int_equal(result.exit_code, 0);
		sql_expect(connection, "SELECT count(*) FROM slot", removals[i].slots);
		sql_expect(
			connection, "SELECT DISTINCT r.name FROM suppressed JOIN reason AS r USING (reason) WHERE plan_run = 0", removals[i].reason);
		sql_expect(connection, "SELECT count(DISTINCT recipient_id) FROM permission_change", "1");
		process_result_free(&result);
		free(path);
	}
}

/* Size and interruption --------------------------------------------------------------------------------------------------------------------- */

static char *
write_people(const char *name, int count)
{
	char *path = temp_path(name);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs("phone,region,timezone,source\n", out);
	for (int i = 0; i < count; i++)
		fprintf(out, "+1212%07d,US,America/Los_Angeles,somewhere in the shop\n", 2000000 + i);
	assert_int_equal(fclose(out), 0);
	return path;
}

static void
an_import_that_was_killed_is_completed_by_repeating_it(void **state)
{
	enum { PEOPLE = 30000 };
	char *path = write_people("killed.csv", PEOPLE), *command, *counts;
	struct process *process;
	struct process_result result;
	int64_t landed;

	(void)state;
	assert_true(asprintf(&command, "import recipients %s", path) > 0);
	process = daypart_start(conninfo, command);
	assert_true(fixture_await(connection, 1, AWAIT_MS, "SELECT (count(*) > 5)::int FROM recipient"));
	process_signal(process, SIGKILL);
	result = process_wait(&process);
	assert_int_equal(result.signal, SIGKILL);
	process_result_free(&result);
	assert_true(fixture_await(connection, 0, AWAIT_MS, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daypart import'"));
	landed = fixture_number(connection, "SELECT count(*) - 5 FROM recipient");
	assert_int_equal(landed % 5000, 0); /* whole batches */

	assert_true(asprintf(&counts, "%lld", (long long)(PEOPLE - landed)) > 0);
	result = daypart_run(conninfo, command);
	assert_int_equal(result.exit_code, 0);
	assert_non_null(strstr(result.out, counts));
	process_result_free(&result);
	assert_int_equal(fixture_number(connection, "SELECT count(*) - 5 FROM recipient"), PEOPLE);
	free(counts);
	free(command);
	free(path);
}

#ifndef SANITIZED
/* Peak resident memory of an import, in KiB. */
static long
peak_memory(const char *path)
{
	struct rusage usage;
	int status;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		setenv("DAYPART_CONFIG", "/dev/null", 1);
		setenv("PGOPTIONS", "", 1);
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(70);
		char *settings;
		if (asprintf(&settings, "%s/memory.cfg", temp_dir()) < 0)
			_exit(70);
		execl(DAYPART_BUILD_DIR "/daypart", "daypart", "--config", settings, "import", "recipients", path, "--dry-run", (char *)NULL);
		_exit(70);
	}
	assert_int_equal(wait4(child, &status, 0, &usage), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	return usage.ru_maxrss;
}

static void
memory_does_not_grow_with_the_file(void **state)
{
	char *settings, *file;
	char *small = write_people("small.csv", 10000), *large = write_people("large.csv", 300000);
	long of_small, of_large;

	(void)state;
	assert_true(asprintf(&settings, "database = \"%s\";\n", conninfo) > 0);
	file = temp_write("memory.cfg", settings);
	of_small = peak_memory(small);
	of_large = peak_memory(large);
	if (of_large > of_small + of_small / 4)
		print_error("%ld KiB for 10,000 rows, %ld KiB for 300,000\n", of_small, of_large);
	assert_true(of_large <= of_small + of_small / 4);
	free(file);
	free(settings);
	free(small);
	free(large);
}
#endif

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(every_kind_lands_and_repeating_changes_nothing),
		IN_A_WORLD(a_marketer_can_import_every_kind),
		IN_A_WORLD(a_fixed_column_stays),
		IN_A_WORLD(changes_land_and_are_counted),
		IN_A_WORLD(the_first_of_two_contradicting_rows_wins_at_any_distance),
		IN_A_WORLD(bad_input_is_refused_as_the_table_says),
		IN_A_WORLD(sql_and_csv_refuse_in_the_same_words),
		IN_A_WORLD(good_rows_land_beside_bad_ones),
		IN_A_WORLD(a_corrected_file_of_rejects_can_be_imported),
		IN_A_WORLD(what_cannot_be_read_or_written_is_told),
		IN_A_WORLD(a_file_of_rejects_that_may_not_grow_is_told),
		IN_A_WORLD(a_dry_run_changes_nothing_and_shows_everything),
		IN_A_WORLD(what_takes_permission_away_takes_the_slots),
		IN_A_WORLD(an_import_that_was_killed_is_completed_by_repeating_it),
#ifndef SANITIZED
		IN_A_WORLD(memory_does_not_grow_with_the_file),
#endif
	};

	return cmocka_run_group_tests(tests, start, stop);
}
