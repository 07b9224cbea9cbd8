/*
 * rulebook_read - typed values of a libconfig group; what is missing or wrong becomes a problem and the walk goes on
 *
 *     if (rulebook_has(group, "good_for"))
 *         out->good_for = rulebook_read_duration(reader, group, "good_for", 3660);
 *     out->required = rulebook_read_bool(reader, group, "required");
 *
 * Every reader reports a missing key; a key that may be missing is asked for with rulebook_has first. After a problem the value is empty: "", 0
 * or false. A problem stands at the key's line, or at its group's when it is missing, and begins with the key.
 */
#ifndef DAYPART_CONF_RULEBOOK_READ_H
#define DAYPART_CONF_RULEBOOK_READ_H

#include <libconfig.h>

#include "rulebook_problems.h"

enum {
	RULEBOOK_DAYS_MAX = 3660,
	RULEBOOK_NUMBER_MAX = 999999999
}; /* the longest length of time and the largest number that a file can say */

struct rulebook_reader {
	const char *file;
	struct problems *problems;
};

int rulebook_line(const config_setting_t *setting);
bool rulebook_has(const config_setting_t *group, const char *key);
/* "KEY: " and the text, at the key. */
void rulebook_complain(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* A list of names that ends early at NULL. */
void rulebook_check_keys(const struct rulebook_reader *reader, const config_setting_t *group, const char *const *known, size_t known_count);

const char *rulebook_read_text(const struct rulebook_reader *reader, const config_setting_t *group, const char *key);
void rulebook_read_copy(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, char *out, size_t room);
/* Identifiers stand in lists separated by blanks, in reports and in stored verdicts: only a-z, 0-9, '.', '_' and '-'. */
void rulebook_read_id(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, char *out, size_t room);
bool rulebook_read_bool(const struct rulebook_reader *reader, const config_setting_t *group, const char *key);
int32_t rulebook_read_number(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int32_t low, int32_t high);
/* As rulebook_read_number up to RULEBOOK_NUMBER_MAX, or INT32_MAX for "unlimited". */
int32_t rulebook_read_limit(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int32_t low);
/* Longer than 0. */
struct duration rulebook_read_duration(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int max_days);
struct date rulebook_read_date(const struct rulebook_reader *reader, const config_setting_t *group, const char *key);

/* The key "clock": the name of a time zone. */
void rulebook_read_clock(const struct rulebook_reader *reader, const config_setting_t *group, char *out, size_t room);

/* The index of a word, 0 after a problem, which lists the words. */
unsigned rulebook_read_word(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const char *const *words, size_t count);
/* A list of words as a bit mask, every bit for "all"; 0 after a problem. */
typedef const char *word_fn(unsigned index);
uint32_t rulebook_read_words(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, word_fn *word, unsigned count);

/* A list of different texts, each of which `is_good`; `form` tells what a good one looks like. The texts stand `room` bytes apart in `out`; returns
 * how many there are, 0 after a problem with the list itself. */
struct text_list {
	size_t room, max;
	bool (*is_good)(const char *text);
	const char *form;
};
size_t rulebook_read_texts(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const struct text_list *list, char *out);
/* The list of groups under a key, each handed to `read` in turn; no more than `max`. Returns how many. */
typedef void read_group_fn(const struct rulebook_reader *reader, const config_setting_t *group, void *out, size_t index);
size_t rulebook_read_groups(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, size_t max, read_group_fn *read, void *out);

#endif
