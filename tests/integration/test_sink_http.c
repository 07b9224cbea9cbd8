/*
 * The wire to a provider, driven in a small loop against one that fails in every way: each message gets exactly one answer and it is the right one,
 * no request is ever sent twice, nothing begins at or after not_after, and whatever is open when it closes leaves no handle behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conf/settings.h"
#include "scheduler/sink/http_signature.h"
#include "scheduler/sink/sink_http.h"
#include "tests/support/provider.h"
#include "tests/support/random.h"
#include "tests/support/temp.h"

#define SIGNING_KEY "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { KEY_MAX = 48, LATER_S = 60, GUARD_MS = 20 * 1000, MANY = 400 };

/* A message and what it came to. */
struct letter {
	struct message message;
	char key[KEY_MAX], code[64], id[128], text[256];
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

static const struct sink_wire *wire;
static size_t open_letters;

static struct instant
in_ms(int64_t ms)
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
	open_letters--;
	if (letter->then != NULL)
		letter->then(letter);
}

static bool
may_leave(struct message *message)
{
	(void)message;
	return true;
}

static void
open_office_with_skew(struct post_office *office, const char *format, const char *url, const char *more, const char *skew)
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
	if (wire->open(&office->loop, &settings, &(struct sink_events){on_answer, may_leave}, &office->sink, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	settings_free(&settings);
	free(path);
}

static void
open_office(struct post_office *office, const char *format, const char *url, const char *more)
{
	open_office_with_skew(office, format, url, more, "0s");
}

static void
close_office(struct post_office *office)
{
	if (office->sink != NULL)
		wire->close(&office->sink);
	assert_null(office->sink);
	uv_run(&office->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&office->loop), 0);
}

static void
write_letter(struct letter *letter, int number, struct instant not_after)
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

static void
post(struct post_office *office, struct letter *letter)
{
	open_letters++;
	letter->office = office;
	wire->send(office->sink, &letter->message);
}

static void
await_all(struct post_office *office)
{
	while (open_letters > 0)
		uv_run(&office->loop, UV_RUN_ONCE);
}

static void
on_guard(uv_timer_t *guard)
{
	*(bool *)guard->data = true;
}

/* False when an answer is still missing after so long that something must be wrong. */
static bool
await_all_within(struct post_office *office, uint64_t ms)
{
	bool over = false;
	uv_timer_t guard = {.data = &over};

	uv_timer_init(&office->loop, &guard);
	uv_timer_start(&guard, on_guard, ms, 0);
	while (open_letters > 0 && !over)
		uv_run(&office->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&guard, NULL);
	uv_run(&office->loop, UV_RUN_NOWAIT);
	return !over;
}

static struct letter
send_one(struct post_office *office, int number)
{
	static struct letter letter; /* a message must not move while it is open */

	write_letter(&letter, number, in_ms(LATER_S * 1000));
	post(office, &letter);
	await_all(office);
	assert_int_equal(letter.answers, 1);
	return letter;
}

/* Answers --------------------------------------------------------------------------------------------------------------------------------- */

/* Twice: over a new connection, and over one that was kept and that libcurl would repeat a request on. */
static void
every_failure_has_its_action(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true});
	struct post_office office;

	(void)state;
	for (size_t i = 0; i < provider_step_count; i++) {
		const struct provider_step *step = &provider_steps[i];

		open_office(&office, "cloud_api", provider_url(provider), "");
		for (int kept = 0; kept < 2; kept++) {
			const size_t before = provider_request_count(provider);
			struct letter letter;
			struct provider_record record;

			if (kept)
				assert_int_equal(send_one(&office, 5000).action, PROVIDER_ACCEPTED);
			provider_set_script(provider, step, 1);
			letter = send_one(&office, (int)i * 2 + kept);
			if (letter.action != step->action ||
				letter.retry_after.us != (step->retry_after ? strtol(step->retry_after, NULL, 10) : 0) * US_PER_SECOND)
				fail_msg("step %zu, %s: %s %s", i, kept ? "kept" : "new", provider_action_name(letter.action), letter.code);
			assert_int_equal(provider_request_count(provider), before + 1 + (size_t)kept);
			record = provider_record(provider, before + (size_t)kept);
			assert_string_equal(record.key, letter.key);
			assert_int_equal(record.taken, step->action == PROVIDER_ACCEPTED || provider_taken(provider, letter.key));
			if (letter.action == PROVIDER_ACCEPTED)
				assert_non_null(strstr(letter.id, letter.key));
			else
				assert_string_not_equal(letter.code, "");
		}
		close_office(&office);
	}
	provider_close(&provider);
}

