/*
 * 200 random audiences, planned by the real program, judged by oracles that share no code with it.
 *
 * People, consents and audiences are imported once; each round clones that database, adds messages of other systems and some campaigns, and
 * plans them at an instant of its own: weeks in which clocks change, ends of years and months, holidays, or any other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/daypart.h"
#include "tests/support/oracle.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { ROUNDS = 20, AUDIENCES_PER_ROUND = 10, AUDIENCES = ROUNDS * AUDIENCES_PER_ROUND, PEOPLE_MIN = 30, PEOPLE_MAX = 80 };
enum { STATEMENT_MAX = 1024, TIME_MAX = 40 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(random, array) ((array)[random_below(random, COUNT(array))])

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)

struct origin {
	const char *prefix;
	int digits; /* after the prefix; the numbers of one prefix are dealt in turn */
	const char *region;
};

static const struct origin origins[] = {
	{"1212555", 4, "US-NY"},
	{"1415555", 4, "US-CA"},
	{"1312555", 4, "US-IL"},
	{"1303555", 4, "US-CO"},
	{"1602555", 4, "US-AZ"},
	{"1928555", 4, "US-AZ"},
	{"1850555", 4, "US-FL"},
	{"1812555", 4, "US-IN"},
	{"1208555", 4, ""},
	{"1605555", 4, ""},
	{"1907555", 4, "US-AK"},
	{"1808555", 4, "US-HI"},
	{"1324555", 4, ""},
	{"1800555", 4, "US"},
	{"5511900", 6, "BR-SP"},
	{"5581900", 6, "BR-PE"},
	{"5597900", 6, "BR-AM"},
	{"5568900", 6, ""},
	{"5565900", 6, "BR"},
	{"911000", 6, "IN"},
	{"911001", 6, ""},
	{"4917139", 5, "DE"},
	{"336399", 5, "FR"},
	{"3532091", 5, "IE"},
	{"345000", 5, "ES"},
	{"351990", 6, "PT"},
	{"977980", 7, "NP"},
	{"447700", 6, "GB"},
	{"614910", 5, "AU"},
};

/* Half hours, quarters, both hemispheres, both sides of the date line, changes at unusual hours. */
static const char *const zones[] = {
	"America/New_York",
	"America/Los_Angeles",
	"America/Phoenix",
	"America/St_Johns",
	"America/Havana",
	"America/Sao_Paulo",
	"America/Noronha",
	"America/Santiago",
	"America/Asuncion",
	"America/Nuuk",
	"Atlantic/Azores",
	"Europe/London",
	"Europe/Dublin",
	"Europe/Berlin",
	"Africa/Cairo",
	"Africa/Casablanca",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Asia/Tehran",
	"Asia/Jerusalem",
	"Asia/Tokyo",
	"Australia/Lord_Howe",
	"Australia/Adelaide",
	"Pacific/Auckland",
	"Pacific/Chatham",
	"Pacific/Apia",
	"Pacific/Kiritimati",
	"Pacific/Marquesas",
};

/* Around these the rounds are planned. */
static const char *const moments[] = {
	"2026-12-30T12:00:00Z",                                                 /* end of a year */
	"2027-12-29T20:00:00Z", "2027-03-12T06:00:00Z",                         /* clocks change: America, */
	"2027-11-05T06:00:00Z", "2028-03-10T00:00:00Z", "2027-03-26T06:00:00Z", /* Europe (and Good Friday), */
	"2027-10-29T10:00:00Z", "2027-04-02T00:00:00Z",                         /* the southern hemisphere, */
	"2027-09-23T00:00:00Z", "2027-09-04T00:00:00Z",                         /* Chatham, Chile and 7 September in Brazil, */
	"2028-02-28T12:00:00Z",                                                 /* a leap day, */
	"2027-01-31T00:00:00Z", "2027-11-12T00:00:00Z", "2027-05-30T12:00:00Z", /* ends of months, holidays */
};

static struct pg_cluster *cluster;
static struct random_source source;

static void
run(const char *conninfo, const char *line, int expected)
{
	struct process_result result = daypart_run(conninfo, line);

	if (result.exit_code != expected)
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

static int64_t
seconds_of(const char *text)
{
	struct tm tm = {0};

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm));
	return (int64_t)timegm(&tm);
}

/* In UTC, or the same digits as a local time of the recipient. */
static void
write_time(int64_t at, bool local, char out[TIME_MAX])
{
	const time_t time = (time_t)at;
	struct tm tm;

	assert_non_null(gmtime_r(&time, &tm));
	assert_true((local ? strftime(out, TIME_MAX, "%Y-%m-%d %H:%M local", &tm) : strftime(out, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm)) > 0);
}

/* The world --------------------------------------------------------------------------------------------------------------------------------- */

