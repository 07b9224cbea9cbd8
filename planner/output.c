/*
 * output - implementation
 *
 * A format is three functions. The table format collects rows in an array of strings until it has seen enough to fix the widths.
 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct output;

struct format {
	void (*begin_table)(struct output *output, const char *name);
	void (*row)(struct output *output, const char *const *cells);
	void (*end_table)(struct output *output);
	void (*end)(struct output *output);
};

struct output {
	const struct format *format;
	FILE *file;
	const struct output_column *columns;
	struct output_column own_columns[OUTPUT_COLUMNS_MAX]; /* of output_result */
	int column_count;
	int tables, rows; /* so far; rows of this table */
	char **held;      /* table format: cells not yet printed, row by row */
	size_t held_rows;
	int widths[OUTPUT_COLUMNS_MAX];
	bool widths_known, no_memory;
};

/* Table ----------------------------------------------------------------------------------------------------------------------------------- */

/* One character of UTF-8: its bytes and the columns it takes on a terminal. What is not printable takes one, as a blank. */
static size_t
next_character(const char *text, int *out_width, bool *out_printable)
{
	mbstate_t state = {0};
	wchar_t character;
	const size_t size = mbrtowc(&character, text, strlen(text), &state);
	const bool valid = size != (size_t)-1 && size != (size_t)-2 && size != 0;

	*out_width = valid ? wcwidth(character) : -1;
	*out_printable = *out_width >= 0;
	if (!*out_printable)
		*out_width = 1;
	return valid ? size : 1;
}

static int
text_width(const char *text)
{
	int total = 0, width;
	bool printable;

	while (*text != '\0') {
		text += next_character(text, &width, &printable);
		total += width;
	}
	return total;
}

static void
print_text(FILE *file, const char *text)
{
	int width;
	bool printable;

	while (*text != '\0') {
		const size_t size = next_character(text, &width, &printable);

		if (printable)
			fwrite(text, 1, size, file);
		else
			fputc(' ', file);
		text += size;
	}
}

static void
print_cell(struct output *output, int column, const char *text)
{
	const int padding = output->widths[column] - text_width(text);
	const bool right = output->columns[column].kind == OUTPUT_NUMBER;
	const bool last = column == output->column_count - 1;

	if (right)
		fprintf(output->file, "%*s", padding > 0 ? padding : 0, "");
	print_text(output->file, text);
	if (!right && !last)
		fprintf(output->file, "%*s", padding > 0 ? padding : 0, "");
	fputs(last ? "\n" : "  ", output->file);
}

static const char *
table_text(const struct output *output, int column, const char *cell)
{
	if (cell == NULL)
		return "";
	if (output->columns[column].kind == OUTPUT_BOOL)
		return cell[0] == 't' ? "yes" : "no";
	return cell;
}

static void
print_table_row(struct output *output, const char *const *cells)
{
	for (int i = 0; i < output->column_count; i++)
		print_cell(output, i, table_text(output, i, cells[i]));
}

/* A record has no head. */
static void
print_table_head(struct output *output)
{
	if (output->columns[0].name[0] == '\0')
		return;
	for (int i = 0; i < output->column_count; i++)
		print_cell(output, i, output->columns[i].name);
	for (int i = 0; i < output->column_count; i++) {
		for (int width = 0; width < output->widths[i]; width++)
			fputc('-', output->file);
		fputs(i == output->column_count - 1 ? "\n" : "  ", output->file);
	}
}

static void
begin_aligned(struct output *output, const char *name)
{
	if (output->tables > 0)
		fputc('\n', output->file);
	fprintf(output->file, "%s\n", name);
	for (int i = 0; i < output->column_count; i++)
		output->widths[i] = text_width(output->columns[i].name);
	output->widths_known = false;
}

static void
release_held(struct output *output)
{
	print_table_head(output);
	for (size_t row = 0; row < output->held_rows; row++)
		print_table_row(output, (const char *const *)output->held + row * (size_t)output->column_count);
	for (size_t i = 0; i < output->held_rows * (size_t)output->column_count; i++)
		free(output->held[i]);
	free(output->held);
	output->held = NULL;
	output->held_rows = 0;
	output->widths_known = true;
}

