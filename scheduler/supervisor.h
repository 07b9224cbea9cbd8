/*
 * supervisor - tells the service manager (systemd) how the daemon is, and answers its watchdog
 *
 *     supervisor_open(&supervisor, loop);
 *     supervisor_ready(&supervisor);                                 // READY=1: Type=notify services count as started from here
 *     supervisor_status(&supervisor, "everything is stopped");       // what systemctl status shows
 *     supervisor_stopping(&supervisor);
 *     supervisor_close(&supervisor);
 *
 * Without a manager (no $NOTIFY_SOCKET) nothing is told, and nothing is different. The watchdog is answered from the loop, at half of its time: a
 * loop that hangs is restarted, a database that is away is not.
 */
#ifndef DAYPART_SCHEDULER_SUPERVISOR_H
#define DAYPART_SCHEDULER_SUPERVISOR_H

#include <uv.h>

struct supervisor {
	uv_timer_t watchdog;
};

void supervisor_open(struct supervisor *supervisor, uv_loop_t *loop);
void supervisor_ready(struct supervisor *supervisor);
void supervisor_status(struct supervisor *supervisor, const char *status);
void supervisor_stopping(struct supervisor *supervisor);
void supervisor_close(struct supervisor *supervisor);

#endif
