/*
 * The last look of the HTTP client: a request that may not leave any more does not, whether that shows before its head is written or before its body,
 * and one that has begun to leave does not go on leaving when its time is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "scheduler/sink/http_client.h"
#include "tests/support/provider.h"

struct letter {
	struct http_request request; /* first */
	int looks, allowed;          /* how often it was asked, how often the answer is yes */
	enum http_outcome outcome;
	bool done;
};

struct office {
	uv_loop_t loop;
	struct http_client *client;
};

static struct instant
in_ms(int64_t ms)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000 + ms * 1000};
}

static bool
may_leave(struct http_request *request)
{
	struct letter *letter = (struct letter *)request;

	return letter->looks++ < letter->allowed;
}

static void
on_done(struct http_request *request, const struct http_reply *reply)
{
	struct letter *letter = (struct letter *)request;

	letter->outcome = reply->outcome;
	letter->done = true;
}

static void
open_office(struct office *office)
{
	struct err err = ERR_INIT;
	const struct http_client_options options = {.concurrency = 4, .connect_timeout = {10 * US_PER_SECOND}, .timeout = {30 * US_PER_SECOND}};

	assert_int_equal(uv_loop_init(&office->loop), 0);
	assert_int_equal(http_client_open(&office->loop, &options, &office->client, &err), STATUS_OK);
}

static void
close_office(struct office *office)
{
	http_client_close(&office->client);
	uv_run(&office->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&office->loop), 0);
}

static void
post(struct office *office, struct letter *letter, const char *url, const char *body, size_t size)
{
	letter->request.url = url;
	letter->request.headers[0] = "Idempotency-Key: k";
	letter->request.body = body;
	letter->request.body_size = size;
	letter->request.may_leave = may_leave;
	letter->request.done = on_done;
	http_client_start(office->client, &letter->request);
	while (!letter->done)
		uv_run(&office->loop, UV_RUN_ONCE);
}

static void
it_is_asked_before_the_head_and_before_the_body(void **state)
{
	static const struct {
		int allowed, looks;
		enum http_outcome outcome;
		size_t taken;
	} rows[] = {{0, 1, HTTP_TOO_LATE, 0}, {1, 2, HTTP_TOO_LATE, 0}, {2, 2, HTTP_ANSWERED, 1}};
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true});
	struct office office;

	(void)state;
	open_office(&office);
	for (int again = 0; again < 2; again++) /* the second time on a connection that is kept */
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			struct letter letter = {.request.deadline = in_ms(60 * 1000), .allowed = rows[i].allowed};
			const size_t before = provider_taken(provider, "k");

			post(&office, &letter, provider_url(provider), "{}", 2);
			assert_int_equal(letter.outcome, rows[i].outcome);
			assert_int_equal(letter.looks, rows[i].looks);
			assert_int_equal(provider_taken(provider, "k") - before, rows[i].taken);
		}
	close_office(&office);
	provider_close(&provider);
}

/* A server that reads nothing before it is told to, and takes little. */
static int
listen_here(char url[64])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), little = 4096;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	snprintf(url, 64, "http://127.0.0.1:%d/", ntohs(address.sin_port));
	return fd;
}

/* The kernel would deliver the rest when the reader reads on, long after the last lawful instant. */
static void
what_was_not_delivered_in_time_is_dropped(void **state)
{
	enum { SIZE = 1 << 20 };
	char url[64], bytes[8192], *const body = malloc(SIZE);
	const int fd = listen_here(url);
	struct office office;
	struct letter letter = {.request.deadline = in_ms(500), .allowed = 2};
	ssize_t count;
	int connection;

	(void)state;
	memset(body, 'x', SIZE);
	open_office(&office);
	post(&office, &letter, url, body, SIZE);
	assert_int_equal(letter.outcome, HTTP_NO_ANSWER);
	connection = accept(fd, NULL, NULL);
	while ((count = read(connection, bytes, sizeof bytes)) > 0)
		continue;
	assert_int_equal(count, -1);
	assert_int_equal(errno, ECONNRESET); /* not 0, the end of everything that was written */
	close(connection);
	close(fd);
	close_office(&office);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_asked_before_the_head_and_before_the_body),
		cmocka_unit_test(what_was_not_delivered_in_time_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