static void
hold_row(struct output *output, const char *const *cells)
{
	const size_t count = (size_t)output->column_count;
	char **own;

	if (output->held == NULL)
		output->held = calloc(OUTPUT_ALIGN_ROWS * count, sizeof(*output->held));
	if (output->held == NULL) {
		output->no_memory = true;
		return;
	}
	own = output->held + output->held_rows * count;
	output->held_rows++;
	for (size_t i = 0; i < count; i++) {
		const int width = text_width(table_text(output, (int)i, cells[i]));

		own[i] = cells[i] ? strdup(cells[i]) : NULL;
		output->no_memory |= cells[i] != NULL && own[i] == NULL;
		if (width > output->widths[i])
			output->widths[i] = width;
	}
}

static void
row_aligned(struct output *output, const char *const *cells)
{
	if (output->widths_known) {
		print_table_row(output, cells);
		return;
	}
	hold_row(output, cells);
	if (output->held_rows == OUTPUT_ALIGN_ROWS)
		release_held(output);
}

static void
end_aligned(struct output *output)
{
	if (output->rows == 0)
		fputs("(none)\n", output->file);
	else if (!output->widths_known)
		release_held(output);
}

static void
end_nothing(struct output *output)
{
	(void)output;
}

/* CSV ------------------------------------------------------------------------------------------------------------------------------------- */

static void
print_csv_field(FILE *file, const char *text)
{
	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

static void
begin_csv(struct output *output, const char *name)
{
	(void)name;
	if (output->tables > 0)
		fputc('\n', output->file);
	for (int i = 0; i < output->column_count; i++) {
		if (i > 0)
			fputc(',', output->file);
		print_csv_field(output->file, output->columns[i].name);
	}
	fputc('\n', output->file);
}

static void
row_csv(struct output *output, const char *const *cells)
{
	for (int i = 0; i < output->column_count; i++) {
		if (i > 0)
			fputc(',', output->file);
		if (cells[i] != NULL)
			print_csv_field(output->file, cells[i]);
	}
	fputc('\n', output->file);
}

/* JSON ------------------------------------------------------------------------------------------------------------------------------------ */

static void
print_json_string(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(file, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(file, "\\u%04x", (unsigned char)*text);
		else
			fputc(*text, file);
	}
	fputc('"', file);
}

/* NaN and Infinity are numbers to the server and not to JSON. */
static bool
is_json_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "-0123456789.eE+")] == '\0';
}

static void
print_json_value(FILE *file, enum output_kind kind, const char *cell)
{
	if (cell == NULL)
		fputs("null", file);
	else if (kind == OUTPUT_BOOL)
		fputs(cell[0] == 't' ? "true" : "false", file);
	else if (kind == OUTPUT_NUMBER && is_json_number(cell))
		fputs(cell, file);
	else
		print_json_string(file, cell);
}

static void
begin_json(struct output *output, const char *name)
{
	fputs(output->tables > 0 ? ",\n" : "{\n", output->file);
	print_json_string(output->file, name);
	fputs(": [", output->file);
}

static void
row_json(struct output *output, const char *const *cells)
{
	fputs(output->rows > 0 ? ",\n\t{" : "\n\t{", output->file);
	for (int i = 0; i < output->column_count; i++) {
		if (i > 0)
			fputs(", ", output->file);
		print_json_string(output->file, output->columns[i].name);
		fputs(": ", output->file);
		print_json_value(output->file, output->columns[i].kind, cells[i]);
	}
	fputc('}', output->file);
}

static void
end_table_json(struct output *output)
{
	fputs(output->rows > 0 ? "\n]" : "]", output->file);
}

static void
end_json(struct output *output)
{
	fputs(output->tables > 0 ? "\n}\n" : "{}\n", output->file);
}

/* The document ---------------------------------------------------------------------------------------------------------------------------- */

static const struct format formats[] = {
	[OUTPUT_TABLE] = {begin_aligned, row_aligned, end_aligned, end_nothing},
	[OUTPUT_CSV] = {begin_csv, row_csv, end_nothing, end_nothing},
	[OUTPUT_JSON] = {begin_json, row_json, end_table_json, end_json},
};

