/*
 * The wire to a provider: what is open when it closes leaves no handle behind, and by lot every message has one end; no request is ever sent twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "tests/support/post_office.h"
#include "tests/support/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MANY = 400 };

/* The end --------------------------------------------------------------------------------------------------------------------------------- */

static void
closing_cuts_and_answers_what_is_open(void **state)
{
	static const struct provider_step hangs[] = {{.deed = DEED_HANGS}, {.deed = DEED_HANGS}, {.deed = DEED_HANGS}};
	struct provider *provider = provider_open(&(struct provider_options){.script = hangs, .script_count = COUNT(hangs)});
	struct post_office office;
	struct letter letters[6];

	(void)state;
	post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 3;");
	for (int i = 0; i < 6; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
		post_office_post(&office, &letters[i]);
	}
	post_office_run_until(&office, provider, 3);
	post_office_wire->close(&office.sink);
	assert_int_equal(post_office_unanswered, 0);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(letters[i].answers, 1);
		assert_int_equal(letters[i].action, i < 3 ? PROVIDER_UNCERTAIN : PROVIDER_RETRY); /* the others waited for their turn */
	}
	post_office_close(&office);
	post_office_open(&office, "cloud_api", "https://nobody.invalid", ""); /* in the middle of a question for a name */
	post_office_write(&letters[0], 9, post_office_in_ms(LETTER_LATER_S * 1000));
	post_office_post(&office, &letters[0]);
	uv_run(&office.loop, UV_RUN_NOWAIT);
	post_office_close(&office);
	assert_int_equal(letters[0].answers, 1);
	assert_int_equal(letters[0].action, PROVIDER_RETRY);
	provider_close(&provider);
}

static void
close_then(struct letter *letter)
{
	post_office_wire->close(&letter->office->sink);
}

static void
closing_from_within_an_answer(void **state)
{
	static const struct provider_step script[] = {{.deed = DEED_HANGS}, {.deed = DEED_HANGS}, {.deed = DEED_TAKES}};
	struct provider *provider = provider_open(&(struct provider_options){.script = script, .script_count = COUNT(script)});
	struct post_office office;
	struct letter letters[4];

	(void)state;
	post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 3;");
	for (int i = 0; i < 2; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
		post_office_post(&office, &letters[i]);
	}
	post_office_run_until(&office, provider, 2);
	for (int i = 2; i < 4; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
		letters[i].then = i == 2 ? close_then : NULL;
		post_office_post(&office, &letters[i]);
	}
	post_office_await(&office);
	assert_null(office.sink);
	assert_int_equal(letters[0].action, PROVIDER_UNCERTAIN);
	assert_int_equal(letters[1].action, PROVIDER_UNCERTAIN);
	assert_int_equal(letters[2].action, PROVIDER_ACCEPTED);
	assert_int_equal(letters[3].action, PROVIDER_RETRY);
	post_office_close(&office);
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
		post_office_post(letter->office, letter);
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
	post_office_open(&office, "cloud_api", provider_url(provider), "concurrency = 16; timeout = \"5s\";");
	for (int i = 0; i < MANY; i++) {
		post_office_write(&letters[i], i, post_office_in_ms(LETTER_LATER_S * 1000));
		letters[i].then = again;
		post_office_post(&office, &letters[i]);
	}
	post_office_await(&office);
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
	post_office_close(&office);
	provider_close(&provider);
	free(letters);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_cuts_and_answers_what_is_open),
		cmocka_unit_test(closing_from_within_an_answer),
		cmocka_unit_test(by_lot_every_message_has_one_end),
	};

	return cmocka_run_group_tests(tests, post_office_start, NULL) != 0;
}
