/*
 * How it works: a reader walks libconfig's tree with one table of keys per kind of group; what is missing, unknown or of the wrong type is a
 * problem with file and line, and the walk goes on, so that one run shows all problems.
 */
#include "rulebook_file.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_text.h"
#include "nearest.h"
#include "planner/core/number.h"
#include "planner/core/zone.h"
#include "rulebook_days.h"

void
problem_add(struct problems *problems, const char *file, int line, const char *format, ...)
{
	char what[ERR_DETAIL_MAX / 2];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (problems->count++ == 0)
		snprintf(problems->first, sizeof problems->first, line > 0 ? "%s:%d: %s" : "%s:%.0d %s", file, line, what);
	if (problems->on_problem != NULL)
		problems->on_problem(problems->context, file, line, what);
}

void
problem_add_err(struct problems *problems, const char *file, const struct err *err)
{
	problem_add(problems, file, 0, "%s%s%s%s%s", err->primary, err->detail[0] != '\0' ? ": " : "", err->detail,
		err->hint[0] != '\0' ? "; " : "", err->hint);
}

int
rulebook_rule_count(const struct rulebook *rulebook, const char *id)
{
	int count = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++)
			count += strcmp(rulebook->regimes[i].rules[r].id, id) == 0;
	return count;
}

/* Values -------------------------------------------------------------------------------------------------------------------------------- */

static int
line_of(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

/* The line of a key, or of its group when it is missing. */
static int
line_of_key(const config_setting_t *group, const char *key)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	return line_of(member != NULL ? member : group);
}

static void
check_keys(const struct rulebook_reader *reader, const config_setting_t *group, const char *const *known, size_t known_count)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(member), *meant;
		size_t k = 0;
		while (k < known_count && strcmp(known[k], name) != 0)
			k++;
		if (k < known_count)
			continue;
		meant = nearest_word(name, known, known_count);
		problem_add(reader->problems, reader->file, line_of(member), "unknown key \"%s\"%s%s%s", name,
			meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
	}
}

/* The text of a key; "" and a problem when it is missing or no text. */
static const char *
required_text(const struct rulebook_reader *reader, const config_setting_t *group, const char *key)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	const char *text = member != NULL ? config_setting_get_string(member) : NULL;
	if (text != NULL && text[0] != '\0')
		return text;
	problem_add(
		reader->problems, reader->file, line_of_key(group, key), "%s: %s", key, member == NULL ? "is missing" : "must be a text in quotes");
	return "";
}

static void
copy_text(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, char *out, size_t room)
{
	const char *text = required_text(reader, group, key);
	if (strlen(text) >= room)
		problem_add(
			reader->problems, reader->file, line_of_key(group, key), "%s: \"%s\" is longer than %zu characters", key, text, room - 1);
	snprintf(out, room, "%s", text);
}

/* Identifiers stand in lists separated by blanks, in reports and in stored verdicts. */
static void
copy_id(const struct rulebook_reader *reader, const config_setting_t *group, char *out, size_t room)
{
	copy_text(reader, group, "id", out, room);
	if (out[strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789._-")] != '\0')
		problem_add(reader->problems, reader->file, line_of_key(group, "id"), "id: \"%s\" may hold only a-z, 0-9, '.', '_' and '-'", out);
}

static void
read_date(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, int32_t missing, struct date *out)
{
	struct err err = ERR_INIT;
	out->days = missing;
	if (config_setting_get_member(group, key) != NULL && date_parse(required_text(reader, group, key), out, &err) != STATUS_OK)
		problem_add(reader->problems, reader->file, line_of_key(group, key), "%s: %s", key, err.primary);
}

/* The index of a word, or a problem that lists the words. */
static unsigned
read_word(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, const char *const *words, size_t count)
{
	const char *text = required_text(reader, group, key);
	char list[256] = "";
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], text) == 0)
			return (unsigned)i;
		strncat(list, i > 0 ? ", " : "", sizeof list - strlen(list) - 1);
		strncat(list, words[i], sizeof list - strlen(list) - 1);
	}
	if (text[0] != '\0')
		problem_add(reader->problems, reader->file, line_of_key(group, key), "%s: \"%s\" is not one of %s", key, text, list);
	return 0;
}

typedef const char *word_fn(unsigned index);

static const char *
category_word(unsigned index)
{
	return category_name((enum category)index);
}
static const char *
channel_word(unsigned index)
{
	return channel_name((enum channel)index);
}
static const char *
evidence_word(unsigned index)
{
	return evidence_name((enum evidence)index);
}

static uint32_t
word_bit(const struct rulebook_reader *reader, const config_setting_t *element, const char *key, word_fn *word, unsigned count)
{
	const char *text = config_setting_get_string(element);
	for (unsigned i = 0; text != NULL && i < count; i++)
		if (strcmp(word(i), text) == 0)
			return 1u << i;
	problem_add(reader->problems, reader->file, line_of(element), "%s: \"%s\" is not known", key, text != NULL ? text : "?");
	return 0;
}

