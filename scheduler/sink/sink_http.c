/*
 * sink_http - implementation
 *
 * A post is one message on its way: the request with its texts, built once, freed with the answer. What the reply means is decided in judge() for a
 * message and judge_state() for a question; both end in answer().
 */
#include "sink_http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/log.h"
#include "http_client.h"
#include "http_config.h"
#include "http_webhook.h"
#include "planner/core/number.h"
#include "scheduler/policy/backoff.h"

enum { HEADER_MAX = HTTP_SECRET_MAX + 64, CODE_TEXT_MAX = 32 };

/* Between tries at a provider that is in trouble. */
#define REST_LEAST (1 * US_PER_SECOND)
#define REST_MOST (60 * US_PER_SECOND)
/* Between two warnings: a provider that fails now and then would fill the log. */
#define TELL_AGAIN (60 * US_PER_SECOND)

/* What an answer does to the room. */
struct trouble {
	struct backoff backoff; /* failures > 0: in trouble */
	int64_t rest_until;     /* by uv_hrtime, in microseconds */
	int64_t told_at;        /* 0: not yet */
	bool told;              /* of this trouble */
};

struct sink_http {
	struct http_config config;
	struct http_client *client;
	struct sink_events events;
	struct duration max_skew; /* not_after is by the database's clock, the client's deadline by this host's */
	struct trouble trouble;
	bool closing;
};

struct post {
	struct http_request request;
	struct sink_http *sink;
	struct message *message;
	bool asks;
	char *url, *body;
	char authorization[HEADER_MAX], key[HEADER_MAX], id[HEADER_MAX], timestamp[HEADER_MAX], signature[HEADER_MAX];
};

/* Trouble --------------------------------------------------------------------------------------------------------------------------------- */

static int64_t
steady_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

static void
tell_trouble(struct trouble *trouble, int64_t now, const char *why)
{
	if (trouble->told || (trouble->told_at != 0 && now - trouble->told_at < TELL_AGAIN))
		return;
	log_event(SEVERITY_WARNING, &(struct log_about){.event = "provider_in_trouble", .reason = why},
		"the provider is in trouble (%s): one message at a time, with pauses, until one goes well", why);
	trouble->told_at = now;
	trouble->told = true;
}

static void
note_trouble(struct trouble *trouble, struct duration asked_for, const char *why)
{
	const int64_t now = steady_us();
	int64_t wait;

	if (now < trouble->rest_until && asked_for.us == 0)
		return; /* of those that were on their way already */
	tell_trouble(trouble, now, why);
	wait = backoff_next(&trouble->backoff).us;
	if (asked_for.us > wait)
		wait = asked_for.us;
	if (now + wait > trouble->rest_until)
		trouble->rest_until = now + wait;
}

static void
note_success(struct trouble *trouble)
{
	if (trouble->told)
		log_message(SEVERITY_INFO, "the provider answers again");
	trouble->told = false;
	backoff_reset(&trouble->backoff);
	trouble->rest_until = 0;
}

static void
learn_trouble(struct sink_http *sink, const struct http_reply *reply, const struct sink_answer *answer)
{
	const bool of_account = answer->action == PROVIDER_RETRY_ACCOUNT || answer->action == PROVIDER_PAUSE_ACCOUNT;

	if (sink->closing || reply->outcome == HTTP_TOO_LATE)
		return;
	if (reply->outcome != HTTP_ANSWERED || reply->status >= 500 || of_account)
		note_trouble(&sink->trouble, reply->retry_after, answer->text != NULL ? answer->text : answer->code);
	else
		note_success(&sink->trouble);
}

/* Answers --------------------------------------------------------------------------------------------------------------------------------- */

static void
free_post(struct post *post)
{
	free(post->url);
	free(post->body);
	explicit_bzero(post->authorization, sizeof post->authorization);
	free(post);
}

