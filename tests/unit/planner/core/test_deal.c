/* Small deals by hand, one tick a second: who is served when. The property test covers the rest. */
#include "planner/core/deal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SOURCES_MAX = 3, STRETCHES_MAX = 3, MEMBERS_MAX = 10, SECONDS = 40 };

struct source_row {
	size_t count;
	struct {
		int from, until;
	} stretches[STRETCHES_MAX];  /* in seconds; until 0 ends the list */
	uint32_t turns[MEMBERS_MAX]; /* in percent */
};

/* `expected`: a letter for each second, the source that is served then; '.' for nobody. '#' marks a tick that was taken before. */
struct deal_row {
	const char *what;
	enum pacing pacing;
	int from, horizon;
	struct source_row sources[SOURCES_MAX];
	const char *expected;
};

static const struct deal_row rows[] = {
	{"as early as possible", DEAL_ASAP, 0, 10, {{3, {{2, 9}}, {0}}}, "..AAA....."},
	{"not before the span, not at the horizon", DEAL_ASAP, 3, 6, {{9, {{0, 9}}, {0}}}, "...AAA"},
	{"half-open: not at the end of a stretch", DEAL_ASAP, 0, 10, {{9, {{1, 3}, {5, 6}}, {0}}}, ".AA..A...."},
	{"taken ticks are passed", DEAL_ASAP, 0, 10, {{3, {{2, 9}}, {0}}}, "..#A##AA.."},
	{"the earlier deadline first", DEAL_ASAP, 0, 10, {{3, {{0, 9}}, {0}}, {2, {{1, 4}}, {0}}}, "ABBAA....."},
	{"equal deadlines: both by their shares", DEAL_ASAP, 0, 10, {{4, {{0, 9}}, {0}}, {2, {{0, 9}}, {0}}}, "ABAABA...."},
	{"equal shares: the lower source", DEAL_ASAP, 0, 10, {{2, {{0, 9}}, {0}}, {2, {{0, 9}}, {0}}}, "ABAB......"},
	{"a source closes while another is served", DEAL_ASAP, 0, 10, {{1, {{0, 2}, {6, 8}}, {0}}, {3, {{0, 3}}, {0}}}, "BBB...A..."},
	{"only what lies beyond the horizon has later", DEAL_ASAP, 0, 4, {{2, {{0, 3}}, {0}}, {4, {{0, 9}}, {0}}}, "AABB"},
	{"nobody", DEAL_ASAP, 0, 10, {{0, {{0, 9}}, {0}}, {2, {{0, 0}}, {0}}}, ".........."},
	{"an empty span", DEAL_ASAP, 5, 5, {{2, {{0, 9}}, {0}}}, "....."},
	{"even: turns in lawful time", DEAL_EVEN, 0, 20, {{4, {{0, 8}, {12, 20}}, {12, 37, 62, 87}}}, "..A...A.......A...A."},
	{"even: turns behind the horizon wait", DEAL_EVEN, 0, 10, {{4, {{0, 20}}, {10, 30, 50, 70}}}, "..A...A..."},
	{"even: taken ticks postpone", DEAL_EVEN, 0, 10, {{2, {{0, 10}}, {20, 60}}}, "..##A.A..."},
	{"even: what is free before serves who would go without", DEAL_EVEN, 0, 10, {{3, {{0, 10}}, {10, 50, 90}}}, ".A...A..A#"},
	{"even: more people than ticks", DEAL_EVEN, 0, 4, {{6, {{0, 4}}, {10, 20, 40, 60, 80, 90}}}, "AAAA"},
};

struct outcome {
	char served[SECONDS + 1];
	size_t next_member[SOURCES_MAX];
	struct instant last;
};

static void
note(void *context, const struct dealt *dealt)
{
	struct outcome *outcome = context;
	char *second = &outcome->served[dealt->due.us / US_PER_SECOND];
	assert_int_equal(dealt->due.us % US_PER_SECOND, 0);
	assert_in_range(dealt->due.us, dealt->stretch->from.us, dealt->stretch->until.us - 1);
	assert_int_equal(dealt->member, outcome->next_member[dealt->source]++);
	assert_true(dealt->due.us > outcome->last.us);
	outcome->last = dealt->due;
	if (*second != '.')
		fail_msg("second %lld is given to %zu, but is %c", (long long)(dealt->due.us / US_PER_SECOND), dealt->source, *second);
	*second = (char)('A' + dealt->source);
}