/* A list of words as a bit mask; "all" for every bit. */
static uint32_t
read_words(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, word_fn *word, unsigned count)
{
	const config_setting_t *list = config_setting_get_member(group, key);
	const char *text = list != NULL ? config_setting_get_string(list) : NULL;
	uint32_t mask = 0;
	if (text != NULL && strcmp(text, "all") == 0)
		return (1u << count) - 1;
	if (list == NULL || (!config_setting_is_array(list) && !config_setting_is_list(list)) || config_setting_length(list) == 0) {
		problem_add(reader->problems, reader->file, line_of_key(group, key), "%s: %s", key,
			list == NULL ? "is missing" : "must be \"all\" or a list of words in brackets");
		return 0;
	}
	for (int i = 0; i < config_setting_length(list); i++)
		mask |= word_bit(reader, config_setting_get_elem(list, (unsigned)i), key, word, count);
	return mask;
}

/* Rules --------------------------------------------------------------------------------------------------------------------------------- */

#define COMMON_KEYS "id", "source", "strength", "categories", "channels", "from", "until"

static void
read_common(const struct rulebook_reader *reader, const config_setting_t *group, enum rule_kind kind, struct rule *out)
{
	static const char *const strengths[] = {"must", "should", "info"};
	out->kind = kind;
	copy_id(reader, group, out->id, sizeof out->id);
	copy_text(reader, group, "source", out->sources, sizeof out->sources);
	out->strength = (enum strength)read_word(reader, group, "strength", strengths, 3);
	out->categories = read_words(reader, group, "categories", category_word, CATEGORY_COUNT);
	out->channels = config_setting_get_member(group, "channels") == NULL
		? ALL_CHANNELS
		: read_words(reader, group, "channels", channel_word, CHANNEL_COUNT);
	read_date(reader, group, "from", INT32_MIN, &out->from);
	read_date(reader, group, "until", INT32_MAX, &out->until);
	if (out->until.days <= out->from.days)
		problem_add(reader->problems, reader->file, line_of_key(group, "until"), "until: must be later than from");
	if (kind != RULE_CONSENT && (out->categories & CATEGORY_BIT(CATEGORY_OPT_OUT_CONFIRMATION)) != 0)
		problem_add(reader->problems, reader->file, line_of_key(group, "categories"),
			"categories: no window or cap may bind opt_out_confirmation (C31); list the others");
}

static void
read_window(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const keys[] = {COMMON_KEYS, "days", "clock"};
	check_keys(reader, group, keys, sizeof keys / sizeof *keys);
	read_common(reader, group, RULE_WINDOW, out);
	if (config_setting_get_member(group, "clock") != NULL) {
		copy_text(reader, group, "clock", out->window.fixed_zone, sizeof out->window.fixed_zone);
		if (!zone_name_is_usable(out->window.fixed_zone))
			problem_add(
				reader->problems, reader->file, line_of_key(group, "clock"), "clock: \"%s\" is no time zone", out->window.fixed_zone);
	}
	const config_setting_t *days = config_setting_get_member(group, "days");
	if (days == NULL || !config_setting_is_group(days))
		problem_add(
			reader->problems, reader->file, line_of_key(group, "days"), "days: must be a group, such as { every_day = \"08:00-21:00\"; }");
	else
		rulebook_days_read(reader, days, &out->window);
}

static void
read_cap(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const keys[] = {COMMON_KEYS, "n", "per"};
	int n = 0;
	struct err err = ERR_INIT;
	check_keys(reader, group, keys, sizeof keys / sizeof *keys);
	read_common(reader, group, RULE_CAP, out);
	if (config_setting_lookup_int(group, "n", &n) != CONFIG_TRUE || n < 1 || n > 10000)
		problem_add(reader->problems, reader->file, line_of_key(group, "n"), "n: must be a whole number from 1 to 10000");
	out->cap.n = (uint16_t)n;
	const char *per = required_text(reader, group, "per");
	if (strcmp(per, "calendar day") == 0)
		out->cap.period = CAP_CALENDAR_DAY;
	else if (strcmp(per, "calendar month") == 0)
		out->cap.period = CAP_CALENDAR_MONTH;
	else if (duration_parse(per, &out->cap.length, &err) == STATUS_OK && out->cap.length.us > 0 && out->cap.length.us <= 366 * US_PER_DAY)
		out->cap.period = CAP_ROLLING;
	else if (per[0] != '\0')
		problem_add(reader->problems, reader->file, line_of_key(group, "per"),
			"per: \"%s\" is not \"calendar day\", \"calendar month\" or a length of up to 366 days such as \"31d\"", per);
}

