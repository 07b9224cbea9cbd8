/*
 * csv - implementation
 *
 * libcsv in strict mode takes fields apart; it is fed one physical line at a time, so that a record's end is known to the line. The raw bytes
 * of the current record stay in `bytes` from `start` on: when its quoting turns out wrong, `start` moves to its second line and everything
 * after is parsed again. That costs at most CSV_RECORD_MAX bytes of parsing for each line of the file, and needs no second buffer.
 *
 *     bytes: [ ... done ... | start: current record | scan: next line to parse ... | end ]
 *
 * LF alone ends a line; a CR before it is a blank to libcsv, which drops blanks around a field. No other blank is one, so no data are lost.
 */
#include "planner/csv.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MAX = 2 * CSV_RECORD_MAX };

struct csv_reader {
	int fd;
	bool at_end; /* of the file, not of `bytes` */
	bool header_seen;
	size_t start, scan, end;
	int64_t start_line, scan_line; /* physical line numbers of `start` and `scan` */
	int expected_count;
	bool record_done, quoting_wrong;
	size_t text_size;
	int field_count; /* of the current record; may exceed CSV_FIELDS_MAX */
	struct csv_parser parser;
	struct csv_record record;
	char bytes[BYTES_MAX + 1];                  /* ends with NUL */
	char text[CSV_RECORD_MAX + CSV_FIELDS_MAX]; /* unquoted fields, each with its NUL */
};

static int
is_carriage_return(unsigned char c)
{
	return c == CSV_CR;
}

static int
is_line_feed(unsigned char c)
{
	return c == CSV_LF;
}

static void
on_field(void *bytes, size_t size, void *context)
{
	struct csv_reader *reader = context;
	char *text = reader->text + reader->text_size;

	if (reader->field_count++ >= CSV_FIELDS_MAX)
		return;
	memcpy(text, bytes, size);
	text[size] = '\0';
	reader->text_size += size + 1;
	reader->record.fields[reader->field_count - 1] = (struct csv_field){text, size};
}

static void
on_record(int terminator, void *context)
{
	struct csv_reader *reader = context;

	(void)terminator;
	reader->record_done = true;
}

/* Bytes ------------------------------------------------------------------------------------------------------------------------------------ */

/* Makes room before the current record and reads what fits. */
static enum status
refill(struct csv_reader *reader, struct err *err)
{
	ssize_t got;

	memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
	reader->scan -= reader->start;
	reader->end -= reader->start;
	reader->start = 0;
	do
		got = read(reader->fd, reader->bytes + reader->end, BYTES_MAX - reader->end);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, STATUS_TRANSIENT, "cannot read on after line %lld: %s", (long long)reader->start_line, strerror(errno));
	reader->at_end = got == 0;
	reader->end += (size_t)got;
	return STATUS_OK;
}

struct line {
	size_t size;   /* with its line end; 0 at the end of the file, whose last line may lack one */
	bool too_long; /* the record would exceed its limit */
};

/* The line at `scan`. */
static enum status
find_line(struct csv_reader *reader, struct line *out, struct err *err)
{
	size_t searched = 0;

	for (;;) {
		const char *line = reader->bytes + reader->scan;
		const size_t available = reader->end - reader->scan;
		const char *line_feed = memchr(line + searched, '\n', available - searched);

		out->size = line_feed ? (size_t)(line_feed - line) + 1 : available;
		out->too_long = reader->scan - reader->start + out->size > CSV_RECORD_MAX;
		if (line_feed || out->too_long || reader->at_end)
			return STATUS_OK;
		searched = available;
		if (refill(reader, err) != STATUS_OK)
			return err->status;
	}
}

/* Leaves `start` and `scan` behind the line at `start`, however long it is. */
static enum status
skip_first_line(struct csv_reader *reader, struct err *err)
{
	for (;;) {
		const char *line = reader->bytes + reader->start;
		const char *line_feed = memchr(line, '\n', reader->end - reader->start);

		reader->start = line_feed ? (size_t)(line_feed - reader->bytes) + 1 : reader->end;
		reader->scan = reader->start;
		if (line_feed || reader->at_end)
			break;
		if (refill(reader, err) != STATUS_OK)
			return err->status;
	}
	reader->scan_line = ++reader->start_line;
	return STATUS_OK;
}

