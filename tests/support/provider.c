/*
 * provider - implementation
 *
 * The first call of libmicrohttpd for a request has its head: there the record is made and the step chosen. Then comes the body, then the call in
 * which the step is performed. Whatever hangs waits for the provider to be closed.
 */
#include "provider.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "certificate.h"
#include "planner/core/mix.h"
#include "temp.h"

enum { BODY_MAX = 1 << 20, HUGE_BYTES = 1 << 20, DROPS = 10, DROP_US = 33 * 1000 };

struct provider {
	struct MHD_Daemon *daemon;
	struct provider_options options;
	struct certificate certificate;
	char url[64], *ca_file;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t closes;
	bool closing;
	size_t step, connections, questions, count, capacity;
	struct provider_record *records;
};

/* One request while it is read. */
struct reading {
	size_t index; /* of its record */
	char *body;
	size_t size;
	bool is_question;
};

/* Records --------------------------------------------------------------------------------------------------------------------------------- */

static struct instant
host_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

static char *
header(struct MHD_Connection *connection, const char *name)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

	return strdup(value != NULL ? value : "");
}

static size_t
times_of(const struct provider *provider, const char *key, bool taken)
{
	size_t times = 0;

	for (size_t i = 0; i < provider->count; i++)
		times += strcmp(provider->records[i].key, key) == 0 && (!taken || (provider->records[i].taken && !provider->records[i].repeated));
	return times;
}

static struct provider_step
choose_step(struct provider *provider, const char *key)
{
	const struct provider_options *options = &provider->options;
	uint64_t lot = options->seed;

	if (provider->step < options->script_count)
		return options->script[provider->step++];
	if (options->choose != NULL)
		return options->choose(key, times_of(provider, key, false), options->context);
	for (const char *c = key; *c != '\0'; c++)
		lot = mix64(lot + (unsigned char)*c);
	lot = mix64(lot + times_of(provider, key, false));
	if (options->seed == 0 || lot % 100 >= options->bad_percent)
		return (struct provider_step){.deed = DEED_TAKES};
	return provider_steps[lot / 100 % provider_step_count];
}

static struct reading *
begin_record(struct provider *provider, struct MHD_Connection *connection, const char *path)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct reading *reading = calloc(1, sizeof *reading);
	struct provider_record record = {.path = strdup(path),
		.key = header(connection, "Idempotency-Key"),
		.authorization = header(connection, "Authorization"),
		.signature = header(connection, "webhook-signature"),
		.timestamp = header(connection, "webhook-timestamp"),
		.id = header(connection, "webhook-id"),
		.body = strdup(""),
		.not_after = strdup(""),
		.at = host_now(),
		.connection = (size_t)(uintptr_t)info->socket_context};

	pthread_mutex_lock(&provider->mutex);
	if (provider->count == provider->capacity) {
		provider->capacity = provider->capacity * 2 + 64;
		provider->records = realloc(provider->records, provider->capacity * sizeof record);
		if (provider->records == NULL)
			support_fail("provider: out of memory");
	}
	record.step = choose_step(provider, record.key);
	reading->index = provider->count;
	provider->records[provider->count++] = record;
	pthread_mutex_unlock(&provider->mutex);
	return reading;
}

/* Whatever the deed, this is the instant at which it is done or not. */
static struct provider_record
end_record(struct provider *provider, struct reading *reading, bool takes)
{
	json_t *body = json_loadb(reading->body != NULL ? reading->body : "", reading->size, 0, NULL);
	const char *not_after = json_string_value(json_object_get(body, "not_after"));
	struct provider_record *record, copy;

	pthread_mutex_lock(&provider->mutex);
	record = &provider->records[reading->index];
	record->repeated = times_of(provider, record->key, true) > 0 && !provider->options.forgets;
	record->taken = takes;
	record->lost = record->step.deed == DEED_LOSES;
	free(record->body);
	record->body = reading->body != NULL ? reading->body : strdup("");
	reading->body = NULL;
	free(record->not_after);
	record->not_after = strdup(not_after != NULL ? not_after : "");
	copy = *record;
	pthread_mutex_unlock(&provider->mutex);
	json_decref(body);
	return copy;
}