static void
what_the_provider_says_is_passed_on(void **state)
{
	static const struct provider_step says[] = {{.deed = DEED_SAYS, .status = 400, .code = 131050}, {.deed = DEED_SAYS, .status = 503}};
	struct provider *provider = provider_open(&(struct provider_options){.script = says, .script_count = COUNT(says)});
	struct post_office office;
	struct letter letter;

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "");
	letter = send_one(&office, 1);
	assert_string_equal(letter.code, "131050");
	assert_string_equal(letter.text, "(#131050) an error: as the test wants it (subcode 2494010)");
	letter = send_one(&office, 2);
	assert_string_equal(letter.code, "http_503");
	close_office(&office);
	provider_close(&provider);
}

static void
in_the_united_states_the_pause_of_marketing_is_for_good(void **state)
{
	static const struct provider_step says[] = {{DEED_SAYS, 400, 131049, NULL, 0}, {DEED_SAYS, 400, 131049, NULL, 0}};
	struct provider *provider = provider_open(&(struct provider_options){.script = says, .script_count = COUNT(says)});
	struct post_office office;
	struct letter letters[2];

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "");
	for (int i = 0; i < 2; i++) {
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
		letters[i].message.phone = i == 0 ? "+14155550199" : "+16045550199"; /* San Francisco, Vancouver */
		post(&office, &letters[i]);
	}
	await_all(&office);
	assert_int_equal(letters[0].action, PROVIDER_DROP);
	assert_int_equal(letters[1].action, PROVIDER_LATER);
	close_office(&office);
	provider_close(&provider);
}

static void
what_cannot_be_sent_is_not_sent(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct letter letters[2];

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "");
	for (int i = 0; i < 2; i++)
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
	letters[0].message.sender_address = "+14155550124";
	letters[1].message.variables = "{}";
	post(&office, &letters[0]);
	post(&office, &letters[1]);
	await_all(&office);
	assert_int_equal(letters[0].action, PROVIDER_STOP_SENDER);
	assert_int_equal(letters[1].action, PROVIDER_DROP);
	assert_int_equal(provider_request_count(provider), 0);
	close_office(&office);
	provider_close(&provider);
}

/* Formats --------------------------------------------------------------------------------------------------------------------------------- */

static void
cloud_api_requests(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct provider_record record;

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "");
	assert_string_equal(send_one(&office, 1).id, "wamid.i:7:1");
	record = provider_record(provider, 0);
	assert_string_equal(record.path, "/v23.0/1065/messages");
	assert_string_equal(record.authorization, "Bearer t0ken");
	assert_string_equal(record.key, "i:7:1");
	assert_string_equal(record.signature, "");
	assert_non_null(strstr(record.body, "\"messaging_product\":\"whatsapp\""));
	assert_non_null(strstr(record.body, "\"text\":\"Ann\""));
	close_office(&office);
	provider_close(&provider);
}

