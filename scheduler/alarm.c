#include "alarm.h"

#include <sys/timerfd.h>
#include <unistd.h>

static void
on_timer(uv_timer_t *timer)
{
	struct alarm *alarm = timer->data;

	alarm->on_ring(alarm->context);
}

/* EAGAIN: set again meanwhile. */
static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct alarm *alarm = poll->data;
	uint64_t expirations;

	(void)status;
	(void)events;
	if (read(alarm->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		alarm->on_ring(alarm->context);
}

static void
watch_timerfd(struct alarm *alarm, uv_loop_t *loop)
{
	alarm->fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (alarm->fd >= 0 && uv_poll_init(loop, &alarm->poll, alarm->fd) != 0) {
		close(alarm->fd);
		alarm->fd = -1;
	}
	if (alarm->fd < 0)
		return;
	alarm->poll.data = alarm;
	uv_poll_start(&alarm->poll, UV_READABLE, on_readable);
}

void
alarm_open(struct alarm *alarm, uv_loop_t *loop, const struct clock *clock, alarm_ring_fn *on_ring, void *context)
{
	*alarm = (struct alarm){.clock = clock, .on_ring = on_ring, .context = context, .fd = -1};
	uv_timer_init(loop, &alarm->timer);
	alarm->timer.data = alarm;
	if (!clock->kind->simulated)
		watch_timerfd(alarm, loop);
}

/* libuv's timers count from the loop's cached time, in whole milliseconds: both are rounded so that the alarm is late rather than early. */
static void
set_timer(struct alarm *alarm, struct instant at)
{
	const int64_t wait_us = clock_wait_for(alarm->clock, at).us;

	uv_update_time(alarm->timer.loop);
	uv_timer_start(&alarm->timer, on_timer, (uint64_t)(wait_us + 999) / 1000, 0);
}

void
alarm_set(struct alarm *alarm, struct instant at)
{
	int64_t host_us = at.us - alarm->clock->ahead_us;
	struct itimerspec setting;

	if (host_us <= 0) /* zero would disarm; what is past rings at once */
		host_us = 1;
	setting = (struct itimerspec){.it_value = {.tv_sec = host_us / US_PER_SECOND, .tv_nsec = host_us % US_PER_SECOND * 1000}};
	if (alarm->fd < 0 || timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &setting, NULL) != 0)
		set_timer(alarm, at);
}

void
alarm_unset(struct alarm *alarm)
{
	const struct itimerspec never = {.it_value = {0}};

	uv_timer_stop(&alarm->timer);
	if (alarm->fd >= 0)
		timerfd_settime(alarm->fd, 0, &never, NULL);
}

/* The poll handle is stopped before its descriptor goes. */
void
alarm_close(struct alarm *alarm)
{
	uv_close((uv_handle_t *)&alarm->timer, NULL);
	if (alarm->fd < 0)
		return;
	uv_poll_stop(&alarm->poll);
	uv_close((uv_handle_t *)&alarm->poll, NULL);
	close(alarm->fd);
	alarm->fd = -1;
}
