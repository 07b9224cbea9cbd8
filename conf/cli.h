/*
 * cli - arguments of the programs: options in any order, long and short, and the exit codes
 *
 *     struct plan_arguments arguments = {0};
 *     const struct cli_option options[] = {
 *         {"campaign", 0, CLI_TEXT, &arguments.campaign},
 *         {"dry-run", 0, CLI_FLAG, &arguments.dry_run},
 *     };
 *     if (cli_parse(&argc, argv, options, 2, CLI_REFUSE_UNKNOWN, &err) != STATUS_OK) ... exit 64 ...
 *
 * Afterwards argv holds the program's or verb's name and the operands. Accepted: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, flags in one
 * word (-vv), and `--`, behind which everything is an operand. An option given twice takes the last value, a CLI_COUNT adds up.
 * Values are not copied: texts point into argv. Errors are STATUS_INVALID with a suggestion in the hint.
 */
#ifndef DAYPART_CONF_CLI_H
#define DAYPART_CONF_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/core/instant.h"
#include "planner/core/status.h"

/* The codes of sysexits.h that the programs use; the README lists them. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_ATTENTION = 1,    /* done, and it found something: status, audit, lint */
	EXIT_USAGE = 64,       /* wrong arguments */
	EXIT_BAD_DATA = 65,    /* wrong input: a rejected row, an unknown name */
	EXIT_UNAVAILABLE = 69, /* the database cannot be reached */
	EXIT_INTERNAL = 70,    /* a bug of ours */
	EXIT_TEMPORARY = 75,   /* run it again later */
	EXIT_CONFIG = 78       /* settings, rulebook, schema version, rights */
};

/* What a program that fails with `status` exits with, unless the caller knows better (EXIT_USAGE, EXIT_CONFIG). */
enum exit_code cli_exit_code(enum status status);

enum cli_kind {
	CLI_FLAG,     /* bool * */
	CLI_COUNT,    /* int *: how often it was given */
	CLI_TEXT,     /* const char ** */
	CLI_INT,      /* int * */
	CLI_DURATION, /* struct duration *: "7d" */
	CLI_INSTANT,  /* struct instant *: ISO 8601 with an offset */
	CLI_DATE,     /* struct date *: 2026-11-23 */
	CLI_LIST      /* struct cli_list *: each time it is given adds one */
};

enum { CLI_LIST_MAX = 16 };
struct cli_list {
	const char *items[CLI_LIST_MAX];
	size_t count;
};

struct cli_option {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	enum cli_kind kind;
	void *target;
};

enum cli_unknown {
	CLI_REFUSE_UNKNOWN,
	CLI_LEAVE_UNKNOWN /* stay in argv, in order, for a later cli_parse */
};

MUST_CHECK enum status cli_parse(
	int *argc, char **argv, const struct cli_option *options, size_t option_count, enum cli_unknown unknown, struct err *err);

/* Refuses fewer or more operands than the verb takes; `what` names them: "CAMPAIGN". */
MUST_CHECK enum status cli_expect_operands(int argc, char **argv, int least, int most, const char *what, struct err *err);

#endif