static void
webhook_requests_are_signed(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct provider_record record;
	struct http_signature_key key;
	struct err err = ERR_INIT;
	char signature[HTTP_SIGNATURE_TEXT_MAX], not_after[INSTANT_TEXT_MAX];
	struct letter letter;

	(void)state;
	open_office(&office, "webhook", provider_url(provider), "");
	letter = send_one(&office, 1);
	assert_string_equal(letter.id, "id.i:7:1");
	record = provider_record(provider, 0);
	assert_string_equal(record.path, "/in");
	assert_string_equal(record.key, "i:7:1");
	assert_string_equal(record.id, "i:7:1");
	assert_string_equal(record.not_after, instant_format(letter.message.not_after, 0, not_after));
	assert_in_range(strtoll(record.timestamp, NULL, 10), in_ms(-LATER_S * 1000).us / US_PER_SECOND, in_ms(1000).us / US_PER_SECOND);
	assert_int_equal(http_signature_key(SIGNING_KEY, &key, &err), STATUS_OK);
	assert_int_equal(
		http_signature_make(&key, record.id, strtoll(record.timestamp, NULL, 10), record.body, strlen(record.body), signature), STATUS_OK);
	assert_string_equal(record.signature, signature);
	close_office(&office);
	provider_close(&provider);
}

/* Any 2xx is an acceptance there, whatever its body; the rest is as in the Cloud API. */
static void
webhook_failures_have_their_actions(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true});
	struct post_office office;

	(void)state;
	open_office(&office, "webhook", provider_url(provider), "");
	for (size_t i = 0; i < provider_step_count; i++) {
		const struct provider_step *step = &provider_steps[i];
		struct letter letter;

		provider_set_script(provider, step, 1);
		letter = send_one(&office, (int)i);
		if (letter.action != (step->deed == DEED_GARBAGE ? PROVIDER_ACCEPTED : step->action))
			fail_msg("step %zu: %s %s", i, provider_action_name(letter.action), letter.code);
	}
	assert_int_equal(provider_request_count(provider), provider_step_count);
	close_office(&office);
	provider_close(&provider);
}

static void
uncertain_ones_are_settled_by_asking(void **state)
{
	static const struct provider_step script[] = {{.deed = DEED_CUTS_AFTER}, {.deed = DEED_SAYS, .status = 500}};
	static const enum provider_action expected[] = {PROVIDER_ACCEPTED, PROVIDER_RETRY, PROVIDER_UNCERTAIN};
	struct provider *provider = provider_open(&(struct provider_options){.script = script, .script_count = COUNT(script)});
	struct post_office office;
	struct letter letters[3];
	char status_url[128];

	(void)state;
	open_office(&office, "webhook", provider_url(provider), "");
	assert_false(wire->can_ask(office.sink));
	close_office(&office);
	snprintf(status_url, sizeof status_url, "status_url = \"%s/status/{key}\";", provider_url(provider));
	open_office(&office, "webhook", provider_url(provider), status_url);
	assert_true(wire->can_ask(office.sink));
	assert_int_equal(send_one(&office, 0).action, PROVIDER_UNCERTAIN);
	assert_int_equal(send_one(&office, 1).action, PROVIDER_UNCERTAIN);
	for (int i = 0; i < 3; i++) { /* the third was never sent */
		write_letter(&letters[i], i, in_ms(-1000));
		open_letters++;
		wire->ask(office.sink, &letters[i].message);
	}
	await_all(&office);
	for (int i = 0; i < 3; i++)
		assert_int_equal(letters[i].action, expected[i]);
	assert_string_equal(letters[0].id, "id.i:7:0");
	assert_int_equal(provider_question_count(provider), 3);
	provider_close(&provider);
	open_letters++;
	letters[0].answers = 0;
	wire->ask(office.sink, &letters[0].message); /* nobody there: nothing is learnt */
	await_all(&office);
	assert_int_equal(letters[0].action, PROVIDER_UNCERTAIN);
	close_office(&office);
}

/* Connections ----------------------------------------------------------------------------------------------------------------------------- */

