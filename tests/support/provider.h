/*
 * provider - a message provider on this machine that fails in every way that REGULATIONS.md 2.10 knows, and remembers all it was sent
 *
 *     static const struct provider_step script[] = {{.deed = DEED_SAYS, .status = 429, .retry_after = "7"}, {.deed = DEED_CUTS_AFTER}};
 *     struct provider *provider = provider_open(&(struct provider_options){.script = script, .script_count = 2});
 *     ... POST provider_url(provider): the first request is told 429, the second is cut, all others are taken ...
 *     record = provider_record(provider, 0);
 *     provider_close(&provider);
 *
 * Speaks the formats of sink_http, both at once: any POST is a message, GET .../status/KEY says what became of one. What comes next is the next
 * step of the script; after it, with a seed, a step drawn for the key and how often it came (so that the order of arrival does not matter); else
 * the message is taken. A key that was taken is not taken again if it deduplicates: the same id is answered.
 *
 * Runs in threads of libmicrohttpd, one a connection; all functions may be called while it runs. Records live until it is closed; a request
 * that was cut before its body was read has an empty body. What cannot be started ends the test program with a message.
 */
#ifndef DAYPART_TESTS_SUPPORT_PROVIDER_H
#define DAYPART_TESTS_SUPPORT_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/core/instant.h"
#include "scheduler/policy/provider_answer.h"

enum provider_deed {
	DEED_TAKES,
	DEED_SAYS,        /* takes nothing: `status`, with `code` and `retry_after` if given */
	DEED_FAILS_AFTER, /* takes it and says 500 */
	DEED_HANGS,       /* takes it and never answers */
	DEED_HANGS_BEFORE,
	DEED_CUTS_BEFORE, /* closes the connection without reading the body */
	DEED_CUTS_AFTER,  /* takes it and closes the connection */
	DEED_CUTS_MIDDLE, /* takes it and closes the connection in the middle of the reply */
	DEED_SLOW,        /* takes it and answers in drops, for about a third of a second */
	DEED_GARBAGE,     /* takes it, says 200 and then nothing that is JSON */
	DEED_HUGE,        /* takes it, with a reply of a megabyte */
	DEED_LOSES,       /* takes it, closes the connection and forgets about it: it was not sent, and is taken when it comes again */
	DEED_REDIRECTS    /* takes nothing: 307 to another path of its own */
};

struct provider_step {
	enum provider_deed deed;
	int status, code; /* DEED_SAYS; code 0: no code, -1: code 0 */
	const char *retry_after;
	enum provider_action action; /* what follows from it for a message of the Cloud API; a number in Brazil */
};

/* Every way there is, but hanging and losing. */
extern const struct provider_step provider_steps[];
extern const size_t provider_step_count;

enum provider_certificate {
	CERTIFICATE_NONE, /* http */
	CERTIFICATE_GOOD,
	CERTIFICATE_OTHER_HOST,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_UNTRUSTED /* provider_ca_file is another one's */
};

struct provider_options {
	enum provider_certificate certificate;
	bool forgets; /* takes a key as often as it comes */
	const struct provider_step *script;
	size_t script_count;
	/* After the script, before any lot: what to do with a key that came `times` times before; or NULL. */
	struct provider_step (*choose)(const char *key, size_t times, void *context);
	void *context;
	uint64_t seed;        /* 0: no lots */
	unsigned bad_percent; /* of what is drawn: not DEED_TAKES */
};

struct provider_record {
	char *path, *key, *body, *not_after;              /* "" where there was none */
	char *authorization, *signature, *timestamp, *id; /* headers */
	struct instant at;                                /* when the head was read; this host's clock */
	size_t connection;                                /* 1: the first that was made */
	struct provider_step step;
	bool taken, repeated; /* took the message; had taken that key before */
	bool lost;            /* took it and forgot about it, which is not taken */
};

struct provider;

struct provider *provider_open(const struct provider_options *options);
void provider_close(struct provider **provider);

const char *provider_url(const struct provider *provider);     /* "http://127.0.0.1:12345" */
const char *provider_ca_file(const struct provider *provider); /* NULL without TLS */

size_t provider_request_count(struct provider *provider); /* messages: questions do not count */
size_t provider_question_count(struct provider *provider);
size_t provider_connection_count(struct provider *provider);
/* By order of arrival. The texts stay as they are from when the request was read. */
struct provider_record provider_record(struct provider *provider, size_t index);
/* How often the key was taken. */
size_t provider_taken(struct provider *provider, const char *key);
/* What happens to the next requests, instead of what was left of the script. `script` outlives the provider. */
void provider_set_script(struct provider *provider, const struct provider_step *script, size_t count);

#endif
