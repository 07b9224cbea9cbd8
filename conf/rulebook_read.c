#include "rulebook_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "planner/core/zone.h"

enum { WORDS_MAX = 32 };

int
rulebook_line(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

bool
rulebook_has(const config_setting_t *group, const char *key)
{
	return config_setting_get_member(group, key) != NULL;
}

/* The line of a key, or of its group when it is missing. */
static int
line_of_key(const config_setting_t *group, const char *key)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	return rulebook_line(member != NULL ? member : group);
}

void
rulebook_complain(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const char *format, ...)
{
	char what[ERR_DETAIL_MAX / 2];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	problem_add(reader->problems, reader->file, line_of_key(group, key), "%s: %s", key, what);
}

/* "a, b, c" */
static void
join_words(const char *const *words, size_t count, char *out, size_t room)
{
	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		strncat(out, i > 0 ? ", " : "", room - strlen(out) - 1);
		strncat(out, words[i], room - strlen(out) - 1);
	}
}

static void
complain_of_key(const struct rulebook_reader *reader, const config_setting_t *member, const char *const *known, size_t count)
{
	const char *name = config_setting_name(member), *meant = nearest_word(name, known, count);
	char list[320];
	join_words(known, count, list, sizeof list);
	if (meant != NULL)
		problem_add(reader->problems, reader->file, rulebook_line(member), "unknown key \"%s\"; did you mean \"%s\"?", name, meant);
	else
		problem_add(reader->problems, reader->file, rulebook_line(member), "unknown key \"%s\"; here may stand %s", name, list);
}

void
rulebook_check_keys(const struct rulebook_reader *reader, const config_setting_t *group, const char *const *known, size_t known_count)
{
	size_t count = 0;
	while (count < known_count && known[count] != NULL)
		count++;
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		size_t k = 0;
		while (k < count && strcmp(known[k], config_setting_name(member)) != 0)
			k++;
		if (k == count)
			complain_of_key(reader, member, known, count);
	}
}

const char *
rulebook_read_text(const struct rulebook_reader *reader, const config_setting_t *group, const char *key)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	const char *text = member != NULL ? config_setting_get_string(member) : NULL;
	if (text != NULL && text[0] != '\0')
		return text;
	rulebook_complain(reader, group, key, member == NULL ? "is missing" : "must be a text in quotes");
	return "";
}

void
rulebook_read_copy(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, char *out, size_t room)
{
	const char *text = rulebook_read_text(reader, group, key);
	if (strlen(text) >= room)
		rulebook_complain(reader, group, key, "\"%s\" is longer than %zu characters", text, room - 1);
	snprintf(out, room, "%s", text);
}

