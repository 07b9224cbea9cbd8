#include "outage_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture_slots.h"
#include "sql_embedded.h"
#include "sql_expect.h"

enum { PATIENCE_MS = 120 * 1000, QUERY = 256, NAMES = 2048 };

static void
expect_none(struct outage_world *world, const char *what, const char *query)
{
	char *const rows = sql_text(world->connection, query);

	if (*rows != '\0')
		fail_msg("%s:\n%s", what, rows);
	free(rows);
}

/* The views whose name is like that and not like the other. */
static void
expect_views(struct outage_world *world, const char *like, const char *unlike)
{
	char query[QUERY], *names, *rest;

	(void)snprintf(query, sizeof(query),
		"SELECT viewname FROM pg_views WHERE schemaname = 'outage' AND viewname ~ '%s' AND viewname !~ '%s' ORDER BY 1", like, unlike);
	names = sql_text(world->connection, query);
	assert_true(*names != '\0');
	for (char *name = strtok_r(names, "\n", &rest); name != NULL; name = strtok_r(NULL, "\n", &rest)) {
		(void)snprintf(query, sizeof(query), "SELECT * FROM outage.%s LIMIT 20", name);
		expect_none(world, name, query);
	}
	free(names);
}

static void
copy_record(struct outage_world *world, const struct provider_record *record, size_t i)
{
	fixture_execute(world->connection,
		"INSERT INTO outage.seen VALUES (%zu, '%s', timestamptz 'epoch' + %lld * interval '1 us', '%s', %s, %s, %d)", i, record->key,
		(long long)record->at.us, record->not_after, record->taken ? "true" : "false", record->lost ? "true" : "false",
		(int)record->step.deed);
}

static void
copy_records(struct outage_world *world)
{
	const size_t count = world->provider != NULL ? provider_request_count(world->provider) : 0;

	fixture_execute(world->connection, "BEGIN; TRUNCATE outage.seen");
	for (size_t i = 0; i < count; i++) {
		const struct provider_record record = provider_record(world->provider, i);

		copy_record(world, &record, i);
	}
	fixture_execute(world->connection, "COMMIT");
}

void
outage_expect_now(struct outage_world *world)
{
	for (size_t i = 0; i < sql_check_count; i++)
		expect_none(world, sql_checks[i].name, sql_checks[i].text);
	expect_views(world, "^wrong_", "^wrong_(outbox|provider)_");
	if (world->provider == NULL)
		expect_views(world, "^wrong_outbox_", "^$");
}

void
outage_expect_end(struct outage_world *world)
{
	outage_expect_now(world);
	copy_records(world);
	if (world->provider != NULL)
		expect_views(world, "^wrong_provider_", "^$");
}

/* A question waits for a minute before it is asked again, for which we do not wait. */
void
outage_settle(struct outage_world *world, struct outage_daemons *daemons)
{
	enum { STEP_MS = 500, ASKED_AGAIN_MS = 3000 };

	world->provider_is_well = true;
	outage_daemons_spare(daemons);
	for (int waited = 0;; waited += STEP_MS) {
		outage_daemons_restart_ended(daemons);
		copy_records(world);
		if (fixture_number(world->connection, "SELECT count(*) FROM outage.unsettled") == 0)
			return;
		if (waited >= PATIENCE_MS)
			fail_msg("it does not settle:\n%s",
				sql_text(world->connection,
					"SELECT u.*, to_jsonb(s), to_jsonb(i) FROM outage.unsettled AS u LEFT JOIN slot AS s USING (run_id, recipient_id) "
					"LEFT JOIN inflight AS i USING (run_id, recipient_id) LIMIT 20"));
		fixture_execute(
			world->connection, "UPDATE inflight SET asked_at = NULL WHERE asked_at < clock_timestamp() - interval '%d ms'", ASKED_AGAIN_MS);
		nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
	}
}

void
outage_tell(struct outage_world *world)
{
	char *const places = sql_text(world->connection,
		"SELECT string_agg(format('%s %s', n, place), ', ' ORDER BY place) FROM (SELECT place, count(*) AS n FROM outage.place GROUP BY 1) "
		"AS p");
	char *const opt_outs = sql_text(world->connection,
		"SELECT format('%s opt-outs', (SELECT count(*) FROM outage.opted_out)) || CASE WHEN EXISTS (TABLE outage.seen) THEN format(', "
		"requests "
		"after one: %s, the last after %s; lost by the provider and sent again: %s', (SELECT count(*) FROM outage.after_opt_out), (SELECT "
		"coalesce(max(late), '0') FROM outage.after_opt_out), (SELECT count(DISTINCT s.key) FROM outage.seen AS s JOIN outage.seen AS t "
		"USING "
		"(key) WHERE s.lost AND t.n > s.n)) ELSE '' END");

	print_message("%d campaigns: %s; %s", world->campaigns, places, opt_outs);
	if (world->provider != NULL)
		print_message("; %zu requests, %zu questions", provider_request_count(world->provider), provider_question_count(world->provider));
	print_message("\n");
	free(opt_outs);
	free(places);
}
