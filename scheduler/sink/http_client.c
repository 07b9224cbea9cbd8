/*
 * http_client - implementation
 *
 * A seat is an easy handle with the request that sits on it; there are `concurrency` of them, and whoever finds none waits in a list.
 *
 * Once only. libcurl repeats a POST by itself when a kept connection closes without a byte of reply, and the other side may have taken the first
 * one. So bodies go through a read function, and the seek function that a repetition needs refuses: the request fails instead. Such a handle is
 * not usable afterwards (it keeps wanting to rewind, in releases before 8.16), so whatever failed gets a new one.
 *
 * Not too late. libcurl asks once more when the connection stands and before the head is written, and the read function is asked for the body when
 * the head has been: the last moment before the other side can have it. At both the clocks are read. What is cut then is cut (http_cut.h).
 *
 * A callback of libcurl never calls `done`: finished requests are collected when it has returned (http_sockets.h). Close during that collection
 * leaves the client to the closing of its handles, which comes with a later turn of the loop.
 */
#include "http_client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http_cut.h"
#include "http_sockets.h"

enum { RETRY_AFTER_MAX_S = 24 * 60 * 60 };

/* Idle connections are not used again after this long: servers close them after 5 s and more, and a request that meets the close is uncertain. */
#define IDLE_MAX_S 4L

struct seat {
	struct http_client *client;
	CURL *easy; /* NULL: made when needed */
	struct curl_slist *headers;
	struct http_request *request; /* NULL: free */
	size_t body_sent;
	bool late;
	size_t reply_size;
	char reply[HTTP_REPLY_MAX + 1];
	char error[CURL_ERROR_SIZE];
};

struct http_client {
	struct http_client_options options;
	char *ca_file;
	CURLM *multi;
	struct http_sockets *sockets;
	bool closed, seating;
	struct seat **seats; /* made when needed */
	size_t busy;
	struct http_request *waiting, **waiting_end;
	size_t waiting_count;
};

static struct instant
host_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

struct duration
http_retry_after(const char *text, struct instant now)
{
	char *end;
	long long seconds = strtoll(text, &end, 10);

	if (end == text || end[strspn(end, " \t\r\n")] != '\0') {
		const time_t at = curl_getdate(text, NULL);

		seconds = at == -1 ? 0 : (long long)at - now.us / US_PER_SECOND;
	}
	if (seconds < 0)
		seconds = 0;
	return (struct duration){(seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds) * US_PER_SECOND};
}

/* Seats ----------------------------------------------------------------------------------------------------------------------------------- */

static void
free_all(struct http_client *client)
{
	for (size_t i = 0; i < client->options.concurrency; i++)
		free(client->seats[i]);
	free(client->seats);
	free(client->ca_file);
	free(client);
	curl_global_cleanup();
}

static struct seat *
free_seat(struct http_client *client)
{
	for (size_t i = 0; i < client->options.concurrency; i++) {
		if (client->seats[i] == NULL) {
			client->seats[i] = malloc(sizeof *client->seats[i]);
			if (client->seats[i] == NULL)
				return NULL;
			client->seats[i]->client = client;
			client->seats[i]->easy = NULL;
			client->seats[i]->headers = NULL;
			client->seats[i]->request = NULL;
		}
		if (client->seats[i]->request == NULL)
			return client->seats[i];
	}
	return NULL;
}

static void
drop_easy(struct seat *seat)
{
	curl_easy_cleanup(seat->easy);
	seat->easy = NULL;
}

/* Gives the seat back and then answers, so that the answer may start another request. */
static void
leave(struct seat *seat, struct http_reply *reply)
{
	struct http_request *request = seat->request;

	curl_slist_free_all(seat->headers);
	seat->headers = NULL;
	seat->request = NULL;
	seat->client->busy--;
	request->done(request, reply);
}

static const struct http_reply too_late = {.outcome = HTTP_TOO_LATE, .error = "it may not leave any more"};

/* What is known of a request that has no whole reply. */
static struct http_reply
failure(const struct seat *seat, const char *why)
{
	if (seat->late)
		return too_late;
	return (struct http_reply){.outcome = seat->body_sent > 0 ? HTTP_NO_ANSWER : HTTP_NOT_SENT, .error = why};
}

/* The functions that libcurl calls -------------------------------------------------------------------------------------------------------- */

static bool
may_leave(struct seat *seat)
{
	struct http_request *request = seat->request;

	seat->late = !instant_before(host_now(), request->deadline) || (request->may_leave != NULL && !request->may_leave(request));
	return !seat->late;
}

