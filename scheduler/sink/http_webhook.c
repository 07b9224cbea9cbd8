#include "http_webhook.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "placeholder.h"

enum { NUMBER_TEXT_MAX = 24 };

static bool
has_all_values(const char *body, const json_t *values)
{
	struct placeholder found;

	for (const char *at = body; placeholder_next(at, &found); at = found.until)
		if (placeholder_value(&found, values) == NULL)
			return false;
	return true;
}

/* `recipient_id` is a text: it has 63 bits, and many readers of JSON keep 53. */
static json_t *
pack(const struct message *message, const char *text, json_t *values)
{
	char not_after[INSTANT_TEXT_MAX], recipient[NUMBER_TEXT_MAX];

	snprintf(recipient, sizeof recipient, "%" PRId64, message->recipient_id);
	instant_format(message->not_after, 0, not_after);
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O, s:s, s:i, s:i}", "key", message->key,
		"attempt", (int)message->attempt, "not_after", not_after, "phone", message->phone, "channel", message->channel, "category",
		message->category, "sender", message->sender, "sender_address", message->sender_address, "campaign", message->campaign, "template",
		message->template, "language", message->language, "text", text, "body", message->body, "variables", values, "recipient_id",
		recipient, "run_id", (int)message->run_id, "bucket", (int)message->bucket);
}

char *
http_webhook_body(const struct message *message)
{
	json_t *const values = json_loads(message->variables, 0, NULL);
	char *filled = NULL, *text = NULL;
	json_t *body = NULL;

	if (json_is_object(values) && has_all_values(message->body, values))
		filled = placeholder_fill(message->body, values);
	if (filled != NULL)
		body = pack(message, filled, values);
	if (body != NULL)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	json_decref(values);
	free(filled);
	return text;
}

static void
read_id(const json_t *reply, struct http_answer *out)
{
	http_answer_copy(out->id, sizeof out->id, json_string_value(json_object_get(reply, "id")));
}

void
http_webhook_read(const char *body, size_t size, struct http_answer *out)
{
	json_t *const reply = json_loadb(body, size, 0, NULL);
	const json_t *nested = json_object_get(reply, "error"), *error = json_is_object(nested) ? nested : reply;

	*out = (struct http_answer)HTTP_ANSWER_INIT;
	out->code = http_answer_code(json_object_get(error, "code"));
	http_answer_copy(out->text, sizeof out->text, json_string_value(json_object_get(error, "message")));
	read_id(reply, out);
	json_decref(reply);
}

char *
http_webhook_status_url(const char *url, const char *key)
{
	const char *at = strstr(url, HTTP_WEBHOOK_KEY);
	char *escaped = curl_easy_escape(NULL, key, 0), *out = NULL;

	if (escaped != NULL && asprintf(&out, "%.*s%s%s", (int)(at - url), url, escaped, at + strlen(HTTP_WEBHOOK_KEY)) < 0)
		out = NULL;
	curl_free(escaped);
	return out;
}

enum http_webhook_state
http_webhook_read_state(const char *body, size_t size, struct http_answer *out)
{
	json_t *const reply = json_loadb(body, size, 0, NULL);
	const char *word = json_string_value(json_object_get(reply, "state"));
	enum http_webhook_state state = HTTP_WEBHOOK_UNKNOWN;

	*out = (struct http_answer)HTTP_ANSWER_INIT;
	if (word != NULL && strcmp(word, "sent") == 0)
		state = HTTP_WEBHOOK_SENT;
	else if (word != NULL && strcmp(word, "not_sent") == 0)
		state = HTTP_WEBHOOK_NOT_SENT;
	read_id(reply, out);
	json_decref(reply);
	return state;
}
