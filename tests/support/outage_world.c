#include "outage_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daypart.h"
#include "fixture_slots.h"
#include "planner/core/mix.h"
#include "sql_expect.h"
#include "temp.h"

enum {
	PEOPLE = 70,     /* of a campaign */
	THROUGHPUT = 40, /* of a sender: a campaign takes longer than a pause */
	PLANNING_S = 58, /* plans leave a minute for planning and publishing, of which the test has two seconds */
	STATEMENT = 1024
};

static const char template_name[] = "outages_template";

/* Rules ------------------------------------------------------------------------------------------------------------------------------------- */

static const char house_rules[] =
	"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\";\n"
	"consents = ( { id = \"house.consent\"; source = \"house\"; strength = \"must\"; categories = \"all\"; required = true; evidence = "
	"[\"time\", \"method\"]; } );\n"
	"caps = ( { id = \"house.cap\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; n = 3; per = \"1d\"; } );\n";

static void
write_region(const struct outage_world *world, const char *id, const char *region, int first_closed)
{
	char query[STATEMENT], name[64], text[STATEMENT], *hours;

	(void)snprintf(query, sizeof(query), "SELECT outage.hours('%s', %d)", region, first_closed);
	hours = sql_text(world->connection, query);
	(void)snprintf(name, sizeof(name), "outages/%s.cfg", id);
	(void)snprintf(text, sizeof(text),
		"id = \"%s\"; title = \"%s\"; status = \"enforced\"; regions = [\"%s\"]; review_by = \"2099-12-31\";\n"
		"windows = ( { id = \"%s.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; %s } );\n",
		id, id, region, id, hours);
	free(temp_write(name, text));
	free(hours);
}

static void
run(const char *conninfo, const char *line)
{
	char settings[STATEMENT], *const folder = temp_path("outages");
	struct process_result result;

	(void)snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"%s\";\n", conninfo, folder);
	result = daypart_run_with(settings, line);
	if (result.exit_code != 0)
		support_fail("daypart %s: exit code %d: %s%s", line, result.exit_code, result.out, result.err);
	process_result_free(&result);
	free(folder);
}

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

void
outage_world_start(struct outage_world *world)
{
	char *const folder = temp_path("outages"), *const sql = file_read(DAYPART_SOURCE_DIR "/tests/support/outage_world.sql", NULL);
	const char *const make[] = {"mkdir", "-p", folder, NULL};
	struct process_result made = process_run(make, NULL);
	PGconn *connection;

	world->cluster =
		pg_cluster_start(&(struct pg_cluster_options){.durable = true, .own = true, .settings = "track_commit_timestamp = on\n"});
	world->conninfo = pg_cluster_new_database(world->cluster, template_name, NULL);
	free(temp_write("outages/house.cfg", house_rules));
	run(world->conninfo, "-q init");
	connection = sql_connect(world->conninfo, NULL);
	sql_run(connection, sql);
	PQfinish(connection);
	free(world->conninfo);
	process_result_free(&made);
	free(folder);
	free(sql);
}

void
outage_world_stop(struct outage_world *world)
{
	pg_cluster_stop(&world->cluster);
}

static bool
stops_more_than_its_message(const struct provider_step *step)
{
	switch (step->action) {
	case PROVIDER_STOP_CAMPAIGN:
	case PROVIDER_HOLD_TEMPLATE:
	case PROVIDER_CANCEL_TEMPLATE:
	case PROVIDER_STOP_SENDER:
	case PROVIDER_PAUSE_ACCOUNT:
	case PROVIDER_RETRY_ACCOUNT:
	case PROVIDER_LATE:
		return true;
	default:
		return false;
	}
}

/* One in four fails, a few of those in a way that stops others as well; the lot of a key does not depend on who comes first. */
static struct provider_step
fail_by_lot(const char *key, size_t times, void *context)
{
	static const struct provider_step silent[] = {{.deed = DEED_HANGS}, {.deed = DEED_HANGS_BEFORE}, {.deed = DEED_LOSES}};
	const struct outage_world *world = context;
	const char *const message = strchr(key, ':'); /* without the installation, which has another name every time */
	const uint64_t lot = mix64(hash_text(world->seed + times, message != NULL ? message : key));
	const size_t way = lot / 256 % (provider_step_count + sizeof(silent) / sizeof(silent[0]));
	const struct provider_step *const step = way < provider_step_count ? &provider_steps[way] : &silent[way - provider_step_count];

	if (world->provider_is_well || lot % 4 != 0 || (stops_more_than_its_message(step) && lot % 256 >= 4))
		return (struct provider_step){.deed = DEED_TAKES};
	return *step;
}

