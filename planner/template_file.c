/*
 * Rows are read one by one, their texts copied into one arena of strings each, and sorted into templates by name; files have some hundred rows.
 */
#include "template_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "import_kind.h"
#include "planner/core/grow.h"

enum { VARIABLES_MAX = 32, TAGS_LIMIT = 16, DATE_LENGTH = 10 };

/* Columns that matter here. */
enum column { NAME, LANGUAGE, BUSINESS, CHANNEL, CATEGORY, BODY, VARIABLES, FREE_FORM, TAGS, COLUMNS };
static const char *const column_names[COLUMNS] = {
	"name", "language", "business", "channel", "category", "body", "variables", "free_form", "tags"};

/* One row with copies of its texts. */
struct row {
	char *texts[COLUMNS];
	enum channel channel;
	enum category category;
	struct content_variable variables[VARIABLES_MAX];
	size_t variable_count;
	const char *tags[TAGS_LIMIT];
	size_t tag_count;
};

struct reading {
	struct template_file file; /* first: see template_file_free */
	struct row **rows;
	size_t row_count, row_room;
	struct variant *variants; /* of all templates, side by side */
	int places[COLUMNS];      /* of the columns in a record; -1 when missing */
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while reading templates");
}

static void
row_free(struct row *row)
{
	for (int i = 0; row != NULL && i < COLUMNS; i++)
		free(row->texts[i]);
	free(row);
}

void
template_file_free(struct template_file **file)
{
	struct reading *reading = (struct reading *)*file;
	*file = NULL;
	if (reading == NULL)
		return;
	for (size_t i = 0; i < reading->row_count; i++)
		row_free(reading->rows[i]);
	free(reading->rows);
	free(reading->variants);
	free(reading->file.items);
	free(reading);
}

/* Rows ------------------------------------------------------------------------------------------------------------------------------------ */

/* "first_name text(40)" or "since date"; cuts the text up. */
static bool
parse_variable(char *text, struct content_variable *out)
{
	text += strspn(text, " ");
	char *type = strchr(text, ' ');
	if (type == NULL)
		return false;
	*type++ = '\0';
	const char *open = strchr(type, '(');
	*out = (struct content_variable){.name = text, .max_length = open != NULL ? (int)strtol(open + 1, NULL, 10) : DATE_LENGTH};
	return true;
}

