/*
 * fixture_slots - a migrated database with people, campaigns and slots that are due when a test says so
 *
 *     conninfo = fixture_slots_database(cluster, "release", false);
 *     run = fixture_slots_campaign(connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
 *     fixture_slots_add(connection, &(struct fixture_slots){.run = run, .count = 100, .due = "0s", .not_after = "1h"});
 *
 * Slots are inserted as a plan would publish them, without planning. Person k of a campaign has the id fixture_person(name, k), consents with
 * all evidence, and is suppressed by nobody. What fails fails the test, with the server's message.
 */
#ifndef DAYPART_TESTS_SUPPORT_FIXTURE_SLOTS_H
#define DAYPART_TESTS_SUPPORT_FIXTURE_SLOTS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "pg_cluster.h"

/* Schema and words of schema_fixture, and a rulebook that asks for consent with time and method and closes no window. The caller frees it. */
char *fixture_slots_database(const struct pg_cluster *cluster, const char *name, bool rehearsal);

/* Makes a rulebook of one file active. */
void fixture_slots_rulebook(PGconn *connection, const char *text);

struct fixture_campaign {
	const char *name;
	const char *sender;     /* made when it is not there, for business acme, channel sms */
	const char *throughput; /* of a new sender, per second; NULL: 100000 */
	const char *catch_up;   /* NULL: drop */
	bool other_zone_data;   /* the class has zone hashes that no host has */
};

/* Approved, with a template, an audience and one run. Returns the run. */
int fixture_slots_campaign(PGconn *connection, const struct fixture_campaign *campaign);

struct fixture_slots {
	int run;
	int count;
	const char *due;       /* interval from `from` to the first */
	const char *spacing;   /* interval between two; NULL: all at once */
	const char *not_after; /* interval from `from` */
	const char *from;      /* timestamptz; NULL: the server's now */
};

/* Recipients, consents and slots 1 to count of a run, in part 0. Repeated for one run it continues. */
void fixture_slots_add(PGconn *connection, const struct fixture_slots *slots);

/* Person k of a run. */
int64_t fixture_person(PGconn *connection, int run, int k);

/* Runs statements that must succeed. */
void fixture_execute(PGconn *connection, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first value of the first row as a number. */
int64_t fixture_number(PGconn *connection, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Waits until fixture_number(query) equals `expected`; false after `timeout_ms`. */
bool fixture_await(PGconn *connection, int64_t expected, int timeout_ms, const char *query);

#endif
