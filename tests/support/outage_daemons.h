/*
 * outage_daemons - two daypartd on one database, each behind a bad network of its own, and what befalls them
 *
 *     outage_daemons_open(&daemons, &world);
 *     outage_strike_begin(&daemons, &strike);     // SIGSTOP, for example
 *     ... life goes on ...
 *     outage_strike_end(&daemons, &strike);       // SIGCONT
 *     outage_daemons_restart_ended(&daemons);     // as a service manager would
 *     outage_daemons_close(&daemons);             // they end well
 */
#ifndef DAYPART_TESTS_SUPPORT_OUTAGE_DAEMONS_H
#define DAYPART_TESTS_SUPPORT_OUTAGE_DAEMONS_H

#include <stdint.h>

#include "outage_world.h"
#include "pg_proxy.h"

enum { OUTAGE_DAEMONS = 2, OUTAGE_LEASE_MS = 1000 };

struct outage_daemons {
	struct outage_world *world;
	struct pg_proxy *proxies[OUTAGE_DAEMONS];
	struct process *processes[OUTAGE_DAEMONS];
	size_t swallowed; /* replies of the server, by proxies that were closed */
};

enum outage_blow {
	BLOW_KILL,
	BLOW_PAUSE, /* SIGSTOP and SIGCONT */
	BLOW_CUT,
	BLOW_STALL,   /* nothing passes; perhaps it is cut in the end */
	BLOW_SWALLOW, /* a statement is done, and its reply never comes */
	BLOW_SERVER,  /* the server crashes or is restarted */
	BLOW_COUNT
};

struct outage_strike {
	enum outage_blow blow;
	int victim;
	const char *statement; /* whose reply is swallowed; "": any */
	bool cut, crash;       /* how a stall ends, and the server */
};

void outage_daemons_open(struct outage_daemons *daemons, struct outage_world *world);
/* No reply is swallowed any more. */
void outage_daemons_spare(struct outage_daemons *daemons);
/* An outage of the server is no fault of a daemon that ends over it; any other end fails the test. */
void outage_daemons_restart_ended(struct outage_daemons *daemons);
/* Each ends with 0. */
void outage_daemons_close(struct outage_daemons *daemons);

/* By lot, but for the blow. */
struct outage_strike outage_strike_draw(struct outage_world *world, enum outage_blow blow);
void outage_strike_tell(const struct outage_strike *strike);
void outage_strike_begin(struct outage_daemons *daemons, const struct outage_strike *strike);
void outage_strike_end(struct outage_daemons *daemons, const struct outage_strike *strike);

#endif
