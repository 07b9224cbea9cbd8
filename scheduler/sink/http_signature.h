/*
 * http_signature - who sent a request, when, and that nobody changed it: the scheme of Standard Webhooks (standardwebhooks.com)
 *
 *     http_signature_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &key, &err);
 *     http_signature_make(&key, "message id", 1614265330, body, size, text);      // "v1,g0hM9SsE+OTP..."
 *
 * HMAC-SHA-256 over "ID.TIMESTAMP.BODY" in base64. Receivers verify it with any library of Standard Webhooks: headers webhook-id (here the
 * idempotency key), webhook-timestamp (seconds) and webhook-signature.
 */
#ifndef DAYPART_SCHEDULER_HTTP_SIGNATURE_H
#define DAYPART_SCHEDULER_HTTP_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "planner/core/status.h"

enum {
	HTTP_SIGNATURE_KEY_MIN = 24, /* bytes: the limits of Standard Webhooks */
	HTTP_SIGNATURE_KEY_MAX = 64,
	HTTP_SIGNATURE_TEXT_MAX = 48 /* "v1," and 32 bytes in base64 */
};

struct http_signature_key {
	unsigned char bytes[HTTP_SIGNATURE_KEY_MAX];
	size_t size;
};

/* "whsec_" and base64 of 24 to 64 bytes; the error does not quote it. */
MUST_CHECK enum status http_signature_key(const char *text, struct http_signature_key *out, struct err *err);
/* STATUS_INTERNAL: the library of HMAC failed. */
MUST_CHECK enum status http_signature_make(const struct http_signature_key *key, const char *id, int64_t timestamp, const char *body,
	size_t size, char out[HTTP_SIGNATURE_TEXT_MAX]);

#endif