bool
output_format_parse(const char *text, enum output_format *out)
{
	static const char *const names[] = {[OUTPUT_TABLE] = "table", [OUTPUT_CSV] = "csv", [OUTPUT_JSON] = "json"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (enum output_format)i;
			return true;
		}
	}
	return false;
}

enum status
output_open(enum output_format format, FILE *file, struct output **out, struct err *err)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	(*out)->format = &formats[format];
	(*out)->file = file;
	return STATUS_OK;
}

static void
end_table(struct output *output)
{
	if (output->columns == NULL)
		return;
	output->format->end_table(output);
	output->columns = NULL;
	output->tables++;
}

void
output_table(struct output *output, const char *name, const struct output_column *columns, int column_count)
{
	end_table(output);
	output->columns = columns;
	output->column_count = column_count < OUTPUT_COLUMNS_MAX ? column_count : OUTPUT_COLUMNS_MAX;
	output->rows = 0;
	output->format->begin_table(output, name);
}

void
output_row(struct output *output, const char *const *cells)
{
	output->format->row(output, cells);
	output->rows++;
}

void
output_record(struct output *output, const char *name, const struct output_column *columns, int column_count, const char *const *cells)
{
	static const struct output_column pivoted[] = {{"", OUTPUT_TEXT}, {"", OUTPUT_TEXT}};
	const bool pivot = output->format == &formats[OUTPUT_TABLE];

	output_table(output, name, pivot ? pivoted : columns, pivot ? 2 : column_count);
	if (!pivot)
		output_row(output, cells);
	for (int i = 0; pivot && i < column_count; i++) {
		const char *value = columns[i].kind == OUTPUT_BOOL && cells[i] ? cells[i][0] == 't' ? "yes" : "no" : cells[i];

		output_row(output, (const char *const[]){columns[i].name, value});
	}
}

/* Object ids of built-in types are fixed for ever. */
static enum output_kind
kind_of_type(Oid type)
{
	static const Oid numbers[] = {20, 21, 23, 700, 701, 1700}; /* int8 int2 int4 float4 float8 numeric */

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (type == numbers[i])
			return OUTPUT_NUMBER;
	return type == 16 ? OUTPUT_BOOL : OUTPUT_TEXT;
}

struct output_column
output_column_of(const PGresult *rows, int column)
{
	return (struct output_column){PQfname(rows, column), kind_of_type(PQftype(rows, column))};
}

static int
take_columns(struct output *output, const PGresult *rows)
{
	const int count = PQnfields(rows) < OUTPUT_COLUMNS_MAX ? PQnfields(rows) : OUTPUT_COLUMNS_MAX;

	end_table(output);
	for (int i = 0; i < count; i++)
		output->own_columns[i] = output_column_of(rows, i);
	return count;
}

static void
take_cells(const PGresult *rows, int row, int count, const char **out)
{
	for (int i = 0; i < count; i++)
		out[i] = PQgetisnull(rows, row, i) ? NULL : PQgetvalue(rows, row, i);
}

void
output_result(struct output *output, const char *name, const PGresult *rows)
{
	const char *cells[OUTPUT_COLUMNS_MAX];
	const int count = take_columns(output, rows);

	output_table(output, name, output->own_columns, count);
	for (int row = 0; row < PQntuples(rows); row++) {
		take_cells(rows, row, count, cells);
		output_row(output, cells);
	}
	end_table(output); /* the names are the result's, which the caller may clear */
}

void
output_result_record(struct output *output, const char *name, const PGresult *rows)
{
	const char *cells[OUTPUT_COLUMNS_MAX];
	const int count = take_columns(output, rows);

	take_cells(rows, 0, count, cells);
	output_record(output, name, output->own_columns, count, cells);
	end_table(output);
}

enum status
output_close(struct output **output, struct err *err)
{
	struct output *gone = *output;
	enum status status = STATUS_OK;

	*output = NULL;
	end_table(gone);
	gone->format->end(gone);
	if (fflush(gone->file) != 0 || ferror(gone->file))
		status = err_set(err, STATUS_TRANSIENT, "cannot write the result: %s", strerror(errno));
	else if (gone->no_memory)
		status = err_set(err, STATUS_NO_MEMORY, "out of memory");
	free(gone);
	return status;
}
