/*
 * http_cut - a connection that is cut delivers nothing more
 *
 *     http_cut_set(easy, &options->timeout);
 *
 * The kernel goes on delivering what it has taken after a socket was closed, and after its process has died. So a socket that is closed with bytes that the
 * other side does not have is reset, which drops them; and whatever becomes of this process, nothing is delivered any more to a side that has taken
 * nothing for `patience`, which outlives the connection.
 */
#ifndef DAYPART_SCHEDULER_HTTP_CUT_H
#define DAYPART_SCHEDULER_HTTP_CUT_H

#include <curl/curl.h>
#include <stdbool.h>

#include "planner/core/instant.h"

/* For the connections that this handle makes. */
bool http_cut_set(CURL *easy, const struct duration *patience);

#endif
