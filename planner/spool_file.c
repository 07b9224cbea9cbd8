#include "spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
folder(void)
{
	const char *named = getenv("TMPDIR");
	return named != NULL && *named != '\0' ? named : "/tmp";
}

/* Threads may read at the same time, and what the first that failed has to say stands: whoever failed reads it unlocked from then on. */
static enum status
fail(struct spool_file *file, const char *what)
{
	const int code = errno;
	pthread_mutex_lock(&file->failing);
	if (file->storage.err.status == STATUS_OK) {
		(void)err_set(&file->storage.err, STATUS_TRANSIENT, "cannot %s a temporary file in %s: %s", what, folder(), strerror(code));
		(void)err_hint(&file->storage.err, "TMPDIR names another folder; a higher plan.memory in the settings needs less of it");
	}
	pthread_mutex_unlock(&file->failing);
	return STATUS_TRANSIENT;
}

static enum status
make_file(struct spool_file *file)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/daypart.XXXXXX", folder()) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return fail(file, "make");
	}
	file->descriptor = mkostemp(path, O_CLOEXEC);
	if (file->descriptor < 0)
		return fail(file, "make");
	return unlink(path) == 0 ? STATUS_OK : fail(file, "make");
}

static enum status
write_file(struct spool_storage *storage, uint64_t at, const void *bytes, size_t size)
{
	struct spool_file *file = (struct spool_file *)storage;
	const char *from = bytes;
	if (file->descriptor < 0 && make_file(file) != STATUS_OK)
		return STATUS_TRANSIENT;
	while (size > 0) {
		const ssize_t written = pwrite(file->descriptor, from, size, (off_t)at);
		if (written < 0 && errno != EINTR)
			return fail(file, "write");
		if (written > 0) {
			from += written;
			at += (uint64_t)written;
			size -= (size_t)written;
		}
	}
	return STATUS_OK;
}

static enum status
read_file(struct spool_storage *storage, uint64_t at, void *bytes, size_t size)
{
	struct spool_file *file = (struct spool_file *)storage;
	char *to = bytes;
	while (size > 0) {
		const ssize_t got = pread(file->descriptor, to, size, (off_t)at);
		if (got == 0)
			errno = EIO; /* shorter than what was written */
		if (got == 0 || (got < 0 && errno != EINTR))
			return fail(file, "read");
		if (got > 0) {
			to += got;
			at += (uint64_t)got;
			size -= (size_t)got;
		}
	}
	return STATUS_OK;
}

void
spool_file_open(struct spool_file *file, size_t memory_bytes)
{
	*file = (struct spool_file){.storage = {.write = write_file, .read = read_file, .memory_left = memory_bytes},
		.descriptor = -1,
		.failing = PTHREAD_MUTEX_INITIALIZER};
}

void
spool_file_close(struct spool_file *file)
{
	if (file->descriptor >= 0)
		close(file->descriptor);
	file->descriptor = -1;
}
