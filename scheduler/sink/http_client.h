/*
 * http_client - HTTP requests inside the loop: libcurl's multi-socket interface on uv_poll and one uv_timer
 *
 *     http_client_open(loop, &(struct http_client_options){.concurrency = 32, ...}, &client, &err);
 *     request->url = "https://...", request->body = "{}", request->body_size = 2, request->deadline = not_after, request->done = on_done;
 *     http_client_start(client, request);
 *     ... on_done(request, reply), once, also from within http_client_start ...
 *     http_client_close(&client);
 *
 * No request is ever sent twice: libcurl's own repetition on a connection that died is refused. A request does not begin to leave at or after
 * `deadline`, nor when `may_leave` says no, however long it waited for a name, a connection or its turn: both are looked at before its head is written
 * and again before its body is. The whole request ends by the deadline: what the kernel has not delivered by then it drops, and the same when the other
 * side takes nothing for as long as a request may last. A stop of the process between the second look and the system call that writes is not seen;
 * what left then was begun in time as far as anybody could tell.
 *
 * HTTP/1.1 only: there a connection is one request's, and cutting it cuts nothing else. Connections are kept for a few seconds and used again; redirects are not followed; certificates are always verified. A host on this machine is never reached through
 * a proxy. Names are resolved in libcurl's thread, which nobody waits for.
 *
 * Belongs to the loop's thread. A request and its texts are the caller's and stay until `done`; the reply lives only in that call.
 */
#ifndef DAYPART_SCHEDULER_HTTP_CLIENT_H
#define DAYPART_SCHEDULER_HTTP_CLIENT_H

#include <uv.h>

#include "planner/core/instant.h"

enum {
	HTTP_REPLY_MAX = 64 * 1024, /* answers of providers are a few hundred bytes; a longer one is cut, which is no answer */
	HTTP_HEADERS_MAX = 12
};

enum http_outcome {
	HTTP_ANSWERED, /* the whole reply is here */
	HTTP_NOT_SENT, /* nothing of the body has left: the other side surely did not take it */
	HTTP_TOO_LATE, /* the same, because its deadline had come, or it may not leave any more */
	HTTP_NO_ANSWER /* the body has left, or some of it, and no whole reply came */
};

struct http_reply {
	enum http_outcome outcome;
	int status;       /* answered */
	const char *body; /* answered; NUL after it */
	size_t body_size;
	struct duration retry_after; /* 0: not asked for */
	const char *error;           /* not answered: why */
};

struct http_request;
typedef void http_done_fn(struct http_request *request, const struct http_reply *reply);

struct http_request {
	const char *url;
	const char *headers[HTTP_HEADERS_MAX]; /* "Name: value", ends with NULL */
	const char *body;                      /* NULL: a GET */
	size_t body_size;
	struct instant deadline;                         /* by this host's clock */
	bool (*may_leave)(struct http_request *request); /* NULL: until the deadline */
	http_done_fn *done;
	struct http_request *next; /* the client's */
};

struct http_client_options {
	size_t concurrency;
	struct duration connect_timeout, timeout;
	const char *ca_file; /* NULL: the system's certificates */
};

struct http_client;

MUST_CHECK enum status http_client_open(
	uv_loop_t *loop, const struct http_client_options *options, struct http_client **out, struct err *err);
/* Requests beyond the room wait for their turn. */
size_t http_client_room(const struct http_client *client);
void http_client_start(struct http_client *client, struct http_request *request);
/* Cuts and answers all that is open, before it returns; also from within `done`. The loop closes the handles and then frees the client. */
void http_client_close(struct http_client **client);

/* What a Retry-After asks for at `now`: seconds or an HTTP date, at most a day; 0 when it is neither, or over. */
struct duration http_retry_after(const char *text, struct instant now);

#endif
