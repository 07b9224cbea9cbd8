/*
 * One table names each section, its kind, its reader and the keys that only it knows; everything else about a section follows from it.
 */
#include "rulebook_rules.h"

#include <stdlib.h>
#include <string.h>

#include "rulebook_digest.h"
#include "rulebook_kinds.h"

enum { COMMON_KEYS = 12, OWN_KEYS = 8 };

static const char *const common_keys[COMMON_KEYS] = {
	"id", "source", "strength", "categories", "channels", "from", "until", "when", "except", "waiver", "option", "on"};

#define RECORD_KEYS "of", "item", "title", "good_for", "renew_before", "lead_time", "buffer"

static const struct section {
	const char *name;
	enum rule_kind kind;
	rulebook_kind_fn *read;
	const char *keys[OWN_KEYS];
} sections[RULEBOOK_SECTIONS] = {
	{"windows", RULE_WINDOW, rulebook_read_window, {"days", "clock", "emergency"}},
	{"caps", RULE_CAP, rulebook_read_cap, {"n", "of", "same", "per", "days"}},
	{"preferences", RULE_PREFERENCE, rulebook_read_preference, {"days"}},
	{"consents", RULE_CONSENT, rulebook_read_consent, {"required", "evidence", "good_for"}},
	{"contents", RULE_CONTENT, rulebook_read_content, {"requires", "max_length", "identifier_length", "languages"}},
	{"templates", RULE_TEMPLATE, rulebook_read_template, {"approved", "own_purpose", "max_variables", "idle", "lead_time"}},
	{"sessions", RULE_SESSION, rulebook_read_session, {"length"}},
	{"registrations", RULE_RECORD, rulebook_read_registration, {RECORD_KEYS}},
	{"attestations", RULE_RECORD, rulebook_read_attestation, {RECORD_KEYS}},
	{"registries", RULE_RECORD, rulebook_read_registry, {RECORD_KEYS}},
	{"prohibitions", RULE_PROHIBITION, rulebook_read_prohibition, {"tags", "sources", "absolute"}},
	{"volumes", RULE_VOLUME, rulebook_read_volume, {"scope", "people", "per", "clock", "n", "granted_max", "raise_after", "tiers"}},
	{"rates", RULE_RATE, rulebook_read_rate, {"n", "per", "pair"}},
	{"breakers", RULE_BREAKER, rulebook_read_breaker, {"metric", "scope", "limit", "stop_at", "warn_at", "min_samples", "per", "resume"}},
	{"opt_outs", RULE_OPT_OUT, rulebook_read_opt_out, {"deadline", "confirmation", "confirm_within", "keep_for"}},
	{"retentions", RULE_RETENTION, rulebook_read_retention, {"data", "after", "min", "max"}},
	{"notes", RULE_NOTE, rulebook_read_note, {"text"}},
};

void
rulebook_section_names(const char *out[RULEBOOK_SECTIONS])
{
	for (size_t i = 0; i < RULEBOOK_SECTIONS; i++)
		out[i] = sections[i].name;
}

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

/* Sources and conditions ---------------------------------------------------------------------------------------------------------------- */

/* "R-054", "P-13", "C31", "F15" or "house". */
static bool
is_source(const char *word, size_t length)
{
	const bool numbered = strchr("RPCF", word[0]) != NULL, dashed = strchr("RP", word[0]) != NULL;
	const size_t start = dashed ? 2 : 1;
	if (length == 5 && strncmp(word, "house", length) == 0)
		return true;
	return numbered && (!dashed || word[1] == '-') && length > start && length <= start + 3 &&
		strspn(word + start, "0123456789") >= length - start;
}

static void
read_sources(const struct rulebook_reader *reader, const config_setting_t *group, char *out)
{
	rulebook_read_copy(reader, group, "source", out, RULE_SOURCES_MAX);
	for (const char *word = out; *word != '\0'; word += strspn(word, " ")) {
		const size_t length = strcspn(word, " ");
		if (length > 0 && !is_source(word, length))
			rulebook_complain(reader, group, "source",
				"\"%.*s\" is no row of the regulations; write rows such as \"R-054 P-13\", or \"house\"", (int)length, word);
		word += length;
	}
}

static struct predicate *
read_condition(const struct rulebook_reader *reader, const config_setting_t *group, const char *key)
{
	struct predicate *predicate = NULL;
	struct err err = ERR_INIT;
	const char *text = rulebook_read_text(reader, group, key);
	if (text[0] == '\0' || predicate_parse(text, &predicate, &err) == STATUS_OK)
		return predicate;
	if (err.status == STATUS_NO_MEMORY)
		reader->problems->no_memory = true;
	else
		rulebook_complain(reader, group, key, "%s; %s", err.primary, err.hint);
	return NULL;
}

static void
read_exception(const struct rulebook_reader *reader, const config_setting_t *group, void *out, size_t index)
{
	static const char *const keys[] = {"if", "on", "source"};
	struct exception *exception = &((struct exception *)out)[index];
	rulebook_check_keys(reader, group, keys, sizeof keys / sizeof *keys);
	exception->condition = read_condition(reader, group, "if");
	exception->on = rulebook_read_bool(reader, group, "on");
	read_sources(reader, group, exception->sources);
}

