/*
 * The folder is made by mkdtemp under $TMPDIR, or /tmp where that is too long for a socket, and removed by an atexit handler that does
 * nothing in forked children.
 */
#include "tests/support/temp.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BASE_MAX = 60 }; /* leaves room for names below it in the 108 bytes of a socket's address */

static char dir[BASE_MAX + 32];
static pid_t owner;

void
support_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(70);
}

static int
remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
	(void)stat, (void)kind, (void)walk;
	return remove(path);
}

void
file_remove_tree(const char *path)
{
	if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
		fprintf(stderr, "%s: not removed: %s\n", path, strerror(errno));
}

static void
remove_dir(void)
{
	if (getpid() == owner)
		file_remove_tree(dir);
}

const char *
temp_dir(void)
{
	if (owner)
		return dir;

	const char *base = getenv("TMPDIR");
	if (!base || strlen(base) > BASE_MAX)
		base = "/tmp";
	snprintf(dir, sizeof dir, "%s/daypart-test.XXXXXX", base);
	if (!mkdtemp(dir) || chmod(dir, 0755) != 0)
		support_fail("%s: %s", dir, strerror(errno));
	owner = getpid();
	atexit(remove_dir);
	return dir;
}

char *
temp_path(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", temp_dir(), name) < 0)
		support_fail("out of memory");
	return path;
}

char *
temp_write_bytes(const char *name, const void *bytes, size_t size)
{
	char *path = temp_path(name);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
		support_fail("%s: %s", path, strerror(errno));
	return path;
}

char *
temp_write(const char *name, const char *text)
{
	return temp_write_bytes(name, text, strlen(text));
}

char *
file_read(const char *path, size_t *out_size)
{
	struct stat stat;
	FILE *file = fopen(path, "rb");

	if (!file || fstat(fileno(file), &stat) != 0)
		support_fail("%s: %s", path, strerror(errno));
	char *text = malloc((size_t)stat.st_size + 1);
	if (!text)
		support_fail("out of memory");
	size_t size = fread(text, 1, (size_t)stat.st_size, file); /* a file that grows meanwhile is cut, not overrun */
	text[size] = '\0';
	fclose(file);
	if (out_size)
		*out_size = size;
	return text;
}
