/*
 * daemon_private - what the files of the daemon share: its state, and what one asks of the other
 *
 *     daemon.c           its life: starting, one turn of the loop, signals, ending
 *     daemon_look.c      what it learns from the database
 *     daemon_watched.c   what others see of it
 */
#ifndef DAYPART_SCHEDULER_DAEMON_PRIVATE_H
#define DAYPART_SCHEDULER_DAEMON_PRIVATE_H

#include "alarm.h"
#include "clock_watch.h"
#include "daemon.h"
#include "lane_list.h"
#include "lease.h"
#include "listener.h"
#include "look.h"
#include "monitor.h"
#include "supervisor.h"

enum phase { PHASE_RUNNING, PHASE_DRAINING, PHASE_CLOSED };

enum { SIGNAL_COUNT = 3 };

struct daemon {
	const struct daemon_options *options;
	struct settings *settings;
	struct clock clock;
	uv_loop_t loop;
	struct alarm alarm;
	struct clock_watch clock_watch;
	uv_timer_t poll;
	uv_timer_t heed; /* until the breakers may be watched again */
	uv_signal_t signals[SIGNAL_COUNT];
	struct worker_pool *pool;
	struct listener *listener;
	struct due_queue queue;
	struct lane_context lanes_share;
	struct lane_list lanes;
	struct lease_keeper *leases;
	struct supervisor supervisor;
	struct monitor *monitor; /* NULL: nobody asked for one */
	struct flight *flight;
	struct flight_tally flown; /* once it is closed */
	struct look look;
	struct watched watched;           /* of the last look */
	int32_t schema_version;           /* then; 0: not known */
	bool looking, look_again;         /* a look is in flight; another one is wanted after it */
	bool heard;                       /* people said something during the look that is in flight */
	bool reload;                      /* the next look reads the law in any case */
	bool ready;                       /* the first look has succeeded */
	bool database_up;                 /* the last look has */
	bool stopped, untrusted, lawless; /* what was logged last */
	bool nothing_comes;               /* the last look found nothing within the horizon */
	bool others_serve;                /* it found something that comes in a lane that is not ours (yet) */
	int64_t measured_at_us;           /* steady; when the clock's offset was measured */
	int64_t watched_at_us;            /* steady; when the breakers were watched */
	struct duration watch_took;       /* then */
	bool clock_was_set;               /* somebody set the host's clock since */
	enum phase phase;
	int code; /* to exit with */
};

/* Every callback ends with it: wakes the lanes that are due, sets the alarm, ends what can be ended. */
void daemon_turn(struct daemon *daemon);
/* Whoever waits for the end must not wait for a cure that may never come. */
void daemon_give_up(struct daemon *daemon);
/* Ends with the code by which a service manager starts it again: another version of it is to go on. */
void daemon_give_way(struct daemon *daemon);
/* Behind it nothing is planned yet. */
struct instant daemon_horizon(const struct daemon *daemon);

/* Looks at the database, or once more when a look is under way; for its answer `look` was given daemon_on_look_done. */
void daemon_look(struct daemon *daemon);
void daemon_on_look_done(struct work *work);
/* Somebody said something of a sender: the breakers are watched as soon as they may be. */
void daemon_heed(struct daemon *daemon);

/* For the service manager, whenever it may have changed. */
void daemon_tell_status(struct daemon *daemon);
/* Without the setting there is none. */
MUST_CHECK enum status daemon_open_monitor(struct daemon *daemon, struct err *err);

#endif
