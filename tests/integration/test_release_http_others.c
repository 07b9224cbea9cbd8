/*
 * What an answer to one message means for the others, with the real daemon in front of a real provider: who waits, who stops, who goes on, and what is
 * sent again under its own key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/http_world.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CLOUD "phone_number_ids = \"+14155550100=1065\";"

static int
run_of(const char *key)
{
	return (int)strtol(strchr(key, ':') + 1, NULL, 10);
}

static size_t
requests_of(struct provider *provider, int run)
{
	size_t count = 0;

	for (size_t i = 0; i < provider_request_count(provider); i++)
		count += run_of(provider_record(provider, i).key) == run;
	return count;
}

static void
expect_fate(int run, const char *name, const char *expected)
{
	char *fate = http_world_fate(run);

	if (fate == NULL || strcmp(fate, expected) != 0)
		fail_msg("%s: %s instead of %s", name, fate, expected);
	free(fate);
}

static void
await_fate(int run, const char *name, const char *expected)
{
	char *fate = NULL;

	for (int waited = 0; waited < HTTP_PATIENCE_MS / 50 && (fate == NULL || strcmp(fate, expected) != 0); waited++) {
		const struct timespec a_while = {.tv_nsec = 50 * 1000 * 1000};

		nanosleep(&a_while, NULL);
		free(fate);
		fate = http_world_fate(run);
	}
	free(fate);
	expect_fate(run, name, expected);
}

/* Who stops ------------------------------------------------------------------------------------------------------------------------------- */

/* A message is refused; then one of another campaign is due that shares something with it. A template's status is part of what was planned. */
static const struct story {
	int code;
	const char *first;
	const char *shares; /* what the follower has of the first one's */
	const char *follower;
} stories[] = {
	{131048, "held breaker", "sender", "held breaker"},
	{131048, "held breaker", "account", "handed_over"},
	{131042, "held breaker", "account", "held breaker"},
	{131042, "held breaker", "nothing", "handed_over"},
	{651, "held window_closed", "sender", "held breaker"},
	{132015, "held template_not_approved", "template", "held campaign_changed"},
	{132016, "held template_not_approved", "template", "held campaign_changed"},
	{132000, "held campaign_paused", "sender", "handed_over"},
};

struct plot {
	int first, follower;
};

static struct provider_step
by_story(const char *key, size_t times, void *context)
{
	const struct plot *plots = context;

	(void)times;
	for (size_t i = 0; i < COUNT(stories); i++)
		if (plots[i].first == run_of(key))
			return (struct provider_step){.deed = DEED_SAYS, .status = 400, .code = stories[i].code};
	return (struct provider_step){.deed = DEED_TAKES};
}

