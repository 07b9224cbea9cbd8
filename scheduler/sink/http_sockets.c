/*
 * http_sockets - implementation
 *
 * One uv_poll a socket, made when libcurl names it and closed when it lets go, which is before it closes the socket; one uv_timer. The struct goes
 * with the last handle.
 */
#include "http_sockets.h"

#include <stdbool.h>
#include <stdlib.h>

struct http_sockets {
	uv_loop_t *loop;
	CURLM *multi;
	http_sockets_fn *on_progress, *on_closed;
	void *owner;
	uv_timer_t timer;
	size_t handles; /* not closed yet: the timer and the sockets' */
	bool closed;
};

struct watch {
	uv_poll_t poll;
	struct http_sockets *sockets;
	curl_socket_t socket;
};

static void
on_handle_closed(struct http_sockets *sockets)
{
	if (--sockets->handles > 0)
		return;
	sockets->on_closed(sockets->owner);
	free(sockets);
}

static void
perform(struct http_sockets *sockets, curl_socket_t socket, int events)
{
	int running;

	if (sockets->closed)
		return;
	curl_multi_socket_action(sockets->multi, socket, events, &running);
	sockets->on_progress(sockets->owner);
}

static void
on_timer(uv_timer_t *timer)
{
	perform(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_socket_event(uv_poll_t *poll, int status, int events)
{
	const struct watch *watch = poll->data;
	const int in = events & UV_READABLE ? CURL_CSELECT_IN : 0, out = events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;

	perform(watch->sockets, watch->socket, status < 0 ? CURL_CSELECT_ERR : in | out);
}

static void
on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct http_sockets *sockets = watch->sockets;

	free(watch);
	on_handle_closed(sockets);
}

static struct watch *
open_watch(struct http_sockets *sockets, curl_socket_t socket)
{
	struct watch *watch = malloc(sizeof *watch);

	if (watch == NULL)
		return NULL;
	*watch = (struct watch){.sockets = sockets, .socket = socket};
	if (uv_poll_init_socket(sockets->loop, &watch->poll, socket) != 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	sockets->handles++;
	curl_multi_assign(sockets->multi, socket, watch);
	return watch;
}

/* libcurl: watch this socket, or no longer. */
static int
on_socket(CURL *easy, curl_socket_t socket, int what, void *userdata, void *assigned)
{
	struct http_sockets *sockets = userdata;
	struct watch *watch = assigned;
	const int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			curl_multi_assign(sockets->multi, socket, NULL);
			uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		}
		return 0;
	}
	if (watch == NULL)
		watch = open_watch(sockets, socket);
	return watch != NULL && uv_poll_start(&watch->poll, events, on_socket_event) == 0 ? 0 : -1;
}

static int
on_timeout_changed(CURLM *multi, long timeout_ms, void *userdata)
{
	struct http_sockets *sockets = userdata;

	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(&sockets->timer);
	uv_update_time(sockets->loop); /* or the timer would count from the beginning of this turn */
	return uv_timer_start(&sockets->timer, on_timer, (uint64_t)timeout_ms, 0);
}

enum status
http_sockets_open(uv_loop_t *loop, CURLM *multi, http_sockets_fn *on_progress, http_sockets_fn *on_closed, void *owner,
	struct http_sockets **out, struct err *err)
{
	struct http_sockets *sockets = malloc(sizeof *sockets);

	*out = NULL;
	if (sockets == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	*sockets = (struct http_sockets){
		.loop = loop, .multi = multi, .on_progress = on_progress, .on_closed = on_closed, .owner = owner, .handles = 1};
	if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
		curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, sockets) != CURLM_OK ||
		curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout_changed) != CURLM_OK ||
		curl_multi_setopt(multi, CURLMOPT_TIMERDATA, sockets) != CURLM_OK) {
		free(sockets);
		return err_set(err, STATUS_INTERNAL, "libcurl takes no loop");
	}
	uv_timer_init(loop, &sockets->timer);
	sockets->timer.data = sockets;
	*out = sockets;
	return STATUS_OK;
}

static void
on_timer_closed(uv_handle_t *handle)
{
	on_handle_closed(handle->data);
}

void
http_sockets_close(struct http_sockets **io_sockets)
{
	struct http_sockets *sockets = *io_sockets;

	*io_sockets = NULL;
	sockets->closed = true;
	uv_close((uv_handle_t *)&sockets->timer, on_timer_closed);
}
