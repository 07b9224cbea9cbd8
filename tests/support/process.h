/*
 * process - runs a program and keeps what it wrote
 *
 *     const char *argv[] = {DAYPART_BUILD_DIR "/daypart", "status", NULL};
 *     const char *env[] = {"PGHOST=/tmp/x", NULL};
 *     struct process_result result = process_run(argv, &(struct process_options){.env = env});
 *     assert_int_equal(result.exit_code, 0);
 *     process_result_free(&result);
 *
 * The child inherits the environment except what would lead it to another database (PG*, DATABASE_URL), and with STATE_DIRECTORY in the temp folder. It is killed when the thread that
 * started it ends, so a failing test leaves nothing behind. Its output goes to files, so it never blocks on a reader.
 * What cannot be started ends the test program with a message.
 */
#ifndef DAYPART_TESTS_SUPPORT_PROCESS_H
#define DAYPART_TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process_options {
	const char *const *env; /* "NAME=value", ends with NULL; added to the environment */
	const char *stdin_file; /* NULL: /dev/null */
	const char *cwd;        /* NULL: the test's own */
	const char *user;       /* NULL: the test's own; else a user to become, which takes root */
};

struct process_result {
	int exit_code; /* -1 when a signal ended it */
	int signal;    /* 0 when it exited */
	char *out, *err;
};

struct process;

/* argv[0] is a path or looked up in PATH; `options` may be NULL. */
struct process_result process_run(const char *const argv[], const struct process_options *options);
void process_result_free(struct process_result *result);

struct process *process_start(const char *const argv[], const struct process_options *options);
pid_t process_pid(const struct process *process);
void process_signal(const struct process *process, int signal);

/* True once stdout or stderr contains `text`; false when the program has ended without it or after `timeout_ms`. */
bool process_await_output(const struct process *process, const char *text, int timeout_ms);

/* True when it has ended; it stays to be waited for. */
bool process_has_ended(const struct process *process);

/* Waits for its end, frees `*process` and sets it to NULL. */
struct process_result process_wait(struct process **process);

/* Makes the calling process, which must be root, that user for good; -1 when it cannot. For children between fork and exec. */
int process_become(const char *user);

#endif
