/*
 * rules - the rulebook as the planner sees it: checks it, loads it, shows, compares and accounts for it
 */
#include "rules.h"

#include <string.h>

#include "conf/nearest.h"

static const struct part {
	const char *name;
	int (*run)(struct context *context, int argc, char **argv);
} parts[] = {{"check", rules_check}, {"load", rules_load}, {"show", rules_show}, {"diff", rules_diff}, {"coverage", rules_coverage}};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static int
fail_unknown(const struct context *context, const char *name)
{
	const char *names[PARTS], *meant;
	struct err err = ERR_INIT;

	for (int i = 0; i < PARTS; i++)
		names[i] = parts[i].name;
	meant = nearest_word(name, names, PARTS);
	err_set(&err, STATUS_INVALID, "rules: there is no \"%s\"", name);
	if (meant != NULL)
		err_hint(&err, "Did you mean: daypart rules %s", meant);
	return context_fail_usage(context, &err);
}

int
verb_rules(struct context *context, int argc, char **argv)
{
	struct err err = ERR_INIT;

	if (argc < 2) {
		err_set(&err, STATUS_INVALID, "rules: missing check, load, show, diff or coverage");
		return context_fail_usage(context, &err);
	}
	for (int i = 0; i < PARTS; i++)
		if (strcmp(parts[i].name, argv[1]) == 0)
			return parts[i].run(context, argc - 1, argv + 1);
	return fail_unknown(context, argv[1]);
}
