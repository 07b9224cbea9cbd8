#include "rulebook_kinds.h"

#include <string.h>

static const char LOWER[] = "abcdefghijklmnopqrstuvwxyz", WORD[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

static const char *
item_word(unsigned index)
{
	return content_item_name((enum content_item)index);
}

/* The next part of a language tag, when it consists of `count` characters from `first` and then `rest`; 0 when it does not. */
static size_t
part_length(const char *text, size_t count, const char *first, const char *rest)
{
	const size_t length = text[0] == '-' ? strcspn(text + 1, "-") + 1 : 0;
	if (length != count + 1 || strchr(first, text[1]) == NULL)
		return 0;
	return strspn(text + 2, rest) >= count - 1 ? length : 0;
}

/* As problem_language() of the database: language, script, region, variants, each spelled as BCP 47 recommends. */
static bool
is_language(const char *text)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits[] = "0123456789", both[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	const size_t length = strspn(text, LOWER);
	if (length < 2 || length > 3)
		return false;
	text += length;
	text += part_length(text, 4, capitals, LOWER);
	const size_t country = part_length(text, 2, capitals, capitals);
	text += country != 0 ? country : part_length(text, 3, digits, digits);
	for (size_t part = 1; *text == '-' && part != 0; text += part) {
		part = part_length(text, 4, digits, both);
		for (size_t count = 5; count <= 8 && part == 0; count++)
			part = part_length(text, count, both, both);
	}
	return *text == '\0';
}

/* As problem_tags() of the database. */
static bool
is_tag(const char *text)
{
	return strchr(LOWER, text[0]) != NULL && text[0] != '\0' && text[strspn(text, WORD)] == '\0';
}

/* As normalise_keyword() of the database leaves them. */
static bool
is_source(const char *text)
{
	const size_t length = strlen(text);
	return length > 0 && text[0] != ' ' && text[length - 1] != ' ' && strstr(text, "  ") == NULL &&
		text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789 ")] == '\0';
}

static void
require_one(const struct rulebook_reader *reader, const config_setting_t *group, const char *const *keys, size_t count, const char *list)
{
	for (size_t i = 0; i < count; i++)
		if (rulebook_has(group, keys[i]))
			return;
	problem_add(reader->problems, reader->file, rulebook_line(group), "the rule says nothing; write at least one of %s", list);
}

void
rulebook_read_content(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const keys[] = {"requires", "max_length", "languages"};
	static const struct text_list languages = {LANGUAGE_MAX, LANGUAGES_MAX, is_language, "a language such as \"pt\" or \"pt-BR\""};
	require_one(reader, group, keys, sizeof keys / sizeof *keys, "requires, max_length, languages");
	if (rulebook_has(group, "requires"))
		out->content.items = rulebook_read_words(reader, group, "requires", item_word, CONTENT_COUNT);
	if (rulebook_has(group, "max_length"))
		out->content.max_length = (uint16_t)rulebook_read_number(reader, group, "max_length", 1, 10000);
	if (rulebook_has(group, "languages"))
		out->content.language_count = (uint8_t)rulebook_read_texts(reader, group, "languages", &languages, out->content.languages[0]);
	if (!rulebook_has(group, "identifier_length"))
		return;
	out->content.identifier_length = (uint8_t)rulebook_read_number(reader, group, "identifier_length", 1, 64);
	if ((out->content.items & CONTENT_BIT(CONTENT_IDENTIFIER)) == 0)
		rulebook_complain(reader, group, "identifier_length", "needs \"identifier\" among requires");
}

void
rulebook_read_template(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const keys[] = {"approved", "own_purpose", "max_variables", "idle", "lead_time"};
	require_one(reader, group, keys, sizeof keys / sizeof *keys, "approved, own_purpose, max_variables, idle, lead_time");
	out->template.approved = rulebook_has(group, "approved") && rulebook_read_bool(reader, group, "approved");
	out->template.own_purpose = rulebook_has(group, "own_purpose") && rulebook_read_bool(reader, group, "own_purpose");
	if (rulebook_has(group, "max_variables"))
		out->template.max_variables = (uint8_t)rulebook_read_number(reader, group, "max_variables", 1, 100);
	if (rulebook_has(group, "idle"))
		out->template.idle = rulebook_read_duration(reader, group, "idle", RULEBOOK_DAYS_MAX);
	if (rulebook_has(group, "lead_time"))
		out->template.lead_time = rulebook_read_duration(reader, group, "lead_time", 366);
}

static const char *
subject_word(size_t index)
{
	return subject_name((enum subject)index);
}

static void
read_record(const struct rulebook_reader *reader, const config_setting_t *group, enum record_purpose purpose, struct record_rule *out)
{
	const char *subjects[SUBJECT_COUNT];
	for (size_t i = 0; i < SUBJECT_COUNT; i++)
		subjects[i] = subject_word(i);
	out->purpose = purpose;
	out->subject = (enum subject)rulebook_read_word(reader, group, "of", subjects, SUBJECT_COUNT);
	rulebook_read_id(reader, group, "item", out->item, sizeof out->item);
	if (out->item[0] != '\0' && strchr("._-", out->item[0]) != NULL)
		rulebook_complain(reader, group, "item", "\"%s\" must begin with a letter or digit", out->item);
	rulebook_read_copy(reader, group, "title", out->title, sizeof out->title);
	if (rulebook_has(group, "good_for"))
		out->good_for = rulebook_read_duration(reader, group, "good_for", RULEBOOK_DAYS_MAX);
	if (rulebook_has(group, "renew_before"))
		out->renew_before = rulebook_read_duration(reader, group, "renew_before", RULEBOOK_DAYS_MAX);
	if (rulebook_has(group, "lead_time"))
		out->lead_time = rulebook_read_duration(reader, group, "lead_time", 366);
	if (rulebook_has(group, "buffer"))
		out->buffer = rulebook_read_duration(reader, group, "buffer", 366);
	if (out->good_for.us > 0 && out->renew_before.us >= out->good_for.us)
		rulebook_complain(reader, group, "renew_before", "must be shorter than good_for");
}

void
rulebook_read_registration(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	read_record(reader, group, RECORD_REGISTRATION, &out->record);
}

void
rulebook_read_attestation(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	read_record(reader, group, RECORD_ATTESTATION, &out->record);
}

void
rulebook_read_registry(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	read_record(reader, group, RECORD_SCRUB, &out->record);
}

void
rulebook_read_prohibition(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const struct text_list tags = {TAG_MAX, TAGS_MAX, is_tag, "a tag: a-z, 0-9 and '_', a letter first, such as \"firearms\""};
	static const struct text_list sources = {
		TAG_MAX, TAGS_MAX, is_source, "a source of consent in lower case words, such as \"pre ticked\""};
	struct prohibition_rule *prohibition = &out->prohibition;
	prohibition->sources = rulebook_has(group, "sources");
	if (prohibition->sources == rulebook_has(group, "tags"))
		rulebook_complain(reader, group, "tags", "must stand there, or sources, and not both");
	else
		prohibition->tag_count = (uint8_t)rulebook_read_texts(
			reader, group, prohibition->sources ? "sources" : "tags", prohibition->sources ? &sources : &tags, prohibition->tags[0]);
	if (rulebook_has(group, "absolute"))
		prohibition->absolute = rulebook_read_bool(reader, group, "absolute");
	if (prohibition->absolute && (rulebook_has(group, "waiver") || rulebook_has(group, "except")))
		rulebook_complain(reader, group, "absolute", "such a rule has no waiver and no exception; take them out");
}