/* The connection stands, and nothing has been written. */
static int
before_head(void *userdata, char *remote, char *local, int remote_port, int local_port)
{
	struct seat *seat = userdata;

	(void)remote, (void)local, (void)remote_port, (void)local_port;
	return may_leave(seat) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t
give_body(char *buffer, size_t size, size_t count, void *userdata)
{
	struct seat *seat = userdata;
	size_t left = seat->request->body_size - seat->body_sent;

	if (seat->body_sent == 0 && !may_leave(seat))
		return CURL_READFUNC_ABORT;
	if (left > size * count)
		left = size * count;
	memcpy(buffer, seat->request->body + seat->body_sent, left);
	seat->body_sent += left;
	return left;
}

/* Only a repetition asks for this. */
static int
refuse_to_rewind(void *userdata, curl_off_t offset, int origin)
{
	(void)userdata, (void)offset, (void)origin;
	return CURL_SEEKFUNC_FAIL;
}

static size_t
take_reply(char *bytes, size_t size, size_t count, void *userdata)
{
	struct seat *seat = userdata;

	if (size * count > HTTP_REPLY_MAX - seat->reply_size)
		return 0;
	memcpy(seat->reply + seat->reply_size, bytes, size * count);
	seat->reply_size += size * count;
	return size * count;
}

/* Requests -------------------------------------------------------------------------------------------------------------------------------- */

static bool
set_headers(struct seat *seat)
{
	/* Without these libcurl would wait for a "100 Continue". */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; list != NULL && seat->request->headers[i] != NULL; i++) {
		struct curl_slist *longer = curl_slist_append(list, seat->request->headers[i]);

		if (longer == NULL)
			curl_slist_free_all(list);
		list = longer;
	}
	seat->headers = list;
	return list != NULL && curl_easy_setopt(seat->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

static bool
set_body(struct seat *seat)
{
	CURL *easy = seat->easy;

	if (seat->request->body == NULL)
		return true;
	return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)seat->request->body_size) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body) == CURLE_OK && curl_easy_setopt(easy, CURLOPT_READDATA, seat) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, refuse_to_rewind) == CURLE_OK;
}

static bool
set_last_look(struct seat *seat)
{
	CURL *easy = seat->easy;

	return curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_head) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_PREREQDATA, seat) == CURLE_OK && http_cut_set(easy, &seat->client->options.timeout);
}

static bool
set_security(const struct seat *seat)
{
	CURL *easy = seat->easy;
	const char *ca_file = seat->client->ca_file;

	return curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
		(ca_file == NULL || curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file) == CURLE_OK) &&
		curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http") == CURLE_OK &&
		/* Only a host on this machine may have http (http_config.h); what it gets must not go through a proxy. */
		(strncmp(seat->request->url, "http:", 5) != 0 || curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK);
}

static bool
set_limits(const struct seat *seat, struct duration left)
{
	CURL *easy = seat->easy;
	const struct http_client_options *options = &seat->client->options;
	const int64_t whole = left.us < options->timeout.us ? left.us : options->timeout.us;

	return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK && curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(options->connect_timeout.us / 1000)) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(whole / 1000)) == CURLE_OK;
}

static bool
prepare(struct seat *seat, struct duration left)
{
	if (seat->easy == NULL)
		seat->easy = curl_easy_init();
	if (seat->easy == NULL)
		return false;
	curl_easy_reset(seat->easy); /* connections stay: they are the multi handle's */
	return curl_easy_setopt(seat->easy, CURLOPT_URL, seat->request->url) == CURLE_OK && set_headers(seat) && set_body(seat) &&
		set_security(seat) && set_limits(seat, left) && set_last_look(seat) &&
		curl_easy_setopt(seat->easy, CURLOPT_USERAGENT, "daypartd") == CURLE_OK &&
		curl_easy_setopt(seat->easy, CURLOPT_ERRORBUFFER, seat->error) == CURLE_OK &&
		curl_easy_setopt(seat->easy, CURLOPT_WRITEFUNCTION, take_reply) == CURLE_OK &&
		curl_easy_setopt(seat->easy, CURLOPT_WRITEDATA, seat) == CURLE_OK &&
		curl_easy_setopt(seat->easy, CURLOPT_PRIVATE, seat) == CURLE_OK;
}

static void
answer_unseated(struct http_request *request, const char *why)
{
	request->done(request, &(struct http_reply){.outcome = HTTP_NOT_SENT, .error = why});
}

static void
seat_request(struct http_client *client, struct http_request *request)
{
	const struct duration left = {request->deadline.us - host_now().us};
	struct seat *seat;

	if (left.us < 1000) { /* libcurl counts in milliseconds, and 0 means for ever */
		request->done(request, &too_late);
		return;
	}
	seat = free_seat(client);
	if (seat == NULL) {
		answer_unseated(request, "out of memory");
		return;
	}
	seat->request = request;
	seat->body_sent = seat->reply_size = 0;
	seat->late = false;
	seat->error[0] = '\0';
	client->busy++;
	if (prepare(seat, left) && curl_multi_add_handle(client->multi, seat->easy) == CURLM_OK)
		return;
	if (seat->easy != NULL)
		drop_easy(seat);
	leave(seat, &(struct http_reply){.outcome = HTTP_NOT_SENT, .error = "out of memory"});
}

