/*
 * temp - files and folders of one test program, removed when it exits
 *
 *     char *path = temp_write("people.csv", "phone\n+14155550123\n");
 *     ...
 *     free(path);
 *
 * All lie in one folder that is made at first use and readable by every user (a database server may run as another one). A helper that
 * fails ends the program with a message: a test cannot go on without its files. Not for use by several threads at once.
 */
#ifndef DAYPART_TESTS_SUPPORT_TEMP_H
#define DAYPART_TESTS_SUPPORT_TEMP_H

#include <stddef.h>

/* The folder, without a slash at its end; short enough to hold a unix socket. */
const char *temp_dir(void);

/* A path in the folder; nothing is made. The caller frees it. */
char *temp_path(const char *name);

/* Writes (replaces) a file of the folder and returns its path, which the caller frees. */
char *temp_write(const char *name, const char *text);
char *temp_write_bytes(const char *name, const void *bytes, size_t size);

/* The whole of any file, with a NUL after it; the caller frees it. `out_size` may be NULL. */
char *file_read(const char *path, size_t *out_size);

/* Removes a file or a folder with all it holds; nothing there is no error. */
void file_remove_tree(const char *path);

/* "NAME: text" on stderr, then exit(70), so that what was registered with atexit still runs. */
void support_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
