#include "monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "metric_text.h"

enum { CONNECTIONS_MAX = 16, IDLE_S = 10 };

struct monitor {
	struct monitor_pages pages;
	struct MHD_Daemon *http;
	uv_poll_t poll;
	uv_timer_t timer; /* for connections to cut */
	int open_handles;
};

/* Answers ----------------------------------------------------------------------------------------------------------------------------------- */

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *type, char *text, size_t length)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (response == NULL) {
		free(text);
		return MHD_NO;
	}
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static unsigned
write_page(const struct monitor *monitor, const char *page, FILE *out, const char **type)
{
	const struct monitor_pages *pages = &monitor->pages;

	*type = "text/plain; charset=utf-8";
	if (strcmp(page, "/metrics") == 0) {
		*type = METRIC_CONTENT_TYPE;
		pages->write_metrics(pages->context, out);
		return MHD_HTTP_OK;
	}
	if (strcmp(page, "/health") == 0)
		return pages->write_health(pages->context, out) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
	fputs("There is /metrics and /health.\n", out);
	return MHD_HTTP_NOT_FOUND;
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *page, const char *method, const char *version, const char *upload,
	size_t *upload_size, void **request)
{
	const bool reads = strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	unsigned status = MHD_HTTP_METHOD_NOT_ALLOWED;
	const char *type = "text/plain; charset=utf-8";
	char *text = NULL;
	size_t length;
	FILE *out;

	(void)version;
	(void)upload;
	(void)request;
	*upload_size = 0; /* a body is read over */
	out = open_memstream(&text, &length);
	if (out == NULL)
		return MHD_NO;
	if (reads)
		status = write_page(context, page, out, &type);
	if (fclose(out) != 0) {
		free(text);
		return MHD_NO;
	}
	return answer(connection, status, type, text, length);
}

/* In the loop ------------------------------------------------------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

static void
run(struct monitor *monitor)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	(void)MHD_run(monitor->http);
	if (MHD_get_timeout(monitor->http, &wait_ms) == MHD_YES)
		uv_timer_start(&monitor->timer, on_timer, wait_ms, 0);
	else
		uv_timer_stop(&monitor->timer);
}

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

static void
on_closed(uv_handle_t *handle)
{
	struct monitor *monitor = handle->data;

	if (--monitor->open_handles > 0)
		return;
	MHD_stop_daemon(monitor->http);
	free(monitor);
}

/* Opening ----------------------------------------------------------------------------------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Cuts `text` into host and port. */
static bool
parse_address(char *text, union address *out)
{
	char *colon = strrchr(text, ':'), *end;
	unsigned long port;
	size_t length;

	if (colon == NULL || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (*end != '\0' || port > 65535)
		return false;
	*colon = '\0';
	length = strlen(text);
	if (text[0] != '[')
		return uv_ip4_addr(text, (int)port, &out->v4) == 0;
	if (length < 2 || text[length - 1] != ']')
		return false;
	text[length - 1] = '\0';
	return uv_ip6_addr(text + 1, (int)port, &out->v6) == 0;
}

static enum status
read_address(const char *text, union address *out, struct err *err)
{
	char *copy = strdup(text);
	bool good;

	if (copy == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	good = parse_address(copy, out);
	free(copy);
	if (good)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "release.monitor: \"%s\" is no address and port", text);
	return err_hint(err, "Write 127.0.0.1:9464, or [::1]:9464.");
}

static enum status
open_http(struct monitor *monitor, const char *text, struct err *err)
{
	union address address = {.v6 = {0}};
	unsigned flags = MHD_USE_EPOLL;

	if (read_address(text, &address, err) != STATUS_OK)
		return err->status;
	if (address.any.sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	monitor->http = MHD_start_daemon(flags, 0, NULL, NULL, on_request, monitor, MHD_OPTION_SOCK_ADDR, &address.any,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
	if (monitor->http != NULL)
		return STATUS_OK;
	err_set(
		err, STATUS_INVALID, "release.monitor: cannot listen on %s: %s", text, errno != 0 ? strerror(errno) : "the HTTP library refuses");
	return err_hint(err, "Another program may have that port, or this host has no such address: set another one, or \"\" for none.");
}

static void
watch(struct monitor *monitor, uv_loop_t *loop)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(monitor->http, MHD_DAEMON_INFO_EPOLL_FD);

	uv_timer_init(loop, &monitor->timer);
	uv_poll_init(loop, &monitor->poll, info->epoll_fd);
	monitor->open_handles = 2;
	monitor->timer.data = monitor->poll.data = monitor;
	uv_poll_start(&monitor->poll, UV_READABLE, on_readable);
}

enum status
monitor_open(uv_loop_t *loop, const char *address, const struct monitor_pages *pages, struct monitor **out, struct err *err)
{
	struct monitor *monitor = calloc(1, sizeof(*monitor));

	*out = NULL;
	if (monitor == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	monitor->pages = *pages;
	if (open_http(monitor, address, err) != STATUS_OK) {
		free(monitor);
		return err->status;
	}
	watch(monitor, loop);
	*out = monitor;
	return STATUS_OK;
}

int
monitor_port(const struct monitor *monitor)
{
	return MHD_get_daemon_info(monitor->http, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* The library's descriptor goes after the loop has let go of it. */
void
monitor_close(struct monitor **monitor)
{
	struct monitor *gone = *monitor;

	*monitor = NULL;
	if (gone == NULL)
		return;
	uv_poll_stop(&gone->poll);
	uv_close((uv_handle_t *)&gone->poll, on_closed);
	uv_close((uv_handle_t *)&gone->timer, on_closed);
}
