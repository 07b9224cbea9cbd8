/* Small deals by hand, one tick a second: who is served when. The property test covers the rest. */
#include "planner/core/deal.h"

#include <ctype.h>
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
	struct {
		int from, until;
	} preferred; /* until 0: no preference */
};

/* `expected`: a letter for each second, the source that is served then; '.' for nobody. '#' marks a tick that was taken before; one that was lent
 * is '+', or a small letter when somebody got it. */
struct deal_row {
	const char *what;
	enum pacing pacing;
	int from, horizon;
	struct source_row sources[SOURCES_MAX];
	const char *expected;
};

static const struct deal_row rows[] = {
	{"as early as possible", DEAL_ASAP, 0, 10, {{3, {{2, 9}}, {0}, {0}}}, "..AAA....."},
	{"not before the span, not at the horizon", DEAL_ASAP, 3, 6, {{9, {{0, 9}}, {0}, {0}}}, "...AAA"},
	{"half-open: not at the end of a stretch", DEAL_ASAP, 0, 10, {{9, {{1, 3}, {5, 6}}, {0}, {0}}}, ".AA..A...."},
	{"taken ticks are passed", DEAL_ASAP, 0, 10, {{3, {{2, 9}}, {0}, {0}}}, "..#A##AA.."},
	{"the earlier deadline first", DEAL_ASAP, 0, 10, {{3, {{0, 9}}, {0}, {0}}, {2, {{1, 4}}, {0}, {0}}}, "ABBAA....."},
	{"equal deadlines: both by their shares", DEAL_ASAP, 0, 10, {{4, {{0, 9}}, {0}, {0}}, {2, {{0, 9}}, {0}, {0}}}, "ABAABA...."},
	{"shares: the one of few in the middle of the many", DEAL_ASAP, 0, 10, {{1, {{0, 9}}, {0}, {0}}, {3, {{0, 9}}, {0}, {0}}},
		"BABB......"},
	{"equal shares: the lower source", DEAL_ASAP, 0, 10, {{2, {{0, 9}}, {0}, {0}}, {2, {{0, 9}}, {0}, {0}}}, "ABAB......"},
	{"a source closes while another is served", DEAL_ASAP, 0, 10, {{1, {{0, 2}, {6, 8}}, {0}, {0}}, {3, {{0, 3}}, {0}, {0}}}, "BBB...A..."},
	{"only what lies beyond the horizon has later", DEAL_ASAP, 0, 4, {{2, {{0, 3}}, {0}, {0}}, {4, {{0, 9}}, {0}, {0}}}, "AABB"},
	{"nobody", DEAL_ASAP, 0, 10, {{0, {{0, 9}}, {0}, {0}}, {2, {{0, 0}}, {0}, {0}}}, ".........."},
	{"an empty span", DEAL_ASAP, 5, 5, {{2, {{0, 9}}, {0}, {0}}}, "....."},
	{"even: turns in lawful time", DEAL_EVEN, 0, 20, {{4, {{0, 8}, {12, 20}}, {12, 37, 62, 87}, {0}}}, "..A...A.......A...A."},
	{"even: turns behind the horizon wait", DEAL_EVEN, 0, 10, {{4, {{0, 20}}, {10, 30, 50, 70}, {0}}}, "..A...A..."},
	{"even: taken ticks postpone", DEAL_EVEN, 0, 10, {{2, {{0, 10}}, {20, 60}, {0}}}, "..##A.A..."},
	{"even: what is free before serves who would go without", DEAL_EVEN, 0, 10, {{3, {{0, 10}}, {10, 50, 90}, {0}}}, ".A...A..A#"},
	{"several stretches: not who ends first but most", DEAL_ASAP, 0, 12,
		{{2, {{0, 2}, {8, 10}}, {0}, {0}}, {2, {{0, 2}}, {0}, {0}}, {2, {{4, 6}, {8, 9}}, {0}, {0}}}, "BB..CC..AA.."},
	{"whoever ends first is moved for one more", DEAL_ASAP, 0, 12,
		{{1, {{0, 1}, {5, 6}}, {0}, {0}}, {1, {{0, 1}, {9, 10}}, {0}, {0}}, {1, {{5, 6}}, {0}, {0}}}, "A....C...B.."},
	{"lent ticks are left alone", DEAL_ASAP, 0, 10, {{3, {{0, 9}}, {0}, {0}}}, "++A+AA...."},
	{"lent ticks for who would go without", DEAL_ASAP, 0, 4, {{3, {{0, 4}}, {0}, {0}}}, "aA+A"},
	{"no more of them than are needed", DEAL_ASAP, 0, 6, {{1, {{0, 2}}, {0}, {0}}, {2, {{0, 4}}, {0}, {0}}}, "AbB#.."},
	{"where it is preferred", DEAL_AT, 0, 10, {{2, {{0, 9}}, {0}, {5, 7}}}, ".....AA..."},
	{"as many as fit there, others behind, the rest early", DEAL_AT, 0, 10, {{5, {{0, 9}}, {0}, {5, 7}}}, "A....AAAA."},
	{"a preference costs nobody a message", DEAL_AT, 0, 4, {{2, {{0, 4}}, {0}, {2, 4}}, {2, {{2, 4}}, {0}, {0}}}, "AABB"},
	{"nor a message of lower priority", DEAL_AT, 0, 6, {{2, {{0, 6}}, {0}, {4, 6}}}, "A...A+"},
	{"a preference outside the span is none", DEAL_AT, 0, 6, {{2, {{0, 9}}, {0}, {7, 9}}}, "AA...."},
	{"even: more people than ticks", DEAL_EVEN, 0, 4, {{6, {{0, 4}}, {10, 20, 40, 60, 80, 90}, {0}}}, "AAAA"},
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
	assert_int_equal(dealt->displaces, *second == '+');
	assert_int_equal(dealt->due.us % US_PER_SECOND, 0);
	assert_in_range(dealt->due.us, dealt->stretch->from.us, dealt->stretch->until.us - 1);
	assert_int_equal(dealt->member, outcome->next_member[dealt->source]++);
	assert_true(dealt->due.us > outcome->last.us);
	outcome->last = dealt->due;
	if (*second != '.' && *second != '+')
		fail_msg("second %lld is given to %zu, but is %c", (long long)(dealt->due.us / US_PER_SECOND), dealt->source, *second);
	*second = (char)((*second == '+' ? 'a' : 'A') + (char)dealt->source);
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
		else if (pattern[i] == '+' || islower((unsigned char)pattern[i]))
			assert_int_equal(capacity_lend(capacity, (struct instant){(int64_t)i * US_PER_SECOND}), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

struct source_values {
	struct interval stretches[STRETCHES_MAX];
	struct interval hour;
	struct interval_set lawful, preferred;
};

static void
fill_values(const struct source_row *row, struct source_values *out)
{
	*out = (struct source_values){.lawful = {.items = out->stretches}};
	for (int i = 0; i < STRETCHES_MAX && row->stretches[i].until > 0; i++)
		out->stretches[out->lawful.count++] =
			(struct interval){{row->stretches[i].from * US_PER_SECOND}, {row->stretches[i].until * US_PER_SECOND}};
}

static struct deal_source
source_of(const struct source_row *row, struct source_values *values)
{
	fill_values(row, values);
	values->hour = (struct interval){{row->preferred.from * US_PER_SECOND}, {row->preferred.until * US_PER_SECOND}};
	values->preferred = (struct interval_set){.items = &values->hour, .count = 1};
	return (struct deal_source){
		.lawful = &values->lawful, .preferred = row->preferred.until > 0 ? &values->preferred : NULL, .count = row->count};
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
		const struct deal_source source = source_of(&row->sources[i], &values[i]);
		assert_int_equal(deal_add(deal, &source), STATUS_OK);
	}
	for (size_t i = 0; row->expected[i] != '\0'; i++)
		outcome.served[i] = row->expected[i] == '#' ? '#' : row->expected[i] == '+' || islower((unsigned char)row->expected[i]) ? '+' : '.';
	assert_int_equal(deal_run(deal, note, &outcome), STATUS_OK);
	if (strcmp(outcome.served, row->expected) != 0)
		fail_msg("%s: %s, not %s", row->what, outcome.served, row->expected);
	for (size_t i = 0; i < SOURCES_MAX; i++)
		assert_int_equal(
			deal_served(deal, i), count_letters(row->expected, (char)('A' + i)) + count_letters(row->expected, (char)('a' + i)));
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

/* People who have an instant, and others. `before`: where those are, x of the first source of them, y of the second. `expected`: capital letters for who
 * was served, X and Y for who was moved, small ones on a lent tick. Of those of one place the first leave. */
static const struct kept_row {
	const char *what;
	struct source_row sources[2], kept[2];
	const char *before, *expected;
} kept_rows[] = {
	{"the only tick of somebody else", {{1, {{0, 1}}, {0}, {0}}}, {{1, {{0, 4}}, {0}, {0}}}, "x...", "AX.."},
	{"a chain of two", {{1, {{0, 1}}, {0}, {0}}}, {{1, {{0, 2}}, {0}, {0}}, {1, {{1, 3}}, {0}, {0}}}, "xy.", "AXY"},
	{"as few as serve as many", {{1, {{0, 1}}, {0}, {0}}}, {{1, {{0, 2}, {4, 5}}, {0}, {0}}, {1, {{1, 3}}, {0}, {0}}}, "xy...", "Ay..X"},
	{"not when there is another tick", {{1, {{0, 3}}, {0}, {0}}}, {{1, {{0, 4}}, {0}, {0}}}, "x...", "xA.."},
	{"not when nobody is helped", {{1, {{0, 1}}, {0}, {0}}}, {{1, {{0, 1}, {2, 3}}, {0}, {0}}}, "x.#", "x.#"},
	{"not those who have nothing else", {{2, {{0, 2}}, {0}, {0}}}, {{1, {{0, 1}}, {0}, {0}}, {1, {{1, 4}}, {0}, {0}}}, "xy..", "xAY."},
	{"rather than take a lent tick", {{1, {{0, 2}}, {0}, {0}}}, {{1, {{0, 4}}, {0}, {0}}}, "x+..", "A+X."},
	{"not rather than leave a free one", {{1, {{0, 3}}, {0}, {0}}}, {{1, {{0, 4}}, {0}, {0}}}, "x+..", "x+A."},
	{"with lent ticks at last, for who is moved as well", {{2, {{0, 2}}, {0}, {0}}}, {{1, {{0, 3}}, {0}, {0}}}, "x++", "Aax"},
	{"where they are though it has become unlawful", {{1, {{0, 1}}, {0}, {0}}}, {{1, {{2, 4}}, {0}, {0}}}, "x...", "A.X."},
	{"two of three", {{2, {{0, 3}}, {0}, {0}}}, {{3, {{0, 9}}, {0}, {0}}}, "xxx...", "AAxXX."},
};

struct keepers {
	struct capacity *capacity;
	struct deal *deal;
	const char *before;
};

static bool
next_keeper(const struct keepers *keepers, size_t *at, size_t *out_source)
{
	while (keepers->before[*at] != '\0' && keepers->before[*at] != 'x' && keepers->before[*at] != 'y')
		++*at;
	*out_source = 2 + (size_t)(keepers->before[*at] == 'y');
	return keepers->before[*at] != '\0';
}

static struct instant
second_at(size_t second)
{
	return (struct instant){(int64_t)second * US_PER_SECOND};
}

/* The first ones of each place give up their ticks. */
static void
move_keepers(const struct keepers *keepers, char *served)
{
	size_t left[SECONDS] = {0}, place, source;
	for (size_t at = 0; next_keeper(keepers, &at, &source); at++) {
		const size_t leaving = deal_leaving(keepers->deal, source, second_at(at), &place);
		assert_true(place < deal_place_count(keepers->deal));
		if (left[place] == leaving)
			continue;
		left[place]++;
		served[at] = '.';
		deal_move(keepers->deal, source);
		assert_true(capacity_is_kept(keepers->capacity, second_at(at)));
		capacity_release(keepers->capacity, &(struct instant){second_at(at).us}, 1);
		assert_false(capacity_is_kept(keepers->capacity, second_at(at)));
	}
}

static struct capacity *
one_a_second_with_keepers(const char *before)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
	for (size_t i = 0; before[i] != '\0'; i++)
		if (before[i] == '#')
			assert_int_equal(capacity_take(capacity, second_at(i)), STATUS_OK);
		else if (before[i] == '+')
			assert_int_equal(capacity_lend(capacity, second_at(i)), STATUS_OK);
		else if (before[i] != '.')
			assert_int_equal(capacity_keep(capacity, second_at(i)), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

static void
note_letters(void *context, const struct dealt *dealt)
{
	static const char letters[] = "ABXY", lent[] = "abxy";
	char *second = &((struct outcome *)context)->served[dealt->due.us / US_PER_SECOND];
	assert_true(*second == (dealt->displaces ? '+' : '.'));
	*second = (dealt->displaces ? lent : letters)[dealt->source];
}

static void
expect_kept_row(const struct kept_row *row)
{
	struct keepers keepers = {.capacity = one_a_second_with_keepers(row->before), .before = row->before};
	struct source_values values[4];
	struct outcome outcome = {.last = {INT64_MIN}};
	size_t source;
	const struct interval span = {{0}, {(int64_t)strlen(row->before) * US_PER_SECOND}};
	const struct deal_setup setup = {.capacity = keepers.capacity, .pacing = DEAL_ASAP, .span = span};
	strcpy(outcome.served, row->before);
	assert_int_equal(deal_create(&setup, &keepers.deal), STATUS_OK);
	for (int i = 0; i < 4; i++) {
		struct deal_source added = source_of(i < 2 ? &row->sources[i] : &row->kept[i - 2], &values[i]);
		added.kept = i < 2 ? 0 : added.count;
		added.count -= added.kept;
		assert_int_equal(deal_add(keepers.deal, &added), STATUS_OK);
	}
	assert_int_equal(deal_prepare(keepers.deal), STATUS_OK);
	for (size_t at = 0; next_keeper(&keepers, &at, &source); at++)
		assert_int_equal(deal_keep(keepers.deal, source, second_at(at)), STATUS_OK);
	assert_int_equal(deal_plan(keepers.deal), STATUS_OK);
	move_keepers(&keepers, outcome.served);
	assert_int_equal(deal_run(keepers.deal, note_letters, &outcome), STATUS_OK);
	if (strcmp(outcome.served, row->expected) != 0)
		fail_msg("%s: %s, not %s", row->what, outcome.served, row->expected);
	deal_free(&keepers.deal);
	capacity_free(&keepers.capacity);
}

static void
people_who_are_kept_are_moved_as_the_rows_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kept_rows / sizeof kept_rows[0]; i++)
		expect_kept_row(&kept_rows[i]);
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

/* When those of the first source who were not served could all have left, had their law not ended. */
static void
relief_is_when_all_could_have_left(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct source_row sources[SOURCES_MAX];
		const char *taken;
		int64_t relief; /* in seconds, INT64_MAX: none */
	} reliefs[] = {
		{"everybody was served", {{4, {{0, 4}}, {0}, {0}}}, "", INT64_MAX},
		{"the first free ticks behind the law", {{6, {{0, 4}}, {0}, {0}}}, "", 5},
		{"taken ticks are no relief", {{6, {{0, 4}}, {0}, {0}}}, "....##.#", 8},
		{"nor are those of others", {{6, {{0, 4}}, {0}, {0}}, {3, {{4, 9}}, {0}, {0}}}, "", 8},
		{"lent ticks are", {{6, {{0, 4}}, {0}, {0}}}, "....++", 5},
		{"lent ticks behind the span are", {{13, {{0, 4}}, {0}, {0}}}, "....#.....+++", 13},
		{"behind the span", {{20, {{0, 4}}, {0}, {0}}}, "", 19},
		{"behind the span for want of later law", {{9, {{0, 4}, {12, 14}}, {0}, {0}}}, "", 18},
		{"nobody may ever leave", {{9, {{0, 0}}, {0}, {0}}}, "", INT64_MAX},
		{"not within a year", {{40000000, {{0, 4}}, {0}, {0}}}, "", INT64_MAX},
	};
	for (size_t i = 0; i < sizeof reliefs / sizeof reliefs[0]; i++) {
		struct capacity *capacity = one_a_second(reliefs[i].taken);
		struct source_values values[SOURCES_MAX];
		struct outcome outcome;
		struct deal *deal;
		const struct deal_setup setup = {.capacity = capacity, .pacing = DEAL_ASAP, .span = {{0}, {10 * US_PER_SECOND}}};
		outcome = (struct outcome){.last = {INT64_MIN}};
		memset(outcome.served, '.', SECONDS);
		assert_int_equal(deal_create(&setup, &deal), STATUS_OK);
		for (int k = 0; k < SOURCES_MAX; k++) {
			const struct deal_source source = source_of(&reliefs[i].sources[k], &values[k]);
			assert_int_equal(deal_add(deal, &source), STATUS_OK);
		}
		assert_int_equal(deal_run(deal, note, &outcome), STATUS_OK);
		const int64_t relief = deal_first_relief(deal, 0).us;
		if (relief != (reliefs[i].relief == INT64_MAX ? INT64_MAX : reliefs[i].relief * US_PER_SECOND))
			fail_msg("%s: %lld, not %lld", reliefs[i].what, (long long)relief, (long long)reliefs[i].relief);
		deal_free(&deal);
		capacity_free(&capacity);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_are_served_as_the_rows_say),
		cmocka_unit_test(people_who_are_kept_are_moved_as_the_rows_say),
		cmocka_unit_test(relief_is_when_all_could_have_left),
		cmocka_unit_test(later_is_what_lies_behind_the_span),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