void
outage_world_open(struct outage_world *world, uint64_t seed, bool http)
{
	char name[32];

	world->seed = seed;
	world->random = (struct random_source){seed};
	(void)snprintf(name, sizeof(name), "outages_%d", ++world->databases);
	world->conninfo = pg_cluster_new_database(world->cluster, name, template_name);
	world->connection = sql_connect(world->conninfo, NULL);
	write_region(world, "even", "US-NY", 1);
	write_region(world, "odd", "US-PA", 2);
	run(world->conninfo, "-q rules load");
	world->campaigns = 0;
	world->provider_is_well = false;
	world->repeats = http && random_chance(&world->random, 30);
	if (world->repeats)
		sql_run(world->connection, "INSERT INTO outage.repeats DEFAULT VALUES");
	if (http)
		world->provider = provider_open(&(struct provider_options){.choose = fail_by_lot, .context = world});
}

/* A server that crashed looks at every file that it has, which would take longer from chapter to chapter. */
static void
drop_database(const struct outage_world *world)
{
	PGconn *connection = sql_connect(pg_cluster_conninfo(world->cluster), NULL);

	fixture_execute(connection, "DROP DATABASE outages_%d WITH (FORCE)", world->databases);
	PQfinish(connection);
}

void
outage_world_close(struct outage_world *world)
{
	if (world->provider != NULL)
		provider_close(&world->provider);
	PQfinish(world->connection);
	free(world->conninfo);
	drop_database(world);
}

void
outage_world_connect_again(struct outage_world *world)
{
	PQfinish(world->connection);
	world->connection = sql_connect(world->conninfo, NULL);
}

/* Campaigns --------------------------------------------------------------------------------------------------------------------------------- */

void
outage_world_add_campaign(struct outage_world *world)
{
	static const char *const spans[] = {"1 hour", "1 hour", "14 seconds", "25 seconds"};
	const char *const limit = random_chance(&world->random, 30) ? "45" : "NULL";
	const char *const span = spans[random_below(&world->random, sizeof(spans) / sizeof(spans[0]))];
	const char *const catch_up = random_chance(&world->random, 50) ? "drop" : "next_window";

	fixture_execute(world->connection, "SELECT outage.campaign('c%d', %d, %s, '%s', '%s', %d, %" PRId64 ")", ++world->campaigns, THROUGHPUT,
		limit, span, catch_up, PEOPLE, (int64_t)(random_next(&world->random) >> 1));
}

struct process *
outage_world_start_plan(const struct outage_world *world)
{
	const time_t began = time(NULL) - PLANNING_S;
	struct tm tm;
	char now[32], line[64];

	(void)strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&began, &tm));
	(void)snprintf(line, sizeof(line), "-q --now %s plan", now);
	return daypart_start(world->conninfo, line);
}

/* Plans leave ten seconds before a window ends, which most outages are shorter than. The next plan corrects it. */
static void
narrow_windows(struct outage_world *world)
{
	if (random_chance(&world->random, 40))
		fixture_execute(world->connection,
			"UPDATE slot SET not_after = due_at + %d * interval '100 ms' WHERE due_at < clock_timestamp() + interval '10 s' AND not_after "
			"> "
			"due_at + interval '10 s'",
			(int)random_between(&world->random, 25, 60));
}

/* 1: senders that were stopped have nothing planned. */
void
outage_world_finish_plan(struct outage_world *world, struct process **plan)
{
	struct process_result result = process_wait(plan);

	while (result.exit_code == 69 || result.exit_code == 75) {
		print_message("daypart plan ended with %d\n", result.exit_code);
		process_result_free(&result);
		*plan = outage_world_start_plan(world);
		result = process_wait(plan);
	}
	if (result.exit_code != 0 && result.exit_code != 1)
		fail_msg("daypart plan: exit code %d, signal %d\n%s%s", result.exit_code, result.signal, result.out, result.err);
	process_result_free(&result);
	narrow_windows(world);
}

/* People ------------------------------------------------------------------------------------------------------------------------------------ */

/* Opts out, or withdraws the consent. The instant that is kept is that at which the test knows of the commit. */
static void
somebody_leaves(struct outage_world *world)
{
	char query[STATEMENT], *id;

	(void)snprintf(query, sizeof(query), "SELECT outage.next_person(%" PRId64 ")", (int64_t)(random_next(&world->random) >> 1));
	id = sql_text(world->connection, query);
	if (*id != '\0') {
		fixture_execute(world->connection, "SELECT %s FROM outage.person WHERE recipient_id = %s",
			random_chance(&world->random, 60) ? "opt_out(phone)" : "withdraw_consent(phone, 'acme', 'sms')", id);
		fixture_execute(world->connection, "INSERT INTO outage.opted_out VALUES (%s, clock_timestamp())", id);
	}
	free(id);
}

static void
change_status(struct outage_world *world, const char *from, const char *to)
{
	fixture_execute(world->connection,
		"SELECT campaign_set_status(name, '%s') FROM campaign WHERE status = '%s' AND campaign_id > %d ORDER BY md5(name || %d) LIMIT 1",
		to, from, world->campaigns - 3, (int)random_below(&world->random, 1000));
}

void
outage_world_live(struct outage_world *world)
{
	for (int left = (int)random_below(&world->random, 3); left > 0; left--)
		somebody_leaves(world);
	if (random_chance(&world->random, 15))
		change_status(world, "approved", "paused");
	if (random_chance(&world->random, 30))
		change_status(world, "paused", "approved");
}
