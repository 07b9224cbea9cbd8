/* Any bytes: the reader ends, lines grow, fields are UTF-8 without NUL and inside the limits. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "planner/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_record(const struct csv_record *record)
{
	assert(record->count <= CSV_FIELDS_MAX);
	for (int i = 0; i < record->count; i++) {
		assert(record->fields[i].size <= CSV_RECORD_MAX);
		assert(strlen(record->fields[i].text) == record->fields[i].size);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int fd = memfd_create("fuzz_csv", MFD_CLOEXEC);
	const struct csv_record *record;
	struct csv_reader *reader;
	struct err err = ERR_INIT;
	int64_t line = 0;
	enum status status;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (csv_open_fd(fd, &reader, &err) != STATUS_OK)
		return 0;
	while ((status = csv_next(reader, &record, &err)) != STATUS_NOT_FOUND) {
		assert(status == STATUS_OK || (status == STATUS_INVALID && err.primary[0] != '\0'));
		assert(record->line > line);
		line = record->line;
		check_record(record);
	}
	csv_close(&reader);
	return 0;
}
