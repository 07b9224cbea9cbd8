/*
 * http_world - daypartd with the sink http in front of a provider of tests/support/provider.h
 *
 *     http_world_open_database("http_1");
 *     run = http_world_campaign("spring", 12);
 *     daemon = http_world_start(provider, "/in", "format = \"webhook\";");
 *     ... http_world_fate(run): "handed_over, queued" ...
 *     http_world_stop(&daemon);
 *     http_world_close_database();
 *
 * One cluster a test program (http_world_open and http_world_close are for cmocka's group), one database at a time. Texts are the caller's to free.
 */
#ifndef DAYPART_TESTS_SUPPORT_HTTP_WORLD_H
#define DAYPART_TESTS_SUPPORT_HTTP_WORLD_H

#include <libpq-fe.h>

#include "process.h"
#include "provider.h"

enum { HTTP_PATIENCE_MS = 60 * 1000 };

struct http_world {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};

extern struct http_world world;

int http_world_open(void **state);
int http_world_close(void **state);
void http_world_open_database(const char *name);
void http_world_close_database(void);

/* Ready when it returns. `http`: more settings of release.http. */
struct process *http_world_start(const struct provider *provider, const char *path, const char *http);
/* It must end well, without having told its secret. */
void http_world_stop(struct process **daemon);

/* A campaign, a sender of an account of its own and a template, all of one name, with people who are due. Its run. */
int http_world_campaign(const char *name, int people);
/* The key of a person of a run, by number from 1. */
char *http_world_key(int run, int person);
/* Where its people are: queued, in flight, uncertain, or outcome or kind with its reason; sorted, with commas. */
char *http_world_fate(int run);

#endif