static FILE *
csv_open(const char *kind, const char *header)
{
	char *path = temp_path(kind);
	FILE *file = fopen(path, "w");

	if (file == NULL)
		support_fail("cannot write %s", path);
	fprintf(file, "%s\n", header);
	free(path);
	return file;
}

/* Moved people keep their number, travellers declare another zone; many declare nothing. */
static void
write_person(FILE *recipients, const struct origin *origin, const char *phone)
{
	const char *region = random_chance(&source, 90) ? origin->region : PICK(&source, origins).region;
	const char *zone = random_chance(&source, 35) ? PICK(&source, zones) : "";

	fprintf(recipients, "%s,%s,%s\n", phone, region, zone);
}

/* With every fact that any place asks for, for both businesses and channels. */
static void
write_consents(FILE *consents, const char *phone)
{
	static const char *const scopes[] = {"acme,whatsapp", "acme,sms", "bora,whatsapp"};

	for (size_t i = 0; i < COUNT(scopes); i++)
		fprintf(consents, "%s,%s,marketing,2026-01-05T10:00:00Z,form,I agree,true,192.0.2.1,/x/,000,form,2026-01-05T10:02:00Z\n", phone,
			scopes[i]);
}

static void
write_people(void)
{
	FILE *recipients = csv_open("recipients", "phone,region,timezone");
	FILE *consents = csv_open(
		"consents", "phone,business,channel,category,given_at,method,wording,supplied_by_person,ip,signature,tax_id,source,confirmed_at");
	FILE *audiences = csv_open("audiences", "audience,phone,business");
	int serials[COUNT(origins)] = {0};

	for (int audience = 0; audience < AUDIENCES; audience++)
		for (int64_t left = random_between(&source, PEOPLE_MIN, PEOPLE_MAX); left > 0; left--) {
			const size_t at = random_below(&source, COUNT(origins));
			char phone[40];

			snprintf(phone, sizeof(phone), "+%s%0*d", origins[at].prefix, origins[at].digits, serials[at]++);
			write_person(recipients, &origins[at], phone);
			write_consents(consents, phone);
			fprintf(audiences, "acme%d,%s,acme\nbora%d,%s,bora\n", audience, phone, audience, phone);
		}
	fclose(recipients);
	fclose(consents);
	fclose(audiences);
}

/* The database that every round clones. */
static void
make_world(void)
{
	char *conninfo = pg_cluster_new_database(cluster, "world", NULL);
	char *lawful = file_read(DAYPART_SOURCE_DIR "/tests/support/lawful.sql", NULL);
	PGconn *connection;

	run(conninfo, "init --rehearsal", 0);
	connection = sql_connect(conninfo, NULL);
	sql_run(connection, lawful);
	free(lawful);
	sql_run(connection,
		"INSERT INTO business (name) VALUES ('acme'), ('bora');"
		"INSERT INTO sender (name, business, channel, address, throughput_per_s) VALUES "
		"('acme-wa', 'acme', 'whatsapp', 'acme', 5), ('acme-sms', 'acme', 'sms', '24365', 0.02), ('bora-wa', 'bora', 'whatsapp', 'bora', "
		"1);"
		"INSERT INTO template (name, language, business, channel, category, body, status)"
		"	SELECT name, language, business, channel, 'marketing', fixture.text(business, language), 'approved'"
		"	FROM sender, unnest('{en,pt-BR}'::text[]) AS language;"
		"SELECT fixture.lawful()");
	PQfinish(connection);
	write_people();
	static const char *const kinds[] = {"recipients", "consents", "audiences"};
	for (size_t i = 0; i < COUNT(kinds); i++) {
		char line[256];

		snprintf(line, sizeof(line), "import %s %s/%s", kinds[i], temp_dir(), kinds[i]);
		run(conninfo, line, 0);
	}
	free(conninfo);
}

/* A round --------------------------------------------------------------------------------------------------------------------------------- */

static void
add_campaign(PGconn *connection, const char *name, int audience, int64_t now)
{
	static const char *const senders[] = {"acme-wa", "acme-sms", "bora-wa"};
	static const char *const hours[] = {
		"NULL, NULL", "NULL, NULL", "'10:00', '18:00'", "'18:30', '23:00'", "'22:00', '09:30'", "'00:00', '24:00'"};
	const char *sender = PICK(&source, senders);
	const int64_t start = now + random_between(&source, -12, 72) * HOUR;
	const int64_t end = start + random_between(&source, 15, 24 * 7) * HOUR;
	char starts_at[TIME_MAX], ends_at[TIME_MAX], statement[STATEMENT_MAX];

	write_time(start, random_chance(&source, 50), starts_at);
	write_time(end, random_chance(&source, 50), ends_at);
	snprintf(statement, sizeof(statement),
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, local_from, local_to, priority, pacing, catch_up) "
		"VALUES ('%s', '%s', '%s', '%.4s%d', '%s', '%s', %s, %d, '%s', '%s'); SELECT fixture.approve_campaign('%s')",
		name, sender, sender, sender, audience, starts_at, ends_at, PICK(&source, hours), (int)random_between(&source, 1, 1000),
		random_chance(&source, 50) ? "asap" : "even", random_chance(&source, 50) ? "drop" : "next_window", name);
	sql_run(connection, statement);
}

