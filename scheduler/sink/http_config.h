/*
 * http_config - the settings release.http, checked and ready for use
 *
 *     status = http_config_read(settings, &config, &err);        // STATUS_INVALID: which setting, and the cure
 *     id = http_config_phone_number_id(&config, "+14155550123");
 *     http_config_free(&config);
 *
 * An address begins with https://; http:// is taken only for this machine itself (127.0.0.1, ::1, localhost). Secrets are read once, when daypartd
 * starts.
 */
#ifndef DAYPART_SCHEDULER_HTTP_CONFIG_H
#define DAYPART_SCHEDULER_HTTP_CONFIG_H

#include "conf/settings.h"
#include "http_cloud.h"
#include "http_secret.h"
#include "http_signature.h"

enum http_format { HTTP_FORMAT_CLOUD_API, HTTP_FORMAT_WEBHOOK }; /* the order of the words of release.http.format */

enum { HTTP_SENDERS_MAX = 1024, HTTP_PHONE_NUMBER_ID_MAX = 32 };

struct http_sender {
	char *address, *phone_number_id;
};

struct http_config {
	enum http_format format;
	enum http_cloud_parameters parameters;
	char *url;                  /* without a slash at its end */
	char *status_url, *ca_file; /* or NULL */
	struct http_secret token;   /* or none */
	bool repeats;               /* a key is taken once only: a lost answer is asked for by sending again */
	bool signs;
	struct http_signature_key signing_key;
	struct http_sender *senders;
	size_t sender_count;
	size_t concurrency;
	struct duration connect_timeout, timeout;
};

/* On an error nothing is left to free. */
MUST_CHECK enum status http_config_read(const struct settings *settings, struct http_config *out, struct err *err);
/* NULL: the settings have none for this address. */
const char *http_config_phone_number_id(const struct http_config *config, const char *sender_address);
void http_config_free(struct http_config *config);

#endif
