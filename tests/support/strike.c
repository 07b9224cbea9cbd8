#include "strike.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture_slots.h"
#include "sql_expect.h"
#include "temp.h"

enum { REACHED_WITHIN_MS = 60 * 1000, WATCHED_FOR_US = 10 * 1000 * 1000 };

struct strike_hold {
	PGconn *connection; /* in a transaction */
};

int64_t
strike_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
delay(int64_t us)
{
	nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}, NULL);
}

struct strike_hold *
strike_hold(const struct strike *strike, const char *conninfo)
{
	struct strike_hold *hold;

	if (strike->lock == NULL)
		return NULL;
	hold = calloc(1, sizeof(*hold));
	if (hold == NULL)
		support_fail("out of memory");
	hold->connection = sql_connect(conninfo, NULL);
	sql_run(hold->connection, "BEGIN");
	sql_run(hold->connection, strike->lock);
	return hold;
}

void
strike_release(struct strike_hold **hold)
{
	if (*hold)
		PQfinish((*hold)->connection);
	free(*hold);
	*hold = NULL;
}

/* Without a pause, so as not to miss what is short; and not for ever, because it may be missed. */
static void
watch(PGconn *connection, const char *statement, const struct process *process)
{
	const int64_t until_us = strike_clock_us() + WATCHED_FOR_US;

	while (!process_has_ended(process) && strike_clock_us() < until_us &&
		fixture_number(connection,
			"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'daypart%%' "
			"AND state = 'active' AND query LIKE '%s'",
			statement) == 0)
		;
}

static const char held_up[] = "SELECT count(*) FROM (SELECT FROM pg_stat_activity WHERE datname = current_database() "
							  "AND application_name LIKE 'daypart%' AND wait_event_type = 'Lock' LIMIT 1) AS held_up";
static const char clients[] =
	"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'daypart%'";

void
strike_await(const struct strike *strike, PGconn *connection, const struct process *process)
{
	if (strike->lock && !fixture_await(connection, 1, REACHED_WITHIN_MS, held_up))
		support_fail("strike \"%s\": nobody waits for the lock", strike->name);
	if (strike->statement)
		watch(connection, strike->statement, process);
	delay(strike->delay_us);
}

const struct strike *
strike_find(const struct strike *strikes, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(strikes[i].name, name) == 0)
			return &strikes[i];
	support_fail("there is no strike \"%s\"", name);
}

bool
strike_await_no_client(PGconn *connection, int timeout_ms)
{
	return fixture_await(connection, 0, timeout_ms, clients);
}
