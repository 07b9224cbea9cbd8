#include "random_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daypart.h"
#include "fixture_slots.h"
#include "sql_expect.h"
#include "temp.h"

enum { STATEMENT_MAX = 2048, TIME_MAX = 40, FIRST_PEOPLE = 90, FIRST_CAMPAIGNS = 3, ZONES_MAX = 64 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(random, array) ((array)[random_below(random, COUNT(array))])

#define HOUR_S INT64_C(3600)
#define DAY_S (24 * HOUR_S)

/* Saying ------------------------------------------------------------------------------------------------------------------------------------ */

static void
write_time(int64_t at, bool local, char out[TIME_MAX])
{
	const time_t time = (time_t)at;
	struct tm tm;

	assert_non_null(gmtime_r(&time, &tm));
	assert_true((local ? strftime(out, TIME_MAX, "%Y-%m-%d %H:%M local", &tm) : strftime(out, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm)) > 0);
}

static void say(struct event_scene *scene, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Statements of the story. */
static void
say(struct event_scene *scene, const char *format, ...)
{
	char statement[STATEMENT_MAX];
	va_list arguments;

	va_start(arguments, format);
	assert_true(vsnprintf(statement, sizeof(statement), format, arguments) < (int)sizeof(statement));
	va_end(arguments);
	print_message("  %s\n", statement);
	sql_run(scene->world->connection, statement);
}

static void
set_time(struct event_scene *scene, int64_t now_s)
{
	char text[TIME_MAX], statement[STATEMENT_MAX];

	scene->now_s = now_s;
	write_time(now_s, false, text);
	snprintf(statement, sizeof(statement), "SET daypart.now = '%s'", text);
	sql_run(scene->world->connection, statement);
	print_message("  -- it is %s\n", text);
}

static int
any_person(struct event_scene *scene)
{
	return (int)random_between(scene->random, 1, scene->people);
}

static int
some(struct event_scene *scene, int most)
{
	return (int)random_between(scene->random, 1, most);
}

/* People ------------------------------------------------------------------------------------------------------------------------------------ */

static const struct origin {
	const char *prefix;
	int digits;
	const char *region, *zone; /* SQL */
} origins[] = {
	{"1212555", 4, "'US-NY'", "'America/New_York'"},
	{"1415555", 4, "'US-CA'", "NULL"},
	{"1850555", 4, "'US-FL'", "NULL"},
	{"1208555", 4, "NULL", "NULL"},
	{"1808555", 4, "'US-HI'", "NULL"},
	{"5511900", 6, "'BR-SP'", "'America/Sao_Paulo'"},
	{"5597900", 6, "'BR-AM'", "NULL"},
	{"911000", 6, "'IN'", "'Asia/Kolkata'"},
	{"4917139", 5, "'DE'", "'Europe/Berlin'"},
	{"3532091", 5, "'IE'", "NULL"},
	{"345000", 5, "'ES'", "NULL"},
};

static const char *const zones[] = {"America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Noronha", "Atlantic/Azores",
	"Europe/Berlin", "Africa/Cairo", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati"};

static void
somebody_comes(struct event_scene *scene)
{
	const struct origin *origin = &PICK(scene->random, origins);
	const int n = ++scene->people;

	say(scene, "SELECT person('p%d', '+%s%0*d', %s, %s)", n, origin->prefix, origin->digits, n, origin->region, origin->zone);
}

static void
people_come(struct event_scene *scene)
{
	for (int left = some(scene, 6); left > 0; left--)
		somebody_comes(scene);
	say(scene, "SELECT approve_again()");
}

static void
people_opt_out(struct event_scene *scene)
{
	for (int left = some(scene, 4); left > 0; left--)
		say(scene, "SELECT opt_out(phone_of('p%d'))", any_person(scene));
}

static void
people_withdraw(struct event_scene *scene)
{
	for (int left = some(scene, 4); left > 0; left--)
		say(scene, "SELECT withdraw_consent(phone_of('p%d'), 'acme', 'whatsapp')", any_person(scene));
}

static void
people_consent_again(struct event_scene *scene)
{
	for (int left = some(scene, 6); left > 0; left--)
		say(scene,
			"SELECT record_consent(phone_of('p%d'), 'acme', 'whatsapp', given_at => session_now() - interval '1 minute', "
			"confirmed_at => session_now(), supplied_by_person => true, method => 'form', wording => 'I agree', ip => '192.0.2.1', "
			"signature => '/x/', tax_id => '000', source => 'form')",
			any_person(scene));
}

static void
people_move(struct event_scene *scene)
{
	for (int left = some(scene, 4); left > 0; left--)
		say(scene, "SELECT add_recipient(phone_of('p%d'), timezone => '%s')", any_person(scene), PICK(scene->random, zones));
}

static void
others_send(struct event_scene *scene)
{
	for (int left = some(scene, 6); left > 0; left--)
		say(scene, "SELECT sent('p%d', ARRAY(SELECT session_now() - n * interval '%d hours' FROM generate_series(1, %d) AS n), '%s')",
			any_person(scene), some(scene, 200), some(scene, 4), random_chance(scene->random, 70) ? "acme" : "bora");
}

/* Campaigns --------------------------------------------------------------------------------------------------------------------------------- */

static const char *const senders[] = {"acme", "acme", "acme-two", "acme-sms", "bora"};
static const char *const hours[] = {"NULL, NULL", "NULL, NULL", "'10:00', '18:00'", "'18:30', '23:00'", "'22:00', '09:30'"};

/* A new audience of a share of the people there are. */
static void
an_audience_is_made(struct event_scene *scene, const char *name)
{
	say(scene, "INSERT INTO audience (name, business) VALUES ('%s', 'acme')", name);
	say(scene, "SELECT count(add_member('%s', '+' || phone)) FROM recipient WHERE substr(source, 2)::int %% %d = 0", name, some(scene, 3));
}

static void
a_campaign_comes(struct event_scene *scene)
{
	const char *sender = PICK(scene->random, senders);
	const int n = ++scene->campaigns;
	const int64_t starts_s = scene->now_s + random_between(scene->random, -12, 60) * HOUR_S;
	char starts[TIME_MAX], ends[TIME_MAX], audience[32] = "", quoted[48] = "NULL";

	write_time(starts_s, random_chance(scene->random, 40), starts);
	write_time(starts_s + random_between(scene->random, 15, 7 * 24) * HOUR_S, random_chance(scene->random, 40), ends);
	if (strncmp(sender, "acme", 4) == 0 && random_chance(scene->random, 50)) {
		snprintf(audience, sizeof(audience), "a%d", n);
		snprintf(quoted, sizeof(quoted), "'%s'", audience);
		an_audience_is_made(scene, audience);
	}
	say(scene, "SELECT campaign('c%d', '%s', '%s', '%s', %s, %d, '%s')", n, starts, ends, sender, quoted, some(scene, 1000),
		random_chance(scene->random, 50) ? "asap" : "even");
}

/* One of the given status, as a condition on campaign. */
#define ONE_OF(status) "name = (SELECT name FROM campaign WHERE status IN (" status ") ORDER BY md5(name || '%d') LIMIT 1)"

static void
a_campaign_is_edited(struct event_scene *scene)
{
	static const char *const edits[] = {
		"priority = 1 + priority * 7 % 1000",
		"pacing = CASE pacing WHEN 'asap' THEN 'even' ELSE 'asap' END::pacing",
		"holdout_percent = (holdout_percent + 15) % 45",
		"catch_up = CASE catch_up WHEN 'drop' THEN 'next_window' ELSE 'drop' END::catch_up",
	};
	const int lot = some(scene, 1000);
	char starts[TIME_MAX], ends[TIME_MAX];

	if (random_chance(scene->random, 35)) {
		const int64_t starts_s = scene->now_s + random_between(scene->random, -36, 24) * HOUR_S;
		write_time(starts_s, random_chance(scene->random, 40), starts);
		write_time(starts_s + random_between(scene->random, 12, 5 * 24) * HOUR_S, random_chance(scene->random, 40), ends);
		say(scene, "UPDATE campaign SET (starts_at, ends_at) = ('%s', '%s') WHERE " ONE_OF("'approved', 'paused'"), starts, ends, lot);
	} else if (random_chance(scene->random, 40))
		say(scene, "UPDATE campaign SET (local_from, local_to) = (%s) WHERE " ONE_OF("'approved', 'paused'"), PICK(scene->random, hours),
			lot);
	else
		say(scene, "UPDATE campaign SET %s WHERE " ONE_OF("'approved', 'paused'"), PICK(scene->random, edits), lot);
	say(scene, "SELECT approve_again()");
}

static void
a_campaign_pauses(struct event_scene *scene)
{
	say(scene, "SELECT campaign_set_status(name, 'paused') FROM campaign WHERE " ONE_OF("'approved'"), some(scene, 1000));
}

static void
a_campaign_resumes(struct event_scene *scene)
{
	say(scene, "SELECT campaign_set_status(name, 'approved') FROM campaign WHERE " ONE_OF("'paused'"), some(scene, 1000));
	say(scene, "SELECT approve_again()");
}

static void
a_campaign_is_cancelled(struct event_scene *scene)
{
	say(scene, "SELECT campaign_set_status(name, 'cancelled') FROM campaign WHERE " ONE_OF("'approved', 'paused'"), some(scene, 1000));
}

/* Senders ----------------------------------------------------------------------------------------------------------------------------------- */

static void
a_sender_changes(struct event_scene *scene)
{
	static const char *const edits[] = {"throughput_per_s = 0.01", "throughput_per_s = 0.003", "throughput_per_s = 5", "daily_limit = 7",
		"daily_limit = 40", "daily_limit = NULL"};

	say(scene, "UPDATE sender SET %s WHERE name = '%s'", PICK(scene->random, edits), PICK(scene->random, senders));
	say(scene, "SELECT approve_again()");
}

/* Until the next event. */
static void
a_sender_is_suspended(struct event_scene *scene)
{
	scene->suspended = PICK(scene->random, senders);
	say(scene, "UPDATE sender SET status = 'suspended' WHERE name = '%s'", scene->suspended);
	say(scene, "SELECT approve_again()");
}

static void
end_suspension(struct event_scene *scene)
{
	if (scene->suspended == NULL)
		return;
	say(scene, "UPDATE sender SET status = 'active' WHERE name = '%s'", scene->suspended);
	say(scene, "SELECT approve_again()");
	scene->suspended = NULL;
}

/* The law ----------------------------------------------------------------------------------------------------------------------------------- */

static void
expect_success(struct process_result result, const char *what)
{
	if (result.exit_code != 0)
		fail_msg("%s: exit code %d\n%s%s", what, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

/* Into a folder of the test: the shipped rules, and ours besides. */
static char *
tight_rules(void)
{
	static const char text[] =
		"id = \"tight\"; title = \"Tight\"; kind = \"house\"; status = \"enforced\"; regions = \"everywhere\"; review_by = "
		"\"2099-12-31\";\n"
		"windows = ( { id = \"tight.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"];"
		" days = { every_day = \"10:00-18:00\"; }; } );\n"
		"caps = ( { id = \"tight.cap\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; n = 1; per = \"7d\"; } );\n";
	char *folder = temp_path("tight");
	static const char rulebook[] = DAYPART_SOURCE_DIR "/conf/rulebook";
	const char *copy[] = {"cp", "-rT", rulebook, folder, NULL};

	expect_success(process_run(copy, NULL), "cp");
	free(temp_write("tight/tight.cfg", text));
	return folder;
}

static void
the_law_changes(struct event_scene *scene)
{
	char *folder = scene->tight ? strdup(DAYPART_SOURCE_DIR "/conf/rulebook") : tight_rules();
	char settings[STATEMENT_MAX];

	scene->tight = !scene->tight;
	print_message("  -- daypart rules load: %s\n", folder);
	snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"%s\";\n", scene->world->conninfo, folder);
	expect_success(daypart_run_with(settings, "rules load"), "rules load");
	free(folder);
}

/* Time -------------------------------------------------------------------------------------------------------------------------------------- */

static void
nothing_leaves_for_a_while(struct event_scene *scene)
{
	set_time(scene, scene->now_s + random_between(scene->random, 1, 30) * HOUR_S);
}

/* The daemon has run since the last event and had nothing to do. */
static void
wait_for_the_first(struct event_scene *scene)
{
	const int64_t first_s = fixture_number(scene->world->connection,
		"SELECT coalesce(min(floor(extract(epoch FROM s.due_at)))::bigint, 0) FROM slot AS s JOIN campaign_run USING (run_id) "
		"JOIN campaign AS c USING (campaign_id) WHERE c.status = 'approved'");

	if (first_s > scene->now_s)
		set_time(scene, first_s);
}

/* A real daemon with a simulated clock, until nothing comes within an hour or more. */
static void
messages_leave(struct event_scene *scene)
{
	static const char *const ahead[] = {"1h", "1h", "3h", "12h"};
	char settings[STATEMENT_MAX], start[TIME_MAX], clock[80];

	snprintf(settings, sizeof(settings), "database = \"%s\";\nplan = { horizon = \"%s\"; };\n", scene->world->conninfo,
		PICK(scene->random, ahead));
	char *config = temp_write("daypartd.cfg", settings);
	wait_for_the_first(scene);
	write_time(scene->now_s, false, start);
	snprintf(clock, sizeof(clock), "simulated:%sx100000", start);
	static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";
	const char *argv[] = {daypartd, "--config", config, "-q", "--until-idle", "--clock", clock, NULL};

	expect_success(process_run(argv, NULL), "daypartd");
	free(config);
	set_time(scene,
		fixture_number(scene->world->connection,
			"SELECT greatest(%" PRId64 ", ceil(extract(epoch FROM max(released_at)))::bigint) + 60 FROM release", scene->now_s));
}

/* Events ------------------------------------------------------------------------------------------------------------------------------------ */

static const struct event {
	const char *name;
	unsigned weight;
	void (*happen)(struct event_scene *scene);
} events[] = {
	{"people come", 6, people_come},
	{"people opt out", 8, people_opt_out},
	{"people withdraw their consent", 6, people_withdraw},
	{"people consent again", 6, people_consent_again},
	{"people move", 8, people_move},
	{"others send", 10, others_send},
	{"a campaign comes", 12, a_campaign_comes},
	{"a campaign is edited", 12, a_campaign_is_edited},
	{"a campaign pauses", 6, a_campaign_pauses},
	{"a campaign resumes", 6, a_campaign_resumes},
	{"a campaign is cancelled", 2, a_campaign_is_cancelled},
	{"a sender changes", 8, a_sender_changes},
	{"a sender is suspended", 4, a_sender_is_suspended},
	{"the law changes", 6, the_law_changes},
	{"nothing leaves for a while", 6, nothing_leaves_for_a_while},
	{"messages leave", 20, messages_leave},
};

const char *
event_happens(struct event_scene *scene)
{
	unsigned total = 0, lot;
	const struct event *event = events;

	for (size_t i = 0; i < COUNT(events); i++)
		total += events[i].weight;
	for (lot = (unsigned)random_below(scene->random, total); lot >= event->weight; event++)
		lot -= event->weight;
	print_message("%s\n", event->name);
	end_suspension(scene);
	scene->judged_from_s = scene->now_s;
	event->happen(scene);
	return event->name;
}

void
event_scene_plan(const struct event_scene *scene, const char *options)
{
	char line[STATEMENT_MAX], now[TIME_MAX];

	write_time(scene->now_s, false, now);
	snprintf(line, sizeof(line), "-q --now %s plan %s", now, options);
	struct process_result result = daypart_run(scene->world->conninfo, line);
	if (result.exit_code != 0 && !(result.exit_code == 1 && scene->suspended != NULL))
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

/* Around these it begins: clocks change, years, months and holidays begin or end. */
static const int64_t moments_s[] = {1798632000 /* 2026-12-30T12Z */, 1804831200 /* 2027-03-12T06Z */, 1806040800 /* 2027-03-26T06Z */,
	1806624000 /* 2027-04-02 */, 1825394400 /* 2027-11-05T06Z */, 1795190400 /* 2026-11-20T16Z */, 1801353600 /* 2027-01-31 */};

void
event_scene_open(struct event_scene *scene)
{
	sql_run(scene->world->connection,
		"TRUNCATE secret_key; SELECT set_secret_key(sha256('a key for tests')); UPDATE installation SET rehearsal = true;"
		"UPDATE sender SET throughput_per_s = CASE name WHEN 'acme' THEN 5 WHEN 'acme-two' THEN 0.01 WHEN 'acme-sms' THEN 0.02 ELSE 1 END;"
		"SELECT approve_again()");
	set_time(scene, PICK(scene->random, moments_s) + random_between(scene->random, -36, 36) * HOUR_S);
	for (int i = 0; i < FIRST_PEOPLE; i++)
		somebody_comes(scene);
	for (int i = 0; i < FIRST_CAMPAIGNS; i++)
		a_campaign_comes(scene);
}
