/*
 * cli - implementation
 *
 * One pass: what is taken is dropped from argv, what is left moves up. getopt_long is not used because it keeps global state, prints its own
 * messages, accepts abbreviations (which break scripts when an option is added) and cannot leave unknown options for the verb.
 */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

enum { OPTIONS_MAX = 32 };

struct parser {
	const struct cli_option *options;
	size_t option_count;
	enum cli_unknown unknown;
	int argc, next;
	char **argv;
	int kept;
};

enum exit_code
cli_exit_code(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return EXIT_OK;
	case STATUS_NOT_FOUND:
	case STATUS_INVALID:
		return EXIT_BAD_DATA;
	case STATUS_CONFLICT:
	case STATUS_TRANSIENT:
	case STATUS_UNCERTAIN:
	case STATUS_NO_MEMORY:
	case STATUS_CANCELLED:
		return EXIT_TEMPORARY;
	case STATUS_INTERNAL:
		break;
	}
	return EXIT_INTERNAL;
}

static bool
takes_value(const struct cli_option *option)
{
	return option->kind != CLI_FLAG && option->kind != CLI_COUNT;
}

static const struct cli_option *
find_long(const struct parser *parser, const char *name, size_t length)
{
	for (size_t i = 0; i < parser->option_count; i++)
		if (strncmp(parser->options[i].name, name, length) == 0 && parser->options[i].name[length] == '\0')
			return &parser->options[i];
	return NULL;
}

static const struct cli_option *
find_short(const struct parser *parser, char letter)
{
	for (size_t i = 0; i < parser->option_count; i++)
		if (parser->options[i].letter == letter)
			return &parser->options[i];
	return NULL;
}

static enum status
fail_unknown(const struct parser *parser, const char *word, struct err *err)
{
	const char *names[OPTIONS_MAX], *meant;
	size_t count = 0;

	err_set(err, STATUS_INVALID, "unknown option %s", word);
	for (; count < parser->option_count && count < OPTIONS_MAX; count++)
		names[count] = parser->options[count].name;
	meant = strncmp(word, "--", 2) == 0 ? nearest_word(word + 2, names, count) : NULL;
	if (meant != NULL)
		err_hint(err, "Did you mean --%s?", meant);
	return STATUS_INVALID;
}

static enum status
parse_int(const char *text, int *out, struct err *err)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < INT_MIN || value > INT_MAX)
		return err_set(err, STATUS_INVALID, "\"%s\" is not a whole number", text);
	*out = (int)value;
	return STATUS_OK;
}

static enum status
add_item(const char *text, struct cli_list *out, struct err *err)
{
	if (out->count == CLI_LIST_MAX)
		return err_set(err, STATUS_INVALID, "given more than %d times", CLI_LIST_MAX);
	out->items[out->count++] = text;
	return STATUS_OK;
}

static enum status
set_value(const struct cli_option *option, const char *text, struct err *err)
{
	enum status status = STATUS_OK;

	switch (option->kind) {
	case CLI_FLAG:
		*(bool *)option->target = true;
		break;
	case CLI_COUNT:
		++*(int *)option->target;
		break;
	case CLI_TEXT:
		*(const char **)option->target = text;
		break;
	case CLI_INT:
		status = parse_int(text, option->target, err);
		break;
	case CLI_DURATION:
		status = duration_parse(text, option->target, err);
		break;
	case CLI_INSTANT:
		status = instant_parse(text, option->target, err);
		break;
	case CLI_DATE:
		status = date_parse(text, option->target, err);
		break;
	case CLI_LIST:
		status = add_item(text, option->target, err);
		break;
	}
	return status == STATUS_OK ? STATUS_OK : err_wrap(err, "--%s", option->name);
}

/* The value is what stands behind "=" or the letter, else the next argument. */
static enum status
take(struct parser *parser, const struct cli_option *option, const char *attached, struct err *err)
{
	if (!takes_value(option))
		return set_value(option, NULL, err);
	if (attached == NULL && parser->next == parser->argc)
		return err_set(err, STATUS_INVALID, "--%s needs a value", option->name);
	return set_value(option, attached ? attached : parser->argv[parser->next++], err);
}

static enum status
leave(struct parser *parser, char *word, struct err *err)
{
	if (parser->unknown == CLI_REFUSE_UNKNOWN)
		return fail_unknown(parser, word, err);
	parser->argv[parser->kept++] = word;
	return STATUS_OK;
}

static enum status
parse_long(struct parser *parser, char *word, struct err *err)
{
	const char *name = word + 2;
	const char *equals = strchr(name, '=');
	const struct cli_option *option = find_long(parser, name, equals ? (size_t)(equals - name) : strlen(name));

	if (option == NULL)
		return leave(parser, word, err);
	if (equals != NULL && !takes_value(option))
		return err_set(err, STATUS_INVALID, "--%s takes no value", option->name);
	return take(parser, option, equals ? equals + 1 : NULL, err);
}

static enum status
parse_letters(struct parser *parser, char *word, struct err *err)
{
	for (const char *letter = word + 1; *letter != '\0'; letter++) {
		const struct cli_option *option = find_short(parser, *letter);

		if (option == NULL && letter == word + 1)
			return leave(parser, word, err);
		if (option == NULL)
			return fail_unknown(parser, word, err);
		if (takes_value(option))
			return take(parser, option, letter[1] ? letter + 1 : NULL, err);
		if (take(parser, option, NULL, err) != STATUS_OK)
			return err->status;
	}
	return STATUS_OK;
}

static enum status
parse_word(struct parser *parser, char *word, struct err *err)
{
	if (strncmp(word, "--", 2) == 0)
		return parse_long(parser, word, err);
	if (word[0] == '-' && word[1] != '\0')
		return parse_letters(parser, word, err);
	parser->argv[parser->kept++] = word;
	return STATUS_OK;
}

enum status
cli_parse(int *argc, char **argv, const struct cli_option *options, size_t option_count, enum cli_unknown unknown, struct err *err)
{
	struct parser parser = {options, option_count, unknown, .argc = *argc, .next = 1, .argv = argv, .kept = 1};

	while (parser.next < parser.argc && strcmp(argv[parser.next], "--") != 0)
		if (parse_word(&parser, argv[parser.next++], err) != STATUS_OK)
			return err->status;
	if (parser.next < parser.argc && unknown == CLI_REFUSE_UNKNOWN)
		parser.next++; /* the "--" itself; otherwise the later cli_parse wants it */
	while (parser.next < parser.argc)
		argv[parser.kept++] = argv[parser.next++];
	argv[parser.kept] = NULL;
	*argc = parser.kept;
	return STATUS_OK;
}

enum status
cli_expect_operands(int argc, char **argv, int least, int most, const char *what, struct err *err)
{
	const int given = argc - 1;

	if (given < least)
		return err_set(err, STATUS_INVALID, "%s: missing %s", argv[0], what);
	if (given > most)
		return err_set(err, STATUS_INVALID, "%s: unexpected argument \"%s\"", argv[0], argv[1 + most]);
	return STATUS_OK;
}