static void
parse_lists(struct row *row)
{
	char *rest;
	for (char *word = strtok_r(row->texts[VARIABLES], ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest))
		if (row->variable_count < VARIABLES_MAX && parse_variable(word, &row->variables[row->variable_count]))
			row->variable_count++;
	for (char *word = strtok_r(row->texts[TAGS], " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		if (row->tag_count < TAGS_LIMIT)
			row->tags[row->tag_count++] = word;
}

/* Mixed and unknown is marketing, as for imports. */
static bool
parse_category(const char *text, enum category *out)
{
	*out = CATEGORY_MARKETING;
	return strcmp(text, "mixed") == 0 || strcmp(text, "unknown") == 0 || category_parse(text, out);
}

static enum status
add_row(struct reading *reading, const struct csv_record *record)
{
	struct row **rows = grow(reading->rows, reading->row_count, &reading->row_room, sizeof(struct row *));
	struct row *row = calloc(1, sizeof *row);
	bool enough = rows != NULL && row != NULL;
	if (rows != NULL)
		reading->rows = rows;
	for (int i = 0; enough && i < COLUMNS; i++)
		enough = (row->texts[i] = strdup(reading->places[i] >= 0 ? record->fields[reading->places[i]].text : "")) != NULL;
	if (enough && parse_category(row->texts[CATEGORY], &row->category) && channel_parse(row->texts[CHANNEL], &row->channel)) {
		parse_lists(row);
		reading->rows[reading->row_count++] = row;
	} else
		row_free(row);
	return enough ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status
read_header(struct reading *reading, struct csv_reader *csv, struct err *err)
{
	const struct csv_record *header;
	enum status status = csv_next(csv, &header, err);
	if (status == STATUS_NOT_FOUND) {
		err_set(err, STATUS_INVALID, "the file is empty");
		return err_hint(err, "Its first line names the columns: see daypart help import");
	}
	if (status != STATUS_OK || (status = import_header_check(import_kind_find("templates"), header, err)) != STATUS_OK)
		return status;
	for (int i = 0; i < COLUMNS; i++) {
		reading->places[i] = -1;
		for (int field = 0; field < header->count; field++)
			if (strcmp(header->fields[field].text, column_names[i]) == 0)
				reading->places[i] = field;
	}
	return STATUS_OK;
}

static enum status
read_rows(struct reading *reading, struct csv_reader *csv, struct err *err)
{
	const struct csv_record *record;
	enum status status = read_header(reading, csv, err);
	if (status != STATUS_OK)
		return status;
	while ((status = csv_next(csv, &record, err)) == STATUS_OK || status == STATUS_INVALID)
		if (status == STATUS_OK && add_row(reading, record) != STATUS_OK)
			return no_memory(err);
	if (status != STATUS_NOT_FOUND)
		return status;
	*err = (struct err)ERR_INIT; /* of records that are no CSV */
	return STATUS_OK;
}

/* Templates ------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_first_of_its_name(const struct reading *reading, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(reading->rows[i]->texts[NAME], reading->rows[index]->texts[NAME]) == 0)
			return false;
	return true;
}

static struct variant
variant_of(const struct row *row, struct date today)
{
	return (struct variant){.language = row->texts[LANGUAGE],
		.text = row->texts[BODY],
		.variables = row->variables,
		.variable_count = row->variable_count,
		.approved = true,
		.free_form = strcmp(row->texts[FREE_FORM], "true") == 0,
		.approved_on = {INT32_MIN},
		.last_used_on = today,
		.category = row->category};
}

static void
fill_template(struct reading *reading, size_t first, struct variant *variants, struct date today)
{
	const struct row *row = reading->rows[first];
	struct filed_template *template = &reading->file.items[reading->file.count++];
	*template = (struct filed_template){.name = row->texts[NAME],
		.channel = row->channel,
		.terms = {.category = row->category,
			.business = row->texts[BUSINESS],
			.legal_name = "",
			.identifier = "",
			.variants = variants,
			.tags = row->tags,
			.tag_count = row->tag_count,
			.template_only = true,
			.offer_expires_on = {INT32_MAX}}};
	for (size_t i = first; i < reading->row_count; i++)
		if (strcmp(reading->rows[i]->texts[NAME], row->texts[NAME]) == 0)
			variants[template->terms.variant_count++] = variant_of(reading->rows[i], today);
}

static enum status
make_templates(struct reading *reading, struct date today)
{
	struct variant *next = reading->variants = calloc(reading->row_count + 1, sizeof *reading->variants);
	reading->file.items = calloc(reading->row_count + 1, sizeof *reading->file.items);
	if (reading->variants == NULL || reading->file.items == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < reading->row_count; i++)
		if (is_first_of_its_name(reading, i)) {
			fill_template(reading, i, next, today);
			next += reading->file.items[reading->file.count - 1].terms.variant_count;
		}
	return STATUS_OK;
}

enum status
template_file_read(const char *path, struct date today, struct template_file **out, struct err *err)
{
	struct reading *reading = calloc(1, sizeof *reading);
	struct csv_reader *csv = NULL;
	*out = NULL;
	if (reading == NULL)
		return no_memory(err);
	*out = &reading->file;
	enum status status = csv_open(path, &csv, err);
	if (status == STATUS_OK)
		status = read_rows(reading, csv, err);
	csv_close(&csv);
	if (status == STATUS_OK && make_templates(reading, today) != STATUS_OK)
		status = no_memory(err);
	if (status == STATUS_OK)
		return STATUS_OK;
	template_file_free(out);
	return err_wrap(err, "%s", path);
}