static void
connections_are_used_again(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct letter letters[40];

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "concurrency = 4;");
	assert_int_equal(wire->room(office.sink), 4);
	for (int i = 0; i < 20; i++)
		assert_int_equal(send_one(&office, i).action, PROVIDER_ACCEPTED);
	assert_int_equal(provider_connection_count(provider), 1);
	for (int i = 0; i < 40; i++) {
		write_letter(&letters[i], 100 + i, in_ms(LATER_S * 1000));
		post(&office, &letters[i]);
		assert_int_equal(wire->room(office.sink), i < 4 ? 3 - i : 0);
	}
	await_all(&office);
	for (int i = 0; i < 40; i++)
		assert_int_equal(letters[i].action, PROVIDER_ACCEPTED);
	assert_in_range(provider_connection_count(provider), 1, 4);
	assert_int_equal(wire->room(office.sink), 4);
	close_office(&office);
	provider_close(&provider);
}

/* Nobody listens at the port of a provider that has closed. */
static void
nobody_there_means_not_sent(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct letter letter;

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "");
	provider_close(&provider);
	letter = send_one(&office, 1);
	assert_int_equal(letter.action, PROVIDER_RETRY);
	assert_string_equal(letter.code, "not_sent");
	close_office(&office);
	open_office(&office, "cloud_api", "https://nobody.invalid", "connect_timeout = \"1s\";");
	assert_int_equal(send_one(&office, 1).action, PROVIDER_RETRY);
	close_office(&office);
}

static void
only_a_certificate_that_can_be_trusted_will_do(void **state)
{
	static const enum provider_certificate kinds[] = {CERTIFICATE_GOOD, CERTIFICATE_OTHER_HOST, CERTIFICATE_EXPIRED, CERTIFICATE_UNTRUSTED};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct provider *provider = provider_open(&(struct provider_options){.certificate = kinds[i]});
		struct post_office office;
		struct letter letter;
		char ca_file[512];

		snprintf(ca_file, sizeof ca_file, "ca_file = \"%s\";", provider_ca_file(provider));
		open_office(&office, "cloud_api", provider_url(provider), ca_file);
		letter = send_one(&office, 1);
		if (letter.action != (kinds[i] == CERTIFICATE_GOOD ? PROVIDER_ACCEPTED : PROVIDER_RETRY))
			fail_msg("certificate %d: %s %s", (int)kinds[i], provider_action_name(letter.action), letter.text);
		if (kinds[i] == CERTIFICATE_GOOD)
			assert_int_equal(send_one(&office, 2).action, PROVIDER_ACCEPTED);
		assert_int_equal(provider_request_count(provider), kinds[i] == CERTIFICATE_GOOD ? 2 : 0);
		assert_int_equal(provider_connection_count(provider), 1);
		close_office(&office);
		if (kinds[i] == CERTIFICATE_GOOD) { /* the system trusts nobody whom we made up */
			open_office(&office, "cloud_api", provider_url(provider), "");
			assert_int_equal(send_one(&office, 3).action, PROVIDER_RETRY);
			close_office(&office);
		}
		provider_close(&provider);
	}
}

/* Time ------------------------------------------------------------------------------------------------------------------------------------ */

static void
who_never_answers_is_given_up(void **state)
{
	static const struct provider_step hangs[] = {{.deed = DEED_HANGS}, {.deed = DEED_HANGS_BEFORE}};
	struct provider *provider = provider_open(&(struct provider_options){.script = hangs, .script_count = COUNT(hangs)});
	struct post_office office;
	struct letter letters[2];

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "timeout = \"1s\";");
	for (int i = 0; i < 2; i++) {
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
		post(&office, &letters[i]);
	}
	await_all(&office);
	assert_int_equal(letters[0].action, PROVIDER_UNCERTAIN);
	assert_string_equal(letters[0].code, "no_answer");
	assert_int_equal(letters[1].action, PROVIDER_UNCERTAIN);
	close_office(&office);
	provider_close(&provider);
}

