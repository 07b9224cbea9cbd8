/*
 * http_webhook - messages as JSON for any receiver: the body of a POST, what its reply says, and what a status URL says about a key
 *
 *     body = http_webhook_body(message);                           // {"key":"...","not_after":"2026-11-23T20:00:00Z",...,"text":"Hello Ann"}
 *     http_webhook_read(reply, size, &answer);                     // {"id":"..."} or {"code":131050,"message":"..."}, both optional
 *     url = http_webhook_status_url("https://example.com/messages/{key}", key);
 *     state = http_webhook_read_state(reply, size, &answer);       // {"state":"sent","id":"..."}
 *
 * The receiver must not send at or after not_after, nor a key that it has had before. Any 2xx is an acceptance; an error may carry a code of
 * REGULATIONS.md 2.10 as `code`, or `error.code`.
 */
#ifndef DAYPART_SCHEDULER_HTTP_WEBHOOK_H
#define DAYPART_SCHEDULER_HTTP_WEBHOOK_H

#include "http_answer.h"
#include "sink.h"

enum http_webhook_state { HTTP_WEBHOOK_UNKNOWN, HTTP_WEBHOOK_SENT, HTTP_WEBHOOK_NOT_SENT };

#define HTTP_WEBHOOK_KEY "{key}"

/* The caller frees it. NULL: a placeholder has no value, or the values are no JSON object (or no memory): it cannot be sent as it is. */
char *http_webhook_body(const struct message *message);
void http_webhook_read(const char *body, size_t size, struct http_answer *out);

/* `url` holds HTTP_WEBHOOK_KEY. The caller frees it; NULL: no memory. */
char *http_webhook_status_url(const char *url, const char *key);
enum http_webhook_state http_webhook_read_state(const char *body, size_t size, struct http_answer *out);

#endif
