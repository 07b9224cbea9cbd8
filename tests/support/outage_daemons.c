#include "outage_daemons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "temp.h"

enum { PATIENCE_MS = 120 * 1000 };

/* Statements whose replies get lost; those that the sink outbox has no use for at the end. */
static const char *const swallowed_names[] = {
	"release_claim", "lease_renew", "", "flight_take", "flight_settle", "flight_settle", "flight_ask"};
enum { SWALLOWED_OUTBOX = 3, SWALLOWED_HTTP = sizeof(swallowed_names) / sizeof(swallowed_names[0]) };

/* Daemons ----------------------------------------------------------------------------------------------------------------------------------- */

static void
start(struct outage_daemons *daemons, int i)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	static const char *const env[] = {"DAYPART_TEST_TOKEN=t0ken", "no_proxy=*", NULL};
	const struct outage_world *world = daemons->world;
	char name[32], text[2048], http[512] = "", *const conninfo = pg_proxy_conninfo(daemons->proxies[i], world->conninfo), *config;
	const char *argv[] = {program, "--config", NULL, NULL};

	if (world->provider != NULL)
		(void)snprintf(http, sizeof(http),
			"sink = \"http\"; http = { format = \"webhook\"; url = \"%s/in\"; %s = \"%s%s\"; timeout = \"1s\"; token = "
			"\"env:DAYPART_TEST_TOKEN\"; };",
			provider_url(world->provider), world->repeats ? "lost_answer" : "status_url",
			world->repeats ? "repeat" : provider_url(world->provider), world->repeats ? "" : "/status/{key}");
	(void)snprintf(text, sizeof(text),
		"database = \"%s\";\nrelease = { workers = 2; batch = 50; poll = \"1s\"; lease = \"%ds\"; drain = \"2s\"; %s };\n", conninfo,
		OUTAGE_LEASE_MS / 1000, http);
	(void)snprintf(name, sizeof(name), "daypartd-%d.cfg", i);
	argv[2] = config = temp_write(name, text);
	daemons->processes[i] = process_start(argv, &(struct process_options){.env = env});
	free(config);
	free(conninfo);
}

static void
await_ready(struct outage_daemons *daemons, int i)
{
	if (!process_await_output(daemons->processes[i], "ready", PATIENCE_MS))
		fail_msg("daemon %d does not start:\n%s", i, process_wait(&daemons->processes[i]).err);
}

void
outage_daemons_open(struct outage_daemons *daemons, struct outage_world *world)
{
	*daemons = (struct outage_daemons){.world = world};
	for (int i = 0; i < OUTAGE_DAEMONS; i++) {
		daemons->proxies[i] = pg_proxy_open(pg_cluster_host(world->cluster));
		start(daemons, i);
	}
	for (int i = 0; i < OUTAGE_DAEMONS; i++)
		await_ready(daemons, i);
}

void
outage_daemons_spare(struct outage_daemons *daemons)
{
	for (int i = 0; i < OUTAGE_DAEMONS; i++)
		pg_proxy_swallow(daemons->proxies[i], NULL);
}

void
outage_daemons_restart_ended(struct outage_daemons *daemons)
{
	for (int i = 0; i < OUTAGE_DAEMONS; i++) {
		struct process_result result;

		if (!process_has_ended(daemons->processes[i]))
			continue;
		result = process_wait(&daemons->processes[i]);
		if (result.exit_code != 69 && result.exit_code != 75)
			fail_msg("daemon %d ended with %d, signal %d:\n%s", i, result.exit_code, result.signal, result.err);
		print_message("daemon %d ended with %d\n", i, result.exit_code);
		process_result_free(&result);
		start(daemons, i);
	}
}

static void
end_well(struct outage_daemons *daemons, int i)
{
	struct process_result result;

	await_ready(daemons, i);
	process_signal(daemons->processes[i], SIGTERM);
	result = process_wait(&daemons->processes[i]);
	if (result.exit_code != 0)
		fail_msg("daemon %d ended with %d, signal %d:\n%s", i, result.exit_code, result.signal, result.err);
	process_result_free(&result);
}

void
outage_daemons_close(struct outage_daemons *daemons)
{
	for (int i = 0; i < OUTAGE_DAEMONS; i++) {
		end_well(daemons, i);
		daemons->swallowed += pg_proxy_swallowed(daemons->proxies[i]);
		pg_proxy_close(&daemons->proxies[i]);
	}
}

/* Strikes ----------------------------------------------------------------------------------------------------------------------------------- */

struct outage_strike
outage_strike_draw(struct outage_world *world, enum outage_blow blow)
{
	struct random_source *random = &world->random;

	return (struct outage_strike){.blow = blow,
		.victim = (int)random_below(random, OUTAGE_DAEMONS),
		.statement = swallowed_names[random_below(random, world->provider != NULL ? SWALLOWED_HTTP : SWALLOWED_OUTBOX)],
		.cut = random_chance(random, 50),
		.crash = random_chance(random, 70)};
}

void
outage_strike_tell(const struct outage_strike *strike)
{
	static const char *const names[BLOW_COUNT] = {
		"is killed", "is paused", "is cut off", "is stalled", "is not told", "waits for the server"};

	print_message("daemon %d %s", strike->victim, names[strike->blow]);
	if (strike->blow == BLOW_SWALLOW)
		print_message(" what %s did", *strike->statement != '\0' ? strike->statement : "its next statement");
	if (strike->blow == BLOW_SERVER)
		print_message(", which %s", strike->crash ? "crashes" : "is restarted");
}

static void
kill_at_once(struct outage_daemons *daemons, int i)
{
	struct process_result result;

	process_signal(daemons->processes[i], SIGKILL);
	result = process_wait(&daemons->processes[i]);
	process_result_free(&result);
	start(daemons, i);
}

void
outage_strike_begin(struct outage_daemons *daemons, const struct outage_strike *strike)
{
	struct pg_proxy *const proxy = daemons->proxies[strike->victim];

	switch (strike->blow) {
	case BLOW_KILL:
		kill_at_once(daemons, strike->victim);
		break;
	case BLOW_PAUSE:
		process_signal(daemons->processes[strike->victim], SIGSTOP);
		break;
	case BLOW_CUT:
		pg_proxy_cut(proxy);
		break;
	case BLOW_STALL:
		pg_proxy_stall(proxy, true);
		break;
	case BLOW_SWALLOW:
		pg_proxy_swallow(proxy, strike->statement);
		break;
	case BLOW_SERVER:
	case BLOW_COUNT:
		pg_cluster_restart(daemons->world->cluster, strike->crash ? PG_CLUSTER_IMMEDIATE : PG_CLUSTER_FAST);
		outage_world_connect_again(daemons->world);
		break;
	}
}

void
outage_strike_end(struct outage_daemons *daemons, const struct outage_strike *strike)
{
	struct pg_proxy *const proxy = daemons->proxies[strike->victim];

	if (strike->blow == BLOW_PAUSE)
		process_signal(daemons->processes[strike->victim], SIGCONT);
	if (strike->blow != BLOW_STALL)
		return;
	if (strike->cut)
		pg_proxy_cut(proxy);
	pg_proxy_stall(proxy, false);
}
