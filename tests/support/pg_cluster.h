/*
 * pg_cluster - a private PostgreSQL server for one test program
 *
 *     struct pg_cluster *cluster = pg_cluster_start(NULL);
 *     char *conninfo = pg_cluster_new_database(cluster, "plan", NULL);
 *     PGconn *connection = PQconnectdb(conninfo);
 *     ...
 *     free(conninfo);
 *     pg_cluster_stop(&cluster);
 *
 * A unix socket in a folder of its own, no TCP, superuser postgres, no passwords. Started by root it runs as user postgres. A guard process
 * stops the server and removes its folder when the test program ends, however it ends (also by SIGKILL).
 *
 * Starting takes a fraction of a second: the files are copied from a template in the build folder that the first test makes.
 * To clone a migrated database cheaply, migrate one and name it as the template of the others.
 *
 * DAYPART_TEST_CLUSTER may hold the conninfo (without dbname) of a running server: then tests only make databases on it, unless they ask for
 * a server of their own. What fails ends the test program with a message and the end of the server's log.
 */
#ifndef DAYPART_TESTS_SUPPORT_PG_CLUSTER_H
#define DAYPART_TESTS_SUPPORT_PG_CLUSTER_H

#include <stdbool.h>

struct pg_cluster_options {
	bool durable;         /* fsync on, for crash tests; off by default */
	bool own;             /* never a shared server: for tests that stop it, or that make roles */
	const char *settings; /* lines for postgresql.conf, or NULL */
};

enum pg_cluster_mode {
	PG_CLUSTER_SMART,    /* waits for clients to leave */
	PG_CLUSTER_FAST,     /* ends sessions, then checkpoints */
	PG_CLUSTER_IMMEDIATE /* as a crash would: recovers at the next start */
};

struct pg_cluster;

struct pg_cluster *pg_cluster_start(const struct pg_cluster_options *options);
void pg_cluster_stop(struct pg_cluster **cluster);

/* A server of its own that follows `primary`, which must have been started with settings for that: a hot standby. It calls itself "standby". */
struct pg_cluster *pg_cluster_start_standby(const struct pg_cluster *primary);
/* Waits until it is a primary. */
void pg_cluster_promote(struct pg_cluster *cluster);
/* Kills its postmaster by SIGKILL; the other processes end as they notice. */
void pg_cluster_kill(const struct pg_cluster *cluster);

/* Of database postgres, as superuser. */
const char *pg_cluster_conninfo(const struct pg_cluster *cluster);
/* The folder of the socket, for PGHOST; the port is the default one, 5432. NULL for a shared server. */
const char *pg_cluster_host(const struct pg_cluster *cluster);

/*
 * Makes a database and returns its conninfo, which the caller frees. Its name is `name` on a server of one's own; on a shared one it gets a
 * suffix, so take it from the conninfo. `template` is NULL or a name made before, to which nobody may be connected.
 */
char *pg_cluster_new_database(const struct pg_cluster *cluster, const char *name, const char *template);

/* Stops the server and starts it again, with all its data. halt and resume are the two halves. Not for a shared server. */
void pg_cluster_restart(struct pg_cluster *cluster, enum pg_cluster_mode mode);
void pg_cluster_halt(struct pg_cluster *cluster, enum pg_cluster_mode mode);
void pg_cluster_resume(struct pg_cluster *cluster);

#endif