void
rulebook_read_id(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, char *out, size_t room)
{
	rulebook_read_copy(reader, group, key, out, room);
	if (out[strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789._-")] != '\0')
		rulebook_complain(reader, group, key, "\"%s\" may hold only a-z, 0-9, '.', '_' and '-'", out);
}

bool
rulebook_read_bool(const struct rulebook_reader *reader, const config_setting_t *group, const char *key)
{
	int value = 0;
	if (config_setting_lookup_bool(group, key, &value) != CONFIG_TRUE)
		rulebook_complain(reader, group, key, "must be true or false");
	return value != 0;
}

static bool
is_whole_number(const config_setting_t *setting, int64_t *out)
{
	if (setting == NULL || (config_setting_type(setting) != CONFIG_TYPE_INT && config_setting_type(setting) != CONFIG_TYPE_INT64))
		return false;
	*out = config_setting_get_int64(setting);
	return true;
}

int32_t
rulebook_read_number(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int32_t low, int32_t high)
{
	int64_t n = 0;
	if (is_whole_number(config_setting_get_member(group, key), &n) && n >= low && n <= high)
		return (int32_t)n;
	rulebook_complain(reader, group, key, "must be a whole number from %d to %d", (int)low, (int)high);
	return 0;
}

int32_t
rulebook_read_limit(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int32_t low)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	const char *text = member != NULL ? config_setting_get_string(member) : NULL;
	int64_t n = 0;
	if (text != NULL && strcmp(text, "unlimited") == 0)
		return INT32_MAX;
	if (is_whole_number(member, &n) && n >= low && n <= RULEBOOK_NUMBER_MAX)
		return (int32_t)n;
	rulebook_complain(reader, group, key, "must be \"unlimited\" or a whole number from %d to %d", (int)low, RULEBOOK_NUMBER_MAX);
	return 0;
}

struct duration
rulebook_read_duration(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int max_days)
{
	struct duration duration = {0};
	struct err ignored = ERR_INIT;
	const char *text = rulebook_read_text(reader, group, key);
	if (text[0] == '\0')
		return duration;
	if (duration_parse(text, &duration, &ignored) == STATUS_OK && duration.us > 0 && duration.us <= max_days * US_PER_DAY)
		return duration;
	rulebook_complain(reader, group, key, "\"%s\" is not a length of time of up to %d day%s, such as \"31d\", \"24h\", \"90m\" or \"6s\"",
		text, max_days, max_days > 1 ? "s" : "");
	return (struct duration){0};
}

struct date
rulebook_read_date(const struct rulebook_reader *reader, const config_setting_t *group, const char *key)
{
	struct date date = {0};
	struct err err = ERR_INIT;
	const char *text = rulebook_read_text(reader, group, key);
	if (text[0] != '\0' && date_parse(text, &date, &err) != STATUS_OK)
		rulebook_complain(reader, group, key, "%s", err.primary);
	return date;
}

void
rulebook_read_clock(const struct rulebook_reader *reader, const config_setting_t *group, char *out, size_t room)
{
	rulebook_read_copy(reader, group, "clock", out, room);
	if (out[0] != '\0' && !zone_name_is_usable(out))
		rulebook_complain(reader, group, "clock", "\"%s\" is no time zone; write one such as \"America/Chicago\"", out);
}

/* Words --------------------------------------------------------------------------------------------------------------------------------- */

static void
complain_of_word(const struct rulebook_reader *reader, int line, const char *key, const char *text, const char *const *words, size_t count)
{
	const char *meant = nearest_word(text, words, count);
	char list[320];
	join_words(words, count, list, sizeof list);
	if (meant != NULL)
		problem_add(reader->problems, reader->file, line, "%s: \"%s\" is not known; did you mean \"%s\"?", key, text, meant);
	else
		problem_add(reader->problems, reader->file, line, "%s: \"%s\" is not one of %s", key, text, list);
}

unsigned
rulebook_read_word(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const char *const *words, size_t count)
{
	const char *text = rulebook_read_text(reader, group, key);
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return (unsigned)i;
	if (text[0] != '\0')
		complain_of_word(reader, line_of_key(group, key), key, text, words, count);
	return 0;
}

static bool
is_list(const config_setting_t *list)
{
	return list != NULL && (config_setting_is_array(list) || config_setting_is_list(list)) && config_setting_length(list) > 0;
}

static uint32_t
word_bit(const struct rulebook_reader *reader, const config_setting_t *element, const char *key, const char *const *words, unsigned count)
{
	const char *text = config_setting_get_string(element);
	for (unsigned i = 0; text != NULL && i < count; i++)
		if (strcmp(words[i], text) == 0)
			return 1u << i;
	complain_of_word(reader, rulebook_line(element), key, text != NULL ? text : "?", words, count);
	return 0;
}

uint32_t
rulebook_read_words(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, word_fn *word, unsigned count)
{
	const config_setting_t *list = config_setting_get_member(group, key);
	const char *text = list != NULL ? config_setting_get_string(list) : NULL, *words[WORDS_MAX];
	uint32_t mask = 0;
	if (text != NULL && strcmp(text, "all") == 0)
		return (1u << count) - 1;
	if (!is_list(list)) {
		rulebook_complain(reader, group, key, list == NULL ? "is missing" : "must be \"all\" or a list of words in brackets");
		return 0;
	}
	for (unsigned i = 0; i < count; i++)
		words[i] = word(i);
	for (int i = 0; i < config_setting_length(list); i++)
		mask |= word_bit(reader, config_setting_get_elem(list, (unsigned)i), key, words, count);
	return mask;
}

/* Lists --------------------------------------------------------------------------------------------------------------------------------- */

static bool
take_text(const struct rulebook_reader *reader, const config_setting_t *element, const char *key, const struct text_list *list, char *out,
	size_t taken)
{
	const char *text = config_setting_get_string(element);
	if (text == NULL || strlen(text) >= list->room || !list->is_good(text)) {
		problem_add(
			reader->problems, reader->file, rulebook_line(element), "%s: \"%s\" is not %s", key, text != NULL ? text : "?", list->form);
		return false;
	}
	for (size_t i = 0; i < taken; i++)
		if (strcmp(out + i * list->room, text) == 0) {
			problem_add(reader->problems, reader->file, rulebook_line(element), "%s: \"%s\" stands there twice; take one out", key, text);
			return false;
		}
	memcpy(out + taken * list->room, text, strlen(text) + 1);
	return true;
}

size_t
rulebook_read_texts(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const struct text_list *list, char *out)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	size_t taken = 0;
	if (!is_list(member) || config_setting_length(member) > (int)list->max) {
		rulebook_complain(reader, group, key, "must be a list of 1 to %zu texts in brackets", list->max);
		return 0;
	}
	for (int i = 0; i < config_setting_length(member); i++)
		taken += take_text(reader, config_setting_get_elem(member, (unsigned)i), key, list, out, taken);
	return taken;
}

size_t
rulebook_read_groups(
	const struct rulebook_reader *reader, const config_setting_t *group, const char *key, size_t max, read_group_fn *read, void *out)
{
	const config_setting_t *list = config_setting_get_member(group, key);
	size_t taken = 0;
	if (list == NULL || !config_setting_is_list(list) || config_setting_length(list) == 0 || config_setting_length(list) > (int)max) {
		rulebook_complain(reader, group, key, "must be a list of 1 to %zu groups, such as ( { ... }, { ... } )", max);
		return 0;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned)i);
		if (config_setting_is_group(element))
			read(reader, element, out, taken++);
		else
			problem_add(
				reader->problems, reader->file, rulebook_line(element), "%s: holds something that is no { group }; write ( { ... } )", key);
	}
	return taken;
}
