/*
 * post_office - the wire to a provider (sink_http.h) driven in a loop of its own, and the messages that are sent over it with what they came to
 *
 *     post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 3;");
 *     letter = post_office_send_one(&office, 1);
 *     assert_int_equal(letter.action, PROVIDER_ACCEPTED);
 *     post_office_close(&office);                                  // fails when a handle is left behind
 *
 * A letter must not move while it has no answer.
 */
#ifndef DAYPART_TESTS_SUPPORT_POST_OFFICE_H
#define DAYPART_TESTS_SUPPORT_POST_OFFICE_H

#include "provider.h"
#include "scheduler/sink/sink_http.h"

#define POST_OFFICE_SIGNING_KEY "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

enum { LETTER_KEY_MAX = 48, LETTER_LATER_S = 60 };

/* A message and what it came to. */
struct letter {
	struct message message;
	char key[LETTER_KEY_MAX], code[64], id[128], text[256];
	int answers;
	enum provider_action action;
	struct duration retry_after;
	void (*then)(struct letter *letter);
	struct post_office *office;
};

struct post_office {
	uv_loop_t loop;
	void *sink;
};

extern const struct sink_wire *post_office_wire;
extern size_t post_office_unanswered; /* letters of all offices */

/* Group setup: no proxies, and the secrets that settings name. */
int post_office_start(void **state);

struct instant post_office_in_ms(int64_t ms);
/* `more`: settings of release.http. `skew`: release.max_clock_skew. */
void post_office_open(struct post_office *office, const char *format, const char *url, const char *more);
void post_office_open_with_skew(struct post_office *office, const char *format, const char *url, const char *more, const char *skew);
void post_office_close(struct post_office *office);

void post_office_write(struct letter *letter, int number, struct instant not_after);
void post_office_post(struct post_office *office, struct letter *letter);
struct letter post_office_send_one(struct post_office *office, int number);
void post_office_await(struct post_office *office);
/* False when an answer is still missing after so long that something must be wrong. */
bool post_office_await_within(struct post_office *office, uint64_t ms);
void post_office_run_until(struct post_office *office, struct provider *provider, size_t requests);

#endif
