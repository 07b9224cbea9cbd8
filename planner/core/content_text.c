/* One walk over the template hands out its pieces, fixed text and variables in turn; filling and counting are two uses of it. */
#include "content_text.h"

#include <string.h>

#include "phrases.h"

/* A piece of the template: fixed text, or a variable. */
struct piece {
	const char *text;
	size_t size;
	const struct content_variable *variable;
};

static const struct content_variable *
find_variable(const struct content_facts *facts, const char *name, size_t length)
{
	for (size_t i = 0; i < facts->variable_count; i++)
		if (strncmp(facts->variables[i].name, name, length) == 0 && facts->variables[i].name[length] == '\0')
			return &facts->variables[i];
	return NULL;
}

/* The variable whose {{name}} begins at `at`; sets the length of all that. */
static const struct content_variable *
variable_at(const struct content_facts *facts, const char *at, size_t *out_size)
{
	if (at[0] != '{' || at[1] != '{')
		return NULL;
	const size_t length = strcspn(at + 2, "{}");
	if (at[2 + length] != '}' || at[3 + length] != '}')
		return NULL;
	*out_size = length + 4;
	return find_variable(facts, at + 2, length);
}

/* The piece that begins at *at, which moves past it; false at the end. */
static bool
next_piece(const struct content_facts *facts, const char **at, struct piece *out)
{
	*out = (struct piece){.text = *at};
	if (**at == '\0')
		return false;
	out->variable = variable_at(facts, *at, &out->size);
	if (out->variable == NULL) {
		size_t ignored;
		const char *end = *at + 1;
		do
			end += strcspn(end, "{");
		while (*end == '{' && variable_at(facts, end, &ignored) == NULL && *++end != '\0');
		out->size = (size_t)(end - *at);
	}
	*at += out->size;
	return true;
}

int64_t
content_text_length(const struct content_facts *facts)
{
	const char *at = facts->text;
	int64_t length = 0;
	struct piece piece;
	while (next_piece(facts, &at, &piece))
		if (piece.variable == NULL)
			length += (int64_t)text_length(piece.text, piece.size);
		else if (piece.variable->value != NULL)
			length += (int64_t)text_length(piece.variable->value, strlen(piece.variable->value));
		else
			length += piece.variable->max_length;
	return length;
}

static bool
is_link(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (text_is_boundary(name, at) && (strncmp(at, "link", 4) == 0 || strncmp(at, "url", 3) == 0))
			return true;
	return false;
}

static void
fill_value(struct content_text *out, const struct content_variable *variable)
{
	struct folded *folded = &out->folded;
	const size_t before = folded->length;
	if (variable->value == NULL) {
		const char *stand_in = is_link(variable->name) ? "https://" : CONTENT_UNKNOWN;
		fold_text(folded, stand_in, strlen(stand_in));
		if (stand_in[0] == 'h')
			fold_text(folded, variable->name, strlen(variable->name));
		return;
	}
	fold_text(folded, variable->value, strlen(variable->value));
	if (out->value_count < CONTENT_VALUES_MAX) {
		out->values[out->value_count].from = folded->bytes + before;
		out->values[out->value_count].until = folded->bytes + folded->length;
	}
	out->value_count++;
}

void
content_text_fill(struct content_text *out, const struct content_facts *facts)
{
	const char *at = facts->text;
	struct piece piece;
	out->folded = (struct folded){.bytes = out->bytes, .room = sizeof(out->bytes)};
	out->bytes[0] = '\0';
	out->value_count = 0;
	while (next_piece(facts, &at, &piece))
		if (piece.variable != NULL)
			fill_value(out, piece.variable);
		else
			fold_text(&out->folded, piece.text, piece.size);
}

static bool
ends_sentence(const char *begin, const char *at)
{
	if (*at == '\n')
		return at == begin || at[-1] != ':';
	return (*at == '.' || *at == '!' || *at == '?') && (at[1] == ' ' || at[1] == '\n' || at[1] == '\0');
}

static bool
holds_value(const struct content_text *text, const struct sentence *sentence)
{
	if (text->value_count > CONTENT_VALUES_MAX)
		return true;
	for (size_t i = 0; i < text->value_count; i++)
		if (text->values[i].from <= sentence->until && text->values[i].until >= sentence->from) /* an empty one too */
			return true;
	return false;
}

bool
content_text_next(const struct content_text *text, struct sentence *sentence)
{
	const char *at = sentence->until;
	if (*at == '\0')
		return false;
	sentence->from = at;
	while (*at != '\0' && !ends_sentence(text->bytes, at))
		at++;
	sentence->until = at + (*at != '\0');
	sentence->has_value = holds_value(text, sentence);
	return true;
}