/* Connects, and then nothing: the kernel takes the connection, nobody the handshake. */
static int
listen_deafly(char url[64])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(socket_fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(socket_fd, 8), 0);
	assert_int_equal(getsockname(socket_fd, (struct sockaddr *)&address, &size), 0);
	snprintf(url, 64, "https://127.0.0.1:%u", ntohs(address.sin_port));
	return socket_fd;
}

static void
nothing_begins_at_or_after_not_after(void **state)
{
	static const struct provider_step slow[] = {{.deed = DEED_SLOW}};
	struct provider *provider = provider_open(&(struct provider_options){.script = slow, .script_count = 1});
	struct post_office office;
	struct letter letters[4];
	char url[64];
	const int deaf = listen_deafly(url);

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "concurrency = 1;");
	write_letter(&letters[0], 0, in_ms(LATER_S * 1000));
	write_letter(&letters[1], 1, in_ms(100)); /* its turn comes later than that */
	write_letter(&letters[2], 2, in_ms(-1));
	write_letter(&letters[3], 3, in_ms(LATER_S * 1000));
	for (int i = 0; i < 4; i++)
		post(&office, &letters[i]);
	await_all(&office);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(letters[i].action, PROVIDER_RETRY);
		assert_string_equal(letters[i].code, "too_late");
		assert_int_equal(provider_taken(provider, letters[i].key), 0);
	}
	assert_int_equal(letters[0].action, PROVIDER_ACCEPTED);
	assert_int_equal(letters[3].action, PROVIDER_ACCEPTED);
	assert_int_equal(provider_request_count(provider), 2);
	write_letter(&letters[0], 4, in_ms(20));
	post(&office, &letters[0]);
	usleep(50 * 1000); /* the loop stands still, as after SIGSTOP */
	await_all(&office);
	assert_int_equal(letters[0].action, PROVIDER_RETRY);
	assert_int_equal(provider_taken(provider, letters[0].key), 0);
	close_office(&office);
	open_office(&office, "cloud_api", url, "connect_timeout = \"1m\"; timeout = \"5m\";"); /* the connection never gets that far */
	write_letter(&letters[0], 5, in_ms(150));
	post(&office, &letters[0]);
	assert_true(await_all_within(&office, GUARD_MS));
	assert_int_equal(letters[0].action, PROVIDER_RETRY);
	close_office(&office);
	close(deaf);
	provider_close(&provider);
}

/* The host's clock may be behind that of the database by so much. */
static void
the_last_second_is_left_to_the_clocks(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct letter letters[2];

	(void)state;
	open_office_with_skew(&office, "cloud_api", provider_url(provider), "", "1m");
	for (int i = 0; i < 2; i++) {
		write_letter(&letters[i], i, in_ms(i == 0 ? 59 * 1000 : 90 * 1000));
		post(&office, &letters[i]);
	}
	await_all(&office);
	assert_string_equal(letters[0].code, "too_late");
	assert_int_equal(letters[1].action, PROVIDER_ACCEPTED);
	assert_int_equal(provider_request_count(provider), 1);
	close_office(&office);
	provider_close(&provider);
}

static void
an_answer_after_not_after_is_not_waited_for(void **state)
{
	static const struct provider_step hangs[] = {{.deed = DEED_HANGS}};
	struct provider *provider = provider_open(&(struct provider_options){.script = hangs, .script_count = 1});
	struct post_office office;
	struct letter letter;

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "timeout = \"5m\";");
	write_letter(&letter, 0, in_ms(300));
	post(&office, &letter);
	assert_true(await_all_within(&office, GUARD_MS));
	assert_int_equal(letter.action, PROVIDER_UNCERTAIN);
	close_office(&office);
	provider_close(&provider);
}

/* Trouble --------------------------------------------------------------------------------------------------------------------------------- */