static void
read_waiver(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const keys[] = {"role", "within"};
	const config_setting_t *waiver = config_setting_get_member(group, "waiver");
	out->waivable = true;
	if (!config_setting_is_group(waiver)) {
		rulebook_complain(
			reader, group, "waiver", "must be a group, such as { role = \"compliance\"; within = \"90d\"; }; without one nobody may waive");
		return;
	}
	rulebook_check_keys(reader, waiver, keys, sizeof keys / sizeof *keys);
	rulebook_read_id(reader, waiver, "role", out->waiver_role, sizeof out->waiver_role);
	out->waiver_within = rulebook_read_duration(reader, waiver, "within", 366);
}

/* Rules --------------------------------------------------------------------------------------------------------------------------------- */

static void
read_reach(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	const bool times = out->kind == RULE_WINDOW || out->kind == RULE_CAP;
	out->categories = rulebook_read_words(reader, group, "categories", category_word, CATEGORY_COUNT);
	out->channels =
		rulebook_has(group, "channels") ? rulebook_read_words(reader, group, "channels", channel_word, CHANNEL_COUNT) : ALL_CHANNELS;
	out->from.days = INT32_MIN;
	out->until.days = INT32_MAX;
	if (rulebook_has(group, "from"))
		out->from = rulebook_read_date(reader, group, "from");
	if (rulebook_has(group, "until"))
		out->until = rulebook_read_date(reader, group, "until");
	if (out->until.days <= out->from.days)
		rulebook_complain(reader, group, "until", "must be later than from");
	if (times && (out->categories & CATEGORY_BIT(CATEGORY_OPT_OUT_CONFIRMATION)) != 0)
		rulebook_complain(reader, group, "categories", "no window or cap may bind opt_out_confirmation (C31); list the others");
}

static void
read_lifting(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	if (rulebook_has(group, "when"))
		out->when = read_condition(reader, group, "when");
	if (rulebook_has(group, "except"))
		out->exception_count = (uint8_t)rulebook_read_groups(reader, group, "except", EXCEPTIONS_MAX, read_exception, out->exceptions);
	if (rulebook_has(group, "waiver"))
		read_waiver(reader, group, out);
	if (rulebook_has(group, "option")) {
		rulebook_read_copy(reader, group, "option", out->option, sizeof out->option);
		out->off = !rulebook_read_bool(reader, group, "on");
	} else if (rulebook_has(group, "on")) {
		rulebook_complain(reader, group, "on", "belongs to an option; add option = \"its name\", or take it out");
	}
}

static void
read_rule(const struct rulebook_reader *reader, const struct section *section, const config_setting_t *group, struct rule *out)
{
	static const char *const strengths[] = {"must", "should", "info"};
	const char *keys[COMMON_KEYS + OWN_KEYS];
	const int problems = reader->problems->count;
	memcpy(keys, common_keys, sizeof common_keys);
	memcpy(keys + COMMON_KEYS, section->keys, sizeof section->keys);
	rulebook_check_keys(reader, group, keys, COMMON_KEYS + OWN_KEYS);
	out->kind = section->kind;
	out->line = rulebook_line(group);
	out->digest = rulebook_digest(section->name, group);
	rulebook_read_id(reader, group, "id", out->id, sizeof out->id);
	read_sources(reader, group, out->sources);
	out->strength = (enum strength)rulebook_read_word(reader, group, "strength", strengths, 3);
	read_reach(reader, group, out);
	read_lifting(reader, group, out);
	section->read(reader, group, out);
	out->off |= reader->problems->count > problems; /* half a rule must not be compared with others */
}

static void
read_section(const struct rulebook_reader *reader, const struct section *section, const config_setting_t *list, struct regime *regime)
{
	if (!config_setting_is_list(list)) {
		problem_add(reader->problems, reader->file, rulebook_line(list), "%s: must be a list, such as ( { ... }, { ... } )", section->name);
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
		if (config_setting_is_group(group))
			read_rule(reader, section, group, &regime->rules[regime->rule_count++]);
		else
			problem_add(reader->problems, reader->file, rulebook_line(group), "%s: holds something that is no { group }", section->name);
	}
}

void
rulebook_rules_read(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime)
{
	size_t room = 1;
	for (size_t i = 0; i < RULEBOOK_SECTIONS; i++) {
		const config_setting_t *list = config_setting_get_member(root, sections[i].name);
		room += list != NULL ? (size_t)config_setting_length(list) : 0;
	}
	regime->rules = calloc(room, sizeof *regime->rules);
	if (regime->rules == NULL) {
		reader->problems->no_memory = true;
		return;
	}
	for (size_t i = 0; i < RULEBOOK_SECTIONS; i++) {
		const config_setting_t *list = config_setting_get_member(root, sections[i].name);
		if (list != NULL)
			read_section(reader, &sections[i], list, regime);
	}
}
