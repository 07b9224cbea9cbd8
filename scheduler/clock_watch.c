#include "clock_watch.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Far away, for the flag is refused without an instant. */
static void
arm(struct clock_watch *watch)
{
	const struct itimerspec never = {.it_value = {.tv_sec = INT32_MAX * INT64_C(64)}};

	(void)timerfd_settime(watch->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct clock_watch *watch = poll->data;
	uint64_t expirations;

	(void)status;
	(void)events;
	if (read(watch->fd, &expirations, sizeof(expirations)) < 0 && errno != ECANCELED)
		return;
	arm(watch);
	watch->on_set(watch->context);
}

void
clock_watch_open(struct clock_watch *watch, uv_loop_t *loop, void (*on_set)(void *context), void *context)
{
	*watch = (struct clock_watch){.on_set = on_set, .context = context};
	watch->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (watch->fd >= 0 && uv_poll_init(loop, &watch->poll, watch->fd) != 0) {
		close(watch->fd);
		watch->fd = -1;
	}
	if (watch->fd < 0)
		return;
	watch->poll.data = watch;
	arm(watch);
	uv_poll_start(&watch->poll, UV_READABLE, on_readable);
}

/* The poll handle is stopped before its descriptor goes. */
void
clock_watch_close(struct clock_watch *watch)
{
	if (watch->fd < 0)
		return;
	uv_poll_stop(&watch->poll);
	uv_close((uv_handle_t *)&watch->poll, NULL);
	close(watch->fd);
	watch->fd = -1;
}
