/* tests/cases/volume.txt, row by row, and more limits than there is room for. */
#include "planner/core/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/case_file.h"
#include "tests/support/law_fixture.h"

enum { RULES_MAX = 12, OWN_TIERS_MAX = 4, WORDS_MAX = 24, TEXT_MAX = 512 };

struct row {
	struct rule rules[RULES_MAX];
	const struct rule *volumes[RULES_MAX], *rates[RULES_MAX];
	size_t rule_count;
	struct law law;
	struct sender_facts sender;
	struct daily_tier tiers[OWN_TIERS_MAX];
};

static size_t
cut_words(char *text, const char **words)
{
	size_t count = 0;
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	for (size_t i = count; i < WORDS_MAX; i++)
		words[i] = "";
	return count;
}

static int
read_int(const char *text)
{
	char *end;
	const long n = strtol(text, &end, 10);
	if (end == text)
		fail_msg("no number: %s", text);
	return (int)n;
}

static struct duration
read_duration(const char *text)
{
	struct err err = ERR_INIT;
	struct duration duration;
	if (duration_parse(text, &duration, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return duration;
}

static int32_t
read_amount(const char *text)
{
	return strcmp(text, "unlimited") == 0 ? INT32_MAX : read_int(text);
}

/* One key and what it needs; returns how many words. */
static size_t
read_volume_word(struct volume_rule *volume, const char **words)
{
	if (strcmp(words[0], "day") == 0) {
		snprintf(volume->fixed_zone, sizeof(volume->fixed_zone), "%s", words[1]);
	} else if (strcmp(words[0], "per") == 0) {
		volume->length = read_duration(words[1]);
	} else if (strcmp(words[0], "granted_max") == 0) {
		volume->granted_max = read_amount(words[1]);
	} else if (strcmp(words[0], "raise_after") == 0) {
		volume->raise_after = read_duration(words[1]);
	} else if (strcmp(words[0], "tier") == 0) {
		struct volume_tier *tier = &volume->tiers[volume->tier_count++];
		snprintf(tier->trust, sizeof(tier->trust), "%s", words[1]);
		tier->n = read_amount(words[2]);
		return 3;
	} else {
		fail_msg("what is %s?", words[0]);
	}
	return 2;
}

static size_t
read_dates(struct rule *rule, const char **words)
{
	if (strcmp(words[0], "from") == 0)
		rule->from = fixture_date(words[1]);
	else if (strcmp(words[0], "until") == 0)
		rule->until = fixture_date(words[1]);
	else
		return 0;
	return 2;
}

static void
read_rule(struct row *row, char *text)
{
	const char *words[WORDS_MAX];
	const size_t count = cut_words(text, words);
	struct rule *rule = &row->rules[row->rule_count];
	if (count == 0)
		return;
	const bool volume = strcmp(words[0], "volume") == 0;
	*rule = (struct rule){.kind = volume ? RULE_VOLUME : RULE_RATE, .from = {INT32_MIN}, .until = {INT32_MAX}};
	snprintf(rule->id, sizeof(rule->id), "%zu", ++row->rule_count);
	if (volume) {
		rule->volume.scope = strcmp(words[1], "sender") == 0 ? VOLUME_SENDER : VOLUME_PORTFOLIO;
		rule->volume.people = strcmp(words[2], "people") == 0;
		rule->volume.n = read_amount(words[3]);
	} else {
		rule->rate.n = read_int(words[1]);
		rule->rate.per = read_duration(words[3]);
	}
	for (size_t at = 4, taken; at < count; at += taken) {
		taken = read_dates(rule, words + at);
		if (taken == 0 && volume)
			taken = read_volume_word(&rule->volume, words + at);
		else if (taken == 0) {
			assert_string_equal(words[at], "pair");
			rule->rate.pair = true;
			taken = 1;
		}
	}
	struct rule_list *list = &row->law.of[rule->kind];
	list->items = volume ? row->volumes : row->rates;
	list->items[list->count++] = rule;
}

static char *
next_part(char **text, char separator)
{
	char *part = *text;
	if (part == NULL)
		return NULL;
	part += strspn(part, " ");
	*text = strchr(part, separator);
	if (*text != NULL)
		*(*text)++ = '\0';
	return part;
}

static void
read_fact(struct row *row, char *text)
{
	struct sender_facts *sender = &row->sender;
	const char *words[WORDS_MAX];
	const size_t count = cut_words(text, words);
	if (count == 0)
		return;
	assert_true(count >= 2);
	if (strcmp(words[0], "trust") == 0) {
		sender->trust = words[1];
	} else if (strcmp(words[0], "registered") == 0) {
		sender->registered_on = fixture_date(words[1]);
	} else if (strcmp(words[0], "granted") == 0) {
		assert_int_equal(count, 4);
		sender->granted_limit = read_amount(words[1]);
		sender->granted_on = fixture_date(words[3]);
	} else if (strcmp(words[0], "portfolio") == 0) {
		sender->portfolio_limit = read_amount(words[1]);
	} else if (strcmp(words[0], "own") == 0 && strcmp(words[2], "from") == 0) {
		assert_true(sender->daily_tier_count < OWN_TIERS_MAX);
		row->tiers[sender->daily_tier_count++] = (struct daily_tier){fixture_date(words[3]), read_amount(words[1])};
		sender->daily_tiers = row->tiers;
	} else if (strcmp(words[0], "own") == 0) {
		sender->daily_limit = read_amount(words[1]);
	} else if (strcmp(words[0], "throughput") == 0) {
		sender->rate_milli = read_int(words[1]) * INT64_C(1000);
	} else {
		fail_msg("what is %s?", words[0]);
	}
}

static void
write_limit(const struct budget_limit *limit, char *out)
{
	char n[24], period[64];
	if (limit->n == INT64_MAX)
		snprintf(n, sizeof(n), "unlimited");
	else
		snprintf(n, sizeof(n), "%lld", (long long)limit->n);
	if (limit->length.us > 0)
		snprintf(period, sizeof(period), "%dh", (int)(limit->length.us / US_PER_HOUR));
	else
		snprintf(period, sizeof(period), "%s", limit->zone);
	sprintf(out + strlen(out), "%s%s %s %s %s (%s)", *out != '\0' ? " + " : "", n, limit->people ? "people" : "messages",
		limit->scope == VOLUME_SENDER ? "sender" : "portfolio", period, limit->rule != NULL ? limit->rule->id : "own");
}

/* "limits ; rate ; gap" */
static void
answer(const struct row *row, struct date date, char out[TEXT_MAX])
{
	struct budget_limit limits[BUDGET_LIMITS_MAX];
	const size_t count = budget_limits(&row->law, &row->sender, date, limits);
	*out = '\0';
	for (size_t i = 0; i < count; i++)
		write_limit(&limits[i], out);
	sprintf(out + strlen(out), "%s ; %.10g ; %.10g", count == 0 ? "-" : "", (double)budget_rate_milli(&row->law, &row->sender, date) / 1000,
		(double)budget_pair_gap(&row->law, date).us / US_PER_SECOND);
}

static void
rows(void **state)
{
	(void)state;
	struct case_file *file = case_file_open("volume.txt", ';');
	char *fields[6], found[TEXT_MAX], expected[TEXT_MAX];
	int wrong = 0;
	while (case_file_next(file, fields, 6)) {
		struct row row = {
			.law = LAW_INIT, .sender = {.trust = "", .registered_on = {INT32_MIN}, .granted_on = {INT32_MIN}, .rate_milli = 10000}};
		for (char *part = next_part(&fields[0], '+'); part != NULL; part = next_part(&fields[0], '+'))
			read_rule(&row, part);
		for (char *part = next_part(&fields[1], ','); part != NULL; part = next_part(&fields[1], ','))
			read_fact(&row, part);
		answer(&row, fixture_date(fields[2]), found);
		snprintf(expected, sizeof(expected), "%s ; %s ; %s", fields[3], fields[4], fields[5]);
		if (strcmp(found, expected) != 0) {
			print_error("volume.txt:%d: found \"%s\"\n", case_file_line(file), found);
			wrong++;
		}
	}
	case_file_close(&file);
	assert_int_equal(wrong, 0);
}

static void
limits_without_room_let_nothing_leave(void **state)
{
	(void)state;
	struct row row = {.law = LAW_INIT, .sender = {.trust = ""}};
	struct budget_limit limits[BUDGET_LIMITS_MAX];
	for (int hours = 1; hours <= BUDGET_LIMITS_MAX + 1; hours++) {
		char text[64];
		snprintf(text, sizeof(text), "volume sender messages 5 per %dh", hours);
		read_rule(&row, text);
	}
	assert_int_equal(budget_limits(&row.law, &row.sender, fixture_date("2026-11-23"), limits), BUDGET_LIMITS_MAX);
	assert_int_equal(limits[BUDGET_LIMITS_MAX - 2].n, 5);
	assert_int_equal(limits[BUDGET_LIMITS_MAX - 1].n, 0);
	assert_string_equal(limits[BUDGET_LIMITS_MAX - 1].rule->id, "9");
}

static void
headroom_leaves_the_rest_of_the_pace(void **state)
{
	static const struct {
		int64_t rate_milli;
		int percent;
		int64_t left;
	} cases[] = {{80000, 0, 80000}, {80000, 20, 64000}, {80000, 90, 8000}, {10001, 50, 5000}, {5, 90, 1}, {1, 50, 1}, {0, 50, 0}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(budget_headroom(cases[i].rate_milli, cases[i].percent), cases[i].left);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(limits_without_room_let_nothing_leave),
		cmocka_unit_test(headroom_leaves_the_rest_of_the_pace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
