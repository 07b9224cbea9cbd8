#include "http_config.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http_webhook.h"

enum { HTTP_LOST_ANSWER_REPEAT = 1 }; /* the order of the words of release.http.lost_answer */

static enum status
fail_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory");
}

static enum status
copy(const char *text, char **out, struct err *err)
{
	*out = strdup(text);
	return *out != NULL ? STATUS_OK : fail_no_memory(err);
}

/* Addresses ------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_this_machine(const char *host)
{
	return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0;
}

static enum status
check_parts(const char *setting, CURLU *url, struct err *err)
{
	char *scheme = NULL, *host = NULL, *user = NULL;
	enum status status = STATUS_OK;

	curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	curl_url_get(url, CURLUPART_HOST, &host, 0);
	curl_url_get(url, CURLUPART_USER, &user, 0);
	if (scheme == NULL || host == NULL) {
		status = fail_no_memory(err);
	} else if (user != NULL) {
		err_set(err, STATUS_INVALID, "%s holds a user's name", setting);
		status = err_hint(err, "Secrets do not belong into the settings: use release.http.token.");
	} else if (strcmp(scheme, "https") != 0 && !(strcmp(scheme, "http") == 0 && is_this_machine(host))) {
		err_set(err, STATUS_INVALID, "%s does not begin with https://", setting);
		status = err_hint(err, "http:// is taken only for this machine itself: 127.0.0.1, [::1], localhost.");
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	return status;
}

static enum status
check_url(const char *setting, const char *text, struct err *err)
{
	CURLU *url = curl_url();
	enum status status;

	if (url == NULL)
		return fail_no_memory(err);
	if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
		status = check_parts(setting, url, err);
	} else {
		err_set(err, STATUS_INVALID, "%s is no web address: \"%s\"", setting, text);
		status = err_hint(err, "Write it as https://example.com/messages.");
	}
	curl_url_cleanup(url);
	return status;
}

static enum status
read_url(const struct settings *settings, struct http_config *out, struct err *err)
{
	const char *text = settings->release_http_url;

	if (text[0] == '\0') {
		err_set(err, STATUS_INVALID, "release.http.url is not set");
		return err_hint(
			err, "The sink http needs it: https://graph.facebook.com/v23.0 for the Cloud API, or the address of your receiver.");
	}
	if (check_url("release.http.url", text, err) != STATUS_OK || copy(text, &out->url, err) != STATUS_OK)
		return err->status;
	for (size_t end = strlen(out->url); end > 0 && out->url[end - 1] == '/' && out->format == HTTP_FORMAT_CLOUD_API; end--)
		out->url[end - 1] = '\0';
	return STATUS_OK;
}

static enum status
read_status_url(const struct settings *settings, struct http_config *out, struct err *err)
{
	const char *text = settings->release_http_status_url;
	enum status status;

	if (text[0] == '\0')
		return STATUS_OK;
	if (out->format != HTTP_FORMAT_WEBHOOK)
		return err_set(err, STATUS_INVALID, "release.http.status_url is set, and the Cloud API cannot be asked by a key");
	if (strstr(text, HTTP_WEBHOOK_KEY) == NULL) {
		err_set(err, STATUS_INVALID, "release.http.status_url does not say where the key stands");
		return err_hint(err, "Write it as https://example.com/messages/" HTTP_WEBHOOK_KEY ".");
	}
	out->status_url = http_webhook_status_url(text, "key"); /* as it will be asked */
	if (out->status_url == NULL)
		return fail_no_memory(err);
	status = check_url("release.http.status_url", out->status_url, err);
	free(out->status_url);
	out->status_url = NULL;
	return status == STATUS_OK ? copy(text, &out->status_url, err) : status;
}

/* A second message under a key that nobody remembers is a second message to a person. */
static enum status
check_repeats(const struct http_config *config, struct err *err)
{
	if (!config->repeats)
		return STATUS_OK;
	if (config->format != HTTP_FORMAT_WEBHOOK) {
		err_set(err, STATUS_INVALID, "release.http.lost_answer is repeat, and the Cloud API takes the same message twice");
		return err_hint(err, "Leave it at hold: what is uncertain is decided with daypart settle.");
	}
	if (config->status_url == NULL)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "release.http.lost_answer is repeat, and release.http.status_url is set as well");
	return err_hint(err, "Keep status_url and leave lost_answer at hold: asking sends nothing.");
}

/* Secrets --------------------------------------------------------------------------------------------------------------------------------- */

static enum status
read_signing_key(const struct settings *settings, struct http_config *out, struct err *err)
{
	const char *where = settings->release_http_signing_key;
	struct http_secret secret;
	enum status status;

	if (where[0] == '\0')
		return STATUS_OK;
	if (out->format != HTTP_FORMAT_WEBHOOK)
		return err_set(err, STATUS_INVALID, "release.http.signing_key is set, and the Cloud API takes no signatures");
	if (http_secret_read("release.http.signing_key", where, &secret, err) != STATUS_OK)
		return err->status;
	status = http_signature_key(secret.text, &out->signing_key, err);
	out->signs = status == STATUS_OK;
	http_secret_forget(&secret);
	return status == STATUS_OK ? STATUS_OK : err_wrap(err, "release.http.signing_key");
}

