/*
 * context - what main builds once and every verb uses
 *
 *     int code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
 *     if (code != EXIT_OK)
 *         return code;
 *     ... session_query(context->session, ...), context->now ...
 *
 * The database clock decides: `now` is the server's at the time of connecting, before that the host's, unless --now fixed it. main closes the session.
 */
#ifndef DAYPART_PLANNER_CONTEXT_H
#define DAYPART_PLANNER_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "conf/cli.h"
#include "conf/log.h"
#include "conf/settings.h"
#include "output.h"
#include "planner/core/instant.h"
#include "sql/session.h"
#include "verb.h"

struct context {
	const struct verb *verb;
	struct settings settings;
	struct session *session; /* NULL before context_connect */
	struct instant now;
	bool now_is_fixed;
	enum output_format format;
	const atomic_bool *cancelled; /* set by SIGINT and SIGTERM: finish or give up soon, leave nothing half done */
};

enum context_schema {
	CONTEXT_SCHEMA_CURRENT, /* exactly this program's, else the verb must not run */
	CONTEXT_SCHEMA_ANY      /* init makes it so */
};

/* EXIT_OK, or the code to exit with after the error has been logged: 69 unreachable, 78 refused or wrong schema. */
int context_connect(struct context *context, enum context_schema schema);

/* Logs the error that ends a verb and returns the code to exit with. */
int context_fail(const struct context *context, const struct err *err);
/* The same for wrong arguments: with a pointer to the manual, 64. */
int context_fail_usage(const struct context *context, struct err *err);

#endif
