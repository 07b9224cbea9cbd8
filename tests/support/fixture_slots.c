#include "fixture_slots.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conf/tzdb.h"
#include "schema_fixture.h"
#include "sql_expect.h"
#include "temp.h"

enum { TEXT_MAX = 16 * 1024, POLL_MS = 5 };

static const char zone_name[] = "America/New_York";

/* Consent with two facts, and no window: what a test does not close is open. */
static const char house_rules[] =
	"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\"; "
	"consents = ( { id = \"house.consent\"; source = \"house\"; strength = \"must\"; categories = \"all\"; "
	"required = true; evidence = [\"time\", \"method\"]; } );";

static void format_statement(char text[TEXT_MAX], const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void
format_statement(char text[TEXT_MAX], const char *format, va_list arguments)
{
	if (vsnprintf(text, TEXT_MAX, format, arguments) >= TEXT_MAX)
		support_fail("statement too long: %s", format);
}

void
fixture_execute(PGconn *connection, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	format_statement(text, format, arguments);
	va_end(arguments);
	sql_run(connection, text);
}

int64_t
fixture_number(PGconn *connection, const char *format, ...)
{
	char text[TEXT_MAX], *result;
	va_list arguments;
	int64_t number;

	va_start(arguments, format);
	format_statement(text, format, arguments);
	va_end(arguments);
	result = sql_text(connection, text);
	number = strtoll(result, NULL, 10);
	free(result);
	return number;
}

bool
fixture_await(PGconn *connection, int64_t expected, int timeout_ms, const char *query)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (int waited = 0; fixture_number(connection, "%s", query) != expected; waited += POLL_MS) {
		if (waited >= timeout_ms)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

char *
fixture_slots_database(const struct pg_cluster *cluster, const char *name, bool rehearsal)
{
	char *conninfo = schema_database(cluster, name);
	PGconn *connection = sql_connect(conninfo, NULL);

	fixture_execute(connection, "UPDATE installation SET rehearsal = %s", rehearsal ? "true" : "false");
	fixture_slots_rulebook(connection, house_rules);
	PQfinish(connection);
	return conninfo;
}

void
fixture_slots_rulebook(PGconn *connection, const char *text)
{
	fixture_execute(connection,
		"WITH book AS (INSERT INTO rulebook (hash) VALUES (sha256(convert_to($t$%s$t$, 'UTF8'))) RETURNING rulebook_id),"
		"	file AS (INSERT INTO rulebook_file SELECT rulebook_id, 'house.cfg', $t$%s$t$ FROM book)"
		" INSERT INTO rulebook_head SELECT true, rulebook_id FROM book"
		" ON CONFLICT (one) DO UPDATE SET rulebook_id = excluded.rulebook_id",
		text, text);
}

/* Campaigns --------------------------------------------------------------------------------------------------------------------------------- */

/* What a planner on this host would store for the zone and the years 2026 and 2027. */
static int64_t
hash_of_zone(void)
{
	const struct interval span = {{INT64_C(1767225600) * US_PER_SECOND}, {INT64_C(1830297600) * US_PER_SECOND}};
	const struct tzdb_source source = {.horizon = span};
	struct zone_set *zones;
	struct err err = ERR_INIT;
	uint64_t hash;

	if (tzdb_load(&source, &zones, &err) != STATUS_OK)
		support_fail("time zones: %s", err.primary);
	hash = zone_hash(zone_set_find(zones, zone_name), span);
	zone_set_free(&zones);
	return (int64_t)hash;
}

static void
make_sender(PGconn *connection, const struct fixture_campaign *campaign)
{
	fixture_execute(connection, "INSERT INTO business (name, created_by) VALUES ('acme', 'ana') ON CONFLICT DO NOTHING");
	fixture_execute(connection,
		"INSERT INTO sender (name, business, channel, address, throughput_per_s, created_by) VALUES ('%s', 'acme', 'sms', '+14155550100', "
		"%s, 'ana') "
		"ON CONFLICT DO NOTHING",
		campaign->sender, campaign->throughput ? campaign->throughput : "100000");
	fixture_execute(connection,
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by) "
		"VALUES ('hello', 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana') ON CONFLICT DO NOTHING");
	fixture_execute(connection, "INSERT INTO audience (name, business) VALUES ('everybody', 'acme') ON CONFLICT DO NOTHING");
}

static void
make_class(PGconn *connection, bool other_zone_data)
{
	fixture_execute(connection,
		"INSERT INTO class (regions, zones, category, channel, rulebook_id, regimes, zone_hashes, hashed_from, hashed_until) "
		"SELECT '{US-NY}', '{%s}', 'marketing', 'sms', rulebook_id, '', ARRAY[%lld], '2026-01-01Z', '2028-01-01Z' FROM rulebook_head "
		"ON CONFLICT DO NOTHING",
		zone_name, (long long)hash_of_zone() ^ (other_zone_data ? 1 : 0));
}

/* The class of a run's slots is found by its regimes, which a plan would fill with the ids of rules. */
int
fixture_slots_campaign(PGconn *connection, const struct fixture_campaign *campaign)
{
	int run;

	make_sender(connection, campaign);
	make_class(connection, campaign->other_zone_data);
	fixture_execute(connection,
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, status, catch_up, created_by) "
		"VALUES ('%s', '%s', 'hello', 'everybody', '2026-01-01T00:00:00Z', '2027-12-31T00:00:00Z', 'approved', '%s', 'ana')",
		campaign->name, campaign->sender, campaign->catch_up ? campaign->catch_up : "drop");
	run = (int)fixture_number(connection,
		"INSERT INTO campaign_run (campaign_id, occurrence, business_id, sender_id, channel, category, campaign_hash, first_at, last_at) "
		"SELECT c.campaign_id, '2026-01-01', b.business_id, s.sender_id, s.channel, c.category, campaign_digest(c), '2026-01-01Z', "
		"'2027-12-31Z' FROM campaign c JOIN sender s ON s.name = c.sender JOIN business b ON b.name = s.business WHERE c.name = '%s' "
		"RETURNING run_id",
		campaign->name);
	fixture_execute(connection, "SELECT ensure_release_part(%d)", run);
	fixture_execute(connection,
		"CREATE TABLE IF NOT EXISTS public.fixture_class (run_id int, class_id int); "
		"INSERT INTO public.fixture_class SELECT %d, class_id FROM class WHERE zone_hashes = ARRAY[%lld]",
		run, (long long)hash_of_zone() ^ (campaign->other_zone_data ? 1 : 0));
	return run;
}