static void
a_provider_in_trouble_is_left_in_peace(void **state)
{
	static const struct provider_step script[] = {{.deed = DEED_SAYS, .status = 503}, {.deed = DEED_TAKES},
		{.deed = DEED_SAYS, .status = 429, .retry_after = "30"}, {.deed = DEED_SAYS, .status = 422}};
	struct provider *provider = provider_open(&(struct provider_options){.script = script, .script_count = COUNT(script)});
	struct post_office office;

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "concurrency = 4;");
	assert_int_equal(send_one(&office, 1).action, PROVIDER_UNCERTAIN);
	assert_int_equal(wire->room(office.sink), 0);
	while (wire->room(office.sink) == 0)
		usleep(20 * 1000);
	assert_int_equal(wire->room(office.sink), 1);
	assert_int_equal(send_one(&office, 2).action, PROVIDER_ACCEPTED);
	assert_int_equal(wire->room(office.sink), 4);
	assert_int_equal(send_one(&office, 3).retry_after.us, 30 * US_PER_SECOND);
	usleep(1200 * 1000); /* longer than its own first back-off */
	assert_int_equal(wire->room(office.sink), 0);
	assert_int_equal(send_one(&office, 4).action, PROVIDER_DROP); /* a refusal of one message is an answer */
	assert_int_equal(wire->room(office.sink), 4);
	close_office(&office);
	provider_close(&provider);
}

/* The end --------------------------------------------------------------------------------------------------------------------------------- */

static void
run_until(struct post_office *office, struct provider *provider, size_t requests)
{
	while (provider_request_count(provider) < requests)
		uv_run(&office->loop, UV_RUN_NOWAIT);
}

static void
closing_cuts_and_answers_what_is_open(void **state)
{
	static const struct provider_step hangs[] = {{.deed = DEED_HANGS}, {.deed = DEED_HANGS}, {.deed = DEED_HANGS}};
	struct provider *provider = provider_open(&(struct provider_options){.script = hangs, .script_count = COUNT(hangs)});
	struct post_office office;
	struct letter letters[6];

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "concurrency = 3;");
	for (int i = 0; i < 6; i++) {
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
		post(&office, &letters[i]);
	}
	run_until(&office, provider, 3);
	wire->close(&office.sink);
	assert_int_equal(open_letters, 0);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(letters[i].answers, 1);
		assert_int_equal(letters[i].action, i < 3 ? PROVIDER_UNCERTAIN : PROVIDER_RETRY); /* the others waited for their turn */
	}
	close_office(&office);
	open_office(&office, "cloud_api", "https://nobody.invalid", ""); /* in the middle of a question for a name */
	write_letter(&letters[0], 9, in_ms(LATER_S * 1000));
	post(&office, &letters[0]);
	uv_run(&office.loop, UV_RUN_NOWAIT);
	close_office(&office);
	assert_int_equal(letters[0].answers, 1);
	assert_int_equal(letters[0].action, PROVIDER_RETRY);
	provider_close(&provider);
}

static void
close_then(struct letter *letter)
{
	wire->close(&letter->office->sink);
}

static void
closing_from_within_an_answer(void **state)
{
	static const struct provider_step script[] = {{.deed = DEED_HANGS}, {.deed = DEED_HANGS}, {.deed = DEED_TAKES}};
	struct provider *provider = provider_open(&(struct provider_options){.script = script, .script_count = COUNT(script)});
	struct post_office office;
	struct letter letters[4];

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "concurrency = 3;");
	for (int i = 0; i < 2; i++) {
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
		post(&office, &letters[i]);
	}
	run_until(&office, provider, 2);
	for (int i = 2; i < 4; i++) {
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
		letters[i].then = i == 2 ? close_then : NULL;
		post(&office, &letters[i]);
	}
	await_all(&office);
	assert_null(office.sink);
	assert_int_equal(letters[0].action, PROVIDER_UNCERTAIN);
	assert_int_equal(letters[1].action, PROVIDER_UNCERTAIN);
	assert_int_equal(letters[2].action, PROVIDER_ACCEPTED);
	assert_int_equal(letters[3].action, PROVIDER_RETRY);
	close_office(&office);
	provider_close(&provider);
}

