/*
 * pg_proxy - a bad network between a program under test and its PostgreSQL server
 *
 *     struct pg_proxy *proxy = pg_proxy_open(pg_cluster_host(cluster));
 *     char *conninfo = pg_proxy_conninfo(proxy, direct_conninfo);     // for the program
 *     pg_proxy_cut(proxy);                                            // its connections are reset
 *     pg_proxy_stall(proxy, true);                                    // nothing passes, no connection ends
 *     pg_proxy_swallow(proxy, "release_claim");                       // the server does it, and the program never hears of it
 *     pg_proxy_close(&proxy);
 *
 * Listens on a TCP port of 127.0.0.1 and connects to the server's unix socket. It reads the frames of the protocol (version 3, no TLS) far enough
 * to know statements and the ends of replies. While the server is down, whoever connects is cut off at once.
 *
 * Runs in a thread of its own; all functions may be called while it runs, and none waits for the network. What cannot be started ends the test
 * program with a message.
 */
#ifndef DAYPART_TESTS_SUPPORT_PG_PROXY_H
#define DAYPART_TESTS_SUPPORT_PG_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct pg_proxy;

enum { PG_PROXY_STATEMENT_MAX = 64 };

/* To the server with its socket in that folder. */
struct pg_proxy *pg_proxy_open(const char *host);
void pg_proxy_close(struct pg_proxy **proxy);

/* That conninfo, but through the proxy; the caller frees it. */
char *pg_proxy_conninfo(const struct pg_proxy *proxy, const char *conninfo);

/* Every connection, both ends; what was under way in either direction is lost. */
void pg_proxy_cut(struct pg_proxy *proxy);

/* Until it is called with false, when all that waited passes. */
void pg_proxy_stall(struct pg_proxy *proxy, bool stalls);

/*
 * The reply to the next statement of that name (a prepared one) or that begins so (a simple query) is kept back to its end, so that the server
 * has done it, and then the connection is cut. "": any statement. NULL: none any more.
 */
void pg_proxy_swallow(struct pg_proxy *proxy, const char *statement);

/* How many replies were swallowed so far, and how many connections were made. */
size_t pg_proxy_swallowed(struct pg_proxy *proxy);
size_t pg_proxy_connections(struct pg_proxy *proxy);

#endif
