/*
 * http_cloud - messages of the WhatsApp Cloud API: the body of POST {base}/{phone_number_id}/messages, and what the reply says
 *
 *     body = http_cloud_body(message, HTTP_CLOUD_POSITIONAL);
 *     understood = http_cloud_read(reply, size, &answer);
 *
 * A message is a template with the person's values: in the order in which the body names them first, or each under its name, as the template was
 * registered. biz_opaque_callback_data carries the idempotency key, so that the provider's reports can be matched. The API has no place for
 * not_after and nothing that keeps it from taking a message twice: hence no request is repeated after a lost reply.
 */
#ifndef DAYPART_SCHEDULER_HTTP_CLOUD_H
#define DAYPART_SCHEDULER_HTTP_CLOUD_H

#include "http_answer.h"
#include "sink.h"

enum http_cloud_parameters { HTTP_CLOUD_POSITIONAL, HTTP_CLOUD_NAMED };

/* The caller frees it. NULL: a placeholder has no value, or the values are no JSON object (or no memory): it cannot be sent as it is. */
char *http_cloud_body(const struct message *message, enum http_cloud_parameters parameters);

/* True when the reply is a message's id or an error with a code. */
bool http_cloud_read(const char *body, size_t size, struct http_answer *out);

#endif