/* Not recursive: an answer from within that starts another request only lengthens the list. */
static void
seat_waiting(struct http_client *client)
{
	if (client->seating)
		return;
	client->seating = true;
	while (client->waiting != NULL && client->busy < client->options.concurrency && !client->closed) {
		struct http_request *request = client->waiting;

		client->waiting = request->next;
		if (client->waiting == NULL)
			client->waiting_end = &client->waiting;
		client->waiting_count--;
		seat_request(client, request);
	}
	client->seating = false;
}

static struct http_reply
success(struct seat *seat)
{
	struct curl_header *retry_after;
	long status = 0;
	struct http_reply reply = {.outcome = HTTP_ANSWERED, .body = seat->reply, .body_size = seat->reply_size};

	curl_easy_getinfo(seat->easy, CURLINFO_RESPONSE_CODE, &status);
	reply.status = (int)status;
	seat->reply[seat->reply_size] = '\0';
	if (curl_easy_header(seat->easy, "Retry-After", 0, CURLH_HEADER, -1, &retry_after) == CURLHE_OK)
		reply.retry_after = http_retry_after(retry_after->value, host_now());
	return reply;
}

static void
finish(struct http_client *client, CURL *easy, CURLcode result)
{
	struct seat *seat = NULL;
	struct http_reply reply;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &seat);
	curl_multi_remove_handle(client->multi, easy);
	if (result == CURLE_OK) {
		reply = success(seat);
	} else {
		reply = failure(seat, seat->error[0] != '\0' ? seat->error : curl_easy_strerror(result));
		drop_easy(seat);
	}
	leave(seat, &reply);
}

static void
collect(void *owner)
{
	struct http_client *client = owner;
	CURLMsg *message;
	int left;

	while (!client->closed && (message = curl_multi_info_read(client->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			finish(client, message->easy_handle, message->data.result);
	seat_waiting(client);
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------ */

static void
on_closed(void *owner)
{
	free_all(owner);
}

static enum status
prepare_client(struct http_client *client, uv_loop_t *loop, const struct http_client_options *options, struct err *err)
{
	client->waiting_end = &client->waiting;
	client->seats = calloc(options->concurrency, sizeof(struct seat *));
	client->ca_file = options->ca_file != NULL ? strdup(options->ca_file) : NULL;
	client->multi = curl_multi_init();
	if (client->seats == NULL || (options->ca_file != NULL && client->ca_file == NULL) || client->multi == NULL ||
		curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)options->concurrency) != CURLM_OK)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	return http_sockets_open(loop, client->multi, collect, on_closed, client, &client->sockets, err);
}

enum status
http_client_open(uv_loop_t *loop, const struct http_client_options *options, struct http_client **out, struct err *err)
{
	struct http_client *client;

	*out = NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, STATUS_INTERNAL, "libcurl cannot be started");
	client = calloc(1, sizeof *client);
	if (client == NULL) {
		curl_global_cleanup();
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	if (prepare_client(client, loop, options, err) != STATUS_OK) {
		curl_multi_cleanup(client->multi);
		free_all(client);
		return err->status;
	}
	client->options = *options;
	*out = client;
	return STATUS_OK;
}

size_t
http_client_room(const struct http_client *client)
{
	const size_t used = client->busy + client->waiting_count;

	return used < client->options.concurrency ? client->options.concurrency - used : 0;
}

void
http_client_start(struct http_client *client, struct http_request *request)
{
	if (client->closed) {
		answer_unseated(request, "daypartd ends");
		return;
	}
	request->next = NULL;
	*client->waiting_end = request;
	client->waiting_end = &request->next;
	client->waiting_count++;
	seat_waiting(client);
}

void
http_client_close(struct http_client **io_client)
{
	struct http_client *client = *io_client;

	*io_client = NULL;
	if (client == NULL || client->closed)
		return;
	client->closed = true;
	for (size_t i = 0; i < client->options.concurrency; i++) {
		struct seat *seat = client->seats[i];

		if (seat == NULL)
			continue;
		if (seat->request != NULL) {
			struct http_reply reply = failure(seat, "daypartd ends");

			curl_multi_remove_handle(client->multi, seat->easy);
			leave(seat, &reply);
		}
		if (seat->easy != NULL)
			drop_easy(seat);
	}
	while (client->waiting != NULL) {
		struct http_request *request = client->waiting;

		client->waiting = request->next;
		answer_unseated(request, "daypartd ends");
	}
	curl_multi_cleanup(client->multi);
	http_sockets_close(&client->sockets);
}
