/*
 * verb - the verbs of daypart: one row each, one function each
 *
 * A verb gets the context, its own name in argv[0] and its arguments; global options are gone already. It reports its own errors (once) and
 * returns an exit code of conf/cli.h. Results go to stdout, everything else to the log.
 */
#ifndef DAYPART_PLANNER_VERB_H
#define DAYPART_PLANNER_VERB_H

#include <stddef.h>
#include <stdio.h>

struct context;

struct verb {
	const char *name;
	const char *usage;   /* what follows "daypart " */
	const char *summary; /* half a line for the list */
	const char *manual;  /* `daypart help VERB` */
	int (*run)(struct context *context, int argc, char **argv);
	void (*print_more)(FILE *out); /* lists that belong to the manual; may be NULL */
};

extern const struct verb verb_table[];
extern const size_t verb_count;

/* NULL when there is none of that name. */
const struct verb *verb_find(const char *name);
/* The name that was probably meant, or NULL. */
const char *verb_nearest(const char *name);

void verb_print_list(FILE *out);
void verb_print_manual(FILE *out, const struct verb *verb);

int verb_init(struct context *context, int argc, char **argv);
int verb_import(struct context *context, int argc, char **argv);
int verb_plan(struct context *context, int argc, char **argv);
int verb_approve(struct context *context, int argc, char **argv);
int verb_test(struct context *context, int argc, char **argv);
int verb_pause(struct context *context, int argc, char **argv);
int verb_resume(struct context *context, int argc, char **argv);
int verb_cancel(struct context *context, int argc, char **argv);
int verb_stop(struct context *context, int argc, char **argv);
int verb_start(struct context *context, int argc, char **argv);
int verb_status(struct context *context, int argc, char **argv);
int verb_settle(struct context *context, int argc, char **argv);
int verb_lint(struct context *context, int argc, char **argv);
int verb_rules(struct context *context, int argc, char **argv);

#endif
