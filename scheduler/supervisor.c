#include "supervisor.h"

#include <systemd/sd-daemon.h>

static void
on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	(void)sd_notify(0, "WATCHDOG=1");
}

void
supervisor_open(struct supervisor *supervisor, uv_loop_t *loop)
{
	uint64_t within_us;

	uv_timer_init(loop, &supervisor->watchdog);
	if (sd_watchdog_enabled(0, &within_us) > 0)
		uv_timer_start(&supervisor->watchdog, on_watchdog, 0, within_us / 2000);
}

void
supervisor_ready(struct supervisor *supervisor)
{
	(void)supervisor;
	(void)sd_notify(0, "READY=1");
}

void
supervisor_status(struct supervisor *supervisor, const char *status)
{
	(void)supervisor;
	(void)sd_notifyf(0, "STATUS=%s", status);
}

void
supervisor_stopping(struct supervisor *supervisor)
{
	(void)supervisor;
	(void)sd_notify(0, "STOPPING=1");
}

void
supervisor_close(struct supervisor *supervisor)
{
	uv_close((uv_handle_t *)&supervisor->watchdog, NULL);
}