/* Messages of other systems to a quarter of the people: one to five each, hours or a week apart. */
static void
add_sends(PGconn *connection, int first_audience, int64_t now)
{
	char statement[STATEMENT_MAX];

	snprintf(statement, sizeof(statement),
		"SELECT count(record_send('+' || phone, (ARRAY['acme', 'bora'])[1 + n %% 2], 'whatsapp', 'marketing', "
		"to_timestamp(%" PRId64 ") - send * CASE n %% 3 WHEN 0 THEN interval '1 hour' ELSE interval '8 days' END)) "
		"FROM (SELECT phone, row_number() OVER (ORDER BY recipient_id) AS n FROM recipient JOIN audience_member USING (bucket, "
		"recipient_id) "
		"JOIN audience AS a USING (audience_id) WHERE a.name LIKE 'acme%%' AND substr(a.name, 5)::int BETWEEN %d AND %d) AS person, "
		"generate_series(1, 1 + n %% 5) AS send WHERE n / 5 %% 4 = 0",
		now, first_audience, first_audience + AUDIENCES_PER_ROUND - 1);
	sql_run(connection, statement);
}

static int64_t
random_moment(void)
{
	const int64_t around = seconds_of(PICK(&source, moments));

	if (random_chance(&source, 70))
		return around + random_between(&source, -36, 36) * HOUR;
	return seconds_of("2026-12-01T00:00:00Z") + random_between(&source, 0, 2 * 365) * DAY + random_between(&source, 0, 24 * 60) * 60;
}

static void
plan(const char *conninfo, int64_t now)
{
	char line[128], text[TIME_MAX];

	write_time(now, false, text);
	snprintf(line, sizeof(line), "-q --now %s plan --horizon 9d", text);
	run(conninfo, line, 0);
}

static void
fix_clock(PGconn *connection, int64_t now)
{
	char text[TIME_MAX], statement[128];

	write_time(now, false, text);
	snprintf(statement, sizeof(statement), "SET daypart.now = '%s'", text);
	sql_run(connection, statement);
}

/* Twenty copies of the world would fill a small disk. */
static void
drop_database(PGconn **connection)
{
	PGconn *postgres = sql_connect(pg_cluster_conninfo(cluster), NULL);
	char statement[128];

	snprintf(statement, sizeof(statement), "DROP DATABASE %s", PQdb(*connection));
	PQfinish(*connection);
	*connection = NULL;
	sql_run(postgres, statement);
	PQfinish(postgres);
}

/* Returns the number of slots. */
static int
play_round(int round)
{
	const int64_t now = random_moment();
	const int first = round * AUDIENCES_PER_ROUND;
	char name[32];

	snprintf(name, sizeof(name), "round_%d", round);
	char *conninfo = pg_cluster_new_database(cluster, name, "world");
	PGconn *connection = sql_connect(conninfo, NULL);
	fix_clock(connection, now);
	add_sends(connection, first, now);
	for (int i = 0; i < AUDIENCES_PER_ROUND; i++)
		for (int copies = 1 + random_chance(&source, 40) + 2 * random_chance(&source, 20); copies > 0; copies--) {
			snprintf(name, sizeof(name), "c%d-%d", first + i, copies);
			add_campaign(connection, name, first + i, now);
		}
	plan(conninfo, now);
	oracle_expect_lawful(connection);
	if (random_chance(&source, 50)) { /* the next night, with new facts */
		fix_clock(connection, now + DAY);
		add_sends(connection, first, now + DAY);
		plan(conninfo, now + DAY);
		oracle_expect_lawful(connection);
	}
	char *slots = sql_text(connection, "SELECT count(*) FROM slot");
	const int count = (int)strtol(slots, NULL, 10);
	free(slots);
	drop_database(&connection);
	free(conninfo);
	return count;
}

static void
test_random_audiences_are_planned_lawfully(void **state)
{
	int slots = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++)
		slots += play_round(round);
	print_message("%d audiences, %d slots\n", AUDIENCES, slots);
	assert_true(slots > AUDIENCES * PEOPLE_MIN / 4);
}

static int
start(void **state)
{
	(void)state;
	source = random_start("random_lawful");
	cluster = pg_cluster_start(NULL);
	make_world();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_cluster_stop(&cluster);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_audiences_are_planned_lawfully)};

	return cmocka_run_group_tests_name("random_lawful", tests, start, stop);
}
