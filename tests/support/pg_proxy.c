/*
 * pg_proxy - implementation
 *
 * One thread polls all sockets. A connection has two halves, one a direction; a half reads only when it has written what it read before, so a slow
 * reader slows the writer, as in a network. Functions called by the test change a few words under the mutex and wake the thread.
 */
#include "pg_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "temp.h"

enum { CONNECTIONS_MAX = 128, CHUNK_BYTES = 16 * 1024, HEADER_BYTES = 5, POLLED_MAX = 2 + CONNECTIONS_MAX * 2 };

/* Where in the stream of frames a half is: type, length, text. */
struct frame {
	unsigned char header[HEADER_BYTES]; /* of a frame without a type the first byte is 0 */
	size_t header_size;
	uint32_t left; /* of the text */
	char text[PG_PROXY_STATEMENT_MAX];
	size_t text_size;
};

enum side { CLIENT, SERVER };

/* What one side sends. */
struct half {
	struct frame frame;
	char bytes[CHUNK_BYTES];
	size_t start, size; /* of what is still to be written */
	bool ended;
};

struct connection {
	int fds[2];
	struct half halves[2];
	bool swallows;
};

struct pg_proxy {
	pthread_t thread;
	int listener, wake[2];
	unsigned port;
	struct sockaddr_un server;
	struct connection *connections[CONNECTIONS_MAX]; /* the thread's */
	size_t count;
	pthread_mutex_t mutex; /* guards what follows */
	bool closes, cuts, stalls, swallows;
	char statement[PG_PROXY_STATEMENT_MAX];
	size_t swallowed, made;
};

/* Frames ------------------------------------------------------------------------------------------------------------------------------------ */

static void
frame_begin(struct frame *frame, bool has_type)
{
	*frame = (struct frame){.header_size = has_type ? 0 : 1};
}

/* Reads one byte; true when a frame ends with it. */
static bool
frame_read(struct frame *frame, char byte)
{
	if (frame->header_size < HEADER_BYTES) {
		frame->header[frame->header_size++] = (unsigned char)byte;
		if (frame->header_size < HEADER_BYTES)
			return false;
		frame->left = ((uint32_t)frame->header[1] << 24 | (uint32_t)frame->header[2] << 16 | (uint32_t)frame->header[3] << 8 |
						  (uint32_t)frame->header[4]) -
			4;
		return frame->left == 0;
	}
	if (frame->text_size < sizeof(frame->text) - 1)
		frame->text[frame->text_size++] = byte;
	return --frame->left == 0;
}

/* Query: its text. Bind: the name of the portal, then that of the statement. */
static bool
frame_is_statement(const struct frame *frame, const char *statement)
{
	const char *name = frame->text;

	if (frame->header[0] == 'B')
		return *statement == '\0' || strcmp(name + strlen(name) + 1, statement) == 0;
	return frame->header[0] == 'Q' && strncmp(name, statement, strlen(statement)) == 0;
}

/* Thread: connections ----------------------------------------------------------------------------------------------------------------------- */

/* With a reset, not an end: what the other side has written and we have not read is gone. */
static void
reset(int fd)
{
	const struct linger now = {.l_onoff = 1};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void
drop(struct pg_proxy *proxy, size_t index)
{
	struct connection *connection = proxy->connections[index];

	reset(connection->fds[CLIENT]);
	reset(connection->fds[SERVER]);
	free(connection);
	proxy->connections[index] = proxy->connections[--proxy->count];
}

static int
connect_server(const struct pg_proxy *proxy)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&proxy->server, sizeof(proxy->server)) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void
take_client(struct pg_proxy *proxy)
{
	const int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	const int server = client >= 0 && proxy->count < CONNECTIONS_MAX ? connect_server(proxy) : -1;
	struct connection *connection = server >= 0 ? calloc(1, sizeof(*connection)) : NULL;

	if (connection == NULL) {
		if (client >= 0)
			reset(client);
		if (server >= 0)
			close(server);
		return;
	}
	connection->fds[CLIENT] = client;
	connection->fds[SERVER] = server;
	frame_begin(&connection->halves[CLIENT].frame, false);
	frame_begin(&connection->halves[SERVER].frame, true);
	proxy->connections[proxy->count++] = connection;
	pthread_mutex_lock(&proxy->mutex);
	proxy->made++;
	pthread_mutex_unlock(&proxy->mutex);
}