/* All at once --------------------------------------------------------------------------------------------------------------------------- */

/* Sends what surely did not get there once more, as the release engine would. */
static void
again(struct letter *letter)
{
	const bool surely_not = letter->action != PROVIDER_ACCEPTED && letter->action != PROVIDER_UNCERTAIN;

	if (surely_not && letter->message.attempt < 3) {
		letter->message.attempt++;
		letter->answers--;
		post(letter->office, letter);
	}
}

static void
by_lot_every_message_has_one_end(void **state)
{
	struct random_source random = random_start("sink_http");
	struct provider *provider =
		provider_open(&(struct provider_options){.forgets = true, .seed = random_next(&random) | 1, .bad_percent = 60});
	struct post_office office;
	struct letter *letters = calloc(MANY, sizeof letters[0]);
	size_t counts[PROVIDER_ACTION_COUNT] = {0};

	(void)state;
	open_office(&office, "cloud_api", provider_url(provider), "concurrency = 16; timeout = \"5s\";");
	for (int i = 0; i < MANY; i++) {
		write_letter(&letters[i], i, in_ms(LATER_S * 1000));
		letters[i].then = again;
		post(&office, &letters[i]);
	}
	await_all(&office);
	for (int i = 0; i < MANY; i++) {
		const size_t taken = provider_taken(provider, letters[i].key);

		assert_int_equal(letters[i].answers, 1);
		counts[letters[i].action]++;
		if (letters[i].action == PROVIDER_ACCEPTED)
			assert_int_equal(taken, 1);
		else if (letters[i].action == PROVIDER_UNCERTAIN)
			assert_in_range(taken, 0, 1);
		else
			assert_int_equal(taken, 0);
	}
	assert_true(counts[PROVIDER_ACCEPTED] > 0 && counts[PROVIDER_UNCERTAIN] > 0);
	close_office(&office);
	provider_close(&provider);
	free(letters);
}

static int
start(void **state)
{
	static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

	(void)state;
	for (size_t i = 0; i < COUNT(proxies); i++)
		unsetenv(proxies[i]);
	setenv("DAYPART_TEST_TOKEN", "t0ken", 1);
	setenv("DAYPART_TEST_KEY", SIGNING_KEY, 1);
	wire = sink_http.wire;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failure_has_its_action),
		cmocka_unit_test(what_the_provider_says_is_passed_on),
		cmocka_unit_test(in_the_united_states_the_pause_of_marketing_is_for_good),
		cmocka_unit_test(what_cannot_be_sent_is_not_sent),
		cmocka_unit_test(cloud_api_requests),
		cmocka_unit_test(webhook_requests_are_signed),
		cmocka_unit_test(webhook_failures_have_their_actions),
		cmocka_unit_test(uncertain_ones_are_settled_by_asking),
		cmocka_unit_test(connections_are_used_again),
		cmocka_unit_test(nobody_there_means_not_sent),
		cmocka_unit_test(only_a_certificate_that_can_be_trusted_will_do),
		cmocka_unit_test(who_never_answers_is_given_up),
		cmocka_unit_test(nothing_begins_at_or_after_not_after),
		cmocka_unit_test(the_last_second_is_left_to_the_clocks),
		cmocka_unit_test(an_answer_after_not_after_is_not_waited_for),
		cmocka_unit_test(a_provider_in_trouble_is_left_in_peace),
		cmocka_unit_test(closing_cuts_and_answers_what_is_open),
		cmocka_unit_test(closing_from_within_an_answer),
		cmocka_unit_test(by_lot_every_message_has_one_end),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
