/*
 * daypart - runs the built program daypart against a database
 *
 *     struct process_result result = daypart_run(conninfo, "pause spring --note later");
 *     assert_int_equal(result.exit_code, 0);
 *     process_result_free(&result);
 *
 * The line is split at blanks; there is no quoting. The settings are the defaults but for `database`, and nothing of the environment's.
 */
#ifndef DAYPART_TESTS_SUPPORT_DAYPART_H
#define DAYPART_TESTS_SUPPORT_DAYPART_H

#include "process.h"

enum { DAYPART_ARGUMENTS_MAX = 32 };

/* `conninfo` NULL: an empty settings file. */
struct process_result daypart_run(const char *conninfo, const char *line);
/* With these settings (the text of a file) instead. */
struct process_result daypart_run_with(const char *settings, const char *line);
/* Started only, to be waited for by process_wait. */
struct process *daypart_start(const char *conninfo, const char *line);

#endif