static void
answer(struct post *post, const struct http_reply *reply, const struct sink_answer *answer)
{
	struct sink_http *const sink = post->sink;
	struct message *const message = post->message;

	learn_trouble(sink, reply, answer);
	sink->events.on_answer(message, answer);
	free_post(post);
}

/* The strictest of the countries that the number may belong to. NULL: unknown, any. */
static const char *
country_of(const char *phone, char out[3])
{
	const struct number_place *place = number_place(strtoull(phone + (phone[0] == '+'), NULL, 10));

	if (place == NULL || place->kind != NUMBER_PLACED || place->region_count == 0)
		return NULL;
	snprintf(out, 3, "%s", place->regions[0]);
	for (int i = 0; i < place->region_count; i++)
		if (strncmp(place->regions[i], "US", 2) == 0)
			snprintf(out, 3, "US");
	return out;
}

static struct sink_answer
no_answer(const struct http_reply *reply)
{
	static const char *const codes[] = {[HTTP_NOT_SENT] = "not_sent", [HTTP_TOO_LATE] = "too_late", [HTTP_NO_ANSWER] = "no_answer"};

	return (struct sink_answer){
		.action = reply->outcome == HTTP_NO_ANSWER ? PROVIDER_UNCERTAIN : PROVIDER_RETRY,
		.code = codes[reply->outcome],
		.text = reply->error,
	};
}

static void
judge(struct post *post, const struct http_reply *reply)
{
	const bool webhook = post->sink->config.format == HTTP_FORMAT_WEBHOOK;
	char code[CODE_TEXT_MAX], country[3];
	struct sink_answer result = {.retry_after = reply->retry_after};
	struct http_answer said = HTTP_ANSWER_INIT;
	bool understood = true;

	if (webhook)
		http_webhook_read(reply->body, reply->body_size, &said);
	else
		understood = http_cloud_read(reply->body, reply->body_size, &said);
	result.action = provider_action(reply->status, said.code, country_of(post->message->phone, country));
	if (result.action == PROVIDER_ACCEPTED && !understood)
		result.action = PROVIDER_UNCERTAIN; /* it says yes, and not to what */
	if (result.action == PROVIDER_ACCEPTED) {
		result.provider_id = said.id[0] != '\0' ? said.id : NULL;
	} else {
		if (said.code != PROVIDER_NO_CODE)
			snprintf(code, sizeof code, "%d", said.code);
		else
			snprintf(code, sizeof code, "http_%d", reply->status);
		result.code = code;
		result.text = said.text[0] != '\0' ? said.text : NULL;
	}
	answer(post, reply, &result);
}

static void
judge_state(struct post *post, const struct http_reply *reply)
{
	static const enum provider_action actions[] = {
		[HTTP_WEBHOOK_UNKNOWN] = PROVIDER_UNCERTAIN,
		[HTTP_WEBHOOK_SENT] = PROVIDER_ACCEPTED,
		[HTTP_WEBHOOK_NOT_SENT] = PROVIDER_RETRY,
	};
	char code[CODE_TEXT_MAX];
	struct sink_answer result = {.action = PROVIDER_UNCERTAIN, .retry_after = reply->retry_after};
	struct http_answer said = HTTP_ANSWER_INIT;

	snprintf(code, sizeof code, "http_%d", reply->status);
	if (reply->status == 200)
		result.action = actions[http_webhook_read_state(reply->body, reply->body_size, &said)];
	if (result.action == PROVIDER_ACCEPTED)
		result.provider_id = said.id[0] != '\0' ? said.id : NULL;
	else
		result.code = code;
	answer(post, reply, &result);
}

static void
on_done(struct http_request *request, const struct http_reply *reply)
{
	struct post *const post = (struct post *)request; /* its first member */
	struct sink_answer result;

	if (reply->outcome == HTTP_ANSWERED && post->asks) {
		judge_state(post, reply);
	} else if (reply->outcome == HTTP_ANSWERED) {
		judge(post, reply);
	} else {
		result = no_answer(reply);
		if (post->asks)
			result.action = PROVIDER_UNCERTAIN; /* a question that failed changes nothing */
		answer(post, reply, &result);
	}
}

