/* What others see of a daypartd that works: Prometheus and a health check over HTTP, the service manager over its socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 20 * 1000 };

struct watched {
	struct pg_cluster *cluster;
	char *conninfo, *config, *notify_path;
	PGconn *connection;
	int notify, port;
	struct process *daemon;
	char reply[16384];
};

/* A datagram socket where systemd's would be. */
static int
open_notify(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	assert_int_equal(bind(notify, (const struct sockaddr *)&address, sizeof(address)), 0);
	return notify;
}

static int
free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(probe, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(probe, (struct sockaddr *)&address, &size), 0);
	close(probe);
	return ntohs(address.sin_port);
}

static void
start_daemon(struct watched *watched)
{
	char text[1024], variable[1024];

	watched->port = free_port();
	(void)snprintf(text, sizeof(text),
		"database = \"%s\";\nlog = { format = \"json\"; };\nrelease = { poll = \"1s\"; monitor = \"127.0.0.1:%d\"; };\n", watched->conninfo,
		watched->port);
	watched->config = temp_write("daypart.cfg", text);
	(void)snprintf(variable, sizeof(variable), "NOTIFY_SOCKET=%s", watched->notify_path);
	watched->daemon = process_start((const char *[]){DAYPART_BUILD_DIR "/daypartd", "--config", watched->config, NULL},
		&(struct process_options){.env = (const char *[]){variable, "WATCHDOG_USEC=200000", NULL}});
}

static int
start(void **state)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	watched->cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	watched->conninfo = fixture_slots_database(watched->cluster, "watched", false);
	watched->connection = sql_connect(watched->conninfo, NULL);
	watched->notify_path = temp_write("notify", "");
	watched->notify = open_notify(watched->notify_path);
	start_daemon(watched);
	*state = watched;
	return 0;
}

static int
stop(void **state)
{
	struct watched *watched = *state;

	PQfinish(watched->connection);
	pg_cluster_stop(&watched->cluster);
	close(watched->notify);
	free(watched->conninfo);
	free(watched->config);
	free(watched->notify_path);
	free(watched);
	return 0;
}

/* Reads what the daemon tells its manager until it says `text`. */
static void
await_told(const struct watched *watched, const char *text)
{
	char told[512];
	struct pollfd fd = {.fd = watched->notify, .events = POLLIN};

	do {
		if (poll(&fd, 1, PATIENCE_MS) != 1)
			fail_msg("the service manager is never told %s", text);
		const ssize_t size = recv(watched->notify, told, sizeof(told) - 1, 0);
		told[size > 0 ? size : 0] = '\0';
	} while (strstr(told, text) == NULL);
}

/* What is told meanwhile is read over, as a service manager would: sockets fill up. */
static void
listen_on(const struct watched *watched)
{
	char told[512];

	while (recv(watched->notify, told, sizeof(told), MSG_DONTWAIT) > 0)
		;
}

/* The reply to a GET, whole. */
static const char *
get(struct watched *watched, const char *page)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)watched->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char request[128];
	size_t length = 0;
	ssize_t got;

	assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", page);
	assert_int_equal(send(client, request, strlen(request), 0), strlen(request));
	listen_on(watched);
	while ((got = recv(client, watched->reply + length, sizeof(watched->reply) - 1 - length, 0)) > 0)
		length += (size_t)got;
	watched->reply[length] = '\0';
	close(client);
	return watched->reply;
}

static void
expect_in(const char *reply, const char *text)
{
	if (strstr(reply, text) == NULL)
		fail_msg("expected %s in: %s", text, reply);
}

static void
a_working_daemon_is_seen_at_work(void **state)
{
	struct watched *watched = *state;
	const int run = fixture_slots_campaign(watched->connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});

	await_told(watched, "READY=1");
	await_told(watched, "WATCHDOG=1");
	await_told(watched, "WATCHDOG=1"); /* again and again */
	fixture_slots_add(watched->connection, &(struct fixture_slots){.run = run, .count = 10, .due = "-2s", .not_after = "1h"});
	sql_run(watched->connection, "NOTIFY daypart");
	await_told(watched, "STATUS=1 senders, sink outbox");
	assert_true(fixture_await(watched->connection, 10, PATIENCE_MS, "SELECT count(*) FROM release"));
	while (strstr(get(watched, "/metrics"), "outcome=\"handed_over\"} 10\n") == NULL) /* the commit is seen before its answer */
		;
	expect_in(watched->reply, "daypart_database_up 1\n");
	expect_in(watched->reply, "daypart_lane_held{sender=\"north\"} 1\n");
	expect_in(watched->reply, "daypart_lateness_seconds_bucket{sender=\"north\",le=\"1\"} 0\n");
	expect_in(watched->reply, "daypart_lateness_seconds_count{sender=\"north\"} 10\n");
	expect_in(watched->reply, "daypart_in_flight{sender=\"north\"} 0\n");
	assert_null(strstr(watched->reply, "daypart_schema_version 0\n"));
	sql_run(watched->connection, "SELECT trip_breaker('sender', 'north', 'house.x', 'x')");
	while (
		strstr(get(watched, "/metrics"), "daypart_breaker{scope=\"sender\",name=\"north\",rule=\"house.x\",state=\"tripped\"} 1\n") == NULL)
		;
	expect_in(get(watched, "/health"), "200 OK");
	sql_run(watched->connection, "SELECT stop_all()");
	await_told(watched, "everything is stopped");
	expect_in(get(watched, "/health"), "ok: everything is stopped");
}

static void
who_cannot_work_is_not_well(void **state)
{
	struct watched *watched = *state;

	PQfinish(watched->connection);
	pg_cluster_halt(watched->cluster, PG_CLUSTER_FAST);
	while (strstr(get(watched, "/health"), "503") == NULL)
		;
	expect_in(watched->reply, "the database cannot be reached");
	pg_cluster_resume(watched->cluster);
	watched->connection = sql_connect(watched->conninfo, NULL);
	while (strstr(get(watched, "/health"), "200 OK") == NULL)
		;
}

static void
the_end_is_told(void **state)
{
	struct watched *watched = *state;

	process_signal(watched->daemon, SIGTERM);
	await_told(watched, "STOPPING=1");
	struct process_result result = process_wait(&watched->daemon);
	assert_int_equal(result.exit_code, 0);
	expect_in(result.err, "\"level\":\"info\",\"program\":\"daypartd\",\"pid\":");
	expect_in(result.err, "\"event\":\"ready\"");
	expect_in(result.err, "\"event\":\"database_lost\"");
	expect_in(result.err, "\"event\":\"ended\"");
	process_result_free(&result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_working_daemon_is_seen_at_work),
		cmocka_unit_test(who_cannot_work_is_not_well),
		cmocka_unit_test(the_end_is_told),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