void
fixture_slots_add(PGconn *connection, const struct fixture_slots *slots)
{
	const char *from = slots->from ? slots->from : "clock_timestamp()";
	const int before = (int)fixture_number(connection,
		"SELECT (SELECT count(*) FROM slot WHERE run_id = %d) + (SELECT count(*) FROM release WHERE run_id = %d)", slots->run, slots->run);

	fixture_execute(connection,
		"CREATE OR REPLACE FUNCTION public.fixture_person(run int, k int) RETURNS bigint IMMUTABLE LANGUAGE sql AS "
		"$$ SELECT ('x' || substr(md5(run || '/' || k), 1, 16))::bit(64)::bigint & 9223372036854775807 $$;"
		"CREATE TEMP TABLE person AS SELECT k, public.fixture_person(%d, k) AS id FROM generate_series(%d, %d) AS k;"
		"INSERT INTO recipient (recipient_id, phone, added_at, bucket) "
		"SELECT id, 10000000000000 + %d * 10000000::bigint + k, now(), bucket_of(id) FROM person;"
		"INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket) "
		"SELECT id, '2026-01-01Z', business_id, 1023, channel, category, 'granted', bucket_of(id) FROM person, campaign_run WHERE run_id = "
		"%d;"
		"INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part) "
		"SELECT id, base.at + '%s'::interval + (k - %d) * '%s'::interval, base.at + '%s'::interval, %d, class_id, 1, bucket_of(id), "
		"sender_id, 0 FROM person, (SELECT %s AS at) AS base, campaign_run r JOIN public.fixture_class USING (run_id) WHERE run_id = %d "
		"ORDER BY k;"
		"DROP TABLE person",
		slots->run, before + 1, before + slots->count, slots->run, slots->run, slots->due, before + 1,
		slots->spacing ? slots->spacing : "0s", slots->not_after, slots->run, from, slots->run);
}

int64_t
fixture_person(PGconn *connection, int run, int k)
{
	return fixture_number(connection, "SELECT public.fixture_person(%d, %d)", run, k);
}