static bool
may_leave(struct http_request *request)
{
	struct post *const post = (struct post *)request; /* its first member */

	return post->sink->events.may_leave(post->message);
}

/* Requests -------------------------------------------------------------------------------------------------------------------------------- */

static void
add_header(struct post *post, const char *header)
{
	size_t i = 0;

	while (post->request.headers[i] != NULL)
		i++;
	post->request.headers[i] = header;
}

static bool
sign(struct post *post)
{
	const struct http_config *config = &post->sink->config;
	const int64_t now = time(NULL);
	char signature[HTTP_SIGNATURE_TEXT_MAX];

	if (!config->signs)
		return true;
	if (http_signature_make(&config->signing_key, post->message->key, now, post->body != NULL ? post->body : "", post->request.body_size,
			signature) != STATUS_OK)
		return false;
	snprintf(post->id, sizeof post->id, "webhook-id: %s", post->message->key);
	snprintf(post->timestamp, sizeof post->timestamp, "webhook-timestamp: %" PRId64, now);
	snprintf(post->signature, sizeof post->signature, "webhook-signature: %s", signature);
	add_header(post, post->id);
	add_header(post, post->timestamp);
	add_header(post, post->signature);
	return true;
}

static bool
set_headers(struct post *post)
{
	if (post->body != NULL)
		add_header(post, "Content-Type: application/json");
	add_header(post, "Accept: application/json");
	snprintf(post->key, sizeof post->key, "Idempotency-Key: %s", post->message->key);
	add_header(post, post->key);
	if (post->sink->config.token.text != NULL) {
		snprintf(post->authorization, sizeof post->authorization, "Authorization: Bearer %s", post->sink->config.token.text);
		add_header(post, post->authorization);
	}
	return sign(post);
}

static struct post *
create_post(struct sink_http *sink, struct message *message, bool asks)
{
	struct post *post = calloc(1, sizeof *post);

	if (post != NULL)
		*post = (struct post){
			.request = {.done = on_done, .deadline = {message->not_after.us - sink->max_skew.us}, .may_leave = asks ? NULL : may_leave},
			.sink = sink,
			.message = message,
			.asks = asks};
	return post;
}

/* `action` and why, when it is not even tried. */
static void
refuse(struct sink_http *sink, struct message *message, enum provider_action action, const char *code, const char *text)
{
	sink->events.on_answer(message, &(struct sink_answer){.action = action, .code = code, .text = text});
}

static void
start(struct post *post)
{
	post->request.url = post->url;
	post->request.body = post->body;
	post->request.body_size = post->body != NULL ? strlen(post->body) : 0;
	if (set_headers(post)) {
		http_client_start(post->sink->client, &post->request);
	} else {
		refuse(post->sink, post->message, post->asks ? PROVIDER_UNCERTAIN : PROVIDER_RETRY, "not_sent", "the request cannot be signed");
		free_post(post);
	}
}

static void
send_webhook(struct sink_http *sink, struct message *message, struct post *post)
{
	post->url = strdup(sink->config.url);
	post->body = http_webhook_body(message);
}

static bool
send_cloud(struct sink_http *sink, struct message *message, struct post *post)
{
	const char *id = http_config_phone_number_id(&sink->config, message->sender_address);

	if (id == NULL)
		return false;
	if (asprintf(&post->url, "%s/%s/messages", sink->config.url, id) < 0)
		post->url = NULL;
	post->body = http_cloud_body(message, sink->config.parameters);
	return true;
}

