/*
 * One pass over libconfig's tree with the readers of rulebook files, which go on after a problem. Words are gathered into one growing array.
 */
#include "protected_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_text.h"
#include "rulebook_read.h"

struct gathering {
	struct protected_words *words;
	bool no_memory;
};

void
protected_words_free(struct protected_words *words)
{
	free(words->items);
	*words = (struct protected_words)PROTECTED_WORDS_INIT;
}

static void
gather(struct gathering *gathering, const struct protected_word *word)
{
	struct protected_words *words = gathering->words;

	if (words->count == words->room) {
		const size_t room = words->room != 0 ? words->room * 2 : 256;
		struct protected_word *items = realloc(words->items, room * sizeof(*items));

		if (items == NULL) {
			gathering->no_memory = true;
			return;
		}
		words->items = items;
		words->room = room;
	}
	words->items[words->count++] = *word;
}

/* Letters of any script; two at least, because one is found everywhere. */
static bool
is_word(const char *text)
{
	size_t letters = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
		if (isalpha(*at) || *at >= 0x80)
			letters++;
		else if (*at != '_' && *at != ' ' && *at != '-')
			return false;
	}
	return letters >= 2;
}

/* What is shown to people stands in a message and in an array of the database. */
static void
read_label(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, char out[PROTECTED_TEXT_MAX])
{
	rulebook_read_copy(reader, group, key, out, PROTECTED_TEXT_MAX);
	if (strpbrk(out, "\"\\") != NULL)
		rulebook_complain(reader, group, key, "must hold neither quotes nor backslashes");
}

static void
read_attribute(const struct rulebook_reader *reader, const config_setting_t *group, void *out, size_t index)
{
	static const char *const keys[] = {"attribute", "sources", "words"};
	static const struct text_list list = {.room = PROTECTED_TEXT_MAX,
		.max = PROTECTED_WORDS_MAX,
		.is_good = is_word,
		.form = "two letters or more, with blanks or _ between words"};
	struct protected_word word = {.word = ""};
	char texts[PROTECTED_WORDS_MAX][PROTECTED_TEXT_MAX];

	(void)index;
	rulebook_check_keys(reader, group, keys, sizeof(keys) / sizeof(keys[0]));
	read_label(reader, group, "attribute", word.attribute);
	read_label(reader, group, "sources", word.sources);
	const size_t count = rulebook_read_texts(reader, group, "words", &list, texts[0]);
	for (size_t i = 0; i < count; i++) {
		memcpy(word.word, texts[i], strlen(texts[i]) + 1);
		gather(out, &word);
	}
}

static enum status
read_root(const struct rulebook_reader *reader, const config_setting_t *root, struct protected_words *out)
{
	static const char *const keys[] = {"attributes"};
	struct gathering gathering = {.words = out};

	rulebook_check_keys(reader, root, keys, 1);
	(void)rulebook_read_groups(reader, root, "attributes", PROTECTED_ATTRIBUTES_MAX, read_attribute, &gathering);
	return gathering.no_memory || reader->problems->no_memory ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status
protected_file_parse(
	const char *name, const char *text, law_problem_fn *on_problem, void *context, struct protected_words *out, struct err *err)
{
	struct problems problems = {.on_problem = on_problem, .context = context};
	const struct rulebook_reader reader = {name, &problems};
	config_t config;

	*out = (struct protected_words)PROTECTED_WORDS_INIT;
	if (config_text_parse(name, text, &config, err) != STATUS_OK)
		return err->status;
	const enum status status = read_root(&reader, config_root_setting(&config), out);
	config_destroy(&config);
	if (status != STATUS_OK)
		return err_set(err, status, "out of memory while reading %s", name);
	if (problems.count == 0)
		return STATUS_OK;
	(void)err_set(err, STATUS_INVALID, "the file of protected attributes has %d problem%s", problems.count, problems.count == 1 ? "" : "s");
	return err_detail(err, "%s", problems.first);
}

enum status
protected_file_read(const char *path, law_problem_fn *on_problem, void *context, struct protected_words *out, struct err *err)
{
	char *text;

	*out = (struct protected_words)PROTECTED_WORDS_INIT;
	if (config_text_read(path, &text, err) != STATUS_OK)
		return err->status == STATUS_NOT_FOUND ? err_hint(err, "set protected_attributes in the settings file") : err->status;
	const enum status status = protected_file_parse(path, text, on_problem, context, out, err);
	free(text);
	return status;
}