/* Size of the UTF-8 character at `bytes`, 0 when it is none (overlong forms, surrogates and beyond U+10FFFF are none). */
static size_t
utf8_character(const unsigned char *bytes, size_t available)
{
	const unsigned char lead = bytes[0];
	const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;

	if (size > available)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
	if ((lead == 0xE0 && bytes[1] < 0xA0) || (lead == 0xED && bytes[1] > 0x9F) || (lead == 0xF0 && bytes[1] < 0x90) ||
		(lead == 0xF4 && bytes[1] > 0x8F))
		return 0;
	return size;
}

/* Looks at the raw record from `start` to `scan`. */
static enum status
check_bytes(const struct csv_reader *reader, struct err *err)
{
	const unsigned char *bytes = (const unsigned char *)reader->bytes + reader->start;
	const size_t size = reader->scan - reader->start;
	size_t at = 0, step = 1;

	for (; at < size && bytes[at] != '\0'; at += step)
		if ((step = utf8_character(bytes + at, size - at)) == 0)
			break;
	if (at >= size)
		return STATUS_OK;
	if (bytes[at] == '\0') {
		err_set(err, STATUS_INVALID, "the record holds a NUL byte (byte %zu)", at + 1);
		return err_hint(err, "save the file as plain UTF-8 text");
	}
	err_set(err, STATUS_INVALID, "the record is not UTF-8 (byte %zu is 0x%02x)", at + 1, bytes[at]);
	return err_hint(err, "save the file in the encoding UTF-8");
}

/* Records ---------------------------------------------------------------------------------------------------------------------------------- */

static void
begin_record(struct csv_reader *reader)
{
	csv_set_opts(&reader->parser, CSV_STRICT);
	csv_fini(&reader->parser, NULL, NULL, NULL); /* forgets a record that was given up, even within quotes */
	csv_set_opts(&reader->parser, CSV_STRICT | CSV_STRICT_FINI);
	reader->start = reader->scan;
	reader->start_line = reader->scan_line;
	reader->record.line = reader->start_line;
	reader->record_done = reader->quoting_wrong = false;
	reader->text_size = 0;
	reader->field_count = 0;
}

static bool
is_blank(const char *line, size_t size)
{
	return strspn(line, "\r\n") >= size;
}

/* Feeds libcsv one line; the last line of a file may lack its line end. */
static void
parse_line(struct csv_reader *reader, size_t size)
{
	const char *line = reader->bytes + reader->scan;
	const size_t parsed = csv_parse(&reader->parser, line, size, on_field, on_record, reader);

	if (parsed == size && line[size - 1] != '\n')
		reader->quoting_wrong = csv_fini(&reader->parser, on_field, on_record, reader) != 0;
	else
		reader->quoting_wrong = parsed != size;
	reader->scan += size;
	reader->scan_line++;
}

static enum status
give_up_first_line(struct csv_reader *reader, const struct err *problem, struct err *err)
{
	reader->field_count = 0;
	if (skip_first_line(reader, err) == STATUS_OK)
		*err = *problem;
	return err->status;
}

static enum status
refuse_long(struct csv_reader *reader, struct err *err)
{
	struct err problem = ERR_INIT;

	if (reader->scan > reader->start) {
		err_set(&problem, STATUS_INVALID, "a quote that opens here is not closed within %d KiB", CSV_RECORD_MAX / 1024);
		err_hint(&problem, "close the quote, and double a quote that belongs to the text");
	} else {
		err_set(&problem, STATUS_INVALID, "the line is longer than %d KiB", CSV_RECORD_MAX / 1024);
		err_hint(&problem, "shorten the line");
	}
	return give_up_first_line(reader, &problem, err);
}

static enum status
refuse_quoting(struct csv_reader *reader, struct err *err)
{
	struct err problem = ERR_INIT;

	if (csv_error(&reader->parser) == CSV_ENOMEM)
		err_set(&problem, STATUS_NO_MEMORY, "no memory for a field");
	else {
		err_set(&problem, STATUS_INVALID, "a quote is out of place or not closed");
		err_hint(&problem, "put the whole field in quotes, and double a quote that belongs to the text");
	}
	return give_up_first_line(reader, &problem, err);
}

