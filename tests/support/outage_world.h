/*
 * outage_world - a living installation for two daemons whose network, server and provider fail: people, law, campaigns, plans
 *
 *     outage_world_start(&world);                                  // the group: a server, and a database to clone
 *     outage_world_open(&world, seed, true);                       // a chapter: a database of its own, with a provider
 *     outage_world_add_campaign(&world);
 *     plan = outage_world_start_plan(&world);
 *     outage_world_live(&world);                                   // somebody leaves, a campaign pauses
 *     outage_world_finish_plan(&world, &plan);
 *     outage_world_close(&world);
 *
 * 300 people, of whom one half may not be written to in every second minute and the other half in the minutes between; three messages a day. A
 * campaign has a sender and an account of its own, so that what a provider stops is one campaign's; some have a daily limit, some end within seconds.
 * Everything is planned by the real program, which believes that it began a minute ago, so that what it plans leaves at once.
 *
 * All lots come from the seed of the chapter. What must hold is in outage_world.sql.
 */
#ifndef DAYPART_TESTS_SUPPORT_OUTAGE_WORLD_H
#define DAYPART_TESTS_SUPPORT_OUTAGE_WORLD_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "pg_cluster.h"
#include "process.h"
#include "provider.h"
#include "random.h"

struct outage_world {
	struct pg_cluster *cluster;
	struct random_source random; /* of the chapter */
	uint64_t seed;
	int databases, campaigns;
	char *conninfo;
	PGconn *connection;
	struct provider *provider; /* NULL: the sink is outbox */
	bool repeats;              /* it takes a key once, and is sent what is uncertain again; else it can be asked */
	atomic_bool provider_is_well;
};

void outage_world_start(struct outage_world *world);
void outage_world_stop(struct outage_world *world);
void outage_world_open(struct outage_world *world, uint64_t seed, bool http);
void outage_world_close(struct outage_world *world);

/* After the server was away. */
void outage_world_connect_again(struct outage_world *world);

void outage_world_add_campaign(struct outage_world *world);
struct process *outage_world_start_plan(const struct outage_world *world);
/* What the server's restart ended is made again. Now and then what it planned has only a few seconds. */
void outage_world_finish_plan(struct outage_world *world, struct process **plan);
/* People opt out, or withdraw their consent, whose messages are about to leave; now and then a campaign is paused or resumed. */
void outage_world_live(struct outage_world *world);

#endif