static struct capacity *
one_a_second(const char *pattern)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
	for (size_t i = 0; pattern[i] != '\0'; i++)
		if (pattern[i] == '#')
			assert_int_equal(capacity_take(capacity, (struct instant){(int64_t)i * US_PER_SECOND}), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

struct source_values {
	struct interval stretches[STRETCHES_MAX];
	struct interval_set lawful;
};

static void
fill_values(const struct source_row *row, struct source_values *out)
{
	*out = (struct source_values){.lawful = {.items = out->stretches}};
	for (int i = 0; i < STRETCHES_MAX && row->stretches[i].until > 0; i++)
		out->stretches[out->lawful.count++] =
			(struct interval){{row->stretches[i].from * US_PER_SECOND}, {row->stretches[i].until * US_PER_SECOND}};
}

static size_t
count_letters(const char *text, char letter)
{
	size_t count = 0;
	for (; *text != '\0'; text++)
		count += *text == letter;
	return count;
}

static uint32_t
turn_of(void *context, size_t source, size_t member)
{
	const struct deal_row *row = context;
	return UINT32_MAX / 100 * row->sources[source].turns[member];
}

static void
expect_row(const struct deal_row *row)
{
	struct capacity *capacity = one_a_second(row->expected);
	struct source_values values[SOURCES_MAX];
	struct outcome outcome = {.last = {INT64_MIN}};
	struct deal *deal;
	const struct interval span = {{row->from * US_PER_SECOND}, {row->horizon * US_PER_SECOND}};
	const struct deal_setup setup = {
		.capacity = capacity, .pacing = row->pacing, .span = span, .turn_of = turn_of, .context = (void *)(uintptr_t)row};
	assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
	for (int i = 0; i < SOURCES_MAX; i++) {
		fill_values(&row->sources[i], &values[i]);
		assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = &values[i].lawful, .count = row->sources[i].count}), STATUS_OK);
	}
	for (size_t i = 0; row->expected[i] != '\0'; i++)
		outcome.served[i] = row->expected[i] == '#' ? '#' : '.';
	assert_int_equal(deal_run(deal, note, &outcome), STATUS_OK);
	if (strcmp(outcome.served, row->expected) != 0)
		fail_msg("%s: %s, not %s", row->what, outcome.served, row->expected);
	for (size_t i = 0; i < SOURCES_MAX; i++)
		assert_int_equal(deal_served(deal, i), count_letters(row->expected, (char)('A' + i)));
	deal_free(&deal);
	assert_null(deal);
	capacity_free(&capacity);
}

static void
people_are_served_as_the_rows_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect_row(&rows[i]);
}

static void
later_is_what_lies_behind_the_span(void **state)
{
	(void)state;
	static const struct {
		int until;
		bool later;
	} ends[] = {{9, false}, {10, false}, {11, true}};
	struct capacity *capacity = one_a_second("");
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct interval stretch = {{0}, {ends[i].until * US_PER_SECOND}};
		const struct interval_set lawful = {.items = &stretch, .count = 1}, none = INTERVAL_SET_INIT;
		struct deal *deal;
		const struct deal_setup setup = {.capacity = capacity, .pacing = DEAL_ASAP, .span = {{0}, {10 * US_PER_SECOND}}};
		assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
		assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = &lawful, .count = 1}), STATUS_OK);
		assert_int_equal(deal_add(deal, &(struct deal_source){.lawful = &none, .count = 1}), STATUS_OK);
		assert_int_equal(deal_has_later(deal, 0), ends[i].later);
		assert_false(deal_has_later(deal, 1));
		deal_free(&deal);
	}
	capacity_free(&capacity);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_are_served_as_the_rows_say),
		cmocka_unit_test(later_is_what_lies_behind_the_span),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