static enum status
check_count(struct csv_reader *reader, struct err *err)
{
	if (reader->field_count > CSV_FIELDS_MAX) {
		err_set(err, STATUS_INVALID, "the record's field count is %d, the limit is %d", reader->field_count, CSV_FIELDS_MAX);
		return err_hint(err, "split the file by columns");
	}
	if (!reader->header_seen)
		reader->expected_count = reader->field_count;
	if (reader->field_count == reader->expected_count)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "the record's field count is %d, the header's is %d", reader->field_count, reader->expected_count);
	return err_hint(err, "put a field that holds a comma in quotes, and give every column a field, if an empty one");
}

static enum status
finish_record(struct csv_reader *reader, struct err *err)
{
	enum status status = check_bytes(reader, err);

	if (status != STATUS_OK)
		reader->field_count = 0;
	else
		status = check_count(reader, err);
	reader->header_seen = true;
	return status;
}

/* Parses lines until a record ends, is wrong, or the file ends (STATUS_NOT_FOUND). */
static enum status
read_record(struct csv_reader *reader, struct err *err)
{
	struct line line;

	begin_record(reader);
	while (!reader->record_done) {
		if (find_line(reader, &line, err) != STATUS_OK)
			return err->status;
		if (line.too_long)
			return refuse_long(reader, err);
		if (line.size == 0)
			return reader->scan == reader->start ? STATUS_NOT_FOUND : refuse_quoting(reader, err);
		if (reader->scan == reader->start && is_blank(reader->bytes + reader->scan, line.size)) {
			reader->scan += line.size;
			reader->scan_line++;
			begin_record(reader);
			continue;
		}
		parse_line(reader, line.size);
		if (reader->quoting_wrong)
			return refuse_quoting(reader, err);
	}
	return finish_record(reader, err);
}

enum status
csv_next(struct csv_reader *reader, const struct csv_record **out, struct err *err)
{
	const enum status status = read_record(reader, err);

	reader->record.count = reader->field_count < CSV_FIELDS_MAX ? reader->field_count : CSV_FIELDS_MAX;
	*out = &reader->record;
	return status;
}

/* Opening ---------------------------------------------------------------------------------------------------------------------------------- */

/* Skips a byte order mark, refuses that of UTF-16. */
static enum status
read_mark(struct csv_reader *reader, struct err *err)
{
	while (reader->end < 3 && !reader->at_end)
		if (refill(reader, err) != STATUS_OK)
			return err->status;
	if (reader->end >= 3 && memcmp(reader->bytes, "\xEF\xBB\xBF", 3) == 0)
		reader->start = reader->scan = 3;
	if (reader->end >= 2 && (memcmp(reader->bytes, "\xFF\xFE", 2) == 0 || memcmp(reader->bytes, "\xFE\xFF", 2) == 0)) {
		err_set(err, STATUS_INVALID, "the file is UTF-16, not UTF-8");
		return err_hint(err, "save it as \"CSV UTF-8\"");
	}
	return STATUS_OK;
}

enum status
csv_open_fd(int fd, struct csv_reader **out, struct err *err)
{
	struct csv_reader *reader = calloc(1, sizeof(*reader));

	*out = reader;
	if (!reader) {
		close(fd);
		return err_set(err, STATUS_NO_MEMORY, "no memory to read the file");
	}
	reader->fd = fd;
	reader->start_line = reader->scan_line = 1;
	csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_space_func(&reader->parser, is_carriage_return);
	csv_set_term_func(&reader->parser, is_line_feed);
	if (read_mark(reader, err) == STATUS_OK)
		return STATUS_OK;
	csv_close(out);
	return err->status;
}

enum status
csv_open(const char *path, struct csv_reader **out, struct err *err)
{
	struct stat stat;
	const int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	*out = NULL;
	if (fd < 0 || fstat(fd, &stat) != 0) {
		err_set(err, STATUS_INVALID, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return err_hint(err, "check the name of the file and who may read it");
	}
	if (S_ISDIR(stat.st_mode)) {
		close(fd);
		err_set(err, STATUS_INVALID, "this is a folder");
		return err_hint(err, "name one CSV file");
	}
	return csv_open_fd(fd, out, err);
}

void
csv_close(struct csv_reader **reader)
{
	if (!*reader)
		return;
	csv_free(&(*reader)->parser);
	close((*reader)->fd);
	free(*reader);
	*reader = NULL;
}
