/*
 * sink_http - the wire to a provider over HTTP: WhatsApp Cloud API, or JSON to any receiver (release.http.format)
 *
 *     sink_http.wire->open(loop, settings, &events, &state, &err);     // see sink.h
 *
 * Each message is one request. An answer is judged by policy/provider_answer.h; a request that gets none is PROVIDER_RETRY while nothing of its
 * body has left, and PROVIDER_UNCERTAIN afterwards. Nothing begins to leave at or after not_after, nor in the last release.max_clock_skew before it:
 * that far the clocks of host and database may be apart; may_leave is asked when the connection stands, before the head and before the body
 * (http_client.h says what remains).
 *
 * While the provider is not reached, answers with 5xx, asks for a pause (429, Retry-After) or refuses the account there is no room, then room for
 * one message until one goes well: what is uncertain or refused stays little. The daemon asks for the room again with every poll.
 *
 * A 5xx is an uncertain message too: gateways write 502 to 504 over requests that were carried out, and nothing in an answer proves that this one was
 * not. With release.http.lost_answer = "repeat" the receiver is known to take an Idempotency-Key once only, and such a message is sent again
 * (flight.h) until it is accepted.
 *
 * `ask` needs release.http.status_url; it answers PROVIDER_ACCEPTED, PROVIDER_RETRY (surely not taken) or PROVIDER_UNCERTAIN. It has no deadline but the
 * timeout.
 */
#ifndef DAYPART_SCHEDULER_SINK_HTTP_H
#define DAYPART_SCHEDULER_SINK_HTTP_H

#include "sink.h"

extern const struct sink sink_http;

/* The settings release.http as `open` will read them: what is wrong with them is told before anything starts. */
MUST_CHECK enum status sink_http_check(const struct settings *settings, struct err *err);

#endif
