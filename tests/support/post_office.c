#include "post_office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/settings.h"
#include "temp.h"

const struct sink_wire *post_office_wire;
size_t post_office_unanswered;

struct instant
post_office_in_ms(int64_t ms)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000 + ms * 1000};
}

static void
on_answer(struct message *message, const struct sink_answer *answer)
{
	struct letter *letter = message->context;

	letter->answers++;
	letter->action = answer->action;
	letter->retry_after = answer->retry_after;
	snprintf(letter->code, sizeof letter->code, "%s", answer->code != NULL ? answer->code : "");
	snprintf(letter->text, sizeof letter->text, "%s", answer->text != NULL ? answer->text : "");
	snprintf(letter->id, sizeof letter->id, "%s", answer->provider_id != NULL ? answer->provider_id : "");
	post_office_unanswered--;
	if (letter->then != NULL)
		letter->then(letter);
}

static bool
may_leave(struct message *message)
{
	(void)message;
	return true;
}

void
post_office_open_with_skew(struct post_office *office, const char *format, const char *url, const char *more, const char *skew)
{
	char text[1024], *path;
	struct settings settings;
	struct err err = ERR_INIT;
	const bool webhook = strcmp(format, "webhook") == 0;

	snprintf(text, sizeof text,
		"release = { max_clock_skew = \"%s\"; http = { format = \"%s\"; url = \"%s%s\"; token = \"env:DAYPART_TEST_TOKEN\"; %s %s }; };\n",
		skew, format, url, webhook ? "/in" : "/v23.0",
		webhook ? "signing_key = \"env:DAYPART_TEST_KEY\";" : "phone_number_ids = \"+14155550123=1065\";", more);
	path = temp_write("sink.cfg", text);
	if (settings_load(path, &settings, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	assert_int_equal(uv_loop_init(&office->loop), 0);
	if (post_office_wire->open(&office->loop, &settings, &(struct sink_events){on_answer, may_leave}, &office->sink, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	settings_free(&settings);
	free(path);
}

void
post_office_open(struct post_office *office, const char *format, const char *url, const char *more)
{
	post_office_open_with_skew(office, format, url, more, "0s");
}

void
post_office_close(struct post_office *office)
{
	if (office->sink != NULL)
		post_office_wire->close(&office->sink);
	assert_null(office->sink);
	uv_run(&office->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&office->loop), 0);
}

void
post_office_write(struct letter *letter, int number, struct instant not_after)
{
	*letter = (struct letter){.message = {.recipient_id = number,
								  .run_id = 7,
								  .attempt = 1,
								  .not_after = not_after,
								  .phone = "+5511988887777",
								  .channel = "whatsapp",
								  .category = "marketing",
								  .sender = "acme",
								  .sender_address = "+14155550123",
								  .campaign = "spring",
								  .template = "hello",
								  .language = "pt-BR",
								  .body = "Hi {{name}}",
								  .variables = "{\"name\": \"Ann\"}"}};
	snprintf(letter->key, sizeof letter->key, "i:7:%d", number);
	letter->message.key = letter->key;
	letter->message.context = letter;
}

void
post_office_post(struct post_office *office, struct letter *letter)
{
	post_office_unanswered++;
	letter->office = office;
	post_office_wire->send(office->sink, &letter->message);
}

void
post_office_await(struct post_office *office)
{
	while (post_office_unanswered > 0)
		uv_run(&office->loop, UV_RUN_ONCE);
}

static void
on_guard(uv_timer_t *guard)
{
	*(bool *)guard->data = true;
}

bool
post_office_await_within(struct post_office *office, uint64_t ms)
{
	bool over = false;
	uv_timer_t guard = {.data = &over};

	uv_timer_init(&office->loop, &guard);
	uv_timer_start(&guard, on_guard, ms, 0);
	while (post_office_unanswered > 0 && !over)
		uv_run(&office->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&guard, NULL);
	uv_run(&office->loop, UV_RUN_NOWAIT);
	return !over;
}

struct letter
post_office_send_one(struct post_office *office, int number)
{
	static struct letter letter; /* a message must not move while it is open */

	post_office_write(&letter, number, post_office_in_ms(LETTER_LATER_S * 1000));
	post_office_post(office, &letter);
	post_office_await(office);
	assert_int_equal(letter.answers, 1);
	return letter;
}

void
post_office_run_until(struct post_office *office, struct provider *provider, size_t requests)
{
	while (provider_request_count(provider) < requests)
		uv_run(&office->loop, UV_RUN_NOWAIT);
}

int
post_office_start(void **state)
{
	static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

	(void)state;
	for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++)
		unsetenv(proxies[i]);
	setenv("DAYPART_TEST_TOKEN", "t0ken", 1);
	setenv("DAYPART_TEST_KEY", POST_OFFICE_SIGNING_KEY, 1);
	post_office_wire = sink_http.wire;
	return 0;
}
