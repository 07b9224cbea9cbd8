/*
 * Preloaded into a program: it stops (SIGSTOP) once, at a moment that a signal from outside would hardly hit. $DAYPART_TEST_STOP_AT says at which:
 * "connect", before it connects to the TCP port $DAYPART_TEST_STOP_PORT; "head", after it has sent what begins with "POST ".
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_flag has_stopped = ATOMIC_FLAG_INIT;

static void
stop_at(const char *moment)
{
	const char *wanted = getenv("DAYPART_TEST_STOP_AT");

	if (wanted != NULL && strcmp(wanted, moment) == 0 && !atomic_flag_test_and_set(&has_stopped))
		kill(getpid(), SIGSTOP);
}

int
connect(int fd, const struct sockaddr *address, socklen_t size)
{
	int (*const real)(int, const struct sockaddr *, socklen_t) =
		(int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
	const char *port = getenv("DAYPART_TEST_STOP_PORT");

	if (port != NULL && address->sa_family == AF_INET && ntohs(((const struct sockaddr_in *)address)->sin_port) == atoi(port))
		stop_at("connect");
	return real(fd, address, size);
}

ssize_t
send(int fd, const void *bytes, size_t size, int flags)
{
	ssize_t (*const real)(int, const void *, size_t, int) = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
	const ssize_t count = real(fd, bytes, size, flags);

	if (count >= 5 && memcmp(bytes, "POST ", 5) == 0)
		stop_at("head");
	return count;
}
