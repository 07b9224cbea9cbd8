/* The views an analyst reads, over the world of schema_fixture with a little history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The second person's message has left, the third's was refused, the fourth's is under way. */
#define HISTORY \
	"WITH gone AS (DELETE FROM slot USING recipient AS r WHERE slot.recipient_id = r.recipient_id AND r.phone BETWEEN 14155550102 AND" \
	"	14155550104 RETURNING slot.*, r.phone)," \
	" sent AS (INSERT INTO inflight SELECT recipient_id, due_at, due_at, not_after, run_id, class_id, plan_run, 1, bucket, lane FROM gone" \
	"	WHERE phone = 14155550104)" \
	" INSERT INTO release SELECT recipient_id, due_at, due_at + interval '1 second', NULL, run_id, class_id, plan_run, bucket," \
	"	CASE WHEN phone = 14155550103 THEN 2 END, CASE WHEN phone = 14155550103 THEN 'refused' ELSE 'handed_over' END::outcome" \
	" FROM gone WHERE phone <> 14155550104"

struct expectation {
	const char *query, *rows;
};

static const struct expectation expectations[] = {
	{"SELECT campaign, sender, phone, zones, due_at, due_local, utc_offset_s, status, reason FROM delivery_plan ORDER BY due_at",
		"spring|acme-wa|+141******01|{America/Sao_Paulo}|2026-11-23 15:00:00+00|2026-11-23 12:00:00|-10800|planned|\n"
		"spring|acme-wa|+141******02|{America/Sao_Paulo}|2026-11-23 15:01:00+00|2026-11-23 12:01:00|-10800|handed over|\n"
		"spring|acme-wa|+141******03|{America/Sao_Paulo}|2026-11-23 15:02:00+00|2026-11-23 12:02:00|-10800|refused|no_consent\n"
		"spring|acme-wa|+141******04|{America/Sao_Paulo}|2026-11-23 15:03:00+00|2026-11-23 12:03:00|-10800|in flight|\n"
		"spring|acme-wa|+141******05|{America/Sao_Paulo}|2026-11-23 15:04:00+00|2026-11-23 12:04:00|-10800|planned|\n"
		"summer|acme-wa|+141******01|{America/Sao_Paulo}|2026-11-24 15:00:00+00|2026-11-24 12:00:00|-10800|planned|"},
	{"SELECT released_at, released_local FROM delivery_plan WHERE status = 'handed over'", "2026-11-23 15:01:01+00|2026-11-23 12:01:01"},
	{"SELECT * FROM plan_by_hour ORDER BY hour",
		"spring|acme-wa|2026-11-23 15:00:00+00|3|1|1\nsummer|acme-wa|2026-11-24 15:00:00+00|1|0|0"},
	{"SELECT campaign, kind, reason, people FROM suppression_report ORDER BY 1, 3",
		"spring|suppressed|no_consent|1\nsummer|held|beyond_horizon|4"},
	{"SELECT campaign, status, audience, planned, in_flight, handed_over, uncertain, refused, expired, failed, suppressed, held, "
	 "not_yet_planned"
	 " FROM campaign_summary ORDER BY 1",
		"spring|approved|5|2|1|1|0|1|0|0|0|0|0\nsummer|approved|5|1|0|0|0|0|0|0|0|4|0"},
	{"SELECT first_due, last_due FROM campaign_summary WHERE campaign = 'spring'", "2026-11-23 15:00:00+00|2026-11-23 15:04:00+00"},
	{"SELECT sender, hour, planned, capacity, percent FROM sender_load ORDER BY hour",
		"acme-wa|2026-11-23 15:00:00+00|2|36000|0.0\nacme-wa|2026-11-24 15:00:00+00|1|36000|0.0"},
	{"SELECT template, language, name, type, max_length FROM variable ORDER BY 2, 3",
		"hello|en|first_name|text|10\nhello|en|since|date|10\nhello|en|total|number|8\nhello|pt|first_name|text|10"},
};

/* Local times come from the class, so they must not move with the session's own zone or the date's own offset. */
static const struct expectation in_another_zone[] = {
	{"SET TimeZone = 'Asia/Kathmandu'", ""},
	{"SELECT DISTINCT due_local - timestamp '2026-11-24 12:00' FROM delivery_plan WHERE campaign = 'summer'", "00:00:00"},
	{"SELECT timezone('UTC', hour) FROM plan_by_hour ORDER BY 1", "2026-11-23 15:00:00\n2026-11-24 15:00:00"},
	{"INSERT INTO class_offset VALUES (1, '2026-11-24 15:00Z', -7200)", ""},
	{"SELECT due_local, utc_offset_s FROM delivery_plan WHERE campaign = 'summer'", "2026-11-24 13:00:00|-7200"},
};

/* Who has no recipient row any more, or no class offset, still shows; so does a campaign that was never planned. */
static const struct expectation with_gaps[] = {
	{"DELETE FROM recipient; DELETE FROM class_offset", ""},
	{"SELECT count(*), count(phone), count(due_local) FROM delivery_plan", "6|0|0"},
	{"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at)"
	 " VALUES ('new', 'acme-wa', 'hello', 'everyone', '2026-12-01T00:00Z', '2026-12-02T00:00Z')",
		""},
	{"SELECT audience, planned, held, not_yet_planned FROM campaign_summary WHERE campaign = 'new'", "5|0|0|5"},
};

static void
expect_all(PGconn *connection, const struct expectation *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sql_expect(connection, list[i].query, list[i].rows);
}

static void
views_say_what_is(void **state)
{
	(void)state;
	struct pg_cluster *cluster = pg_cluster_start(NULL);
	char *conninfo = schema_database(cluster, "views");
	PGconn *connection = sql_connect(conninfo, NULL);

	schema_world(connection);
	sql_run(connection, HISTORY);
	expect_all(connection, expectations, COUNT(expectations));
	expect_all(connection, in_another_zone, COUNT(in_another_zone));
	expect_all(connection, with_gaps, COUNT(with_gaps));
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(views_say_what_is)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
