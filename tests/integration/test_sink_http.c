/*
 * The wire to a provider, driven in a small loop against one that fails in every way: each message gets exactly one answer and it is the right one,
 * and requests are what the formats say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/sink/http_signature.h"
#include "tests/support/post_office.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

		post_office_open(&office, "cloud_api", provider_url(provider), "");
		for (int kept = 0; kept < 2; kept++) {
			const size_t before = provider_request_count(provider);
			struct letter letter;
			struct provider_record record;

			if (kept)
				assert_int_equal(post_office_send_one(&office, 5000).action, PROVIDER_ACCEPTED);
			provider_set_script(provider, step, 1);
			letter = post_office_send_one(&office, (int)i * 2 + kept);
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
		post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "");
	letter = post_office_send_one(&office, 1);
	assert_string_equal(letter.code, "131050");
	assert_string_equal(letter.text, "(#131050) an error: as the test wants it (subcode 2494010)");
	letter = post_office_send_one(&office, 2);
	assert_string_equal(letter.code, "http_503");
	post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "");
	for (int i = 0; i < 2; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
		letters[i].message.phone = i == 0 ? "+14155550199" : "+16045550199"; /* San Francisco, Vancouver */
		post_office_post(&office, &letters[i]);
	}
	post_office_await(&office);
	assert_int_equal(letters[0].action, PROVIDER_DROP);
	assert_int_equal(letters[1].action, PROVIDER_LATER);
	post_office_close(&office);
	provider_close(&provider);
}

static void
what_cannot_be_sent_is_not_sent(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){0});
	struct post_office office;
	struct letter letters[2];

	(void)state;
	post_office_open(&office, "cloud_api", provider_url(provider), "");
	for (int i = 0; i < 2; i++)
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
	letters[0].message.sender_address = "+14155550124";
	letters[1].message.variables = "{}";
	post_office_post(&office, &letters[0]);
	post_office_post(&office, &letters[1]);
	post_office_await(&office);
	assert_int_equal(letters[0].action, PROVIDER_STOP_SENDER);
	assert_int_equal(letters[1].action, PROVIDER_DROP);
	assert_int_equal(provider_request_count(provider), 0);
	post_office_close(&office);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "");
	assert_string_equal(post_office_send_one(&office, 1).id, "wamid.i:7:1");
	record = provider_record(provider, 0);
	assert_string_equal(record.path, "/v23.0/1065/messages");
	assert_string_equal(record.authorization, "Bearer t0ken");
	assert_string_equal(record.key, "i:7:1");
	assert_string_equal(record.signature, "");
	assert_non_null(strstr(record.body, "\"messaging_product\":\"whatsapp\""));
	assert_non_null(strstr(record.body, "\"text\":\"Ann\""));
	post_office_close(&office);
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
	post_office_open(&office, "webhook", provider_url(provider), "");
	letter = post_office_send_one(&office, 1);
	assert_string_equal(letter.id, "id.i:7:1");
	record = provider_record(provider, 0);
	assert_string_equal(record.path, "/in");
	assert_string_equal(record.key, "i:7:1");
	assert_string_equal(record.id, "i:7:1");
	assert_string_equal(record.not_after, instant_format(letter.message.not_after, 0, not_after));
	assert_in_range(strtoll(record.timestamp, NULL, 10), post_office_in_ms(-LETTER_LATER_S * 1000).us / US_PER_SECOND,
		post_office_in_ms(1000).us / US_PER_SECOND);
	assert_int_equal(http_signature_key(POST_OFFICE_SIGNING_KEY, &key, &err), STATUS_OK);
	assert_int_equal(
		http_signature_make(&key, record.id, strtoll(record.timestamp, NULL, 10), record.body, strlen(record.body), signature), STATUS_OK);
	assert_string_equal(record.signature, signature);
	post_office_close(&office);
	provider_close(&provider);
}

/* Any 2xx is an acceptance there, whatever its body; the rest is as in the Cloud API. */
static void
webhook_failures_have_their_actions(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true});
	struct post_office office;

	(void)state;
	post_office_open(&office, "webhook", provider_url(provider), "");
	for (size_t i = 0; i < provider_step_count; i++) {
		const struct provider_step *step = &provider_steps[i];
		struct letter letter;

		provider_set_script(provider, step, 1);
		letter = post_office_send_one(&office, (int)i);
		if (letter.action != (step->deed == DEED_GARBAGE ? PROVIDER_ACCEPTED : step->action))
			fail_msg("step %zu: %s %s", i, provider_action_name(letter.action), letter.code);
	}
	assert_int_equal(provider_request_count(provider), provider_step_count);
	post_office_close(&office);
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
	post_office_open(&office, "webhook", provider_url(provider), "");
	assert_false(post_office_wire->can_ask(office.sink));
	post_office_close(&office);
	snprintf(status_url, sizeof status_url, "status_url = \"%s/status/{key}\";", provider_url(provider));
	post_office_open(&office, "webhook", provider_url(provider), status_url);
	assert_true(post_office_wire->can_ask(office.sink));
	assert_int_equal(post_office_send_one(&office, 0).action, PROVIDER_UNCERTAIN);
	assert_int_equal(post_office_send_one(&office, 1).action, PROVIDER_UNCERTAIN);
	for (int i = 0; i < 3; i++) { /* the third was never sent */
		post_office_write(&letters[i], i, post_office_in_ms(-1000));
		post_office_unanswered++;
		post_office_wire->ask(office.sink, &letters[i].message);
	}
	post_office_await(&office);
	for (int i = 0; i < 3; i++)
		assert_int_equal(letters[i].action, expected[i]);
	assert_string_equal(letters[0].id, "id.i:7:0");
	assert_int_equal(provider_question_count(provider), 3);
	provider_close(&provider);
	post_office_unanswered++;
	letters[0].answers = 0;
	post_office_wire->ask(office.sink, &letters[0].message); /* nobody there: nothing is learnt */
	post_office_await(&office);
	assert_int_equal(letters[0].action, PROVIDER_UNCERTAIN);
	post_office_close(&office);
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
	};

	return cmocka_run_group_tests(tests, post_office_start, NULL) != 0;
}