static void
wire_send(void *state, struct message *message)
{
	struct sink_http *const sink = state;
	struct post *post = create_post(sink, message, false);
	bool known = true;

	if (post == NULL) {
		refuse(sink, message, PROVIDER_RETRY, "not_sent", "out of memory");
		return;
	}
	if (sink->config.format == HTTP_FORMAT_WEBHOOK)
		send_webhook(sink, message, post);
	else
		known = send_cloud(sink, message, post);
	if (known && post->url != NULL && post->body != NULL) {
		start(post);
		return;
	}
	free_post(post);
	if (!known)
		refuse(
			sink, message, PROVIDER_STOP_SENDER, "no_phone_number_id", "release.http.phone_number_ids does not name the sender's address");
	else
		refuse(sink, message, PROVIDER_DROP, "no_body", "a variable of the text has no value");
}

static bool
wire_can_ask(const void *state)
{
	return ((const struct sink_http *)state)->config.status_url != NULL;
}

static bool
wire_can_repeat(const void *state)
{
	return ((const struct sink_http *)state)->config.repeats;
}

static void
wire_ask(void *state, struct message *message)
{
	struct sink_http *const sink = state;
	struct post *post = create_post(sink, message, true);

	if (post != NULL) {
		post->request.deadline.us = INT64_MAX / 2; /* a question is lawful at any hour */
		post->url = http_webhook_status_url(sink->config.status_url, message->key);
		if (post->url != NULL) {
			start(post);
			return;
		}
		free_post(post);
	}
	refuse(sink, message, PROVIDER_UNCERTAIN, "not_asked", "out of memory");
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------ */

enum status
sink_http_check(const struct settings *settings, struct err *err)
{
	struct http_config config;
	enum status status = http_config_read(settings, &config, err);

	if (status == STATUS_OK)
		http_config_free(&config);
	return status;
}

static enum status
wire_open(uv_loop_t *loop, const struct settings *settings, const struct sink_events *events, void **out, struct err *err)
{
	struct sink_http *sink = calloc(1, sizeof *sink);
	enum status status;

	*out = NULL;
	if (sink == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	sink->events = *events;
	sink->max_skew = settings->release_max_clock_skew;
	sink->trouble.backoff = (struct backoff){.least = {REST_LEAST}, .most = {REST_MOST}, .seed = uv_hrtime()};
	status = http_config_read(settings, &sink->config, err);
	if (status == STATUS_OK) {
		const struct http_client_options options = {.concurrency = sink->config.concurrency,
			.connect_timeout = sink->config.connect_timeout,
			.timeout = sink->config.timeout,
			.ca_file = sink->config.ca_file};

		status = http_client_open(loop, &options, &sink->client, err);
		if (status != STATUS_OK)
			http_config_free(&sink->config);
	}
	if (status == STATUS_OK)
		*out = sink;
	else
		free(sink);
	return status;
}

static size_t
wire_room(const void *state)
{
	const struct sink_http *sink = state;
	const size_t free_seats = http_client_room(sink->client);

	if (sink->trouble.backoff.failures == 0)
		return free_seats;
	return free_seats == sink->config.concurrency && steady_us() >= sink->trouble.rest_until ? 1 : 0;
}

static struct duration
wire_patience(const void *state)
{
	return ((const struct sink_http *)state)->config.connect_timeout;
}

static void
wire_close(void **state)
{
	struct sink_http *sink = *state;
	struct http_client *client;

	*state = NULL;
	if (sink == NULL)
		return;
	client = sink->client; /* stays where it is for what an answer may still call */
	sink->closing = true;
	http_client_close(&client);
	http_config_free(&sink->config);
	free(sink);
}

static const struct sink_wire wire = {
	.open = wire_open,
	.room = wire_room,
	.send = wire_send,
	.close = wire_close,
	.can_ask = wire_can_ask,
	.ask = wire_ask,
	.can_repeat = wire_can_repeat,
	.patience = wire_patience,
};

const struct sink sink_http = {.name = "http", .delivers = true, .place = SINK_FLIGHT, .wire = &wire};