static void
read_consent(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const keys[] = {COMMON_KEYS, "required", "evidence"};
	int required = 0;
	check_keys(reader, group, keys, sizeof keys / sizeof *keys);
	read_common(reader, group, RULE_CONSENT, out);
	if (config_setting_lookup_bool(group, "required", &required) != CONFIG_TRUE)
		problem_add(reader->problems, reader->file, line_of_key(group, "required"), "required: must be true or false");
	out->consent.required = required != 0;
	if (config_setting_get_member(group, "evidence") != NULL)
		out->consent.evidence = read_words(reader, group, "evidence", evidence_word, EVIDENCE_COUNT);
}

typedef void read_rule_fn(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out);

static const struct rule_list {
	const char *key;
	read_rule_fn *read;
} RULE_LISTS[] = {{"windows", read_window}, {"caps", read_cap}, {"consents", read_consent}};
enum { RULE_LIST_COUNT = sizeof RULE_LISTS / sizeof *RULE_LISTS };

static void
read_rule_list(const struct rulebook_reader *reader, const config_setting_t *list, read_rule_fn *read, struct regime *regime)
{
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
		if (config_setting_is_group(group))
			read(reader, group, &regime->rules[regime->rule_count++]);
		else
			problem_add(
				reader->problems, reader->file, line_of(group), "%s: holds something that is no { group }", config_setting_name(list));
	}
}

static enum status
read_rules(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime)
{
	size_t room = 1;
	for (int i = 0; i < RULE_LIST_COUNT; i++) {
		const config_setting_t *list = config_setting_get_member(root, RULE_LISTS[i].key);
		room += list != NULL ? (size_t)config_setting_length(list) : 0;
	}
	regime->rules = calloc(room, sizeof *regime->rules);
	if (regime->rules == NULL)
		return STATUS_NO_MEMORY;
	for (int i = 0; i < RULE_LIST_COUNT; i++) {
		const config_setting_t *list = config_setting_get_member(root, RULE_LISTS[i].key);
		if (list != NULL && !config_setting_is_list(list))
			problem_add(
				reader->problems, reader->file, line_of(list), "%s: must be a list, such as ( { ... }, { ... } )", RULE_LISTS[i].key);
		else if (list != NULL)
			read_rule_list(reader, list, RULE_LISTS[i].read, regime);
	}
	return STATUS_OK;
}

/* Regimes ------------------------------------------------------------------------------------------------------------------------------- */

static void
read_regions(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime)
{
	const config_setting_t *list = config_setting_get_member(root, "regions");
	const char *text = list != NULL ? config_setting_get_string(list) : NULL;
	regime->everywhere = text != NULL && strcmp(text, "everywhere") == 0;
	if (regime->everywhere)
		return;
	if (list == NULL || !config_setting_is_array(list) || config_setting_length(list) == 0 ||
		config_setting_length(list) > REGIME_REGIONS_MAX) {
		problem_add(reader->problems, reader->file, line_of_key(root, "regions"),
			"regions: must be \"everywhere\" or 1 to %d codes in brackets", REGIME_REGIONS_MAX);
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned)i);
		const char *code = config_setting_get_string(element);
		if (code == NULL || !region_is_known(code))
			problem_add(reader->problems, reader->file, line_of(element), "regions: \"%s\" is no ISO 3166 code", code != NULL ? code : "?");
		else
			snprintf(regime->regions[regime->region_count++], REGION_CODE_MAX, "%s", code);
	}
}

static enum status
read_regime(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime)
{
	static const char *const keys[] = {"id", "title", "status", "regions", "review_by", "windows", "caps", "consents"};
	static const char *const statuses[] = {"enforced", "advisory", "off"};
	check_keys(reader, root, keys, sizeof keys / sizeof *keys);
	copy_id(reader, root, regime->id, sizeof regime->id);
	regime->title = strdup(required_text(reader, root, "title"));
	regime->status = (enum regime_status)read_word(reader, root, "status", statuses, 3);
	read_regions(reader, root, regime);
	(void)required_text(reader, root, "review_by");
	read_date(reader, root, "review_by", INT32_MAX, &regime->review_by);
	return regime->title != NULL ? read_rules(reader, root, regime) : STATUS_NO_MEMORY;
}

enum status
rulebook_file_parse(const char *name, const char *text, struct rulebook *rulebook, struct problems *problems)
{
	const struct rulebook_reader reader = {name, problems};
	struct err err = ERR_INIT;
	config_t config;
	if (config_text_parse(name, text, &config, &err) != STATUS_OK) {
		problem_add_err(problems, name, &err);
		return err.status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK;
	}
	enum status status = read_regime(&reader, config_root_setting(&config), &rulebook->regimes[rulebook->regime_count++]);
	config_destroy(&config);
	return status;
}
