/*
 * daemon_world - daypartd as a child process on a private cluster, with a database of its own for each test
 *
 *     DAEMON_TEST(hears_of_new_slots)                  // with daemon_world_start and daemon_world_stop around the group
 *     run = daemon_world_campaign("spring", "north");
 *     daemon_world_add_due(run, 3);
 *     daemon_world_run_until_idle();
 *     daemon_world_expect_outcome(run, "handed_over|3");
 *
 * Waiting is for a state of the database or a line of the daemon's log, with a generous limit that only a failure reaches.
 */
#ifndef DAYPART_TESTS_SUPPORT_DAEMON_WORLD_H
#define DAYPART_TESTS_SUPPORT_DAEMON_WORLD_H

#include <libpq-fe.h>

#include "process.h"

enum { DAEMON_PATIENCE_MS = 20 * 1000 };

struct daemon_world {
	struct pg_cluster *cluster;
	int databases;
	char *conninfo, *config; /* of the test; the latter is a file */
	PGconn *connection;
};
extern struct daemon_world daemon_world;

int daemon_world_start(void **state);
int daemon_world_stop(void **state);
int daemon_world_open(void **state);
int daemon_world_close(void **state);
#define DAEMON_TEST(name) cmocka_unit_test_setup_teardown(name, daemon_world_open, daemon_world_close)

/* A file of settings; `rest`: more of them. The caller frees its name. */
char *daemon_world_config(const char *conninfo, const char *rest);

/* `option`: one more, or NULL. */
struct process *daemon_world_spawn(const char *option);
/* Started and looking at the queue. */
struct process *daemon_world_spawn_ready(void);
void daemon_world_expect_exit(struct process **daemon, int code);
/* Ends it with TERM, which must go well. */
void daemon_world_end(struct process **daemon);
void daemon_world_run_until_idle(void);

/* A campaign run, and people with slots that are due. */
int daemon_world_campaign(const char *name, const char *sender);
void daemon_world_add_due(int run, int count);
/* "handed_over|3\nqueued|1": what became of everybody of the run. */
void daemon_world_expect_outcome(int run, const char *outcomes);
/* Until the query says so; false when it does not. */
bool daemon_world_await(int64_t expected, const char *query);

#endif
