/* The wire to a provider: connections, deadlines and a provider in trouble. Nothing begins at or after not_after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/post_office.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { GUARD_MS = 20 * 1000 };

/* Connections ----------------------------------------------------------------------------------------------------------------------------- */

static void
connections_are_used_again(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct letter letters[40];

	(void)state;
	post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 4;");
	assert_int_equal(post_office_wire->room(office.sink), 4);
	for (int i = 0; i < 20; i++)
		assert_int_equal(post_office_send_one(&office, i).action, PROVIDER_ACCEPTED);
	assert_int_equal(provider_connection_count(provider), 1);
	for (int i = 0; i < 40; i++) {
		post_office_write(&letters[i], 100 + i, post_office_in_ms(LETTER_LATER_S * 1000));
		post_office_post(&office, &letters[i]);
		assert_int_equal(post_office_wire->room(office.sink), i < 4 ? 3 - i : 0);
	}
	post_office_await(&office);
	for (int i = 0; i < 40; i++)
		assert_int_equal(letters[i].action, PROVIDER_ACCEPTED);
	assert_in_range(provider_connection_count(provider), 1, 4);
	assert_int_equal(post_office_wire->room(office.sink), 4);
	post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "");
	provider_close(&provider);
	letter = post_office_send_one(&office, 1);
	assert_int_equal(letter.action, PROVIDER_RETRY);
	assert_string_equal(letter.code, "not_sent");
	post_office_close(&office);
	post_office_open(&office, "cloud_api", "https://nobody.invalid", "connect_timeout = \"1s\";");
	assert_int_equal(post_office_send_one(&office, 1).action, PROVIDER_RETRY);
	post_office_close(&office);
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
		post_office_open(&office, "cloud_api", provider_url(provider), ca_file);
		letter = post_office_send_one(&office, 1);
		if (letter.action != (kinds[i] == CERTIFICATE_GOOD ? PROVIDER_ACCEPTED : PROVIDER_RETRY))
			fail_msg("certificate %d: %s %s", (int)kinds[i], provider_action_name(letter.action), letter.text);
		if (kinds[i] == CERTIFICATE_GOOD)
			assert_int_equal(post_office_send_one(&office, 2).action, PROVIDER_ACCEPTED);
		assert_int_equal(provider_request_count(provider), kinds[i] == CERTIFICATE_GOOD ? 2 : 0);
		assert_int_equal(provider_connection_count(provider), 1);
		post_office_close(&office);
		if (kinds[i] == CERTIFICATE_GOOD) { /* the system trusts nobody whom we made up */
			post_office_open(&office, "cloud_api", provider_url(provider), "");
			assert_int_equal(post_office_send_one(&office, 3).action, PROVIDER_RETRY);
			post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "timeout = \"1s\";");
	for (int i = 0; i < 2; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
		post_office_post(&office, &letters[i]);
	}
	post_office_await(&office);
	assert_int_equal(letters[0].action, PROVIDER_UNCERTAIN);
	assert_string_equal(letters[0].code, "no_answer");
	assert_int_equal(letters[1].action, PROVIDER_UNCERTAIN);
	post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 1;");
	post_office_write(&letters[0], 0, post_office_in_ms(LETTER_LATER_S * 1000));
	post_office_write(&letters[1], 1, post_office_in_ms(100)); /* its turn comes later than that */
	post_office_write(&letters[2], 2, post_office_in_ms(-1));
	post_office_write(&letters[3], 3, post_office_in_ms(LETTER_LATER_S * 1000));
	for (int i = 0; i < 4; i++)
		post_office_post(&office, &letters[i]);
	post_office_await(&office);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(letters[i].action, PROVIDER_RETRY);
		assert_string_equal(letters[i].code, "too_late");
		assert_int_equal(provider_taken(provider, letters[i].key), 0);
	}
	assert_int_equal(letters[0].action, PROVIDER_ACCEPTED);
	assert_int_equal(letters[3].action, PROVIDER_ACCEPTED);
	assert_int_equal(provider_request_count(provider), 2);
	post_office_write(&letters[0], 4, post_office_in_ms(20));
	post_office_post(&office, &letters[0]);
	usleep(50 * 1000); /* the loop stands still, as after SIGSTOP */
	post_office_await(&office);
	assert_int_equal(letters[0].action, PROVIDER_RETRY);
	assert_int_equal(provider_taken(provider, letters[0].key), 0);
	post_office_close(&office);
	post_office_open(&office, "cloud_api", url, "connect_timeout = \"1m\"; timeout = \"5m\";"); /* the connection never gets that far */
	post_office_write(&letters[0], 5, post_office_in_ms(150));
	post_office_post(&office, &letters[0]);
	assert_true(post_office_await_within(&office, GUARD_MS));
	assert_int_equal(letters[0].action, PROVIDER_RETRY);
	post_office_close(&office);
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
	post_office_open_with_skew(&office, "cloud_api", provider_url(provider), "", "1m");
	for (int i = 0; i < 2; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(i == 0 ? 59 * 1000 : 90 * 1000));
		post_office_post(&office, &letters[i]);
	}
	post_office_await(&office);
	assert_string_equal(letters[0].code, "too_late");
	assert_int_equal(letters[1].action, PROVIDER_ACCEPTED);
	assert_int_equal(provider_request_count(provider), 1);
	post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "timeout = \"5m\";");
	post_office_write(&letter, 0, post_office_in_ms(300));
	post_office_post(&office, &letter);
	assert_true(post_office_await_within(&office, GUARD_MS));
	assert_int_equal(letter.action, PROVIDER_UNCERTAIN);
	post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 4;");
	assert_int_equal(post_office_send_one(&office, 1).action, PROVIDER_UNCERTAIN);
	assert_int_equal(post_office_wire->room(office.sink), 0);
	while (post_office_wire->room(office.sink) == 0)
		usleep(20 * 1000);
	assert_int_equal(post_office_wire->room(office.sink), 1);
	assert_int_equal(post_office_send_one(&office, 2).action, PROVIDER_ACCEPTED);
	assert_int_equal(post_office_wire->room(office.sink), 4);
	assert_int_equal(post_office_send_one(&office, 3).retry_after.us, 30 * US_PER_SECOND);
	usleep(1200 * 1000); /* longer than its own first back-off */
	assert_int_equal(post_office_wire->room(office.sink), 0);
	assert_int_equal(post_office_send_one(&office, 4).action, PROVIDER_DROP); /* a refusal of one message is an answer */
	assert_int_equal(post_office_wire->room(office.sink), 4);
	post_office_close(&office);
	provider_close(&provider);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_are_used_again),
		cmocka_unit_test(nobody_there_means_not_sent),
		cmocka_unit_test(only_a_certificate_that_can_be_trusted_will_do),
		cmocka_unit_test(who_never_answers_is_given_up),
		cmocka_unit_test(nothing_begins_at_or_after_not_after),
		cmocka_unit_test(the_last_second_is_left_to_the_clocks),
		cmocka_unit_test(an_answer_after_not_after_is_not_waited_for),
		cmocka_unit_test(a_provider_in_trouble_is_left_in_peace),
	};

	return cmocka_run_group_tests(tests, post_office_start, NULL) != 0;
}