/* A receiver must be able to tell us from others. */
static enum status
read_secrets(const struct settings *settings, struct http_config *out, struct err *err)
{
	if (http_secret_read("release.http.token", settings->release_http_token, &out->token, err) != STATUS_OK ||
		read_signing_key(settings, out, err) != STATUS_OK)
		return err->status;
	if (out->token.text != NULL || out->signs)
		return STATUS_OK;
	err_set(err, STATUS_INVALID,
		out->format == HTTP_FORMAT_WEBHOOK ? "neither release.http.token nor release.http.signing_key is set"
										   : "release.http.token is not set");
	return err_hint(err, "Name an environment variable or a file that holds it: \"env:DAYPART_TOKEN\" or \"file:/etc/daypart/token\".");
}

static enum status
read_ca_file(const struct settings *settings, struct http_config *out, struct err *err)
{
	const char *path = settings->release_http_ca_file;

	if (path[0] == '\0')
		return STATUS_OK;
	if (path[0] != '/' || access(path, R_OK) != 0)
		return err_set(err, STATUS_INVALID, "release.http.ca_file cannot be read, or is no whole path: %s", path);
	return copy(path, &out->ca_file, err);
}

/* Senders --------------------------------------------------------------------------------------------------------------------------------- */

static enum status
fail_pair(const char *pair, struct err *err)
{
	err_set(err, STATUS_INVALID, "release.http.phone_number_ids: \"%s\" is no address of a sender, an = and the digits of its id", pair);
	return err_hint(err, "Write it as \"+14155550123=106540352242922, +5511988887777=104996122399160\".");
}

static enum status
add_sender(struct http_config *config, const char *pair, struct err *err)
{
	const char *id = strchr(pair, '=');
	const size_t digits = id != NULL ? strspn(id + 1, "0123456789") : 0;
	struct http_sender *sender = &config->senders[config->sender_count];

	if (id == NULL || id == pair || digits == 0 || digits > HTTP_PHONE_NUMBER_ID_MAX || id[1 + digits] != '\0')
		return fail_pair(pair, err);
	sender->address = strndup(pair, (size_t)(id - pair));
	sender->phone_number_id = strdup(id + 1);
	config->sender_count++;
	return sender->address != NULL && sender->phone_number_id != NULL ? STATUS_OK : fail_no_memory(err);
}

/* Cuts the blanks around a piece. */
static char *
trim(char *text)
{
	text += strspn(text, " \t\n");
	for (size_t end = strlen(text); end > 0 && strchr(" \t\n", text[end - 1]) != NULL; end--)
		text[end - 1] = '\0';
	return text;
}

static enum status
read_senders(const struct settings *settings, struct http_config *out, struct err *err)
{
	char *text = strdup(settings->release_http_phone_number_ids), *rest = text, *pair;
	enum status status = STATUS_OK;

	out->senders = calloc(HTTP_SENDERS_MAX, sizeof out->senders[0]);
	if (text == NULL || out->senders == NULL)
		status = fail_no_memory(err);
	while (status == STATUS_OK && (pair = strsep(&rest, ",")) != NULL) {
		pair = trim(pair);
		if (out->sender_count == HTTP_SENDERS_MAX)
			status = err_set(err, STATUS_INVALID, "release.http.phone_number_ids names more than %d senders", HTTP_SENDERS_MAX);
		else if (pair[0] != '\0')
			status = add_sender(out, pair, err);
	}
	free(text);
	if (status != STATUS_OK || (out->sender_count == 0) == (out->format == HTTP_FORMAT_WEBHOOK))
		return status;
	if (out->format == HTTP_FORMAT_WEBHOOK)
		return err_set(err, STATUS_INVALID, "release.http.phone_number_ids is set, and only the Cloud API has them");
	err_set(err, STATUS_INVALID, "release.http.phone_number_ids is not set");
	return err_hint(err, "The Cloud API knows a sender by the id of its number: \"+14155550123=106540352242922\".");
}

const char *
http_config_phone_number_id(const struct http_config *config, const char *sender_address)
{
	for (size_t i = 0; i < config->sender_count; i++)
		if (strcmp(config->senders[i].address, sender_address) == 0)
			return config->senders[i].phone_number_id;
	return NULL;
}

/* Life ------------------------------------------------------------------------------------------------------------------------------------ */

enum status
http_config_read(const struct settings *settings, struct http_config *out, struct err *err)
{
	*out = (struct http_config){
		.format = (enum http_format)settings->release_http_format,
		.parameters = (enum http_cloud_parameters)settings->release_http_parameters,
		.concurrency = (size_t)settings->release_http_concurrency,
		.connect_timeout = settings->release_http_connect_timeout,
		.timeout = settings->release_http_timeout,
		.repeats = settings->release_http_lost_answer == HTTP_LOST_ANSWER_REPEAT,
	};
	if (read_url(settings, out, err) == STATUS_OK && read_status_url(settings, out, err) == STATUS_OK &&
		check_repeats(out, err) == STATUS_OK && read_secrets(settings, out, err) == STATUS_OK &&
		read_ca_file(settings, out, err) == STATUS_OK && read_senders(settings, out, err) == STATUS_OK)
		return STATUS_OK;
	http_config_free(out);
	return err->status;
}

void
http_config_free(struct http_config *config)
{
	for (size_t i = 0; i < config->sender_count; i++) {
		free(config->senders[i].address);
		free(config->senders[i].phone_number_id);
	}
	free(config->senders);
	free(config->url);
	free(config->status_url);
	free(config->ca_file);
	http_secret_forget(&config->token);
	explicit_bzero(&config->signing_key, sizeof config->signing_key);
	*config = (struct http_config){0};
}