/* As far as a plan looks at what was changed since. */
static void
plan_again(void)
{
	sql_run(world.connection,
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = r.campaign_id");
}

static int
follow(size_t i)
{
	char name[16], first[16];
	int run;

	snprintf(name, sizeof name, "g%zu", i);
	snprintf(first, sizeof first, "f%zu", i);
	run = http_world_campaign(name, 0);
	if (strcmp(stories[i].shares, "sender") == 0)
		fixture_execute(world.connection,
			"UPDATE campaign SET sender = '%s' WHERE name = '%s'; UPDATE campaign_run SET sender_id = (SELECT sender_id FROM sender WHERE "
			"name = '%s') WHERE run_id = %d",
			first, name, first, run);
	else if (strcmp(stories[i].shares, "template") == 0)
		fixture_execute(world.connection, "UPDATE campaign SET template = '%s' WHERE name = '%s'", first, name);
	else if (strcmp(stories[i].shares, "account") == 0)
		fixture_execute(world.connection, "UPDATE sender SET portfolio = '%s' WHERE name = '%s'", first, name);
	plan_again();
	return run;
}

static void
who_shares_what_is_refused_stops(void **state)
{
	struct plot plots[COUNT(stories)];
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = by_story, .context = plots});
	struct process *daemon;
	char name[16];

	(void)state;
	http_world_open_database("others_1");
	for (size_t i = 0; i < COUNT(stories); i++) {
		snprintf(name, sizeof name, "f%zu", i);
		plots[i].first = http_world_campaign(name, 1);
	}
	for (size_t i = 0; i < COUNT(stories); i++)
		plots[i].follower = follow(i);
	daemon = http_world_start(provider, "/v23.0", CLOUD);
	for (size_t i = 0; i < COUNT(stories); i++)
		await_fate(plots[i].first, "first", stories[i].first);
	for (size_t i = 0; i < COUNT(stories); i++)
		fixture_slots_add(world.connection, &(struct fixture_slots){.run = plots[i].follower, .count = 1, .due = "-1s", .not_after = "1h"});
	sql_run(world.connection, "NOTIFY daypart");
	for (size_t i = 0; i < COUNT(stories); i++) {
		snprintf(name, sizeof name, "g%zu", i);
		await_fate(plots[i].follower, name, stories[i].follower);
	}
	http_world_stop(&daemon);
	for (size_t i = 0; i < COUNT(stories); i++) {
		assert_int_equal(requests_of(provider, plots[i].first), 1);
		assert_int_equal(requests_of(provider, plots[i].follower), strcmp(stories[i].follower, "handed_over") == 0);
	}
	http_world_close_database();
	provider_close(&provider);
}

/* Who waits ------------------------------------------------------------------------------------------------------------------------------- */

struct refusal {
	struct provider_step step;
	int run; /* 0: any */
};

static struct provider_step
refuse_first(const char *key, size_t times, void *context)
{
	const struct refusal *refusal = context;
	const bool meant = times == 0 && (refusal->run == 0 || refusal->run == run_of(key));

	return meant ? refusal->step : (struct provider_step){.deed = DEED_TAKES};
}

/* The date is four seconds ahead, as whole seconds. All senders of the account wait for it. */
static void
an_account_waits_until_the_date_it_is_told(void **state)
{
	const time_t until = time(NULL) + 5;
	char date[64];
	struct refusal refusal = {.step = {.deed = DEED_SAYS, .status = 429, .code = 80007, .retry_after = date}};
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = refuse_first, .context = &refusal});
	struct process *daemon;
	int told, other;

	(void)state;
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&until));
	http_world_open_database("others_2");
	refusal.run = told = http_world_campaign("told", 1);
	other = http_world_campaign("other", 0);
	sql_run(world.connection, "UPDATE sender SET portfolio = 'told'");
	plan_again();
	daemon = http_world_start(provider, "/v23.0", CLOUD);
	assert_true(fixture_await(world.connection, 1, HTTP_PATIENCE_MS, "SELECT count(*) FROM sink_answer WHERE action = 'retry_account'"));
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = other, .count = 3, .due = "-1s", .not_after = "1h"});
	sql_run(world.connection, "NOTIFY daypart");
	await_fate(told, "told", "handed_over");
	await_fate(other, "other", "handed_over, handed_over, handed_over");
	http_world_stop(&daemon);
	assert_int_equal(provider_request_count(provider), 5);
	if (provider_record(provider, 0).at.us < until * US_PER_SECOND) /* else it took longer to get here than it had to wait */
		for (size_t i = 1; i < 5; i++)
			assert_true(provider_record(provider, i).at.us >= until * US_PER_SECOND);
	http_world_close_database();
	provider_close(&provider);
}

/* Complaints of its throughput halve a sender's rate; everybody gets the message all the same, once. */
static void
a_sender_that_is_too_fast_slows_down(void **state)
{
	enum { PEOPLE = 6 };
	struct refusal refusal = {.step = {.deed = DEED_SAYS, .status = 429, .code = 130429}};
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = refuse_first, .context = &refusal});
	struct process *daemon;
	int run;

	(void)state;
	http_world_open_database("others_3");
	run = http_world_campaign("fast", PEOPLE);
	sql_run(world.connection, "UPDATE sender SET throughput_per_s = 20");
	plan_again();
	daemon = http_world_start(provider, "/v23.0", CLOUD);
	assert_true(process_await_output(daemon, "complains of its throughput: 10.000 messages a second", HTTP_PATIENCE_MS));
	await_fate(run, "fast", "handed_over, handed_over, handed_over, handed_over, handed_over, handed_over");
	http_world_stop(&daemon);
	assert_int_equal(provider_request_count(provider), 2 * PEOPLE);
	sql_expect(world.connection, "SELECT DISTINCT attempts, action FROM sink_answer", "2|accepted");
	http_world_close_database();
	provider_close(&provider);
}