/* Replies --------------------------------------------------------------------------------------------------------------------------------- */

static enum MHD_Result
reply(struct MHD_Connection *connection, int status, const char *text, const char *name, const char *value)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	MHD_add_response_header(response, "Content-Type", "application/json");
	if (value != NULL)
		MHD_add_response_header(response, name, value);
	result = MHD_queue_response(connection, (unsigned int)status, response);
	MHD_destroy_response(response);
	return result;
}

static void
write_acceptance(char *out, size_t size, const struct provider_record *record)
{
	snprintf(
		out, size, "{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"wamid.%s\"}],\"id\":\"id.%s\"}", record->key, record->key);
}

static enum MHD_Result
say(struct MHD_Connection *connection, const struct provider_step *step)
{
	char text[512] = "";

	if (step->code != 0)
		snprintf(text, sizeof text,
			"{\"error\":{\"message\":\"(#%d) an error\",\"type\":\"OAuthException\",\"code\":%d,\"error_subcode\":2494010,"
			"\"error_data\":{\"messaging_product\":\"whatsapp\",\"details\":\"as the test wants it\"},\"fbtrace_id\":\"A1\"}}",
			step->code > 0 ? step->code : 0, step->code > 0 ? step->code : 0);
	return reply(connection, step->status, text, "Retry-After", step->retry_after);
}

/* A text that comes bit by bit, or not to its end. */
struct stream {
	char text[512];
	bool breaks;
};

static ssize_t
drip(void *context, uint64_t at, char *out, size_t max)
{
	struct stream *stream = context;
	const size_t size = strlen(stream->text), left = size - at, drop = size / DROPS + 1;
	const size_t part = left < drop ? left : drop;

	if (stream->breaks && at > size / 2)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (left == 0 || part > max)
		return MHD_CONTENT_READER_END_OF_STREAM;
	usleep(DROP_US);
	memcpy(out, stream->text + at, part);
	return (ssize_t)part;
}

