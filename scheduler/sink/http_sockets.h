/*
 * http_sockets - libcurl's multi handle on a libuv loop: which sockets to watch, and when to be called again
 *
 *     http_sockets_open(loop, multi, on_progress, on_closed, owner, &sockets, &err);
 *     ... curl_multi_add_handle(multi, easy): on_progress(owner) follows whenever libcurl has done something ...
 *     sockets's owner: curl_multi_cleanup(multi); http_sockets_close(&sockets);      // in this order: libcurl lets go of its sockets first
 *
 * `on_progress` collects what is done (curl_multi_info_read) and may close. `on_closed` comes from the loop, once, when the last handle is closed.
 */
#ifndef DAYPART_SCHEDULER_HTTP_SOCKETS_H
#define DAYPART_SCHEDULER_HTTP_SOCKETS_H

#include <curl/curl.h>
#include <uv.h>

#include "planner/core/status.h"

struct http_sockets;
typedef void http_sockets_fn(void *owner);

MUST_CHECK enum status http_sockets_open(uv_loop_t *loop, CURLM *multi, http_sockets_fn *on_progress, http_sockets_fn *on_closed,
	void *owner, struct http_sockets **out, struct err *err);
void http_sockets_close(struct http_sockets **sockets);

#endif