/* The provider has sent this person enough: hours later, and nothing before. In the United States never. */
static void
a_person_who_had_enough_gets_it_later(void **state)
{
	struct refusal refusal = {.step = {.deed = DEED_SAYS, .status = 400, .code = 131049}};
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true, .choose = refuse_first, .context = &refusal});
	struct process *daemon;
	int run;

	(void)state;
	http_world_open_database("others_4");
	run = http_world_campaign("enough", 2);
	fixture_execute(world.connection,
		"UPDATE slot SET not_after = now() + interval '2 days'; UPDATE recipient SET phone = 5511988887777 WHERE recipient_id = %lld; "
		"UPDATE recipient SET phone = 14155550123 WHERE recipient_id = %lld",
		(long long)fixture_person(world.connection, run, 1), (long long)fixture_person(world.connection, run, 2));
	daemon = http_world_start(provider, "/v23.0", CLOUD);
	await_fate(run, "enough", "failed sink_refused, queued");
	http_world_stop(&daemon);
	assert_int_equal(provider_request_count(provider), 2);
	sql_expect(world.connection,
		"SELECT phone, action, due_at >= answered_at + interval '4 hours', due_at = not_before FROM slot JOIN sink_answer USING (bucket, "
		"recipient_id, run_id) JOIN recipient USING (bucket, recipient_id)",
		"5511988887777|later|t|t");
	http_world_close_database();
	provider_close(&provider);
}

/* Lost answers ---------------------------------------------------------------------------------------------------------------------------- */

/* Of the first requests, by the last digit of the key, every way in which nobody knows. */
static struct provider_step
lose(const char *key, size_t times, void *context)
{
	static const struct provider_step steps[] = {{.deed = DEED_SAYS, .status = 500}, {.deed = DEED_FAILS_AFTER}, {.deed = DEED_CUTS_AFTER}};

	(void)context;
	return times == 0 ? steps[key[strlen(key) - 1] % 3] : (struct provider_step){.deed = DEED_TAKES};
}

/* The receiver takes a key once: nobody is left uncertain, and nobody gets it twice. */
static void
what_is_uncertain_is_repeated_under_its_key(void **state)
{
	enum { PEOPLE = 4 };
	struct provider *provider = provider_open(&(struct provider_options){.choose = lose});
	struct process *daemon;
	int run;

	(void)state;
	http_world_open_database("others_5");
	run = http_world_campaign("lost", PEOPLE);
	daemon = http_world_start(provider, "/in", "format = \"webhook\"; lost_answer = \"repeat\";");
	await_fate(run, "lost", "handed_over, handed_over, handed_over, handed_over");
	http_world_stop(&daemon);
	for (int i = 1; i <= PEOPLE; i++) {
		char *key = http_world_key(run, i);

		assert_int_equal(provider_taken(provider, key), 1);
		free(key);
	}
	assert_int_equal(provider_request_count(provider), 2 * PEOPLE);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)", "0");
	http_world_close_database();
	provider_close(&provider);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_shares_what_is_refused_stops),
		cmocka_unit_test(an_account_waits_until_the_date_it_is_told),
		cmocka_unit_test(a_sender_that_is_too_fast_slows_down),
		cmocka_unit_test(a_person_who_had_enough_gets_it_later),
		cmocka_unit_test(what_is_uncertain_is_repeated_under_its_key),
	};
	return cmocka_run_group_tests(tests, http_world_open, http_world_close);
}
