/* Real requests over a real socket to a monitor in a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scheduler/monitor.h"

struct served {
	uv_loop_t loop;
	struct monitor *monitor;
	bool healthy;
	char reply[2048];
};

static void
write_metrics(void *context, FILE *out)
{
	(void)context;
	fputs("daypart_up 1\n", out);
}

static bool
write_health(void *context, FILE *out)
{
	const struct served *served = context;

	fputs(served->healthy ? "ok\n" : "no database\n", out);
	return served->healthy;
}

static int
open_served(void **state)
{
	static struct served served;
	struct err err = ERR_INIT;

	served = (struct served){.healthy = true};
	uv_loop_init(&served.loop);
	assert_int_equal(
		monitor_open(&served.loop, "127.0.0.1:0", &(struct monitor_pages){write_metrics, write_health, &served}, &served.monitor, &err),
		STATUS_OK);
	*state = &served;
	return 0;
}

static int
close_served(void **state)
{
	struct served *served = *state;

	monitor_close(&served->monitor);
	uv_run(&served->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&served->loop), 0);
	return 0;
}

static int
connect_to(const struct served *served)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)monitor_port(served->monitor)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int client = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
	return client;
}

/* Turns the loop until the monitor has closed the connection; what it said is in `reply`. */
static void
ask(struct served *served, const char *request)
{
	const int client = connect_to(served);
	size_t length = 0;
	ssize_t got;

	assert_int_equal(send(client, request, strlen(request), 0), strlen(request));
	do {
		uv_run(&served->loop, UV_RUN_NOWAIT);
		got = recv(client, served->reply + length, sizeof(served->reply) - 1 - length, MSG_DONTWAIT);
		length += got > 0 ? (size_t)got : 0;
	} while (got != 0);
	served->reply[length] = '\0';
	close(client);
}

#define END " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void
expect_reply(const struct served *served, const char *status, const char *end)
{
	const size_t length = strlen(served->reply), tail = strlen(end);

	if (strncmp(served->reply + strlen("HTTP/1.1 "), status, strlen(status)) != 0 || length < tail ||
		strcmp(served->reply + length - tail, end) != 0)
		fail_msg("expected %s ... %s, got: %s", status, end, served->reply);
}

static void
pages_are_answered(void **state)
{
	struct served *served = *state;

	ask(served, "GET /metrics" END);
	expect_reply(served, "200", "daypart_up 1\n");
	assert_non_null(strstr(served->reply, "text/plain; version=0.0.4"));
	ask(served, "GET /health" END);
	expect_reply(served, "200", "\r\n\r\nok\n");
	served->healthy = false;
	ask(served, "GET /health" END);
	expect_reply(served, "503", "\r\n\r\nno database\n");
	ask(served, "HEAD /health" END);
	expect_reply(served, "503", "\r\n\r\n");
}

static void
anything_else_is_refused(void **state)
{
	struct served *served = *state;

	ask(served, "GET /etc/passwd" END);
	expect_reply(served, "404", "/health.\n");
	ask(served, "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc");
	expect_reply(served, "405", "");
	assert_non_null(strstr(served->reply, "Allow: GET, HEAD"));
	ask(served, "rubbish\r\n\r\n"); /* the connection is cut */
}

static void
closing_with_a_connection_open_leaves_no_handle(void **state)
{
	struct served *served = *state;
	const int client = connect_to(served);

	assert_int_equal(send(client, "GET /met", 8, 0), 8);
	for (int i = 0; i < 3; i++)
		uv_run(&served->loop, UV_RUN_NOWAIT);
	close_served(state);
	close(client);
	open_served(state);
}

static void
an_address_that_cannot_be_used_is_explained(void **state)
{
	static const char *const addresses[] = {
		"", "9464", "localhost:9464", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:94x", "[::1:9464", "::1"};
	struct served *served = *state;
	struct monitor *monitor;
	char taken[32];

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(monitor_open(&served->loop, addresses[i], &(struct monitor_pages){0}, &monitor, &err), STATUS_INVALID);
		assert_null(monitor);
		assert_non_null(strstr(err.hint, "127.0.0.1:9464"));
	}
	struct err err = ERR_INIT;
	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%d", monitor_port(served->monitor));
	assert_int_equal(monitor_open(&served->loop, taken, &(struct monitor_pages){0}, &monitor, &err), STATUS_INVALID);
	assert_non_null(strstr(err.primary, "in use"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_served, close_served)
	const struct CMUnitTest tests[] = {
		TEST(pages_are_answered),
		TEST(anything_else_is_refused),
		TEST(closing_with_a_connection_open_leaves_no_handle),
		TEST(an_address_that_cannot_be_used_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
