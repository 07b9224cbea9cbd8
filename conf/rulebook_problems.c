#include "rulebook_problems.h"

#include <stdarg.h>
#include <stdio.h>

void
problem_add(struct problems *problems, const char *file, int line, const char *format, ...)
{
	char what[ERR_DETAIL_MAX / 2];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (problems->count++ == 0)
		snprintf(problems->first, sizeof problems->first, line > 0 ? "%s:%d: %s" : "%s:%.0d %s", file, line, what);
	if (problems->on_problem != NULL)
		problems->on_problem(problems->context, file, line, what);
}

void
problem_add_err(struct problems *problems, const char *file, const struct err *err)
{
	problem_add(problems, file, 0, "%s%s%s%s%s", err->primary, err->detail[0] != '\0' ? ": " : "", err->detail,
		err->hint[0] != '\0' ? "; " : "", err->hint);
}