static enum MHD_Result
reply_slowly(struct MHD_Connection *connection, const struct provider_record *record, bool breaks)
{
	struct stream *stream = calloc(1, sizeof *stream);
	struct MHD_Response *response;
	enum MHD_Result result;

	stream->breaks = breaks;
	write_acceptance(stream->text, sizeof stream->text, record);
	response = MHD_create_response_from_callback(strlen(stream->text), sizeof stream->text, drip, stream, free);
	result = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
reply_hugely(struct MHD_Connection *connection)
{
	char *text = malloc(HUGE_BYTES + 1);
	enum MHD_Result result;

	memset(text, ' ', HUGE_BYTES);
	text[HUGE_BYTES] = '\0';
	result = reply(connection, 200, text, NULL, NULL);
	free(text);
	return result;
}

static enum MHD_Result
hang(struct provider *provider)
{
	pthread_mutex_lock(&provider->mutex);
	while (!provider->closing)
		pthread_cond_wait(&provider->closes, &provider->mutex);
	pthread_mutex_unlock(&provider->mutex);
	return MHD_NO;
}

static enum MHD_Result
perform(struct provider *provider, struct MHD_Connection *connection, struct reading *reading, enum provider_deed deed)
{
	const bool takes =
		deed != DEED_SAYS && deed != DEED_HANGS_BEFORE && deed != DEED_CUTS_BEFORE && deed != DEED_REDIRECTS && deed != DEED_LOSES;
	const struct provider_record record = end_record(provider, reading, takes);
	char text[512];

	switch (deed) {
	case DEED_TAKES:
		write_acceptance(text, sizeof text, &record);
		return reply(connection, 200, text, NULL, NULL);
	case DEED_SAYS:
		return say(connection, &record.step);
	case DEED_FAILS_AFTER:
		return reply(connection, 500, "", NULL, NULL);
	case DEED_HANGS:
	case DEED_HANGS_BEFORE:
		return hang(provider);
	case DEED_CUTS_BEFORE:
	case DEED_CUTS_AFTER:
	case DEED_LOSES:
		return MHD_NO;
	case DEED_CUTS_MIDDLE:
	case DEED_SLOW:
		return reply_slowly(connection, &record, deed == DEED_CUTS_MIDDLE);
	case DEED_GARBAGE:
		return reply(connection, 200, "<html>\xff", NULL, NULL);
	case DEED_HUGE:
		return reply_hugely(connection);
	case DEED_REDIRECTS:
		return reply(connection, 307, "", "Location", "/elsewhere");
	}
	return MHD_NO;
}

static enum MHD_Result
tell_state(struct provider *provider, struct MHD_Connection *connection, const char *path)
{
	const char *key = strrchr(path, '/') + 1;
	char text[512];
	size_t seen, taken;

	pthread_mutex_lock(&provider->mutex);
	provider->questions++;
	seen = times_of(provider, key, false);
	taken = times_of(provider, key, true);
	pthread_mutex_unlock(&provider->mutex);
	snprintf(text, sizeof text, "{\"state\":\"%s\",\"id\":\"id.%s\"}", taken > 0 ? "sent" : seen > 0 ? "not_sent" : "unknown", key);
	return reply(connection, 200, text, NULL, NULL);
}

/* Requests -------------------------------------------------------------------------------------------------------------------------------- */

static enum MHD_Result
on_head(struct provider *provider, struct MHD_Connection *connection, const char *path, const char *method, void **context)
{
	struct reading *reading;

	if (strcmp(method, "POST") != 0) {
		*context = calloc(1, sizeof *reading);
		((struct reading *)*context)->is_question = true;
		return MHD_YES;
	}
	reading = *context = begin_record(provider, connection, path);
	return provider_record(provider, reading->index).step.deed == DEED_CUTS_BEFORE
		? perform(provider, connection, reading, DEED_CUTS_BEFORE)
		: MHD_YES;
}

static enum MHD_Result
on_body(struct reading *reading, const char *bytes, size_t *size)
{
	char *longer = reading->size + *size <= BODY_MAX ? realloc(reading->body, reading->size + *size + 1) : NULL;

	if (longer == NULL)
		return MHD_NO;
	memcpy(longer + reading->size, bytes, *size);
	reading->body = longer;
	reading->size += *size;
	longer[reading->size] = '\0';
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *path, const char *method, const char *version, const char *bytes,
	size_t *size, void **request)
{
	struct provider *provider = context;
	struct reading *reading = *request;

	(void)version;
	if (reading == NULL)
		return on_head(provider, connection, path, method, request);
	if (*size > 0)
		return on_body(reading, bytes, size);
	if (reading->is_question)
		return tell_state(provider, connection, path);
	return perform(provider, connection, reading, provider_record(provider, reading->index).step.deed);
}

static void
on_completed(void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code)
{
	struct reading *reading = *request;

	(void)context, (void)connection, (void)code;
	if (reading != NULL)
		free(reading->body);
	free(reading);
	*request = NULL;
}

static void
on_connection(void *context, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct provider *provider = context;

	(void)connection;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	pthread_mutex_lock(&provider->mutex);
	*socket_context = (void *)(uintptr_t)++provider->connections;
	pthread_mutex_unlock(&provider->mutex);
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------ */

static void
make_certificate(struct provider *provider)
{
	const enum provider_certificate kind = provider->options.certificate;
	struct certificate other;

	if (kind == CERTIFICATE_NONE)
		return;
	provider->certificate = certificate_make(kind == CERTIFICATE_OTHER_HOST ? "elsewhere.example" : "127.0.0.1",
		kind == CERTIFICATE_EXPIRED ? -2 : 0, kind == CERTIFICATE_EXPIRED ? -1 : 1);
	if (kind == CERTIFICATE_UNTRUSTED) {
		other = certificate_make("127.0.0.1", 0, 1);
		provider->ca_file = temp_write("provider_ca.pem", other.pem);
		certificate_free(&other);
	} else {
		provider->ca_file = temp_write("provider_ca.pem", provider->certificate.pem);
	}
}

static void
forget_errors(void *context, const char *format, va_list args)
{
	(void)context, (void)format, (void)args; /* clients that refuse our certificate, connections that we cut */
}

struct provider *
provider_open(const struct provider_options *options)
{
	struct provider *provider = calloc(1, sizeof *provider);
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const bool tls = options->certificate != CERTIFICATE_NONE;
	const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);

	if (provider == NULL)
		support_fail("provider: out of memory");
	provider->options = *options;
	pthread_mutex_init(&provider->mutex, NULL);
	pthread_cond_init(&provider->closes, NULL);
	make_certificate(provider);
	provider->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, provider, MHD_OPTION_EXTERNAL_LOGGER, forget_errors, NULL,
		MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
		provider, tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, provider->certificate.key_pem, MHD_OPTION_HTTPS_MEM_CERT,
		provider->certificate.pem, MHD_OPTION_END);
	if (provider->daemon == NULL)
		support_fail("provider: libmicrohttpd does not start");
	snprintf(provider->url, sizeof provider->url, "http%s://127.0.0.1:%u", tls ? "s" : "",
		MHD_get_daemon_info(provider->daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	return provider;
}

void
provider_close(struct provider **io_provider)
{
	struct provider *provider = *io_provider;

	*io_provider = NULL;
	pthread_mutex_lock(&provider->mutex);
	provider->closing = true;
	pthread_cond_broadcast(&provider->closes);
	pthread_mutex_unlock(&provider->mutex);
	MHD_stop_daemon(provider->daemon);
	for (size_t i = 0; i < provider->count; i++) {
		const struct provider_record *record = &provider->records[i];
		char *const texts[] = {record->path, record->key, record->body, record->not_after, record->authorization, record->signature,
			record->timestamp, record->id};

		for (size_t text = 0; text < sizeof texts / sizeof texts[0]; text++)
			free(texts[text]);
	}
	free(provider->records);
	free(provider->ca_file);
	certificate_free(&provider->certificate);
	pthread_cond_destroy(&provider->closes);
	pthread_mutex_destroy(&provider->mutex);
	free(provider);
}

const char *
provider_url(const struct provider *provider)
{
	return provider->url;
}

const char *
provider_ca_file(const struct provider *provider)
{
	return provider->ca_file;
}

static size_t
look_at(struct provider *provider, const size_t *number)
{
	size_t value;

	pthread_mutex_lock(&provider->mutex);
	value = *number;
	pthread_mutex_unlock(&provider->mutex);
	return value;
}

size_t
provider_request_count(struct provider *provider)
{
	return look_at(provider, &provider->count);
}

size_t
provider_question_count(struct provider *provider)
{
	return look_at(provider, &provider->questions);
}

size_t
provider_connection_count(struct provider *provider)
{
	return look_at(provider, &provider->connections);
}

struct provider_record
provider_record(struct provider *provider, size_t index)
{
	struct provider_record record;

	pthread_mutex_lock(&provider->mutex);
	record = provider->records[index];
	pthread_mutex_unlock(&provider->mutex);
	return record;
}

size_t
provider_taken(struct provider *provider, const char *key)
{
	size_t times;

	pthread_mutex_lock(&provider->mutex);
	times = times_of(provider, key, true);
	pthread_mutex_unlock(&provider->mutex);
	return times;
}

void
provider_set_script(struct provider *provider, const struct provider_step *script, size_t count)
{
	pthread_mutex_lock(&provider->mutex);
	provider->options.script = script;
	provider->options.script_count = count;
	provider->step = 0;
	pthread_mutex_unlock(&provider->mutex);
}