/* True when the statement just read is the one whose reply is to be swallowed. */
static bool
begins_to_swallow(struct pg_proxy *proxy, const struct frame *frame)
{
	bool found;

	pthread_mutex_lock(&proxy->mutex);
	found = proxy->swallows && frame_is_statement(frame, proxy->statement);
	if (found)
		proxy->swallows = false;
	pthread_mutex_unlock(&proxy->mutex);
	return found;
}

/* False: the connection is over, because the reply that is swallowed has ended. */
static bool
follow(struct pg_proxy *proxy, struct connection *connection, enum side from)
{
	struct half *half = &connection->halves[from];

	for (size_t i = 0; i < half->size; i++) {
		if (!frame_read(&half->frame, half->bytes[i]))
			continue;
		if (from == CLIENT && begins_to_swallow(proxy, &half->frame))
			connection->swallows = true;
		if (from == SERVER && connection->swallows && half->frame.header[0] == 'Z') {
			pthread_mutex_lock(&proxy->mutex);
			proxy->swallowed++;
			pthread_mutex_unlock(&proxy->mutex);
			return false;
		}
		frame_begin(&half->frame, true);
	}
	if (from == SERVER && connection->swallows)
		half->size = 0;
	return true;
}

static bool
is_only_later(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool
read_half(struct pg_proxy *proxy, struct connection *connection, enum side from)
{
	struct half *half = &connection->halves[from];
	const ssize_t size = recv(connection->fds[from], half->bytes, sizeof(half->bytes), 0);

	if (size < 0)
		return is_only_later();
	half->ended = size == 0;
	half->start = 0;
	half->size = (size_t)size;
	return !half->ended && follow(proxy, connection, from);
}

static bool
write_half(struct connection *connection, enum side from)
{
	struct half *half = &connection->halves[from];
	const ssize_t size = send(connection->fds[!from], half->bytes + half->start, half->size, MSG_NOSIGNAL);

	if (size < 0)
		return is_only_later();
	half->start += (size_t)size;
	half->size -= (size_t)size;
	return true;
}

/* Thread: loop ------------------------------------------------------------------------------------------------------------------------------ */

static short
events_of(const struct connection *connection, enum side side)
{
	return (short)((connection->halves[side].size == 0 ? POLLIN : 0) | (connection->halves[!side].size > 0 ? POLLOUT : 0));
}

/* Sockets that stall are left out. */
static nfds_t
list_polled(const struct pg_proxy *proxy, bool stalls, struct pollfd polled[POLLED_MAX])
{
	nfds_t count = 0;

	polled[count++] = (struct pollfd){.fd = proxy->wake[0], .events = POLLIN};
	polled[count++] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
	for (size_t i = 0; i < proxy->count; i++)
		for (int side = CLIENT; side <= SERVER; side++)
			polled[count++] = (struct pollfd){
				.fd = stalls ? -1 : proxy->connections[i]->fds[side], .events = events_of(proxy->connections[i], (enum side)side)};
	return count;
}

static bool
serve(struct pg_proxy *proxy, struct connection *connection, const struct pollfd polled[2])
{
	for (int side = CLIENT; side <= SERVER; side++) {
		if (polled[side].revents & POLLOUT && !write_half(connection, (enum side) !side))
			return false;
		if (polled[side].revents & (POLLIN | POLLHUP | POLLERR) && connection->halves[side].size == 0 &&
			!read_half(proxy, connection, (enum side)side))
			return false;
	}
	return true;
}

/* Takes over what the test wants. */
static bool
obey(struct pg_proxy *proxy, bool *out_stalls)
{
	bool closes, cuts;

	pthread_mutex_lock(&proxy->mutex);
	closes = proxy->closes;
	cuts = proxy->cuts || closes;
	proxy->cuts = false;
	*out_stalls = proxy->stalls;
	pthread_mutex_unlock(&proxy->mutex);
	while (cuts && proxy->count > 0)
		drop(proxy, proxy->count - 1);
	return !closes;
}

static void *
run(void *argument)
{
	struct pg_proxy *proxy = argument;
	struct pollfd polled[POLLED_MAX];
	char bytes[64];
	bool stalls;

	while (obey(proxy, &stalls)) {
		const nfds_t count = list_polled(proxy, stalls, polled);

		if (poll(polled, count, -1) < 0 && errno != EINTR)
			support_fail("pg_proxy: poll: %s", strerror(errno));
		if (polled[0].revents != 0 && read(proxy->wake[0], bytes, sizeof(bytes)) < 0 && !is_only_later())
			support_fail("pg_proxy: pipe: %s", strerror(errno));
		for (size_t i = proxy->count; i-- > 0;) /* from the end: dropping moves the last one */
			if (!serve(proxy, proxy->connections[i], &polled[2 + i * 2]))
				drop(proxy, i);
		if (polled[1].revents != 0)
			take_client(proxy);
	}
	return NULL;
}

/* The test's side --------------------------------------------------------------------------------------------------------------------------- */

static void
wake(struct pg_proxy *proxy)
{
	if (write(proxy->wake[1], "", 1) < 0 && !is_only_later())
		support_fail("pg_proxy: pipe: %s", strerror(errno));
}

static void
listen_somewhere(struct pg_proxy *proxy)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (proxy->listener < 0 || bind(proxy->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(proxy->listener, SOMAXCONN) != 0 || getsockname(proxy->listener, (struct sockaddr *)&address, &size) != 0)
		support_fail("pg_proxy: cannot listen: %s", strerror(errno));
	proxy->port = ntohs(address.sin_port);
}

struct pg_proxy *
pg_proxy_open(const char *host)
{
	struct pg_proxy *proxy = calloc(1, sizeof(*proxy));

	if (proxy == NULL)
		support_fail("pg_proxy: out of memory");
	proxy->server.sun_family = AF_UNIX;
	if (snprintf(proxy->server.sun_path, sizeof(proxy->server.sun_path), "%s/.s.PGSQL.5432", host) >= (int)sizeof(proxy->server.sun_path))
		support_fail("pg_proxy: the path of the socket is too long: %s", host);
	pthread_mutex_init(&proxy->mutex, NULL);
	if (pipe2(proxy->wake, O_CLOEXEC | O_NONBLOCK) != 0)
		support_fail("pg_proxy: %s", strerror(errno));
	listen_somewhere(proxy);
	if (pthread_create(&proxy->thread, NULL, run, proxy) != 0)
		support_fail("pg_proxy: no thread");
	return proxy;
}

void
pg_proxy_close(struct pg_proxy **io_proxy)
{
	struct pg_proxy *proxy = *io_proxy;

	*io_proxy = NULL;
	pthread_mutex_lock(&proxy->mutex);
	proxy->closes = true;
	pthread_mutex_unlock(&proxy->mutex);
	wake(proxy);
	pthread_join(proxy->thread, NULL);
	close(proxy->listener);
	close(proxy->wake[0]);
	close(proxy->wake[1]);
	pthread_mutex_destroy(&proxy->mutex);
	free(proxy);
}

/* The last of two words for one thing counts. */
char *
pg_proxy_conninfo(const struct pg_proxy *proxy, const char *conninfo)
{
	static const char format[] = "%s host=127.0.0.1 port=%u sslmode=disable gssencmode=disable";
	const size_t size = strlen(conninfo) + sizeof(format) + 16;
	char *text = malloc(size);

	if (text == NULL)
		support_fail("pg_proxy: out of memory");
	(void)snprintf(text, size, format, conninfo, proxy->port);
	return text;
}

void
pg_proxy_cut(struct pg_proxy *proxy)
{
	pthread_mutex_lock(&proxy->mutex);
	proxy->cuts = true;
	pthread_mutex_unlock(&proxy->mutex);
	wake(proxy);
}

void
pg_proxy_stall(struct pg_proxy *proxy, bool stalls)
{
	pthread_mutex_lock(&proxy->mutex);
	proxy->stalls = stalls;
	pthread_mutex_unlock(&proxy->mutex);
	wake(proxy);
}

void
pg_proxy_swallow(struct pg_proxy *proxy, const char *statement)
{
	pthread_mutex_lock(&proxy->mutex);
	proxy->swallows = statement != NULL;
	(void)snprintf(proxy->statement, sizeof(proxy->statement), "%s", statement != NULL ? statement : "");
	pthread_mutex_unlock(&proxy->mutex);
}

size_t
pg_proxy_swallowed(struct pg_proxy *proxy)
{
	size_t count;

	pthread_mutex_lock(&proxy->mutex);
	count = proxy->swallowed;
	pthread_mutex_unlock(&proxy->mutex);
	return count;
}

size_t
pg_proxy_connections(struct pg_proxy *proxy)
{
	size_t count;

	pthread_mutex_lock(&proxy->mutex);
	count = proxy->made;
	pthread_mutex_unlock(&proxy->mutex);
	return count;
}
