/*
 * monitor - answers GET /metrics and GET /health on a port of this host, inside the loop
 *
 *     monitor_open(loop, "127.0.0.1:9464", &(struct monitor_pages){write_metrics, write_health, daemon}, &monitor, &err);
 *     ...
 *     monitor_close(&monitor);                  // frees itself after the loop has run the close callbacks
 *
 * /metrics is Prometheus text, /health one line with 200 or 503. HEAD works as GET; other pages are 404, other methods 405. HTTP is libmicrohttpd's, whose
 * descriptor the loop watches: no thread, and a slow client holds nothing up. At most 16 connections, each cut after 10 idle seconds.
 * There is neither a password nor TLS: listen on a local address, or behind something that has them.
 */
#ifndef DAYPART_SCHEDULER_MONITOR_H
#define DAYPART_SCHEDULER_MONITOR_H

#include <stdbool.h>
#include <stdio.h>
#include <uv.h>

#include "planner/core/status.h"

struct monitor_pages {
	void (*write_metrics)(void *context, FILE *out);
	bool (*write_health)(void *context, FILE *out); /* whether all is well */
	void *context;
};

struct monitor;

/* `address` is IPv4:PORT or [IPv6]:PORT; port 0 takes a free one. STATUS_INVALID says what is wrong with it. */
MUST_CHECK enum status monitor_open(
	uv_loop_t *loop, const char *address, const struct monitor_pages *pages, struct monitor **out, struct err *err);
int monitor_port(const struct monitor *monitor);
void monitor_close(struct monitor **monitor);

#endif
